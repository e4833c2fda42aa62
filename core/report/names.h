// What a symbol's name says about where it belongs: its namespaces or modules, its classes, its crate, and what the
// instances of one template have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weld::report {

enum class Language : uint8_t { Other, Cpp, Rust };

struct NameParts {
  Language language = Language::Other; // Other: the name is not mangled
  // Namespaces or modules, then classes, then functions around a local thing. Template arguments are `<>`, parameters
  // are `()`, and the versions of std that are inline namespaces (`__1`, `__2`, `__cxx11`) are left out.
  std::vector<std::string> scope;
  // How many of `scope` may be namespaces by the name alone. C++ names do not tell a namespace from a class; see
  // `is_member` and `names_class`.
  size_t namespaces = 0;
  std::string base;       // the name itself: `push_back`, `operator<<`, `(vtable)`
  bool is_member = false; // the innermost of `scope` is a class: a constructor, a destructor, a const function
  bool names_class = false; // likewise: its vtable or type information

  // `std::vector<>::push_back`
  std::string whole() const;
};

// `display`: the name, demangled by display_name.
NameParts split_name(std::string_view name, std::string_view display);

// "core" of `libcore-0123456789abcdef.rlib` and of `core.0123456789abcdef-cgu.0.rcgu.o`; empty: no file of rustc's.
std::string_view crate_of_file(std::string_view path, std::string_view member);

} // namespace weld::report
