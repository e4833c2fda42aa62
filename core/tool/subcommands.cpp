#include "core/tool/subcommands.h"

#include "core/base/near_name.h"
#include "core/tool/arguments.h"
#include "core/tool/inspect.h"
#include "core/tool/report.h"
#include "core/tool/subcommand_help.h"
#include "core/tool/subcommand_names.h"
#include "core/tool/symbolize.h"

#include <algorithm>
#include <iterator>

namespace weld {

static int run_help(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err);

static constexpr Subcommand table[] = {
    {"help", "list what weld does besides linking; `weld help size` explains a command", run_help},
    {"inspect", "show what is in object files, archives and modules", run_inspect},
    {"symbolize", "show the source lines of a stack trace", run_symbolize},
    {"size", "show what an output consists of, from its metafile", run_size},
    {"why", "show what keeps a symbol in an output", run_why},
    {"removed", "show what garbage collection removed", run_removed},
    {"memory", "show what lies where in memory", run_memory},
    {"imports", "show what an output imports and who needs it", run_imports},
    {"diff", "show what differs between two outputs", run_diff},
    // It takes what a link takes, so it is the linker's.
    {"patch", "make a patch of a program that was linked with --live", nullptr},
};
static_assert(std::equal(std::begin(table), std::end(table), std::begin(subcommand_names),
                         std::end(subcommand_names), [](const Subcommand& subcommand, std::string_view name) {
                           return subcommand.name == name;
                         }));

static const Subcommand* find_named(std::string_view name) {
  for (const Subcommand& subcommand : table)
    if (subcommand.name == name) return &subcommand;
  return nullptr;
}

static int run_help(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  if (!arguments.empty() && !arguments[0].starts_with('-')) {
    const Subcommand* subcommand = find_named(arguments[0]);
    const std::string help = "--help";
    if (subcommand && !subcommand->run) {
      out(patch_help_text());
      return 0;
    }
    if (subcommand && subcommand->run != run_help) return subcommand->run({&help, 1}, files, out, err);
    if (!subcommand) {
      const std::string meant(nearest_name(arguments[0], subcommand_names));
      return fail_subcommand(err, "there is no command `" + arguments[0] + "`",
                             meant.empty() ? "`weld help` lists the commands"
                                           : "did you mean `" + meant + "`?");
    }
  }
  std::string text = "weld [OPTIONS] FILE... links; weld --help lists its options. Besides:\n\n";
  for (const Subcommand& subcommand : table) {
    text.append("  weld ").append(subcommand.name).append(10 - subcommand.name.size(), ' ');
    text.append(subcommand.summary) += '\n';
  }
  out(text);
  return 0;
}

// Called with nothing to do: nothing was linked, which a build script should notice.
static int run_overview(std::span<const std::string>, Files&, const Sink&, const Sink& err) {
  err("weld links WebAssembly objects and archives as wasm-ld does, and shows what is in files and outputs.\n"
      "  weld -o main.wasm main.o libc.a   links; weld --help lists the options\n"
      "  weld inspect main.o               shows what is in a file\n"
      "  weld size main.wasm               shows what a module consists of\n"
      "  weld help                         lists all commands; weld help size explains one\n");
  return 1;
}

const Subcommand* find_subcommand(std::span<const std::string> argv) {
  static constexpr Subcommand overview = {"", "", run_overview};
  if (argv.size() < 2 || compat_of_program(argv[0]) != Compat::Weld) return nullptr;
  if (argv.size() == 2 && argv[1].empty()) return &overview;
  const Subcommand* subcommand = find_named(argv[1] == "-h" && argv.size() == 2 ? "help" : argv[1]);
  return subcommand && subcommand->run ? subcommand : nullptr;
}

} // namespace weld
