#include "core/link/scan/reloc_address.h"

namespace weld {

SymbolValue symbol_address(const Scanned& link, SymbolId id) {
  const Symbol& s = link.symbols[id];
  SymbolValue v;
  v.is_live = link.is_live(id);
  if (s.kind == SymbolKind::Function) v.slot = slot_or_null(link.table_slot_of(id));
  if (s.kind == SymbolKind::Data) {
    v.is_null = s.state != SymbolState::Defined;
    if (!v.is_null && v.is_live) v.value = link.address_of(s);
  }
  return v;
}

SymbolValue symbol_address(const Scanned& link, const LinkObject& o, uint32_t row) {
  const SymbolId id = link.symbol_of(o, row);
  return id ? symbol_address(link, id) : local_symbol_value(link, o, o.object.symbols()[row]);
}

bool is_fixed(const Scanned& link, SymbolId id) {
  const Symbol& s = link.symbols[id];
  if (s.kind == SymbolKind::Function) return link.is_trap(id) || !link.table_slot_of(id);
  return s.state != SymbolState::Defined || (link.is_absolute(id) && !link.options.like_lld());
}

uint64_t thread_block(const LaidOut& link) {
  if (link.has_moved_tls()) return 0;
  if (link.known.tls_base) return link.global_values[link.symbols[link.known.tls_base].global().synthetic()];
  for (const OutSegment& segment : link.segments)
    if (segment.is_tls) return segment.address;
  return 0;
}

} // namespace weld
