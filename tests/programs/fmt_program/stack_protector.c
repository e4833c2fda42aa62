/* Debian 12 compiles compiler-rt's 128-bit division, which fmt uses at -O0, with the stack protector, and its
   libc for WASI is without one. */
#include <stdint.h>
#include <stdlib.h>

uintptr_t __stack_chk_guard = 0x57e1d;
_Noreturn void __stack_chk_fail(void) {
  abort();
}
