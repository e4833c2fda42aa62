#include "core/link/write/reloc_value.h"

#include "core/link/write/compress_code.h"

namespace weld {

SymbolValue symbol_value(const Link& link, SymbolId id) {
  SymbolValue v = symbol_address(link, id);
  switch (link.symbols[id].kind) {
  case SymbolKind::Function: v.value = link.function_index_of(id).value; break;
  case SymbolKind::Global: v.value = link.global_index_of(id).value; break;
  case SymbolKind::Tag: v.value = link.tag_index_of(id).value; break;
  case SymbolKind::Table: v.value = link.table_number_of(id).value; break;
  case SymbolKind::Data:
  case SymbolKind::Section: break;
  }
  return v;
}

namespace {

uint64_t gone(const RelocRow& reloc, uint64_t tombstone) {
  return tombstone ? tombstone : static_cast<uint64_t>(reloc.addend);
}

uint64_t function_offset(const Link& link, LinkObjectId object, const RelocRow& reloc, uint64_t tombstone) {
  const LinkObject& o = link.objects[object];
  FunctionEntity function = link.function_of(o, reloc.index);
  if (function.is_none()) return gone(reloc, tombstone); // imported: it has no code
  auto addend = static_cast<uint64_t>(reloc.addend);
  if (function.is_synthetic()) return link.synthetic_offset[function.synthetic()] + addend;
  const FunctionId function_id = function.id();
  if (link.is_folded(function_id)) return gone(reloc, tombstone);
  // The symbol may mean another object's function.
  SymbolId id = link.bound[o.symbol(reloc.index)];
  LinkObjectId owner_id = id ? link.symbols[id].object : object;
  const LinkObject& owner = link.objects[owner_id];
  uint32_t offset = link.function_offset[function_id];
  std::span<const CodeMove> moves = link.moves_of(owner_id, function_id);
  if (moves.empty() && owner.unit) {
    const SymbolValues values = SymbolValues::one_by_one(link);
    return offset + CodeCompressor(link, values).head_size(owner_id, function_id) + addend;
  }
  if (moves.empty())
    return offset + owner.object.functions()[owner.function.local(function_id)].code_offset + addend;
  // What the object says of its own function is not true of the one that took its place.
  const SymbolRow& row = o.object.symbols()[reloc.index];
  if (!row.is_undefined() && function_id != o.function(row.element)) return gone(reloc, tombstone);
  return offset + uleb_size(moves.back().new_offset) + moved_offset(moves, static_cast<uint32_t>(addend));
}

} // namespace

SymbolValue symbol_value(const Link& link, LinkObjectId object, uint32_t row) {
  const LinkObject& o = link.objects[object];
  SymbolId symbol = link.symbol_of(o, row);
  return symbol ? symbol_value(link, symbol) : local_symbol_value(link, o, o.object.symbols()[row]);
}

SymbolValues::SymbolValues(const Link& link) : link_(&link), globals_(link.symbols.size()) {
  for (uint32_t row = 0; row < link.symbols.size(); row++) globals_[row] = symbol_value(link, SymbolId(row));
}

uint64_t reloc_value(const Link& link, LinkObjectId object, const RelocRow& reloc, const SymbolValue& symbol,
                     uint64_t place, uint64_t tombstone) {
  const LinkObject& o = link.objects[object];
  const RelocTarget target = traits(reloc.reloc_type()).target;
  if (!symbol.is_live) return gone(reloc, tombstone);
  if (writes_address(target)) return reloc_address(link, reloc, symbol, place);
  switch (target) {
  case RelocTarget::Global: {
    SymbolId id = link.symbol_of(o, reloc.index);
    if (id && link.symbols[id].kind != SymbolKind::Global) return link.got_index[id].value;
    return symbol.value;
  }
  case RelocTarget::FunctionOffset: return function_offset(link, object, reloc, tombstone);
  case RelocTarget::SectionOffset: {
    const auto addend = static_cast<uint64_t>(reloc.addend);
    return symbol.value == none32
               ? addend
               : link.custom_section_offset(o.custom_section(static_cast<uint32_t>(symbol.value)), addend);
  }
  default: return symbol.value;
  }
}

bool fits_32(uint64_t value) {
  auto s = static_cast<int64_t>(value);
  return s >= -(int64_t{1} << 31) && s < (int64_t{1} << 32);
}

bool fits_field(const Options& options, RelocField kind, uint64_t value) {
  const bool is_unsigned = kind == RelocField::Uleb5 || kind == RelocField::Uleb10;
  // The offset of a load or store is not negative. In an object nothing has its place yet. LLD cuts such offsets off.
  if (is_unsigned && static_cast<int64_t>(value) < 0 && !options.relocatable && !options.like_lld())
    return false;
  return field_is_64(kind) || fits_32(value);
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

void report_out_of_range(const Link& link, LinkObjectId object, std::string_view section,
                         const RelocRow& reloc, uint64_t value) {
  const LinkObject& o = link.objects[object];
  Location where = link.location_of(object);
  where.section = section;
  link.diagnostics().report(DiagnosticId::reloc_out_of_range,
                            {"R_WASM_" + std::string(traits(reloc.reloc_type()).name),
                             Argument::symbol(o.text(o.object.symbols()[reloc.index].encoded_name)),
                             std::to_string(static_cast<int64_t>(value))},
                            where);
}

} // namespace weld
