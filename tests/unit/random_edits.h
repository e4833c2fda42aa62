// Editors that make random edits, each those of its number, and compare the outcome with that of a full link.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <gtest/gtest.h>
#include <string>

namespace weld {

// How many numbers are tried; WELD_SEEDS wants more of them, to look for rare cases.
inline uint32_t wanted_seeds(uint32_t usual) {
  const char* wanted = std::getenv("WELD_SEEDS");
  return wanted ? static_cast<uint32_t>(std::atoi(wanted)) : usual;
}

// Runs an editor of each number: so many links, before each up to `most_steps` edits. Then tells `done` of it. Ends at the first
// failure.
template <class Editor, class Done>
void run_editors(uint32_t seeds, int links, int most_steps, Done done) {
  for (uint32_t seed = 1; seed <= seeds; seed++) {
    Editor editor(seed);
    for (int i = 0; i < links; i++) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", step " + std::to_string(i));
      for (int n = i % most_steps; n >= 0; n--) editor.step();
      if (testing::Test::HasFatalFailure()) return;
      editor.check();
      if (testing::Test::HasFatalFailure()) return;
    }
    done(editor);
  }
}

} // namespace weld
