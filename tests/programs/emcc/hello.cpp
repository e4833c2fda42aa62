#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct Animal {
  virtual ~Animal() = default;
  virtual std::string name() const { return "animal"; }
};
struct Cat : Animal {
  std::string name() const override { return "cat"; }
};

static std::map<std::string, int> counts{{"one", 1}, {"two", 2}}; // a constructor that runs before main

int main() {
  std::vector<std::unique_ptr<Animal>> animals;
  animals.push_back(std::make_unique<Animal>());
  animals.push_back(std::make_unique<Cat>());
  for (const auto& animal : animals) std::cout << animal->name() << ' ';
  for (const auto& [name, count] : counts) std::cout << name << '=' << count << ' ';
  try {
    throw std::string("caught");
  } catch (const std::string& text) {
    std::cout << text << std::endl;
  }
}
