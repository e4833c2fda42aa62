// What replaces parts of the C library.
//
// Allocation, so that JavaScript can tell exhaustion from a crash: what cannot be had is thrown as an Error that says how
// much was wanted (see `Crash` of js/src/crash.ts). Nobody in C++ gets a null pointer.
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <emscripten.h>

extern "C" {

EM_JS(void, weld_throw_exhausted, (double wanted),
      { throw Object.assign(new Error("out of memory"), {wanted : wanted}); })

void* emmalloc_malloc(size_t size);
void* emmalloc_calloc(size_t count, size_t size);
void* emmalloc_realloc(void* data, size_t size);

// These replace emmalloc's, which are weak.
void* malloc(size_t size) {
  void* data = emmalloc_malloc(size);
  if (!data) weld_throw_exhausted(static_cast<double>(size));
  return data;
}
void* calloc(size_t count, size_t size) {
  void* data = size == 0 || count <= SIZE_MAX / size ? emmalloc_calloc(count, size) : nullptr;
  if (!data) weld_throw_exhausted(static_cast<double>(count) * static_cast<double>(size));
  return data;
}
void* realloc(void* old, size_t size) {
  void* data = emmalloc_realloc(old, size);
  if (!data && size != 0) weld_throw_exhausted(static_cast<double>(size));
  return data;
}

// Embind names a type that it does not know by its address, and nobody else here prints with formats: printf's machinery
// would be a hundredth of the module.
int siprintf(char* out, const char* format, ...) {
  if (format[0] != '%' || format[1] != 'p' || format[2]) std::abort();
  va_list arguments;
  va_start(arguments, format);
  const auto address = reinterpret_cast<uintptr_t>(va_arg(arguments, void*));
  va_end(arguments);
  constexpr int digits = 2 * sizeof address;
  for (int i = 0; i < digits; i++) out[i] = "0123456789abcdef"[address >> (4 * (digits - 1 - i)) & 15];
  out[digits] = 0;
  return digits;
}

} // extern "C"
