// Units, for the linker that stays.
//
// Calls take numbers. What is longer, names apart, lies in `scratch`, where JavaScript puts it before the
// call: one copy, nothing to free.
#include "core/unit/unit.h"
#include "js/native/linker.h"
#include "js/native/report_json.h"

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

// Scratch: the value types, a byte each.
uint32_t unit_type(uint32_t unit, uint32_t params, uint32_t results) {
  return unit_of(unit).type(scratch_rows<ValueType>(0, params), scratch_rows<ValueType>(params, results));
}

// `a`, `b`, `c`: function, tag: type; global: value type, whether it is mutable; table: element type,
// minimum, maximum or -1.
int unit_declare(uint32_t id, uint32_t kind, std::string name, uint32_t a, uint32_t b, double c,
                 uint32_t flags) {
  Unit& unit = unit_of(id);
  UnitSymbol symbol;
  switch (static_cast<weld::SymbolKind>(kind)) {
  case weld::SymbolKind::Function: symbol = unit.declare_function(name, a, flags); break;
  case weld::SymbolKind::Data: symbol = unit.declare_data(name, flags); break;
  case weld::SymbolKind::Global:
    symbol = unit.declare_global(name, {static_cast<ValueType>(a), b != 0}, flags);
    break;
  case weld::SymbolKind::Tag: symbol = unit.declare_tag(name, a, flags); break;
  case weld::SymbolKind::Table: {
    weld::Limits limits;
    limits.minimum = b;
    if (c >= 0) {
      limits.flags = weld::limits_has_max;
      limits.maximum = static_cast<uint32_t>(c);
    }
    symbol = unit.declare_table(name, {static_cast<ValueType>(a), limits}, flags);
    break;
  }
  case weld::SymbolKind::Section: break;
  }
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

// Scratch: operands, extra words, opcodes, the locals' types. `type` -1: as declared.
bool unit_function(uint32_t id, uint32_t symbol, int type, uint32_t count, uint32_t extra, uint32_t locals,
                   uint32_t flags) {
  const size_t operands_end = size_t{count} * 4, extra_end = operands_end + size_t{extra} * 4,
               opcodes_end = extra_end + size_t{count} * 2;
  weld::MirCode code{scratch_rows<uint16_t>(extra_end, count), scratch_rows<uint32_t>(0, count),
                     scratch_rows<uint32_t>(operands_end, extra)};
  auto types = scratch_rows<ValueType>(opcodes_end, locals);
  Unit& unit = unit_of(id);
  return type < 0 ? unit.set_function(UnitSymbol(symbol), types, code, flags)
                  : unit.set_function(UnitSymbol(symbol), static_cast<uint32_t>(type), types, code, flags);
}

// In scratch, 5 words each: kind + 256 * width, offset, symbol, low and high word of what is added.
weld::Vector<weld::Fixup> scratch_fixups(uint32_t count) {
  weld::Vector<weld::Fixup> fixups;
  for (uint32_t i = 0; i < count; i++) {
    auto words = scratch_rows<uint32_t>(size_t{i} * 20, 5);
    weld::Fixup fixup;
    fixup.kind = words[0] & 255 ? weld::Fixup::TableSlot : weld::Fixup::Address;
    fixup.width = static_cast<uint8_t>(words[0] >> 8);
    fixup.offset = words[1];
    fixup.symbol = UnitSymbol(words[2]);
    fixup.addend = static_cast<int64_t>(words[3] | static_cast<uint64_t>(words[4]) << 32);
    fixups.push_back(fixup);
  }
  return fixups;
}

// Scratch: fixups, bytes. `section`: a name, or empty.
bool unit_data(uint32_t id, uint32_t symbol, uint32_t size, uint32_t fixup_count, uint32_t p2align,
               uint32_t data_flags, uint32_t flags, std::string section) {
  weld::Bytes bytes = scratch_rows<uint8_t>(size_t{fixup_count} * 20, size);
  return unit_of(id).set_data(UnitSymbol(symbol), bytes, p2align, scratch_fixups(fixup_count), data_flags,
                              flags, section);
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

// A global, with its 16 bytes in scratch; a table; a tag.
bool unit_define(uint32_t id, uint32_t symbol, uint32_t flags) {
  Unit& unit = unit_of(id);
  const UnitSymbol s(symbol);
  auto init = scratch_rows<uint64_t>(0, 2);
  switch (unit[s].kind) {
  case weld::SymbolKind::Global: return unit.set_global(s, {init[0], init[1]}, flags);
  case weld::SymbolKind::Table: return unit.set_table(s, flags);
  default: return unit.set_tag(s, flags);
  }
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
  emscripten::function("unitDeclare", &unit_declare);
  emscripten::function("unitDeclareSegment", &unit_declare_segment);
  emscripten::function("unitSegment", &unit_segment);
  emscripten::function("unitFunction", &unit_function);
  emscripten::function("unitData", &unit_data);
  emscripten::function("unitZeros", &unit_zeros);
  emscripten::function("unitConstant", &unit_constant);
  emscripten::function("unitDefine", &unit_define);
  emscripten::function("unitAlias", &unit_alias);
  emscripten::function("unitImport", &unit_import);
  emscripten::function("unitExport", &unit_export);
  emscripten::function("unitUnexport", &unit_unexport);
  emscripten::function("unitStart", &unit_start);
  emscripten::function("unitRemove", &unit_remove);
}
