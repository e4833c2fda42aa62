// weld as a WASI program: the linker's core, and files through the C library.
#include "core/tool/driver.h"

#include <cstdio>

namespace {

class StdioFiles : public weld::Files {
public:
  bool exists(const std::string& path) override {
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (file) std::fclose(file);
    return file != nullptr;
  }
  bool read(const std::string& path, weld::FileBytes& out, std::string& error) override {
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (!file) return error = "cannot be opened", false;
    std::vector<uint8_t> bytes;
    uint8_t block[4096];
    while (size_t n = std::fread(block, 1, sizeof block, file)) bytes.insert(bytes.end(), block, block + n);
    std::fclose(file);
    out = weld::FileBytes::copy(bytes);
    return true;
  }
  bool write(const std::string& path, weld::Bytes bytes, bool, std::string& error) override {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    bool good = file && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
    if (file && std::fclose(file) != 0) good = false;
    if (!good) error = "cannot be written";
    return good;
  }
  bool can_write(const std::string&, std::string&) override { return true; }
};

} // namespace

int main(int argc, char** argv) {
  std::vector<std::string> args(argv, argv + argc);
  StdioFiles files;
  auto to = [](std::FILE* stream) {
    return [stream](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stream); };
  };
  return weld::run_tool(args, files, to(stdout), to(stderr));
}
