// The last link in a snapshot, so that the first link after it was restored is a relink.
//
// It is a part of its own behind the files, fetched when a link with the same options asks for it. What LinkState
// has in memory of other tables is found again: objects' tables and bytes are the session's.
#pragma once

#include "core/base/vector.h"
#include "core/link/input_store.h"
#include "core/link/options.h"

#include <memory>

namespace weld {

struct LinkState; // core/link/relink.h

// Of a restored session whose first link is still to come.
struct SavedLink {
  Bytes bytes; // in the snapshot; empty: there is none
  uint64_t checksum = 0;
  Vector<uint8_t> options; // of that link, as `encoded_options` gives them
  Vector<uint64_t> units;  // checksums of the units' tables that it was made of, in the order of the inputs

  bool leaves_room = false; // whether these tables have spare rows

  bool empty() const { return bytes.empty(); }
};

// The options that a relink must have, so that they can be compared: those of FullLinkOptions are not set.
Vector<uint8_t> encoded_options(const RelinkOptions& options);
// Checksums of the tables of all units.
Vector<uint64_t> checksums_of_units(const InputStore& store);

// Empty when there is nothing that another link could be made from.
Vector<uint8_t> save_link(LinkState& state);
// Null when what is read does not fit together. `replaced`: objects that the link knew, and the store does not any more.
std::unique_ptr<LinkState> read_link(Bytes bytes, InputStore& store, std::span<const ReplacedObject> replaced,
                                     const Options& options);

} // namespace weld
