#include <stdio.h>

extern int side_number;
int side_function(int);

int main_number = 100;
int main_function(int x) { return x * 2; }

int main(void) {
  int (*function)(int) = side_function;
  printf("%d\n", side_function(2));
  printf("%d %d\n", function(0), side_number);
  return 0;
}
