// Static libraries: GNU, BSD and thin `ar` archives.
//
// The archive's own symbol index says which member defines which name, so members that nobody needs are never
// parsed. It is believed only where it holds: every offset must be that of a member's header. A wasm member
// that the index does not mention (an index made by an `ar` that cannot read wasm is empty) is marked, and
// its own symbol table is read.
#pragma once

#include "core/base/bytes.h"
#include "core/base/diagnostics.h"
#include "core/base/string_pool.h"
#include "core/base/vector.h"
#include "core/input/file_kind.h"
#include "core/input/object.h"

#include <vector>

namespace weld {

struct ArchiveMember {
  std::string name;       // as messages show it: the name after "//" and "#1/" are resolved
  uint32_t header_offset; // of its 60-byte header
  ByteRange data;         // in the archive; empty in a thin archive, whose members are files of their own
  FileKind kind;          // sniffed from its first bytes; Unknown in a thin archive
  RowRange symbols;       // rows of Archive::symbols that the index lists for it; count 0: not in the index
};

struct Archive {
  bool is_thin = false;
  bool has_index = false;
  std::vector<ArchiveMember> members; // in file order; neither the index nor the long-name table
  Vector<StringId> symbols;           // grouped by member, in the index's order
};

// Reads the members and the index. False, with a diagnostic at `where`, when the bytes are no archive.
bool parse_archive(Bytes file, const Location& where, StringPool& strings, Diagnostics& diagnostics,
                   Archive& out);

} // namespace weld
