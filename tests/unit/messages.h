// What weld says, as text for tests.
#pragma once

#include "core/base/diagnostics.h"

#include <string>

namespace weld {

// As weld prints them, a line for each.
inline std::string messages_of(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics.rows())
    text += render(d, DiagnosticStyle::Weld, Demangling::Llvm22) + '\n';
  return text;
}

} // namespace weld
