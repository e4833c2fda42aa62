// A value for each of some names. Removed names stay in the table of names, since they tend to come back.
#pragma once

#include "core/base/string_pool.h"

#include <optional>
#include <utility>
#include <vector>

namespace weld {

template <class T>
class NameMap {
public:
  // Null when the name has no value. Good until a name is added.
  T* find(std::string_view name) {
    const NameId id = names_.find(name);
    return id && values_[id.row] ? &*values_[id.row] : nullptr;
  }
  // The name's value, which is `fresh` if it had none; true: it had none.
  std::pair<T&, bool> insert(std::string_view name, T fresh) {
    const NameId id = names_.intern(name);
    if (id.row == values_.size()) values_.emplace_back();
    std::optional<T>& value = values_[id.row];
    const bool is_new = !value;
    if (is_new) value.emplace(std::move(fresh));
    return {*value, is_new};
  }
  void remove(std::string_view name) {
    if (const NameId id = names_.find(name)) values_[id.row].reset();
  }
  // In the order in which the names were first met.
  template <class Each>
  void for_each(Each each) {
    for (std::optional<T>& value : values_)
      if (value) each(*value);
  }
  // Removes the values of which this is true.
  template <class Unwanted>
  void remove_if(Unwanted unwanted) {
    for (std::optional<T>& value : values_)
      if (value && unwanted(*value)) value.reset();
  }
  void clear() { *this = {}; }

private:
  using NameId = Id<struct NameMapTag>;
  Pool<NameId> names_;
  std::vector<std::optional<T>> values_; // by the rows of names_
};

} // namespace weld
