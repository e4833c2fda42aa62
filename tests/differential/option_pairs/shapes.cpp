#include "program.h"

struct Shape {
  virtual int area() const = 0;
  virtual const char* name() const { return "a shape of the program"; }
};
struct Square : Shape {
  explicit Square(int n) : side(n) {}
  int area() const override { return side * side; }
  const char* name() const override { return "a square of the program"; }
  int side;
};
struct Line : Shape {
  int area() const override { return 0; }
};

template <class T>
__attribute__((noinline)) T twice(T n) {
  return n + n;
}

static Square square(table[1]); // made by a constructor

int area(int n) {
  Line line;
  const Shape* shapes[] = {&square, &line};
  return twice(shapes[n & 1]->area()) + shapes[n & 1]->name()[n & 3] + static_cast<int>(twice(2.5));
}
