// The program around the linker: what `weld` does from its arguments to its exit code. The native program and the wasm
// module call it with their own files and streams.
#pragma once

#include "core/tool/files.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace weld {

// Where text goes. Standard output also gets the module itself, for `-o -`.
using Sink = std::function<void(std::string_view)>;

// `argv` starts with the program's name, which decides defaults and messages (see compat_of_program).
// The result is the exit code: 0, or 1 after errors.
int run_tool(std::span<const std::string> argv, Files& files, Sink out, Sink err, bool err_has_colors = false);

// What --version prints, without the line's end.
std::string version_text(Compat compat);

} // namespace weld
