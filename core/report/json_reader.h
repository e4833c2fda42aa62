// Reads JSON text that may be anybody's, value by value. Strict; what is wrong is said once, with its offset,
// and then everything reads as empty. Strings become bytes again: a lone surrogate U+DC80 to U+DCFF is the
// byte that core/base/json.h made it of. Nothing recurses.
#pragma once

#include "core/base/bytes.h"

#include <string>
#include <string_view>
#include <vector>

namespace weld {

class JsonReader {
public:
  explicit JsonReader(Bytes text) : text_(text) {}

  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; } // empty: none
  size_t error_offset() const { return error_offset_; }
  void fail(std::string what); // the first one counts

  //   reader.begin('{');
  //   for (std::string key; reader.next_key(key);) ...a value...
  //   reader.begin('[');
  //   while (reader.next_element()) ...a value...
  void begin(char bracket);
  bool next_key(std::string& key);
  bool next_element();

  void text(std::string& value);
  int64_t number(); // a whole one
  bool boolean();
  void skip(); // any value
  void end();  // nothing but space may follow

private:
  uint8_t peek(); // the next byte that is no space; 0 at the end
  bool take(std::string_view word);
  bool next(char closing);
  uint32_t hex_unit();
  void skip_number();

  Bytes text_;
  size_t at_ = 0;
  bool first_ = false; // nothing was read yet in the brackets that were opened last
  std::string error_;
  size_t error_offset_ = 0;
};

} // namespace weld
