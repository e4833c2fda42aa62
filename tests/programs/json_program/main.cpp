#include "library.h"

#include <iostream>

int main() {
  json document = json::parse(std::cin, nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true);
  if (document.is_discarded()) {
    std::cerr << "not JSON\n";
    return 1;
  }
  std::cout << document.dump(2) << '\n';
  Library library = document.get<Library>();
  library.books.push_back({"Added", 1, {"new", "\u00e4\u4e2d"}});
  std::cout << json(library).dump() << '\n';
  std::cout << summary(library) << '\n';
  std::cout << json::diff(document, json(library)).dump() << '\n';
  std::cout << document.flatten().dump() << '\n';
  std::string packed;
  json::to_cbor(json(library), packed);
  std::cout << packed.size() << " bytes of CBOR, back: " << (json::from_cbor(packed) == json(library)) << '\n';
  return 0;
}
