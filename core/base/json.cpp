#include "core/base/json.h"

#include "core/base/utf8.h"

#include <utility>

namespace weld {

std::string JsonWriter::take() {
  return std::exchange(out_, {});
}

void JsonWriter::key(std::string_view name) {
  separate();
  quote(name);
  put(':');
}

void JsonWriter::text(std::string_view value) {
  separate();
  quote(value);
}

void JsonWriter::number(uint64_t value) {
  separate();
  out_ += std::to_string(value);
  last_ = '0';
}

void JsonWriter::signed_number(int64_t value) {
  separate();
  out_ += std::to_string(value);
  last_ = '0';
}

void JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
  last_ = '0';
}

void JsonWriter::null() {
  separate();
  out_ += "null";
  last_ = '0';
}

void JsonWriter::escape(uint32_t unit) {
  out_ += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out_ += "0123456789abcdef"[(unit >> shift) & 15];
}

// Of a sequence of two or three bytes.
static uint32_t code_unit(std::string_view sequence) {
  auto bits = [&](size_t i) { return static_cast<uint8_t>(sequence[i]) & 0x3fu; };
  const auto first = static_cast<uint8_t>(sequence[0]);
  return first < 0xe0 ? (first & 0x1fu) << 6 | bits(1) : (first & 0xfu) << 12 | bits(1) << 6 | bits(2);
}

// What could restyle a terminal is escaped. Names are bytes. A byte that is not UTF-8 becomes a lone surrogate, U+DC80 to
// U+DCFF (as in Python's "surrogateescape"), so that nothing is lost and two names never become one.
void JsonWriter::quote(std::string_view value) {
  out_ += '"';
  while (!value.empty()) {
    size_t length = utf8_length(value);
    auto byte = static_cast<uint8_t>(value[0]);
    if (length == 0) escape(0xdc00u + byte);
    else if (byte < 0x20 || byte == 0x7f) escape(byte);
    else if (length > 1 && !is_printable(value.substr(0, length))) escape(code_unit(value));
    else if (byte == '"' || byte == '\\') (out_ += '\\') += value[0];
    else out_ += value.substr(0, length);
    value.remove_prefix(length ? length : 1);
  }
  put('"');
}

} // namespace weld
