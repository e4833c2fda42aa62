#include "core/tool/dependency_file.h"

namespace weld {

// A name as make and ninja read it, by the rules of GCC and LLD.
static std::string make_name(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); i++) {
    if (name[i] == '$') out += '$';
    if (name[i] == '#') out += '\\';
    if (name[i] == ' ') {
      // Backslashes before a blank have to be doubled, or they would escape each other.
      for (size_t j = i; j > 0 && name[j - 1] == '\\'; j--) out += '\\';
      out += '\\';
    }
    out += name[i];
  }
  return out;
}

std::string dependency_text(std::string_view output, const PathPool& files) {
  std::string out = make_name(output) + ":";
  for (PathId id(0); id.row < files.size(); id.row++) out += " \\\n  " + make_name(files.text(id));
  out += "\n";
  for (PathId id(0); id.row < files.size(); id.row++) out += "\n" + make_name(files.text(id)) + ":\n";
  return out;
}

} // namespace weld
