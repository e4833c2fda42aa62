// --dependency-file: what make and ninja read.
#pragma once

#include "core/base/string_pool.h"

#include <string>
#include <string_view>

namespace weld {

using PathId = Id<struct PathTag>;
using PathPool = Pool<PathId>;

// The rule of the output, and an empty one for each file, so that make does not stop when one is gone.
std::string dependency_text(std::string_view output, const PathPool& files);

} // namespace weld
