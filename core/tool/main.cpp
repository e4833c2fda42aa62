// The native program. Called as wasm-ld (a link of that name), it takes wasm-ld's place.

#include "core/tool/driver.h"
#include "core/tool/native_files.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <sys/mman.h>
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

// A link fills much memory once: in large pages, the kernel has a fraction of the work. The heap gets an
// address range of its own, of which only what is touched counts.
void use_large_pages() {
#if defined(__GLIBC__) && defined(MADV_HUGEPAGE)
  constexpr size_t range = size_t{1} << 30, page = size_t{2} << 20;
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_ARENA_MAX, 1); // for all threads
  ::mallopt(M_TOP_PAD, 1 << 30);
  auto begin = reinterpret_cast<uintptr_t>(::sbrk(0));
  void* volatile first = std::malloc(size_t{1} << 20); // which makes the heap grow by the range
  std::free(first);
  auto end = reinterpret_cast<uintptr_t>(::sbrk(0));
  begin = (begin + page - 1) & ~(page - 1);
  if (end > begin && end - begin <= 2 * range)
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

// Giving back memory piece by piece takes longer than ending: a link has thousands of files mapped.
[[noreturn]] void end(int code) {
  std::_Exit(std::ferror(stdout) ? 1 : code); // a full disk behind `-o -`
}

} // namespace

int main(int argc, char** argv) {
  use_large_pages();
  std::vector<std::string> args(argv, argv + argc);
  weld::NativeFiles files;
  weld::run_tool(
      args, files, [](std::string_view text) { print_to(stdout, text); },
      [](std::string_view text) { print_to(stderr, text); }, terminal_has_colors(STDERR_FILENO), nullptr,
      end);
}
