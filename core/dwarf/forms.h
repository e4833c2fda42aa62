// Reading DWARF: what units, line tables and lists are made of. For those who rewrite it and those who show
// it.
#pragma once

#include "core/base/reader.h"
#include "core/base/vector.h"

#include <span>

namespace weld {

// A number of `size` bytes.
uint64_t read_fixed(Reader& r, uint32_t size, const char* what);

// The length that begins a unit, table or set; how wide offsets in it are, 4 or 8 bytes.
uint64_t read_unit_length(Reader& r, uint32_t& offset_size);

namespace dwarf {

// What the widths of numbers in a unit depend on.
struct UnitFormat {
  uint64_t version = 0;
  uint32_t offset_size = 4;
  uint32_t address_size = 4;
};

struct UnitHeader : UnitFormat {
  uint8_t type = 0;              // unit_type; of DWARF 5
  uint64_t abbreviations_at = 0; // the offset of the next number
  uint64_t abbreviations = 0;    // in .debug_abbrev
};
// Reads what follows the length, whose offset size `header` has. Only the version when that is none of 2
// to 5. `has_signature`: in .debug_types.
void read_unit_header(Reader& r, bool has_signature, UnitHeader& header);

// An attribute of an abbreviation.
struct AttributeSpec {
  uint64_t name, form;
  int64_t constant; // implicit_const
  bool wanted;      // by who reads
};

struct Abbreviation {
  uint64_t code, tag;
  uint32_t first, count; // attributes
  bool has_children;
};

class Abbreviations {
public:
  // Those from `offset` of .debug_abbrev on. False, with a failure, when they cannot be read.
  bool read(Bytes section, uint64_t offset, bool (*wanted)(const AttributeSpec&), ReadFailure& failure);
  void clear();
  const Abbreviation* find(uint64_t code) const; // null: there is none
  std::span<const AttributeSpec> attributes(const Abbreviation& a) const {
    return std::span(attributes_).subspan(a.first, a.count);
  }

private:
  Vector<Abbreviation> abbreviations_; // in the order of their codes
  Vector<AttributeSpec> attributes_;
};

// An attribute of an entry: where its number is, and the number.
struct AttributeValue {
  uint64_t name, form;
  uint64_t offset, width, number; // width: of all that was read from `offset` on
  uint64_t addend = 0; // llvm_addrx_offset: the number that is at `offset`, when `number` is the address's
};
// False, and nothing more is read, when the form is not known.
bool read_attribute(Reader& r, const UnitFormat& unit, const AttributeSpec& spec, AttributeValue& out);

// How a line number program is to be run.
struct LineHeader : UnitFormat {
  uint8_t instruction_size = 0, operations = 1;
  bool default_is_stmt = false;
  int32_t line_base = 0;
  uint32_t line_range = 0, opcode_base = 0;
  Bytes operand_counts;    // of opcode 1 on
  uint64_t tables_at = 0;  // the offset of directories and files
  uint64_t program_at = 0; // behind them

  // What const_add_pc advances by. There must be special opcodes: `line_range` is not 0.
  uint32_t const_advance() const { return (255u - opcode_base) / line_range; }
};
// Reads what follows the length, whose offset size `header` has, up to the program. Only the version when
// that is none of 2 to 5.
void read_line_header(Reader& table, LineHeader& header);

} // namespace dwarf

} // namespace weld
