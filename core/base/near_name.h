// How alike two names are: for "did you mean".
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace weld {

// How many insertions, removals and replacements make `b` of `a`, or more than `limit`.
size_t edit_distance(std::string_view a, std::string_view b, size_t limit);

// A name this far from what was written may be what was meant; 0: none may.
size_t near_distance(std::string_view name);

// The name that may have been meant; empty: none is near.
std::string_view nearest_name(std::string_view written, std::span<const std::string_view> names);

} // namespace weld
