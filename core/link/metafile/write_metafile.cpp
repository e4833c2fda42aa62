// The text of a metafile.
#include "core/base/json.h"
#include "core/link/metafile/metafile.h"
#include "core/wasm/type_text.h"

#include <algorithm>

namespace weld {

namespace {

constexpr std::string_view external_names[] = {"function", "table", "memory", "global", "tag"};

class MetafileWriter final : Metafile {
public:
  MetafileWriter(const Link& link, const OutputPlan& plan) : Metafile(link, plan) {}

  void run(std::string& out) {
    collect();
    write();
    out = json_.take();
  }

private:
  // Tables are objects of columns. Each column: its table, its name, what writes row `i` of it.
#define WELD_COLUMNS(WELD_COLUMN)                                                                            \
  WELD_COLUMN(sections, id, number(static_cast<uint64_t>(plan_.sections[i].kind)))                           \
  WELD_COLUMN(sections, name, string(title_of(plan_.sections[i])))                                           \
  WELD_COLUMN(sections, offset, number(plan_.sections[i].offset))                                            \
  WELD_COLUMN(sections, size, number(plan_.sections[i].payload_size))                                        \
  WELD_COLUMN(inputs, path, string(location_of(i).input))                                                    \
  WELD_COLUMN(inputs, member, string(location_of(i).member))                                                 \
  WELD_COLUMN(inputs, neededBy, string(extracted(i) ? std::string_view(extracted(i)->reference) : ""))       \
  WELD_COLUMN(inputs, symbol, string(extracted(i) ? link_.name_of(extracted(i)->symbol) : ""))               \
  WELD_COLUMN(items, kind, number(static_cast<uint64_t>(items_[i].kind)))                                    \
  WELD_COLUMN(items, name, name_of_item(i))                                                                  \
  WELD_COLUMN(items, input, row(items_[i].object ? input_rows_[items_[i].object.row] : none32))              \
  WELD_COLUMN(items, size, number(items_[i].size))                                                           \
  WELD_COLUMN(items, segment, row(items_[i].segment))                                                        \
  WELD_COLUMN(items, address, json_.signed_number(static_cast<int64_t>(items_[i].address)))                  \
  WELD_COLUMN(items, slot, row(items_[i].slot))                                                              \
  WELD_COLUMN(symbols, name, string(parts_[i].name))                                                         \
  WELD_COLUMN(symbols, item, number(parts_[i].item))                                                         \
  WELD_COLUMN(symbols, offset, number(parts_[i].offset))                                                     \
  WELD_COLUMN(symbols, size, number(parts_[i].size))                                                         \
  WELD_COLUMN(roots, item, number(roots_[i].item))                                                           \
  WELD_COLUMN(roots, reason, string(root_reason_names[static_cast<size_t>(roots_[i].reason)]))               \
  WELD_COLUMN(roots, symbol, string(roots_[i].name))                                                         \
  WELD_COLUMN(layout, item, number(layout_[i].item))                                                         \
  WELD_COLUMN(layout, size, number(layout_[i].size))                                                         \
  WELD_COLUMN(imports, module, string(import_row(i).module))                                                 \
  WELD_COLUMN(imports, name, string(import_row(i).name))                                                     \
  WELD_COLUMN(imports, kind, string(import_row(i).kind))                                                     \
  WELD_COLUMN(imports, type, string(import_row(i).type))                                                     \
  WELD_COLUMN(imports, item, number(import_row(i).item))                                                     \
  WELD_COLUMN(exports, name, string(link_.exports[i].name))                                                  \
  WELD_COLUMN(exports, kind, string(external_names[static_cast<size_t>(link_.exports[i].kind)]))             \
  WELD_COLUMN(exports, item, row(item_of(link_.exports[i])))                                                 \
  WELD_COLUMN(segments, name, string(text(segment(i).name)))                                                 \
  WELD_COLUMN(segments, kind, string(segment(i).is_tls ? "tls" : segment(i).is_bss ? "zeros" : "data"))      \
  WELD_COLUMN(segments, address, number(segment(i).address))                                                 \
  WELD_COLUMN(segments, size, number(segment(i).size))

  enum class Column : uint8_t {
#define WELD_COLUMN(table, name, write) table##_##name,
    WELD_COLUMNS(WELD_COLUMN)
#undef WELD_COLUMN
  };

  void cell(Column column, uint32_t i) {
    switch (column) {
#define WELD_COLUMN(table, name, write)                                                                      \
  case Column::table##_##name: return write;
      WELD_COLUMNS(WELD_COLUMN)
#undef WELD_COLUMN
    }
  }

  void columns(std::string_view of_table, size_t rows) {
    struct Names {
      std::string_view table, name;
    };
    static constexpr Names names[] = {
#define WELD_COLUMN(table, name, write) {#table, #name},
        WELD_COLUMNS(WELD_COLUMN)
#undef WELD_COLUMN
    };
    for (size_t column = 0; column < std::size(names); column++) {
      if (names[column].table != of_table) continue;
      json_.open(names[column].name, '[');
      for (uint32_t i = 0; i < rows; i++) cell(static_cast<Column>(column), i);
      json_.close(']');
    }
  }

  void table(std::string_view name, size_t rows) {
    json_.open(name, '{');
    columns(name, rows);
    json_.close('}');
  }

  void number(uint64_t value) {
    json_.number(value);
  }

  void string(std::string_view value) {
    json_.text(value);
  }

  // A row of another table, or -1.
  void row(uint32_t value) {
    json_.signed_number(value == none32 ? -1 : int64_t{value});
  }

  void region(std::string_view key, uint64_t address, uint64_t end) {
    json_.open(key, '{');
    json_.field("address", address);
    json_.field("size", end > address ? end - address : 0);
    json_.close('}');
  }

  const OutSegment& segment(uint32_t i) const {
    return link_.segments[OutSegmentId(i)];
  }

  Location location_of(uint32_t i) const {
    return link_.location_of(link_.object_order[i]);
  }

  const WhyExtract* extracted(uint32_t i) const {
    return extracted_[link_.object_order[i].row];
  }

  void name_of_item(uint32_t i) {
    if (items_[i].kind != ItemKind::Type) return json_.text(items_[i].name);
    json_.text(signature_text(link_.store.signatures, link_.types[i - types_]));
  }

  void write() {
    const Options& o = link_.options;
    extracted_.resize(link_.objects.size());
    for (const WhyExtract& why : link_.why_extract) extracted_[why.extracted.row] = &why;
    input_rows_.resize(link_.objects.size(), none32);
    for (uint32_t i = 0; i < link_.object_order.size(); i++) input_rows_[link_.object_order[i].row] = i;

    json_.open('{');
    json_.field("format", "weld-metafile");
    json_.field("version", 1);
    json_.open("output", '{');
    json_.field("name", o.output_name);
    json_.field("kind", o.relocatable ? "relocatable" : o.shared ? "shared" : o.pie ? "pie" : "executable");
    json_.field("size", plan_.size);
    json_.flag("gc", o.gc());
    table("sections", plan_.sections.size());
    json_.close('}');
    table("inputs", link_.object_order.size());
    json_.open("items", '{');
    json_.field("live", live_);
    json_.open("kinds", '[');
    for (std::string_view name : item_kind_names) json_.text(name);
    json_.close(']');
    columns("items", items_.size());
    json_.close('}');
    table("symbols", parts_.size());
    write_edges();
    table("roots", roots_.size());
    table("layout", layout_.size());
    table("imports", (memory_ != none32) + link_.imports.size() + link_.got_imports.size());
    table("exports", link_.exports.size());
    write_memory();
    json_.close('}');
  }

  // As many of each item as `count` says, in order.
  void write_edges() {
    Vector<uint32_t> counts(items_.size());
    for (const Edge& edge : edges_) counts[edge.from]++;
    json_.open("edges", '{');
    json_.open("count", '[');
    for (uint32_t count : counts) json_.number(count);
    json_.close(']');
    json_.open("to", '[');
    for (const Edge& edge : edges_) json_.number(edge.to);
    json_.close(']');
    json_.close('}');
  }

  struct ImportRow {
    std::string_view module, name, kind;
    std::string type;
    uint32_t item;
  };

  static std::string limits_text(const Limits& l) {
    std::string text = std::to_string(l.minimum);
    if (l.flags & limits_has_max) text += " " + std::to_string(l.maximum);
    if (l.flags & limits_shared) text += " shared";
    if (l.flags & limits_is_64) text += " i64";
    return text;
  }

  // In the order of the output: the memory, imports of inputs, addresses that a loader knows.
  ImportRow import_row(uint32_t i) const {
    if (memory_ != none32 && i-- == 0) {
      const auto& memory = *link_.options.import_memory;
      return {memory.first, memory.second, "memory", limits_text(memory_limits(link_)), memory_};
    }
    if (i >= link_.imports.size()) {
      SymbolId id = link_.got_imports[i - link_.imports.size()];
      const Symbol& s = link_.symbols[id];
      return {got_module(s), link_.name_of(id), "global", link_.is_64 ? "var i64" : "var i32",
              item_of(link_.got_index[id])};
    }
    SymbolId id = link_.imports[i];
    const Symbol& s = link_.symbols[id];
    ImportRow row{s.import_module ? text(s.import_module) : default_module,
                  text(s.import_name ? s.import_name : s.name),
                  symbol_kind_text(s.kind, false),
                  {},
                  item_of(id)};
    if (s.kind == SymbolKind::Global) {
      row.type = global_type_text(link_.store.signatures, global_type_of(link_, s));
    } else if (s.kind == SymbolKind::Table) {
      TableType type = table_type_of(link_, s);
      if (id == link_.indirect_table) type.limits = link_.table_limits;
      const bool is_memory = type.element == ValueType::Memory;
      if (is_memory) row.kind = "memory";
      else row.type = value_type_text(link_.store.signatures, type.element) + " ";
      row.type += limits_text(type.limits);
    } else {
      row.type = signature_text(link_.store.signatures, s.signature);
    }
    return row;
  }

  // What lies where. `segment` of an item is a row among the segments.
  void write_memory() {
    const Options& o = link_.options;
    json_.open("memory", '{');
    json_.field("pageSize", o.page_size);
    json_.field("pages", link_.memory_pages);
    json_.field("maxPages", link_.max_memory_pages);
    json_.flag("shared", o.shared_memory);
    table("segments", link_.segments.size());
    if (!o.relocatable && !o.is_pic()) {
      const Symbol& pointer = link_.symbols[link_.known.stack_pointer];
      const uint64_t top = link_.global_values[pointer.global().synthetic()];
      region("stack", top - o.stack_size, top);
      uint64_t end = top;
      for (const OutSegment& s : link_.segments) end = std::max(end, s.address + s.size);
      if (SymbolId flag = link_.init_memory_flag)
        end = std::max(end, link_.address_of(link_.symbols[flag]) + 4);
      constexpr uint64_t heap_alignment = 16;
      region("heap", align_to(end, heap_alignment), link_.memory_pages * o.page_size);
    }
    json_.close('}');
  }

  JsonWriter json_;
  Vector<uint32_t> input_rows_;         // LinkObjectId -> row of `inputs`
  Vector<const WhyExtract*> extracted_; // likewise; null: nobody needed it
};

} // namespace

void write_metafile(const Link& link, const OutputPlan& plan, std::string& metafile) {
  MetafileWriter(link, plan).run(metafile);
}

} // namespace weld
