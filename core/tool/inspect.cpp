#include "core/tool/inspect.h"

#include "core/base/diagnostics_json.h"
#include "core/base/utf8.h"
#include "core/inspect/disassemble.h"
#include "core/inspect/encode.h"
#include "core/tool/source_texts.h"
#include "core/tool/subcommand_help.h"

#include <algorithm>

namespace weld {

namespace {

constexpr SubcommandOption inspect_options[] = {
    {"", "", "What to show"},
    {"all", "", "everything, line numbers too"},
    {"sections", "", "sections, with their places in the file"},
    {"types", "", "function types"},
    {"imports", "", "imports"},
    {"functions", "", "functions and the start function"},
    {"tables", "", "tables"},
    {"memories", "", "memories"},
    {"tags", "", "tags of exceptions"},
    {"globals", "", "globals"},
    {"exports", "", "exports"},
    {"elements", "", "element segments and what is in them"},
    {"data", "", "data segments"},
    {"symbols", "", "the symbol table of an object"},
    {"relocations", "", "relocations of an object"},
    {"relocs", "", ""},
    {"init-functions", "", "constructors, with their priorities"},
    {"comdats", "", "groups of which a link keeps the first"},
    {"names", "", "the name section"},
    {"features", "", "target features"},
    {"producers", "", "the tools that made the file"},
    {"dylink", "", "what dynamic linking needs"},
    {"dwarf", "", "compile units and their code"},
    {"lines", "", "source files, and the line of each piece of code"},
    {"members", "", "members of an archive"},
    {"archive-index", "", "which member of an archive defines which symbol"},
    {"", "", "What to look up (numbers may be hexadecimal: 0x12)"},
    {"address", "N", "the source line of the code at N, counted from the payload of CODE, as DWARF does"},
    {"offset", "N", "the same, counted from the start of the file, as engines do"},
    {"function", "NAME", "the source lines of a function"},
    {"source", "NAME", "the instructions of a function, with its source lines beside them"},
    {"line", "FILE:LINE", "where the code of a source line is"},
    {"", "", "How"},
    {"member", "NAME", "of archives, only this member"},
    {"json", "", "print a JSON array with an object for each file, for other programs"},
    {"no-demangle", "", "print names as they are in the file"},
    {"demangle", "", ""},
};

constexpr SubcommandHelp inspect_help = {
    "inspect", "FILE...",
    "Shows what is in object files, archives, shared libraries and modules. Without options: most of it.\n"
    "`-` is the standard input.\n",
    inspect_options,
    "  weld inspect --symbols --member=printf.o libc.a\n"
    "  weld inspect --offset=0x1a2b app.wasm\n"
    "  weld inspect --source=main app.wasm\n"
    "  weld inspect --json main.o > main.json\n"};

// What an option shows: tables, by their names.
struct Choice {
  std::string_view option, tables;
};
constexpr Choice choices[] = {
    {"sections", "sections unknown_subsections"},
    {"types", "types"},
    {"imports", "imports"},
    {"functions", "functions start"},
    {"tables", "tables"},
    {"memories", "memories"},
    {"tags", "tags"},
    {"globals", "globals"},
    {"exports", "exports"},
    {"elements", "elements element_items"},
    {"data", "data_segments"},
    {"symbols", "symbols"},
    {"relocations", "relocations"},
    {"relocs", "relocations"},
    {"init-functions", "init_functions"},
    {"comdats", "comdats comdat_entries"},
    {"names", "names"},
    {"features", "features"},
    {"producers", "producers"},
    {"dylink", "dylink needed runtime_paths export_infos import_infos unknown_subsections"},
    {"dwarf", "compile_units unit_ranges"},
    {"lines", "source_files lines"},
    {"members", "members"},
    {"archive-index", "archive_symbols"},
};

// Not shown unless it is asked for: it is long, or there in another form.
constexpr std::string_view long_tables =
    " names element_items unit_ranges source_files lines archive_symbols ";

bool lists(std::string_view tables, std::string_view name) {
  for (size_t at = tables.find(name); at != tables.npos; at = tables.find(name, at + 1)) {
    const size_t end = at + name.size();
    if ((at == 0 || tables[at - 1] == ' ') && (end == tables.size() || tables[end] == ' ')) return true;
  }
  return false;
}

bool parse_number(std::string_view text, uint64_t& out) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  if (is_hex) text.remove_prefix(2);
  if (text.empty() || text.size() > (is_hex ? 16 : 19)) return false;
  out = 0;
  for (char c : text) {
    uint32_t digit = 99;
    if (c >= '0' && c <= '9') digit = static_cast<uint32_t>(c - '0');
    else if (is_hex && c >= 'a' && c <= 'f') digit = static_cast<uint32_t>(c - 'a') + 10;
    else if (is_hex && c >= 'A' && c <= 'F') digit = static_cast<uint32_t>(c - 'A') + 10;
    if (digit == 99) return false;
    out = out * (is_hex ? 16 : 10) + digit;
  }
  return true;
}

void append_hex(std::string& out, uint64_t value) {
  out += "0x";
  int shift = 60;
  while (shift && !(value >> shift)) shift -= 4;
  for (; shift >= 0; shift -= 4) out += "0123456789abcdef"[(value >> shift) & 15];
}

struct LookUp {
  enum Kind : uint8_t { Address, FileOffset, Function, Source, SourceLine } kind;
  uint64_t number;  // of SourceLine: the line
  std::string name; // of a function or file
  std::string text; // as it was asked
};

struct Request {
  std::vector<std::string> files, members;
  Vector<bool> wanted; // by table
  bool has_choice = false, all = false, json = false, help = false;
  Demangling demangling = Demangling::Llvm22;
  std::vector<LookUp> look_ups;

  bool wants(size_t table) const { return all || wanted[table]; }
  bool wants(std::string_view name) const {
    for (size_t t = 0; t < wanted.size(); t++)
      if (inspection_tables()[t].name == name) return wants(t);
    return false;
  }
};

ArgumentFault parse(std::span<const std::string> arguments, Request& request) {
  auto tables = inspection_tables();
  request.wanted.resize(tables.size());
  ArgumentFault fault;
  for (const SubcommandArgument& argument :
       read_subcommand_arguments(arguments, inspect_help, request.help, fault)) {
    if (!fault.text.empty()) return fault;
    if (!argument.option) {
      request.files.emplace_back(argument.text);
      continue;
    }
    const std::string_view name = argument.option->name;
    if (name == "member") request.members.emplace_back(argument.value);
    else if (argument.option->takes_value()) {
      LookUp look_up = {LookUp::Address, 0, std::string(argument.value), argument.written()};
      std::string_view number = argument.value;
      if (name == "offset") look_up.kind = LookUp::FileOffset;
      if (name == "function") look_up.kind = LookUp::Function;
      if (name == "source") look_up.kind = LookUp::Source;
      if (name == "line") {
        look_up.kind = LookUp::SourceLine;
        const size_t colon = std::min(number.rfind(':'), number.size());
        look_up.name = number.substr(0, colon);
        number.remove_prefix(std::min(colon + 1, number.size()));
      }
      if (look_up.kind != LookUp::Function && look_up.kind != LookUp::Source &&
          !parse_number(number, look_up.number))
        return {"`" + look_up.text + "`: a number is expected", {}};
      request.look_ups.push_back(std::move(look_up));
    } else if (name == "all") request.all = request.has_choice = true;
    else if (name == "json") request.json = true;
    else if (name == "no-demangle") request.demangling = Demangling::None;
    else if (name == "demangle") request.demangling = Demangling::Llvm22;
    else {
      request.has_choice = true;
      for (const Choice& choice : choices)
        for (size_t t = 0; choice.option == name && t < tables.size(); t++)
          if (lists(choice.tables, tables[t].name)) request.wanted[t] = true;
    }
  }
  if (request.help || !fault.text.empty()) return fault;
  if (request.files.empty())
    return {"no input files", "`weld inspect --help` explains what it takes, and has examples"};
  if (std::count(request.files.begin(), request.files.end(), "-") > 1)
    return {"`-` is given twice, and there is only one standard input", {}};
  if (!request.has_choice && request.look_ups.empty())
    for (size_t t = 0; t < tables.size(); t++)
      request.wanted[t] = request.json ? tables[t].name != "lines" && tables[t].name != "source_files"
                                       : !lists(long_tables, tables[t].name);
  return {};
}

// -----------------------------------------------------------------------------------------------------------
// Tables as text

class TextTables {
public:
  TextTables(const Inspection& inspection, Demangling demangling, const Sink& out)
      : inspection_(inspection), demangling_(demangling), out_(out) {}

  void print(const TableInfo& table) {
    RawRows rows = table.rows(inspection_);
    if (rows.count == 0) return;
    columns_.clear();
    for (const ColumnInfo& column : table.columns) {
      if (column.show == Show::List) continue; // the text says it
      Column c = {&column, column.name.size(), false};
      for (size_t i = 0; i < rows.count; i++) {
        const Cell cell(column, rows.data + i * table.row_size);
        if (cell.is_absent()) continue;
        c.is_used = true;
        render(cell);
        c.width = std::max(c.width, width(cell_));
      }
      c.width = std::min<size_t>(c.width, widest);
      if (c.is_used) columns_.push_back(c);
    }
    text_ = "\n";
    text_.append(table.title) += " (" + std::to_string(rows.count) + ")\n";
    const size_t number_width = std::to_string(rows.count - 1).size();
    cell_ = "#";
    pad(number_width, true, false);
    for (const Column& c : columns_) {
      cell_ = c.info->name;
      std::replace(cell_.begin(), cell_.end(), '_', ' ');
      pad(c.width, is_right(*c.info), &c == &columns_.back());
    }
    text_ += '\n';
    for (size_t i = 0; i < rows.count; i++) {
      cell_ = std::to_string(i);
      pad(number_width, true, false);
      for (const Column& c : columns_) {
        const Cell cell(*c.info, rows.data + i * table.row_size);
        if (cell.is_absent()) cell_.clear();
        else render(cell);
        pad(c.width, is_right(*c.info), &c == &columns_.back());
      }
      while (text_.ends_with(' ')) text_.pop_back();
      text_ += '\n';
      if (text_.size() > 1 << 16) flush();
    }
    flush();
  }

private:
  static constexpr size_t widest = 60; // columns are not made wider for what is longer

  struct Column {
    const ColumnInfo* info;
    size_t width;
    bool is_used;
  };

  static bool is_right(const ColumnInfo& column) {
    return column.show == Show::Number || column.show == Show::Offset || column.show == Show::Optional ||
           column.show == Show::OptionalOffset;
  }
  static size_t width(std::string_view text) {
    return static_cast<size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  }

  void pad(size_t size, bool right, bool is_last) {
    const size_t used = width(cell_), padding = used < size ? size - used : 0;
    text_ += "  ";
    if (right) text_.append(padding, ' ');
    text_ += cell_;
    if (!right && !is_last) text_.append(padding, ' ');
  }

  void render(const Cell& cell) {
    const ColumnInfo& column = cell.column;
    cell_.clear();
    switch (column.show) {
    case Show::Number:
    case Show::Optional:
      if (column.storage == Storage::I64) cell_ = std::to_string(static_cast<int64_t>(cell.number()));
      else cell_ = std::to_string(cell.number());
      break;
    case Show::Offset:
    case Show::OptionalOffset: append_hex(cell_, cell.number()); break;
    case Show::Boolean: cell_ = cell.number() ? "yes" : "no"; break;
    case Show::Word:
      if (cell.number() < column.words.size()) cell_ = column.words[static_cast<size_t>(cell.number())];
      else cell_ = std::to_string(cell.number());
      break;
    case Show::Flags:
      for (uint32_t bit = 0; bit < 32; bit++) {
        if (!(cell.number() >> bit & 1)) continue;
        if (!cell_.empty()) cell_ += ' ';
        const bool is_known = bit < column.words.size() && !column.words[bit].empty();
        cell_ += is_known ? std::string(column.words[bit]) : std::to_string(uint64_t{1} << bit);
      }
      break;
    case Show::Symbol: append_printable(cell_, shown_.of(inspection_.text(cell.text()), demangling_)); break;
    case Show::Name:
    case Show::List: append_printable(cell_, inspection_.text(cell.text())); break;
    }
  }

  void flush() {
    out_(text_);
    text_.clear();
  }

  const Inspection& inspection_;
  const Demangling demangling_;
  const Sink& out_;
  ShownName shown_;
  Vector<Column> columns_;
  std::string cell_, text_;
};

// -----------------------------------------------------------------------------------------------------------
// Look-up

// The defined function that has the code at `address`; none32: none has.
uint32_t find_function(const Inspection& inspection, uint64_t address) {
  const uint32_t code = code_offset(inspection);
  for (uint32_t i = 0; i < inspection.functions.size(); i++) {
    const inspection::Function& f = inspection.functions[i];
    if (f.offset != none32 && address >= f.offset - code && address - (f.offset - code) < f.size) return i;
  }
  return none32;
}

// One line of what a look-up came to.
struct Place {
  uint64_t address;
  uint32_t row = none32; // in `lines`
};

// Whether it is defined in the file, and people call it so.
bool is_function(const Inspection& inspection, const inspection::Function& f, std::string_view called) {
  const std::string_view name = inspection.text(f.name);
  return f.offset != none32 && (name == called || display_name(name, Demangling::Llvm22) == called);
}

// The row of `lines` that an instruction comes from. The declaration of locals has that of the function.
uint32_t line_of(const Inspection& inspection, const DisassembledInstruction& instruction) {
  return find_line(inspection, instruction.offset - code_offset(inspection));
}

Vector<Place> look_up(const Inspection& inspection, const LookUp& what) {
  Vector<Place> places;
  const uint32_t code = code_offset(inspection);
  switch (what.kind) {
  case LookUp::Address: places.push_back({what.number, find_line(inspection, what.number)}); break;
  case LookUp::FileOffset: {
    if (code == none32 || what.number < code) break;
    places.push_back({what.number - code, find_line(inspection, what.number - code)});
    break;
  }
  case LookUp::Source: break; // see below
  case LookUp::Function:
    for (const inspection::Function& f : inspection.functions) {
      if (!is_function(inspection, f, what.name)) continue;
      for (uint32_t i = 0; i < inspection.lines.size(); i++) {
        const uint32_t at = inspection.lines[i].address;
        if (at >= f.offset - code && at - (f.offset - code) < f.size) places.push_back({at, i});
      }
    }
    break;
  case LookUp::SourceLine:
    for (uint32_t i = 0; i < inspection.lines.size(); i++) {
      const inspection::Line& line = inspection.lines[i];
      if (line.line != what.number || line.file == none32) continue;
      std::string_view path = inspection.text(inspection.source_files[line.file].path);
      const bool is_end = path.ends_with(what.name) && (path.size() == what.name.size() ||
                                                        path[path.size() - what.name.size() - 1] == '/');
      if (is_end && !(line.flags & line_end_sequence)) places.push_back({line.address, i});
    }
    break;
  }
  return places;
}

// -----------------------------------------------------------------------------------------------------------

class InspectTool {
public:
  InspectTool(const Request& request, Files& files, const Sink& out, const Sink& err)
      : request_(request), files_(files), out_(out), err_(err) {}

  int run() {
    if (request_.json) json_.open('[');
    for (const std::string& path : request_.files) inspect_file(path);
    if (request_.json) {
      json_.close(']');
      out_(json_.take() + "\n");
    }
    return failed_;
  }

private:
  void inspect_file(const std::string& path) {
    FileBytes file;
    std::string error;
    if (!read_named(files_, path, file, error)) {
      Diagnostic d = {DiagnosticId::file_not_found, Severity::Error, {path, error}, {}, {}};
      return report(d);
    }
    Inspection inspection;
    inspect(file.bytes(), inspection);
    const bool is_archive =
        inspection.file_kind == FileKind::Archive || inspection.file_kind == FileKind::ThinArchive;
    if (!is_archive) return show(inspection, {path, {}, {}, no_offset, no_offset, {}, {}});
    // The archive itself, unless only its members are asked for; then they, unless only the archive is.
    const bool wants_archive =
        request_.members.empty() &&
        (!request_.has_choice || request_.wants("members") || request_.wants("archive_symbols"));
    const bool wants_members = !request_.members.empty() || !request_.look_ups.empty() || wants_parts();
    if (wants_archive || !inspection.problems.empty())
      show(inspection, {path, {}, {}, no_offset, no_offset, {}, {}});
    if (!wants_members) return;
    std::vector<std::string> missing = request_.members;
    for (const inspection::Member& m : inspection.members) {
      std::string name(inspection.text(m.name));
      if (!request_.members.empty()) {
        if (std::find(request_.members.begin(), request_.members.end(), name) == request_.members.end())
          continue;
        std::erase(missing, name);
      }
      inspect_member(inspection, path, m, name);
    }
    for (const std::string& name : missing) {
      std::string text = "`" + path;
      text.append("` has no member `").append(name) += '`';
      report({DiagnosticId::bad_option, Severity::Error, {text}, {}, {}});
    }
  }

  // Something that is in members, and not in archives.
  bool wants_parts() const {
    if (!request_.has_choice) return false;
    auto tables = inspection_tables();
    for (size_t t = 0; t < tables.size(); t++)
      if (request_.wants(t) && tables[t].name != "members" && tables[t].name != "archive_symbols")
        return true;
    return false;
  }

  void inspect_member(const Inspection& archive, const std::string& path, const inspection::Member& m,
                      const std::string& name) {
    Inspection inspection;
    FileBytes file;
    if (archive.file_kind == FileKind::ThinArchive) { // whose members are files, relative to its place
      const std::string member = path_beside(path, name);
      std::string error;
      if (!files_.read(member, file, error))
        return report({DiagnosticId::file_not_found, Severity::Error, {member, error}, {}, {}});
      inspect(file.bytes(), inspection);
    } else inspect(archive.file.subspan(m.offset, m.size), inspection);
    show(inspection, {path, name, {}, no_offset, no_offset, {}, {}});
  }

  void show(Inspection& inspection, const Location& where) {
    if (request_.wants("lines") || !request_.look_ups.empty()) inspect_lines(inspection);
    if (request_.json) show_json(inspection, where);
    else show_text(inspection, where);
    for (const Inspection::Problem& problem : inspection.problems)
      report(diagnostic_of(inspection, problem, where));
  }

  void show_text(const Inspection& inspection, const Location& where) {
    std::string head = separate_ ? "\n" : "";
    separate_ = true;
    append_printable(head, display_file(where));
    head += ": " + std::string(describe_kind(inspection)) + ", " + std::to_string(inspection.file.size()) +
            " bytes\n";
    out_(head);
    if (std::string_view remedy = remedy_of(inspection); !remedy.empty())
      out_("  note: it cannot be linked: " + std::string(remedy) + "\n");
    TextTables text(inspection, request_.demangling, out_);
    auto tables = inspection_tables();
    for (size_t t = 0; t < tables.size(); t++)
      if (request_.wants(t)) text.print(tables[t]);
    for (const LookUp& what : request_.look_ups) {
      std::string lines = "\n";
      append_printable(lines, what.text);
      lines += '\n';
      if (what.kind == LookUp::Source) append_sources(lines, inspection, what);
      for (const Place& place : look_up(inspection, what)) {
        lines += "  ";
        append_hex(lines, place.address);
        lines += "  ";
        if (place.row == none32) lines += "no line";
        else append_line(lines, inspection, inspection.lines[place.row]);
        if (uint32_t f = find_function(inspection, place.address);
            f != none32 && what.kind != LookUp::Function) {
          lines += "  in ";
          append_printable(lines,
                           display_name(inspection.text(inspection.functions[f].name), request_.demangling));
        }
        lines += '\n';
      }
      out_(lines);
    }
  }

  // Each instruction under the line that it comes from.
  void append_sources(std::string& out, const Inspection& inspection, const LookUp& what) {
    for (uint32_t i = 0; i < inspection.functions.size(); i++) {
      const inspection::Function& f = inspection.functions[i];
      if (!is_function(inspection, f, what.name)) continue;
      out += "  ";
      append_printable(out, display_name(inspection.text(f.name), request_.demangling));
      out += ' ';
      append_printable(out, inspection.text(f.type));
      out += '\n';
      uint32_t shown = none32;
      for (const DisassembledInstruction& instruction : disassemble(inspection, i, request_.demangling)) {
        const uint32_t row = line_of(inspection, instruction);
        if (row != none32 && (shown == none32 || !is_same_line(inspection, row, shown)))
          append_source(out, inspection, inspection.lines[row]);
        if (row != none32) shown = row;
        out += "    ";
        append_hex(out, instruction.offset);
        out.append(2 + 2 * std::min<size_t>(instruction.depth, 40), ' ');
        append_printable(out, instruction.text);
        out += '\n';
        if (out.size() > 1 << 16) {
          out_(out);
          out.clear();
        }
      }
    }
  }

  static bool is_same_line(const Inspection& inspection, uint32_t a, uint32_t b) {
    const inspection::Line &x = inspection.lines[a], &y = inspection.lines[b];
    return x.file == y.file && x.line == y.line;
  }

  void append_source(std::string& out, const Inspection& inspection, const inspection::Line& line) {
    out += "  ";
    std::string path =
        line.file == none32 ? "?" : std::string(inspection.text(inspection.source_files[line.file].path));
    append_printable(out, path);
    out += line.line ? ":" + std::to_string(line.line) : " (no line)";
    if (const std::string_view text = sources_.line(path, line.line); !text.empty())
      append_printable(out += "  ", text);
    out += '\n';
  }

  static void append_line(std::string& out, const Inspection& inspection, const inspection::Line& line) {
    if (line.file == none32) out += "?";
    else append_printable(out, inspection.text(inspection.source_files[line.file].path));
    out += ":" + std::to_string(line.line) + ":" + std::to_string(line.column);
  }

  void show_json(const Inspection& inspection, const Location& where) {
    JsonWriter& json = json_;
    json.new_line();
    json.open('{');
    json.field("file", where.input);
    if (!where.member.empty()) json.field("member", where.member);
    json.field("kind", kind_word(inspection));
    json.field("description", describe_kind(inspection));
    json.field("size", inspection.file.size());
    auto flush = [&] {
      if (json.size() > 1 << 16) out_(json.take());
    };
    auto tables = inspection_tables();
    for (size_t t = 0; t < tables.size(); t++)
      if (request_.wants(t)) write_table(json, inspection, tables[t], request_.demangling, flush);
    if (!request_.look_ups.empty()) {
      json.open("lookUps", '[');
      for (const LookUp& what : request_.look_ups) {
        if (what.kind == LookUp::Source) sources_json(inspection, what);
        for (const Place& place : look_up(inspection, what)) show_json(inspection, what, place);
      }
      json.close(']');
    }
    json.open("diagnostics", '[');
    for (const Inspection::Problem& problem : inspection.problems)
      write_diagnostic(json, diagnostic_of(inspection, problem, where), request_.demangling);
    json.close(']');
    json.close('}');
    flush();
  }

  void line_json(const Inspection& inspection, uint32_t row) {
    if (row == none32) return;
    const inspection::Line& line = inspection.lines[row];
    if (line.file != none32) json_.field("file", inspection.text(inspection.source_files[line.file].path));
    json_.field("line", line.line);
    json_.field("column", line.column);
  }

  void sources_json(const Inspection& inspection, const LookUp& what) {
    for (uint32_t i = 0; i < inspection.functions.size(); i++) {
      const inspection::Function& f = inspection.functions[i];
      if (!is_function(inspection, f, what.name)) continue;
      json_.open('{');
      json_.field("for", what.text);
      json_.field("function", i);
      json_.field("name", display_name(inspection.text(f.name), request_.demangling));
      json_.open("instructions", '[');
      for (const DisassembledInstruction& instruction : disassemble(inspection, i, request_.demangling)) {
        json_.open('{');
        json_.field("offset", instruction.offset);
        json_.field("size", instruction.size);
        json_.field("depth", instruction.depth);
        json_.field("text", instruction.text);
        line_json(inspection, line_of(inspection, instruction));
        json_.close('}');
      }
      json_.close(']');
      json_.close('}');
    }
  }

  void show_json(const Inspection& inspection, const LookUp& what, const Place& place) {
    json_.open('{');
    json_.field("for", what.text);
    json_.field("address", place.address);
    line_json(inspection, place.row);
    if (uint32_t f = find_function(inspection, place.address); f != none32) {
      json_.field("function", f);
      json_.field("name", display_name(inspection.text(inspection.functions[f].name), request_.demangling));
    }
    json_.close('}');
  }

  void report(const Diagnostic& diagnostic) {
    err_("weld: error: " + render(diagnostic, DiagnosticStyle::Weld, request_.demangling) + "\n");
    failed_ = 1;
  }

  const Request& request_;
  Files& files_;
  const Sink& out_;
  const Sink& err_;
  JsonWriter json_;
  SourceTexts sources_{files_};
  bool separate_ = false; // something was shown
  int failed_ = 0;
};

} // namespace

int run_inspect(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  Request request;
  if (ArgumentFault fault = parse(arguments, request); !fault.text.empty())
    return fail_subcommand(err, fault.text, fault.note);
  if (request.help) {
    out(inspect_help.text());
    return 0;
  }
  return InspectTool(request, files, out, err).run();
}

} // namespace weld
