// A session as one buffer: the inputs with their bytes and parsed tables, the names, the units. It is made by
// copying memory, and nothing is parsed when it is read: only the index of the names is built again.
//
// A snapshot is little-endian and the same for the native program and the wasm module. It starts with a magic
// number, a version and a checksum: one that is truncated, altered, of another program or of another version
// is refused. What is in it is then believed, so restore only what you have saved.
#pragma once

#include "core/session/session.h"

namespace weld {

std::vector<uint8_t> save_session(Session& session);

// Into a session without inputs, which keeps the buffer. False, with a message, when it is refused.
bool restore_session(Session& session, FileBytes snapshot);

} // namespace weld
