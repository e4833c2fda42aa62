/* The other half of primes.c: reached through the linker only. */
#include <stdlib.h>

int by_value(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

int count_primes(int *out, int below) {
  int n = 0;
  for (int i = below - 1; i >= 2; i--) {
    int prime = 1;
    for (int d = 2; d * d <= i; d++)
      if (i % d == 0) prime = 0;
    if (prime) out[n++] = i;
  }
  qsort(out, n, sizeof *out, by_value);
  return n;
}
