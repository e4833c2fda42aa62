// The text of source lines.
#pragma once

#include "core/tool/files.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weld {

// Lines of source files, as far as these can be opened here.
class SourceTexts {
public:
  explicit SourceTexts(Files& files) : files_(files) {}

  // Without the spaces before and behind it; empty: not known.
  std::string_view line(const std::string& path, uint32_t number) {
    std::optional<std::vector<std::string>>& lines = lines_[path];
    if (!lines) lines = read(path);
    return number && number <= lines->size() ? (*lines)[number - 1] : std::string_view();
  }

private:
  std::vector<std::string> read(const std::string& path) {
    std::vector<std::string> lines;
    FileBytes file;
    std::string error;
    if (!files_.exists(path) || !files_.read(path, file, error)) return lines;
    for (std::string_view rest = as_text(file.bytes()); !rest.empty();) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      const size_t first = line.find_first_not_of(" \t\r"), last = line.find_last_not_of(" \t\r");
      lines.emplace_back(first == line.npos ? ""
                                            : line.substr(first, std::min<size_t>(last - first + 1, 200)));
    }
    return lines;
  }

  Files& files_;
  std::map<std::string, std::optional<std::vector<std::string>>> lines_;
};

} // namespace weld
