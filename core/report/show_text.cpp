#include "core/report/show_text.h"

#include "core/base/diagnostics.h"
#include "core/base/utf8.h"

#include <algorithm>

namespace weld::report {

namespace {

// Rows of cells. A column is as wide as its widest cell; numbers stand to the right.
class TextTable {
public:
  explicit TextTable(std::string_view alignment) : alignment_(alignment) {} // a letter each: l or r

  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string text() const {
    std::vector<size_t> widths(alignment_.size());
    for (const auto& cells : rows_)
      for (size_t i = 0; i < cells.size(); i++) widths[i] = std::max(widths[i], width_of(cells[i]));
    std::string out;
    for (const auto& cells : rows_) {
      std::string line;
      for (size_t i = 0; i < cells.size(); i++) {
        if (i) line += "  ";
        const std::string padding(widths[i] - width_of(cells[i]), ' ');
        line += alignment_[i] == 'r' ? padding + cells[i] : cells[i] + padding;
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + '\n';
    }
    return out;
  }

private:
  // Characters, if each takes one column.
  static size_t width_of(const std::string& cell) {
    return static_cast<size_t>(std::count_if(
        cell.begin(), cell.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
  }

  std::string_view alignment_;
  std::vector<std::vector<std::string>> rows_;
};

// 1234567 as 1,234,567
std::string number(uint64_t value) {
  std::string digits = std::to_string(value);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string percent(uint64_t part, uint64_t whole) {
  const uint64_t tenths = whole ? (part * 1000 + whole / 2) / whole : 0;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "%";
}

std::string hex(uint64_t value) {
  std::string digits;
  do digits.insert(digits.begin(), "0123456789abcdef"[value & 15]);
  while (value >>= 4);
  return "0x" + digits;
}

std::string difference(uint64_t before, uint64_t after) {
  if (after == before) return "0";
  return after > before ? "+" + number(after - before) : "-" + number(before - after);
}

// Names come from files: nothing in them may move a terminal's cursor.
std::string shown(const std::string& name, const TextOptions& options) {
  std::string text;
  append_printable(text, display_name(name, options.demangling));
  return text;
}

size_t shown_rows(size_t count, const TextOptions& options) {
  return options.limit ? std::min(count, options.limit) : count;
}

std::string place(const Step& step, const TextOptions& options) {
  std::string text = shown(step.name, options);
  return step.file.empty() ? text : text + " in " + shown(step.file, {.demangling = Demangling::None});
}

std::string places(const std::vector<Step>& steps, const TextOptions& options) {
  std::string out;
  constexpr size_t most = 3;
  for (size_t i = 0; i < steps.size() && i < most; i++) out += (i ? ", " : "") + place(steps[i], options);
  if (steps.size() > most) out += " and " + number(steps.size() - most) + " more";
  return out;
}

std::string reason_text(const Root& root, const TextOptions& options) {
  const std::string name = "`" + shown(root.symbol, options) + "`";
  if (root.reason == "entry") return name + " is the entry";
  if (root.reason == "export") return name + " is exported by the command line";
  if (root.reason == "export-attribute") return name + " is exported by its object";
  if (root.reason == "export-all") return name + " is exported by --export-all";
  if (root.reason == "export-dynamic") return name + " is exported by --export-dynamic";
  if (root.reason == "no-strip") return name + " is marked to be kept by its object (used, retain)";
  if (root.reason == "destructors") return name + " runs at the end";
  if (root.reason == "input") return "the object is linked as such, not as an archive's member";
  if (root.reason == "custom-section") return "custom sections are kept";
  if (root.reason == "no-gc-sections") return "nothing needs it, and garbage collection is off";
  if (root.reason == "linker") return "the linker needs it";
  return "it is a part of the format";
}

} // namespace

std::string size_text(const Report& report, SizeBy by, bool with_retained, const TextOptions& options) {
  const std::vector<SizeRow> rows = size_table(report, by, with_retained);
  const bool has_file = by == SizeBy::Symbol, has_count = sums_up_symbols(by);
  std::string alignment = with_retained ? "rrr" : "rr";
  alignment += has_count ? "rl" : has_file ? "ll" : "l";
  TextTable table(alignment);
  auto line = [&](const SizeRow& row) {
    std::vector<std::string> cells;
    if (with_retained) cells.push_back(number(row.retained));
    cells.push_back(number(row.bytes));
    cells.push_back(percent(with_retained ? row.retained : row.bytes, report.output_size));
    if (has_count) cells.push_back(number(row.count));
    cells.push_back(shown(row.name, options));
    if (has_file) cells.push_back(shown(row.file, {.demangling = Demangling::None}));
    table.row(std::move(cells));
  };
  std::vector<std::string> title = {"bytes", ""};
  if (with_retained) title.insert(title.begin(), "retained");
  if (has_count) title.emplace_back("items");
  title.emplace_back(size_by_name(by));
  if (has_file) title.emplace_back("file");
  table.row(title);
  const size_t count = shown_rows(rows.size(), options);
  uint64_t rest = 0;
  for (size_t i = 0; i < rows.size(); i++) {
    if (i >= count) rest += rows[i].bytes;
    else line(rows[i]);
  }
  std::string out = table.text();
  if (rows.size() > count)
    out += "and " + number(rows.size() - count) + " more with " + number(rest) +
           " bytes; --limit=0 shows them\n";
  return out + number(report.output_size) + " bytes in all\n";
}

std::string why_text(const Report& report, const Why& why, const TextOptions& options) {
  std::string out;
  for (const Explanation& e : why.matches) {
    if (!out.empty()) out += '\n';
    const Item& item = report.items[e.item];
    out += shown(e.name, options) + ": " + std::string(kind_name(item.kind));
    if (item.input != none) out += " in " + shown(report.file_of(e.item), {.demangling = Demangling::None});
    out += ", " + number(e.bytes) + " bytes";
    if (e.removed) {
      out += ", removed by garbage collection\n";
      if (e.referrers.empty()) out += "Nothing refers to it.\n";
      else out += "Who refers to it was removed as well: " + places(e.referrers, options) + "\n";
      continue;
    }
    if (e.retained != e.bytes) out += ", " + number(e.retained) + " with what only it keeps";
    out += '\n';
    if (const std::string own = name_of(report, e.item); own != e.name)
      out += "It is a part of, or another name of, `" + shown(own, options) + "`.\n";
    for (const Root& root : e.roots) out += reason_text(root, options) + "\n";
    TextTable table("lll");
    for (size_t i = 0; i < e.path.size(); i++)
      table.row({i ? "->" : "  ", shown(e.path[i].name, options),
                 shown(e.path[i].file, {.demangling = Demangling::None})});
    out += table.text();
    if (item.input != none && !report.inputs[item.input].needed_by.empty()) {
      const Input& input = report.inputs[item.input];
      out += shown(input.file(), {.demangling = Demangling::None}) + " was linked because " +
             shown(input.needed_by, {.demangling = Demangling::None}) + " needs `" +
             shown(input.symbol, options) + "`\n";
    }
    if (e.path.size() > 1 && e.referrers.size() > 1) {
      const size_t count = shown_rows(e.referrers.size(), options);
      out += "All that refers to it:\n";
      TextTable all("lll");
      for (size_t i = 0; i < count; i++)
        all.row({"  ", shown(e.referrers[i].name, options),
                 shown(e.referrers[i].file, {.demangling = Demangling::None})});
      out += all.text();
      if (e.referrers.size() > count) out += "   and " + number(e.referrers.size() - count) + " more\n";
    }
  }
  return out;
}

std::string removed_text(const Report& report, const TextOptions& options) {
  const std::vector<RemovedRow> rows = removed(report);
  TextTable table("rlll");
  table.row({"bytes", "removed", "file", "would be kept by"});
  const size_t count = shown_rows(rows.size(), options);
  uint64_t sum = 0, rest = 0;
  for (size_t i = 0; i < rows.size(); i++) {
    const Item& item = report.items[rows[i].item];
    sum += item.size;
    if (i >= count) rest += item.size;
    else
      table.row({number(item.size), shown(name_of(report, rows[i].item), options),
                 shown(report.file_of(rows[i].item), {.demangling = Demangling::None}),
                 places(rows[i].referrers, options)});
  }
  std::string out = table.text();
  if (rows.size() > count)
    out += "and " + number(rows.size() - count) + " more with " + number(rest) +
           " bytes; --limit=0 shows them\n";
  return out + number(sum) + " bytes of the inputs were removed\n";
}

std::string memory_text(const Report& report) {
  const Memory& m = report.memory;
  TextTable table("rrrl");
  table.row({"from", "to", "bytes", ""});
  for (const Region& region : memory_map(report))
    table.row({hex(region.address), hex(region.address + region.size), number(region.size),
               shown(region.name.empty()          ? region.kind
                     : region.name == region.kind ? region.name
                                                  : region.name + " (" + region.kind + ")",
                     {.demangling = Demangling::None})});
  std::string out = table.text();
  out += number(m.pages) + (m.pages == 1 ? " page of " : " pages of ") + number(m.page_size) +
         " bytes at the start, ";
  out += m.max_pages ? number(m.max_pages) + " at most" : "no maximum";
  return out + (m.shared ? ", shared\n" : "\n");
}

std::string imports_text(const Report& report, const TextOptions& options) {
  const std::vector<ImportUse> uses = import_uses(report);
  if (uses.empty()) return "Nothing is imported.\n";
  TextTable table("llll");
  table.row({"import", "kind", "type", "needed by"});
  for (const ImportUse& use : uses) {
    const Import& i = report.imports[use.row];
    table.row({shown(i.module + "." + i.name, {.demangling = Demangling::None}),
               shown(i.kind, {.demangling = Demangling::None}),
               shown(i.type, {.demangling = Demangling::None}), places(use.users, options)});
  }
  return table.text();
}

std::string diff_text(const Report& before, const Report& after, SizeBy by, const TextOptions& options) {
  std::string out;
  auto sizes = [](const DiffRow& r) {
    const std::string change = difference(r.before, r.after);
    return std::vector<std::string>{change, number(r.before), number(r.after)};
  };
  auto groups = [&](const std::vector<DiffRow>& rows, std::string_view title, size_t count) {
    if (rows.empty()) return;
    TextTable table("rrrl");
    table.row({"change", "before", "after", std::string(title)});
    for (size_t i = 0; i < count; i++) {
      auto cells = sizes(rows[i]);
      cells.push_back(
          shown(rows[i].name, title == "section" ? TextOptions{.demangling = Demangling::None} : options));
      table.row(std::move(cells));
    }
    out += table.text();
    if (rows.size() > count) out += "and " + number(rows.size() - count) + " more; --limit=0 shows them\n";
    out += '\n';
  };
  if (by != SizeBy::Symbol) {
    const std::vector<DiffRow> rows = diff_table(before, after, by);
    groups(rows, size_by_name(by), shown_rows(rows.size(), options));
  } else {
    const Diff result = diff(before, after);
    groups(result.sections, "section", result.sections.size());
    if (!result.items.empty()) {
      constexpr std::string_view words[] = {"added", "removed", "", ""};
      TextTable table("rrrlll");
      table.row({"change", "before", "after", "", "symbol", "file"});
      const size_t count = shown_rows(result.items.size(), options);
      for (size_t i = 0; i < count; i++) {
        const DiffRow& r = result.items[i];
        auto cells = sizes(r);
        cells.emplace_back(words[static_cast<size_t>(r.change)]);
        cells.push_back(shown(r.name, options));
        cells.push_back(shown(r.file, {.demangling = Demangling::None}));
        table.row(std::move(cells));
      }
      out += table.text();
      if (result.items.size() > count)
        out += "and " + number(result.items.size() - count) + " more; --limit=0 shows them\n";
      out += '\n';
    }
  }
  if (out.empty()) out = "Nothing differs in size.\n";
  return out + number(before.output_size) + " -> " + number(after.output_size) + " bytes (" +
         difference(before.output_size, after.output_size) + ")\n";
}

} // namespace weld::report
