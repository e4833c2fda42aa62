// Names of units that come and go: what is left of them, and what their numbers still mean.
#include "core/session/snapshot.h"
#include "core/unit/mir_builder.h"
#include "tests/unit/messages.h"
#include "tests/unit/tier.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

namespace weld {
namespace {

constexpr uint32_t local = symbol_flag::binding_local;

// A session with a unit, in which a program stays.
struct Program {
  Session session;
  Unit& unit = session.unit(session.add_unit("jit"));
  MirBuilder b;

  struct Pair {
    UnitSymbol function, data;
  };

  Program() {
    UnitSymbol main = unit.declare_function("main", unit.type({}, {}));
    set(main, main, unit.constant(as_bytes("stays"), 0));
    EXPECT_TRUE(unit.export_as(main));
  }
  std::string messages() {
    const std::string text = messages_of(session.diagnostics);
    session.diagnostics.clear();
    return text;
  }
  LinkResult link() {
    Options options;
    options.output_name = "out.wasm";
    options.entry = "";
    EXPECT_TRUE(finish_options(options, session.diagnostics));
    return session.link(options);
  }
  Vector<uint8_t> linked() {
    LinkResult result = link();
    EXPECT_TRUE(result.ok) << messages();
    return Vector<uint8_t>(result.output.bytes());
  }

  void set(UnitSymbol function, UnitSymbol callee, UnitSymbol data) {
    b.clear();
    b.call(callee).address(Op::i32_data, data).op(Op::drop).end();
    EXPECT_TRUE(unit.set_function(function, {}, b.code())) << messages();
  }
  static std::string name(int i) { return "a_function_with_a_name_" + std::to_string(i); }
  // A function that calls main, and data that has its own address.
  Pair add(int i) {
    Pair pair;
    pair.data = unit.declare_data(name(i) + "_data");
    Fixup fixup;
    fixup.symbol = pair.data;
    fixup.offset = 4;
    EXPECT_TRUE(unit.set_data(pair.data, as_bytes("bytes of " + name(i)), 2, std::span(&fixup, 1), 0, local));
    pair.function = unit.declare_function(name(i), unit.type({}, {}));
    set(pair.function, unit.find("main"), pair.data);
    return pair;
  }
  void remove(Pair pair) {
    EXPECT_TRUE(unit.remove(pair.function));
    EXPECT_TRUE(unit.remove(pair.data));
  }
  // What edits of a unit can make grow.
  size_t memory() const {
    return unit.memory_size() + session.strings.byte_size() + size_t{session.strings.size()} * 24;
  }
};

constexpr size_t much = 1'500'000;

void expect_that_nothing_is_left(Program& program, const Vector<uint8_t>& before) {
  EXPECT_EQ(program.linked(), before);
  EXPECT_LT(program.memory(), much);
  // How many symbols of the unit a link goes through.
  const Session& s = program.session;
  EXPECT_LT(s.objects[s.inputs[s.order()[0]].object].object.symbols().size(), 1100u);
}

TEST(UnitNames, ComeAndGoOneAfterTheOther) {
  Program program;
  const Vector<uint8_t> before = program.linked();
  size_t largest = 0;
  const int count = static_cast<int>(in_tier(40'000, 150'000));
  for (int i = 0; i < count; i++) { // two names each
    program.remove(program.add(i));
    largest = std::max(largest, program.memory());
  }
  EXPECT_LT(largest, much); // without a link
  expect_that_nothing_is_left(program, before);
}

TEST(UnitNames, ComeAndGoTogether) {
  Program program;
  const Vector<uint8_t> before = program.linked();
  for (int round = 0; round < 3; round++) {
    std::vector<Program::Pair> pairs;
    for (int i = 0; i < 10'000; i++) pairs.push_back(program.add(round * 100'000 + i));
    EXPECT_NE(program.unit.memory_size(), 0u);
    for (Program::Pair pair : pairs) program.remove(pair);
    expect_that_nothing_is_left(program, before);
  }
}

TEST(UnitNames, ThatStayKeepTheirNumbersAndContents) {
  Program program;
  std::mt19937 random(3);
  std::map<int, Program::Pair> there;
  for (int i = 0; i < 20'000; i++) {
    there[i] = program.add(i);
    if (there.size() < 100) continue;
    auto victim = std::next(there.begin(), static_cast<int>(random() % there.size()));
    const UnitSymbol gone = victim->second.function;
    program.remove(victim->second);
    there.erase(victim);
    if (i % 1000 != 999) continue;

    Program fresh;
    for (auto& [k, pair] : there) {
      EXPECT_EQ(program.unit.find(Program::name(k)), pair.function);
      EXPECT_EQ(program.unit.find(Program::name(k) + "_data"), pair.data);
      EXPECT_TRUE(program.unit.export_as(pair.function));
      EXPECT_TRUE(fresh.unit.export_as(fresh.add(k).function));
    }
    Session restored;
    ASSERT_TRUE(restore_session(restored, FileBytes::copy(save_session(program.session))));
    const Vector<uint8_t> linked = program.linked();
    ASSERT_EQ(linked, fresh.linked()) << i;
    const Unit& same = restored.unit(restored.order()[0]);
    for (auto& [k, pair] : there) EXPECT_EQ(same.find(Program::name(k)), pair.function);
    EXPECT_FALSE(same.has(gone));
    EXPECT_EQ(same.why_unknown(gone), program.unit.why_unknown(gone));
  }
}

TEST(UnitNames, AreThereWhileSomethingUsesThem) {
  Program p;
  Unit& unit = p.unit;
  const UnitSymbol main = unit.find("main");
  const UnitSymbol callee = unit.declare_function("callee", unit.type({}, {}));
  const UnitSymbol data = unit.declare_data("data");
  ASSERT_TRUE(unit.set_zeros(data, 4, 0));
  p.set(callee, callee, data); // calls itself
  p.set(main, callee, data);
  ASSERT_TRUE(unit.remove(callee));
  EXPECT_EQ(unit.find("callee"), callee);
  EXPECT_FALSE(p.link().ok); // it is undefined
  EXPECT_EQ(p.messages().rfind("undefined symbol `callee`", 0), 0u);
  // Set again before it is gone, it stays when nothing uses it.
  p.set(callee, callee, data);
  p.set(main, main, data);
  EXPECT_EQ(unit.find("callee"), callee);
  // Declared again, likewise.
  p.set(main, callee, data);
  ASSERT_TRUE(unit.remove(callee));
  EXPECT_EQ(unit.declare_function("callee", unit.type({}, {})), callee);
  p.set(main, main, data);
  EXPECT_EQ(unit.find("callee"), callee);
  // Else it goes with its last use.
  p.set(main, callee, data);
  ASSERT_TRUE(unit.remove(callee));
  p.set(main, callee, data); // no moment without one
  EXPECT_EQ(unit.find("callee"), callee);
  p.set(main, main, data);
  EXPECT_FALSE(unit.find("callee"));
  EXPECT_FALSE(unit.has(callee));
}

TEST(UnitNames, NumbersThatAreGoneAreRefused) {
  Program p;
  Unit& unit = p.unit;
  const UnitSymbol main = unit.find("main");
  const uint32_t type = unit.type({}, {});
  const UnitSymbol f = unit.declare_function("gone", type), d = unit.declare_data("gone data"),
                   c = unit.constant(as_bytes("gone as well"), 0),
                   passive = unit.declare_segment("gone segment", SegmentKind::PassiveData);
  for (UnitSymbol symbol : {f, d, c, passive}) ASSERT_TRUE(unit.remove(symbol));
  // Others take their places, and their names.
  for (int i = 0; i < 3000; i++) ASSERT_TRUE(unit.remove(unit.declare_data("more " + std::to_string(i))));
  const UnitSymbol again = unit.declare_function("gone", type);
  EXPECT_NE(again, f);
  EXPECT_NE(unit.constant(as_bytes("gone as well"), 0), c);
  const Vector<uint8_t> before = p.linked();

  auto is_refused = [&](bool done, UnitSymbol symbol) {
    EXPECT_FALSE(done);
    const std::string what = "the symbol with the number " + std::to_string(symbol.row) + " was removed";
    const std::string text = p.messages();
    EXPECT_NE(text.find(what), std::string::npos) << text;
  };
  auto code_is_refused = [&](UnitSymbol symbol) {
    p.b.op(Op::unreachable).end();
    is_refused(unit.set_function(main, {}, p.b.code()), symbol);
    p.b.clear();
  };
  p.b.clear();
  is_refused(unit.set_function(f, {}, p.b.code()), f);
  is_refused(unit.set_data(d, as_bytes("x"), 0), d);
  is_refused(unit.set_zeros(c, 4, 0), c);
  is_refused(unit.set_passive_data(passive, as_bytes("x")), passive);
  is_refused(unit.set_alias(f, main), f);
  is_refused(unit.set_alias(again, f), f);
  is_refused(unit.import_from(f, "m", "n"), f);
  is_refused(unit.unimport(f), f);
  is_refused(unit.export_as(f), f);
  is_refused(unit.unexport(f), f);
  is_refused(unit.run_at_start(f), f);
  is_refused(unit.run_no_more(f), f);
  is_refused(unit.remove(f), f);
  const UnitSymbol elements = unit.declare_segment("elements", SegmentKind::PassiveElements);
  const UnitSymbol functions[] = {main, f};
  is_refused(unit.set_passive_elements(elements, functions), f);
  ASSERT_TRUE(unit.remove(elements));
  const UnitSymbol place = unit.declare_data("place");
  Fixup fixup;
  fixup.symbol = d;
  is_refused(unit.set_data(place, as_bytes("abcd"), 0, std::span(&fixup, 1)), d);
  fixup.kind = Fixup::TableSlot;
  fixup.symbol = f;
  is_refused(unit.set_data(place, as_bytes("abcd"), 0, std::span(&fixup, 1)), f);
  ASSERT_TRUE(unit.remove(place));
  p.b.call(f);
  code_is_refused(f);
  p.b.address(Op::i32_data, c);
  code_is_refused(c);
  p.b.op(Op::data_drop, passive.row);
  code_is_refused(passive);
  EXPECT_FALSE(unit.remove(UnitSymbol(1'000'000)));
  EXPECT_NE(p.messages().find("no symbol has the number 1000000"), std::string::npos);
  EXPECT_EQ(p.linked(), before);
}

TEST(UnitNames, ConstantsStayWhatTheyAre) {
  Program p;
  const UnitSymbol c = p.unit.constant(as_bytes("text"), 0);
  EXPECT_FALSE(p.unit.set_data(c, as_bytes("other"), 0));
  EXPECT_FALSE(p.unit.set_zeros(c, 4, 0));
  EXPECT_FALSE(p.unit.set_alias(c, p.unit.constant(as_bytes("target"), 0)));
  EXPECT_EQ(p.unit.constant(as_bytes("text"), 0), c);
  EXPECT_TRUE(p.unit.remove(c));
}

} // namespace
} // namespace weld
