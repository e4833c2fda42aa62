#include "program.h"

static const char *names[] = {"one", "two", "a square of the program"};

int helper(int n) {
  int sum = n;
  for (int i = 0; i < 3; i++) sum += table[i];
  return sum;
}
const char *name_of(int n) { return names[n % 3]; }
