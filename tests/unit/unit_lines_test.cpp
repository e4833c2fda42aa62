// Lines and names of units: what is refused, what messages show, and what debug information a link makes. Random programs
// go to the folder that WELD_TEST_OUTPUT names, with the place of each instruction, for readers of debug information
// (tests/units.test.mjs).
#include "core/inspect/inspection.h"
#include "core/report/report.h"
#include "tests/unit/unit_fixture.h"

#include <map>
#include <random>

namespace weld {
namespace {

constexpr ValueType f64 = ValueType::F64;

// Numbers below `n`, the same in each run.
struct Random {
  std::mt19937 generator;
  uint32_t operator()(uint32_t n) { return static_cast<uint32_t>(generator()) % n; }
};

struct UnitLinesTest : testing::Test {
  Session session;
  Unit& unit = session.unit(session.add_unit("main.tiny"));
  MirBuilder b;
  UnitSymbol f = unit.declare_function("f", unit.type(std::array{i32}, {}));

  // A function with a parameter, two locals and five instructions.
  void set(const FunctionSource& source = {}) {
    b.clear();
    b.local_get(0).local_set(1).op(Op::nop).op(Op::nop).end();
    ASSERT_TRUE(unit.set_function(f, std::array{i32, f64}, b.code(), 0, source)) << messages(session);
    ASSERT_TRUE(unit.export_as(f));
  }
  std::string refused(const FunctionSource& source) {
    session.diagnostics.clear();
    EXPECT_FALSE(unit.set_lines(f, source.lines) && unit.set_variables(f, source.variables));
    std::string text = messages(session);
    return text.substr(0, text.find('\n'));
  }
  std::string place(uint32_t instruction) const {
    const SourcePlace at = unit.place_of(unit[f], instruction);
    return at.line ? at.file + ':' + std::to_string(at.line) + ':' + std::to_string(at.column) : "";
  }
};

TEST_F(UnitLinesTest, RefusesWhatIsNotThere) {
  set();
  auto lines = [&](std::initializer_list<SourceRow> rows, uint32_t file = 0) {
    return refused({{std::span(rows.begin(), rows.size()), file, 1}, {}});
  };
  auto variable = [&](std::initializer_list<SourceVariable> variables) {
    return refused({{}, std::span(variables.begin(), variables.size())});
  };
  EXPECT_EQ(lines({}, 1), "`f`: there is no source file 1");
  EXPECT_EQ(lines({{0, 0, 1, 0}, {1, 3, 1, 0}}), "`f`: line 1: there is no source file 3");
  EXPECT_EQ(lines({{5, 0, 1, 0}}), "`f`: line 0: the function has no such instruction");
  EXPECT_EQ(lines({{1, 0, 1, 0}, {1, 0, 2, 0}}),
            "`f`: line 1: its instruction does not come after that of the line before");
  EXPECT_EQ(variable({{"", 0}}), "`f`: variable 0: it needs a name without zeros");
  EXPECT_EQ(variable({{std::string_view("a\0b", 3), 0}}), "`f`: variable 0: it needs a name without zeros");
  EXPECT_EQ(variable({{"x", 2}, {"y", 3}}), "`f`: variable 1: there is no local 3");
  EXPECT_EQ(variable({{"x", 0, 0}}), "`f`: variable 0: there is no type 0");
  EXPECT_EQ(variable({{"x", 0, none32, 2, 2}}), "`f`: variable 0: no instruction sees it");
  EXPECT_EQ(variable({{"x", 0, none32, 5}}), "`f`: variable 0: no instruction sees it");
  EXPECT_EQ(variable({{"x", 1, none32, 0, 3}, {"y", 2, none32, 2, 4}}),
            "`f`: the scopes of two variables overlap, and neither is in the other");
  EXPECT_EQ(place(0), "");
  EXPECT_EQ(unit.source_file(std::string_view("a\0", 2)), none32);
  EXPECT_EQ(unit.source_type("", SourceEncoding::Signed, 4), none32);
  EXPECT_EQ(unit.source_type("huge", SourceEncoding::Signed, 17), none32);

  UnitSymbol declared = unit.declare_function("declared", unit.type({}, {}));
  EXPECT_FALSE(unit.set_lines(declared, {}));
  EXPECT_FALSE(unit.set_lines(unit.declare_data("data"), {}));
  // Nothing of a function is set when its lines are refused.
  b.clear();
  b.end();
  const std::array rows{SourceRow{7, 0, 1, 1}};
  EXPECT_FALSE(unit.set_function(declared, {}, b.code(), 0, {{rows}, {}}));
  EXPECT_EQ(unit[declared].meaning, UnitSymbolRow::Declared);
}

TEST_F(UnitLinesTest, KnowsWhereInstructionsComeFrom) {
  const uint32_t other = unit.source_file("other.tiny");
  EXPECT_EQ(unit.source_file("other.tiny"), other);
  EXPECT_EQ(unit.source_file("main.tiny"), 0u);
  const std::array rows{SourceRow{1, 0, 7, 3}, SourceRow{2, 0, 0, 0}, SourceRow{3, other, 2, 0}};
  set({{rows, 0, 5}, {}});
  EXPECT_EQ(place(0), "main.tiny:5:0");
  EXPECT_EQ(place(1), "main.tiny:7:3");
  EXPECT_EQ(place(2), "main.tiny:7:3"); // of no line
  EXPECT_EQ(place(4), "other.tiny:2:0");
  const std::array moved{SourceRow{0, 0, 4000000000, 1}};
  ASSERT_TRUE(unit.set_lines(f, {moved}));
  EXPECT_EQ(place(4), "main.tiny:4000000000:1");
  EXPECT_TRUE(unit.has_source());
  set(); // takes them back
  EXPECT_EQ(place(0), "");
  EXPECT_FALSE(unit.has_source());
  ASSERT_TRUE(unit.set_lines(f, {moved}));
  ASSERT_TRUE(unit.remove(f));
  EXPECT_FALSE(unit.has_source());
}

TEST_F(UnitLinesTest, MessagesShowThem) {
  const std::array rows{SourceRow{0, 0, 1, 2}, SourceRow{1, 0, 3, 4}};
  b.op(Op::nop).call(unit.declare_function("nowhere", unit.type({}, {}))).end();
  ASSERT_TRUE(unit.set_function(f, {}, b.code(), 0, {{rows}, {}}));
  ASSERT_TRUE(unit.export_as(f));
  EXPECT_FALSE(link_with(session).ok);
  EXPECT_NE(messages(session).find("in main.tiny, instruction 1, in `f`, at main.tiny:3:4"), std::string::npos)
      << messages(session);
  // Of code that is refused, and of a call that has become wrong.
  b.clear();
  b.op(Op::nop).local_get(9).end();
  session.diagnostics.clear();
  EXPECT_FALSE(unit.set_function(f, {}, b.code(), 0, {{rows}, {}}));
  EXPECT_NE(messages(session).find("at main.tiny:3:4"), std::string::npos) << messages(session);
  b.clear();
  b.end();
  UnitSymbol callee = unit.declare_function("callee", unit.type({}, {}));
  ASSERT_TRUE(unit.set_function(callee, {}, b.code()));
  b.clear();
  b.op(Op::nop).call(callee).end();
  ASSERT_TRUE(unit.set_function(f, {}, b.code(), 0, {{rows}, {}}));
  b.clear();
  b.i32(1).end();
  ASSERT_TRUE(unit.set_function(callee, unit.type({}, std::array{i32}), {}, b.code()));
  EXPECT_FALSE(link_with(session).ok);
  EXPECT_NE(messages(session).find("at main.tiny:3:4"), std::string::npos) << messages(session);
}

TEST_F(UnitLinesTest, EqualLinesAreNoEdit) {
  const std::array rows{SourceRow{0, 0, 1, 2}};
  const std::array variables{SourceVariable{"x", 1, none32, 1, 4}, SourceVariable{"n", 0}};
  set({{rows}, variables});
  ASSERT_TRUE(link_with(session).ok);
  ASSERT_FALSE(unit.changes().any());
  ASSERT_TRUE(unit.set_lines(f, {rows}));
  ASSERT_TRUE(unit.set_variables(f, variables));
  EXPECT_FALSE(unit.changes().any());
  ASSERT_TRUE(unit.set_variables(f, std::span(variables).first(1)));
  EXPECT_TRUE(unit.changes().any());
}

std::vector<std::string> custom_sections(const LinkResult& result) {
  Inspection inspection;
  inspect(Bytes(result.output.data(), result.output.size()), inspection);
  std::vector<std::string> names;
  for (const inspection::Section& section : inspection.sections)
    if (section.kind == static_cast<uint8_t>(SectionKind::Custom))
      names.emplace_back(inspection.text(section.name));
  return names;
}

bool has_debug_sections(const LinkResult& result) {
  for (const std::string& name : custom_sections(result))
    if (name.starts_with(".debug_")) return true;
  return false;
}

// Each of the value types that debuggers can read has an entry: its name, encoding and size.
TEST_F(UnitLinesTest, LocalsHaveTheTypesOfTheirValues) {
  const std::array rows{SourceRow{0, 0, 1, 1}};
  const std::array types{i32, i64, ValueType::F32, ValueType::F64, ValueType::V128};
  const std::array variables{SourceVariable{"a", 1}, SourceVariable{"b", 2}, SourceVariable{"c", 3},
                             SourceVariable{"d", 4}, SourceVariable{"e", 5}};
  b.end();
  ASSERT_TRUE(unit.set_function(f, types, b.code(), 0, {{rows}, variables})) << messages(session);
  ASSERT_TRUE(unit.export_as(f));
  const LinkResult result = link_with(session);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("value_types.wasm", result);
  const Vector<uint8_t> bytes = bytes_of(result);
  EXPECT_TRUE(contains(bytes, {'i', '3', '2', 0, 5, 4}));
  EXPECT_TRUE(contains(bytes, {'i', '6', '4', 0, 5, 8}));
  EXPECT_TRUE(contains(bytes, {'f', '3', '2', 0, 4, 4}));
  EXPECT_TRUE(contains(bytes, {'f', '6', '4', 0, 4, 8}));
  EXPECT_TRUE(contains(bytes, {'v', '1', '2', '8', 0, 7, 16}));
}

TEST_F(UnitLinesTest, StrippingAndCollectionTakeThem) {
  const std::array rows{SourceRow{0, 0, 1, 2}};
  const std::array variables{SourceVariable{"a_variable", 1}};
  auto has_name = [&](const LinkResult& result) {
    return as_text(Bytes(result.output.data(), result.output.size())).find("a_variable") !=
           std::string_view::npos;
  };
  set({{rows}, variables});
  LinkResult linked = link_with(session);
  EXPECT_TRUE(has_debug_sections(linked) && has_name(linked));
  for (auto strip : {&Options::strip_debug, &Options::strip_all}) {
    Options options = plain_options();
    options.*strip = true;
    linked = link_with(session, options);
    ASSERT_TRUE(linked.ok);
    EXPECT_FALSE(has_debug_sections(linked) || has_name(linked));
  }
  // A function that is left out is not described.
  ASSERT_TRUE(unit.unexport(f));
  linked = link_with(session);
  EXPECT_FALSE(has_debug_sections(linked) || has_name(linked));
  // Nor is one that another definition stands for.
  ASSERT_TRUE(unit.export_as(f));
  ASSERT_TRUE(unit.set_variables(f, {}));
  ASSERT_TRUE(unit.set_lines(f, {}));
  EXPECT_FALSE(has_debug_sections(link_with(session)));
}

// --- random programs

// A program with lines, and where each of its instructions comes from.
class LinedProgram {
public:
  explicit LinedProgram(uint32_t seed) : random_{std::mt19937(seed)} {
    for (uint32_t i = 0; i < 3; i++) paths_.push_back("src/file" + std::to_string(i) + ".tiny");
    functions_.resize(180);
    for (uint32_t i = 0; i < functions_.size(); i++) make(i);
  }

  // Sets all functions, in a unit that may have others of another program.
  void apply(Unit& unit) {
    for (const std::string& path : paths_) EXPECT_NE(unit.source_file(path), none32);
    unit.source_type("int", SourceEncoding::Signed, 4);
    unit.source_type("bool", SourceEncoding::Boolean, 4);
    for (uint32_t i = 0; i < functions_.size(); i++) declare(unit, i);
    for (uint32_t i = 0; i < functions_.size(); i++) set(unit, i);
  }
  void set(Unit& unit, uint32_t i) {
    const Function& f = functions_[i];
    MirBuilder b;
    put_code(unit, i, b);
    std::vector<SourceVariable> variables;
    for (const SourceVariable& v : f.variables) variables.push_back(v);
    ASSERT_TRUE(unit.set_function(declare(unit, i), f.locals, b.code(), i % 3 ? 0 : local,
                                  {{f.rows, f.file, f.line}, variables}));
    ASSERT_TRUE(i % 3 == 1 ? unit.export_as(unit.find(name(i))) : unit.unexport(unit.find(name(i))));
  }
  void set_lines(Unit& unit, uint32_t i) {
    const Function& f = functions_[i];
    ASSERT_TRUE(unit.set_lines(unit.find(name(i)), {f.rows, f.file, f.line}));
  }
  // Other lines for the same code.
  void move_lines(uint32_t i) { make_rows(functions_[i]); }
  void make(uint32_t i) {
    Function& f = functions_[i];
    f = {};
    f.seed = random_(none32);
    for (uint32_t n = random_(4); n; n--) f.locals.push_back(std::array{i32, i64, f64}[random_(3)]);
    Session session; // only to count
    MirBuilder b;
    put_code(session.unit(session.add_unit("scratch")), i, b);
    f.instructions = b.size();
    make_rows(f);
    make_variables(i);
  }
  uint32_t size() const { return static_cast<uint32_t>(functions_.size()); }

  // `function TAB instruction TAB place`, one a line.
  std::string expectations() const {
    std::string text;
    for (uint32_t i = 0; i < functions_.size(); i++) {
      const Function& f = functions_[i];
      SourceRow at{0, f.file, f.line, 0};
      size_t next = 0;
      for (uint32_t k = 0; k < f.instructions; k++) {
        if (next < f.rows.size() && f.rows[next].instruction == k) at = f.rows[next++];
        text += name(i) + '\t' + std::to_string(k) + '\t';
        if (at.line)
          text += paths_[at.file - 1] + ':' + std::to_string(at.line) + ':' + std::to_string(at.column);
        text += '\n';
      }
    }
    return text;
  }

private:
  struct Function {
    uint32_t seed = 0, instructions = 0;
    std::vector<ValueType> locals;
    std::vector<SourceRow> rows;
    uint32_t file = 1, line = 1;
    std::vector<SourceVariable> variables;
  };

  static std::string name(uint32_t i) { return "function" + std::to_string(i); }
  static uint32_t params(uint32_t i) { return i % 3; }
  static UnitSymbol declare(Unit& unit, uint32_t i) {
    return unit.declare_function(name(i), type_of(unit, i));
  }
  static uint32_t type_of(Unit& unit, uint32_t i) {
    const std::vector<ValueType> types(params(i), i32);
    return unit.type(types, {});
  }

  void put_code(Unit& unit, uint32_t i, MirBuilder& b) const {
    Random random{std::mt19937(functions_[i].seed)};
    uint32_t open = 0;
    for (uint32_t n = random(20); n; n--) {
      const uint32_t which = random(9), callee = random(size());
      switch (which) {
      case 0: b.i32(static_cast<int32_t>(random(none32)) >> random(32)).op(Op::drop); break;
      case 1:
        for (uint32_t k = params(callee); k; k--) b.i32(1);
        b.call(declare(unit, callee));
        break;
      case 2:
        b.address(Op::i32_data, unit.constant(as_bytes("text " + std::to_string(random(500))), 0)).op(Op::drop);
        break;
      case 3:
        if (params(i)) b.local_get(random(params(i))).op(Op::drop);
        break;
      case 4: open++, b.block(Op::block); break;
      case 5:
        if (open) open--, b.end();
        break;
      case 6:
        for (uint32_t k = params(callee); k; k--) b.i32(1);
        b.op(Op::i32_func, declare(unit, callee).row).call_indirect(type_of(unit, callee));
        break;
      case 7:
        for (uint32_t k = random(8) ? 1 : 300; k; k--) b.op(Op::nop);
        break;
      default:
        b.i32(0).memory(Op::i32_load, 2, 4, unit.constant(as_bytes("a number"), 2)).op(Op::drop);
        break;
      }
    }
    for (; open; open--) b.end();
    b.end();
  }

  void make_rows(Function& f) {
    f.rows.clear();
    f.file = 1 + random_(3);
    f.line = 1 + random_(1000);
    if (random_(20) == 0) return; // the declaration alone
    const uint32_t often = 1 + random_(3);
    uint32_t line = f.line;
    for (uint32_t k = random_(2); k < f.instructions; k++) {
      if (random_(often)) continue;
      line = random_(8) ? line + random_(4) : 1 + random_(100000);
      f.rows.push_back({k, 1 + random_(20) / 18, random_(30) ? line : 0, random_(200)});
    }
  }

  // Nested scopes, and names for parameters.
  void make_variables(uint32_t i) {
    Function& f = functions_[i];
    f.variables.clear();
    const auto locals = static_cast<uint32_t>(params(i) + f.locals.size());
    for (uint32_t k = 0; k < params(i); k++) f.variables.push_back({"parameter", k, random_(2) ? none32 : 0});
    uint32_t begin = 0, end = f.instructions;
    for (uint32_t k = params(i); k < locals && begin < end; k++) {
      f.variables.push_back({"variable", k, none32, begin, end});
      if (random_(2)) begin += random_(end - begin + 1);
      if (begin < end && random_(2)) end -= random_(end - begin);
    }
  }

  Random random_;
  std::vector<std::string> paths_;
  std::vector<Function> functions_;
};

Options small_options() {
  Options options = plain_options();
  options.optimize = 2;
  options.optimize_size = options.compress_relocations = true;
  return options;
}

TEST(UnitLines, RandomProgramsAreDescribed) {
  for (uint32_t seed = 0; seed < 2; seed++) {
    Session session;
    LinedProgram program(seed);
    program.apply(session.unit(session.add_unit("program")));
    ASSERT_FALSE(testing::Test::HasFailure()) << messages(session);
    const std::string file = "lines" + std::to_string(seed);
    publish(file + ".txt", as_bytes(program.expectations()));
    auto link_to = [&](const std::string& suffix, Options options) {
      options.source_map = !options.relocatable;
      LinkResult result = link_with(session, options);
      ASSERT_TRUE(result.ok) << messages(session);
      publish(file + suffix, result);
      if (options.source_map) publish(file + suffix + ".map", as_bytes(result.source_map));
    };
    link_to(".wasm", plain_options());
    link_to("_small.wasm", small_options());
    Options options = plain_options();
    options.emit_relocs = true;
    link_to("_with_relocations.wasm", options);
    options = plain_options();
    options.relocatable = true;
    options.entry.reset();
    link_to(".o", options);
  }
}

TEST(UnitLines, LinkAfterEditsEqualsAFreshLink) {
  Random random{std::mt19937(11)};
  Session session;
  Unit& unit = session.unit(session.add_unit("program"));
  LinedProgram program(5);
  program.apply(unit);
  for (int round = 0; round < 30; round++) {
    const uint32_t i = random(program.size());
    if (random(2)) {
      program.move_lines(i);
      program.set_lines(unit, i);
    } else {
      program.make(i);
      program.set(unit, i);
    }
    LinkResult edited = link_with(session);
    ASSERT_TRUE(edited.ok) << messages(session);
    Session fresh;
    program.apply(fresh.unit(fresh.add_unit("program")));
    LinkResult made_at_once = link_with(fresh);
    ASSERT_TRUE(made_at_once.ok) << messages(fresh);
    ASSERT_EQ(bytes_of(edited), bytes_of(made_at_once)) << "round " << round;
  }
  // And so it is after a snapshot, and after names were collected.
  Session restored;
  ASSERT_TRUE(restore_session(restored, FileBytes::copy(save_session(session))));
  const LinkResult before = link_with(session);
  EXPECT_EQ(bytes_of(before), bytes_of(link_with(restored)));
  restored.remove(restored.add_unit("first")); // names are counted
  const InputId other = restored.add_unit("other");
  for (int i = 0; i < 20000; i++) restored.unit(other).declare_data("unused" + std::to_string(i));
  restored.remove(other);
  EXPECT_LT(restored.strings.size(), 20000u);
  EXPECT_EQ(bytes_of(before), bytes_of(link_with(restored)));
}

// When rows and rooms are closed up, lines and names move with their functions.
TEST(UnitLines, ClosingUpKeepsThem) {
  auto add = [](Unit& unit, uint32_t i) {
    MirBuilder b;
    b.op(Op::nop).end();
    const std::string name = "function" + std::to_string(i);
    const std::array rows{SourceRow{0, unit.source_file("file" + std::to_string(i % 7)), i + 1, 2},
                          SourceRow{1, 0, i + 2, 3}};
    const std::array variables{SourceVariable{name, 0}};
    UnitSymbol f = unit.declare_function(name, unit.type(std::array{i32}, {}));
    EXPECT_TRUE(unit.set_function(f, {}, b.code(), 0, {{rows}, variables}));
    EXPECT_TRUE(unit.export_as(f));
    return f;
  };
  constexpr uint32_t count = 5000, kept = 100;
  Session session, fresh;
  Unit& unit = session.unit(session.add_unit("program"));
  Unit& made_at_once = fresh.unit(fresh.add_unit("program"));
  std::vector<UnitSymbol> symbols;
  for (uint32_t i = 0; i < count; i++) symbols.push_back(add(unit, i));
  const size_t before = unit.memory_size();
  for (uint32_t i = 0; i < count; i++) {
    if (i % kept) EXPECT_TRUE(unit.remove(symbols[i]));
    else add(made_at_once, i);
  }
  EXPECT_EQ(bytes_of(link_with(session)), bytes_of(link_with(fresh)));
  EXPECT_LT(unit.memory_size(), before / 2);
  const SourcePlace at = unit.place_of(unit[symbols[kept]], 0);
  EXPECT_EQ(at.file + ':' + std::to_string(at.line), "file2:101");
}

// Code of an object in front of the unit's grows and shrinks: debug information says where the unit's is now.
TEST(UnitLines, RelinkOfAnObjectMovesThem) {
  auto object = [](int64_t constant) {
    SmallObject made{
        .functions = {{.name = "of_object", .flags = symbol_flag::exported, .constant = constant}}};
    return FileBytes::copy(made.build());
  };
  auto fill = [&](Session& session, int64_t constant) {
    const InputId input = session.add("first.o", object(constant));
    LinedProgram(2).apply(session.unit(session.add_unit("program")));
    return input;
  };
  Session session;
  session.keeps_links = true;
  const InputId input = fill(session, 1);
  ASSERT_TRUE(link_with(session).ok) << messages(session);
  for (int64_t constant : {int64_t{1} << 30, int64_t{3}, int64_t{1000}}) {
    ASSERT_TRUE(session.replace(input, object(constant)));
    const LinkResult relinked = link_with(session);
    EXPECT_EQ(relinked.stats.rewritten, 1u);
    Session fresh;
    fill(fresh, constant);
    EXPECT_EQ(bytes_of(relinked), bytes_of(link_with(fresh)));
  }
}

// What stands for a weak definition of the unit has no lines of it, whatever is kept.
TEST(UnitLines, OnlyWhatASymbolMeansIsDescribed) {
  for (bool relocatable : {false, true}) {
    Session session;
    Unit& unit = session.unit(session.add_unit("program"));
    MirBuilder b;
    b.op(Op::nop).end();
    const std::array rows{SourceRow{0, 0, 77, 2}};
    auto define = [&](std::string_view name, uint32_t flags) {
      UnitSymbol f = unit.declare_function(name, unit.type({}, {}));
      EXPECT_TRUE(unit.set_function(f, {}, b.code(), flags, {{rows}, {}}));
    };
    define("own", 0);
    define("shared", symbol_flag::binding_weak);
    SmallObject strong{.functions = {{.name = "shared", .flags = symbol_flag::exported, .constant = 5}}};
    session.add("strong.o", FileBytes::copy(strong.build()));
    Options options = plain_options();
    options.gc_sections = false;
    options.relocatable = relocatable;
    const LinkResult result = link_with(session, options);
    ASSERT_TRUE(result.ok) << messages(session);
    Inspection inspection;
    inspect(Bytes(result.output.data(), result.output.size()), inspection);
    inspect_lines(inspection);
    size_t starts = 0;
    for (const inspection::Line& line : inspection.lines) starts += (line.flags & line_end_sequence) != 0;
    EXPECT_EQ(starts, 1u);
  }
}

TEST(UnitLines, MemoryOf64Bits) {
  Session session;
  Unit& unit = session.unit(session.add_unit("program", true));
  MirBuilder b;
  b.op(Op::nop).end();
  UnitSymbol f = unit.declare_function("f", unit.type({}, {}));
  const std::array rows{SourceRow{0, 0, 77, 2}};
  ASSERT_TRUE(unit.set_function(f, {}, b.code(), 0, {{rows}, {}}));
  ASSERT_TRUE(unit.export_as(f));
  for (bool relocatable : {false, true}) {
    Options options = plain_options();
    options.is_64 = true;
    options.relocatable = relocatable;
    if (relocatable) options.entry.reset();
    LinkResult result = link_with(session, options);
    ASSERT_TRUE(result.ok) << messages(session);
    publish(relocatable ? "lines_64.o" : "lines_64.wasm", result);
  }
}

TEST(UnitLines, MetafileCountsThem) {
  Session session;
  LinedProgram program(1);
  program.apply(session.unit(session.add_unit("program")));
  Options options = plain_options();
  const LinkResult plain = link_with(session, options);
  options.metafile = true;
  const LinkResult result = link_with(session, options);
  report::Report report;
  EXPECT_EQ(report::read_report(as_bytes(result.metafile), report).text, "");
  EXPECT_EQ(report.output_size, plain.output.size());
  std::map<std::string, uint64_t> bytes;
  for (const report::Item& item : report.items) bytes[item.name] += item.bytes;
  Inspection inspection;
  inspect(Bytes(plain.output.data(), plain.output.size()), inspection);
  for (const inspection::Section& section : inspection.sections) {
    const std::string name(inspection.text(section.name));
    if (name.starts_with(".debug_")) {
      EXPECT_GT(bytes[name], section.size - 20) << name;
    }
  }
}

} // namespace
} // namespace weld
