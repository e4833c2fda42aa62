// @ts-check
// What random programs need of a C library, for targets that have none. The host prints, and calls what is exported.

/** A file of its own. The exit code is the last line that a run prints. */
export const runtimeCode = `typedef __SIZE_TYPE__ size;
__attribute__((import_module("host"), import_name("put"))) void put(const char *text, size length);
#define exported(name) __attribute__((export_name(#name), visibility("default")))
int random_main(void);

void *memcpy(void *to, const void *from, size length) {
  for (size i = 0; i < length; i++) ((char *)to)[i] = ((const char *)from)[i];
  return to;
}
void *memmove(void *to, const void *from, size length) {
  if (to <= from) return memcpy(to, from, length);
  for (size i = length; i-- > 0;) ((char *)to)[i] = ((const char *)from)[i];
  return to;
}
void *memset(void *to, int value, size length) {
  for (size i = 0; i < length; i++) ((char *)to)[i] = (char)value;
  return to;
}

void qsort(void *list, size count, size length, int (*compare)(const void *, const void *)) {
  char *first = list;
  for (size i = 1; i < count; i++)
    for (char *at = first + i * length; at > first && compare(at - length, at) > 0; at -= length)
      for (size k = 0; k < length; k++) {
        char other = at[k];
        at[k] = at[k - length];
        at[k - length] = other;
      }
}

// Of printf only what the programs use: %s, %d, %X and the like, with a width that is filled with zeros.
int printf(const char *format, ...) {
  __builtin_va_list list;
  __builtin_va_start(list, format);
  for (; *format; format++) {
    if (*format != '%') {
      put(format, 1);
      continue;
    }
    size width = 0;
    int longs = 0;
    while (*++format >= '0' && *format <= '9') width = width * 10 + (size)(*format - '0');
    for (; *format == 'l'; format++) longs += (int)sizeof(long) * 8 / 32;
    if (*format == 's') {
      const char *text = __builtin_va_arg(list, const char *);
      size length = 0;
      while (text[length]) length++;
      put(text, length);
      continue;
    }
    unsigned long long value;
    if (longs > 1) value = __builtin_va_arg(list, unsigned long long);
    else value = __builtin_va_arg(list, unsigned);
    if (*format == 'd' && longs < 2 && (int)value < 0) {
      put("-", 1);
      value = -(unsigned)value;
    }
    unsigned base = *format == 'd' || *format == 'u' ? 10 : 16;
    char digits[24];
    size at = sizeof digits;
    do digits[--at] = "0123456789abcdef"[value % base];
    while ((value /= base) || sizeof digits - at < width);
    put(digits + at, sizeof digits - at);
  }
  __builtin_va_end(list);
  return 0;
}

static struct { void (*call)(void *); void *with; } atExit[8];
static int atExits;
int __cxa_atexit(void (*call)(void *), void *with, void *dso) {
  atExit[atExits].call = call;
  atExit[atExits++].with = with;
  return 0;
}

exported(run) void run(void) { printf("exit %d\\n", random_main()); }
exported(finish) void finish(void) {
  while (atExits > 0) atExits--, atExit[atExits].call(atExit[atExits].with);
}
`;

/** In place of csmith's own header, which wants a C library. */
export const csmithHeader = `#include <float.h>
#include <limits.h>
#include <stdint.h>
int printf(const char *, ...);
#define STATIC static inline
#define UNDEFINED(value) (value)
#define LOG_INDEX
#define LOG_EXEC
#define FUNC_NAME(x) (safe_##x)
#define fabsf __builtin_fabsf
#define fabs __builtin_fabs
#include "safe_math.h"
#undef FUNC_NAME
static uint64_t crc32_context;
static inline void platform_main_begin(void) {}
static inline void crc32_gentab(void) {}
static inline void transparent_crc(uint64_t value, const char *name, int isPrinted) {
  crc32_context = (crc32_context ^ value) * 0x100000001b3u;
  if (isPrinted) printf("%s %016llx\\n", name, crc32_context);
}
static inline void transparent_crc_bytes(const void *bytes, int count, const char *name, int isPrinted) {
  for (int i = 0; i < count; i++) transparent_crc(((const unsigned char *)bytes)[i], name, 0);
  if (isPrinted) printf("%s %016llx\\n", name, crc32_context);
}
static inline void platform_main_end(uint64_t value, int isPrinted) { printf("checksum %016llx\\n", (unsigned long long)value); }
`;

/** For every file: the programs' main function has a name of its own, since the compiler gives \`main\` another one. */
export const runtimeFlags = ['-Dmain=random_main', '-fno-builtin-printf'];
