#include "core/tool/subcommands.h"

#include "core/tool/arguments.h"
#include "core/tool/inspect.h"

namespace weld {

static constexpr Subcommand table[] = {
    {"inspect", "show what is in object files, archives and modules", run_inspect},
};

std::span<const Subcommand> subcommands() {
  return table;
}

const Subcommand* find_subcommand(std::span<const std::string> argv) {
  if (argv.size() < 2 || compat_of_program(argv[0]) != Compat::Weld) return nullptr;
  for (const Subcommand& subcommand : table)
    if (subcommand.name == argv[1]) return &subcommand;
  return nullptr;
}

} // namespace weld
