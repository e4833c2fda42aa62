// Reading units back.
#include "core/api/state.h"
#include "core/unit/read_unit.h"
#include "core/wasm/type_text.h"

namespace weld::api {

namespace {

template <class Types>
std::vector<ValueType> to_outside(const Types& types) {
  std::vector<ValueType> out;
  for (weld::ValueType type : types) out.push_back(static_cast<ValueType>(type));
  return out;
}
// With the unit's numbers of types.
std::vector<ValueType> to_outside(const weld::Unit& unit, const ValueTypes& types) {
  std::vector<ValueType> out;
  for (weld::ValueType type : types) out.push_back(static_cast<ValueType>(unit.of_pool(type)));
  return out;
}

SymbolInfo::Kind kind_of(const UnitSymbolRow& row) {
  switch (row.kind) {
  case SymbolKind::Function: return SymbolInfo::Kind::Function;
  case SymbolKind::Global: return SymbolInfo::Kind::Global;
  case SymbolKind::Table: return row.is_memory() ? SymbolInfo::Kind::Memory : SymbolInfo::Kind::Table;
  case SymbolKind::Tag: return SymbolInfo::Kind::Tag;
  case SymbolKind::Section: return SymbolInfo::Kind::Section;
  case SymbolKind::Data: break;
  }
  return row.segment_kind == SegmentKind::PassiveData       ? SymbolInfo::Kind::PassiveData
         : row.segment_kind == SegmentKind::PassiveElements ? SymbolInfo::Kind::PassiveElements
                                                            : SymbolInfo::Kind::Data;
}

} // namespace

Symbol Unit::handle(uint32_t number) const {
  Symbol symbol;
  symbol.unit_ = owner();
  symbol.row_ = number;
  return symbol;
}

// The unit, when the symbol is one of its own.
const weld::Unit* Unit::reading(Symbol symbol) const {
  const weld::Unit* unit = inside();
  return unit && symbol && symbol.unit_ == owner() && unit->has(UnitSymbol(symbol.row_)) ? unit : nullptr;
}

std::vector<Symbol> Unit::symbols() const {
  std::vector<Symbol> symbols;
  const weld::Unit* unit = inside();
  for (uint32_t row = 0; unit && row < unit->symbol_count(); row++)
    if (const UnitSymbol symbol = unit->symbol_at(row); unit->has(symbol))
      symbols.push_back(handle(symbol.row));
  return symbols;
}

std::optional<SymbolInfo> Unit::info(Symbol symbol) const {
  const weld::Unit* unit = reading(symbol);
  if (!unit) return {};
  const UnitSymbol id(symbol.row_);
  const UnitSymbolRow& row = (*unit)[id];
  auto text = [&](StringId name) { return std::string(unit->strings().text(name)); };
  SymbolInfo info;
  info.kind = kind_of(row);
  info.state = row.meaning == UnitSymbolRow::Declared  ? SymbolInfo::State::Declared
               : row.meaning == UnitSymbolRow::Defined ? SymbolInfo::State::Defined
                                                       : SymbolInfo::State::Alias;
  if (row.name) info.name = text(row.name);
  if (row.meaning == UnitSymbolRow::Alias) info.target = handle(row.target.row);
  if (row.signature) {
    const SignatureParts parts = signature_parts(unit->signatures(), row.signature);
    info.params = to_outside(*unit, parts.params);
    info.results = to_outside(*unit, parts.results);
  }
  info.type = static_cast<ValueType>(row.kind == SymbolKind::Table ? row.table.element : row.global.type);
  info.is_mutable = row.global.is_mutable;
  info.minimum = row.table.limits.minimum;
  if (row.table.limits.flags & limits_has_max) info.maximum = row.table.limits.maximum;
  info.is_64 = row.table.limits.flags & limits_is_64;
  info.is_shared = row.table.limits.flags & limits_shared;
  const uint32_t binding = row.flags & symbol_flag::binding_mask;
  info.options.weak =
      row.meaning == UnitSymbolRow::Declared ? row.weak_reference : binding == symbol_flag::binding_weak;
  info.options.local = binding == symbol_flag::binding_local;
  info.options.hidden = row.flags & symbol_flag::visibility_hidden;
  info.options.no_strip = row.flags & symbol_flag::no_strip;
  for (StringId name : unit->export_names(id)) info.exports.push_back(text(name));
  if (row.import_field)
    info.import = {row.import_module ? text(row.import_module) : std::string(default_module),
                   text(row.import_field)};
  if (row.init_priority != none32) info.start_priority = row.init_priority;
  if (row.comdat) info.comdat = text(row.comdat);
  return info;
}

// The same when the symbol is of this kind, and defined.
const weld::Unit* Unit::reading_definition(Symbol symbol, SymbolInfo::Kind kind) const {
  const weld::Unit* unit = reading(symbol);
  if (!unit) return nullptr;
  const UnitSymbolRow& row = (*unit)[UnitSymbol(symbol.row_)];
  return row.defined() && kind_of(row) == kind ? unit : nullptr;
}

template <class MirCode>
Code Unit::to_code(const MirCode& from) const {
  Code code;
  code.opcodes_.assign(from.opcodes.begin(), from.opcodes.end());
  code.operands_.assign(from.operands.begin(), from.operands.end());
  code.extra_.assign(from.extra.begin(), from.extra.end());
  code.unit_ = owner();
  return code;
}

std::optional<FunctionContent> Unit::function(Symbol symbol) const {
  const weld::Unit* unit = reading_definition(symbol, SymbolInfo::Kind::Function);
  if (!unit) return {};
  const StoredMir stored = unit->function((*unit)[UnitSymbol(symbol.row_)].body.offset);
  return FunctionContent{to_code(stored.code), to_outside(locals_of(stored))};
}

std::optional<Code> Unit::global(Symbol symbol) const {
  const weld::Unit* unit = reading_definition(symbol, SymbolInfo::Kind::Global);
  if (!unit) return {};
  return to_code(unit->initial_value(UnitSymbol(symbol.row_)));
}

std::optional<TableContent> Unit::table(Symbol symbol) const {
  const weld::Unit* unit = reading_definition(symbol, SymbolInfo::Kind::Table);
  if (!unit) return {};
  TableContent content;
  for (UnitSymbol function : unit->elements(UnitSymbol(symbol.row_), content.first))
    content.elements.push_back(function ? handle(function.row) : Symbol());
  return content;
}

std::optional<SectionContent> Unit::section(Symbol symbol) const {
  const weld::Unit* unit = reading_definition(symbol, SymbolInfo::Kind::Section);
  if (!unit) return {};
  const UnitSymbol id(symbol.row_);
  SectionContent content;
  const weld::Bytes bytes = unit->content(id);
  content.bytes.assign(bytes.begin(), bytes.end());
  content.section = unit->strings().text((*unit)[id].segment);
  for (const weld::Fixup& f : unit->fixups(id)) {
    SectionFixup fixup{static_cast<SectionFixup::Kind>(f.kind), f.offset, {}, f.addend, f.width, {}};
    if (f.kind == weld::Fixup::TypeIndex) {
      fixup.type.emplace();
      fixup.type->unit_ = owner();
      fixup.type->number_ = f.symbol.row;
    } else {
      fixup.symbol = handle(f.symbol.row);
    }
    content.fixups.push_back(fixup);
  }
  return content;
}

std::optional<DataContent> Unit::data(Symbol symbol) const {
  const weld::Unit* unit = reading(symbol);
  const UnitSymbol id(symbol.row_);
  const UnitSymbolRow* row = unit ? &(*unit)[id] : nullptr;
  if (!row || row->kind != SymbolKind::Data || !row->defined() ||
      row->segment_kind == SegmentKind::PassiveElements)
    return {};
  DataContent content;
  const weld::Bytes bytes = unit->content(id);
  content.bytes.assign(bytes.begin(), bytes.end());
  content.bytes.resize(row->size);
  content.options.p2align = row->p2align;
  content.options.read_only = row->data_flags & data_flag::read_only;
  content.options.thread_local_data = row->data_flags & data_flag::tls;
  content.options.strings = row->data_flags & data_flag::strings;
  content.options.retain = row->data_flags & data_flag::retain;
  if (row->segment) content.section = unit->strings().text(row->segment);
  for (const weld::Fixup& f : unit->fixups(id))
    content.fixups.push_back(
        {f.offset, handle(f.symbol.row), f.addend, f.width, f.kind == weld::Fixup::TableSlot});
  return content;
}

} // namespace weld::api
