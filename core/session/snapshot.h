// A session as one buffer: the inputs with their bytes and parsed tables, the names, the units. It is made by
// copying memory, and nothing is parsed when it is read: only the index of the names is built again.
//
// The state comes first: tables and names, in the order of `describe` (snapshot.cpp). The bytes of the files
// follow. Objects are fetched and checked when a link begins to need them, members of archives each by
// itself, so that restoring costs what was parsed and not what the files weigh.
//
// A snapshot is little-endian and the same for the native program and the wasm module. It starts with a magic
// number, a version and a checksum: one that is truncated, altered, of another program or of another version
// is refused, an altered object when it is linked. What is in it is then believed, so restore only what you
// have saved.
#pragma once

#include "core/base/vector.h"
#include "core/session/session.h"

namespace weld {

// Empty, with a message, when the session is a restored one whose files were altered.
Vector<uint8_t> save_session(Session& session);

// How many bytes of a snapshot come before those of the files; `head` is at least its first 64, or all of it.
size_t snapshot_state_size(Bytes head, size_t size);

// Into a session without inputs, which keeps the buffer. False, with a message, when it is refused. With
// `fetch`, only the state needs to be in the buffer: what is missing is asked for during links.
bool restore_session(Session& session, FileBytes snapshot, FetchContent fetch = {});

} // namespace weld
