#include "core/input/stub_library.h"

#include <gtest/gtest.h>
#include <string>

namespace weld {
namespace {

struct Stub {
  StringPool strings;
  Diagnostics diagnostics;
  StubLibrary library;
  bool ok;
  explicit Stub(std::string_view text) {
    Location where;
    where.input = "lib.so";
    ok = parse_stub_library(as_bytes(text), where, strings, diagnostics, library);
  }
  // "name:dep,dep;name:"
  std::string rows() const {
    std::string out;
    for (const StubLibrary::Row& row : library.rows) {
      out.append(out.empty() ? "" : ";").append(strings.text(row.name)).append(":");
      for (uint32_t i = 0; i < row.dependencies.count; i++)
        out.append(i ? "," : "").append(strings.text(library.dependencies[row.dependencies.first + i]));
    }
    return out;
  }
  std::string message() const {
    return render(diagnostics.rows()[0], DiagnosticStyle::Lld, Demangling::None);
  }
};

TEST(stub_library, names_and_dependencies) {
  Stub stub("#STUB\nfoo: bar, baz\n# comment\n\nqux\n  spaced  :  a ,b  \r\nlast: x");
  EXPECT_TRUE(stub.ok);
  EXPECT_EQ(stub.rows(), "foo:bar,baz;qux:;spaced:a,b;last:x");
}

TEST(stub_library, a_later_row_replaces_an_earlier_one) {
  Stub stub("#STUB\nfoo: a\nbar\nfoo: b, c\n");
  EXPECT_EQ(stub.rows(), "foo:b,c;bar:");
}

TEST(stub_library, trailing_separators_mean_nothing) {
  EXPECT_EQ(Stub("#STUB\nfoo:\nbar: a,\n").rows(), "foo:;bar:a");
}

TEST(stub_library, empty_but_for_its_first_line) {
  EXPECT_TRUE(Stub("#STUB").ok);
  EXPECT_TRUE(Stub("#STUB\n").ok);
}

TEST(stub_library, refuses_what_is_none) {
  EXPECT_EQ(Stub("").message(), "lib.so: the first line of a stub library is not `#STUB`");
  EXPECT_EQ(Stub("#STUBS\n").message(), "lib.so: the first line of a stub library is not `#STUB`");
  Stub no_name("#STUB\n: a\n");
  EXPECT_FALSE(no_name.ok);
  EXPECT_EQ(no_name.message(), "lib.so: line 2 names no symbol");
  EXPECT_EQ(no_name.diagnostics.rows()[0].location.offset, 6u);
  EXPECT_EQ(Stub("#STUB\nfoo: a,,b\n").message(), "lib.so: line 2 has an empty dependency");
}

} // namespace
} // namespace weld
