#pragma once
#include <string>
#include <vector>

// Something small to test.
template <class T>
class Stack {
public:
  void push(T value) { values_.push_back(std::move(value)); }
  T pop() {
    T top = std::move(values_.back());
    values_.pop_back();
    return top;
  }
  bool empty() const { return values_.empty(); }
  size_t size() const { return values_.size(); }

private:
  std::vector<T> values_;
};

std::string spelled(int number);
