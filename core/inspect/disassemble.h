// A function as text: its instructions, with the names of what they refer to.
#pragma once

#include "core/base/demangle.h"
#include "core/inspect/inspection.h"

namespace weld {

struct DisassembledInstruction {
  uint32_t offset, size; // of its bytes, in the file
  uint32_t depth = 0;    // how many blocks it is in
  std::string text;      // as in the text format, but what has a name is named
};

// Of a function that is defined in the file. The declaration of locals comes first, if there is one. Where an instruction is
// not known, it and all that follows it are the last row.
std::vector<DisassembledInstruction> disassemble(const Inspection& inspection, uint32_t function,
                                                 Demangling demangling);

} // namespace weld
