#include "shapes.h"

#include <cmath>

namespace {

struct Circle final : Shape, Counted<Circle> {
  explicit Circle(double r) : radius(r) {}
  double area() const override { return std::acos(-1.0) * radius * radius; }
  std::string name() const override { return "circle"; }
  double radius;
};

struct Square final : Shape, Counted<Circle> {
  explicit Square(double s) : side(s) {}
  double area() const override { return side * side; }
  double side;
};

const Registration circle("circle", [](double r) { return std::make_unique<Circle>(r); });
const Registration square("square", [](double s) { return std::make_unique<Square>(s); });

} // namespace

std::map<std::string, Maker>& makers() {
  static std::map<std::string, Maker> map;
  return map;
}

Registration::Registration(const char* name, Maker maker) {
  log_lines.push_back(std::string("registered ") + name);
  makers()[name] = std::move(maker);
}

int numbers_from_shapes() {
  return largest<int>({1, 8, 3}) + next_number();
}
std::string words_from_shapes() {
  return largest<std::string>({"one", "two", "three"}) + ", " + shared_literal();
}
