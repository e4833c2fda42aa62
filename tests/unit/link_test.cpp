// The link as a whole on small objects: which definition wins, what is kept, what is reported, and that
// linking again gives the same bytes.
#include "core/inspect/inspection.h"
#include "core/session/session.h"
#include "tests/unit/small_objects.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace weld {
namespace {

constexpr uint32_t weak = symbol_flag::binding_weak, local = symbol_flag::binding_local,
                   hidden = symbol_flag::visibility_hidden;

Options plain_options() {
  Options o;
  o.output_name = "out.wasm";
  o.entry = "";
  return o;
}

struct Linked {
  LinkResult result;
  std::vector<std::string> codes; // of the diagnostics
};

Linked link_with(Session& session, Options options) {
  session.diagnostics.clear();
  Linked linked;
  EXPECT_TRUE(finish_options(options, session.diagnostics));
  linked.result = session.link(options);
  for (const Diagnostic& d : session.diagnostics.rows()) linked.codes.emplace_back(diagnostic_code(d.id));
  return linked;
}

std::string messages(const Session& session) {
  return messages_of(session.diagnostics);
}

// The names in the function subsection of the output's name section, by index.
std::vector<std::string> function_names(Bytes module) {
  std::vector<std::string> names;
  size_t at = 8;
  auto uleb = [&](Bytes b, size_t& p) {
    uint32_t value = 0, shift = 0;
    do {
      value |= static_cast<uint32_t>(b[p] & 0x7f) << shift;
      shift += 7;
    } while (b[p++] & 0x80);
    return value;
  };
  while (at < module.size()) {
    uint8_t id = module[at++];
    uint32_t size = uleb(module, at);
    size_t end = at + size, p = at;
    at = end;
    if (id != 0) continue;
    uint32_t length = uleb(module, p);
    if (std::string(module.begin() + static_cast<std::ptrdiff_t>(p),
                    module.begin() + static_cast<std::ptrdiff_t>(p + length)) != "name")
      continue;
    p += length;
    while (p < end) {
      uint8_t sub = module[p++];
      size_t sub_end = uleb(module, p);
      sub_end += p;
      if (sub == 1) {
        uint32_t count = uleb(module, p);
        for (uint32_t i = 0; i < count; i++) {
          uleb(module, p);
          uint32_t n = uleb(module, p);
          names.emplace_back(module.begin() + static_cast<std::ptrdiff_t>(p),
                             module.begin() + static_cast<std::ptrdiff_t>(p + n));
          p += n;
        }
      }
      p = sub_end;
    }
  }
  return names;
}

using Names = std::vector<std::string>;

struct Common {
  const char* name;
  uint64_t size;
  uint8_t p2align;
};

// An object that has nothing but common symbols, as LLVM encodes them (pull request 199303).
Vector<uint8_t> object_of_commons(const std::vector<Common>& commons) {
  Payload symbols, linking, custom, file;
  symbols.n(commons.size());
  for (const Common& c : commons) symbols.raw({1, 3}).name(c.name).n(c.size).raw({c.p2align});
  linking.name("linking").n(2).raw({8}).sized(symbols);
  file.raw({0, 'a', 's', 'm', 1, 0, 0, 0}).raw({0}).sized(linking);
  return Vector<uint8_t>(file.from(0));
}

// wasm-validate does not know such objects, so that no case can make one with -r.
TEST(Link, CommonSymbolsStayWhatTheyAreInRelocatableOutput) {
  Session session;
  session.add("a.o", FileBytes::copy(object_of_commons({{"foo", 8, 3}, {"bar", 8, 3}})));
  session.add("b.o", FileBytes::copy(object_of_commons({{"foo", 64, 2}})));
  add_to(session, "c.o", {.functions = {{"f", 0, {}, 0, {}, {"foo"}}}});
  Options o = plain_options();
  o.relocatable = true;
  const Linked first = link_with(session, o);
  ASSERT_TRUE(first.result.ok) << messages(session);

  Inspection it;
  ASSERT_TRUE(inspect(first.result.output, it));
  EXPECT_TRUE(it.data_segments.empty());
  ASSERT_EQ(it.symbols.size(), 3u);
  EXPECT_EQ(it.text(it.symbols[0].name), "foo");
  EXPECT_EQ(it.symbols[0].size, 64u);
  EXPECT_EQ(it.symbols[0].p2align, 3u); // the largest of each
  EXPECT_EQ(it.symbols[1].size, 8u);
  EXPECT_EQ(it.symbols[1].p2align, 3u);

  Session again;
  again.add("ab.o", FileBytes::copy(first.result.output));
  again.add("d.o", FileBytes::copy(object_of_commons({{"bar", 16, 4}})));
  o = plain_options();
  o.exports = {"foo", "bar"};
  o.global_base = 1024;
  const Linked second = link_with(again, o);
  ASSERT_TRUE(second.result.ok) << messages(again);
  Inspection out;
  ASSERT_TRUE(inspect(second.result.output, out));
  ASSERT_EQ(out.exports.size(), 3u);
  auto value = [&](size_t i) { return out.text(out.globals[out.exports[i].index].value); };
  EXPECT_EQ(value(1), "i32.const 1024");
  EXPECT_EQ(value(2), "i32.const 1088");
}

// What an edit changes of one is a matter of all objects.
TEST(Link, AnEditedCommonSymbolIsLaidOutAgain) {
  Session session;
  session.keeps_links = true;
  session.add("a.o", FileBytes::copy(object_of_commons({{"foo", 8, 3}, {"bar", 8, 3}})));
  const InputId edited = session.add("b.o", FileBytes::copy(object_of_commons({{"foo", 8, 3}})));
  Options o = plain_options();
  o.exports = {"foo", "bar"};
  ASSERT_TRUE(link_with(session, o).result.ok);
  ASSERT_TRUE(session.replace(edited, FileBytes::copy(object_of_commons({{"foo", 24, 3}}))));
  const Linked l = link_with(session, o);
  ASSERT_TRUE(l.result.ok);
  Session fresh;
  fresh.add("a.o", FileBytes::copy(object_of_commons({{"foo", 8, 3}, {"bar", 8, 3}})));
  fresh.add("b.o", FileBytes::copy(object_of_commons({{"foo", 24, 3}})));
  const Linked expected = link_with(fresh, o);
  EXPECT_EQ(as_text(l.result.output), as_text(expected.result.output));
}

TEST(Link, KeepsWhatRootsReach) {
  Session session;
  add_to(session, "a.o", {.functions = {{"used", hidden}, {"unused", hidden}, {"root", 0, {"used"}}}});
  Options o = plain_options();
  o.exports = {"root"};
  Linked l = link_with(session, o);
  ASSERT_TRUE(l.result.ok);
  EXPECT_EQ(function_names(l.result.output), (Names{"used", "root"}));
}

TEST(Link, ImportsOfOneModuleNameItOnceWithTheirFeature) {
  Session session;
  add_to(session, "a.o", {.functions = {{"run", 0, {"first", "second"}}}});
  Options o = plain_options();
  o.exports = {"run"};
  o.import_undefined = true;
  const auto imports_of = [&](const Options& options) {
    const Linked linked = link_with(session, options);
    EXPECT_TRUE(linked.result.ok);
    Inspection it;
    inspect(linked.result.output, it);
    EXPECT_TRUE(it.problems.empty());
    std::string names;
    for (const inspection::Import& i : it.imports)
      names += std::string(it.text(i.module)) + "." + std::string(it.text(i.name)) + " ";
    for (const inspection::Section& s : it.sections)
      if (s.kind == static_cast<uint8_t>(SectionKind::Import)) names += std::to_string(s.size);
    return names;
  };
  // 1 for the number; module, name, kind and type of each
  EXPECT_EQ(imports_of(o), "env.first env.second " + std::to_string(1 + (4 + 6 + 2) + (4 + 7 + 2)));
  o.extra_features = {"compact-imports"};
  // The module, an empty name, the mark and a number; name, kind and type of each
  EXPECT_EQ(imports_of(o), "env.first env.second " + std::to_string(1 + (4 + 1 + 1 + 1) + (6 + 2) + (7 + 2)));
  o.import_memory = {"other", "memory"};
  EXPECT_EQ(imports_of(o), "other.memory env.first env.second " + std::to_string(1 + (6 + 7 + 3) + 7 + 8 + 9));
  o.compat = Compat::Lld22;
  EXPECT_EQ(imports_of(o), "other.memory env.first env.second " + std::to_string(1 + (6 + 7 + 3) + 12 + 13));
}

TEST(Link, KeepsEverythingWithoutGarbageCollection) {
  Session session;
  add_to(session, "a.o", {.functions = {{"used", hidden}, {"unused", hidden}}});
  Options o = plain_options();
  o.gc_sections = false;
  Linked l = link_with(session, o);
  ASSERT_TRUE(l.result.ok);
  EXPECT_EQ(function_names(l.result.output), (Names{"__wasm_call_ctors", "used", "unused"}));
}

TEST(Link, StrongBeatsWeakInAnyOrder) {
  for (bool weak_first : {true, false}) {
    Session session;
    SmallObject w{.functions = {{"f", weak, {"from_weak"}}, {"from_weak", local}}};
    SmallObject s{.functions = {{"f", 0, {"from_strong"}}, {"from_strong", local}}};
    add_to(session, "1.o", weak_first ? w : s);
    add_to(session, "2.o", weak_first ? s : w);
    Options o = plain_options();
    o.exports = {"f"};
    Linked l = link_with(session, o);
    ASSERT_TRUE(l.result.ok);
    EXPECT_EQ(function_names(l.result.output), (Names{"f", "from_strong"}));
  }
}

TEST(Link, TwoStrongDefinitionsAreAnError) {
  Session session;
  add_to(session, "1.o", {.functions = {{"f"}}});
  add_to(session, "2.o", {.functions = {{"f"}}});
  Linked l = link_with(session, plain_options());
  EXPECT_FALSE(l.result.ok);
  EXPECT_TRUE(l.result.output.empty());
  EXPECT_EQ(l.codes, (Names{"duplicate-symbol"}));
}

TEST(Link, UndefinedMattersOnlyWhereItIsReached) {
  Session session;
  add_to(session, "a.o", {.functions = {{"dead", hidden, {"nowhere"}}, {"root"}}});
  Options o = plain_options();
  o.exports = {"root"};
  EXPECT_TRUE(link_with(session, o).result.ok);
  o.exports = {"dead"};
  Linked l = link_with(session, o);
  EXPECT_FALSE(l.result.ok);
  ASSERT_EQ(l.codes, (Names{"undefined-symbol"}));
  const Diagnostic& d = session.diagnostics.rows()[0];
  EXPECT_EQ(render(d, DiagnosticStyle::Lld, Demangling::Llvm22), "a.o: undefined symbol: nowhere");
  EXPECT_EQ(d.location.section, "CODE");
  EXPECT_EQ(d.location.symbol, "dead");
}

TEST(Link, NamesInMessagesDoNothingToATerminal) {
  const std::string name = "h\x1b[7m\nweld: error: \u202e\u0085\xff", file = "a\n.o";
  const std::string escaped = "h\\x1b[7m\\x0aweld: error: \\xe2\\x80\\xae\\xc2\\x85\\xff";
  Session session;
  add_to(session, file, {.functions = {{"root", hidden, {name}}}});
  Options o = plain_options();
  o.exports = {"root"};
  EXPECT_FALSE(link_with(session, o).result.ok);
  Diagnostic d = session.diagnostics.rows().at(0);
  EXPECT_EQ(d.arguments[0].text, name);
  EXPECT_EQ(render(d, DiagnosticStyle::Lld, Demangling::None), file + ": undefined symbol: " + name);
  EXPECT_EQ(render_headline(d, Demangling::None), "undefined symbol `" + escaped + "`");
  const std::string text = render(d, DiagnosticStyle::Weld, Demangling::None);
  EXPECT_TRUE(text.starts_with("undefined symbol `" + escaped + "`\n  in a\\x0a.o, section CODE")) << text;
  // Nothing but the lines that messages are made of.
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1 + static_cast<long>(d.notes.size()));
  for (char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c < 0x7f)) << text;
  // What other programs read (--trace) is as it was asked for.
  const Diagnostic listing = {DiagnosticId::trace_file, Severity::Message, {file}, {}, {}};
  EXPECT_EQ(render_headline(listing, Demangling::None), file);
}

TEST(Link, AFailedLinkLeavesTheSessionAsItWas) {
  Session session;
  add_to(session, "a.o", {.functions = {{"root", 0, {"f"}}}});
  Options o = plain_options();
  o.exports = {"root"};
  EXPECT_FALSE(link_with(session, o).result.ok);
  add_to(session, "b.o", {.functions = {{"f"}}});
  Linked again = link_with(session, o);
  ASSERT_TRUE(again.result.ok);

  Session fresh;
  add_to(fresh, "a.o", {.functions = {{"root", 0, {"f"}}}});
  add_to(fresh, "b.o", {.functions = {{"f"}}});
  EXPECT_EQ(again.result.output, link_with(fresh, o).result.output);
}

TEST(Link, MalformedInputIsNotAdded) {
  Session session;
  add_to(session, "a.o", {.functions = {{"root"}}});
  Vector<uint8_t> bytes = SmallObject{.functions = {{"f"}}}.build();
  bytes.truncate(bytes.size() - 3);
  EXPECT_FALSE(session.add("broken.o", FileBytes::copy(bytes)));
  ASSERT_EQ(session.diagnostics.error_count(), 1u);
  EXPECT_EQ(session.diagnostics.rows()[0].location.input, "broken.o");
  Options o = plain_options();
  o.exports = {"root"};
  EXPECT_TRUE(link_with(session, o).result.ok);
}

TEST(Link, LinkingAgainGivesTheSameBytes) {
  Session session;
  add_to(session, "a.o",
         {.functions = {{"root", 0, {"f", "g"}}, {"init", local}},
          .segments = {{".data.x", "xyz", 0, "x"}},
          .constructors = {"init"}});
  session.add("l.a", FileBytes::copy(archive_of({{"f.o", SmallObject{.functions = {{"f"}}}.build()},
                                                 {"g.o", SmallObject{.functions = {{"g", 0, {"f"}}}}.build()},
                                                 {"h.o", SmallObject{.functions = {{"h"}}}.build()}})));
  Options o = plain_options();
  o.exports = {"root"};
  Linked first = link_with(session, o);
  ASSERT_TRUE(first.result.ok);
  Options other = o;
  other.export_all = true;
  other.gc_sections = false;
  EXPECT_TRUE(link_with(session, other).result.ok) << messages(session);
  Linked second = link_with(session, o);
  EXPECT_EQ(first.result.output, second.result.output);
  EXPECT_EQ(second.result.stats.parsed, 0u);
}

TEST(Link, MembersAreLinkedBeforeTheObjectThatPulledThemIn) {
  Session session;
  session.add("l.a", FileBytes::copy(archive_of({{"a.o", SmallObject{.functions = {{"a", 0, {"c"}}}}.build()},
                                                 {"b.o", SmallObject{.functions = {{"b", 0, {"d"}}}}.build()},
                                                 {"c.o", SmallObject{.functions = {{"c"}}}.build()},
                                                 {"d.o", SmallObject{.functions = {{"d"}}}.build()}})));
  add_to(session, "main.o", {.functions = {{"main", 0, {"a", "b"}}}});
  Options o = plain_options();
  o.exports = {"main"};
  Linked l = link_with(session, o);
  ASSERT_TRUE(l.result.ok);
  EXPECT_EQ(function_names(l.result.output), (Names{"c", "a", "d", "b", "main"}));
}

TEST(Link, ALongChainOfMembersNeedsNoStack) {
  constexpr int length = 20000;
  std::vector<std::pair<std::string, Vector<uint8_t>>> members;
  for (int i = 0; i < length; i++) {
    SmallObject object;
    SmallObject::Function f{"f" + std::to_string(i)};
    if (i + 1 < length) f.calls = {"f" + std::to_string(i + 1)};
    object.functions = {f};
    members.emplace_back("m" + std::to_string(i), object.build());
  }
  Session session;
  add_to(session, "main.o", {.functions = {{"main", 0, {"f0"}}}});
  ASSERT_TRUE(session.add("chain.a", FileBytes::copy(archive_of(members))));
  Options o = plain_options();
  o.exports = {"main"};
  Linked l = link_with(session, o);
  ASSERT_TRUE(l.result.ok);
  EXPECT_EQ(l.result.stats.objects, length + 1u);
}

TEST(Link, WeakReferencesDoNotExtract) {
  Session session;
  add_to(session, "main.o", {.functions = {{"main", 0, {"f"}}}, .undefined_flags = weak});
  session.add("l.a", FileBytes::copy(archive_of({{"f.o", SmallObject{.functions = {{"f"}}}.build()}})));
  Options o = plain_options();
  o.exports = {"main"};
  Linked l = link_with(session, o);
  ASSERT_TRUE(l.result.ok);
  EXPECT_EQ(function_names(l.result.output), (Names{"undefined_weak:f", "main"}));
}

// wasm-ld 19 writes an invalid module here: it does not look at the signature of what it extracts for a
// reference.
TEST(Link, SignaturesAreCheckedWhereverTheDefinitionComesFrom) {
  for (bool archive_first : {true, false}) {
    Session session;
    auto archive = archive_of({{"m.o", SmallObject{.functions = {{"f", 0, {}, 1}}}.build()}});
    if (archive_first) session.add("l.a", FileBytes::copy(archive));
    add_to(session, "main.o", {.functions = {{"main", 0, {"f"}}}});
    if (!archive_first) session.add("l.a", FileBytes::copy(archive));
    Options o = plain_options();
    o.exports = {"main"};
    Linked l = link_with(session, o);
    ASSERT_TRUE(l.result.ok);
    EXPECT_EQ(l.codes, (Names{"function-signature-mismatch"}));
    Names names = function_names(l.result.output);
    EXPECT_NE(std::find(names.begin(), names.end(), "signature_mismatch:f"), names.end());
  }
}

TEST(Link, StringsAreMergedByTheirTails) {
  Session session;
  std::string strings("hello world\0world\0xhello\0", 25);
  add_to(session, "a.o",
         {.functions = {{"root"}},
          .segments = {{".rodata.str", strings, segment_flag::strings | segment_flag::retain, "s"}}});
  Options o = plain_options();
  o.exports = {"root"};
  Linked l = link_with(session, o);
  ASSERT_TRUE(l.result.ok);
  std::string text(l.result.output.begin(), l.result.output.end());
  EXPECT_NE(text.find(std::string("xhello\0hello world\0", 19)), std::string::npos);
  EXPECT_EQ(text.find(std::string("\0world\0", 7)), std::string::npos);
}

TEST(Link, MemberConstructorsRunOnlyWhenTheMemberIsUsed) {
  SmallObject member{.functions = {{"f"}, {"init", local}}, .constructors = {"init"}};
  for (bool used : {true, false}) {
    Session session;
    add_to(session, "main.o", {.functions = {{"main", 0, used ? Names{"f"} : Names{}}, {"dead", 0, {"f"}}}});
    session.add("l.a", FileBytes::copy(archive_of({{"f.o", member.build()}})));
    Options o = plain_options();
    o.exports = {"main"};
    Linked l = link_with(session, o);
    ASSERT_TRUE(l.result.ok);
    Names names = function_names(l.result.output);
    EXPECT_EQ(std::find(names.begin(), names.end(), "init") != names.end(), used);
  }
}

} // namespace
} // namespace weld
