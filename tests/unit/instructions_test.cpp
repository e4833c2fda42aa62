#include "core/wasm/instructions.h"

#include <gtest/gtest.h>
#include <vector>

namespace weld {
namespace {

std::vector<Instruction> decode(std::vector<uint8_t> code) {
  std::vector<Instruction> found;
  Instruction i;
  for (size_t at = 0; at < code.size(); at = i.end) {
    if (!decode_instruction(code, at, i)) break;
    found.push_back(i);
  }
  return found;
}

TEST(instructions, know_where_they_end) {
  auto i = decode({0x20, 0x81, 0x01,                            // local.get 129
                   0x41, 0x80, 0x80, 0x80, 0x80, 0x00,          // i32.const, padded
                   0x6a,                                        // i32.add
                   0x28, 0x02, 0x90, 0x01,                      // i32.load offset=144
                   0x44, 1,    2,    3,    4,    5,    6, 7, 8, // f64.const
                   0x0e, 0x02, 0x00, 0x01, 0x00,                // br_table of three
                   0x11, 0x03, 0x00,                            // call_indirect
                   0xfc, 0x0a, 0x00, 0x00,                      // memory.copy
                   0x0b});
  ASSERT_EQ(i.size(), 9u);
  EXPECT_EQ(i[0].index, 129u);
  EXPECT_EQ(i[1].end - i[1].begin, 6u);
  EXPECT_EQ(i[5].end - i[5].begin, 5u);
  EXPECT_EQ(i[8].opcode, 0x0b);
}

TEST(instructions, know_what_they_do_to_the_stack) {
  auto i = decode({0x20, 0x00, 0x22, 0x00, 0x45, 0x46, 0x36, 0x02, 0x00, 0x1b, 0xfc, 0x00});
  ASSERT_EQ(i.size(), 7u);
  auto effect = [&](size_t n) { return std::vector<int>{i[n].pops, i[n].pushes, i[n].is_pure}; };
  EXPECT_EQ(effect(0), (std::vector<int>{0, 1, 1})); // local.get
  EXPECT_EQ(effect(1), (std::vector<int>{1, 1, 0})); // local.tee
  EXPECT_EQ(effect(2), (std::vector<int>{1, 1, 1})); // i32.eqz
  EXPECT_EQ(effect(3), (std::vector<int>{2, 1, 1})); // i32.eq
  EXPECT_EQ(effect(4), (std::vector<int>{2, 0, 0})); // i32.store
  EXPECT_EQ(effect(5), (std::vector<int>{3, 1, 1})); // select
  EXPECT_EQ(effect(6), (std::vector<int>{1, 1, 1})); // i32.trunc_sat_f32_s
}

TEST(instructions, division_may_trap) {
  for (int op = 0x6a; op <= 0x78; op++) {
    auto i = decode({static_cast<uint8_t>(op)});
    ASSERT_EQ(i.size(), 1u);
    EXPECT_EQ(i[0].is_pure, op < 0x6d || op > 0x70) << op;
  }
}

TEST(instructions, unknown_ones_are_refused) {
  EXPECT_TRUE(decode({0x06, 0x40}).empty());             // try
  EXPECT_TRUE(decode({0x12, 0x00}).empty());             // return_call
  EXPECT_TRUE(decode({0xfd, 0x0c}).empty());             // a vector
  EXPECT_TRUE(decode({0x02, 0x03}).empty());             // a block with a type by number
  EXPECT_TRUE(decode({0x28, 0x42, 0x00, 0x00}).empty()); // another memory
}

TEST(instructions, end_within_the_code) {
  EXPECT_TRUE(decode({0x41}).empty());
  EXPECT_TRUE(decode({0x41, 0x80}).empty());
  EXPECT_TRUE(decode({0x43, 0x00, 0x00}).empty());
  EXPECT_TRUE(decode({0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00}).empty());
  EXPECT_TRUE(decode({0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}).empty());
}

} // namespace
} // namespace weld
