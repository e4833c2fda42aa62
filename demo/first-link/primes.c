/* A C program in two files, with a constructor, function pointers and printf. */
#include <stdio.h>

int count_primes(int *out, int below);

static const char *greeting;
__attribute__((constructor)) static void greet(void) { greeting = "primes below"; }

int main(int argc, char **argv) {
  int primes[32];
  int n = count_primes(primes, 50);
  printf("%s: %s 50:", argc ? argv[0] : "?", greeting);
  for (int i = 0; i < n; i++) printf(" %d", primes[i]);
  printf("\n");
  return 0;
}
