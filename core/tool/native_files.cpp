#include "core/tool/native_files.h"

#include "core/tool/posix.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <iterator>
#include <sys/mman.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace weld {

using namespace posix;

namespace {

// From here on mapping an archive costs less than a copy.
constexpr size_t map_from = 64 * 1024;

void unmap_bytes(const uint8_t* data, size_t size) {
  ::munmap(const_cast<uint8_t*>(data), size);
}

bool is_archive(int fd) {
  char magic[8];
  return ::pread(fd, magic, sizeof magic, 0) == sizeof magic &&
         std::memcmp(magic, "!<arch>\n", sizeof magic) == 0;
}

bool set_mode(int fd, bool executable) {
  mode_t mask = ::umask(0);
  ::umask(mask);
  return ::fchmod(fd, (executable ? 0777u : 0666u) & ~mask) == 0;
}

// Opens what is written as it is. The open files of this process are not opened again, which sockets cannot
// be: they are taken as they are, as with `-o -`.
int open_in_place(const std::string& path) {
  if (path == "/dev/stdout") return ::dup(STDOUT_FILENO);
  if (path == "/dev/stderr") return ::dup(STDERR_FILENO);
  constexpr std::string_view open_files = "/dev/fd/";
  if (path.starts_with(open_files)) return ::dup(std::atoi(path.c_str() + open_files.size()));
  return ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_TRUNC);
}

// A regular file, or none yet, is replaced as a whole. What is an open file of a process (/dev/stdout) is
// not, even where that is a regular one: whoever opened it would not see the new one.
bool is_replaced(const std::string& path) {
  struct stat info;
  if (path.starts_with("/dev/") || path.starts_with("/proc/")) return false;
  return ::stat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode);
}

// Files beside outputs, each of which becomes one. Those that are not finished are deleted, also when a
// signal ends the program.
class Temporaries {
public:
  // The descriptor, or -1; the file's slot.
  int create(const std::string& destination, size_t& slot) {
    hear_signals();
    constexpr std::string_view suffix = ".tmpXXXXXX"; // for mkstemp
    slot = 0;
    while (slot + 1 < std::size(names_) && names_[slot][0]) slot++;
    char* name = names_[slot];
    if (name[0] || destination.size() + suffix.size() >= sizeof names_[0]) {
      errno = ENAMETOOLONG;
      return -1;
    }
    // Between the file's making and its name's being known, no signal is heard.
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::memcpy(name, destination.data(), destination.size());
    std::memcpy(name + destination.size(), suffix.data(), suffix.size() + 1);
    int fd = ::mkstemp(name);
    int error = errno;
    if (fd < 0) name[0] = 0;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return fd;
  }
  bool become(size_t slot, const std::string& destination) {
    if (::rename(names_[slot], destination.c_str()) != 0) return false;
    names_[slot][0] = 0;
    return true;
  }
  void drop(size_t slot) {
    if (names_[slot][0]) ::unlink(names_[slot]);
    names_[slot][0] = 0;
  }
  static void hear_signals() {
    static const bool hears = begin_to_hear();
    (void)hears;
  }

private:
  static bool begin_to_hear();

  char names_[4][4096] = {}; // empty: a slot that nobody uses
} temporaries;

// An archive that is mapped was cut off: where its bytes should be there are none.
std::atomic<bool> has_mapping = false;

void end_with_lost_input() {
  constexpr std::string_view text =
      "weld: error: an archive was cut off by another program while it was linked\n";
  (void)!::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(1);
}

bool Temporaries::begin_to_hear() {
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ, SIGXCPU, SIGSEGV, SIGBUS, SIGABRT, SIGILL}) {
    struct sigaction action = {}, before = {};
    action.sa_handler = [](int number) {
      for (const char* name : temporaries.names_)
        if (name[0]) ::unlink(name);
      if (number == SIGBUS && has_mapping) end_with_lost_input();
      ::raise(number); // as if nobody had heard it: SA_RESETHAND
    };
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_NODEFER;
    // A signal that somebody ignores, as nohup does, stays ignored; a sanitizer's handlers stay its own.
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_DFL)
      ::sigaction(signal, &action, nullptr);
  }
  return true;
}

} // namespace

bool NativeFiles::exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

// Files are read, not mapped: what is parsed once is looked at again while the output is written, without checks, and in
// a mapping another process could have changed it by then. Of a large archive few members are linked, which are copied
// before they are parsed (InputStore::member_object).
bool NativeFiles::read(const std::string& path, FileBytes& out, std::string& error) {
  // A socket cannot be opened again.
  Descriptor file(path == "/dev/stdin" ? ::dup(0) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info;
  if (!file.is_open() || ::fstat(file.get(), &info) != 0) return fail(error);
  if (S_ISDIR(info.st_mode)) return fail(error, EISDIR);
  size_t size = S_ISREG(info.st_mode) ? static_cast<size_t>(info.st_size) : 0;
  if (size < map_from || !is_archive(file.get())) return read_to_end(file.get(), size, out, error);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (data == MAP_FAILED) return read_to_end(file.get(), size, out, error);
  Temporaries::hear_signals();
  has_mapping = true;
  out = FileBytes(static_cast<const uint8_t*>(data), size, unmap_bytes, true);
  return true;
}

std::vector<std::string> NativeFiles::list(const std::string& directory) {
  return posix::names_in(directory);
}

// A regular file is written beside its place and then moved there: whoever has the old one open or mapped
// keeps it. A device or a pipe is written as it is.
bool NativeFiles::write(const std::string& path, Bytes bytes, bool executable, std::string& error) {
  if (!is_replaced(path)) {
    Descriptor file(open_in_place(path));
    return (file.is_open() && write_all(file.get(), bytes)) || fail(error);
  }
  const std::string destination = destination_of(path);
  size_t slot;
  Descriptor file(temporaries.create(destination, slot));
  if (!file.is_open()) return fail(error);
  if (write_all(file.get(), bytes) && set_mode(file.get(), executable) && file.close() &&
      temporaries.become(slot, destination))
    return true;
  fail(error);
  temporaries.drop(slot);
  return false;
}

// Space is taken from the disk first: a store to a mapped file cannot say that the disk is full.
uint8_t* NativeFiles::begin_output(const std::string& path, size_t size) {
  if (size == 0 || !is_replaced(path)) return nullptr;
  output_.destination = destination_of(path);
  output_.size = size;
  output_.fd = temporaries.create(output_.destination, output_.slot);
  if (output_.fd < 0) return nullptr;
  if (::fallocate(output_.fd, 0, 0, static_cast<off_t>(size)) == 0) {
    void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, output_.fd, 0);
    if (data != MAP_FAILED) return static_cast<uint8_t*>(output_.data = data);
  }
  drop_output();
  return nullptr;
}

bool NativeFiles::finish_output(bool executable, std::string& error) {
  if (set_mode(output_.fd, executable) && ::close(std::exchange(output_.fd, -1)) == 0 &&
      temporaries.become(output_.slot, output_.destination))
    return true;
  fail(error);
  drop_output();
  return false;
}

void NativeFiles::drop_output() {
  if (output_.data) ::munmap(std::exchange(output_.data, nullptr), output_.size);
  if (output_.fd >= 0) ::close(std::exchange(output_.fd, -1));
  temporaries.drop(output_.slot);
}

bool NativeFiles::can_write(const std::string& path, std::string& error) {
  struct stat info;
  if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return fail(error, EISDIR);
  if (!is_replaced(path)) return ::access(path.c_str(), W_OK) == 0 || fail(error);
  std::string directory = directory_of(destination_of(path));
  if (::stat(directory.c_str(), &info) != 0) return fail(error);
  if (!S_ISDIR(info.st_mode)) return fail(error, ENOTDIR);
  return ::access(directory.c_str(), W_OK | X_OK) == 0 || fail(error);
}

bool NativeFiles::random(std::span<uint8_t> out, std::string& error) {
  return ::getentropy(out.data(), out.size()) == 0 || fail(error);
}

ParallelFor NativeFiles::threads(uint32_t limit) {
  uint32_t count = limit ? limit : std::min(std::thread::hardware_concurrency(), 8u);
  if (count < 2) return {};
  return {count, [count](size_t tasks, ParallelFor::Task task) {
            std::atomic<size_t> next = 0;
            auto work = [&] {
              for (size_t i = next++; i < tasks; i = next++) task(i);
            };
            std::vector<std::thread> helpers;
            for (size_t i = 1; i < std::min<size_t>(count, tasks); i++) helpers.emplace_back(work);
            work();
            for (std::thread& helper : helpers) helper.join();
          }};
}

std::string NativeFiles::absolute_path(const std::string& path) {
  return absolute(path);
}

} // namespace weld
