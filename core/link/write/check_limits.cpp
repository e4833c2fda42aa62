// What the format allows and engines do not: they refuse a module that has too much of something. wasm-ld says nothing
// of it. Not every module is for such an engine, so these are warnings.
#include "core/base/reader.h"
#include "core/link/write/output_plan.h"
#include "core/wasm/engine_limits.h"
#include "core/wasm/type_text.h"

namespace weld {

namespace {

class LimitCheck {
public:
  LimitCheck(const Link& link, const OutputPlan& plan, Bytes output)
      : link_(link), plan_(plan), output_(output) {}

  void run() {
    namespace limit = engine_limit;
    check("the number of bytes of the module", plan_.size, limit::module_size);
    check("the number of types", link_.types.size(), limit::types);
    check("the number of imports",
          link_.imports.size() + link_.got_imports.size() + link_.options.import_memory.has_value(),
          limit::imports);
    check("the number of functions", link_.functions.size(), limit::functions);
    check("the number of tables", link_.imported_tables + link_.tables.size(), limit::tables);
    check("the number of memories", 1 + link_.imported_memories + link_.memories.size(), limit::memories);
    check("the number of tags", link_.tags.size(), limit::tags);
    check("the number of globals",
          link_.globals.size() + link_.internal_got.size() + link_.data_address_globals.size(),
          limit::globals);
    check("the number of exports", link_.exports.size(), limit::exports);
    check("the number of functions in the table", link_.table_functions.size(), limit::table_entries);
    check("the number of data segments", data_segments(), limit::data_segments,
          "leave out --no-merge-data-segments, so that segments of one kind become one");
    if (link_.is_64) check("the number of pages of the memory", link_.memory_pages, limit::memory64_pages);
    check_tables();
    check_types();
    check_bodies();
  }

private:
  void check(std::string_view what, uint64_t count, uint64_t most, std::string_view note = {},
             Location where = {}) {
    if (count <= most) return;
    Diagnostic& d =
        link_.diagnostics().report(DiagnosticId::engine_limit, {what, count, most}, std::move(where));
    if (!note.empty()) d.note(note);
  }

  size_t data_segments() const {
    size_t count = link_.passive_data.size();
    if (link_.pack_data) return count + link_.data_runs.size();
    for (const OutSegment& segment : link_.segments) count += link_.in_binary(segment);
    return count;
  }

  void check_tables() {
    for (const OutTable& t : link_.tables) {
      uint64_t size = link_.table_limits.minimum;
      if (t.object) {
        const LinkObject& o = link_.objects[t.object];
        size = o.object.tables()[o.table.local(t.table.id())].minimum;
      }
      check("the size of a table", size, engine_limit::table_size);
    }
  }

  void check_types() {
    for (SignatureId id : link_.types) {
      const SignatureParts parts = signature_parts(link_.store.signatures, id);
      check("the number of parameters of a function", parts.params.size(), engine_limit::params);
      check("the number of results of a function", parts.results.size(), engine_limit::results);
    }
  }

  void check_bodies() {
    const OutSection* code = nullptr;
    for (const OutSection& section : plan_.sections)
      if (section.content == OutSection::Code) code = &section;
    if (!code) return;
    for (size_t i = 0; i < link_.functions.size(); i++) {
      const OutFunction& f = link_.functions[i];
      const uint64_t begin = link_.offset_of(f);
      const uint64_t end =
          i + 1 < link_.functions.size() ? link_.offset_of(link_.functions[i + 1]) : code->payload_size;
      const bool may_have_many = f.object && (link_.objects[f.object].object.header().has_many_locals ||
                                              link_.objects[f.object].unit);
      if (end - begin > engine_limit::body_size || may_have_many)
        check_body(
            f, output_.subspan(static_cast<size_t>(code->offset + begin), static_cast<size_t>(end - begin)));
    }
  }

  void check_body(const OutFunction& f, Bytes body) {
    ReadFailure failure;
    Reader r(body, "function", failure);
    r.u32_leb("");
    const uint64_t size = r.left();
    uint64_t locals = signature_parts(link_.store.signatures, link_.signature_of(f)).params.size();
    for (uint32_t groups = r.u32_leb(""); groups && !failure.happened; groups--) {
      locals += r.u32_leb("");
      const uint8_t type = r.u8("");
      if (type == ref_prefix || type == ref_null_prefix) r.s64_leb("");
    }
    if (size <= engine_limit::body_size && locals <= engine_limit::locals) return;
    const std::string name = " of `" + name_of(f) + "`";
    check("the number of bytes of the body" + name, size, engine_limit::body_size,
          "make several functions of it", link_.location_of(f.object));
    check("the number of locals" + name, locals, engine_limit::locals, "make several functions of it",
          link_.location_of(f.object));
  }

  std::string name_of(const OutFunction& f) const {
    if (!f.object) return std::string(link_.text(link_.synthetic_functions[f.function.synthetic()].name));
    return display_name(link_.objects[f.object].text(link_.row_of(f).name), link_.options.demangling());
  }

  const Link& link_;
  const OutputPlan& plan_;
  Bytes output_;
};

} // namespace

void check_limits(const Link& link, const OutputPlan& plan, Bytes output) {
  const bool is_heard = link.diagnostics().is_heard(DiagnosticId::engine_limit);
  if (is_heard && !link.options.relocatable) LimitCheck(link, plan, output).run();
}

} // namespace weld
