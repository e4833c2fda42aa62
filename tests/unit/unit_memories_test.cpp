// Memories that a unit has besides the linker's, and tables of 64 bits.
#include "tests/unit/unit_fixture.h"

namespace weld {
namespace {

struct UnitMemories : UnitTest {
  UnitSymbol data = unit.declare_data("data");

  void SetUp() override { ASSERT_TRUE(unit.set_data(data, as_bytes("from the linker's memory"), 4)); }
  UnitSymbol memory(std::string_view name, const Limits& limits = {limits_has_max, 16, 1, 4}) {
    UnitSymbol symbol = unit.declare_memory(name, limits);
    EXPECT_TRUE(unit.set_memory(symbol)) << messages(session);
    return symbol;
  }
  void access(Op op, UnitSymbol memory, uint32_t p2align, uint32_t offset = 0) {
    b.op_words(op, {p2align | in_own_memory, offset, 0, memory.row});
  }
  // Functions that use a memory of 32 bits and one of 64.
  void all_kinds(UnitSymbol a, UnitSymbol wide) {
    b.local_get(0);
    access(Op::i32_load8_u, a, 0, 2);
    b.end();
    exported("get", {i32}, {i32});
    b.local_get(0).local_get(1);
    access(Op::i32_store8, a, 0, 2);
    b.end();
    exported("put", {i32, i32}, {});
    b.op(Op::memory_size, own_memory | a.row).end();
    exported("size", {}, {i32});
    b.local_get(0).op(Op::memory_grow, own_memory | a.row).end();
    exported("grow", {i32}, {i32});
    b.op(Op::memory_size).end();
    exported("linkers_size", {}, {i32});
    b.local_get(0).local_get(1).local_get(2).op(Op::memory_fill, own_memory | a.row).end();
    exported("fill", {i32, i32, i32}, {});
    // From the linker's memory.
    b.local_get(0).address(Op::i32_data, data).local_get(1);
    b.op_own(Op::memory_copy, {a.row, none32}).end();
    exported("copy", {i32, i32}, {});
    UnitSymbol segment = unit.declare_segment("segment", SegmentKind::PassiveData);
    ASSERT_TRUE(unit.set_passive_data(segment, as_bytes("passive")));
    b.local_get(0).i32(0).i32(7);
    b.op_own(Op::memory_init, {segment.row, a.row}).end();
    exported("init", {i32}, {});
    b.i64(int64_t{0}).i64(77);
    access(Op::i64_store, wide, 3, 0x7fff0);
    b.i64(0x7fff0);
    access(Op::i64_load, wide, 0);
    b.op(Op::memory_size, own_memory | wide.row).op(Op::i64_add).end();
    exported("wide", {}, {i64});
  }
};

TEST_F(UnitMemories, LoadsStoresAndBulk) {
  UnitSymbol a = memory("a"), wide = memory("b", {limits_is_64, 16, 16, 0});
  memory("unused");
  all_kinds(a, wide);
  ASSERT_TRUE(unit.export_as(a));
  ASSERT_TRUE(unit.export_as(a, "other"));
  LinkResult result = link_with(session);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("memories.wasm", result);
  EXPECT_TRUE(contains(bytes_of(result), {'m', 'u', 'l', 't', 'i', 'm', 'e', 'm', 'o', 'r', 'y'}));
  // The memories: the linker's, and two of the three.
  EXPECT_TRUE(contains(bytes_of(result), {0x03, 0x00, 0x02, 0x01, 0x01, 0x04, 0x04, 0x10}));
  Session restored;
  ASSERT_TRUE(restore_session(restored, FileBytes::copy(save_session(session))));
  EXPECT_EQ(bytes_of(link_with(restored)), bytes_of(result));
  Options options = plain_options();
  options.metafile = true;
  LinkResult with_metafile = link_with(session, options);
  ASSERT_TRUE(with_metafile.ok) << messages(session);
  EXPECT_NE(with_metafile.metafile.find("\"a\""), std::string::npos);
}

TEST_F(UnitMemories, AreSharedByName) {
  Unit& other = session.unit(session.add_unit("other"));
  UnitSymbol a = memory("a");
  b.i32(0);
  access(Op::i32_load, a, 2);
  b.end();
  exported("read", {}, {i32});
  UnitSymbol theirs = other.declare_memory("a", {limits_has_max, 16, 1, 4});
  UnitSymbol f = other.declare_function("write", other.type(Types{i32}, Types{}));
  b.i32(0).local_get(0);
  access(Op::i32_store, theirs, 2);
  b.end();
  ASSERT_TRUE(other.set_function(f, {}, b.code())) << messages(session);
  ASSERT_TRUE(other.export_as(f));
  LinkResult result = link_with(session);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("memories_shared.wasm", result);
  // A table of the same name is something else.
  UnitSymbol table = other.declare_table("a", {ValueType::FuncRef, {}});
  EXPECT_FALSE(table);
  EXPECT_NE(messages(session).find("it is a memory already"), std::string::npos) << messages(session);
}

TEST_F(UnitMemories, Imported) {
  UnitSymbol a = unit.declare_memory("a", {0, 16, 1, 0});
  ASSERT_TRUE(unit.import_from(a, "outside", "bytes"));
  b.i32(3);
  access(Op::i32_load8_u, a, 0);
  b.i32(0).memory(Op::i32_load8_u, 0, 0, data).op(Op::i32_add).end();
  exported("read", {}, {i32});
  EXPECT_FALSE(link_with(session).ok);
  EXPECT_NE(messages(session).find("imports come first"), std::string::npos) << messages(session);
  Options options = plain_options();
  options.import_memory = {"env", "memory"};
  LinkResult result = link_with(session, options);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("memories_imported.wasm", result);
}

// What two units declare under one name has one type.
TEST_F(UnitMemories, DeclaredOtherwise) {
  constexpr Limits one = {0, 16, 1, 0}, wide = {limits_is_64, 16, 1, 0}, nine = {0, 16, 9, 0},
                   bounded = {limits_has_max, 16, 1, 4}, shared = {limits_has_max | limits_shared, 16, 1, 4};
  const struct {
    Limits given, wanted;
    bool agrees;
  } cases[] = {{one, one, true},        {one, wide, false},       {wide, one, false},
               {one, nine, false},      {nine, one, true},        {bounded, one, true},
               {one, bounded, false},   {bounded, bounded, true}, {bounded, shared, false},
               {shared, bounded, false}};
  for (const auto& [given, wanted, agrees] : cases)
    for (const bool is_table : {false, true}) {
      if (is_table && ((given.flags | wanted.flags) & limits_shared)) continue;
      for (const bool is_defined : {true, false}) {
        Session both;
        for (const char* name : {"a", "b"}) {
          Unit& u = both.unit(both.add_unit(name));
          const bool is_giver = name[0] == 'a';
          const Limits& limits = is_giver ? given : wanted;
          const UnitSymbol m =
              is_table ? u.declare_table("m", {ValueType::FuncRef, limits}) : u.declare_memory("m", limits);
          if (is_giver && is_defined) {
            ASSERT_TRUE(is_table ? u.set_table(m) : u.set_memory(m));
          } else {
            ASSERT_TRUE(u.import_from(m, "env", "m"));
          }
          const UnitSymbol f = u.declare_function(name, u.type({}, {}));
          b.op(is_table ? Op::table_size : Op::memory_size, is_table ? m.row : own_memory | m.row)
              .op(Op::drop)
              .end();
          ASSERT_TRUE(u.set_function(f, {}, b.code())) << messages(both);
          b.clear();
          ASSERT_TRUE(u.export_as(f));
        }
        Options options = plain_options();
        if (!is_defined && !is_table) options.import_memory = {"env", "memory"};
        const bool ok = link_with(both, options).ok;
        const bool expected = is_defined ? agrees : given == wanted;
        EXPECT_EQ(ok, expected) << messages(both) << is_table << is_defined;
        if (!ok)
          EXPECT_EQ(messages(both).find(is_table ? "table `m` has two types\n  funcref of "
                                                 : "memory `m` has two types\n  memory of "),
                    0u)
              << messages(both);
      }
    }
}

TEST_F(UnitMemories, NotInObjects) {
  UnitSymbol a = memory("a");
  b.op(Op::memory_size, own_memory | a.row).end();
  exported("size", {}, {i32});
  Options options = plain_options();
  options.relocatable = true;
  options.entry.reset();
  EXPECT_FALSE(link_with(session, options).ok);
  EXPECT_EQ(messages(session),
            "`a` is a memory besides the linker's: object files have no way to say this\n  in jit\n");
  ASSERT_TRUE(unit.remove(unit.find("size")));
  ASSERT_TRUE(unit.remove(a));
  EXPECT_TRUE(link_with(session, options).ok) << messages(session);
}

TEST_F(UnitMemories, WhatIsRefused) {
  UnitSymbol table = unit.declare_table("table", {ValueType::FuncRef, {0, 16, 1, 0}});
  UnitSymbol a = memory("a");
  auto error = [](const std::string& what) { return "function `refused`, instruction 0: " + what; };
  access(Op::i32_load, table, 2);
  EXPECT_EQ(refused({}, {}), error("bad operand: a memory is expected, not a table"));
  access(Op::i32_load, data, 2);
  EXPECT_EQ(refused({}, {}), error("bad operand: a memory is expected, not a data"));
  b.op(Op::table_size, a.row);
  EXPECT_EQ(refused({}, {}), error("bad operand: a table is expected, not a memory"));
  b.op_words(Op::i32_load, {2 | in_own_memory, 0, 1, a.row});
  EXPECT_EQ(refused({}, {}), error("bad operand: an offset of more than 32 bits"));
  b.op(Op::memory_size, own_memory | 1000);
  EXPECT_EQ(refused({}, {}), error("bad operand: no symbol has the number 1000"));
  session.diagnostics.clear();
  EXPECT_FALSE(unit.declare_memory("memory", {}));
  EXPECT_FALSE(unit.declare_memory("large", {0, 16, 65537, 0}));
  EXPECT_FALSE(unit.declare_memory("shared", {limits_shared, 16, 1, 0}));
  EXPECT_FALSE(unit.set_table(a));
  EXPECT_FALSE(unit.set_memory(table));
  EXPECT_EQ(unit[a].kind_text(), "memory");
}

TEST_F(UnitMemories, TablesOf64Bits) {
  b.i32(11).end();
  UnitSymbol f = function("f", {}, {i32});
  ASSERT_TRUE(unit.set_function(f, {}, b.code()));
  b.clear();
  UnitSymbol table =
      unit.declare_table("table", {ValueType::FuncRef, {limits_is_64 | limits_has_max, 16, 4, 8}});
  const UnitSymbol elements[] = {{}, f};
  ASSERT_TRUE(unit.set_table(table, elements, 1));
  ASSERT_TRUE(unit.export_as(table));
  b.local_get(0).call_indirect(sig({}, {i32}), table).end();
  exported("call", {i64}, {i32});
  b.op(Op::ref_func, f.row).i64(1).op(Op::table_grow, table.row).op(Op::drop).op(Op::table_size, table.row).end();
  exported("grow", {}, {i64});
  LinkResult result = link_with(session);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("table64.wasm", result);
  EXPECT_TRUE(contains(bytes_of(result), {'m', 'e', 'm', 'o', 'r', 'y', '6', '4'}));
  // An imported one keeps all bits of its limits.
  UnitSymbol outside = unit.declare_table(
      "outside", {ValueType::FuncRef, {limits_is_64 | limits_has_max, 16, 4, uint64_t{1} << 40}});
  ASSERT_TRUE(unit.import_from(outside, "env", "outside"));
  b.i64(0).op(Op::table_get, outside.row).op(Op::ref_is_null).end();
  exported("is_null", {}, {i32});
  result = link_with(session);
  ASSERT_TRUE(result.ok) << messages(session);
  EXPECT_TRUE(contains(bytes_of(result), {0x70, 0x05, 0x04, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20}));
}

} // namespace
} // namespace weld
