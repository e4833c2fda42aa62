// What programs do alike with the files of an operating system, whichever has those of POSIX. Only the .cpp files that
// implement NativeFiles include it.
#pragma once

#include "core/session/session.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace weld::posix {

inline bool fail(std::string& error, int code = errno) {
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

inline void free_bytes(const uint8_t* data, size_t) {
  std::free(const_cast<uint8_t*>(data));
}

// Reads to the end; `size` is a guess, exact for a regular file and of no use for a pipe.
inline bool read_to_end(int fd, size_t size, FileBytes& out, std::string& error) {
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

inline bool write_all(int fd, Bytes bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return true;
}

inline std::string directory_of(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// What a path that is given for an output names: links are written through, as compilers do, and stay links.
inline std::string destination_of(std::string path) {
  for (int links = 0; links < 40; links++) {
    char target[4096];
    ssize_t size = ::readlink(path.c_str(), target, sizeof target);
    if (size < 0) break;
    std::string_view name(target, static_cast<size_t>(size));
    path = name.starts_with('/') ? std::string(name) : directory_of(path) + "/" + std::string(name);
  }
  return path;
}

// Sorted; none when that cannot be told.
inline std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  DIR* stream = ::opendir(directory.empty() ? "." : directory.c_str());
  if (!stream) return names;
  while (const dirent* entry = ::readdir(stream)) names.emplace_back(entry->d_name);
  ::closedir(stream);
  std::sort(names.begin(), names.end());
  return names;
}

inline std::string absolute(const std::string& path) {
  if (path.starts_with('/')) return path;
  char* directory = ::getcwd(nullptr, 0);
  if (!directory) return path;
  std::string out = std::string(directory) + "/" + path;
  std::free(directory);
  return out;
}

} // namespace weld::posix
