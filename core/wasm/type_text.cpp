#include "core/wasm/type_text.h"

namespace weld {

std::string_view value_type_text(ValueType type) {
  switch (type) {
  case ValueType::I32: return "i32";
  case ValueType::I64: return "i64";
  case ValueType::F32: return "f32";
  case ValueType::F64: return "f64";
  case ValueType::V128: return "v128";
  case ValueType::FuncRef: return "funcref";
  case ValueType::ExternRef: return "externref";
  case ValueType::ExnRef: return "exnref";
  }
  return "unknown";
}

// The pool's signatures were checked when they were parsed: the counts are right.
SignatureParts signature_parts(Bytes encoded) {
  auto take_count = [&] {
    uint32_t count = 0, shift = 0, byte;
    do {
      byte = encoded[0];
      count |= (byte & 0x7f) << shift;
      shift += 7;
      encoded = encoded.subspan(1);
    } while (byte & 0x80);
    return count;
  };
  encoded = encoded.subspan(1); // 0x60
  uint32_t params = take_count();
  Bytes param_types = encoded.subspan(0, params);
  encoded = encoded.subspan(params);
  uint32_t results = take_count();
  return {param_types, encoded.subspan(0, results)};
}

std::string signature_text(Bytes encoded) {
  SignatureParts parts = signature_parts(encoded);
  auto list = [](Bytes types) {
    std::string text;
    for (uint8_t type : types) {
      if (!text.empty()) text += ", ";
      text += value_type_text(static_cast<ValueType>(type));
    }
    return text;
  };
  std::string out = "(" + list(parts.params) + ") -> ";
  if (parts.results.empty()) return out + "void";
  if (parts.results.size() == 1) return out + list(parts.results);
  return out + "(" + list(parts.results) + ")";
}

std::string global_type_text(const GlobalType& type) {
  return std::string(type.is_mutable ? "var " : "const ") + std::string(value_type_text(type.type));
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
