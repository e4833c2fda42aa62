// Uses what is 64 bits wide in wasm64: pointers in data and code, function pointers, sizes, the stack.
#include <stddef.h>
#include <stdint.h>

typedef struct Node {
  struct Node *next;
  long value;
} Node;

extern Node last; // in data.c
static Node first = {&last, 1};
extern long (*const operations[])(long, long);
extern _Thread_local long own;
__attribute__((weak)) long missing(void);

static long sum(const Node *node) {
  long total = 0;
  for (; node; node = node->next) total += node->value;
  return total;
}

static long deep(long n) {
  volatile char room[64];
  room[n % 64] = (char)n;
  return n == 0 ? room[0] : deep(n - 1) + (room[n % 64] == (char)n);
}

static long calls;
__attribute__((constructor)) static void count(void) { calls += 40; }

__attribute__((export_name("pointer_size"))) int pointer_size(void) { return sizeof(void *) + sizeof(size_t); }
__attribute__((export_name("list"))) long list(void) { return sum(&first); }
__attribute__((export_name("operate"))) long operate(int which, long a, long b) { return operations[which](a, b); }
__attribute__((export_name("recurse"))) long recurse(long n) { return deep(n); }
__attribute__((export_name("thread_local"))) long thread_local_value(void) { return ++own; }
__attribute__((export_name("constructed"))) long constructed(void) { return calls; }
__attribute__((export_name("null"))) int null(void) { return &missing == NULL && (intptr_t)&first != 0; }
