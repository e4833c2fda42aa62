// The command line: arguments become options, inputs and paths, by the table in options.def.
#pragma once

#include "core/base/diagnostics.h"
#include "core/base/vector.h"
#include "core/link/options.h"
#include "core/tool/files.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weld {

// Not in the table: `none` (as an alias), `input` (an argument that is no option) and `unknown`.
enum class OptionId : uint16_t {
  none,
  input,
  unknown,
#define WELD_OPTION(id, ...) id,
#define WELD_OPTION_GROUP(title)
#define WELD_OPTION_REMARK(id, does, weld)
#include "core/tool/options.def"
#undef WELD_OPTION
#undef WELD_OPTION_GROUP
#undef WELD_OPTION_REMARK
  count
};

enum class OptionKind : uint8_t { Flag, Joined, Separate, JoinedOrSeparate, CommaJoined, Eq };
enum class Dashes : uint8_t { One, Two, Both };
enum class OptionSince : uint8_t { Lld19, Lld22, Lld23, Weld, Gnu };

struct OptionRow {
  OptionId id;
  std::string_view spelling;
  OptionKind kind;
  Dashes dashes;
  OptionId alias;
  OptionSince since;

  bool is_accepted(Compat compat) const {
    return id != OptionId::none && (since != OptionSince::Gnu || compat == Compat::Weld);
  }
};

// A row whose id is `none` is the title of the rows after it.
std::span<const OptionRow> option_rows();

// What people are told of an option. It is apart from the rows, which every link reads.
struct OptionHelp {
  std::string_view argument, help;
};
const OptionHelp& help_of(const OptionRow& row); // one of `option_rows`

// One option, or one input, as it stands on the command line.
struct ParsedArgument {
  OptionId id = OptionId::none; // never an alias
  std::string text;             // the whole argument; without the next one that is its value
  std::string value;            // of an option that takes one; an input's path
  bool value_is_next = false;   // the value is an argument of its own
};

struct InputArgument {
  enum Kind : uint8_t { Path, Library };
  Kind kind = Path;
  std::string name; // a path, or what follows -l
  bool whole_archive = false;
  bool lazy = false;      // between --start-lib and --end-lib
  bool is_static = false; // no shared libraries: -l does not look for them
};

enum class ColorMode : uint8_t { Auto, Always, Never };

// What is made of the module, by `wasm-tools`.
struct ComponentCommand {
  std::vector<std::string> types; // paths of WIT
  std::string string_encoding;    // of those; empty: not given
  std::string adapter;            // for WASI 0.1: command, reactor, proxy, none; empty: by what is exported
  std::string adapter_folder;     // empty: those of -L
  std::vector<std::string> adapters;
  std::vector<std::string> flags; // which `wasm-tools component new` knows by the same names
};

// What a command line asks for.
struct Command {
  std::string program; // argv[0]'s base name, as messages begin
  Options options;     // as given: `derive_options` has not seen them yet
  std::vector<InputArgument> inputs;
  std::vector<std::string> search_paths;
  std::string output_path;      // "-": standard output
  std::string map_path;         // likewise; empty: no map
  std::string metafile_path;    // likewise
  std::string why_extract_path; // likewise
  std::string source_map_path;  // likewise
  std::string debug_file_path;  // likewise
  std::string reproduce_path;
  std::string dependency_path;                 // --dependency-file; empty: none
  std::unique_ptr<ComponentCommand> component; // null: none is wanted
  std::vector<std::string> allow_undefined_files;
  bool help = false;
  bool version = false;
  bool ends_early = false; // help or a version was all that was asked for: nothing is linked
  bool time = false;
  bool keeps_program = false; // --live-state: beside the output
  uint32_t threads = 0;       // at most; 0: as many as are good for it
  ColorMode color = ColorMode::Auto;
  std::vector<ParsedArgument> arguments;    // all of them in order, response files expanded
  std::vector<std::string> late_complaints; // about options, for after the files are read
  // The first diagnostics, about the shape of arguments, come before --error-limit is known.
  size_t diagnostics_before_limit = 0;
};

// Reads argv, whose first element is the program's name, and the response files that it mentions.
// What is wrong is reported; the command is complete as far as it could be understood.
void parse_arguments(std::span<const std::string> argv, Files& files, Diagnostics& diagnostics,
                     Command& command);

// The defaults and messages that go with a program's name: wasm-ld's for wasm-ld.
Compat compat_of_program(std::string_view program);

// What --help prints, and --version without the line's end.
std::string help_text(std::string_view program, Compat compat);
std::string version_text(Compat compat);
// Of `weld patch`, which takes what a link takes.
std::string_view patch_help_text();

// The option that somebody may have meant by `text`, with its dashes; empty when none is close.
std::string suggest_option(std::string_view text, Compat compat);

} // namespace weld
