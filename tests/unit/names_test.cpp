// What names say about where they belong. The expectations are what a person reads in the demangled name.
#include "core/base/diagnostics.h"
#include "core/report/names.h"

#include <gtest/gtest.h>

namespace weld {
namespace {

using report::Language;
using report::NameParts;

NameParts split(std::string_view name) {
  return report::split_name(name, display_name(name, Demangling::Llvm22));
}

std::string scope_of(const NameParts& parts) {
  std::string text;
  for (size_t i = 0; i < parts.scope.size(); i++)
    text += (i == parts.namespaces ? "| " : "") + parts.scope[i] + " ";
  return text + (parts.namespaces == parts.scope.size() ? "| " : "") + parts.base;
}

// Already demangled, as a name section has it.
std::string read(std::string_view name) {
  return scope_of(report::split_name(name, name));
}

TEST(Names, of_cpp) {
  EXPECT_EQ(scope_of(split("_ZN4game4draw6circleEii")), "game draw | circle");
  EXPECT_EQ(scope_of(split("_Z5plainv")), "| plain");
  EXPECT_EQ(scope_of(split("_ZN12_GLOBAL__N_15localEv")), "(anonymous namespace) | local");
  EXPECT_EQ(scope_of(split("_ZNSt3__26vectorIiNS_9allocatorIiEEE9push_backEOi")), "std | vector<> push_back");
  EXPECT_EQ(scope_of(split("_ZN4game3maxIiEET_S1_S1_")), "game | max<>"); // whose type is returned
  EXPECT_EQ(scope_of(split("_ZlsRN3foo3OutEi")), "| operator<<");
  EXPECT_EQ(scope_of(split("_ZN3fooltERKNS_1AES2_")), "foo | operator<");
  EXPECT_EQ(scope_of(split("_ZN3foo3BarcvbEv")), "foo Bar | operator bool");
  EXPECT_EQ(scope_of(split("_Znwm")), "| operator new");
  EXPECT_EQ(scope_of(split("_ZZN3foo3runEvENKUliE_clEi")), "foo | run() 'lambda' operator()");
  EXPECT_EQ(scope_of(split("_ZTVN3foo3BarE")), "foo | Bar (vtable)");
  EXPECT_EQ(scope_of(split("_ZGVZN3foo3runEvE1x")), "foo | run() x (guard)");
  EXPECT_EQ(scope_of(split("_ZThn8_N3foo3Bar1fEv")), "foo Bar | f (thunk)");
}

TEST(Names, of_cpp_say_what_is_a_class) {
  EXPECT_TRUE(split("_ZN3foo3BarC2Ev").is_member);
  EXPECT_TRUE(split("_ZN3foo3BarD2Ev").is_member);
  EXPECT_TRUE(split("_ZNK3foo3Bar3getEv").is_member);
  EXPECT_FALSE(split("_ZN3foo3Bar3setEi").is_member);
  EXPECT_TRUE(split("_ZTVN3foo3BarE").names_class);
  EXPECT_TRUE(split("_ZTIN3foo3BarE").names_class);
}

TEST(Names, of_rust) {
  EXPECT_EQ(scope_of(split("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE")), "core fmt | Formatter pad");
  EXPECT_EQ(scope_of(split("_ZN4main4main17h0123456789abcdefE")), "main | main");
  EXPECT_EQ(scope_of(split(
                "_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE")),
            "alloc string | String fmt");
  EXPECT_EQ(scope_of(split("_ZN4core3ptr42drop_in_place$LT$alloc..string..String$GT$17h0123456789abcdefE")),
            "core ptr | drop_in_place<>");
  EXPECT_EQ(scope_of(split("_ZN4main4main28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE")),
            "main | main {closure}");
  EXPECT_EQ(scope_of(split("_RNvNtCs1234_7mycrate3foo3bar")), "mycrate foo | bar");
  EXPECT_EQ(scope_of(split("_RINvNtCs1234_7mycrate3foo3barlE")), "mycrate foo | bar<>");
  EXPECT_EQ(split("_RNvNtCs1234_7mycrate3foo3bar").language, Language::Rust);
}

TEST(Names, that_were_demangled_before) {
  EXPECT_EQ(read("std::__2::vector<int, std::__2::allocator<int> >::push_back(int const&)"),
            "std | vector<> push_back");
  EXPECT_EQ(read("core::fmt::Formatter::pad::h0123456789abcdef"), "core fmt | Formatter pad");
  EXPECT_EQ(read("<core::fmt::Arguments as core::fmt::Display>::fmt"), "core fmt | Arguments fmt");
  EXPECT_EQ(report::split_name("printf", "printf").language, Language::Other);
  EXPECT_EQ(report::split_name("runtime.alloc", "runtime.alloc").language, Language::Other);
}

// Whatever strangers write, there is a name and nothing is lost.
TEST(Names, that_nobody_understands) {
  for (std::string_view name :
       {"a<b", "x::y(", "::", "f(a)(b", "<as>::", "a::<", "(*f<int>(int))(char)", "operator", "void a<b>c()",
        "{", "'", "a>::b", "::h0123456789abcdef", "<>::x", "x::{}::", "a::()::b"}) {
    const NameParts parts = report::split_name(name, name);
    EXPECT_FALSE(parts.base.empty()) << name;
    EXPECT_LE(parts.namespaces, parts.scope.size()) << name;
  }
  const std::string deep(100000, '<');
  EXPECT_EQ(report::split_name(deep, deep).base, deep);
}

TEST(Names, of_crates) {
  EXPECT_EQ(report::crate_of_file("/x/libcore-0123456789abcdef.rlib", "core-1.core.abc-cgu.0.rcgu.o"),
            "core");
  EXPECT_EQ(report::crate_of_file("target/main.main.0123456789abcdef-cgu.0.rcgu.o", ""), "main");
  EXPECT_EQ(report::crate_of_file("/usr/lib/libc.a", "printf.o"), "");
  EXPECT_EQ(report::crate_of_file("libmy-crate.rlib", "x.o"), "my-crate");
}

} // namespace
} // namespace weld
