// Edits of units and the link before: an equal edit is none, one of contents is all that is written, and whatever was done,
// the output is that of a full link.
#include "tests/unit/random_edits.h"
#include "tests/unit/tier.h"
#include "tests/unit/unit_fixture.h"

#include <memory>
#include <random>

namespace weld {
namespace {

struct UnitRelink : UnitTest {
  UnitRelink() { session.keeps_links = true; }

  // Whether the next link is a relink with this many functions; why it is none otherwise. Its output is checked.
  std::string relinks(uint32_t rewritten) {
    const LinkResult result = link_with(session, options);
    EXPECT_TRUE(result.ok) << messages(session);
    if (result.stats.full) return result.stats.full;
    EXPECT_EQ(result.stats.rewritten, rewritten);
    EXPECT_TRUE(result.stats.phases.empty());
    EXPECT_TRUE(bytes_of(result) == full()) << "a relink is not a full link";
    return {};
  }
  Vector<uint8_t> full() {
    Session all;
    EXPECT_TRUE(restore_session(all, FileBytes::copy(save_session(session))));
    const LinkResult result = link_with(all, options);
    EXPECT_STREQ(result.stats.full, "links are not kept");
    return bytes_of(result);
  }
  void set(UnitSymbol f) {
    ASSERT_TRUE(unit.set_function(f, {}, b.code())) << messages(session);
    b.clear();
  }
  UnitSymbol data(const char* name, std::string_view content) {
    const UnitSymbol d = unit.declare_data(name);
    EXPECT_TRUE(unit.set_data(d, as_bytes(content), 0));
    return d;
  }

  Options options = plain_options();
};

// It takes room before it is found equal. Full links then read the unit where it is.
TEST_F(UnitRelink, AnEqualEditMayMoveTheUnit) {
  const UnitSymbol d = data("d", "text"), f = function("f", {}, {i32});
  auto edit = [&] {
    for (int i = 0; i < 20'000; i++) b.i32(i).op(Op::drop);
    b.address(Op::i32_data, d).end();
    set(f);
  };
  edit();
  ASSERT_TRUE(unit.export_as(f));
  EXPECT_EQ(relinks(0), "nothing was linked before");
  for (int i = 0; i < 3; i++) {
    edit();
    options.stack_size += 16;
    const LinkResult result = link_with(session, options);
    EXPECT_STREQ(result.stats.full, "other options");
    EXPECT_TRUE(bytes_of(result) == full());
  }
}

TEST_F(UnitRelink, EqualEditsAreNone) {
  UnitSymbol d = unit.declare_data("d"), g = unit.declare_global("g", {i32, true}),
             t = unit.declare_table("t", {ValueType::FuncRef, {0, 16, 4, 0}}),
             alias = function("alias", {}, {}), tag = unit.declare_tag("tag", sig({i32}, {})),
             zeros = unit.declare_data("zeros"),
             passive = unit.declare_segment("passive", SegmentKind::PassiveData), f = function("f", {}, {}),
             imported = function("imported", {}, {});
  const SourceRow rows[] = {{0, 0, 3, 1}};
  const SourceVariable variables[] = {{"x", 0}};
  const ValueType locals[] = {i32};
  auto edit = [&] {
    b.i32(1).op(Op::drop).call(imported).op(Op::i32_func, f.row).op(Op::drop);
    b.address(Op::i32_data, unit.constant(as_bytes("text"), 0)).op(Op::drop);
    b.op(Op::global_get, g.row).op(Op::drop).op(Op::data_drop, passive.row).end();
    ASSERT_TRUE(unit.set_function(f, locals, b.code(), 0, {{rows}, variables})) << messages(session);
    b.clear();
    ASSERT_TRUE(unit.set_lines(f, {rows}));
    ASSERT_TRUE(unit.set_variables(f, variables));
    const Fixup fixups[] = {{Fixup::Address, 4, 0, zeros, 4}, {Fixup::TableSlot, 4, 4, f}};
    ASSERT_TRUE(unit.set_data(d, as_bytes("12345678"), 2, fixups));
    ASSERT_TRUE(unit.set_zeros(zeros, 16, 2));
    ASSERT_TRUE(unit.set_passive_data(passive, as_bytes("passive")));
    ASSERT_TRUE(unit.set_global(g, {7}));
    const UnitSymbol elements[] = {f, {}, f};
    ASSERT_TRUE(unit.set_table(t, elements, 1));
    ASSERT_TRUE(unit.set_tag(tag));
    ASSERT_TRUE(unit.set_alias(alias, f));
    ASSERT_TRUE(unit.import_from(imported, "env", "imported"));
    for (UnitSymbol s : {f, d, g, t, tag, alias}) ASSERT_TRUE(unit.export_as(s));
    ASSERT_TRUE(unit.export_as(f, "other"));
    ASSERT_TRUE(unit.run_at_start(f, 7));
    ASSERT_TRUE(unit.set_comdat(d, ""));
    const StatedFeature features[] = {{"mine"}};
    ASSERT_TRUE(unit.set_features(features));
    const StatedProducer producers[] = {{ProducerField::Language, "toy", "1"}};
    ASSERT_TRUE(unit.set_producers(producers));
    EXPECT_EQ(function("f", {}, {}), f);
    EXPECT_EQ(unit.declare_global("g", {i32, true}), g);
    function("not used by anything", {}, {});
  };
  edit();
  EXPECT_EQ(relinks(0), "nothing was linked before");
  EXPECT_EQ(relinks(0), "");
  edit();
  EXPECT_FALSE(unit.changes().any());
  EXPECT_EQ(relinks(0), "");
  // A refused edit is none as well.
  EXPECT_FALSE(unit.set_data(d, as_bytes("1"), 40));
  b.op(Op::drop).end();
  EXPECT_FALSE(unit.set_function(f, {}, b.code(), 77));
  EXPECT_FALSE(unit.changes().any());
}

// A section may be called as those of zeros are. Where its data lies follows from the content.
TEST_F(UnitRelink, ContentOfASectionOfZerosIsKept) {
  SmallObject object = {.segments = {{".bss.e", std::string(8, '\0'), 0, "e"}}};
  const InputId input = add_to(session, "o.o", object);
  const UnitSymbol d = unit.declare_data("d"), e = unit.declare_data("e"), f = function("f", {}, {});
  auto set_content = [&](std::string_view content, std::span<const Fixup> fixups = {}) {
    ASSERT_TRUE(unit.set_data(d, as_bytes(content), 0, fixups, 0, 0, ".bss.mine"));
  };
  auto replace = [&](std::string content) {
    object.segments[0].bytes = std::move(content);
    ASSERT_TRUE(session.replace(input, FileBytes::copy(object.build())));
  };
  auto has = [&](std::string_view content) { return contains(full(), Vector<uint8_t>(as_bytes(content))); };
  b.address(Op::i32_data, d).op(Op::drop).address(Op::i32_data, e).op(Op::drop).end();
  set(f);
  ASSERT_TRUE(unit.export_as(f));
  set_content("content1");
  EXPECT_EQ(relinks(0), "nothing was linked before");
  EXPECT_TRUE(has("content1"));
  set_content("content2");
  EXPECT_EQ(relinks(0), "");
  EXPECT_TRUE(has("content2"));
  ASSERT_TRUE(unit.set_zeros(d, 8, 0, 0, 0, ".bss.mine"));
  EXPECT_EQ(relinks(0), "data in another section");
  const Fixup fixups[] = {{Fixup::Address, 4, 0, d, 4}};
  set_content(std::string_view("\0\0\0\0\0\0\0\0", 8), fixups);
  EXPECT_EQ(relinks(0), "data in another section");
  set_content(std::string_view("\0\0\0\0\0\0\0\1", 8));
  EXPECT_EQ(relinks(0), "");
  replace("content3");
  EXPECT_EQ(relinks(0), "data that was zero");
  EXPECT_TRUE(has("content3"));
  replace("content4");
  EXPECT_EQ(relinks(0), "");
  EXPECT_TRUE(has("content4"));
  replace(std::string(8, '\0'));
  EXPECT_EQ(relinks(0), "data that is zero now");
}

TEST_F(UnitRelink, ContentsAreAllThatIsWritten) {
  add_to(session, "o.o", {.functions = {{"o", 0, {"f"}}, {"p"}}, .segments = {{".data.e", "data", 0, "e"}}});
  UnitSymbol d = data("d", "0123"), e = unit.declare_data("e"), o = function("o", {}, {}),
             p = function("p", {}, {}), f = function("f", {}, {}), h = function("h", {}, {}),
             c = unit.constant(as_bytes("constant"), 0);
  b.call(o).call(p).address(Op::i32_data, d).op(Op::drop).op(Op::i32_func, h.row).op(Op::drop);
  b.i32(0).call_indirect(sig({}, {})).address(Op::i32_data, c).op(Op::drop).end();
  set(f);
  b.address(Op::i32_data, e).op(Op::drop).end();
  set(h);
  ASSERT_TRUE(unit.export_as(f) && unit.export_as(h));
  EXPECT_EQ(relinks(0), "nothing was linked before");
  // Another constant, more bytes, a reference to what is there.
  b.address(Op::i32_data, e).op(Op::drop).i32(1 << 20).op(Op::drop).call(p).call(h).end();
  set(h);
  EXPECT_EQ(relinks(1), "");
  // A slot and a type that a function before it has needed first.
  b.op(Op::i32_func, h.row).op(Op::drop).i32(0).call_indirect(sig({}, {})).address(Op::i32_data, c).op(Op::drop);
  b.address(Op::i32_data, e).op(Op::drop).end();
  set(h);
  EXPECT_EQ(relinks(1), "");
  // Data of the same size, with other fixups.
  ASSERT_TRUE(unit.set_data(d, as_bytes("4567"), 0));
  EXPECT_EQ(relinks(0), "");
  const Fixup fixup{Fixup::Address, 4, 0, e, 2};
  ASSERT_TRUE(unit.set_data(d, as_bytes("4567"), 0, std::span(&fixup, 1)));
  EXPECT_EQ(relinks(0), "");
  // Two at once, and back again before the link.
  b.call(o).call(p).address(Op::i32_data, d).op(Op::drop).op(Op::i32_func, h.row).op(Op::drop);
  b.i32(0).call_indirect(sig({}, {})).address(Op::i32_data, c).op(Op::drop).i32(77).op(Op::drop).end();
  set(f);
  b.i32(3).op(Op::drop).address(Op::i32_data, e).op(Op::drop).end();
  set(h);
  b.address(Op::i32_data, e).op(Op::drop).end();
  set(h);
  EXPECT_EQ(relinks(2), "");
  EXPECT_EQ(relinks(0), "");
}

TEST_F(UnitRelink, SaysWhyALinkWasAFullOne) {
  add_to(session, "o.o", {.functions = {{"o"}, {"unused"}}});
  UnitSymbol d = data("d", "0123"), f = function("f", {}, {}), g = unit.declare_global("g", {i32, true}),
             o = function("o", {}, {});
  auto body = [&] { b.address(Op::i32_data, d).op(Op::drop).op(Op::global_get, g.row).op(Op::drop); };
  body();
  b.end();
  set(f);
  ASSERT_TRUE(unit.set_global(g, {7}));
  ASSERT_TRUE(unit.export_as(f));
  EXPECT_EQ(relinks(0), "nothing was linked before");
  EXPECT_EQ(relinks(0), "");

  function("h", {}, {}); // nothing uses it yet
  EXPECT_EQ(relinks(0), "");
  body();
  b.call(o).end();
  set(f);
  EXPECT_EQ(relinks(0), "a reference to a symbol that nothing in the unit referred to");
  EXPECT_EQ(relinks(0), "");
  body();
  b.end();
  set(f);
  EXPECT_EQ(relinks(0), "nothing in the unit refers to a symbol any more");
  b.op(Op::global_get, g.row).op(Op::drop).end();
  set(f);
  EXPECT_EQ(relinks(0), "the only reference to something is gone");
  body();
  b.end();
  set(f);
  EXPECT_EQ(relinks(0), "a reference to what was not linked");
  EXPECT_EQ(relinks(0), "");
  ASSERT_TRUE(unit.set_global(g, {8}));
  EXPECT_EQ(relinks(0), "the initial value of a global");
  data("d", "01234");
  EXPECT_EQ(relinks(0), "data of another size");
  ASSERT_TRUE(unit.set_data(d, as_bytes("01234"), 3));
  EXPECT_EQ(relinks(0), "data of another alignment");
  ASSERT_TRUE(unit.set_zeros(d, 5, 3));
  EXPECT_EQ(relinks(0), "data in another section");
  ASSERT_TRUE(unit.export_as(f, "other"));
  EXPECT_EQ(relinks(0), "a new export");
  ASSERT_TRUE(unit.unexport(f, "other"));
  EXPECT_EQ(relinks(0), "an export fewer");
  b.end();
  exported("k", {}, {});
  EXPECT_EQ(relinks(0), "a new function");
  body();
  b.f32(1).op(Op::i32_trunc_sat_f32_s).op(Op::drop).end();
  set(f);
  EXPECT_EQ(relinks(0), "a new feature");
  body();
  b.f32(2).op(Op::i32_trunc_sat_f32_s).op(Op::drop).end();
  set(f);
  EXPECT_EQ(relinks(1), "");
  body();
  b.end();
  set(f);
  EXPECT_EQ(relinks(0), "a feature fewer");
  sig({i64}, {});
  EXPECT_EQ(relinks(0), "a new type");
  ASSERT_TRUE(unit.run_at_start(f));
  EXPECT_EQ(relinks(0), "a constructor");
  ASSERT_TRUE(unit.run_no_more(f));
  EXPECT_EQ(relinks(0), "a constructor");
  ASSERT_TRUE(unit.remove(unit.find("k")));
  EXPECT_EQ(relinks(0), "an export fewer");
  EXPECT_EQ(relinks(0), "");

  options.stack_size = 1 << 17;
  EXPECT_EQ(relinks(0), "other options");
  add_to(session, "p.o", {.functions = {{"p"}}});
  EXPECT_EQ(relinks(0), "a new input");
  options.map = true;
  EXPECT_EQ(relinks(0), "other options");
  EXPECT_EQ(relinks(0), "an option with which every link is a full one");
  options.map = false;
  EXPECT_EQ(relinks(0), "an option with which every link is a full one");
  EXPECT_EQ(relinks(0), "");
  session.keeps_links = false;
  EXPECT_EQ(relinks(0), "");
}

TEST_F(UnitRelink, LinesAndNamesFollow) {
  unit.source_file("a.toy");
  UnitSymbol f = function("f", {i32}, {}), h = function("h", {}, {});
  auto set_f = [&](int32_t constant, uint32_t line, const char* name) {
    const SourceRow rows[] = {{0, 1, line, 1}, {2, 1, line + 300, 9}};
    const SourceVariable variables[] = {{name, 0}};
    b.i32(constant).op(Op::drop).op(Op::nop).end();
    ASSERT_TRUE(unit.set_function(f, {}, b.code(), 0, {{rows}, variables})) << messages(session);
    b.clear();
  };
  set_f(1, 10, "x");
  b.end();
  const SourceRow of_h[] = {{0, 0, 7, 0}};
  ASSERT_TRUE(unit.set_function(h, {}, b.code(), 0, {{of_h}, {}}));
  b.clear();
  ASSERT_TRUE(unit.export_as(f) && unit.export_as(h));
  Unit& second = session.unit(session.add_unit("second"));
  const UnitSymbol k = second.declare_function("k", second.type({}, {}));
  b.end();
  ASSERT_TRUE(second.set_function(k, {}, b.code(), 0, {{of_h}, {}}));
  ASSERT_TRUE(second.export_as(k));
  b.clear();
  for (bool strip : {false, true}) {
    options.strip_debug = strip;
    EXPECT_EQ(relinks(0), strip ? "other options" : "nothing was linked before");
    set_f(1 << 20, 10, "x");
    EXPECT_EQ(relinks(1), "");
    const SourceRow rows[] = {{0, 1, 4000, 1}};
    ASSERT_TRUE(unit.set_lines(f, {rows}));
    EXPECT_EQ(relinks(0), "");
    set_f(2, 5, "a_longer_name");
    EXPECT_EQ(relinks(1), "");
    ASSERT_TRUE(unit.set_variables(f, {}));
    EXPECT_EQ(relinks(0), "");
    set_f(2, 5, "y");
    EXPECT_EQ(relinks(0), "");
  }
  options.strip_debug = false;
  relinks(0);
  for (UnitSymbol one : {f, h}) ASSERT_TRUE(unit.set_lines(one, {}) && unit.set_variables(one, {}));
  EXPECT_EQ(relinks(0), "lines of a unit that has had none, or the last ones gone");
  set_f(2, 5, "y");
  EXPECT_EQ(relinks(1), "lines of a unit that has had none, or the last ones gone");
}

// Units and objects that use each other, edited in any order. Numbers come from the seed.
class MixedEditor {
public:
  explicit MixedEditor(uint32_t seed) : random_(seed) {
    session_->keeps_links = true;
    options_ = plain_options();
    options_.exports_if_defined = {"o0", "o2"};
    options_.import_undefined = true;
    for (uint32_t i = 0; i < objects; i++) {
      objects_.push_back(
          {.functions = {{.name = name("o", 2 * i), .calls = {name("o", 2 * i + 1), name("f", i)}},
                         {.name = name("o", 2 * i + 1), .takes = {name("f", i + 1)}, .reads = {name("e", i)}}},
           .segments = {{".data." + name("e", i), "data", 0, name("e", i)}}});
      ids_.push_back(session_->add(name("o", i) + ".o", FileBytes::copy(objects_[i].build())));
    }
    session_->add_unit("u0");
    session_->add_unit("u1");
    for (uint32_t u = 0; u < 2; u++) {
      for (uint32_t i = 0; i < functions; i++) declare(u, i);
      for (uint32_t i = 0; i < functions; i++) set_function(u, i, true);
      for (uint32_t i = 0; i < functions; i++) set_data(u, i, 8);
    }
  }

  void step() {
    const uint32_t u = below(2), i = below(functions);
    switch (below(14)) {
    case 0: return set_data(u, i, below(4) ? 8 : 4 + below(12));
    case 1: return toggle_export(u, i);
    case 2: return one_in(3) ? remove(u, i) : edit_object();
    case 3: return edit_object();
    case 4: return set_source(u, i);
    case 5:
      if (one_in(4)) return save_and_restore();
      if (one_in(4)) options_.strip_debug = !options_.strip_debug;
      return;
    case 6: return set_function(u, i, one_in(3));
    case 7: return set_data(u, i, size_of(u, i));
    default: return edit_function(u, i);
    }
  }

  void check() {
    const LinkResult result = link_with(*session_, options_);
    const std::string said = messages(*session_);
    Session all;
    ASSERT_TRUE(restore_session(all, FileBytes::copy(save_session(*session_))));
    const LinkResult wanted = link_with(all, options_);
    ASSERT_EQ(result.ok, wanted.ok) << said;
    ASSERT_EQ(said, messages(all));
    ASSERT_TRUE(bytes_of(result) == bytes_of(wanted)) << (result.stats.full ? result.stats.full : "relinked");
    linked += result.ok;
    relinked += result.ok && !result.stats.full;
    if (result.ok && !result.stats.full) rewritten += result.stats.rewritten;
    after_restoring += result.ok && !result.stats.full && restored_;
    restored_ = false;
    if (result.ok && linked % 50 == 0) publish("mixed_units_" + std::to_string(linked) + ".wasm", result);
  }

  uint32_t linked = 0, relinked = 0, rewritten = 0, after_restoring = 0;

private:
  static constexpr uint32_t functions = 6, objects = 4;

  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  bool one_in(uint32_t n) { return below(n) == 0; }
  static std::string name(const char* prefix, uint32_t n) { return prefix + std::to_string(n); }
  Unit& unit(uint32_t u) {
    for (InputId id : session_->order())
      if (const Input& input = session_->inputs[id]; input.unit && input.path == name("u", u))
        return *input.unit;
    std::abort();
  }
  // The first unit has f0, f1, ..., the second one f10, ...
  UnitSymbol declare(uint32_t u, uint32_t i) {
    return unit(u).declare_function(name("f", 10 * u + i), unit(u).type({}, {}));
  }
  UnitSymbol data(uint32_t u, uint32_t i) { return unit(u).declare_data(name("d", 10 * u + i)); }
  uint32_t size_of(uint32_t u, uint32_t i) { return unit(u)[data(u, i)].size; }

  void set_function(uint32_t u, uint32_t i, bool has_new_references) {
    Unit& to = unit(u);
    Code& code = codes_[u][i];
    if (has_new_references) {
      code = {};
      for (uint32_t n = below(4); n; n--)
        code.calls.push_back(below(4) ? name("f", 10 * u + below(functions)) : name("o", below(2 * objects)));
      if (one_in(3)) code.takes = name("f", 10 * u + below(functions));
      if (one_in(3)) code.reads = name("d", 10 * u + below(functions));
      code.constant = below(3);
      code.is_indirect = one_in(4);
    }
    code.number = one_in(4) ? below(none32 / 2) : below(60);
    emit(to, u, i);
  }

  void edit_function(uint32_t u, uint32_t i) {
    Code& code = codes_[u][i];
    if (one_in(3) && !code.calls.empty())
      code.calls.push_back(code.calls[below(static_cast<uint32_t>(code.calls.size()))]);
    if (one_in(5)) code.is_indirect = !code.is_indirect;
    if (one_in(4)) code.calls.push_back(name("f", 10 * u + below(functions)));
    if (code.calls.size() > 12) code.calls.resize(3);
    set_function(u, i, false);
  }

  void emit(Unit& to, uint32_t u, uint32_t i) {
    const Code& code = codes_[u][i];
    b_.clear();
    const uint32_t type = to.type({}, {});
    for (const std::string& call : code.calls) b_.call(to.declare_function(call, type));
    if (!code.takes.empty()) b_.op(Op::i32_func, to.declare_function(code.takes, type).row).op(Op::drop);
    if (!code.reads.empty())
      b_.address(Op::i32_data, to.declare_data(code.reads), code.number % 3).op(Op::drop);
    if (code.constant)
      b_.address(Op::i32_data, to.constant(as_bytes(name("constant", code.constant)), 0)).op(Op::drop);
    if (code.is_indirect) b_.i32(1).call_indirect(type);
    b_.i32(static_cast<int32_t>(code.number)).op(Op::drop).end();
    FunctionSource source;
    const SourceRow rows[] = {{0, 0, code.line + 1, 0}};
    const SourceVariable variables[] = {{code.line % 3 ? "x" : "another", 0}};
    const ValueType locals[] = {i32};
    if (code.line) source = {{rows}, variables};
    ASSERT_TRUE(to.set_function(declare(u, i), locals, b_.code(), 0, source)) << messages(*session_);
  }

  void set_source(uint32_t u, uint32_t i) {
    Unit& to = unit(u);
    const UnitSymbol f = declare(u, i);
    codes_[u][i].line = below(500);
    if (!to[f].defined()) return;
    const SourceRow rows[] = {{0, 0, codes_[u][i].line + 1, 0}};
    ASSERT_TRUE(to.set_lines(f, {rows}));
  }

  void set_data(uint32_t u, uint32_t i, uint32_t size) {
    std::string bytes(size, static_cast<char>('a' + below(26)));
    std::vector<Fixup> fixups;
    if (size >= 4 && one_in(3))
      fixups.push_back({Fixup::Address, 4, 0, data(u, below(functions)), static_cast<int64_t>(below(5))});
    if (size >= 8 && one_in(4)) fixups.push_back({Fixup::TableSlot, 4, 4, declare(u, below(functions))});
    ASSERT_TRUE(unit(u).set_data(data(u, i), as_bytes(bytes), 2, fixups)) << messages(*session_);
    if (i == 0) {
      ASSERT_TRUE(unit(u).export_as(data(u, i)));
    }
  }

  void toggle_export(uint32_t u, uint32_t i) {
    Unit& to = unit(u);
    const UnitSymbol f = declare(u, i);
    if (!to[f].defined()) return;
    ASSERT_TRUE(to[f].exported ? to.unexport(f) : to.export_as(f));
  }

  void remove(uint32_t u, uint32_t i) {
    ASSERT_TRUE(unit(u).remove(declare(u, i)));
    if (one_in(2)) emit(unit(u), u, i);
  }

  void edit_object() {
    const uint32_t i = below(objects);
    SmallObject::Function& f = objects_[i].functions[below(2)];
    f.constant = below(1 << 20);
    if (one_in(4)) f.calls.push_back(name("f", 10 * below(2) + below(functions)));
    if (f.calls.size() > 5) f.calls.resize(2);
    ASSERT_TRUE(session_->replace(ids_[i], FileBytes::copy(objects_[i].build())));
  }

  void save_and_restore() {
    const Vector<uint8_t> snapshot = save_session(*session_);
    ASSERT_FALSE(snapshot.empty());
    session_ = std::make_unique<Session>();
    session_->keeps_links = true;
    ASSERT_TRUE(restore_session(*session_, FileBytes::copy(snapshot)));
    ASSERT_EQ(save_session(*session_), snapshot);
    restored_ = true;
  }

  struct Code {
    std::vector<std::string> calls;
    std::string takes, reads;
    uint32_t constant = 0, number = 0, line = 0;
    bool is_indirect = false;
  };
  std::mt19937 random_;
  std::unique_ptr<Session> session_ = std::make_unique<Session>();
  Options options_;
  std::vector<InputId> ids_;
  std::vector<SmallObject> objects_;
  Code codes_[2][functions];
  MirBuilder b_;
  bool restored_ = false; // and not linked since
};

TEST(UnitRelinks, AnySequenceOfEditsGivesWhatAFullLinkGives) {
  const Seeds seeds = wanted_seeds(in_tier(2, 6));
  uint32_t linked = 0, relinked = 0, rewritten = 0, after_restoring = 0;
  run_editors<MixedEditor>(seeds, 300, 4, [&](const MixedEditor& editor) {
    linked += editor.linked;
    relinked += editor.relinked;
    rewritten += editor.rewritten;
    after_restoring += editor.after_restoring;
  });
  if (HasFatalFailure()) return;
  // The sequences reach what they are for.
  EXPECT_GT(linked, 200 * seeds.count);
  EXPECT_GT(relinked, 80 * seeds.count);
  EXPECT_GT(rewritten, 80 * seeds.count);
  EXPECT_GT(2 * after_restoring, seeds.count);
}

} // namespace
} // namespace weld
