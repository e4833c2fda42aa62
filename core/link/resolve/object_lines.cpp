#include "core/link/resolve/object_lines.h"

#include "core/dwarf/dwarf.h"

namespace weld {

namespace form = dwarf::form;
namespace op = dwarf::line_op;

namespace {

bool is_absolute(std::string_view path) {
  return path.starts_with('/') || path.starts_with('\\') || (path.size() > 2 && path[1] == ':');
}

// Puts `directory` before what is not absolute.
void prepend(std::string& path, std::string_view directory) {
  if (is_absolute(path) || directory.empty()) return;
  path.insert(0, directory.ends_with('/') ? "" : "/").insert(0, directory);
}

Bytes bytes_of(const LinkObject& object, const CustomSectionRow& row) {
  return object.bytes.subspan(row.data.offset, row.data.size);
}

} // namespace

// --- files

std::string_view LineFiles::directory_of(const File& file) const {
  return file.directory < directories_.size() ? directories_[static_cast<size_t>(file.directory)]
                                              : std::string_view();
}

std::string LineFiles::shown(uint32_t file) const {
  std::string path(files_[file].name);
  if (files_[file].directory) prepend(path, directory_of(files_[file]));
  return path;
}

std::string LineFiles::path(uint32_t file, std::string_view compile_directory) const {
  std::string path(files_[file].name);
  prepend(path, directory_of(files_[file]));
  if (is_5_ && !files_[file].directory) return path; // directory 0 is that in which the compiler ran
  prepend(path,
          is_5_ && compile_directory.empty() && !directories_.empty() ? directories_[0] : compile_directory);
  return path;
}

void LineFiles::read(Reader& r, const dwarf::LineHeader& header, ObjectLines& lines) {
  if (header.version < 5) { // numbers begin with 1, and directory 0 is that in which the compiler ran
    directories_.emplace_back();
    files_.emplace_back();
    for (std::string_view name; !(name = lines.text(r)).empty();) directories_.push_back(name);
    for (std::string_view name; !(name = lines.text(r)).empty();) {
      files_.push_back({name, r.u64_leb("a directory")});
      r.u64_leb("a time");
      r.u64_leb("a size");
    }
    return;
  }
  is_5_ = true;
  for (const bool is_file : {false, true}) { // each with what its formats say
    Vector<dwarf::AttributeSpec> formats(r.u8("a number of formats"));
    for (dwarf::AttributeSpec& f : formats) f = {r.u64_leb("a content"), r.u64_leb("a form"), 0, true};
    const uint64_t count = r.u64_leb("a number of entries");
    for (uint64_t i = 0; i < count && !r.failed(); i++) {
      const uint64_t begin = r.offset();
      File entry = {};
      for (const dwarf::AttributeSpec& f : formats) {
        dwarf::AttributeValue value;
        if (!dwarf::read_attribute(r, header, f, value)) return r.fail("a form that is not known");
        if (f.name == dwarf::line_content::path && !r.failed()) entry.name = lines.path_of(value);
        if (f.name == dwarf::line_content::directory_index) entry.directory = value.number;
      }
      if (r.offset() == begin) break; // entries without bytes
      if (is_file) files_.push_back(entry);
      else directories_.push_back(entry.name);
    }
  }
}

// --- tables

ObjectLines::ObjectLines(const Resolved& link, const LinkObject& object) : object_(object) {
  const auto rows = object.object.custom_sections();
  for (uint32_t i = 0; i < rows.size(); i++) {
    const std::string_view name = link.store.strings.text(rows[i].name);
    if (name == ".debug_line_str") strings_ = bytes_of(object, rows[i]);
    if (name != ".debug_line") continue;
    row_ = i;
    section_ = bytes_of(object, rows[i]);
  }
}

void ObjectLines::run() {
  if (section_.empty()) return;
  const CustomSectionRow& row = object_.object.custom_sections()[row_];
  relocs_.reserve(row.relocs.count);
  for (const RelocRow& reloc : object_.relocs(row.relocs)) relocs_.push_back(reloc);
  ReadFailure failure;
  Reader r(section_, section_.data(), "section", failure);
  while (!r.at_end() && !failure.happened) {
    const uint64_t at = r.offset();
    uint32_t offset_size;
    const uint64_t length = read_unit_length(r, offset_size);
    const Bytes bytes = r.bytes(static_cast<size_t>(length), "a line table");
    if (failure.happened) break;
    ReadFailure of_table;
    Reader table(bytes, section_.data(), "line table", of_table);
    read_table(table, at, offset_size);
    end_table(of_table.happened);
    if (!failure_.happened) failure_ = std::move(of_table);
  }
  if (!failure_.happened) failure_ = std::move(failure);
}

void ObjectLines::read_table(Reader& table, uint64_t at, uint32_t offset_size) {
  dwarf::LineHeader header;
  header.offset_size = offset_size;
  dwarf::read_line_header(table, header);
  if (!can_walk(table, header)) return;
  LineFiles files;
  ReadFailure failure;
  Reader names(section_.subspan(static_cast<size_t>(header.tables_at),
                                static_cast<size_t>(header.program_at - header.tables_at)),
               section_.data(), "header", failure);
  files.read(names, header, *this);
  if (failure.happened) return table.fail_at(failure.offset, failure.text);
  begin_table(std::move(files), at);
  at_ = {};
  walk_line_program(table, header, *this);
}

void ObjectLines::advance(Reader&, uint64_t by) {
  at_.offset += by;
}
void ObjectLines::row(int32_t by) {
  at_.line += static_cast<uint32_t>(by);
  add_row(at_);
}
void ObjectLines::set_address(uint64_t at) {
  at_.function = none32;
  const RelocRow* reloc = reloc_at(at);
  if (!reloc || traits(reloc->reloc_type()).target != RelocTarget::FunctionOffset) return;
  const SymbolRow& symbol = object_.object.symbols()[reloc->index];
  if (symbol.kind != SymbolKind::Function || symbol.is_undefined()) return;
  at_.function = symbol.element;
  at_.offset = static_cast<uint64_t>(reloc->addend);
}
void ObjectLines::end_sequence() {
  finish_sequence(at_);
  at_ = {};
}
void ObjectLines::other(uint8_t opcode, int64_t operand, uint64_t, uint64_t) {
  if (opcode == op::advance_line) at_.line += static_cast<uint32_t>(operand);
  else if (opcode == op::set_file) at_.file = static_cast<uint32_t>(operand);
  else if (opcode == op::set_column) at_.column = static_cast<uint32_t>(operand);
}

// They come in order, as the places do that they are asked for.
const RelocRow* ObjectLines::reloc_at(uint64_t at) {
  while (next_reloc_ < relocs_.size() && relocs_[next_reloc_].offset < at) next_reloc_++;
  return next_reloc_ < relocs_.size() && relocs_[next_reloc_].offset == at ? &relocs_[next_reloc_] : nullptr;
}

std::string_view ObjectLines::text(Reader& r) const {
  const uint64_t begin = r.offset();
  while (r.u8("a name")) {
  }
  if (r.failed()) return {};
  return as_text(section_.subspan(static_cast<size_t>(begin), static_cast<size_t>(r.offset() - begin - 1)));
}

// What ends with a zero; nothing where none is.
static std::string_view text_at(Bytes bytes, uint64_t at) {
  if (at >= bytes.size()) return {};
  const std::string_view text = as_text(bytes.subspan(static_cast<size_t>(at)));
  const size_t end = text.find('\0');
  return end == text.npos ? std::string_view() : text.substr(0, end);
}

std::string_view ObjectLines::path_of(const dwarf::AttributeValue& value) {
  if (value.form == form::string) return text_at(section_, value.offset);
  if (value.form != form::line_strp) return {};
  const RelocRow* reloc = reloc_at(value.offset);
  return text_at(strings_, reloc ? static_cast<uint64_t>(reloc->addend) : value.number);
}

// --- directories of compilers

// Compilers put what is looked for into the first entry of a unit, whose abbreviation is found early.
CompileDirectories::CompileDirectories(const Resolved& link, const LinkObject& object) {
  Bytes info, abbreviations, strings, line_strings;
  RelocRange relocs;
  for (const CustomSectionRow& row : object.object.custom_sections()) {
    const std::string_view name = link.store.strings.text(row.name);
    if (name == ".debug_abbrev") abbreviations = bytes_of(object, row);
    else if (name == ".debug_str") strings = bytes_of(object, row);
    else if (name == ".debug_line_str") line_strings = bytes_of(object, row);
    else if (name == ".debug_info") {
      info = bytes_of(object, row);
      relocs = object.relocs(row.relocs);
    }
  }
  if (info.empty()) return;
  auto next = relocs.begin();
  // What the field at an offset points to. Asked for in the order of offsets.
  auto target = [&](uint64_t at, uint64_t number) {
    while (next != relocs.end() && next->offset < at) ++next;
    return next != relocs.end() && next->offset == at ? static_cast<uint64_t>(next->addend) : number;
  };
  ReadFailure failure; // what is malformed ends this without a word: paths are shorter then
  Reader r(info, info.data(), "section", failure);
  while (!r.at_end() && !failure.happened) {
    dwarf::UnitHeader header;
    const uint64_t length = read_unit_length(r, header.offset_size);
    Reader unit = r.part(static_cast<size_t>(length), "unit", "a unit");
    dwarf::read_unit_header(unit, false, header);
    if (header.version < 2 || header.version > 5) continue;
    const uint64_t abbreviations_at = target(header.abbreviations_at, header.abbreviations);
    const uint64_t code = unit.u64_leb("an entry");
    if (failure.happened || !code || abbreviations_at >= abbreviations.size()) continue;
    Reader a(abbreviations.subspan(static_cast<size_t>(abbreviations_at)), abbreviations.data(), "section",
             failure);
    const uint64_t first = a.u64_leb("an abbreviation");
    a.u64_leb("a tag");
    a.u8("whether there are children");
    Row found = {~uint64_t{0}, {}};
    while (first == code && !failure.happened) {
      dwarf::AttributeSpec spec = {a.u64_leb("an attribute"), a.u64_leb("a form"), 0, true};
      if (spec.form == form::implicit_const) spec.constant = a.s64_leb("a constant");
      dwarf::AttributeValue value;
      if ((!spec.name && !spec.form) || !dwarf::read_attribute(unit, header, spec, value)) break;
      if (spec.name == dwarf::attribute::stmt_list) found.line_table = target(value.offset, value.number);
      if (spec.name != dwarf::attribute::comp_dir) continue;
      if (value.form == form::string) found.directory = text_at(info, value.offset);
      else if (value.form == form::strp)
        found.directory = text_at(strings, target(value.offset, value.number));
      else if (value.form == form::line_strp)
        found.directory = text_at(line_strings, target(value.offset, value.number));
    }
    if (!found.directory.empty()) rows_.push_back(found);
  }
}

std::string_view CompileDirectories::of(uint64_t line_table) const {
  for (const Row& row : rows_)
    if (row.line_table == line_table) return row.directory;
  return {};
}

} // namespace weld
