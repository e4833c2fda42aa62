#include "core/base/hash.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace weld {
namespace {

std::string hex(Bytes bytes) {
  std::string out;
  for (uint8_t byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

std::string sha1_of(std::string_view text) {
  return hex(sha1(as_bytes(text)));
}

// Values of libxxhash 0.8.1: of both sides of each size from which on it hashes in another way, of its
// stripes (64 bytes) and of its blocks (1024).
TEST(Xxh3, agrees_with_libxxhash) {
  std::vector<uint8_t> data;
  for (uint32_t i = 0; i < 5000; i++) data.push_back(static_cast<uint8_t>(i * 167 + (i >> 8) * 13));
  struct Row {
    size_t size;
    uint64_t hash;
  };
  constexpr Row rows[] = {
      {0, 0x2D06800538D394C2},    {1, 0xC44BDFF4074EECDB},    {3, 0xF3EA324084D6587C},
      {4, 0x93BFF9036CFF6C84},    {8, 0xF9C04D813DA5EAE2},    {9, 0x3AE7CCCFFD37339C},
      {16, 0x34E9BEADA9992231},   {17, 0x99E05057A4D42653},   {32, 0xFDE5055DBB10CC4A},
      {33, 0x0EF442EBD1C92301},   {128, 0x23D85CE687B3EB7F},  {129, 0xF80A7353A5A78CE7},
      {240, 0xE77E31C41B3AAB1E},  {241, 0x9DC4F9091538415E},  {512, 0xAA145D3DBAC1F7BA},
      {513, 0x16B09EAA72BC3596},  {1024, 0xEC9414AD633B47FC}, {1025, 0x8300B34AB5E9C31A},
      {1088, 0xFE7DBFD264628AEB}, {2048, 0xDEFFEB7E7EC460F0}, {2049, 0xEAD69F04B10E2184},
      {5000, 0x83695E5D3BC5FCA7},
  };
  for (const Row& row : rows) EXPECT_EQ(xxh3_64(Bytes(data).first(row.size)), row.hash) << row.size;
}

TEST(Sha1, agrees_with_the_standards_examples) {
  EXPECT_EQ(sha1_of(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(sha1_of("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(sha1_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(sha1_of(std::string(1000000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

// Up to 55 bytes fit in the last block with the length; from 56 on there is one more.
TEST(Sha1, pads_the_last_block) {
  EXPECT_EQ(sha1_of(std::string(55, 'a')), "c1c8bbdc22796e28c0e15163d20899b65621d65a");
  EXPECT_EQ(sha1_of(std::string(56, 'a')), "c2db330f6083854c99d4b5bfb6e8f29f201be699");
  EXPECT_EQ(sha1_of(std::string(63, 'a')), "03f09f5b158a7a8cdad920bddc29b81c18a551f5");
  EXPECT_EQ(sha1_of(std::string(64, 'a')), "0098ba824b5c16427bd7a1122a5a442a25ec644d");
}

} // namespace
} // namespace weld
