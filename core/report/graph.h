// What keeps what in an output: paths from roots, and who dominates whom.
#pragma once

#include "core/report/report.h"

namespace weld::report {

// For the live items of a report.
class Graph {
public:
  explicit Graph(const Report& report);

  // Who refers to an item.
  std::span<const uint32_t> referrers(uint32_t item) const {
    return std::span(sources_).subspan(begin_[item], begin_[item + 1] - begin_[item]);
  }
  // Why it is a root: rows of Report::roots. Empty for what is no root, and for what is one by its nature.
  std::span<const uint32_t> root_rows(uint32_t item) const {
    return std::span(roots_).subspan(roots_begin_[item], roots_begin_[item + 1] - roots_begin_[item]);
  }
  bool is_root(uint32_t item) const { return is_root_[item]; }

  // A shortest way from a root to the item, both included.
  std::vector<uint32_t> path_to(uint32_t item) const;
  // Item -> bytes that would be gone without it: its own and those of what only it keeps.
  std::vector<uint64_t> retained_bytes() const;
  // Item -> the last item on every way to it; `live` where there is none.
  std::vector<uint32_t> dominators() const;

private:
  void find_roots();

  const Report& report_;
  std::vector<uint32_t> begin_, sources_;     // edges backwards
  std::vector<uint32_t> roots_begin_, roots_; // item -> rows of Report::roots
  std::vector<bool> is_root_;
};

} // namespace weld::report
