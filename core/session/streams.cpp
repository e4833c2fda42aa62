#include "core/session/streams.h"

#include <cstring>

namespace weld {

void SnapshotReader::fill(void* to, Bytes bytes) {
  if (!columns_.empty() && bytes.data() == state_.data() + columns_.front().offset) {
    const SavedColumn& column = columns_.front();
    columns_ = columns_.subspan(1);
    if (column.size != bytes.size() || !(*fetch_)(column, bytes, to)) fail();
  } else if (!bytes.empty()) {
    std::memcpy(to, bytes.data(), bytes.size());
  }
}

} // namespace weld
