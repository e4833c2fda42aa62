// Prints what lies where in the output: its sections, in them the functions, segments and globals, in those
// the symbols. Each line gives an address (for what has one), an offset in the file and a size. The text is
// wasm-ld's, oddities included, because programs read it.
#include "core/base/reader.h"
#include "core/base/sort.h"
#include "core/link/write/output_plan.h"

#include <algorithm>

namespace weld {

namespace {

constexpr uint64_t no_address = ~uint64_t{0};

// A symbol of a function or segment.
struct MapSymbol {
  uint32_t entity; // AnyEntity::key
  std::string_view name;
  uint64_t value; // data: offset in its segment
  uint64_t size;  // data
  bool is_defined;
  bool is_tls;
};

class MapWriter {
public:
  MapWriter(const Link& link, const OutputPlan& plan, std::string& out)
      : link_(link), plan_(plan), out_(out) {}

  void run() {
    collect_symbols();
    out_ = "    Addr      Off     Size Out     In      Symbol\n";
    for (const OutSection& section : plan_.sections) {
      // Offsets of what is in a section are too small by the size of its head: they count from this.
      uint64_t begin = section.offset - uleb_size(section.payload_size) - 1;
      line(no_address, begin, section.offset + section.payload_size - begin, 0, title_of(section));
      if (section.kind == SectionKind::Code) functions(section, begin);
      else if (section.kind == SectionKind::Data) segments(begin);
      else if (section.kind == SectionKind::Global) globals();
    }
  }

private:
  void number(uint64_t value) {
    char digits[16];
    size_t size = 0;
    do digits[size++] = "0123456789abcdef"[value & 15];
    while (value >>= 4);
    if (size < 8) out_.append(8 - size, ' ');
    while (size) out_ += digits[--size];
    out_ += ' ';
  }

  void line(uint64_t address, uint64_t offset, uint64_t size, size_t indent, std::string_view name) {
    if (address == no_address) out_ += "       - ";
    else number(address);
    number(offset);
    number(size);
    out_.append(indent, ' ');
    out_ += name;
    out_ += '\n';
  }

  std::string_view text(StringId id) const { return id ? link_.store.strings.text(id) : std::string_view(); }
  std::string place(LinkObjectId object, std::string_view name) const {
    return link_.file_of(object) + ":(" + std::string(name) + ')';
  }

  std::string title_of(const OutSection& section) const {
    constexpr std::string_view titles[] = {"CUSTOM", "TYPE",   "IMPORT",    "FUNCTION", "TABLE",
                                           "MEMORY", "GLOBAL", "EXPORT",    "START",    "ELEM",
                                           "CODE",   "DATA",   "DATACOUNT", "TAG"};
    std::string title(titles[static_cast<size_t>(section.kind)]);
    if (section.kind != SectionKind::Custom) return title;
    ReadFailure failure;
    Reader reader(plan_.encoded.slice(section.encoded.first, section.encoded.count), "section", failure);
    return title + '(' + std::string(as_text(reader.name("name"))) + ')';
  }

  // A symbol is listed by the object that defines it, or that first mentioned it.
  void collect_symbols() {
    for (LinkObjectId id : link_.object_order) {
      const LinkObject& o = link_.objects[id];
      auto rows = o.object.symbols();
      for (uint32_t i = 0; i < rows.size(); i++) {
        if (SymbolId global = link_.bound[o.symbol(i)]) {
          const Symbol& s = link_.symbols[global];
          if (s.object == id) add(global);
        } else if (!rows[i].is_undefined()) {
          add_local(o, rows[i]);
        }
      }
    }
    auto by_entity = [](const MapSymbol& a, const MapSymbol& b) { return a.entity < b.entity; };
    sort_stably(function_symbols_, by_entity);
    sort_stably(data_symbols_, by_entity);
  }

  void add(SymbolId id) {
    const Symbol& s = link_.symbols[id];
    bool is_defined = s.state == SymbolState::Defined;
    MapSymbol symbol{s.entity.key(), text(s.name), s.value, s.size, is_defined, s.is_tls()};
    if (FunctionEntity stub = link_.needs(id).stub; !stub.is_none()) symbol.entity = stub.key();
    else if (!is_defined || s.entity.is_none()) return;
    if (s.kind == SymbolKind::Function) function_symbols_.push_back(symbol);
    else if (s.kind == SymbolKind::Data) data_symbols_.push_back(symbol);
  }

  void add_local(const LinkObject& o, const SymbolRow& row) {
    bool is_tls = row.flags & symbol_flag::tls;
    MapSymbol symbol{o.entity_of(row).key(), o.text(row.encoded_name), row.value(), row.size, true, is_tls};
    if (row.element == none32) return; // an absolute address
    if (row.kind == SymbolKind::Function) function_symbols_.push_back(symbol);
    else if (row.kind == SymbolKind::Data) data_symbols_.push_back(symbol);
  }

  static std::span<const MapSymbol> symbols_of(const Vector<MapSymbol>& symbols, AnyEntity of) {
    const uint32_t entity = of.key();
    const MapSymbol* end = symbols.data() + symbols.size();
    const MapSymbol* first = std::lower_bound(symbols.data(), end, entity,
                                              [](const MapSymbol& s, uint32_t e) { return s.entity < e; });
    const MapSymbol* last = first;
    while (last != end && last->entity == entity) last++;
    return {first, last};
  }

  void symbol_line(const MapSymbol& symbol, uint64_t address, uint64_t offset, uint64_t size) {
    line(address, offset, size, 16, display_name(symbol.name, link_.options.demangling()));
  }

  void functions(const OutSection& section, uint64_t begin) {
    for (size_t i = 0; i < link_.functions.size(); i++) {
      const OutFunction& f = link_.functions[i];
      uint64_t offset = link_.offset_of(f);
      uint64_t end =
          i + 1 < link_.functions.size() ? link_.offset_of(link_.functions[i + 1]) : section.payload_size;
      std::string_view name;
      if (f.object) {
        name = link_.objects[f.object].text(link_.row_of(f).name);
      } else {
        name = link_.synthetic_functions[f.function.synthetic()].name;
      }
      line(no_address, begin + offset, end - offset, 8, place(f.object, name));
      for (const MapSymbol& symbol : symbols_of(function_symbols_, f.function))
        symbol_line(symbol, no_address, begin + offset, symbol.is_defined ? end - offset : 0);
    }
  }

  // With -Oz runs of data are no segments: the offset is that of the run that holds the byte.
  uint64_t offset_in_runs(uint64_t begin, uint64_t address) const {
    for (const DataRun& run : link_.data_runs)
      if (address >= run.address && address < run.address + run.bytes.size())
        return begin + run.payload_offset + (address - run.address);
    return 0;
  }

  // What the file does not hold has offsets as if it began at 0.
  void segments(uint64_t begin) {
    for (const OutSegment& segment : link_.segments) {
      const SegmentHead& head = link_.segment_heads[segment.index];
      bool in_file = head.header.size != 0;
      line(segment.address, begin + (in_file ? head.payload_offset - head.header.size : 0), segment.size, 0,
           text(segment.name));
      for (const OutChunk& chunk : segment.chunks) {
        uint64_t address = segment.address + chunk.offset;
        uint64_t offset = in_file ? begin + head.payload_offset + chunk.offset : 0;
        if (link_.pack_data) offset = offset_in_runs(begin, address);
        if (!chunk.object) {
          line(address, offset, chunk.size, 8, place({}, text(link_.merged_strings[chunk.merged()].name)));
          continue;
        }
        const LinkObject& o = link_.objects[chunk.object];
        line(address, offset, chunk.size, 8,
             place(chunk.object, text(o.object.segments()[o.segment.local(chunk.segment())].name)));
        for (const MapSymbol& symbol : symbols_of(data_symbols_, SegmentEntity(chunk.segment()))) {
          bool in_thread = symbol.is_tls && link_.options.shared_memory;
          symbol_line(symbol, (in_thread ? chunk.offset : address) + symbol.value, offset + symbol.value,
                      symbol.size);
        }
      }
    }
  }

  // Their index stands where others have their address.
  void globals() {
    uint32_t index = link_.imported_globals;
    for (const OutGlobal& g : link_.globals) line(index++, 0, 0, 8, link_.name_of_global(g));
  }

  const Link& link_;
  const OutputPlan& plan_;
  std::string& out_;
  Vector<MapSymbol> function_symbols_, data_symbols_; // by entity
};

} // namespace

void write_map(const Link& link, const OutputPlan& plan, std::string& map) {
  MapWriter(link, plan, map).run();
}

} // namespace weld
