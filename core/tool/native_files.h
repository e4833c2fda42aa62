// Files of the operating system. Only this file's .cpp and main.cpp may use its headers.
#pragma once

#include "core/tool/files.h"

namespace weld {

class NativeFiles : public Files {
public:
  bool exists(const std::string& path) override;
  bool read(const std::string& path, FileBytes& out, std::string& error) override;
  std::vector<std::string> list(const std::string& directory) override;
  bool write(const std::string& path, Bytes bytes, bool executable, std::string& error) override;
  uint8_t* begin_output(const std::string& path, size_t size) override;
  bool finish_output(bool executable, std::string& error) override;
  void drop_output() override;
  bool can_write(const std::string& path, std::string& error) override;
  bool random(std::span<uint8_t> out, std::string& error) override;
  ParallelFor threads(uint32_t limit) override;
  std::optional<int> run_program(std::span<const std::string> command, Bytes input, FileBytes& output,
                                 std::string& errors) override;
  std::string absolute_path(const std::string& path) override;

private:
  // The file that is made in place.
  struct {
    std::string destination;
    size_t slot = 0; // of its temporary file
    int fd = -1;
    void* data = nullptr;
    size_t size = 0;
  } output_;
};

} // namespace weld
