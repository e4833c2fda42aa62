// What an object is to other objects: everything but the contents of its functions and data. An edit that keeps it may be
// linked by writing only what changed.
#pragma once

#include "core/input/object.h"

namespace weld {

// An object with the bytes that its tables refer to.
struct ObjectVersion {
  ObjectView object;
  Bytes bytes;

  std::string_view text(EncodedName name) const { return text_of(bytes, name); }
  Bytes range(ByteRange r) const { return bytes.subspan(r.offset, r.size); }
  RelocRange relocs(EncodedRelocs encoded) const { return {bytes, encoded}; }
};

bool same_interface(const ObjectVersion& a, const ObjectVersion& b);

} // namespace weld
