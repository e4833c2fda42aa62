#include "core/report/show_json.h"

#include "core/base/diagnostics.h"
#include "core/base/json.h"

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
  void step(const Report& report, const Step& step) {
    object([&] {
      name(step.name);
      field("kind", kind_name(report.items[step.item].kind));
      file(step.file);
    });
  }
};

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
  constexpr std::string_view words[] = {"added", "removed", "grown", "shrunk"};
  Json json;
  auto row = [&](const DiffRow& r) {
    json.object([&] {
      json.field("change", words[static_cast<size_t>(r.change)]);
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

} // namespace weld::report
