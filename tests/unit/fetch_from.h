// A snapshot of which a session gets the state alone: it asks for everything else.
#pragma once

#include "core/session/snapshot.h"

#include <algorithm>

namespace weld {

// A copy in which all that is not asked for is another thing.
inline FileBytes without_content(const Vector<uint8_t>& snapshot) {
  FileBytes buffer = FileBytes::copy(snapshot);
  const size_t head = std::min<size_t>(64, snapshot.size());
  const size_t state = snapshot_state_size(Bytes(snapshot).first(head), snapshot.size());
  auto* begin = const_cast<uint8_t*>(buffer.bytes().data());
  std::fill(begin + state, begin + snapshot.size(), uint8_t{0xaa});
  return buffer;
}

// `buffer` is such a copy. `fetched` gets the sizes of what is asked for.
inline FetchContent fetch_from(const Vector<uint8_t>& snapshot, const FileBytes& buffer,
                               std::vector<size_t>* fetched = nullptr) {
  return [&snapshot, begin = buffer.bytes().data(), fetched](Bytes part, void* to) {
    if (fetched) fetched->push_back(part.size());
    std::copy_n(snapshot.data() + (part.data() - begin), part.size(), static_cast<uint8_t*>(to));
  };
}

} // namespace weld
