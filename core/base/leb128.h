// LEB128, encoded: shortest and padded forms. Decoding is `Reader`'s, which checks bounds.
#pragma once

#include <cstdint>

namespace weld {

constexpr uint32_t uleb_size(uint64_t value) {
  uint32_t n = 1;
  while (value >>= 7) n++;
  return n;
}

constexpr uint32_t sleb_size(int64_t value) {
  uint32_t n = 1;
  while (value < -64 || value > 63) {
    value >>= 7;
    n++;
  }
  return n;
}

// Both return the first byte after what they wrote.
inline uint8_t* write_uleb(uint8_t* p, uint64_t value) {
  while (value >= 0x80) {
    *p++ = static_cast<uint8_t>(value | 0x80);
    value >>= 7;
  }
  *p++ = static_cast<uint8_t>(value);
  return p;
}

inline uint8_t* write_sleb(uint8_t* p, int64_t value) {
  while (value < -64 || value > 63) {
    *p++ = static_cast<uint8_t>((value & 0x7f) | 0x80);
    value >>= 7;
  }
  *p++ = static_cast<uint8_t>(value & 0x7f);
  return p;
}

// Padded to `width` bytes: what a relocatable field holds, so that a linker can patch it in place.
inline void write_padded_uleb(uint8_t* p, uint64_t value, uint32_t width) {
  for (uint32_t i = 0; i + 1 < width; i++, value >>= 7) p[i] = static_cast<uint8_t>(value | 0x80);
  p[width - 1] = static_cast<uint8_t>(value & 0x7f);
}

inline void write_padded_sleb(uint8_t* p, int64_t value, uint32_t width) {
  for (uint32_t i = 0; i + 1 < width; i++, value >>= 7) p[i] = static_cast<uint8_t>((value & 0x7f) | 0x80);
  p[width - 1] = static_cast<uint8_t>(value & 0x7f);
}

} // namespace weld
