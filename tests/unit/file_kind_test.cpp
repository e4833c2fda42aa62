#include "core/input/file_kind.h"

#include <gtest/gtest.h>

namespace weld {
namespace {

using namespace std::string_view_literals;

FileKind kind_of(std::string_view file) {
  return identify_file(as_bytes(file));
}

TEST(file_kind, by_magic) {
  EXPECT_EQ(kind_of(""), FileKind::Empty);
  EXPECT_EQ(kind_of("\0asm\1\0\0\0"sv), FileKind::WasmModule);
  EXPECT_EQ(kind_of("\0asm"sv), FileKind::WasmModule); // truncated: the parser says so
  EXPECT_EQ(kind_of("\0asm\x0d\0\1\0"sv), FileKind::WasmComponent);
  EXPECT_EQ(kind_of("!<arch>\n"), FileKind::Archive);
  EXPECT_EQ(kind_of("!<thin>\n"), FileKind::ThinArchive);
  EXPECT_EQ(kind_of("BC\xC0\xDE\x35\x14"), FileKind::Bitcode);
  EXPECT_EQ(kind_of("\xDE\xC0\x17\x0B...."), FileKind::Bitcode);
  EXPECT_EQ(kind_of("#STUB\nfoo\n"), FileKind::StubLibrary);
  EXPECT_EQ(kind_of("\x7f"
                    "ELF\2\1\1"),
            FileKind::Elf);
  EXPECT_EQ(kind_of("\xCF\xFA\xED\xFE\x07\0\0\1"sv), FileKind::MachO);
  EXPECT_EQ(kind_of("\x64\x86\3\0"sv), FileKind::Coff);
  EXPECT_EQ(kind_of("MZ\x90\0"sv), FileKind::Coff);
  EXPECT_EQ(kind_of("\x1f\x8b\x08"), FileKind::Gzip);
  EXPECT_EQ(kind_of("PK\3\4...."), FileKind::Zip);
  EXPECT_EQ(kind_of("int main(void) { return 0; }\n"), FileKind::Text);
  EXPECT_EQ(kind_of("\xc3\xa9t\xc3\xa9\n"), FileKind::Text);
  EXPECT_EQ(kind_of("\1\2\3\4"), FileKind::Unknown);
}

TEST(file_kind, each_has_words) {
  for (int k = 0; k <= static_cast<int>(FileKind::Text); k++)
    EXPECT_FALSE(describe_file_kind(static_cast<FileKind>(k)).empty());
  EXPECT_EQ(describe_file_kind(FileKind::Elf), "an ELF file");
  EXPECT_EQ(remedy_for_file_kind(FileKind::Bitcode),
            "compile it without `-flto` (rustc: without `-C linker-plugin-lto`)");
}

} // namespace
} // namespace weld
