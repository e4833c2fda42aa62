// What `inspect` makes of bytes that no compiler writes; what compilers write is compared with other tools in
// js/test/inspect.test.mjs.
#include "core/inspect/encode.h"
#include "core/tool/subcommands.h"
#include "tests/unit/object_bytes.h"

#include <gtest/gtest.h>

namespace weld {

namespace {

struct Inspected : Inspection {
  explicit Inspected(Vector<uint8_t> b) : bytes(std::move(b)) { inspect(bytes, *this); }
  Vector<uint8_t> bytes;

  std::string problem(size_t i = 0) const {
    return i < problems.size() ? problems[i].section + ": " + problems[i].text : "";
  }
};

Vector<uint8_t> module_of(std::initializer_list<std::pair<int, Payload>> sections) {
  Payload out;
  out.raw({0, 'a', 's', 'm', 1, 0, 0, 0});
  for (const auto& [kind, payload] : sections) out.raw({kind}).sized(payload);
  Bytes bytes = out.from(0);
  return Vector<uint8_t>(bytes);
}

TEST(Inspect, NamesTheKindOfAnObject) {
  ObjectBytes object;
  Inspected it(object.build());
  EXPECT_EQ(it.problem(), "");
  EXPECT_EQ(kind_word(it), "object");
  ASSERT_EQ(it.symbols.size(), 3u);
  EXPECT_EQ(it.text(it.symbols[ObjectBytes::f].name), "f");
  EXPECT_EQ(it.symbols[ObjectBytes::ext].import, 1u);
}

TEST(Inspect, ReadsOnBehindAMalformedSection) {
  Inspected it(module_of({{1, Payload().n(2).raw({0x60, 0, 0, 0x61})}, {5, Payload().n(1).raw({1, 2, 3})}}));
  EXPECT_EQ(it.problem(), "TYPE: invalid form of a type: 97");
  EXPECT_EQ(it.types.size(), 1u);
  ASSERT_EQ(it.memories.size(), 1u);
  EXPECT_EQ(it.memories[0].maximum, 3u);
}

TEST(Inspect, SaysWhereAMalformedSectionIs) {
  Inspected it(module_of({{1, Payload().n(0)}, {2, Payload().n(1).name("m").name("f").raw({9, 0})}}));
  ASSERT_EQ(it.problems.size(), 1u);
  Diagnostic d = diagnostic_of(it, it.problems[0], {"a.wasm", {}, {}, no_offset, no_offset, {}, {}});
  EXPECT_EQ(render(d, DiagnosticStyle::Weld, Demangling::Llvm22),
            "invalid kind of an import: 9\n  in a.wasm, section IMPORT, offset 0x12");
}

TEST(Inspect, ASectionLongerThanTheFileIsReadAsFarAsItGoes) {
  Vector<uint8_t> bytes = module_of({{1, Payload().n(2).raw({0x60, 0, 0, 0x60, 0, 0})}});
  bytes.truncate(bytes.size() - 2);
  Inspected it(bytes);
  EXPECT_EQ(it.types.size(), 1u);
  EXPECT_EQ(it.problem(), ": a section of 7 bytes, but the file ends after 5");
  EXPECT_EQ(it.problem(1), "TYPE: unexpected end of section while reading the number of parameters");
}

TEST(Inspect, AMalformedSubsectionDoesNotHideTheNext) {
  Payload names;
  names.name("name").raw({1}).sized(Payload().n(1).n(0)); // a function's name is missing
  names.raw({0}).sized(Payload().name("module"));
  Inspected it(module_of({{0, names}}));
  ASSERT_EQ(it.names.size(), 1u);
  EXPECT_EQ(it.text(it.names[0].name), "module");
  EXPECT_EQ(it.problem(), "name: unexpected end of name subsection while reading a name");
}

// Readers of the conventions skip subsections that they do not know: DynamicLinking.md, Linking.md.
TEST(Inspect, ShowsAnUnknownSubsectionAndGoesOn) {
  Payload dylink, linking, names;
  dylink.name("dylink.0").raw({6}).sized(Payload().n(1).n(2).n(3));
  dylink.raw({2}).sized(Payload().n(1).name("liba.so"));
  linking.name("linking").n(2).raw({99}).sized(Payload()).raw({6}).sized(Payload().n(0));
  names.name("name").raw({42}).sized(Payload().n(7)).raw({0}).sized(Payload().name("module"));
  Inspected it(module_of({{0, dylink}, {0, linking}, {0, names}}));
  EXPECT_EQ(it.problem(), "");
  ASSERT_EQ(it.unknown_subsections.size(), 3u);
  EXPECT_EQ(it.unknown_subsections[0].section, 0u);
  EXPECT_EQ(it.unknown_subsections[0].type, 6u);
  EXPECT_EQ(it.unknown_subsections[0].size, 3u);
  EXPECT_EQ(it.file[it.unknown_subsections[0].offset], 1);
  EXPECT_EQ(it.unknown_subsections[1].type, 99u);
  EXPECT_EQ(it.unknown_subsections[2].section, 2u);
  ASSERT_EQ(it.needed.size(), 1u);
  EXPECT_EQ(it.text(it.needed[0].name), "liba.so");
  ASSERT_EQ(it.names.size(), 1u);
}

TEST(Inspect, ProblemsAreNotListedWithoutEnd) {
  Payload exports;
  exports.n(1000);
  for (int i = 0; i < 1000; i++) exports.name("e").raw({0}).n(7);
  Inspected it(module_of({{7, exports}}));
  EXPECT_EQ(it.exports.size(), 1000u);
  EXPECT_EQ(it.problems.size(), 101u);
}

TEST(Inspect, ShowsConstantExpressions) {
  Payload globals;
  globals.n(6);
  globals.raw({0x7f, 0, 0x41}).s(-5).raw({0x0b});
  globals.raw({0x7d, 0, 0x43, 0, 0, 0x80, 0x3f, 0x0b});             // 1.0
  globals.raw({0x7c, 0, 0x44, 0, 0, 0, 0, 0, 0, 0xfc, 0xbf, 0x0b}); // -1.75
  globals.raw({0x7c, 1, 0x44, 1, 0, 0, 0, 0, 0, 0xf8, 0x7f, 0x0b}); // a NaN
  globals.raw({0x7f, 0, 0x23, 0, 0x41, 4, 0x6a, 0x0b});             // global.get 0 + 4
  globals.raw({0x70, 0, 0xd0, 0x70, 0x0b});                         // ref.null func
  Inspected it(module_of({{6, globals}}));
  EXPECT_EQ(it.problem(), "");
  std::vector<std::string_view> values;
  for (const auto& g : it.globals) values.push_back(it.text(g.value));
  EXPECT_EQ(values, (std::vector<std::string_view>{"i32.const -5", "f32.const 0x1p+0", "f64.const -0x1.cp+0",
                                                   "f64.const nan:0x8000000000001",
                                                   "global.get 0, i32.const 4, i32.add", "ref.null func"}));
  EXPECT_EQ(it.globals[3].mutable_, 1);
}

TEST(Inspect, AddressesAreTakenFromConstantsOnly) {
  Payload data;
  data.n(3);
  data.raw({0, 0x41}).s(-16).raw({0x0b}).name("ab");
  data.raw({1}).name("cde");
  data.raw({2, 3, 0x23, 0, 0x0b}).name("");
  Inspected it(module_of({{11, data}}));
  EXPECT_EQ(it.problem(), "");
  ASSERT_EQ(it.data_segments.size(), 3u);
  EXPECT_EQ(it.data_segments[0].address, 0xfffffff0u);
  EXPECT_EQ(it.data_segments[1].mode, 1);
  EXPECT_EQ(it.data_segments[2].address, none64);
  EXPECT_EQ(it.data_segments[2].memory, 3u);
}

TEST(Inspect, TakesTheFirstNameOfAFunction) {
  Payload names;
  names.name("name").raw({1}).sized(Payload().n(1).n(0).name("from_names"));
  auto imports = Payload().n(2).name("m").name("f").raw({0, 0}).name("m").name("g").raw({0, 0});
  Inspected it(module_of({{1, Payload().n(1).raw({0x60, 0, 0})}, {2, imports}, {0, names}}));
  ASSERT_EQ(it.functions.size(), 2u);
  EXPECT_EQ(it.text(it.functions[0].name), "from_names");
  EXPECT_EQ(it.text(it.functions[1].name), "g");
}

TEST(Inspect, EncodesTablesAsTheSchemaSays) {
  Inspected it(ObjectBytes().build());
  std::vector<uint8_t> encoded = encode_tables(it);
  size_t at = 0;
  for (const TableInfo& table : inspection_tables()) {
    const size_t rows = table.rows(it).count;
    ASSERT_EQ(read_le<uint32_t>(encoded.data() + at), rows) << table.name;
    at += 8;
    for (const ColumnInfo& column : table.columns) {
      const size_t width = column.storage == Storage::U8 ? 1 : column.storage == Storage::U32 ? 4 : 8;
      if (column.storage == Storage::Text) at += 2 * ((rows * 4 + 7) / 8 * 8);
      else at += (rows * width + 7) / 8 * 8;
    }
  }
  EXPECT_EQ(read_le<uint32_t>(encoded.data() + at), it.made.size());
  EXPECT_EQ(at + 8 + it.made.size(), encoded.size());
}

TEST(Inspect, JsonIsWellFormedWhateverNamesAre) {
  JsonWriter json;
  json.open('[');
  json.text("a\"\\\n\xff[");
  json.new_line();
  json.number(1);
  json.signed_number(-2);
  json.open('{');
  json.key("k");
  json.boolean(true);
  std::string begin = json.take();
  json.close('}');
  json.close(']');
  EXPECT_EQ(begin + json.take(), "[\"a\\\"\\\\\\u000a\\udcff[\",\n1,-2,{\"k\":true}]");
}

TEST(Inspect, ColumnNamesAreJavaScripts) {
  EXPECT_EQ(camel_case("payload_offset"), "payloadOffset");
  EXPECT_EQ(camel_case("is_64"), "is64");
  EXPECT_EQ(camel_case("mutable_"), "mutable");
}

class OneFile : public Files {
public:
  OneFile(std::string path, Vector<uint8_t> bytes) : path_(std::move(path)), bytes_(std::move(bytes)) {}
  bool exists(const std::string& path) override { return path == path_; }
  bool read(const std::string& path, FileBytes& out, std::string& error) override {
    if (!exists(path)) error = "No such file or directory";
    else out = FileBytes::copy(bytes_);
    return exists(path);
  }
  bool write(const std::string&, Bytes, bool, std::string&) override { return false; }
  bool can_write(const std::string&, std::string&) override { return false; }

private:
  std::string path_;
  Vector<uint8_t> bytes_;
};

// Whatever a file, its name or an argument says, nothing that is printed moves a terminal's cursor.
TEST(Subcommands, PrintNothingThatRestylesATerminal) {
  const std::string hostile = "h\x1b[7m\u202e\u009b";
  Payload names;
  names.name("name").raw({0}).sized(Payload().name(hostile));
  const Vector<uint8_t> module =
      module_of({{7, Payload().n(1).name(hostile).raw({0}).n(9)}, {0, names}, {0, Payload().name(hostile)}});
  OneFile files(hostile, module);
  const std::vector<std::vector<std::string>> runs = {
      {"inspect", hostile},
      {"inspect", "--json", hostile},
      {"inspect", "--line=" + hostile + ":1", hostile},
      {"inspect", "--" + hostile},
      {"inspect", hostile + hostile},
      {"inspect", "--member=" + hostile, hostile},
      {"size", hostile},
      {"size", "--" + hostile},
      {"size", "--limit=" + hostile, hostile},
      {"why", hostile + "x", hostile},
      {"why", hostile, hostile},
      {"diff", hostile},
  };
  for (const std::vector<std::string>& run : runs) {
    std::vector<std::string> argv = {"weld"};
    argv.insert(argv.end(), run.begin(), run.end());
    std::string text;
    const Sink sink = [&](std::string_view part) { text += part; };
    find_subcommand(argv)->run(std::span<const std::string>(argv).subspan(2), files, sink, sink);
    SCOPED_TRACE(run[0] + ": " + text);
    EXPECT_NE(text, "");
    for (const char* control : {"\x1b", "\u202e", "\u009b"}) EXPECT_EQ(text.find(control), text.npos);
  }
}

TEST(Subcommands, AreFoundUnderWeldsNameOnly) {
  auto find = [](std::vector<std::string> argv) { return find_subcommand(argv) != nullptr; };
  EXPECT_TRUE(find({"/usr/bin/weld", "inspect", "a.o"}));
  EXPECT_TRUE(find({"weld", "inspect"}));
  EXPECT_FALSE(find({"wasm-ld", "inspect", "a.o"}));
  EXPECT_FALSE(find({"weld", "a.o", "inspect"}));
  EXPECT_FALSE(find({"weld", "Inspect"}));
  EXPECT_FALSE(find({"weld"}));
  EXPECT_FALSE(find({}));
}

} // namespace

} // namespace weld
