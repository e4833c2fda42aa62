#include "core/unit/unit.h"
#include "core/wasm/type_text.h"

#include <algorithm>

namespace weld {

namespace {

constexpr uint32_t most_locals = 50'000, most_fixed = 10'000; // what engines take

class Checker {
public:
  Checker(const Unit& unit, SignatureId signature, std::span<const ValueType> locals, const MirCode& code)
      : unit_(unit), code_(code), signature_(signature), types_of_locals_(locals) {
    params_ = parts(signature).params.size();
    locals_ = locals.size() + params_;
    has_non_null_ =
        std::any_of(locals.begin(), locals.end(), [](ValueType type) { return !is_nullable(type); });
    if (has_non_null_) is_set_.resize(locals.size());
  }

  MirCheck run() {
    if (code_.opcodes.size() != code_.operands.size()) fail("opcodes and operands differ in number");
    else if (locals_ > most_locals) fail("more than 50000 locals");
    else if (check_locals()) check_all();
    return std::move(result_);
  }

private:
  enum Frame : uint8_t { Body, Block, If, Else, Try, Catch, CatchAll };
  struct Open {
    Frame frame;
    uint32_t type;
    uint32_t set_before = 0; // locals that are set when it begins: how many of set_
  };

  bool fail(std::string error) {
    if (result_.error.empty()) result_.error = std::move(error);
    return false;
  }
  SignatureParts parts(SignatureId id) const { return signature_parts(unit_.signatures(), id); }
  void note(MirFeature feature) { result_.features |= feature_bit(feature); }
  void note_type(ValueType type) { result_.features |= features_of(type); }

  // A value type, as the operand of an instruction; references name types of the unit.
  bool value_type(uint32_t type) {
    if (!unit_.is_value_type(static_cast<ValueType>(type)))
      return fail("bad operand: " + std::to_string(type) + " is no type");
    note_type(static_cast<ValueType>(type));
    return true;
  }
  bool reference_type(uint32_t type) {
    const auto value = static_cast<ValueType>(type);
    if (!is_ref(value) || !unit_.is_value_type(value))
      return fail("bad operand: " + std::to_string(type) + " is no type of a reference");
    note_type(value);
    return true;
  }

  bool check_locals() {
    for (size_t i = 0; i < types_of_locals_.size(); i++) {
      if (!unit_.is_value_type(types_of_locals_[i]))
        return fail("local " + std::to_string(params_ + i) + " has no type that values have");
      note_type(types_of_locals_[i]);
    }
    return true;
  }

  // A local without a default value is set before it is read: in the same block, or one around it.
  bool set_local(uint64_t local) {
    if (has_non_null_ && local >= params_ && !is_set_[behind_params(local)]) {
      is_set_[behind_params(local)] = true;
      set_.push_back(static_cast<uint32_t>(local - params_));
    }
    return true;
  }
  bool get_local(uint64_t local) {
    if (!has_non_null_ || local < params_ || is_set_[behind_params(local)] ||
        is_nullable(types_of_locals_[behind_params(local)]))
      return true;
    return fail("local " + std::to_string(local) + " is read before it is set, and has no default value");
  }
  size_t behind_params(uint64_t local) const { return static_cast<size_t>(local - params_); }
  void open(Frame frame, uint32_t type) {
    open_.push_back({frame, type, static_cast<uint32_t>(set_.size())});
  }
  // What is set in a block, or in a part of it, is not set after it.
  void forget_locals() {
    while (set_.size() > open_.back().set_before) {
      is_set_[set_.back()] = false;
      set_.pop_back();
    }
  }

  void check_all() {
    open(Body, opcode::no_result);
    for (uint32_t i = 0; i < code_.size(); i++) {
      result_.instruction = i;
      const OpTraits* op = find_op(code_.opcodes[i]);
      if (!op) {
        fail("unknown opcode " + std::to_string(code_.opcodes[i]));
        return;
      }
      if (open_.empty()) {
        fail("`" + std::string(op->name) + "` after the end of the body");
        return;
      }
      note(op->feature);
      if (code_.op(i) == Op::memory_copy || code_.op(i) == Op::memory_fill) note(MirFeature::bulk_memory_opt);
      if (!check_operand(*op, code_.operands[i]) || !check_structure(code_.op(i), *op)) return;
    }
    if (!open_.empty()) fail("unbalanced block: " + std::to_string(open_.size()) + " not ended");
  }

  // Words that an operand has in the extra array; null when they are not there.
  const uint32_t* words(uint32_t at, uint64_t count) {
    if (at <= code_.extra.size() && count <= code_.extra.size() - at) return code_.extra.data() + at;
    fail("bad operand: its words are outside of the extra array");
    return nullptr;
  }

  bool symbol(uint32_t row, SymbolKind kind, bool or_address = false) {
    if (!unit_.has(UnitSymbol(row))) return fail("bad operand: " + unit_.why_unknown(UnitSymbol(row)));
    if (unit_[UnitSymbol(row)].segment_kind != SegmentKind::Memory)
      return fail("bad operand: a passive segment has no address");
    SymbolKind actual = unit_[UnitSymbol(row)].kind;
    const bool is_memory = unit_[UnitSymbol(row)].is_memory();
    if ((actual == kind && !is_memory) ||
        (or_address && (actual == SymbolKind::Function || actual == SymbolKind::Data)))
      return true;
    return fail("bad operand: a " + std::string(symbol_kind_text(kind, false)) + " is expected, not a " +
                std::string(unit_[UnitSymbol(row)].kind_text()));
  }
  bool own_memory_symbol(uint32_t row) {
    if (!unit_.has(UnitSymbol(row))) return fail("bad operand: " + unit_.why_unknown(UnitSymbol(row)));
    if (!unit_[UnitSymbol(row)].is_memory())
      return fail("bad operand: a memory is expected, not a " +
                  std::string(unit_[UnitSymbol(row)].kind_text()));
    note(MirFeature::multi_memory);
    return true;
  }
  bool segment(uint32_t row, SegmentKind kind) {
    if (!unit_.has(UnitSymbol(row))) return fail("bad operand: " + unit_.why_unknown(UnitSymbol(row)));
    if (unit_[UnitSymbol(row)].segment_kind == kind) return true;
    return fail(kind == SegmentKind::PassiveData ? "bad operand: passive data is expected"
                                                 : "bad operand: passive elements are expected");
  }
  bool table(uint32_t row) {
    if (row != none32) {
      note(MirFeature::reference_types); // a number other than 0
      return symbol(row, SymbolKind::Table);
    }
    return result_.uses_function_table = true;
  }
  bool label(uint32_t depth) {
    return depth < open_.size() || fail("unknown label " + std::to_string(depth));
  }
  bool type(uint32_t number) {
    if (number >= unit_.types().size()) return fail("unknown type " + std::to_string(number));
    result_.features |= features_of(unit_.signatures(), unit_.types()[number]);
    return true;
  }
  bool type(uint32_t number, TypeKind kind) {
    if (!type(number)) return false;
    constexpr std::string_view names[] = {"function type", "struct", "array"};
    return defined(number).kind == kind || fail("bad operand: type " + std::to_string(number) + " is no " +
                                                std::string(names[static_cast<uint8_t>(kind)]));
  }
  DefinedType defined(uint32_t type) const { return defined_type(unit_.signatures(), unit_.types()[type]); }

  // Access to a field of a struct, or to the elements of an array.
  bool field(Op op, const DefinedType& type, uint32_t field) {
    if (field >= type.types.size()) return fail("unknown field " + std::to_string(field));
    const bool is_packed = type.types[field] == ValueType::I8 || type.types[field] == ValueType::I16;
    switch (op) {
    case Op::struct_get:
    case Op::array_get: return !is_packed || fail("the field is packed: say whether it has a sign");
    case Op::struct_get_s:
    case Op::struct_get_u:
    case Op::array_get_s:
    case Op::array_get_u: return is_packed || fail("the field is not packed, and has no sign to choose");
    case Op::struct_set:
    case Op::array_set:
    case Op::array_fill:
    case Op::array_copy:
    case Op::array_init_data:
    case Op::array_init_elem: return type.is_mutable(field) || fail("the field is not mutable");
    case Op::struct_new_default:
    case Op::array_new_default:
      return is_nullable(type.types[field]) ||
             fail("field " + std::to_string(field) + " has no default value");
    default: return true;
    }
  }
  bool type_operand(Op op, uint32_t number) {
    switch (op) {
    case Op::call_ref: return type(number, TypeKind::Function);
    case Op::return_call_ref: note(MirFeature::tail_calls); return type(number, TypeKind::Function);
    case Op::struct_new: return type(number, TypeKind::Struct);
    case Op::struct_new_default:
      if (!type(number, TypeKind::Struct)) return false;
      for (uint32_t i = 0; i < defined(number).types.size(); i++)
        if (!field(op, defined(number), i)) return false;
      return true;
    default: return array(op, number);
    }
  }
  bool array(Op op, uint32_t number) {
    return type(number, TypeKind::Array) && field(op, defined(number), 0);
  }
  // Bytes have values of numbers, elements are references.
  bool array_of_segment(Op op, uint32_t number, bool is_data) {
    if (!array(op, number)) return false;
    return is_data != is_ref(defined(number).types[0]) ||
           fail(is_data ? "an array of references has no bytes" : "the array is no array of references");
  }
  bool branch_on_cast(uint32_t operand) {
    const uint32_t* w = words(operand, 3);
    if (!w || !reference_type(w[1]) || !reference_type(w[2]) || !label(w[0])) return false;
    auto type = [&](uint32_t word) { return unit_.in_pool(static_cast<ValueType>(word)); };
    return is_subtype(unit_.signatures(), type(w[2]), type(w[1])) ||
           fail("bad operand: the type that is asked for is no subtype of the one that there is");
  }
  bool block_type(uint32_t value) {
    if (is_type_of_unit(value)) {
      if (!type(value - first_block_type, TypeKind::Function)) return false;
      if (!parts(unit_.types()[value - first_block_type]).params.empty()) note(MirFeature::multivalue);
      return true;
    }
    if (value == opcode::no_result) return true;
    if (!unit_.is_value_type(static_cast<ValueType>(value)))
      return fail("bad operand: " + std::to_string(value) + " is no type of a block");
    note_type(static_cast<ValueType>(value));
    return true;
  }

  bool memory(const OpTraits& op, uint32_t operand) {
    bool lane = op.operand == OperandKind::MemoryLane;
    const uint32_t* w = words(operand, lane ? 5 : 4);
    if (!w) return false;
    const uint32_t align = w[0] & ~in_own_memory;
    if (align > op.number) return fail("bad operand: the alignment is larger than the access");
    if (op.feature == MirFeature::atomics && align != op.number)
      return fail("bad operand: an atomic access is aligned as large as it is");
    if (lane && w[4] >= 16u >> op.number) return fail("unknown lane " + std::to_string(w[4]));
    if (w[0] & in_own_memory) {
      if (!own_memory_symbol(w[3])) return false;
      return (unit_[UnitSymbol(w[3])].table.limits.flags & limits_is_64) || w[2] == 0 ||
             fail("bad operand: an offset of more than 32 bits");
    }
    if (w[3] == none32 ? !unit_.is_64() && w[2] != 0 : !fits_addend(w + 1))
      return fail("bad operand: an offset of more than 32 bits");
    return w[3] == none32 || symbol(w[3], SymbolKind::Data);
  }

  // Object files have 32 bits, with a sign, for what is added to an address of 32 bits.
  bool fits_addend(const uint32_t* words) const {
    return unit_.is_64() || words[1] == static_cast<uint32_t>(static_cast<int32_t>(words[0]) >> 31);
  }

  bool try_table(uint32_t operand) {
    const uint32_t* w = words(operand, 2);
    if (!w || !words(operand, 2 + 3 * static_cast<uint64_t>(w[1])) || !block_type(w[0])) return false;
    for (uint32_t i = 0; i < w[1]; i++) {
      const uint32_t* clause = w + 2 + 3 * i;
      if (clause[0] > 3) return fail("bad operand: no catch clause is of kind " + std::to_string(clause[0]));
      if (clause[0] < 2 && !symbol(clause[1], SymbolKind::Tag)) return false;
      if (!label(clause[2])) return false;
    }
    return true;
  }

  bool check_operand(const OpTraits& op, uint32_t operand) {
    const uint32_t* w;
    switch (op.operand) {
    case OperandKind::None:
    case OperandKind::ZeroByte:
    case OperandKind::I32:
    case OperandKind::F32: return true;
    case OperandKind::I64:
    case OperandKind::F64: return words(operand, 2);
    case OperandKind::V128: return words(operand, 4);
    case OperandKind::Shuffle:
      if (!(w = words(operand, 4))) return false;
      for (uint32_t i = 0; i < 16; i++)
        if (uint32_t lane = w[i / 4] >> (i % 4 * 8) & 0xff; lane >= 32)
          return fail("unknown lane " + std::to_string(lane));
      return true;
    case OperandKind::Lane:
      return operand < 1u << op.number || fail("unknown lane " + std::to_string(operand));
    case OperandKind::Local:
      if (operand >= locals_) return fail("unknown local " + std::to_string(operand));
      return code_.op(result_.instruction) == Op::local_get ? get_local(operand) : set_local(operand);
    case OperandKind::Label: return true; // depends on what is open: below
    case OperandKind::BrTable:
      if (!(w = words(operand, 1)) || !words(operand, 2 + static_cast<uint64_t>(w[0]))) return false;
      for (uint32_t i = 0; i <= w[0]; i++)
        if (!label(w[1 + i])) return false;
      return true;
    case OperandKind::Block: return block_type(operand);
    case OperandKind::TryTable: return try_table(operand);
    case OperandKind::Memory:
    case OperandKind::MemoryLane: return memory(op, operand);
    case OperandKind::SelectType: return value_type(operand);
    case OperandKind::RefType:
      return (is_nullable(static_cast<ValueType>(operand)) && reference_type(operand)) ||
             fail("bad operand: " + std::to_string(operand) + " is no type of a reference that may be null");
    case OperandKind::CastType: return reference_type(operand);
    case OperandKind::BranchOnCast: return branch_on_cast(operand);
    case OperandKind::Type: return type_operand(code_.op(result_.instruction), operand);
    case OperandKind::TypeAndField:
      return (w = words(operand, 2)) && type(w[0], TypeKind::Struct) &&
             field(code_.op(result_.instruction), defined(w[0]), w[1]);
    case OperandKind::TypeAndCount:
      return (w = words(operand, 2)) && type(w[0], TypeKind::Array) &&
             (w[1] <= most_fixed ||
              fail("bad operand: more than " + std::to_string(most_fixed) + " elements"));
    case OperandKind::TwoTypes:
      return (w = words(operand, 2)) && array(code_.op(result_.instruction), w[0]) &&
             array(Op::array_new, w[1]);
    case OperandKind::TypeAndData:
      return (w = words(operand, 2)) && array_of_segment(code_.op(result_.instruction), w[0], true) &&
             segment(w[1], SegmentKind::PassiveData);
    case OperandKind::TypeAndElements:
      return (w = words(operand, 2)) && array_of_segment(code_.op(result_.instruction), w[0], false) &&
             segment(w[1], SegmentKind::PassiveElements);
    case OperandKind::MemoryIndex: return !(operand & own_memory) || own_memory_symbol(operand & ~own_memory);
    case OperandKind::TwoMemories:
      if (!(operand & own_memory)) return true;
      return (w = words(operand & ~own_memory, 2)) && (w[0] == none32 || own_memory_symbol(w[0])) &&
             (w[1] == none32 || own_memory_symbol(w[1]));
    case OperandKind::Function:
      if (!symbol(operand, SymbolKind::Function)) return false;
      if (code_.op(result_.instruction) == Op::ref_func) result_.uses_function_table = true;
      return true;
    case OperandKind::FunctionSlot:
      result_.uses_function_table = true;
      return symbol(operand, SymbolKind::Function);
    case OperandKind::Global:
      if (!symbol(operand, SymbolKind::Global, code_.op(result_.instruction) == Op::global_get)) return false;
      return code_.op(result_.instruction) != Op::global_set ||
             unit_[UnitSymbol(operand)].global.is_mutable || fail("the global is not mutable");
    case OperandKind::Tag: return symbol(operand, SymbolKind::Tag);
    case OperandKind::Table: return table(operand);
    case OperandKind::TwoTables: return (w = words(operand, 2)) && table(w[0]) && table(w[1]);
    case OperandKind::CallIndirect:
      return (w = words(operand, 2)) && type(w[0], TypeKind::Function) && table(w[1]);
    case OperandKind::Address:
      return (w = words(operand, 3)) && symbol(w[0], SymbolKind::Data) &&
             (fits_addend(w + 1) || fail("bad operand: what is added has more than 32 bits"));
    case OperandKind::MemoryInit:
      if (operand & own_memory)
        return (w = words(operand & ~own_memory, 2)) && segment(w[0], SegmentKind::PassiveData) &&
               own_memory_symbol(w[1]);
      [[fallthrough]];
    case OperandKind::PassiveData: return segment(operand, SegmentKind::PassiveData);
    case OperandKind::PassiveElements: return segment(operand, SegmentKind::PassiveElements);
    case OperandKind::TableInit:
      return (w = words(operand, 2)) && segment(w[0], SegmentKind::PassiveElements) && table(w[1]);
    }
    return false;
  }

  bool results_equal(SignatureId callee) {
    const ValueTypes mine = parts(signature_).results, theirs = parts(callee).results;
    bool fits = mine.size() == theirs.size();
    for (size_t i = 0; fits && i < mine.size(); i++)
      fits = is_subtype(unit_.signatures(), theirs[i], mine[i]);
    return fits || fail("the results of the tail call are not those of the function");
  }

  // Whether an `if` whose type has no `else` may have that type: its results are its parameters.
  bool may_lack_else(uint32_t type) const {
    if (!is_type_of_unit(type)) return type == opcode::no_result;
    SignatureParts p = parts(unit_.types()[type - first_block_type]);
    return p.params == p.results;
  }

  bool check_structure(Op op, const OpTraits& row) {
    const uint32_t operand = code_.operands[result_.instruction];
    Open& top = open_.back();
    auto misplaced = [&] { return fail("`" + std::string(row.name) + "` out of place"); };
    switch (op) {
    case Op::block:
    case Op::loop: open(Block, operand); break;
    case Op::try_table: open(Block, code_.extra[operand]); break;
    case Op::if_: open(If, operand); break;
    case Op::try_: open(Try, operand); break;
    case Op::else_:
      if (top.frame != If) return misplaced();
      forget_locals();
      top.frame = Else;
      break;
    case Op::catch_:
    case Op::catch_all:
      if (top.frame != Try && top.frame != Catch) return misplaced();
      forget_locals();
      top.frame = op == Op::catch_ ? Catch : CatchAll;
      break;
    case Op::delegate:
      if (top.frame != Try) return misplaced();
      forget_locals();
      open_.pop_back();
      return label(operand);
    case Op::end:
      if (top.frame == If && !may_lack_else(top.type)) return fail("an `if` with a result has no `else`");
      forget_locals();
      open_.pop_back();
      break;
    case Op::rethrow: {
      if (!label(operand)) return false;
      Frame frame = open_[open_.size() - 1 - operand].frame;
      return frame == Catch || frame == CatchAll || fail("label " + std::to_string(operand) + " is no catch");
    }
    case Op::br:
    case Op::br_on_null:
    case Op::br_on_non_null:
    case Op::br_if: return label(operand);
    case Op::return_call_ref: return results_equal(unit_.types()[operand]);
    case Op::return_call: return results_equal(unit_[UnitSymbol(operand)].signature);
    case Op::return_call_indirect: return results_equal(unit_.types()[code_.extra[operand]]);
    default: break;
    }
    return true;
  }

  const Unit& unit_;
  const MirCode& code_;
  SignatureId signature_;
  std::span<const ValueType> types_of_locals_; // without parameters
  uint64_t params_ = 0, locals_ = 0;           // locals_: with them
  bool has_non_null_ = false;                  // some local has no default value
  Vector<bool> is_set_;                        // by local
  Vector<uint32_t> set_;                       // locals, in the order in which they were set
  Vector<Open> open_;
  MirCheck result_;
};

} // namespace

MirCheck check_mir(const Unit& unit, SignatureId signature, std::span<const ValueType> locals,
                   const MirCode& code) {
  return Checker(unit, signature, locals, code).run();
}

} // namespace weld
