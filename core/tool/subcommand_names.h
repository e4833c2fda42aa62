// The names of subcommands, which the linker knows too: it is given misspelt ones as inputs.
#pragma once

#include <string_view>

namespace weld {

// js/src/subcommands.ts has them as well, but for `patch`, which is the linker's.
inline constexpr std::string_view subcommand_names[] = {
    "help", "inspect", "symbolize", "size", "why", "removed", "memory", "imports", "diff", "patch",
};

} // namespace weld
