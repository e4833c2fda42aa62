// Editing a session: whatever was done to it, a link gives the bytes and the messages that a new session with
// the same inputs gives.
#include "core/session/snapshot.h"
#include "tests/unit/fetch_from.h"
#include "tests/unit/publish.h"
#include "tests/unit/random_edits.h"
#include "tests/unit/small_objects.h"
#include "tests/unit/tier.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <random>

namespace weld {
namespace {

using Bytestring = Vector<uint8_t>;

// One input as it should be, to make a new session of.
struct Wanted {
  std::string path;
  Bytestring bytes;
  InputFlags flags;
};

class Editor {
public:
  explicit Editor(uint32_t seed) : seed_(seed), random_(seed) {
    session_->keeps_links = true;
    options_.output_name = "out.wasm";
    options_.exports_if_defined = {"f0", "f3", "f5", "f8"};
    options_.entry = "";
    options_.import_undefined = true;
    for (int i = 0; i < 8; i++) add();
  }

  void step() {
    switch (below(20)) {
    case 0: return add();
    case 1: return remove();
    case 2: return shuffle();
    case 3: return change_options();
    case 4: return replace_badly();
    case 5: return replace_with_another();
    case 6: return one_in(2) ? save_and_restore() : edit_a_function();
    default: return edit_a_function();
    }
  }

  // Links, and links all of it anew.
  void check() {
    session_->diagnostics.clear();
    Options options = options_;
    ASSERT_TRUE(finish_options(options, session_->diagnostics));
    LinkResult edited = session_->link(options);
    Session fresh;
    for (const Wanted& wanted : wanted_)
      ASSERT_TRUE(fresh.add(wanted.path, FileBytes::copy(wanted.bytes), wanted.flags));
    LinkResult all = fresh.link(options);
    ASSERT_EQ(edited.ok, all.ok);
    ASSERT_EQ(messages_of(session_->diagnostics), messages_of(fresh.diagnostics));
    ASSERT_TRUE(edited.output == all.output);
    ASSERT_EQ(edited.metafile, all.metafile);
    if (edited.ok && linked % 20 == 0)
      publish("random_session_" + std::to_string(seed_) + "_" + std::to_string(linked) + ".wasm", edited);
    linked += edited.ok;
    relinked_after_restoring += edited.ok && restored_ && edited.stats.phases.empty();
    restored_ = false;
    rewritten += edited.stats.rewritten != 0;
    names = session_->strings.size();
    rows = session_->inputs.size() + session_->objects.size();
  }

  uint32_t linked = 0, rewritten = 0; // links that gave an output; those made from the one before
  uint32_t names = 0, rows = 0;
  uint32_t restored_with_room = 0; // sessions that had a free row when they were saved
  uint32_t relinked_after_restoring = 0;

private:
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  bool one_in(uint32_t n) { return below(n) == 0; }
  template <class T>
  T& any(std::vector<T>& of) {
    return of[below(static_cast<uint32_t>(of.size()))];
  }
  static std::string name(const char* prefix, uint32_t n) { return prefix + std::to_string(n); }

  SmallObject::Function random_function(uint32_t object, uint32_t n) {
    SmallObject::Function f;
    bool is_local = n > 1;
    f.name = is_local ? name("local", n) : name("f", object * 2 + n);
    if (is_local) f.flags = symbol_flag::binding_local;
    else if (one_in(12)) f.flags = symbol_flag::binding_weak;
    edit(f);
    return f;
  }

  void edit(SmallObject::Function& f) {
    f.constant = below(1 << 20);
    if (one_in(3)) f.calls.push_back(name("f", below(24)));
    if (one_in(8)) f.calls.push_back(name("local", 2 + below(3)));
    if (one_in(3) && !f.calls.empty())
      f.calls.erase(f.calls.begin() +
                    static_cast<std::ptrdiff_t>(below(static_cast<uint32_t>(f.calls.size()))));
    if (one_in(5)) f.takes = {name("f", below(24))};
    if (one_in(5)) f.reads = {name("d", below(one_in(8) ? 12 : 6))};
    if (one_in(10)) f.takes.clear();
  }

  SmallObject random_object(uint32_t n) {
    SmallObject o;
    for (uint32_t i = 0; i < 2 + below(4); i++) o.functions.push_back(random_function(n, i));
    o.segments.push_back(
        {name(".data.d", n), std::string(1 + below(6), static_cast<char>('a' + below(26))), 0, name("d", n)});
    if (one_in(2))
      o.segments.push_back({".rodata.str", std::string("text\0more\0", 10), segment_flag::strings, {}});
    if (one_in(4)) o.constructors = {o.functions[0].name};
    return o;
  }

  void add() {
    if (objects_.size() > 12) return;
    uint32_t n = 0; // mostly one that no object has: two definitions are an error
    while (std::find(numbers_.begin(), numbers_.end(), n) != numbers_.end() && !one_in(60)) n++;
    objects_.push_back(random_object(n));
    numbers_.push_back(n);
    Wanted wanted{name("o", n), objects_.back().build(), {}};
    if (one_in(4)) {
      wanted.path += ".a";
      wanted.bytes = archive_of({{"m.o", wanted.bytes}, {"n.o", random_object(20 + below(10)).build()}});
    } else {
      wanted.flags.lazy = one_in(8);
    }
    InputId id = session_->add(wanted.path, FileBytes::copy(wanted.bytes), wanted.flags);
    ASSERT_TRUE(id);
    ids_.push_back(id);
    wanted_.push_back(std::move(wanted));
  }

  void remove() {
    if (ids_.size() < 7) return;
    uint32_t i = below(static_cast<uint32_t>(ids_.size()));
    session_->remove(ids_[i]);
    ids_.erase(ids_.begin() + static_cast<std::ptrdiff_t>(i));
    wanted_.erase(wanted_.begin() + static_cast<std::ptrdiff_t>(i));
    objects_.erase(objects_.begin() + static_cast<std::ptrdiff_t>(i));
    numbers_.erase(numbers_.begin() + static_cast<std::ptrdiff_t>(i));
  }

  void shuffle() {
    size_t i = below(static_cast<uint32_t>(ids_.size())), j = below(static_cast<uint32_t>(ids_.size()));
    std::swap(ids_[i], ids_[j]);
    std::swap(wanted_[i], wanted_[j]);
    std::swap(objects_[i], objects_[j]);
    std::swap(numbers_[i], numbers_[j]);
    session_->set_order(ids_);
  }

  void change_options() {
    switch (below(6)) {
    case 0: options_.strip_all = !options_.strip_all; break;
    case 1: options_.gc_sections = one_in(2); break;
    case 2: options_.build_id = one_in(2) ? BuildIdKind::Fast : BuildIdKind::None; break;
    case 3: options_.import_undefined = !one_in(4); break;
    case 4: options_.metafile = one_in(3); break;
    default: options_.allow_multiple_definition = !one_in(3);
    }
  }

  void replace(uint32_t i, Bytestring bytes) {
    ASSERT_TRUE(session_->replace(ids_[i], FileBytes::copy(bytes)));
    wanted_[i].bytes = std::move(bytes);
  }

  void replace_badly() {
    uint32_t i = below(static_cast<uint32_t>(ids_.size()));
    Bytestring bytes = wanted_[i].bytes;
    if (one_in(2) || wanted_[i].path.ends_with(".a")) bytes[0] = '?';
    else bytes.pop_back();
    ASSERT_FALSE(session_->replace(ids_[i], FileBytes::copy(bytes)));
  }

  void replace_with_another() {
    uint32_t i = below(static_cast<uint32_t>(ids_.size()));
    objects_[i] = random_object(numbers_[i]);
    replace(i, objects_[i].build());
  }

  // Saving checks all that was restored: the session that goes on is another one.
  void save_and_restore() {
    Vector<uint8_t> snapshot = save_session(*session_);
    ASSERT_FALSE(snapshot.empty());
    Session saved_again;
    ASSERT_TRUE(restore_session(saved_again, FileBytes::copy(snapshot)));
    ASSERT_EQ(save_session(saved_again), snapshot);
    session_ = std::make_unique<Session>();
    session_->keeps_links = true;
    ASSERT_TRUE(restore_session(*session_, FileBytes::copy(snapshot)));
    restored_ = true;
    restored_with_room += session_->inputs.size() > session_->order().size();
  }

  void edit_a_function() {
    uint32_t i = below(static_cast<uint32_t>(ids_.size()));
    SmallObject& o = objects_[i];
    SmallObject::Function& f = any(o.functions);
    if (one_in(3)) edit(f);
    else if (one_in(3) && !f.calls.empty()) f.calls.push_back(any(f.calls)); // what it refers to stays
    else if (one_in(6)) o.segments[0].bytes[0]++;
    else f.constant = below(1 << 20);
    replace(i, o.build());
  }

  const uint32_t seed_;
  std::mt19937 random_;
  bool restored_ = false; // and not linked since
  std::unique_ptr<Session> session_ = std::make_unique<Session>();
  Options options_;
  Vector<InputId> ids_;
  std::vector<Wanted> wanted_;
  std::vector<SmallObject> objects_; // beside wanted_: what it was made of
  std::vector<uint32_t> numbers_;
};

// Without an entry.
Options options_that_export(std::vector<std::string> names, Diagnostics& diagnostics) {
  Options o;
  o.output_name = "out.wasm";
  o.entry = "";
  o.exports = std::move(names);
  EXPECT_TRUE(finish_options(o, diagnostics));
  return o;
}

TEST(Session, AnySequenceOfEditsGivesWhatANewSessionGives) {
  uint32_t linked = 0, rewritten = 0, restored_with_room = 0, relinked_after_restoring = 0;
  const Seeds seeds = wanted_seeds(in_tier(4, 12));
  run_editors<Editor>(seeds, 500, 1, [&](const Editor& editor) {
    linked += editor.linked;
    rewritten += editor.rewritten;
    restored_with_room += editor.restored_with_room;
    relinked_after_restoring += editor.relinked_after_restoring;
    EXPECT_LT(editor.rows, 200u); // rows are used again
  });
  if (HasFatalFailure()) return;
  // The sequences reach what they are for.
  EXPECT_GT(linked, 80 * seeds.count);
  EXPECT_GT(rewritten, 10 * seeds.count);
  EXPECT_GT(restored_with_room, 2 * seeds.count);
  EXPECT_GE(relinked_after_restoring, seeds.count);
}

// A row of the session that was free when it was saved is given to another input later.
TEST(Snapshot, AnyInputTakesARowThatWasFree) {
  auto first = std::make_unique<Session>();
  const Options o = options_that_export({"f"}, first->diagnostics);
  const InputId spare = add_to(*first, "spare.o", {.functions = {{"spare"}}});
  add_to(*first, "a.o", {.functions = {{"f", 0, {"g"}}}});
  first->remove(spare);
  const Vector<uint8_t> snapshot = save_session(*first);
  const Bytestring g = SmallObject{.functions = {{"g"}}}.build();
  const Wanted inputs[] = {{"g.o", g, {}}, {"g.a", archive_of({{"g.o", g}}, {"g"}), {}}};
  for (const Wanted& wanted : inputs) {
    Session restored;
    ASSERT_TRUE(restore_session(restored, FileBytes::copy(snapshot)));
    EXPECT_EQ(restored.add(wanted.path, FileBytes::copy(wanted.bytes)), spare);
    EXPECT_TRUE(restored.link(o).ok) << messages_of(restored.diagnostics);
    Session again;
    EXPECT_TRUE(restore_session(again, FileBytes::copy(save_session(restored))));
    EXPECT_TRUE(again.link(o).ok) << messages_of(again.diagnostics);
  }
  Session restored;
  ASSERT_TRUE(restore_session(restored, FileBytes::copy(snapshot)));
  EXPECT_EQ(restored.add_unit("unit"), spare);
  EXPECT_FALSE(save_session(restored).empty());
}

TEST(Session, NamesThatNobodyHasAnyMoreAreForgotten) {
  Session session;
  session.keeps_links = true;
  InputId id = add_to(session, "a.o", {.functions = {{"f"}}});
  for (int i = 0; i < 20000; i++) {
    SmallObject o{.functions = {{"f" + std::to_string(i)}}};
    ASSERT_TRUE(session.replace(id, FileBytes::copy(o.build())));
  }
  EXPECT_LT(session.strings.size(), 10000u);
  EXPECT_EQ(session.strings.text(session.objects[session.inputs[id].object].object.symbols()[0].name),
            "f19999");
}

TEST(Session, OneEditedFunctionIsAllThatIsWritten) {
  Session session;
  session.keeps_links = true;
  const Options o = options_that_export({"f"}, session.diagnostics);
  SmallObject a{.functions = {{.name = "f", .calls = {"g"}, .constant = 1}}};
  InputId id = add_to(session, "a.o", a);
  add_to(session, "b.o", {.functions = {{"g"}}});
  ASSERT_TRUE(session.link(o).ok);
  a.functions[0].constant = 1 << 20; // more bytes
  ASSERT_TRUE(session.replace(id, FileBytes::copy(a.build())));
  LinkResult again = session.link(o);
  ASSERT_TRUE(again.ok);
  EXPECT_EQ(again.stats.rewritten, 1u);
  EXPECT_EQ(again.stats.parsed, 1u);
  EXPECT_TRUE(again.stats.phases.empty());
}

// However many names there are: those that nobody has any more are counted from the first edit on.
// They are no bytes of the edited function, and their section is none that is patched.
TEST(Session, EditedBranchHintsReachTheOutput) {
  auto object = [](uint8_t hint) {
    ObjectBytes bytes;
    bytes[SectionKind::Code] = Payload().n(1).sized(
        Payload().n(0).raw({0x10}).padded(0).raw({0x41}).padded(0).raw({0x04, 0x40, 0x0b, 0x0b}));
    bytes.before_linking.push_back({SectionKind::Custom, std::string(branch_hints_name),
                                    Payload().n(1).n(1).n(1).n(13).n(1).raw({hint})});
    return bytes.build();
  };
  Options o;
  o.output_name = "out.wasm";
  o.entry = "";
  o.exports = {"f"};
  o.import_undefined = true;
  auto link = [&](Session& session) {
    Options options = o;
    EXPECT_TRUE(finish_options(options, session.diagnostics));
    LinkResult result = session.link(options);
    EXPECT_TRUE(result.ok) << messages_of(session.diagnostics);
    return std::string(as_text(result.output));
  };
  Session session, fresh;
  session.keeps_links = true;
  const InputId edited = session.add("a.o", FileBytes::copy(object(0)));
  const std::string before = link(session);
  ASSERT_TRUE(session.replace(edited, FileBytes::copy(object(1))));
  fresh.add("a.o", FileBytes::copy(object(1)));
  const std::string after = link(session);
  EXPECT_NE(after, before);
  EXPECT_EQ(after, link(fresh));
}

TEST(Session, TheFirstEditOfALargeProgramIsAllThatIsWritten) {
  Session session;
  session.keeps_links = true;
  const Options o = options_that_export({"f0"}, session.diagnostics);
  SmallObject a;
  for (int i = 0; i < 5000; i++) a.functions.push_back({.name = "f" + std::to_string(i), .constant = 1});
  InputId id = add_to(session, "a.o", a);
  ASSERT_TRUE(session.link(o).ok);
  a.functions[0].constant = 2;
  ASSERT_TRUE(session.replace(id, FileBytes::copy(a.build())));
  LinkResult again = session.link(o);
  ASSERT_TRUE(again.ok);
  EXPECT_EQ(again.stats.rewritten, 1u);
}

TEST(Session, TheOutputOfALinkThatWarnedIsThere) {
  Session session;
  session.keeps_links = true;
  Options o = options_that_export({"root"}, session.diagnostics);
  add_to(session, "a.o", {.functions = {{"root", 0, {"f"}}}, .undefined_type = 1});
  add_to(session, "b.o", {.functions = {{"f"}}}); // of another signature
  for (int i = 0; i < 2; i++) {
    session.diagnostics.clear();
    LinkResult result = session.link(o);
    ASSERT_TRUE(result.ok);
    EXPECT_EQ(session.diagnostics.rows().size(), 1u); // said each time
    EXPECT_EQ(result.stats.rewritten, 0u);
    EXPECT_EQ(as_text(result.output.bytes().first(4)), std::string_view("\0asm", 4));
  }
}

// Data without a symbol or a name: wat2wasm makes such objects.
TEST(Session, EachLinkSaysWhatIsWrongWithBytes) {
  auto session = std::make_unique<Session>();
  session->keeps_links = true;
  Options o = options_that_export({"root"}, session->diagnostics);
  const SmallObject::Segment lost{"", "abc"};
  SmallObject root{.functions = {{.name = "root", .calls = {"f"}, .constant = 1}}};
  SmallObject f{.functions = {{.name = "f", .constant = 1}}, .segments = {lost}};
  SmallObject lazy{.functions = {{.name = "unused"}}, .segments = {lost}};
  InputId root_id = add_to(*session, "root.o", root), f_id = add_to(*session, "f.o", f);
  session->add("lazy.o", FileBytes::copy(lazy.build()), {.lazy = true});
  EXPECT_TRUE(session->diagnostics.rows().empty());

  auto check = [&](uint32_t rewritten) {
    session->diagnostics.clear();
    LinkResult result = session->link(o);
    ASSERT_TRUE(result.ok);
    EXPECT_EQ(result.stats.rewritten, rewritten);
    // Once, and nothing of what is not linked.
    EXPECT_EQ(messages_of(session->diagnostics),
              "segment 0 has no symbol: nothing can refer to it\n  in f.o\n");
  };
  check(0);
  check(0);
  root.functions[0].constant = 2;
  ASSERT_TRUE(session->replace(root_id, FileBytes::copy(root.build())));
  check(1);
  f.functions[0].constant = 2;
  ASSERT_TRUE(session->replace(f_id, FileBytes::copy(f.build())));
  check(0); // of the object itself: all is linked
  Vector<uint8_t> snapshot = save_session(*session);
  session = std::make_unique<Session>();
  ASSERT_TRUE(restore_session(*session, FileBytes::copy(snapshot)));
  check(0);
  // As somebody wants it.
  o.log_overrides = {{DiagnosticId::segment_without_symbol, Severity::Silent}};
  session->diagnostics.clear();
  EXPECT_TRUE(session->link(o).ok);
  EXPECT_TRUE(session->diagnostics.rows().empty());
  o.log_overrides = {{DiagnosticId::segment_without_symbol, Severity::Error}};
  EXPECT_FALSE(session->link(o).ok);
}

// An object with one exported function `run`, of this body, and one imported global.
Vector<uint8_t> object_of(const Payload& body, uint32_t reloc_offset) {
  Payload out, linking, relocs;
  out.raw({0, 'a', 's', 'm', 1, 0, 0, 0});
  out.raw({1}).sized(Payload().n(1).raw({0x60, 0, 0}));
  out.raw({2}).sized(Payload().n(1).name("env").name("__memory_base").raw({3, 0x7f, 1}));
  out.raw({3}).sized(Payload().n(1).n(0));
  out.raw({10}).sized(Payload().n(1).sized(body));
  linking.name("linking").n(2).raw({8}).sized(
      Payload().n(2).raw({0}).n(0x20).n(0).name("run").raw({2}).n(0x10).n(0));
  out.raw({0}).sized(linking);
  if (reloc_offset) {
    relocs.name("reloc.CODE").n(3).n(1).raw({7}).n(reloc_offset).n(1);
    out.raw({0}).sized(relocs);
  }
  Bytes bytes = out.from(0);
  return Vector<uint8_t>(bytes);
}

// What a fresh link would say of a function is said when the function is edited, and no longer when it is edited back.
TEST(Session, EditsAreLookedAtAsAFreshLinkLooks) {
  auto with_locals = [](uint32_t count) { return object_of(Payload().n(1).n(count).raw({0x7f, 0x0b}), 0); };
  const Vector<uint8_t> few = with_locals(50'000), many = with_locals(50'001);
  const Vector<uint8_t> read = object_of(Payload().raw({0, 0x23, 0x80, 0x80, 0x80, 0x80, 0, 0x1a, 0x0b}), 4);
  const Vector<uint8_t> write =
      object_of(Payload().raw({0, 0x41, 1, 0x24, 0x80, 0x80, 0x80, 0x80, 0, 0x0b}), 6);
  for (const auto& [good, bad] : {std::pair(&few, &many), std::pair(&read, &write)}) {
    Session session;
    session.keeps_links = true;
    Options o = options_that_export({}, session.diagnostics);
    const InputId id = session.add("a.o", FileBytes::copy(*good));
    for (int round = 0; round < 2; round++) {
      session.diagnostics.clear();
      EXPECT_TRUE(session.link(o).ok);
      EXPECT_EQ(messages_of(session.diagnostics), "");
      ASSERT_TRUE(session.replace(id, FileBytes::copy(*bad)));
      session.diagnostics.clear();
      LinkResult result = session.link(o);
      EXPECT_EQ(result.stats.rewritten, 0u); // all is linked
      EXPECT_NE(messages_of(session.diagnostics), "");
      ASSERT_TRUE(session.replace(id, FileBytes::copy(*good)));
    }
  }
}

TEST(Session, OptionsOfAnotherLevelLinkAnew) {
  Session session;
  session.keeps_links = true;
  Options o = options_that_export({}, session.diagnostics);
  add_to(session, "a.o", {.functions = {{"f"}}});
  ASSERT_TRUE(session.link(o).ok);
  ASSERT_EQ(session.diagnostics.rows().size(), 1u);
  EXPECT_EQ(session.diagnostics.rows()[0].id, DiagnosticId::nothing_exported);
  EXPECT_EQ(session.diagnostics.rows()[0].severity, Severity::Warning);
  o.log_overrides = {{DiagnosticId::nothing_exported, Severity::Message}};
  session.diagnostics.clear();
  ASSERT_TRUE(session.link(o).ok);
  ASSERT_EQ(session.diagnostics.rows().size(), 1u);
  EXPECT_EQ(session.diagnostics.rows()[0].severity, Severity::Message);
}

// `f` of a.o calls `g` of the archive's g.o; h.o has `h`.
std::unique_ptr<Session> session_with_archive() {
  auto session = std::make_unique<Session>();
  add_to(*session, "a.o", {.functions = {{"f", 0, {"g"}}}, .segments = {{".data.x", "xyz", 0, "x"}}});
  session->add("l.a", FileBytes::copy(archive_of({{"g.o", SmallObject{.functions = {{"g"}}}.build()},
                                                  {"h.o", SmallObject{.functions = {{"h"}}}.build()}},
                                                 {"g", "h"})));
  return session;
}

// How a snapshot is restored: with all its bytes, or with those of the state, and others when asked for.
bool restore(Session& session, const Vector<uint8_t>& snapshot, bool piece_by_piece,
             std::vector<size_t>* fetched = nullptr) {
  if (!piece_by_piece) return restore_session(session, FileBytes::copy(snapshot));
  FileBytes buffer = without_content(snapshot);
  FetchContent fetch = fetch_from(snapshot, buffer, fetched);
  return restore_session(session, std::move(buffer), std::move(fetch));
}

std::string first_message(const Session& session) {
  return render(session.diagnostics.rows().at(0), DiagnosticStyle::Weld, Demangling::Llvm22);
}

std::string refusal(const Vector<uint8_t>& snapshot) {
  std::string why;
  for (bool piece_by_piece : {false, true}) {
    Session session;
    if (restore(session, snapshot, piece_by_piece)) return "";
    EXPECT_EQ(session.inputs.size(), 0u);
    add_to(session, "a.o", {.functions = {{"f"}}}); // it is as good as before
    EXPECT_EQ(session.order().size(), 1u);
    why = first_message(session);
  }
  return why;
}

TEST(Snapshot, WhatIsNotWholeIsRefused) {
  auto session = session_with_archive();
  const Options o = options_that_export({"f"}, session->diagnostics);
  ASSERT_TRUE(session->link(o).ok); // which parses g.o
  const Vector<uint8_t> snapshot = save_session(*session);
  EXPECT_EQ(refusal(snapshot), "");
  for (size_t size = 0; size < snapshot.size(); size++)
    EXPECT_NE(refusal({snapshot.begin(), snapshot.begin() + static_cast<std::ptrdiff_t>(size)}), "") << size;
  const size_t state = snapshot_state_size(snapshot, snapshot.size());
  ASSERT_LT(state, snapshot.size());
  auto with = [&](size_t at, uint8_t byte) {
    Vector<uint8_t> altered = snapshot;
    altered[at] = byte;
    return refusal(altered);
  };
  for (size_t i = 0; i < state; i++)
    for (int bit : {1, 0x80}) {
      if (i < 12 || i >= 16) { // between lies nothing
        EXPECT_NE(with(i, static_cast<uint8_t>(snapshot[i] ^ bit)), "") << i;
      }
    }
  EXPECT_NE(with(0, 'x').find("it is no snapshot of weld"), std::string::npos);
  EXPECT_NE(with(8, 200).find("newer version"), std::string::npos);
  EXPECT_NE(with(8, 0).find("older version"), std::string::npos);
  EXPECT_NE(with(state - 1, 9).find("altered"), std::string::npos);
  Vector<uint8_t> longer = snapshot;
  longer.push_back(0);
  EXPECT_NE(refusal(longer), "");
}

// The files' bytes are checked when they are needed. Nothing that was altered is linked or saved again.
TEST(Snapshot, AlteredFilesAreRefusedWhenTheyAreNeeded) {
  auto session = session_with_archive();
  const Options want_f = options_that_export({"f"}, session->diagnostics);
  const Options want_h = options_that_export({"h"}, session->diagnostics);
  const LinkResult f = session->link(want_f);
  ASSERT_TRUE(f.ok);
  const Vector<uint8_t> snapshot = save_session(*session);
  const LinkResult h = session->link(want_h);
  ASSERT_TRUE(h.ok);
  int by_link = 0, by_next_link = 0, by_save = 0, never = 0;
  for (size_t i = snapshot_state_size(snapshot, snapshot.size()); i < snapshot.size(); i++)
    for (bool piece_by_piece : {false, true}) {
      Vector<uint8_t> altered = snapshot;
      altered[i] ^= 4;
      Session restored;
      ASSERT_TRUE(restore(restored, altered, piece_by_piece));
      LinkResult result = restored.link(want_f);
      if (!result.ok) {
        by_link++;
        const std::string message = first_message(restored);
        ASSERT_TRUE(message.starts_with("cannot restore this snapshot: it was altered\n  in ")) << message;
        ASSERT_EQ(message.find("l.a(h.o)"), message.npos);
        ASSERT_FALSE(restored.link(want_f).ok);
        continue;
      }
      ASSERT_TRUE(result.output == f.output);
      result = restored.link(want_h);
      if (!result.ok) {
        by_next_link++;
        ASSERT_EQ(first_message(restored), "cannot restore this snapshot: it was altered\n  in l.a(h.o)");
        continue;
      }
      ASSERT_TRUE(result.output == h.output);
      const Vector<uint8_t> saved = save_session(restored);
      if (saved.empty()) {
        by_save++;
        ASSERT_EQ(first_message(restored), "cannot restore this snapshot: it was altered\n  in l.a");
        continue;
      }
      never++; // between the files
      restored.link(want_f);
      Session again;
      ASSERT_TRUE(restore_session(again, FileBytes::copy(saved)));
      ASSERT_TRUE(again.link(want_h).output == h.output);
    }
  EXPECT_GT(by_link, 100);
  EXPECT_GT(by_next_link, 100);
  EXPECT_GT(by_save, 100); // the archive's own headers
  EXPECT_LT(never, 2 * 3 * 7);
}

TEST(Snapshot, KnowsTheMembersThatWereParsed) {
  auto session = session_with_archive();
  const Options o = options_that_export({"f"}, session->diagnostics);
  LinkResult linked = session->link(o);
  ASSERT_TRUE(linked.ok);
  const Vector<uint8_t> snapshot = save_session(*session);
  for (bool piece_by_piece : {false, true}) {
    Session restored;
    std::vector<size_t> fetched;
    ASSERT_TRUE(restore(restored, snapshot, piece_by_piece, &fetched));
    EXPECT_TRUE(fetched.empty()); // nobody has needed anything
    LinkResult again = restored.link(o);
    ASSERT_TRUE(again.ok);
    EXPECT_EQ(fetched.size(), piece_by_piece ? 2u : 0u); // a.o and g.o, but not h.o
    ASSERT_TRUE(restored.link(o).ok);
    EXPECT_EQ(fetched.size(), piece_by_piece ? 2u : 0u);
    EXPECT_EQ(again.stats.parsed, 0u);
    EXPECT_TRUE(again.output == linked.output);
    EXPECT_TRUE(save_session(restored) == snapshot);
  }
}

} // namespace
} // namespace weld
