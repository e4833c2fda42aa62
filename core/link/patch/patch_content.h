// What a patch consists of, before it is a module.
#pragma once

#include "core/link/patch/exports.h"
#include "core/link/patch/live_values.h"

namespace weld {

// Bytes that go to an address in the instance.
struct PatchData {
  uint64_t address;
  uint32_t first, size; // in PatchContent::bytes
};
struct PatchImport {
  SymbolId symbol;
  uint32_t slot; // it gets this one
};

struct PatchContent {
  Vector<PatchFunction> functions; // in ascending order of slots
  Vector<PatchImport> imports;
  Vector<PatchData> data; // in ascending order of addresses
  Vector<uint8_t> bytes;
  std::vector<LiveExported> exports; // functions that the instance does not export
  uint32_t slots_before = 0;         // the instance's table has at least this many
};

// The module. Its functions refer to nothing that is missing.
void write_patch(const Link& link, const LiveValues& values, const PatchContent& content, LivePatch& patch);

} // namespace weld
