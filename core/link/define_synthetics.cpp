// Symbols that the linker makes itself. `declare_synthetics` makes those that always exist, before any input
// is read; `define_synthetics` makes the optional ones, which exist only if an input or --export mentions
// them. Source: tool-conventions (Linking.md, DynamicLinking.md) and wasm-ld.
#include "core/link/link.h"

namespace weld {

namespace {

using namespace symbol_flag;

SignatureId intern_signature(Link& link, std::initializer_list<ValueType> params) {
  ByteBuffer type;
  type.u8(0x60);
  type.uleb(params.size());
  for (ValueType p : params) type.u8(static_cast<uint8_t>(p));
  type.uleb(0);
  return link.session.signatures.intern(type.from(0));
}

ValueType pointer_type(const Link& link) {
  return link.is_64 ? ValueType::I64 : ValueType::I32;
}

SymbolId add_defined(Link& link, std::string_view name, SymbolKind kind, uint32_t flags, EntityRef entity) {
  bool inserted;
  SymbolId id = link.insert_name(link.intern(name), inserted);
  Symbol& s = link.symbols[id];
  s.state = SymbolState::Defined;
  s.kind = kind;
  s.flags = flags;
  s.entity = entity;
  s.object = {};
  return id;
}

EntityRef add_global(Link& link, std::string_view name, bool is_mutable) {
  SyntheticGlobal global;
  global.name = name;
  global.type = {pointer_type(link), is_mutable};
  global.live = !link.options.gc();
  link.synthetic_globals.push_back(global);
  return EntityRef::synthetic(link.synthetic_globals.size() - 1);
}

SymbolId add_global_symbol(Link& link, std::string_view name, bool is_mutable,
                           uint32_t flags = visibility_hidden) {
  return add_defined(link, name, SymbolKind::Global, flags, add_global(link, name, is_mutable));
}

// An import that the environment always provides to position-independent code.
SymbolId add_imported_global(Link& link, std::string_view name, bool is_mutable) {
  bool inserted;
  SymbolId id = link.insert_name(link.intern(name), inserted);
  Symbol& s = link.symbols[id];
  s.kind = SymbolKind::Global;
  s.flags = undefined;
  s.used_in_object = true;
  s.force_import = true;
  s.value = is_mutable; // nothing else says so: no object has the import
  return id;
}

// Whether an optional symbol is wanted: an input left it undefined, or it is to be exported. Makes the name
// then.
SymbolId wanted(Link& link, std::string_view name) {
  StringId id = link.intern(name);
  SymbolId existing = link.find(id);
  if (existing) return link.symbols[existing].is_defined() ? SymbolId() : existing;
  bool exported =
      link.options.export_all || (id.row < link.exported_name.size() && link.exported_name[id.row]);
  if (!exported) return {};
  bool inserted;
  return link.insert_name(id, inserted);
}

} // namespace

SymbolId add_synthetic_function_symbol(Link& link, std::string_view name, uint32_t flags,
                                       SignatureId signature) {
  SymbolId id = add_defined(link, name, SymbolKind::Function, flags,
                            link.add_synthetic_function(std::string(name), signature));
  link.symbols[id].signature = signature;
  return id;
}

SymbolId add_optional_data_symbol(Link& link, std::string_view name, uint64_t address) {
  SymbolId id = wanted(link, name);
  if (!id) return {};
  Symbol& s = link.symbols[id];
  s.state = SymbolState::Defined;
  s.kind = SymbolKind::Data;
  s.flags = visibility_hidden | absolute;
  s.object = {};
  s.entity = {};
  s.value = address;
  s.referenced = true;
  return id;
}

void declare_synthetics(Link& link) {
  const Options& o = link.options;
  auto note_names = [&](const std::vector<std::string>& names, Vector<bool>& column) {
    for (const std::string& name : names) {
      StringId id = link.intern(name);
      if (id.row >= column.size()) column.resize(id.row + 1);
      column[id.row] = true;
    }
  };
  note_names(o.exports, link.exported_name);
  note_names(o.exports_if_defined, link.exported_name);
  note_names(o.allow_undefined, link.allow_undefined);

  link.is_64 = o.is_wasm64();
  if (!o.is_64 && !o.like_lld()) // as the first object; wasm-ld wants -mwasm64
    for (InputId id : link.session.order()) {
      const Input& input = link.session.inputs[id];
      if (!input.object) continue;
      link.is_64 = link.session.objects[input.object].object.header().is_64;
      break;
    }
  if (o.relocatable) return;

  SignatureId none = intern_signature(link, {});
  link.known.call_ctors = add_synthetic_function_symbol(link, "__wasm_call_ctors", visibility_hidden, none);
  if (o.is_pic()) {
    link.known.stack_pointer = add_imported_global(link, "__stack_pointer", true);
    link.known.memory_base = add_imported_global(link, "__memory_base", false);
    link.known.table_base = add_imported_global(link, "__table_base", false);
    link.mark(link.known.memory_base);
    link.mark(link.known.table_base);
  } else {
    // Later linkers let --export-dynamic export it.
    link.known.stack_pointer =
        add_global_symbol(link, "__stack_pointer", true, o.like_lld_19() ? visibility_hidden : 0);
    link.mark(link.known.stack_pointer);
  }
  if (o.shared_memory) {
    link.known.tls_base = add_global_symbol(link, "__tls_base", true);
    link.known.tls_size = add_global_symbol(link, "__tls_size", false);
    link.known.tls_align = add_global_symbol(link, "__tls_align", false);
    link.known.init_tls = add_synthetic_function_symbol(link, "__wasm_init_tls", visibility_hidden,
                                                        intern_signature(link, {pointer_type(link)}));
  }
  // Later linkers make it only when there is something to apply.
  if (o.like_lld_19() && (o.is_pic() || o.unresolved == UnresolvedPolicy::ImportDynamic)) {
    link.known.apply_data_relocs = add_synthetic_function_symbol(
        link, "__wasm_apply_data_relocs", o.compat == Compat::Lld14 ? visibility_hidden : exported, none);
    link.mark(link.known.apply_data_relocs);
  }
}

bool is_defined_by_linker(std::string_view name) {
  for (std::string_view known :
       {"__dso_handle", "__data_end", "__stack_low", "__stack_high", "__global_base", "__heap_base",
        "__heap_end", "__memory_base", "__table_base", "__wasm_first_page_end", "__tls_base"})
    if (name == known) return true;
  return name.starts_with("__start_") || name.starts_with("__stop_");
}

void define_synthetics(Link& link) {
  const Options& o = link.options;
  if (o.relocatable) return;
  auto& known = link.known;
  known.dso_handle = add_optional_data_symbol(link, "__dso_handle");
  if (!o.shared) known.data_end = add_optional_data_symbol(link, "__data_end");
  if (!o.is_pic()) {
    known.stack_low = add_optional_data_symbol(link, "__stack_low");
    known.stack_high = add_optional_data_symbol(link, "__stack_high");
    known.global_base = add_optional_data_symbol(link, "__global_base");
    known.heap_base = add_optional_data_symbol(link, "__heap_base");
    known.heap_end = add_optional_data_symbol(link, "__heap_end");
    known.defined_memory_base = add_optional_data_symbol(link, "__memory_base");
    known.defined_table_base = add_optional_data_symbol(link, "__table_base");
    if (known.defined_table_base) link.symbols[known.defined_table_base].value = o.table_base;
  }
  // Newer than LLD 19: --export-all exports the list of its time.
  auto in_list = [&](const char* name) { return !(o.like_lld_19() && o.export_all) || link.find(name); };
  if (in_list("__wasm_first_page_end"))
    known.first_page_end = add_optional_data_symbol(link, "__wasm_first_page_end", o.page_size);

  // Objects compiled for threads link into single-threaded programs as well: there `__tls_base` is a
  // constant, the address of the one thread-local block.
  if (!o.shared_memory && link.find("__tls_base"))
    if (SymbolId id = wanted(link, "__tls_base")) {
      EntityRef entity = add_global(link, "__tls_base", false);
      Symbol& s = link.symbols[id];
      s.state = SymbolState::Defined;
      s.kind = SymbolKind::Global;
      s.flags = visibility_hidden;
      s.object = {};
      s.entity = entity;
      if (s.referenced) link.mark(id);
      known.tls_base = id;
    }
}

// The indirect function table is whatever `__indirect_function_table` means: imported, or defined by the
// linker when something live needs it. `required`: a function got a slot although no input mentions the
// table.
void resolve_indirect_table(Link& link, bool required) {
  SymbolId existing = link.find(function_table_name);
  if (existing) {
    const Symbol& s = link.symbols[existing];
    if (s.kind != SymbolKind::Table) {
      link.diagnostics().report(DiagnosticId::reserved_table_kind, {std::string(function_table_name)});
      return;
    }
    if (s.is_defined()) {
      link.diagnostics().report(DiagnosticId::reserved_table_defined, {std::string(function_table_name)});
      return;
    }
  }
  const Options& o = link.options;
  if (o.import_table) {
    if (!existing && !required) return;
    if (!existing) {
      bool inserted;
      existing = link.insert_name(link.intern(function_table_name), inserted);
      Symbol& s = link.symbols[existing];
      s.kind = SymbolKind::Table;
      s.flags = undefined | visibility_hidden;
      s.used_in_object = true;
      s.referenced = true;
    }
    Symbol& s = link.symbols[existing];
    s.import_module = link.intern(default_module);
    s.import_name = link.intern(function_table_name);
    link.known.indirect_table = existing;
    return;
  }
  if (!(existing && link.is_live(link.symbols[existing])) && !o.export_table && !required) return;
  bool inserted;
  SymbolId id = link.insert_name(link.intern(function_table_name), inserted);
  Symbol& s = link.symbols[id];
  s.state = SymbolState::Defined;
  s.kind = SymbolKind::Table;
  s.flags = o.export_table ? 0 : visibility_hidden;
  s.object = {};
  s.entity = EntityRef::synthetic(0);
  s.referenced = true;
  s.force_export = o.export_table;
  link.table_is_synthetic = true;
  link.known.indirect_table = id;
}

} // namespace weld
