// What the tests of units share: a session with a unit in it.
// Modules that should be looked at by others go to the folder that WELD_TEST_OUTPUT names: validators,
// wasm-ld and engines read them there (tests/units.test.mjs).
#pragma once

#include "core/session/snapshot.h"
#include "core/unit/mir_builder.h"
#include "tests/unit/small_objects.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>

namespace weld {

constexpr uint32_t weak = symbol_flag::binding_weak, local = symbol_flag::binding_local,
                   hidden = symbol_flag::visibility_hidden;
constexpr ValueType i32 = ValueType::I32, i64 = ValueType::I64;

inline Options plain_options() {
  Options o;
  o.output_name = "out.wasm";
  o.entry = "";
  return o;
}

inline std::string messages(const Session& session) {
  std::string text;
  for (const Diagnostic& d : session.diagnostics.rows())
    text += render(d, DiagnosticStyle::Weld, Demangling::Llvm22) + '\n';
  return text;
}

inline LinkResult link_with(Session& session, Options options = plain_options()) {
  session.diagnostics.clear();
  EXPECT_TRUE(finish_options(options, session.diagnostics));
  return session.link(options);
}

inline Vector<uint8_t> bytes_of(const LinkResult& result) {
  return {result.output.begin(), result.output.end()};
}

inline void publish(const std::string& name, const LinkResult& result) {
  const char* folder = std::getenv("WELD_TEST_OUTPUT");
  if (!folder) return;
  std::FILE* file = std::fopen((std::string(folder) + '/' + name).c_str(), "wb");
  ASSERT_TRUE(file);
  std::fwrite(result.output.data(), 1, result.output.size(), file);
  std::fclose(file);
}

inline bool contains(const Vector<uint8_t>& in, Vector<uint8_t> what) {
  return std::search(in.begin(), in.end(), what.begin(), what.end()) != in.end();
}

using Types = std::vector<ValueType>;

struct UnitTest : testing::Test {
  Session session;
  Unit& unit = session.unit(session.add_unit("jit"));
  MirBuilder b;

  uint32_t sig(const Types& params, const Types& results) { return unit.type(params, results); }
  UnitSymbol function(std::string_view name, const Types& params, const Types& results) {
    return unit.declare_function(name, sig(params, results));
  }
  // A function with the instructions of `b`, exported under its name.
  UnitSymbol exported(std::string_view name, const Types& params, const Types& results,
                      const Types& locals = {}) {
    UnitSymbol f = function(name, params, results);
    EXPECT_TRUE(unit.set_function(f, locals, b.code())) << messages(session);
    EXPECT_TRUE(unit.export_as(f));
    b.clear();
    return f;
  }
  std::string refused(const Types& params, const Types& results, const Types& locals = {}) {
    session.diagnostics.clear();
    UnitSymbol f = function("refused", params, results);
    EXPECT_FALSE(unit.set_function(f, locals, b.code()));
    EXPECT_EQ(unit[f].meaning, UnitSymbolRow::Declared);
    b.clear();
    std::string text = messages(session);
    return text.substr(0, text.find('\n'));
  }
};

} // namespace weld
