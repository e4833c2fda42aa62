// Snapshots on the command line, to be exchanged with the wasm module's:
//   snapshot_tool save SNAPSHOT weld ARGUMENTS...   saves a session with the inputs of the arguments, linked
//   once snapshot_tool link SNAPSHOT weld ARGUMENTS...   restores it and links; prints how many objects were
//   parsed
#include "core/tool/driver.h"
#include "core/tool/native_files.h"

#include <cstdio>
#include <cstring>

namespace {

// What was restored is not read again.
class StampedFiles final : public weld::NativeFiles {
  uint64_t stamp(const std::string&) override { return 1; }
};

} // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  StampedFiles files;
  auto print = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); };
  weld::LastingTool tool(files, print, print);
  const std::vector<std::string> arguments(argv + 3, argv + argc);
  std::string error;
  weld::ToolReport report;
  if (std::strcmp(argv[1], "save") == 0) {
    tool.run(arguments, &report);
    weld::Vector<uint8_t> snapshot = tool.save({}, &report);
    return !snapshot.empty() && files.write(argv[2], snapshot, false, error) ? 0 : 1;
  }
  weld::FileBytes snapshot;
  if (!files.read(argv[2], snapshot, error) || !tool.restore(std::move(snapshot), {}, &report)) return 1;
  const int code = tool.run(arguments, &report);
  std::printf("%u\n", report.stats.parsed);
  return code;
}
