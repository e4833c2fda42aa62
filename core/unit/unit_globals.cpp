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
    const ValueType wanted = unit_.in_pool(unit_[global_].global.type);
    if (!is_subtype(unit_.signatures(), stack_[0], wanted))
      return "its value is " + text(stack_[0]) + ", not " + text(wanted);
    bytes.u8(opcode::end);
    return {};
  }

  std::string text(ValueType type) const { return value_type_text(unit_.signatures(), type); }

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
    if (unit_.has(symbol) && unit_[symbol].kind == kind && !unit_[symbol].is_memory() &&
        unit_[symbol].segment_kind == SegmentKind::Memory)
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

  void type_reloc(uint32_t type) {
    relocs.u8(static_cast<uint8_t>(RelocType::TYPE_INDEX_LEB));
    relocs.uleb(bytes.size());
    relocs.uleb(type);
    bytes.u8(0);
    reloc_count++;
    features |= features_of(unit_.signatures(), unit_.types()[type]);
  }

  // Takes values from the stack, the last of `types` first.
  bool pop(const OpTraits& row, const Vector<ValueType>& types) {
    for (size_t i = types.size(); i--;) {
      if (stack_.empty() || !is_subtype(unit_.signatures(), stack_.back(), types[i])) {
        error_ = "`" + std::string(row.name) + "` needs a value of type " + text(types[i]);
        return false;
      }
      stack_.pop_back();
    }
    return true;
  }

  // A struct or array of a type of the unit, whose fields `count` values are given for.
  void allocate(Op op, const OpTraits& row, uint32_t number, uint32_t count) {
    const TypeKind kind =
        op == Op::struct_new || op == Op::struct_new_default ? TypeKind::Struct : TypeKind::Array;
    if (number >= unit_.types().size()) {
      error_ = "unknown type " + std::to_string(number);
      return;
    }
    const DefinedType type = defined_type(unit_.signatures(), unit_.types()[number]);
    if (type.kind != kind) {
      error_ = "bad operand: type " + std::to_string(number) + " is no " +
               (kind == TypeKind::Struct ? "struct" : "array");
      return;
    }
    Vector<ValueType> wanted;
    auto want = [&](size_t field) {
      const ValueType value = type.types[field];
      const bool is_packed = value == ValueType::I8 || value == ValueType::I16;
      wanted.push_back(is_packed ? ValueType::I32 : value);
    };
    switch (op) {
    case Op::struct_new:
      for (size_t i = 0; i < type.types.size(); i++) want(i);
      break;
    case Op::array_new_fixed:
      if (count > stack_.size()) {
        error_ = "`array.new_fixed` needs " + std::to_string(count) + " values";
        return;
      }
      for (uint32_t i = 0; i < count; i++) want(0);
      break;
    case Op::array_new: want(0); [[fallthrough]];
    default:
      if (kind == TypeKind::Array) wanted.push_back(ValueType::I32);
    }
    if (op == Op::struct_new_default || op == Op::array_new_default)
      for (ValueType field : type.types)
        if (!is_nullable(field)) {
          error_ = "`" + std::string(row.name) + "`: a field has no default value";
          return;
        }
    if (!pop(row, wanted)) return;
    bytes.u8(opcode::gc_prefix);
    bytes.u8(static_cast<uint8_t>(row.code));
    type_reloc(number);
    if (op == Op::array_new_fixed) bytes.uleb(count);
    stack_.push_back(defined_ref(unit_.types()[number].row, false));
  }

  void convert(const OpTraits& row, ValueType from, ValueType to) {
    const bool may_be_null = !stack_.empty() && is_nullable(stack_.back());
    if (!pop(row, {from})) return;
    bytes.u8(opcode::gc_prefix);
    bytes.u8(static_cast<uint8_t>(row.code));
    stack_.push_back(may_be_null ? to : non_nullable(to));
  }

  void null(uint32_t operand) {
    const auto type = static_cast<ValueType>(operand);
    if (!is_ref(type) || !is_nullable(type) || !unit_.is_value_type(type)) {
      error_ = "bad operand: " + std::to_string(operand) + " is no type of a reference that may be null";
      return;
    }
    bytes.u8(opcode::ref_null);
    if (is_defined_ref(type)) type_reloc(ref_number(type));
    else bytes.u8(static_cast<uint8_t>(operand));
    stack_.push_back(unit_.in_pool(type));
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
      if (!words(operand, 2)) return;
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
    case Op::ref_null: return null(operand);
    case Op::ref_func:
      if (!is_symbol(operand, SymbolKind::Function)) return;
      bytes.u8(opcode::ref_func);
      reloc(RelocType::FUNCTION_INDEX_I32, operand);
      return stack_.push_back(defined_ref(unit_[UnitSymbol(operand)].signature.row, false));
    case Op::struct_new:
    case Op::struct_new_default:
    case Op::array_new:
    case Op::array_new_default: return allocate(op, row, operand, 0);
    case Op::array_new_fixed:
      if ((w = words(operand, 2))) allocate(op, row, w[0], w[1]);
      return;
    case Op::ref_i31:
      if (!pop(row, {ValueType::I32})) return;
      bytes.u8(opcode::gc_prefix);
      bytes.u8(static_cast<uint8_t>(row.code));
      return stack_.push_back(non_nullable(ValueType::I31Ref));
    case Op::any_convert_extern: return convert(row, ValueType::ExternRef, ValueType::AnyRef);
    case Op::extern_convert_any: return convert(row, ValueType::AnyRef, ValueType::ExternRef);
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
    stack_.push_back(unit_.in_pool(type.type));
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
  const uint32_t operands[] = {
      op == Op::ref_null ? static_cast<uint32_t>(nullable(type)) : (is_narrow ? words[0] : 0), 0};
  return set_global_code(symbol, MirCode{opcodes, operands, words}, flags);
}

bool Unit::set_global_code(UnitSymbol symbol, const MirCode& code, uint32_t flags) {
  if (!is_symbol(symbol, SymbolKind::Global, "global") || !check_flags(symbol, flags)) return false;
  InitEncoder check(*this, symbols_.numbers(), symbol, code);
  if (const std::string error = check.run(); !error.empty()) return refuse(symbol, error);
  const size_t code_size = StoredMir::size_of(code, {});
  if (!rooms_.fits(code_size + check.bytes.size() + check.relocs.size()))
    return refuse(symbol, "the unit is too large");
  if (check.uses_function_table && !need_function_table())
    return false; // rows are what they stay from here on
  InitEncoder init(*this, symbols_.numbers(), symbol, code);
  init.run();
  UnitSymbolRow row = undefined_row(symbol);
  define(row, flags);
  row.body = rooms_.take(code_size + init.bytes.size());
  StoredMir::write(code, {}, false, rooms_.at(row.body));
  std::memcpy(rooms_.at(row.body) + code_size, init.bytes.from(0).data(), init.bytes.size());
  row.size = static_cast<uint32_t>(code_size);
  row.fixup_count = init.reloc_count;
  if (init.reloc_count) row.fixups = rooms_.store(init.relocs.from(0));
  row.features = init.features | features_of(row.global.type);
  set_row(symbol, row);
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
  if (symbols_[symbol].is_memory()) return refuse(symbol, "it is a memory, not a table");
  const TableType type = symbols_[symbol].table;
  if (!is_nullable(type.element))
    return refuse(symbol, "its elements are never null, and a table of a unit begins with null");
  const ValueType element = in_pool(type.element);
  if (!elements.empty() && !is_subtype(signatures_, element, ValueType::FuncRef))
    return refuse(symbol, "its elements are no functions");
  if (uint64_t{first} + elements.size() > type.limits.minimum && !elements.empty())
    return refuse(symbol, "it has " + std::to_string(type.limits.minimum) +
                              " slots at first, and elements up to slot " +
                              std::to_string(uint64_t{first} + elements.size() - 1));
  if (!rooms_.fits(elements.size() * 12)) return refuse(symbol, "the unit is too large");
  uint32_t count = 0;
  ByteBuffer encoded;
  for (uint32_t i = 0; i < elements.size(); i++) {
    if (!elements[i]) continue;
    if (!has(elements[i]))
      return refuse(symbol, "element " + std::to_string(i) + ": " + why_unknown(elements[i]));
    if (symbols_[elements[i]].kind != SymbolKind::Function)
      return refuse(symbol, "element " + std::to_string(i) + " is no function");
    if (!is_subtype(signatures_, defined_ref(symbols_[elements[i]].signature.row, false), element))
      return refuse(symbol, "element " + std::to_string(i) + " is a function of another type");
    encoded.u8(static_cast<uint8_t>(RelocType::FUNCTION_INDEX_I32));
    encoded.uleb(first + i);
    encoded.uleb(row_of(elements[i]));
    count++;
  }
  UnitSymbolRow row = undefined_row(symbol);
  define(row, flags);
  row.fixup_count = count;
  if (count) row.fixups = rooms_.store(encoded.from(0));
  row.features = features_of(type.element);
  set_row(symbol, row);
  return true;
}

bool Unit::set_memory(UnitSymbol symbol, uint32_t flags) {
  if (!is_symbol(symbol, SymbolKind::Table, "memory") || !check_flags(symbol, flags)) return false;
  if (!symbols_[symbol].is_memory()) return refuse(symbol, "it is a table, not a memory");
  UnitSymbolRow row = undefined_row(symbol);
  define(row, flags);
  set_row(symbol, row);
  return true;
}

Vector<UnitSymbol> Unit::elements(UnitSymbol symbol, uint32_t& first) const {
  const UnitSymbolRow& row = symbols_[symbol];
  Vector<UnitSymbol> functions;
  first = 0;
  if (!row.fixup_count) return functions;
  for (const RelocRow& reloc : RelocRange(bytes(), {row.fixups.offset, row.fixup_count})) {
    if (functions.empty()) first = reloc.offset;
    functions.resize(reloc.offset - first);
    functions.push_back(symbols_.at(reloc.index));
  }
  return functions;
}

bool Unit::set_tag(UnitSymbol symbol, uint32_t flags) {
  if (!is_symbol(symbol, SymbolKind::Tag, "tag") || !check_flags(symbol, flags)) return false;
  UnitSymbolRow row = undefined_row(symbol);
  define(row, flags);
  set_row(symbol, row);
  return true;
}

} // namespace weld
