#include "dynamic.h"

int main_data = 10;

int main_function(int x) {
  return x + main_data;
}
static int main_static_function(int x) {
  return x * 3;
}
int main_apply(function* f, int x) {
  return f(x);
}
int main_count(int n) {
  return n == 0 ? 0 : 1 + left_count(n - 1);
}
void main_fill(char* room, int size) {
  for (int i = 0; i < size; i++) room[i] = (char)i;
}

#ifdef __PIC__
/* A position-independent executable has the side modules' addresses in its data and in its code. */
int* main_pointers[] = {&left_data, &right_data, &main_data, &left_data + 1};
function* main_functions[] = {left_function, right_function, main_function, main_static_function};
#define ADDRESS(name) (&name)
#else
/* Code that is not position-independent can only ask for them. */
void* address_of(const char* name);
function* function_of(const char* name);
int* main_pointers[4];
function* main_functions[4];
#define ADDRESS(name) ((__typeof__(name)*)address_of(#name))
static void ask(void) {
  main_pointers[0] = ADDRESS(left_data);
  main_pointers[1] = ADDRESS(right_data);
  main_pointers[2] = &main_data;
  main_pointers[3] = ADDRESS(left_data) + 1;
  main_functions[0] = function_of("left_function");
  main_functions[1] = function_of("right_function");
  main_functions[2] = main_function;
  main_functions[3] = main_static_function;
}
#endif

int main_check(void) {
#ifndef __PIC__
  ask();
#endif
  /* Calls, and data of the others. */
  CHECK(left_function(1) == 21);
  CHECK(right_function(1) == 31);
  int* left = ADDRESS(left_data);
  CHECK(*left == 20);
  *left = 25;
  CHECK(left_function(1) == 26);
  *left = 20;
  CHECK(main_pointers[0] == left && *main_pointers[1] == 30 && *main_pointers[2] == 10);
  CHECK(main_pointers[3] == left + 1);
  CHECK(*ADDRESS(left_started) == 10 + 20 + 5);

  /* Function pointers in both directions: they work, and are the same on both sides. */
  CHECK(left_apply(main_function, 5) == 15);
  CHECK(left_apply(main_static_function, 5) == 15);
  CHECK(left_apply(main_functions[1], 5) == 35);
  CHECK(main_functions[0](2) == 22 && main_functions[3](2) == 6);
  function** theirs = *ADDRESS(left_functions);
  CHECK(theirs[0] == main_functions[2] && theirs[1] == main_functions[0] && theirs[2] == main_functions[1]);
  CHECK(main_apply(theirs[0], 1) == 11 && main_apply(theirs[1], 1) == 21 && main_apply(theirs[3], 1) == -1);

  /* Addresses in the others' data. */
  int** pointers = *ADDRESS(left_pointers);
  CHECK(pointers[0] == &main_data && pointers[1] == left && pointers[2] == main_pointers[1] &&
        *pointers[3] == 5);
  const struct right_entry* entries = *ADDRESS(right_entries);
  CHECK(entries[0].call == main_function && entries[0].data == &main_data && entries[0].name[0] == 'm');
  CHECK(entries[1].call == main_functions[0] && entries[1].data == left && entries[1].name[0] == 'l');
  CHECK(left_text()[0] == 't' && left_text()[4] == 0);

  /* One stack, though calls go to and fro. */
  CHECK(main_count(1001) == 1001);
#ifdef __PIC__
  CHECK(!&nowhere_data && !nowhere_function);
#endif
  return 0;
}
