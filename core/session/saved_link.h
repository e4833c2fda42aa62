// The last link in a snapshot, so that the first link after it was restored is a relink.
//
// It is a part of its own behind the files, fetched when a link with the same options asks for it. What LinkState
// has in memory of other tables is found again: objects' tables and bytes are the session's.
#pragma once

#include "core/base/function_ref.h"
#include "core/base/vector.h"
#include "core/link/input_store.h"
#include "core/link/options.h"
#include "core/session/saved_column.h"

#include <memory>

namespace weld {

struct LinkState; // core/link/relink.h

// Of a restored session whose first link is still to come.
struct SavedLink {
  Bytes bytes;                 // in the snapshot; empty: there is none
  uint64_t checksum = 0;       // of what is in no column
  Vector<SavedColumn> columns; // in the order of their places
  Vector<uint8_t> options;     // of that link, as `encoded_options` gives them
  Vector<uint64_t> units; // checksums of the units' tables that it was made of, in the order of the inputs

  bool leaves_room = false; // whether these tables have spare rows

  bool empty() const { return bytes.empty(); }
  // Whether columns are where columns can be.
  bool fits_together() const;
  // Calls each(part) of what is between columns. Together they have the checksum.
  uint64_t between_columns(FunctionRef<void(Bytes part)> each) const;
};

// The options that a relink must have, so that they can be compared: those of FullLinkOptions are not set.
Vector<uint8_t> encoded_options(const RelinkOptions& options);
// Checksums of the tables of all units.
Vector<uint64_t> checksums_of_units(const InputStore& store);

// Empty when there is nothing that another link could be made from. `saved` gets its columns.
Vector<uint8_t> save_link(LinkState& state, SavedLink& saved);
// What is in no column is there; `fetch_column` puts a column where it belongs, and says whether it is what was saved. Null
// when what is read does not fit together. `replaced`: objects that the link knew, and the store does not any more.
std::unique_ptr<LinkState> read_link(
    const SavedLink& saved, FunctionRef<bool(const SavedColumn& column, Bytes part, void* to)> fetch_column,
    InputStore& store, std::span<const ReplacedObject> replaced, const Options& options);

} // namespace weld
