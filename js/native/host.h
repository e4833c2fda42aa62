// The caller's object (`Host` of js/src/instance.ts) as files and streams. A view on our memory that is
// handed to JavaScript is good only until the call that gets it returns.
#pragma once

#include "core/tool/files.h"

#include <emscripten/val.h>

emscripten::val view_of(weld::Bytes bytes);
weld::FileBytes copy_of(const emscripten::val& content); // of a Uint8Array

class HostFiles final : public weld::Files {
public:
  explicit HostFiles(const emscripten::val& host) : host_(host) {}

  bool exists(const std::string& path) override;
  bool read(const std::string& path, weld::FileBytes& out, std::string& error) override;
  std::vector<std::string> list(const std::string& directory) override;
  bool write(const std::string& path, weld::Bytes bytes, bool executable, std::string& error) override;
  uint64_t stamp(const std::string& path) override;
  bool can_write(const std::string& path, std::string& error) override;
  bool random(std::span<uint8_t> out, std::string& error) override;
  void begin_phase(const char* name) override;
  std::string absolute_path(const std::string& path) override;
  std::string size_page() override;
  weld::Engine engine() override;

private:
  emscripten::val host_;
};

// Text goes out as bytes: a symbol's name need not be UTF-8, and `-o -` writes the module to the standard
// output. `host` must outlive it.
weld::Sink sink_to(const emscripten::val& host, const char* method);
