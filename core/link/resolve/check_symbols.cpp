// wasm validates calls by signature, so a call through a wrong prototype would make the whole module invalid.
// Every name that objects use with different signatures gets a variant for each: one is the definition, the
// others become functions that trap, so the module validates and only the wrong call fails.
#include "core/link/resolve/explain_signatures.h"
#include "core/link/resolve/late_names.h"
#include "core/wasm/type_text.h"

#include <algorithm>
#include <cassert>

namespace weld {

namespace {

// The symbol becomes a local function that traps. Its address stays null: it has no table slot.
// There may be many.
struct TrapNames {
  ShownName shown;
  std::string text;
};

void replace_with_trap(Resolved& link, SymbolId id, std::string_view prefix, TrapNames& names) {
  names.text = prefix;
  names.text += names.shown.of(link.name_of(id), link.options.demangling());
  Symbol& s = link.symbols[id];
  const FunctionEntity entity = add_trap(link, s.name, link.intern(names.text), s.signature);
  s.state = SymbolState::Defined;
  s.kind = SymbolKind::Function;
  s.flags = symbol_flag::binding_local;
  s.object = {};
  s.row = none32;
  s.entity = entity;
  s.import_name = s.import_module = {};
  s.called_directly = false;
  s.is_trap = true;
}

void report_signatures(Resolved& link, Severity severity, SymbolId called, SymbolId other) {
  const Symbol &a = link.symbols[called], &b = link.symbols[other];
  auto text = [&](SignatureId id) { return signature_text(link.store.signatures, id); };
  const bool is_defined = severity != Severity::Error;
  Diagnostic& d = link.diagnostics().report_as(severity, DiagnosticId::function_signature_mismatch,
                                               {Argument::symbol(link.name_of(called)), text(a.signature),
                                                link.file_of(a), text(b.signature), link.file_of(b), "called",
                                                is_defined ? "defined" : "called"});
  if (!link.options.like_lld()) explain_signatures(link, called, other, is_defined, d);
}

// An archive promised a definition, its member was linked and has none: the name is what this reference says.
void make_undefined(Resolved& link, SymbolId id, LinkObjectId object, uint32_t row_index) {
  ObjectView o = link.objects[object].object;
  const SymbolRow& row = o.symbols()[row_index];
  Symbol& s = link.symbols[id];
  s.state = SymbolState::Undefined;
  s.kind = row.kind;
  s.flags = row.flags | symbol_flag::undefined;
  s.object = object;
  s.row = row_index;
  if (row.import() == none32) return; // data, or a definition that lost its comdat group
  const ImportRow& import = o.imports()[row.import()];
  s.signature = import.signature;
  s.called_directly = row.called_directly;
  s.import_module = import.module;
  if (row.flags & symbol_flag::explicit_name) s.import_name = import.field;
}

// The linker makes a global of an address, for code that expects one: it must expect a pointer.
void check_address_global(const Resolved& link, SymbolId id, LinkObjectId object, const SymbolRow& row) {
  const GlobalType type = {link.is_64 ? ValueType::I64 : ValueType::I32, false};
  const ImportRow& import = link.objects[object].object.imports()[row.import()];
  const GlobalType wanted = {import.value_type, import.is_mutable != 0};
  if (wanted.type == type.type) return;
  link.diagnostics().report(DiagnosticId::global_type_mismatch,
                            {Argument::symbol(link.name_of(id)),
                             global_type_text(link.store.signatures, type), link.file_of(link.symbols[id]),
                             global_type_text(link.store.signatures, wanted), link.file_of(object)});
}

// Resolution checks a reference against what is known when it is met. A definition that is extracted later,
// or for another reference, is checked here: every direct call must be bound to its own signature, every use
// to its own kind.
void check_references(Resolved& link) {
  for (LinkObjectId object : link.object_order) {
    const LinkObject& o = link.objects[object];
    auto rows = o.object.symbols();
    for (uint32_t i = 0; i < rows.size(); i++) {
      SymbolId id = link.bound[o.symbol(i)];
      if (!id) continue;
      const SymbolRow& row = rows[i];
      if (link.symbols[id].is_lazy() && !link.symbols[id].is_weak()) make_undefined(link, id, object, i);
      const Symbol& s = link.symbols[id];
      // Code that reads an address from a global (`__memory_base`) links statically too: the global is made
      // here.
      if (s.kind == SymbolKind::Data && row.kind == SymbolKind::Global && s.is_defined() && !s.object) {
        check_address_global(link, id, object, row);
        continue;
      }
      if (s.kind != row.kind) {
        report_symbol_kinds(link, id, link.file_of(object), row.kind);
        continue;
      }
      if (row.kind != SymbolKind::Function || !row.called_directly || !s.signature) continue;
      SignatureId wanted = row.is_undefined() ? o.object.imports()[row.import()].signature
                                              : o.object.functions()[row.element].signature;
      if (wanted == s.signature) continue;
      SymbolId variant;
      if (variant_of(link, id, wanted, variant)) {
        Symbol& v = link.symbols[variant];
        v.kind = SymbolKind::Function;
        v.flags = row.flags | symbol_flag::undefined;
        v.object = object;
        v.row = i;
        v.called_directly = true;
      }
      link.bound[o.symbol(i)] = variant;
    }
  }
}

// --wrap renames references: `f` becomes `__wrap_f`, `__real_f` becomes `f`. What is bound to the new names
// is checked afterwards like any other reference.
void apply_wraps(Resolved& link) {
  if (link.wraps.empty()) return;
  for (const Wrap& w : link.wraps)
    for (SymbolId id : {w.real, w.wrap})
      if (!link.symbols[id].signature) link.symbols[id].signature = link.symbols[w.symbol].signature;
  // What an option wraps may be the `__real_` of another one: the last that is about a name counts.
  for (SymbolId& id : link.bound)
    for (size_t i = link.wraps.size(); i--;) {
      const Wrap& w = link.wraps[i];
      if (id != w.symbol && id != w.real) continue;
      id = id == w.symbol ? w.wrap : w.symbol;
      break;
    }
  for (const Wrap& w : link.wraps) {
    auto position = [&](SymbolId id) -> uint32_t& { return link.position_of_name[link.symbols[id].name.row]; };
    position(w.real) = position(w.symbol);
    position(w.symbol) = position(w.wrap);
  }
}

} // namespace

void check_symbols(Resolved& link) {
  apply_wraps(link);
  check_references(link);
  TrapNames trap_names;
  for (const Variants& group : link.variants) {
    // The first definition, but a strong one before a weak one.
    SymbolId defined;
    for (SymbolId id : group.symbols) {
      if (link.symbols[id].state != SymbolState::Defined) continue;
      if (!defined || (link.symbols[defined].is_weak() && !link.symbols[id].is_weak())) defined = id;
    }
    if (!defined) {
      report_signatures(link, Severity::Error, group.symbols[0], group.symbols[1]);
      return;
    }
    for (SymbolId id : group.symbols) {
      if (id == defined) continue;
      report_signatures(link, Severity::Warning, id, defined);
      replace_with_trap(link, id, "signature_mismatch:", trap_names);
    }
  }
}

// The indirect function table is whatever `__indirect_function_table` means: imported, or the linker's own.
// Objects of an older LLVM for 64 bits have a table of 32 bits.
static bool check_function_table(Resolved& link, const Symbol& s) {
  if (!s.object || link.options.like_lld()) return true;
  const TableType type = table_type_of(link, s);
  const bool is_64 = type.limits.flags & limits_is_64;
  if (type.element == ValueType::FuncRef && (is_64 == link.is_64 || !link.objects[s.object].unit))
    return true;
  Limits limits;
  if (link.is_64) limits.flags = limits_is_64;
  auto text = [&](ValueType element, const Limits& of) {
    return value_type_text(link.store.signatures, element) + limits_text(of);
  };
  link.diagnostics().report(DiagnosticId::table_type_mismatch,
                            {std::string(function_table_name), text(ValueType::FuncRef, limits), "every link",
                             text(type.element, type.limits), link.file_of(s.object), "table"});
  return false;
}

static void settle_function_table(Resolved& link) {
  SymbolId id = link.find(function_table_name);
  if (id) {
    const Symbol& s = link.symbols[id];
    if (s.kind != SymbolKind::Table) {
      link.diagnostics().report(DiagnosticId::reserved_table_kind, {std::string(function_table_name)});
      return;
    }
    if (s.is_defined()) {
      link.diagnostics().report(DiagnosticId::reserved_table_defined, {std::string(function_table_name)});
      return;
    }
    if (!check_function_table(link, s)) return;
  }
  if (link.options.import_table) {
    if (!id) return;
    Symbol& s = link.symbols[id];
    s.import_module = link.intern(default_module);
    s.import_name = link.intern(function_table_name);
    return;
  }
  if (!id && !link.options.export_table) return;
  bool inserted;
  define_function_table(link, link.insert_name(link.intern(function_table_name), inserted));
}

// --exclude-libs hides what archives define: only options that name a symbol export it.
static void hide_archives(Resolved& link) {
  const std::vector<std::string>& names = link.options.exclude_libs;
  auto is_named = [&](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (SymbolId id : link.symbol_order) {
    Symbol& s = link.symbols[id];
    if (s.state != SymbolState::Defined || !s.object || link.objects[s.object].member == none32) continue;
    std::string_view archive = base_name(link.store.inputs[link.objects[s.object].input].path);
    if (is_named("ALL") || is_named(archive)) s.flags |= symbol_flag::visibility_hidden;
  }
}

void settle_symbols(Resolved& link) {
  if (!link.options.exclude_libs.empty()) hide_archives(link);
  for (const auto* names : {&link.options.exports_if_defined, &link.options.exports})
    for (const std::string& name : *names)
      if (SymbolId id = link.find(name); id && link.symbols[id].is_defined())
        link.symbols[id].force_export = true;

  // What is lazy now was only wanted weakly.
  if (link.diagnostics().is_heard(DiagnosticId::weak_not_extracted))
    for (SymbolId id : link.symbol_order)
      if (const Symbol& s = link.symbols[id]; s.is_lazy() && s.is_weak() && s.used_in_object)
        link.diagnostics()
            .report(DiagnosticId::weak_not_extracted, {Argument::symbol(link.name_of(id)), link.file_of(s)},
                    link.location_of(s.object))
            .note("refer to it strongly somewhere, or pass --undefined=$0", {link.name_of(id)});

  // A weak function that nothing defines can still be called: the call traps, and its address is null. In
  // position-independent output a loader may have it, unless it is hidden.
  TrapNames trap_names;
  if (!link.options.relocatable && !(link.options.is_pic() && link.options.like_lld()))
    for (SymbolId id : link.symbol_order) {
      const Symbol& s = link.symbols[id];
      if (!s.is_undefined_weak() || !s.used_in_object || !s.signature || s.kind != SymbolKind::Function)
        continue;
      if (link.options.is_pic() && !s.is_hidden()) continue;
      replace_with_trap(link, id, "undefined_weak:", trap_names);
      link.weak_traps.push_back(id);
      link.symbols[id].flags |= symbol_flag::visibility_hidden;
    }

  if (link.entry) link.symbols[link.entry].flags &= ~symbol_flag::visibility_hidden;

  settle_function_table(link);

  // It stays undefined, without having extracted anything.
  for (SymbolId id : link.symbol_order) {
    Symbol& s = link.symbols[id];
    if (!s.is_lazy() || !s.is_weak()) continue;
    s.state = SymbolState::Undefined;
    s.flags = symbol_flag::binding_weak;
    // wasm-ld forgets the flag, which `dylink.0` shows.
    if (!link.options.like_lld() || !link.options.is_pic()) s.flags |= symbol_flag::undefined;
  }
}

} // namespace weld
