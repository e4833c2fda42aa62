// Data of units in sections of C-like names: a program walks over all of it between `__start_NAME` and `__stop_NAME`.
#include "tests/unit/unit_fixture.h"

namespace weld {
namespace {

struct UnitCollections : UnitTest {
  UnitSymbol start = unit.declare_data("__start_records", weak),
             stop = unit.declare_data("__stop_records", weak);

  void SetUp() override {
    Unit& other = session.unit(session.add_unit("other"));
    uint32_t number = 0x11111101;
    for (Unit* of : {&unit, &other})
      for (const char* name : {"one", "two"}) {
        uint8_t bytes[4];
        write_le(bytes, number++);
        const UnitSymbol data = of->declare_data(name);
        ASSERT_TRUE(of->set_data(data, bytes, 2, {}, 0, local, "records"));
      }
    // Only a record refers to it.
    const UnitSymbol text = unit.declare_data("text"), record = unit.declare_data("pointer");
    ASSERT_TRUE(unit.set_data(text, as_bytes("of a record"), 0));
    const Fixup fixups[] = {{Fixup::Address, 4, 0, text, 0}};
    ASSERT_TRUE(unit.set_data(record, Vector<uint8_t>(4), 2, fixups, 0, local, "records"));
    b.i32(1).end();
    exported("root", {}, {i32});
  }
  size_t records(const Options& options = plain_options()) {
    const LinkResult result = link_with(session, options);
    EXPECT_TRUE(result.ok) << messages(session);
    const Vector<uint8_t> module = bytes_of(result);
    size_t count = 0;
    for (uint8_t number = 1; number <= 4; number++) count += contains(module, {number, 0x11, 0x11, 0x11});
    EXPECT_EQ(contains(module, {'o', 'f', ' ', 'a', ' ', 'r'}), count != 0);
    return count;
  }
};

TEST_F(UnitCollections, AreAliveWhenSomethingRefersToTheirBounds) {
  EXPECT_EQ(records(), 0u);
  for (UnitSymbol bound : {start, stop}) {
    b.address(Op::i32_data, bound).end();
    const UnitSymbol root = exported("root", {}, {i32});
    EXPECT_EQ(records(), 4u);
    ASSERT_TRUE(unit.set_function(root, {}, b.i32(1).end().code()));
    b.clear();
    EXPECT_EQ(records(), 0u);
  }
  // What is dead refers to nothing.
  b.address(Op::i32_data, start).end();
  UnitSymbol dead = function("dead", {}, {i32});
  ASSERT_TRUE(unit.set_function(dead, {}, b.code()));
  EXPECT_EQ(records(), 0u);
}

TEST_F(UnitCollections, AreWalkedOver) {
  b.address(Op::i32_data, stop).address(Op::i32_data, start).op(Op::i32_sub).end();
  exported("bytes", {}, {i32});
  b.address(Op::i32_data, start).op(Op::i32_const, 0).op(Op::drop).memory(Op::i32_load, 2).end();
  exported("first", {}, {i32});
  EXPECT_EQ(records(), 4u);
  publish("collections.wasm", link_with(session));
}

TEST_F(UnitCollections, OtherNamesAreNoCollections) {
  const UnitSymbol data = unit.declare_data("data");
  const uint8_t bytes[] = {0x77, 0x76, 0x75, 0x74};
  ASSERT_TRUE(unit.set_data(data, bytes, 0, {}, 0, local, "not.records"));
  b.address(Op::i32_data, start).end();
  exported("root", {}, {i32});
  EXPECT_FALSE(contains(bytes_of(link_with(session)), {0x77, 0x76, 0x75, 0x74}));
}

} // namespace
} // namespace weld
