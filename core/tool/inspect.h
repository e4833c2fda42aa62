// `weld inspect`.
#pragma once

#include "core/tool/files.h"

namespace weld {

int run_inspect(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err);

} // namespace weld
