#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int longer_first(const void *a, const void *b) {
  return (int)strlen(*(char *const *)b) - (int)strlen(*(char *const *)a);
}

int main(int argc, char **argv) {
  const char *words[] = {"object", "archive", "symbol", "relocation", "module"};
  qsort(words, 5, sizeof *words, longer_first);
  printf("Hello from %s, linked in this page.\n", argc ? argv[0] : "?");
  for (int i = 0; i < 5; i++) printf("%2d %s\n", (int)strlen(words[i]), words[i]);
  return 0;
}
