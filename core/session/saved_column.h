// A column of what is saved that is large enough to be read by itself, to where it is used: then it need not be in memory
// twice.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weld {

struct SavedColumn {
  static constexpr size_t least_size = 64 << 10;

  uint64_t offset; // in what is saved
  uint64_t size;
  uint64_t checksum; // XXH3
};

} // namespace weld
