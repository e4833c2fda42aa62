// How the program reaches files and streams: the native program's are the operating system's, the wasm
// module's are JavaScript's, a test's are in memory.
#pragma once

#include "core/base/bytes.h"
#include "core/session/session.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weld {

// Where text goes. Standard output also gets the module itself, for `-o -`.
using Sink = std::function<void(std::string_view)>;

// The one virtual interface here: a handful of calls a link.
// `error` gets what follows the path in a message: "No such file or directory".
class Files {
public:
  virtual ~Files() = default;

  virtual bool exists(const std::string& path) = 0;
  virtual bool read(const std::string& path, FileBytes& out, std::string& error) = 0;
  // The names of the files in a directory, sorted; none when that cannot be told.
  virtual std::vector<std::string> list(const std::string& /*directory*/) { return {}; }
  // Makes or replaces the file as a whole: a reader never sees half of it.
  virtual bool write(const std::string& path, Bytes bytes, bool executable, std::string& error) = 0;
  // Memory that becomes a file as it is, without a copy; null: there is none, `write` does it. Then one of
  // the others is called: `finish_output` makes the file, `drop_output` leaves no trace.
  virtual uint8_t* begin_output(const std::string& /*path*/, size_t /*size*/) { return nullptr; }
  virtual bool finish_output(bool /*executable*/, std::string& /*error*/) { return false; }
  virtual void drop_output() {}
  // A number that is another one when the file is another one; 0: that cannot be told.
  virtual uint64_t stamp(const std::string&) { return 0; }
  // Asked before the link, so that a long one is not done in vain. Leaves no trace.
  virtual bool can_write(const std::string& path, std::string& error) = 0;
  // For --build-id=uuid: fills the bytes as nobody can guess.
  virtual bool random(std::span<uint8_t>, std::string& error) {
    error = "there is no source of randomness";
    return false;
  }
  // Told what begins: reading the inputs, parsing them, each phase of the link.
  virtual void begin_phase(const char* /*name*/) {}
  // At most so many threads; 0: as many as are good for it.
  virtual ParallelFor threads(uint32_t) { return {}; }
  // Whom --validate asks; empty: there is no engine here.
  virtual Engine engine() { return {}; }
  // Runs a program: its exit code, what it wrote to its standard output, and to that for errors. Nothing: it was not
  // run, and `errors` gets why.
  virtual std::optional<int> run_program(std::span<const std::string> /*command*/, Bytes /*input*/,
                                         FileBytes& /*output*/, std::string& errors) {
    errors = "no programs can be run here";
    return std::nullopt;
  }
  // For --reproduce, whose archive keeps files under their absolute paths.
  virtual std::string absolute_path(const std::string& path) { return path; }
  // The page of `weld size --html` before it has anything to show; empty: there is none here.
  virtual std::string size_page() { return {}; }
};

// A file that another one names: from the other's folder, unless it is absolute.
inline std::string path_beside(std::string_view file, std::string_view name) {
  const size_t slash = file.rfind('/');
  if (name.starts_with('/') || slash == file.npos) return std::string(name);
  return std::string(file.substr(0, slash + 1)).append(name);
}

// Reads what a command line names: `-` is the standard input, unless there is a file of that name.
inline bool read_named(Files& files, const std::string& path, FileBytes& out, std::string& error) {
  return files.read(path == "-" && !files.exists(path) ? "/dev/stdin" : path, out, error);
}

} // namespace weld
