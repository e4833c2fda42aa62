// What looks at files and does not link, as JavaScript sees it: a module of its own, which pages load when
// they want it.
#include "core/tool/subcommands.h"
#include "js/native/host.h"

#include <emscripten/bind.h>

using emscripten::val;

namespace {

// A subcommand, by `argv`: see core/tool/subcommands.h. -1: `argv` asks for none, it is the linker's.
int run(val argv, val host) {
  std::vector<std::string> arguments = emscripten::vecFromJSArray<std::string>(argv);
  const weld::Subcommand* subcommand = weld::find_subcommand(arguments);
  if (!subcommand) return -1;
  HostFiles files(host);
  return subcommand->run(std::span(arguments).subspan(2), files, sink_to(host, "out"), sink_to(host, "err"));
}

} // namespace

EMSCRIPTEN_BINDINGS(inspect) {
  emscripten::function("run", &run);
}
