#include "core/report/report.h"

#include "core/report/json_reader.h"

namespace weld::report {

std::string Report::file_of(uint32_t item) const {
  const uint32_t input = items[item].input;
  return input == none ? std::string() : inputs[input].file();
}

namespace {

class MetafileReader {
public:
  MetafileReader(Bytes metafile, Report& report) : json_(metafile), report_(report) {}

  ReadError run() {
    object([&](const std::string& key) { read(key); });
    json_.end();
    if (!json_.failed()) finish();
    return {json_.error(), json_.error_offset()};
  }

private:
  // Calls `each` with the keys of an object, which must read the value.
  template <class Each>
  void object(Each each) {
    json_.begin('{');
    for (std::string key; json_.next_key(key);) each(key);
  }

  void read(const std::string& key) {
    if (key == "format") return read_format();
    if (key == "version") {
      if (json_.number() != 1) json_.fail("a metafile of another version");
      has_version_ = true;
      return;
    }
    if (key == "output") return object([&](const std::string& k) { read_output(k); });
    if (key == "inputs") return read_inputs();
    if (key == "items") return object([&](const std::string& k) { read_items(k); });
    if (key == "symbols") return read_symbols();
    if (key == "edges") return read_edges();
    if (key == "roots") return read_roots();
    if (key == "layout") return read_layout();
    if (key == "imports") return read_imports();
    if (key == "exports") return read_exports();
    if (key == "memory") return object([&](const std::string& k) { read_memory(k); });
    json_.skip();
  }

  void read_format() {
    std::string format;
    json_.text(format);
    if (format != "weld-metafile") json_.fail("not a metafile of weld");
    has_format_ = true;
  }

  uint64_t size() {
    const int64_t n = json_.number();
    if (n < 0) json_.fail("expected a size");
    return static_cast<uint64_t>(n);
  }
  // A row of another table, which may be read later; -1: none.
  uint32_t row() {
    const int64_t n = json_.number();
    if (n < -1 || n >= none) json_.fail("expected a row");
    return n < 0 ? none : static_cast<uint32_t>(n);
  }

  // --- tables: objects of arrays that are equally long

  // Reads a column into `rows`, whose first column decides how many there are.
  template <class Row, class Read>
  void column(std::vector<Row>& rows, bool is_first, Read read) {
    json_.begin('[');
    size_t i = 0;
    for (; json_.next_element(); i++) {
      if (is_first) rows.emplace_back();
      else if (i >= rows.size()) return json_.fail("a column that is longer than the one before it");
      read(rows[i]);
    }
    if (i != rows.size()) json_.fail("a column that is shorter than the one before it");
  }

  // `read(key)` gives what reads the column of that name: null, and it is skipped. All of `count` are needed.
  template <class Row>
  struct Column {
    std::string_view name;
    void (*read)(MetafileReader& reader, Row& row);
  };
  template <class Row, size_t count>
  void table(std::vector<Row>& rows, const Column<Row> (&columns)[count]) {
    TableState state;
    object([&](const std::string& key) { table_column(rows, columns, key, state); });
    check_columns(state, count);
  }
  struct TableState {
    uint32_t seen = 0; // bits of the columns
    bool has_rows = false;
  };
  template <class Row, size_t count>
  bool table_column(std::vector<Row>& rows, const Column<Row> (&columns)[count], const std::string& key,
                    TableState& state) {
    for (size_t i = 0; i < count; i++) {
      if (columns[i].name != key) continue;
      if (state.seen >> i & 1) json_.fail("the column `" + key + "` once more");
      state.seen |= 1u << i;
      column(rows, !state.has_rows, [&](Row& row) { columns[i].read(*this, row); });
      state.has_rows = true;
      return true;
    }
    json_.skip();
    return false;
  }
  void check_columns(const TableState& state, size_t count) {
    if (state.seen != (1u << count) - 1) json_.fail("a column is missing");
  }

  void read_output(const std::string& key) {
    if (key == "name") return json_.text(report_.output_name);
    if (key == "kind") return json_.text(report_.output_kind);
    if (key == "size") {
      report_.output_size = size();
      return;
    }
    if (key == "gc") {
      report_.gc = json_.boolean();
      return;
    }
    if (key != "sections") return json_.skip();
    static constexpr Column<Section> columns[] = {
        {"id", [](MetafileReader& r, Section& s) { s.id = r.row(); }},
        {"name", [](MetafileReader& r, Section& s) { r.json_.text(s.name); }},
        {"offset", [](MetafileReader& r, Section& s) { s.begin = r.size(); }},
        {"size", [](MetafileReader& r, Section& s) { s.end = r.size(); }},
    };
    table(report_.sections, columns);
  }

  void read_inputs() {
    static constexpr Column<Input> columns[] = {
        {"path", [](MetafileReader& r, Input& i) { r.json_.text(i.path); }},
        {"member", [](MetafileReader& r, Input& i) { r.json_.text(i.member); }},
        {"neededBy", [](MetafileReader& r, Input& i) { r.json_.text(i.needed_by); }},
        {"symbol", [](MetafileReader& r, Input& i) { r.json_.text(i.symbol); }},
    };
    table(report_.inputs, columns);
  }

  void read_items(const std::string& key) {
    if (key == "live") {
      report_.live = row();
      return;
    }
    if (key == "kinds") {
      json_.begin('[');
      for (std::string name; json_.next_element();) {
        json_.text(name);
        size_t kind = 0;
        while (kind < std::size(item_kind_names) && item_kind_names[kind] != name) kind++;
        if (kind == std::size(item_kind_names)) json_.fail("an unknown kind of items");
        kinds_.push_back(static_cast<ItemKind>(kind));
      }
      return;
    }
    static constexpr Column<Item> columns[] = {
        {"kind", [](MetafileReader& r, Item& i) { i.kind = r.kind(); }},
        {"name", [](MetafileReader& r, Item& i) { r.json_.text(i.name); }},
        {"input", [](MetafileReader& r, Item& i) { i.input = r.row(); }},
        {"size", [](MetafileReader& r, Item& i) { i.size = r.size(); }},
        {"segment", [](MetafileReader& r, Item& i) { i.segment = r.row(); }},
        {"address", [](MetafileReader& r, Item& i) { i.address = r.json_.number(); }},
        {"slot", [](MetafileReader& r, Item& i) { i.slot = r.row(); }},
    };
    table_column(report_.items, columns, key, items_state_);
  }
  ItemKind kind() {
    const uint32_t number = row();
    if (number < kinds_.size()) return kinds_[number];
    json_.fail("an unknown kind of item");
    return {};
  }

  void read_symbols() {
    static constexpr Column<Symbol> columns[] = {
        {"name", [](MetafileReader& r, Symbol& s) { r.json_.text(s.name); }},
        {"item", [](MetafileReader& r, Symbol& s) { s.item = r.row(); }},
        {"offset", [](MetafileReader& r, Symbol& s) { s.offset = r.size(); }},
        {"size", [](MetafileReader& r, Symbol& s) { s.size = r.size(); }},
    };
    table(report_.symbols, columns);
  }

  void read_edges() {
    object([&](const std::string& key) {
      std::vector<uint32_t>* numbers = key == "count" ? &report_.edges
                                       : key == "to"  ? &report_.targets
                                                      : nullptr;
      if (!numbers) return json_.skip();
      column(*numbers, numbers->empty(), [&](uint32_t& n) { n = row(); });
    });
  }

  void read_roots() {
    static constexpr Column<Root> columns[] = {
        {"item", [](MetafileReader& r, Root& root) { root.item = r.row(); }},
        {"reason", [](MetafileReader& r, Root& root) { r.json_.text(root.reason); }},
        {"symbol", [](MetafileReader& r, Root& root) { r.json_.text(root.symbol); }},
    };
    table(report_.roots, columns);
  }

  void read_layout() {
    static constexpr Column<Run> columns[] = {
        {"item", [](MetafileReader& r, Run& run) { run.item = r.row(); }},
        {"size", [](MetafileReader& r, Run& run) { run.size = r.size(); }},
    };
    table(report_.layout, columns);
  }

  void read_imports() {
    static constexpr Column<Import> columns[] = {
        {"module", [](MetafileReader& r, Import& i) { r.json_.text(i.module); }},
        {"name", [](MetafileReader& r, Import& i) { r.json_.text(i.name); }},
        {"kind", [](MetafileReader& r, Import& i) { r.json_.text(i.kind); }},
        {"type", [](MetafileReader& r, Import& i) { r.json_.text(i.type); }},
        {"item", [](MetafileReader& r, Import& i) { i.item = r.row(); }},
    };
    table(report_.imports, columns);
  }

  void read_exports() {
    static constexpr Column<Export> columns[] = {
        {"name", [](MetafileReader& r, Export& e) { r.json_.text(e.name); }},
        {"kind", [](MetafileReader& r, Export& e) { r.json_.text(e.kind); }},
        {"item", [](MetafileReader& r, Export& e) { e.item = r.row(); }},
    };
    table(report_.exports, columns);
  }

  void read_memory(const std::string& key) {
    Memory& m = report_.memory;
    if (key == "pageSize") m.page_size = size();
    else if (key == "pages") m.pages = size();
    else if (key == "maxPages") m.max_pages = size();
    else if (key == "shared") m.shared = json_.boolean();
    else if (key == "stack") read_region(m.stack, "stack");
    else if (key == "heap") read_region(m.heap, "heap");
    else if (key == "segments") {
      static constexpr Column<Region> columns[] = {
          {"name", [](MetafileReader& r, Region& s) { r.json_.text(s.name); }},
          {"kind", [](MetafileReader& r, Region& s) { r.json_.text(s.kind); }},
          {"address", [](MetafileReader& r, Region& s) { s.address = r.size(); }},
          {"size", [](MetafileReader& r, Region& s) { s.size = r.size(); }},
      };
      table(m.segments, columns);
    } else json_.skip();
  }
  void read_region(Region& region, const char* kind) {
    region.kind = kind;
    object([&](const std::string& key) {
      if (key == "address") region.address = size();
      else if (key == "size") region.size = size();
      else json_.skip();
    });
  }

  // --- what can only be seen when all is read

  void check(bool good, const char* what) {
    if (!good) json_.fail(what);
  }

  void finish() {
    Report& r = report_;
    check(has_format_ && has_version_, "not a metafile of weld");
    check_columns(items_state_, 7);
    const size_t items = r.items.size();
    check(r.live <= items, "more live items than items");
    for (Item& item : r.items) {
      check(item.input == none || item.input < r.inputs.size(), "an item of an input that is not there");
      check(item.segment == none || item.segment < r.memory.segments.size(),
            "an item in a segment that is not there");
      item.bytes = 0;
    }
    for (const Symbol& s : r.symbols) check(s.item < items, "a symbol of an item that is not there");
    for (size_t i = 1; i < r.symbols.size(); i++)
      check(r.symbols[i - 1].item <= r.symbols[i].item, "symbols that are not in the order of their items");
    for (const Root& root : r.roots) check(root.item < r.live, "a root that is not in the output");
    for (const Import& i : r.imports) check(i.item < r.live, "an import that is not in the output");
    for (const Export& e : r.exports)
      check(e.item == none || e.item < r.live, "an export that is not in the output");
    finish_edges();
    finish_layout();
  }

  // Counts become the first rows.
  void finish_edges() {
    Report& r = report_;
    check(r.edges.size() == r.items.size(), "not one count of edges for each item");
    uint64_t sum = 0;
    for (uint32_t& count : r.edges) {
      const uint64_t begin = sum;
      sum += count;
      if (sum > r.targets.size()) return json_.fail("more edges than there are targets");
      count = static_cast<uint32_t>(begin);
    }
    check(sum == r.targets.size(), "fewer edges than there are targets");
    r.edges.push_back(static_cast<uint32_t>(sum));
    for (uint32_t target : r.targets) check(target < r.items.size(), "an edge to an item that is not there");
  }

  // Sections begin where the one before ends.
  void finish_layout() {
    Report& r = report_;
    uint64_t end = 8;
    for (Section& s : r.sections) {
      check(s.begin > end && s.end <= r.output_size && s.begin <= r.output_size - s.end,
            "a section that is not within the output");
      if (json_.failed()) return;
      const uint64_t payload_end = s.begin + s.end;
      s.begin = end;
      s.end = end = payload_end;
    }
    check(end == r.output_size, "sections that are not all of the output");
    uint64_t sum = 0;
    for (const Run& run : r.layout) {
      check(run.item < r.live && run.size <= r.output_size - sum, "a layout that does not fit the output");
      if (json_.failed()) return;
      sum += run.size;
      r.items[run.item].bytes += run.size;
    }
    check(sum == r.output_size, "a layout that is not all of the output");
  }

  JsonReader json_;
  Report& report_;
  bool has_format_ = false, has_version_ = false;
  std::vector<ItemKind> kinds_; // by the metafile's numbers
  TableState items_state_;
};

} // namespace

ReadError read_report(Bytes metafile, Report& report) {
  report = {};
  return MetafileReader(metafile, report).run();
}

} // namespace weld::report
