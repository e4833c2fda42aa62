// Demangles lines: stdin to stdout, a name a line, unchanged where it is no mangled name.
#include "core/base/demangle.h"

#include <cstdio>

int main() {
  weld::DemangleBuffers buffers;
  std::string line, text;
  const auto write_line = [&] {
    text.clear();
    const std::string& result = weld::demangle(line, text, buffers) ? text : line;
    fwrite(result.data(), 1, result.size(), stdout);
    putchar('\n');
    line.clear();
  };
  for (int c; (c = getchar()) != EOF;) {
    if (c == '\n') write_line();
    else line += static_cast<char>(c);
  }
  if (!line.empty()) write_line();
}
