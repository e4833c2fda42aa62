// What looks at files and does not link, as a program: a module of its own, for these are words and tables that pages which
// inspect files themselves do not need.
#include "core/tool/subcommands.h"
#include "js/native/bridge.h"

// A subcommand, by the texts: see core/tool/subcommands.h. -1: they ask for none, they are the linker's.
WELD_EXPORT(run) int run() {
  const std::vector<std::string> arguments = given_texts();
  const weld::Subcommand* subcommand = weld::find_subcommand(arguments);
  if (!subcommand) return -1;
  HostFiles files;
  return subcommand->run(std::span(arguments).subspan(2), files, sink_to_stdout(), sink_to_stderr());
}

// Whether the module is of this version: what asks for it.
WELD_EXPORT(version) void version() {
  give(std::string_view(WELD_VERSION));
}
