#pragma once
#include <map>
#include <string>

class Inventory {
public:
  void add(const std::string &item, int count);
  int count(const std::string &item) const;
  int total() const;

private:
  std::map<std::string, int> counts;
};
