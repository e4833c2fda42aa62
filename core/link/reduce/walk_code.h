// A function's code as the output has it, before its fields are filled in: the object's bytes with the edits
// of drop_parameters, or a unit's instructions.
#pragma once

#include "core/base/function_ref.h"
#include "core/link/reduce/reduction.h"

namespace weld {

// Calls `run` for the bytes between relocated fields, the locals' declaration first, and `field` for each
// relocation whose field is there. `form` is a unit's: an object's code is as it is. `instruction`, if it is there, is
// called before each instruction of a unit's function.
void walk_code(const Reduced& link, LinkObjectId object, FunctionId function, MirForm form,
               FunctionRef<void(Bytes)> run, FunctionRef<void(const RelocRow&)> field,
               const FunctionRef<void(uint32_t)>* instruction = nullptr);

// Whether the type that code names there has a signed number, so that it cannot be taken for a value type.
bool is_signed_type(const LinkObject& object, const RelocRow& reloc);

} // namespace weld
