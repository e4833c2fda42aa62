// What became of a symbol of a unit since the tables were made that the last link knows. Only where tables have room for it.
#pragma once

#include "core/base/vector.h"
#include "core/input/object.h"

namespace weld {

struct UnitGrowth {
  enum Change : uint8_t {
    Contents, // it is defined as before
    Defined,
    Removed,
    Declared, // something refers to what others define
    Forgotten // nothing refers to it any more
  } change = Contents;
  SymbolKind kind = SymbolKind::Function;
  uint32_t row = 0;          // of the symbol
  uint32_t element = none32; // which it has, or had when it was removed
  StringId new_name;         // which nothing else in the link may have; none: it has none of these
  StringId old_name;         // Removed: by which others may know it; none: nobody does
  SignatureId old_signature; // Removed, of a function
  uint32_t old_size = 0;     // data that is defined as before
  Vector<StringId> old_exports, exports; // of a function
};

} // namespace weld
