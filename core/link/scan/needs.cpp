#include "core/link/scan/needs.h"

namespace weld {

uint32_t Needs::add_type(uint32_t signatures, SignatureId signature) {
  if (signature.row >= type_of_signature.size()) type_of_signature.resize(signatures, none32);
  uint32_t& type = type_of_signature[signature.row];
  if (type == none32) {
    type = static_cast<uint32_t>(types.size());
    types.push_back(signature);
  }
  return type;
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
  return s.state == SymbolState::Defined ? Needs::table_slot_of(s.function()) : needs(id).table_slot;
}

} // namespace weld
