// The main program of the generated objects: adds up what they say.
#include "bench.h"

#include <cstdio>

namespace X000000X {
unsigned number();
}
namespace Y000000Y {
unsigned number();
}

namespace bench {
const volatile unsigned two = 2;
static Member* first;
Member::Member() : next_(first) {
  first = this;
}
} // namespace bench

int main() {
  unsigned long long sum = X000000X::number() + Y000000Y::number();
  unsigned members = 0;
  for (const bench::Member* member = bench::first; member; member = member->next_, ++members)
    sum += member->value();
  std::printf("%u members, %llu\n", members, sum);
}
