// Units, for the linker that stays.
//
// Calls take numbers. What is longer, names apart, lies in `scratch`, where JavaScript puts it before the
// call: one copy, nothing to free.
#include "core/unit/read_unit.h"
#include "js/native/host.h"
#include "js/native/linker.h"
#include "js/native/report_json.h"

#include <algorithm>
#include <cstring>
#include <emscripten/bind.h>

namespace {

using weld::Unit;
using weld::UnitSymbol;
using weld::ValueType;

weld::Vector<Unit*> units;             // by number; those that were removed are not used any more
weld::Vector<uint64_t> scratch_memory; // eight bytes each, so that every array in it is aligned

Unit& unit_of(uint32_t id) {
  return *units[id];
}

const uint8_t* scratch_at(size_t offset) {
  return reinterpret_cast<const uint8_t*>(scratch_memory.data()) + offset;
}
template <class T>
std::span<const T> scratch_rows(size_t offset, size_t count) {
  return {reinterpret_cast<const T*>(scratch_at(offset)), count};
}

// Where `size` bytes may be put, good until the next call of anything.
uint32_t scratch(uint32_t size) {
  if (scratch_memory.size() * 8 < size) scratch_memory.resize((size + 7) / 8);
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(scratch_memory.data()));
}

// What was reported since the last call.
std::string take_diagnostics() {
  weld::ToolReport report;
  report.diagnostics = lasting_tool().diagnostics().rows();
  lasting_tool().diagnostics().clear();
  return weld::report_json(report);
}

// --- reading back

int unit_find(uint32_t id, std::string name) {
  return static_cast<int>(unit_of(id).find(name).row);
}

std::string unit_info(uint32_t id, uint32_t symbol) {
  weld::JsonWriter json;
  if (unit_of(id).has(UnitSymbol(symbol))) weld::write_symbol(json, unit_of(id), UnitSymbol(symbol));
  return json.take();
}

std::string unit_symbols(uint32_t id) {
  const Unit& unit = unit_of(id);
  weld::JsonWriter json;
  json.open('[');
  for (uint32_t row = 0; row < unit.symbol_count(); row++)
    if (const UnitSymbol symbol = unit.symbol_at(row); unit.has(symbol))
      weld::write_symbol(json, unit, symbol);
  json.close(']');
  return json.take();
}

// Operands, extra words, locals and opcodes, in scratch. The text says how many there are.
void write_code(weld::JsonWriter& json, const weld::MirCode& code, std::span<const ValueType> locals) {
  scratch(static_cast<uint32_t>(code.operands.size_bytes() + code.extra.size_bytes() + locals.size_bytes() +
                                code.opcodes.size_bytes()));
  auto* at = reinterpret_cast<uint8_t*>(scratch_memory.data());
  auto put = [&](const void* from, size_t size) {
    if (size) std::memcpy(at, from, size);
    at += size;
  };
  put(code.operands.data(), code.operands.size_bytes());
  put(code.extra.data(), code.extra.size_bytes());
  put(locals.data(), locals.size_bytes());
  put(code.opcodes.data(), code.opcodes.size_bytes());
  json.open('{');
  json.field("instructions", code.size());
  json.field("extra", code.extra.size());
  json.field("locals", locals.size());
  json.close('}');
}

// What a symbol is made of. Functions and globals put code into scratch, and data its bytes. Empty: the unit does not
// define the symbol.
std::string unit_content(uint32_t id, uint32_t symbol) {
  const Unit& unit = unit_of(id);
  const weld::UnitSymbolRow& row = unit[UnitSymbol(symbol)];
  weld::JsonWriter json;
  if (!row.defined()) return {};
  if (row.kind == weld::SymbolKind::Data || row.kind == weld::SymbolKind::Section) {
    const weld::Bytes bytes = unit.content(UnitSymbol(symbol));
    scratch(row.size);
    auto* at = reinterpret_cast<uint8_t*>(scratch_memory.data());
    std::fill_n(at, row.size, uint8_t{0});
    std::copy(bytes.begin(), bytes.end(), at);
    weld::write_data(json, unit, UnitSymbol(symbol));
  } else if (row.kind == weld::SymbolKind::Function) {
    const weld::StoredMir stored = unit.function(row.body.offset);
    write_code(json, stored.code, weld::locals_of(stored));
  } else if (row.kind == weld::SymbolKind::Global) {
    write_code(json, unit.initial_value(UnitSymbol(symbol)), {});
  } else if (row.kind == weld::SymbolKind::Table) {
    weld::write_table(json, unit, UnitSymbol(symbol));
  }
  return json.take();
}

// --- units. Symbols and types are numbers; -1, or false, when an edit is refused.

int add_unit(std::string name, bool is_64) {
  Unit* unit = lasting_tool().add_unit(name, is_64);
  if (!unit) return -1;
  units.push_back(unit);
  return static_cast<int>(units.size() - 1);
}

// Every instruction as `name code operand-kind`, one a line.
std::string instructions() {
  std::string text;
  for (const weld::OpTraits& op : weld::op_table) {
    text += op.name;
    text += ' ' + std::to_string(op.code) + ' ' + std::to_string(static_cast<int>(op.operand)) + ' ' +
            std::to_string(op.number) + '\n';
  }
  return text;
}

// Scratch: the value types, a word each.
uint32_t unit_type(uint32_t unit, uint32_t params, uint32_t results) {
  return unit_of(unit).type(scratch_rows<ValueType>(0, params),
                            scratch_rows<ValueType>(params * sizeof(ValueType), results));
}

// Scratch: of each type the kind, whether it is final, its supertype, the numbers of fields and of results, two words for
// each field (type, whether it is mutable) and one for each result. Puts the numbers of the types into scratch.
bool unit_define_types(uint32_t id, uint32_t count) {
  std::vector<weld::TypeDefinition> group(count);
  size_t at = 0;
  auto word = [&] { return scratch_rows<uint32_t>(4 * at++, 1)[0]; };
  for (weld::TypeDefinition& type : group) {
    type.kind = static_cast<weld::TypeKind>(word());
    type.is_final = word() != 0;
    type.super = word();
    const uint32_t fields = word(), results = word();
    for (uint32_t i = 0; i < fields; i++) {
      const auto field = static_cast<ValueType>(word());
      type.fields.push_back({field, word() != 0});
    }
    for (uint32_t i = 0; i < results; i++) type.results.push_back(static_cast<ValueType>(word()));
  }
  const weld::Vector<uint32_t> numbers = unit_of(id).define_types(group);
  if (numbers.size() != count) return false;
  scratch(count * 4);
  std::copy(numbers.begin(), numbers.end(), reinterpret_cast<uint32_t*>(scratch_memory.data()));
  return true;
}

// A type as JSON.
std::string unit_type_definition(uint32_t id, uint32_t number) {
  weld::JsonWriter json;
  weld::write_type(json, unit_of(id), number);
  return json.take();
}

// `a`, `b`: function, tag: type; global: value type, whether it is mutable.
int unit_declare(uint32_t id, uint32_t kind, std::string name, uint32_t a, uint32_t b, uint32_t flags) {
  Unit& unit = unit_of(id);
  UnitSymbol symbol;
  switch (static_cast<weld::SymbolKind>(kind)) {
  case weld::SymbolKind::Function: symbol = unit.declare_function(name, a, flags); break;
  case weld::SymbolKind::Data: symbol = unit.declare_data(name, flags); break;
  case weld::SymbolKind::Global:
    symbol = unit.declare_global(name, {static_cast<ValueType>(a), b != 0}, flags);
    break;
  case weld::SymbolKind::Tag: symbol = unit.declare_tag(name, a, flags); break;
  case weld::SymbolKind::Table: break;
  case weld::SymbolKind::Section: symbol = unit.declare_section(name); break;
  }
  return static_cast<int>(symbol.row);
}

// A table with this type of elements, or with 0 a memory. `maximum`: -1: none. `limits`: the format's flags.
int unit_declare_table(uint32_t id, std::string name, uint32_t element, uint32_t limits, double minimum,
                       double maximum) {
  weld::Limits l;
  l.flags = static_cast<uint8_t>(limits | (maximum >= 0 ? weld::limits_has_max : 0));
  l.minimum = static_cast<uint64_t>(minimum);
  if (maximum >= 0) l.maximum = static_cast<uint64_t>(maximum);
  const auto type = static_cast<ValueType>(element);
  Unit& unit = unit_of(id);
  const UnitSymbol symbol =
      type == ValueType::Memory ? unit.declare_memory(name, l) : unit.declare_table(name, {type, l});
  return static_cast<int>(symbol.row);
}

int unit_declare_segment(uint32_t unit, std::string name, uint32_t kind) {
  return static_cast<int>(unit_of(unit).declare_segment(name, static_cast<weld::SegmentKind>(kind)).row);
}
// Scratch: `count` numbers of functions, or bytes.
bool unit_segment(uint32_t unit, uint32_t symbol, bool elements, uint32_t count) {
  if (elements)
    return unit_of(unit).set_passive_elements(UnitSymbol(symbol), scratch_rows<UnitSymbol>(0, count));
  return unit_of(unit).set_passive_data(UnitSymbol(symbol), scratch_rows<uint8_t>(0, count));
}

// In scratch: operands, extra words, opcodes.
weld::MirCode scratch_code(uint32_t count, uint32_t extra) {
  const size_t operands_end = size_t{count} * 4, extra_end = operands_end + size_t{extra} * 4;
  return {scratch_rows<uint16_t>(extra_end, count), scratch_rows<uint32_t>(0, count),
          scratch_rows<uint32_t>(operands_end, extra)};
}

// Scratch: five words for each variable (size of the name, local, type, begin, end); at `names_at` their names.
weld::Vector<weld::SourceVariable> scratch_variables(size_t at, uint32_t count, size_t names_at) {
  weld::Vector<weld::SourceVariable> variables;
  for (uint32_t i = 0; i < count; i++) {
    auto words = scratch_rows<uint32_t>(at + size_t{i} * 20, 5);
    const std::string_view name = weld::as_text(scratch_rows<uint8_t>(names_at, words[0]));
    names_at += words[0];
    variables.push_back({name, words[1], words[2], words[3], words[4]});
  }
  return variables;
}

// Scratch: operands, extra words, lines, variables, the locals' types, opcodes, names of variables. `type` -1: as
// declared. `line`, `file`: of the declaration.
bool unit_function(uint32_t id, uint32_t symbol, int type, uint32_t count, uint32_t extra, uint32_t locals,
                   uint32_t flags, uint32_t lines, uint32_t variables, uint32_t line, uint32_t file) {
  const size_t operands_end = size_t{count} * 4, extra_end = operands_end + size_t{extra} * 4,
               lines_end = extra_end + size_t{lines} * 16, variables_end = lines_end + size_t{variables} * 20,
               types_end = variables_end + size_t{locals} * 4, opcodes_end = types_end + size_t{count} * 2;
  weld::MirCode code{scratch_rows<uint16_t>(types_end, count), scratch_rows<uint32_t>(0, count),
                     scratch_rows<uint32_t>(operands_end, extra)};
  auto types = scratch_rows<ValueType>(variables_end, locals);
  const weld::Vector<weld::SourceVariable> named = scratch_variables(lines_end, variables, opcodes_end);
  const weld::FunctionSource source = {{scratch_rows<weld::SourceRow>(extra_end, lines), file, line}, named};
  Unit& unit = unit_of(id);
  return type < 0
             ? unit.set_function(UnitSymbol(symbol), types, code, flags, source)
             : unit.set_function(UnitSymbol(symbol), static_cast<uint32_t>(type), types, code, flags, source);
}

// Scratch: four words for each line (instruction, file, line, column).
bool unit_lines(uint32_t id, uint32_t symbol, uint32_t count, uint32_t line, uint32_t file) {
  return unit_of(id).set_lines(UnitSymbol(symbol), {scratch_rows<weld::SourceRow>(0, count), file, line});
}
bool unit_variables(uint32_t id, uint32_t symbol, uint32_t count) {
  return unit_of(id).set_variables(UnitSymbol(symbol), scratch_variables(0, count, size_t{count} * 20));
}
int unit_source_file(uint32_t id, std::string path) {
  return static_cast<int>(unit_of(id).source_file(path));
}
int unit_source_type(uint32_t id, std::string name, uint32_t encoding, uint32_t bytes) {
  return static_cast<int>(unit_of(id).source_type(name, static_cast<weld::SourceEncoding>(encoding), bytes));
}

// 5 words each: kind + 256 * width, offset, symbol, low and high word of what is added.
weld::Vector<weld::Fixup> fixups_of(std::span<const uint32_t> rows) {
  weld::Vector<weld::Fixup> fixups;
  for (; rows.size() >= 5; rows = rows.subspan(5)) {
    auto words = rows.first(5);
    weld::Fixup fixup;
    fixup.kind = static_cast<weld::Fixup::Kind>(words[0] & 255);
    fixup.width = static_cast<uint8_t>(words[0] >> 8);
    fixup.offset = words[1];
    fixup.symbol = UnitSymbol(words[2]);
    fixup.addend = static_cast<int64_t>(words[3] | static_cast<uint64_t>(words[4]) << 32);
    fixups.push_back(fixup);
  }
  return fixups;
}

weld::Vector<weld::Fixup> scratch_fixups(uint32_t count) {
  return fixups_of(scratch_rows<uint32_t>(0, size_t{count} * 5));
}

// `ask` gets the symbols that are alive (numbers, kinds and names as JSON text), and gives bytes and fixups; undefined: it failed.
bool unit_late_data(uint32_t id, uint32_t symbol, uint32_t p2align, uint32_t data_flags, uint32_t flags,
                    std::string section, emscripten::val ask) {
  auto asked = [ask, id](std::span<const UnitSymbol> alive, weld::LateContent& content) {
    weld::JsonWriter json;
    json.open('[');
    for (UnitSymbol one : alive) weld::write_name(json, unit_of(id), one);
    json.close(']');
    const emscripten::val answer = ask(json.take());
    if (answer.isUndefined()) return false;
    const weld::FileBytes bytes = copy_of(answer["bytes"]), fixups = copy_of(answer["fixups"]);
    content.bytes.append(bytes.bytes());
    const auto* words = reinterpret_cast<const uint32_t*>(fixups.bytes().data());
    content.fixups = fixups_of({words, fixups.bytes().size() / sizeof *words});
    return true;
  };
  return unit_of(id).set_late_data(UnitSymbol(symbol), asked, p2align, data_flags, flags, section);
}

// Scratch: fixups, bytes. `section`: a name, or empty.
bool unit_data(uint32_t id, uint32_t symbol, uint32_t size, uint32_t fixup_count, uint32_t p2align,
               uint32_t data_flags, uint32_t flags, std::string section) {
  weld::Bytes bytes = scratch_rows<uint8_t>(size_t{fixup_count} * 20, size);
  return unit_of(id).set_data(UnitSymbol(symbol), bytes, p2align, scratch_fixups(fixup_count), data_flags,
                              flags, section);
}

// Scratch: fixups, bytes. `section`: a name, or empty.
bool unit_section(uint32_t id, uint32_t symbol, uint32_t size, uint32_t fixup_count, std::string section) {
  weld::Bytes bytes = scratch_rows<uint8_t>(size_t{fixup_count} * 20, size);
  return unit_of(id).set_section(UnitSymbol(symbol), bytes, scratch_fixups(fixup_count), section);
}

bool unit_zeros(uint32_t id, uint32_t symbol, uint32_t size, uint32_t p2align, uint32_t data_flags,
                uint32_t flags, std::string section) {
  return unit_of(id).set_zeros(UnitSymbol(symbol), size, p2align, data_flags, flags, section);
}

// Scratch: fixups, bytes.
int unit_constant(uint32_t id, uint32_t size, uint32_t fixup_count, uint32_t p2align) {
  weld::Bytes bytes = scratch_rows<uint8_t>(size_t{fixup_count} * 20, size);
  return static_cast<int>(unit_of(id).constant(bytes, p2align, scratch_fixups(fixup_count)).row);
}

// Scratch: its 16 bytes.
bool unit_global(uint32_t id, uint32_t symbol, uint32_t flags) {
  auto init = scratch_rows<uint64_t>(0, 2);
  return unit_of(id).set_global(UnitSymbol(symbol), weld::GlobalInit{init[0], init[1]}, flags);
}
// Scratch: code.
bool unit_global_code(uint32_t id, uint32_t symbol, uint32_t count, uint32_t extra, uint32_t flags) {
  return unit_of(id).set_global_code(UnitSymbol(symbol), scratch_code(count, extra), flags);
}
// Scratch: `count` numbers of functions, or -1.
bool unit_table(uint32_t id, uint32_t symbol, uint32_t count, uint32_t first, uint32_t flags) {
  return unit_of(id).set_table(UnitSymbol(symbol), scratch_rows<UnitSymbol>(0, count), first, flags);
}
bool unit_memory(uint32_t id, uint32_t symbol, uint32_t flags) {
  return unit_of(id).set_memory(UnitSymbol(symbol), flags);
}
bool unit_tag(uint32_t id, uint32_t symbol, uint32_t flags) {
  return unit_of(id).set_tag(UnitSymbol(symbol), flags);
}

bool unit_alias(uint32_t id, uint32_t symbol, uint32_t target, uint32_t flags) {
  return unit_of(id).set_alias(UnitSymbol(symbol), UnitSymbol(target), flags);
}
bool unit_import(uint32_t id, uint32_t symbol, std::string module, std::string field) {
  return unit_of(id).import_from(UnitSymbol(symbol), module, field);
}
bool unit_export(uint32_t id, uint32_t symbol, std::string name) {
  return unit_of(id).export_as(UnitSymbol(symbol), name);
}
bool unit_unexport(uint32_t id, uint32_t symbol, std::string name) {
  return unit_of(id).unexport(UnitSymbol(symbol), name);
}
bool unit_start(uint32_t id, uint32_t symbol, uint32_t priority) {
  return unit_of(id).run_at_start(UnitSymbol(symbol), priority);
}
// Empty: no group.
bool unit_comdat(uint32_t id, uint32_t symbol, std::string group) {
  return unit_of(id).set_comdat(UnitSymbol(symbol), group);
}

// The parts of a text, each of which a zero ends.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\0'), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// Names, each after `+` or `-`.
bool unit_features(uint32_t id, std::string text) {
  std::vector<weld::StatedFeature> features;
  for (std::string_view part : parts_of(text)) features.push_back({part.substr(1), part.starts_with('-')});
  return unit_of(id).set_features(features);
}

// Field (0 to 2), name and version of each.
bool unit_producers(uint32_t id, std::string text) {
  std::vector<weld::StatedProducer> producers;
  const std::vector<std::string_view> parts = parts_of(text);
  for (size_t i = 0; i + 2 < parts.size(); i += 3)
    producers.push_back({static_cast<weld::ProducerField>(parts[i][0] - '0'), parts[i + 1], parts[i + 2]});
  return unit_of(id).set_producers(producers);
}

// What: 0 everything, 1 the import, 2 the exports, 3 that it runs at the start.
bool unit_remove(uint32_t id, uint32_t symbol, uint32_t what) {
  Unit& unit = unit_of(id);
  const UnitSymbol s(symbol);
  switch (what) {
  case 1: return unit.unimport(s);
  case 2: return unit.unexport(s);
  case 3: return unit.run_no_more(s);
  default: return unit.remove(s);
  }
}

} // namespace

EMSCRIPTEN_BINDINGS(weld_units) {
  emscripten::function("scratch", &scratch);
  emscripten::function("takeDiagnostics", &take_diagnostics);
  emscripten::function("addUnit", &add_unit);
  emscripten::function("instructions", &instructions);
  emscripten::function("unitType", &unit_type);
  emscripten::function("unitDefineTypes", &unit_define_types);
  emscripten::function("unitTypeDefinition", &unit_type_definition);
  emscripten::function("unitDeclare", &unit_declare);
  emscripten::function("unitDeclareTable", &unit_declare_table);
  emscripten::function("unitDeclareSegment", &unit_declare_segment);
  emscripten::function("unitSegment", &unit_segment);
  emscripten::function("unitFunction", &unit_function);
  emscripten::function("unitLines", &unit_lines);
  emscripten::function("unitVariables", &unit_variables);
  emscripten::function("unitSourceFile", &unit_source_file);
  emscripten::function("unitSourceType", &unit_source_type);
  emscripten::function("unitData", &unit_data);
  emscripten::function("unitZeros", &unit_zeros);
  emscripten::function("unitLateData", &unit_late_data);
  emscripten::function("unitSection", &unit_section);
  emscripten::function("unitConstant", &unit_constant);
  emscripten::function("unitGlobal", &unit_global);
  emscripten::function("unitGlobalCode", &unit_global_code);
  emscripten::function("unitTable", &unit_table);
  emscripten::function("unitMemory", &unit_memory);
  emscripten::function("unitTag", &unit_tag);
  emscripten::function("unitAlias", &unit_alias);
  emscripten::function("unitImport", &unit_import);
  emscripten::function("unitExport", &unit_export);
  emscripten::function("unitUnexport", &unit_unexport);
  emscripten::function("unitStart", &unit_start);
  emscripten::function("unitFeatures", &unit_features);
  emscripten::function("unitProducers", &unit_producers);
  emscripten::function("unitComdat", &unit_comdat);
  emscripten::function("unitFind", &unit_find);
  emscripten::function("unitInfo", &unit_info);
  emscripten::function("unitSymbols", &unit_symbols);
  emscripten::function("unitContent", &unit_content);
  emscripten::function("unitRemove", &unit_remove);
}
