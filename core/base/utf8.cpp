#include "core/base/utf8.h"

#include <algorithm>
#include <cstdint>

namespace weld {

size_t utf8_length(std::string_view text) {
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

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    if (!length) return false;
    text.remove_prefix(length);
  }
  return true;
}

static void append_utf8(std::string& out, uint32_t code_point) {
  auto byte = [&](uint32_t bits) { out += static_cast<char>(bits); };
  auto continuation = [&](uint32_t shift) { byte(0x80 | (code_point >> shift & 0x3f)); };
  if (code_point < 0x80) {
    byte(code_point);
  } else if (code_point < 0x800) {
    byte(0xc0 | code_point >> 6);
    continuation(0);
  } else if (code_point < 0x10000) {
    byte(0xe0 | code_point >> 12);
    continuation(6);
    continuation(0);
  } else {
    byte(0xf0 | code_point >> 18);
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

std::string utf8_of_utf16(std::string_view bytes, bool is_big_endian) {
  constexpr uint32_t replacement = 0xfffd;
  auto unit = [&](size_t at) {
    uint32_t first = static_cast<uint8_t>(bytes[at]), second = static_cast<uint8_t>(bytes[at + 1]);
    return is_big_endian ? first << 8 | second : second << 8 | first;
  };
  std::string out;
  size_t at = 0;
  for (; at + 1 < bytes.size(); at += 2) {
    uint32_t code = unit(at);
    if ((code & 0xf800) == 0xd800) { // a surrogate: the higher half comes first
      uint32_t low = code < 0xdc00 && at + 3 < bytes.size() ? unit(at + 2) : 0;
      bool is_pair = (low & 0xfc00) == 0xdc00;
      code = is_pair ? 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff) : replacement;
      if (is_pair) at += 2;
    }
    append_utf8(out, code);
  }
  if (at < bytes.size()) append_utf8(out, replacement);
  return out;
}

bool is_printable(std::string_view sequence) {
  uint32_t bytes = 0;
  for (char c : sequence) bytes = bytes << 8 | static_cast<uint8_t>(c);
  auto within = [&](uint32_t first, uint32_t last) { return bytes >= first && bytes <= last; };
  return !(within(0, 0x1f) || within(0x7f, 0x7f) || within(0xc280, 0xc29f) // C0, DEL, C1
           || within(0xe280aa, 0xe280ae) || within(0xe281a6, 0xe281a9));   // U+202A to 202E, U+2066 to 2069
}

void append_printable(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    std::string_view sequence = text.substr(0, length ? length : 1);
    text.remove_prefix(sequence.size());
    if (length && is_printable(sequence)) {
      out += sequence;
      continue;
    }
    for (char c : sequence) {
      out += "\\x";
      out += "0123456789abcdef"[static_cast<uint8_t>(c) >> 4];
      out += "0123456789abcdef"[c & 15];
    }
  }
}

std::string printable_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of("\n\t"), text.size());
    append_printable(out, text.substr(0, end));
    if (end < text.size()) out += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

} // namespace weld
