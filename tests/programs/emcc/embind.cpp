#include <emscripten/bind.h>
#include <string>

struct Point {
  int x, y;
};
std::string greet(std::string name) {
  return "hello " + name;
}
int sum(Point point) {
  return point.x + point.y;
}

EMSCRIPTEN_BINDINGS(test) {
  emscripten::value_object<Point>("Point").field("x", &Point::x).field("y", &Point::y);
  emscripten::function("greet", &greet);
  emscripten::function("sum", &sum);
}
