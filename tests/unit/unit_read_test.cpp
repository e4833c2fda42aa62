// Reading units back through the public face, after a snapshot too.
#include "core/include/weld/weld.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace weld::api {
namespace {

using Kind = SymbolInfo::Kind;
using State = SymbolInfo::State;

void fill(Unit& unit) {
  const Type type = unit.type({ValueType::I32}, {ValueType::I64});
  const Symbol f = unit.declare_function("f", type),
               outside = unit.declare_function("outside", unit.type({}, {}));
  SymbolOptions hidden, is_weak;
  hidden.hidden = is_weak.weak = true;
  Code code;
  code.local_get(0).op(Op::i64_extend_i32_s).end();
  EXPECT_TRUE(unit.set_function(f, {ValueType::I32, ValueType::I32, ValueType::F64}, code, hidden));
  EXPECT_TRUE(unit.export_as(f));
  EXPECT_TRUE(unit.export_as(f, "a"));
  EXPECT_TRUE(unit.set_comdat(f, "group"));
  EXPECT_TRUE(unit.import_from(outside, "module", "name"));
  const Symbol other = unit.declare_function("other", type);
  EXPECT_TRUE(unit.set_alias(other, f, is_weak));
  const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8};
  const Symbol data = unit.declare_data("data");
  DataOptions options;
  options.p2align = 3;
  options.retain = true;
  options.section = ".mine";
  const Fixup fixups[] = {{4, f, 0, 4, true}, {0, data, -3, 4, false}};
  EXPECT_TRUE(unit.set_data(data, bytes, options, fixups));
  const Symbol zeros = unit.declare_data("zeros");
  EXPECT_TRUE(unit.set_zeros(zeros, 5, {}));
  EXPECT_TRUE(unit.constant(Bytes(bytes, 3), 1));
  const Symbol start = unit.declare_function("start", unit.type({}, {}));
  EXPECT_TRUE(unit.set_function(start, {}, Code().end()));
  EXPECT_TRUE(unit.run_at_start(start, 7));
  unit.declare_table("table", ValueType::FuncRef, 3, 9);
  unit.declare_global("global", ValueType::F32, true, true);
  const Symbol elements = unit.declare_table("elements", ValueType::FuncRef, 9);
  const Symbol functions[] = {Symbol(), f, Symbol(), start, Symbol()};
  EXPECT_TRUE(unit.set_table(elements, functions, 3));
  EXPECT_TRUE(unit.set_table(unit.declare_table("empty", ValueType::ExternRef, 1)));
  const Symbol address = unit.declare_global("address", ValueType::I32, false);
  Code value;
  value.address(Op::i32_data, data, 8).i32_const(100).op(Op::i32_add).end();
  EXPECT_TRUE(unit.set_global(address, value));
  EXPECT_TRUE(unit.set_global(unit.declare_global("plain", ValueType::I64, true), uint64_t{5} << 40));
  unit.declare_tag("tag", unit.type({ValueType::F64}, {}));
  unit.declare_passive_data("passive");
}

void check(const Unit& unit) {
  std::vector<std::string> names;
  for (Symbol symbol : unit.symbols()) names.push_back(unit.info(symbol)->name);
  const std::vector<std::string> wanted = {
      "f",        "outside", "other",   "data",  "__indirect_function_table",
      "zeros",    "",        "start",   "table", "global",
      "elements", "empty",   "address", "plain", "tag",
      "passive"};
  EXPECT_EQ(names, wanted);
  EXPECT_FALSE(unit.find("nowhere"));

  const Symbol f = unit.find("f");
  const SymbolInfo info = *unit.info(f);
  EXPECT_EQ(info.kind, Kind::Function);
  EXPECT_EQ(info.state, State::Defined);
  EXPECT_EQ(info.params, std::vector{ValueType::I32});
  EXPECT_EQ(info.results, std::vector{ValueType::I64});
  EXPECT_TRUE(info.options.hidden);
  EXPECT_EQ(info.exports, (std::vector<std::string>{"a", "f"}));
  EXPECT_EQ(info.comdat, "group");
  const FunctionContent content = *unit.function(f);
  EXPECT_EQ(content.locals, (std::vector{ValueType::I32, ValueType::I32, ValueType::F64}));
  EXPECT_EQ(content.code.size(), 3u);

  const SymbolInfo outside = *unit.info(unit.find("outside"));
  EXPECT_EQ(outside.state, State::Declared);
  EXPECT_EQ(outside.import->first, "module");
  EXPECT_EQ(outside.import->second, "name");
  EXPECT_FALSE(unit.function(unit.find("outside")));

  const SymbolInfo other = *unit.info(unit.find("other"));
  EXPECT_EQ(other.state, State::Alias);
  EXPECT_EQ(other.target, f);
  EXPECT_TRUE(other.options.weak);

  const DataContent data = *unit.data(unit.find("data"));
  EXPECT_EQ(data.bytes, (std::vector<uint8_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(data.options.p2align, 3u);
  EXPECT_TRUE(data.options.retain);
  EXPECT_EQ(data.section, ".mine");
  ASSERT_EQ(data.fixups.size(), 2u);
  EXPECT_EQ(data.fixups[0].symbol, unit.find("data"));
  EXPECT_EQ(data.fixups[0].addend, -3);
  EXPECT_EQ(data.fixups[1].symbol, f);
  EXPECT_TRUE(data.fixups[1].table_slot);
  EXPECT_EQ(unit.data(unit.find("zeros"))->bytes, std::vector<uint8_t>(5));
  EXPECT_EQ(unit.info(unit.find("start"))->start_priority, 7u);
  const SymbolInfo table = *unit.info(unit.find("table"));
  EXPECT_EQ(table.kind, Kind::Table);
  EXPECT_EQ(table.minimum, 3u);
  EXPECT_EQ(table.maximum, 9u);
  const SymbolInfo global = *unit.info(unit.find("global"));
  EXPECT_EQ(global.type, ValueType::F32);
  EXPECT_TRUE(global.is_mutable && global.options.weak);
  EXPECT_EQ(unit.info(unit.find("passive"))->kind, Kind::PassiveData);

  const TableContent elements = *unit.table(unit.find("elements"));
  EXPECT_EQ(elements.first, 4u);
  EXPECT_EQ(elements.elements, (std::vector{f, Symbol(), unit.find("start")}));
  EXPECT_TRUE(unit.table(unit.find("empty"))->elements.empty());
  EXPECT_FALSE(unit.table(unit.find("table"))); // it is only declared
  EXPECT_FALSE(unit.table(f));
  EXPECT_EQ(unit.global(unit.find("address"))->size(), 4u);
  EXPECT_EQ(unit.global(unit.find("plain"))->size(), 2u);
  EXPECT_FALSE(unit.global(unit.find("global")));
  EXPECT_FALSE(unit.global(unit.find("elements")));
}

TEST(UnitRead, GivesBackWhatWasSaid) {
  Linker linker;
  Unit unit = linker.add_unit("jit");
  fill(unit);
  check(unit);
  Linker restored;
  ASSERT_TRUE(restored.restore(linker.save()));
  check(restored.unit("jit"));
}

// What is read can be set again.
TEST(UnitRead, TheCodeThatIsReadIsTheCodeThatWasSet) {
  Linker linker;
  Unit unit = linker.add_unit("jit");
  fill(unit);
  for (const char* name : {"address", "plain", "elements"}) ASSERT_TRUE(unit.export_as(unit.find(name)));
  Options options;
  options.entry = "";
  const std::vector<uint8_t> before = linker.link(options).copy();
  ASSERT_FALSE(before.empty()) << linker.messages()[0].rendered;
  const Symbol f = unit.find("f"), data = unit.find("data");
  const FunctionContent content = *unit.function(f);
  ASSERT_TRUE(unit.set_function(f, content.locals, content.code, unit.info(f)->options));
  DataContent read = *unit.data(data);
  read.options.section = read.section;
  ASSERT_TRUE(unit.set_data(data, read.bytes, read.options, read.fixups));
  const Symbol address = unit.find("address"), elements = unit.find("elements"), plain = unit.find("plain");
  const Code value = *unit.global(address), number = *unit.global(plain);
  const TableContent table = *unit.table(elements);
  ASSERT_TRUE(unit.set_global(address, 1));
  ASSERT_TRUE(unit.set_global(plain, 1));
  ASSERT_TRUE(unit.set_table(elements));
  EXPECT_NE(linker.link(options).copy(), before);
  ASSERT_TRUE(unit.set_global(address, value)) << linker.messages()[0].rendered;
  ASSERT_TRUE(unit.set_global(plain, number));
  ASSERT_TRUE(unit.set_table(elements, table.elements, table.first));
  EXPECT_EQ(linker.link(options).copy(), before);
}

// What is said about a symbol that is gone, or was moved when rows were closed up.
TEST(UnitRead, AfterManySymbolsWereRemoved) {
  Linker linker;
  Unit unit = linker.add_unit("jit");
  for (int i = 0; i < 2000; i++) ASSERT_TRUE(unit.declare_data("old" + std::to_string(i)));
  fill(unit);
  for (int i = 0; i < 2000; i++) ASSERT_TRUE(unit.remove(unit.find("old" + std::to_string(i))));
  check(unit);
  ASSERT_TRUE(unit.remove(unit.declare_data("one more"))); // rows are closed up before a symbol is added
  check(unit);
}

TEST(UnitRead, OfOtherUnitsAndOfWhatIsGone) {
  Linker linker;
  Unit unit = linker.add_unit("a"), other = linker.add_unit("b");
  fill(unit);
  const Symbol f = unit.find("f"), plain = unit.find("plain");
  EXPECT_FALSE(other.info(f));
  EXPECT_FALSE(other.function(f));
  EXPECT_FALSE(unit.info(Symbol()));
  ASSERT_TRUE(unit.remove(plain));
  EXPECT_FALSE(unit.info(plain));
  ASSERT_TRUE(linker.remove(unit.input()));
  EXPECT_TRUE(unit.symbols().empty());
  EXPECT_FALSE(unit.info(f));
}

} // namespace
} // namespace weld::api
