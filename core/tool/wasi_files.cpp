// Files through WASI preview 1, which knows neither modes nor signals nor second descriptors of a file: what
// native_files.cpp does with those is done without, or not at all.
#include "core/tool/native_files.h"
#include "core/tool/posix.h"

#include <array>
#include <fcntl.h>
#include <sys/stat.h>

namespace weld {

using namespace posix;

namespace {

// The open files of this process have no paths here: they are 0, 1, 2 and those that the runtime has opened.
int descriptor_of(const std::string& path) {
  if (path == "/dev/stdin") return STDIN_FILENO;
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  constexpr std::string_view open_files = "/dev/fd/";
  return path.starts_with(open_files) ? std::atoi(path.c_str() + open_files.size()) : -1;
}

// A regular file, or none yet, is replaced as a whole.
bool is_replaced(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode);
}

// A new file beside `destination`: its name, or "".
std::string create_beside(const std::string& destination, int& fd) {
  for (int attempt = 0; attempt < 100; attempt++) {
    std::array<uint8_t, 6> bytes;
    if (::getentropy(bytes.data(), bytes.size()) != 0) break;
    std::string name = destination + ".tmp";
    for (uint8_t byte : bytes) name += static_cast<char>('a' + byte % 26);
    fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd >= 0) return name;
    if (errno != EEXIST) break;
  }
  return {};
}

} // namespace

bool NativeFiles::exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

bool NativeFiles::read(const std::string& path, FileBytes& out, std::string& error) {
  if (const int fd = descriptor_of(path); fd >= 0) return read_to_end(fd, 0, out, error);
  Descriptor file(::open(path.c_str(), O_RDONLY));
  struct stat info;
  if (!file.is_open() || ::fstat(file.get(), &info) != 0) return fail(error);
  if (S_ISDIR(info.st_mode)) return fail(error, EISDIR);
  return read_to_end(file.get(), S_ISREG(info.st_mode) ? static_cast<size_t>(info.st_size) : 0, out, error);
}

std::vector<std::string> NativeFiles::list(const std::string& directory) {
  return names_in(directory);
}

bool NativeFiles::write(const std::string& path, Bytes bytes, bool, std::string& error) {
  if (const int fd = descriptor_of(path); fd >= 0) return write_all(fd, bytes) || fail(error);
  if (!is_replaced(path)) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_TRUNC));
    return (file.is_open() && write_all(file.get(), bytes)) || fail(error);
  }
  const std::string destination = destination_of(path);
  int fd = -1;
  const std::string name = create_beside(destination, fd);
  if (name.empty()) return fail(error);
  Descriptor file(fd);
  if (write_all(file.get(), bytes) && file.close() && ::rename(name.c_str(), destination.c_str()) == 0)
    return true;
  fail(error);
  ::unlink(name.c_str());
  return false;
}

// Memory cannot become a file here.
uint8_t* NativeFiles::begin_output(const std::string&, size_t) {
  return nullptr;
}
bool NativeFiles::finish_output(bool, std::string&) {
  return false;
}
void NativeFiles::drop_output() {}

bool NativeFiles::can_write(const std::string& path, std::string& error) {
  if (descriptor_of(path) >= 0) return true;
  struct stat info;
  if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return fail(error, EISDIR);
  if (!is_replaced(path)) return true;
  const std::string directory = directory_of(destination_of(path));
  if (::stat(directory.c_str(), &info) != 0) return fail(error);
  return S_ISDIR(info.st_mode) || fail(error, ENOTDIR);
}

bool NativeFiles::random(std::span<uint8_t> out, std::string& error) {
  return ::getentropy(out.data(), out.size()) == 0 || fail(error);
}

ParallelFor NativeFiles::threads(uint32_t) {
  return {};
}

std::optional<int> NativeFiles::run_program(std::span<const std::string> command, Bytes input,
                                            FileBytes& output, std::string& errors) {
  return Files::run_program(command, input, output, errors);
}

std::string NativeFiles::absolute_path(const std::string& path) {
  return absolute(path);
}

} // namespace weld
