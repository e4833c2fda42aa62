// Allocation, so that JavaScript can tell exhaustion from a crash: what cannot be had is thrown as an Error
// that says how much was wanted (see `Crash` of js/src/crash.ts). Nobody in C++ gets a null pointer.
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

} // extern "C"
