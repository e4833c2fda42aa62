// Globals, tables and tags of a unit.
#include "core/unit/unit.h"

namespace weld {

bool Unit::set_global(UnitSymbol symbol, const GlobalInit& init, uint32_t flags) {
  if (!is_symbol(symbol, SymbolKind::Global, "global") || !check_flags(symbol, flags)) return false;
  ByteBuffer encoded;
  auto words = [&](uint64_t bits, size_t size) {
    uint8_t bytes[8];
    write_le(bytes, bits);
    encoded.append(Bytes(bytes, size));
  };
  switch (symbols_[symbol].global.type) {
  case ValueType::I32:
    encoded.u8(opcode::i32_const);
    encoded.sleb(static_cast<int32_t>(init.low));
    break;
  case ValueType::I64:
    encoded.u8(opcode::i64_const);
    encoded.sleb(static_cast<int64_t>(init.low));
    break;
  case ValueType::F32:
    encoded.u8(opcode::f32_const);
    words(init.low, 4);
    break;
  case ValueType::F64:
    encoded.u8(opcode::f64_const);
    words(init.low, 8);
    break;
  case ValueType::V128:
    encoded.u8(0xfd);
    encoded.u8(static_cast<uint16_t>(Op::v128_const) & 0xff);
    words(init.low, 8);
    words(init.high, 8);
    break;
  case ValueType::FuncRef:
  case ValueType::ExternRef:
  case ValueType::ExnRef:
    encoded.u8(opcode::ref_null);
    encoded.u8(static_cast<uint8_t>(symbols_[symbol].global.type));
    break;
  }
  encoded.u8(opcode::end);
  clear_definition(symbol);
  define(symbol, flags);
  symbols_[symbol].body = rooms_.store(encoded.from(0));
  return true;
}

bool Unit::set_table(UnitSymbol symbol, uint32_t flags) {
  if (!is_symbol(symbol, SymbolKind::Table, "table") || !check_flags(symbol, flags)) return false;
  if (symbol == function_table_ || strings_.text(symbols_[symbol].name) == function_table_name)
    return refuse(symbol, "the table of functions is the linker's");
  clear_definition(symbol);
  define(symbol, flags);
  return true;
}

bool Unit::set_tag(UnitSymbol symbol, uint32_t flags) {
  if (!is_symbol(symbol, SymbolKind::Tag, "tag") || !check_flags(symbol, flags)) return false;
  clear_definition(symbol);
  define(symbol, flags);
  return true;
}

} // namespace weld
