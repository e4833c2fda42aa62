// Hands out function, global, tag and table indices: imports first, then the linker's own, then what objects
// define.
#include "core/base/sort.h"
#include "core/link/link.h"
#include "core/wasm/type_text.h"

namespace weld {

namespace {

// Constructors by priority, in link order among equals.
void collect_init_functions(Link& link) {
  if (!link.options.relocatable && !link.is_live(link.symbols[link.known.call_ctors])) return;
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    for (const InitFunctionRow& init : o.object.init_functions()) {
      const Constructor constructor = link.constructor_of(o, init);
      if (!constructor.is_live) continue;
      if (!signature_parts(link.session.signatures.bytes(constructor.signature)).params.empty()) {
        link.diagnostics().report(DiagnosticId::constructor_with_arguments,
                                  {Argument::symbol(o.text(o.object.symbols()[init.symbol].encoded_name))},
                                  link.location_of(id));
      }
      link.init_functions.push_back({init.priority, id, init.symbol, constructor});
    }
  }
  sort_stably(link.init_functions,
              [](const InitFunction& a, const InitFunction& b) { return a.priority < b.priority; });
}

// The functions from `first` on, those first to which most code refers.
void order_by_uses(Link& link, OutFunction* first) {
  Vector<uint32_t> uses(link.function_state.size());
  for (const OutFunction& f : link.functions) {
    if (!f.object) continue;
    const LinkObject& o = link.objects[f.object];
    for (const RelocRow& reloc : o.relocs(o.object.functions()[f.row])) {
      if (traits(reloc.reloc_type()).target != RelocTarget::Function) continue;
      EntityRef function = link.function_of(o, reloc.index);
      if (function.is_none() || function.is_synthetic()) continue;
      uint32_t row = function.row();
      if (!link.folded_into.empty() && link.folded_into[row] != none32) row = link.folded_into[row];
      uses[row]++;
    }
  }
  auto uses_of = [&](const OutFunction& f) { return uses[link.objects[f.object].functions + f.row]; };
  sort_stably(first, link.functions.end(),
              [&](const OutFunction& a, const OutFunction& b) { return uses_of(a) > uses_of(b); });
}

} // namespace

void assign_indices(Link& link) {
  declare_init_functions(link);

  uint32_t next = link.imported_functions;
  for (uint32_t i = 0; i < link.synthetic_functions.size(); i++) {
    SyntheticFunction& function = link.synthetic_functions[i];
    if (!function.live) continue;
    function.index = next++;
    link.functions.push_back({{}, i});
  }
  const auto first_defined = static_cast<std::ptrdiff_t>(link.functions.size());
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    auto count = static_cast<uint32_t>(o.object.functions().size());
    for (uint32_t i = 0; i < count; i++) {
      uint32_t row = o.functions + i;
      if (!(link.function_state[row] & entity_state::live)) continue;
      if (link.folded_into.empty() || link.folded_into[row] == none32) link.functions.push_back({id, i});
    }
  }
  // A small index is a short number in each call. wasm-ld keeps the order of objects.
  if (link.options.compress_relocations && !link.options.like_lld())
    order_by_uses(link, link.functions.begin() + first_defined);
  for (auto f = link.functions.begin() + first_defined; f != link.functions.end(); ++f)
    link.function_index[link.objects[f->object].functions + f->row] = next++;
  for (uint32_t row = 0; row < link.folded_into.size(); row++)
    if (uint32_t into = link.folded_into[row]; into != none32)
      link.function_index[row] = link.function_index[into];

  next = link.imported_globals;
  for (uint32_t i = 0; i < link.synthetic_globals.size(); i++) {
    if (!link.synthetic_globals[i].live) continue;
    link.synthetic_globals[i].index = next++;
    link.globals.push_back({{}, EntityRef::synthetic(i)});
  }
  auto number = [&](auto rows, const Vector<uint8_t>& state, uint32_t base, Vector<uint32_t>& index,
                    uint32_t& counter, auto&& add) {
    for (uint32_t i = 0; i < rows.size(); i++) {
      if (!(state[base + i] & entity_state::live)) continue;
      index[base + i] = counter++;
      add(i);
    }
  };
  uint32_t next_tag = link.imported_tags;
  uint32_t next_table = link.imported_tables;
  // Where an object of the MVP uses the function table without saying so, it must be table 0.
  bool function_table_first = link.table_is_synthetic && link.has_legacy_table;
  if (function_table_first) {
    if (link.imported_tables) {
      for (SymbolId id : link.imports)
        if (link.symbols[id].kind == SymbolKind::Table) {
          link.diagnostics().report(DiagnosticId::legacy_table_conflict,
                                    {std::string(link.name_of(id)), link.file_of(link.symbols[id].object)});
          break;
        }
    }
    link.table_number = next_table++;
    link.tables.push_back({{}, EntityRef::synthetic(0)});
  }
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    number(o.object.globals(), link.global_state, o.globals, link.global_index, next, [&](uint32_t i) {
      link.globals.push_back({id, EntityRef{i}});
    });
    number(o.object.tags(), link.tag_state, o.tags, link.tag_index, next_tag, [&](uint32_t i) {
      link.tags.push_back({id, EntityRef{i}});
    });
    number(o.object.tables(), link.table_state, o.tables, link.table_index, next_table, [&](uint32_t i) {
      link.tables.push_back({id, EntityRef{i}});
    });
  }
  for (SymbolId id : link.internal_got) link.symbols[id].got_index = next++;
  link.next_global = next;
  if (link.table_is_synthetic && !function_table_first) {
    link.table_number = next_table++;
    link.tables.push_back({{}, EntityRef::synthetic(0)});
  }

  collect_init_functions(link);
}

} // namespace weld
