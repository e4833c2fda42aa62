// Asks an engine whether it takes the output, and says which inputs are to blame when it does not. The engine is the
// validator: it is complete, and the one that counts.
#pragma once

#include "core/link/engine.h"
#include "core/link/write/output_plan.h"

namespace weld {

// Reports what the engine refuses.
void validate_output(const Link& link, const OutputPlan& plan, Bytes output, const Engine& engine);

// The same of an output that is one which the engine takes but for the bodies of these rows of Indices::functions. The
// engine gets these alone. False when it refuses one.
bool validate_functions(const Link& link, const OutputPlan& plan, Bytes output, const Engine& engine,
                        std::span<const uint32_t> rows);

} // namespace weld
