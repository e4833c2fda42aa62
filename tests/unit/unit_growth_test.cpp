// Where a session leaves room, functions and data come and go without a full link. The output is another one than that of a
// full link, so what it does is compared: tests/unit_growth.test.mjs calls everything in both.
#include "tests/unit/unit_fixture.h"

#include <memory>

namespace weld {
namespace {

struct UnitGrows : UnitTest {
  UnitGrows() {
    session.keeps_links = true;
    session.leave_room(true);
  }

  // Why the next link is a full one; empty: it is none. Publishes the output, and that of a full link.
  std::string links() {
    const LinkResult result = link_with(session, options);
    EXPECT_TRUE(result.ok) << messages(session);
    Session all;
    EXPECT_TRUE(restore_session(all, FileBytes::copy(save_session(session))));
    const LinkResult full = link_with(all, options);
    EXPECT_TRUE(full.ok) << messages(all);
    EXPECT_EQ(messages(session), messages(all));
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    const std::string name = std::string("growth_") + test->name() + "_" + std::to_string(links_++);
    publish(name + ".grown.wasm", result);
    publish(name + ".full.wasm", full);
    return result.stats.full ? result.stats.full : "";
  }
  void set(UnitSymbol f) {
    ASSERT_TRUE(unit.set_function(f, {}, b.code())) << messages(session);
    b.clear();
  }
  // A function without parameters that gives a number.
  UnitSymbol number(std::string_view name, int32_t value) {
    b.i32(value).end();
    const UnitSymbol f = function(name, {}, {i32});
    set(f);
    return f;
  }
  UnitSymbol text(std::string_view content) { return unit.constant(as_bytes(content), 0); }
  // Its first byte.
  MirBuilder& first_byte(UnitSymbol data) { return b.i32(0).memory(Op::i32_load8_u, 0, 0, data); }
  // A section of `owner` names what becomes alive in `unit`.
  void section_follows_what_comes(Unit& owner) {
    const UnitSymbol g = number("g", 7), d = unit.declare_data("d"), f = function("f", {}, {i32});
    ASSERT_TRUE(unit.set_data(d, as_bytes("Data"), 0));
    b.i32(0).memory(Op::i32_load8_u, 0, 20'000).end(); // as long as what follows, so that no code moves
    set(f);
    ASSERT_TRUE(unit.export_as(f));
    const Fixup fixups[] = {
        {Fixup::FunctionIndex, 4, 0, owner.declare_function("g", owner.type({}, Types{i32})), 0},
        {Fixup::Address, 4, 4, owner.declare_data("d"), 0}};
    ASSERT_TRUE(owner.set_section(owner.declare_section("probe"), as_bytes("12345678"), fixups))
        << messages(session);
    EXPECT_EQ(links(), "nothing was linked before");
    first_byte(d).end();
    set(f);
    EXPECT_EQ(links(), "");
    first_byte(d).call(g).op(Op::i32_add).end();
    set(f);
    EXPECT_EQ(links(), "");
  }

  Options options = plain_options();

private:
  int links_ = 0;
};

TEST_F(UnitGrows, FunctionsComeAndGo) {
  const UnitSymbol f = function("f", {}, {i32});
  first_byte(text("first")).end();
  set(f);
  ASSERT_TRUE(unit.export_as(f));
  EXPECT_EQ(links(), "nothing was linked before");
  // One that nothing refers to, then one that is called, with a constant of its own, and what it calls.
  number("unused", 5);
  EXPECT_EQ(links(), "");
  const UnitSymbol h = number("h", 30), g = function("g", {}, {i32});
  first_byte(text("second")).call(h).op(Op::i32_add).end();
  set(g);
  b.call(g).end();
  set(f);
  EXPECT_EQ(links(), "");
  // An export of one that is there, of one that was not, and of one that is new.
  ASSERT_TRUE(unit.export_as(g, "other") && unit.export_as(unit.find("unused")));
  EXPECT_EQ(links(), "");
  ASSERT_TRUE(unit.export_as(number("k", 7)));
  EXPECT_EQ(links(), "");
  EXPECT_EQ(links(), "");
  // What went leaves its place to what comes, though its type is another one.
  ASSERT_TRUE(unit.unexport(g));
  b.i32(3).end();
  set(f);
  ASSERT_TRUE(unit.remove(g));
  EXPECT_EQ(links(), "");
  ASSERT_TRUE(unit.remove(h));
  EXPECT_EQ(links(), "");
  const UnitSymbol twice = function("twice", {i32}, {i32});
  b.local_get(0).local_get(0).op(Op::i32_add).end();
  set(twice);
  b.i32(21).call(twice).end();
  set(f);
  EXPECT_EQ(links(), "");
  // The name of one that was removed.
  const UnitSymbol again = number("g", 99);
  b.call(again).end();
  set(f);
  EXPECT_EQ(links(), "");
  // Removed and added before the link.
  b.i32(1).end();
  set(f);
  ASSERT_TRUE(unit.remove(again));
  const UnitSymbol third = number("g", 98);
  b.call(third).end();
  set(f);
  EXPECT_EQ(links(), "");
}

// A link of everything says that the name has two definitions, and so does one that leaves room.
TEST_F(UnitGrows, ANameThatTwoUnitsDefine) {
  Unit& other = session.unit(session.add_unit("other"));
  const auto set_in = [&](Unit& in, std::string_view name, uint32_t flags = 0) {
    const UnitSymbol f = in.declare_function(name, in.type({}, Types{i32}));
    EXPECT_TRUE(in.set_function(f, {}, b.i32(1).end().code(), flags)) << messages(session);
    b.clear();
    return f;
  };
  ASSERT_TRUE(unit.export_as(set_in(unit, "f")));
  ASSERT_TRUE(other.export_as(set_in(other, "g")));
  EXPECT_EQ(links(), "nothing was linked before");
  const UnitSymbol mine = set_in(unit, "same");
  EXPECT_EQ(links(), "");
  // Its own name is no other's, and local names are nobody's.
  b.i32(2).end();
  ASSERT_TRUE(unit.set_function(mine, {}, b.code()));
  b.clear();
  set_in(other, "apart", local);
  set_in(unit, "apart", local);
  EXPECT_EQ(links(), "");
  const UnitSymbol data = other.declare_data("also");
  ASSERT_TRUE(other.set_data(data, as_bytes("data"), 0));
  EXPECT_EQ(links(), "");
  // In one link, in links after it, and after a snapshot.
  for (const std::string_view name : {"same", "also", "new"}) {
    Session again;
    ASSERT_TRUE(restore_session(again, FileBytes::copy(save_session(session))));
    again.keeps_links = true;
    again.leave_room(true);
    for (const uint32_t in : {0u, 1u}) {
      Unit& both = again.unit(InputId(in));
      if (both.find(name).row == UnitSymbol().row || !both[both.find(name)].defined()) set_in(both, name);
    }
    EXPECT_FALSE(link_with(again, options).ok) << name;
    EXPECT_NE(messages(again).find("duplicate symbol"), std::string::npos) << messages(again);
  }
  // When the first one is gone, the name is free.
  ASSERT_TRUE(unit.remove(mine));
  EXPECT_EQ(links(), "");
}

// All that is defined is exported, so something new is an export more.
TEST_F(UnitGrows, NothingWhereAllIsExported) {
  options.export_dynamic = true;
  number("f", 1);
  EXPECT_EQ(links(), "nothing was linked before");
  number("g", 2);
  EXPECT_NE(links(), "");
}

TEST_F(UnitGrows, DataGrowsAndShrinks) {
  const UnitSymbol d = unit.declare_data("d"), z = unit.declare_data("z"), f = function("f", {}, {i32});
  ASSERT_TRUE(unit.set_data(d, as_bytes("abcdefgh"), 2));
  ASSERT_TRUE(unit.set_zeros(z, 8, 2));
  b.i32(0).memory(Op::i32_load, 2, 4, d).i32(0).memory(Op::i32_load, 2, 12, d).op(Op::i32_add);
  b.i32(0).memory(Op::i32_load, 2, 4, z).op(Op::i32_add).end();
  set(f);
  ASSERT_TRUE(unit.export_as(f));
  EXPECT_EQ(links(), "nothing was linked before");
  ASSERT_TRUE(unit.set_data(d, as_bytes("ABCDEFGHIJKLMNOP"), 2));
  ASSERT_TRUE(unit.set_zeros(z, 16, 2));
  EXPECT_EQ(links(), "");
  ASSERT_TRUE(unit.set_data(d, as_bytes("abcdefgh"), 2));
  ASSERT_TRUE(unit.set_zeros(z, 4, 2));
  EXPECT_EQ(links(), "");
  ASSERT_TRUE(unit.set_data(d, as_bytes(std::string(64, 'x')), 2));
  EXPECT_EQ(links(), "data that outgrew its room");
  ASSERT_TRUE(unit.set_data(d, as_bytes(std::string(70, 'y')), 2)); // there is new room
  EXPECT_EQ(links(), "");
  // New data refers to data and functions, and takes the place of data that is gone.
  for (int i = 0; i < 8; i++) {
    const UnitSymbol e = unit.declare_data("e" + std::to_string(i));
    const Fixup fixup{Fixup::Address, 4, 0, d, i};
    ASSERT_TRUE(unit.set_data(e, as_bytes(std::string(3000, static_cast<char>('a' + i))), 2, {&fixup, 1}));
    b.i32(0).memory(Op::i32_load, 2, 0, e).memory(Op::i32_load8_u, 0).end();
    set(f);
    if (i) {
      ASSERT_TRUE(unit.remove(unit.find("e" + std::to_string(i - 1))));
    }
    EXPECT_EQ(links(), "");
  }
}

TEST_F(UnitGrows, SlotsAndTypesAreAdded) {
  const UnitSymbol f = function("f", {}, {i32}), one = number("one", 1), two = number("two", 2);
  const uint32_t type = sig({}, {i32});
  b.op(Op::i32_func, one.row).call_indirect(type).end();
  set(f);
  ASSERT_TRUE(unit.export_as(f));
  EXPECT_EQ(links(), "nothing was linked before");
  b.op(Op::i32_func, two.row).call_indirect(type).op(Op::i32_func, one.row).call_indirect(type);
  b.op(Op::i32_add).end();
  set(f);
  EXPECT_EQ(links(), "");
  // A type that was not there, of a function and of a call.
  const UnitSymbol wide = function("wide", {i64, i64}, {i64});
  b.local_get(1).end();
  set(wide);
  b.i64(1).i64(77).op(Op::i32_func, wide.row).call_indirect(sig({i64, i64}, {i64})).op(Op::i32_wrap_i64).end();
  set(f);
  EXPECT_EQ(links(), "");
  // What had a slot goes.
  b.i32(0).end();
  set(f);
  ASSERT_TRUE(unit.remove(one) && unit.remove(wide));
  EXPECT_EQ(links(), "");
  const UnitSymbol three = number("three", 3);
  b.op(Op::i32_func, three.row).call_indirect(type).end();
  set(f);
  EXPECT_EQ(links(), "");
}

TEST_F(UnitGrows, ManyFunctionsNeedNewRoom) {
  const UnitSymbol f = function("f", {}, {i32});
  b.i32(0).end();
  set(f);
  ASSERT_TRUE(unit.export_as(f));
  EXPECT_EQ(links(), "nothing was linked before");
  uint32_t full = 0;
  for (int i = 0; i < 200; i++) {
    const UnitSymbol g = number("g" + std::to_string(i), i);
    b.call(g).i32(0);
    if (i) b.op(Op::drop).call(unit.find("g" + std::to_string(i - 1))).op(Op::i32_add);
    else b.op(Op::i32_add);
    b.end();
    set(f);
    ASSERT_TRUE(unit.export_as(g));
    const std::string why = links();
    full += !why.empty();
  }
  EXPECT_GT(full, 0u);
  EXPECT_LT(full, 16u);
}

TEST_F(UnitGrows, SaysWhatThereIsNoRoomFor) {
  add_to(session, "o.o", {.functions = {{"o"}, {"unused"}}, .segments = {{".data.od", "data", 0, "od"}}});
  const UnitSymbol f = function("f", {}, {i32}), o = function("o", {}, {});
  b.call(o).i32(1).end();
  set(f);
  ASSERT_TRUE(unit.export_as(f));
  EXPECT_EQ(links(), "nothing was linked before");
  EXPECT_EQ(links(), "");
  b.call(function("unused", {}, {})).i32(1).end();
  set(f);
  EXPECT_EQ(links(), "a reference to what was not linked");
  // A name of another input that is alive.
  b.call(o).call(function("unused", {}, {})).i32(2).end();
  set(f);
  EXPECT_EQ(links(), "a reference to what was not linked");
  b.i32(2).end();
  set(f);
  EXPECT_EQ(links(), ""); // `o` stays, which nothing refers to
  b.call(o).i32(2).end();
  set(f);
  EXPECT_EQ(links(), "");
  number("o", 5); // which another input defines
  EXPECT_NE(link_with(session, options).ok, true);
  ASSERT_TRUE(unit.remove(unit.find("o")));
  b.i32(2).end();
  set(f);
  links();
  ASSERT_TRUE(unit.run_at_start(number("main_loop", 5)));
  EXPECT_FALSE(link_with(session, options).stats.full == nullptr);
}

TEST_F(UnitGrows, OptionsThatNameWhatComesNeedAFullLink) {
  options.exports_if_defined = {"late"};
  const UnitSymbol f = number("f", 1);
  ASSERT_TRUE(unit.export_as(f));
  EXPECT_EQ(links(), "nothing was linked before");
  number("late", 2);
  EXPECT_EQ(links(), "a new name that others may know");
  options.exports_if_defined = {};
  links();
  const UnitSymbol g = function("g", {}, {i32});
  b.i32(1).end();
  ASSERT_TRUE(unit.set_function(g, {}, b.code(), hidden));
  b.clear();
  EXPECT_EQ(links(), "");
  options.export_all = true;
  links();
  number("h", 2);
  EXPECT_EQ(links(), "a new function");
}

// Constructors may run because something refers to their object.
TEST_F(UnitGrows, AConstructorThatMayGoNeedsAFullLink) {
  session.add(
      "lib.o",
      FileBytes::copy(SmallObject{.functions = {{"start"}, {"used"}}, .constructors = {"start"}}.build()),
      {.lazy = true});
  const UnitSymbol f = function("f", {}, {i32}), used = function("used", {}, {}),
                   ctors = function("__wasm_call_ctors", {}, {});
  b.call(ctors).call(used).i32(1).end();
  set(f);
  ASSERT_TRUE(unit.export_as(f));
  EXPECT_EQ(links(), "nothing was linked before");
  b.call(ctors).i32(1).end();
  set(f);
  EXPECT_NE(links(), "");
}

TEST_F(UnitGrows, LinesOfNewFunctionsAreThere) {
  auto set_with_line = [&](UnitSymbol f, uint32_t line) {
    const SourceRow rows[] = {{0, 0, line, 1}};
    const SourceVariable variables[] = {{"x", 0}};
    const ValueType locals[] = {i32};
    ASSERT_TRUE(unit.set_function(f, locals, b.code(), 0, {{rows}, variables})) << messages(session);
    b.clear();
  };
  const UnitSymbol f = function("f", {}, {i32}), g = function("g", {}, {i32});
  b.i32(1).end();
  set_with_line(f, 10);
  ASSERT_TRUE(unit.export_as(f));
  EXPECT_EQ(links(), "nothing was linked before");
  b.i32(2).end();
  set_with_line(g, 20);
  b.call(g).end();
  set_with_line(f, 11);
  EXPECT_EQ(links(), "");
  b.i32(2).end();
  set_with_line(f, 12);
  ASSERT_TRUE(unit.remove(g));
  EXPECT_EQ(links(), "");
}

TEST_F(UnitGrows, ASessionWithoutRoomGivesTheBytesOfAFullLink) {
  const UnitSymbol f = number("f", 1);
  ASSERT_TRUE(unit.export_as(f));
  links();
  ASSERT_TRUE(unit.export_as(number("g", 1)));
  EXPECT_EQ(links(), "");
  session.leave_room(false);
  const LinkResult result = link_with(session, options);
  ASSERT_TRUE(result.ok);
  EXPECT_STREQ(result.stats.full, "other options");
  Session all;
  ASSERT_TRUE(restore_session(all, FileBytes::copy(save_session(session))));
  EXPECT_TRUE(bytes_of(result) == bytes_of(link_with(all, options)));
  b.i32(2).end();
  set(f);
  EXPECT_EQ(link_with(session, options).stats.full, nullptr);
}

// What is woken by others has its lines and names, too: objects and units do not say that it changed.
TEST_F(UnitGrows, LinesOfWokenFunctionsAreThere) {
  Unit& other = session.unit(session.add_unit("other"));
  const uint32_t type = other.type({}, Types{i32});
  auto set_in_other = [&](const char* name, int32_t value, uint32_t line) {
    const SourceRow rows[] = {{0, 0, line, 1}};
    const SourceVariable variables[] = {{"of_other", 0}};
    const ValueType locals[] = {i32};
    b.i32(value).end();
    const UnitSymbol f = other.declare_function(name, type);
    ASSERT_TRUE(other.set_function(f, locals, b.code(), 0, {{rows}, variables})) << messages(session);
    b.clear();
  };
  set_in_other("used", 1, 10);
  set_in_other("dead", 2, 20);
  const UnitSymbol f = function("f", {}, {i32}), used = function("used", {}, {i32}),
                   dead = function("dead", {}, {i32}), unused = function("unused", {}, {i32});
  b.call(used).end();
  set(f);
  b.call(dead).end();
  set(unused); // so that the name is known
  ASSERT_TRUE(unit.export_as(f));
  EXPECT_EQ(links(), "nothing was linked before");
  b.call(used).call(dead).op(Op::i32_add).end();
  set(f);
  EXPECT_EQ(links(), "");
}

// Custom sections keep nothing alive, and say where things are that become alive.
TEST_F(UnitGrows, SectionsFollowWhatComes) {
  section_follows_what_comes(unit);
}

// So do those of another unit, which was not edited.
TEST_F(UnitGrows, SectionsOfOthersFollowWhatComes) {
  section_follows_what_comes(session.unit(session.add_unit("other")));
}

// Also when a function that is there gets a place in the table, and when the instructions of one move because its size has
// another number of digits. Debug builds compare the section with what a link would write (`Relinker::check`).
TEST_F(UnitGrows, SectionsOfOthersFollowSlotsAndSizes) {
  const UnitSymbol g = number("g", 7), f = function("f", {}, {i32}), host = function("host", {}, {i32}),
                   last = number("last", 1);
  ASSERT_TRUE(unit.export_as(g) && unit.export_as(last));
  b.op(Op::i32_func, f.row).call_indirect(unit.type({}, Types{i32})).call(host).op(Op::i32_add).end();
  set(f);
  ASSERT_TRUE(unit.export_as(f) && unit.import_from(host, "env", "host"));
  Unit& other = session.unit(session.add_unit("other"));
  const uint32_t type = other.type({}, Types{i32});
  const Fixup fixups[] = {{Fixup::TableSlot, 4, 0, other.declare_function("g", type), 0},
                          {Fixup::FunctionOffset, 4, 4, other.declare_function("last", type), 0}};
  ASSERT_TRUE(other.set_section(other.declare_section("places"), as_bytes("12345678"), fixups))
      << messages(session);
  EXPECT_EQ(links(), "nothing was linked before");
  b.op(Op::i32_func, g.row).call_indirect(unit.type({}, Types{i32})).call(host).op(Op::i32_add).end();
  set(f);
  EXPECT_EQ(links(), "");
  for (int i = 0; i < 60; i++) b.i32(i).op(Op::drop);
  b.i32(1).end();
  set(last);
  EXPECT_EQ(links(), "");
}

TEST_F(UnitGrows, AModuleThatExportsNothingIsReported) {
  const UnitSymbol f = number("f", 1);
  EXPECT_EQ(links(), "nothing was linked before");
  number("g", 2);
  EXPECT_EQ(links(), "nothing was exported"); // the warning lists it
  ASSERT_TRUE(unit.export_as(f));
  EXPECT_EQ(links(), "nothing was exported");
  ASSERT_TRUE(unit.export_as(f, "more"));
  ASSERT_TRUE(unit.unexport(f, "f"));
  EXPECT_EQ(links(), "");
  ASSERT_TRUE(unit.unexport(f));
  EXPECT_EQ(links(), "the last export is gone");
}

// Room may need more memory than there is. The program needs none.
TEST_F(UnitGrows, AMemoryThatIsTooSmallHasNoRoom) {
  options.initial_memory = options.max_memory = 2 * 65536;
  const UnitSymbol d = unit.declare_data("d"), f = function("f", {}, {i32});
  ASSERT_TRUE(unit.set_data(d, as_bytes(std::string(60'000, 'x')), 0));
  first_byte(d).end();
  set(f);
  ASSERT_TRUE(unit.export_as(f));
  EXPECT_EQ(links(), "nothing was linked before");
  b.i32(2).end();
  set(f);
  EXPECT_EQ(links(), "the only reference to something is gone");
  ASSERT_TRUE(unit.set_data(d, as_bytes(std::string(100'000, 'x')), 0));
  first_byte(d).end();
  set(f);
  EXPECT_FALSE(link_with(session, options).ok);
  ASSERT_TRUE(unit.set_data(d, as_bytes(std::string(1000, 'x')), 0));
  links();
  number("g", 2);
  EXPECT_EQ(links(), ""); // now there is room
}

// What only units need may stay where a library has constructors, and what the library has may not.
TEST_F(UnitGrows, ConstructorsOfLibrariesStayAsTheyAre) {
  const SmallObject lib{.functions = {{"start"}, {"used"}}, .constructors = {"start"}},
      other{.functions = {{"start2"}, {"used2"}}, .constructors = {"start2"}};
  session.add("lib.o", FileBytes::copy(lib.build()), {.lazy = true});
  session.add("other.o", FileBytes::copy(other.build()), {.lazy = true});
  const UnitSymbol f = function("f", {}, {i32}), g = number("g", 5), h = function("h", {}, {i32}),
                   boot = function("boot", {}, {}), used = function("used", {}, {}),
                   used2 = function("used2", {}, {});
  b.call(function("__wasm_call_ctors", {}, {})).call(used).end();
  set(boot);
  ASSERT_TRUE(unit.export_as(boot));
  b.call(used2).i32(6).end();
  set(h);
  b.call(g).call(h).op(Op::i32_add).end();
  set(f);
  ASSERT_TRUE(unit.export_as(f));
  EXPECT_EQ(links(), "nothing was linked before");
  // `g` refers to nothing.
  b.call(h).end();
  set(f);
  EXPECT_EQ(links(), "");
  ASSERT_TRUE(unit.remove(g));
  EXPECT_EQ(links(), "");
  // `h` alone refers to a function of a library.
  b.i32(1).end();
  set(f);
  EXPECT_EQ(links(), "the only reference to something is gone");
}

// Places, slots, traps and indices that are free are used again.
TEST_F(UnitGrows, ReplacingFunctionsForEverNeedsNoMoreRoom) {
  const UnitSymbol f = function("f", {}, {i32});
  const uint32_t type = sig({}, {i32});
  UnitSymbol last = number("first", 1);
  b.op(Op::i32_func, last.row).call_indirect(type).end();
  set(f);
  ASSERT_TRUE(unit.export_as(f));
  link_with(session, options);
  size_t most = 0;
  for (int i = 0; i < 200; i++) {
    b.i32(i).op(Op::drop);
    first_byte(text("constant number " + std::to_string(i))).end();
    const UnitSymbol next = function("next" + std::to_string(i), {}, {i32});
    set(next);
    b.op(Op::i32_func, next.row).call_indirect(type).end();
    set(f);
    ASSERT_TRUE(unit.remove(last));
    last = next;
    const LinkResult result = link_with(session, options);
    ASSERT_TRUE(result.ok) << messages(session);
    if (i == 2) most = result.output.size() + 512;
    if (i > 2) {
      ASSERT_LT(result.output.size(), most) << i;
    }
    if (i % 20 == 0) links();
  }
}

// A snapshot says that the session leaves room, and has the last link as long as tables are what is made of the rows.
TEST_F(UnitGrows, SnapshotsHaveTheRoom) {
  const UnitSymbol f = number("f", 1);
  ASSERT_TRUE(unit.export_as(f));
  links();
  auto restored = [&] {
    auto again = std::make_unique<Session>();
    again->keeps_links = true;
    EXPECT_TRUE(restore_session(*again, FileBytes::copy(save_session(session))));
    EXPECT_TRUE(again->leaves_room());
    return again;
  };
  auto add = [&](Session& to) {
    Unit& restored_unit = to.unit(to.order().front());
    const UnitSymbol g = restored_unit.declare_function("g", restored_unit.type({}, Types{i32}));
    b.i32(9).end();
    ASSERT_TRUE(restored_unit.set_function(g, {}, b.code()));
    ASSERT_TRUE(restored_unit.export_as(g));
    b.clear();
  };
  auto once = restored();
  add(*once);
  const LinkResult grown = link_with(*once, options);
  ASSERT_TRUE(grown.ok);
  EXPECT_EQ(grown.stats.full, nullptr);
  add(session);
  EXPECT_EQ(links(), "");
  EXPECT_TRUE(bytes_of(grown) == bytes_of(link_with(session, options)));
  // Now the tables have grown.
  auto twice = restored();
  EXPECT_STREQ(link_with(*twice, options).stats.full, "nothing was linked before");
  EXPECT_EQ(link_with(*twice, options).stats.full, nullptr);
  // Who wants no room has none.
  auto without = restored();
  without->leave_room(false);
  const LinkResult plain = link_with(*without, options);
  Session fresh;
  ASSERT_TRUE(restore_session(fresh, FileBytes::copy(save_session(session))));
  EXPECT_TRUE(bytes_of(plain) == bytes_of(link_with(fresh, options)));
}

} // namespace
} // namespace weld
