#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using nlohmann::json;

struct Book {
  std::string title;
  double price;
  std::vector<std::string> tags;
};
struct Library {
  std::string name;
  std::vector<Book> books;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Book, title, price, tags)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Library, name, books)

std::string summary(const Library& library);
