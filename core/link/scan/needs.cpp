#include "core/link/scan/needs.h"

#include "core/wasm/types.h"

namespace weld {

uint32_t Needs::add_type(const SignaturePool& pool, SignatureId signature) {
  if (signature.row >= type_of_signature.size()) type_of_signature.resize(pool.size(), none32);
  if (type_of_signature[signature.row] != none32) return type_of_signature[signature.row];
  // Groups that are added when those are that they refer to.
  Vector<SignatureId> waiting = {signature};
  while (!waiting.empty()) {
    const TypeGroup group = group_of(pool, waiting.back());
    const size_t before = waiting.size();
    if (type_of_signature[group.first.row] == none32)
      for_each_reference(pool, group, [&](SignatureId id) {
        if (type_of_signature[id.row] == none32) waiting.push_back(id);
      });
    if (waiting.size() != before) continue;
    waiting.pop_back();
    for (uint32_t i = 0; i < group.count; i++) {
      uint32_t& type = type_of_signature[group.first.row + i];
      if (type != none32) break;
      type = static_cast<uint32_t>(types.size());
      types.push_back(SignatureId(group.first.row + i));
    }
  }
  return type_of_signature[signature.row];
}

bool Scanned::is_live(SymbolId id) const {
  const Symbol& s = symbols[id];
  if (s.kind == SymbolKind::Table && s.is_defined() && s.entity.is_synthetic()) return id == indirect_table;
  return LaidOut::is_live(id);
}

bool Scanned::is_exported(SymbolId id) const {
  const Symbol& s = symbols[id];
  if (needs(id).is_exported_late && s.state == SymbolState::Defined && !s.is_local()) return true;
  return LaidOut::is_exported(id);
}

TableSlot Scanned::table_slot_of(SymbolId id) const {
  const Symbol& s = symbols[id];
  if (s.is_trap) return {}; // only `ref.func` has one for it
  return s.state == SymbolState::Defined ? Needs::table_slot_of(s.function()) : needs(id).table_slot;
}

} // namespace weld
