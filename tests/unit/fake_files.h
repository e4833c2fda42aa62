// Files in memory, for tests of the driver.
#pragma once

#include "core/tool/files.h"

#include <algorithm>
#include <utility>

namespace weld {

struct FakeFiles : Files {
  std::vector<std::pair<std::string, std::string>> files;
  std::vector<std::string> executables, unwritable;

  std::string* find(const std::string& path) {
    for (auto& [name, content] : files)
      if (name == path) return &content;
    return nullptr;
  }
  void put(const std::string& path, std::string_view content) {
    if (std::string* old = find(path)) *old = content;
    else files.emplace_back(path, content);
  }

  bool exists(const std::string& path) override { return find(path) != nullptr; }
  bool read(const std::string& path, FileBytes& out, std::string& error) override {
    std::string* content = find(path);
    if (content) out = FileBytes::copy(as_bytes(*content));
    else error = "No such file or directory";
    return content != nullptr;
  }
  bool write(const std::string& path, Bytes bytes, bool executable, std::string& error) override {
    if (!can_write(path, error)) return false;
    put(path, as_text(bytes));
    if (executable) executables.push_back(path);
    return true;
  }
  bool can_write(const std::string& path, std::string& error) override {
    if (std::find(unwritable.begin(), unwritable.end(), path) == unwritable.end()) return true;
    error = "Permission denied";
    return false;
  }
  bool random(std::span<uint8_t> out, std::string&) override {
    std::fill(out.begin(), out.end(), uint8_t{0xff});
    return true;
  }
  std::string absolute_path(const std::string& path) override {
    return path[0] == '/' ? path : "/work/" + path;
  }
};

} // namespace weld
