#include "dynamic.h"

int right_data = 30;

/* Read-only for the program, but written when it is loaded. */
const struct right_entry right_entries[3] = {
    {"main", main_function, &main_data},
    {"left", left_function, &left_data},
    {"right", right_function, &right_data},
};

int right_function(int x) {
  return x + right_data;
}

int right_check(void) {
  int sum = 0;
  for (int i = 0; i < 3; i++) sum += right_entries[i].call(*right_entries[i].data);
  CHECK(sum == 2 * (10 + 20 + 30));
  CHECK(left_started == 35);
  CHECK(left_functions[2] == right_function && left_pointers[2] == &right_data);
  CHECK(right_entries[2].name[4] == 't');
  return 0;
}
