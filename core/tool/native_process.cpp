// Programs that weld runs.
#include "core/tool/native_files.h"
#include "core/tool/posix.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ; // NOLINT(readability-redundant-declaration): not every system declares it

namespace weld {

using namespace posix;

namespace {

// A file without a name, which a program reads or writes: it never waits for us, as it would at the end of a full pipe.
class Unnamed {
public:
  Unnamed() : file_(std::tmpfile()) {}
  Unnamed(const Unnamed&) = delete;
  Unnamed& operator=(const Unnamed&) = delete;
  ~Unnamed() {
    if (file_) std::fclose(file_);
  }
  bool is_open() const { return file_ != nullptr; }
  int fd() const { return ::fileno(file_); }
  bool rewind() { return ::lseek(fd(), 0, SEEK_SET) == 0; }

private:
  std::FILE* file_;
};

bool read_back(Unnamed& file, FileBytes& bytes, std::string& error) {
  const off_t size = ::lseek(file.fd(), 0, SEEK_END);
  return (size >= 0 && file.rewind()) ? read_to_end(file.fd(), static_cast<size_t>(size), bytes, error)
                                      : fail(error);
}

} // namespace

std::optional<int> NativeFiles::run_program(std::span<const std::string> command, Bytes input,
                                            FileBytes& output, std::string& errors) {
  Unnamed in, out, err;
  if (!in.is_open() || !out.is_open() || !err.is_open() || !write_all(in.fd(), input) || !in.rewind()) {
    fail(errors);
    return std::nullopt;
  }
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.fd(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out.fd(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err.fd(), STDERR_FILENO);
  pid_t child = 0;
  const int code = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (code != 0) {
    fail(errors, code);
    return std::nullopt;
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) {
      fail(errors);
      return std::nullopt;
    }
  FileBytes said;
  if (!read_back(out, output, errors) || !read_back(err, said, errors)) return std::nullopt;
  errors = as_text(said.bytes());
  if (WIFSIGNALED(status)) errors.append("ended by the signal ").append(::strsignal(WTERMSIG(status)));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace weld
