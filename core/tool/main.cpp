// The native program. Called as wasm-ld (a link of that name), it takes wasm-ld's place.

#include "core/tool/driver.h"
#include "core/tool/native_files.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace {

bool terminal_has_colors(int fd) {
  const char* terminal = std::getenv("TERM");
  return terminal && std::strcmp(terminal, "dumb") != 0 && ::isatty(fd);
}

// Flushed at once, so that both streams stay in order when they go to one place.
void print_to(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

} // namespace

int main(int argc, char** argv) {
  std::vector<std::string> args(argv, argv + argc);
  weld::NativeFiles files;
  int code = weld::run_tool(
      args, files, [](std::string_view text) { print_to(stdout, text); },
      [](std::string_view text) { print_to(stderr, text); }, terminal_has_colors(STDERR_FILENO));
  return std::ferror(stdout) ? 1 : code; // a full disk behind `-o -`
}
