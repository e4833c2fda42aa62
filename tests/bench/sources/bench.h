// What the generated objects share. Own containers, not the library's: their headers would make debug
// information of a size that no project of this many objects has.
#pragma once

namespace bench {
extern const volatile unsigned two; // 2, which no compiler knows

// Every object has one of these, and its constructor enters it into a list.
struct Member {
  Member();
  virtual unsigned value() const = 0;
  Member* next_;
};

template <class T>
class List {
public:
  List() = default;
  List(const List&) = delete;
  ~List() { delete[] items_; }
  [[gnu::noinline]] void push(const T& item) {
    if (size_ == capacity_) grow();
    items_[size_++] = item;
  }
  unsigned size() const { return size_; }
  T& operator[](unsigned i) { return items_[i]; }
  template <class Before>
  [[gnu::noinline]] void sort(Before before) {
    for (unsigned i = 1; i < size_; ++i)
      for (unsigned j = i; j > 0 && before(items_[j], items_[j - 1]); --j) swap(items_[j], items_[j - 1]);
  }

private:
  static void swap(T& a, T& b) {
    T c = a;
    a = b;
    b = c;
  }
  [[gnu::noinline]] void grow() {
    capacity_ = capacity_ ? capacity_ * 2 : 4;
    T* items = new T[capacity_];
    for (unsigned i = 0; i < size_; ++i) items[i] = items_[i];
    delete[] items_;
    items_ = items;
  }

  T* items_ = nullptr;
  unsigned size_ = 0, capacity_ = 0;
};

class Text {
public:
  Text& operator+=(const char* text) {
    while (*text) letters_.push(*text++);
    return *this;
  }
  unsigned size() const { return letters_.size(); }

private:
  List<char> letters_;
};
} // namespace bench
