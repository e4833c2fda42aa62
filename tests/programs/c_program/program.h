/* What the files of the program share. */
#pragma once
#include <stddef.h>

typedef int (*compare_fn)(const void*, const void*);

struct command {
  const char* name;
  int (*run)(int, char**);
};

extern const struct command commands[];
extern const size_t command_count;

extern const char* const greeting;
extern int counter;            /* in .data */
extern int zeroed[1000];       /* in .bss */
extern const short squares[8]; /* in .rodata */

void note_start(const char* who);
int starts(void);

int override_me(void);                       /* weak in one file, strong in another */
int maybe(int) __attribute__((weak));        /* defined nowhere */
extern int maybe_data __attribute__((weak)); /* defined nowhere */
const char* local_text(void);
const char* other_local_text(void);
