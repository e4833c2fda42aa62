#include "core/link/resolve/resolution.h"

#include <algorithm>

namespace weld {

AnyEntity LinkObject::entity_of(const SymbolRow& row) const {
  if (row.is_undefined() || row.element == none32) return {};
  switch (row.kind) {
  case SymbolKind::Function: return FunctionEntity(function(row.element));
  case SymbolKind::Global: return GlobalEntity(global(row.element));
  case SymbolKind::Tag: return TagEntity(tag(row.element));
  case SymbolKind::Table: return TableEntity(table(row.element));
  case SymbolKind::Data: return SegmentEntity(segment(row.element));
  case SymbolKind::Section: break;
  }
  return {};
}

Vector<uint32_t> LinkObject::defining_symbols() const {
  Vector<uint32_t> symbols(object.functions().size(), none32);
  for (uint32_t i = 0; i < unit->symbol_count(); i++) {
    const UnitSymbolRow& row = (*unit)[unit->symbol_at(i)];
    if (row.kind == SymbolKind::Function && row.defined()) symbols[object.symbols()[i].element] = i;
  }
  return symbols;
}

bool Resolved::is_absolute(SymbolId id) const {
  const Symbol& s = symbols[id];
  if (s.kind != SymbolKind::Data || s.state != SymbolState::Defined) return false;
  return id == known.first_page_end || (s.entity.is_none() && s.place == none32);
}

std::string Resolved::file_of(LinkObjectId object) const {
  return object ? display_file(location_of(object)) : "<internal>";
}

std::string Resolved::file_of(const Symbol& s) const {
  return s.input ? display_file(store.location_of(s.input, s.member)) : file_of(s.object);
}

Location Resolved::location_of(LinkObjectId object) const {
  if (!object) return {};
  return store.location_of(objects[object].input, objects[object].member);
}

SymbolId Resolved::insert_name(StringId name, bool& inserted) {
  if (name.row >= position_of_name.size()) position_of_name.resize(store.strings.size(), none32);
  uint32_t& position = position_of_name[name.row];
  inserted = position == none32;
  if (!inserted) return symbol_order[position];
  position = static_cast<uint32_t>(symbol_order.size());
  Symbol symbol;
  symbol.name = name;
  symbol.traced = name.row < traced_name.size() && traced_name[name.row];
  SymbolId id = symbols.add(symbol);
  symbol_order.push_back(id);
  return id;
}

FunctionEntity Resolved::add_synthetic_function(StringId name, SignatureId signature) {
  SyntheticFunction function;
  function.name = name;
  function.signature = signature;
  return synthetic_functions.add(function);
}

FunctionEntity Resolved::function_of(const LinkObject& o, uint32_t row_index) const {
  if (SymbolId id = bound[o.symbol(row_index)]) {
    const Symbol& s = symbols[id];
    return s.state == SymbolState::Defined && s.kind == SymbolKind::Function ? s.function() : FunctionEntity();
  }
  const SymbolRow& row = o.object.symbols()[row_index];
  if (row.kind != SymbolKind::Function || row.is_undefined()) return {};
  return o.function(row.element);
}

DataPlace Resolved::data_of(const LinkObject& o, uint32_t row_index) const {
  if (SymbolId id = bound[o.symbol(row_index)]) {
    const Symbol& s = symbols[id];
    if (s.state != SymbolState::Defined || s.kind != SymbolKind::Data || s.entity.is_none()) return {};
    return {s.segment(), s.value};
  }
  const SymbolRow& row = o.object.symbols()[row_index];
  if (row.kind != SymbolKind::Data || row.is_undefined() || row.element == none32) return {};
  return {o.segment(row.element), row.value()};
}

StringId Resolved::export_name_of(const Symbol& s) const {
  if (s.kind != SymbolKind::Function || s.entity.is_synthetic()) return {};
  const LinkObject& o = objects[s.object];
  return o.object.functions()[o.function.local(s.function().id())].export_name;
}

std::span<const ExportRow> Resolved::unit_exports_of(const Symbol& s) const {
  if (!s.object || s.state != SymbolState::Defined) return {};
  const std::span<const ExportRow> all = objects[s.object].object.exports();
  auto [first, end] =
      std::equal_range(all.begin(), all.end(), ExportRow{s.row, {}},
                       [](const ExportRow& a, const ExportRow& b) { return a.symbol < b.symbol; });
  return all.subspan(static_cast<size_t>(first - all.begin()), static_cast<size_t>(end - first));
}

Vector<StringId> Resolved::export_names_of(SymbolId id) const {
  const Symbol* s = &symbols[id];
  if (s->kind == SymbolKind::Function && s->entity.is_synthetic())
    if (SymbolId wrapped = synthetic_functions[s->function().synthetic()].wraps) s = &symbols[wrapped];
  Vector<StringId> names;
  for (const ExportRow& row : unit_exports_of(*s)) names.push_back(row.name);
  if (!names.empty()) return names;
  const StringId other = export_name_of(*s);
  names.push_back(other ? other : s->name);
  return names;
}

GlobalType global_type_of(const Resolved& link, const Symbol& s) {
  if (s.object) {
    ObjectView o = link.objects[s.object].object;
    const SymbolRow& row = o.symbols()[s.row];
    if (!row.is_undefined()) return {o.globals()[row.element].type, o.globals()[row.element].is_mutable != 0};
    const ImportRow& import = o.imports()[row.import()];
    return {import.value_type, import.is_mutable != 0};
  }
  if (s.entity.is_synthetic()) return link.synthetic_globals[s.global().synthetic()].type;
  return {link.is_64 ? ValueType::I64 : ValueType::I32, s.is_mutable};
}

TableType table_type_in(const ObjectView& o, const SymbolRow& row) {
  if (!row.is_undefined()) {
    const TableRow& table = o.tables()[row.element];
    return {table.element, table.limits()};
  }
  const ImportRow& import = o.imports()[row.import()];
  return {import.value_type, import.limits()};
}

TableType table_type_of(const Resolved& link, const Symbol& s) {
  if (s.object) {
    const ObjectView o = link.objects[s.object].object;
    return table_type_in(o, o.symbols()[s.row]);
  }
  return {ValueType::FuncRef, {}}; // its limits are known when the table is full
}

bool Resolved::is_memory(SymbolId id) const {
  const Symbol& s = symbols[id];
  return s.kind == SymbolKind::Table && table_type_of(*this, s).element == ValueType::Memory;
}

} // namespace weld
