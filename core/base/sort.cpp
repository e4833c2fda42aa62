#include "core/base/sort.h"

#include <algorithm>

namespace weld {

Vector<uint32_t> sorted_order(size_t size, FunctionRef<bool(uint32_t, uint32_t)> less) {
  Vector<uint32_t> order(size);
  for (uint32_t i = 0; i < size; i++) order[i] = i;
  std::stable_sort(order.begin(), order.end(), less);
  return order;
}

} // namespace weld
