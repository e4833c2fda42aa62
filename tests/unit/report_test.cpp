// Metafiles and what is told of them. Oracles: another link, without the thing in question; dominators and
// paths by the definition; the edits that were made.
#include "core/report/analyses.h"
#include "core/report/show_json.h"
#include "core/report/show_text.h"
#include "tests/unit/small_objects.h"
#include "tests/unit/tier.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>

namespace weld {
namespace {

using report::Graph;
using report::Report;

class Random {
public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  uint32_t operator()() { return static_cast<uint32_t>(engine_()); }

private:
  std::mt19937 engine_;
};

Options plain_options() {
  Options options;
  options.output_name = "out.wasm";
  options.entry = "";
  options.import_undefined = true;
  options.metafile = true;
  return options;
}

std::string metafile_of(const std::vector<SmallObject>& objects, Options options) {
  Session session;
  for (size_t i = 0; i < objects.size(); i++) add_to(session, "o" + std::to_string(i) + ".o", objects[i]);
  EXPECT_TRUE(finish_options(options, session.diagnostics));
  LinkResult result = session.link(options);
  for (const Diagnostic& d : session.diagnostics.rows())
    EXPECT_TRUE(result.ok) << render(d, DiagnosticStyle::Weld, Demangling::Llvm22);
  return std::move(result.metafile);
}

Report read(const std::string& metafile) {
  Report report;
  const report::ReadError error = report::read_report(as_bytes(metafile), report);
  EXPECT_EQ(error.text, "") << "at " << error.offset;
  return report;
}

Report report_of(const std::vector<SmallObject>& objects, const Options& options) {
  return read(metafile_of(objects, options));
}

// Functions f0, f1, ... in several objects, which call each other, take addresses and read data.
class RandomProgram {
public:
  // `share`: strings may be equal, or end others.
  explicit RandomProgram(uint32_t seed, bool share = true) : random_(seed) {
    objects.resize(3);
    objects[0].functions.push_back({"stub"});
    for (uint32_t i = 0; i < functions; i++) {
      SmallObject& o = objects[below(3)];
      SmallObject::Function f{.name = "f" + std::to_string(i), .constant = static_cast<int64_t>(below(1000))};
      const uint32_t calls = below(4);
      for (uint32_t k = 0; k < calls; k++) {
        if (one_in(5)) f.takes.push_back(any_function());
        else f.calls.push_back(any_function());
      }
      if (one_in(2)) f.reads.push_back("d" + std::to_string(below(data)));
      o.functions.push_back(std::move(f));
    }
    for (uint32_t i = 0; i < data; i++) {
      const std::string name = "d" + std::to_string(i);
      const bool strings = one_in(3);
      objects[below(3)].segments.push_back(
          {.name = (strings ? ".rodata.str." : ".data.") + name,
           .bytes = std::string(1 + below(9), static_cast<char>('a' + below(3))) +
                    (share ? "" : std::to_string(i)) + '\0',
           .flags = strings ? segment_flag::strings : 0,
           .symbol = name});
    }
    for (SmallObject& o : objects)
      if (one_in(2) && !o.functions.empty())
        o.constructors.push_back(o.functions[below(static_cast<uint32_t>(o.functions.size()))].name);
  }

  static constexpr uint32_t functions = 16, data = 6;
  std::vector<SmallObject> objects;

private:
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  bool one_in(uint32_t n) { return below(n) == 0; }
  std::string any_function() { return "f" + std::to_string(below(functions)); }

  Random random_;
};

using Key = std::tuple<ItemKind, std::string, std::string>;

// What takes part in garbage collection and is in the output.
std::set<Key> collected(const Report& report) {
  std::set<Key> keys;
  for (uint32_t i = 0; i < report.live; i++) {
    const report::Item& item = report.items[i];
    if (item.kind != ItemKind::Section && item.kind != ItemKind::Padding && item.bytes)
      keys.insert({item.kind, item.name, report.file_of(i)});
  }
  return keys;
}

TEST(Report, what_is_retained_is_what_a_link_without_it_lacks) {
  uint32_t compared = 0, retain_more = 0;
  for (uint32_t seed = 0; seed < 25; seed++) {
    // Of a shared string it cannot be told whose it would be without one that has it.
    const RandomProgram program(seed, false);
    Options options = plain_options();
    options.exports = {"stub", "f0", "f1"};
    const Report before = report_of(program.objects, options);
    const std::vector<uint64_t> retained = Graph(before).retained_bytes();
    for (uint32_t i = 0; i < before.live; i++) {
      const report::Item& item = before.items[i];
      const bool is_ours =
          item.kind == ItemKind::Function && item.name[0] == 'f' && item.input != report::none;
      if (!is_ours || item.name == "f0" || item.name == "f1") continue;
      // The same without references to it. Object 0's `stub` is always there, and has the same signature.
      std::vector<SmallObject> objects = program.objects;
      for (SmallObject& o : objects) {
        for (SmallObject::Function& f : o.functions)
          for (auto* list : {&f.calls, &f.takes})
            std::replace(list->begin(), list->end(), item.name, std::string("stub"));
        std::erase(o.constructors, item.name);
      }
      const Report after = report_of(objects, options);
      const std::set<Key> left = collected(after);
      uint64_t gone = 0;
      for (uint32_t k = 0; k < before.live; k++) {
        const report::Item& other = before.items[k];
        if (other.kind == ItemKind::Section || other.kind == ItemKind::Padding) continue;
        if (!left.count({other.kind, other.name, before.file_of(k)})) gone += other.bytes;
      }
      EXPECT_EQ(retained[i], gone) << "seed " << seed << ", " << item.name;
      compared++;
      retain_more += retained[i] > item.bytes;
    }
  }
  EXPECT_GT(compared, 100u);
  EXPECT_GT(retain_more, 20u);
}

TEST(Report, bytes_add_up_whatever_is_linked) {
  // read_report refuses a layout that is not all of the output.
  for (uint32_t seed = 0; seed < 8; seed++) {
    const RandomProgram program(seed);
    for (int form = 0; form < 10; form++) {
      Options options = plain_options();
      options.exports = {"f0"};
      switch (form) {
      case 0: options.relocatable = true; break;
      case 1: options.gc_sections = false; break;
      case 2:
        options.optimize_size = options.fold_functions = options.strip_all = options.compress_relocations =
            true;
        break;
      case 3: options.fold_functions = options.fold_all = true; break;
      case 4: options.export_all = true; break;
      case 5: options.emit_relocs = true; break;
      case 6: options.strip_all = true; break;
      case 7: options.import_memory = {"env", "memory"}; break;
      case 8: options.build_id = BuildIdKind::Fast; break;
      case 9:
        options.merge_data_segments = false;
        options.optimize = 0;
        break;
      }
      const Report report = report_of(program.objects, options);
      uint64_t sum = 0;
      for (const report::Item& item : report.items) sum += item.bytes;
      EXPECT_EQ(sum, report.output_size);
      for (auto by : {report::SizeBy::Input, report::SizeBy::Member, report::SizeBy::Section,
                      report::SizeBy::Symbol, report::SizeBy::Kind}) {
        uint64_t rows = 0;
        for (const report::SizeRow& row : report::size_table(report, by, false)) rows += row.bytes;
        EXPECT_EQ(rows, report.output_size) << report::size_by_name(by);
      }
    }
  }
}

// A report of nothing but a graph, with cycles and what no root reaches.
Report random_graph(Random& random, uint32_t items) {
  Report report;
  report.live = items;
  report.items.resize(items);
  auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  for (report::Item& item : report.items) {
    item = {};
    item.kind = ItemKind::Function;
    item.input = item.segment = item.slot = report::none;
    item.bytes = 1 + below(100);
  }
  for (uint32_t i = 0; i < items; i++) {
    report.edges.push_back(static_cast<uint32_t>(report.targets.size()));
    for (uint32_t n = below(4); n > 0; n--) report.targets.push_back(below(items));
  }
  report.edges.push_back(static_cast<uint32_t>(report.targets.size()));
  for (uint32_t n = below(3); n > 0; n--) report.roots.push_back({below(items), "entry", ""});
  return report;
}

TEST(Report, dominators_are_what_every_path_passes) {
  Random random(1);
  for (int round = 0; round < 300; round++) {
    const uint32_t items = 1 + random() % 30;
    const Report report = random_graph(random, items);
    const Graph graph(report);
    const std::vector<uint32_t> dominators = graph.dominators();
    // What is reached from the roots when one item is taken out.
    auto reached_without = [&](uint32_t without) {
      std::vector<bool> reached(items);
      std::vector<uint32_t> queue;
      for (uint32_t i = 0; i < items; i++)
        if (graph.is_root(i) && i != without) queue.push_back(i), reached[i] = true;
      while (!queue.empty()) {
        const uint32_t i = queue.back();
        queue.pop_back();
        for (uint32_t target : report.targets_of(i))
          if (target != without && !reached[target]) queue.push_back(target), reached[target] = true;
      }
      return reached;
    };
    const std::vector<bool> all = reached_without(report::none);
    EXPECT_EQ(std::count(all.begin(), all.end(), true), items); // the rest became roots
    std::vector<uint64_t> retained(items);
    std::vector<std::set<uint32_t>> dominated_by(items);
    for (uint32_t i = 0; i < items; i++) {
      const std::vector<bool> reached = reached_without(i);
      for (uint32_t k = 0; k < items; k++) {
        if (reached[k]) continue;
        retained[i] += report.items[k].bytes;
        if (k != i) dominated_by[k].insert(i);
      }
    }
    EXPECT_EQ(graph.retained_bytes(), retained);
    for (uint32_t i = 0; i < items; i++) {
      std::set<uint32_t> chain;
      for (uint32_t d = dominators[i]; d != items; d = dominators[d]) chain.insert(d);
      EXPECT_EQ(chain, dominated_by[i]);
    }
  }
}

TEST(Report, a_path_is_a_shortest_one_from_a_root) {
  Random random(2);
  for (int round = 0; round < 100; round++) {
    const uint32_t items = 1 + random() % 40;
    const Report report = random_graph(random, items);
    const Graph graph(report);
    std::vector<size_t> distance(items, 0); // items on the way
    std::vector<uint32_t> queue;
    for (uint32_t i = 0; i < items; i++)
      if (graph.is_root(i)) queue.push_back(i), distance[i] = 1;
    for (size_t at = 0; at < queue.size(); at++)
      for (uint32_t target : report.targets_of(queue[at]))
        if (!distance[target]) queue.push_back(target), distance[target] = distance[queue[at]] + 1;
    for (uint32_t i = 0; i < items; i++) {
      const std::vector<uint32_t> path = graph.path_to(i);
      ASSERT_EQ(path.size(), distance[i]);
      EXPECT_TRUE(graph.is_root(path[0]));
      EXPECT_EQ(path.back(), i);
      for (size_t k = 1; k < path.size(); k++) {
        auto targets = report.targets_of(path[k - 1]);
        EXPECT_NE(std::find(targets.begin(), targets.end(), path[k]), targets.end());
      }
    }
  }
}

// Paths of a million steps need no stack.
TEST(Report, long_chains) {
  Report report;
  report.live = 200'000; // more than a stack has room for
  report.items.resize(report.live);
  for (uint32_t i = 0; i < report.live; i++) {
    report.items[i].input = report::none;
    report.items[i].bytes = 1;
    report.edges.push_back(i);
    report.targets.push_back((i + 1) % report.live);
  }
  report.edges.push_back(report.live);
  report.roots.push_back({7, "entry", ""});
  const Graph graph(report);
  const std::vector<uint64_t> retained = graph.retained_bytes();
  EXPECT_EQ(retained[7], report.live);
  EXPECT_EQ(retained[6], 1u);
  EXPECT_EQ(graph.path_to(6).size(), report.live);
}

SmallObject main_object() {
  SmallObject o;
  o.functions = {{.name = "main", .calls = {"used", "imported"}, .reads = {"text"}},
                 {"used"},
                 {.name = "unused", .calls = {"only_of_unused"}},
                 {"only_of_unused"}};
  o.segments = {{.name = ".rodata.text", .bytes = "text", .symbol = "text"},
                {.name = ".data.more", .bytes = "more", .symbol = "more"}};
  return o;
}

TEST(Report, why_names_the_root_and_the_way) {
  Options options = plain_options();
  options.exports = {"main"};
  const Report report = report_of({main_object()}, options);
  const report::Why text = report::why(report, "text");
  ASSERT_EQ(text.matches.size(), 1u);
  const report::Explanation& e = text.matches[0];
  EXPECT_FALSE(e.removed);
  ASSERT_EQ(e.path.size(), 2u);
  EXPECT_EQ(e.path[0].name, "main");
  EXPECT_EQ(e.path[0].file, "o0.o");
  EXPECT_EQ(e.path[1].name, "text");
  ASSERT_EQ(e.roots.size(), 1u);
  EXPECT_EQ(e.roots[0].reason, "export");
  EXPECT_EQ(e.roots[0].symbol, "main");

  const report::Why gone = report::why(report, "only_of_unused");
  ASSERT_EQ(gone.matches.size(), 1u);
  EXPECT_TRUE(gone.matches[0].removed);
  ASSERT_EQ(gone.matches[0].referrers.size(), 1u);
  EXPECT_EQ(gone.matches[0].referrers[0].name, "unused");

  const report::Why near = report::why(report, "unusde");
  EXPECT_TRUE(near.matches.empty());
  EXPECT_EQ(near.similar[0], "unused");
}

TEST(Report, what_was_removed) {
  Options options = plain_options();
  options.exports = {"main"};
  const Report report = report_of({main_object()}, options);
  std::map<std::string, std::vector<std::string>> rows;
  for (const report::RemovedRow& row : report::removed(report)) {
    auto& referrers = rows[report.items[row.item].name];
    for (const report::Step& step : row.referrers) referrers.push_back(step.name);
  }
  const std::map<std::string, std::vector<std::string>> expected = {
      {"unused", {}}, {"only_of_unused", {"unused"}}, {"more", {}}};
  EXPECT_EQ(rows, expected);
}

TEST(Report, imports_and_who_needs_them) {
  Options options = plain_options();
  options.exports = {"main"};
  const Report report = report_of({main_object()}, options);
  ASSERT_EQ(report.imports.size(), 1u);
  EXPECT_EQ(report.imports[0].name, "imported");
  EXPECT_EQ(report.imports[0].type, "() -> void");
  const auto uses = report::import_uses(report);
  ASSERT_EQ(uses[0].users.size(), 1u);
  EXPECT_EQ(uses[0].users[0].name, "main");
}

TEST(Report, nothing_differs_from_itself) {
  for (uint32_t seed = 0; seed < 5; seed++) {
    Options options = plain_options();
    options.exports = {"f0", "f1"};
    const Report report = report_of(RandomProgram(seed).objects, options);
    const report::Diff diff = report::diff(report, report);
    EXPECT_TRUE(diff.items.empty());
    EXPECT_TRUE(diff.sections.empty());
  }
}

TEST(Report, a_diff_says_what_was_edited) {
  Random random(3);
  for (int round = 0; round < 40; round++) {
    RandomProgram program(random());
    Options options = plain_options();
    options.strip_all = true; // sizes are those of code and data
    options.gc_sections = false;
    const Report before = report_of(program.objects, options);
    std::map<std::string, report::Change> expected;
    std::map<std::string, int64_t> growth;
    for (SmallObject& o : program.objects)
      for (size_t i = 0; i < o.functions.size(); i++) {
        SmallObject::Function& f = o.functions[i];
        if (random() % 4) continue;
        // `i32.const n` with more bytes; none: fewer.
        const int64_t old = f.constant;
        f.constant = old ? 0 : 1;
        expected[f.name] = old ? report::Change::Shrunk : report::Change::Grown;
        growth[f.name] = (old ? -1 : 1) * static_cast<int64_t>(2 + sleb_size(old ? old : 1));
      }
    program.objects[1].functions.push_back({.name = "added", .constant = 5});
    expected["added"] = report::Change::Added;
    const Report after = report_of(program.objects, options);
    std::map<std::string, report::Change> found;
    for (const report::DiffRow& row : report::diff(before, after).items) {
      if (row.kind != "function") continue;
      found[row.name] = row.change;
      if (growth.count(row.name)) {
        // The size field of a body may take another byte.
        const int64_t change = static_cast<int64_t>(row.after) - static_cast<int64_t>(row.before);
        EXPECT_LE(std::abs(change - growth[row.name]), 1);
      }
    }
    EXPECT_EQ(found, expected);
    // And the other way round.
    for (const report::DiffRow& row : report::diff(after, before).items)
      if (row.name == "added") {
        EXPECT_EQ(row.change, report::Change::Removed);
      }
  }
}

TEST(Report, a_file_in_another_folder_is_the_same) {
  Options options = plain_options();
  options.exports = {"main"};
  const std::string metafile = metafile_of({main_object()}, options);
  std::string moved = metafile;
  moved.replace(moved.find("\"o0.o\""), 6, "\"/tmp/x/o0.o\"");
  EXPECT_TRUE(report::diff(read(metafile), read(moved)).items.empty());
  std::string renamed = metafile;
  renamed.replace(renamed.find("\"o0.o\""), 6, "\"main-1a2b.o\"");
  EXPECT_TRUE(report::diff(read(metafile), read(renamed)).items.empty());
}

TEST(Report, every_truncation_is_refused) {
  Options options = plain_options();
  options.exports = {"main"};
  const std::string metafile = metafile_of({main_object()}, options);
  ASSERT_GT(metafile.size(), 500u);
  for (size_t size = 0; size < metafile.size(); size++) {
    Report report;
    const report::ReadError error =
        report::read_report(as_bytes(std::string_view(metafile).substr(0, size)), report);
    EXPECT_NE(error.text, "") << size;
    EXPECT_LE(error.offset, size);
  }
}

// Whatever is read can be asked about.
TEST(Report, spoiled_metafiles) {
  Options options = plain_options();
  options.exports = {"main"};
  const std::string metafile = metafile_of({main_object()}, options);
  Random random(4);
  uint32_t good = 0, bad = 0;
  for (uint32_t rounds = in_tier(5'000, 20'000); rounds > 0; rounds--) {
    std::string spoiled = metafile;
    for (uint32_t n = 1 + random() % 3; n > 0; n--) {
      constexpr std::string_view bytes = "0123456789,-[]{}\":aeu\\ ";
      spoiled[random() % spoiled.size()] = bytes[random() % bytes.size()];
    }
    Report report;
    const report::ReadError error = report::read_report(as_bytes(spoiled), report);
    if (!error.text.empty()) {
      bad++;
      continue;
    }
    good++;
    for (int by = 0; by < 5; by++) report::size_json(report, static_cast<report::SizeBy>(by), by == 3, 0);
    report::why_json(report, report::why(report, "text"));
    report::why_text(report, report::why(report, "unused"), {});
    report::removed_json(report, 0);
    report::memory_text(report);
    report::import_stub(report);
    report::diff_json(report, report, 0);
  }
  EXPECT_GT(good, 100u);
  EXPECT_GT(bad, 1000u);
}

TEST(Report, a_metafile_costs_nothing_else) {
  Options options = plain_options();
  options.exports = {"f0"};
  const RandomProgram program(1);
  auto output = [&](bool metafile) {
    Session session;
    for (size_t i = 0; i < program.objects.size(); i++)
      add_to(session, "o" + std::to_string(i) + ".o", program.objects[i]);
    Options o = options;
    o.metafile = metafile;
    EXPECT_TRUE(finish_options(o, session.diagnostics));
    LinkResult result = session.link(o);
    EXPECT_EQ(result.metafile.empty(), !metafile);
    return Vector<uint8_t>(result.output.begin(), result.output.end());
  };
  EXPECT_EQ(output(true), output(false));
}

} // namespace
} // namespace weld
