// Demangles lines as LLVM 19, or with the argument 22 as LLVM 22: stdin to stdout, a name a line, unchanged where it
// is no mangled name.
#include "core/base/demangle.h"

#include <cstdio>
#include <string_view>

int main(int argc, char** argv) {
  const bool like_22 = argc > 1 && std::string_view(argv[1]) == "22";
  const weld::Demangling release = like_22 ? weld::Demangling::Llvm22 : weld::Demangling::Llvm19;
  weld::DemangleBuffers buffers;
  std::string line, text;
  const auto write_line = [&] {
    text.clear();
    const std::string& result = weld::demangle(line, text, release, buffers) ? text : line;
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
