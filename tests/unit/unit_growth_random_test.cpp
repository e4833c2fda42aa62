// Random edits of units and objects in a session that leaves room: unit_growth_test.cpp.
#include "tests/unit/random_edits.h"
#include "tests/unit/tier.h"
#include "tests/unit/unit_fixture.h"

#include <cstdlib>
#include <map>
#include <memory>
#include <random>

namespace weld {
namespace {

// Units and objects that use each other. All functions take a number and give one. Functions of units call those before them
// and those of objects, and read data, which may lead to other data or name functions.
class GrowingEditor {
public:
  explicit GrowingEditor(uint32_t seed) : random_(seed), seed_(seed) {
    session_->keeps_links = true;
    session_->leave_room(true);
    options_ = plain_options();
    options_.export_table = true;
    options_.allow_undefined = {"host"};
    if (seed % 8 == 7) options_.export_dynamic = true; // each link is a full one
    for (uint32_t i = 0; i < objects; i++) {
      SmallObject object;
      object.undefined_type = 1;
      for (uint32_t n = 0; n < 2; n++) {
        SmallObject::Function f{.name = name("o", 2 * i + n), .type = 1};
        if (n) f.calls = {name("o", 2 * i)};
        if (n && i < 2) f.takes = {name("f", 10 * (i % 2))};
        if (i < 2) f.reads = {name("d", 10 * (i % 2))};
        if (i == 3 && !n) f.calls = {"host"};
        object.functions.push_back(std::move(f));
      }
      object.segments = {{".data." + name("e", i), "dat" + std::to_string(i), 0, name("e", i)}};
      ids_.push_back(session_->add(name("o", i) + ".o", FileBytes::copy(object.build())));
      objects_.push_back(std::move(object));
    }
    if (has_library()) {
      const SmallObject library{.functions = {{"ctor_l"}, {.name = "l0", .type = 1}, {.name = "l1", .type = 1}},
                                .constructors = {"ctor_l"}};
      session_->add("l.o", FileBytes::copy(library.build()), {.lazy = true});
    }
    for (uint32_t u = 0; u < 2; u++) {
      session_->add_unit(name("u", u));
      for (uint32_t i = 0; i < functions; i++) set_data(u, i);
      for (uint32_t i = 0; i < functions; i++) set_function(u, i);
      for (uint32_t i = 0; i < 3; i++) EXPECT_TRUE(unit(u).export_as(function(u, i)));
    }
    // Who calls this runs the constructors, so exports are not wrapped.
    Unit& first = unit(0);
    const UnitSymbol boot = first.declare_function("boot", first.type({}, {}));
    b_.clear();
    b_.call(first.declare_function("__wasm_call_ctors", first.type({}, {})));
    // One of these calls the import. Where all are alive, more can grow.
    for (uint32_t i = seed % 2 ? 6 : 0; i < 2 * objects; i++)
      b_.i32(0).call(first.declare_function(name("o", i), type(0))).op(Op::drop);
    b_.end();
    EXPECT_TRUE(first.set_function(boot, {}, b_.code()) && first.export_as(boot));
  }

  void step() {
    const uint32_t u = below(2), i = below(functions);
    // It would be an error until it goes.
    if (const uint32_t twice = defined_twice(); twice != none32 && one_in(2)) return toggle_shared(u, twice);
    switch (below(12)) {
    case 10: return toggle_shared(u, below(2));
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
  bool has_library() const { return seed_ % 3 == 0; }
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
      switch (below(8)) {
      case 6: { // an import
        const UnitSymbol host = to.declare_function("host", type(u));
        if (one_in(3)) b_.op(Op::i32_func, host.row).call_indirect(type(u));
        else b_.call(host);
        break;
      }
      case 7:
        if (!has_library() || !one_in(10)) break;
        b_.call(to.declare_function(name("l", below(2)), type(u)));
        break;
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

  bool is_target(uint32_t u, uint32_t i) {
    for (uint32_t d = i + 1; d < functions; d++)
      if (points_[u][d] && target_[u][d] == i) return true;
    return false;
  }

  // The first two are those that objects refer to.
  void set_data(uint32_t u, uint32_t i) {
    const uint32_t other = i ? below(i) : 0;
    // What is pointed to is read as bytes, so that it is no pointer itself.
    const bool points = i && one_in(3) && has_data(u, other) && !points_[u][other] && !is_target(u, i);
    const uint32_t size = 4 + below(i % 2 ? 60 : 12);
    points_[u][i] = points;
    target_[u][i] = other;
    if (i == functions - 1) {
      points_[u][i] = false;
      ASSERT_TRUE(unit(u).set_zeros(data(u, i), size, 2));
      return read_data(u, i, size);
    }
    const std::string bytes(size, static_cast<char>('a' + below(26)));
    const Fixup fixup{Fixup::Address, 4, 0, data(u, other), static_cast<int64_t>(below(4))};
    ASSERT_TRUE(unit(u).set_data(data(u, i), as_bytes(bytes), 2, std::span(&fixup, points ? 1u : 0u)))
        << messages(*session_);
    read_data(u, i, size);
    // Who reads it as another thing is set again.
    for (uint32_t f = 0; f < functions; f++)
      if (has(u, f)) set_function(u, f);
  }

  // An exported function that gives any byte that is no part of an address.
  void read_data(uint32_t u, uint32_t i, uint32_t size) {
    const uint32_t first = points_[u][i] ? 4 : 0;
    const UnitSymbol f = unit(u).declare_function(name("at", 10 * u + i), type(u));
    b_.clear();
    if (size == first) b_.i32(0).memory(Op::i32_load, 2, 0, data(u, i)).memory(Op::i32_load8_u, 0);
    else {
      b_.local_get(0).i32(static_cast<int32_t>(size - first)).op(Op::i32_rem_u);
      b_.memory(Op::i32_load8_u, 0, first, data(u, i));
    }
    b_.end();
    ASSERT_TRUE(unit(u).set_function(f, {}, b_.code()) && unit(u).export_as(f)) << messages(*session_);
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

  // Functions that either unit may define under one name, and that nothing refers to.
  UnitSymbol shared(uint32_t u, uint32_t i) { return unit(u).declare_function(name("shared", i), type(u)); }
  uint32_t defined_twice() {
    for (uint32_t i = 0; i < 2; i++)
      if (unit(0)[shared(0, i)].defined() && unit(1)[shared(1, i)].defined()) return i;
    return none32;
  }
  void toggle_shared(uint32_t u, uint32_t i) {
    const UnitSymbol f = shared(u, i);
    if (unit(u)[f].defined()) {
      ASSERT_TRUE(unit(u).remove(f));
      return;
    }
    b_.clear();
    b_.local_get(0).end();
    ASSERT_TRUE(unit(u).set_function(f, {}, b_.code())) << messages(*session_);
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
    const UnitSymbol reader = unit(u).find(name("at", 10 * u + i));
    ASSERT_TRUE(unit(u).remove(reader));
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
  bool points_[2][functions] = {};     // whether data begins with an address
  uint32_t target_[2][functions] = {}; // then: the data that it points to
  MirBuilder b_;
};

TEST(UnitGrowth, AnySequenceOfEditsDoesWhatAFullLinkDoes) {
  const Seeds seeds = wanted_seeds(in_tier(2, 4));
  uint32_t linked = 0, grown = 0;
  std::map<std::string, uint32_t> reasons;
  run_editors<GrowingEditor>(seeds, 120, 3, [&](const GrowingEditor& editor) {
    linked += editor.linked;
    grown += editor.grown;
    for (const auto& [why, count] : editor.reasons) reasons[why] += count;
  });
  if (HasFatalFailure()) return;
  std::string seen;
  for (const auto& [why, count] : reasons) seen += "\n" + std::to_string(count) + " x " + why;
  // The sequences reach what they are for.
  EXPECT_GT(linked, 80 * seeds.count) << seen;
  EXPECT_GT(grown * 3, linked) << seen;
  if (std::getenv("WELD_SHOW")) std::printf("%u of %u grown%s\n", grown, linked, seen.c_str());
}

} // namespace
} // namespace weld
