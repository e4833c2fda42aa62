#include "core/tool/subcommands.h"

#include "core/tool/arguments.h"
#include "core/tool/inspect.h"
#include "core/tool/report.h"
#include "core/tool/symbolize.h"

namespace weld {

static int run_help(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err);

static constexpr Subcommand table[] = {
    {"help", "list what weld does besides linking", run_help},
    {"inspect", "show what is in object files, archives and modules", run_inspect},
    {"symbolize", "show the source lines of a stack trace", run_symbolize},
    {"size", "show what an output consists of, from its metafile", run_size},
    {"why", "show what keeps a symbol in an output", run_why},
    {"removed", "show what garbage collection removed", run_removed},
    {"memory", "show what lies where in memory", run_memory},
    {"imports", "show what an output imports and who needs it", run_imports},
    {"diff", "show what differs between two outputs", run_diff},
};

static int run_help(std::span<const std::string>, Files&, const Sink& out, const Sink&) {
  std::string text = "weld [OPTIONS] FILE... links; weld --help lists its options. Besides:\n\n";
  for (const Subcommand& subcommand : table) {
    text.append("  weld ").append(subcommand.name).append(10 - subcommand.name.size(), ' ');
    text.append(subcommand.summary) += '\n';
  }
  out(text);
  return 0;
}

const Subcommand* find_subcommand(std::span<const std::string> argv) {
  if (argv.size() < 2 || compat_of_program(argv[0]) != Compat::Weld) return nullptr;
  for (const Subcommand& subcommand : table)
    if (subcommand.name == argv[1]) return &subcommand;
  return nullptr;
}

} // namespace weld
