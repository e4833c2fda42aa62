#include "core/input/stub_library.h"

#include <string>

namespace weld {

static std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\v\f";
  size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

// Gives what stands before the separator and takes both from `rest`.
static std::string_view split(std::string_view& rest, char separator) {
  size_t end = rest.find(separator);
  std::string_view head = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return head;
}

// A line is a name, or "name: dependency, dependency"; a comment starts with '#', as the first line does.
bool parse_stub_library(Bytes file, const Location& where, StringPool& strings, Diagnostics& diagnostics,
                        StubLibrary& out) {
  out = StubLibrary();
  Pool<Id<struct StubRowTag>> rows; // names in the order of their rows
  std::string_view text = as_text(file);
  size_t line_offset = 0;
  auto malformed = [&](const std::string& message) {
    Location location = where;
    location.offset = line_offset;
    diagnostics.report(DiagnosticId::malformed_stub, {message}, std::move(location));
    return false;
  };

  if (file.size() > 0xffffffff) return malformed("a stub library of 4 GiB or more");
  for (uint32_t number = 1; !text.empty() || number == 1; number++) {
    line_offset = file.size() - text.size();
    std::string_view line = trim(split(text, '\n'));
    if (number == 1 && line != "#STUB") return malformed("the first line of a stub library is not `#STUB`");
    if (line.empty() || line.starts_with("#")) continue;

    std::string_view dependencies = line;
    std::string_view name = trim(split(dependencies, ':'));
    if (name.empty()) return malformed("line " + std::to_string(number) + " names no symbol");
    StubLibrary::Row row = {strings.intern(name), {static_cast<uint32_t>(out.dependencies.size()), 0}};
    dependencies = trim(dependencies);
    while (!dependencies.empty()) {
      std::string_view dependency = trim(split(dependencies, ','));
      if (dependency.empty()) return malformed("line " + std::to_string(number) + " has an empty dependency");
      out.dependencies.push_back(strings.intern(dependency));
      row.dependencies.count++;
    }
    const uint32_t at = rows.intern(name).row;
    if (at == out.rows.size()) out.rows.push_back(row);
    else out.rows[at] = row;
  }
  return true;
}

} // namespace weld
