/* There is no C library: the host gives every thread its stack and its block of thread-local data. */
#include "threads.h"

#include <stddef.h>

#define EXPORT(name) __attribute__((export_name(#name)))

static _Thread_local char own_text[] = "own";
static long long shared_sum;
static int shared_zeros[4];
static const int* addresses[4];

EXPORT(add) int add(int thread, int times) {
  for (int i = 0; i < times; i++) {
    own_count++;
    own.value += thread;
    own.zeros[i % 3]++;
    own_text[0] = (char)('a' + thread);
    __atomic_fetch_add(&shared_count, 1, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&shared_sum, thread, __ATOMIC_RELAXED);
    __atomic_fetch_add(&shared_zeros[thread], 1, __ATOMIC_RELAXED);
  }
  addresses[thread] = &own_count;
  return own_count;
}

EXPORT(own_count) int get_count(void) {
  return own_count;
}
EXPORT(own_initial) int get_initial(void) {
  return own.initial;
}
EXPORT(own_value) int get_value(void) {
  return own.value;
}
EXPORT(own_zeros) int get_zeros(void) {
  return own.zeros[0] + own.zeros[1] + own.zeros[2];
}
EXPORT(own_letter) int get_letter(void) {
  return own_text[0];
}
EXPORT(own_aligned) int get_aligned(void) {
  return own_aligned + (int)((size_t)&own_aligned % 64);
}
EXPORT(own_address) const int* get_address(void) {
  return &own_count;
}

EXPORT(address_in) const int* address_in(int thread) {
  return addresses[thread];
}
EXPORT(shared_count) int get_shared_count(void) {
  return __atomic_load_n(&shared_count, __ATOMIC_SEQ_CST);
}
EXPORT(shared_sum) long long get_shared_sum(void) {
  return __atomic_load_n(&shared_sum, __ATOMIC_SEQ_CST);
}
EXPORT(shared_zeros) int get_shared_zeros(int thread) {
  return shared_zeros[thread];
}
EXPORT(table_sum) int table_sum(void) {
  int sum = 0;
  for (int i = 0; i < table_size; i++) sum += shared_table[i];
  return sum;
}

/* Where this thread's stack is, a few calls deep. */
EXPORT(stack_address) size_t stack_address(int depth) {
  volatile char room[256];
  room[0] = (char)depth;
  size_t here = (size_t)room;
  return depth ? stack_address(depth - 1) + (size_t)(room[0] - depth) : here;
}
