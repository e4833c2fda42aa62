// Rows in one allocation that grows: std::vector for types that may be copied as bytes. Growing is `realloc`,
// which moves pages where the system can and often nothing at all, and it is the same code for every type: of
// std::vector's functions, the wasm module had a thousand.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace weld {

// Room for at least `needed` rows of `row_size` bytes where `data` has room for `capacity`; what was there
// stays.
void* grow_rows(void* data, size_t& capacity, size_t needed, size_t row_size);
// The same with room for `needed` and no more.
void* grow_rows_to(void* data, size_t& capacity, size_t needed, size_t row_size);
// Room for `count` rows of zeros, which large ones get from the system as pages that are not there until they
// are used.
void* zeroed_rows(size_t& capacity, size_t count, size_t row_size);

template <class T>
class Vector {
public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;
  using reference = T&;
  using const_reference = const T&;
  using size_type = size_t;
  using difference_type = std::ptrdiff_t;

  Vector() = default;
  explicit Vector(size_t size) { resize(size); }
  Vector(size_t size, T value) { assign(size, value); }
  Vector(const T* first, const T* last) { append(first, last); }
  explicit Vector(std::span<const T> rows) { append(rows); }
  Vector(std::initializer_list<T> rows) { append(rows.begin(), rows.end()); }
  Vector(const Vector& other) { append(other.begin(), other.end()); }
  Vector(Vector&& other) noexcept { swap(other); }
  Vector& operator=(const Vector& other) {
    if (this != &other) assign(other.begin(), other.end());
    return *this;
  }
  Vector& operator=(Vector&& other) noexcept {
    Vector old(std::move(other)); // what was here goes with it
    swap(old);
    return *this;
  }
  ~Vector() { std::free(data_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& operator[](size_t row) {
    assert(row < size_);
    return data_[row];
  }
  const T& operator[](size_t row) const {
    assert(row < size_);
    return data_[row];
  }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }

  void reserve(size_t rows) {
    if (rows > capacity_) data_ = static_cast<T*>(grow_rows_to(data_, capacity_, rows, row_size));
  }
  void push_back(T row) { *extend(1) = row; }
  template <class... Parts>
  T& emplace_back(Parts&&... parts) {
    push_back(T(std::forward<Parts>(parts)...));
    return back();
  }
  void pop_back() {
    assert(size_ > 0);
    size_--;
  }
  void clear() { size_ = 0; } // capacity is kept
  void resize(size_t size) {
    if (!is_zero || capacity_ || !size) return resize(size, T());
    data_ = static_cast<T*>(zeroed_rows(capacity_, size, row_size));
    size_ = size;
  }
  void resize(size_t size, T value) {
    if (size > size_) {
      const size_t more = size - size_;
      std::fill_n(extend(more), more, value);
    }
    size_ = size;
  }
  // Rows without values, for the caller to fill; what was there is gone.
  T* resize_for_overwrite(size_t size) {
    reserve(size);
    size_ = size;
    return data_;
  }
  void truncate(size_t size) {
    assert(size <= size_);
    size_ = size;
  }
  void assign(size_t size, T value) {
    clear();
    resize(size, value);
  }
  void assign(const T* first, const T* last) { assign(std::span(first, last)); }
  void assign(std::span<const T> rows) {
    clear();
    append(rows);
  }
  // The rows are not of this vector.
  void append(const T* first, const T* last) { append({first, static_cast<size_t>(last - first)}); }
  void append(std::span<const T> rows) {
    if (!rows.empty())
      std::memcpy(static_cast<void*>(extend(rows.size())), rows.data(), rows.size() * row_size);
  }
  void insert(const T* at, const T* first, const T* last) {
    if (first != last)
      std::memcpy(static_cast<void*>(open(at, static_cast<size_t>(last - first))), first,
                  static_cast<size_t>(last - first) * row_size);
  }
  void insert(const T* at, T row) { *open(at, 1) = row; }
  void erase(const T* at) { erase(at, at + 1); }
  void erase(const T* first, const T* last) {
    if (first == last) return;
    std::memmove(static_cast<void*>(data_ + (first - data_)), last,
                 static_cast<size_t>(end() - last) * row_size);
    size_ -= static_cast<size_t>(last - first);
  }
  void swap(Vector& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }
  template <class Unwanted>
  friend void erase_if(Vector& rows, Unwanted unwanted) {
    rows.size_ = static_cast<size_t>(std::remove_if(rows.begin(), rows.end(), unwanted) - rows.begin());
  }
  friend bool operator==(const Vector& a, const Vector& b) {
    return a.size_ == b.size_ && std::equal(a.begin(), a.end(), b.begin());
  }

private:
  static constexpr size_t row_size = sizeof(T); // NOLINT(bugprone-sizeof-expression): rows may be pointers
  static constexpr bool is_zero = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_pointer_v<T>;

  // More rows at the end, without values.
  T* extend(size_t rows) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (capacity_ - size_ < rows)
      data_ = static_cast<T*>(grow_rows(data_, capacity_, size_ + rows, row_size));
    T* first = data_ + size_;
    size_ += rows;
    return first;
  }
  // Rows without values in front of `at`.
  T* open(const T* at, size_t rows) {
    const size_t row = static_cast<size_t>(at - data_), behind = size_ - row;
    extend(rows);
    T* first = data_ + row;
    std::memmove(static_cast<void*>(first + rows), first, behind * row_size);
    return first;
  }

  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// Of what cannot be copied as bytes, std::vector.
template <class T>
using Rows = std::conditional_t<std::is_trivially_copyable_v<T>, Vector<T>, std::vector<T>>;

} // namespace weld
