// Constants of a unit: what makes two of them one, and that the order in which they came makes no difference.
#include "tests/unit/unit_fixture.h"

#include <numeric>
#include <random>

namespace weld {
namespace {

struct UnitConstants : UnitTest {
  UnitSymbol data = unit.declare_data("data");
  UnitSymbol other = unit.declare_data("other");
  UnitSymbol f;

  void SetUp() override {
    ASSERT_TRUE(unit.set_data(data, as_bytes("data"), 0));
    ASSERT_TRUE(unit.set_data(other, as_bytes("else"), 0));
    b.i32(1).end();
    f = function("f", {}, {i32});
    ASSERT_TRUE(unit.set_function(f, {}, b.code()));
    b.clear();
  }
  static Fixup at(uint32_t offset, UnitSymbol symbol, int64_t addend = 0) {
    return {Fixup::Address, 4, offset, symbol, addend};
  }
  static Fixup slot(uint32_t offset, UnitSymbol symbol) { return {Fixup::TableSlot, 4, offset, symbol, 0}; }
  UnitSymbol words(uint32_t count, std::vector<Fixup> fixups, uint32_t p2align = 2) {
    return unit.constant(Vector<uint8_t>(count * 4), p2align, fixups);
  }
};

TEST_F(UnitConstants, AreEqualByBytesAndTargets) {
  const UnitSymbol pair = words(2, {at(0, data), slot(4, f)});
  ASSERT_TRUE(pair);
  EXPECT_EQ(words(2, {slot(4, f), at(0, data)}), pair); // in any order
  EXPECT_NE(words(2, {at(0, data, 1), slot(4, f)}), pair);
  EXPECT_NE(words(2, {at(0, other), slot(4, f)}), pair);
  EXPECT_NE(words(2, {at(4, data), slot(0, f)}), pair);
  EXPECT_NE(words(2, {at(0, data)}), pair);
  EXPECT_NE(words(2, {}), pair);
  EXPECT_NE(words(3, {at(0, data), slot(4, f)}), pair);
  // What is under a fixup is no content, what is beside it is.
  Vector<uint8_t> bytes(8, uint8_t{9});
  const std::vector<Fixup> fixups = {at(0, data), slot(4, f)};
  EXPECT_EQ(unit.constant(bytes, 2, fixups), pair);
  const std::vector<Fixup> one = {at(0, data)};
  EXPECT_NE(unit.constant(bytes, 2, one), words(2, {at(0, data)}));
  // They are found again when the table has grown.
  for (uint32_t i = 0; i < 200; i++) ASSERT_TRUE(words(2, {at(0, data, i), slot(4, f)}));
  EXPECT_EQ(words(2, {at(0, data), slot(4, f)}), pair);
  ASSERT_TRUE(unit.remove(pair));
  ASSERT_TRUE(words(2, {at(0, data), slot(4, f)}));
}

TEST_F(UnitConstants, AlignmentIsTheLargestAskedFor) {
  const UnitSymbol text = unit.constant(as_bytes("text"), 0);
  EXPECT_EQ(unit.constant(as_bytes("text"), 3), text);
  EXPECT_EQ(unit.constant(as_bytes("text"), 1), text);
  EXPECT_EQ(unit[text].p2align, 3u);
  // Removed, it begins anew.
  ASSERT_TRUE(unit.remove(text));
  EXPECT_EQ(unit[unit.constant(as_bytes("text"), 0)].p2align, 0u);
}

TEST_F(UnitConstants, RefusedOnesLeaveNothing) {
  const uint32_t symbols = unit.symbol_count();
  EXPECT_FALSE(words(1, {at(0, f)}));
  EXPECT_FALSE(words(1, {at(1, data)}));
  EXPECT_FALSE(words(2, {at(0, data), at(3, data)}));
  EXPECT_FALSE(words(1, {at(0, UnitSymbol(1000))}));
  EXPECT_FALSE(words(2, {slot(0, f), at(4, f)}));
  EXPECT_FALSE(unit.constant(as_bytes("x"), 32));
  EXPECT_EQ(unit.symbol_count(), symbols);
  // A constant is not data that can be set.
  const UnitSymbol text = unit.constant(as_bytes("text"), 0);
  EXPECT_FALSE(unit.set_data(text, as_bytes("more"), 0));
  EXPECT_FALSE(unit.set_zeros(text, 4, 0));
  EXPECT_FALSE(unit.set_alias(text, data));
  EXPECT_EQ(unit.constant(as_bytes("text"), 0), text);
}

// Records that refer to records: made in one order, edited in another, they lie where a fresh unit has them.
TEST_F(UnitConstants, OrderOfEditsDoesNotMatter) {
  std::mt19937 random(3);
  constexpr uint32_t count = 24;
  Vector<uint8_t> first;
  for (int round = 0; round < 20; round++) {
    Session fresh;
    Unit& u = fresh.unit(fresh.add_unit("jit"));
    const UnitSymbol base = u.declare_data("base");
    ASSERT_TRUE(u.set_data(base, as_bytes("base"), 0));
    std::vector<UnitSymbol> garbage;
    for (int i = 0; i < round; i++)
      garbage.push_back(u.constant(as_bytes("garbage" + std::to_string(random() % 50)), 0));
    for (UnitSymbol symbol : garbage) u.remove(symbol); // their rows are used again
    // Record i refers to record i / 2, and so on to `base`; all have the same bytes.
    std::vector<UnitSymbol> made(count);
    std::vector<uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    auto make = [&](uint32_t i, auto again) -> UnitSymbol {
      if (made[i]) return made[i];
      const UnitSymbol to = i == 0 ? base : again(i / 2, again);
      const std::vector<Fixup> fixups = {at(i % 2 ? 0 : 4, to)};
      return made[i] = u.constant(Vector<uint8_t>(8), 2, fixups);
    };
    for (uint32_t i : order) ASSERT_TRUE(make(i, make));
    MirBuilder code;
    for (uint32_t i = 0; i < count; i++) code.address(Op::i32_data, made[i]).op(Op::drop);
    const UnitSymbol run = u.declare_function("run", u.type({}, {}));
    ASSERT_TRUE(u.set_function(run, {}, code.end().code()));
    ASSERT_TRUE(u.export_as(run));
    LinkResult result = link_with(fresh);
    ASSERT_TRUE(result.ok) << messages(fresh);
    if (round == 0) first = bytes_of(result);
    ASSERT_EQ(bytes_of(result), first) << round;
  }
}

TEST_F(UnitConstants, AreThereWhenTheProgramRuns) {
  // { "text", 42, f } and a record that refers to it.
  const UnitSymbol text = unit.constant(as_bytes(std::string("text\0", 5)), 0);
  Vector<uint8_t> bytes = {0, 0, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0};
  const std::vector<Fixup> fixups = {at(0, text, 1), slot(8, f)};
  const UnitSymbol record = unit.constant(bytes, 2, fixups);
  const std::vector<Fixup> outer = {at(0, record, 4)};
  const UnitSymbol pointer = unit.constant(Vector<uint8_t>(4), 2, outer);
  b.i32(0).memory(Op::i32_load, 2, 0, pointer).memory(Op::i32_load, 2).end();
  exported("number", {}, {i32});
  b.i32(0).memory(Op::i32_load, 2, 0, record).memory(Op::i32_load8_u, 0).end();
  exported("letter", {}, {i32});
  b.i32(0).memory(Op::i32_load, 2, 8, record).call_indirect(sig({}, {i32})).end();
  exported("call", {}, {i32});
  LinkResult result = link_with(session);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("constants.wasm", result);
  Options options = plain_options();
  options.relocatable = true;
  options.entry.reset();
  result = link_with(session, options);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("constants.o", result);
  Session restored;
  ASSERT_TRUE(restore_session(restored, FileBytes::copy(save_session(session))));
  EXPECT_EQ(restored.unit(restored.order()[0]).constant(bytes, 2, fixups), record);
}

} // namespace
} // namespace weld
