// Hands out function, global, tag and table indices: imports first, then the linker's own, then what objects
// define.
#include "core/base/sort.h"
#include "core/link/index/init_functions.h"
#include "core/link/resolve/late_names.h"
#include "core/wasm/type_text.h"

namespace weld {

namespace {

// Constructors by priority, in link order among equals.
void collect_init_functions(const Reduced& link, Indices& indices) {
  if (!link.options.relocatable && !link.is_live(link.known.call_ctors)) return;
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    for (const InitFunctionRow& init : o.object.init_functions()) {
      const Constructor constructor = link.constructor_of(o, init);
      if (!constructor.is_live) continue;
      if (!signature_parts(link.store.signatures.bytes(constructor.signature)).params.empty()) {
        link.diagnostics().report(DiagnosticId::constructor_with_arguments,
                                  {Argument::symbol(o.text(o.object.symbols()[init.symbol].encoded_name))},
                                  link.location_of(id));
      }
      indices.init_functions.push_back({init.priority, id, init.symbol, constructor});
    }
  }
  sort_stably(indices.init_functions,
              [](const InitFunction& a, const InitFunction& b) { return a.priority < b.priority; });
}

// The functions from `first` on, those first to which most code refers.
void order_by_uses(const Reduced& link, Indices& indices, OutFunction* first) {
  Vector<uint32_t> uses(link.functions_total);
  for (const OutFunction& f : indices.functions) {
    if (!f.object) continue;
    const LinkObject& o = link.objects[f.object];
    for (const RelocRow& reloc : o.relocs(o.object.functions()[f.row])) {
      if (traits(reloc.reloc_type()).target != RelocTarget::Function) continue;
      EntityRef function = link.function_of(o, reloc.index);
      if (function.is_none() || function.is_synthetic()) continue;
      uses[link.folded_function(function.row())]++;
    }
  }
  auto uses_of = [&](const OutFunction& f) { return uses[link.objects[f.object].functions + f.row]; };
  sort_stably(first, indices.functions.end(),
              [&](const OutFunction& a, const OutFunction& b) { return uses_of(a) > uses_of(b); });
}

} // namespace

void assign_indices(const Reduced& link, LateNames& names, Indices& indices) {
  if (!link.options.relocatable) declare_init_functions(link, names, indices);

  indices.function_index.resize(link.functions_total, none32);
  indices.global_index.resize(link.globals_total, none32);
  indices.tag_index.resize(link.tags_total, none32);
  indices.table_index.resize(link.tables_total, none32);

  uint32_t next = link.imported_functions;
  indices.synthetic_function_index.resize(link.synthetic_functions.size(), none32);
  for (uint32_t i = 0; i < link.synthetic_functions.size(); i++) {
    if (!link.synthetic_function_is_live(i)) continue;
    indices.synthetic_function_index[i] = next++;
    indices.functions.push_back({{}, i});
  }
  const auto first_defined = static_cast<std::ptrdiff_t>(indices.functions.size());
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    auto count = static_cast<uint32_t>(o.object.functions().size());
    for (uint32_t i = 0; i < count; i++) {
      uint32_t row = o.functions + i;
      if (!link.function_live[row]) continue;
      if (!link.is_folded(row)) indices.functions.push_back({id, i});
    }
  }
  // A small index is a short number in each call. wasm-ld keeps the order of objects.
  if (link.options.compress_relocations && !link.options.like_lld())
    order_by_uses(link, indices, indices.functions.begin() + first_defined);
  for (auto f = indices.functions.begin() + first_defined; f != indices.functions.end(); ++f)
    indices.function_index[link.objects[f->object].functions + f->row] = next++;
  for (uint32_t row = 0; row < link.folded_into.size(); row++)
    if (uint32_t into = link.folded_into[row]; into != none32)
      indices.function_index[row] = indices.function_index[into];

  next = link.imported_globals;
  indices.synthetic_global_index.resize(link.synthetic_globals.size(), none32);
  for (uint32_t i = 0; i < link.synthetic_globals.size(); i++) {
    if (!link.synthetic_global_live[i]) continue;
    indices.synthetic_global_index[i] = next++;
    indices.globals.push_back({{}, EntityRef::synthetic(i)});
  }
  auto number = [&](auto rows, const Vector<bool>& is_live, uint32_t base, Vector<uint32_t>& index,
                    uint32_t& counter, auto&& add) {
    for (uint32_t i = 0; i < rows.size(); i++) {
      if (!is_live[base + i]) continue;
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
    indices.table_number = next_table++;
    indices.tables.push_back({{}, EntityRef::synthetic(0)});
  }
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    number(o.object.globals(), link.global_live, o.globals, indices.global_index, next, [&](uint32_t i) {
      indices.globals.push_back({id, EntityRef{i}});
    });
    number(o.object.tags(), link.tag_live, o.tags, indices.tag_index, next_tag, [&](uint32_t i) {
      indices.tags.push_back({id, EntityRef{i}});
    });
    number(o.object.tables(), link.table_live, o.tables, indices.table_index, next_table, [&](uint32_t i) {
      indices.tables.push_back({id, EntityRef{i}});
    });
  }
  indices.got_index.resize(link.symbols.size(), none32);
  for (uint32_t row = 0; row < link.of_symbol.size(); row++)
    indices.got_index[row] = link.of_symbol[row].got_import;
  for (SymbolId id : link.internal_got) indices.got_index[id.row] = next++;
  indices.next_global = next;
  if (link.table_is_synthetic && !function_table_first) {
    indices.table_number = next_table++;
    indices.tables.push_back({{}, EntityRef::synthetic(0)});
  }

  collect_init_functions(link, indices);
  if (link.options.relocatable) return;
  // An input that calls the constructors itself takes care of them.
  const SymbolId ctors = link.known.call_ctors;
  if (!link.options.is_pic() && !link.symbols[ctors].used_in_object && !link.is_exported(ctors))
    declare_wrappers(link, names, indices);
  for (const CommandWrapper& wrapper : indices.wrappers) {
    const uint32_t row = wrapper.function.row();
    indices.synthetic_function_index.resize(row + 1, none32);
    indices.synthetic_function_index[row] =
        link.imported_functions + static_cast<uint32_t>(indices.functions.size());
    indices.functions.push_back({{}, row});
  }
  indices.got_index.resize(link.symbols.size(), none32);
}

} // namespace weld
