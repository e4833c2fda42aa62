#include "dynamic.h"

static int left_static = 5;
static int left_static_function(int x) {
  return -x;
}

int left_data = 20;
int* left_pointers[4] = {&main_data, &left_data, &right_data, &left_static};
function* left_functions[4] = {main_function, left_function, right_function, left_static_function};
int left_started;
static volatile int zeros[5000];
static volatile _Alignas(256) int aligned = 256;

__attribute__((constructor)) static void start(void) {
  left_started += *left_pointers[0] + *left_pointers[1] + *left_pointers[3];
}

int left_function(int x) {
  return x + left_data;
}
int left_apply(function* f, int x) {
  return f(x);
}
int left_count(int n) {
  volatile int here = n;
  return here == 0 ? 0 : 1 + main_count(n - 1);
}
const char* left_text(void) {
  return "text";
}

int left_check(void) {
  CHECK(main_function(1) == 11 && right_function(1) == 31);
  main_data = 11;
  CHECK(main_function(1) == 12 && *left_pointers[0] == 11);
  main_data = 10;
  CHECK(&main_data == left_pointers[0] && &right_data == left_pointers[2]);
  CHECK(main_apply(left_function, 1) == 21 && main_apply(left_static_function, 1) == -1);
  CHECK(main_apply(main_function, 1) == 11 && main_apply(right_function, 1) == 31);
  CHECK(left_functions[0] == main_function && left_functions[1] == left_function);
  CHECK(right_entries[1].call == left_function && right_entries[1].data == &left_data);

  char room[1000];
  main_fill(room, sizeof room);
  for (int i = 0; i < (int)sizeof room; i++) CHECK(room[i] == (char)i);
  for (int i = 0; i < 5000; i++) CHECK(zeros[i]++ == 0);
  CHECK(aligned == 256 && (unsigned long)&aligned % 256 == 0);
  CHECK(!&nowhere_data && !nowhere_function);
  return 0;
}
