// Export names of a unit's symbols: several for one, other names than the symbol's own, in modules and objects.
#include "tests/unit/unit_fixture.h"

namespace weld {
namespace {

// Names of the exports of a module, in their order.
std::vector<std::string> export_names(const LinkResult& result) {
  const Vector<uint8_t> module = bytes_of(result);
  std::vector<std::string> names;
  size_t at = 8;
  auto number = [&] {
    uint32_t value = 0;
    for (uint32_t shift = 0;; shift += 7) {
      const uint8_t byte = module[at++];
      value |= static_cast<uint32_t>(byte & 0x7f) << shift;
      if (!(byte & 0x80)) return value;
    }
  };
  while (at < module.size()) {
    const auto kind = static_cast<SectionKind>(module[at++]);
    const size_t size = number(), end = at + size;
    if (kind == SectionKind::Export)
      for (uint32_t count = number(); count; count--) {
        const uint32_t length = number();
        names.emplace_back(reinterpret_cast<const char*>(module.data() + at), length);
        at += length + 1;
        number();
      }
    at = end;
  }
  return names;
}

using Names = std::vector<std::string>;

struct UnitExports : UnitTest {
  UnitSymbol f, alias, data, global, table, tag;

  void SetUp() override {
    b.i32(1).end();
    f = function("f", {}, {i32});
    ASSERT_TRUE(unit.set_function(f, {}, b.code()));
    alias = function("alias", {}, {i32});
    ASSERT_TRUE(unit.set_alias(alias, f));
    data = unit.declare_data("data");
    ASSERT_TRUE(unit.set_data(data, as_bytes("some data"), 0));
    global = unit.declare_global("global", {i32, false});
    ASSERT_TRUE(unit.set_global(global, {7, 0}));
    table = unit.declare_table("table", {ValueType::FuncRef, {}});
    ASSERT_TRUE(unit.set_table(table));
    tag = unit.declare_tag("tag", sig({i32}, {}));
    ASSERT_TRUE(unit.set_tag(tag));
  }
  Names linked(Options options = plain_options()) {
    LinkResult result = link_with(session, options);
    EXPECT_TRUE(result.ok) << messages(session);
    return result.ok ? export_names(result) : Names();
  }
};

TEST_F(UnitExports, SeveralNamesForOneSymbol) {
  for (UnitSymbol symbol : {f, data, global, table, tag})
    for (const char* name : {"z", "", "y"}) {
      const std::string own(session.strings.text(unit[symbol].name));
      ASSERT_TRUE(unit.export_as(symbol, *name ? name + own : ""));
    }
  LinkResult result = link_with(session);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("exports.wasm", result);
  EXPECT_EQ(export_names(result),
            (Names{"memory", "f", "yf", "zf", "data", "ydata", "zdata", "global", "yglobal", "zglobal",
                   "table", "ytable", "ztable", "tag", "ytag", "ztag"}));
  // Saying it again changes nothing; taking one back leaves the others.
  ASSERT_TRUE(unit.export_as(f, "zf"));
  ASSERT_TRUE(unit.unexport(f, "f"));
  ASSERT_TRUE(unit.unexport(data, "ydata"));
  for (UnitSymbol symbol : {global, table, tag}) ASSERT_TRUE(unit.unexport(symbol));
  EXPECT_EQ(linked(), (Names{"memory", "yf", "zf", "data", "zdata"}));
  EXPECT_FALSE(unit.unexport(f, "f"));
  EXPECT_FALSE(unit.unexport(f, "nowhere"));
  // What is taken back is used again.
  const size_t size = unit.memory_size();
  for (int i = 0; i < 100; i++) {
    ASSERT_TRUE(unit.export_as(global, "other"));
    ASSERT_TRUE(unit.unexport(global));
  }
  EXPECT_EQ(unit.memory_size(), size);
}

TEST_F(UnitExports, AnAliasHasItsOwn) {
  ASSERT_TRUE(unit.export_as(alias, "x"));
  ASSERT_TRUE(unit.export_as(f, "z"));
  EXPECT_EQ(linked(), (Names{"memory", "z", "x"}));
  ASSERT_TRUE(unit.export_as(alias));
  EXPECT_EQ(linked(), (Names{"memory", "z", "alias", "x"}));
}

TEST_F(UnitExports, OrderOfEditsDoesNotMatter) {
  for (const char* name : {"a", "f", "z"}) ASSERT_TRUE(unit.export_as(f, name));
  const Names first = linked();
  ASSERT_TRUE(unit.unexport(f));
  for (const char* name : {"z", "q", "f", "a"}) ASSERT_TRUE(unit.export_as(f, name));
  ASSERT_TRUE(unit.unexport(f, "q"));
  EXPECT_EQ(linked(), first);
}

TEST_F(UnitExports, OneNameForTwoThingsIsAnError) {
  ASSERT_TRUE(unit.export_as(f, "x"));
  ASSERT_TRUE(unit.export_as(global, "x"));
  EXPECT_FALSE(link_with(session).ok);
  EXPECT_EQ(messages(session),
            "two exports are called `x`: function `f` of jit, and global `global` of jit\n");
}

TEST_F(UnitExports, OfWhatIsNotDefinedHere) {
  const UnitSymbol other = unit.declare_data("other");
  ASSERT_TRUE(unit.export_as(other));
  EXPECT_FALSE(link_with(session).ok);
  EXPECT_EQ(messages(session).substr(0, 45), "`other`: it is exported, and not defined here");
}

// A command's exports are wrapped: one wrapper has all names of what it calls.
TEST_F(UnitExports, OfACommand) {
  UnitSymbol start = function("start", {}, {});
  b.clear();
  b.end();
  ASSERT_TRUE(unit.set_function(start, {}, b.code()));
  ASSERT_TRUE(unit.run_at_start(start));
  for (const char* name : {"", "x", "y"}) ASSERT_TRUE(unit.export_as(f, name));
  ASSERT_TRUE(unit.export_as(alias, "z"));
  LinkResult result = link_with(session);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("exports_of_command.wasm", result);
  EXPECT_EQ(export_names(result), (Names{"memory", "f", "x", "y", "z"}));
}

TEST_F(UnitExports, InObjects) {
  Options options = plain_options();
  options.relocatable = true;
  options.entry.reset();
  ASSERT_TRUE(unit.export_as(f, "x"));
  ASSERT_TRUE(unit.export_as(data));
  LinkResult result = link_with(session, options);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("exports.o", result);
  Session second;
  second.add("exports.o", FileBytes::copy(bytes_of(result)));
  EXPECT_EQ(export_names(link_with(second)), (Names{"memory", "x", "data"}));

  // Own names of aliases can be said; more than one name of one function cannot.
  ASSERT_TRUE(unit.unexport(f));
  for (UnitSymbol symbol : {f, alias}) ASSERT_TRUE(unit.export_as(symbol));
  EXPECT_TRUE(link_with(session, options).ok) << messages(session);
  ASSERT_TRUE(unit.export_as(alias, "y"));
  EXPECT_FALSE(link_with(session, options).ok);
  EXPECT_EQ(messages(session).substr(0, 34), "`alias` has several export names: ");
  ASSERT_TRUE(unit.unexport(alias));
  ASSERT_TRUE(unit.export_as(global, "y"));
  EXPECT_FALSE(link_with(session, options).ok);
  EXPECT_EQ(messages(session).substr(0, 54), "`global` is exported under another name than its own: ");
}

TEST_F(UnitExports, SnapshotsHaveThem) {
  for (const char* name : {"x", "", "w"}) ASSERT_TRUE(unit.export_as(f, name));
  ASSERT_TRUE(unit.export_as(data, "gone"));
  ASSERT_TRUE(unit.unexport(data));
  const LinkResult linked = link_with(session);
  Session restored;
  ASSERT_TRUE(restore_session(restored, FileBytes::copy(save_session(session))));
  EXPECT_TRUE(link_with(restored).output == linked.output);
  Unit& same = restored.unit(restored.order()[0]);
  for (Unit* edited : {&unit, &same}) ASSERT_TRUE(edited->export_as(edited->find("global"), "more"));
  EXPECT_TRUE(link_with(restored).output == link_with(session).output);
}

} // namespace
} // namespace weld
