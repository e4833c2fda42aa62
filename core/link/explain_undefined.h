// What may be behind an undefined symbol, and what to do about it: notes for its message.
#pragma once

#include "core/link/link.h"

namespace weld {

// Whether the name belongs to the runtime of C++ exceptions.
bool is_exception_runtime(std::string_view name);

// Adds notes to the diagnostic of an undefined symbol. Looks at every name of the link: for few symbols of a
// link that has failed.
void explain_undefined(const Link& link, SymbolId id, Diagnostic& diagnostic);

} // namespace weld
