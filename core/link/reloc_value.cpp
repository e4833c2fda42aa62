#include "core/link/reloc_value.h"

namespace weld {

namespace {

uint32_t slot_or_null(uint32_t slot) {
  return slot == none32 ? 0 : slot;
}

SymbolValue global_value(const Link& link, const Symbol& s) {
  SymbolValue v;
  v.is_live = link.is_live(s);
  switch (s.kind) {
  case SymbolKind::Function:
    v.value = link.function_index_of(s);
    v.slot = slot_or_null(link.table_slot_of(s));
    break;
  case SymbolKind::Data:
    v.is_null = s.state != SymbolState::Defined;
    if (!v.is_null && v.is_live) v.value = link.address_of(s);
    break;
  case SymbolKind::Global: v.value = link.global_index_of(s); break;
  case SymbolKind::Tag: v.value = link.tag_index_of(s); break;
  case SymbolKind::Table: v.value = link.table_number_of(s); break;
  case SymbolKind::Section: break;
  }
  return v;
}

uint64_t gone(const RelocRow& reloc, uint64_t tombstone) {
  return tombstone ? tombstone : static_cast<uint64_t>(reloc.addend);
}

// Where the data of the only thread is. Code may have the address without `__tls_base`, from a function.
uint64_t thread_block(const Link& link) {
  if (link.known.tls_base)
    return link.synthetic_globals[link.symbols[link.known.tls_base].entity.row()].value;
  for (const OutSegment& segment : link.segments)
    if (segment.is_tls) return segment.address;
  return 0;
}

uint64_t function_offset(const Link& link, LinkObjectId object, const RelocRow& reloc, uint64_t tombstone) {
  const LinkObject& o = link.objects[object];
  EntityRef function = link.function_of(o, reloc.index);
  if (function.is_none()) return gone(reloc, tombstone); // imported: it has no code
  auto addend = static_cast<uint64_t>(reloc.addend);
  if (function.is_synthetic()) return link.synthetic_functions[function.row()].offset + addend;
  if (!link.folded_into.empty() && link.folded_into[function.row()] != none32) return gone(reloc, tombstone);
  // The symbol may mean another object's function.
  SymbolId id = link.bound[o.symbols + reloc.index];
  LinkObjectId owner_id = id ? link.symbols[id].object : object;
  const LinkObject& owner = link.objects[owner_id];
  uint32_t local = function.row() - owner.functions;
  uint32_t offset = link.function_offset[function.row()];
  std::span<const CodeMove> moves = link.moves_of(owner_id, function.row());
  if (moves.empty()) return offset + owner.object.functions()[local].code_offset + addend;
  // What the object says of its own function is not true of the one that took its place.
  const SymbolRow& row = o.object.symbols()[reloc.index];
  if (!row.is_undefined() && function.row() != o.functions + row.element) return gone(reloc, tombstone);
  return offset + uleb_size(moves.back().new_offset) + moved_offset(moves, static_cast<uint32_t>(addend));
}

} // namespace

SymbolValue local_symbol_value(const Link& link, const LinkObject& o, const SymbolRow& row) {
  SymbolValue v;
  if (row.is_undefined()) return v;
  auto is_live = [](uint8_t state) { return (state & entity_state::live) != 0; };
  switch (row.kind) {
  case SymbolKind::Function:
    v.is_live = is_live(link.function_state[o.functions + row.element]);
    v.value = link.function_index[o.functions + row.element];
    v.slot = slot_or_null(link.function_slot[o.functions + row.element]);
    break;
  case SymbolKind::Data: {
    if (row.element == none32) {
      v.is_live = true;
      v.value = row.value();
      break;
    }
    uint32_t segment = o.segments + row.element;
    v.is_live = is_live(link.segment_state[segment]);
    if (!v.is_live) break;
    if (const uint32_t flags = o.object.segments()[row.element].flags; flags & segment_flag::passive) {
      const bool is_data = flags & segment_flag::passive_data;
      v.value =
          link.segment_offset[segment] + (is_data ? link.first_passive_data : !link.table_functions.empty());
      break;
    }
    v.value = link.offset_in_out_segment(segment, row.value());
    if (!(row.flags & symbol_flag::tls) || !link.options.shared_memory)
      v.value += link.segments[link.segment_out[segment]].address;
    break;
  }
  case SymbolKind::Global:
    v.is_live = is_live(link.global_state[o.globals + row.element]);
    v.value = link.global_index[o.globals + row.element];
    break;
  case SymbolKind::Tag:
    v.is_live = is_live(link.tag_state[o.tags + row.element]);
    v.value = link.tag_index[o.tags + row.element];
    break;
  case SymbolKind::Table:
    v.is_live = is_live(link.table_state[o.tables + row.element]);
    v.value = link.table_index[o.tables + row.element];
    break;
  case SymbolKind::Section:
    v.is_live = true;
    v.value = row.element;
    break;
  }
  return v;
}

SymbolValue symbol_value(const Link& link, LinkObjectId object, uint32_t row) {
  const LinkObject& o = link.objects[object];
  SymbolId symbol = link.bound[o.symbols + row];
  return symbol ? global_value(link, link.symbols[symbol])
                : local_symbol_value(link, o, o.object.symbols()[row]);
}

SymbolValues::SymbolValues(const Link& link) : link_(&link), globals_(link.symbols.size()) {
  for (uint32_t row = 0; row < link.symbols.size(); row++)
    globals_[row] = global_value(link, link.symbols[SymbolId(row)]);
}

uint64_t reloc_value(const Link& link, LinkObjectId object, const RelocRow& reloc, const SymbolValue& symbol,
                     uint64_t place, uint64_t tombstone) {
  const LinkObject& o = link.objects[object];
  RelocTarget target = traits(reloc.reloc_type()).target;
  auto addend = static_cast<uint64_t>(reloc.addend);
  if (!symbol.is_live) return gone(reloc, tombstone);
  switch (target) {
  case RelocTarget::TableSlot: return symbol.slot;
  case RelocTarget::TableSlotRel: return symbol.slot ? symbol.slot - link.options.table_base : 0;
  case RelocTarget::Address: return symbol.is_null ? 0 : symbol.value + addend;
  case RelocTarget::AddressRel: return symbol.is_null ? 0 : symbol.value + addend - place;
  case RelocTarget::TlsOffset: {
    if (symbol.is_null) return 0;
    // One thread: addresses are absolute everywhere else, and the code adds the block's address here.
    if (link.options.shared_memory || link.options.relocatable) return symbol.value + addend;
    return symbol.value + addend - thread_block(link);
  }
  case RelocTarget::Global: {
    SymbolId id = link.bound[o.symbols + reloc.index];
    if (id && link.symbols[id].kind != SymbolKind::Global) return link.symbols[id].got_index;
    return symbol.value;
  }
  case RelocTarget::FunctionOffset: return function_offset(link, object, reloc, tombstone);
  case RelocTarget::SectionOffset:
    return symbol.value == none32
               ? addend
               : link.custom_section_offset(o.custom_sections + static_cast<uint32_t>(symbol.value), addend);
  case RelocTarget::Function:
  case RelocTarget::Tag:
  case RelocTarget::Table:
  case RelocTarget::PassiveSegment:
  case RelocTarget::Type: break;
  }
  return symbol.value;
}

bool fits_32(uint64_t value) {
  auto s = static_cast<int64_t>(value);
  return s >= -(int64_t{1} << 31) && s < (int64_t{1} << 32);
}

void store_value(uint8_t* field, RelocField kind, uint64_t value) {
  switch (kind) {
  case RelocField::Uleb5: write_padded_uleb(field, static_cast<uint32_t>(value), 5); break;
  case RelocField::Sleb5: write_padded_sleb(field, static_cast<int32_t>(value), 5); break;
  case RelocField::I32: write_le(field, static_cast<uint32_t>(value)); break;
  case RelocField::Uleb10: write_padded_uleb(field, value, 10); break;
  case RelocField::Sleb10: write_padded_sleb(field, static_cast<int64_t>(value), 10); break;
  case RelocField::I64: write_le(field, value); break;
  }
}

void report_out_of_range(Link& link, LinkObjectId object, std::string_view section, const RelocRow& reloc,
                         uint64_t value) {
  const LinkObject& o = link.objects[object];
  Location where = link.location_of(object);
  where.section = section;
  link.diagnostics().report(DiagnosticId::reloc_out_of_range,
                            {"R_WASM_" + std::string(traits(reloc.reloc_type()).name),
                             Argument::symbol(o.text(o.object.symbols()[reloc.index].encoded_name)), value},
                            where);
}

} // namespace weld
