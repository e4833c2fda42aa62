// The calls between a module and JavaScript: js/src/bridge.ts is the other side. Numbers are passed as they are. Texts and
// bytes lie in our memory, where the caller puts them; a view that JavaScript has of it is good only until the call ends.
#pragma once

#include "core/tool/files.h"

#include <string>
#include <string_view>
#include <vector>

// A function that JavaScript calls.
#define WELD_EXPORT(name) __attribute__((export_name(#name)))

// Gives JavaScript the result of the call that is under way, when that is no number. JavaScript copies it at once.
void give(weld::Bytes bytes);
void give(std::string_view text);

// The texts of the call that is under way, by number.
std::string_view given_text(uint32_t number);
std::vector<std::string> given_texts(); // all of them

// Bytes in memory of `allocate`, where JavaScript puts them.
struct Received {
  uint8_t* data;
  uint32_t size;
};

// What JavaScript has put into memory of `allocate`, which is freed with it.
weld::FileBytes adopt(uint8_t* data, uint32_t size);
weld::FileBytes adopt(const Received& received);

// The caller's object (`Host` of js/src/bridge.ts) as files. An instance of the module has one at a time.
class HostFiles final : public weld::Files {
public:
  bool exists(const std::string& path) override;
  bool read(const std::string& path, weld::FileBytes& out, std::string& error) override;
  std::vector<std::string> list(const std::string& directory) override;
  bool write(const std::string& path, weld::Bytes bytes, bool executable, std::string& error) override;
  uint64_t stamp(const std::string& path) override;
  bool can_write(const std::string& path, std::string& error) override;
  bool random(std::span<uint8_t> out, std::string& error) override;
  std::optional<int> run_program(std::span<const std::string> command, weld::Bytes input,
                                 weld::FileBytes& output, std::string& errors) override;
  void begin_phase(const char* name) override;
  std::string absolute_path(const std::string& path) override;
  std::string size_page() override;
  weld::Engine engine() override;
};

// Text goes out as bytes: a symbol's name need not be UTF-8, and `-o -` writes the module to the standard output.
weld::Sink sink_to_stdout();
weld::Sink sink_to_stderr();
