// Why a function may be called with another signature than it has: notes for the message.
#pragma once

#include "core/link/resolve/resolution.h"

namespace weld {

// `called`: the variant of a name that code calls; `other`: the one that is defined, or else called as well.
void explain_signatures(const Resolved& link, SymbolId called, SymbolId other, bool is_defined,
                        Diagnostic& diagnostic);

} // namespace weld
