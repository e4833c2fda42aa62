#include "program.h"

/* The same text, and a tail of it, in two files: merged by the linker at -O1 and above. */
static const char* const text = "a text that two files share";
const char* const greeting = "hello from weld";
int counter = 41;
int zeroed[1000];
const short squares[8] = {0, 1, 4, 9, 16, 25, 36, 49};

const char* local_text(void) {
  return text;
}
const char* other_local_text(void) {
  return "two files share";
}

__attribute__((weak)) int override_me(void) {
  return 1;
}
