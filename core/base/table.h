// A table: rows of one type, named by ids of one type, kept in the order in which they were added.
#pragma once

#include "core/base/ids.h"
#include "core/base/vector.h"

#include <cassert>

namespace weld {

template <class IdType, class Row>
class Table {
public:
  // The rows may move: no reference or span into the table survives an `add`.
  IdType add(Row row) {
    IdType id(static_cast<uint32_t>(rows_.size()));
    rows_.push_back(std::move(row));
    return id;
  }
  Row& operator[](IdType id) {
    assert(id.row < rows_.size());
    return rows_[id.row];
  }
  const Row& operator[](IdType id) const {
    assert(id.row < rows_.size());
    return rows_[id.row];
  }
  uint32_t size() const { return static_cast<uint32_t>(rows_.size()); }
  bool empty() const { return rows_.empty(); }
  void remove_last() { rows_.pop_back(); }
  void resize(size_t n) { rows_.resize(n); }
  Row* resize_for_overwrite(size_t n) { return rows_.resize_for_overwrite(n); }
  Row* data() { return rows_.data(); }
  const Row* data() const { return rows_.data(); }
  void clear() { rows_.clear(); } // capacity is kept for the next link
  void reserve(size_t n) { rows_.reserve(n); }
  auto begin() { return rows_.begin(); }
  auto end() { return rows_.end(); }
  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }

private:
  Rows<Row> rows_;
};

} // namespace weld
