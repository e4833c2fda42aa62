// JSON text, piece by piece.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weld {

class JsonWriter {
public:
  // What was written since the last call: long texts need not be in memory as a whole.
  std::string take();
  size_t size() const { return out_.size(); } // of what `take` would give

  void open(char bracket) {
    separate();
    put(bracket);
  }
  void close(char bracket) { put(bracket); }
  void key(std::string_view name);
  void text(std::string_view value);
  void number(uint64_t value);
  void signed_number(int64_t value);
  void boolean(bool value);
  void null();

  // A key and its value.
  void open(std::string_view name, char bracket) {
    key(name);
    open(bracket);
  }
  void field(std::string_view name, uint64_t value) {
    key(name);
    number(value);
  }
  void field(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  void flag(std::string_view name, bool value) {
    key(name);
    boolean(value);
  }
  void new_line() { new_line_ = true; } // before the next value, for those who read it

private:
  // A comma goes before everything but the first in its brackets and the value of a key.
  void separate() {
    if (last_ != '{' && last_ != '[' && last_ != ':' && last_ != 0) out_ += ',';
    if (new_line_) out_ += '\n';
    new_line_ = false;
  }
  void put(char c) { out_ += last_ = c; }
  void escape(uint32_t unit);
  void quote(std::string_view value);

  std::string out_;
  char last_ = 0; // of what was written; 0: nothing yet
  bool new_line_ = false;
};

} // namespace weld
