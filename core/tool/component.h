// --component: what is linked becomes a component, by the program `wasm-tools`.
#pragma once

#include "core/base/diagnostics.h"
#include "core/tool/arguments.h"
#include "core/tool/files.h"

namespace weld {

// False when an error was reported. `read` gets the paths of what is read for it: WIT, which may be a folder, and adapters.
bool make_component(const Command& command, Bytes module, Files& files, Diagnostics& diagnostics,
                    FileBytes& component, std::vector<std::string>& read);

// The path in `[NAME=]FILE`.
std::string_view adapter_file(std::string_view adapter);

} // namespace weld
