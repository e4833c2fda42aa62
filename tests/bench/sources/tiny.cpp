// As object.cpp, but tiny.
#include "bench.h"

namespace Y000000Y {
unsigned number();
}
namespace Z000000Z {
unsigned number();
}
namespace shared {
template <int N>
[[gnu::noinline]] unsigned nothing(unsigned x) {
  return x - x % bench::two - x / 2 * 2;
}
} // namespace shared

namespace X000000X {
extern const char* const word = "X000000X";

unsigned number() {
  unsigned value = 0;
  for (const char* at = word + bench::two - 1; *at != 'X'; ++at) value = value * 10 + unsigned(*at - '0');
  return value;
}
unsigned dead(unsigned x) {
  return number() * x;
}

static struct Member final : bench::Member {
  unsigned value() const override {
    return number() + Y000000Y::number() + Z000000Z::number() + shared::nothing<VARIANT>(number());
  }
} member;
} // namespace X000000X
