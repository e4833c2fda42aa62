// The last link in a snapshot: the first link of a restored session is made from it, when a session that was never
// saved would make its next link from it.
#include "core/session/snapshot.h"
#include "core/unit/mir_builder.h"
#include "tests/unit/fetch_from.h"
#include "tests/unit/small_objects.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <numeric>

namespace weld {
namespace {

using Bytestring = Vector<uint8_t>;

Options plain_options() {
  Options o;
  o.output_name = "out.wasm";
  o.entry = "";
  o.exports = {"f"};
  return o;
}

struct Linked {
  Bytestring output;
  std::string messages;
  bool ok = false, is_relink = false;
  uint32_t rewritten = 0;
};

Linked link(Session& session, Options options = plain_options()) {
  session.diagnostics.clear();
  EXPECT_TRUE(finish_options(options, session.diagnostics));
  LinkResult result = session.link(options);
  return {Bytestring(result.output.bytes()), messages_of(session.diagnostics), result.ok,
          result.ok && result.stats.phases.empty(), result.stats.rewritten};
}

// `f` calls `g` of an archive, beside merged strings, constructors and a stub of what is undefined and weak.
class SavedLink : public testing::Test {
protected:
  SavedLink() { fill(session); }

  void fill(Session& to) const {
    to.keeps_links = true;
    add_to(to, "a.o", a);
    add_to(to, "b.o",
           {.functions = {{.name = "h", .constant = 3}},
            .segments = {{".rodata.str", std::string("text\0more\0", 10), segment_flag::strings, {}},
                         {".data.d", "data", 0, "d"}}});
    to.add("l.a", FileBytes::copy(
                      archive_of({{"g.o", SmallObject{.functions = {{"g"}, {"other"}}}.build()}}, {"g"})));
  }
  static std::unique_ptr<Session> restored(const Bytestring& snapshot) {
    auto out = std::make_unique<Session>();
    out->keeps_links = true;
    EXPECT_TRUE(restore_session(*out, FileBytes::copy(snapshot))) << messages_of(out->diagnostics);
    return out;
  }
  Linked fresh() const {
    Session all;
    fill(all);
    return link(all);
  }
  static InputId first(const Session& of) { return of.order()[0]; }

  SmallObject a{.functions = {{.name = "f", .calls = {"g", "h"}, .reads = {"d"}, .constant = 1}},
                .constructors = {"f"}};
  Session session;
};

TEST_F(SavedLink, IsWhatTheFirstLinkIsMadeFrom) {
  const Linked before = link(session);
  ASSERT_TRUE(before.ok) << before.messages;
  const Bytestring snapshot = save_session(session);
  // Nothing was edited.
  auto same = restored(snapshot);
  EXPECT_EQ(save_session(*same), snapshot);
  Linked after = link(*same);
  EXPECT_TRUE(after.is_relink);
  EXPECT_EQ(after.output, before.output);
  EXPECT_EQ(after.messages, before.messages);
  EXPECT_EQ(save_session(*same), snapshot); // which fetches it, if nothing else did
  // Something was, before the link and after it.
  auto edited = restored(snapshot);
  for (uint32_t constant : {7u, 1u << 20, 2u}) {
    a.functions[0].constant = constant;
    ASSERT_TRUE(session.replace(first(session), FileBytes::copy(a.build())));
    EXPECT_TRUE(link(session).is_relink);
    ASSERT_TRUE(edited->replace(first(*edited), FileBytes::copy(a.build())));
    after = link(*edited);
    EXPECT_TRUE(after.is_relink);
    EXPECT_EQ(after.rewritten, 1u);
    const Linked all = fresh();
    EXPECT_EQ(after.output, all.output);
    EXPECT_EQ(after.messages, all.messages);
  }
  auto again = restored(save_session(*edited));
  EXPECT_TRUE(link(*again).is_relink);
}

TEST_F(SavedLink, IsNotUsedWhereAnotherLinkIsWanted) {
  ASSERT_TRUE(link(session).ok);
  const Bytestring snapshot = save_session(session);
  Options other = plain_options();
  other.stack_size = 1 << 17;
  auto one = restored(snapshot);
  EXPECT_FALSE(link(*one, other).is_relink);
  Session all;
  fill(all);
  EXPECT_EQ(link(*one, other).output, link(all, other).output);
  // An edit that changes more than contents.
  auto two = restored(snapshot);
  a.functions[0].calls = {"other"};
  ASSERT_TRUE(two->replace(first(*two), FileBytes::copy(a.build())));
  Linked after = link(*two);
  EXPECT_FALSE(after.is_relink);
  EXPECT_EQ(after.output, fresh().output);
  // Another input.
  auto three = restored(snapshot);
  add_to(*three, "c.o", {.functions = {{"c"}}});
  EXPECT_FALSE(link(*three).is_relink);
  // A session that does not keep links.
  auto four = restored(snapshot);
  four->keeps_links = false;
  EXPECT_FALSE(link(*four).is_relink);
}

TEST_F(SavedLink, IsSavedOnlyWhenItIsTheLast) {
  session.keeps_links = false;
  ASSERT_TRUE(link(session).ok);
  const size_t empty = save_session(session).size();
  session.keeps_links = true;
  ASSERT_TRUE(link(session).ok);
  EXPECT_GT(save_session(session).size(), empty + 500);
  a.functions[0].constant = 5;
  ASSERT_TRUE(session.replace(first(session), FileBytes::copy(a.build())));
  EXPECT_LT(save_session(session).size(), empty + 500); // it was edited
  EXPECT_FALSE(link(*restored(save_session(session))).is_relink);
  Options traced = plain_options();
  traced.trace = true;
  ASSERT_TRUE(link(session, traced).ok);
  EXPECT_LT(save_session(session).size(), empty + 500);
  session.keeps_links = false;
  ASSERT_TRUE(link(session).ok);
  EXPECT_LT(save_session(session).size(), empty + 500);
}

TEST_F(SavedLink, IsFetchedWhenItIsNeeded) {
  ASSERT_TRUE(link(session).ok);
  const Bytestring snapshot = save_session(session);
  const size_t state = snapshot_state_size(Bytes(snapshot).first(64), snapshot.size());
  FileBytes buffer = without_content(snapshot);
  std::vector<size_t> parts;
  auto fetched = [&] { return std::accumulate(parts.begin(), parts.end(), size_t{0}); };
  FetchContent fetch = fetch_from(snapshot, buffer, &parts);
  Session piecewise;
  piecewise.keeps_links = true;
  ASSERT_TRUE(restore_session(piecewise, std::move(buffer), std::move(fetch)));
  EXPECT_EQ(fetched(), 0u);
  const size_t old_size = a.build().size();
  a.functions[0].constant = 100'000;
  ASSERT_TRUE(piecewise.replace(first(piecewise), FileBytes::copy(a.build())));
  EXPECT_EQ(fetched(), old_size); // what is compared
  Linked after = link(piecewise);
  EXPECT_TRUE(after.is_relink);
  EXPECT_EQ(after.output, fresh().output);
  EXPECT_LT(fetched(), snapshot.size() - state); // no other object
  EXPECT_FALSE(save_session(piecewise).empty());
}

// What is large is read to where it is used, and not to the buffer. Each part has a checksum.
TEST_F(SavedLink, ColumnsAreReadByThemselves) {
  Options options = plain_options();
  options.exports.push_back("large");
  SmallObject large;
  large.functions = {{.name = "large", .reads = {"large_data"}}};
  large.segments = {{".data.large", std::string(2 * SavedColumn::least_size, 'L'), 0, "large_data"}};
  add_to(session, "large.o", large);
  const Linked linked = link(session, options);
  ASSERT_TRUE(linked.ok);
  const Bytestring snapshot = save_session(session);
  auto restored = [&](const Bytestring& from, bool and_saved) {
    FileBytes buffer = without_content(from);
    const Bytes inside = buffer.bytes();
    FetchContent fetch = fetch_from(from, buffer);
    Session other;
    other.keeps_links = true;
    EXPECT_TRUE(restore_session(other, std::move(buffer), std::move(fetch)));
    if (and_saved) {
      const Bytestring again = save_session(other);
      EXPECT_TRUE(again.empty() || again == from);
      return again.empty() ? messages_of(other.diagnostics) : std::string();
    }
    const Linked after = link(other, options);
    EXPECT_TRUE(!after.ok || (after.is_relink && after.output == linked.output));
    // The data is in the input, in the output and nowhere else.
    const std::string text(std::string(2 * SavedColumn::least_size, 'L'));
    EXPECT_EQ(as_text(inside).find(text), std::string_view::npos);
    return after.messages;
  };
  EXPECT_EQ(restored(snapshot, false), linked.messages);
  EXPECT_EQ(restored(snapshot, true), "");
  // The last long run is that of the output.
  const size_t at = as_text(snapshot).rfind(std::string(SavedColumn::least_size, 'L'));
  ASSERT_NE(at, std::string_view::npos);
  for (const size_t altered : {at, snapshot.size() - 9}) {
    Bytestring other(snapshot);
    other[altered] ^= 1;
    EXPECT_NE(restored(other, false).find("it was altered"), std::string::npos);
    EXPECT_NE(restored(other, true).find("it was altered"), std::string::npos);
  }
}

TEST_F(SavedLink, ThatWasAlteredIsRefused) {
  ASSERT_TRUE(link(session).ok);
  const Bytestring snapshot = save_session(session);
  Bytestring altered = snapshot;
  altered[altered.size() - 20] ^= 1; // it comes last
  auto one = restored(altered);
  Linked after = link(*one);
  EXPECT_FALSE(after.ok);
  EXPECT_EQ(after.messages, "cannot restore this snapshot: it was altered\n");
  EXPECT_TRUE(save_session(*one).empty());
  // Nobody needs it.
  Options other = plain_options();
  other.stack_size = 1 << 17;
  auto two = restored(altered);
  EXPECT_TRUE(link(*two, other).ok);
  // Each byte of the snapshot, one after the other: refused, or of no importance.
  const Bytestring good = link(session).output;
  for (size_t i = 0; i < snapshot.size(); i += 7) {
    altered = snapshot;
    altered[i] ^= 0x10;
    Session three;
    three.keeps_links = true;
    if (!restore_session(three, FileBytes::copy(altered))) continue;
    after = link(three);
    EXPECT_TRUE(after.ok ? after.output == good : !after.messages.empty()) << i;
  }
}

TEST_F(SavedLink, HasUnits) {
  auto set = [](Session& of, int32_t constant) {
    Unit& unit = of.unit(of.order().back());
    const uint32_t type = unit.type({}, {});
    MirBuilder b;
    UnitSymbol f = unit.declare_function("unit_f", type);
    b.call(unit.declare_function("h", type)).i32(constant).op(Op::drop);
    b.address(Op::i32_data, unit.constant(as_bytes("constant"), 0)).op(Op::drop).end();
    EXPECT_TRUE(unit.set_function(f, {}, b.code()));
    EXPECT_TRUE(unit.export_as(f));
  };
  session.add_unit("jit");
  set(session, 1);
  const Linked before = link(session);
  ASSERT_TRUE(before.ok) << before.messages;
  const Bytestring snapshot = save_session(session);
  auto one = restored(snapshot);
  EXPECT_EQ(save_session(*one), snapshot);
  Linked after = link(*one);
  EXPECT_TRUE(after.is_relink);
  EXPECT_EQ(after.output, before.output);
  a.functions[0].constant = 9;
  ASSERT_TRUE(one->replace(first(*one), FileBytes::copy(a.build())));
  after = link(*one);
  EXPECT_TRUE(after.is_relink);
  EXPECT_EQ(after.rewritten, 1u);
  // Edits of the unit, before the first link and after it.
  for (bool linked_first : {false, true}) {
    auto two = restored(snapshot);
    if (linked_first) link(*two);
    set(*two, 200'000);
    auto three = restored(snapshot);
    three->keeps_links = false;
    set(*three, 200'000);
    const Linked edited = link(*two), expected = link(*three);
    EXPECT_TRUE(edited.ok) << edited.messages;
    EXPECT_EQ(edited.output, expected.output);
  }
  auto four = restored(snapshot);
  set(*four, 3);
  EXPECT_FALSE(link(*restored(save_session(*four))).is_relink); // it was edited
}

} // namespace
} // namespace weld
