// The native program. Called as wasm-ld (a link of that name), it takes wasm-ld's place.

#include "core/tool/driver.h"
#include "core/tool/native_files.h"
#include "core/tool/size_page.h"
#include "core/tool/subcommands.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace {

weld::Terminals look_at_terminals() {
  weld::Terminals terminals;
  terminals.out = ::isatty(STDOUT_FILENO) != 0;
  terminals.err = ::isatty(STDERR_FILENO) != 0;
  const char* kind = std::getenv("TERM");
  terminals.err_has_colors = terminals.err && kind && std::strcmp(kind, "dumb") != 0;
  return terminals;
}

// Flushed at once, so that both streams stay in order when they go to one place.
void print_to(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

// A link fills much memory once and gives nothing back before the end. (Large pages would save two thirds of
// the page faults, but on a virtual machine whose host has taken back what was free they cost twice as much
// as they save.)
void set_up_heap() {
#ifdef __GLIBC__
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_TOP_PAD, 64 << 20);
  ::mallopt(M_ARENA_MAX, 1); // for all threads
#endif
}

// A program for WASI begins in no folder: relative paths are those of the folder that the caller names.
void enter_folder() {
#ifdef __wasi__
  if (const char* folder = std::getenv("PWD")) (void)::chdir(folder);
#endif
}

class ProgramFiles final : public weld::NativeFiles {
public:
  std::string size_page() override { return std::string(weld::size_page_template()); }
};

// Giving back memory piece by piece takes longer than ending.
[[noreturn]] void end(int code) {
  std::_Exit(std::ferror(stdout) ? 1 : code); // a full disk behind `-o -`
}

} // namespace

int main(int argc, char** argv) {
  set_up_heap();
  enter_folder();
  std::vector<std::string> args(argv, argv + argc);
  ProgramFiles files;
  weld::Sink out = [](std::string_view text) { print_to(stdout, text); };
  weld::Sink err = [](std::string_view text) { print_to(stderr, text); };
  if (argc == 1) args.emplace_back(); // asks for a few words about what there is
  if (const weld::Subcommand* subcommand = weld::find_subcommand(args))
    end(subcommand->run(std::span(args).subspan(2), files, out, err));
  if (argc == 1) args.pop_back(); // wasm-ld knows no such question
  // As wasm-ld, which makes no patches: where --reproduce is not given, this is it.
  if (const char* archive = std::getenv("LLD_REPRODUCE"); archive && *archive && !weld::is_patch_command(args))
    args.insert(args.begin() + 1, std::string("--reproduce=") + archive);
  weld::run_tool(args, files, out, err, look_at_terminals(), nullptr, end);
}
