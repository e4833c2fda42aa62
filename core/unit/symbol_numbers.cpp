#include "core/unit/symbol_numbers.h"

namespace weld {

void SymbolNumbers::close_up(const Vector<uint32_t>& moved, uint32_t rows) {
  Vector<uint32_t> numbers(rows);
  for (uint32_t row = 0; row < rows_; row++)
    if (moved[row] != UnitSymbol::none_row) numbers[moved[row]] = at(row).row;
  rows_ = rows;
  numbers_ = std::move(numbers);
  index();
}

void SymbolNumbers::index() {
  size_t size = 64;
  while (size < (numbers_.size() + 1) * 3) size *= 2;
  slots_ = Vector<uint32_t>(size);
  for (uint32_t row = 0; row < numbers_.size(); row++) insert(row);
}

bool SymbolNumbers::restore() {
  if (numbers_.empty()) return rows_ == next_ || !rows_;
  if (numbers_.size() != rows_) return false;
  for (uint32_t row = 0; row < rows_; row++)
    if (numbers_[row] >= next_ || (row && numbers_[row] <= numbers_[row - 1])) return false;
  index();
  return true;
}

} // namespace weld
