#include "inventory.hpp"
#include <cstdio>
#include <vector>

int main() {
  Inventory shelf;
  for (const std::string &fruit : std::vector<std::string>{"apple", "pear", "apple", "quince"}) shelf.add(fruit, 1);
  std::printf("%d apples, %d pears, %d in all\n", shelf.count("apple"), shelf.count("pear"), shelf.total());
}
