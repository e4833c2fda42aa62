// What is said of code that an engine refuses. The engines here refuse a function that has a certain constant, and tell of
// it in the ways of real ones; js/test/validate.test.mjs asks real ones.
#include "core/base/reader.h"
#include "core/unit/mir_builder.h"
#include "tests/unit/small_objects.h"

#include <algorithm>
#include <cstdio>
#include <gtest/gtest.h>

namespace weld {
namespace {

using Bytestring = Vector<uint8_t>;

constexpr int64_t refused_constant = 2989;
constexpr uint8_t refused_bytes[] = {0x41, 0xad, 0x17}; // i32.const 2989

uint32_t find_refused(Bytes in, size_t from = 0) {
  auto at = std::search(in.begin() + static_cast<std::ptrdiff_t>(from), in.end(), std::begin(refused_bytes),
                        std::end(refused_bytes));
  return at == in.end() ? none32 : static_cast<uint32_t>(at - in.begin());
}

// How an engine tells where the fault is.
enum class Manner { Offset, LastOffset, FunctionAndOffset, Function, WrongFunction, Nothing };

// Which function of a module has the byte at `offset`, and where in its body.
std::pair<uint32_t, uint32_t> function_at(Bytes module, uint32_t offset) {
  ReadFailure failure;
  Reader r(module.subspan(8), module.data(), "module", failure);
  while (!r.at_end()) {
    const bool is_code = r.u8("") == static_cast<uint8_t>(SectionKind::Code);
    Reader section = r.part(r.u32_leb(""), "section", "");
    if (!is_code) continue;
    const uint32_t count = section.u32_leb("");
    for (uint32_t i = 0; i < count; i++) {
      const uint32_t size = section.u32_leb("");
      const auto begin = static_cast<uint32_t>(section.offset());
      section.bytes(size, "");
      if (offset < section.offset()) return {i, offset - begin};
    }
  }
  return {none32, none32};
}

struct FakeEngine {
  Manner manner = Manner::Offset;
  uint32_t asked = 0, bytes = 0;

  EngineAnswer operator()(Bytes module) {
    asked++;
    bytes = static_cast<uint32_t>(module.size());
    EngineAnswer answer;
    uint32_t at = find_refused(module);
    if (at == none32) return answer;
    if (manner == Manner::LastOffset)
      while (find_refused(module, at + 1) != none32) at = find_refused(module, at + 1);
    answer.is_valid = false;
    answer.text = "no such constant";
    const auto [function, offset] = function_at(module, at);
    switch (manner) {
    case Manner::Offset:
    case Manner::LastOffset: answer.offset = at; break;
    case Manner::FunctionAndOffset: answer.offset = offset; [[fallthrough]];
    case Manner::Function: answer.function = function; break;
    case Manner::WrongFunction: answer.function = 1000; break;
    case Manner::Nothing: answer.text = {}; break;
    }
    return answer;
  }
};

struct ValidateTest : testing::Test {
  Session session;
  FakeEngine engine;
  Options options;

  ValidateTest() {
    session.engine = [this](Bytes module) { return engine(module); };
    options.output_name = "out.wasm";
    options.entry = "";
    options.gc_sections = false;
    options.validate = true;
    options.log_overrides = {{DiagnosticId::nothing_exported, Severity::Silent}};
  }

  InputId add(std::string path, const SmallObject& object) {
    return session.add(std::move(path), FileBytes::copy(object.build()));
  }
  LinkResult link() {
    session.diagnostics.clear();
    Options finished = options;
    EXPECT_TRUE(finish_options(finished, session.diagnostics));
    return session.link(finished);
  }
  // The diagnostics, one a line, with the offset as it is in the input.
  std::vector<std::string> said() {
    std::vector<std::string> lines;
    for (const Diagnostic& d : session.diagnostics.rows())
      lines.push_back(render(d, DiagnosticStyle::Weld, Demangling::Llvm22));
    return lines;
  }
};

SmallObject object_with(std::string_view prefix, std::initializer_list<int64_t> constants) {
  SmallObject object;
  for (int64_t constant : constants)
    object.functions.push_back(
        {.name = std::string(prefix) + std::to_string(object.functions.size()), .constant = constant});
  return object;
}

std::string hex(uint32_t n) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%x", n);
  return text;
}

TEST_F(ValidateTest, ValidCodeIsAskedAboutOnce) {
  add("a.o", object_with("a", {1, 2, 3}));
  EXPECT_TRUE(link().ok);
  EXPECT_EQ(engine.asked, 1u);
  EXPECT_TRUE(session.diagnostics.rows().empty());
}

TEST_F(ValidateTest, WithoutTheOptionNobodyIsAsked) {
  options.validate = false;
  add("a.o", object_with("a", {refused_constant}));
  EXPECT_TRUE(link().ok);
  EXPECT_EQ(engine.asked, 0u);
}

class EveryManner : public ValidateTest, public testing::WithParamInterface<Manner> {};

TEST_P(EveryManner, AllFaultsAreFound) {
  engine.manner = GetParam();
  const SmallObject a = object_with("a", {1, refused_constant, 3}),
                    c = object_with("c", {4, 5, refused_constant});
  add("a.o", a);
  add("b.o", object_with("b", {6}));
  add("c.o", c);
  LinkResult result = link();
  EXPECT_FALSE(result.ok);
  EXPECT_TRUE(result.output.empty());
  const bool is_exact = GetParam() <= Manner::FunctionAndOffset;
  std::vector<std::string> lines = said();
  if (GetParam() == Manner::LastOffset) std::sort(lines.begin(), lines.end());
  ASSERT_EQ(lines.size(), 2u);
  const std::string text = GetParam() == Manner::Nothing ? "the engine does not say why" : "no such constant";
  const Bytestring bytes[] = {a.build(), c.build()};
  const char *names[] = {"a1", "c2"}, *files[] = {"a.o", "c.o"};
  for (uint32_t i = 0; i < 2; i++) {
    std::string wanted = "the code of `" + std::string(names[i]) + "` is invalid: " + text + "\n  in " +
                         files[i] + ", section CODE, offset ";
    if (is_exact)
      wanted += hex(find_refused(bytes[i])) + ", in `" + names[i] +
                "`\n  note: the engine stopped at instruction 0, `i32.const`";
    EXPECT_EQ(lines[i].substr(0, wanted.size()), wanted) << lines[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Validate, EveryManner,
                         testing::Values(Manner::Offset, Manner::LastOffset, Manner::FunctionAndOffset,
                                         Manner::Function, Manner::WrongFunction, Manner::Nothing));

TEST_F(ValidateTest, ThereIsABound) {
  SmallObject object;
  for (int i = 0; i < 60; i++)
    object.functions.push_back({.name = "f" + std::to_string(i), .constant = i % 2 ? refused_constant : i});
  add("a.o", object);
  EXPECT_FALSE(link().ok);
  const std::vector<std::string> lines = said();
  ASSERT_EQ(lines.size(), 20u);
  EXPECT_NE(lines[0].find("`f1`"), std::string::npos);
  EXPECT_NE(lines[19].find("`f39`"), std::string::npos);
  EXPECT_EQ(lines[18].find("more functions"), std::string::npos);
  EXPECT_NE(lines[19].find("more functions are invalid: these are the first 20"), std::string::npos);
}

// Fields in front of the fault have shrunk, so it is at another offset in the output.
TEST_F(ValidateTest, OffsetsAreThoseOfTheInput) {
  options.compress_relocations = true;
  options.strip_all = true;
  SmallObject object;
  object.functions = {{.name = "f"},
                      {.name = "g", .calls = {"f", "f"}, .takes = {"f"}, .constant = refused_constant}};
  add("a.o", object);
  EXPECT_FALSE(link().ok);
  ASSERT_EQ(said().size(), 1u);
  const Diagnostic& d = session.diagnostics.rows()[0];
  EXPECT_EQ(d.location.offset, find_refused(object.build()));
  EXPECT_EQ(d.notes.at(0).text, "the engine stopped at instruction 4, `i32.const`");
}

TEST_F(ValidateTest, UnitsAreToldByInstruction) {
  Unit& unit = session.unit(session.add_unit("jit"));
  const UnitSymbol f = unit.declare_function("f", unit.type({}, {}));
  MirBuilder b;
  b.call(f).op(Op::nop).i32(static_cast<int32_t>(refused_constant)).op(Op::drop).end();
  ASSERT_TRUE(unit.set_function(f, {}, b.code()));
  for (bool relocatable : {false, true}) {
    options.relocatable = relocatable;
    EXPECT_FALSE(link().ok);
    ASSERT_EQ(said().size(), 1u);
    EXPECT_EQ(said()[0], "the code of `f` is invalid: no such constant\n"
                         "  in jit, instruction 2, in `f`\n"
                         "  note: the engine stopped at instruction 2, `i32.const`");
  }
}

TEST_F(ValidateTest, ARelinkAsksAboutWhatChanged) {
  session.keeps_links = true;
  SmallObject big = object_with("b", {});
  for (int i = 0; i < 50; i++)
    big.functions.push_back({.name = "b" + std::to_string(i), .calls = {"a0", "a0", "a0", "a0"}});
  const InputId a = add("a.o", object_with("a", {1, 2}));
  add("b.o", big);
  ASSERT_TRUE(link().ok);
  const uint32_t whole = engine.bytes;
  auto replace = [&](int64_t constant) {
    ASSERT_TRUE(session.replace(a, FileBytes::copy(object_with("a", {1, constant}).build())));
  };
  engine.asked = 0;
  replace(5);
  LinkResult result = link();
  ASSERT_TRUE(result.ok);
  EXPECT_EQ(result.stats.rewritten, 1u);
  EXPECT_EQ(engine.asked, 1u);
  EXPECT_LT(engine.bytes, whole / 2);

  replace(refused_constant);
  result = link();
  EXPECT_FALSE(result.ok);
  EXPECT_TRUE(result.output.empty());
  const std::vector<std::string> after_edit = said();
  ASSERT_EQ(after_edit.size(), 1u);

  // Said again by the next link, as a fresh one says it.
  EXPECT_FALSE(link().ok);
  EXPECT_EQ(said(), after_edit);
  replace(6);
  EXPECT_TRUE(link().ok);
  EXPECT_TRUE(said().empty());
}

TEST_F(ValidateTest, AWarningIsRepeated) {
  session.keeps_links = true;
  options.log_overrides.push_back({DiagnosticId::invalid_code, Severity::Warning});
  const InputId a = add("a.o", object_with("a", {1, 2}));
  ASSERT_TRUE(link().ok);
  ASSERT_TRUE(session.replace(a, FileBytes::copy(object_with("a", {1, refused_constant}).build())));
  for (int i = 0; i < 2; i++) {
    LinkResult result = link();
    EXPECT_TRUE(result.ok);
    EXPECT_FALSE(result.output.empty());
    EXPECT_EQ(said().size(), 1u);
  }
}

TEST_F(ValidateTest, AGlobalIsNamed) {
  options.stack_size = 2992;
  options.stack_first = true;
  add("a.o", object_with("a", {1}));
  session.engine = [](Bytes module) {
    constexpr uint8_t constant[] = {0x41, 0xb0, 0x17}; // i32.const 2992
    auto at = std::search(module.begin(), module.end(), std::begin(constant), std::end(constant));
    EngineAnswer answer;
    answer.is_valid = at == module.end();
    answer.text = "no such constant";
    answer.offset = static_cast<uint32_t>(at - module.begin());
    return answer;
  };
  EXPECT_FALSE(link().ok);
  ASSERT_EQ(said().size(), 1u);
  EXPECT_EQ(said()[0],
            "the output is invalid: no such constant\n"
            "  note: the engine stopped in section GLOBAL of the output, at entry 0, `__stack_pointer`");
}

} // namespace
} // namespace weld
