#include "core/unit/read_unit.h"

#include "core/wasm/type_text.h"

namespace weld {

Vector<ValueType> locals_of(const StoredMir& function) {
  Vector<ValueType> locals;
  LocalRuns runs(function.locals);
  uint32_t count;
  for (ValueType type; runs.next(count, type);) locals.resize(locals.size() + count, type);
  return locals;
}

namespace {

// As its number: what is not in a text has no number.
void write_types(JsonWriter& json, const Unit& unit, std::string_view key, const ValueTypes& types) {
  json.open(key, '[');
  for (ValueType type : types) json.number(static_cast<uint32_t>(unit.of_pool(type)));
  json.close(']');
}

std::string_view kind_of(const UnitSymbolRow& row) {
  if (row.segment_kind == SegmentKind::PassiveData) return "passive data";
  if (row.segment_kind == SegmentKind::PassiveElements) return "passive elements";
  return row.kind_text();
}

void write_type(JsonWriter& json, const Unit& unit, const UnitSymbolRow& row) {
  switch (row.kind) {
  case SymbolKind::Function:
  case SymbolKind::Tag: {
    const SignatureParts parts = signature_parts(unit.signatures(), row.signature);
    write_types(json, unit, "params", parts.params);
    if (row.kind == SymbolKind::Function) write_types(json, unit, "results", parts.results);
    break;
  }
  case SymbolKind::Global:
    json.field("type", static_cast<uint32_t>(row.global.type));
    json.flag("mutable", row.global.is_mutable);
    break;
  case SymbolKind::Table:
    if (!row.is_memory()) json.field("type", static_cast<uint32_t>(row.table.element));
    json.flag("is64", row.table.limits.flags & limits_is_64);
    if (row.is_memory()) json.flag("shared", row.table.limits.flags & limits_shared);
    json.field("minimum", row.table.limits.minimum);
    if (row.table.limits.flags & limits_has_max) json.field("maximum", row.table.limits.maximum);
    break;
  case SymbolKind::Data:
  case SymbolKind::Section: break;
  }
}

} // namespace

void write_name(JsonWriter& json, const Unit& unit, UnitSymbol symbol) {
  const UnitSymbolRow& row = unit[symbol];
  json.open('{');
  json.field("id", symbol.row);
  json.field("name", row.name ? unit.strings().text(row.name) : std::string_view());
  json.field("kind", kind_of(row));
  json.close('}');
}

void write_symbol(JsonWriter& json, const Unit& unit, UnitSymbol symbol) {
  const UnitSymbolRow& row = unit[symbol];
  const StringPool& strings = unit.strings();
  json.open('{');
  json.field("id", symbol.row);
  json.field("name", row.name ? strings.text(row.name) : std::string_view());
  json.field("kind", kind_of(row));
  json.field("state", row.meaning == UnitSymbolRow::Declared  ? "declared"
                      : row.meaning == UnitSymbolRow::Defined ? "defined"
                                                              : "alias");
  write_type(json, unit, row);
  if (row.meaning == UnitSymbolRow::Alias) json.field("target", row.target.row);
  if (row.meaning == UnitSymbolRow::Declared) {
    json.flag("weak", row.weak_reference);
  } else {
    const uint32_t binding = row.flags & symbol_flag::binding_mask;
    json.field("binding", binding == symbol_flag::binding_weak    ? "weak"
                          : binding == symbol_flag::binding_local ? "local"
                                                                  : "global");
    json.flag("hidden", row.flags & symbol_flag::visibility_hidden);
    json.flag("keep", row.flags & symbol_flag::no_strip);
  }
  json.open("exports", '[');
  for (StringId name : unit.export_names(symbol)) json.text(strings.text(name));
  json.close(']');
  if (row.import_field) {
    json.open("import", '[');
    json.text(row.import_module ? strings.text(row.import_module) : default_module);
    json.text(strings.text(row.import_field));
    json.close(']');
  }
  if (row.init_priority != none32) json.field("priority", row.init_priority);
  if (row.comdat) json.field("comdat", strings.text(row.comdat));
  json.close('}');
}

void write_type(JsonWriter& json, const Unit& unit, uint32_t number) {
  constexpr std::string_view kinds[] = {"function", "struct", "array"};
  const TypeDefinition type = unit.type_definition(number);
  json.open('{');
  json.field("kind", kinds[static_cast<uint8_t>(type.kind)]);
  json.flag("final", type.is_final);
  if (type.super != TypeDefinition::no_super) json.field("super", type.super);
  json.open("fields", '[');
  for (const FieldType& field : type.fields) {
    json.open('{');
    json.field("type", static_cast<uint32_t>(field.type));
    json.flag("mutable", field.is_mutable);
    json.close('}');
  }
  json.close(']');
  json.open("results", '[');
  for (ValueType result : type.results) json.number(static_cast<uint32_t>(result));
  json.close(']');
  json.close('}');
}

void write_data(JsonWriter& json, const Unit& unit, UnitSymbol symbol) {
  const UnitSymbolRow& row = unit[symbol];
  json.open('{');
  json.field("size", row.size);
  json.field("p2align", row.p2align);
  json.field("flags", row.data_flags);
  json.field("section", row.segment ? unit.strings().text(row.segment) : std::string_view());
  json.open("fixups", '[');
  constexpr std::string_view kinds[] = {"data", "function", "functionIndex", "functionOffset", "section",
                                        "type", "global",   "tag",           "table"};
  for (const Fixup& fixup : unit.fixups(symbol)) {
    json.open('{');
    json.field("offset", fixup.offset);
    json.field("width", fixup.width);
    json.field(kinds[fixup.kind], fixup.symbol.row);
    json.field("addend",
               std::to_string(fixup.addend)); // which may have more digits than a number of JavaScript
    json.close('}');
  }
  json.close(']');
  json.close('}');
}

void write_table(JsonWriter& json, const Unit& unit, UnitSymbol symbol) {
  uint32_t first;
  const Vector<UnitSymbol> functions = unit.elements(symbol, first);
  json.open('{');
  json.field("first", first);
  json.open("elements", '[');
  for (UnitSymbol function : functions) json.signed_number(static_cast<int32_t>(function.row));
  json.close(']');
  json.close('}');
}

} // namespace weld
