// Line number programs (DWARF 2 to 5, section 6.2): what both their rewriter and the look-up of source lines
// read of them.
#pragma once

#include "core/link/debug_object.h"
#include "core/link/dwarf.h"

namespace weld {

struct LineHeader {
  uint64_t version = 0;
  uint32_t offset_size = 4; // of offsets into other sections, in bytes
  int32_t line_base = 0;    // the first advance of lines of special opcodes
  uint32_t line_range = 1;
  uint32_t opcode_base = 1; // the first special opcode
  Bytes operand_counts;     // of opcode 1 on
  uint64_t const_advance() const { return (255u - opcode_base) / line_range; }
};

// Reads the header of the table `table`, whose bytes follow its length. `names` is then a reader of the
// header's rest, directories and files, and `table` stands before the program.
LineHeader read_line_header(Reader& table, uint32_t offset_size, Reader& names, ReadFailure& failure);

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
void walk_line_program(Reader& r, const LineHeader& h, const ReadFailure& failure, LineHandler& handler);

} // namespace weld
