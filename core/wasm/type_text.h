// Types and kinds as messages show them.
#pragma once

#include "core/base/bytes.h"
#include "core/wasm/format.h"

#include <string>

namespace weld {

std::string_view value_type_text(ValueType type);     // "i32"
std::string signature_text(Bytes encoded);            // "(i32, i64) -> void"; as the TYPE section has it
std::string global_type_text(const GlobalType& type); // "var i32"
std::string_view symbol_kind_text(SymbolKind kind, bool as_lld); // "function", "WASM_SYMBOL_TYPE_FUNCTION"
std::string_view section_kind_name(SectionKind kind);            // "CODE", as messages have it

// The two halves of an encoded signature: value types, one byte each.
struct SignatureParts {
  Bytes params, results;
};
SignatureParts signature_parts(Bytes encoded);

} // namespace weld
