// Where a session leaves room, functions and data come and go without a full link. The output is another one than that of a
// full link, so what it does is compared: tests/unit_growth.test.mjs calls everything in both.
#include "tests/unit/unit_fixture.h"

#include <cstdlib>
#include <map>
#include <memory>
#include <random>

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

// Units and objects that use each other. All functions take a number and give one. Functions of units call those before them
// and those of objects, and read data, which may lead to other data or name functions.
class GrowingEditor {
public:
  explicit GrowingEditor(uint32_t seed) : random_(seed), seed_(seed) {
    session_->keeps_links = true;
    session_->leave_room(true);
    options_ = plain_options();
    for (uint32_t i = 0; i < objects; i++) {
      SmallObject object;
      object.undefined_type = 1;
      for (uint32_t n = 0; n < 2; n++) {
        SmallObject::Function f{.name = name("o", 2 * i + n), .type = 1};
        if (n) f.calls = {name("o", 2 * i)};
        if (n && i < 2) f.takes = {name("f", 10 * (i % 2))};
        if (i < 2) f.reads = {name("d", 10 * (i % 2))};
        object.functions.push_back(std::move(f));
      }
      object.segments = {{".data." + name("e", i), "dat" + std::to_string(i), 0, name("e", i)}};
      ids_.push_back(session_->add(name("o", i) + ".o", FileBytes::copy(object.build())));
      objects_.push_back(std::move(object));
    }
    for (uint32_t u = 0; u < 2; u++) {
      session_->add_unit(name("u", u));
      for (uint32_t i = 0; i < functions; i++) set_data(u, i);
      for (uint32_t i = 0; i < functions; i++) set_function(u, i);
      for (uint32_t i = 0; i < 3; i++) EXPECT_TRUE(unit(u).export_as(function(u, i)));
    }
  }

  void step() {
    const uint32_t u = below(2), i = below(functions);
    switch (below(10)) {
    case 0:
    case 1: return set_data(u, i);
    case 2: return toggle_export(u, i);
    case 3: return remove(u, i);
    case 4: return edit_object();
    case 5: return remove_data(u, i);
    default: return set_function(u, i);
    }
  }

  void check() {
    const LinkResult result = link_with(*session_, options_);
    const std::string said = messages(*session_);
    Session all;
    ASSERT_TRUE(restore_session(all, FileBytes::copy(save_session(*session_))));
    const LinkResult wanted = link_with(all, options_);
    ASSERT_EQ(result.ok, wanted.ok) << said << messages(all)
                                    << (result.stats.full ? result.stats.full : "grown");
    ASSERT_EQ(said, messages(all));
    if (!result.ok) return;
    linked++;
    grown += !result.stats.full;
    if (result.stats.full) reasons[result.stats.full]++;
    const std::string where = "growth_random_" + std::to_string(seed_) + "_" + std::to_string(linked);
    publish(where + ".grown.wasm", result);
    publish(where + ".full.wasm", wanted);
  }

  uint32_t linked = 0, grown = 0;
  std::map<std::string, uint32_t> reasons;

private:
  static constexpr uint32_t functions = 8, objects = 4;

  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  bool one_in(uint32_t n) { return below(n) == 0; }
  static std::string name(const char* prefix, uint32_t n) { return prefix + std::to_string(n); }
  Unit& unit(uint32_t u) {
    for (InputId id : session_->order())
      if (const Input& input = session_->inputs[id]; input.unit && input.path == name("u", u))
        return *input.unit;
    std::abort();
  }
  uint32_t type(uint32_t u) {
    const ValueType types[] = {i32};
    return unit(u).type(types, types);
  }
  UnitSymbol function(uint32_t u, uint32_t i) {
    return unit(u).declare_function(name("f", 10 * u + i), type(u));
  }
  UnitSymbol data(uint32_t u, uint32_t i) { return unit(u).declare_data(name("d", 10 * u + i)); }
  bool has(uint32_t u, uint32_t i) { return unit(u)[function(u, i)].defined(); }
  bool has_data(uint32_t u, uint32_t i) { return unit(u)[data(u, i)].defined(); }

  void set_function(uint32_t u, uint32_t i) {
    Unit& to = unit(u);
    b_.clear();
    b_.local_get(0).i32(static_cast<int32_t>(one_in(4) ? below(none32 / 2) : below(60))).op(Op::i32_add);
    for (uint32_t n = below(4); n; n--) {
      const uint32_t other = below(functions), of = i ? below(i) : 0;
      switch (below(6)) {
      case 0:
        if (!i || !has(u, of)) break;
        b_.call(function(u, of));
        break;
      case 1:
        if (!i || !has(u, of)) break;
        b_.op(Op::i32_func, function(u, of).row).call_indirect(type(u));
        break;
      case 2: b_.call(to.declare_function(name("o", below(2 * objects)), type(u))); break;
      case 3: // a number, or the first byte behind a pointer
        if (!has_data(u, other)) break;
        b_.i32(0);
        if (points_[u][other]) b_.memory(Op::i32_load, 2, 0, data(u, other)).memory(Op::i32_load8_u, 0);
        else b_.memory(Op::i32_load, 2, 0, data(u, other));
        b_.op(Op::i32_add);
        break;
      case 4: {
        const std::string text = name("constant ", below(40)) + std::string(below(30), 'x');
        b_.i32(0).memory(Op::i32_load8_u, 0, 9, to.constant(as_bytes(text), 0)).op(Op::i32_add);
        break;
      }
      default:
        if (u && !one_in(3)) break; // of the other unit, which is linked before
        if (u && has(0, other)) b_.call(to.declare_function(name("f", other), type(u)));
        if (u) break;
        b_.i32(0).memory(Op::i32_load, 2, 0, to.declare_data(name("e", below(objects)))).op(Op::i32_add);
      }
    }
    b_.end();
    ASSERT_TRUE(to.set_function(function(u, i), {}, b_.code())) << messages(*session_);
  }

  // The first two are those that objects refer to.
  void set_data(uint32_t u, uint32_t i) {
    const uint32_t other = i ? below(i) : 0;
    const bool points = i && one_in(3) && has_data(u, other) && !points_[u][other];
    const uint32_t size = 4 + below(i % 2 ? 60 : 12);
    points_[u][i] = points;
    if (i == functions - 1) {
      points_[u][i] = false;
      ASSERT_TRUE(unit(u).set_zeros(data(u, i), size, 2));
      return;
    }
    const std::string bytes(size, static_cast<char>('a' + below(26)));
    const Fixup fixup{Fixup::Address, 4, 0, data(u, other), static_cast<int64_t>(below(4))};
    ASSERT_TRUE(unit(u).set_data(data(u, i), as_bytes(bytes), 2, std::span(&fixup, points ? 1u : 0u)))
        << messages(*session_);
    // Who reads it as another thing is set again.
    for (uint32_t f = 0; f < functions; f++)
      if (has(u, f)) set_function(u, f);
  }

  void toggle_export(uint32_t u, uint32_t i) {
    Unit& to = unit(u);
    if (!has(u, i)) return;
    const UnitSymbol f = function(u, i);
    const std::string other = name("other", 10 * u + i);
    const Vector<StringId> names = to.export_names(f);
    if (names.empty()) {
      ASSERT_TRUE(one_in(3) ? to.export_as(f, other) : to.export_as(f));
    } else if (names.size() == 1 && one_in(2)) {
      ASSERT_TRUE(to.export_as(f, other) && to.export_as(f));
    } else {
      ASSERT_TRUE(to.unexport(f, to.strings().text(names[below(static_cast<uint32_t>(names.size()))])));
    }
  }

  // Those that refer to it are set again, without it.
  void remove(uint32_t u, uint32_t i) {
    if (!i || !has(u, i)) return;
    ASSERT_TRUE(unit(u).remove(function(u, i)));
    for (uint32_t v = u; v < 2; v++)
      for (uint32_t f = 0; f < functions; f++)
        if (has(v, f)) set_function(v, f);
  }
  void remove_data(uint32_t u, uint32_t i) {
    if (!i || !has_data(u, i)) return;
    ASSERT_TRUE(unit(u).remove(data(u, i)));
    for (uint32_t d = i + 1; d < functions; d++)
      if (has_data(u, d)) set_data(u, d);
    for (uint32_t f = 0; f < functions; f++)
      if (has(u, f)) set_function(u, f);
  }

  void edit_object() {
    const uint32_t i = below(objects);
    SmallObject::Function& f = objects_[i].functions[below(2)];
    f.constant = below(1 << 20);
    if (i >= 2 && one_in(3)) f.reads = {name("e", i)};
    if (i >= 2 && one_in(3)) f.reads.clear();
    ASSERT_TRUE(session_->replace(ids_[i], FileBytes::copy(objects_[i].build())));
  }

  std::mt19937 random_;
  const uint32_t seed_;
  std::unique_ptr<Session> session_ = std::make_unique<Session>();
  Options options_;
  std::vector<InputId> ids_;
  std::vector<SmallObject> objects_;
  bool points_[2][functions] = {}; // whether data begins with an address
  MirBuilder b_;
};

TEST(UnitGrowth, AnySequenceOfEditsDoesWhatAFullLinkDoes) {
  const char* wanted = std::getenv("WELD_SEEDS"); // more of them, to look for rare cases
  const uint32_t seeds = wanted ? static_cast<uint32_t>(std::atoi(wanted)) : 4;
  uint32_t linked = 0, grown = 0;
  std::map<std::string, uint32_t> reasons;
  for (uint32_t seed = 1; seed <= seeds; seed++) {
    GrowingEditor editor(seed);
    for (int i = 0; i < 120; i++) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", step " + std::to_string(i));
      for (int n = i % 3; n >= 0; n--) editor.step();
      if (testing::Test::HasFatalFailure()) return;
      editor.check();
      if (testing::Test::HasFatalFailure()) return;
    }
    linked += editor.linked;
    grown += editor.grown;
    for (const auto& [why, count] : editor.reasons) reasons[why] += count;
  }
  std::string seen;
  for (const auto& [why, count] : reasons) seen += "\n" + std::to_string(count) + " x " + why;
  // The sequences reach what they are for.
  EXPECT_GT(linked, 80 * seeds) << seen;
  EXPECT_GT(grown * 3, linked) << seen;
  if (std::getenv("WELD_SHOW")) std::printf("%u of %u grown%s\n", grown, linked, seen.c_str());
}

} // namespace
} // namespace weld
