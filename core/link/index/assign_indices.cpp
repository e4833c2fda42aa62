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
      if (!signature_parts(link.store.signatures, constructor.signature).params.empty()) {
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

// The next index of its space, which is given away.
template <class IndexType>
IndexType take(IndexType& next) {
  const IndexType index = next;
  ++next;
  return index;
}

// The functions from `first` on, those first to which most code refers.
void order_by_uses(const Reduced& link, Indices& indices, OutFunction* first) {
  Column<FunctionId, uint32_t> uses(link.functions_total);
  for (const OutFunction& f : indices.functions) {
    if (!f.object) continue;
    const LinkObject& o = link.objects[f.object];
    for (const RelocRow& reloc : o.relocs(o.object.functions()[o.function.local(f.function.id())])) {
      if (traits(reloc.reloc_type()).target != RelocTarget::Function) continue;
      FunctionEntity function = link.function_of(o, reloc.index);
      if (function.is_none() || function.is_synthetic()) continue;
      uses[link.folded_function(function.id())]++;
    }
  }
  auto uses_of = [&](const OutFunction& f) { return uses[f.function.id()]; };
  sort_stably(first, indices.functions.end(),
              [&](const OutFunction& a, const OutFunction& b) { return uses_of(a) > uses_of(b); });
}

// Those of globals, tags and tables.
void assign_other_indices(const Reduced& link, Indices& indices) {
  indices.global_index.resize(link.globals_total);
  indices.tag_index.resize(link.tags_total);
  indices.table_index.resize(link.tables_total);

  OutGlobalIndex next_global(link.imported_globals);
  indices.synthetic_global_index.resize(link.synthetic_globals.size());
  for (SyntheticGlobalId id(0); id.row < link.synthetic_globals.size(); id.row++) {
    if (!link.synthetic_global_live[id]) continue;
    indices.synthetic_global_index[id] = take(next_global);
    indices.globals.push_back({{}, id});
  }
  // Those of one object's entities that are alive.
  auto number = [](LinkObjectId object, size_t count, auto numbered, const auto& is_live, auto& index,
                   auto& next, auto& entities) {
    for (uint32_t i = 0; i < count; i++) {
      const auto id = numbered(i);
      if (!is_live[id]) continue;
      index[id] = take(next);
      entities.push_back({object, id});
    }
  };
  OutTagIndex next_tag(link.imported_tags);
  OutTableIndex next_table(link.imported_tables), next_memory(1 + link.imported_memories);
  // Where an object of the MVP uses the function table without saying so, it must be table 0.
  bool function_table_first = link.table_is_synthetic && link.has_legacy_table;
  if (function_table_first) {
    if (link.imported_tables) {
      for (SymbolId id : link.imports)
        if (link.symbols[id].kind == SymbolKind::Table && !link.is_memory(id)) {
          link.diagnostics().report(DiagnosticId::legacy_table_conflict,
                                    {std::string(link.name_of(id)), link.file_of(link.symbols[id].object)});
          break;
        }
    }
    indices.table_number = take(next_table);
    indices.tables.push_back({{}, SyntheticTableId(0)});
  }
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    number(id, o.object.globals().size(), o.global, link.global_live, indices.global_index, next_global,
           indices.globals);
    number(id, o.object.tags().size(), o.tag, link.tag_live, indices.tag_index, next_tag, indices.tags);
    const auto tables = o.object.tables();
    for (uint32_t i = 0; i < tables.size(); i++) {
      const TableId table = o.table(i);
      if (!link.table_live[table]) continue;
      const bool is_memory = tables[i].is_memory();
      indices.table_index[table] = take(is_memory ? next_memory : next_table);
      (is_memory ? indices.memories : indices.tables).push_back({id, table});
    }
  }
  indices.got_index.resize(link.symbols.size());
  for (SymbolId id(0); id.row < link.of_symbol.size(); id.row++)
    indices.got_index[id] = link.of_symbol[id].got_import;
  for (SymbolId id : link.internal_got) indices.got_index[id] = take(next_global);
  indices.next_global = next_global;
  if (link.table_is_synthetic && !function_table_first) {
    indices.table_number = take(next_table);
    indices.tables.push_back({{}, SyntheticTableId(0)});
  }
}

bool has_initial_value_in_objects(ValueType type) {
  switch (type) {
  case ValueType::I32:
  case ValueType::I64:
  case ValueType::F32:
  case ValueType::F64:
  case ValueType::ExternRef: return true;
  default: return false;
  }
}

// What units have and object files do not, and where memories cannot be numbered.
void check_units(const Indexed& link) {
  const bool writes_object = link.options.relocatable || link.options.emit_relocs;
  auto refuse = [&](LinkObjectId id, std::string_view name, std::string_view what) {
    link.diagnostics().report(DiagnosticId::not_in_objects, {Argument::symbol(name), what},
                              link.location_of(id));
  };
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    if (!o.unit || !writes_object) continue;
    if (const uint32_t user = o.object.header().first_gc_symbol; user != none32)
      refuse(id, o.text(o.object.symbols()[user].encoded_name),
             "uses garbage-collected types or typed references");
    // Linkers know initial values of these types only; they take every null for one of `externref`.
    for (const GlobalRow& global : o.object.globals())
      if (link.options.relocatable && !has_initial_value_in_objects(global.type))
        refuse(id, o.text(global.name), "has an initial value of a type that linkers do not read");
    const auto tables = o.object.tables();
    for (uint32_t i = 0; i < tables.size(); i++)
      if (tables[i].is_memory() && link.table_live[o.table(i)])
        refuse(id, o.text(tables[i].name), "is a memory besides the linker's");
  }
  for (SymbolId id : link.imports) {
    if (!link.is_memory(id)) continue;
    const LinkObjectId object = link.symbols[id].object;
    if (writes_object) refuse(object, link.name_of(id), "is a memory besides the linker's");
    else if (!link.options.import_memory)
      link.diagnostics().report(DiagnosticId::memory_import_order, {Argument::symbol(link.name_of(id))},
                                link.location_of(object));
  }
}

} // namespace

void assign_indices(const Indexed& link, LateNames& names, Indices& indices) {
  indices.function_index.resize(link.functions_total);
  if (link.has_units) check_units(link);
  assign_other_indices(link, indices);
  if (!link.options.relocatable) declare_init_functions(link, names, indices);

  OutFunctionIndex next_function(link.imported_functions);
  indices.synthetic_function_index.resize(link.synthetic_functions.size());
  for (SyntheticFunctionId id(0); id.row < link.synthetic_functions.size(); id.row++) {
    if (!link.is_live(id)) continue;
    indices.synthetic_function_index[id] = take(next_function);
    indices.functions.push_back({{}, id});
  }
  const auto first_defined = static_cast<std::ptrdiff_t>(indices.functions.size());
  link.for_each_function([&](LinkObjectId object, const LinkObject&, FunctionId id, const FunctionRow&) {
    if (!link.is_folded(id)) indices.functions.push_back({object, id});
  });
  // A small index is a short number in each call. wasm-ld keeps the order of objects.
  if (link.options.compress_relocations && !link.options.like_lld())
    order_by_uses(link, indices, indices.functions.begin() + first_defined);
  for (auto f = indices.functions.begin() + first_defined; f != indices.functions.end(); ++f)
    indices.function_index[f->function.id()] = take(next_function);
  for (FunctionId id(0); id.row < link.folded_into.size(); id.row++)
    if (FunctionId into = link.folded_into[id]) indices.function_index[id] = indices.function_index[into];

  collect_init_functions(link, indices);
  if (link.options.relocatable) return;
  // An input that calls the constructors itself takes care of them.
  const SymbolId ctors = link.known.call_ctors;
  if (!link.options.is_pic() && !link.symbols[ctors].used_in_object && !link.is_exported(ctors))
    declare_wrappers(link, names, indices);
  for (const CommandWrapper& wrapper : indices.wrappers) {
    const SyntheticFunctionId id = wrapper.function.synthetic();
    indices.synthetic_function_index.resize(id.row + 1);
    indices.synthetic_function_index[id] = take(next_function);
    indices.functions.push_back({{}, id});
  }
  indices.got_index.resize(link.symbols.size());
  if (link.options.is_live()) make_live_stubs(link, names, indices, next_function);
}

} // namespace weld
