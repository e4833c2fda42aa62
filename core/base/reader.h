// Reading untrusted bytes. Every read is checked against the end and says what it reads, so that the message
// about a truncated or malformed file names what was expected. Nothing is thrown: after the first failure a
// reader is at its end, every further read gives 0 or nothing, and the failure keeps the first message. So a
// caller may read a whole entry and look once.
#pragma once

#include "core/base/bytes.h"

#include <string>

namespace weld {

// What went wrong first. Shared by a reader and those it hands out for parts of its bytes.
struct ReadFailure {
  bool happened = false;
  std::string text;
  uint64_t offset = 0; // from the first byte of the file
};

class Reader {
public:
  // Reads `bytes`, a part of the file that starts at `file_begin`. `region` is what the bytes are ("section",
  // "file").
  Reader(Bytes bytes, const uint8_t* file_begin, const char* region, ReadFailure& failure)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), file_(file_begin), region_(region),
        failure_(&failure) {}
  Reader(Bytes file, const char* region, ReadFailure& failure) : Reader(file, file.data(), region, failure) {}

  bool failed() const { return failure_->happened; }
  bool at_end() const { return at_ == end_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  uint64_t offset() const { return static_cast<uint64_t>(at_ - file_); } // in the file

  uint8_t u8(const char* what) {
    if (at_ != end_) [[likely]]
      return *at_++;
    fail_end(what);
    return 0;
  }
  uint32_t u32_le(const char* what) {
    Bytes b = bytes(4, what);
    return b.empty() ? 0 : read_le<uint32_t>(b.data());
  }

  // LEB128. Padding is valid up to the width of the type, as relocatable fields have it; more bytes are not,
  // nor bits that the type has no room for. Numbers of up to three bytes, nearly all, are read in place.
  uint32_t u32_leb(const char* what) {
    uint32_t value;
    return short_unsigned(value) ? value : u32_leb_long(what);
  }
  uint64_t u64_leb(const char* what) {
    uint32_t value;
    return short_unsigned(value) ? value : u64_leb_long(what);
  }
  int32_t s32_leb(const char* what) {
    int32_t value;
    return short_signed(value) ? value : s32_leb_long(what);
  }
  int64_t s64_leb(const char* what) {
    int32_t value;
    return short_signed(value) ? value : s64_leb_long(what);
  }

  Bytes bytes(size_t size, const char* what) {
    if (size > left()) [[unlikely]] {
      fail_end(what);
      return Bytes(end_, size_t(0));
    }
    Bytes b(at_, size);
    at_ += size;
    return b;
  }
  // A name as the format writes it: its length, then its bytes.
  Bytes name(const char* what) {
    uint32_t size = u32_leb(what);
    return bytes(size, what);
  }
  // How many elements follow. No more than fit in the bytes that are left, if each takes `minimum_size`
  // bytes: so the result may be reserved.
  uint32_t count(const char* what, uint32_t minimum_size) {
    uint32_t n = u32_leb(what);
    if (n > left() / minimum_size) [[unlikely]]
      return fail_count(n, what), 0;
    return n;
  }
  // The next `size` bytes, as a reader of their own that shares the failure.
  Reader part(size_t size, const char* region, const char* what) {
    return Reader(bytes(size, what), file_, region, *failure_);
  }

  // For what is readable but wrong.
  void fail(std::string text) { fail_at(offset(), std::move(text)); }
  void fail_at(uint64_t file_offset, std::string text);

private:
  bool short_unsigned(uint32_t& out) {
    if (left() < 3) [[unlikely]]
      return false;
    uint32_t a = at_[0], b = at_[1], c = at_[2];
    if (a < 0x80) return out = a, at_ += 1, true;
    if (b < 0x80) return out = (a & 0x7f) | b << 7, at_ += 2, true;
    if (c < 0x80) return out = (a & 0x7f) | (b & 0x7f) << 7 | c << 14, at_ += 3, true;
    return false;
  }
  // The same at the upper end of 32 bits, so that shifting back repeats the sign.
  bool short_signed(int32_t& out) {
    if (left() < 3) [[unlikely]]
      return false;
    uint32_t a = at_[0], b = at_[1], c = at_[2];
    if (a < 0x80) return out = static_cast<int32_t>(a << 25) >> 25, at_ += 1, true;
    if (b < 0x80) return out = static_cast<int32_t>((a & 0x7f) << 18 | b << 25) >> 18, at_ += 2, true;
    if (c < 0x80)
      return out = static_cast<int32_t>((a & 0x7f) << 11 | (b & 0x7f) << 18 | c << 25) >> 11, at_ += 3, true;
    return false;
  }
  uint32_t u32_leb_long(const char* what);
  uint64_t u64_leb_long(const char* what);
  int32_t s32_leb_long(const char* what);
  int64_t s64_leb_long(const char* what);
  template <class T>
  T leb(const char* what);
  void fail_end(const char* what);
  void fail_count(uint32_t n, const char* what);

  const uint8_t* at_;
  const uint8_t* end_;
  const uint8_t* file_;
  const char* region_;
  ReadFailure* failure_;
};

} // namespace weld
