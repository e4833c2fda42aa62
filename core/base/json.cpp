#include "core/base/json.h"

#include <utility>

namespace weld {

// Length of the UTF-8 sequence at the start of `text`; 0 when there is none.
static size_t utf8_length(std::string_view text) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0u; };
  auto continues = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  uint32_t a = byte(0), b = byte(1);
  if (a < 0x80) return 1;
  if (!continues(1)) return 0;
  if (a >= 0xc2 && a < 0xe0) return 2;
  if (!continues(2)) return 0;
  // Neither over-long, nor a surrogate, nor beyond U+10FFFF.
  if (a >= 0xe0 && a < 0xf0) return (a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) ? 0 : 3;
  if (!continues(3)) return 0;
  return (a >= 0xf1 && a < 0xf4) || (a == 0xf0 && b >= 0x90) || (a == 0xf4 && b < 0x90) ? 4 : 0;
}

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

void JsonWriter::escape(uint32_t unit) {
  out_ += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out_ += "0123456789abcdef"[(unit >> shift) & 15];
}

// Names are bytes. One that is not UTF-8 keeps its odd bytes as lone surrogates U+DC80 to U+DCFF (as in
// Python's "surrogateescape"), so that nothing is lost and two names never become one.
void JsonWriter::quote(std::string_view value) {
  out_ += '"';
  while (!value.empty()) {
    size_t length = utf8_length(value);
    auto byte = static_cast<uint8_t>(value[0]);
    if (length == 0) escape(0xdc00u + byte);
    else if (byte < 0x20) escape(byte);
    else if (byte == '"' || byte == '\\') (out_ += '\\') += value[0];
    else out_ += value.substr(0, length);
    value.remove_prefix(length ? length : 1);
  }
  put('"');
}

} // namespace weld
