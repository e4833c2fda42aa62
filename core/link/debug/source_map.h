// Source maps, version 3 (ECMA-426): which line of which source each byte of the module's code comes from.
#pragma once

#include "core/link/write/output_plan.h"

namespace weld {

// The phase. `read_source` may be empty.
void write_source_map(const Link& link, const OutputPlan& plan, const ReadSource& read_source,
                      std::string& map);

} // namespace weld
