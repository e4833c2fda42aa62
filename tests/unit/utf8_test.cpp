#include "core/base/utf8.h"

#include <gtest/gtest.h>

namespace weld {
namespace {

using namespace std::string_view_literals;

std::string printable(std::string_view text) {
  std::string out = "> ";
  append_printable(out, text);
  return out.substr(2);
}

TEST(utf8, what_is_printable_stays) {
  for (std::string_view text :
       {""sv, "main"sv, "\xc3\xa9t\xc3\xa9"sv, "\u00a0\u2029\u202f\u2065\u206a\U0001f600"sv, "\\x1b"sv})
    EXPECT_EQ(printable(text), text);
}

TEST(utf8, controls_are_escaped) {
  EXPECT_EQ(printable("a\0b\x1b[0m\n\x7f"sv), "a\\x00b\\x1b[0m\\x0a\\x7f");
  EXPECT_EQ(printable("\u0080\u009f"), "\\xc2\\x80\\xc2\\x9f");
  EXPECT_EQ(printable("\u202a\u202e"), "\\xe2\\x80\\xaa\\xe2\\x80\\xae");
  EXPECT_EQ(printable("\u2066\u2069"), "\\xe2\\x81\\xa6\\xe2\\x81\\xa9");
}

TEST(utf8, lines_stay_lines) {
  EXPECT_EQ(printable_lines("a\x1b\n\tb\r\n\n"), "a\\x1b\n\tb\\x0d\n\n");
  EXPECT_EQ(printable_lines(""), "");
}

// A terminal that does not read UTF-8 takes 0x9b for the start of an escape sequence.
TEST(utf8, what_is_not_utf8_is_escaped) {
  EXPECT_EQ(printable("\x9b\x31m"), "\\x9b1m");
  EXPECT_EQ(printable("\xc3"), "\\xc3");
  EXPECT_EQ(printable("\xe2\x80"), "\\xe2\\x80");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80"); // a surrogate
  EXPECT_EQ(printable("\xc0\x9b"), "\\xc0\\x9b");          // over-long
}

} // namespace
} // namespace weld
