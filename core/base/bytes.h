// Byte spans and little-endian access, the raw material of every format here.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace weld {

using Bytes = std::span<const uint8_t>;

inline std::string_view as_text(Bytes b) {
  return {reinterpret_cast<const char*>(b.data()), b.size()};
}
inline Bytes as_bytes(std::string_view s) {
  return {reinterpret_cast<const uint8_t*>(s.data()), s.size()};
}

inline bool is_zero(Bytes bytes) {
  for (uint8_t byte : bytes)
    if (byte) return false;
  return true;
}

// What follows the last directory separator, Unix's or Windows's.
inline std::string_view base_name(std::string_view path) {
  size_t slash = path.find_last_of("/\\");
  return slash == path.npos ? path : path.substr(slash + 1);
}

template <class T>
T read_le(const uint8_t* p) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "weld's tables and snapshots are little-endian");
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

template <class T>
void write_le(uint8_t* p, T value) {
  std::memcpy(p, &value, sizeof value);
}

constexpr uint64_t align_to(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

} // namespace weld
