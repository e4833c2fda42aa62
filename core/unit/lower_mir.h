// Instructions become bytes.
#pragma once

#include "core/base/function_ref.h"
#include "core/unit/mir.h"

namespace weld {

// `run` gets what is known, `field` each reference in between. `instruction` gets the number of each instruction when
// all before it has been given; null: nobody asks.
void lower_mir(const MirCode& code, const MirRefs& refs, MirForm form, FunctionRef<void(Bytes)> run,
               FunctionRef<void(const RelocRow&)> field,
               const FunctionRef<void(uint32_t)>* instruction = nullptr);

// The declaration of a function's locals, likewise.
void lower_locals(const StoredMir& function, FunctionRef<void(Bytes)> run,
                  FunctionRef<void(const RelocRow&)> field);

} // namespace weld
