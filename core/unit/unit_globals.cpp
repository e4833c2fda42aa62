// Globals, tables and tags of a unit.
#include "core/unit/unit.h"
#include "core/wasm/type_text.h"

#include <algorithm>

namespace weld {

namespace {

// A constant expression of a unit: checked, and encoded with fields for what the linker fills in. Relocations count from
// its first byte.
class InitEncoder {
public:
  InitEncoder(const Unit& unit, const SymbolNumbers& numbers, UnitSymbol global, const MirCode& code)
      : unit_(unit), numbers_(numbers), global_(global), code_(code) {}

  // What is wrong; empty: nothing.
  std::string run() {
    if (code_.opcodes.size() != code_.operands.size()) return "opcodes and operands differ in number";
    for (uint32_t i = 0; i < code_.size() && error_.empty(); i++) {
      const OpTraits* op = find_op(code_.opcodes[i]);
      if (!op) error_ = "unknown opcode " + std::to_string(code_.opcodes[i]);
      else if (code_.op(i) == Op::end) return finish(i + 1 == code_.size());
      else instruction(code_.op(i), *op, code_.operands[i]);
    }
    return error_.empty() ? "the expression has no `end`" : error_;
  }

  ByteBuffer bytes, relocs;
  uint32_t reloc_count = 0;
  uint32_t features = 0; // bits by MirFeature
  bool uses_function_table = false;

private:
  std::string finish(bool is_last) {
    if (!is_last) return "instructions after the end of the expression";
    if (stack_.size() != 1) return "the expression leaves " + std::to_string(stack_.size()) + " values";
    const ValueType wanted = unit_[global_].global.type;
    if (stack_[0] != wanted) return "its value is " + text(stack_[0]) + ", not " + text(wanted);
    bytes.u8(opcode::end);
    return {};
  }

  static std::string text(ValueType type) { return std::string(value_type_text(type)); }

  void note(MirFeature feature) {
    if (feature != MirFeature::mvp) features |= 1u << static_cast<uint8_t>(feature);
  }

  const uint32_t* words(uint32_t at, uint32_t count) {
    if (at <= code_.extra.size() && count <= code_.extra.size() - at) return code_.extra.data() + at;
    error_ = "bad operand: its words are outside of the extra array";
    return nullptr;
  }
  bool is_symbol(uint32_t row, SymbolKind kind) {
    const UnitSymbol symbol(row);
    if (unit_.has(symbol) && unit_[symbol].kind == kind && unit_[symbol].segment_kind == SegmentKind::Memory)
      return true;
    error_ = unit_.has(symbol)
                 ? "bad operand: a " + std::string(symbol_kind_text(kind, false)) + " is expected"
                 : "bad operand: " + unit_.why_unknown(symbol);
    return false;
  }

  // A field that the linker fills in: its bytes are not looked at.
  void reloc(RelocType type, uint32_t symbol, int64_t addend = 0) {
    relocs.u8(static_cast<uint8_t>(type));
    relocs.uleb(bytes.size());
    relocs.uleb(numbers_.row_of(symbol));
    if (traits(type).has_addend) relocs.sleb(addend);
    bytes.u8(0);
    reloc_count++;
  }

  void instruction(Op op, const OpTraits& row, uint32_t operand) {
    const uint32_t* w;
    note(row.feature);
    switch (op) {
    case Op::i32_const:
      bytes.u8(opcode::i32_const);
      bytes.sleb(static_cast<int32_t>(operand));
      return stack_.push_back(ValueType::I32);
    case Op::i64_const:
      if (!(w = words(operand, 2))) return;
      bytes.u8(opcode::i64_const);
      bytes.sleb(static_cast<int64_t>(code_.extra_64(operand)));
      return stack_.push_back(ValueType::I64);
    case Op::f32_const:
      bytes.u8(opcode::f32_const);
      put(&operand, 1);
      return stack_.push_back(ValueType::F32);
    case Op::f64_const:
      if (!(w = words(operand, 2))) return;
      bytes.u8(opcode::f64_const);
      put(w, 2);
      return stack_.push_back(ValueType::F64);
    case Op::v128_const:
      if (!(w = words(operand, 4))) return;
      bytes.u8(0xfd);
      bytes.u8(static_cast<uint16_t>(Op::v128_const) & 0xff);
      put(w, 4);
      return stack_.push_back(ValueType::V128);
    case Op::ref_null:
      bytes.u8(opcode::ref_null);
      bytes.u8(static_cast<uint8_t>(operand));
      return stack_.push_back(static_cast<ValueType>(operand));
    case Op::ref_func:
      if (!is_symbol(operand, SymbolKind::Function)) return;
      bytes.u8(opcode::ref_func);
      reloc(RelocType::FUNCTION_INDEX_I32, operand);
      return stack_.push_back(ValueType::FuncRef);
    case Op::global_get: return global_get(operand);
    case Op::i32_data:
    case Op::i64_data:
      if (!(w = words(operand, 3)) || !is_symbol(w[0], SymbolKind::Data)) return;
      return address(op == Op::i64_data, RelocTarget::Address, w[0],
                     static_cast<int64_t>(code_.extra_64(operand + 1)));
    case Op::i32_func:
    case Op::i64_func:
      if (!is_symbol(operand, SymbolKind::Function)) return;
      uses_function_table = true;
      return address(op == Op::i64_func, RelocTarget::TableSlot, operand, 0);
    case Op::i32_add:
    case Op::i32_sub:
    case Op::i32_mul: return arithmetic(row, ValueType::I32);
    case Op::i64_add:
    case Op::i64_sub:
    case Op::i64_mul: return arithmetic(row, ValueType::I64);
    default: error_ = "`" + std::string(row.name) + "` is not allowed in the initial value of a global";
    }
  }

  void put(const uint32_t* w, uint32_t count) {
    bytes.append(Bytes(reinterpret_cast<const uint8_t*>(w), count * sizeof *w)); // little-endian, as we are
  }

  void global_get(uint32_t symbol) {
    if (!is_symbol(symbol, SymbolKind::Global)) return;
    const GlobalType type = unit_[UnitSymbol(symbol)].global;
    if (UnitSymbol(symbol) == global_) error_ = "its initial value is its own";
    else if (type.is_mutable) error_ = "its initial value is that of a global that may change";
    bytes.u8(opcode::global_get);
    reloc(RelocType::GLOBAL_INDEX_LEB, symbol);
    stack_.push_back(type.type);
  }

  void address(bool wide, RelocTarget target, uint32_t symbol, int64_t addend) {
    if (wide != unit_.is_64()) {
      error_ = unit_.is_64() ? "an address has 64 bits" : "an address has 32 bits";
      return;
    }
    bytes.u8(wide ? opcode::i64_const : opcode::i32_const);
    if (target == RelocTarget::Address)
      reloc(wide ? RelocType::MEMORY_ADDR_I64 : RelocType::MEMORY_ADDR_I32, symbol, addend);
    else reloc(wide ? RelocType::TABLE_INDEX_I64 : RelocType::TABLE_INDEX_I32, symbol);
    stack_.push_back(wide ? ValueType::I64 : ValueType::I32);
  }

  void arithmetic(const OpTraits& row, ValueType type) {
    const size_t size = stack_.size();
    if (size < 2 || stack_[size - 1] != type || stack_[size - 2] != type) {
      error_ = "`" + std::string(row.name) + "` needs two values of type " + text(type);
      return;
    }
    stack_.pop_back();
    note(MirFeature::extended_const);
    bytes.u8(static_cast<uint8_t>(row.code));
  }

  const Unit& unit_;
  const SymbolNumbers& numbers_;
  const UnitSymbol global_;
  const MirCode& code_;
  Vector<ValueType> stack_;
  std::string error_;
};

uint32_t feature_of(ValueType type) {
  const MirFeature feature = type == ValueType::V128     ? MirFeature::simd
                             : type == ValueType::ExnRef ? MirFeature::exceptions
                             : type == ValueType::FuncRef || type == ValueType::ExternRef
                                 ? MirFeature::reference_types
                                 : MirFeature::mvp;
  return feature == MirFeature::mvp ? 0 : 1u << static_cast<uint8_t>(feature);
}

} // namespace

bool Unit::set_global(UnitSymbol symbol, const GlobalInit& init, uint32_t flags) {
  if (!is_symbol(symbol, SymbolKind::Global, "global")) return false;
  const ValueType type = symbols_[symbol].global.type;
  const uint32_t words[] = {static_cast<uint32_t>(init.low), static_cast<uint32_t>(init.low >> 32),
                            static_cast<uint32_t>(init.high), static_cast<uint32_t>(init.high >> 32)};
  const bool is_narrow = type == ValueType::I32 || type == ValueType::F32;
  const Op op = type == ValueType::I32    ? Op::i32_const
                : type == ValueType::I64  ? Op::i64_const
                : type == ValueType::F32  ? Op::f32_const
                : type == ValueType::F64  ? Op::f64_const
                : type == ValueType::V128 ? Op::v128_const
                                          : Op::ref_null;
  const uint16_t opcodes[] = {static_cast<uint16_t>(op), static_cast<uint16_t>(Op::end)};
  const uint32_t operands[] = {op == Op::ref_null ? static_cast<uint32_t>(type) : (is_narrow ? words[0] : 0),
                               0};
  return set_global_code(symbol, MirCode{opcodes, operands, words}, flags);
}

bool Unit::set_global_code(UnitSymbol symbol, const MirCode& code, uint32_t flags) {
  if (!is_symbol(symbol, SymbolKind::Global, "global") || !check_flags(symbol, flags)) return false;
  InitEncoder check(*this, symbols_.numbers(), symbol, code);
  if (const std::string error = check.run(); !error.empty()) return refuse(symbol, error);
  if (!rooms_.fits(check.bytes.size() + check.relocs.size())) return refuse(symbol, "the unit is too large");
  if (check.uses_function_table && !need_function_table())
    return false; // rows are what they stay from here on
  InitEncoder init(*this, symbols_.numbers(), symbol, code);
  init.run();
  UnitSymbolRow fresh;
  fresh.meaning = UnitSymbolRow::Defined;
  fresh.kind = SymbolKind::Global;
  fresh.body = rooms_.store(init.bytes.from(0));
  fresh.fixup_count = init.reloc_count;
  if (init.reloc_count) fresh.fixups = rooms_.store(init.relocs.from(0));
  count_uses(fresh, 1);
  clear_definition(symbol);
  define(symbol, flags);
  UnitSymbolRow& row = symbols_[symbol];
  row.body = fresh.body;
  row.fixups = fresh.fixups;
  row.fixup_count = fresh.fixup_count;
  row.features = init.features | feature_of(row.global.type);
  return true;
}

bool Unit::set_table(UnitSymbol symbol, uint32_t flags) {
  return set_table(symbol, {}, 0, flags);
}

// The functions are relocations at their places; where there is none the table is null.
bool Unit::set_table(UnitSymbol symbol, std::span<const UnitSymbol> elements, uint32_t first, uint32_t flags) {
  if (!is_symbol(symbol, SymbolKind::Table, "table") || !check_flags(symbol, flags)) return false;
  if (symbol == function_table_ || strings_.text(symbols_[symbol].name) == function_table_name)
    return refuse(symbol, "the table of functions is the linker's");
  const TableType& type = symbols_[symbol].table;
  if (!elements.empty() && type.element != ValueType::FuncRef)
    return refuse(symbol, "its elements are no functions");
  if (uint64_t{first} + elements.size() > type.limits.minimum && !elements.empty())
    return refuse(symbol, "it has " + std::to_string(type.limits.minimum) +
                              " slots at first, and elements up to slot " +
                              std::to_string(uint64_t{first} + elements.size() - 1));
  if (!rooms_.fits(elements.size() * 12)) return refuse(symbol, "the unit is too large");
  UnitSymbolRow fresh;
  fresh.meaning = UnitSymbolRow::Defined;
  fresh.kind = SymbolKind::Table;
  ByteBuffer encoded;
  for (uint32_t i = 0; i < elements.size(); i++) {
    if (!elements[i]) continue;
    if (!has(elements[i]))
      return refuse(symbol, "element " + std::to_string(i) + ": " + why_unknown(elements[i]));
    if (symbols_[elements[i]].kind != SymbolKind::Function)
      return refuse(symbol, "element " + std::to_string(i) + " is no function");
    encoded.u8(static_cast<uint8_t>(RelocType::FUNCTION_INDEX_I32));
    encoded.uleb(first + i);
    encoded.uleb(row_of(elements[i]));
    fresh.fixup_count++;
  }
  if (fresh.fixup_count) fresh.fixups = rooms_.store(encoded.from(0));
  count_uses(fresh, 1);
  clear_definition(symbol);
  define(symbol, flags);
  UnitSymbolRow& row = symbols_[symbol];
  row.fixups = fresh.fixups;
  row.fixup_count = fresh.fixup_count;
  row.features = feature_of(type.element);
  return true;
}

bool Unit::set_tag(UnitSymbol symbol, uint32_t flags) {
  if (!is_symbol(symbol, SymbolKind::Tag, "tag") || !check_flags(symbol, flags)) return false;
  clear_definition(symbol);
  define(symbol, flags);
  return true;
}

} // namespace weld
