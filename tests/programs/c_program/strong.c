#include "program.h"

__attribute__((constructor(150))) static void also_first(void) {
  note_start("150 of strong.c");
}

/* Beats the weak one of data.c. */
int override_me(void) {
  return 2;
}

/* Nothing refers to these: the collector drops them. */
int unused_table[64] = {1, 2, 3};
int unused_function(int x) {
  return unused_table[x & 63] + counter;
}
