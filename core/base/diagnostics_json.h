// Diagnostics as JSON, in the shape of js/src/types.ts.
#pragma once

#include "core/base/diagnostics.h"
#include "core/base/json.h"

namespace weld {

void write_diagnostic(JsonWriter& json, const Diagnostic& diagnostic, Demangling demangling);

} // namespace weld
