// Units, for the linker that stays.
//
// Calls take numbers, and names as texts (bridge.h). What is longer lies in `scratch`, where JavaScript puts it before the
// call: one copy, nothing to free.
#include "core/unit/read_unit.h"
#include "js/native/bridge.h"
#include "js/native/linker.h"
#include "js/native/report_json.h"

#include <algorithm>
#include <cstring>

extern "C" {
// Asks for content that is late. Gets the symbols that are alive (numbers, kinds and names as JSON); gives bytes, and fixups as
// `fixups_of` reads them. False: it failed.
__attribute__((import_module("host"), import_name("late"))) bool host_late(uint32_t function,
                                                                           const char* alive,
                                                                           size_t alive_size, Received* bytes,
                                                                           Received* fixups);
__attribute__((import_module("host"), import_name("forgetLate"))) void host_forget_late(uint32_t function);
}

using weld::Unit;
using weld::UnitSymbol;
using weld::ValueType;

static weld::Vector<Unit*> units;             // by number; those that were removed are not used any more
static weld::Vector<uint64_t> scratch_memory; // eight bytes each, so that every array in it is aligned

static Unit& unit_of(uint32_t id) {
  return *units[id];
}

static const uint8_t* scratch_at(size_t offset) {
  return reinterpret_cast<const uint8_t*>(scratch_memory.data()) + offset;
}
template <class T>
static std::span<const T> scratch_rows(size_t offset, size_t count) {
  return {reinterpret_cast<const T*>(scratch_at(offset)), count};
}

// Where `size` bytes may be put, good until the next call of anything.
WELD_EXPORT(scratch) uint32_t scratch(uint32_t size) {
  if (scratch_memory.size() * 8 < size) scratch_memory.resize((size + 7) / 8);
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(scratch_memory.data()));
}

// What was reported since the last call.
WELD_EXPORT(takeDiagnostics) void take_diagnostics() {
  weld::ToolReport report;
  report.diagnostics = lasting_tool().diagnostics().rows();
  lasting_tool().diagnostics().clear();
  give(weld::report_json(report));
}

// --- reading back

WELD_EXPORT(unitFind) int unit_find(uint32_t id) {
  return static_cast<int>(unit_of(id).find(given_text(0)).row);
}

WELD_EXPORT(unitInfo) void unit_info(uint32_t id, uint32_t symbol) {
  weld::JsonWriter json;
  if (unit_of(id).has(UnitSymbol(symbol))) weld::write_symbol(json, unit_of(id), UnitSymbol(symbol));
  give(json.take());
}

WELD_EXPORT(unitSymbols) void unit_symbols(uint32_t id) {
  const Unit& unit = unit_of(id);
  weld::JsonWriter json;
  json.open('[');
  for (uint32_t row = 0; row < unit.symbol_count(); row++)
    if (const UnitSymbol symbol = unit.symbol_at(row); unit.has(symbol))
      weld::write_symbol(json, unit, symbol);
  json.close(']');
  give(json.take());
}

// Operands, extra words, locals and opcodes, in scratch. The text says how many there are.
static void write_code(weld::JsonWriter& json, const weld::MirCode& code, std::span<const ValueType> locals) {
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

// What a symbol is made of. Functions and globals put code into scratch, and data its bytes. Nothing: the unit does not
// define the symbol.
WELD_EXPORT(unitContent) void unit_content(uint32_t id, uint32_t symbol) {
  const Unit& unit = unit_of(id);
  const weld::UnitSymbolRow& row = unit[UnitSymbol(symbol)];
  weld::JsonWriter json;
  if (!row.defined()) return;
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
  give(json.take());
}

// --- units. Symbols and types are numbers; -1, or false, when an edit is refused.

WELD_EXPORT(addUnit) int add_unit(bool is_64) {
  Unit* unit = lasting_tool().add_unit(std::string(given_text(0)), is_64);
  if (!unit) return -1;
  units.push_back(unit);
  return static_cast<int>(units.size() - 1);
}

WELD_EXPORT(removeUnit) void remove_unit() {
  lasting_tool().remove_unit(std::string(given_text(0)));
}

// Every instruction as `name code operand-kind`, one a line.
WELD_EXPORT(instructions) void instructions() {
  std::string text;
  for (const weld::OpTraits& op : weld::op_table) {
    text += op.name;
    text += ' ' + std::to_string(op.code) + ' ' + std::to_string(static_cast<int>(op.operand)) + ' ' +
            std::to_string(op.number) + '\n';
  }
  give(text);
}

// Scratch: the value types, a word each.
WELD_EXPORT(unitType) uint32_t unit_type(uint32_t unit, uint32_t params, uint32_t results) {
  return unit_of(unit).type(scratch_rows<ValueType>(0, params),
                            scratch_rows<ValueType>(params * sizeof(ValueType), results));
}

// Scratch: of each type the kind, whether it is final, its supertype, the numbers of fields and of results, two words for
// each field (type, whether it is mutable) and one for each result. Puts the numbers of the types into scratch.
WELD_EXPORT(unitDefineTypes) bool unit_define_types(uint32_t id, uint32_t count) {
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
WELD_EXPORT(unitTypeDefinition) void unit_type_definition(uint32_t id, uint32_t number) {
  weld::JsonWriter json;
  weld::write_type(json, unit_of(id), number);
  give(json.take());
}

// `a`, `b`: function, tag: type; global: value type, whether it is mutable.
WELD_EXPORT(unitDeclare)
int unit_declare(uint32_t id, uint32_t kind, uint32_t a, uint32_t b, uint32_t flags) {
  Unit& unit = unit_of(id);
  const std::string_view name = given_text(0);
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
WELD_EXPORT(unitDeclareTable)
int unit_declare_table(uint32_t id, uint32_t element, uint32_t limits, double minimum, double maximum) {
  weld::Limits l;
  l.flags = static_cast<uint8_t>(limits | (maximum >= 0 ? weld::limits_has_max : 0));
  l.minimum = static_cast<uint64_t>(minimum);
  if (maximum >= 0) l.maximum = static_cast<uint64_t>(maximum);
  const std::string_view name = given_text(0);
  const auto type = static_cast<ValueType>(element);
  Unit& unit = unit_of(id);
  const UnitSymbol symbol =
      type == ValueType::Memory ? unit.declare_memory(name, l) : unit.declare_table(name, {type, l});
  return static_cast<int>(symbol.row);
}

WELD_EXPORT(unitDeclareSegment) int unit_declare_segment(uint32_t unit, uint32_t kind) {
  return static_cast<int>(
      unit_of(unit).declare_segment(given_text(0), static_cast<weld::SegmentKind>(kind)).row);
}
// Scratch: `count` numbers of functions, or bytes.
WELD_EXPORT(unitSegment) bool unit_segment(uint32_t unit, uint32_t symbol, bool elements, uint32_t count) {
  if (elements)
    return unit_of(unit).set_passive_elements(UnitSymbol(symbol), scratch_rows<UnitSymbol>(0, count));
  return unit_of(unit).set_passive_data(UnitSymbol(symbol), scratch_rows<uint8_t>(0, count));
}

// In scratch: operands, extra words, opcodes.
static weld::MirCode scratch_code(uint32_t count, uint32_t extra) {
  const size_t operands_end = size_t{count} * 4, extra_end = operands_end + size_t{extra} * 4;
  return {scratch_rows<uint16_t>(extra_end, count), scratch_rows<uint32_t>(0, count),
          scratch_rows<uint32_t>(operands_end, extra)};
}

// Scratch: five words for each variable (size of the name, local, type, begin, end); at `names_at` their names.
static weld::Vector<weld::SourceVariable> scratch_variables(size_t at, uint32_t count, size_t names_at) {
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
WELD_EXPORT(unitFunction)
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
WELD_EXPORT(unitLines)
bool unit_lines(uint32_t id, uint32_t symbol, uint32_t count, uint32_t line, uint32_t file) {
  return unit_of(id).set_lines(UnitSymbol(symbol), {scratch_rows<weld::SourceRow>(0, count), file, line});
}
WELD_EXPORT(unitVariables) bool unit_variables(uint32_t id, uint32_t symbol, uint32_t count) {
  return unit_of(id).set_variables(UnitSymbol(symbol), scratch_variables(0, count, size_t{count} * 20));
}
WELD_EXPORT(unitSourceFile) int unit_source_file(uint32_t id) {
  return static_cast<int>(unit_of(id).source_file(given_text(0)));
}
WELD_EXPORT(unitSourceType) int unit_source_type(uint32_t id, uint32_t encoding, uint32_t bytes) {
  return static_cast<int>(
      unit_of(id).source_type(given_text(0), static_cast<weld::SourceEncoding>(encoding), bytes));
}

// 5 words each: kind + 256 * width, offset, symbol, low and high word of what is added.
static weld::Vector<weld::Fixup> fixups_of(std::span<const uint32_t> rows) {
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

static weld::Vector<weld::Fixup> scratch_fixups(uint32_t count) {
  return fixups_of(scratch_rows<uint32_t>(0, size_t{count} * 5));
}

namespace {

// A function of the caller's, which JavaScript knows by a number for as long as this lives.
struct LateFunction {
  explicit LateFunction(uint32_t number) : number(number) {}
  LateFunction(const LateFunction&) = delete;
  LateFunction& operator=(const LateFunction&) = delete;
  ~LateFunction() { host_forget_late(number); }
  const uint32_t number;
};

} // namespace

// Text: the section. `late`: the function that gives the content: see `host_late`.
WELD_EXPORT(unitLateData)
bool unit_late_data(uint32_t id, uint32_t symbol, uint32_t p2align, uint32_t data_flags, uint32_t flags,
                    uint32_t late) {
  auto asked = [late = std::make_shared<LateFunction>(late), id](std::span<const UnitSymbol> alive,
                                                                 weld::LateContent& content) {
    weld::JsonWriter json;
    json.open('[');
    for (UnitSymbol one : alive) weld::write_name(json, unit_of(id), one);
    json.close(']');
    const std::string names = json.take();
    Received bytes, fixups;
    if (!host_late(late->number, names.data(), names.size(), &bytes, &fixups)) return false;
    content.bytes.append(adopt(bytes).bytes());
    const weld::FileBytes rows = adopt(fixups);
    const auto* words = reinterpret_cast<const uint32_t*>(rows.bytes().data());
    content.fixups = fixups_of({words, rows.bytes().size() / sizeof *words});
    return true;
  };
  return unit_of(id).set_late_data(UnitSymbol(symbol), asked, p2align, data_flags, flags, given_text(0));
}

// Scratch: fixups, bytes. `section`: a name, or empty.
WELD_EXPORT(unitData)
bool unit_data(uint32_t id, uint32_t symbol, uint32_t size, uint32_t fixup_count, uint32_t p2align,
               uint32_t data_flags, uint32_t flags) {
  weld::Bytes bytes = scratch_rows<uint8_t>(size_t{fixup_count} * 20, size);
  return unit_of(id).set_data(UnitSymbol(symbol), bytes, p2align, scratch_fixups(fixup_count), data_flags,
                              flags, given_text(0));
}

// Scratch: fixups, bytes. `section`: a name, or empty.
WELD_EXPORT(unitSection)
bool unit_section(uint32_t id, uint32_t symbol, uint32_t size, uint32_t fixup_count) {
  weld::Bytes bytes = scratch_rows<uint8_t>(size_t{fixup_count} * 20, size);
  return unit_of(id).set_section(UnitSymbol(symbol), bytes, scratch_fixups(fixup_count), given_text(0));
}

WELD_EXPORT(unitZeros)
bool unit_zeros(uint32_t id, uint32_t symbol, uint32_t size, uint32_t p2align, uint32_t data_flags,
                uint32_t flags) {
  return unit_of(id).set_zeros(UnitSymbol(symbol), size, p2align, data_flags, flags, given_text(0));
}

// Scratch: fixups, bytes.
WELD_EXPORT(unitConstant)
int unit_constant(uint32_t id, uint32_t size, uint32_t fixup_count, uint32_t p2align) {
  weld::Bytes bytes = scratch_rows<uint8_t>(size_t{fixup_count} * 20, size);
  return static_cast<int>(unit_of(id).constant(bytes, p2align, scratch_fixups(fixup_count)).row);
}

// Scratch: its 16 bytes.
WELD_EXPORT(unitGlobal) bool unit_global(uint32_t id, uint32_t symbol, uint32_t flags) {
  auto init = scratch_rows<uint64_t>(0, 2);
  return unit_of(id).set_global(UnitSymbol(symbol), weld::GlobalInit{init[0], init[1]}, flags);
}
// Scratch: code.
WELD_EXPORT(unitGlobalCode)
bool unit_global_code(uint32_t id, uint32_t symbol, uint32_t count, uint32_t extra, uint32_t flags) {
  return unit_of(id).set_global_code(UnitSymbol(symbol), scratch_code(count, extra), flags);
}
// Scratch: `count` numbers of functions, or -1.
WELD_EXPORT(unitTable)
bool unit_table(uint32_t id, uint32_t symbol, uint32_t count, uint32_t first, uint32_t flags) {
  return unit_of(id).set_table(UnitSymbol(symbol), scratch_rows<UnitSymbol>(0, count), first, flags);
}
WELD_EXPORT(unitMemory) bool unit_memory(uint32_t id, uint32_t symbol, uint32_t flags) {
  return unit_of(id).set_memory(UnitSymbol(symbol), flags);
}
WELD_EXPORT(unitTag) bool unit_tag(uint32_t id, uint32_t symbol, uint32_t flags) {
  return unit_of(id).set_tag(UnitSymbol(symbol), flags);
}

WELD_EXPORT(unitAlias) bool unit_alias(uint32_t id, uint32_t symbol, uint32_t target, uint32_t flags) {
  return unit_of(id).set_alias(UnitSymbol(symbol), UnitSymbol(target), flags);
}
WELD_EXPORT(unitImport) bool unit_import(uint32_t id, uint32_t symbol) {
  return unit_of(id).import_from(UnitSymbol(symbol), given_text(0), given_text(1));
}
WELD_EXPORT(unitExport) bool unit_export(uint32_t id, uint32_t symbol) {
  return unit_of(id).export_as(UnitSymbol(symbol), given_text(0));
}
WELD_EXPORT(unitUnexport) bool unit_unexport(uint32_t id, uint32_t symbol) {
  return unit_of(id).unexport(UnitSymbol(symbol), given_text(0));
}
WELD_EXPORT(unitStart) bool unit_start(uint32_t id, uint32_t symbol, uint32_t priority) {
  return unit_of(id).run_at_start(UnitSymbol(symbol), priority);
}
// Empty: no group.
WELD_EXPORT(unitComdat) bool unit_comdat(uint32_t id, uint32_t symbol) {
  return unit_of(id).set_comdat(UnitSymbol(symbol), given_text(0));
}

// The parts of a text, each of which a zero ends.
static std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\0'), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// Names, each after `+` or `-`.
WELD_EXPORT(unitFeatures) bool unit_features(uint32_t id) {
  std::vector<weld::StatedFeature> features;
  for (std::string_view part : parts_of(given_text(0)))
    features.push_back({part.substr(1), part.starts_with('-')});
  return unit_of(id).set_features(features);
}

// Field (0 to 2), name and version of each.
WELD_EXPORT(unitProducers) bool unit_producers(uint32_t id) {
  std::vector<weld::StatedProducer> producers;
  const std::vector<std::string_view> parts = parts_of(given_text(0));
  for (size_t i = 0; i + 2 < parts.size(); i += 3)
    producers.push_back({static_cast<weld::ProducerField>(parts[i][0] - '0'), parts[i + 1], parts[i + 2]});
  return unit_of(id).set_producers(producers);
}

// What: 0 everything, 1 the import, 2 the exports, 3 that it runs at the start.
WELD_EXPORT(unitRemove) bool unit_remove(uint32_t id, uint32_t symbol, uint32_t what) {
  Unit& unit = unit_of(id);
  const UnitSymbol s(symbol);
  switch (what) {
  case 1: return unit.unimport(s);
  case 2: return unit.unexport(s);
  case 3: return unit.run_no_more(s);
  default: return unit.remove(s);
  }
}
