// Options that only other linkers have, and what they are there for.
#pragma once

#include <string_view>

namespace weld {

struct ForeignOption {
  std::string_view spelling, linker, advice;
};

// Null when the argument is none of these.
const ForeignOption* find_foreign(std::string_view argument);

} // namespace weld
