/* Constructors run in the order of their priorities, whatever their order in the file. */
#include "program.h"

#include <stdio.h>
#include <stdlib.h>

static void goodbye(void) {
  puts("goodbye");
}

__attribute__((constructor)) static void last(void) {
  note_start("default priority");
  atexit(goodbye);
}
__attribute__((constructor(201))) static void second(void) {
  note_start("201");
}
__attribute__((constructor(150))) static void first(void) {
  note_start("150");
}
__attribute__((destructor)) static void at_end(void) {
  puts("destructor");
}
