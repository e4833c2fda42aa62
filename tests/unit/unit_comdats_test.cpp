// Groups (comdats) of units: a link keeps one of several, whether units or objects have them.
#include "tests/unit/unit_fixture.h"

namespace weld {
namespace {

// A unit with a group `shared`: a function that gives `number`, its data and a local helper; and a function of its own that
// calls it.
void fill(Unit& unit, const std::string& name, int32_t number) {
  const uint32_t type = unit.type({}, Types{i32});
  const UnitSymbol data = unit.declare_data("shared_data"), helper = unit.declare_function(".helper", type),
                   f = unit.declare_function("shared", type), own = unit.declare_function(name, type);
  const uint8_t bytes[] = {static_cast<uint8_t>(number), 0, 0, 0};
  EXPECT_TRUE(unit.set_data(data, bytes, 2));
  MirBuilder b;
  b.i32(0).memory(Op::i32_load, 2, 0, data).end();
  EXPECT_TRUE(unit.set_function(helper, {}, b.code(), local));
  b.clear();
  b.call(helper).end();
  EXPECT_TRUE(unit.set_function(f, {}, b.code()));
  EXPECT_TRUE(unit.set_function(own, {}, MirBuilder().call(f).end().code()));
  EXPECT_TRUE(unit.export_as(own));
  for (UnitSymbol symbol : {data, helper, f}) EXPECT_TRUE(unit.set_comdat(symbol, "shared"));
}

struct UnitComdats : testing::Test {
  Session session;
  Unit& a = session.unit(session.add_unit("a"));
  Unit& b = session.unit(session.add_unit("b"));

  void SetUp() override {
    fill(a, "from_a", 11);
    fill(b, "from_b", 22);
  }
  LinkResult linked() {
    LinkResult result = link_with(session);
    EXPECT_TRUE(result.ok) << messages(session);
    return result;
  }
  // Whether the module holds the data of a unit.
  static bool has(const LinkResult& result, uint8_t number) {
    return contains(bytes_of(result), {number, 0, 0, 0});
  }
  LinkResult object() { return object(session); }
  static LinkResult object(Session& session) {
    Options options = plain_options();
    options.relocatable = true;
    options.entry.reset();
    LinkResult result = link_with(session, options);
    EXPECT_TRUE(result.ok) << messages(session);
    return result;
  }
};

TEST_F(UnitComdats, TheFirstIsKept) {
  LinkResult result = linked();
  publish("comdats.wasm", result);
  EXPECT_TRUE(has(result, 11));
  EXPECT_FALSE(has(result, 22));
  session.set_order({session.order()[1], session.order()[0]});
  result = linked();
  EXPECT_TRUE(has(result, 22));
  EXPECT_FALSE(has(result, 11));
  // Without the group there are two definitions.
  for (const char* name : {"shared", ".helper", "shared_data"}) EXPECT_TRUE(a.set_comdat(a.find(name), ""));
  EXPECT_FALSE(link_with(session).ok);
  EXPECT_EQ(diagnostic_code(session.diagnostics.rows()[0].id), "duplicate-symbol");
}

TEST_F(UnitComdats, InObjects) {
  const LinkResult of_a_and_b = object();
  session.remove(session.order()[0]);
  publish("comdats_b.o", object());
  Session other;
  fill(other.unit(other.add_unit("a")), "from_a", 11);
  publish("comdats_a.o", object(other));
  // An object with the group comes before the unit.
  const InputId id = session.add("a.o", FileBytes::copy(bytes_of(of_a_and_b)));
  ASSERT_TRUE(id);
  // The object has the other function, too.
  EXPECT_TRUE(b.set_function(b.find("from_b"), {}, MirBuilder().call(b.find("shared")).end().code(), weak));
  session.set_order({id, session.order()[0]});
  LinkResult result = linked();
  EXPECT_TRUE(has(result, 11));
  EXPECT_FALSE(has(result, 22));
  session.set_order({session.order()[1], id});
  result = linked();
  EXPECT_TRUE(has(result, 22));
  EXPECT_FALSE(has(result, 11));
}

TEST_F(UnitComdats, WhatIsLocalToAGroupIsForTheGroup) {
  MirBuilder code;
  code.call(a.find(".helper")).end();
  ASSERT_TRUE(a.set_function(a.find("from_a"), {}, code.code()));
  EXPECT_FALSE(link_with(session).ok);
  EXPECT_EQ(messages(session),
            "`from_a`: it refers to `.helper`, which is local to the group `shared`\n  in a\n");
  ASSERT_TRUE(a.set_comdat(a.find(".helper"), ""));
  linked();
}

TEST_F(UnitComdats, AreSavedAndTakenBack) {
  const LinkResult result = linked();
  Session restored;
  ASSERT_TRUE(restore_session(restored, FileBytes::copy(save_session(session))));
  EXPECT_TRUE(link_with(restored).output == result.output);
  EXPECT_FALSE(a.set_comdat(UnitSymbol(1000), "shared"));
  const UnitSymbol global = a.declare_global("global", {i32, false});
  EXPECT_FALSE(a.set_comdat(global, "shared"));
  const UnitSymbol data = a.find("shared_data");
  ASSERT_TRUE(a.remove(data));
  EXPECT_FALSE(a[data].comdat);
}

} // namespace
} // namespace weld
