// `weld size`, `why`, `removed`, `memory`, `imports` and `diff`: answers about metafiles.
#pragma once

#include "core/tool/files.h"

namespace weld {

int run_size(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err);
int run_why(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err);
int run_removed(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err);
int run_memory(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err);
int run_imports(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err);
int run_diff(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err);

} // namespace weld
