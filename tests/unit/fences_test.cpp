// Fences find out when a phase changes what an earlier one has fixed. Only debug builds have them, and a test that a program
// ends needs processes.
#include "core/link/fences.h"
#include "core/link/link.h"
#include "core/link/relink.h"
#include "core/session/session.h"
#include "tests/unit/small_objects.h"

#include <gtest/gtest.h>

#if !defined NDEBUG && GTEST_HAS_DEATH_TEST

namespace weld {
namespace {

// Changes something that is fixed, after this phase.
struct Spoiler {
  const char* phase;
  const char* message; // that the program ends with
  void (*change)(Link& link);
};

void PrintTo(const Spoiler& spoiler, std::ostream* out) {
  *out << spoiler.phase << ": " << spoiler.message;
}

void link_spoiled(const Spoiler& spoiler) {
  Session session;
  const SmallObject object = {
      .functions = {{.name = "start", .calls = {"f"}, .takes = {"f"}, .reads = {"data"}},
                    {.name = "f"},
                    {.name = "g"}},
      .segments = {{.name = ".data.data", .bytes = "abc", .symbol = "data"}}};
  session.add("a.o", FileBytes::copy(object.build()));
  Options options;
  options.output_name = "out.wasm";
  options.entry = "start";
  ASSERT_TRUE(finish_options(options, session.diagnostics));
  const AllocateOutput allocate;
  const std::function<void(const char*)> on_phase;
  LinkResult result;
  LinkRequest request = {session, options, allocate, on_phase, false, {}, {}};
  request.spoil = [&](std::string_view phase, Link& link) {
    if (phase == spoiler.phase) spoiler.change(link);
  };
  link_inputs(request, result);
  ASSERT_TRUE(result.ok);
}

class FencesTest : public testing::TestWithParam<Spoiler> {};

TEST_P(FencesTest, WhatIsFixedStaysSo) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(link_spoiled(GetParam()), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    EveryStage, FencesTest,
    testing::Values(Spoiler{"mark_live", "mark_live changed what names mean",
                            [](Link& link) { link.symbols[link.find("f")].flags |= symbol_flag::no_strip; }},
                    Spoiler{"scan_relocs", "scan_relocs changed what names mean",
                            [](Link& link) { link.bound[ObjectSymbolId(0)] = {}; }},
                    Spoiler{"write_module", "write_module changed what names mean",
                            [](Link& link) { link.synthetic_functions[SyntheticFunctionId(0)].name = {}; }},
                    Spoiler{"merge_strings", "merge_strings changed what is alive",
                            [](Link& link) { link.function_live[FunctionId(2)] = true; }},
                    Spoiler{"assign_indices", "assign_indices changed addresses",
                            [](Link& link) { link.segments[OutSegmentId(0)].address += 16; }},
                    Spoiler{"size_sections", "size_sections changed addresses",
                            [](Link& link) { link.global_values[SyntheticGlobalId(0)]++; }},
                    Spoiler{"write_synthetic_code", "write_synthetic_code changed indices",
                            [](Link& link) { ++link.function_index[FunctionId(0)]; }},
                    Spoiler{"check_output", "check_output changed indices",
                            [](Link& link) { ++link.function_slot[FunctionId(1)]; }}));

TEST(Fences, ALinkThatKeepsToThemSucceeds) {
  link_spoiled({"no phase", "", nullptr});
}

// New names may come, and those that only the linker defines may get their meaning.
TEST(Fences, LateNamesMayCome) {
  Session session;
  const Options options;
  Link link(session, options);
  bool inserted;
  const SymbolId usual = link.insert_name(link.intern("usual"), inserted);
  const SymbolId late = link.insert_name(link.intern("__start_records"), inserted);
  Fences fences;
  fences.freeze(static_cast<const Resolved&>(link));
  link.symbols[late].state = SymbolState::Defined;
  link.insert_name(link.intern("another"), inserted);
  EXPECT_EQ(fences.broken(link), nullptr);
  link.symbols[usual].state = SymbolState::Defined;
  EXPECT_STREQ(fences.broken(link), "what names mean");
}

} // namespace
} // namespace weld

#endif
