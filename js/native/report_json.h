// What a link reports besides its output, as JSON text: diagnostics and statistics, in the shape of
// js/src/types.ts.
#pragma once

#include "core/tool/driver.h"

#include <string>

namespace weld {

std::string report_json(const ToolReport& report);

} // namespace weld
