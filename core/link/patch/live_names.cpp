#include "core/link/patch/live_names.h"

#include "core/base/hash.h"
#include "core/wasm/type_text.h"

namespace weld {

LiveKey live_key(Bytes bytes) {
  return {xxh3_64(bytes), hash_bytes(bytes)};
}

LiveNames::LiveNames(const Link& link)
    : link_(link), object_texts_(link.objects.size()), function_definitions_(link.functions_total),
      data_definitions_(link.segments_total), function_objects_(link.functions_total),
      data_objects_(link.segments_total), functions_(link.functions_total),
      function_names_(link.functions_total), data_(link.segments_total), kinds_(link.segments_total),
      shapes_(link.segments_total) {
  // Inputs may have the same path.
  std::unordered_map<std::string, uint32_t> times;
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    std::string text = link.store.inputs[o.input].path;
    text += '\0';
    if (o.member != none32) text += std::to_string(o.member);
    text += '\0';
    text += std::to_string(times[text]++);
    object_texts_[id.row] = std::move(text);
  }
  find_definitions();
  name_functions();
  name_data();
}

void LiveNames::find_definitions() {
  for (LinkObjectId id : link_.object_order) {
    const LinkObject& o = link_.objects[id];
    const auto rows = o.object.symbols();
    for (uint32_t i = 0; i < rows.size(); i++) {
      const SymbolRow& row = rows[i];
      if (row.is_undefined() || row.element == none32) continue;
      if (row.kind != SymbolKind::Function && row.kind != SymbolKind::Data) continue;
      const SymbolId symbol = link_.bound[o.symbol(i)];
      // A name that means another object's definition is no name of this one's.
      const bool is_global = symbol && link_.symbols[symbol].state == SymbolState::Defined &&
                             link_.symbols[symbol].object == id &&
                             link_.symbols[symbol].entity == o.entity_of(row);
      if (row.kind == SymbolKind::Function) {
        Definition& known = function_definitions_[o.function(row.element)];
        if (known.row == none32 || (is_global && !known.is_global)) known = {i, is_global, 0};
        continue;
      }
      const SegmentId segment = o.segment(row.element);
      Definition& known = data_definitions_[segment];
      const bool is_first = known.row == none32 || row.value() < known.offset ||
                            (row.value() == known.offset && is_global && !known.is_global);
      if (is_first) known = {i, is_global, row.value()};
      const std::string_view name = o.text(row.encoded_name);
      if (name.starts_with(".L")) continue; // its number changes with others
      buffer_.clear();
      buffer_.append(name);
      buffer_.uleb(row.value());
      buffer_.uleb(row.size);
      shapes_[segment] += xxh3_64(buffer_.from(0)); // in any order
    }
  }
}

std::string LiveNames::name_of(const LinkObject& o, const Definition& definition) const {
  if (definition.row == none32) return {};
  const SymbolId symbol = definition.is_global ? link_.bound[o.symbol(definition.row)] : SymbolId();
  if (symbol) return std::string(link_.name_of(symbol));
  return std::string(o.text(o.object.symbols()[definition.row].encoded_name));
}

std::string LiveNames::function_text(FunctionId id) const {
  return name_of(link_.objects[function_objects_[id]], function_definitions_[id]);
}

std::string LiveNames::data_text(SegmentId id) const {
  const LinkObject& o = link_.objects[data_objects_[id]];
  std::string name = name_of(o, data_definitions_[id]);
  if (name.empty()) name = link_.text(o.object.segments()[o.segment.local(id)].name);
  return name;
}

void LiveNames::begin(SymbolKind kind, LinkObjectId object, bool is_global, std::string_view name) const {
  buffer_.clear();
  buffer_.u8(static_cast<uint8_t>(kind));
  buffer_.append(is_global ? "g" : "l");
  if (!is_global) buffer_.name(object_texts_[object.row]);
  buffer_.name(name);
}

// Of several things that have one name, the order tells which is which.
LiveKey LiveNames::unique(LiveKey key) {
  for (;;) {
    const uint32_t times = seen_[key]++;
    if (!times) return key;
    uint8_t bytes[20];
    write_le(bytes, key.first);
    write_le(bytes + 8, key.second);
    write_le(bytes + 16, times);
    key = live_key(bytes);
  }
}

uint64_t LiveNames::type(SignatureId signature) const {
  if (signature.row >= types_.size()) types_.resize(link_.store.signatures.size());
  uint64_t& hash = types_[signature.row];
  if (!hash) {
    const std::string text = signature_text(link_.store.signatures, signature);
    hash = xxh3_64(as_bytes(text)) | 1;
  }
  return hash;
}

void LiveNames::name_functions() {
  link_.for_each_function([&](LinkObjectId object, const LinkObject& o, FunctionId id, const FunctionRow&) {
    function_objects_[id] = object;
    const Definition& definition = function_definitions_[id];
    begin(SymbolKind::Function, object, definition.is_global, name_of(o, definition));
    const uint64_t type_hash = type(link_.signature_of(o, id));
    function_names_[id] = unique(live_key(buffer_.from(0)));
    uint8_t bytes[24];
    write_le(bytes, function_names_[id].first);
    write_le(bytes + 8, function_names_[id].second);
    write_le(bytes + 16, type_hash);
    functions_[id] = live_key(bytes);
  });
}

void LiveNames::name_data() {
  link_.for_each_segment([&](LinkObjectId object, const LinkObject& o, SegmentId id, const SegmentRow& row) {
    if ((row.flags & segment_flag::passive) || is_merged(id)) return;
    data_objects_[id] = object;
    const Definition& definition = data_definitions_[id];
    const std::string name = name_of(o, definition);
    const std::string_view section = link_.text(row.name);
    const bool is_constant = section.starts_with(".rodata") || section.starts_with(".data.rel.ro");
    kinds_[id] = is_constant ? LiveDataKind::Constant : LiveDataKind::Variable;
    for (std::string_view prefix : {"_ZTV", "_ZTT", "_ZTC", "_ZTI"})
      if (name.starts_with(prefix)) kinds_[id] = LiveDataKind::Shape;
    const bool is_nameless = name.empty() || name[0] == '.';
    if (is_nameless && (!is_constant || !row.relocs.count)) {
      // Compilers number these, so that an edit gives a name to something else. Constants that are equal may be one.
      begin(SymbolKind::Data, object, is_constant, is_constant ? "" : section);
      buffer_.u8(static_cast<uint8_t>(row.p2align));
      buffer_.uleb(row.data.size);
      if (row.data.size && row.data.offset != none32)
        buffer_.append(o.bytes.subspan(row.data.offset, row.data.size));
    } else {
      begin(SymbolKind::Data, object, definition.is_global, name.empty() ? section : std::string_view(name));
      buffer_.append(is_constant ? "c" : "v");
    }
    data_[id] = unique(live_key(buffer_.from(0)));
  });
}

LiveKey LiveNames::import(SymbolId id) const {
  const Symbol& s = link_.symbols[id];
  buffer_.clear();
  buffer_.append("i");
  buffer_.name(s.import_module ? link_.text(s.import_module) : default_module);
  buffer_.name(link_.text(s.import_name ? s.import_name : s.name));
  buffer_.uleb(type(s.signature));
  return live_key(buffer_.from(0));
}

LiveKey LiveNames::entity(SymbolKind kind, std::string_view name) const {
  begin(kind, {}, true, name);
  return live_key(buffer_.from(0));
}

LiveKey LiveNames::entity(SymbolKind kind, LinkObjectId object, uint32_t row) const {
  const LinkObject& o = link_.objects[object];
  if (const SymbolId symbol = link_.bound[o.symbol(row)]) return entity(kind, link_.name_of(symbol));
  begin(kind, object, false, o.text(o.object.symbols()[row].encoded_name));
  return live_key(buffer_.from(0));
}

Bytes LiveNames::piece(const LinkObject& o, SegmentId segment, uint32_t row) const {
  const SegmentRow& data = o.object.segments()[o.segment.local(segment)];
  const RowRange range = link_.segment_pieces[segment];
  const uint32_t begin = link_.pieces[row].input_offset;
  const uint32_t end =
      row + 1 < range.first + range.count ? link_.pieces[row + 1].input_offset : data.data.size;
  return o.bytes.subspan(data.data.offset + begin, end - begin);
}

} // namespace weld
