// The program around the linker: what `weld` does from its arguments to its exit code. The native program and
// the wasm module call it with their own files and streams.
#pragma once

#include "core/base/demangle.h"
#include "core/base/vector.h"
#include "core/tool/files.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weld {

struct LivePatch; // core/link/patch/instance.h

// What a run came to, for a caller that wants data besides text.
struct ToolReport {
  std::vector<Diagnostic> diagnostics;        // those that were printed, with the severity that they had then
  Demangling demangling = Demangling::Llvm22; // how names are to be shown
  std::string output_path;
  std::string source_map_path, debug_file_path; // empty: not asked for
  LinkStats stats;
  std::shared_ptr<const LivePatch> patch; // of LastingTool::patch
};

// What is known of where text goes.
struct Terminals {
  bool out = false, err = false; // people see it: nothing in a name may restyle it
  bool err_has_colors = false;
};

// Called with the exit code when everything is written, before memory is given back; need not return.
using Done = void (*)(int code);

// Whether that is `weld patch`, which makes no program.
bool is_patch_command(std::span<const std::string> argv);

// `argv` starts with the program's name, which decides defaults and messages (see compat_of_program).
// The result is the exit code: 0, or 1 after errors.
int run_tool(std::span<const std::string> argv, Files& files, Sink out, Sink err, Terminals terminals = {},
             ToolReport* report = nullptr, Done done = nullptr);

class Driver;

// A tool that is run again and again: it keeps its session, and parses only files whose stamp is another one.
class LastingTool {
public:
  LastingTool(Files& files, Sink out, Sink err);
  ~LastingTool();

  int run(std::span<const std::string> argv, ToolReport* report);
  // Puts other bytes in the place of an input of the last run. False when they are malformed, or it had no
  // such input: the next run finds out what is wrong.
  bool replace(const std::string& path, FileBytes bytes);
  // Adds a unit, which arguments then name as an input like any other; null when the name is taken. It lives
  // until it is removed, or a run does not name it.
  Unit* add_unit(const std::string& name, bool is_64);
  void remove_unit(const std::string& name); // whose name is free then
  Diagnostics& diagnostics();                // where refused edits are reported
  // Whether links leave room for more functions and data of units: core/session/README.md.
  void leave_room(bool wanted);
  // As `run` with the arguments of the last, where nothing but replaced inputs is different.
  int run_again(ToolReport* report);

  // From now on, links with --live keep what patches need to know of the program.
  void keep_programs();
  // As `run`, or without arguments as `run_again`, but for the program that runs and whose `__weld_live.state` is this. The output is
  // a patch of it; or, with ToolReport::patch->restart, a new program. Without changes there is none.
  int patch(std::span<const std::string> argv, uint64_t state, ToolReport* report);

  // The session as a snapshot (core/session/snapshot.h), with the inputs of these arguments, or as it is when
  // there are none. Nothing, with a report, when that fails.
  Vector<uint8_t> save(std::span<const std::string> argv, ToolReport* report);
  // Inputs of a restored one are known by their paths, with the stamps that the files have by then. False,
  // with a report, when it is refused.
  bool restore(FileBytes snapshot, FetchContent fetch, ToolReport* report);
  struct InputName {
    std::string path;
    InputFlags flags;
    bool is_unit, is_64; // is_64: of a unit
  };
  std::vector<InputName> inputs() const; // in link order

private:
  std::unique_ptr<Driver> driver_;
};

} // namespace weld
