// What edits of a unit beside 1,000 objects cost in the native core, in milliseconds: the median and the least, of the clock and
// of the processor. The clock counts what other programs do, too.
//   weld_units_bench [ROUNDS]
#include "core/session/snapshot.h"
#include "core/unit/mir_builder.h"
#include "tests/unit/small_objects.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>

namespace weld {
namespace {

constexpr uint32_t objects = 1000, functions_each = 20;
constexpr ValueType i32 = ValueType::I32;

[[noreturn]] void fail(const Session& session, const char* what) {
  std::fprintf(stderr, "%s\n", what);
  for (const Diagnostic& d : session.diagnostics.rows())
    std::fprintf(stderr, "%s\n", render(d, DiagnosticStyle::Weld, Demangling::None).c_str());
  std::exit(1);
}

Options plain_options() {
  Options o;
  o.output_name = "out.wasm";
  o.entry = "";
  o.exports = {"f0_0"};
  return o;
}

LinkResult link(Session& session) {
  session.diagnostics.clear();
  Options o = plain_options();
  if (!finish_options(o, session.diagnostics)) fail(session, "options");
  LinkResult result = session.link(o);
  if (!result.ok) fail(session, "link");
  return result;
}

// Functions that call those behind them, with about 800 bytes of constants each, and the first of the next object.
void add_objects(Session& session) {
  for (uint32_t i = 0; i < objects; i++) {
    SmallObject object;
    auto name = [&](uint32_t of, uint32_t f) { return "f" + std::to_string(of) + "_" + std::to_string(f); };
    for (uint32_t f = 0; f < functions_each; f++) {
      SmallObject::Function function{.name = name(i, f), .constant = 1 + f};
      for (uint32_t n = 1; n < 8 && f + n < functions_each; n++) function.calls.push_back(name(i, f + n));
      if (f == 0 && i + 1 < objects) function.calls.push_back(name(i + 1, 0));
      function.reads = {"d" + std::to_string(i)};
      object.functions.push_back(std::move(function));
    }
    object.segments = {{".data.d" + std::to_string(i), std::string(200, 'x'), 0, "d" + std::to_string(i)}};
    add_to(session, "o" + std::to_string(i) + ".o", object);
  }
}

struct Times {
  std::vector<double> clock, processor;
  void add(const std::function<void()>& run) {
    const auto begin = std::chrono::steady_clock::now();
    const std::clock_t used = std::clock();
    run();
    processor.push_back(1e3 * static_cast<double>(std::clock() - used) / CLOCKS_PER_SEC);
    clock.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  void print(const char* what) {
    std::sort(clock.begin(), clock.end());
    std::sort(processor.begin(), processor.end());
    const size_t middle = clock.size() / 2;
    std::printf("| %s | %.3f | %.3f | %.3f | %.3f |\n", what, clock[middle], clock[0], processor[middle],
                processor[0]);
  }
};

class UnitBench {
public:
  explicit UnitBench(bool leaves_room) {
    session_.keeps_links = true;
    session_.leave_room(leaves_room);
    add_objects(session_);
    session_.add_unit("jit");
    const ValueType types[] = {i32};
    type_ = unit().type(types, types);
    for (uint32_t i = 0; i < 100; i++) set("jit" + std::to_string(i), i);
    unit().export_as(unit().find("jit1"), "jit_run");
    link(session_);
  }

  void run(int rounds, const char* kind) {
    Times edited, equal, unchanged, added;
    for (int round = 0; round < rounds; round++) {
      const auto number = static_cast<uint32_t>(round) + 1000;
      edited.add([&] {
        set("jit2", number);
        link(session_);
      });
      equal.add([&] { set("jit2", number); });
      unchanged.add([&] { link(session_); });
      added.add([&] {
        const std::string text = "a text of round " + std::to_string(round);
        const UnitSymbol constant = unit().constant(as_bytes(text), 0);
        const UnitSymbol f = set("new" + std::to_string(round), number, constant);
        unit().export_as(f);
        full_ += link(session_).stats.full != nullptr;
      });
    }
    std::printf("%s\n", kind);
    edited.print("one edited function, linked");
    equal.print("an equal edit, not linked");
    unchanged.print("linked, nothing changed");
    added.print("a new function with a new constant, linked");
    std::printf("(%d of these %d links were full ones)\n", full_, rounds);
  }

  void restore(int rounds) {
    Times fresh, restored, first;
    for (int round = 0; round < rounds; round++) {
      auto other = std::make_unique<Session>();
      other->keeps_links = true;
      add_objects(*other);
      fresh.add([&] { link(*other); });
      const Vector<uint8_t> saved = save_session(session_);
      auto again = std::make_unique<Session>();
      again->keeps_links = true;
      restored.add([&] {
        if (!restore_session(*again, FileBytes(saved.data(), saved.size(), nullptr))) fail(*again, "restore");
      });
      first.add([&] {
        if (link(*again).stats.full) fail(*again, "not a relink");
      });
    }
    fresh.print("first link of a new session, without the unit");
    restored.print("restored");
    first.print("first link after it was restored");
  }

private:
  Unit& unit() { return session_.unit(session_.order().back()); }
  UnitSymbol set(const std::string& name, uint32_t number, UnitSymbol data = {}) {
    const UnitSymbol f = unit().declare_function(name, type_), callee = unit().declare_function("jit0", type_);
    b_.clear();
    b_.local_get(0).i32(static_cast<int32_t>(number)).op(Op::i32_add).call(callee);
    if (data) b_.address(Op::i32_data, data).op(Op::i32_add);
    b_.end();
    if (!unit().set_function(f, {}, b_.code())) fail(session_, "set_function");
    return f;
  }

  Session session_;
  uint32_t type_ = 0;
  MirBuilder b_;
  int full_ = 0;
};

} // namespace
} // namespace weld

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 50;
  std::printf("| what | median ms | least ms | processor, median | least |\n|---|--:|--:|--:|--:|\n");
  weld::UnitBench plain(false);
  plain.run(rounds, "without room");
  plain.restore(std::max(rounds / 5, 3));
  weld::UnitBench(true).run(rounds, "with room");
}
