#include "core/report/size_model.h"

#include "core/base/diagnostics.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

namespace weld::report {

uint32_t Words::add(std::string text) {
  auto [at, is_new] = numbers_.try_emplace(std::move(text), static_cast<uint32_t>(texts.size()));
  if (is_new) texts.push_back(at->first);
  return at->second;
}

namespace {

Part part_of(const Section& section) {
  if (section.id == 10) return Part::Code;
  if (section.id == 11) return Part::Data;
  if (section.id) return Part::Rest;
  if (section.name == "name") return Part::Names;
  return section.name.starts_with(".debug") ? Part::Debug : Part::Rest;
}

// Item -> its bytes by what they are.
std::vector<PartBytes> parts_of_items(const Report& report) {
  std::vector<PartBytes> parts(report.live);
  size_t section = 0;
  uint64_t at = 0;
  for (const Run& run : report.layout) {
    // A run lies in one section, or in the header.
    while (section < report.sections.size() && at >= report.sections[section].end) section++;
    const bool is_in = section < report.sections.size() && at >= report.sections[section].begin;
    const Part part = is_in ? part_of(report.sections[section]) : Part::Rest;
    parts[run.item][static_cast<size_t>(part)] += run.size;
    at += run.size;
  }
  return parts;
}

bool has_symbol(const Item& item) {
  switch (item.kind) {
  case ItemKind::Function:
  case ItemKind::Global:
  case ItemKind::Tag:
  case ItemKind::Table:
  case ItemKind::Import: return !item.name.empty();
  case ItemKind::Data: return !item.name.empty() && item.name[0] != '.'; // else the name of its segment
  default: return false;
  }
}

struct Key {
  ItemKind kind;
  std::string name, file;

  bool operator<(const Key& other) const {
    if (kind != other.kind) return kind < other.kind;
    if (name != other.name) return name < other.name;
    return file < other.file;
  }
};
using Rows = std::map<Key, size_t>; // rows of the model

std::string joined(std::span<const std::string> components) {
  std::string text;
  for (const std::string& component : components) text += (text.empty() ? "" : "::") + component;
  return text;
}

class ModelMaker {
public:
  ModelMaker(SizeModel& model, bool only_sizes) : model_(model), only_sizes_(only_sizes) {}

  // Each item is a row.
  void add(const Report& report, bool with_retained) {
    std::vector<uint64_t> retained;
    if (with_retained) retained = Graph(report).retained_bytes();
    const std::vector<PartBytes> parts = parts_of_items(report);
    add_files(report);
    for (uint32_t item = 0; item < report.live; item++) {
      if (report.items[item].kind == ItemKind::Object) continue;
      SizeLeaf& leaf = model_.leaves[new_leaf(report, item)];
      leaf.bytes = parts[item];
      leaf.count = 1;
      if (with_retained) leaf.retained = retained[item];
    }
  }

  // Items of one kind, name and file (base name and member) are a row.
  void add_matched(const Report& report, Rows& rows, bool is_after, bool with_retained) {
    std::vector<uint64_t> retained;
    if (with_retained) retained = Graph(report).retained_bytes();
    const std::vector<PartBytes> parts = parts_of_items(report);
    add_files(report);
    for (uint32_t item = 0; item < report.live; item++) {
      const Item& i = report.items[item];
      if (i.kind == ItemKind::Object) continue;
      auto [at, is_new] = rows.try_emplace({i.kind, name_of(report, item), plain_file(report, i)}, 0);
      if (is_new) at->second = new_leaf(report, item);
      SizeLeaf& leaf = model_.leaves[at->second];
      PartBytes& bytes = is_after ? leaf.bytes : leaf.before;
      for (size_t part = 0; part < part_count; part++) bytes[part] += parts[item][part];
      (is_after ? leaf.count : leaf.count_before)++;
      if (with_retained) leaf.retained = std::max(leaf.retained, retained[item]);
    }
  }

  // What has only moved from one file to another is the same.
  void match_moved(const Rows& rows) {
    std::vector<bool> is_gone(model_.leaves.size());
    for (auto group = rows.begin(); group != rows.end();) {
      auto end = group;
      size_t gone = none, added = none;
      bool is_clear = true;
      for (; end != rows.end() && end->first.kind == group->first.kind && end->first.name == group->first.name;
           ++end) {
        const SizeLeaf& leaf = model_.leaves[end->second];
        if (leaf.count && leaf.count_before) continue;
        size_t& side = leaf.count ? added : gone;
        is_clear &= side == none;
        side = end->second;
      }
      if (is_clear && gone != none && added != none) {
        model_.leaves[added].before = model_.leaves[gone].before;
        model_.leaves[added].count_before = model_.leaves[gone].count_before;
        is_gone[gone] = true;
      }
      group = end;
    }
    size_t kept = 0;
    for (size_t row = 0; row < model_.leaves.size(); row++) {
      if (is_gone[row]) continue;
      if (kept != row) model_.leaves[kept] = std::move(model_.leaves[row]);
      kept++;
    }
    model_.leaves.resize(kept);
  }

  // Names do not tell namespaces from classes. Classes are scopes of which some name says so.
  void finish() {
    if (only_sizes_) return;
    std::set<std::string, std::less<>> classes;
    for (const auto& [row, parts] : names_)
      if ((parts.is_member || parts.names_class) && parts.namespaces + 1 >= parts.scope.size())
        classes.insert(joined(parts.scope));
    for (auto& [row, parts] : names_) {
      size_t count = 0;
      std::string scope;
      for (; count < parts.namespaces; count++) {
        std::string next = scope.empty() ? parts.scope[count] : scope + "::" + parts.scope[count];
        if (parts.language == Language::Cpp && classes.contains(next)) break;
        scope = std::move(next);
      }
      SizeLeaf& leaf = model_.leaves[row];
      leaf.name_space = model_.words.add(std::move(scope));
      leaf.class_ = model_.words.add(joined(std::span(parts.scope).subspan(count)));
    }
  }

private:
  // Folders differ between builds of one program.
  static std::string plain_file(const Report& report, const Item& item) {
    if (item.input == none) return {};
    const Input& input = report.inputs[item.input];
    std::string file(base_name(input.path));
    return input.member.empty() ? file : file + "(" + input.member + ")";
  }

  void add_files(const Report& report) {
    first_file_ = static_cast<uint32_t>(model_.files.size());
    model_.files.insert(model_.files.end(), report.inputs.begin(), report.inputs.end());
  }

  size_t new_leaf(const Report& report, uint32_t item) {
    const Item& i = report.items[item];
    SizeLeaf leaf;
    leaf.kind = i.kind;
    leaf.name = name_of(report, item);
    if (i.input != none) leaf.file = first_file_ + i.input;
    const size_t row = model_.leaves.size();
    if (!only_sizes_) {
      leaf.display = display_name(leaf.name, Demangling::Llvm22);
      std::string crate;
      if (has_symbol(i)) {
        NameParts parts = split_name(i.name, leaf.display);
        leaf.language = parts.language;
        leaf.base = model_.words.add(parts.base);
        if (parts.language == Language::Rust && parts.namespaces) crate = parts.scope[0];
        if (parts.language != Language::Other) names_.emplace_back(row, std::move(parts));
      }
      if (crate.empty() && i.input != none)
        crate = crate_of_file(report.inputs[i.input].path, report.inputs[i.input].member);
      leaf.crate = model_.words.add(std::move(crate));
    }
    model_.leaves.push_back(std::move(leaf));
    return row;
  }

  SizeModel& model_;
  bool only_sizes_;
  uint32_t first_file_ = 0;                         // in the model, of the report's inputs
  std::vector<std::pair<size_t, NameParts>> names_; // by row, of those that are mangled
};

// What has no name that says where it belongs.
std::string nameless_group(const SizeLeaf& leaf) {
  if (leaf.kind == ItemKind::Custom && leaf.name.starts_with(".debug")) return "(debug)";
  if (leaf.kind == ItemKind::Function) return "(functions without a name)";
  return "(" + std::string(kind_name(leaf.kind)) + ")";
}

std::string directory_of(const Input& file) {
  if (!file.member.empty()) return file.path;
  const size_t slash = file.path.find_last_of("/\\");
  if (slash == std::string::npos) return "(current directory)";
  return slash ? file.path.substr(0, slash) : "/";
}

} // namespace

SizeModel size_model(const Report& report, const Report* before, bool with_retained, bool only_sizes) {
  SizeModel model;
  ModelMaker maker(model, only_sizes);
  with_retained &= report.explains;
  if (!before) {
    maker.add(report, with_retained);
    maker.finish();
    return model;
  }
  model.has_before = true;
  Rows rows;
  maker.add_matched(report, rows, true, with_retained);
  maker.add_matched(*before, rows, false, false);
  maker.finish(); // by row, before rows go
  maker.match_moved(rows);
  return model;
}

std::string group_of(const SizeModel& model, const SizeLeaf& leaf, SizeBy by) {
  const auto& words = model.words.texts;
  switch (by) {
  case SizeBy::Kind: return std::string(kind_name(leaf.kind));
  case SizeBy::Input: return leaf.file == none ? "(linker)" : model.files[leaf.file].path;
  case SizeBy::Member:
  case SizeBy::Object: return leaf.file == none ? "(linker)" : model.files[leaf.file].file();
  case SizeBy::Directory: return leaf.file == none ? "(linker)" : directory_of(model.files[leaf.file]);
  case SizeBy::Crate:
    if (leaf.crate) return words[leaf.crate];
    return leaf.base ? "(no crate)" : nameless_group(leaf);
  case SizeBy::Namespace:
    if (leaf.name_space) return words[leaf.name_space];
    return leaf.base ? "(no namespace)" : nameless_group(leaf);
  case SizeBy::Function:
    if (leaf.kind != ItemKind::Function || !leaf.base) return nameless_group(leaf);
    if (leaf.language == Language::Other) return leaf.name;
    {
      std::string text;
      for (uint32_t word : {leaf.name_space, leaf.class_})
        if (word) text += words[word] + "::";
      return text + words[leaf.base];
    }
  case SizeBy::Symbol:
  case SizeBy::Section:
  case SizeBy::Source:
  case SizeBy::Line: break;
  }
  return leaf.name;
}

void keep_largest(SizeModel& model, size_t limit) {
  if (!limit || model.leaves.size() <= limit) return;
  auto weight = [](const SizeLeaf& leaf) { return std::max(leaf.total(), leaf.total_before()); };
  auto change = [](const SizeLeaf& leaf) {
    const uint64_t now = leaf.total(), before = leaf.total_before();
    return now > before ? now - before : before - now;
  };
  std::vector<uint32_t> order(model.leaves.size());
  std::iota(order.begin(), order.end(), 0u);
  std::vector<bool> is_kept(model.leaves.size());
  auto keep = [&](size_t count, auto size) {
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return size(model.leaves[a]) > size(model.leaves[b]); });
    for (size_t i = 0; i < order.size() && count; i++) {
      if (is_kept[order[i]]) continue;
      is_kept[order[i]] = true;
      count--;
    }
  };
  if (model.has_before) keep(limit / 2, change);
  keep(model.has_before ? limit - limit / 2 : limit, weight);

  std::vector<SizeLeaf> kept;
  std::map<std::array<uint32_t, 5>, size_t> others;
  for (size_t row = 0; row < model.leaves.size(); row++) {
    SizeLeaf& leaf = model.leaves[row];
    if (is_kept[row]) {
      kept.push_back(std::move(leaf));
      continue;
    }
    auto [at, is_new] = others.try_emplace(
        {leaf.file, leaf.name_space, leaf.class_, leaf.crate, static_cast<uint32_t>(leaf.kind)}, kept.size());
    if (is_new) {
      SizeLeaf& sum = kept.emplace_back();
      sum.file = leaf.file;
      sum.name_space = leaf.name_space;
      sum.class_ = leaf.class_;
      sum.crate = leaf.crate;
      sum.kind = leaf.kind;
      sum.language = leaf.language;
    }
    SizeLeaf& sum = kept[at->second];
    for (size_t part = 0; part < part_count; part++) {
      sum.bytes[part] += leaf.bytes[part];
      sum.before[part] += leaf.before[part];
    }
    sum.count += leaf.count;
    sum.count_before += leaf.count_before;
  }
  model.leaves = std::move(kept);
}

} // namespace weld::report
