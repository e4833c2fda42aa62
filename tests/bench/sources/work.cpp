// What a live link costs when the program runs: a mix of what C++ programs do, and nothing but calls, which is the worst case.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Shape {
  virtual ~Shape() = default;
  virtual double area() const = 0;
};
struct Square final : Shape {
  explicit Square(double s) : side(s) {}
  double area() const override { return side * side; }
  double side;
};
struct Circle final : Shape {
  explicit Circle(double r) : radius(r) {}
  double area() const override { return 3 * radius * radius; }
  double radius;
};

[[gnu::noinline]] unsigned next(unsigned& state) {
  return state = state * 1103515245u + 12345u;
}

[[gnu::noinline]] std::string word(unsigned number) {
  std::string text = "word";
  for (; number; number /= 26) text += static_cast<char>('a' + number % 26);
  return text;
}

[[gnu::noinline]] double total(const std::vector<std::unique_ptr<Shape>>& shapes) {
  double sum = 0;
  for (const auto& shape : shapes) sum += shape->area();
  return sum;
}

[[gnu::noinline]] unsigned calls(unsigned n) {
  return n < 2 ? n : calls(n - 1) + calls(n - 2);
}

} // namespace

extern "C" [[clang::export_name("mix")]] double mix(unsigned count) {
  unsigned state = 1;
  std::map<std::string, unsigned> words;
  std::vector<std::unique_ptr<Shape>> shapes;
  std::vector<unsigned> numbers;
  for (unsigned i = 0; i < count; ++i) {
    ++words[word(next(state) % 5000)];
    numbers.push_back(next(state));
    if (i % 2) shapes.push_back(std::make_unique<Square>(i % 10));
    else shapes.push_back(std::make_unique<Circle>(i % 7));
  }
  std::sort(numbers.begin(), numbers.end(), [](unsigned a, unsigned b) { return a % 1000 < b % 1000; });
  double sum = total(shapes) + numbers[count / 2] % 1000;
  for (const auto& [text, times] : words) sum += static_cast<double>(text.size() * times);
  return sum;
}

extern "C" [[clang::export_name("only_calls")]] unsigned only_calls(unsigned n) {
  return calls(n);
}
