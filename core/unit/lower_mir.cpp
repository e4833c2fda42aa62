#include "core/unit/lower_mir.h"

namespace weld {

void lower_mir(const MirCode& code, const MirRefs& refs, MirForm form, FunctionRef<void(Bytes)> run,
               FunctionRef<void(const RelocRow&)> field) {
  uint8_t buffer[64];
  uint8_t* at = buffer;
  auto flush = [&] {
    if (at != buffer) run(Bytes(buffer, static_cast<size_t>(at - buffer)));
    at = buffer;
  };
  // No instruction has more known bytes in a row than half of the buffer; lists flush as they go.
  auto reserve = [&] {
    if (at - buffer > 32) flush();
  };
  auto refer = [&](uint32_t i, uint32_t number) {
    RelocRow row;
    if (!refs.get(i, number, row)) return false;
    flush();
    field(row);
    return true;
  };
  auto put_words = [&](const uint32_t* words, uint32_t count) {
    std::memcpy(at, words, count * sizeof *words); // the format is little-endian, as we are
    at += count * sizeof *words;
  };
  auto block_type = [&](uint32_t i, uint32_t type) {
    if (type < first_block_type) *at++ = static_cast<uint8_t>(type);
    else refer(i, 0);
  };

  for (uint32_t i = 0; i < code.size(); i++) {
    reserve();
    const OpTraits& op = traits(code.op(i));
    const uint32_t operand = code.operands[i];
    const uint32_t* extra = code.extra.data() + operand; // where the operand has words there
    const uint32_t prefix = op.code >> 8;
    if (code.op(i) == Op::ref_func && form == MirForm::Relocatable) {
      // Nothing in an object keeps a function in the table for this; taking it out of the table does.
      *at++ = opcode::i32_const;
      refer(i, 1);
      *at++ = static_cast<uint8_t>(Op::table_get);
      refer(i, 2);
      continue;
    }
    if (prefix == 0) {
      *at++ = static_cast<uint8_t>(op.code);
    } else if (prefix == 1) {
      *at++ = op.code >= static_cast<uint16_t>(Op::i64_func) ? opcode::i64_const : opcode::i32_const;
    } else {
      *at++ = static_cast<uint8_t>(prefix == 0xff ? 0xfd : prefix);
      at = write_uleb(at, (prefix == 0xff ? 0x100 : 0) + (op.code & 0xffu));
    }
    switch (op.operand) {
    case OperandKind::None: break;
    case OperandKind::ZeroBytes: *at++ = 0; [[fallthrough]];
    case OperandKind::ZeroByte: *at++ = 0; break;
    case OperandKind::I32: at = write_sleb(at, static_cast<int32_t>(operand)); break;
    case OperandKind::I64: at = write_sleb(at, static_cast<int64_t>(code.extra_64(operand))); break;
    case OperandKind::F32: put_words(&operand, 1); break;
    case OperandKind::F64: put_words(extra, 2); break;
    case OperandKind::V128:
    case OperandKind::Shuffle: put_words(extra, 4); break;
    case OperandKind::Lane:
    case OperandKind::RefType: *at++ = static_cast<uint8_t>(operand); break;
    case OperandKind::Local:
    case OperandKind::Label: at = write_uleb(at, operand); break;
    case OperandKind::BrTable:
      at = write_uleb(at, extra[0]);
      for (uint32_t k = 0; k <= extra[0]; k++) {
        reserve();
        at = write_uleb(at, extra[1 + k]);
      }
      break;
    case OperandKind::Block: block_type(i, operand); break;
    case OperandKind::TryTable: {
      block_type(i, extra[0]);
      uint32_t tags = extra[0] < first_block_type ? 0 : 1;
      at = write_uleb(at, extra[1]);
      for (uint32_t k = 0; k < extra[1]; k++) {
        const uint32_t* clause = extra + 2 + 3 * k;
        reserve();
        *at++ = static_cast<uint8_t>(clause[0]);
        if (clause[0] < 2) refer(i, tags++);
        at = write_uleb(at, clause[2]);
      }
      break;
    }
    case OperandKind::Memory:
    case OperandKind::MemoryLane:
      at = write_uleb(at, extra[0]);
      if (!refer(i, 0)) at = write_uleb(at, code.extra_64(operand + 1));
      if (op.operand == OperandKind::MemoryLane) *at++ = static_cast<uint8_t>(extra[4]);
      break;
    case OperandKind::SelectType:
      *at++ = 1;
      *at++ = static_cast<uint8_t>(operand);
      break;
    case OperandKind::MemoryInit:
      refer(i, 0);
      *at++ = 0; // the memory
      break;
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
  flush();
}

} // namespace weld
