// What is numbered in one link.
#pragma once

#include "core/base/ids.h"
#include "core/input/object.h"

namespace weld {

using SymbolId = Id<struct SymbolTag>;         // a name of this link, or one signature's variant of it
using LinkObjectId = Id<struct LinkObjectTag>; // an object of this link, numbered as they are reached
using OutSegmentId = Id<struct OutSegmentTag>; // a data segment of the output

// A function, global or table: an object's (numbered through) or the linker's own.
struct EntityRef {
  static constexpr uint32_t synthetic_bit = 1u << 31;
  uint32_t value = none32;

  static EntityRef synthetic(size_t row) { return {synthetic_bit | static_cast<uint32_t>(row)}; }
  bool is_none() const { return value == none32; }
  bool is_synthetic() const { return value & synthetic_bit; }
  uint32_t row() const { return value & ~synthetic_bit; }
  bool operator==(const EntityRef&) const = default;
};

} // namespace weld
