// The linker as JavaScript sees it: `run(argv, host)`.
//
// `host` is an object of the caller's (host.h). Files, text and the report go through it while the link runs;
// nothing has to be freed by JavaScript.
#include "core/session/snapshot.h"
#include "core/tool/driver.h"
#include "js/native/host.h"
#include "js/native/linker.h"
#include "js/native/report_json.h"

#include <algorithm>
#include <cstdlib>
#include <emscripten/bind.h>

namespace {

using emscripten::val;

// `terminals`: 1 the standard output is one, 2 the standard error, 4 which has colors.
int run(val argv, val host, uint32_t terminals) {
  std::vector<std::string> arguments = emscripten::vecFromJSArray<std::string>(argv);
  HostFiles files(host);
  weld::ToolReport report;
  const weld::Terminals known = {(terminals & 1) != 0, (terminals & 2) != 0, (terminals & 4) != 0};
  int exit_code = weld::run_tool(arguments, files, sink_to(host, "out"), sink_to(host, "err"), known, &report);
  host.call<void>("report", weld::report_json(report));
  return exit_code;
}

// A linker that stays: `open` makes one, `link` runs it as `run` does, `replace` and `relink` follow; each
// has the host of its making. (A class of Embind's would cost 10 KB more.)
class Linker {
public:
  explicit Linker(val host)
      : host_(std::move(host)), files_(host_), tool_(files_, sink_to(host_, "out"), sink_to(host_, "err")) {}
  Linker(const Linker&) = delete;
  Linker& operator=(const Linker&) = delete;

  template <class Run>
  int run(Run run) {
    weld::ToolReport report;
    int exit_code = run(tool_, &report);
    host_.call<void>("report", weld::report_json(report));
    return exit_code;
  }
  weld::LastingTool& tool() { return tool_; }

private:
  val host_;
  HostFiles files_;
  weld::LastingTool tool_;
};

// An instance of the module is for one of them.
std::unique_ptr<Linker> linker;

void open(val host) {
  linker = std::make_unique<Linker>(std::move(host));
}
int link(val argv) {
  return linker->run([&](weld::LastingTool& tool, weld::ToolReport* report) {
    return tool.run(emscripten::vecFromJSArray<std::string>(argv), report);
  });
}
bool replace(const std::string& path, val content) {
  return linker->tool().replace(path, copy_of(content));
}
int relink() {
  return linker->run([](weld::LastingTool& tool, weld::ToolReport* report) { return tool.run_again(report); });
}

// With the inputs of these arguments; without any, as it is. Undefined when that fails.
val save(val argv) {
  weld::Vector<uint8_t> snapshot;
  int refused = linker->run([&](weld::LastingTool& tool, weld::ToolReport* report) {
    snapshot = tool.save(emscripten::vecFromJSArray<std::string>(argv), report);
    return snapshot.empty();
  });
  return refused ? val::undefined() : view_of(snapshot).call<val>("slice");
}
// The names of the inputs, in their order, each with 1 (the whole archive), 2 (lazy), 4 (a unit) and 8 (of
// 64-bit memory) added up; none when the snapshot is refused. Members of archives stay in `snapshot` until somebody needs them.
val restore(val snapshot) {
  val inputs = val::array();
  size_t size = snapshot["size"].as<uint32_t>();
  auto* data = static_cast<uint8_t*>(std::malloc(size ? size : 1));
  auto fetch = [snapshot, data](weld::Bytes part) {
    snapshot.call<void>("read", view_of(part), static_cast<uint32_t>(part.data() - data));
  };
  const size_t head_size = std::min<size_t>(64, size);
  fetch({data, head_size});
  fetch({data, weld::snapshot_state_size({data, head_size}, size)});
  weld::FileBytes bytes(data, size, [](const uint8_t* p, size_t) { std::free(const_cast<uint8_t*>(p)); });
  int refused = linker->run([&](weld::LastingTool& tool, weld::ToolReport* report) {
    return !tool.restore(std::move(bytes), fetch, report);
  });
  if (refused) return val::undefined();
  for (const weld::LastingTool::InputName& input : linker->tool().inputs()) {
    inputs.call<void>("push", input.path);
    inputs.call<void>("push", (input.flags.whole_archive ? 1 : 0) + (input.flags.lazy ? 2 : 0) +
                                  (input.is_unit ? 4 : 0) + (input.is_64 ? 8 : 0));
  }
  return inputs;
}

std::string version() {
  return WELD_VERSION;
}

} // namespace

weld::LastingTool& lasting_tool() {
  return linker->tool();
}

EMSCRIPTEN_BINDINGS(weld) {
  emscripten::function("run", &run);
  emscripten::function("version", &version);
  emscripten::function("open", &open);
  emscripten::function("link", &link);
  emscripten::function("replace", &replace);
  emscripten::function("relink", &relink);
  emscripten::function("save", &save);
  emscripten::function("restore", &restore);
}
