// Editors that make random edits, each those of its number, and compare the outcome with that of a full link.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <string>

namespace weld {

// The numbers that are tried.
struct Seeds {
  uint32_t first = 1, count = 0;
};

// By default the first ones. WELD_SEEDS wants others, to look for rare cases, as in 17 or 1000-1999.
inline Seeds wanted_seeds(uint32_t usual) {
  const char* wanted = std::getenv("WELD_SEEDS");
  unsigned first = 1, last = usual;
  if (wanted && std::sscanf(wanted, "%u-%u", &first, &last) == 1) last = first;
  EXPECT_LE(first, last) << "WELD_SEEDS is one number or two, as in 1000-1999";
  return {first, last - first + 1};
}

// Runs an editor of each number: so many links, before each up to `most_steps` edits. Then tells `done` of it. Ends at the first
// failure.
template <class Editor, class Done>
void run_editors(Seeds seeds, int links, int most_steps, Done done) {
  for (uint32_t n = 0; n < seeds.count; n++) {
    const uint32_t seed = seeds.first + n;
    Editor editor(seed);
    for (int i = 0; i < links; i++) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", step " + std::to_string(i));
      for (int steps = i % most_steps; steps >= 0; steps--) editor.step();
      if (testing::Test::HasFatalFailure()) return;
      editor.check();
      if (testing::Test::HasFatalFailure()) return;
    }
    done(editor);
  }
}

} // namespace weld
