// Initial values of a unit's globals, and initial elements of its tables.
#include "tests/unit/unit_fixture.h"

namespace weld {
namespace {

struct UnitGlobals : UnitTest {
  UnitSymbol data = unit.declare_data("data"), f, outside;

  void SetUp() override {
    ASSERT_TRUE(unit.set_data(data, as_bytes("the data"), 2));
    b.i32(11).end();
    f = function("f", {}, {i32});
    ASSERT_TRUE(unit.set_function(f, {}, b.code()));
    b.clear();
    outside = unit.declare_global("outside", {i32, false});
    ASSERT_TRUE(unit.import_from(outside, "env", "outside"));
  }
  // A global whose value is what `b` says, exported.
  UnitSymbol global(std::string_view name, ValueType type) {
    UnitSymbol symbol = unit.declare_global(name, {type, false});
    EXPECT_TRUE(unit.set_global_code(symbol, b.end().code())) << messages(session);
    EXPECT_TRUE(unit.export_as(symbol));
    b.clear();
    return symbol;
  }
  std::string refused_value(ValueType type) {
    session.diagnostics.clear();
    UnitSymbol symbol = unit.declare_global("refused", {type, false});
    EXPECT_FALSE(unit.set_global_code(symbol, b.code()));
    b.clear();
    EXPECT_EQ(unit[symbol].meaning, UnitSymbolRow::Declared);
    EXPECT_TRUE(unit.remove(symbol));
    const std::string text = messages(session);
    return text.substr(0, text.find('\n'));
  }
  void all_kinds() {
    b.address(Op::i32_data, data, 4);
    global("address", i32);
    b.op(Op::i32_func, f.row);
    global("slot", i32);
    b.op(Op::ref_func, f.row);
    global("reference", ValueType::FuncRef);
    b.op(Op::global_get, outside.row);
    UnitSymbol copy = global("copy", i32);
    b.op(Op::global_get, copy.row).i32(3).op(Op::i32_mul).address(Op::i32_data, data).op(Op::i32_add);
    global("sum", i32);
    b.i64(-5).i64(7).op(Op::i64_sub);
    global("wide", i64);
    b.op(Op::ref_null, static_cast<uint32_t>(ValueType::ExternRef));
    global("nothing", ValueType::ExternRef);
    b.op_words(Op::v128_const, {1, 2, 3, 0x80000000});
    global("vector", ValueType::V128);
    for (uint32_t lane = 0; lane < 4; lane++) {
      b.op(Op::global_get, unit.find("vector").row).op(Op::i32x4_extract_lane, lane).end();
      exported("lane" + std::to_string(lane), {}, {i32});
    }
    b.i32(0).memory(Op::i32_load8_u, 0).op(Op::drop).op(Op::global_get, unit.find("address").row);
    b.memory(Op::i32_load8_u, 0).end();
    exported("letter", {}, {i32});
    b.op(Op::global_get, unit.find("slot").row).call_indirect(sig({}, {i32})).end();
    exported("call_slot", {}, {i32});
    ASSERT_TRUE(unit.export_as(data));
  }
};

TEST_F(UnitGlobals, InitialValues) {
  all_kinds();
  LinkResult result = link_with(session);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("globals.wasm", result);
  Session restored;
  ASSERT_TRUE(restore_session(restored, FileBytes::copy(save_session(session))));
  EXPECT_TRUE(link_with(restored).output == result.output);
  Options small = plain_options();
  small.optimize_size = true;
  result = link_with(session, small);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("globals_small.wasm", result);
}

TEST_F(UnitGlobals, InitialValuesOfALibrary) {
  all_kinds();
  for (bool has_feature : {true, false}) {
    Options options = plain_options();
    options.entry.reset();
    options.shared = true;
    options.bsymbolic = true;
    if (has_feature) options.extra_features = {"extended-const"};
    LinkResult result = link_with(session, options);
    ASSERT_TRUE(result.ok) << messages(session); // the unit itself has arithmetic, so it has the feature
    publish("globals_library.wasm", result);
  }
}

TEST_F(UnitGlobals, AddressesThatOnlyALoaderKnows) {
  Options options = plain_options();
  options.entry.reset();
  options.shared = true;
  // A loader may take other data of this name.
  b.address(Op::i32_data, data);
  UnitSymbol address = global("address", i32);
  EXPECT_FALSE(link_with(session, options).ok);
  EXPECT_EQ(messages(session).substr(0, 78),
            "relocation R_WASM_MEMORY_ADDR_I32 cannot be used against symbol `data`: its va")
      << messages(session);
  ASSERT_TRUE(unit.set_data(data, as_bytes("the data"), 2, {}, 0, hidden));
  EXPECT_TRUE(link_with(session, options).ok) << messages(session);
  b.address(Op::i32_data, data, 4);
  ASSERT_TRUE(unit.set_global_code(address, b.end().code()));
  options.features = std::vector<std::string>{"mutable-globals"};
  options.check_features = false;
  EXPECT_FALSE(link_with(session, options).ok);
  EXPECT_NE(messages(session).find("needs the feature `extended-const`"), std::string::npos)
      << messages(session);
}

TEST_F(UnitGlobals, WhatIsRefused) {
  EXPECT_EQ(refused_value(i32), "`refused`: the expression has no `end`");
  b.end();
  EXPECT_EQ(refused_value(i32), "`refused`: the expression leaves 0 values");
  b.i64(1).end();
  EXPECT_EQ(refused_value(i32), "`refused`: its value is i64, not i32");
  b.i32(1).i64(1).op(Op::i32_add).end();
  EXPECT_EQ(refused_value(i32), "`refused`: `i32.add` needs two values of type i32");
  b.i32(1).op(Op::i32_eqz).end();
  EXPECT_EQ(refused_value(i32), "`refused`: `i32.eqz` is not allowed in the initial value of a global");
  b.op(Op::global_get, data.row).end();
  EXPECT_EQ(refused_value(i32), "`refused`: bad operand: a global is expected");
  b.op(Op::ref_func, 1000).end();
  EXPECT_EQ(refused_value(ValueType::FuncRef), "`refused`: bad operand: no symbol has the number 1000");
  b.op(Op::i64_data, 1000).end();
  EXPECT_EQ(refused_value(i64), "`refused`: bad operand: its words are outside of the extra array");
  b.address(Op::i64_data, data).end();
  EXPECT_EQ(refused_value(i64), "`refused`: an address has 32 bits");
  b.i32(1).end().end();
  EXPECT_EQ(refused_value(i32), "`refused`: instructions after the end of the expression");
  UnitSymbol changing = unit.declare_global("changing", {i32, true});
  b.op(Op::global_get, changing.row).end();
  EXPECT_EQ(refused_value(i32), "`refused`: its initial value is that of a global that may change");
}

TEST_F(UnitGlobals, InACircle) {
  UnitSymbol x = unit.declare_global("x", {i32, false}), y = unit.declare_global("y", {i32, false});
  ASSERT_TRUE(unit.set_global_code(x, b.op(Op::global_get, y.row).end().code()));
  b.clear();
  ASSERT_TRUE(unit.set_global_code(y, b.op(Op::global_get, x.row).end().code()));
  ASSERT_TRUE(unit.export_as(x));
  EXPECT_FALSE(link_with(session).ok);
  EXPECT_NE(messages(session).find("refer to each other in a circle"), std::string::npos) << messages(session);
  // Each twice the one before: they would never end.
  for (uint32_t i = 0; i < 31; i++) {
    const UnitSymbol to = i ? unit.find("g" + std::to_string(i - 1)) : outside;
    UnitSymbol g = unit.declare_global("g" + std::to_string(i), {i32, false});
    b.clear();
    b.op(Op::global_get, to.row).op(Op::global_get, to.row).op(Op::i32_add).end();
    ASSERT_TRUE(unit.set_global_code(g, b.code()));
  }
  ASSERT_TRUE(unit.unexport(x));
  ASSERT_TRUE(unit.export_as(unit.find("g5")));
  EXPECT_TRUE(link_with(session).ok) << messages(session);
  ASSERT_TRUE(unit.export_as(unit.find("g30")));
  EXPECT_FALSE(link_with(session).ok);
  EXPECT_NE(messages(session).find("it is too large"), std::string::npos) << messages(session);
}

TEST_F(UnitGlobals, KeepWhatTheyReferToAlive) {
  ASSERT_TRUE(unit.set_data(data, as_bytes("only by the global"), 0));
  b.address(Op::i32_data, data);
  UnitSymbol address = global("address", i32);
  auto has_data = [&] { return contains(bytes_of(link_with(session)), {'o', 'n', 'l', 'y', ' ', 'b', 'y'}); };
  EXPECT_TRUE(has_data());
  ASSERT_TRUE(unit.set_global(address, GlobalInit{1, 0}));
  EXPECT_FALSE(has_data());
  // What only a dead global refers to is dead.
  ASSERT_TRUE(unit.set_global_code(address, b.address(Op::i32_data, data).end().code()));
  ASSERT_TRUE(unit.unexport(address));
  EXPECT_FALSE(has_data());
}

TEST_F(UnitGlobals, NotInObjects) {
  Options options = plain_options();
  options.relocatable = true;
  options.entry.reset();
  b.i32(1).i32(2).op(Op::i32_add);
  global("sum", i32);
  EXPECT_TRUE(link_with(session, options).ok) << messages(session);
  b.address(Op::i32_data, data);
  UnitSymbol address = global("address", i32);
  EXPECT_FALSE(link_with(session, options).ok);
  EXPECT_EQ(messages(session),
            "`address` has an initial value that refers to something else: object files have no way "
            "to say this\n  in jit\n");
  options.relocatable = false;
  options.emit_relocs = true;
  options.entry = "";
  EXPECT_FALSE(link_with(session, options).ok);
  ASSERT_TRUE(unit.remove(address));
  EXPECT_TRUE(link_with(session, options).ok) << messages(session);
}

struct UnitTables : UnitGlobals {
  UnitSymbol table = unit.declare_table("table", {ValueType::FuncRef, {0, 16, 8, 0}}), g, imported;

  void SetUp() override {
    UnitGlobals::SetUp();
    b.i32(22).end();
    g = function("g", {}, {i32});
    ASSERT_TRUE(unit.set_function(g, {}, b.code(), local));
    b.clear();
    imported = function("imported", {}, {i32});
    ASSERT_TRUE(unit.import_from(imported, "env", "imported"));
    b.local_get(0).call_indirect(sig({}, {i32}), table).end();
    exported("call", {i32}, {i32});
    ASSERT_TRUE(unit.export_as(table));
  }
  bool set(std::vector<UnitSymbol> elements, uint32_t first = 0) {
    session.diagnostics.clear();
    return unit.set_table(table, elements, first);
  }
};

TEST_F(UnitTables, InitialElements) {
  ASSERT_TRUE(set({f, {}, g, imported, {}, f}, 1)) << messages(session);
  UnitSymbol passive = unit.declare_segment("passive", SegmentKind::PassiveElements);
  const UnitSymbol listed[] = {g};
  ASSERT_TRUE(unit.set_passive_elements(passive, listed));
  b.i32(0).i32(0).i32(1).op_words(Op::table_init, {passive.row, table.row}).end();
  exported("fill", {}, {});
  LinkResult result = link_with(session);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("elements.wasm", result);
  Session restored;
  ASSERT_TRUE(restore_session(restored, FileBytes::copy(save_session(session))));
  EXPECT_TRUE(link_with(restored).output == result.output);
  Options options = plain_options();
  options.metafile = true;
  EXPECT_TRUE(link_with(session, options).ok) << messages(session);
  options = plain_options();
  options.relocatable = true;
  options.entry.reset();
  ASSERT_TRUE(unit.remove(unit.find("fill")));
  EXPECT_FALSE(link_with(session, options).ok);
  EXPECT_NE(messages(session).find("`table` has initial elements: object files"), std::string::npos);
}

TEST_F(UnitTables, WhatIsRefused) {
  ASSERT_TRUE(set({f}));
  EXPECT_FALSE(set({f, f}, 7));
  EXPECT_EQ(messages(session), "`table`: it has 8 slots at first, and elements up to slot 8\n  in jit\n");
  EXPECT_FALSE(set({f, data}));
  EXPECT_EQ(messages(session), "`table`: element 1 is no function\n  in jit\n");
  EXPECT_FALSE(set({UnitSymbol(1000)}));
  EXPECT_EQ(unit[table].fixup_count, 1u); // as it was
  UnitSymbol others = unit.declare_table("others", {ValueType::ExternRef, {0, 16, 8, 0}});
  const UnitSymbol functions[] = {f};
  EXPECT_FALSE(unit.set_table(others, functions, 0));
  ASSERT_TRUE(set({}));
  EXPECT_EQ(unit[f].uses, 0u);
}

TEST_F(UnitTables, ElementsAreAliveWithTheTable) {
  b.i32(0x7654321).end();
  ASSERT_TRUE(unit.set_function(g, {}, b.code(), local));
  auto has_g = [&] { return contains(bytes_of(link_with(session)), {0x41, 0xa1, 0x86, 0x95, 0x3b}); };
  ASSERT_TRUE(set({f}));
  EXPECT_FALSE(has_g());
  ASSERT_TRUE(set({f, g}));
  EXPECT_TRUE(has_g());
  ASSERT_TRUE(unit.unexport(table));
  ASSERT_TRUE(unit.unexport(unit.find("call")));
  EXPECT_FALSE(has_g());
}

} // namespace
} // namespace weld
