#include "core/base/leb128.h"
#include "core/base/reader.h"

#include <gtest/gtest.h>
#include <vector>

namespace weld {
namespace {

struct Input {
  std::vector<uint8_t> bytes;
  ReadFailure failure;
  Reader r;
  Input(std::initializer_list<uint8_t> b) : bytes(b), r(Bytes(bytes), "section", failure) {}
};

TEST(reader, reads_in_order) {
  Input in{7, 1, 2, 3, 4, 0xe5, 0x8e, 0x26, 2, 'h', 'i'};
  EXPECT_EQ(in.r.u8("a"), 7);
  EXPECT_EQ(in.r.u32_le("b"), 0x04030201u);
  EXPECT_EQ(in.r.offset(), 5u);
  EXPECT_EQ(in.r.u32_leb("c"), 624485u);
  EXPECT_EQ(as_text(in.r.name("d")), "hi");
  EXPECT_TRUE(in.r.at_end());
  EXPECT_FALSE(in.r.failed());
}

TEST(reader, names_what_is_missing) {
  Input in{0x80};
  EXPECT_EQ(in.r.u32_leb("the number of symbols"), 0u);
  EXPECT_TRUE(in.r.failed());
  EXPECT_EQ(in.failure.text, "unexpected end of section while reading the number of symbols");
  EXPECT_EQ(in.failure.offset, 0u);
}

TEST(reader, keeps_the_first_failure_and_reads_nothing_after) {
  Input in{1, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1};
  in.r.u8("a");
  in.r.u8("b");
  in.r.u32_leb("c");
  EXPECT_EQ(in.r.u8("d"), 0);
  EXPECT_EQ(in.r.u64_leb("e"), 0u);
  EXPECT_EQ(in.r.s32_leb("f"), 0);
  EXPECT_TRUE(in.r.name("g").empty());
  EXPECT_EQ(in.r.u32_le("h"), 0u);
  EXPECT_EQ(in.failure.text, "malformed LEB128 (more than 5 bytes) in c");
  EXPECT_EQ(in.failure.offset, 2u);
}

TEST(reader, every_width_of_unsigned_leb) {
  for (uint32_t bit = 0; bit < 64; bit++) {
    for (uint64_t value : {uint64_t(1) << bit, (uint64_t(1) << bit) - 1, ~uint64_t(0) >> bit}) {
      uint8_t b[14] = {};
      uint8_t* end = write_uleb(b, value);
      ReadFailure failure;
      Reader r(Bytes(b, static_cast<size_t>(end - b)), "section", failure);
      EXPECT_EQ(r.u64_leb("x"), value);
      EXPECT_TRUE(r.at_end() && !r.failed());
      Reader more(Bytes(b), "section", failure); // not at the end: read in place
      EXPECT_EQ(more.u64_leb("x"), value);
      EXPECT_EQ(more.offset(), r.offset());
      if (value > 0xffffffff) continue;
      Reader r32(Bytes(b, static_cast<size_t>(end - b)), "section", failure);
      EXPECT_EQ(r32.u32_leb("x"), value);
      EXPECT_TRUE(r32.at_end() && !r32.failed());
    }
  }
}

TEST(reader, every_width_of_signed_leb) {
  for (uint32_t bit = 0; bit < 63; bit++) {
    for (int64_t value : {int64_t(1) << bit, -(int64_t(1) << bit), (int64_t(1) << bit) - 1,
                          -(int64_t(1) << bit) - 1, INT64_MIN >> bit, INT64_MAX >> bit}) {
      uint8_t b[14] = {};
      uint8_t* end = write_sleb(b, value);
      ReadFailure failure;
      Reader r(Bytes(b, static_cast<size_t>(end - b)), "section", failure);
      EXPECT_EQ(r.s64_leb("x"), value);
      EXPECT_TRUE(r.at_end() && !r.failed());
      Reader more(Bytes(b), "section", failure); // not at the end: read in place
      EXPECT_EQ(more.s64_leb("x"), value);
      EXPECT_EQ(more.offset(), r.offset());
      if (value != static_cast<int32_t>(value)) continue;
      Reader r32(Bytes(b, static_cast<size_t>(end - b)), "section", failure);
      EXPECT_EQ(r32.s32_leb("x"), value);
      EXPECT_TRUE(r32.at_end() && !r32.failed());
    }
  }
}

TEST(reader, padding_is_valid_up_to_the_width) {
  Input in{0x83, 0x80, 0x80, 0x80, 0x00, 0xff, 0xff, 0xff, 0xff, 0x7f};
  EXPECT_EQ(in.r.u32_leb("a"), 3u);
  EXPECT_EQ(in.r.s32_leb("b"), -1);
  EXPECT_FALSE(in.r.failed());
  Input wide{0x83, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
  EXPECT_EQ(wide.r.u64_leb("a"), 3u);
  EXPECT_FALSE(wide.r.failed());
}

TEST(reader, refuses_bits_without_a_place) {
  Input u32{0xff, 0xff, 0xff, 0xff, 0x1f};
  u32.r.u32_leb("x");
  EXPECT_EQ(u32.failure.text, "malformed LEB128 (more than 32 bits) in x");
  Input s32{0xff, 0xff, 0xff, 0xff, 0x0f}; // 2^32-1: the sign bits do not agree
  s32.r.s32_leb("x");
  EXPECT_EQ(s32.failure.text, "malformed LEB128 (more than 32 bits) in x");
  Input u64{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
  u64.r.u64_leb("x");
  EXPECT_EQ(u64.failure.text, "malformed LEB128 (more than 64 bits) in x");
  Input s64{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
  s64.r.s64_leb("x");
  EXPECT_EQ(s64.failure.text, "malformed LEB128 (more than 64 bits) in x");
  Input longer{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
  longer.r.u64_leb("x");
  EXPECT_EQ(longer.failure.text, "malformed LEB128 (more than 10 bytes) in x");
}

TEST(reader, counts_are_checked_against_the_bytes_left) {
  Input in{3, 0, 0, 0, 0, 0};
  EXPECT_EQ(in.r.count("the number of types", 2), 0u);
  EXPECT_EQ(in.failure.text, "the number of types is 3, more than fit in the 5 bytes that are left");
  Input fits{2, 0, 0, 0, 0, 0};
  EXPECT_EQ(fits.r.count("the number of types", 2), 2u);
}

TEST(reader, a_part_has_its_own_end_and_the_offsets_of_the_file) {
  Input in{9, 9, 1, 2, 5};
  in.r.bytes(2, "head");
  Reader part = in.r.part(2, "subsection", "a part");
  EXPECT_EQ(part.offset(), 2u);
  part.u8("a");
  part.u8("b");
  EXPECT_TRUE(part.at_end());
  EXPECT_EQ(in.r.u8("c"), 5);
  part.u8("d");
  EXPECT_TRUE(in.r.failed());
  EXPECT_EQ(in.failure.text, "unexpected end of subsection while reading d");
  EXPECT_EQ(in.failure.offset, 4u);
}

TEST(reader, a_name_may_not_be_longer_than_what_is_left) {
  Input in{4, 'a', 'b', 'c'};
  EXPECT_TRUE(in.r.name("a name").empty());
  EXPECT_EQ(in.failure.text, "unexpected end of section while reading a name");
}

} // namespace
} // namespace weld
