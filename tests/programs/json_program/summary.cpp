#include "library.h"

std::string summary(const Library& library) {
  json counts = json::object();
  double total = 0;
  for (const Book& book : library.books) {
    total += book.price;
    for (const std::string& tag : book.tags) counts[tag] = counts.value(tag, 0) + 1;
  }
  return json{{"tags", counts}, {"total", total}, {"books", library.books.size()}}.dump();
}
