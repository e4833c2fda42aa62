// Sizes by group, of outputs with and without their metafiles. Oracles: the output's own size, and its sections.
#include "core/base/diagnostics.h"
#include "core/report/show_json.h"
#include "core/report/show_text.h"
#include "core/report/size_model.h"
#include "tests/unit/small_objects.h"

#include <gtest/gtest.h>
#include <map>

namespace weld {
namespace {

using report::Report;
using report::SizeBy;

struct Linked {
  std::string module, metafile;
};

Linked link_objects(const std::vector<SmallObject>& objects) {
  Options options;
  options.output_name = "out.wasm";
  options.entry = "";
  options.import_undefined = true;
  options.export_all = true;
  options.metafile = true;
  Session session;
  for (size_t i = 0; i < objects.size(); i++)
    add_to(session, "dir" + std::to_string(i % 2) + "/o" + std::to_string(i) + ".o", objects[i]);
  EXPECT_TRUE(finish_options(options, session.diagnostics));
  LinkResult result = session.link(options);
  EXPECT_TRUE(result.ok);
  const Bytes bytes = result.output.bytes();
  return {std::string(as_text(bytes)), std::move(result.metafile)};
}

Report read(const std::string& metafile) {
  Report report;
  const report::ReadError error = report::read_report(as_bytes(metafile), report);
  EXPECT_EQ(error.text, "") << "at " << error.offset;
  return report;
}

Report read_bare(const std::string& module) {
  Report report;
  const report::ReadError error = report::read_module(as_bytes(module), "out.wasm", true, report);
  EXPECT_EQ(error.text, "") << "at " << error.offset;
  return report;
}

SmallObject::Function function(std::string name, std::vector<std::string> calls = {}) {
  return {.name = std::move(name), .calls = std::move(calls), .constant = 7};
}

// Namespaces, classes, instances, a crate and C.
std::vector<SmallObject> program() {
  SmallObject a, b, c;
  a.functions = {function("main", {"_ZN4game3runEv"}), function("_ZN4game3runEv"),
                 function("_ZN4game3maxIiEET_S1_S1_"), function("_ZN4game3maxIfEET_S1_S1_")};
  b.functions = {function("_ZN4game5WorldC2Ev"), function("_ZN4game5World4stepEv"),
                 function("_ZN4game2io4readEv")};
  b.segments = {{.name = ".data.x", .bytes = "abcdefgh", .symbol = "_ZN4game1xE"}};
  c.functions = {function("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE"), function("plain")};
  return {a, b, c};
}

std::map<std::string, report::SizeRow> rows_of(const Report& report, SizeBy by) {
  std::map<std::string, report::SizeRow> rows;
  for (report::SizeRow& row : report::size_table(report, by, false)) {
    const std::string name = row.name;
    EXPECT_TRUE(rows.emplace(name, std::move(row)).second) << name;
  }
  return rows;
}

constexpr SizeBy all_groups[] = {SizeBy::Input,     SizeBy::Member,    SizeBy::Object,
                                 SizeBy::Directory, SizeBy::Section,   SizeBy::Kind,
                                 SizeBy::Function,  SizeBy::Namespace, SizeBy::Crate};

TEST(SizeModel, every_group_adds_up) {
  const Linked linked = link_objects(program());
  for (const Report& report : {read(linked.metafile), read_bare(linked.module)})
    for (SizeBy by : all_groups) {
      uint64_t sum = 0;
      for (const auto& [name, row] : rows_of(report, by)) sum += row.bytes;
      EXPECT_EQ(sum, linked.module.size()) << report::size_by_name(by);
    }
}

TEST(SizeModel, instances_are_summed) {
  const Report report = read(link_objects(program()).metafile);
  const auto rows = rows_of(report, SizeBy::Function);
  ASSERT_TRUE(rows.contains("game::max<>"));
  EXPECT_EQ(rows.at("game::max<>").count, 2u);
  uint64_t instances = 0;
  for (const report::SizeRow& row : report::size_table(report, SizeBy::Symbol, false))
    if (row.name.find("3max") != row.name.npos) instances += row.bytes;
  EXPECT_EQ(rows.at("game::max<>").bytes, instances);
  EXPECT_TRUE(rows.contains("plain"));
  EXPECT_TRUE(rows.contains("core::fmt::Formatter::pad"));
}

TEST(SizeModel, classes_are_no_namespaces) {
  const auto rows = rows_of(read(link_objects(program()).metafile), SizeBy::Namespace);
  EXPECT_TRUE(rows.contains("game"));
  EXPECT_TRUE(rows.contains("game::io"));
  EXPECT_FALSE(rows.contains("game::World")); // it has a constructor
  EXPECT_TRUE(rows.contains("core::fmt"));
  EXPECT_TRUE(rows.contains("(no namespace)"));
  EXPECT_EQ(rows.at("game").count,
            7u); // run, two of max, World::World, World::step, x and the global that exports it
}

TEST(SizeModel, crates_and_folders) {
  const Report report = read(link_objects(program()).metafile);
  const auto crates = rows_of(report, SizeBy::Crate);
  EXPECT_EQ(crates.at("core").count, 1u);
  EXPECT_TRUE(crates.contains("(no crate)"));
  const auto folders = rows_of(report, SizeBy::Directory);
  EXPECT_TRUE(folders.contains("dir0"));
  EXPECT_TRUE(folders.contains("dir1"));
  EXPECT_TRUE(folders.contains("(linker)"));
}

// What a metafile says of a function beyond its body and its name is in other sections.
TEST(SizeModel, a_module_has_the_functions_of_its_metafile) {
  const Linked linked = link_objects(program());
  const report::SizeModel full = report::size_model(read(linked.metafile), nullptr, true);
  const Report bare_report = read_bare(linked.module);
  const report::SizeModel bare = report::size_model(bare_report, nullptr, true);
  EXPECT_FALSE(bare_report.explains);
  std::map<std::string, uint64_t> code;
  for (const report::SizeLeaf& leaf : full.leaves)
    if (leaf.kind == ItemKind::Function) code[leaf.display] = leaf.bytes[0];
  size_t compared = 0;
  for (const report::SizeLeaf& leaf : bare.leaves) {
    if (leaf.kind != ItemKind::Function) continue;
    ASSERT_TRUE(code.contains(leaf.display)) << leaf.display;
    EXPECT_EQ(leaf.bytes[0], code[leaf.display]) << leaf.display;
    EXPECT_GT(leaf.bytes[static_cast<size_t>(report::Part::Names)], 0u);
    EXPECT_EQ(leaf.retained, 0u);
    compared++;
  }
  EXPECT_EQ(compared, code.size());
  EXPECT_TRUE(report::costs(bare_report).empty());
}

TEST(SizeModel, differences_by_group_add_up) {
  std::vector<SmallObject> objects = program();
  const Report before = read(link_objects(objects).metafile);
  objects[0].functions.push_back(function("_ZN4game3maxIdEET_S1_S1_"));
  objects[1].functions.pop_back(); // game::io::read
  const Report after = read(link_objects(objects).metafile);
  for (SizeBy by : all_groups) {
    int64_t sum = 0;
    for (const report::DiffRow& row : report::diff_table(before, after, by)) {
      EXPECT_NE(row.before, row.after);
      sum += static_cast<int64_t>(row.after) - static_cast<int64_t>(row.before);
    }
    EXPECT_EQ(sum, static_cast<int64_t>(after.output_size) - static_cast<int64_t>(before.output_size))
        << report::size_by_name(by);
  }
  std::map<std::string, report::Change> changes;
  for (const report::DiffRow& row : report::diff_table(before, after, SizeBy::Function))
    changes[row.name] = row.change;
  EXPECT_EQ(changes.at("game::max<>"), report::Change::Grown);
  EXPECT_EQ(changes.at("game::io::read"), report::Change::Removed);
}

TEST(SizeModel, what_is_small_is_summed_up) {
  const Linked linked = link_objects(program());
  const Report report = read(linked.metafile);
  for (size_t limit : {1u, 2u, 5u, 1000u}) {
    report::SizeModel model = report::size_model(report, nullptr, true);
    const size_t all = model.leaves.size();
    report::keep_largest(model, limit);
    uint64_t sum = 0, count = 0;
    for (const report::SizeLeaf& leaf : model.leaves) {
      sum += leaf.total();
      count += leaf.count;
    }
    EXPECT_EQ(sum, linked.module.size());
    EXPECT_EQ(count, all);
    if (limit < all) {
      EXPECT_LT(model.leaves.size(), all);
    }
  }
}

TEST(SizeModel, no_truncated_module_is_taken) {
  const Linked linked = link_objects(program());
  for (size_t size = 0; size < linked.module.size(); size++) {
    Report report;
    const bool is_read =
        report::read_module(as_bytes(linked.module.substr(0, size)), "x", true, report).text.empty();
    if (!is_read) continue;
    // It ends between two sections.
    uint64_t sum = 0;
    for (uint32_t item = 0; item < report.live; item++) sum += report.items[item].bytes;
    EXPECT_EQ(sum, size);
  }
}

} // namespace
} // namespace weld
