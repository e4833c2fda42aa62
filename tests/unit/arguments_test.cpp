// The command line and the driver, without a file system.

#include "core/tool/arguments.h"
#include "core/tool/driver.h"
#include "core/tool/response_files.h"
#include "tests/unit/fake_files.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <utility>

namespace weld {
namespace {

using namespace std::string_literals;
using Strings = std::vector<std::string>;

std::string sized(std::string_view text) {
  return std::string(1, static_cast<char>(text.size())) + std::string(text);
}

// An object that defines a function of type () -> (), and mentions another when `undefined` is not empty.
std::string object_file(std::string_view defined, std::string_view undefined = {}) {
  bool imports = !undefined.empty();
  std::string out = "\0asm\1\0\0\0"s;
  out += "\1"s + sized("\1\x60\0\0"s);
  if (imports) out += "\2"s + sized("\1"s + sized("env") + sized(undefined) + "\0\0"s);
  out += "\3"s + sized("\1\0"s);
  out += "\12"s + sized("\1\2\0\xb"s);
  std::string symbols = imports ? "\2"s : "\1"s;
  symbols += "\0\0"s + std::string(1, imports ? '\1' : '\0') + sized(defined);
  if (imports) symbols += "\0\x10\0"s;
  return out + "\0"s + sized(sized("linking") + "\2\10"s + sized(symbols));
}

std::string archive_file(const std::vector<std::pair<std::string, std::string>>& members) {
  auto field = [](std::string text, size_t width) {
    text.resize(width, ' ');
    return text;
  };
  std::string out = "!<arch>\n";
  for (const auto& [name, content] : members) {
    out += field(name + "/", 16) + field("0", 12) + field("0", 6) + field("0", 6) + field("644", 8);
    out += field(std::to_string(content.size()), 10) + "`\n" + content;
    if (content.size() % 2) out += '\n';
  }
  return out;
}

struct Parsed {
  Command command;
  Diagnostics diagnostics;

  Strings messages() const {
    Strings out;
    for (const Diagnostic& d : diagnostics.rows())
      out.push_back(std::string(severity_word(d.severity)) + ": " +
                    render(d, DiagnosticStyle::Lld, Demangling::Llvm22));
    return out;
  }
};

Parsed parse(Strings args, FakeFiles files = {}, const char* program = "wasm-ld") {
  args.insert(args.begin(), program);
  Parsed parsed;
  parse_arguments(args, files, parsed.diagnostics, parsed.command);
  return parsed;
}

Options options_of(Strings args) {
  Parsed parsed = parse(std::move(args));
  EXPECT_EQ(parsed.messages(), Strings{});
  return parsed.command.options;
}

Strings complaints_about(Strings args) {
  return parse(std::move(args)).messages();
}

Strings input_names(const Command& command) {
  Strings out;
  for (const InputArgument& input : command.inputs)
    out.push_back((input.kind == InputArgument::Library ? "-l" : "") + input.name);
  return out;
}

struct Outcome {
  int code = 0;
  std::string out, err;
};

Outcome run(FakeFiles& files, Strings args, const char* program = "wasm-ld", Terminals terminals = {}) {
  args.insert(args.begin(), program);
  Outcome result;
  result.code = run_tool(
      args, files, [&](std::string_view text) { result.out += text; },
      [&](std::string_view text) { result.err += text; }, terminals);
  return result;
}

TEST(OptionTable, is_consistent) {
  std::span<const OptionRow> rows = option_rows();
  for (const OptionRow& row : rows) {
    if (row.id == OptionId::none) continue;
    SCOPED_TRACE(row.spelling);
    EXPECT_EQ(row.kind == OptionKind::Flag, help_of(row).argument.empty());
    EXPECT_FALSE(help_of(row).help.ends_with('.'));
    bool joined_with_equals = row.spelling.ends_with('=');
    EXPECT_FALSE(joined_with_equals && row.kind != OptionKind::Joined && row.kind != OptionKind::CommaJoined);
    for (const OptionRow& other : rows) {
      bool is_target = row.alias != OptionId::none && other.id == row.alias;
      EXPECT_FALSE(is_target && other.alias != OptionId::none);
      EXPECT_FALSE(&other != &row && other.spelling == row.spelling && other.dashes == row.dashes);
    }
  }
}

TEST(Arguments, accept_the_dashes_of_the_table) {
  EXPECT_TRUE(options_of({"--shared"}).shared);
  EXPECT_TRUE(options_of({"-shared"}).shared);
  EXPECT_TRUE(options_of({"--export-all"}).export_all);
  EXPECT_EQ(complaints_about({"--o"}), Strings{"error: unknown argument: --o"});
  EXPECT_EQ(complaints_about({"--"}), Strings{"error: unknown argument: --"});
}

TEST(Arguments, longest_spelling_wins) {
  // wasm-ld knows --export-all with two dashes only, so one dash makes it `-e`.
  EXPECT_EQ(options_of({"-export-all"}).entry, "xport-all");
  EXPECT_EQ(options_of({"-export=f"}).exports, Strings{"f"});
  EXPECT_EQ(options_of({"-export-if-defined=f"}).exports_if_defined, Strings{"f"});
  EXPECT_EQ(complaints_about({"-mllvmfoo"}), Strings{"error: invalid target architecture: llvmfoo"});
}

TEST(Arguments, value_joined_or_separate) {
  EXPECT_EQ(parse({"-o", "x"}).command.output_path, "x");
  EXPECT_EQ(parse({"-ox"}).command.output_path, "x");
  EXPECT_EQ(options_of({"--export", "a", "--export=b"}).exports, (Strings{"a", "b"}));
  EXPECT_EQ(options_of({"-u", "a", "-ub", "--undefined=c"}).undefined, (Strings{"a", "b", "c"}));
  EXPECT_EQ(options_of({"--export", "--foo"}).exports, Strings{"--foo"});
  EXPECT_EQ(complaints_about({"a.o", "--export"}), Strings{"error: --export: missing argument"});
  EXPECT_EQ(complaints_about({"-o"}), Strings{"error: -o: missing argument"});
}

TEST(Arguments, single_dash_is_an_input_and_nothing_is_not) {
  EXPECT_EQ(input_names(parse({"-", "", "a.o"}).command), (Strings{"-", "a.o"}));
}

TEST(Arguments, last_one_wins) {
  EXPECT_EQ(options_of({"--max-memory=65536", "--max-memory=131072"}).max_memory, 131072u);
  EXPECT_EQ(options_of({"--max-memory=x", "--max-memory=131072"}).max_memory, 131072u);
  EXPECT_EQ(options_of({"--gc-sections", "--no-gc-sections"}).gc_sections, false);
  EXPECT_EQ(options_of({"--no-gc-sections", "--gc-sections"}).gc_sections, true);
  EXPECT_EQ(options_of({}).gc_sections, std::nullopt);
  EXPECT_EQ(options_of({"--no-entry", "--entry=f"}).entry, "f");
  EXPECT_EQ(options_of({"--entry=f", "--no-entry"}).entry, "");
  EXPECT_EQ(options_of({}).entry, std::nullopt);
  EXPECT_EQ(options_of({"--stack-first", "--no-stack-first"}).stack_first, false);
  EXPECT_EQ(options_of({"--features=a", "--features=b"}).features, Strings{"b"});
}

TEST(Arguments, numbers) {
  EXPECT_EQ(options_of({"--max-memory=-5"}).max_memory, ~0ull - 4);
  for (const char* bad : {"", "x", "+5", " 5", "0x10", "9223372036854775808", "99999999999999999999"}) {
    std::string text = std::string("--max-memory=") + bad;
    EXPECT_EQ(complaints_about({text}),
              Strings{"error: " + text + ": number expected, but got '" + bad + "'"});
  }
  EXPECT_EQ(complaints_about({"-O", "2x"}), Strings{"error: -O: number expected, but got '2x'"});
  EXPECT_EQ(complaints_about({"-i"}), Strings{"error: -i: number expected, but got ''"});
}

TEST(Arguments, stack_size_in_any_base) {
  EXPECT_EQ(options_of({"-z", "stack-size=65536"}).stack_size, 65536u);
  EXPECT_EQ(options_of({"-zstack-size=0x20000"}).stack_size, 0x20000u);
  EXPECT_EQ(options_of({"-z", "stack-size=0b10000"}).stack_size, 16u);
  EXPECT_EQ(options_of({"-z", "stack-size=0200000"}).stack_size, 65536u);
  EXPECT_EQ(options_of({"-z", "stack-size=0o20"}).stack_size, 16u);
  EXPECT_EQ(options_of({"-z", "stack-size=16", "-z", "stack-size=32"}).stack_size, 32u);
  for (const char* bad : {"", "-5", "08", "0x", "1_0", "0xx"})
    EXPECT_EQ(complaints_about({std::string("-zstack-size=") + bad}),
              Strings{std::string("error: invalid stack-size: ") + bad});
}

TEST(Arguments, z_values) {
  EXPECT_TRUE(options_of({"-z", "muldefs"}).allow_multiple_definition);
  EXPECT_EQ(complaints_about({"-z", "now"}), Strings{"warning: unknown -z value: now"});
  EXPECT_EQ(complaints_about({"-z", "stack-size"}),
            (Strings{"warning: unknown -z value: stack-size", "error: invalid stack-size: "}));
}

TEST(Arguments, undefined_symbols) {
  EXPECT_EQ(options_of({}).unresolved, UnresolvedPolicy::Error);
  EXPECT_EQ(options_of({"--warn-unresolved-symbols"}).unresolved, UnresolvedPolicy::Warn);
  EXPECT_EQ(options_of({"--unresolved-symbols=report-all", "--warn-unresolved-symbols"}).unresolved,
            UnresolvedPolicy::Warn);
  EXPECT_EQ(options_of({"--unresolved-symbols=import-dynamic"}).unresolved, UnresolvedPolicy::ImportDynamic);
  Options allowed = options_of({"--allow-undefined", "--unresolved-symbols=report-all"});
  EXPECT_EQ(allowed.unresolved, UnresolvedPolicy::Ignore);
  EXPECT_TRUE(allowed.import_undefined);
  EXPECT_FALSE(options_of({"--unresolved-symbols=ignore-all"}).import_undefined);
  EXPECT_EQ(complaints_about({"--unresolved-symbols=no"}),
            Strings{"error: unknown --unresolved-symbols value: no"});
}

TEST(Arguments, map) {
  EXPECT_FALSE(options_of({}).map);
  EXPECT_TRUE(options_of({"-M"}).map);
  EXPECT_EQ(parse({"--print-map", "--Map=a.map"}).command.map_path, "-");
  EXPECT_EQ(parse({"--Map=a.map"}).command.map_path, "a.map");
}

TEST(Arguments, build_id) {
  EXPECT_EQ(options_of({}).build_id, BuildIdKind::None);
  EXPECT_EQ(options_of({"--build-id"}).build_id, BuildIdKind::Fast);
  EXPECT_EQ(options_of({"--build-id=tree"}).build_id, BuildIdKind::Sha1);
  EXPECT_EQ(options_of({"--build-id=uuid", "--build-id=none"}).build_id, BuildIdKind::None);
  EXPECT_EQ(options_of({"--build-id=uuid", "--build-id"}).build_id, BuildIdKind::Fast);
  EXPECT_EQ(options_of({"--build-id=0xabC"}).build_id_bytes, (Vector<uint8_t>{0xab, 0xc}));
  EXPECT_EQ(complaints_about({"--build-id=0x1zz"}), Strings{"error: not a hexadecimal value: 1z"});
  EXPECT_EQ(complaints_about({"--build-id=md5"}), Strings{"error: unknown --build-id style: md5"});
}

TEST(Arguments, files_beside_the_output) {
  EXPECT_FALSE(options_of({"-o", "out.wasm"}).source_map);
  EXPECT_EQ(options_of({"-o", "a/out.wasm", "--source-map"}).source_map_url, "out.wasm.map");
  EXPECT_EQ(options_of({"-o", "out.wasm", "--source-map", "--source-map=b/x.map"}).source_map_url, "x.map");
  EXPECT_EQ(options_of({"-o", "out.wasm", "--source-map", "--source-map-url="}).source_map_url, "");
  const Options o = options_of({"-o", "out.wasm", "--source-map", "--source-map-prefix=/a==b",
                                "--source-map-prefix=c=", "--source-map-ignore=x", "--source-map-ignore=y"});
  const std::vector<std::pair<std::string, std::string>> prefixes = {{"/a", "=b"}, {"c", ""}};
  EXPECT_EQ(o.source_map_prefixes, prefixes);
  EXPECT_EQ(o.source_map_ignored, (Strings{"x", "y"}));
  EXPECT_FALSE(options_of({"-o", "out.wasm"}).separate_debug);
  EXPECT_EQ(options_of({"-o", "out.wasm", "--separate-dwarf"}).debug_file_url, "out.wasm.debug.wasm");
  EXPECT_EQ(options_of({"-o", "out.wasm", "--separate-dwarf=a/b.wasm"}).debug_file_url, "b.wasm");
}

TEST(Arguments, memory_imports_and_exports) {
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(options_of({"--import-memory"}).import_memory, (Pair{"env", "memory"}));
  EXPECT_EQ(options_of({"--import-memory=a,b,c"}).import_memory, (Pair{"a", "b,c"}));
  EXPECT_EQ(options_of({"--import-memory=a"}).import_memory, (Pair{"a", ""}));
  EXPECT_EQ(options_of({"--export-memory=m", "--export-memory"}).export_memory, "m");
  EXPECT_EQ(options_of({"--export-memory"}).export_memory, "memory");
}

TEST(Arguments, feature_lists) {
  EXPECT_EQ(options_of({"--features=a,,b"}).features, (Strings{"a", "b"}));
  EXPECT_EQ(options_of({"--features="}).features, Strings{});
  EXPECT_EQ(options_of({}).features, std::nullopt);
  EXPECT_EQ(options_of({"--extra-features=a,b,"}).extra_features, (Strings{"a", "b"}));
}

TEST(Arguments, inputs_take_the_state_before_them) {
  Command c = parse({"a.o", "--whole-archive", "-lb", "--no-whole-archive", "--start-lib", "c.o", "--end-lib",
                     "-Bdynamic", "-l", "d", "-static", "--library=e"})
                  .command;
  EXPECT_EQ(input_names(c), (Strings{"a.o", "-lb", "c.o", "-ld", "-le"}));
  EXPECT_FALSE(c.inputs[0].whole_archive);
  EXPECT_TRUE(c.inputs[1].whole_archive && c.inputs[1].is_static);
  EXPECT_TRUE(c.inputs[2].lazy && !c.inputs[2].whole_archive);
  EXPECT_FALSE(c.inputs[3].is_static || c.inputs[3].lazy);
  EXPECT_TRUE(c.inputs[4].is_static);
  EXPECT_FALSE(parse({"-shared", "-la"}).command.inputs[0].is_static);
  EXPECT_EQ(complaints_about({"--start-lib", "--start-lib"}), Strings{"error: nested --start-lib"});
  EXPECT_EQ(complaints_about({"--end-lib"}), Strings{"error: stray --end-lib"});
}

TEST(Arguments, flavor_is_dropped) {
  Parsed parsed = parse({"-flavor", "wasm", "a.o"});
  EXPECT_EQ(input_names(parsed.command), Strings{"a.o"});
  EXPECT_EQ(parsed.messages(), Strings{});
  EXPECT_EQ(complaints_about({"-flavor", "gnu"}), Strings{"error: Unknown flavor: gnu"});
}

TEST(Arguments, llvm_options_change_nothing) {
  EXPECT_EQ(complaints_about({"-mllvm", "-foo", "--mllvm=-bar", "--lto-O2", "--thinlto-jobs=4",
                              "--save-temps", "--thinlto-cache-policy", "x", "--threads=8", "--lto-CGO1"}),
            Strings{});
  EXPECT_EQ(complaints_about({"--lto-O9"}), Strings{"error: invalid optimization level for LTO: 9"});
  EXPECT_EQ(complaints_about({"--threads", "0"}),
            Strings{"error: --threads: expected a positive integer, but got '0'"});
}

TEST(Arguments, gnu_options_under_the_own_name_only) {
  Strings args = {"--start-group", "a.o", "--end-group"};
  EXPECT_EQ(parse(args, {}, "weld").messages(), Strings{});
  EXPECT_EQ(parse(args, {}, "wasm-ld").messages(),
            (Strings{"error: unknown argument: --start-group", "error: unknown argument: --end-group"}));
  args.push_back("--compat=weld");
  EXPECT_EQ(parse(args, {}, "wasm-ld").messages(), Strings{});
}

TEST(Arguments, push_and_pop_state) {
  Command c = parse({"--push-state", "--whole-archive", "a.a", "--pop-state", "b.a"}, {}, "weld").command;
  EXPECT_TRUE(c.inputs[0].whole_archive);
  EXPECT_FALSE(c.inputs[1].whole_archive);
}

TEST(Arguments, program_name_decides) {
  EXPECT_EQ(compat_of_program("weld"), Compat::Weld);
  EXPECT_EQ(compat_of_program("/usr/bin/wasm-ld"), Compat::Lld19);
  EXPECT_EQ(compat_of_program("/opt/lld/weld"), Compat::Weld);
  EXPECT_EQ(compat_of_program("wasm-ld-19"), Compat::Lld19);
  EXPECT_EQ(compat_of_program("wasm-ld-22"), Compat::Lld22);
  EXPECT_EQ(compat_of_program("wasm-ld-23"), Compat::Lld23);
  EXPECT_EQ(compat_of_program("wasm-ld-24"), Compat::Lld23);
  EXPECT_EQ(parse({}, {}, "C:\\bin\\wasm-ld.exe").command.program, "wasm-ld");
  EXPECT_EQ(parse({"--compat=lld-22"}, {}, "weld").command.options.compat, Compat::Lld22);
  EXPECT_EQ(parse({"--compat=lld-23"}, {}, "weld").command.options.compat, Compat::Lld23);
  EXPECT_EQ(complaints_about({"--compat=gold"}), Strings{"error: unknown --compat value: gold"});
}

TEST(Arguments, suggestions) {
  EXPECT_EQ(suggest_option("--expor-all", Compat::Weld), "--export-all");
  EXPECT_EQ(suggest_option("-no-entri", Compat::Weld), "--no-entry");
  EXPECT_EQ(suggest_option("--maxmemory=5", Compat::Weld), "--max-memory=");
  EXPECT_EQ(suggest_option("--start-grou", Compat::Weld), "--start-group");
  EXPECT_EQ(suggest_option("--start-grou", Compat::Lld19), "");
  EXPECT_EQ(suggest_option("--version-script=x", Compat::Weld), "");
  EXPECT_EQ(suggest_option("--", Compat::Weld), "");
}

TEST(ResponseFiles, gnu_quoting) {
  Strings out;
  split_response_file("\xef\xbb\xbf a 'b c'\t\"d \\\" e\"\r\nf\\ g '' h\"i\"'j' \\\\ 'k\\'l'", false, out);
  EXPECT_EQ(out, (Strings{"a", "b c", "d \" e", "f g", "hij", "\\", "k'l"}));
}

TEST(ResponseFiles, utf_16) {
  Strings out;
  split_response_file("\xff\xfe"
                      "a\0 \0\x3d\xd8\x00\xde"s,
                      false, out); // U+1F600, as a pair of surrogates
  split_response_file("\xfe\xff"
                      "\0b\0\n\xd8\x3d\0c"s,
                      false, out); // half of such a pair
  EXPECT_EQ(out, (Strings{"a", "\xf0\x9f\x98\x80", "b",
                          "\xef\xbf\xbd"
                          "c"}));
}

TEST(ResponseFiles, windows_quoting) {
  Strings out;
  split_response_file(R"(a\b "c d" "" e\\"f g" \"h "i""j" k\ 'l)", true, out);
  EXPECT_EQ(out, (Strings{"a\\b", "c d", "", "e\\f g", "\"h", "i\"j", "k\\", "'l"}));
}

TEST(ResponseFiles, expand_in_place_and_nest) {
  FakeFiles files;
  files.put("a.rsp", "b.o @b.rsp e.o --export");
  files.put("b.rsp", "c.o 'd e.o'");
  Parsed parsed = parse({"a.o", "@a.rsp", "f", "@none", "@"}, files);
  EXPECT_EQ(input_names(parsed.command), (Strings{"a.o", "b.o", "c.o", "d e.o", "e.o", "@none", "@"}));
  EXPECT_EQ(parsed.command.options.exports, Strings{"f"});
}

TEST(ResponseFiles, quoting_is_chosen_outside) {
  FakeFiles files;
  files.put("a.rsp", "dir\\a.o");
  EXPECT_EQ(input_names(parse({"@a.rsp", "--rsp-quoting=windows"}, files).command), Strings{"dir\\a.o"});
  EXPECT_EQ(input_names(parse({"@a.rsp", "--rsp-quoting", "posix"}, files).command), Strings{"dira.o"});
  EXPECT_EQ(parse({"--rsp-quoting=dos"}).messages(), Strings{"error: invalid response file quoting: dos"});
}

TEST(ResponseFiles, recursion_is_refused) {
  FakeFiles files;
  files.put("a.rsp", "@b.rsp");
  files.put("b.rsp", "@a.rsp");
  Parsed parsed = parse({"@a.rsp"}, files);
  EXPECT_EQ(parsed.messages(), Strings{"error: recursive expansion of: '/work/a.rsp'"});
  EXPECT_EQ(input_names(parsed.command), Strings{"@a.rsp"});
  // The same file twice, one after the other, is fine.
  files.put("c.rsp", "x.o");
  EXPECT_EQ(input_names(parse({"@c.rsp", "@c.rsp"}, files).command), (Strings{"x.o", "x.o"}));
}

TEST(ResponseFiles, growth_is_bounded) {
  FakeFiles files;
  files.put("0", "a b c d e f g h");
  for (int i = 1; i < 20; i++) {
    std::string below = "@" + std::to_string(i - 1) + " ";
    files.put(std::to_string(i), below + below + below + below);
  }
  EXPECT_EQ(parse({"@19"}, files).messages(), Strings{"error: response files expand to too many arguments"});
}

struct DriverTest : testing::Test {
  FakeFiles files;
  DriverTest() {
    files.put("main.o", object_file("_start"));
    files.put("user.o", object_file("_start", "f"));
    files.put("f.o", object_file("f"));
    files.put("lib/libf.a", archive_file({{"f.o", object_file("f")}}));
  }
};

TEST_F(DriverTest, links_and_writes_an_executable) {
  Outcome r = run(files, {"main.o", "-o", "out.wasm"});
  EXPECT_EQ(r.err, "");
  EXPECT_EQ(r.code, 0);
  EXPECT_EQ(files.executables, Strings{"out.wasm"});
  EXPECT_TRUE(files.find("out.wasm")->starts_with(std::string_view("\0asm", 4)));
}

TEST_F(DriverTest, output_to_standard_output) {
  Outcome r = run(files, {"main.o", "-o", "-"});
  EXPECT_EQ(r.code, 0);
  EXPECT_TRUE(r.out.starts_with(std::string_view("\0asm", 4)));
  EXPECT_EQ(files.executables, Strings{});
}

// Whatever is random about it, its version is 4 and its variant that of RFC 9562.
TEST_F(DriverTest, build_id_is_a_random_uuid) {
  EXPECT_EQ(run(files, {"main.o", "--build-id=uuid", "-o", "x"}).err, "");
  EXPECT_TRUE(files.find("x")->ends_with(
      "\x8"
      "build_id\x10\xff\xff\xff\xff\xff\xff\x4f\xff\xbf\xff\xff\xff\xff\xff\xff\xff"));
}

TEST_F(DriverTest, finds_libraries) {
  EXPECT_EQ(run(files, {"user.o", "-lf", "-Llib", "-o", "x"}).err, "");
  EXPECT_EQ(run(files, {"user.o", "-Lnone", "-Llib/", "-l:libf.a", "-o", "x"}).err, "");
  EXPECT_EQ(run(files, {"user.o", "-lf", "-o", "x"}).err, "wasm-ld: error: unable to find library -lf\n");
  EXPECT_EQ(run(files, {"user.o", "-lg", "-Llib", "-o", "x"}, "weld").err,
            "weld: error: unable to find library `-lg`\n  note: searched in lib\n");
}

TEST_F(DriverTest, shared_libraries_only_when_not_static) {
  files.put("lib/libf.so", "junk");
  EXPECT_EQ(run(files, {"user.o", "-lf", "-Llib", "-o", "x"}).err, "");
  EXPECT_EQ(run(files, {"user.o", "-Bdynamic", "-lf", "-Llib", "-o", "x"}).err,
            "wasm-ld: error: unknown file type: lib/libf.so\n");
}

TEST_F(DriverTest, thin_archive_members_are_beside_the_archive) {
  std::string thin = archive_file({{"f.o", ""}});
  size_t size = object_file("f").size();
  thin.replace(0, 8, "!<thin>\n");
  thin.replace(8 + 48, 2, std::to_string(size));
  files.put("lib/thin.a", thin);
  EXPECT_NE(run(files, {"user.o", "lib/thin.a", "-o", "x"}).code, 0);
  files.put("lib/f.o", object_file("f"));
  EXPECT_EQ(run(files, {"user.o", "lib/thin.a", "-o", "x"}).err, "");
}

TEST_F(DriverTest, imports_file_beside_an_archive) {
  files.put("lib/libm.a", archive_file({{"m.o", object_file("m")}}));
  auto imports_f = [&](const char* argument) {
    EXPECT_EQ(run(files, {"user.o", "--no-gc-sections", "-o", "x", argument}).err, "");
    return files.find("x")->find("\3env\1f") != std::string::npos;
  };
  EXPECT_FALSE(imports_f("lib/libm.a"));
  files.put("lib/libm.imports", "# what the host has\n\n  f \r\n");
  EXPECT_TRUE(imports_f("lib/libm.a"));
  files.put("names", "f\n");
  EXPECT_TRUE(imports_f("--allow-undefined-file=names"));
  EXPECT_EQ(run(files, {"user.o", "--allow-undefined-file=none", "-o", "x"}).err,
            "wasm-ld: error: cannot open none: No such file or directory\n");
}

TEST_F(DriverTest, complaints_in_order) {
  EXPECT_EQ(run(files, {"--foo", "-z", "bar", "none.o", "--max-memory=x"}).err,
            "wasm-ld: error: unknown argument: --foo\n"
            "wasm-ld: warning: unknown -z value: bar\n"
            "wasm-ld: error: --max-memory=x: number expected, but got 'x'\n"
            "wasm-ld: error: cannot open none.o: No such file or directory\n");
  EXPECT_EQ(run(files, {"main.o"}).err, "wasm-ld: error: no output file specified\n");
  EXPECT_EQ(run(files, {}).err, "wasm-ld: error: no input files\n");
  files.put("empty.a", "!<arch>\n");
  EXPECT_EQ(run(files, {"empty.a", "-o", "x"}).err, "wasm-ld: error: no input files\n");
  EXPECT_EQ(run(files, {"main.o", "empty.a", "-o", "x"}).err, "");
}

TEST_F(DriverTest, own_name_suggests) {
  EXPECT_EQ(run(files, {"--expor-all"}, "weld").err,
            "weld: error: unknown argument `--expor-all`\n  note: did you mean `--export-all`?\n");
}

TEST_F(DriverTest, own_name_suggests_commands) {
  auto err = [&](Strings arguments, const char* program) {
    return run(files, std::move(arguments), program).err;
  };
  EXPECT_NE(err({"sise", "main.json"}, "weld").find("note: did you mean `weld size`?\n"), std::string::npos);
  EXPECT_NE(err({"link", "main.o", "-o", "x"}, "weld").find("note: no command is needed to link"),
            std::string::npos);
  EXPECT_NE(err({"disassemble", "main.o"}, "weld").find("note: there is no command of this name"),
            std::string::npos);
  EXPECT_EQ(err({"size.o", "main.o"}, "weld").find("command"), std::string::npos);
  EXPECT_EQ(err({"main.o", "sise"}, "weld").find("note"), std::string::npos);
  EXPECT_EQ(err({"sise", "main.o"}, "wasm-ld"),
            "wasm-ld: error: cannot open sise: No such file or directory\n");
}

TEST_F(DriverTest, a_dash_is_the_standard_input) {
  files.put("/dev/stdin", *files.find("main.o"));
  EXPECT_EQ(run(files, {"-", "-o", "x", "--dependency-file=d"}, "weld").err, "");
  EXPECT_EQ(*files.find("d"), "x:\n");
  const std::string from_input = *files.find("x");
  EXPECT_EQ(run(files, {"main.o", "-o", "x"}, "weld").err, "");
  EXPECT_EQ(from_input, *files.find("x"));
  // wasm-ld takes it for a file's name.
  EXPECT_EQ(run(files, {"-", "-o", "x"}).err, "wasm-ld: error: cannot open -: No such file or directory\n");
}

TEST_F(DriverTest, error_limit) {
  EXPECT_EQ(run(files, {"--error-limit=2", "a", "b", "c", "d"}).err,
            "wasm-ld: error: cannot open a: No such file or directory\n"
            "wasm-ld: error: cannot open b: No such file or directory\n"
            "wasm-ld: error: too many errors emitted, stopping now (use -error-limit=0 to see all errors)\n");
  std::string all = run(files, Strings(30, "a")).err;
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 21);
  Strings unlimited(30, "a");
  unlimited.push_back("--error-limit=0");
  all = run(files, unlimited).err;
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 30);
}

TEST_F(DriverTest, fatal_warnings) {
  Outcome r = run(files, {"main.o", "-o", "x", "-z", "foo", "--fatal-warnings"});
  EXPECT_EQ(r.err, "wasm-ld: error: unknown -z value: foo\n");
  EXPECT_EQ(r.code, 1);
  EXPECT_FALSE(files.exists("x"));
  r = run(files, {"main.o", "-o", "x", "-z", "foo"});
  EXPECT_EQ(r.err, "wasm-ld: warning: unknown -z value: foo\n");
  EXPECT_EQ(r.code, 0);
}

TEST_F(DriverTest, empty_line_between_long_messages) {
  files.put("both.o", object_file("_start"));
  EXPECT_EQ(run(files, {"main.o", "both.o", "f.o", "f.o", "-o", "x"}).err,
            "wasm-ld: error: duplicate symbol: _start\n>>> defined in main.o\n>>> defined in both.o\n"
            "\n"
            "wasm-ld: error: duplicate symbol: f\n>>> defined in f.o\n>>> defined in f.o\n");
}

TEST_F(DriverTest, colors) {
  EXPECT_EQ(run(files, {"a"}, "wasm-ld", {.err = true, .err_has_colors = true}).err,
            "wasm-ld: \x1b[0;31merror: \x1b[0mcannot open a: No such file or directory\n");
  EXPECT_EQ(run(files, {"--color-diagnostics", "-z", "b"}).err,
            "wasm-ld: \x1b[0;35mwarning: \x1b[0munknown -z value: b\n"
            "wasm-ld: \x1b[0;31merror: \x1b[0mno input files\n");
  EXPECT_EQ(run(files, {"--color-diagnostics", "--no-color-diagnostics"}, "wasm-ld",
                {.err = true, .err_has_colors = true})
                .err,
            "wasm-ld: error: no input files\n");
}

// A terminal gets names escaped, whatever the style; everybody else gets wasm-ld's bytes.
TEST_F(DriverTest, names_on_a_terminal) {
  const std::string hostile = "h\x1b[7m\xc2\x9b"
                              "1m";
  const std::string escaped = "h\\x1b[7m\\xc2\\x9b1m";
  files.put("main.o", object_file("_start"));
  files.put(hostile + ".o", object_file(hostile));
  const Terminals terminals = {true, true, false};
  auto holds = [](const std::string& text, const std::string& part) { return text.find(part) != text.npos; };
  for (const char* option :
       {"--trace", "--print-gc-sections", "--print-map", "--verbose", "-Map=-", "--why-extract=-"}) {
    SCOPED_TRACE(option);
    const char* wanted = std::string_view(option) == "--print-gc-sections" ? "-u" : "--export";
    const Strings args = {"main.o", "--start-lib", hostile + ".o", "--end-lib", wanted, hostile,
                          "-o",     "x",           option};
    const Outcome seen = run(files, args, "wasm-ld", terminals), piped = run(files, args);
    EXPECT_EQ(seen.code, 0);
    EXPECT_FALSE(holds(seen.out + seen.err, "\x1b"));
    EXPECT_FALSE(holds(seen.out + seen.err, "\xc2\x9b"));
    EXPECT_TRUE(holds(seen.out + seen.err, escaped));
    EXPECT_TRUE(holds(piped.out + piped.err, hostile));
  }
  const Strings traced = {"main.o", hostile + ".o", "-y", hostile, "-o", "x"};
  EXPECT_EQ(run(files, traced, "wasm-ld", terminals).out, escaped + ".o: definition of " + escaped + "\n");
  EXPECT_EQ(run(files, traced).out, hostile + ".o: definition of " + hostile + "\n");
  // What is not the standard output, or not a terminal, is as it was.
  EXPECT_EQ(run(files, traced, "wasm-ld", {.err = true}).out, hostile + ".o: definition of " + hostile + "\n");
  const Strings twice = {"main.o", hostile + ".o", hostile + ".o", "-o", "x"};
  EXPECT_EQ(run(files, twice, "wasm-ld", {.err = true}).err, "wasm-ld: error: duplicate symbol: " + escaped +
                                                                 "\n>>> defined in " + escaped +
                                                                 ".o\n>>> defined in " + escaped + ".o\n");
  EXPECT_TRUE(holds(run(files, twice, "weld", {.err = true}).err, escaped));
}

TEST_F(DriverTest, version_and_help) {
  Outcome r = run(files, {"--version", "none.o"});
  EXPECT_EQ(r.out, version_text(Compat::Lld19) + "\n");
  EXPECT_EQ(r.err, "");
  EXPECT_EQ(r.code, 0);
  EXPECT_EQ(run(files, {"--foo", "--version"}).code, 1);
  // From LLD 22 on, -v goes on when there is something to link.
  EXPECT_EQ(run(files, {"-v", "none.o"}).err, "");
  EXPECT_EQ(run(files, {"-v", "none.o", "--compat=lld-22"}).code, 1);
  EXPECT_EQ(run(files, {"-v", "--compat=lld-22"}).code, 0);
  r = run(files, {"--help"});
  EXPECT_EQ(r.code, 0);
  EXPECT_NE(r.out.find("\n  --export=<NAME>  "), r.out.npos);
}

TEST_F(DriverTest, unwritable_outputs_are_found_before_linking) {
  files.unwritable = {"x", "w"};
  EXPECT_EQ(run(files, {"user.o", "-o", "x"}).err,
            "wasm-ld: error: cannot open output file x: Permission denied\n");
  EXPECT_EQ(run(files, {"main.o", "-o", "y", "--why-extract=w"}).err,
            "wasm-ld: error: cannot open --why-extract= file w: Permission denied\n");
}

TEST_F(DriverTest, why_extract) {
  EXPECT_EQ(run(files, {"user.o", "lib/libf.a", "-o", "x", "--why-extract=w"}).err, "");
  EXPECT_EQ(*files.find("w"), "reference\textracted\tsymbol\nuser.o\tlib/libf.a(f.o)\tf\n");
  EXPECT_EQ(run(files, {"main.o", "-o", "x", "--why-extract=-"}).out, "reference\textracted\tsymbol\n");
}

TEST_F(DriverTest, reproduce_stays_inside) {
  files.put("lib/../user.o", *files.find("user.o"));
  files.put("./lib/.././lib/libf.a", *files.find("lib/libf.a"));
  Strings args = {"lib/../user.o", "./lib/.././lib/libf.a", "-o", "x", "--reproduce=r.tar"};
  EXPECT_EQ(run(files, args).err, "");
  std::string tar = *files.find("r.tar");
  EXPECT_EQ(tar.find(".."), tar.npos);
  EXPECT_NE(tar.find("r/work/user.o"), tar.npos);
  EXPECT_NE(tar.find("work/user.o\nwork/lib/libf.a\n"), tar.npos);
}

TEST_F(DriverTest, reproduce) {
  Strings args = {"user.o", "-Llib", "-lf", "-o", "dir/x", "-u", "a b", "--reproduce=dir/r.tar"};
  EXPECT_EQ(run(files, args).err, "");
  std::string tar = *files.find("dir/r.tar");
  EXPECT_EQ(tar.size() % 512, 0u);
  EXPECT_EQ(tar.find("r/response.txt"), 0u);
  EXPECT_NE(tar.find("r/work/user.o"), tar.npos);
  EXPECT_NE(tar.find("r/work/lib/libf.a"), tar.npos);
  EXPECT_NE(tar.find("work/user.o\nwork/lib/libf.a\n-o x\n-u \"a b\"\n"), tar.npos);
}

} // namespace
} // namespace weld
