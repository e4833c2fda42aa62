// @ts-check
// What every random program has: types and small functions, in C.

/** At the top of each file. */
export const prelude = `typedef unsigned char u8; typedef unsigned short u16; typedef unsigned u32; typedef unsigned long long u64;
typedef signed char i8; typedef short i16; typedef int i32; typedef long long i64;
struct pair { u32 first; u64 second; };
struct record { u8 kind; i16 level; u32 values[4]; double weight; };
typedef u32 (*operation_function)(u32, u32);
struct operation { const char *name; operation_function call; u64 weight; };
int printf(const char *, ...);
void *memcpy(void *, const void *, __SIZE_TYPE__);
void qsort(void *, __SIZE_TYPE__, __SIZE_TYPE__, int (*)(const void *, const void *));
void mix(u64 value);
u64 bits(double value);
u32 text_sum(const char *text);
u32 add_all(u32 count, ...);
int csmith_main(void) __attribute__((weak)); // not in every program
// Each file has its own copy.
static inline u32 turn(u32 value, u32 by) { return value << (by & 31) | value >> (-by & 31); }
static __attribute__((noinline, unused)) u32 steps(u32 value) {
  u32 count = 0;
  for (u32 i = 0; i < 24 && value > 1; i++, count++) value = value & 1 ? value * 3 + 1 : value >> 1;
  return count * 77 + value;
}
`;

/** In one file. */
export const commonCode = `static u64 state = 0x1234567;
void mix(u64 value) { state = (state ^ value) * 0x100000001b3ull; state ^= state >> 29; }
u64 bits(double value) {
  u64 result;
  if (value != value) return 0x7ff8;
  memcpy(&result, &value, 8);
  return result;
}
u32 text_sum(const char *text) {
  u32 sum = 5;
  while (*text) sum = sum * 33 + (u8)*text++;
  return sum;
}
u32 add_all(u32 count, ...) {
  __builtin_va_list list;
  u32 sum = 0;
  __builtin_va_start(list, count);
  while (count--) sum += __builtin_va_arg(list, u32);
  __builtin_va_end(list);
  return sum;
}
static int compare(const void *a, const void *b) {
  u32 x = *(const u32 *)a, y = *(const u32 *)b;
  return x < y ? -1 : x > y;
}
`;
