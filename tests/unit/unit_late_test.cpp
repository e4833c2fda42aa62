// Data whose content is asked for when it is known what is alive.
#include "tests/unit/unit_fixture.h"

namespace weld {
namespace {

struct UnitLate : UnitTest {
  UnitSymbol names = unit.declare_data("names"), run;
  std::string asked; // names of what was alive, each time
  int times = 0;

  // A table of the addresses of all `error.*` that are alive, with their number in front.
  bool tell(std::span<const UnitSymbol> alive, LateContent& content) {
    times++;
    asked.clear();
    content.bytes.resize(4);
    for (UnitSymbol symbol : alive) {
      const std::string name(session.strings.text(unit[symbol].name));
      asked += asked.empty() ? name : ' ' + name;
      if (name.rfind("error.", 0) != 0) continue;
      content.fixups.push_back({Fixup::Address, 4, static_cast<uint32_t>(content.bytes.size()), symbol});
      content.bytes.resize(content.bytes.size() + 4);
    }
    content.bytes[0] = static_cast<uint8_t>(content.fixups.size());
    return true;
  }
  bool set_late() {
    return unit.set_late_data(
        names,
        [this](std::span<const UnitSymbol> alive, LateContent& content) { return tell(alive, content); }, 2,
        data_flag::read_only);
  }
  // `run` uses these errors, and the table.
  void use(std::initializer_list<const char*> errors) {
    b.clear();
    for (const char* name : errors) b.address(Op::i32_data, unit.find(name)).op(Op::drop);
    b.address(Op::i32_data, names).end();
    exported("run", {}, {i32});
  }
  void SetUp() override {
    for (const char* name : {"error.one", "error.two", "error.three"})
      ASSERT_TRUE(unit.set_data(unit.declare_data(name), as_bytes(name), 0, {}, data_flag::read_only));
    ASSERT_TRUE(set_late());
    use({"error.one", "error.three"});
  }
  Vector<uint8_t> linked(Options options = plain_options()) {
    const LinkResult result = link_with(session, options);
    EXPECT_TRUE(result.ok) << messages(session);
    return bytes_of(result);
  }
  // What a unit with the same content, given in advance, links to.
  Vector<uint8_t> in_advance(std::initializer_list<const char*> errors) {
    Session other;
    Unit& u = other.unit(other.add_unit("jit"));
    UnitSymbol table = u.declare_data("names");
    for (const char* name : {"error.one", "error.two", "error.three"})
      EXPECT_TRUE(u.set_data(u.declare_data(name), as_bytes(name), 0, {}, data_flag::read_only));
    Vector<uint8_t> bytes(4 + 4 * errors.size());
    bytes[0] = static_cast<uint8_t>(errors.size());
    Vector<Fixup> fixups;
    MirBuilder code;
    for (const char* name : errors) {
      fixups.push_back({Fixup::Address, 4, static_cast<uint32_t>(4 + 4 * fixups.size()), u.find(name)});
      code.address(Op::i32_data, u.find(name)).op(Op::drop);
    }
    EXPECT_TRUE(u.set_data(table, bytes, 2, fixups, data_flag::read_only));
    const UnitSymbol f = u.declare_function("run", u.type({}, {{i32}}));
    EXPECT_TRUE(u.set_function(f, {}, code.address(Op::i32_data, table).end().code()));
    EXPECT_TRUE(u.export_as(f));
    return bytes_of(link_with(other));
  }
};

TEST_F(UnitLate, TheContentDependsOnWhatIsAlive) {
  EXPECT_TRUE(linked() == in_advance({"error.one", "error.three"}));
  EXPECT_EQ(asked, "names error.one error.three run");
  EXPECT_EQ(times, 1);
  // Other code makes other things alive.
  use({"error.two"});
  EXPECT_TRUE(linked() == in_advance({"error.two"}));
  EXPECT_EQ(asked, "names error.two run");
  use({});
  EXPECT_TRUE(linked() == in_advance({}));
  use({"error.one", "error.two", "error.three"});
  EXPECT_TRUE(linked() == in_advance({"error.one", "error.two", "error.three"}));
  EXPECT_EQ(times, 4);
}

TEST_F(UnitLate, DataThatIsNotInTheOutputIsNotAskedFor) {
  b.i32(1).end();
  exported("run", {}, {i32});
  linked();
  EXPECT_EQ(times, 0);
}

// Without garbage collection everything is in the output.
TEST_F(UnitLate, OfAnObject) {
  Options options = plain_options();
  options.relocatable = true;
  publish("late.o", link_with(session, options));
  EXPECT_EQ(asked, "names error.one error.two error.three run");
  publish("late.wasm", link_with(session));
  EXPECT_EQ(asked, "names error.one error.three run");
}

TEST_F(UnitLate, KeptLinksAreOfTheSameContent) {
  session.keeps_links = true;
  const Vector<uint8_t> first = linked();
  EXPECT_TRUE(linked() == first); // nothing was edited
  use({"error.two"});
  EXPECT_TRUE(linked() == in_advance({"error.two"}));
  use({"error.one", "error.three"});
  EXPECT_TRUE(linked() == first);
}

TEST_F(UnitLate, AnEditOfAnObjectMayChangeWhatIsAlive) {
  session.keeps_links = true;
  SmallObject object;
  object.functions = {{"_start", 0, {}, 0, {}, {"error.two"}}};
  const InputId id = session.add("a.o", FileBytes::copy(object.build()));
  Options options = plain_options();
  options.entry = "_start";
  linked(options);
  EXPECT_EQ(asked, "names error.one error.two error.three run");
  object.functions[0].reads = {};
  ASSERT_TRUE(session.replace(id, FileBytes::copy(object.build())));
  linked(options);
  EXPECT_EQ(asked, "names error.one error.three run");
}

TEST_F(UnitLate, SeveralAndOthersThatTheyName) {
  const UnitSymbol count = unit.declare_data("count"), second = unit.declare_data("second");
  Unit& other = session.unit(session.add_unit("other"));
  const UnitSymbol of_other = other.declare_data("of_other");
  auto name = [](UnitSymbol symbol, uint8_t byte) {
    return [=](std::span<const UnitSymbol>, LateContent& content) {
      for (int i = 0; i < 4; i++) content.bytes.push_back(byte);
      content.fixups.push_back({Fixup::Address, 4, 0, symbol, byte});
      return true;
    };
  };
  ASSERT_TRUE(unit.set_late_data(count, name(second, 1), 2));
  ASSERT_TRUE(unit.set_late_data(second, name(count, 2), 2));
  // What another input defines can be named when the unit refers to it already.
  const UnitSymbol count_there = other.declare_data("count"),
                   user = other.declare_function("user", other.type({}, {{i32}}));
  b.clear();
  ASSERT_TRUE(other.set_function(user, {}, b.address(Op::i32_data, count_there).end().code()));
  ASSERT_TRUE(other.export_as(user));
  b.clear();
  ASSERT_TRUE(other.set_late_data(of_other, name(count_there, 3), 2));
  for (UnitSymbol symbol : {count, second}) ASSERT_TRUE(unit.export_as(symbol));
  ASSERT_TRUE(other.export_as(of_other));
  const Vector<uint8_t> first = linked();
  // Set in another order, after other links, the bytes are the same.
  ASSERT_TRUE(unit.set_late_data(count, name(second, 1), 2));
  ASSERT_TRUE(set_late());
  EXPECT_TRUE(linked() == first);
}

TEST_F(UnitLate, WhatIsNotAliveCannotBeNamed) {
  const UnitSymbol dead = unit.find("error.two");
  auto ask = [=](std::span<const UnitSymbol>, LateContent& content) {
    content.bytes.resize(8);
    content.fixups.push_back({Fixup::Address, 4, 4, dead});
    return true;
  };
  ASSERT_TRUE(unit.set_late_data(names, ask, 2));
  EXPECT_FALSE(link_with(session).ok);
  EXPECT_NE(messages(session).find("`names`: its content names `error.two`, which nothing else keeps"),
            std::string::npos)
      << messages(session);
  // Nothing is left of it.
  ASSERT_TRUE(set_late());
  EXPECT_TRUE(linked() == in_advance({"error.one", "error.three"}));
  // Other contents that are refused.
  auto refused = [&](AskContent wrong) {
    EXPECT_TRUE(unit.set_late_data(names, std::move(wrong), 2));
    EXPECT_FALSE(link_with(session).ok);
    return messages(session);
  };
  EXPECT_NE(refused([](std::span<const UnitSymbol>, LateContent&) {
              return false;
            }).find("asked for, and not given"),
            std::string::npos);
  EXPECT_NE(refused([&](std::span<const UnitSymbol>, LateContent& content) {
              content.fixups.push_back({Fixup::Address, 4, 0, names});
              return true;
            }).find("a fixup is outside of the data"),
            std::string::npos);
  EXPECT_NE(refused([&](std::span<const UnitSymbol>, LateContent& content) {
              content.fixups.push_back({Fixup::Address, 4, 0, UnitSymbol()});
              return true;
            }).find("no symbol has the number"),
            std::string::npos);
}

TEST_F(UnitLate, ItBecomesOtherData) {
  linked();
  ASSERT_TRUE(unit.set_data(names, as_bytes("plain"), 0));
  EXPECT_FALSE(unit.has_late_data());
  linked();
  EXPECT_EQ(times, 1);
  ASSERT_TRUE(set_late());
  ASSERT_TRUE(set_late());
  EXPECT_TRUE(unit.has_late_data());
  linked();
  EXPECT_EQ(times, 2);
  ASSERT_TRUE(unit.remove(names));
  EXPECT_FALSE(unit.has_late_data());
}

TEST_F(UnitLate, ASnapshotDoesNotKeepWhoIsAsked) {
  const Vector<uint8_t> first = linked();
  Session restored;
  ASSERT_TRUE(restore_session(restored, FileBytes::copy(save_session(session))));
  Unit& again = restored.unit(restored.order()[0]);
  EXPECT_TRUE(again.has_late_data());
  EXPECT_FALSE(link_with(restored).ok);
  EXPECT_NE(messages(restored).find("set it again"), std::string::npos) << messages(restored);
  ASSERT_TRUE(again.set_late_data(
      again.find("names"),
      [this](std::span<const UnitSymbol> alive, LateContent& content) { return tell(alive, content); }, 2,
      data_flag::read_only));
  EXPECT_TRUE(bytes_of(link_with(restored)) == first);
}

} // namespace
} // namespace weld
