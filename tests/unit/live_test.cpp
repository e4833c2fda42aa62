// Live links and patches. What the modules do is seen by tests/live.test.mjs, which runs what is published here, and gives
// `LiveScript` objects of a compiler.
#include "core/include/weld/weld.h"
#include "core/link/patch/instance.h"
#include "tests/unit/publish.h"
#include "tests/unit/small_objects.h"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace weld {
namespace {

// A program that is edited while it runs.
struct Program {
  Session session;
  Options options;
  InputId main, other;

  explicit Program(bool keeps_links = false) {
    session.keeps_links = keeps_links;
    session.keep_programs();
    options.live = LiveKind::Inputs;
    options.entry = "";
    options.exports_if_defined = {"run", "more"};
    EXPECT_TRUE(finish_options(options, session.diagnostics));
  }
  void add(const SmallObject& object, const SmallObject& more = {}) {
    main = session.add("main.o", FileBytes::copy(object.build()));
    if (!more.functions.empty()) other = session.add("other.o", FileBytes::copy(more.build()));
  }
  LinkResult link() {
    LinkResult linked = session.link(options);
    EXPECT_TRUE(linked.ok) << messages_of(session.diagnostics);
    return linked;
  }
  void edit(const SmallObject& object) {
    EXPECT_TRUE(session.replace(main, FileBytes::copy(object.build())));
  }
  LivePatch patch(std::optional<uint64_t> state = {}) {
    LivePatch made;
    result = session.patch(options, made, state);
    EXPECT_TRUE(result.ok) << messages_of(session.diagnostics);
    return made;
  }
  LinkResult result;
};

std::string reasons(const std::vector<LiveReason>& rows) {
  std::string text;
  for (const LiveReason& row : rows) text += row.symbol + (row.symbol.empty() ? "" : " ") + row.text + '\n';
  return text;
}

SmallObject simple(int64_t constant) {
  return {.functions = {{.name = "run", .calls = {"helper"}},
                        {.name = "helper", .flags = 2, .constant = constant},
                        {.name = "more"}}};
}

SmallObject with_data(std::string bytes, std::string section = ".data.v") {
  return {.functions = {{.name = "run", .reads = {"v"}}}, .segments = {{section, bytes, 0, "v"}}};
}

TEST(Live, OnlyWhatChangedIsInAPatch) {
  Program program;
  program.add(simple(1));
  program.link();
  program.edit(simple(2));
  const LivePatch patch = program.patch();
  EXPECT_EQ(reasons(patch.restart), "");
  EXPECT_EQ(reasons(patch.kept), "");
  EXPECT_EQ(patch.changed, std::vector<std::string>{"helper"});
  EXPECT_FALSE(patch.bytes.empty());
  EXPECT_LT(patch.bytes.size(), 400u);
  EXPECT_NE(patch.before, patch.after);
  EXPECT_TRUE(program.result.output.empty());
  // The patch counts as applied, so there is nothing more to do.
  const LivePatch again = program.patch();
  EXPECT_TRUE(again.bytes.empty());
  EXPECT_TRUE(again.restart.empty());
  EXPECT_EQ(again.before, patch.after);
  EXPECT_EQ(again.after, patch.after);
}

TEST(Live, TheProgramSaysWhichPatchesItHas) {
  Program program;
  program.add(simple(1));
  program.link();
  program.edit(simple(2));
  const LivePatch lost = program.patch();
  program.edit(simple(3));
  // The first patch was not applied: the second one is made for the program without it.
  const LivePatch patch = program.patch(lost.before);
  EXPECT_EQ(patch.before, lost.before);
  EXPECT_NE(patch.after, lost.after);
  EXPECT_EQ(patch.changed, std::vector<std::string>{"helper"});
  // Back to what it was.
  program.edit(simple(1));
  const LivePatch back = program.patch(patch.after);
  EXPECT_EQ(back.before, patch.after);
  EXPECT_EQ(back.changed, std::vector<std::string>{"helper"});
  EXPECT_NE(back.after, lost.before);
  // A program of another link.
  const LivePatch foreign = program.patch(12345);
  EXPECT_EQ(reasons(foreign.restart), "the running program is of another link, or has other patches\n");
  EXPECT_TRUE(foreign.bytes.empty());
  EXPECT_FALSE(program.result.output.empty());
}

TEST(Live, ARestartThatDoesNotHappenIsForgotten) {
  Program program;
  program.add(with_data("1234"));
  program.link();
  const uint64_t state = program.patch().before;
  program.edit(with_data("12345678"));
  EXPECT_EQ(reasons(program.patch(state).restart), "v has another size: 8 bytes and not 4\n");
  EXPECT_FALSE(program.result.output.empty());
  // The program goes on: so it can be patched when the edit is undone.
  SmallObject object = with_data("1234");
  object.functions[0].constant = 7;
  program.edit(object);
  const LivePatch patch = program.patch(state);
  EXPECT_EQ(reasons(patch.restart), "");
  EXPECT_EQ(patch.before, state);
  EXPECT_EQ(patch.changed, std::vector<std::string>{"run"});
  // A link that nobody starts changes nothing, either.
  program.link();
  EXPECT_EQ(reasons(program.patch(patch.after).restart), "");
}

TEST(Live, AnyPatchThatWasGivenOutMayHaveBeenApplied) {
  for (const bool keeps_links : {false, true}) {
    Program program(keeps_links);
    program.add(simple(1));
    program.link();
    const uint64_t state = program.patch().before;
    program.edit(simple(2));
    const LivePatch slow = program.patch(state);
    program.edit(simple(3));
    const LivePatch lost = program.patch(state);
    EXPECT_EQ(lost.before, state);
    program.edit(simple(4));
    const LivePatch next = program.patch(slow.after); // it came after the second one was made
    EXPECT_EQ(reasons(next.restart), "");
    EXPECT_EQ(next.before, slow.after);
    EXPECT_EQ(next.changed, std::vector<std::string>{"helper"});
    EXPECT_EQ(reasons(program.patch(lost.after).restart),
              "the running program is of another link, or has other patches\n");
  }
}

// Which is quicker, and gives the same.
TEST(Live, PatchesOfFunctionsAreMadeFromTheLinkBefore) {
  Program program(true);
  program.add(simple(1), {.functions = {{.name = "far", .calls = {"run"}}}});
  program.link();
  program.edit(simple(2));
  const LivePatch first = program.patch();
  EXPECT_EQ(program.result.stats.full, nullptr);
  EXPECT_EQ(first.changed, std::vector<std::string>{"helper"});
  // The first one is lost: the function is in the second one, too, although it was not edited again.
  EXPECT_EQ(program.patch(first.before).bytes, first.bytes);
  EXPECT_EQ(program.result.stats.full, nullptr);
  EXPECT_TRUE(program.patch(first.after).bytes.empty());
  EXPECT_EQ(program.result.stats.full, nullptr);
  // Undone while it is not known whether the program has it.
  program.edit(simple(3));
  const LivePatch second = program.patch(first.after);
  program.edit(simple(2));
  EXPECT_TRUE(program.patch(first.after).bytes.empty());
  EXPECT_EQ(program.patch(second.after).changed, std::vector<std::string>{"helper"});
  EXPECT_EQ(program.result.stats.full, nullptr);
  // More than functions: a link of everything, and from there on functions again.
  SmallObject object = simple(5);
  object.functions.push_back({.name = "late", .flags = 2});
  object.functions[0].calls = {"helper", "late"};
  program.edit(object);
  const LivePatch third = program.patch();
  EXPECT_NE(program.result.stats.full, nullptr);
  EXPECT_EQ(third.changed, (std::vector<std::string>{"run", "helper", "late"}));
  object.functions[3].constant = 9;
  program.edit(object);
  // Without the third patch the program has no slot for the new function.
  EXPECT_EQ(program.patch(third.before).changed, third.changed);
  EXPECT_NE(program.result.stats.full, nullptr);
  object.functions[3].constant = 10;
  program.edit(object);
  EXPECT_EQ(program.patch().changed, std::vector<std::string>{"late"});
  EXPECT_EQ(program.result.stats.full, nullptr);
}

TEST(Live, WithoutALinkThereIsNothingToPatch) {
  Program program;
  program.add(simple(1));
  const LivePatch patch = program.patch();
  EXPECT_EQ(reasons(patch.restart), "no program was linked with --live before\n");
  EXPECT_FALSE(program.result.output.empty());
  // What it linked is the program from now on.
  program.edit(simple(2));
  EXPECT_EQ(program.patch().changed, std::vector<std::string>{"helper"});
  program.options.live = LiveKind::None;
  LivePatch refused;
  EXPECT_FALSE(program.session.patch(program.options, refused).ok);
}

TEST(Live, OtherOptionsNeedANewProgram) {
  Program program;
  program.add(simple(1));
  program.link();
  program.options.stack_size = 131072;
  EXPECT_EQ(reasons(program.patch().restart), "the options are not those of the running program\n");
  EXPECT_EQ(reasons(program.patch().restart), "");
}

TEST(Live, ALinkThatFailsChangesNothing) {
  Program program;
  program.add(simple(1));
  program.link();
  program.edit({.functions = {{.name = "run", .calls = {"missing"}}}});
  LivePatch patch;
  EXPECT_FALSE(program.session.patch(program.options, patch).ok);
  EXPECT_TRUE(patch.bytes.empty());
  program.session.diagnostics.clear();
  program.edit(simple(2));
  EXPECT_EQ(program.patch().changed, std::vector<std::string>{"helper"});
}

TEST(Live, VariablesKeepTheirValues) {
  Program program;
  program.add(with_data("1234"));
  program.link();
  program.edit(with_data("5678"));
  const LivePatch patch = program.patch();
  EXPECT_EQ(reasons(patch.restart), "");
  EXPECT_EQ(reasons(patch.kept), "v has another initial value, and keeps the value that it has\n");
  EXPECT_TRUE(patch.bytes.empty());
  EXPECT_EQ(reasons(program.patch().kept), "");
}

TEST(Live, AVariableOfAnotherSizeNeedsANewProgram) {
  Program program;
  program.add(with_data("1234"));
  program.link();
  program.edit(with_data("12345678"));
  EXPECT_EQ(reasons(program.patch().restart), "v has another size: 8 bytes and not 4\n");
  EXPECT_EQ(reasons(program.patch().restart), "");
}

TEST(Live, AConstantThatChangesMoves) {
  Program program;
  program.add(with_data("1234", ".rodata.v"));
  program.link();
  program.edit(with_data("123456", ".rodata.v"));
  const LivePatch patch = program.patch();
  EXPECT_EQ(reasons(patch.restart), "");
  EXPECT_EQ(reasons(patch.kept), "");
  EXPECT_EQ(patch.changed, std::vector<std::string>{"run"}); // it has the new address
}

TEST(Live, VirtualTablesNeedANewProgram) {
  Program program;
  SmallObject object = {.functions = {{.name = "run", .reads = {"_ZTV1A"}}},
                        .segments = {{".rodata._ZTV1A", "12345678", 0, "_ZTV1A"}}};
  program.add(object);
  program.link();
  object.segments[0].bytes = "1234567890AB";
  program.edit(object);
  EXPECT_EQ(reasons(program.patch().restart), "_ZTV1A has another size: 12 bytes and not 8\n");
  object.segments[0].bytes = "1234567890ab";
  program.edit(object);
  EXPECT_EQ(reasons(program.patch().restart),
            "_ZTV1A is a virtual table or type information, and has changed\n");
}

TEST(Live, RoomForDataIsLimited) {
  Program program;
  program.options.live_room = 64;
  program.add(with_data("1234"));
  program.link();
  SmallObject object = with_data("1234");
  object.segments.push_back({".data.w", std::string(100, 'x'), 0, "w"});
  object.functions[0].reads.push_back("w");
  program.edit(object);
  EXPECT_EQ(reasons(program.patch().restart).find("the room for new data is used up"), 0u);
}

TEST(Live, ConstructorsNeedANewProgram) {
  Program program;
  SmallObject object = {.functions = {{.name = "run"}, {.name = "make", .flags = 2, .constant = 1}},
                        .constructors = {"make"}};
  program.add(object);
  program.link();
  object.functions[1].constant = 2;
  program.edit(object);
  EXPECT_EQ(reasons(program.patch().restart), "make is a constructor of static objects, and has changed\n");
  object.functions.push_back({.name = "make_more", .flags = 2});
  object.constructors.push_back("make_more");
  program.edit(object);
  EXPECT_EQ(reasons(program.patch().restart), "make_more is a new constructor of static objects\n");
}

TEST(Live, AnotherTypeNeedsANewProgramWhenSomethingHasTheOldOne) {
  Program program;
  SmallObject object = simple(1);
  program.add(object);
  program.link();
  // A static function whose only caller is edited, too.
  object.functions[1].type = 1;
  program.edit(object);
  const LivePatch patch = program.patch();
  EXPECT_EQ(reasons(patch.restart), "");
  EXPECT_EQ(patch.changed, (std::vector<std::string>{"run", "helper"}));
  // An export.
  object.functions[2].type = 1;
  program.edit(object);
  EXPECT_EQ(reasons(program.patch().restart),
            "more is exported, and is something else or of another type than in the running program\n");
  // A function whose address is somewhere.
  object.functions[0].takes = {"helper"};
  program.edit(object);
  EXPECT_EQ(reasons(program.patch().restart), "");
  object.functions[1].type = 0;
  program.edit(object);
  EXPECT_EQ(reasons(program.patch().restart),
            "helper has another type, and the running program has its address with the type that it had\n");
}

TEST(Live, ACallerOfTheOldTypeNeedsANewProgram) {
  Program program;
  program.add({.functions = {{.name = "f"}}}, {.functions = {{.name = "run", .calls = {"f"}}}});
  program.link();
  program.edit({.functions = {{.name = "f", .type = 1}}});
  EXPECT_EQ(reasons(program.patch().restart), "f is called with another type than it has\n");
}

TEST(Live, PlainLinksHaveNothingOfIt) {
  Program program;
  program.add(simple(1));
  const LinkResult live = program.link();
  program.options.live = LiveKind::None;
  const LinkResult plain = program.link();
  const std::string text(as_text(plain.output));
  EXPECT_EQ(text.find("__weld_live"), text.npos);
  EXPECT_NE(std::string(as_text(live.output)).find("__weld_live.state"), text.npos);
}

TEST(Live, WhatCannotBeCombinedIsRefused) {
  const auto refused = [](auto set) {
    Session session;
    Options options;
    options.live = LiveKind::All;
    set(options);
    return !finish_options(options, session.diagnostics) ? messages_of(session.diagnostics) : "";
  };
  EXPECT_EQ(refused([](Options&) {}), "");
  EXPECT_NE(refused([](Options& o) { o.shared = true; }).find("--live may not be used with -shared"),
            std::string::npos);
  EXPECT_NE(refused([](Options& o) { o.shared_memory = true; }).find("--shared-memory"), std::string::npos);
  EXPECT_NE(refused([](Options& o) { o.fold_functions = true; }).find("--icf"), std::string::npos);
}

// --- Units. tests/live.test.mjs runs the modules.

using api::Code;
using api::Op;

api::Options options_of_units() {
  api::Options options;
  options.entry = "";
  options.live = api::Live::Inputs;
  return options;
}

TEST(Live, AUnitIsEditedWhileItRuns) {
  api::Linker linker;
  api::Unit unit = linker.add_unit("program");
  const api::Type number = unit.type({}, {api::ValueType::I32}), none = unit.type({}, {});
  const api::Symbol count = unit.declare_data("count");
  ASSERT_TRUE(unit.set_zeros(count, 4));
  const api::Symbol step = unit.declare_function("step", number),
                    next = unit.declare_function("next", number), edit = unit.declare_function("edit", none);
  ASSERT_TRUE(unit.import_from(edit, "page", "edit"));
  auto set_step = [&](int32_t value) {
    Code code;
    EXPECT_TRUE(unit.set_function(step, {}, code.i32_const(value).end()));
  };
  // Adds what `step` gives, lets the page do what it wants, and adds it again.
  auto set_next = [&](int32_t extra) {
    Code code;
    code.address(Op::i32_data, count).address(Op::i32_data, count).memory(Op::i32_load, 2, 0);
    code.call(step).op(Op::i32_add).call(edit).call(step).op(Op::i32_add).i32_const(extra).op(Op::i32_add);
    code.memory(Op::i32_store, 2, 0).address(Op::i32_data, count).memory(Op::i32_load, 2, 0).end();
    EXPECT_TRUE(unit.set_function(next, {}, code));
  };
  set_step(1);
  set_next(0);
  unit.export_as(next);
  const api::Options options = options_of_units();
  const api::Result base = linker.link(options);
  ASSERT_TRUE(base.ok) << base.messages[0].rendered;
  publish("live_unit_0.wasm", weld::Bytes(base.output.data(), base.output.size()));
  int number_of_patch = 0;
  auto patch = [&] {
    const api::Patch made = linker.patch(options);
    EXPECT_TRUE(made.ok && made.restart.empty()) << (made.ok ? made.restart[0].text : "");
    publish("live_unit_" + std::to_string(++number_of_patch) + ".wasm",
            weld::Bytes(made.bytes.data(), made.bytes.size()));
    return made;
  };
  set_step(10); // while `next` is running
  EXPECT_EQ(patch().changed, std::vector<std::string>{"step"});
  set_next(1000);
  EXPECT_EQ(patch().changed, std::vector<std::string>{"next"});
  // New functions and data, which are exported.
  const api::Symbol letters = unit.declare_data("letters"), letter = unit.declare_function("letter", number);
  const uint8_t text[] = {'a', 'b'};
  ASSERT_TRUE(unit.set_data(letters, text));
  Code code;
  ASSERT_TRUE(
      unit.set_function(letter, {}, code.address(Op::i32_data, letters).memory(Op::i32_load8_u, 0, 1).end()));
  unit.export_as(letter);
  EXPECT_EQ(patch().changed, std::vector<std::string>{"letter"});
}

TEST(Live, GlobalsAndPassiveDataNeedANewProgram) {
  api::Linker linker;
  api::Unit unit = linker.add_unit("program");
  const api::Symbol limit = unit.declare_global("limit", api::ValueType::I32, false),
                    text = unit.declare_passive_data("text"),
                    run = unit.declare_function("run", unit.type({}, {api::ValueType::I32}));
  ASSERT_TRUE(unit.set_global(limit, 5));
  const uint8_t letters[] = {'a', 'b'}, others[] = {'a', 'c'};
  ASSERT_TRUE(unit.set_passive_data(text, letters));
  auto set_run = [&](int32_t more) {
    Code code;
    code.i32_const(8).i32_const(0).i32_const(2).memory_init(text, {}).symbol(Op::global_get, limit);
    EXPECT_TRUE(unit.set_function(run, {}, code.i32_const(more).op(Op::i32_add).end()));
  };
  set_run(1);
  unit.export_as(run);
  const api::Options options = options_of_units();
  const api::Result base = linker.link(options);
  ASSERT_TRUE(base.ok) << base.messages[0].rendered;
  auto restarts = [&] {
    std::string text_of_reasons;
    for (const api::PatchReason& reason : linker.patch(options).restart)
      text_of_reasons += reason.symbol + ' ' + reason.text + '\n';
    return text_of_reasons;
  };
  EXPECT_EQ(restarts(), "");
  ASSERT_TRUE(unit.set_global(limit, 6));
  EXPECT_EQ(restarts(), "limit is a global with another initial value\n");
  EXPECT_EQ(restarts(), "");
  ASSERT_TRUE(unit.set_passive_data(text, others)); // the code that names it is the same
  EXPECT_EQ(restarts(), "text is data or elements that only code names\n");
  set_run(2);
  EXPECT_EQ(restarts(), "text is data or elements that only code names\n");
}

// --- Objects of a compiler: WELD_LIVE_SCRIPT names a file of commands, one a line, each with paths.
//
//   live inputs|all      add NAME FILE      replace NAME FILE      remove NAME      link OUT      patch OUT      fresh OUT
//
// Each module goes to the file OUT, and what a patch says to OUT.txt.

// A second session makes each patch by a link of everything: both are the same.
class Script {
public:
  void run(std::istream& lines) {
    options_.entry = "";
    options_.live = LiveKind::Inputs;
    session_.keeps_links = true;
    for (Session* session : {&session_, &plain_}) session->keep_programs();
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string command, name, file;
      words >> command >> name >> file;
      perform(command, name, file);
      if (testing::Test::HasFatalFailure()) return;
    }
  }

private:
  void perform(const std::string& command, const std::string& name, const std::string& file) {
    if (command == "live") {
      options_.live = name == "all" ? LiveKind::All : LiveKind::Inputs;
    } else if (command == "add") {
      const Vector<uint8_t> bytes = read(file);
      inputs_.push_back({name, bytes, session_.add(name, FileBytes::copy(bytes)),
                         plain_.add(name, FileBytes::copy(bytes))});
    } else if (command == "replace" || command == "remove") {
      for (size_t i = 0; i < inputs_.size(); i++) {
        if (inputs_[i].name != name) continue;
        if (command == "remove") {
          session_.remove(inputs_[i].id);
          plain_.remove(inputs_[i].plain_id);
          inputs_.erase(inputs_.begin() + static_cast<ptrdiff_t>(i));
          return;
        }
        inputs_[i].bytes = read(file);
        ASSERT_TRUE(session_.replace(inputs_[i].id, FileBytes::copy(inputs_[i].bytes)));
        ASSERT_TRUE(plain_.replace(inputs_[i].plain_id, FileBytes::copy(inputs_[i].bytes)));
        return;
      }
      FAIL() << "no input " << name;
    } else if (command == "link") {
      Options options = finished(options_, session_);
      const LinkResult result = session_.link(options);
      ASSERT_TRUE(result.ok) << messages_of(session_.diagnostics);
      write(name, result.output);
      ASSERT_EQ(plain_.link(finished(options_, plain_)).output.bytes().size(), result.output.size());
    } else if (command == "patch") {
      Options options = finished(options_, session_);
      LivePatch patch, expected;
      const LinkResult result = session_.patch(options, patch);
      ASSERT_TRUE(result.ok) << messages_of(session_.diagnostics);
      ASSERT_TRUE(plain_.patch(finished(options_, plain_), expected).ok);
      ASSERT_EQ(patch.bytes, expected.bytes);
      ASSERT_EQ(patch.changed, expected.changed);
      ASSERT_EQ(reasons(patch.kept), reasons(expected.kept));
      ASSERT_EQ(reasons(patch.restart), reasons(expected.restart));
      write(name, patch.restart.empty() ? weld::Bytes(patch.bytes) : result.output.bytes());
      std::string text;
      for (const LiveReason& reason : patch.restart)
        text += "restart: " + reason.symbol + ' ' + reason.text + '\n';
      for (const LiveReason& reason : patch.kept) text += "kept: " + reason.symbol + ' ' + reason.text + '\n';
      for (const std::string& changed : patch.changed) text += "changed: " + changed + '\n';
      if (!result.stats.full) text += "made from the link before\n";
      write(name + ".txt", as_bytes(text));
    } else if (command == "fresh") {
      Session fresh;
      for (const Input& input : inputs_) fresh.add(input.name, FileBytes::copy(input.bytes));
      Options options = options_;
      options.live = LiveKind::None;
      options = finished(options, fresh);
      const LinkResult result = fresh.link(options);
      ASSERT_TRUE(result.ok) << messages_of(fresh.diagnostics);
      write(name, result.output);
    } else {
      FAIL() << "no command " << command;
    }
  }

  static Options finished(Options options, Session& session) {
    session.diagnostics.clear();
    EXPECT_TRUE(finish_options(options, session.diagnostics)) << messages_of(session.diagnostics);
    return options;
  }

  static Vector<uint8_t> read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file) << path;
    std::stringstream content;
    content << file.rdbuf();
    const std::string text = content.str();
    return Vector<uint8_t>(as_bytes(text));
  }
  static void write(const std::string& path, weld::Bytes content) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
    EXPECT_TRUE(file) << path;
  }

  struct Input {
    std::string name;
    Vector<uint8_t> bytes;
    InputId id, plain_id;
  };
  Session session_, plain_;
  Options options_;
  std::vector<Input> inputs_;
};

TEST(LiveScript, Run) {
  const char* path = std::getenv("WELD_LIVE_SCRIPT");
  if (!path) GTEST_SKIP() << "no script";
  std::ifstream lines(path);
  ASSERT_TRUE(lines) << path;
  Script().run(lines);
}

} // namespace
} // namespace weld
