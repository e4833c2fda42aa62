// Sorting by one copy of the algorithm, whatever is compared: each std::sort or std::stable_sort is more than
// 2 KB of the wasm module. Where sorting takes time, it is std::sort all the same.
#pragma once

#include "core/base/function_ref.h"
#include "core/base/vector.h"

namespace weld {

// The numbers below `size` in the order of `less`; equal ones in their own.
Vector<uint32_t> sorted_order(size_t size, FunctionRef<bool(uint32_t, uint32_t)> less);

// Sorts what is stored from `first` to `last`; equal rows stay in the order in which they are.
template <class Row, class Less>
void sort_stably(Row* first, Row* last, const Less& less) {
  Rows<Row> sorted;
  sorted.reserve(static_cast<size_t>(last - first));
  for (uint32_t row : sorted_order(static_cast<size_t>(last - first),
                                   [&](uint32_t a, uint32_t b) { return less(first[a], first[b]); }))
    sorted.push_back(std::move(first[row]));
  std::move(sorted.begin(), sorted.end(), first);
}
template <class Container, class Less>
void sort_stably(Container& rows, const Less& less) {
  sort_stably(rows.data(), rows.data() + rows.size(), less);
}

} // namespace weld
