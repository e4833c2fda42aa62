#include "core/link/resolve/source_lines.h"

#include "core/dwarf/dwarf.h"
#include "core/dwarf/line_program.h"

namespace weld {

namespace form = dwarf::form;
namespace op = dwarf::line_op;

// Rows take some ten times the bytes of the section: what is larger is not worth a message's memory.
constexpr size_t max_size = 8 << 20;

// Reads one object's tables, and is what walk_line_program calls.
struct LineCollector final : LineHandler {
  LineCollector(SourceLines& l, const LinkObject& o) : lines(l), object(o) {}

  SourceLines& lines;
  const LinkObject& object;
  Bytes section, strings; // .debug_line and .debug_line_str
  Vector<RelocRow> relocs;
  size_t next_reloc = 0;
  ReadFailure failure;

  uint32_t function = none32;
  uint64_t offset = 0;
  int64_t line = 1;
  uint32_t file = 1, column = 0;

  const RelocRow* reloc_at(uint64_t at) {
    // They come in order, as the places do that they are asked for.
    while (next_reloc < relocs.size() && relocs[next_reloc].offset < at) next_reloc++;
    return next_reloc < relocs.size() && relocs[next_reloc].offset == at ? &relocs[next_reloc] : nullptr;
  }

  void begin_sequence() {
    function = none32;
    offset = 0;
    line = 1;
    file = 1;
    column = 0;
  }
  void advance(Reader&, uint64_t by) override { offset += by; }
  void row(int32_t by) override {
    line += by;
    if (function == none32 || offset >= none32) return;
    lines.rows_.push_back({function, static_cast<uint32_t>(offset), static_cast<uint32_t>(line), column,
                           static_cast<uint32_t>(lines.tables_.size() - 1), file});
  }
  void set_address(uint64_t at) override {
    function = none32;
    const RelocRow* reloc = reloc_at(at);
    if (!reloc || traits(reloc->reloc_type()).target != RelocTarget::FunctionOffset) return;
    const SymbolRow& symbol = object.object.symbols()[reloc->index];
    if (symbol.kind != SymbolKind::Function || symbol.is_undefined()) return;
    function = symbol.element;
    offset = static_cast<uint64_t>(reloc->addend);
  }
  void end_sequence() override { begin_sequence(); }
  void other(uint8_t opcode, int64_t operand, uint64_t, uint64_t) override {
    if (opcode == op::advance_line) line += operand;
    if (opcode == op::set_file) file = static_cast<uint32_t>(operand);
    if (opcode == op::set_column) column = static_cast<uint32_t>(operand);
  }
  void extended(uint64_t, uint64_t) override {}

  std::string text(Reader& r) {
    std::string out;
    while (uint8_t c = r.u8("a name")) out += static_cast<char>(c);
    return out;
  }

  std::string text_at(Bytes bytes, uint64_t at) {
    if (at >= bytes.size()) return {};
    Reader r(bytes.subspan(static_cast<size_t>(at)), bytes.data(), "section", failure);
    return text(r);
  }

  std::string path_of(const dwarf::AttributeValue& value) {
    if (value.form == form::string) return text_at(section, value.offset);
    if (value.form != form::line_strp) return {};
    const RelocRow* reloc = reloc_at(value.offset);
    return text_at(strings, reloc ? static_cast<uint64_t>(reloc->addend) : value.number);
  }

  // DWARF 5: directories, or files, each with what its formats say. Of a file: its directory, then its name.
  void read_entries(Reader& r, const dwarf::LineHeader& header, std::vector<std::string>& out,
                    const std::vector<std::string>* directories) {
    Vector<dwarf::AttributeSpec> formats(r.u8("a number of formats"));
    for (dwarf::AttributeSpec& f : formats) f = {r.u64_leb("a content"), r.u64_leb("a form"), 0, true};
    uint64_t count = r.u64_leb("a number of entries");
    for (uint64_t i = 0; i < count && !failure.happened; i++) {
      const uint64_t begin = r.offset();
      std::string name;
      uint64_t directory = 0;
      for (const dwarf::AttributeSpec& f : formats) {
        dwarf::AttributeValue value;
        if (!dwarf::read_attribute(r, header, f, value)) return r.fail("a form that is not known");
        if (f.name == dwarf::line_content::path && !failure.happened) name = path_of(value);
        if (f.name == dwarf::line_content::directory_index) directory = value.number;
      }
      if (r.offset() == begin) return; // entries without bytes
      out.push_back(directories ? joined(*directories, directory, name) : name);
    }
  }

  // Directory 0 is where the compiler ran: names are shown relative to it.
  static std::string joined(const std::vector<std::string>& directories, uint64_t directory,
                            const std::string& name) {
    if (name.starts_with('/') || directory == 0 || directory >= directories.size()) return name;
    return directories[static_cast<size_t>(directory)] + "/" + name;
  }

  void read_names(Reader& r, const dwarf::LineHeader& h, std::vector<std::string>& files) {
    std::vector<std::string> directories;
    if (h.version == 5) {
      read_entries(r, h, directories, nullptr);
      read_entries(r, h, files, &directories);
      return;
    }
    directories.emplace_back(); // numbers begin with 1
    files.emplace_back();
    while (!failure.happened) {
      std::string name = text(r);
      if (name.empty()) break;
      directories.push_back(std::move(name));
    }
    while (!failure.happened) {
      std::string name = text(r);
      if (name.empty()) break;
      uint64_t directory = r.u64_leb("a directory");
      r.u64_leb("a time");
      r.u64_leb("a size");
      files.push_back(joined(directories, directory, name));
    }
  }

  void run() {
    Reader r(section, section.data(), "section", failure);
    while (!r.at_end() && !failure.happened) {
      dwarf::LineHeader header;
      uint64_t length = read_unit_length(r, header.offset_size);
      Reader table = r.part(static_cast<size_t>(length), "line table", "a line table");
      dwarf::read_line_header(table, header);
      if (!can_walk(table, header)) return;
      Reader names(section.subspan(static_cast<size_t>(header.tables_at),
                                   static_cast<size_t>(header.program_at - header.tables_at)),
                   section.data(), "header", failure);
      lines.tables_.emplace_back();
      read_names(names, header, lines.tables_.back());
      begin_sequence();
      walk_line_program(table, header, *this);
    }
  }
};

SourceLines::SourceLines(const Resolved& link, LinkObjectId id) : object_(id) {
  const LinkObject& object = link.objects[id];
  if (object.unit) {
    unit_ = object.unit;
    symbols_ = object.defining_symbols();
    return;
  }
  LineCollector collector(*this, object);
  for (const CustomSectionRow& row : object.object.custom_sections()) {
    std::string_view name = link.store.strings.text(row.name);
    Bytes bytes = object.bytes.subspan(row.data.offset, row.data.size);
    if (name == ".debug_line_str") collector.strings = bytes;
    if (name != ".debug_line" || bytes.size() > max_size) continue;
    collector.section = bytes;
    for (const RelocRow& reloc : object.relocs(row.relocs)) collector.relocs.push_back(reloc);
  }
  collector.run();
}

SourcePlace SourceLines::find(uint32_t function, uint64_t offset) const {
  if (unit_)
    return unit_->place_of((*unit_)[unit_->symbol_at(symbols_[function])], static_cast<uint32_t>(offset));
  const Row* best = nullptr;
  for (const Row& row : rows_) {
    if (row.function != function || !row.line) continue; // line 0: no line made it, the one before it did
    const bool is_better =
        !best || (row.offset > offset ? row.offset < best->offset
                                      : best->offset > offset || row.offset >= best->offset);
    if (is_better) best = &row;
  }
  if (!best || best->file >= tables_[best->table].size()) return {};
  return {tables_[best->table][best->file], best->line, best->column};
}

static void read_lines(const Resolved& link, LinkObjectId id, SourceLines& lines) {
  if (lines.object() != id) lines = SourceLines(link, id);
}

void note_definition(const Resolved& link, LinkObjectId id, uint32_t symbol, SourceLines& lines,
                     Diagnostic& d) {
  read_lines(link, id, lines);
  const SourcePlace at = lines.find(link.objects[id].object.symbols()[symbol].element, 0);
  if (at.line) d.note("in $0 at $1:$2", {link.file_of(id), at.file, at.line});
}

Location place_in_code(const Resolved& link, LinkObjectId id, uint32_t function, const RelocRow& reloc,
                       SourceLines& lines) {
  Location where = link.location_of(id);
  const LinkObject& o = link.objects[id];
  const FunctionRow& row = o.object.functions()[function];
  if (row.name) where.symbol = o.text(row.name);
  if (o.unit) {
    read_lines(link, id, lines);
    where.instruction = reloc.offset;
    where.source = lines.find(function, reloc.offset);
    return where;
  }
  where.section = "CODE";
  where.offset = uint64_t{o.object.header().code_offset} + reloc.offset;
  if (link.options.like_lld()) return where; // which does not show it
  read_lines(link, id, lines);
  where.source = lines.find(function, where.offset - row.offset - row.code_offset);
  return where;
}

} // namespace weld
