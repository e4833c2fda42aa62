// Types and kinds as messages show them.
#pragma once

#include "core/base/bytes.h"
#include "core/wasm/format.h"
#include "core/wasm/types.h"

#include <string>

namespace weld {

std::string_view value_type_text(ValueType type); // "i32"; of a reference to a defined type no more than that
// With what references refer to: "(ref null (struct i32 (mut i64)))".
std::string value_type_text(const SignaturePool& pool, ValueType type);
std::string signature_text(const SignaturePool& pool, SignatureId type); // "(i32, i64) -> void"
std::string limits_text(const Limits& limits);                           // " of 64 bits, shared, from 1 to 2"
std::string global_type_text(const SignaturePool& pool, const GlobalType& type); // "var i32"
std::string_view symbol_kind_text(SymbolKind kind, bool as_lld); // "function", "WASM_SYMBOL_TYPE_FUNCTION"
std::string_view section_kind_name(SectionKind kind);            // "CODE", as messages have it

} // namespace weld
