// Instructions become bytes.
#pragma once

#include "core/base/function_ref.h"
#include "core/unit/mir.h"

namespace weld {

// `run` gets what is known, `field` each reference in between.
void lower_mir(const MirCode& code, const MirRefs& refs, MirForm form, FunctionRef<void(Bytes)> run,
               FunctionRef<void(const RelocRow&)> field);

} // namespace weld
