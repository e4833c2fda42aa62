#include "core/report/show_json.h"

#include "core/base/diagnostics.h"
#include "core/base/json.h"
#include "core/report/size_model.h"

namespace weld::report {

namespace {

class Json : public JsonWriter {
public:
  std::string lines() { return take() + "\n"; }

  template <class Write>
  void object(Write write) {
    open('{');
    write();
    close('}');
  }
  template <class Rows, class Write>
  void list(std::string_view name, const Rows& rows, Write write) {
    if (!name.empty()) key(name);
    open('[');
    for (const auto& row : rows) write(row);
    close(']');
  }
  // As it is in the object, and as people read it.
  void name(const std::string& name) {
    field("name", name);
    field("display", display_name(name, Demangling::Llvm22));
  }
  void file(const std::string& file) {
    if (!file.empty()) field("file", file);
  }
  void costs(std::string_view name, const Report& report) {
    list(name, report::costs(report), [&](const Cost& cost) {
      object([&] {
        const Step item = step_of(report, cost.item);
        this->name(item.name);
        field("kind", kind_name(report.items[cost.item].kind));
        file(item.file);
        field("bytes", report.items[cost.item].bytes);
        field("retained", cost.retained);
        list("path", cost.path, [&](const Step& s) { step(report, s); });
      });
    });
  }
  void step(const Report& report, const Step& step) {
    object([&] {
      name(step.name);
      field("kind", kind_name(report.items[step.item].kind));
      file(step.file);
    });
  }
};

constexpr std::string_view change_words[] = {"added", "removed", "grown", "shrunk"};

template <class Rows>
void keep(Rows& rows, size_t limit) {
  if (limit && rows.size() > limit) rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(limit), rows.end());
}

} // namespace

std::string size_json(const Report& report, SizeBy by, bool with_retained, size_t limit) {
  std::vector<SizeRow> rows = size_table(report, by, with_retained);
  keep(rows, limit);
  Json json;
  json.list({}, rows, [&](const SizeRow& row) {
    json.object([&] {
      json.name(row.name);
      if (by == SizeBy::Symbol) {
        json.field("kind", row.kind);
        json.file(row.file);
      }
      json.field("bytes", row.bytes);
      if (with_retained) json.field("retained", row.retained);
      if (by != SizeBy::Symbol && by != SizeBy::Section) json.field("count", row.count);
    });
  });
  return json.lines();
}

std::string why_json(const Report& report, const Why& why) {
  Json json;
  json.object([&] {
    json.list("matches", why.matches, [&](const Explanation& e) {
      json.object([&] {
        json.name(e.name);
        const Item& item = report.items[e.item];
        json.field("kind", kind_name(item.kind));
        json.file(report.file_of(e.item));
        json.flag("removed", e.removed);
        json.field("bytes", e.bytes);
        if (!e.removed) json.field("retained", e.retained);
        if (name_of(report, e.item) != e.name) json.field("item", name_of(report, e.item));
        if (item.slot != none) json.field("tableSlot", item.slot);
        if (item.address >= 0) json.field("address", static_cast<uint64_t>(item.address));
        if (item.input != none && !report.inputs[item.input].needed_by.empty()) {
          json.key("extracted");
          json.object([&] {
            json.field("by", report.inputs[item.input].needed_by);
            json.field("symbol", report.inputs[item.input].symbol);
          });
        }
        json.list("roots", e.roots, [&](const Root& root) {
          json.object([&] {
            json.field("reason", root.reason);
            if (!root.symbol.empty()) json.field("symbol", root.symbol);
          });
        });
        json.list("path", e.path, [&](const Step& step) { json.step(report, step); });
        json.list("referrers", e.referrers, [&](const Step& step) { json.step(report, step); });
      });
    });
    json.list("similar", why.similar, [&](const std::string& name) { json.text(name); });
  });
  return json.lines();
}

std::string removed_json(const Report& report, size_t limit) {
  std::vector<RemovedRow> rows = removed(report);
  keep(rows, limit);
  Json json;
  json.list({}, rows, [&](const RemovedRow& row) {
    json.object([&] {
      json.name(name_of(report, row.item));
      json.field("kind", kind_name(report.items[row.item].kind));
      json.file(report.file_of(row.item));
      json.field("bytes", report.items[row.item].size);
      json.list("referrers", row.referrers, [&](const Step& step) { json.step(report, step); });
    });
  });
  return json.lines();
}

std::string memory_json(const Report& report) {
  const Memory& m = report.memory;
  Json json;
  json.object([&] {
    json.field("pageSize", m.page_size);
    json.field("pages", m.pages);
    if (m.max_pages) json.field("maxPages", m.max_pages);
    json.flag("shared", m.shared);
    json.list("regions", memory_map(report), [&](const Region& region) {
      json.object([&] {
        json.field("kind", region.kind);
        if (!region.name.empty()) json.field("name", region.name);
        json.field("address", region.address);
        json.field("size", region.size);
      });
    });
  });
  return json.lines();
}

std::string imports_json(const Report& report) {
  Json json;
  json.list({}, import_uses(report), [&](const ImportUse& use) {
    const Import& i = report.imports[use.row];
    json.object([&] {
      json.field("module", i.module);
      json.field("name", i.name);
      json.field("kind", i.kind);
      json.field("type", i.type);
      json.list("users", use.users, [&](const Step& step) { json.step(report, step); });
    });
  });
  return json.lines();
}

std::string diff_json(const Report& before, const Report& after, size_t limit) {
  Diff result = diff(before, after);
  keep(result.items, limit);
  Json json;
  auto row = [&](const DiffRow& r) {
    json.object([&] {
      json.field("change", change_words[static_cast<size_t>(r.change)]);
      json.name(r.name);
      json.field("kind", r.kind);
      json.file(r.file);
      json.field("before", r.before);
      json.field("after", r.after);
    });
  };
  json.object([&] {
    json.field("before", before.output_size);
    json.field("after", after.output_size);
    json.list("sections", result.sections, row);
    json.list("items", result.items, row);
  });
  return json.lines();
}

std::string diff_table_json(const Report& before, const Report& after, SizeBy by, size_t limit) {
  std::vector<DiffRow> rows = diff_table(before, after, by);
  keep(rows, limit);
  Json json;
  json.list({}, rows, [&](const DiffRow& r) {
    json.object([&] {
      json.field("change", change_words[static_cast<size_t>(r.change)]);
      json.name(r.name);
      json.file(r.file);
      json.field("before", r.before);
      json.field("after", r.after);
    });
  });
  return json.lines();
}

std::string costs_json(const Report& report) {
  Json json;
  json.costs({}, report);
  return json.lines();
}

std::string size_model_json(const Report& report, const Report* before, size_t limit) {
  SizeModel model = size_model(report, before, true);
  keep_largest(model, limit);
  Json json;
  // Of each leaf.
  auto column = [&](std::string_view name, auto write) { json.list(name, model.leaves, write); };
  json.open('{');
  json.field("name", report.output_name);
  json.field("size", report.output_size);
  if (before) {
    json.open("before", '{');
    json.field("name", before->output_name);
    json.field("size", before->output_size);
    json.close('}');
  }
  json.flag("explains", report.explains);
  json.costs("costs", report);
  json.open("files", '{');
  json.list("path", model.files, [&](const Input& file) { json.text(file.path); });
  json.list("member", model.files, [&](const Input& file) { json.text(file.member); });
  json.close('}');
  json.list("words", model.words.texts, [&](const std::string& text) { json.text(text); });
  json.list("kinds", item_kind_names, [&](std::string_view name) { json.text(name); });
  json.open("leaves", '{');
  column("name", [&](const SizeLeaf& leaf) { json.text(leaf.name); });
  // Empty: as the name.
  column("display", [&](const SizeLeaf& leaf) {
    json.text(leaf.display == leaf.name ? std::string_view() : std::string_view(leaf.display));
  });
  column("kind", [&](const SizeLeaf& leaf) { json.number(static_cast<uint64_t>(leaf.kind)); });
  column("file", [&](const SizeLeaf& leaf) {
    json.signed_number(leaf.file == none ? -1 : static_cast<int64_t>(leaf.file));
  });
  column("base", [&](const SizeLeaf& leaf) { json.number(leaf.base); });
  column("namespace", [&](const SizeLeaf& leaf) { json.number(leaf.name_space); });
  column("class", [&](const SizeLeaf& leaf) { json.number(leaf.class_); });
  column("crate", [&](const SizeLeaf& leaf) { json.number(leaf.crate); });
  column("count", [&](const SizeLeaf& leaf) { json.number(leaf.count); });
  if (report.explains) column("retained", [&](const SizeLeaf& leaf) { json.number(leaf.retained); });
  for (size_t part = 0; part < part_count; part++)
    column(part_names[part], [&](const SizeLeaf& leaf) { json.number(leaf.bytes[part]); });
  if (before) {
    json.open("before", '{');
    column("count", [&](const SizeLeaf& leaf) { json.number(leaf.count_before); });
    for (size_t part = 0; part < part_count; part++)
      column(part_names[part], [&](const SizeLeaf& leaf) { json.number(leaf.before[part]); });
    json.close('}');
  }
  json.close('}');
  json.close('}');
  return json.lines();
}

} // namespace weld::report
