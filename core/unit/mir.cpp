#include "core/unit/mir.h"

namespace weld {

uint32_t features_of(ValueType type) {
  const uint32_t references = feature_bit(MirFeature::reference_types);
  switch (type) {
  case ValueType::V128: return feature_bit(MirFeature::simd);
  case ValueType::ExnRef: return feature_bit(MirFeature::exceptions) | references;
  case ValueType::FuncRef:
  case ValueType::ExternRef: return references;
  default: break;
  }
  if (!is_ref(type)) return 0;
  const bool is_exception = nullable(type) == ValueType::ExnRef || nullable(type) == ValueType::NullExnRef;
  return references | feature_bit(MirFeature::gc) | (is_exception ? feature_bit(MirFeature::exceptions) : 0);
}

uint32_t features_of(const SignatureParts& signature) {
  uint32_t features = signature.results.size() > 1 ? feature_bit(MirFeature::multivalue) : 0;
  for (const ValueTypes& types : {signature.params, signature.results})
    for (ValueType type : types) features |= features_of(type);
  return features;
}

uint32_t features_of(const SignaturePool& pool, SignatureId type) {
  const DefinedType defined = defined_type(pool, type);
  uint32_t features = features_of({defined.types, defined.results});
  const bool is_plain = defined.kind == TypeKind::Function && defined.is_final && !defined.super &&
                        group_of(pool, type).count == 1;
  return features | (is_plain ? 0 : feature_bit(MirFeature::gc));
}

namespace {

// Opcodes come in pages of 256: without a prefix, weld's own, and those of each prefix.
constexpr uint32_t page_count = 7;
constexpr uint32_t page_of(uint32_t code) {
  uint32_t page = code >> 8;
  return page < 2 ? page : page >= 0xfb ? page - 0xfb + 2 : page_count;
}

// Whether an instruction with such an operand may refer to something.
constexpr bool may_refer(OperandKind kind) {
  switch (kind) {
  case OperandKind::None:
  case OperandKind::ZeroByte:
  case OperandKind::I32:
  case OperandKind::I64:
  case OperandKind::F32:
  case OperandKind::F64:
  case OperandKind::V128:
  case OperandKind::Shuffle:
  case OperandKind::Lane:
  case OperandKind::Local:
  case OperandKind::Label:
  case OperandKind::BrTable: return false;
  default: return true;
  }
}

struct OpIndex {
  uint16_t row_plus_one[page_count * 256] = {};
  bool refers[page_count * 256] = {};
  constexpr OpIndex() {
    uint16_t row = 0;
    for (const OpTraits& op : op_table) {
      const uint32_t at = page_of(op.code) * 256 + (op.code & 0xff);
      row_plus_one[at] = ++row;
      refers[at] = may_refer(op.operand);
    }
  }
};
constexpr OpIndex op_index;

RelocRow make_row(uint32_t instruction, RelocType type, uint32_t index, uint64_t addend) {
  RelocRow row;
  row.offset = instruction;
  row.type = static_cast<uint32_t>(type) & 31;
  row.index = index & ((1u << 27) - 1);
  row.addend = static_cast<int64_t>(addend);
  return row;
}

} // namespace

RelocRow type_reference(uint32_t instruction, uint32_t type, bool is_signed) {
  return make_row(instruction, RelocType::TYPE_INDEX_LEB, type, is_signed);
}

const OpTraits* find_op(uint16_t code) {
  uint32_t page = page_of(code);
  if (page == page_count) return nullptr;
  uint16_t row = op_index.row_plus_one[page * 256 + (code & 0xff)];
  return row ? &op_table[row - 1] : nullptr;
}

const OpTraits* read_op(Reader& r, bool& lets_null_pass) {
  uint32_t code = r.u8("an opcode");
  lets_null_pass = false;
  if (code >= opcode::gc_prefix && code != 0xff) {
    uint32_t second = r.u32_leb("an opcode");
    constexpr uint32_t test_null = 0x15, cast_null = 0x17;
    lets_null_pass = code == opcode::gc_prefix && (second == test_null || second == cast_null);
    second -= lets_null_pass;
    if (second < 0x100) code = code << 8 | second;
    else if (code == 0xfd && second < 0x200) code = 0xff00 | (second & 0xff);
    else return nullptr;
  }
  return r.failed() ? nullptr : find_op(static_cast<uint16_t>(code));
}

bool MirRefs::block_type(uint32_t instruction, uint32_t type, RelocRow& row) const {
  if (!is_type_of_unit(type)) return value_type(instruction, type, row);
  row = type_reference(instruction, type - first_block_type, true);
  return true;
}

bool MirRefs::value_type(uint32_t instruction, uint32_t type, RelocRow& row) const {
  if (!(type & ref_type::defined)) return false;
  row = type_reference(instruction, type & ref_type::number_mask, true);
  return true;
}

bool MirRefs::get(uint32_t i, uint32_t number, RelocRow& row) const {
  auto make = [&](RelocType type, uint32_t symbol, uint64_t addend = 0) {
    row = make_row(i, type, symbols_->row_of(symbol), addend);
    return true;
  };
  auto make_type = [&](uint32_t type) {
    row = type_reference(i, type, false);
    return true;
  };
  auto table = [&](uint32_t symbol) {
    return make(RelocType::TABLE_NUMBER_LEB, symbol == none32 ? function_table_ : symbol);
  };
  const Op op = code_.op(i);
  const uint32_t operand = code_.operands[i];
  const uint32_t* extra = code_.extra.data() + operand; // where the operand has words there
  switch (traits(op).operand) {
  case OperandKind::Function:
    if (number == 0) return make(RelocType::FUNCTION_INDEX_LEB, operand);
    // A function that code names as a value must be in the table, or be declared in some other way.
    if (op != Op::ref_func || number > 2) return false;
    if (number == 2) return table(none32);
    return make(is_64_ ? RelocType::TABLE_INDEX_SLEB64 : RelocType::TABLE_INDEX_SLEB, operand, 1);
  case OperandKind::Global: return number == 0 && make(RelocType::GLOBAL_INDEX_LEB, operand);
  case OperandKind::Tag: return number == 0 && make(RelocType::TAG_INDEX_LEB, operand);
  case OperandKind::Table: return number == 0 && table(operand);
  case OperandKind::TwoTables: return number < 2 && table(extra[number]);
  case OperandKind::CallIndirect: return number == 0 ? make_type(extra[0]) : number == 1 && table(extra[1]);
  case OperandKind::Block: return number == 0 && block_type(i, operand, row);
  case OperandKind::TryTable: {
    if (block_type(i, extra[0], row) && number-- == 0) return true;
    for (uint32_t k = 0; k < extra[1]; k++) {
      const uint32_t* clause = extra + 2 + 3 * k;
      if (clause[0] < 2 && number-- == 0) return make(RelocType::TAG_INDEX_LEB, clause[1]);
    }
    return false;
  }
  case OperandKind::Memory:
  case OperandKind::MemoryLane:
    if (number == 0 && (extra[0] & in_own_memory)) return table(extra[3]);
    return number == 0 && extra[3] != none32 &&
           make(is_64_ ? RelocType::MEMORY_ADDR_LEB64 : RelocType::MEMORY_ADDR_LEB, extra[3],
                code_.extra_64(operand + 1));
  case OperandKind::MemoryIndex: return number == 0 && (operand & own_memory) && table(operand & ~own_memory);
  case OperandKind::TwoMemories:
    if (!(operand & own_memory)) return false;
    for (uint32_t k = 0; k < 2; k++) {
      const uint32_t memory = code_.extra[(operand & ~own_memory) + k];
      if (memory != none32 && number-- == 0) return table(memory);
    }
    return false;
  case OperandKind::SelectType:
  case OperandKind::RefType:
  case OperandKind::CastType: return number == 0 && value_type(i, operand, row);
  case OperandKind::Type: return number == 0 && make_type(operand);
  case OperandKind::TypeAndField:
  case OperandKind::TypeAndCount: return number == 0 && make_type(extra[0]);
  case OperandKind::TwoTypes: return number < 2 && make_type(extra[number]);
  case OperandKind::TypeAndData:
  case OperandKind::TypeAndElements:
    return number == 0 ? make_type(extra[0]) : number == 1 && make(RelocType::PASSIVE_SEGMENT, extra[1]);
  case OperandKind::BranchOnCast:
    for (uint32_t k = 1; k < 3; k++)
      if (value_type(i, extra[k], row) && number-- == 0) return true;
    return false;
  case OperandKind::MemoryInit:
    if (operand & own_memory) {
      extra = code_.extra.data() + (operand & ~own_memory);
      return number == 0 ? make(RelocType::PASSIVE_SEGMENT, extra[0]) : number == 1 && table(extra[1]);
    }
    [[fallthrough]];
  case OperandKind::PassiveData:
  case OperandKind::PassiveElements: return number == 0 && make(RelocType::PASSIVE_SEGMENT, operand);
  case OperandKind::TableInit:
    return number == 0 ? make(RelocType::PASSIVE_SEGMENT, extra[0]) : number == 1 && table(extra[1]);
  case OperandKind::FunctionSlot:
    if (number) return false;
    switch (op) {
    case Op::i32_func: return make(RelocType::TABLE_INDEX_SLEB, operand);
    case Op::i64_func: return make(RelocType::TABLE_INDEX_SLEB64, operand);
    case Op::i32_func_rel: return make(RelocType::TABLE_INDEX_REL_SLEB, operand);
    default: return make(RelocType::TABLE_INDEX_REL_SLEB64, operand);
    }
  case OperandKind::Address: {
    if (number) return false;
    uint64_t addend = code_.extra_64(operand + 1);
    switch (op) {
    case Op::i32_data: return make(RelocType::MEMORY_ADDR_SLEB, extra[0], addend);
    case Op::i64_data: return make(RelocType::MEMORY_ADDR_SLEB64, extra[0], addend);
    case Op::i32_data_rel: return make(RelocType::MEMORY_ADDR_REL_SLEB, extra[0], addend);
    case Op::i64_data_rel: return make(RelocType::MEMORY_ADDR_REL_SLEB64, extra[0], addend);
    case Op::i32_data_tls: return make(RelocType::MEMORY_ADDR_TLS_SLEB, extra[0], addend);
    default: return make(RelocType::MEMORY_ADDR_TLS_SLEB64, extra[0], addend);
    }
  }
  default: return false;
  }
}

bool MirRefs::next(Cursor& cursor, RelocRow& row) const {
  if (!locals_.empty()) {
    LocalRuns runs(locals_);
    uint32_t count;
    ValueType type;
    for (uint32_t i = 0; runs.next(count, type); i++) {
      if (i < cursor.local) continue;
      cursor.local++;
      if (value_type(0, static_cast<uint32_t>(type), row)) return true;
    }
  }
  for (; cursor.instruction < code_.size(); cursor.instruction++, cursor.number = 0) {
    const uint16_t code = code_.opcodes[cursor.instruction];
    if (!op_index.refers[page_of(code) * 256 + (code & 0xff)]) continue; // most do not
    if (!get(cursor.instruction, cursor.number, row)) continue;
    cursor.number++;
    return true;
  }
  return false;
}

size_t StoredMir::size_of(const MirCode& code, Bytes locals) {
  return sizeof(Header) + code.opcodes.size_bytes() + code.operands.size_bytes() + code.extra.size_bytes() +
         locals.size();
}

void StoredMir::write(const MirCode& code, Bytes locals, bool has_typed_locals, uint8_t* to) {
  Header header{code.size(), static_cast<uint32_t>(code.extra.size()), static_cast<uint32_t>(locals.size()),
                has_typed_locals};
  auto put = [&](const void* from, size_t size) {
    if (size) std::memcpy(to, from, size);
    to += size;
  };
  put(&header, sizeof header);
  put(code.operands.data(), code.operands.size_bytes());
  put(code.extra.data(), code.extra.size_bytes());
  put(code.opcodes.data(), code.opcodes.size_bytes());
  put(locals.data(), locals.size());
}

StoredMir StoredMir::read(const uint8_t* from) {
  Header header;
  std::memcpy(&header, from, sizeof header);
  from += sizeof header;
  StoredMir stored;
  stored.code.operands = {reinterpret_cast<const uint32_t*>(from), header.instructions};
  from += stored.code.operands.size_bytes();
  stored.code.extra = {reinterpret_cast<const uint32_t*>(from), header.extra};
  from += stored.code.extra.size_bytes();
  stored.code.opcodes = {reinterpret_cast<const uint16_t*>(from), header.instructions};
  from += stored.code.opcodes.size_bytes();
  stored.locals = {from, header.locals_size};
  stored.has_typed_locals = header.has_typed_locals != 0;
  return stored;
}

void LocalRuns::encode(std::span<const ValueType> locals, ByteBuffer& out) {
  uint32_t runs = 0;
  for (size_t i = 0; i < locals.size(); i++) runs += i == 0 || locals[i] != locals[i - 1];
  out.uleb(runs);
  for (size_t i = 0; i < locals.size();) {
    size_t end = i;
    while (end < locals.size() && locals[end] == locals[i]) end++;
    out.uleb(end - i);
    const ValueType type = locals[i];
    if (is_defined_ref(type)) {
      out.u8(is_nullable(type) ? ref_null_prefix : typed_ref_prefix);
      uint8_t number[5];
      write_padded_uleb(number, ref_number(type), 5);
      out.append(number);
    } else {
      if (!is_nullable(type)) out.u8(ref_prefix);
      out.u8(static_cast<uint8_t>(type));
    }
    i = end;
  }
}

bool LocalRuns::next(uint32_t& count, ValueType& type) {
  if (!left_) return false;
  left_--;
  count = number();
  const uint8_t byte = *at_++;
  if (byte == ref_null_prefix || byte == typed_ref_prefix)
    type = defined_ref(number(), byte == ref_null_prefix);
  else if (byte == ref_prefix) type = non_nullable(static_cast<ValueType>(*at_++));
  else type = static_cast<ValueType>(byte);
  return true;
}

uint32_t LocalRuns::number() {
  uint32_t value = 0;
  for (uint32_t shift = 0;; shift += 7) {
    const uint8_t byte = *at_++;
    value |= static_cast<uint32_t>(byte & 0x7f) << shift;
    if (!(byte & 0x80)) return value;
  }
}

} // namespace weld
