// Running line number programs (DWARF 2 to 5, section 6.2), as compilers for WebAssembly write them.
#pragma once

#include "core/dwarf/forms.h"

namespace weld {

// False, with a failure, for what no compiler for WebAssembly writes: instructions that are not bytes,
// opcodes with operands of their own, other versions.
bool can_walk(Reader& table, const dwarf::LineHeader& header);

// What happens at each opcode. Offsets are of the section.
struct LineHandler {
  virtual void advance(Reader& r, uint64_t by) = 0; // of the address
  virtual void row(int32_t lines) = 0;              // a row, after an advance of lines
  virtual void set_address(uint64_t at) = 0;        // whose bytes begin at `at`
  virtual void end_sequence() = 0;
  // Any other standard opcode with its first operand; its bytes.
  virtual void other(uint8_t opcode, int64_t operand, uint64_t begin, uint64_t end) = 0;
  // After each extended opcode, which has these bytes.
  virtual void extended(uint64_t begin, uint64_t end) = 0;

protected:
  ~LineHandler() = default;
};

// Follows the program that is left in `r`.
void walk_line_program(Reader& r, const dwarf::LineHeader& header, LineHandler& handler);

} // namespace weld
