#include "core/base/near_name.h"

#include "core/base/vector.h"

#include <algorithm>

namespace weld {

size_t edit_distance(std::string_view a, std::string_view b, size_t limit) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return limit + 1;
  Vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); j++) row[j] = j;
  for (size_t i = 1; i <= a.size(); i++) {
    size_t diagonal = row[0], least = row[0] = i;
    for (size_t j = 1; j <= b.size(); j++) {
      size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
      least = std::min(least, row[j]);
    }
    if (least > limit) return limit + 1;
  }
  return row[b.size()];
}

size_t near_distance(std::string_view name) {
  return name.size() < 3 ? 0 : name.size() < 6 ? 1 : 2;
}

std::string_view nearest_name(std::string_view written, std::span<const std::string_view> names) {
  std::string_view best;
  size_t best_distance = near_distance(written) + 1;
  for (std::string_view name : names) {
    const size_t distance = edit_distance(written, name, best_distance);
    if (distance >= best_distance) continue;
    best = name;
    best_distance = distance;
  }
  return best;
}

} // namespace weld
