// What a subcommand takes: --help prints it, and arguments are read by it.
#pragma once

#include "core/tool/files.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weld {

struct SubcommandOption {
  std::string_view name;  // without dashes; empty: `help` is the title of the options after it
  std::string_view value; // what --help calls the value; empty: there is none. `[=FILE]`: it may be left out
  std::string_view help;  // empty: accepted, and not shown

  bool takes_value() const { return !value.empty(); }
  bool needs_value() const { return takes_value() && value[0] != '['; }
};

struct SubcommandHelp {
  std::string_view name;
  std::string_view operands;    // "METAFILE SYMBOL"
  std::string_view description; // lines
  std::span<const SubcommandOption> options;
  std::string_view examples; // lines

  std::string text() const;
};

// An option or, where `option` is null, a name.
struct SubcommandArgument {
  const SubcommandOption* option = nullptr;
  std::string_view value, text; // `text`: the argument, without a value that follows it
  bool has_value = false;

  std::string written() const; // `--by=symbol`
};

// What is wrong with arguments, and what to do about it.
struct ArgumentFault {
  std::string text, note;
};

// Options have one dash or two; a value follows `=` or is the next argument. `-` and what is behind `--` are names.
// `wants_help`: for --help and -h. There are no arguments and no fault then. `fault`: the first thing that is wrong.
std::vector<SubcommandArgument> read_subcommand_arguments(std::span<const std::string> arguments,
                                                          const SubcommandHelp& help, bool& wants_help,
                                                          ArgumentFault& fault);

// Prints it and gives the exit code. Texts may have been written by anybody.
int fail_subcommand(const Sink& err, std::string_view text, std::string_view note = {});

} // namespace weld
