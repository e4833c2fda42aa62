// The numbers of a unit's symbols. A number is given once, so a number that a compiler still holds means its
// symbol, or nothing. Rows are in the order of the numbers. When rows are closed up, numbers that are gone take
// no memory.
#pragma once

#include "core/base/ids.h"
#include "core/base/vector.h"

namespace weld {

using UnitSymbol = Id<struct UnitSymbolTag>;

class SymbolNumbers {
public:
  static constexpr uint32_t limit = 1u << 31; // more are not given

  uint32_t rows() const { return rows_; }
  bool may_add() const { return next_ < limit && rows_ < max_rows; }
  // The next row, at the end.
  UnitSymbol add() {
    const uint32_t number = next_++, row = rows_++;
    if (numbers_.empty() && number == row) return UnitSymbol(number);
    numbers_.push_back(number);
    if (numbers_.size() * 2 > slots_.size()) index();
    else insert(row);
    return UnitSymbol(number);
  }
  // none_row: there is no such symbol, or not any more.
  uint32_t row_of(uint32_t number) const {
    if (numbers_.empty()) return number < rows_ ? number : UnitSymbol::none_row;
    for (size_t slot = hash(number);; slot = (slot + 1) & (slots_.size() - 1)) {
      const uint32_t row_plus_one = slots_[slot];
      if (!row_plus_one) return UnitSymbol::none_row;
      if (numbers_[row_plus_one - 1] == number) return row_plus_one - 1;
    }
  }
  UnitSymbol at(uint32_t row) const { return UnitSymbol(numbers_.empty() ? row : numbers_[row]); }
  // Whether the number was given.
  bool was_given(uint32_t number) const { return number < next_; }
  // Leaves out the rows that have no new one: `moved`, row -> new row, in the same order, or none_row.
  void close_up(const Vector<uint32_t>& moved, uint32_t rows);

  // For snapshots.
  template <class Stream>
  void describe(Stream& stream) {
    stream.value(rows_);
    stream.value(next_);
    stream.rows(numbers_);
    if (Stream::is_reader && !restore()) stream.fail();
  }
  size_t memory_size() const { return (numbers_.size() + slots_.size()) * sizeof(uint32_t); }

private:
  static constexpr uint32_t max_rows = 1u << 27; // RelocRow::index

  size_t hash(uint32_t number) const { return (number * 0x9e3779b1u >> 5) & (slots_.size() - 1); }
  void insert(uint32_t row) {
    size_t slot = hash(numbers_[row]);
    while (slots_[slot]) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = row + 1;
  }
  void index();
  bool restore();

  uint32_t rows_ = 0;
  uint32_t next_ = 0;
  Vector<uint32_t> numbers_; // row -> number; empty: they are equal, since no row was ever left out
  Vector<uint32_t> slots_;   // open addressing by number: row + 1; half of them are free
};

} // namespace weld
