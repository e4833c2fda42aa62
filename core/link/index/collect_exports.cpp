// Exports in symbol order, and the types that are used beyond those of relocations.
#include "core/base/sort.h"
#include "core/base/utf8.h"
#include "core/link/index/indices.h"
#include "core/wasm/type_text.h"

#include <utility>

namespace weld {

namespace {

void collect_types(const Indexed& link, Needs& needs) {
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    auto types = o.object.types();
    for (uint32_t i = 0; i < types.size(); i++)
      if (needs.type_used[o.type(i)]) needs.add_type(link.store.signatures, types[i]);
  }
  for (SymbolId id : link.imports) {
    const Symbol& s = link.symbols[id];
    if (s.kind == SymbolKind::Function || s.kind == SymbolKind::Tag)
      needs.add_type(link.store.signatures, s.signature);
    else if (s.kind == SymbolKind::Global)
      needs.add_type_of(link.store.signatures, global_type_of(link, s).type);
    else if (s.kind == SymbolKind::Table)
      needs.add_type_of(link.store.signatures, table_type_of(link, s).element);
  }
  for (const OutFunction& f : link.functions) needs.add_type(link.store.signatures, link.signature_of(f));
  for (const OutGlobal& g : link.globals) {
    if (!g.object) continue;
    const LinkObject& o = link.objects[g.object];
    needs.add_type_of(link.store.signatures, o.object.globals()[o.global.local(g.global.id())].type);
  }
  for (const OutTable& t : link.tables) {
    if (!t.object) continue;
    const LinkObject& o = link.objects[t.object];
    needs.add_type_of(link.store.signatures, o.object.tables()[o.table.local(t.table.id())].element);
  }
  for (const OutTag& tag : link.tags) needs.add_type(link.store.signatures, link.signature_of(tag));
}

bool has_mutable_globals(const Indexed& link) {
  for (StringId feature : link.features)
    if (link.store.strings.text(feature) == "mutable-globals") return true;
  return false;
}

void add_export(const Indexed& link, Indices& indices, SymbolId id, OutGlobalIndex& next_address_global) {
  const Symbol& s = link.symbols[id];
  Export e{{}, ExternalKind::Function, 0};
  switch (s.kind) {
  case SymbolKind::Function: e.index = link.function_index_of(s.function()).value; break;
  case SymbolKind::Global:
    // Engines without mutable-globals must still be able to load what --export-all gives; LLD 19 has them in
    // mind whatever the features are.
    if (s.entity.is_synthetic() && link.synthetic_globals[s.global().synthetic()].type.is_mutable &&
        !s.force_export && (link.options.like_lld_19() || !has_mutable_globals(link)))
      return;
    e.kind = ExternalKind::Global;
    e.index = link.global_index_of(id).value;
    break;
  case SymbolKind::Tag:
    e.kind = ExternalKind::Tag;
    e.index = link.tag_index_of(id).value;
    break;
  case SymbolKind::Data:
    e.kind = ExternalKind::Global;
    e.index = next_address_global.value;
    ++next_address_global;
    indices.data_address_globals.push_back(id);
    break;
  default:
    e.kind = link.is_memory(id) ? ExternalKind::Memory : ExternalKind::Table;
    e.index = link.table_number_of(id).value;
  }
  for (StringId name : link.export_names_of(id)) {
    e.name = link.text(name);
    indices.exports.push_back(e);
    indices.exported_symbols.push_back(id);
  }
}

void check_mutable_globals(const Indexed& link) {
  if (link.options.relocatable || !link.options.check_features) return;
  if (has_mutable_globals(link)) return;
  for (SymbolId id : link.imports)
    if (link.symbols[id].kind == SymbolKind::Global && global_type_of(link, link.symbols[id]).is_mutable)
      link.diagnostics().report(DiagnosticId::mutable_global_imported, {Argument::symbol(link.name_of(id))});
  SymbolId last;
  for (SymbolId id : link.exported_symbols)
    // LLD 19 refuses constant globals as well. A symbol may have several exports, one after the other.
    if (std::exchange(last, id) != id && link.symbols[id].kind == SymbolKind::Global &&
        (link.options.like_lld_19() || global_type_of(link, link.symbols[id]).is_mutable))
      link.diagnostics().report(DiagnosticId::mutable_global_exported, {Argument::symbol(link.name_of(id))});
}

// Of a function for which an object is to say its only export name by an export; all other names of it are
// those of exported symbols.
Column<FunctionId, StringId> unit_export_names(const Indexed& link) {
  Column<FunctionId, StringId> names(link.functions_total);
  // What is exported as anything else, or under several names.
  auto refuse = [&](SymbolId id) {
    const bool is_function = link.symbols[id].kind == SymbolKind::Function;
    link.diagnostics()
        .report(DiagnosticId::not_in_objects,
                {Argument::symbol(link.name_of(id)),
                 is_function ? "has several export names" : "is exported under another name than its own"},
                link.location_of(link.symbols[id].object))
        .note("give it an alias for each name, and export these");
  };
  Column<FunctionId, uint32_t> count(link.functions_total); // of its export names
  auto each = [&](auto visit) {
    for (SymbolId id : link.symbol_order) {
      const Symbol& s = link.symbols[id];
      if (s.object && s.state == SymbolState::Defined && (s.flags & symbol_flag::exported) &&
          link.is_live(id) && link.objects[s.object].unit)
        visit(id, s, link.unit_exports_of(s));
    }
  };
  each([&](SymbolId id, const Symbol& s, std::span<const ExportRow> rows) {
    if (s.kind != SymbolKind::Function) {
      if (!rows.empty()) refuse(id);
      return;
    }
    count[s.function().id()] += rows.empty() ? 1 : static_cast<uint32_t>(rows.size());
  });
  each([&](SymbolId id, const Symbol& s, std::span<const ExportRow> rows) {
    if (s.kind != SymbolKind::Function || rows.empty()) return;
    if (count[s.function().id()] != 1) return refuse(id);
    names[s.function().id()] = rows[0].name;
  });
  return names;
}

// An object says by an export under which other name a function wants to be exported. wasm-ld forgets it.
void keep_export_names(const Indexed& link, Indices& indices) {
  Column<FunctionId, StringId> of_units;
  if (link.has_units) of_units = unit_export_names(link);
  for (size_t i = 0; i < link.functions.size(); i++) {
    const OutFunction& f = link.functions[i];
    if (!f.object) continue;
    StringId name = link.options.like_lld() ? StringId() : link.row_of(f).export_name;
    if (link.has_units && of_units[f.function.id()]) name = of_units[f.function.id()];
    if (name)
      indices.exports.push_back({std::string(link.store.strings.text(name)), ExternalKind::Function,
                                 link.imported_functions + static_cast<uint32_t>(i)});
  }
}

// What is exported, for a message.
std::string describe_export(const Indexed& link, uint32_t row) {
  const bool has_memory = link.options.export_memory.has_value();
  if (has_memory && row == 0) return "the memory";
  const Symbol* s = &link.symbols[link.exported_symbols[row - has_memory]];
  std::string_view name = link.store.strings.text(s->name);
  // What is wrapped is meant, which is not exported itself.
  if (SymbolId wrapped = link.find(name.substr(0, name.rfind(command_export_suffix)));
      !s->object && name.ends_with(command_export_suffix) && wrapped) {
    s = &link.symbols[wrapped];
    name = link.store.strings.text(s->name);
  }
  const bool is_memory = link.exports[row].kind == ExternalKind::Memory; // a symbol of the kind of tables
  std::string text = std::string(is_memory ? "memory" : symbol_kind_text(s->kind, false)) + " `" +
                     display_name(name, link.options.demangling()) + '`';
  return s->object ? text + " of " + link.file_of(*s) : text;
}

// Engines refuse two exports of one name. Names of one function that share an `export_name` are one export.
void check_names(const Indexed& link, Indices& indices) {
  const Vector<uint32_t> rows = sorted_order(indices.exports.size(), [&](uint32_t a, uint32_t b) {
    return indices.exports[a].name < indices.exports[b].name;
  });
  Vector<uint32_t> again;
  for (size_t i = 1, first = 0; i < rows.size(); i++) {
    const Export &a = indices.exports[rows[first]], &b = indices.exports[rows[i]];
    if (a.name != b.name) first = i;
    else if (a.kind == b.kind && a.index == b.index) again.push_back(rows[i]);
    else
      link.diagnostics().report(DiagnosticId::duplicate_export,
                                {a.name, describe_export(link, rows[first]), describe_export(link, rows[i])});
  }
  sort_stably(again, [](uint32_t a, uint32_t b) { return a < b; });
  for (size_t i = again.size(); i--;) {
    const auto at = static_cast<std::ptrdiff_t>(again[i]);
    indices.exported_symbols.erase(indices.exported_symbols.begin() + at -
                                   link.options.export_memory.has_value());
    indices.exports.erase(indices.exports.begin() + at);
  }
}

void add_exports(const Indexed& link, Indices& indices) {
  if (link.options.export_memory)
    indices.exports.push_back({*link.options.export_memory, ExternalKind::Memory, 0});
  OutGlobalIndex next_address_global = link.next_global;
  for (size_t i = 0; i < link.symbol_order.size(); i++) {
    SymbolId id = link.symbol_order[i];
    if (link.is_exported(id) && link.is_live(id)) add_export(link, indices, id, next_address_global);
  }
  check_names(link, indices);
  check_mutable_globals(link);
  if (link.options.is_live()) add_live_exports(link, indices);
}

// Names that engines read have to be UTF-8. (All other names are for tools.)
void check_encoding(const Indexed& link) {
  auto check = [&](std::string_view name, const char* what, const std::string& whose, Location where = {}) {
    if (is_utf8(name)) return;
    Diagnostic& d = link.diagnostics().report(DiagnosticId::name_not_utf8, {what, name}, std::move(where));
    if (!whose.empty()) d.note("it is $0", {whose});
  };
  if (const auto& memory = link.options.import_memory) {
    check(memory->first, "the module of an import", "the memory");
    check(memory->second, "an import", "the memory");
  }
  for (const auto* imports : {&link.imports, &link.got_imports})
    for (SymbolId id : *imports) {
      const Symbol& s = link.symbols[id];
      if (imports == &link.imports && s.import_module)
        check(link.text(s.import_module), "the module of an import", {}, link.location_of(s.object));
      const bool has_name = imports == &link.imports && s.import_name;
      check(has_name ? link.text(s.import_name) : link.name_of(id), "an import", {},
            link.location_of(s.object));
    }
  for (uint32_t row = 0; row < link.exports.size(); row++)
    if (const std::string& name = link.exports[row].name; !is_utf8(name))
      check(name, "an export", describe_export(link, row));
  for (const OutCustomSection& section : link.custom_sections) {
    Location where;
    for (const OutChunk& chunk : section.chunks)
      if (chunk.object && where.empty()) where = link.location_of(chunk.object);
    check(link.text(section.name), "a custom section", {}, where);
  }
}

void say_counts(const Indexed& link) {
  auto say = [&](const char* what, size_t count) {
    link.diagnostics().report(DiagnosticId::verbose, {what + std::to_string(count)});
  };
  say("Defined Functions: ", link.functions.size());
  say("Defined Globals  : ",
      link.globals.size() + link.internal_got.size() + link.data_address_globals.size());
  say("Defined Tags     : ", link.tags.size());
  say("Defined Tables   : ", link.tables.size());
  say("Function Imports : ", link.imported_functions);
  say("Global Imports   : ", link.imported_globals);
  say("Tag Imports      : ", link.imported_tags);
  say("Table Imports    : ", link.imported_tables);
}

} // namespace

void collect_exports(const Indexed& link, Needs& needs, Indices& indices) {
  collect_types(link, needs);
  if (!link.options.relocatable) {
    add_exports(link, indices);
    check_encoding(link);
  } else keep_export_names(link, indices);
  if (link.options.verbose) say_counts(link);
}

} // namespace weld
