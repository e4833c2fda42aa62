// What the code around a relocated field does, as compilers write it.
#pragma once

#include "core/base/bytes.h"

namespace weld {

// The frame that a function makes at `at`, where it takes the stack pointer (the field of the instruction): 0
// when it makes none.
uint64_t stack_frame(Bytes object, uint64_t at);
// Whether the global in the field at `at` is written.
bool writes_global(Bytes object, uint64_t at);
// How the tag in the field at `at` catches: 1, the legacy way (`catch`); 2, in a `try_table`; 0, it is thrown.
uint32_t exception_style(Bytes object, uint64_t at);

} // namespace weld
