// Line number programs, run: which line of which file each byte of the code comes from.
#include "core/dwarf/dwarf.h"
#include "core/inspect/debug_sections.h"

#include <algorithm>
#include <unordered_map>

namespace weld {

namespace {

namespace op = dwarf::line_op;
using inspection::Line;

constexpr uint8_t is_stmt = 1, basic_block = 2, prologue_end = 4, epilogue_begin = 8;
constexpr uint8_t end_sequence = line_end_sequence;

bool is_absolute(std::string_view path) {
  return path.starts_with('/') || path.starts_with('\\') || (path.size() > 2 && path[1] == ':');
}

// A longer path is cut to what is behind its directories: each of many files may name the same long one.
constexpr size_t longest_path = 4096;

// Puts `directory` before what is not absolute.
void prepend(std::string& path, std::string_view directory) {
  if (is_absolute(path) || directory.empty() || directory.size() + path.size() > longest_path) return;
  path.insert(0, directory.ends_with('/') ? "" : "/").insert(0, directory);
}

class LineReader {
public:
  LineReader(Inspection& out, DebugSections& sections, const DebugBytes& section)
      : out_(out), sections_(sections), section_(section) {
    for (const inspection::Section& s : out.sections)
      if (s.kind == static_cast<uint8_t>(SectionKind::Code)) code_size_ = s.size;
    for (const inspection::CompileUnit& unit : out.compile_units)
      if (unit.line_table != none64) unit_directory_.emplace(unit.line_table, out.text(unit.comp_dir));
  }

  void run() {
    sections_.for_each_unit(section_, "line table", "a line table",
                            [&](Reader& r, uint64_t at, uint32_t offset_size) {
                              dwarf::LineHeader header;
                              header.offset_size = offset_size;
                              read_table(r, at, header);
                            });
    sort_sequences();
  }

private:
  void read_table(Reader& r, uint64_t at, dwarf::LineHeader& header) {
    dwarf::read_line_header(r, header);
    if (r.failed()) return;
    if (header.version < 2 || header.version > 5)
      return r.fail_at(at, "line numbers of version " + std::to_string(header.version));
    if (header.line_range == 0 || header.opcode_base == 0)
      return r.fail_at(at, "line numbers without special opcodes");
    header_ = header;
    table_ = at;
    auto unit = unit_directory_.find(at);
    directories_.clear();
    files_.clear();
    unit_directory_name_ = unit == unit_directory_.end() ? std::string_view() : unit->second;
    ReadFailure failure;
    Reader tables(section_.bytes.subspan(static_cast<size_t>(header.tables_at),
                                         static_cast<size_t>(header.program_at - header.tables_at)),
                  section_.bytes.data(), "header", failure);
    if (header.version == 5) read_files_5(tables);
    else read_files_4(tables);
    if (failure.happened) sections_.note(section_, failure); // the program can be run all the same
    run_program(r);
    out_.file_tables.push_back(
        {at, static_cast<uint32_t>(out_.table_files.size()), static_cast<uint32_t>(files_.size())});
    out_.table_files.insert(out_.table_files.end(), files_.begin(), files_.end());
  }

  std::string_view string(Reader& r, const char* what) {
    const uint64_t begin = r.offset();
    while (r.u8(what)) {
    }
    if (r.failed()) return {};
    return as_text(
        section_.bytes.subspan(static_cast<size_t>(begin), static_cast<size_t>(r.offset() - begin - 1)));
  }

  // Directories and files are counted from 1; directory 0 is the unit's.
  void read_files_4(Reader& r) {
    directories_.emplace_back();
    files_.push_back(none32);
    for (;;) {
      std::string_view directory = string(r, "a directory");
      if (r.failed() || directory.empty()) break;
      directories_.push_back(directory);
    }
    for (;;) {
      std::string_view name = string(r, "the name of a file");
      if (r.failed() || name.empty()) break;
      read_file_4(r, name);
    }
  }
  void read_file_4(Reader& r, std::string_view name) {
    uint64_t directory = r.u64_leb("the directory of a file");
    r.u64_leb("the time of a file");
    r.u64_leb("the size of a file");
    if (!r.failed()) add_file(name, directory);
  }

  // Both are counted from 0, and say how they are written.
  void read_files_5(Reader& r) {
    for (const bool is_file : {false, true}) {
      struct Format {
        uint64_t content, form;
      };
      std::vector<Format> formats;
      uint8_t format_count = r.u8("the number of formats");
      for (uint32_t i = 0; i < format_count; i++)
        formats.push_back({r.u64_leb("a content"), r.u64_leb("a form")});
      uint64_t count = r.u64_leb("a number");
      if (formats.empty()) continue; // and nothing to read
      for (uint64_t i = 0; i < count && !r.failed(); i++) {
        const uint64_t at = r.offset();
        std::string_view path;
        uint64_t directory = 0;
        for (const Format& format : formats) {
          dwarf::AttributeValue value;
          if (!dwarf::read_attribute(r, header_, {format.content, format.form, 0, true}, value))
            return r.fail_at(at, "the form " + std::to_string(format.form) + " of a path");
          if (format.content == dwarf::line_content::path && !r.failed())
            path = out_.text(sections_.string_of(section_, header_, value, 8));
          if (format.content == dwarf::line_content::directory_index) directory = value.number;
        }
        if (r.failed()) return;
        if (r.offset() == at) return r.fail("files that take no bytes");
        if (is_file) add_file(path, directory);
        else directories_.push_back(path);
      }
    }
  }

  void add_file(std::string_view name, uint64_t directory) {
    std::string path(name);
    if (directory < directories_.size()) prepend(path, directories_[static_cast<size_t>(directory)]);
    // In DWARF 5 directory 0 is the unit's, in full.
    const bool is_5 = header_.version == 5;
    if (!is_5 || directory)
      prepend(path, is_5 && unit_directory_name_.empty() && !directories_.empty() ? directories_[0]
                                                                                  : unit_directory_name_);
    auto found = file_rows_.find(path);
    if (found == file_rows_.end()) {
      // Names are short and paths long, but not in all the file.
      const bool fits = out_.made.size() + path.size() < 8 * out_.file.size() + 65536;
      found = file_rows_.emplace(path, fits ? static_cast<uint32_t>(out_.source_files.size()) : none32).first;
      if (fits) out_.source_files.push_back({out_.make(path)});
    }
    files_.push_back(found->second);
  }

  void run_program(Reader& r) {
    start_sequence();
    while (!r.at_end()) {
      const uint64_t at = r.offset();
      const uint8_t opcode = r.u8("an opcode");
      if (opcode >= header_.opcode_base) {
        const uint32_t adjusted = opcode - header_.opcode_base;
        advance(adjusted / header_.line_range);
        line_ +=
            static_cast<uint32_t>(header_.line_base + static_cast<int32_t>(adjusted % header_.line_range));
        add_row();
        continue;
      }
      switch (opcode) {
      case op::extended: extended(r, at); break;
      case op::copy: add_row(); break;
      case op::advance_pc: advance(r.u64_leb("an advance of the address")); break;
      case op::advance_line: line_ += static_cast<uint32_t>(r.s64_leb("an advance of the line")); break;
      case op::set_file: file_ = r.u64_leb("a file"); break;
      case op::set_column: column_ = static_cast<uint32_t>(r.u64_leb("a column")); break;
      case op::negate_stmt: flags_ ^= is_stmt; break;
      case op::set_basic_block: flags_ |= basic_block; break;
      case op::const_add_pc: advance(header_.const_advance()); break;
      case op::fixed_advance_pc: address_ += read_fixed(r, 2, "an advance of the address"); break;
      case op::set_prologue_end: flags_ |= prologue_end; break;
      case op::set_epilogue_begin: flags_ |= epilogue_begin; break;
      default:
        for (uint32_t i = 0; i < header_.operand_counts[opcode - 1u]; i++) r.u64_leb("an operand");
      }
      if (r.failed()) break;
    }
    // A sequence without an end says nothing of where its last row ends.
    out_.lines.resize(sequence_begin_);
  }

  void extended(Reader& r, uint64_t at) {
    const uint64_t size = r.u64_leb("the size of an opcode");
    Reader operands = r.part(static_cast<size_t>(size), "opcode", "an opcode");
    const uint8_t opcode = operands.u8("an opcode");
    if (r.failed()) return;
    if (opcode == op::end_sequence) {
      flags_ |= end_sequence;
      add_row();
      finish_sequence();
    } else if (opcode == op::set_address) {
      if (operands.left() != 4 && operands.left() != 8)
        return r.fail_at(at, "an address of " + std::to_string(operands.left()) + " bytes");
      address_ = read_fixed(operands, static_cast<uint32_t>(operands.left()), "an address");
    } else if (opcode == op::define_file) {
      std::string_view name = string(operands, "the name of a file");
      read_file_4(operands, name);
    }
  }

  void advance(uint64_t operation) { address_ += operation * header_.instruction_size; }

  void add_row() {
    // Dead code's addresses are the largest there are: `finish_sequence` drops them.
    const auto address = static_cast<uint32_t>(std::min<uint64_t>(address_, none32));
    const uint32_t file = file_ < files_.size() ? files_[static_cast<size_t>(file_)] : none32;
    out_.lines.push_back({address, file, line_, column_, flags_});
    flags_ &= is_stmt;
  }

  void start_sequence() {
    address_ = 0;
    file_ = line_ = 1;
    column_ = 0;
    flags_ = header_.default_is_stmt ? is_stmt : 0;
    sequence_begin_ = out_.lines.size();
  }

  // Keeps the sequence if it is about code that is there. Its rows are in the order of addresses.
  void finish_sequence() {
    auto begin = out_.lines.begin() + static_cast<std::ptrdiff_t>(sequence_begin_);
    auto by_address = [](const Line& a, const Line& b) { return a.address < b.address; };
    const bool is_dead = begin->address == 0 || out_.lines.back().address > code_size_;
    const bool is_sorted = std::is_sorted(begin, out_.lines.end(), by_address);
    if (is_dead || !is_sorted) out_.lines.resize(sequence_begin_);
    else
      out_.line_sequences.push_back({begin->address, static_cast<uint32_t>(sequence_begin_),
                                     static_cast<uint32_t>(out_.lines.size()), table_});
    start_sequence();
  }

  // Sequences come in any order.
  void sort_sequences() {
    using Sequence = Inspection::LineSequence;
    std::vector<Sequence>& sequences = out_.line_sequences;
    auto by_address = [](const Sequence& a, const Sequence& b) { return a.address < b.address; };
    if (std::is_sorted(sequences.begin(), sequences.end(), by_address)) return;
    std::stable_sort(sequences.begin(), sequences.end(), by_address);
    std::vector<Line> sorted;
    sorted.reserve(out_.lines.size());
    for (Sequence& s : sequences) {
      const auto first = static_cast<uint32_t>(sorted.size());
      sorted.insert(sorted.end(), out_.lines.data() + s.first, out_.lines.data() + s.end);
      s = {s.address, first, static_cast<uint32_t>(sorted.size()), s.line_table};
    }
    out_.lines = std::move(sorted);
  }

  Inspection& out_;
  DebugSections& sections_;
  const DebugBytes& section_;
  uint32_t code_size_ = 0;
  std::unordered_map<uint64_t, std::string_view> unit_directory_; // offset of a line table -> its unit's directory
  std::unordered_map<std::string, uint32_t> file_rows_;           // path -> row of source_files

  // Of the table that is read.
  dwarf::LineHeader header_;
  uint64_t table_ = 0; // where it is
  std::string_view unit_directory_name_;
  std::vector<std::string_view> directories_;
  std::vector<uint32_t> files_; // rows of source_files

  // The registers of the program.
  uint64_t address_ = 0, file_ = 1;
  uint32_t line_ = 1, column_ = 0;
  uint8_t flags_ = 0;
  size_t sequence_begin_ = 0;
};

} // namespace

void inspect_lines(Inspection& inspection) {
  DebugSections sections(inspection);
  if (const DebugBytes* section = sections.find(".debug_line"))
    LineReader(inspection, sections, *section).run();
}

uint32_t Inspection::file_of(uint64_t line_table, uint64_t number) const {
  auto found = std::lower_bound(file_tables.begin(), file_tables.end(), line_table,
                                [](const FileTable& table, uint64_t at) { return table.line_table < at; });
  if (found == file_tables.end() || found->line_table != line_table || number >= found->count) return none32;
  return table_files[found->first + static_cast<uint32_t>(number)];
}

uint32_t find_line(const Inspection& inspection, uint64_t address) {
  const std::vector<Line>& lines = inspection.lines;
  auto next = std::upper_bound(lines.begin(), lines.end(), address,
                               [](uint64_t a, const Line& l) { return a < l.address; });
  if (next == lines.begin() || (std::prev(next)->flags & end_sequence)) return none32;
  return static_cast<uint32_t>(next - lines.begin() - 1);
}

uint32_t find_line(const Inspection& inspection, uint64_t address, uint64_t line_table) {
  using Sequence = Inspection::LineSequence;
  const std::vector<Sequence>& sequences = inspection.line_sequences;
  auto next = std::upper_bound(sequences.begin(), sequences.end(), address,
                               [](uint64_t a, const Sequence& s) { return a < s.address; });
  // Linkers keep many descriptions of one function, which begin where it does: in the order of their tables.
  constexpr int most = 64; // places where descriptions begin
  for (int i = 0; i < most && next != sequences.begin(); i++) {
    const uint32_t begin = std::prev(next)->address;
    auto found = std::lower_bound(sequences.begin(), next, line_table, [&](const Sequence& s, uint64_t table) {
      return s.address != begin ? s.address < begin : s.line_table < table;
    });
    if (found != next && found->line_table == line_table) {
      const Line* all = inspection.lines.data();
      const Line *first = all + found->first, *end = all + found->end;
      auto is_before = [](uint64_t a, const Line& l) { return a < l.address; };
      if (address < end[-1].address)
        return static_cast<uint32_t>(std::upper_bound(first, end, address, is_before) - all - 1);
    }
    next = std::lower_bound(sequences.begin(), next, begin,
                            [](const Sequence& s, uint32_t at) { return s.address < at; });
  }
  return none32;
}

} // namespace weld
