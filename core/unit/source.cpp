// Lines and names of a unit's functions: what is refused, and how they are kept.
#include "core/unit/source.h"

#include "core/base/sort.h"
#include "core/unit/unit.h"
#include "core/wasm/type_text.h"

#include <algorithm>

namespace weld {

// --- as they are kept

void StoredLines::encode(const FunctionLines& lines, ByteBuffer& out) {
  const bool is_declared = lines.line || lines.rows.empty();
  out.uleb(is_declared ? lines.file : lines.rows.front().file);
  out.uleb(is_declared ? lines.line : lines.rows.front().line);
  out.uleb(lines.rows.size());
  SourceRow last;
  for (const SourceRow& row : lines.rows) {
    out.uleb(row.instruction - last.instruction);
    out.uleb(row.file);
    out.sleb(int64_t{row.line} - last.line);
    out.uleb(row.column);
    last = row;
  }
}

bool StoredLines::next(SourceRow& row) {
  if (!left_) return false;
  left_--;
  last_.instruction += from_.number();
  last_.file = from_.number();
  last_.line = static_cast<uint32_t>(last_.line + from_.difference());
  last_.column = from_.number();
  row = last_;
  return true;
}

void StoredVariables::encode(std::span<const SourceVariable> variables, ByteBuffer& out) {
  out.uleb(variables.size());
  for (const SourceVariable& v : variables) {
    out.name(v.name);
    out.uleb(v.local);
    out.uleb(v.type);
    out.uleb(v.begin);
    out.uleb(v.end);
  }
}

bool StoredVariables::next(SourceVariable& v) {
  if (!left_) return false;
  left_--;
  v.name = from_.text();
  v.local = from_.number();
  v.type = from_.number();
  v.begin = from_.number();
  v.end = from_.number();
  return true;
}

// --- edits

namespace {

// DWARF ends names with a zero.
bool is_name(std::string_view name) {
  return !name.empty() && name.find('\0') == name.npos;
}

std::string numbered(std::string_view what, size_t number, std::string_view why) {
  return std::string(what) + ' ' + std::to_string(number) + ": " + std::string(why);
}

} // namespace

uint32_t Unit::source_file(std::string_view path) {
  if (path == name_) return 0;
  if (!is_name(path)) {
    refuse(path, "a source file has a name without zeros");
    return none32;
  }
  const StringId id = strings_.intern(path);
  for (uint32_t i = 0; i < source_files_.size(); i++)
    if (source_files_[i] == id) return i + 1;
  source_files_.push_back(id);
  return static_cast<uint32_t>(source_files_.size());
}

uint32_t Unit::source_type(std::string_view name, SourceEncoding encoding, uint32_t size) {
  if (!is_name(name) || !size || size > 16) {
    refuse(name, is_name(name) ? "a type has 1 to 16 bytes" : "a type has a name without zeros");
    return none32;
  }
  const SourceType type{strings_.intern(name), encoding, static_cast<uint8_t>(size)};
  for (uint32_t i = 0; i < source_types_.size(); i++)
    if (source_types_[i] == type) return i;
  source_types_.push_back(type);
  return static_cast<uint32_t>(source_types_.size() - 1);
}

std::string_view Unit::source_path(uint32_t file) const {
  return file ? strings_.text(source_files_[file - 1]) : std::string_view(name_);
}

std::string Unit::wrong_lines(const FunctionLines& lines, uint32_t instructions) const {
  auto is_file = [&](uint32_t file) { return file <= source_files_.size(); };
  if (!is_file(lines.file)) return "there is no source file " + std::to_string(lines.file);
  for (size_t i = 0; i < lines.rows.size(); i++) {
    const SourceRow& row = lines.rows[i];
    if (!is_file(row.file)) return numbered("line", i, "there is no source file " + std::to_string(row.file));
    if (row.instruction >= instructions) return numbered("line", i, "the function has no such instruction");
    if (i && row.instruction <= lines.rows[i - 1].instruction)
      return numbered("line", i, "its instruction does not come after that of the line before");
  }
  return {};
}

std::string Unit::wrong_variables(std::span<const SourceVariable> variables, uint32_t locals,
                                  uint32_t instructions) const {
  for (size_t i = 0; i < variables.size(); i++) {
    const SourceVariable& v = variables[i];
    if (!is_name(v.name)) return numbered("variable", i, "it needs a name without zeros");
    if (v.local >= locals) return numbered("variable", i, "there is no local " + std::to_string(v.local));
    if (v.type != none32 && v.type >= source_types_.size())
      return numbered("variable", i, "there is no type " + std::to_string(v.type));
    if (v.begin >= std::min(v.end, instructions)) return numbered("variable", i, "no instruction sees it");
  }
  return {};
}

// Puts variables into the order in which they are kept. False when their scopes do not nest.
static bool order_scopes(Vector<SourceVariable>& variables, uint32_t params, uint32_t instructions) {
  for (SourceVariable& v : variables) v.end = std::min(v.end, instructions);
  sort_stably(variables, [&](const SourceVariable& a, const SourceVariable& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    if (a.end != b.end) return a.end > b.end;
    return std::min(a.local, params) < std::min(b.local, params); // parameters in their order
  });
  Vector<uint32_t> open; // ends of the scopes that are around a variable
  for (const SourceVariable& v : variables) {
    while (!open.empty() && open.back() <= v.begin) open.pop_back();
    if (!open.empty() && open.back() < v.end) return false;
    open.push_back(v.end);
  }
  return true;
}

// Empty when all is well.
std::string Unit::encode_source(const FunctionSource& source, uint32_t params, uint32_t locals,
                                uint32_t instructions, EncodedSource& out) const {
  std::string wrong = wrong_lines(source.lines, instructions);
  if (wrong.empty()) wrong = wrong_variables(source.variables, locals, instructions);
  if (!wrong.empty()) return wrong;
  if (!source.lines.rows.empty() || source.lines.line) StoredLines::encode(source.lines, out.lines);
  if (source.variables.empty()) return {};
  Vector<SourceVariable> variables(source.variables);
  if (!order_scopes(variables, params, instructions))
    return "the scopes of two variables overlap, and neither is in the other";
  StoredVariables::encode(variables, out.variables);
  return {};
}

Room Unit::store_source(const ByteBuffer& encoded) {
  return encoded.empty() ? Room() : rooms_.store(encoded.from(0));
}

bool Unit::set_lines(UnitSymbol symbol, const FunctionLines& lines) {
  return edit_source(symbol, {lines, {}}, &UnitSymbolRow::lines, &EncodedSource::lines);
}

bool Unit::set_variables(UnitSymbol symbol, std::span<const SourceVariable> variables) {
  return edit_source(symbol, {{}, variables}, &UnitSymbolRow::variables, &EncodedSource::variables);
}

bool Unit::edit_source(UnitSymbol symbol, const FunctionSource& source, Room UnitSymbolRow::*room,
                       ByteBuffer EncodedSource::*encoded) {
  if (!is_symbol(symbol, SymbolKind::Function, "function")) return false;
  UnitSymbolRow row = symbols_[symbol];
  if (!row.defined()) return refuse(symbol, "it is not defined here");
  const size_t params = signature_parts(signatures_, row.signature).params.size();
  const size_t locals = local_types(symbol).size();
  EncodedSource out;
  std::string wrong = encode_source(source, static_cast<uint32_t>(params), static_cast<uint32_t>(locals),
                                    function(row.body.offset).code.size(), out);
  if (wrong.empty() && !rooms_.fits(out.size())) wrong = "the unit is too large";
  if (!wrong.empty()) return refuse(symbol, wrong);
  row.*room = store_source(out.*encoded);
  set_row(symbol, row);
  return true;
}

// --- queries

Vector<ValueType> Unit::local_types(UnitSymbol symbol) const {
  const UnitSymbolRow& row = symbols_[symbol];
  Vector<ValueType> types;
  for (ValueType param : signature_parts(signatures_, row.signature).params) types.push_back(of_pool(param));
  LocalRuns runs(function(row.body.offset).locals);
  uint32_t count;
  for (ValueType type; runs.next(count, type);) types.resize(types.size() + count, type);
  return types;
}

SourcePlace Unit::place_of(const UnitSymbolRow& function, uint32_t instruction) const {
  if (!function.lines) return {};
  StoredLines lines(rooms_.at(function.lines));
  SourceRow best{0, lines.file, lines.line, 0};
  for (SourceRow row; lines.next(row) && row.instruction <= instruction;)
    if (row.line) best = row; // else no line made it, the one before it did
  return place_of(best);
}

SourcePlace Unit::place_in(const FunctionLines& lines, uint32_t instruction) const {
  SourceRow best{0, lines.file, lines.line, 0};
  for (const SourceRow& row : lines.rows)
    if (row.instruction <= instruction && row.line) best = row;
  return place_of(best);
}

SourcePlace Unit::place_of(const SourceRow& row) const {
  if (!row.line) return {};
  return {std::string(source_path(row.file)), row.line, row.column};
}

} // namespace weld
