// How often a link asks for memory. Counted where the C library lets its functions be replaced.
#include "core/session/session.h"
#include "core/unit/mir_builder.h"
#include "tests/unit/small_objects.h"

#include <cstdlib>
#include <gtest/gtest.h>

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__has_feature)
#if !__has_feature(address_sanitizer) && !__has_feature(memory_sanitizer) && !__has_feature(thread_sanitizer)
#define WELD_COUNTS_ALLOCATIONS 1
#endif
#else
#define WELD_COUNTS_ALLOCATIONS 1
#endif
#endif

#ifdef WELD_COUNTS_ALLOCATIONS

static thread_local size_t allocations = 0;

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);

void* malloc(size_t size) {
  allocations++;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  allocations++;
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  allocations++;
  return __libc_realloc(old, size);
}
}

namespace weld {
namespace {

// Objects with weak functions that nobody defines, strings, and constructors.
void add_objects(Session& session, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    const std::string n = std::to_string(i), next = std::to_string((i + 1) % count);
    SmallObject o;
    for (uint32_t k = 0; k < 6; k++) {
      SmallObject::Function f;
      f.name = "_ZN5bench6object" + std::to_string(k) + "E" + n;
      f.calls = {"_ZN5bench6object" + std::to_string((k + 2) % 6) + "E" + next};
      f.reads = {"data" + n};
      f.constant = i;
      o.functions.push_back(f);
    }
    o.functions[0].takes = {"given_by_nobody_" + n};
    o.undefined_flags = symbol_flag::binding_weak;
    o.segments = {{".data.data" + n, "some data", 0, "data" + n},
                  {".rodata.str", "text " + n + std::string(1, '\0'), segment_flag::strings, {}}};
    o.constructors = {o.functions[1].name};
    add_to(session, "an/object/with/a/long/path/" + n + ".o", o);
  }
}

TEST(Allocations, OfALinkAreFew) {
  constexpr uint32_t count = 1000;
  Session session;
  session.keeps_links = true;
  add_objects(session, count);
  Unit& unit = session.unit(session.add_unit("jit"));
  // What calls all of it.
  MirBuilder b;
  const uint32_t type = unit.type({}, {});
  for (uint32_t i = 0; i < count; i++) {
    const std::string n = std::to_string(i);
    b.call(unit.declare_function("_ZN5bench6object0E" + n, type));
  }
  b.end();
  const UnitSymbol main = unit.declare_function("main", type);
  ASSERT_TRUE(unit.set_function(main, {}, b.code()));
  ASSERT_TRUE(unit.export_as(main));
  Options options;
  options.output_name = "out.wasm";
  options.entry = "";
  ASSERT_TRUE(finish_options(options, session.diagnostics));
  for (int round = 0; round < 3; round++) {
    ASSERT_TRUE(unit.export_as(main, "again " + std::to_string(round))); // everything is linked again
    const size_t before = allocations;
    const LinkResult result = session.link(options);
    const size_t made = allocations - before;
    ASSERT_TRUE(result.ok);
    ASSERT_LE(session.diagnostics.rows().size(), 1u); // messages are made of strings
    session.diagnostics.clear();
    ASSERT_FALSE(result.stats.phases.empty());
    if (round) {
      EXPECT_LE(made, 500u);
    }
    RecordProperty("allocations", std::to_string(made));
  }
}

} // namespace
} // namespace weld

#endif
