// Instructions as far as the linker looks into code: how long each is, and what it does to the operand stack.
// Not all of the language: whoever meets one that is unknown here leaves the function as it is.
#pragma once

#include "core/base/bytes.h"

namespace weld {

struct Instruction {
  uint8_t opcode = 0;
  uint8_t pops = 0, pushes = 0; // not of calls and of what begins or ends a block
  bool is_pure = false;         // does nothing but make its result: where nobody wants that, it may go
  size_t begin = 0, end = 0;    // in the bytes
  size_t immediate = 0;         // offset of its first immediate
  uint64_t index = 0;           // the first immediate: a local, a label, a block's type
};

// Decodes the instruction at `at`. False: it is not known, or does not end in the bytes.
bool decode_instruction(Bytes code, size_t at, Instruction& instruction);

} // namespace weld
