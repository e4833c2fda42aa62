// What refers to what, and what is a root.
#include "core/link/metafile/metafile.h"

#include <algorithm>

namespace weld {

uint32_t Metafile::function_item(FunctionId id) const {
  const OutFunctionIndex index = link_.function_index[id];
  return index ? item_of(index) : removed_functions_[id];
}

uint32_t Metafile::item_of(SymbolId id) const {
  const Symbol& s = link_.symbols[id];
  switch (s.kind) {
  case SymbolKind::Function: {
    if (const OutFunctionIndex index = link_.function_index_of(id)) return item_of(index);
    if (s.state == SymbolState::Defined && !s.entity.is_none() && !s.entity.is_synthetic())
      return removed_functions_[s.function().id()];
    break;
  }
  case SymbolKind::Data:
    if (s.state == SymbolState::Defined && !s.entity.is_none()) return segment_items_[s.segment()];
    break;
  case SymbolKind::Global: return item_of(link_.global_index_of(id));
  case SymbolKind::Tag: return item_of(link_.tag_index_of(id));
  case SymbolKind::Table: return item_of(link_.table_number_of(id), link_.is_memory(id));
  case SymbolKind::Section: return none32;
  }
  return item_of(link_.got_index[id]);
}

uint32_t Metafile::item_of(const LinkObject& o, uint32_t row_index) const {
  if (SymbolId id = link_.bound[o.symbol(row_index)]) return item_of(id);
  const SymbolRow& row = o.object.symbols()[row_index];
  if (row.is_undefined() || row.element == none32) return none32;
  switch (row.kind) {
  case SymbolKind::Function: return function_item(o.function(row.element));
  case SymbolKind::Data: return segment_items_[o.segment(row.element)];
  case SymbolKind::Global: return item_of(link_.global_index[o.global(row.element)]);
  case SymbolKind::Tag: return item_of(link_.tag_index[o.tag(row.element)]);
  case SymbolKind::Table: return item_of_table(o, row.element);
  case SymbolKind::Section: break;
  }
  return none32;
}

template <class Refs>
void Metafile::add_references(uint32_t from, LinkObjectId id, const Refs& refs) {
  const LinkObject& o = link_.objects[id];
  for (const RelocRow& reloc : refs) {
    RelocTarget target = traits(reloc.reloc_type()).target;
    if (target == RelocTarget::Type) {
      add_edge(from, type_item(o.object.types()[reloc.index]));
      continue;
    }
    SymbolId symbol = link_.symbol_of(o, reloc.index);
    if (target == RelocTarget::TableSlot && symbol && link_.is_trap(symbol)) continue; // null
    // Whoever takes an address needs the table, whether its object says so or not.
    const bool takes_slot = target == RelocTarget::TableSlot || target == RelocTarget::TableSlotRel;
    if (takes_slot && link_.indirect_table) add_edge(from, item_of(link_.indirect_table));
    if (target == RelocTarget::Global && symbol) add_edge(from, item_of(link_.got_index[symbol]));
    add_edge(from, item_of(o, reloc.index));
  }
}

void Metafile::collect_edges() {
  for (const LiveStub& stub : link_.live_stubs)
    add_edge(item_of(link_.function_index_of(stub.stub)), function_item(stub.function));
  for (LinkObjectId id : link_.object_order) {
    const LinkObject& o = link_.objects[id];
    auto functions = o.object.functions();
    for (uint32_t i = 0; i < functions.size(); i++)
      if (uint32_t item = function_item(o.function(i)); item != none32)
        add_references(item, id, o.relocs(functions[i]));
    auto segments = o.object.segments();
    for (uint32_t i = 0; i < segments.size(); i++)
      if (uint32_t item = segment_items_[o.segment(i)]; item != none32)
        add_references(item, id, o.relocs(segments[i].relocs));
    auto globals = o.object.globals();
    for (uint32_t i = 0; i < globals.size(); i++)
      if (uint32_t item = item_of(link_.global_index[o.global(i)]); item != none32)
        add_references(item, id, o.relocs(globals[i].relocs));
    auto tables = o.object.tables();
    for (uint32_t i = 0; i < tables.size(); i++)
      if (uint32_t item = item_of_table(o, i); item != none32)
        add_references(item, id, o.relocs(tables[i].relocs));
    add_implicit(id);
  }
  uint32_t item = link_.imported_functions;
  for (const OutFunction& function : link_.functions)
    add_edge(item++, type_item(link_.signature_of(function)));
  for (uint32_t i = 0; i < link_.tags.size(); i++)
    add_edge(tags_ + link_.imported_tags + i, type_item(link_.signature_of(link_.tags[i])));
  for (SymbolId id : link_.imports) {
    const Symbol& s = link_.symbols[id];
    if (s.kind == SymbolKind::Function) add_edge(link_.needs(id).import_index, type_item(s.signature));
    if (s.kind == SymbolKind::Tag) add_edge(tags_ + link_.needs(id).import_index, type_item(s.signature));
  }
  for (SymbolId id : link_.internal_got) add_edge(item_of(link_.got_index[id]), item_of(id));
  for (uint32_t i = 0; i < link_.data_address_globals.size(); i++)
    add_edge(item_of(link_.next_global) + i, item_of(link_.data_address_globals[i]));
  add_synthetic_edges();
  std::sort(edges_.begin(), edges_.end());
  edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
}

// Whatever is alive of an object wakes its constructors and retained data.
void Metafile::add_implicit(LinkObjectId id) {
  const uint32_t object = object_items_[id];
  if (object == none32) return;
  const LinkObject& o = link_.objects[id];
  for (uint32_t i = 0; i < o.object.functions().size(); i++)
    add_edge(item_of(link_.function_index[o.function(i)]), object);
  for (uint32_t i = 0; i < o.object.segments().size(); i++)
    if (uint32_t item = segment_items_[o.segment(i)]; item != none32 && item < live_) add_edge(item, object);
  auto entities = [&](size_t count, auto numbered, const auto& index) {
    for (uint32_t i = 0; i < count; i++) add_edge(item_of(index[numbered(i)]), object);
  };
  entities(o.object.globals().size(), o.global, link_.global_index);
  entities(o.object.tags().size(), o.tag, link_.tag_index);
  for (uint32_t i = 0; i < o.object.tables().size(); i++) add_edge(item_of_table(o, i), object);

  for (const InitFunctionRow& init : o.object.init_functions()) {
    if (!link_.constructor_of(o, init).is_live) continue;
    uint32_t item = item_of(o, init.symbol);
    if (item == none32 || item >= live_) continue;
    add_edge(object, item);
    if (link_.known.call_ctors) add_edge(item, item_of(link_.known.call_ctors));
  }
  auto segments = o.object.segments();
  for (uint32_t i = 0; i < segments.size(); i++)
    if (segments[i].flags & segment_flag::retain) add_edge(object, segment_items_[o.segment(i)]);
}

// A command's exports call constructors and destructors: these are why there are wrappers.
void Metafile::add_synthetic_edges() {
  for (uint32_t i = 0; i < link_.functions.size(); i++) {
    if (link_.functions[i].object) continue;
    const SyntheticFunction& f = link_.synthetic_functions[link_.functions[i].function.synthetic()];
    if (!f.wraps) continue;
    const uint32_t item = link_.imported_functions + i;
    auto wraps = [&](SymbolId id, bool is_reason) {
      if (!id) return;
      const uint32_t wrapped = item_of(id);
      add_edge(item, wrapped);
      if (is_reason && wrapped < live_) put_edge(wrapped, item);
    };
    const std::string_view name = link_.text(f.name);
    wraps(link_.find(name.substr(0, name.size() - command_export_suffix.size())), false);
    wraps(link_.known.call_ctors, true);
    wraps(link_.call_dtors, true);
  }
}

void Metafile::collect_roots() {
  for (const GcRoot& root : link_.gc_roots) {
    if (root.reason == RootReason::Input) {
      if (const uint32_t item = object_items_[root.object]; item != none32)
        roots_.push_back({item, root.reason, {}});
      continue;
    }
    uint32_t item = item_of(root.symbol);
    if (item != none32 && item < live_) roots_.push_back({item, root.reason, link_.name_of(root.symbol)});
  }
  Vector<uint8_t> is_wanted(items_.size());
  for (const Edge& edge : edges_) is_wanted[edge.to] = true;
  for (const Root& root : roots_) is_wanted[root.item] = true;
  auto add = [&](uint32_t item, RootReason reason, std::string_view name) {
    if (!is_wanted[item]) roots_.push_back({item, reason, name});
    is_wanted[item] = true;
  };
  // Addresses of data.
  for (const Export& e : link_.exports)
    if (uint32_t item = item_of(e); item != none32) add(item, RootReason::Export, e.name);
  // What nothing refers to is there because the linker wants it.
  for (uint32_t item = 0; item < live_; item++) {
    const ItemKind kind = items_[item].kind;
    if (!items_[item].object && (kind < ItemKind::Type && kind != ItemKind::Custom))
      add(item, RootReason::Linker, {});
  }
}

} // namespace weld
