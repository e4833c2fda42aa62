// What --time prints.
#pragma once

#include "core/link/result.h"

#include <string>

namespace weld {

std::string times_text(const LinkStats& stats);

} // namespace weld
