#include "core/input/archive.h"

#include <gtest/gtest.h>
#include <string>

namespace weld {
namespace {

using namespace std::string_literals;

const std::string wasm = "\0asm\1\0\0\0"s;

std::string field(std::string text, size_t size) {
  text.resize(size, ' ');
  return text;
}

std::string header(const std::string& name, size_t size) {
  return field(name, 16) + field("0", 12) + field("0", 6) + field("0", 6) + field("644", 8) +
         field(std::to_string(size), 10) + "`\n";
}

std::string member(const std::string& name, const std::string& data) {
  return header(name, data.size()) + data + (data.size() % 2 ? "\n" : "");
}

std::string number(uint64_t value, size_t width, bool big_endian) {
  std::string out(width, '\0');
  for (size_t i = 0; i < width; i++) out[big_endian ? width - 1 - i : i] = static_cast<char>(value >> 8 * i);
  return out;
}

using Entries = std::vector<std::pair<std::string, uint64_t>>; // name, offset of the header

std::string gnu_index(const Entries& entries, size_t width = 4) {
  std::string out = number(entries.size(), width, true);
  for (auto& e : entries) out += number(e.second, width, true);
  for (auto& e : entries) out += e.first + '\0';
  return out;
}

std::string bsd_index(const Entries& entries, size_t width = 4) {
  std::string table, names;
  for (auto& e : entries) {
    table += number(names.size(), width, false) + number(e.second, width, false);
    names += e.first + '\0';
  }
  return number(table.size(), width, false) + table + number(names.size(), width, false) + names;
}

struct Parsed {
  StringPool strings;
  Diagnostics diagnostics;
  Archive archive;
  std::string file;
  bool ok;
  explicit Parsed(std::string bytes) : file(std::move(bytes)) {
    Location where;
    where.input = "l.a";
    ok = parse_archive(as_bytes(file), where, strings, diagnostics, archive);
  }
  std::string members() const {
    std::string out;
    for (const ArchiveMember& m : archive.members)
      out += (out.empty() ? "" : ";") + m.name + "=" + file.substr(m.data.offset, m.data.size);
    return out;
  }
  std::string index() const {
    std::string out;
    for (const ArchiveMember& m : archive.members) {
      out += (out.empty() ? "" : ";") + m.name + ":";
      for (uint32_t i = 0; i < m.symbols.count; i++)
        out.append(i ? "," : "").append(strings.text(archive.symbols[m.symbols.first + i]));
    }
    return out;
  }
  std::string message() const {
    if (diagnostics.rows().size() != 1) return "no single diagnostic";
    return render(diagnostics.rows()[0], DiagnosticStyle::Lld, Demangling::None);
  }
};

TEST(archive, empty) {
  Parsed p("!<arch>\n");
  EXPECT_TRUE(p.ok);
  EXPECT_TRUE(p.archive.members.empty());
  EXPECT_FALSE(p.archive.has_index);
}

TEST(archive, short_names) {
  Parsed p("!<arch>\n" + member("a.o/", "xyz") + member("b.o", "12"));
  EXPECT_EQ(p.members(), "a.o=xyz;b.o=12");
  EXPECT_EQ(p.archive.members[1].header_offset, 8u + 60 + 4);
}

TEST(archive, gnu_long_names) {
  Parsed p("!<arch>\n" + member("//", "a_rather_long_name.o/\ndir/another_long_name.o/\n") +
           member("/0", "x") + member("/22", "y"));
  EXPECT_EQ(p.members(), "a_rather_long_name.o=x;dir/another_long_name.o=y");
}

TEST(archive, bsd_long_names) {
  Parsed p("!<arch>\n" + member("#1/20", "a_rather_long_name\0\0data"s));
  EXPECT_EQ(p.members(), "a_rather_long_name=data");
}

// A module's own last bytes may be line ends as well.
TEST(archive, padding_of_macos) {
  const std::string lines = wasm + "\0\4\1n\n\n"s;       // a custom section `n` of two line ends
  const std::string broken = wasm + "\n\n\n\n\n\n\n\n"s; // too many
  for (const std::string& module : {wasm, lines, broken}) {
    for (size_t padding = 0; padding < 8; padding++) {
      if (module == broken && padding) continue;
      Parsed p("!<arch>\n" + member("#1/4", "m.o\0"s + module + std::string(padding, '\n')));
      EXPECT_EQ(p.members(), "m.o=" + module) << padding;
    }
  }
  Parsed other("!<arch>\n" + member("#1/4", "m.o\0text\n"s)); // not ours to know
  EXPECT_EQ(other.members(), "m.o=text\n");
}

TEST(archive, kinds_of_members) {
  Parsed p("!<arch>\n" + member("a.o/", wasm) + member("b.o/", "BC\xC0\xDE") +
           member("lib.rmeta/", "rust\0"s) + member("empty/", ""));
  EXPECT_EQ(p.archive.members[0].kind, FileKind::WasmModule);
  EXPECT_EQ(p.archive.members[1].kind, FileKind::Bitcode);
  EXPECT_EQ(p.archive.members[2].kind, FileKind::Unknown);
  EXPECT_EQ(p.archive.members[3].kind, FileKind::Empty);
}

TEST(archive, index_is_grouped_by_member) {
  for (size_t width : {4u, 8u}) {
    std::string name = width == 4 ? "/" : "/SYM64/";
    size_t a = 8 + 60 + gnu_index({{"a1", 0}, {"b1", 0}, {"a2", 0}, {"b2", 0}}, width).size();
    size_t b = a + 60 + wasm.size();
    std::string index = gnu_index({{"a1", a}, {"b1", b}, {"a2", a}, {"b2", b}}, width);
    Parsed p("!<arch>\n" + member(name, index) + member("a.o/", wasm) + member("b.o/", wasm) +
             member("c.o/", wasm));
    EXPECT_TRUE(p.archive.has_index);
    EXPECT_EQ(p.index(), "a.o:a1,a2;b.o:b1,b2;c.o:");
  }
}

TEST(archive, bsd_index) {
  for (size_t width : {4u, 8u}) {
    for (bool long_name : {false, true}) {
      std::string name = width == 4 ? "__.SYMDEF" : "__.SYMDEF_64";
      std::string head = long_name ? name + " SORTED" : "";
      size_t a = 8 + 60 + head.size() + bsd_index({{"f", 0}, {"g", 0}}, width).size();
      if (a % 2) a++;
      std::string index = head + bsd_index({{"f", a}, {"g", a}}, width);
      Parsed p("!<arch>\n" + member(long_name ? "#1/" + std::to_string(head.size()) : name, index) +
               member("a.o", wasm));
      EXPECT_TRUE(p.archive.has_index);
      EXPECT_EQ(p.index(), "a.o:f,g");
    }
  }
}

TEST(archive, an_index_that_does_not_hold_is_as_if_there_was_none) {
  std::string good = gnu_index({{"f", 8 + 60 + 10}});
  ASSERT_EQ(good.size(), 10u);
  EXPECT_TRUE(Parsed("!<arch>\n" + member("/", good) + member("a.o/", wasm)).archive.has_index);
  const std::string bad[] = {
      gnu_index({{"f", 8 + 60 + 10 + 2}}), // no member starts there
      gnu_index({{"f", 8}}),               // the index itself
      "\xff\xff\xff\xff..........",        // too many
      "\0\0\0\1\0\0\0\x4e"
      "ff"s, // the name does not end
      "\0\0\0"s,
  };
  for (const std::string& index : bad) {
    Parsed p("!<arch>\n" + member("/", index) + member("a.o/", wasm));
    EXPECT_TRUE(p.ok);
    EXPECT_FALSE(p.archive.has_index);
    EXPECT_TRUE(p.archive.symbols.empty());
    EXPECT_EQ(p.index(), "a.o:");
  }
}

TEST(archive, an_index_may_be_empty) {
  Parsed p("!<arch>\n" + member("/", gnu_index({})) + member("a.o/", wasm));
  EXPECT_TRUE(p.archive.has_index);
  EXPECT_EQ(p.archive.members[0].symbols.count, 0u);
}

TEST(archive, thin_members_are_elsewhere) {
  Parsed p("!<thin>\n" + member("/", gnu_index({})) + member("//", "dir/a.o/\nb.o/\n\n") +
           header("/0", 1000) + header("/9", 2000));
  EXPECT_TRUE(p.ok);
  EXPECT_TRUE(p.archive.is_thin);
  EXPECT_EQ(p.members(), "dir/a.o=;b.o=");
  EXPECT_EQ(p.archive.members[0].kind, FileKind::Unknown);
}

TEST(archive, the_last_member_needs_no_padding) {
  EXPECT_EQ(Parsed("!<arch>\n" + header("a.o/", 1) + "x").members(), "a.o=x");
}

TEST(archive, refuses_what_is_malformed) {
  auto error = [](const std::string& bytes) { return Parsed(bytes).message(); };
  std::string prefix = "l.a: failed to parse archive: truncated or malformed archive (";
  EXPECT_EQ(error("!<arch"), prefix + "the magic number is not `!<arch>`)");
  EXPECT_EQ(error("!<arch>\nshort"), prefix + "remaining size too small for a member header)");
  std::string h = header("a.o/", 3);
  h[58] = 'x';
  EXPECT_EQ(error("!<arch>\n" + h + "abc"), prefix + "a member header does not end in \"`\\n\")");
  EXPECT_EQ(error("!<arch>\n" + header("a.o/", 3) + "ab"),
            prefix + "a member ends past the end of the archive)");
  h = header("a.o/", 3);
  h.replace(48, 10, field("-3", 10));
  EXPECT_EQ(error("!<arch>\n" + h + "abc"),
            prefix + "characters in the size field of a member header are not all decimal numbers)");
  EXPECT_EQ(error("!<arch>\n" + member("/7", "x")),
            prefix + "a long member name is past the end of the name table)");
  EXPECT_EQ(error("!<arch>\n" + member("//", "a/\n") + member("/x", "x")),
            prefix + "characters after `/` in a member name are not all decimal numbers)");
  EXPECT_EQ(error("!<arch>\n" + member("#1/9", "x")),
            prefix + "a long member name ends past the end of its member)");
  EXPECT_EQ(error("!<arch>\n" + member("//", std::string(5000, 'n')) + member("/0", "x")),
            prefix + "a member name is longer than 4096 bytes)");
}

TEST(archive, every_truncation_is_refused_or_shorter) {
  std::string whole =
      "!<arch>\n" + member("/", gnu_index({{"f", 78}})) + member("a.o/", wasm) + member("b.o/", "x");
  for (size_t size = 0; size < whole.size(); size++) {
    Parsed p(whole.substr(0, size));
    if (p.ok) EXPECT_LE(p.archive.members.size(), 2u);
    else EXPECT_EQ(p.diagnostics.error_count(), 1u);
  }
}

} // namespace
} // namespace weld
