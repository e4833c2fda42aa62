#include "core/wasm/type_text.h"

namespace weld {

std::string_view value_type_text(ValueType type) {
  if (is_defined_ref(type)) return is_nullable(type) ? "a nullable reference" : "a reference";
  if (!is_nullable(type)) {
    switch (nullable(type)) {
    case ValueType::NullExnRef: return "(ref noexn)";
    case ValueType::NullFuncRef: return "(ref nofunc)";
    case ValueType::NullExternRef: return "(ref noextern)";
    case ValueType::NullRef: return "(ref none)";
    case ValueType::FuncRef: return "(ref func)";
    case ValueType::ExternRef: return "(ref extern)";
    case ValueType::AnyRef: return "(ref any)";
    case ValueType::EqRef: return "(ref eq)";
    case ValueType::I31Ref: return "(ref i31)";
    case ValueType::StructRef: return "(ref struct)";
    case ValueType::ArrayRef: return "(ref array)";
    case ValueType::ExnRef: return "(ref exn)";
    default: return "unknown";
    }
  }
  switch (type) {
  case ValueType::I32: return "i32";
  case ValueType::I64: return "i64";
  case ValueType::F32: return "f32";
  case ValueType::F64: return "f64";
  case ValueType::V128: return "v128";
  case ValueType::I8: return "i8";
  case ValueType::I16: return "i16";
  case ValueType::NullExnRef: return "nullexnref";
  case ValueType::NullFuncRef: return "nullfuncref";
  case ValueType::NullExternRef: return "nullexternref";
  case ValueType::NullRef: return "nullref";
  case ValueType::FuncRef: return "funcref";
  case ValueType::ExternRef: return "externref";
  case ValueType::AnyRef: return "anyref";
  case ValueType::EqRef: return "eqref";
  case ValueType::I31Ref: return "i31ref";
  case ValueType::StructRef: return "structref";
  case ValueType::ArrayRef: return "arrayref";
  case ValueType::ExnRef: return "exnref";
  case ValueType::Memory: return "memory";
  }
  return "unknown";
}

namespace {

// What is referred to from inside a text is named by its kind.
std::string text_of(const SignaturePool& pool, ValueType type, bool is_inside);

std::string list(const SignaturePool& pool, const ValueTypes& types, bool is_inside) {
  std::string text;
  for (ValueType type : types) {
    if (!text.empty()) text += ", ";
    text += text_of(pool, type, is_inside);
  }
  return text;
}

std::string function_text(const SignaturePool& pool, const SignatureParts& parts, bool is_inside) {
  const std::string out = "(" + list(pool, parts.params, is_inside) + ") -> ";
  if (parts.results.empty()) return out + "void";
  if (parts.results.size() == 1) return out + text_of(pool, parts.results[0], is_inside);
  return out + "(" + list(pool, parts.results, is_inside) + ")";
}

std::string defined_text(const SignaturePool& pool, SignatureId id, bool is_inside) {
  const DefinedType type = defined_type(pool, id);
  if (type.kind == TypeKind::Function)
    return is_inside ? "(func ...)" : function_text(pool, {type.types, type.results}, true);
  std::string out = type.kind == TypeKind::Struct ? "(struct" : "(array";
  if (is_inside) return out + " ...)";
  for (size_t i = 0; i < type.types.size(); i++) {
    const std::string field = text_of(pool, type.types[i], true);
    out += type.is_mutable(i) ? " (mut " + field + ")" : " " + field;
  }
  return out + ")";
}

std::string text_of(const SignaturePool& pool, ValueType type, bool is_inside) {
  if (!is_defined_ref(type)) return std::string(value_type_text(type));
  const std::string to = defined_text(pool, SignatureId(ref_number(type)), is_inside);
  return (is_nullable(type) ? "(ref null " : "(ref ") + to + ")";
}

} // namespace

std::string value_type_text(const SignaturePool& pool, ValueType type) {
  return text_of(pool, type, false);
}

std::string signature_text(const SignaturePool& pool, SignatureId type) {
  const DefinedType defined = defined_type(pool, type);
  if (defined.kind != TypeKind::Function) return defined_text(pool, type, false);
  return function_text(pool, {defined.types, defined.results}, false);
}

std::string limits_text(const Limits& limits) {
  std::string text = limits.flags & limits_is_64 ? " of 64 bits" : " of 32 bits";
  if (limits.flags & limits_shared) text += ", shared";
  text += ", from " + std::to_string(limits.minimum);
  if (limits.flags & limits_has_max) text += " to " + std::to_string(limits.maximum);
  return text;
}

std::string global_type_text(const SignaturePool& pool, const GlobalType& type) {
  return std::string(type.is_mutable ? "var " : "const ") + value_type_text(pool, type.type);
}

std::string_view symbol_kind_text(SymbolKind kind, bool as_lld) {
  constexpr std::string_view words[] = {"function", "data", "global", "section", "tag", "table"};
  constexpr std::string_view lld_words[] = {"WASM_SYMBOL_TYPE_FUNCTION", "WASM_SYMBOL_TYPE_DATA",
                                            "WASM_SYMBOL_TYPE_GLOBAL",   "WASM_SYMBOL_TYPE_SECTION",
                                            "WASM_SYMBOL_TYPE_TAG",      "WASM_SYMBOL_TYPE_TABLE"};
  return (as_lld ? lld_words : words)[static_cast<uint8_t>(kind)];
}

std::string_view section_kind_name(SectionKind kind) {
  constexpr std::string_view names[] = {"custom", "TYPE",   "IMPORT",    "FUNCTION", "TABLE",
                                        "MEMORY", "GLOBAL", "EXPORT",    "START",    "ELEM",
                                        "CODE",   "DATA",   "DATACOUNT", "TAG"};
  return names[static_cast<uint8_t>(kind)];
}

} // namespace weld
