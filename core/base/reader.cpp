#include "core/base/reader.h"

#include <type_traits>

namespace weld {

// Seven bits a byte, lowest first; a set high bit says that another byte follows. The last byte that a type
// has room for carries fewer than seven of its bits: the rest must repeat the sign, or be zero.
template <class T>
T Reader::leb(const char* what) {
  using Unsigned = std::make_unsigned_t<T>;
  constexpr uint32_t bits = sizeof(T) * 8;
  constexpr uint32_t last_shift = bits / 7 * 7;     // 28 of 32, 63 of 64
  constexpr uint32_t last_bits = bits - last_shift; // 4 and 1
  constexpr const char* widths[] = {"5", "10"};

  Unsigned value = 0;
  const uint8_t* p = at_;
  for (uint32_t shift = 0;; shift += 7) {
    if (p == end_) return fail_end(what), T(0);
    uint8_t byte = *p++;
    if (shift == last_shift) [[unlikely]] {
      if (byte & 0x80) {
        fail(std::string("malformed LEB128 (more than ") + widths[sizeof(T) == 8] + " bytes) in " + what);
        return 0;
      }
      uint32_t unused = std::is_signed_v<T> ? byte >> (last_bits - 1) : byte >> last_bits;
      uint32_t all_ones = 0x7fu >> (last_bits - 1);
      if (unused != 0 && !(std::is_signed_v<T> && unused == all_ones)) {
        fail(std::string("malformed LEB128 (more than ") + (sizeof(T) == 8 ? "64" : "32") + " bits) in " +
             what);
        return 0;
      }
    }
    value |= static_cast<Unsigned>(static_cast<Unsigned>(byte & 0x7f) << shift);
    if (byte < 0x80) {
      if (std::is_signed_v<T> && (byte & 0x40) && shift < last_shift) value |= ~Unsigned(0) << (shift + 7);
      break;
    }
  }
  at_ = p;
  return static_cast<T>(value);
}

uint32_t Reader::u32_leb_long(const char* what) {
  return leb<uint32_t>(what);
}
uint64_t Reader::u64_leb_long(const char* what) {
  return leb<uint64_t>(what);
}
int32_t Reader::s32_leb_long(const char* what) {
  return leb<int32_t>(what);
}
int64_t Reader::s64_leb_long(const char* what) {
  return leb<int64_t>(what);
}

void Reader::fail_at(uint64_t file_offset, std::string text) {
  if (!failure_->happened) *failure_ = {true, std::move(text), file_offset};
  at_ = end_;
}

void Reader::fail_end(const char* what) {
  fail(std::string("unexpected end of ") + region_ + " while reading " + what);
}

void Reader::fail_count(uint32_t n, const char* what) {
  fail(std::string(what) + " is " + std::to_string(n) + ", more than fit in the " + std::to_string(left()) +
       " bytes that are left");
}

} // namespace weld
