// What replaces parts of the C library.
//
// Allocation, so that JavaScript can tell exhaustion from a crash: what cannot be had is thrown as an Error that says how
// much was wanted (see `Crash` of js/src/crash.ts). Nobody in C++ gets a null pointer.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <time.h>

extern "C" {

__attribute__((import_module("host"), import_name("exhausted"), noreturn)) void host_exhausted(double wanted);

__attribute__((import_module("host"), import_name("copy"))) void host_copy(void* to, const void* from,
                                                                           size_t size);

__attribute__((import_module("host"), import_name("now"))) double host_now();

void* emmalloc_malloc(size_t size);
void* emmalloc_calloc(size_t count, size_t size);
void* emmalloc_realloc(void* data, size_t size);

// These replace emmalloc's, which are weak.
void* malloc(size_t size) {
  void* data = emmalloc_malloc(size);
  if (!data) host_exhausted(static_cast<double>(size));
  return data;
}
void* calloc(size_t count, size_t size) {
  void* data = size == 0 || count <= SIZE_MAX / size ? emmalloc_calloc(count, size) : nullptr;
  if (!data) host_exhausted(static_cast<double>(count) * static_cast<double>(size));
  return data;
}
void* realloc(void* old, size_t size) {
  void* data = emmalloc_realloc(old, size);
  if (!data && size != 0) host_exhausted(static_cast<double>(size));
  return data;
}

// Makes memory at least this large. It grows by a fifth where it can, so that it seldom grows: JavaScript's views on it
// end then.
int emscripten_resize_heap(size_t size) {
  constexpr size_t page = 64 << 10, most_pages = 65536;
  const size_t pages = __builtin_wasm_memory_size(0), wanted = size / page + (size % page != 0) - pages;
  for (size_t more = std::min(pages / 5, size_t{1536}); more != 0; more /= 2)
    if (pages + wanted + more <= most_pages && __builtin_wasm_memory_grow(0, wanted + more) != SIZE_MAX)
      return 1;
  return __builtin_wasm_memory_grow(0, wanted) != SIZE_MAX;
}

size_t emscripten_get_heap_max() {
  return SIZE_MAX - 0xffff;
}

struct __attribute__((packed, may_alias)) Eight {
  uint64_t bytes;
};
struct __attribute__((packed, may_alias)) Four {
  uint32_t bytes;
};

// `to` must not lie inside what is copied, behind its begin.
#define WELD_IS_COPY __attribute__((no_builtin("memcpy", "memmove")))
WELD_IS_COPY static void copy_forward(uint8_t* to, const uint8_t* from, size_t size) {
  for (; size >= 32; size -= 32, to += 32, from += 32) { // one place after the other: they may overlap
    reinterpret_cast<Eight*>(to)[0] = reinterpret_cast<const Eight*>(from)[0];
    reinterpret_cast<Eight*>(to)[1] = reinterpret_cast<const Eight*>(from)[1];
    reinterpret_cast<Eight*>(to)[2] = reinterpret_cast<const Eight*>(from)[2];
    reinterpret_cast<Eight*>(to)[3] = reinterpret_cast<const Eight*>(from)[3];
  }
  for (; size >= 8; size -= 8, to += 8, from += 8)
    *reinterpret_cast<Eight*>(to) = *reinterpret_cast<const Eight*>(from);
  if (size >= 4) {
    *reinterpret_cast<Four*>(to) = *reinterpret_cast<const Four*>(from);
    size -= 4, to += 4, from += 4;
  }
  for (; size; size--) *to++ = *from++;
}

// Large copies are the engine's, which are several times as fast as a loop.
WELD_IS_COPY void* memcpy(void* __restrict to, const void* __restrict from, size_t size) {
  if (size >= 512) host_copy(to, from, size);
  else copy_forward(static_cast<uint8_t*>(to), static_cast<const uint8_t*>(from), size);
  return to;
}

WELD_IS_COPY void* memmove(void* to, const void* from, size_t size) {
  auto* out = static_cast<uint8_t*>(to);
  auto* in = static_cast<const uint8_t*>(from);
  if (size >= 512) {
    host_copy(to, from, size);
  } else if (out < in) {
    copy_forward(out, in, size);
  } else {
    for (; size >= 8; size -= 8)
      *reinterpret_cast<Eight*>(out + size - 8) = *reinterpret_cast<const Eight*>(in + size - 8);
    for (; size; size--) out[size - 1] = in[size - 1];
  }
  return to;
}

double emscripten_get_now() {
  return host_now();
}

// For the times of phases: what the time is counted from does not matter.
int clock_gettime(clockid_t, timespec* time) {
  const double milliseconds = host_now();
  time->tv_sec = static_cast<time_t>(milliseconds / 1000);
  time->tv_nsec = static_cast<long>((milliseconds - static_cast<double>(time->tv_sec) * 1000) * 1e6);
  return 0;
}

// A mistake of ours is a trap, which JavaScript reports.
void abort() {
  __builtin_trap();
}

} // extern "C"
