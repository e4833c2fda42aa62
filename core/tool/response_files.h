// Response files: `@file` on the command line stands for the arguments in that file.
#pragma once

#include "core/base/diagnostics.h"
#include "core/tool/files.h"

#include <string>
#include <string_view>
#include <vector>

namespace weld {

// Splits the text of a response file into arguments.
void split_response_file(std::string_view text, bool windows_quoting, std::vector<std::string>& out);

// Replaces every `@file` by the arguments in that file, which may name further files. One that cannot be read
// is an ordinary argument.
void expand_response_files(std::vector<std::string>& args, bool windows_quoting, Files& files,
                           Diagnostics& diagnostics);

} // namespace weld
