#include "core/tool/inspect.h"

#include "core/input/file_kind.h"

namespace weld {

int run_inspect(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  int exit_code = 0;
  for (const std::string& path : arguments) {
    FileBytes file;
    std::string error;
    if (files.read(path, file, error)) {
      out(path + ": " + std::string(describe_file_kind(identify_file(file.bytes()))) + "\n");
    } else {
      err("weld: error: cannot open `" + path + "`: " + error + "\n");
      exit_code = 1;
    }
  }
  return exit_code;
}

} // namespace weld
