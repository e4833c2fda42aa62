// How much is tested: as tests/support/tier.mjs says.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace weld {

// What is repeated to look for rare faults: so often in the quick tier, and so often for pull requests and with --all.
inline uint32_t in_tier(uint32_t quick, uint32_t otherwise) {
  const char* tier = std::getenv("WELD_TIER");
  return !tier || std::string_view(tier) == "quick" ? quick : otherwise;
}

} // namespace weld
