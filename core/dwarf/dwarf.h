// DWARF's numbers, as far as they are needed here. Sections: DWARF 4 and 5, chapter 7.
#pragma once

#include <cstdint>

namespace weld::dwarf {

namespace form {
enum : uint64_t {
  addr = 0x01,
  block2 = 0x03,
  block4 = 0x04,
  data2 = 0x05,
  data4 = 0x06,
  data8 = 0x07,
  string = 0x08,
  block = 0x09,
  block1 = 0x0a,
  data1 = 0x0b,
  flag = 0x0c,
  sdata = 0x0d,
  strp = 0x0e,
  udata = 0x0f,
  ref_addr = 0x10,
  ref1 = 0x11,
  ref2 = 0x12,
  ref4 = 0x13,
  ref8 = 0x14,
  ref_udata = 0x15,
  indirect = 0x16,
  sec_offset = 0x17,
  exprloc = 0x18,
  flag_present = 0x19,
  strx = 0x1a,
  addrx = 0x1b,
  ref_sup4 = 0x1c,
  strp_sup = 0x1d,
  data16 = 0x1e,
  line_strp = 0x1f,
  ref_sig8 = 0x20,
  implicit_const = 0x21,
  loclistx = 0x22,
  rnglistx = 0x23,
  ref_sup8 = 0x24,
  strx1 = 0x25,
  strx2 = 0x26,
  strx3 = 0x27,
  strx4 = 0x28,
  addrx1 = 0x29,
  addrx2 = 0x2a,
  addrx3 = 0x2b,
  addrx4 = 0x2c,
  gnu_addr_index = 0x1f01,
  gnu_str_index = 0x1f02,
  gnu_ref_alt = 0x1f20,
  gnu_strp_alt = 0x1f21,
  llvm_addrx_offset = 0x2001,
};
} // namespace form

namespace tag {
enum : uint64_t {
  formal_parameter = 0x05,
  lexical_block = 0x0b,
  compile_unit = 0x11,
  inlined_subroutine = 0x1d,
  base_type = 0x24,
  subprogram = 0x2e,
  variable = 0x34,
  partial_unit = 0x3c,
  skeleton_unit = 0x4a,
};
} // namespace tag

namespace attribute {
enum : uint64_t {
  location = 0x02,
  name = 0x03,
  byte_size = 0x0b,
  stmt_list = 0x10,
  low_pc = 0x11,
  high_pc = 0x12,
  language = 0x13,
  comp_dir = 0x1b,
  producer = 0x25,
  start_scope = 0x2c,
  abstract_origin = 0x31,
  decl_file = 0x3a,
  decl_line = 0x3b,
  encoding = 0x3e,
  external = 0x3f,
  specification = 0x47,
  type = 0x49,
  entry_pc = 0x52,
  ranges = 0x55,
  call_column = 0x57,
  call_file = 0x58,
  call_line = 0x59,
  linkage_name = 0x6e,
  str_offsets_base = 0x72,
  addr_base = 0x73,
  rnglists_base = 0x74,
  dwo_name = 0x76,
  call_return_pc = 0x7d,
  call_pc = 0x81,
  loclists_base = 0x8c,
  mips_linkage_name = 0x2007, // before DWARF 4
  gnu_dwo_name = 0x2130,
};
} // namespace attribute

namespace unit_type {
enum : uint8_t { compile = 1, type = 2, partial = 3, skeleton = 4, split_compile = 5, split_type = 6 };
} // namespace unit_type

// Entries of a list of .debug_rnglists (7.25) and of .debug_loclists (7.7.3).
namespace range_entry {
enum : uint8_t {
  end_of_list,
  base_addressx,
  startx_endx,
  startx_length,
  offset_pair,
  base_address,
  start_end,
  start_length,
};
} // namespace range_entry
namespace location_entry {
enum : uint8_t {
  end_of_list,
  base_addressx,
  startx_endx,
  startx_length,
  offset_pair,
  default_location,
  base_address,
  start_end,
  start_length,
};
} // namespace location_entry

// Opcodes of line number programs (6.2.5).
namespace line_op {
enum : uint8_t {
  extended,
  copy,
  advance_pc,
  advance_line,
  set_file,
  set_column,
  negate_stmt,
  set_basic_block,
  const_add_pc,
  fixed_advance_pc,
  set_prologue_end,
  set_epilogue_begin,
  set_isa,
};
constexpr uint8_t end_sequence = 1; // extended
constexpr uint8_t set_address = 2;
constexpr uint8_t define_file = 3;
} // namespace line_op

// Operations of expressions (7.7.1).
namespace expression {
constexpr uint8_t stack_value = 0x9f;
constexpr uint8_t wasm_location = 0xed; // of WebAssembly: a kind, then a number
constexpr uint8_t wasm_local = 0;       // the kind
} // namespace expression

// Languages (7.12).
constexpr uint16_t language_c99 = 0x0c;

// What is said of a directory or file of a line table (6.2.4.1).
namespace line_content {
enum : uint64_t { path = 1, directory_index = 2 };
}

} // namespace weld::dwarf
