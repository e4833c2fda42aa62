#include "table.h"

#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <vector>

int main(int argc, char** argv) {
  fmt::print("{}", table(argc > 1 ? std::atoi(argv[1]) : 3));
  fmt::print("{}\n", show({1.5, -2.25}));
  fmt::print("{0} {1} {0}\n", "twice", 2);
  fmt::print("{:*^30}\n", " centred ");
  fmt::print("{}\n", std::vector<int>{1, 2, 3});
  fmt::print("{}\n", std::map<std::string, double>{{"pi", 3.14159265358979}, {"e", 2.718281828459045}});
  fmt::print("{:.17g} {} {} {:g}\n", 0.1, 1e300, 5e-324, 123456789.0);
  fmt::print("{} {:#x} {:08.3f} {:c}\n", -9223372036854775807LL - 1, 0xcafe, 3.14159, 'x');
  fmt::print(stderr, "to {}\n", "stderr");
  return 0;
}
