#include "core/link/patch/live_values.h"

#include "core/base/hash.h"
#include "core/link/reduce/walk_code.h"
#include "core/unit/lower_mir.h"

#include <algorithm>

namespace weld {

void LiveValues::find_imports() {
  import_of_index.resize(link.imported_functions);
  import_slot.resize(link.imported_functions);
  for (SymbolId id : link.imports)
    if (link.symbols[id].kind == SymbolKind::Function) import_of_index[link.needs(id).import_index] = id;
}

LiveValue LiveValues::function_value(const LinkObject& o, uint32_t row) const {
  LiveValue v;
  v.kind = LiveValue::Function;
  const SymbolId id = link.symbol_of(o, row);
  FunctionEntity function;
  if (id) {
    const Symbol& s = link.symbols[id];
    v.signature = s.signature;
    if (link.is_trap(id)) {
      v.kind = LiveValue::Trap;
      // A call with the wrong type traps in a new instance, too. Who meant that? One of a weak function that nobody defines is meant.
      const StringId name =
          s.is_trap ? link.synthetic_functions[s.function().synthetic()].debug_name : StringId();
      if (link.text(name).starts_with("signature_mismatch:"))
        v.why = "is called with another type than it has";
      return v;
    }
    if (const uint32_t index = link.needs(id).import_index; index != none32) {
      v.number = import_slot[index];
      if (!v.number) return {LiveValue::Missing, 0, {}, "is imported, and was not before"};
      return v;
    }
    if (s.state != SymbolState::Defined) return {LiveValue::Missing, 0, {}, "is not defined"};
    function = s.function();
  } else {
    const SymbolRow& symbol = o.object.symbols()[row];
    if (symbol.is_undefined()) return {LiveValue::Missing, 0, {}, "is not defined"};
    function = o.function(symbol.element);
    v.signature = o.object.functions()[symbol.element].signature;
  }
  if (function.is_synthetic()) {
    v.number = id == link.known.call_ctors ? call_ctors_slot : 0;
    if (!v.number)
      return {LiveValue::Missing, 0, {}, "is a function of the linker's that the program does not have"};
    return v;
  }
  v.number = slot[function.id()];
  if (!v.number) return {LiveValue::Missing, 0, {}, "is not in the program"};
  return v;
}

LiveValue LiveValues::data_value(const LinkObject& o, uint32_t row) const {
  LiveValue v;
  const SymbolId id = link.symbol_of(o, row);
  SegmentId segment;
  uint64_t offset = 0;
  if (id) {
    const Symbol& s = link.symbols[id];
    if (s.state != SymbolState::Defined) {
      v.why = "null";
      return v;
    }
    if (s.place != none32) {
      const auto place = places.find(names.entity(SymbolKind::Data, link.name_of(id)));
      if (place == places.end())
        return {LiveValue::Missing, 0, {}, "is a place that the program does not have"};
      v.number = place->second;
      return v;
    }
    if (s.entity.is_none()) {
      v.number = s.value;
      return v;
    }
    segment = s.segment();
    offset = s.value;
  } else {
    const SymbolRow& symbol = o.object.symbols()[row];
    if (symbol.is_undefined()) return {LiveValue::Missing, 0, {}, "is not defined"};
    v.number = symbol.value();
    if (symbol.element == none32) return v;
    segment = o.segment(symbol.element);
    offset = symbol.value();
  }
  if (!link.segment_live[segment]) return {LiveValue::Missing, 0, {}, "is not in the program"};
  if (const RowRange range = link.segment_pieces[segment]; range.count) {
    const auto first = link.pieces.begin() + range.first;
    auto piece = std::upper_bound(first, first + range.count, offset,
                                  [](uint64_t at, const StringPiece& p) { return at < p.input_offset; });
    if (piece != first) --piece;
    v.number =
        piece_address[static_cast<size_t>(piece - link.pieces.begin())] + (offset - piece->input_offset);
    return v;
  }
  if (address[segment] == no_address) return {LiveValue::Missing, 0, {}, "is data that only code names"};
  v.number = address[segment] + offset;
  return v;
}

LiveValue LiveValues::entity_value(LinkObjectId object, uint32_t row, SymbolKind kind,
                                   const LiveMap<LiveEntity>& entities) const {
  LiveValue v;
  const auto found = entities.find(names.entity(kind, object, row));
  if (found == entities.end()) return {LiveValue::Missing, 0, {}, "is not in the program"};
  if (found->second.type != entity_type(names, link, object, row))
    return {LiveValue::Missing, 0, {}, "has another type than in the program"};
  v.kind = kind == SymbolKind::Global ? LiveValue::Global
           : kind == SymbolKind::Tag  ? LiveValue::Tag
                                      : LiveValue::Table;
  v.number = found->second.number;
  return v;
}

uint64_t entity_type(const LiveNames& names, const Link& link, LinkObjectId object, uint32_t row) {
  const LinkObject& o = link.objects[object];
  const SymbolRow& symbol = o.object.symbols()[row];
  const SymbolId id = link.symbol_of(o, row);
  switch (symbol.kind) {
  case SymbolKind::Global: {
    GlobalType type;
    if (id) {
      type = global_type_of(link, link.symbols[id]);
    } else {
      const GlobalRow& global = o.object.globals()[symbol.element];
      type = {global.type, global.is_mutable != 0};
    }
    return uint64_t{static_cast<uint32_t>(type.type)} << 1 | type.is_mutable;
  }
  case SymbolKind::Tag:
    if (id) return names.type(link.symbols[id].signature);
    return names.type(o.object.tags()[symbol.element].signature);
  default: {
    if (id) return static_cast<uint64_t>(table_type_of(link, link.symbols[id]).element);
    return static_cast<uint64_t>(o.object.tables()[symbol.element].element);
  }
  }
}

LiveValue LiveValues::value(LinkObjectId object, const RelocRow& reloc, uint64_t place) const {
  const LinkObject& o = link.objects[object];
  LiveValue v;
  const RelocTarget target = traits(reloc.reloc_type()).target;
  if (target == RelocTarget::Type) {
    v.kind = LiveValue::Type;
    v.signature = o.object.types()[reloc.index];
    return v;
  }
  const auto addend = static_cast<uint64_t>(reloc.addend);
  switch (target) {
  case RelocTarget::Function: return function_value(o, reloc.index);
  case RelocTarget::TableSlot:
  case RelocTarget::TableSlotRel:
    v = function_value(o, reloc.index);
    if (v.kind == LiveValue::Missing) return v;
    if (v.kind == LiveValue::Trap) v.number = 0; // its address is null
    else if (target == RelocTarget::TableSlotRel) v.number -= link.options.table_base;
    v.kind = LiveValue::Number;
    return v;
  case RelocTarget::Address:
  case RelocTarget::AddressRel:
  case RelocTarget::TlsOffset:
    v = data_value(o, reloc.index);
    if (v.kind == LiveValue::Missing || *v.why) return v; // null
    v.number += addend;
    if (target == RelocTarget::AddressRel) v.number -= place;
    if (target == RelocTarget::TlsOffset) v.number -= thread_block;
    return v;
  case RelocTarget::Global: {
    const SymbolId id = link.symbol_of(o, reloc.index);
    if (!id || link.symbols[id].kind == SymbolKind::Global)
      return entity_value(object, reloc.index, SymbolKind::Global, globals);
    const bool is_function = link.symbols[id].kind == SymbolKind::Function;
    v = is_function ? function_value(o, reloc.index) : data_value(o, reloc.index);
    if (v.kind == LiveValue::Missing) return v;
    if (v.kind == LiveValue::Trap) v.number = 0;
    v.kind = LiveValue::Holder;
    return v;
  }
  case RelocTarget::Tag: {
    v = entity_value(object, reloc.index, SymbolKind::Tag, tags);
    const SymbolId id = link.symbol_of(o, reloc.index);
    const SymbolRow& symbol = o.object.symbols()[reloc.index];
    v.signature = id ? link.symbols[id].signature : o.object.tags()[symbol.element].signature;
    return v;
  }
  case RelocTarget::Table: {
    const SymbolId id = link.symbol_of(o, reloc.index);
    if (id && id == link.indirect_table) {
      v.kind = LiveValue::Table;
      v.number = none32; // the function table
      return v;
    }
    return entity_value(object, reloc.index, SymbolKind::Table, tables);
  }
  case RelocTarget::PassiveSegment:
    return {
        LiveValue::Missing, passive_content(o, reloc.index), {}, "is data or elements that only code names"};
  default: return {LiveValue::Missing, 0, {}, "is nothing that code of a patch can name"};
  }
}

uint64_t LiveValues::fingerprint(const LiveValue& v) const {
  const uint64_t number = v.kind == LiveValue::Type ? names.type(v.signature) : v.number;
  return number ^ static_cast<uint64_t>(v.kind) << 56;
}

std::string LiveValues::symbol_text(LinkObjectId object, uint32_t row) const {
  const LinkObject& o = link.objects[object];
  const SymbolId id = link.symbol_of(o, row);
  return std::string(id ? link.name_of(id) : o.text(o.object.symbols()[row].encoded_name));
}

bool LiveValues::data_bytes(LinkObjectId object, SegmentId segment, Vector<uint8_t>& bytes,
                            LiveReason* why) const {
  const LinkObject& o = link.objects[object];
  const SegmentRow& row = o.object.segments()[o.segment.local(segment)];
  const uint32_t size = link.size_of(segment, row);
  bytes.clear();
  if (row.data.offset != none32 && row.data.size)
    bytes.append(o.bytes.subspan(row.data.offset, std::min(size, row.data.size)));
  bytes.resize(size);
  const uint32_t base = row.data.offset - o.object.header().data_offset;
  for (const RelocRow& reloc : o.relocs(row.relocs)) {
    const uint32_t offset = reloc.offset - base;
    const LiveValue v = value(object, reloc, address[segment] + offset);
    if (v.kind != LiveValue::Number) {
      if (why) *why = {symbol_text(object, reloc.index), v.kind == LiveValue::Missing ? v.why : "is in data"};
      return false;
    }
    store_value(bytes.data() + offset, traits(reloc.reloc_type()).field, v.number);
  }
  return true;
}

uint64_t LiveValues::data_content(LinkObjectId object, SegmentId segment) const {
  Vector<uint8_t> bytes;
  // What is missing in an instance is so in every later one, until the data is another.
  if (!data_bytes(object, segment, bytes, nullptr)) bytes.push_back('?');
  return xxh3_64(bytes);
}

void LiveValues::add_fingerprints(LinkObjectId object, EncodedRelocs relocs, ByteBuffer& content) const {
  for (const RelocRow& reloc : link.objects[object].relocs(relocs)) {
    uint8_t bytes[12];
    write_le(bytes, fingerprint(value(object, reloc, 0)));
    write_le(bytes + 8, uint32_t{reloc.offset});
    content.append({bytes, sizeof bytes});
  }
}

// A patch cannot replace it, so code that names it has changed when it has.
uint64_t LiveValues::passive_content(const LinkObject& o, uint32_t row) const {
  const SegmentId segment = link.data_of(o, row).segment;
  if (!segment) return 0;
  for (const LinkObjectId id : link.object_order) {
    const LinkObject& owner = link.objects[id];
    const uint32_t local = owner.segment.local(segment);
    if (local >= owner.object.segments().size()) continue;
    const SegmentRow& data = owner.object.segments()[local];
    ByteBuffer content;
    if (data.data.size && data.data.offset != none32)
      content.append(owner.bytes.subspan(data.data.offset, data.data.size));
    add_fingerprints(id, data.relocs, content);
    return xxh3_64(content.from(0));
  }
  return 0;
}

uint64_t LiveValues::entity_content(LinkObjectId object, uint32_t row) const {
  const LinkObject& o = link.objects[object];
  const SymbolRow& symbol = o.object.symbols()[row];
  if (symbol.is_undefined()) return 0;
  ByteBuffer content;
  if (symbol.kind == SymbolKind::Global) {
    const GlobalRow& global = o.object.globals()[symbol.element];
    content.append(o.bytes.subspan(global.init.offset, global.init.size));
    add_fingerprints(object, global.relocs, content);
  } else if (symbol.kind == SymbolKind::Table) {
    add_fingerprints(object, o.object.tables()[symbol.element].relocs, content);
  } else {
    return 0;
  }
  return xxh3_64(content.from(0)) | 1;
}

LiveData LiveValues::data_of(LinkObjectId object, SegmentId segment) const {
  const LinkObject& o = link.objects[object];
  const SegmentRow& row = o.object.segments()[o.segment.local(segment)];
  LiveData data;
  data.address = address[segment];
  data.size = link.size_of(segment, row);
  data.p2align = row.p2align;
  data.kind = names.kind(segment);
  data.shape = names.shape(segment);
  data.content = data_content(object, segment);
  return data;
}

uint64_t LiveValues::function_content(LinkObjectId object, FunctionId function) const {
  ByteBuffer content;
  walk_code(
      link, object, function, MirForm::Final, [&](Bytes run) { content.append(run); },
      [&](const RelocRow& reloc) {
        uint8_t bytes[8];
        write_le(bytes, fingerprint(value(object, reloc, 0)));
        content.append({bytes, 8});
      });
  return xxh3_64(content.from(0));
}

} // namespace weld
