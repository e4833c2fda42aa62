// What the tests of units share: a session with a unit in it.
#pragma once

#include "core/session/snapshot.h"
#include "core/unit/mir_builder.h"
#include "tests/unit/publish.h"
#include "tests/unit/small_objects.h"

#include <algorithm>
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
  return messages_of(session.diagnostics);
}

inline LinkResult link_with(Session& session, Options options = plain_options()) {
  session.diagnostics.clear();
  EXPECT_TRUE(finish_options(options, session.diagnostics));
  return session.link(options);
}

inline Vector<uint8_t> bytes_of(const LinkResult& result) {
  return {result.output.begin(), result.output.end()};
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
