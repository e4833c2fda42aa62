#include "core/unit/mir.h"

namespace weld {

namespace {

// Opcodes come in pages of 256: without a prefix, weld's own, and those of each prefix.
constexpr uint32_t page_count = 6;
constexpr uint32_t page_of(uint32_t code) {
  uint32_t page = code >> 8;
  return page < 2 ? page : page >= 0xfc ? page - 0xfc + 2 : page_count;
}

struct OpIndex {
  uint16_t row_plus_one[page_count * 256] = {};
  constexpr OpIndex() {
    uint16_t row = 0;
    for (const OpTraits& op : op_table) row_plus_one[page_of(op.code) * 256 + (op.code & 0xff)] = ++row;
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

const OpTraits* find_op(uint16_t code) {
  uint32_t page = page_of(code);
  if (page == page_count) return nullptr;
  uint16_t row = op_index.row_plus_one[page * 256 + (code & 0xff)];
  return row ? &op_table[row - 1] : nullptr;
}

bool MirRefs::block_type(uint32_t instruction, uint32_t type, RelocRow& row) const {
  if (type < first_block_type) return false;
  row = make_row(instruction, RelocType::TYPE_INDEX_LEB, type - first_block_type, 1);
  return true;
}

bool MirRefs::get(uint32_t i, uint32_t number, RelocRow& row) const {
  auto make = [&](RelocType type, uint32_t symbol, uint64_t addend = 0) {
    row = make_row(i, type, symbols_->row_of(symbol), addend);
    return true;
  };
  auto make_type = [&](uint32_t type) {
    row = make_row(i, RelocType::TYPE_INDEX_LEB, type, 0);
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
    return make(is_64_ ? RelocType::TABLE_INDEX_SLEB64 : RelocType::TABLE_INDEX_SLEB, operand);
  case OperandKind::Global: return number == 0 && make(RelocType::GLOBAL_INDEX_LEB, operand);
  case OperandKind::Tag: return number == 0 && make(RelocType::TAG_INDEX_LEB, operand);
  case OperandKind::Table: return number == 0 && table(operand);
  case OperandKind::TwoTables: return number < 2 && table(extra[number]);
  case OperandKind::CallIndirect: return number == 0 ? make_type(extra[0]) : number == 1 && table(extra[1]);
  case OperandKind::Block: return number == 0 && block_type(i, operand, row);
  case OperandKind::TryTable: {
    if (extra[0] >= first_block_type && number-- == 0) return block_type(i, extra[0], row);
    for (uint32_t k = 0; k < extra[1]; k++) {
      const uint32_t* clause = extra + 2 + 3 * k;
      if (clause[0] < 2 && number-- == 0) return make(RelocType::TAG_INDEX_LEB, clause[1]);
    }
    return false;
  }
  case OperandKind::Memory:
  case OperandKind::MemoryLane:
    return number == 0 && extra[3] != none32 &&
           make(is_64_ ? RelocType::MEMORY_ADDR_LEB64 : RelocType::MEMORY_ADDR_LEB, extra[3],
                code_.extra_64(operand + 1));
  case OperandKind::MemoryInit:
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
  for (; cursor.instruction < code_.size(); cursor.instruction++, cursor.number = 0) {
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

void StoredMir::write(const MirCode& code, Bytes locals, uint8_t* to) {
  Header header{code.size(), static_cast<uint32_t>(code.extra.size()), static_cast<uint32_t>(locals.size())};
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
  return stored;
}

} // namespace weld
