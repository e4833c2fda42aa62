// What may be behind an undefined symbol, and what to do about it: notes for its message.
#pragma once

#include "core/link/resolve/resolution.h"

namespace weld {

inline constexpr std::string_view main_advice =
    "the C library calls it: is the object with `main` on the line? "
    "What has no `main` is linked as a reactor, "
    "with crt1-reactor.o and --entry=_initialize";

// Whether the name belongs to the runtime of C++ exceptions.
bool is_exception_runtime(std::string_view name);

// Adds notes to the diagnostic of an undefined symbol. Looks at every name of the link: for few symbols of a
// link that has failed.
void explain_undefined(const Resolved& link, SymbolId id, Diagnostic& diagnostic);

} // namespace weld
