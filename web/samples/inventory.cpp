#include "inventory.hpp"

void Inventory::add(const std::string &item, int count) { counts[item] += count; }

int Inventory::count(const std::string &item) const {
  auto found = counts.find(item);
  return found == counts.end() ? 0 : found->second;
}

int Inventory::total() const {
  int sum = 0;
  for (const auto &[item, count] : counts) sum += count;
  return sum;
}
