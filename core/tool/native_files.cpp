#include "core/tool/native_files.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace weld {

namespace {

// From here on a mapping costs less than a copy.
constexpr size_t map_from = 16 * 1024;

bool fail(std::string& error, int code = errno) {
  error = std::strerror(code);
  return false;
}

class Descriptor {
public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

private:
  int fd_;
};

void free_bytes(const uint8_t* data, size_t) {
  std::free(const_cast<uint8_t*>(data));
}
void unmap_bytes(const uint8_t* data, size_t size) {
  ::munmap(const_cast<uint8_t*>(data), size);
}

// Reads to the end; `size` is a guess, exact for a regular file and of no use for a pipe.
bool read_to_end(int fd, size_t size, FileBytes& out, std::string& error) {
  size_t capacity = size + 1, used = 0; // one more, to see the end without growing
  auto* data = static_cast<uint8_t*>(std::malloc(capacity));
  for (;;) {
    if (used == capacity) data = static_cast<uint8_t*>(std::realloc(data, capacity *= 2));
    if (!data) return fail(error, ENOMEM);
    ssize_t n = ::read(fd, data + used, capacity - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      fail(error);
      std::free(data);
      return false;
    }
    if (n == 0) break;
    used += static_cast<size_t>(n);
  }
  out = FileBytes(data, used, free_bytes);
  return true;
}

bool write_all(int fd, Bytes bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return true;
}

std::string directory_of(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool set_mode(int fd, bool executable) {
  mode_t mask = ::umask(0);
  ::umask(mask);
  return ::fchmod(fd, (executable ? 0777u : 0666u) & ~mask) == 0;
}

constexpr const char* temporary_suffix = ".tmpXXXXXX"; // for mkstemp

bool is_regular_or_new(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode);
}

} // namespace

bool NativeFiles::exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

bool NativeFiles::read(const std::string& path, FileBytes& out, std::string& error) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info;
  if (!file.is_open() || ::fstat(file.get(), &info) != 0) return fail(error);
  if (S_ISDIR(info.st_mode)) return fail(error, EISDIR);
  size_t size = S_ISREG(info.st_mode) ? static_cast<size_t>(info.st_size) : 0;
  if (size < map_from) return read_to_end(file.get(), size, out, error);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (data == MAP_FAILED) return read_to_end(file.get(), size, out, error);
  out = FileBytes(static_cast<const uint8_t*>(data), size, unmap_bytes);
  return true;
}

std::vector<std::string> NativeFiles::list(const std::string& directory) {
  std::vector<std::string> names;
  DIR* stream = ::opendir(directory.empty() ? "." : directory.c_str());
  if (!stream) return names;
  while (const dirent* entry = ::readdir(stream)) names.emplace_back(entry->d_name);
  ::closedir(stream);
  std::sort(names.begin(), names.end());
  return names;
}

// A regular file is written beside its place and then moved there: whoever has the old one open or mapped (we
// may, as an input) keeps it. A device or a pipe is written as it is.
bool NativeFiles::write(const std::string& path, Bytes bytes, bool executable, std::string& error) {
  if (!is_regular_or_new(path)) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return (file.is_open() && write_all(file.get(), bytes)) || fail(error);
  }
  std::string temporary = path + temporary_suffix;
  Descriptor file(::mkstemp(temporary.data()));
  if (!file.is_open()) return fail(error);
  if (write_all(file.get(), bytes) && set_mode(file.get(), executable) && file.close() &&
      ::rename(temporary.c_str(), path.c_str()) == 0)
    return true;
  fail(error);
  ::unlink(temporary.c_str());
  return false;
}

// Space is taken from the disk first: a store to a mapped file cannot say that the disk is full.
uint8_t* NativeFiles::begin_output(const std::string& path, size_t size) {
  if (size == 0 || !is_regular_or_new(path)) return nullptr;
  output_.path = path;
  output_.temporary = path + temporary_suffix;
  output_.size = size;
  output_.fd = ::mkstemp(output_.temporary.data());
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
      ::rename(output_.temporary.c_str(), output_.path.c_str()) == 0)
    return true;
  fail(error);
  drop_output();
  return false;
}

void NativeFiles::drop_output() {
  if (output_.data) ::munmap(std::exchange(output_.data, nullptr), output_.size);
  if (output_.fd >= 0) ::close(std::exchange(output_.fd, -1));
  ::unlink(output_.temporary.c_str());
}

bool NativeFiles::can_write(const std::string& path, std::string& error) {
  struct stat info;
  if (::stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return fail(error, EISDIR);
    if (!S_ISREG(info.st_mode)) return ::access(path.c_str(), W_OK) == 0 || fail(error);
  }
  std::string directory = directory_of(path);
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
  if (path.starts_with('/')) return path;
  char* directory = ::getcwd(nullptr, 0);
  if (!directory) return path;
  std::string out = std::string(directory) + "/" + path;
  std::free(directory);
  return out;
}

} // namespace weld
