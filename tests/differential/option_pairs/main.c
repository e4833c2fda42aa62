#include "program.h"

__asm__(".section .custom_section.kept,\"\",@\n.ascii \"kept\"\n.text\n");

__attribute__((import_module("host"), import_name("log"))) void host_log(const char *text);
__attribute__((weak)) int uses_missing(int n);
__attribute__((weak)) int uses_missing_data(int n);
__attribute__((weak)) int never(int n);

_Thread_local int per_thread = 3;
int table[] = {1, 2, 3};
static int counter;
static char zeros[5000];
static int (*pointer)(int) = helper;

__attribute__((constructor)) static void begin(void) { counter++; }

int __real_helper(int n) __attribute__((weak));
int __wrap_helper(int n) { return n + 100; }

static int unused(int n) { return n - per_thread; }
int (*unused_pointer)(int) = unused;

__attribute__((export_name("run"))) int run(int n) {
  host_log(name_of(n));
  if (uses_missing) n += uses_missing(n);
  if (uses_missing_data) n += uses_missing_data(n);
  if (never) n += never(n);
  return pointer(n) + area(n) + from_pic(n) + zeros[n] + counter + per_thread;
}

void start_here(void) { run(2); }
void _start(void) { run(1); }
