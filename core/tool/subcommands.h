// What the program does besides linking: `weld inspect FILE`, and its like. To add one, add a row to the
// table.
#pragma once

#include "core/tool/files.h"

#include <span>
#include <string>
#include <string_view>

namespace weld {

struct Subcommand {
  std::string_view name;
  std::string_view summary; // for `weld help`; the name has at most nine letters
  // `arguments`: what follows the name. The result is the exit code. Null: the linker does it (run_tool).
  int (*run)(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err);
};

// The one that `argv` asks for by its first argument; null when there is none, or the program is called as
// wasm-ld: then `argv` is the linker's. An empty first argument, which callers add where there is none, asks for a few words
// about what there is.
const Subcommand* find_subcommand(std::span<const std::string> argv);

} // namespace weld
