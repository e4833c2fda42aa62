#include <stdio.h>
#include <string.h>

extern int main_number;
int main_function(int);

int side_number = 40;
int (*side_pointer)(int) = main_function; // both are filled in when the main module is known
int *number_pointer = &main_number;

int side_function(int x) {
  side_number += x;
  printf("side: %d %d\n", *number_pointer, (int)strlen("abc"));
  return main_function(side_number) + side_pointer(1) + main_number;
}
