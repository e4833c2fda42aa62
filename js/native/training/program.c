// Code and data of the usual kinds of C.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int (*Step)(int);

int shared(int x); // of library.c
extern int counter;
__attribute__((weak)) int maybe(void);

static int twice(int x) {
  return 2 * x;
}
static int thrice(int x) {
  return 3 * x;
}
static const Step steps[] = {twice, thrice, shared};
static const char* const words[] = {"one", "two", "word two", "three"};
static char room[1000];

__attribute__((constructor)) static void begin(void) {
  counter = 1;
}

__attribute__((import_module("host"), import_name("tell"))) void tell(int value);
__attribute__((export_name("answer"))) int answer(void) {
  return steps[counter % 3](counter) + (maybe ? maybe() : 0);
}

int main(int argc, char** argv) {
  for (int i = 0; i < argc; i++) printf("%s %s %.2f\n", argv[i], words[i & 3], i / 3.0);
  char* copy = malloc(strlen(words[argc & 3]) + 1);
  strcpy(copy, words[argc & 3]);
  snprintf(room, sizeof room, "%s %d", copy, answer());
  puts(room);
  free(copy);
  tell(counter);
  return 0;
}
