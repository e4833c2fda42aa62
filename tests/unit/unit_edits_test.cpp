// Random edits of two units with everything that a compiler can say: what is linked then is what fresh units give, and what
// a snapshot gives.
#include "tests/unit/unit_fixture.h"

#include <random>

namespace weld {
namespace {

constexpr uint32_t count = 6; // of each kind of symbol, in each unit

// Numbers below `n`, the same in each run.
struct Random {
  std::mt19937 generator;
  uint32_t operator()(uint32_t n) { return static_cast<uint32_t>(generator()) % n; }
};

std::string name(const char* kind, uint32_t i) {
  return kind + std::to_string(i);
}

struct Model {
  struct Function {
    uint32_t number = 0, constant = 0;
    uint32_t exports = 0; // bits: its own name, two others
    bool is_shared = false;
    std::vector<uint32_t> calls;
  };
  struct Data {
    uint32_t size = 0;
    std::vector<uint32_t> targets; // of 8 bytes each: a function's slot, or data and what is added
    bool is_record = false;
  };
  struct Global {
    uint32_t kind = 0, target = 0;
    bool is_exported = false;
  };
  Function functions[count];
  Data data[count];
  Global globals[count];
  std::vector<uint32_t> elements; // `count`: null

  void change(Random& random) {
    const uint32_t i = random(count);
    switch (random(4)) {
    case 0: {
      Function& f = functions[i];
      f = {random(none32), random(8), random(8), random(3) == 0, {}};
      for (uint32_t n = random(4); n; n--) f.calls.push_back(random(count));
      break;
    }
    case 1: {
      Data& d = data[i];
      d = {8 + random(20), {}, random(4) == 0};
      for (uint32_t n = random(d.size / 8 + 1); n; n--) d.targets.push_back(random(2 * count));
      break;
    }
    case 2: globals[i] = {random(4), random(count), random(2) == 0}; break;
    default:
      elements.clear();
      for (uint32_t n = random(count); n; n--) elements.push_back(random(count + 1));
    }
  }
};

// A unit as a model says. `own` makes the names that it exports its own.
struct Editor {
  Unit& unit;
  std::string own;

  UnitSymbol f(uint32_t i) const { return unit.find(name("f", i)); }
  UnitSymbol d(uint32_t i) const { return unit.find(name("d", i)); }
  UnitSymbol g(uint32_t i) const { return unit.find(name("g", i)); }

  // All in one order, so that rows are those of a fresh unit.
  void declare() {
    unit.declare_table(function_table_name, {ValueType::FuncRef, {}});
    for (uint32_t i = 0; i < count; i++) {
      unit.declare_function(name("f", i), unit.type({}, {}));
      unit.declare_data(name("d", i));
      unit.declare_global(name("g", i), {i32, false});
    }
    unit.declare_table("table", {ValueType::FuncRef, {0, 16, count, 0}});
    unit.declare_global("outside", {i32, false});
    EXPECT_TRUE(unit.import_from(unit.find("outside"), "env", "outside"));
  }

  Fixup fixup(uint32_t at, uint32_t target) const {
    if (target < count) return {Fixup::TableSlot, 4, at, f(target), 0};
    return {Fixup::Address, 4, at, d(target - count), at};
  }

  void set(const Model::Function& m, uint32_t i) {
    MirBuilder b;
    for (uint32_t callee : m.calls) b.call(f(callee));
    // A record that refers to a record; its alignment is that of its content.
    const std::vector<Fixup> inner = {fixup(0, m.constant % (2 * count))};
    const UnitSymbol record = unit.constant(Vector<uint8_t>(4 + m.constant % 2 * 4), m.constant % 3, inner);
    const std::vector<Fixup> outer = {{Fixup::Address, 4, 4, record, m.constant}};
    const UnitSymbol constant = unit.constant(Vector<uint8_t>(8), 2, outer);
    b.address(Op::i32_data_rel, m.constant < 4 ? record : constant).op(Op::drop);
    b.op(Op::global_get, g(m.constant % count).row).op(Op::drop);
    b.i32(static_cast<int32_t>(m.number)).op(Op::drop).end();
    const UnitSymbol symbol = f(i);
    EXPECT_TRUE(unit.set_comdat(symbol, m.is_shared ? name("group", i) : ""));
    EXPECT_TRUE(unit.set_function(symbol, {}, b.code(), m.is_shared ? hidden : local));
    EXPECT_TRUE(unit.unexport(symbol));
    if (!m.is_shared) return; // local ones have no exports
    for (uint32_t k = 0; k < 3; k++) {
      if (!(m.exports >> k & 1)) continue;
      EXPECT_TRUE(unit.export_as(symbol, own + name("f", i) + name("as", k)));
    }
  }
  void set(const Model::Data& m, uint32_t i) {
    std::vector<Fixup> fixups;
    for (uint32_t k = 0; k < m.targets.size(); k++) fixups.push_back(fixup(8 * k, m.targets[k]));
    Vector<uint8_t> bytes(m.size, static_cast<uint8_t>(m.size));
    EXPECT_TRUE(unit.set_data(d(i), bytes, m.size % 4, fixups, 0, local, m.is_record ? "records" : ""));
  }
  void set(const Model::Global& m, uint32_t i) {
    MirBuilder b;
    switch (m.kind) {
    case 0: b.i32(static_cast<int32_t>(m.target)); break;
    case 1: b.address(Op::i32_data, d(m.target), m.target); break;
    case 2: b.op(Op::i32_func, f(m.target).row); break;
    default:
      b.op(Op::global_get, unit.find("outside").row)
          .op(Op::global_get, i ? g(i - 1).row : unit.find("outside").row);
      b.op(Op::i32_add);
    }
    EXPECT_TRUE(unit.set_global_code(g(i), b.end().code(), m.is_exported ? 0 : local));
    EXPECT_TRUE(m.is_exported ? unit.export_as(g(i), own + name("g", i)) : unit.unexport(g(i)));
  }
  void set_table(const Model& m) {
    std::vector<UnitSymbol> elements;
    for (uint32_t element : m.elements) elements.push_back(element < count ? f(element) : UnitSymbol());
    const UnitSymbol table = unit.find("table");
    EXPECT_TRUE(unit.set_table(table, elements, 0));
    EXPECT_TRUE(unit.export_as(table, own + "table"));
  }
  void set_all(const Model& m) {
    for (uint32_t i = 0; i < count; i++) {
      set(m.functions[i], i);
      set(m.data[i], i);
      set(m.globals[i], i);
    }
    set_table(m);
  }
};

TEST(UnitEdits, LinkAfterEditsEqualsAFreshLink) {
  Random random{std::mt19937(11)};
  Model models[2];
  Session session;
  session.keeps_links = true;
  std::vector<Editor> editors;
  auto begin = [](Session& of, std::vector<Editor>& all) {
    for (const char* own : {"a.", "b."}) all.push_back({of.unit(of.add_unit(own)), own});
    for (Editor& editor : all) editor.declare();
  };
  begin(session, editors);
  for (uint32_t k = 0; k < 2; k++) editors[k].set_all(models[k]);
  for (int round = 0; round < 150; round++) {
    for (uint32_t n = 1 + random(3); n; n--) {
      const uint32_t k = random(2);
      models[k].change(random);
      editors[k].set_all(models[k]);
    }
    Options options = plain_options();
    options.shared = round % 3 == 2;
    if (options.shared) {
      options.entry.reset();
      options.extra_features = {"extended-const"};
    }
    options.optimize_size = round % 3 == 1;
    options.allow_multiple_definition = true;
    const LinkResult edited = link_with(session, options);
    const std::string said = messages(session);

    Session fresh;
    std::vector<Editor> fresh_editors;
    begin(fresh, fresh_editors);
    for (uint32_t k = 0; k < 2; k++) fresh_editors[k].set_all(models[k]);
    const LinkResult made_at_once = link_with(fresh, options);
    ASSERT_EQ(said, messages(fresh)) << "round " << round;
    ASSERT_EQ(edited.ok, made_at_once.ok) << said;
    ASSERT_TRUE(edited.ok) << said;
    ASSERT_EQ(bytes_of(edited), bytes_of(made_at_once)) << "round " << round;

    if (round % 10) continue;
    publish("edits" + std::to_string(round) + ".wasm", edited);
    Session restored;
    ASSERT_TRUE(restore_session(restored, FileBytes::copy(save_session(session))));
    ASSERT_EQ(bytes_of(link_with(restored, options)), bytes_of(edited));
  }
}

} // namespace
} // namespace weld
