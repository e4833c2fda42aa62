#include "core/report/analyses.h"

#include "core/base/diagnostics.h"
#include "core/report/size_model.h"
#include "core/wasm/format.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace weld::report {

static constexpr std::string_view by_names[] = {"input",     "member", "object", "directory",
                                                "section",   "kind",   "symbol", "function",
                                                "namespace", "crate",  "source", "line"};

bool parse_size_by(std::string_view word, SizeBy& by) {
  for (size_t i = 0; i < std::size(by_names); i++)
    if (by_names[i] == word) {
      by = static_cast<SizeBy>(i);
      return true;
    }
  return false;
}

std::string_view size_by_name(SizeBy by) {
  return by_names[static_cast<size_t>(by)];
}

std::string name_of(const Report& report, uint32_t item) {
  const Item& i = report.items[item];
  switch (i.kind) {
  case ItemKind::Object: return "(constructors and retained data of " + report.file_of(item) + ")";
  case ItemKind::Section: return "(" + i.name + ")";
  case ItemKind::Padding: return "(padding)";
  case ItemKind::Strings: return "(shared strings of " + i.name + ")";
  default:
    if (!i.name.empty()) return i.name;
    return "(" + std::string(kind_name(i.kind)) + " without a name)";
  }
}

Step step_of(const Report& report, uint32_t item) {
  return {item, name_of(report, item), report.file_of(item)};
}

static std::vector<Step> steps_of(const Report& report, std::span<const uint32_t> items) {
  std::vector<Step> steps;
  for (uint32_t item : items) steps.push_back(step_of(report, item));
  return steps;
}

// Why an item is a root; the metafile does not say what goes without saying.
static std::vector<Root> roots_of(const Report& report, const Graph& graph, uint32_t item) {
  std::vector<Root> roots;
  for (uint32_t row : graph.root_rows(item)) roots.push_back(report.roots[row]);
  if (!roots.empty()) return roots;
  switch (report.items[item].kind) {
  case ItemKind::Custom: return {{item, "custom-section", {}}};
  case ItemKind::Section:
  case ItemKind::Padding: return {{item, "format", {}}};
  default: return {{item, report.gc ? "linker" : "no-gc-sections", {}}};
  }
}

// --- size

namespace {

// Sums by name, in the order in which names are first met.
class SizeTable {
public:
  SizeRow& row(const std::string& key) {
    auto [at, is_new] = numbers_.try_emplace(key, rows_.size());
    if (is_new) rows_.emplace_back().name = key;
    return rows_[at->second];
  }
  void add(const std::string& key, uint64_t bytes) {
    SizeRow& r = row(key);
    r.bytes += bytes;
    r.count++;
  }
  std::vector<SizeRow> take() { return std::move(rows_); }

private:
  std::unordered_map<std::string, size_t> numbers_;
  std::vector<SizeRow> rows_;
};

std::vector<SizeRow> by_section(const Report& report) {
  SizeTable table;
  table.add("(header)", std::min<uint64_t>(8, report.output_size));
  for (const Section& section : report.sections) table.add(section.name, section.end - section.begin);
  return table.take();
}

std::string name_of(const Report& report, const SourceLine& line, SizeBy by) {
  std::string name = line.file < report.source_files.size() ? report.source_files[line.file] : "(no source)";
  if (by == SizeBy::Line) name += line.line ? ":" + std::to_string(line.line) : " (no line)";
  return name;
}

// The code by its sources, all else by what it is.
std::vector<SizeRow> by_source(const Report& report, SizeBy by) {
  SizeTable table;
  uint64_t known = 0, code = 0, rest = report.output_size;
  for (const SourceLine& line : report.source_lines) {
    table.add(name_of(report, line, by), line.bytes);
    known += line.bytes;
  }
  for (const Section& section : report.sections) {
    const uint64_t size = section.end - section.begin;
    rest -= size;
    if (section.id == static_cast<uint32_t>(SectionKind::Code)) code += size;
    else table.add(section.name.starts_with(".debug") ? "(debug)" : "(" + section.name + ")", size);
  }
  table.add("(header)", rest);
  if (code > known) table.add("(code of no source)", code - known);
  return table.take();
}

std::vector<SizeRow> by_group(const Report& report, SizeBy by) {
  const SizeModel model = size_model(report, nullptr, false, needs_files(by) || by == SizeBy::Kind);
  SizeTable table;
  for (const SizeLeaf& leaf : model.leaves)
    if (const uint64_t bytes = leaf.total()) table.add(group_of(model, leaf, by), bytes);
  return table.take();
}

// A segment of several variables is divided among them, where all of it is in the output as it is in memory.
void add_parts(const Report& report, uint32_t item, std::span<const Symbol> symbols, SizeRow whole,
               std::vector<SizeRow>& rows) {
  const Item& i = report.items[item];
  uint64_t end = 0;
  if (i.kind == ItemKind::Data && i.bytes == i.size)
    for (const Symbol& s : symbols) {
      if (s.offset < end || s.offset > i.size) continue; // another name of the same
      const uint64_t size = std::min(s.size, i.size - s.offset);
      if (!size) continue;
      SizeRow part = whole;
      part.name = s.name;
      part.bytes = size;
      part.retained = 0;
      whole.bytes -= size;
      end = s.offset + size;
      rows.push_back(std::move(part));
    }
  if (whole.bytes || whole.retained) rows.push_back(std::move(whole));
}

std::vector<SizeRow> by_symbol(const Report& report, bool with_retained) {
  std::vector<uint64_t> retained;
  if (with_retained) retained = Graph(report).retained_bytes();
  std::vector<SizeRow> rows;
  size_t symbol = 0;
  for (uint32_t item = 0; item < report.live; item++) {
    const size_t first = symbol;
    while (symbol < report.symbols.size() && report.symbols[symbol].item == item) symbol++;
    SizeRow row;
    row.name = name_of(report, item);
    row.file = report.file_of(item);
    row.kind = kind_name(report.items[item].kind);
    row.bytes = report.items[item].bytes;
    row.retained = with_retained ? retained[item] : 0;
    row.count = 1;
    if (with_retained) {
      if (row.retained) rows.push_back(std::move(row));
    } else {
      add_parts(report, item, std::span(report.symbols).subspan(first, symbol - first), std::move(row), rows);
    }
  }
  return rows;
}

} // namespace

std::vector<SizeRow> size_table(const Report& report, SizeBy by, bool with_retained) {
  std::vector<SizeRow> rows = by == SizeBy::Symbol    ? by_symbol(report, with_retained)
                              : by == SizeBy::Section ? by_section(report)
                              : needs_lines(by)       ? by_source(report, by)
                                                      : by_group(report, by);
  std::stable_sort(rows.begin(), rows.end(), [&](const SizeRow& a, const SizeRow& b) {
    return with_retained && a.retained != b.retained ? a.retained > b.retained : a.bytes > b.bytes;
  });
  return rows;
}

// --- why

namespace {

// `f(int)` without its parameters: what people call it.
std::string_view without_parameters(std::string_view demangled) {
  return demangled.substr(0, demangled.find('('));
}

uint32_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<uint32_t> row(b.size() + 1);
  for (uint32_t j = 0; j <= b.size(); j++) row[j] = j;
  for (uint32_t i = 1; i <= a.size(); i++) {
    uint32_t diagonal = row[0];
    row[0] = i;
    for (uint32_t j = 1; j <= b.size(); j++) {
      uint32_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

class Finder {
public:
  Finder(const Report& report, std::string_view wanted) : report_(report), wanted_(wanted) {}

  // Items of that name; better kinds of likeness win over worse ones.
  std::vector<std::pair<uint32_t, std::string>> find() {
    for (uint32_t item = 0; item < report_.items.size(); item++)
      if (is_named(item)) look_at(item, report_.items[item].name);
    for (const Symbol& s : report_.symbols) look_at(s.item, s.name);
    return std::move(found_);
  }

  std::vector<std::string> similar() const {
    std::vector<std::pair<uint32_t, std::string>> near;
    const auto limit = static_cast<uint32_t>(std::max<size_t>(2, wanted_.size() / 3));
    auto look = [&](const std::string& name) {
      const std::string shown = display_name(name, Demangling::Llvm22);
      for (std::string_view text : {std::string_view(name), without_parameters(shown)}) {
        if (text.size() > wanted_.size() + limit || wanted_.size() > text.size() + limit) {
          // A part of a longer name.
          if (wanted_.size() >= 4 && text.find(wanted_) != text.npos) near.emplace_back(limit, shown);
          continue;
        }
        uint32_t distance = edit_distance(wanted_, text);
        if (distance <= limit) near.emplace_back(distance, shown);
      }
    };
    constexpr size_t longest = 1024; // what it takes grows with the square
    if (wanted_.size() <= longest) {
      for (uint32_t item = 0; item < report_.items.size(); item++)
        if (is_named(item)) look(report_.items[item].name);
      for (const Symbol& s : report_.symbols) look(s.name);
    }
    std::sort(near.begin(), near.end());
    std::vector<std::string> names;
    for (auto& [distance, name] : near)
      if (names.size() < 5 && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(std::move(name));
    return names;
  }

private:
  bool is_named(uint32_t item) const {
    switch (report_.items[item].kind) {
    case ItemKind::Function:
    case ItemKind::Data:
    case ItemKind::Global:
    case ItemKind::Table:
    case ItemKind::Tag:
    case ItemKind::Import: return true;
    default: return false;
    }
  }

  void look_at(uint32_t item, const std::string& name) {
    uint32_t likeness = 3;
    if (name != wanted_) {
      const std::string shown = display_name(name, Demangling::Llvm22);
      likeness = shown == wanted_ ? 2 : without_parameters(shown) == wanted_ ? 1 : 0;
    }
    if (likeness < best_ || !likeness) return;
    if (likeness > best_) found_.clear();
    best_ = likeness;
    for (const auto& [other, other_name] : found_)
      if (other == item) return;
    found_.emplace_back(item, name);
  }

  const Report& report_;
  std::string_view wanted_;
  uint32_t best_ = 0;
  std::vector<std::pair<uint32_t, std::string>> found_;
};

// Of what was removed: who refers to it, removed as well.
std::vector<std::vector<uint32_t>> removed_referrers(const Report& report) {
  std::vector<std::vector<uint32_t>> referrers(report.items.size() - report.live);
  for (auto item = report.live; item < report.items.size(); item++)
    for (uint32_t target : report.targets_of(item))
      if (target >= report.live) referrers[target - report.live].push_back(item);
  return referrers;
}

} // namespace

Why why(const Report& report, std::string_view symbol) {
  Why result;
  Finder finder(report, symbol);
  auto found = finder.find();
  if (found.empty()) {
    result.similar = finder.similar();
    return result;
  }
  const Graph graph(report);
  const std::vector<uint64_t> retained = graph.retained_bytes();
  const auto gone = removed_referrers(report);
  for (auto& [item, name] : found) {
    Explanation e;
    e.item = item;
    e.name = std::move(name);
    e.removed = item >= report.live;
    if (e.removed) {
      e.bytes = report.items[item].size;
      e.referrers = steps_of(report, gone[item - report.live]);
    } else {
      e.bytes = report.items[item].bytes;
      e.retained = retained[item];
      const std::vector<uint32_t> path = graph.path_to(item);
      e.path = steps_of(report, path);
      if (!path.empty()) e.roots = roots_of(report, graph, path[0]);
      e.referrers = steps_of(report, graph.referrers(item));
    }
    result.matches.push_back(std::move(e));
  }
  return result;
}

std::vector<RemovedRow> removed(const Report& report) {
  std::vector<RemovedRow> rows;
  const auto referrers = removed_referrers(report);
  for (auto item = report.live; item < report.items.size(); item++)
    rows.push_back({item, steps_of(report, referrers[item - report.live])});
  std::stable_sort(rows.begin(), rows.end(), [&](const RemovedRow& a, const RemovedRow& b) {
    return report.items[a.item].size > report.items[b.item].size;
  });
  return rows;
}

// --- memory

std::vector<Region> memory_map(const Report& report) {
  const Memory& m = report.memory;
  std::vector<Region> all = m.segments;
  for (const Region& region : {m.stack, m.heap}) {
    if (region.kind.empty()) continue;
    all.push_back(region);
    all.back().name = region.kind;
  }
  std::erase_if(all, [](const Region& r) { return r.size == 0; });
  std::stable_sort(all.begin(), all.end(),
                   [](const Region& a, const Region& b) { return a.address < b.address; });
  std::vector<Region> map;
  uint64_t at = 0;
  for (Region& region : all) {
    if (region.address > at) map.push_back({"", "unused", at, region.address - at});
    at = std::max(at, region.address + region.size);
    map.push_back(std::move(region));
  }
  return map;
}

// --- imports

std::vector<ImportUse> import_uses(const Report& report) {
  std::vector<ImportUse> uses;
  if (!report.explains) {
    for (uint32_t row = 0; row < report.imports.size(); row++) uses.push_back({row, {}});
    return uses;
  }
  const Graph graph(report);
  for (uint32_t row = 0; row < report.imports.size(); row++)
    uses.push_back({row, steps_of(report, graph.referrers(report.imports[row].item))});
  return uses;
}

// --- what costs most

std::vector<Cost> costs(const Report& report) {
  constexpr size_t most_costs = 3, most_looked_at = 200;
  std::vector<Cost> costs;
  if (!report.explains) return costs;
  const Graph graph(report);
  const std::vector<uint64_t> retained = graph.retained_bytes();
  std::vector<uint32_t> order(report.live);
  for (uint32_t item = 0; item < report.live; item++) order[item] = item;
  const size_t looked_at = std::min<size_t>(most_looked_at, order.size());
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(looked_at), order.end(),
      [&](uint32_t a, uint32_t b) { return retained[a] != retained[b] ? retained[a] > retained[b] : a < b; });
  const uint64_t least = report.output_size / 25;
  std::vector<bool> is_told(report.live);
  for (size_t i = 0; i < looked_at; i++) {
    const uint32_t item = order[i];
    const Item& it = report.items[item];
    if (costs.size() == most_costs || retained[item] < least) break;
    if (retained[item] > report.output_size / 10 * 7) continue;
    if (it.kind == ItemKind::Section || it.kind == ItemKind::Padding || it.kind == ItemKind::Object) continue;
    // What was written for this program is expected to be there, and to keep what it uses: it is told of if it is large
    // itself.
    const bool is_of_library = it.input != none && !report.inputs[it.input].member.empty();
    if (!is_of_library && it.bytes < least) continue;
    // What another keeps is told of with it.
    const std::vector<uint32_t> path = graph.path_to(item);
    if (std::any_of(path.begin(), path.end(), [&](uint32_t step) { return is_told[step]; })) continue;
    is_told[item] = true;
    Cost& cost = costs.emplace_back();
    cost.item = item;
    cost.retained = retained[item];
    for (uint32_t step : path)
      if (step != item) cost.path.push_back(step_of(report, step));
  }
  return costs;
}

// --- what differs

namespace {

struct Total {
  uint64_t before = 0, after = 0;
  bool is_before = false, is_after = false;
};

DiffRow diff_row(std::string name, std::string file, std::string_view kind, const Total& t) {
  Change change = !t.is_before         ? Change::Added
                  : !t.is_after        ? Change::Removed
                  : t.after > t.before ? Change::Grown
                                       : Change::Shrunk;
  return {change, std::move(name), std::move(file), kind, t.before, t.after};
}

// As name and member: folders differ between builds of one program.
std::string plain_file(const SizeModel& model, const SizeLeaf& leaf) {
  if (leaf.file == none) return {};
  const Input& input = model.files[leaf.file];
  const std::string file(base_name(input.path));
  return input.member.empty() ? file : file + "(" + input.member + ")";
}

size_t kind_order(std::string_view name) {
  return static_cast<size_t>(std::find(std::begin(item_kind_names), std::end(item_kind_names), name) -
                             std::begin(item_kind_names));
}

void sort_by_difference(std::vector<DiffRow>& rows) {
  auto size = [](const DiffRow& r) { return r.after > r.before ? r.after - r.before : r.before - r.after; };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const DiffRow& a, const DiffRow& b) { return size(a) > size(b); });
}

std::vector<DiffRow> sections_that_differ(const Report& before, const Report& after) {
  std::vector<DiffRow> rows;
  std::map<std::string, Total> sections;
  for (const Section& s : before.sections) {
    sections[s.name].before += s.end - s.begin;
    sections[s.name].is_before = true;
  }
  for (const Section& s : after.sections) {
    sections[s.name].after += s.end - s.begin;
    sections[s.name].is_after = true;
  }
  auto add = [&](const std::string& name) {
    auto at = sections.find(name);
    if (at == sections.end()) return;
    const Total& t = at->second;
    if (t.before != t.after) rows.push_back(diff_row(name, {}, "section", t));
    sections.erase(at);
  };
  for (const Section& s : after.sections) add(s.name);
  for (const Section& s : before.sections) add(s.name);
  return rows;
}

} // namespace

Diff diff(const Report& before, const Report& after) {
  Diff result;
  result.sections = sections_that_differ(before, after);
  const SizeModel model = size_model(after, &before, false, true);
  for (const SizeLeaf& leaf : model.leaves) {
    const Total t{leaf.total_before(), leaf.total(), leaf.count_before > 0, leaf.count > 0};
    const bool is_there = t.is_before && t.is_after;
    if (is_there ? t.before == t.after : !t.before && !t.after) continue;
    result.items.push_back(diff_row(leaf.name, plain_file(model, leaf), kind_name(leaf.kind), t));
  }
  // Ties are in the order of kinds, names and files, whatever the order of the outputs.
  std::sort(result.items.begin(), result.items.end(), [](const DiffRow& a, const DiffRow& b) {
    if (a.kind != b.kind) return kind_order(a.kind) < kind_order(b.kind);
    return a.name != b.name ? a.name < b.name : a.file < b.file;
  });
  sort_by_difference(result.items);
  return result;
}

std::vector<DiffRow> diff_table(const Report& before, const Report& after, SizeBy by) {
  if (by == SizeBy::Symbol) return diff(before, after).items;
  std::vector<DiffRow> rows;
  if (by == SizeBy::Section) {
    rows = sections_that_differ(before, after);
  } else if (needs_lines(by)) {
    std::map<std::string, Total> totals;
    for (const SizeRow& row : by_source(before, by)) totals[row.name] = {row.bytes, 0, true, false};
    for (const SizeRow& row : by_source(after, by)) {
      Total& t = totals[row.name];
      t.after = row.bytes;
      t.is_after = true;
    }
    for (const auto& [name, t] : totals)
      if (t.before != t.after) rows.push_back(diff_row(name, {}, size_by_name(by), t));
  } else {
    const SizeModel model = size_model(after, &before, false, needs_files(by) || by == SizeBy::Kind);
    std::map<std::string, Total> totals;
    for (const SizeLeaf& leaf : model.leaves) {
      Total& t = totals[group_of(model, leaf, by)];
      t.before += leaf.total_before();
      t.after += leaf.total();
      t.is_before |= leaf.total_before() > 0;
      t.is_after |= leaf.total() > 0;
    }
    for (const auto& [name, t] : totals)
      if (t.before != t.after) rows.push_back(diff_row(name, {}, size_by_name(by), t));
  }
  sort_by_difference(rows);
  return rows;
}

} // namespace weld::report
