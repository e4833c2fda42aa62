#include "core/wasm/instructions.h"

#include "core/wasm/format.h"

namespace weld {

namespace {

// Advances over a LEB128 number of at most `width` bytes; false when it does not end.
bool skip_leb(Bytes code, size_t& at, size_t width, uint64_t* value = nullptr) {
  uint64_t result = 0;
  for (size_t i = 0; i < width && at < code.size(); i++) {
    uint8_t byte = code[at++];
    result |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte & 0x80) continue;
    if (value) *value = result;
    return true;
  }
  return false;
}

enum class Immediate : uint8_t {
  None,
  Index,
  Memory,
  Const32,
  Const64,
  Bytes1,
  Bytes2,
  Bytes4,
  Bytes8,
  Unknown
};

struct Shape {
  Immediate immediate = Immediate::Unknown;
  uint8_t pops = 0, pushes = 0;
  bool is_pure = false;
};

bool may_trap(uint8_t op) {
  return (op >= 0x6d && op <= 0x70) || (op >= 0x7f && op <= 0x82) || // integer division
         (op >= 0xa8 && op <= 0xab) || (op >= 0xae && op <= 0xb1);   // truncation of floats
}

bool is_unary(uint8_t op) {
  return op == 0x45 || op == 0x50 || (op >= 0x67 && op <= 0x69) || (op >= 0x79 && op <= 0x7b) ||
         (op >= 0x8b && op <= 0x91) || (op >= 0x99 && op <= 0x9f) || op >= 0xa7;
}

Shape shape_of(uint8_t op) {
  switch (op) {
  case 0x00: return {Immediate::None};               // unreachable
  case 0x01: return {Immediate::None};               // nop
  case 0x02:                                         // block
  case 0x03: return {Immediate::Bytes1};             // loop
  case 0x04: return {Immediate::Bytes1, 1};          // if
  case 0x05:                                         // else
  case 0x0b: return {Immediate::None};               // end
  case 0x0c: return {Immediate::Index};              // br
  case 0x0d: return {Immediate::Index, 1};           // br_if
  case 0x0e: return {Immediate::Index, 1};           // br_table: a vector
  case 0x0f: return {Immediate::None};               // return
  case 0x10: return {Immediate::Index};              // call
  case 0x11: return {Immediate::Index};              // call_indirect: a type and a table
  case 0x1a: return {Immediate::None, 1};            // drop
  case 0x1b: return {Immediate::None, 3, 1, true};   // select
  case 0x20: return {Immediate::Index, 0, 1, true};  // local.get
  case 0x21: return {Immediate::Index, 1, 0};        // local.set
  case 0x22: return {Immediate::Index, 1, 1};        // local.tee
  case 0x23: return {Immediate::Index, 0, 1, true};  // global.get
  case 0x24: return {Immediate::Index, 1, 0};        // global.set
  case 0x3f: return {Immediate::Bytes1, 0, 1, true}; // memory.size
  case 0x40: return {Immediate::Bytes1, 1, 1};       // memory.grow
  case 0x41: return {Immediate::Const32, 0, 1, true};
  case 0x42: return {Immediate::Const64, 0, 1, true};
  case 0x43: return {Immediate::Bytes4, 0, 1, true};
  case 0x44: return {Immediate::Bytes8, 0, 1, true};
  default: break;
  }
  // A load out of bounds traps, but compilers take no load for an effect, so neither is it here.
  if (op >= 0x28 && op <= 0x35) return {Immediate::Memory, 1, 1, true};
  if (op >= 0x36 && op <= 0x3e) return {Immediate::Memory, 2, 0};
  if (op >= 0x45 && op <= 0xc4)
    return {Immediate::None, static_cast<uint8_t>(is_unary(op) ? 1 : 2), 1, !may_trap(op)};
  return {};
}

Shape shape_of_misc(uint64_t op) {
  if (op < opcode::memory_init) return {Immediate::None, 1, 1, true}; // saturating truncation
  if (op == 10) return {Immediate::Bytes2, 3, 0};                     // memory.copy
  if (op == opcode::memory_fill) return {Immediate::Bytes1, 3, 0};
  return {};
}

} // namespace

bool decode_instruction(Bytes code, size_t at, Instruction& i) {
  if (at >= code.size()) return false;
  i = {};
  i.begin = at;
  i.opcode = code[at++];
  Shape shape;
  if (i.opcode == opcode::misc_prefix) {
    uint64_t second;
    if (!skip_leb(code, at, 5, &second)) return false;
    shape = shape_of_misc(second);
  } else {
    shape = shape_of(i.opcode);
  }
  i.pops = shape.pops;
  i.pushes = shape.pushes;
  i.is_pure = shape.is_pure;
  i.immediate = at;
  auto skip = [&](size_t size) {
    if (code.size() - at < size) return false;
    if (size) i.index = code[at];
    at += size;
    return true;
  };
  bool good = false;
  switch (shape.immediate) {
  case Immediate::None: good = true; break;
  case Immediate::Index: good = skip_leb(code, at, 5, &i.index); break;
  case Immediate::Const32: good = skip_leb(code, at, 5); break;
  case Immediate::Const64: good = skip_leb(code, at, 10); break;
  case Immediate::Memory:
    good = skip_leb(code, at, 5, &i.index) && i.index < 64 && skip_leb(code, at, 10); // 64: another memory
    break;
  case Immediate::Bytes1: good = skip(1); break;
  case Immediate::Bytes2: good = skip(2); break;
  case Immediate::Bytes4: good = skip(4); break;
  case Immediate::Bytes8: good = skip(8); break;
  case Immediate::Unknown: break;
  }
  if (good && i.opcode == 0x11) good = skip_leb(code, at, 5);
  if (good && i.opcode == 0x0e) // one label more than it says
    for (uint64_t labels = 0; good && labels <= i.index; labels++) good = skip_leb(code, at, 5);
  // A block's type: nothing, one value, or a number, which is not known here.
  if (good && i.opcode >= 0x02 && i.opcode <= 0x04)
    good = i.index == opcode::no_result || (i.index >= 0x7b && i.index <= 0x7f) || i.index == 0x70 ||
           i.index == 0x6f;
  i.end = at;
  return good;
}

} // namespace weld
