#include <setjmp.h>
#include <stdio.h>

static jmp_buf place;

static void deep(int n, int value) {
  if (n) deep(n - 1, value);
  else longjmp(place, value);
}

int main(void) {
  int value = setjmp(place);
  if (value < 3) {
    printf(value ? " %d" : "jumped", value);
    deep(value * 10, value + 1);
  }
  printf(" %d\n", value);
  return 0;
}
