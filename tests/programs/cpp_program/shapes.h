// Classes, templates and inline variables that several objects instantiate: each must end up in the output
// once.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct Shape {
  virtual ~Shape() = default;
  virtual double area() const = 0;
  virtual std::string name() const { return "shape"; }
};

template <class T>
struct Counted {
  static inline int alive = 0;
  Counted() { ++alive; }
  Counted(const Counted&) { ++alive; }
  ~Counted() { --alive; }
};

template <class T>
T largest(const std::vector<T>& values) {
  T best = values.at(0);
  for (const T& value : values)
    if (best < value) best = value;
  return best;
}

inline std::vector<std::string> log_lines;
inline const char* shared_literal() {
  return "a literal in an inline function";
}

inline int next_number() {
  static int number = [] {
    log_lines.push_back("next_number starts");
    return 100;
  }();
  return number++;
}

using Maker = std::function<std::unique_ptr<Shape>(double)>;
std::map<std::string, Maker>& makers();

struct Registration {
  Registration(const char* name, Maker maker);
};

int numbers_from_shapes();
std::string words_from_shapes();
