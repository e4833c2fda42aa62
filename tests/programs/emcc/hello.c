#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  char *text = malloc(100);
  strcpy(text, "hello from C");
  printf("%s %d %.2f %s\n", text, argc, 3.25, getenv("NOT_THERE") ? "set" : "unset");
  free(text);
  return 3;
}
