// Arguments by the table in options.def, without a look at what they mean.
#pragma once

#include "core/tool/arguments.h"

namespace weld {

// Of several rows that fit, the longest spelling counts: `-export=f` is --export, `-export-all` is `-e xport-all` (which is
// what wasm-ld makes of it). A missing value ends the parse; its option's text is returned, else nothing.
std::string match_options(const std::vector<std::string>& args, Compat compat,
                          std::vector<ParsedArgument>& out);

} // namespace weld
