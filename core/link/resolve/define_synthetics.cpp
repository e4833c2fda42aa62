// Symbols that the linker makes itself. `declare_synthetics` makes those that always exist, before any input
// is read; `define_synthetics` makes the optional ones, which exist only if an input or --export mentions
// them. Source: tool-conventions (Linking.md, DynamicLinking.md) and wasm-ld.
#include "core/link/resolve/late_names.h"

namespace weld {

namespace {

using namespace symbol_flag;

SignatureId intern_signature(Resolved& link, std::initializer_list<ValueType> params,
                             std::initializer_list<ValueType> results = {}) {
  return intern_function(link.store.signatures, std::span(params.begin(), params.size()),
                         std::span(results.begin(), results.size()));
}

ValueType pointer_type(const Resolved& link) {
  return link.is_64 ? ValueType::I64 : ValueType::I32;
}

GlobalEntity add_global(Resolved& link, std::string_view name, bool is_mutable) {
  SyntheticGlobal global;
  global.name = name;
  global.type = {pointer_type(link), is_mutable};
  return link.synthetic_globals.add(global);
}

SymbolId add_global_symbol(Resolved& link, std::string_view name, bool is_mutable,
                           uint32_t flags = visibility_hidden) {
  const GlobalEntity entity = add_global(link, name, is_mutable);
  return add_defined(link, name, SymbolKind::Global, flags, entity);
}

// What the environment provides, unless an object does.
Symbol& add_imported(Resolved& link, std::string_view name, SymbolKind kind, SymbolId& id) {
  bool inserted;
  id = link.insert_name(link.intern(name), inserted);
  Symbol& s = link.symbols[id];
  s.kind = kind;
  s.flags = undefined;
  s.used_in_object = true;
  s.force_import = true;
  return s;
}

// An import that the environment always provides to position-independent code.
SymbolId add_imported_global(Resolved& link, std::string_view name, bool is_mutable) {
  SymbolId id;
  add_imported(link, name, SymbolKind::Global, id).is_mutable = is_mutable;
  return id;
}

SymbolId add_imported_function(Resolved& link, std::string_view name, SignatureId signature) {
  SymbolId id;
  Symbol& s = add_imported(link, name, SymbolKind::Function, id);
  s.signature = signature;
  s.called_directly = true;
  return id;
}

// Threads that take turns share all globals, so the host keeps what is the running thread's own: it is asked by calls.
// Globals have what the first thread begins with.
void declare_cooperative_threads(Resolved& link) {
  const ValueType pointer = pointer_type(link);
  link.known.set_tls_base =
      add_imported_function(link, "__wasm_set_tls_base", intern_signature(link, {pointer}));
  link.known.get_tls_base =
      add_imported_function(link, "__wasm_get_tls_base", intern_signature(link, {}, {pointer}));
}

const char* stack_pointer_name(const Options& o) {
  return o.cooperative_threading ? "__init_stack_pointer" : "__stack_pointer";
}

} // namespace

// Where data, stack and heap lie.
constexpr std::string_view layout_names[] = {"__data_end",   "__rodata_start", "__rodata_end", "__stack_low",
                                             "__stack_high", "__global_base",  "__heap_base",  "__heap_end"};

void declare_synthetics(Resolved& link) {
  const Options& o = link.options;
  auto note_names = [&](const auto& names, Vector<bool>& column) {
    for (const auto& name : names) {
      StringId id = link.intern(name);
      if (id.row >= column.size()) column.resize(id.row + 1);
      column[id.row] = true;
    }
  };
  note_names(o.exports, link.exported_name);
  note_names(o.exports_if_defined, link.exported_name);
  note_names(o.allow_undefined, link.allow_undefined);
  if (o.imports_layout_names()) note_names(layout_names, link.allow_undefined);

  link.is_64 = o.is_wasm64();
  if (!o.is_64 && !o.like_lld()) // as the first object; wasm-ld wants -mwasm64
    for (InputId id : link.store.order()) {
      const Input& input = link.store.inputs[id];
      if (!input.object) continue;
      link.is_64 = link.store.objects[input.object].object.header().is_64;
      break;
    }
  if (o.relocatable) return;

  SignatureId none = intern_signature(link, {});
  link.known.call_ctors = add_synthetic_function_symbol(link, "__wasm_call_ctors", visibility_hidden, none);
  if (o.is_pic()) {
    link.known.stack_pointer = add_imported_global(link, stack_pointer_name(o), !o.cooperative_threading);
    link.known.memory_base = add_imported_global(link, "__memory_base", false);
    link.known.table_base = add_imported_global(link, "__table_base", false);
    link.symbols[link.known.memory_base].is_needed = true;
    link.symbols[link.known.table_base].is_needed = true;
  } else {
    // Later linkers let --export-dynamic export it.
    link.known.stack_pointer = add_global_symbol(link, stack_pointer_name(o), !o.cooperative_threading,
                                                 o.like_lld_19() ? visibility_hidden : 0);
    link.symbols[link.known.stack_pointer].is_needed =
        !o.like_lld_23() || o.is_live(); // which leaves it out when nothing uses it
  }
  if (o.has_threads()) {
    link.known.tls_base =
        add_global_symbol(link, o.cooperative_threading ? "__init_tls_base" : "__tls_base", true);
    link.known.tls_size = add_global_symbol(link, "__tls_size", false);
    link.known.tls_align = add_global_symbol(link, "__tls_align", false);
    for (SymbolId id : {link.known.tls_base, link.known.tls_size, link.known.tls_align})
      link.symbols[id].is_needed |= o.cooperative_threading;
    link.known.init_tls = add_synthetic_function_symbol(link, "__wasm_init_tls", visibility_hidden,
                                                        intern_signature(link, {pointer_type(link)}));
  }
  if (o.cooperative_threading) declare_cooperative_threads(link);
  // Later linkers make it only when there is something to apply.
  if (o.like_lld_19() && (o.is_pic() || o.unresolved == UnresolvedPolicy::ImportDynamic)) {
    link.known.apply_data_relocs = add_synthetic_function_symbol(
        link, "__wasm_apply_data_relocs", o.compat == Compat::Lld14 ? visibility_hidden : exported, none);
    link.symbols[link.known.apply_data_relocs].is_needed = true;
  }
}

bool is_defined_by_linker(std::string_view name) {
  for (std::string_view known : {"__dso_handle", "__data_end", "__stack_low", "__stack_high", "__global_base",
                                 "__heap_base", "__heap_end", "__memory_base", "__table_base",
                                 "__wasm_first_page_end", "__tls_base", "__rodata_start", "__rodata_end"})
    if (name == known) return true;
  return name.starts_with("__start_") || name.starts_with("__stop_");
}

bool is_layout_name(std::string_view name) {
  for (std::string_view known : layout_names)
    if (name == known) return true;
  return false;
}

void define_synthetics(Resolved& link) {
  const Options& o = link.options;
  if (o.relocatable) return;
  auto& known = link.known;
  known.dso_handle = add_optional_data_symbol(link, "__dso_handle");
  if (!o.shared && !o.imports_layout_names()) known.data_end = add_optional_data_symbol(link, "__data_end");
  if (!o.is_pic()) {
    known.stack_low = add_optional_data_symbol(link, "__stack_low");
    known.stack_high = add_optional_data_symbol(link, "__stack_high");
    known.global_base = add_optional_data_symbol(link, "__global_base");
    known.heap_base = add_optional_data_symbol(link, "__heap_base");
    known.heap_end = add_optional_data_symbol(link, "__heap_end");
    // Code for position-independent output names them as globals. Before LLD 23 they were data all the same.
    auto add_base = [&](const char* name, uint64_t value, SymbolId& global) {
      const SymbolId id = link.find(name);
      if (o.like_lld_23() && (!id || link.symbols[id].kind == SymbolKind::Global)) {
        if (wanted(link, name)) global = add_global_symbol(link, name, false);
        return SymbolId();
      }
      return add_optional_data_symbol(link, name, value);
    };
    known.defined_memory_base = add_base("__memory_base", 0, known.memory_base_global);
    known.defined_table_base = add_base("__table_base", o.table_base, known.table_base_global);
  }
  // Newer than LLD 22, and for weld itself only where they are named, so that --export-all exports what it did.
  auto add_newer = [&](const char* name) {
    if (!o.after_lld_22() || o.is_pic()) return SymbolId();
    if (!o.like_lld_23() && o.export_all && !link.find(name)) return SymbolId();
    return add_optional_data_symbol(link, name);
  };
  known.rodata_start = add_newer("__rodata_start");
  known.rodata_end = add_newer("__rodata_end");
  // Newer than LLD 19: --export-all exports the list of its time.
  auto in_list = [&](const char* name) { return !(o.like_lld_19() && o.export_all) || link.find(name); };
  if (in_list("__wasm_first_page_end"))
    known.first_page_end = add_optional_data_symbol(link, "__wasm_first_page_end", o.page_size);

  // Objects compiled for threads link into single-threaded programs as well: there `__tls_base` is a
  // constant, the address of the one thread-local block.
  if (!o.has_threads() && link.find("__tls_base"))
    if (wanted(link, "__tls_base")) known.tls_base = add_global_symbol(link, "__tls_base", false);
}

} // namespace weld
