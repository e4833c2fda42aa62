// What an output consists of, collected when its metafile is wanted: items, what refers to what, whose each
// byte is. core/report/README.md has the format; core/report/ reads it.
//
// Items are numbered in ranges: what has an index in the output (functions, globals, tags, tables), types,
// data and custom sections by input, what belongs to no input, objects, and at last what was removed. What
// an input refers to then becomes an item by adding.
#pragma once

#include "core/base/vector.h"
#include "core/link/write/output_plan.h"

namespace weld {

namespace metafile {

constexpr uint64_t no_address = ~uint64_t{0};

struct Item {
  ItemKind kind = ItemKind::Section;
  LinkObjectId object;           // none: the linker
  std::string_view name;         // a type's is made when it is written
  uint32_t segment = none32;     // data: of the output
  uint32_t slot = none32;        // function: its first one in the table
  uint64_t address = no_address; // data
  uint64_t size = 0;             // of a body with its size field, of data in memory, ...
};

// A run of bytes of the output, or before that of the memory, that belongs to an item.
struct Extent {
  uint32_t item;
  uint64_t size;
  uint64_t address = 0;
};

// A symbol that is not simply the item's name.
struct NamedPart {
  std::string_view name;
  uint32_t item;
  uint64_t offset, size;
};

// Between items: one refers to the other.
struct Edge {
  uint32_t from, to;
  bool operator==(const Edge&) const = default;
  bool operator<(const Edge& other) const { return from != other.from ? from < other.from : to < other.to; }
};

struct Root {
  uint32_t item;
  RootReason reason;
  std::string_view name; // the symbol
};

} // namespace metafile

class Metafile {
protected:
  using Edge = metafile::Edge;
  using Extent = metafile::Extent;
  using Item = metafile::Item;
  using NamedPart = metafile::NamedPart;
  using Root = metafile::Root;
  static constexpr uint64_t no_address = metafile::no_address;

  Metafile(const Link& link, const OutputPlan& plan) : link_(link), plan_(plan) {}
  void collect();

  std::string_view text(StringId id) const { return id ? link_.store.strings.text(id) : std::string_view(); }
  uint32_t add(ItemKind kind, std::string_view name, LinkObjectId object = {}, uint64_t size = 0);
  uint32_t next() const { return static_cast<uint32_t>(items_.size()); }

  // --- metafile_items.cpp
  void number_items();
  void add_imports(SymbolKind kind, bool are_memories = false);
  void number_functions();
  static std::string_view name_of(const LinkObject& o, const FunctionRow& row);
  void number_globals();
  void number_tags_and_tables();
  void number_data();
  void number_custom_sections();
  std::string_view title_of(const OutSection& section) const;
  void number_objects();
  void number_removed();
  void name_data();

  // --- metafile_graph.cpp: what refers to what, and what is a root
  uint32_t function_item(FunctionId id) const;
  // The output numbers functions, globals, tags, tables and types as items are numbered, from their base on.
  uint32_t item_or_none(uint32_t base, uint32_t index) const {
    return index == none32 ? none32 : base + index;
  }
  uint32_t item_of(OutFunctionIndex index) const { return index.value; }
  uint32_t item_of(OutGlobalIndex index) const { return item_or_none(globals_, index.value); }
  uint32_t item_of(OutTagIndex index) const { return item_or_none(tags_, index.value); }
  // A memory of a unit; the linker's is number 0.
  uint32_t item_of(OutTableIndex index, bool is_memory) const {
    return is_memory ? item_or_none(memories_ - 1, index.value) : item_or_none(tables_, index.value);
  }
  uint32_t item_of_table(const LinkObject& o, uint32_t row) const {
    return item_of(link_.table_index[o.table(row)], o.object.tables()[row].is_memory());
  }
  uint32_t item_of(SymbolId id) const;
  uint32_t item_of(const LinkObject& o, uint32_t row_index) const;
  void put_edge(uint32_t from, uint32_t to) { edges_.push_back({from, to}); }
  // What was removed has edges only to what was removed: the rest is there anyway.
  void add_edge(uint32_t from, uint32_t to) {
    if (from == none32 || to == none32 || from == to || (from >= live_ && to < live_)) return;
    put_edge(from, to);
  }
  template <class Refs>
  void add_references(uint32_t from, LinkObjectId id, const Refs& refs);
  void collect_edges();
  uint32_t type_item(SignatureId id) const {
    return id.row < link_.type_of_signature.size() ? item_or_none(types_, link_.type_of_signature[id.row])
                                                   : none32;
  }
  void add_implicit(LinkObjectId id);
  void add_synthetic_edges();
  void collect_roots();

  // --- metafile_strings.cpp: whose the bytes of merged strings are
  void number_strings();
  LinkObjectId owner_of_segment(SegmentId id) const;
  void claim(std::span<const OutChunk> chunks, uint64_t base, uint32_t item, uint32_t& shared, StringId name,
             Bytes object, ByteRange data, RowRange pieces);

  // --- metafile_layout.cpp: whose each byte is
  void put(uint32_t item, uint64_t size);
  void lay_out();
  void put_entries(const OutSection& section, uint32_t frame);
  static uint32_t section_end(const OutSection& section);
  uint32_t item_of(const Export& e) const;
  void put_code(const OutSection& section, uint32_t frame);
  uint32_t item_of_data(const OutChunk& chunk) const { return segment_items_[chunk.segment()]; }
  uint32_t item_of_custom(const OutChunk& chunk) const {
    return chunk.is_of_unit() ? unit_items_[chunk.unit_section()] : custom_items_[chunk.custom_section()];
  }
  void add_extents(std::span<const OutChunk> chunks, uint64_t size, uint64_t address,
                   uint32_t (Metafile::*item_of_chunk)(const OutChunk&) const);
  uint32_t item_of(const PassiveSegment& segment) const;
  void put_data(const OutSection& section, uint32_t frame);
  void put_segments(const OutSection& section, uint32_t frame);
  void put_runs(const OutSection& section, uint32_t frame);
  void put_custom(const OutSection& section, uint32_t frame);

  const Link& link_;
  const OutputPlan& plan_;
  // Where ranges of items begin: functions at 0. Rows of a range are numbered as in the output.
  Vector<Item> items_;
  uint32_t globals_ = 0, tags_ = 0, tables_ = 0, types_ = 0, sections_ = 0;
  uint32_t memory_ = none32; // its import
  uint32_t memories_ = 0;    // those of units
  uint32_t header_ = 0, padding_ = 0;
  uint32_t live_ = 0; // items from here on were removed
  // Items, or none32:
  Column<SegmentId, uint32_t> segment_items_;
  Column<CustomSectionId, uint32_t> custom_items_;
  Column<UnitSectionId, uint32_t> unit_items_;
  Column<FunctionId, uint32_t> removed_functions_;
  Column<LinkObjectId, uint32_t> object_items_;
  Table<MergedStringsId, Vector<uint32_t>> blobs_; // of each byte of merged strings
  Vector<NamedPart> parts_;                        // by item
  Vector<Edge> edges_;                             // sorted, each once
  Vector<Root> roots_;
  Vector<Extent> layout_; // of the output, from the first byte to the last
  uint64_t laid_out_ = 0; // bytes of it
  size_t entry_ = 0;      // in plan.entries
  Vector<Extent> extents_;
};

} // namespace weld
