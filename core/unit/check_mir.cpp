#include "core/unit/unit.h"
#include "core/wasm/type_text.h"

namespace weld {

namespace {

constexpr uint32_t most_locals = 50'000; // what engines take

bool is_value_type(uint32_t byte) {
  return byte <= 0xff && value_type_text(static_cast<ValueType>(byte)) != "unknown";
}
bool is_reference_type(uint32_t byte) {
  return byte == static_cast<uint8_t>(ValueType::FuncRef) ||
         byte == static_cast<uint8_t>(ValueType::ExternRef) || byte == static_cast<uint8_t>(ValueType::ExnRef);
}

class Checker {
public:
  Checker(const Unit& unit, SignatureId signature, std::span<const ValueType> locals, const MirCode& code)
      : unit_(unit), code_(code), signature_(signature) {
    locals_ = locals.size() + parts(signature).params.size();
    for (ValueType type : locals) note_type(type);
    for (Bytes types : {parts(signature).params, parts(signature).results})
      for (uint8_t type : types) note_type(static_cast<ValueType>(type));
  }

  MirCheck run() {
    if (code_.opcodes.size() != code_.operands.size()) fail("opcodes and operands differ in number");
    else if (locals_ > most_locals) fail("more than 50000 locals");
    else check_all();
    return std::move(result_);
  }

private:
  enum Frame : uint8_t { Body, Block, If, Else, Try, Catch, CatchAll };
  struct Open {
    Frame frame;
    uint32_t type;
  };

  bool fail(std::string error) {
    if (result_.error.empty()) result_.error = std::move(error);
    return false;
  }
  SignatureParts parts(SignatureId id) const { return signature_parts(unit_.signatures().bytes(id)); }
  void note(MirFeature feature) {
    if (feature != MirFeature::mvp) result_.features |= 1u << static_cast<uint8_t>(feature);
  }
  void note_type(ValueType type) {
    if (type == ValueType::V128) note(MirFeature::simd);
    else if (type == ValueType::ExnRef) note(MirFeature::exceptions);
    else if (type == ValueType::FuncRef || type == ValueType::ExternRef) note(MirFeature::reference_types);
  }

  void check_all() {
    open_.push_back({Body, opcode::no_result});
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
    if (actual == kind || (or_address && (actual == SymbolKind::Function || actual == SymbolKind::Data)))
      return true;
    return fail("bad operand: a " + std::string(symbol_kind_text(kind, false)) + " is expected, not a " +
                std::string(symbol_kind_text(actual, false)));
  }
  bool segment(uint32_t row, SegmentKind kind) {
    if (!unit_.has(UnitSymbol(row))) return fail("bad operand: " + unit_.why_unknown(UnitSymbol(row)));
    if (unit_[UnitSymbol(row)].segment_kind == kind) return true;
    return fail(kind == SegmentKind::PassiveData ? "bad operand: passive data is expected"
                                                 : "bad operand: passive elements are expected");
  }
  bool table(uint32_t row) {
    if (row != none32) return symbol(row, SymbolKind::Table);
    return result_.uses_function_table = true;
  }
  bool label(uint32_t depth) {
    return depth < open_.size() || fail("unknown label " + std::to_string(depth));
  }
  bool type(uint32_t number) {
    return number < unit_.types().size() || fail("unknown type " + std::to_string(number));
  }
  bool block_type(uint32_t value) {
    if (value >= first_block_type) {
      if (!type(value - first_block_type)) return false;
      note(MirFeature::multivalue);
      return true;
    }
    if (value == opcode::no_result) return true;
    if (!is_value_type(value))
      return fail("bad operand: " + std::to_string(value) + " is no type of a block");
    note_type(static_cast<ValueType>(value));
    return true;
  }

  bool memory(const OpTraits& op, uint32_t operand) {
    bool lane = op.operand == OperandKind::MemoryLane;
    const uint32_t* w = words(operand, lane ? 5 : 4);
    if (!w) return false;
    if (w[0] > op.number) return fail("bad operand: the alignment is larger than the access");
    if (op.feature == MirFeature::atomics && w[0] != op.number)
      return fail("bad operand: an atomic access is aligned as large as it is");
    if (!unit_.is_64() && w[2] != 0 && (w[3] == none32 || w[2] != ~0u))
      return fail("bad operand: an offset of more than 32 bits");
    if (lane && w[4] >= 16u >> op.number) return fail("unknown lane " + std::to_string(w[4]));
    return w[3] == none32 || symbol(w[3], SymbolKind::Data);
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
    case OperandKind::ZeroBytes:
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
    case OperandKind::Local: return operand < locals_ || fail("unknown local " + std::to_string(operand));
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
    case OperandKind::SelectType:
      if (!is_value_type(operand)) return fail("bad operand: " + std::to_string(operand) + " is no type");
      note_type(static_cast<ValueType>(operand));
      return true;
    case OperandKind::RefType:
      if (!is_reference_type(operand))
        return fail("bad operand: " + std::to_string(operand) + " is no type of a reference");
      note_type(static_cast<ValueType>(operand));
      return true;
    case OperandKind::Function:
      if (!symbol(operand, SymbolKind::Function)) return false;
      if (code_.op(result_.instruction) == Op::ref_func) result_.uses_function_table = true;
      return true;
    case OperandKind::FunctionSlot:
      result_.uses_function_table = true;
      return symbol(operand, SymbolKind::Function);
    case OperandKind::Global:
      return symbol(operand, SymbolKind::Global, code_.op(result_.instruction) == Op::global_get);
    case OperandKind::Tag: return symbol(operand, SymbolKind::Tag);
    case OperandKind::Table: return table(operand);
    case OperandKind::TwoTables: return (w = words(operand, 2)) && table(w[0]) && table(w[1]);
    case OperandKind::CallIndirect: return (w = words(operand, 2)) && type(w[0]) && table(w[1]);
    case OperandKind::Address: return (w = words(operand, 3)) && symbol(w[0], SymbolKind::Data);
    case OperandKind::MemoryInit:
    case OperandKind::PassiveData: return segment(operand, SegmentKind::PassiveData);
    case OperandKind::PassiveElements: return segment(operand, SegmentKind::PassiveElements);
    case OperandKind::TableInit:
      return (w = words(operand, 2)) && segment(w[0], SegmentKind::PassiveElements) && table(w[1]);
    }
    return false;
  }

  bool results_equal(SignatureId callee) {
    Bytes mine = parts(signature_).results, theirs = parts(callee).results;
    return as_text(mine) == as_text(theirs) ||
           fail("the results of the tail call are not those of the function");
  }

  // Whether an `if` whose type has no `else` may have that type: its results are its parameters.
  bool may_lack_else(uint32_t type) const {
    if (type < first_block_type) return type == opcode::no_result;
    SignatureParts p = parts(unit_.types()[type - first_block_type]);
    return as_text(p.params) == as_text(p.results);
  }

  bool check_structure(Op op, const OpTraits& row) {
    const uint32_t operand = code_.operands[result_.instruction];
    Open& top = open_.back();
    auto misplaced = [&] { return fail("`" + std::string(row.name) + "` out of place"); };
    switch (op) {
    case Op::block:
    case Op::loop: open_.push_back({Block, operand}); break;
    case Op::try_table: open_.push_back({Block, code_.extra[operand]}); break;
    case Op::if_: open_.push_back({If, operand}); break;
    case Op::try_: open_.push_back({Try, operand}); break;
    case Op::else_:
      if (top.frame != If) return misplaced();
      top.frame = Else;
      break;
    case Op::catch_:
    case Op::catch_all:
      if (top.frame != Try && top.frame != Catch) return misplaced();
      top.frame = op == Op::catch_ ? Catch : CatchAll;
      break;
    case Op::delegate:
      if (top.frame != Try) return misplaced();
      open_.pop_back();
      return label(operand);
    case Op::end:
      if (top.frame == If && !may_lack_else(top.type)) return fail("an `if` with a result has no `else`");
      open_.pop_back();
      break;
    case Op::rethrow: {
      if (!label(operand)) return false;
      Frame frame = open_[open_.size() - 1 - operand].frame;
      return frame == Catch || frame == CatchAll || fail("label " + std::to_string(operand) + " is no catch");
    }
    case Op::br:
    case Op::br_if: return label(operand);
    case Op::return_call: return results_equal(unit_[UnitSymbol(operand)].signature);
    case Op::return_call_indirect: return results_equal(unit_.types()[code_.extra[operand]]);
    default: break;
    }
    return true;
  }

  const Unit& unit_;
  const MirCode& code_;
  SignatureId signature_;
  uint64_t locals_ = 0;
  Vector<Open> open_;
  MirCheck result_;
};

} // namespace

MirCheck check_mir(const Unit& unit, SignatureId signature, std::span<const ValueType> locals,
                   const MirCode& code) {
  return Checker(unit, signature, locals, code).run();
}

} // namespace weld
