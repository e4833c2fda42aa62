#include "core/base/utf8.h"

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

// Of one sequence.
static bool is_printable(std::string_view sequence) {
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

} // namespace weld
