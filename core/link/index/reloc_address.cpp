#include "core/link/index/reloc_address.h"

namespace weld {

namespace {

uint32_t slot_or_null(uint32_t slot) {
  return slot == none32 ? 0 : slot;
}

// Where the data of the only thread is. Code may have the address without `__tls_base`, from a function.
uint64_t thread_block(const LaidOut& link) {
  if (link.known.tls_base) return link.global_values[link.symbols[link.known.tls_base].entity.row()];
  for (const OutSegment& segment : link.segments)
    if (segment.is_tls) return segment.address;
  return 0;
}

} // namespace

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

SymbolValue local_symbol_address(const Scanned& link, const LinkObject& o, const SymbolRow& row) {
  SymbolValue v;
  if (row.is_undefined()) return v;
  switch (row.kind) {
  case SymbolKind::Function:
    v.is_live = link.function_live[o.functions + row.element];
    v.slot = slot_or_null(link.function_slot[o.functions + row.element]);
    break;
  case SymbolKind::Data: {
    if (row.element == none32) {
      v.is_live = true;
      v.value = row.value();
      break;
    }
    const uint32_t segment = o.segments + row.element;
    v.is_live = link.segment_live[segment];
    if (!v.is_live || (o.object.segments()[row.element].flags & segment_flag::passive)) break;
    v.value = link.offset_in_out_segment(segment, row.value());
    if (!(row.flags & symbol_flag::tls) || !link.options.shared_memory)
      v.value += link.segments[link.segment_out[segment]].address;
    break;
  }
  case SymbolKind::Global: v.is_live = link.global_live[o.globals + row.element]; break;
  case SymbolKind::Tag: v.is_live = link.tag_live[o.tags + row.element]; break;
  case SymbolKind::Table: v.is_live = link.table_live[o.tables + row.element]; break;
  case SymbolKind::Section: v.is_live = true; break;
  }
  return v;
}

SymbolValue symbol_address(const Scanned& link, const LinkObject& o, uint32_t row) {
  const SymbolId id = link.symbol_of(o, row);
  return id ? symbol_address(link, id) : local_symbol_address(link, o, o.object.symbols()[row]);
}

bool writes_address(RelocTarget target) {
  switch (target) {
  case RelocTarget::TableSlot:
  case RelocTarget::TableSlotRel:
  case RelocTarget::Address:
  case RelocTarget::AddressRel:
  case RelocTarget::TlsOffset: return true;
  default: return false;
  }
}

uint64_t reloc_address(const Scanned& link, const RelocRow& reloc, const SymbolValue& symbol, uint64_t place) {
  const auto addend = static_cast<uint64_t>(reloc.addend);
  switch (traits(reloc.reloc_type()).target) {
  case RelocTarget::TableSlot: return symbol.slot;
  case RelocTarget::TableSlotRel: return symbol.slot ? symbol.slot - link.options.table_base : 0;
  case RelocTarget::AddressRel: return symbol.is_null ? 0 : symbol.value + addend - place;
  case RelocTarget::TlsOffset:
    if (symbol.is_null) return 0;
    // One thread: addresses are absolute everywhere else, and the code adds the block's address here.
    if (link.options.shared_memory || link.options.relocatable) return symbol.value + addend;
    return symbol.value + addend - thread_block(link);
  default: return symbol.is_null ? 0 : symbol.value + addend; // Address
  }
}

} // namespace weld
