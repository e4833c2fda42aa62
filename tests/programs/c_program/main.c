#include "program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int static_counter = 7;
static char static_buffer[64];

int main(int argc, char** argv) {
  printf("%s, %d starts\n", greeting, starts());
  printf("static %d, data %d, bss %d, rodata %d\n", static_counter++, counter++, zeroed[999], squares[5]);
  printf("weak: %d, %s, %s\n", override_me(), maybe ? "there" : "absent", &maybe_data ? "there" : "absent");
  printf("locals: %s, %s\n", local_text(), other_local_text());
  snprintf(static_buffer, sizeof static_buffer, "%5.2f|%-6s|%06x|%lld", 3.14159, "ab", 0xbeef,
           1234567890123LL);
  puts(static_buffer);
  printf("env NAME=%s\n", getenv("NAME") ? getenv("NAME") : "(none)");

  int code = 0;
  for (int i = 1; i < argc; i++) {
    int known = 0;
    for (size_t c = 0; c < command_count; c++) {
      if (strcmp(argv[i], commands[c].name) == 0) {
        code += commands[c].run(argc, argv);
        known = 1;
      }
    }
    if (!known) fprintf(stderr, "no command `%s`\n", argv[i]);
  }
  return code;
}
