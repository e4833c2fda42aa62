// The linker as JavaScript sees it: js/src/weld_module.ts has the calls, bridge.h how they pass texts and bytes.
// Files, printed text and the report go to the host while a link runs.
#include "core/base/json.h"
#include "core/session/snapshot.h"
#include "core/tool/driver.h"
#include "js/native/bridge.h"
#include "js/native/linker.h"
#include "js/native/report_json.h"

#include <algorithm>
#include <cstdlib>

extern "C" {
__attribute__((import_module("host"), import_name("report"))) void host_report(const char* json, size_t size);
// Copies a part of the snapshot that is being restored.
__attribute__((import_module("host"), import_name("fetch"))) void host_fetch(uint8_t* to, size_t size,
                                                                             size_t offset);
}

namespace {

void report(const weld::ToolReport& report) {
  const std::string json = weld::report_json(report);
  host_report(json.data(), json.size());
}

// A linker that stays: `open` makes one, `link` runs it as `run` does, `replace` and `relink` follow.
struct Linker {
  HostFiles files;
  weld::LastingTool tool{files, sink_to_stdout(), sink_to_stderr()};

  template <class Run>
  int run(Run run) {
    weld::ToolReport result;
    const int exit_code = run(tool, &result);
    report(result);
    return exit_code;
  }
};

// An instance of the module is for one of them.
std::unique_ptr<Linker> linker;

} // namespace

weld::LastingTool& lasting_tool() {
  return linker->tool;
}

WELD_EXPORT(version) void version() {
  give(std::string_view(WELD_VERSION));
}

// Texts: the arguments. `terminals`: 1 the standard output is one, 2 the standard error, 4 which has colors.
WELD_EXPORT(run) int run(uint32_t terminals) {
  const std::vector<std::string> arguments = given_texts();
  HostFiles files;
  weld::ToolReport result;
  const weld::Terminals known = {(terminals & 1) != 0, (terminals & 2) != 0, (terminals & 4) != 0};
  const int exit_code = weld::run_tool(arguments, files, sink_to_stdout(), sink_to_stderr(), known, &result);
  report(result);
  return exit_code;
}

// `is_live`: for patches of the programs that it links.
WELD_EXPORT(open) void open(bool is_live) {
  linker = std::make_unique<Linker>();
  if (is_live) linker->tool.keep_programs();
}
// Texts: the arguments.
WELD_EXPORT(link) int link() {
  return linker->run(
      [](weld::LastingTool& tool, weld::ToolReport* result) { return tool.run(given_texts(), result); });
}
// Text: the path. The bytes are from `allocate`.
WELD_EXPORT(replace) bool replace(uint8_t* data, uint32_t size) {
  return linker->tool.replace(std::string(given_text(0)), adopt(data, size));
}
WELD_EXPORT(leaveRoom) void leave_room(bool wanted) {
  linker->tool.leave_room(wanted);
}
WELD_EXPORT(relink) int relink() {
  return linker->run([](weld::LastingTool& tool, weld::ToolReport* result) { return tool.run_again(result); });
}
// Texts: the arguments; without any, those of the last link. The state of the program that runs, in two halves.
WELD_EXPORT(patch) int patch(uint32_t low, uint32_t high) {
  return linker->run([&](weld::LastingTool& tool, weld::ToolReport* result) {
    return tool.patch(given_texts(), uint64_t{high} << 32 | low, result);
  });
}

// Texts: the arguments whose inputs are saved; without any, the linker as it is. Gives nothing when that fails.
WELD_EXPORT(save) void save() {
  linker->run([](weld::LastingTool& tool, weld::ToolReport* result) {
    const weld::Vector<uint8_t> snapshot = tool.save(given_texts(), result);
    if (!snapshot.empty()) give(weld::Bytes(snapshot));
    return snapshot.empty();
  });
}
// The snapshot has `size` bytes. The names of the inputs in their order, each with 1 (the whole archive), 2 (lazy), 4 (a
// unit) and 8 (of 64-bit memory) added up, as JSON; nothing when the snapshot is refused. Members of archives stay with the
// host until somebody needs them.
WELD_EXPORT(restore) void restore(uint32_t size) {
  auto* data = static_cast<uint8_t*>(std::malloc(size ? size : 1));
  auto fetch = [data](weld::Bytes part, void* to) {
    host_fetch(static_cast<uint8_t*>(to), part.size(), static_cast<size_t>(part.data() - data));
  };
  const size_t head_size = std::min<size_t>(64, size);
  fetch({data, head_size}, data);
  fetch({data, weld::snapshot_state_size({data, head_size}, size)}, data);
  weld::FileBytes bytes = adopt(data, size);
  const int refused = linker->run([&](weld::LastingTool& tool, weld::ToolReport* result) {
    return !tool.restore(std::move(bytes), fetch, result);
  });
  if (refused) return;
  weld::JsonWriter json;
  json.open('[');
  for (const weld::LastingTool::InputName& input : linker->tool.inputs()) {
    json.text(input.path);
    json.number((input.flags.whole_archive ? 1u : 0u) + (input.flags.lazy ? 2u : 0u) +
                (input.is_unit ? 4u : 0u) + (input.is_64 ? 8u : 0u));
  }
  json.close(']');
  give(json.take());
}
