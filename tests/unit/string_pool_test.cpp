#include "core/base/leb128.h"
#include "core/base/string_pool.h"

#include <gtest/gtest.h>
#include <string>

namespace weld {
namespace {

TEST(StringPool, GivesEachStringOneId) {
  StringPool pool;
  StringId a = pool.intern("a"), b = pool.intern("b"), empty = pool.intern("");
  EXPECT_FALSE(a == b);
  EXPECT_EQ(pool.intern("a"), a);
  EXPECT_EQ(pool.intern(""), empty);
  EXPECT_EQ(pool.text(b), "b");
  EXPECT_EQ(pool.size(), 3u);
}

TEST(StringPool, KeepsBytesThatAreNoText) {
  StringPool pool;
  std::string zeros("\0\0", 2), other("\0", 1);
  StringId id = pool.intern(zeros);
  EXPECT_FALSE(id == pool.intern(other));
  EXPECT_EQ(pool.text(id), zeros);
}

TEST(StringPool, FindsOnlyWhatIsThere) {
  StringPool pool;
  EXPECT_TRUE(pool.find("a").is_none());
  StringId a = pool.intern("a");
  EXPECT_EQ(pool.find("a"), a);
  EXPECT_TRUE(pool.find("aa").is_none());
}

TEST(StringPool, GrowsWithoutChangingIds) {
  StringPool pool;
  constexpr uint32_t count = 100000;
  for (uint32_t i = 0; i < count; i++) EXPECT_EQ(pool.intern("name" + std::to_string(i)).row, i);
  for (uint32_t i = 0; i < count; i++) EXPECT_EQ(pool.find("name" + std::to_string(i)).row, i);
}

// Names differ in their middles as well as at their ends.
TEST(StringPool, HashesTellSimilarNamesApart) {
  std::string base(64, 'x');
  uint64_t hash = hash_bytes(as_bytes(base));
  for (size_t i = 0; i < base.size(); i++) {
    std::string other = base;
    other[i] = 'y';
    EXPECT_NE(hash_bytes(as_bytes(other)), hash);
  }
  EXPECT_NE(hash_bytes(as_bytes(base.substr(1))), hash);
}

TEST(Leb128, SizesAgreeWithWhatIsWritten) {
  uint8_t b[10];
  for (uint64_t v : {0ull, 1ull, 127ull, 128ull, 16383ull, 16384ull, 0xffffffffull, ~0ull})
    EXPECT_EQ(write_uleb(b, v) - b, static_cast<int>(uleb_size(v)));
  for (int64_t v :
       std::initializer_list<int64_t>{0, -1, 63, 64, -64, -65, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN})
    EXPECT_EQ(write_sleb(b, v) - b, static_cast<int>(sleb_size(v)));
}

} // namespace
} // namespace weld
