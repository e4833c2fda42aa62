// For tests/fuzz/validate.mjs: with WELD_FUZZ_OUTPUT, which names a folder, fuzzers write what they linked.
#pragma once

#include "core/base/hash.h"
#include "core/session/session.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace weld {

// Not where engines' limits are exceeded, which a warning says.
inline void keep_output(const Session& session, Bytes output) {
  const char* folder = std::getenv("WELD_FUZZ_OUTPUT");
  if (!folder) return;
  for (const Diagnostic& d : session.diagnostics.rows())
    if (d.id == DiagnosticId::engine_limit) return;
  const std::string path = std::string(folder) + '/' + std::to_string(xxh3_64(output)) + ".wasm";
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (!file) std::abort();
  std::fwrite(output.data(), 1, output.size(), file);
  std::fclose(file);
}

} // namespace weld
