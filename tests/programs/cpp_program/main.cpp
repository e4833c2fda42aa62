#include "shapes.h"

#include <algorithm>
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <numeric>
#include <sstream>
#include <unordered_map>

static const Registration last("nothing", [](double) -> std::unique_ptr<Shape> { return nullptr; });

template <class... Ts>
std::string joined(const Ts&... parts) {
  std::ostringstream out;
  ((out << parts << ' '), ...);
  return out.str();
}

int main(int argc, char** argv) {
  for (const std::string& line : log_lines) std::cout << line << '\n';
  std::cout << largest<int>({4, 2, 6}) << ' ' << next_number() << ' ' << numbers_from_shapes() << '\n';
  std::cout << largest<std::string>({"b", "a"}) << ", " << words_from_shapes() << '\n';
  std::cout << std::boolalpha << (shared_literal() == std::string("a literal in an inline function")) << '\n';

  {
    std::vector<std::unique_ptr<Shape>> shapes;
    for (int i = 1; i < argc; ++i) {
      std::string arg = argv[i];
      auto equals = arg.find('=');
      auto maker = makers().find(arg.substr(0, equals));
      if (maker == makers().end()) {
        std::cerr << "no shape `" << arg << "`\n";
        return 2;
      }
      shapes.push_back(maker->second(std::stod(arg.substr(equals + 1))));
    }
    std::sort(shapes.begin(), shapes.end(), [](auto& a, auto& b) { return a->area() < b->area(); });
    double total = 0;
    for (auto& shape : shapes) {
      std::cout << std::setw(8) << shape->name() << std::fixed << std::setprecision(3) << std::setw(10)
                << shape->area() << '\n';
      total += shape->area();
    }
    std::cout << "total " << total << '\n';
  }

  std::string word;
  std::unordered_map<std::string, int> counts;
  while (std::cin >> word) ++counts[word];
  std::map<std::string, int> ordered(counts.begin(), counts.end());
  for (auto& [text, count] : ordered) std::cout << text << ": " << count << '\n';

  std::vector<long long> numbers(20);
  std::iota(numbers.begin(), numbers.end(), 1LL);
  std::function<long long(long long, long long)> multiply = [](long long a, long long b) { return a * b; };
  std::cout << std::accumulate(numbers.begin(), numbers.end(), 1LL, multiply) << '\n';
  std::cout << joined(1, "two", 3.5, 'c', std::hex, 255) << '\n';

  // This libc++ has no <fstream>: it was built without a file system.
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/data/out.txt", "w+"), std::fclose);
  std::fputs(joined("written", 42).c_str(), file.get());
  std::rewind(file.get());
  char back[32];
  std::cout << std::fgets(back, sizeof back, file.get()) << '\n';
  return 0;
}
