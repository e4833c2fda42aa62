// What stands at a place of the output's code, and where it came from. For messages: looked up when one is made.
#pragma once

#include "core/base/diagnostics.h"
#include "core/link/write/reloc_value.h"

namespace weld {

class SourceLines;

// A place of a function, in the output and in the input.
struct CodePlace {
  Location location;         // of what was linked; empty: the linker made the function
  std::string_view function; // its name; empty: it has none
  std::string_view op;       // the name of the instruction; empty: not known
  uint32_t instruction = 0;  // its number in the function; only with a name
};

// `row`: of Indices::functions; `body`: as the output has it, behind its size; `offset`: in the body, or none32. `lines`
// is of whatever object, and then of this one.
CodePlace find_code(const Link& link, const SymbolValues& values, uint32_t row, Bytes body, uint32_t offset,
                    SourceLines& lines);

} // namespace weld
