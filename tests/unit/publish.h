// Modules that should be looked at by others go to the folder that WELD_TEST_OUTPUT names: validators, wasm-ld and engines
// read them there (tests/units.test.mjs).
#pragma once

#include "core/link/result.h"

#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <string>

namespace weld {

inline void publish(const std::string& name, Bytes content) {
  const char* folder = std::getenv("WELD_TEST_OUTPUT");
  if (!folder) return;
  std::FILE* file = std::fopen((std::string(folder) + '/' + name).c_str(), "wb");
  ASSERT_TRUE(file);
  std::fwrite(content.data(), 1, content.size(), file);
  std::fclose(file);
}
inline void publish(const std::string& name, const LinkResult& result) {
  publish(name, Bytes(result.output.data(), result.output.size()));
}

} // namespace weld
