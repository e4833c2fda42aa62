#include "core/base/vector.h"

namespace weld {
namespace {

void* reallocate(void* data, size_t count, size_t row_size) {
  // What cannot be had is refused as other sizes are.
  void* rows = std::realloc(data, count <= SIZE_MAX / row_size ? count * row_size : SIZE_MAX);
  if (!rows) std::abort(); // as `new` does where there are no exceptions
  return rows;
}

} // namespace

void* grow_rows_to(void* data, size_t& capacity, size_t needed, size_t row_size) {
  capacity = needed;
  return reallocate(data, needed, row_size);
}

void* grow_rows(void* data, size_t& capacity, size_t needed, size_t row_size) {
  // A large table by half: twice as much is more than a WebAssembly memory has left. The first rows come together,
  // since malloc seldom gives less.
  constexpr size_t least_bytes = 256, large_bytes = 1 << 16;
  const size_t more = capacity * row_size < large_bytes ? capacity : capacity / 2 + 1;
  return grow_rows_to(data, capacity, std::max({needed, capacity + more, least_bytes / row_size}), row_size);
}

void* zeroed_rows(size_t& capacity, size_t count, size_t row_size) {
  void* rows = std::calloc(count, row_size);
  if (!rows) std::abort();
  capacity = count;
  return rows;
}

} // namespace weld
