#include "core/dwarf/line_program.h"

#include "core/dwarf/dwarf.h"

namespace weld {

bool can_walk(Reader& table, const dwarf::LineHeader& h) {
  if (table.failed()) return false;
  if (h.version < 2 || h.version > 5) {
    table.fail("line numbers of version " + std::to_string(h.version));
    return false;
  }
  // Without the first opcodes no address can be written.
  if (h.instruction_size != 1 || h.operations != 1 || h.line_range == 0 ||
      h.opcode_base <= dwarf::line_op::fixed_advance_pc) {
    table.fail("line numbers in units that are not bytes");
    return false;
  }
  static constexpr uint8_t counts[] = {0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};
  for (size_t i = 0; i < h.operand_counts.size() && i < sizeof counts; i++)
    if (h.operand_counts[i] != counts[i]) {
      table.fail("opcodes with operands of their own");
      return false;
    }
  return true;
}

void walk_line_program(Reader& r, const dwarf::LineHeader& h, LineHandler& handler) {
  namespace op = dwarf::line_op;
  while (!r.at_end() && !r.failed()) {
    const uint64_t begin = r.offset();
    const uint8_t opcode = r.u8("an opcode");
    if (opcode >= h.opcode_base) {
      uint32_t adjusted = opcode - h.opcode_base;
      handler.advance(r, adjusted / h.line_range);
      handler.row(h.line_base + static_cast<int32_t>(adjusted % h.line_range));
      continue;
    }
    switch (opcode) {
    case op::copy: handler.row(0); break;
    case op::advance_pc: handler.advance(r, r.u64_leb("an advance of the address")); break;
    case op::const_add_pc: handler.advance(r, h.const_advance()); break;
    case op::fixed_advance_pc: handler.advance(r, read_fixed(r, 2, "an advance of the address")); break;
    case op::extended: {
      uint64_t size = r.u64_leb("the size of an opcode");
      if (!r.failed() && size == 0) return r.fail("an opcode without bytes");
      uint64_t at = r.offset() + 1;
      Reader operands = r.part(static_cast<size_t>(size), "opcode", "an opcode");
      uint8_t extended = operands.u8("an opcode");
      if (r.failed()) return;
      if (extended == op::end_sequence) handler.end_sequence();
      else if (extended == op::set_address) handler.set_address(at);
      handler.extended(begin, r.offset());
      break;
    }
    default: {
      int64_t operand = 0;
      if (opcode == op::advance_line) operand = r.s64_leb("an advance of the line");
      else
        for (uint32_t i = 0; i < h.operand_counts[opcode - 1u]; i++) {
          uint64_t n = r.u64_leb("an operand");
          if (i == 0) operand = static_cast<int64_t>(n);
        }
      if (!r.failed()) handler.other(opcode, operand, begin, r.offset());
    }
    }
  }
}

} // namespace weld
