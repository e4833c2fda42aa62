#include "core/unit/lower_mir.h"

namespace weld {

namespace {

class Lowering {
public:
  Lowering(const MirCode& code, const MirRefs& refs, MirForm form, FunctionRef<void(Bytes)> run,
           FunctionRef<void(const RelocRow&)> field, const FunctionRef<void(uint32_t)>* instruction)
      : code_(code), refs_(refs), form_(form), run_(run), field_(field), instruction_(instruction) {}

  void lower() {
    for (uint32_t i = 0; i < code_.size(); i++) {
      reserve();
      if (instruction_) {
        flush();
        (*instruction_)(i);
      }
      if (code_.op(i) == Op::ref_func && form_ == MirForm::Relocatable) {
        lower_ref_func(i);
        continue;
      }
      const OpTraits& op = traits(code_.op(i));
      put_opcode(op.code + is_nullable_cast(i, op.operand));
      put_operand(i, op.operand);
    }
    flush();
  }

private:
  void flush() {
    if (at_ != buffer_) run_(Bytes(buffer_, static_cast<size_t>(at_ - buffer_)));
    at_ = buffer_;
  }
  // No instruction has more known bytes in a row than half of the buffer; lists flush as they go.
  void reserve() {
    if (at_ - buffer_ > 32) flush();
  }
  // Reference `number` of instruction `i`. False when it has none.
  bool refer(uint32_t i, uint32_t number) {
    RelocRow row;
    if (!refs_.get(i, number, row)) return false;
    flush();
    field_(row);
    return true;
  }
  // Where a cast may give null, its code is one more.
  uint32_t is_nullable_cast(uint32_t i, OperandKind kind) const {
    return kind == OperandKind::CastType && is_nullable(static_cast<ValueType>(code_.operands[i]));
  }
  void put(uint32_t byte) { *at_++ = static_cast<uint8_t>(byte); }
  void put_uleb(uint64_t value) { at_ = write_uleb(at_, value); }
  void put_words(const uint32_t* words, uint32_t count) {
    std::memcpy(at_, words, count * sizeof *words); // the format is little-endian, as we are
    at_ += count * sizeof *words;
  }

  void put_opcode(uint32_t op) {
    const uint32_t prefix = op >> 8;
    if (prefix == 0) return put(op);
    if (prefix == 1)
      return put(op >= static_cast<uint32_t>(Op::i64_func) ? opcode::i64_const : opcode::i32_const);
    put(prefix == 0xff ? 0xfd : prefix);
    put_uleb((prefix == 0xff ? 0x100 : 0) + (op & 0xffu));
  }

  // Nothing in an object keeps a function in the table for `ref.func`; taking it out of the table does.
  void lower_ref_func(uint32_t i) {
    put(refs_.is_64() ? opcode::i64_const : opcode::i32_const);
    refer(i, 1);
    put(static_cast<uint32_t>(Op::table_get));
    refer(i, 2);
  }

  void put_operand(uint32_t i, OperandKind kind) {
    const uint32_t operand = code_.operands[i];
    const uint32_t* extra = code_.extra.data() + operand; // where the operand has words there
    switch (kind) {
    case OperandKind::None: break;
    case OperandKind::ZeroByte: put(0); break;
    case OperandKind::MemoryIndex:
      if (!refer(i, 0)) put(0);
      break;
    case OperandKind::TwoMemories: put_two_memories(i, operand); break;
    case OperandKind::I32: at_ = write_sleb(at_, static_cast<int32_t>(operand)); break;
    case OperandKind::I64: at_ = write_sleb(at_, static_cast<int64_t>(code_.extra_64(operand))); break;
    case OperandKind::F32: put_words(&operand, 1); break;
    case OperandKind::F64: put_words(extra, 2); break;
    case OperandKind::V128:
    case OperandKind::Shuffle: put_words(extra, 4); break;
    case OperandKind::Lane: put(operand); break;
    case OperandKind::RefType:
    case OperandKind::CastType: put_heap_type(i, operand, 0); break;
    case OperandKind::Type: refer(i, 0); break;
    case OperandKind::TypeAndField:
    case OperandKind::TypeAndCount:
      refer(i, 0);
      put_uleb(extra[1]);
      break;
    case OperandKind::BranchOnCast: put_branch_on_cast(i, extra); break;
    case OperandKind::Local:
    case OperandKind::Label: put_uleb(operand); break;
    case OperandKind::BrTable: put_labels(extra); break;
    case OperandKind::Block: put_block_type(i, operand); break;
    case OperandKind::TryTable: put_try_table(i, extra); break;
    case OperandKind::Memory:
    case OperandKind::MemoryLane:
      put_uleb(extra[0]);
      if (extra[0] & in_own_memory) refer(i, 0);
      if ((extra[0] & in_own_memory) || !refer(i, 0)) put_uleb(code_.extra_64(operand + 1));
      if (kind == OperandKind::MemoryLane) put(extra[4]);
      break;
    case OperandKind::SelectType:
      put(1);
      put_value_type(i, operand, 0);
      break;
    case OperandKind::MemoryInit:
      refer(i, 0);
      if (!refer(i, 1)) put(0); // the memory
      break;
    case OperandKind::TwoTypes:
    case OperandKind::TypeAndData:
    case OperandKind::TypeAndElements:
    case OperandKind::TwoTables:
    case OperandKind::TableInit:
    case OperandKind::CallIndirect:
      refer(i, 0);
      refer(i, 1);
      break;
    case OperandKind::Function:
    case OperandKind::Global:
    case OperandKind::Tag:
    case OperandKind::Table:
    case OperandKind::FunctionSlot:
    case OperandKind::PassiveData:
    case OperandKind::PassiveElements:
    case OperandKind::Address: refer(i, 0); break;
    }
  }

  void put_labels(const uint32_t* extra) {
    put_uleb(extra[0]);
    for (uint32_t k = 0; k <= extra[0]; k++) {
      reserve();
      put_uleb(extra[1 + k]);
    }
  }

  void put_block_type(uint32_t i, uint32_t type) {
    if (is_type_of_unit(type)) refer(i, 0);
    else if (type == opcode::no_result) put(type);
    else put_value_type(i, type, 0);
  }

  // `number`: of the reference to the type, where it is one that is defined.
  void put_heap_type(uint32_t i, uint32_t type, uint32_t number) {
    if (type & ref_type::defined) refer(i, number);
    else put(type & 0xff);
  }
  void put_value_type(uint32_t i, uint32_t type, uint32_t number) {
    const auto value = static_cast<ValueType>(type);
    if (!is_nullable(value)) put(ref_prefix);
    else if (is_defined_ref(value)) put(ref_null_prefix);
    put_heap_type(i, type, number);
  }

  void put_two_memories(uint32_t i, uint32_t operand) {
    uint32_t number = 0;
    for (uint32_t k = 0; k < 2; k++) {
      const bool is_own = (operand & own_memory) && code_.extra[(operand & ~own_memory) + k] != none32;
      if (is_own) refer(i, number++);
      else put(0);
    }
  }

  void put_branch_on_cast(uint32_t i, const uint32_t* extra) {
    const auto from = static_cast<ValueType>(extra[1]), to = static_cast<ValueType>(extra[2]);
    put((is_nullable(from) ? 1 : 0) | (is_nullable(to) ? 2 : 0));
    put_uleb(extra[0]);
    put_heap_type(i, extra[1], 0);
    put_heap_type(i, extra[2], is_defined_ref(from) ? 1 : 0);
  }

  void put_try_table(uint32_t i, const uint32_t* extra) {
    put_block_type(i, extra[0]);
    // The type of the block comes first, if it is one that is defined.
    uint32_t tags = is_type_of_unit(extra[0]) || (extra[0] & ref_type::defined) ? 1 : 0;
    put_uleb(extra[1]);
    for (uint32_t k = 0; k < extra[1]; k++) {
      const uint32_t* clause = extra + 2 + 3 * k;
      reserve();
      put(clause[0]);
      if (clause[0] < 2) refer(i, tags++);
      put_uleb(clause[2]);
    }
  }

  const MirCode& code_;
  const MirRefs& refs_;
  MirForm form_;
  FunctionRef<void(Bytes)> run_;
  FunctionRef<void(const RelocRow&)> field_;
  const FunctionRef<void(uint32_t)>* instruction_;
  uint8_t buffer_[64];
  uint8_t* at_ = buffer_;
};

} // namespace

void lower_locals(const StoredMir& function, FunctionRef<void(Bytes)> run,
                  FunctionRef<void(const RelocRow&)> field) {
  if (!function.has_typed_locals) return run(function.locals);
  LocalRuns runs(function.locals);
  uint8_t buffer[16];
  uint8_t* at = write_uleb(buffer, runs.left());
  uint32_t count;
  ValueType type;
  while (runs.next(count, type)) {
    at = write_uleb(at, count);
    if (!is_nullable(type)) *at++ = ref_prefix;
    else if (is_defined_ref(type)) *at++ = ref_null_prefix;
    if (!is_defined_ref(type)) *at++ = static_cast<uint8_t>(type);
    run(Bytes(buffer, static_cast<size_t>(at - buffer)));
    at = buffer;
    if (is_defined_ref(type)) field(type_reference(0, ref_number(type), true));
  }
  if (at != buffer) run(Bytes(buffer, static_cast<size_t>(at - buffer)));
}

void lower_mir(const MirCode& code, const MirRefs& refs, MirForm form, FunctionRef<void(Bytes)> run,
               FunctionRef<void(const RelocRow&)> field, const FunctionRef<void(uint32_t)>* instruction) {
  Lowering(code, refs, form, run, field, instruction).lower();
}

} // namespace weld
