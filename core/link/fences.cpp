#include "core/link/fences.h"

#include "core/base/hash.h"
#include "core/link/resolve/late_names.h"

namespace weld {

namespace {

class Hasher {
public:
  template <class Row>
  void rows(const Row* first, size_t count) {
    static_assert(std::is_trivially_copyable_v<Row>);
    add(count);
    if (count) add(xxh3_64(Bytes(reinterpret_cast<const uint8_t*>(first), count * sizeof(Row))));
  }
  template <class Row>
  void add_all(const Vector<Row>& column) {
    rows(column.data(), column.size());
  }
  template <class... Columns>
  void columns(const Columns&... all) {
    (add_all(all), ...);
  }
  template <class Row>
  void row(const Row& row) {
    rows(&row, 1);
  }
  void text(std::string_view text) { add(xxh3_64(as_bytes(text))); }
  void add(uint64_t value) { hash_ = (hash_ ^ value) * 0x9e3779b97f4a7c15 + 1; }
  uint64_t result() const { return hash_; }

private:
  uint64_t hash_ = 0;
};

} // namespace

uint64_t Fences::hash(const Resolved& names, const Extent& extent) {
  Hasher h;
  for (uint32_t row = 0; row < extent.symbols; row++)
    if (const SymbolId id(row); !is_defined_late(names.name_of(id))) h.row(names.symbols[id]);
  h.rows(names.symbol_order.data(), extent.names);
  h.rows(names.objects.data(), names.objects.size());
  for (SyntheticFunctionId id(0); id.row < extent.functions; id.row++) {
    const SyntheticFunction& function = names.synthetic_functions[id];
    h.add(function.name.row);
    h.add(function.debug_name.row);
    h.add(function.signature.row);
    h.add(function.wraps.row);
  }
  for (SyntheticGlobalId id(0); id.row < extent.globals; id.row++) h.text(names.synthetic_globals[id].name);
  h.row(names.known);
  h.columns(names.object_order, names.libraries, names.bound, names.weak_traps, names.function_discarded,
            names.segment_discarded, names.custom_discarded);
  return h.result();
}

uint64_t Fences::hash(const Liveness& live) {
  Hasher h;
  h.columns(live.function_live, live.segment_live, live.global_live, live.tag_live, live.table_live,
            live.symbol_live, live.object_live, live.synthetic_function_live, live.synthetic_global_live,
            live.gc_roots, live.symbol_holder, live.function_holder, live.segment_holder);
  return h.result();
}

uint64_t Fences::hash(const Layout& layout) {
  Hasher h;
  h.columns(layout.passive_data, layout.passive_elements, layout.segment_folded_into, layout.segment_out,
            layout.segment_offset, layout.passive_number, layout.segment_pieces, layout.pieces, layout.places,
            layout.global_values, layout.features);
  for (const OutSegment& segment : layout.segments) {
    h.add_all(segment.chunks);
    h.add(segment.name.row);
    h.add(segment.size);
    h.add(segment.address);
    h.add(segment.flags);
    h.add(segment.p2align);
  }
  for (const MergedStrings& merged : layout.merged_strings) h.add(xxh3_64(merged.bytes.from(0)));
  for (uint64_t value : {layout.memory_pages, layout.max_memory_pages, layout.static_data_size}) h.add(value);
  h.add(layout.emit_bss);
  h.add(layout.extended_const);
  return h.result();
}

uint64_t Fences::hash(const Needs& needs, const Reduction& reduction, const Indices& indices) {
  Hasher h;
  h.columns(needs.imports, needs.got_imports, needs.of_symbol, needs.promoted, needs.internal_got,
            needs.table_functions, needs.table_function_symbols, needs.function_slot,
            needs.synthetic_function_slot, needs.types, needs.type_of_signature);
  h.row(needs.table_limits);
  h.columns(reduction.folded_into, reduction.function_signature, reduction.function_edits,
            reduction.code_edits);
  h.columns(indices.function_index, indices.global_index, indices.tag_index, indices.table_index,
            indices.synthetic_function_index, indices.synthetic_global_index, indices.functions,
            indices.globals, indices.tags, indices.tables, indices.memories, indices.got_index,
            indices.init_functions, indices.wrappers, indices.wrapped_exports, indices.exported_symbols,
            indices.data_address_globals, indices.live_stubs, indices.live_index);
  h.row(indices.init);
  for (const Export& e : indices.exports) {
    h.text(e.name);
    h.add(e.index);
  }
  return h.result();
}

void Fences::freeze(const Resolved& names) {
  extent_ = {names.symbols.size(), static_cast<uint32_t>(names.symbol_order.size()),
             static_cast<uint32_t>(names.synthetic_functions.size()),
             static_cast<uint32_t>(names.synthetic_globals.size())};
  names_ = hash(names, extent_);
}

void Fences::freeze(const Liveness& live) {
  live_ = hash(live);
}

void Fences::freeze(const Layout& layout) {
  layout_ = hash(layout);
}

void Fences::freeze(const Needs& needs, const Reduction& reduction, const Indices& indices) {
  indices_ = hash(needs, reduction, indices);
}

const char* Fences::broken(const Link& link) const {
  if (names_ && *names_ != hash(static_cast<const Resolved&>(link), extent_)) return "what names mean";
  if (live_ && *live_ != hash(static_cast<const Liveness&>(link))) return "what is alive";
  if (layout_ && *layout_ != hash(static_cast<const Layout&>(link))) return "addresses";
  if (indices_ && *indices_ != hash(link, link, link)) return "indices";
  return nullptr;
}

} // namespace weld
