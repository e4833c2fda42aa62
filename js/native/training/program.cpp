// Code and data of the usual kinds of C++: templates and inline functions, virtual functions, containers, streams.
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace shapes {
struct Shape {
  virtual ~Shape() = default;
  virtual double area() const = 0;
};
struct Square final : Shape {
  explicit Square(double side) : side(side) {}
  double area() const override { return side * side; }
  double side;
};
} // namespace shapes

static std::map<std::string, int> known{{"one", 1}, {"two", 2}};
thread_local int calls = 0;

template <class T>
T largest(const std::vector<T>& all) {
  return *std::max_element(all.begin(), all.end());
}

int main() {
  std::vector<std::unique_ptr<shapes::Shape>> all;
  all.push_back(std::make_unique<shapes::Square>(2));
  std::function<int(int)> next = [&](int x) { return x + ++calls; };
  for (const auto& [name, value] : known) std::cout << name << ' ' << next(value) << '\n';
  std::cout << all[0]->area() << ' ' << largest(std::vector<int>{1, 3, 2}) << std::endl;
  return 0;
}
