// A C++ program: templates, containers, virtual functions, iostream.
#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct Printer {
  virtual ~Printer() = default;
  virtual void print(const std::string& word, int count) = 0;
};

struct BarPrinter : Printer {
  void print(const std::string& word, int count) override {
    std::cout << word << ' ' << std::string(static_cast<size_t>(count), '#') << '\n';
  }
};

int main() {
  std::vector<std::string> words = {"link", "load", "link", "run", "link", "run"};
  std::map<std::string, int> counts;
  for (const auto& word : words) counts[word]++;
  std::unique_ptr<Printer> printer = std::make_unique<BarPrinter>();
  std::for_each(counts.begin(), counts.end(), [&](const auto& entry) { printer->print(entry.first, entry.second); });
}
