// Numbers what the output consists of, and what was removed.
#include "core/link/metafile/metafile.h"

#include <algorithm>

namespace weld {

static constexpr std::string_view section_names[] = {"custom", "type",   "import",    "function", "table",
                                                     "memory", "global", "export",    "start",    "elem",
                                                     "code",   "data",   "datacount", "tag"};

void Metafile::collect() {
  number_items();
  name_data();
  collect_edges();
  collect_roots();
  lay_out();
}

uint32_t Metafile::add(ItemKind kind, std::string_view name, LinkObjectId object, uint64_t size) {
  Item item;
  item.kind = kind;
  item.name = name;
  item.object = object;
  item.size = size;
  items_.push_back(item);
  return next() - 1;
}

void Metafile::number_items() {
  number_functions();
  number_globals();
  number_tags_and_tables();
  types_ = next();
  for (SignatureId id : link_.types) {
    ByteBuffer encoded;
    encode_type(link_, id, encoded);
    add(ItemKind::Type, {}, {}, encoded.size());
  }
  if (link_.options.import_memory) memory_ = add(ItemKind::Import, link_.options.import_memory->second);
  number_data();
  number_custom_sections();
  number_strings();
  sections_ = next();
  for (const OutSection& section : plan_.sections) add(ItemKind::Section, title_of(section));
  header_ = add(ItemKind::Section, "header");
  padding_ = add(ItemKind::Padding, "padding");
  number_objects();
  live_ = next();
  number_removed();
}

// Rows of imports of a kind come in the order of their indices.
void Metafile::add_imports(SymbolKind kind, bool are_memories) {
  for (SymbolId id : link_.imports)
    if (link_.symbols[id].kind == kind && link_.is_memory(id) == are_memories)
      add(ItemKind::Import, link_.name_of(id));
}

void Metafile::number_functions() {
  add_imports(SymbolKind::Function);
  for (const OutFunction& f : link_.functions) {
    if (!f.object) {
      const SyntheticFunctionId id = f.function.synthetic();
      const SyntheticFunction& synthetic = link_.synthetic_functions[id];
      uint32_t item =
          add(ItemKind::Function, link_.text(synthetic.debug_name ? synthetic.debug_name : synthetic.name),
              {}, link_.synthetic_bodies[id].count);
      items_[item].slot = link_.table_slot_of(id).value;
      continue;
    }
    const LinkObject& o = link_.objects[f.object];
    const FunctionRow& row = link_.row_of(f);
    uint32_t item = add(ItemKind::Function, name_of(o, row), f.object);
    items_[item].slot = link_.function_slot[f.function.id()].value;
  }
}

std::string_view Metafile::name_of(const LinkObject& o, const FunctionRow& row) {
  if (row.name) return o.text(row.name);
  return row.debug_name ? o.text(row.debug_name) : std::string_view();
}

// Imports of globals and of addresses are numbered together.
void Metafile::number_globals() {
  globals_ = next();
  items_.resize(globals_ + link_.imported_globals);
  auto import = [&](uint32_t index, SymbolId id) {
    items_[globals_ + index].kind = ItemKind::Import;
    items_[globals_ + index].name = link_.name_of(id);
  };
  for (SymbolId id : link_.imports)
    if (link_.symbols[id].kind == SymbolKind::Global) import(link_.needs(id).import_index, id);
  for (SymbolId id : link_.got_imports) import(link_.got_index[id].value, id);
  for (const OutGlobal& g : link_.globals) add(ItemKind::Global, link_.name_of_global(g), g.object);
  for (const auto* addresses : {&link_.internal_got, &link_.data_address_globals})
    for (SymbolId id : *addresses) add(ItemKind::Global, link_.name_of(id));
}

void Metafile::number_tags_and_tables() {
  tags_ = next();
  add_imports(SymbolKind::Tag);
  for (const OutTag& t : link_.tags) {
    const LinkObject& o = link_.objects[t.object];
    add(ItemKind::Tag, o.text(o.object.tags()[o.tag.local(t.tag)].name), t.object);
  }
  tables_ = next();
  add_imports(SymbolKind::Table);
  for (const OutTable& t : link_.tables) {
    if (!t.object) {
      add(ItemKind::Table, function_table_name);
      continue;
    }
    const LinkObject& o = link_.objects[t.object];
    add(ItemKind::Table, o.text(o.object.tables()[o.table.local(t.table.id())].name), t.object);
  }
  memories_ = next();
  add_imports(SymbolKind::Table, true);
  for (const OutTable& t : link_.memories) {
    const LinkObject& o = link_.objects[t.object];
    add(ItemKind::Table, o.text(o.object.tables()[o.table.local(t.table.id())].name), t.object);
  }
}

void Metafile::number_data() {
  segment_items_.assign(link_.segments_total, none32);
  link_.for_each_segment([&](LinkObjectId object, const LinkObject&, SegmentId id, const SegmentRow& row) {
    if (link_.folded_segment(id) != id) return;
    // Merged strings count where they are found to be only one segment's.
    const uint64_t size = link_.segment_pieces[id].count ? 0 : link_.size_of(id, row);
    const uint32_t item = add(ItemKind::Data, text(row.name), object, size);
    segment_items_[id] = item;
    OutSegmentId out = link_.segment_out[id];
    if (!out) return;
    items_[item].segment = out.row;
    items_[item].address = link_.segments[out].address + link_.offset_in_out_segment(id, 0);
  });
  for (SegmentId id(0); id.row < segment_items_.size(); id.row++)
    if (link_.folded_segment(id) != id) segment_items_[id] = segment_items_[link_.folded_segment(id)];
}

void Metafile::number_custom_sections() {
  custom_items_.assign(link_.custom_sections_total, none32);
  auto add_chunk = [&](LinkObjectId object, CustomSectionId id, uint64_t size) {
    const LinkObject& o = link_.objects[object];
    custom_items_[id] = add(ItemKind::Custom,
                            text(o.object.custom_sections()[o.custom_section.local(id)].name), object, size);
  };
  unit_items_.assign(link_.unit_sections.size(), none32);
  for (const OutCustomSection& section : link_.custom_sections)
    for (const OutChunk& chunk : section.chunks) {
      if (chunk.is_of_unit())
        unit_items_[chunk.unit_section()] =
            add(ItemKind::Custom, text(section.name), chunk.object, chunk.size);
      else if (chunk.object) add_chunk(chunk.object, chunk.custom_section(), chunk.size);
    }
  for (LinkObjectId id : link_.object_order) {
    const LinkObject& o = link_.objects[id];
    for (uint32_t i = 0; i < o.object.custom_sections().size(); i++)
      if (link_.custom_pieces[o.custom_section(i)].count) add_chunk(id, o.custom_section(i), 0);
  }
}

std::string_view Metafile::title_of(const OutSection& section) const {
  if (section.kind != SectionKind::Custom) return section_names[static_cast<size_t>(section.kind)];
  return text_of(plan_.encoded.from(0), {section.encoded.first});
}

// An object with constructors or retained data keeps them alive as soon as something of it is.
void Metafile::number_objects() {
  object_items_.assign(link_.objects.size(), none32);
  for (LinkObjectId id : link_.object_order) {
    const LinkObject& o = link_.objects[id];
    bool has_implicit = !o.object.init_functions().empty();
    for (const SegmentRow& segment : o.object.segments())
      has_implicit |= (segment.flags & segment_flag::retain) != 0;
    if (has_implicit) object_items_[id] = add(ItemKind::Object, {}, id);
  }
}

// What lost to another object's comdat group is not missing.
void Metafile::number_removed() {
  removed_functions_.assign(link_.functions_total, none32);
  for (LinkObjectId id : link_.object_order) {
    const LinkObject& o = link_.objects[id];
    auto functions = o.object.functions();
    for (uint32_t i = 0; i < functions.size(); i++)
      if (!link_.function_live[o.function(i)] && !link_.function_is_discarded(o.function(i)))
        removed_functions_[o.function(i)] =
            add(ItemKind::Function, name_of(o, functions[i]), id, functions[i].size);
    auto segments = o.object.segments();
    for (uint32_t i = 0; i < segments.size(); i++)
      if (!link_.segment_live[o.segment(i)] && !link_.segment_is_discarded(o.segment(i)))
        segment_items_[o.segment(i)] = add(ItemKind::Data, text(segments[i].name), id, segments[i].data.size);
  }
}

void Metafile::name_data() {
  for (LinkObjectId id : link_.object_order) {
    const LinkObject& o = link_.objects[id];
    auto rows = o.object.symbols();
    for (uint32_t i = 0; i < rows.size(); i++) {
      const SymbolRow& row = rows[i];
      if (row.is_undefined() || row.element == none32) continue;
      std::string_view name = o.text(row.encoded_name);
      if (row.kind == SymbolKind::Data) {
        uint32_t item = segment_items_[o.segment(row.element)];
        if (item != none32) parts_.push_back({name, item, row.value(), row.size});
      } else if (row.kind == SymbolKind::Function) {
        uint32_t item = function_item(o.function(row.element));
        if (item != none32 && items_[item].name != name) parts_.push_back({name, item, 0, 0});
      }
    }
  }
  // By item, and otherwise in the order in which they were found.
  Vector<uint64_t> order;
  for (const NamedPart& part : parts_) order.push_back(uint64_t{part.item} << 32 | order.size());
  std::sort(order.begin(), order.end());
  Vector<NamedPart> kept;
  for (size_t i = 0, end; i < order.size(); i = end) {
    const NamedPart& first = parts_[static_cast<uint32_t>(order[i])];
    bool is_one = items_[first.item].kind == ItemKind::Data; // a segment of one variable has its name
    for (end = i; end < order.size() && order[end] >> 32 == first.item; end++)
      is_one &= parts_[static_cast<uint32_t>(order[end])].offset == first.offset;
    if (is_one) items_[first.item].name = first.name;
    for (size_t k = i + is_one; k < end; k++) kept.push_back(parts_[static_cast<uint32_t>(order[k])]);
  }
  parts_ = std::move(kept);
}

} // namespace weld
