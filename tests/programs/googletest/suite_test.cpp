#include "stack.h"

#include <gtest/gtest.h>

namespace {

template <class T>
class StackTest : public testing::Test {
protected:
  Stack<T> stack;
};
using Types = testing::Types<int, std::string, double>;
TYPED_TEST_SUITE(StackTest, Types);

TYPED_TEST(StackTest, starts_empty) {
  EXPECT_TRUE(this->stack.empty());
}
TYPED_TEST(StackTest, last_in_first_out) {
  this->stack.push(TypeParam{});
  EXPECT_EQ(this->stack.size(), 1u);
  EXPECT_EQ(this->stack.pop(), TypeParam{});
  EXPECT_TRUE(this->stack.empty());
}

struct Spelling {
  int number;
  const char* text;
};
void PrintTo(const Spelling& spelling, std::ostream* out) {
  *out << spelling.number;
}
class SpelledTest : public testing::TestWithParam<Spelling> {};
TEST_P(SpelledTest, spells_digits) {
  EXPECT_EQ(spelled(GetParam().number), GetParam().text);
}
INSTANTIATE_TEST_SUITE_P(Numbers, SpelledTest,
                         testing::Values(Spelling{0, "zero"}, Spelling{42, "four-two"},
                                         Spelling{907, "nine-zero-seven"}));

TEST(Report, a_failure_is_told) {
  if (testing::GTEST_FLAG(filter) == "*a_failure_is_told*") EXPECT_EQ(spelled(1), "uno") << "on purpose";
}
TEST(Report, floats_are_compared) {
  EXPECT_NEAR(0.1 + 0.2, 0.3, 1e-12);
}

} // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
