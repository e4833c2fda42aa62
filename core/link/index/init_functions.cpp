#include "core/link/index/init_functions.h"

#include "core/link/index/runtime_relocs.h"
#include "core/link/resolve/late_names.h"
#include "core/link/scan/reloc_address.h"
#include "core/wasm/engine_limits.h"

#include <algorithm>

namespace weld {

bool needs_runtime_init(const LaidOut& link, const OutSegment& segment) {
  if (link.options.import_memory && segment.is_bss && !link.emit_bss) return true;
  return link.options.shared_memory || (link.options.cooperative_threading && segment.is_tls);
}

bool applies_data_relocs_by_itself(const Options& o) {
  return o.compat == Compat::Lld14 && o.is_pic() && !o.shared_memory;
}

Vector<SymbolId> called_at_start(const Options& options, const InitSymbols& init) {
  Vector<SymbolId> functions;
  if (init.apply_global_relocs) functions.push_back(init.apply_global_relocs);
  if (init.init_memory) functions.push_back(init.init_memory);
  if (applies_data_relocs_by_itself(options)) functions.push_back(init.apply_data_relocs);
  return functions;
}

bool is_runtime_reloc(const Scanned& link, const RelocRow& reloc, SymbolId symbol, bool has_got) {
  const bool is_null = has_got && link.symbols[symbol].is_shared() && link.options.like_lld_19();
  if (!link.options.is_pic() && (!has_got || is_null)) return false;
  // wasm-ld adds where the module is to null.
  if (symbol && !has_got && !link.options.like_lld() && is_fixed(link, symbol)) return false;
  // Others are written already.
  const RelocTarget target = traits(reloc.reloc_type()).target;
  return target == RelocTarget::Address || target == RelocTarget::TableSlot;
}

namespace {

bool has_data_relocs(const Scanned& link) {
  if (!link.options.is_pic() && link.got_imports.empty()) return false;
  for (const OutSegment& segment : link.segments) {
    if (link.options.has_threads() && segment.is_tls) continue;
    for (const OutChunk& chunk : segment.chunks) {
      if (!chunk.object) continue;
      const LinkObject& o = link.objects[chunk.object];
      for (const RelocRow& reloc : o.relocs(o.object.segments()[o.segment.local(chunk.segment())].relocs)) {
        const SymbolId id = link.symbol_of(o, reloc.index);
        const bool has_got = id && link.needs(id).got_import;
        if (is_runtime_reloc(link, reloc, id, has_got)) return true;
      }
    }
  }
  return false;
}

// The largest body of a function that the linker may make. 0: any.
uint64_t max_body_size(const Options& o) {
  if (o.max_function_body_size) return o.max_function_body_size;
  return o.after_lld_22() ? engine_limit::body_size : 0;
}

bool has_tls_relocs(const Scanned& link) {
  for (const OutSegment& segment : link.segments) {
    if (!segment.is_tls) continue;
    for (const OutChunk& chunk : segment.chunks) {
      if (!chunk.object) continue;
      const LinkObject& object = link.objects[chunk.object];
      if (object.object.segments()[object.segment.local(chunk.segment())].relocs.count) return true;
    }
  }
  return false;
}

} // namespace

void declare_init_functions(const Indexed& link, LateNames& names, Indices& indices) {
  const Options& o = link.options;
  InitSymbols& init = indices.init;
  const SignatureId none = link.symbols[link.known.call_ctors].signature;
  auto declare = [&](std::string_view name, uint32_t flags = symbol_flag::visibility_hidden) {
    return names.add_function(name, flags, none);
  };

  init.apply_data_relocs = link.known.apply_data_relocs;
  if (!o.like_lld_19() && has_data_relocs(link)) // which has made the function before, if at all
    init.apply_data_relocs = declare("__wasm_apply_data_relocs", symbol_flag::exported);
  const uint64_t max_body = max_body_size(o);
  auto declare_helpers = [&](SymbolId function, RelocationCode (*code)(const Indexed&),
                             RelocationHelpers& helpers) {
    if (!function || max_body == 0 || relocation_code_bound(link) <= max_body) return;
    for (const uint32_t relocations : split_relocations(code(link), max_body)) {
      const std::string name = std::string(link.name_of(function)) + "_" + std::to_string(helpers.size());
      helpers.push_back({names.add_helper(name, none), relocations});
    }
  };
  declare_helpers(init.apply_data_relocs, data_relocations, indices.data_relocation_helpers);

  for (const OutSegment& segment : link.segments)
    if (needs_runtime_init(link, segment)) {
      init.init_memory = declare("__wasm_init_memory");
      break;
    }

  bool tls_got = false, plain_got = false;
  for (SymbolId id : link.internal_got) {
    const bool is_tls = link.symbols[id].is_tls() && !link.has_moved_tls();
    (is_tls ? tls_got : plain_got) = true;
  }
  if (o.has_threads()) {
    if (tls_got) init.apply_global_tls_relocs = declare("__wasm_apply_global_tls_relocs");
    if (has_tls_relocs(link)) init.apply_tls_relocs = declare("__wasm_apply_tls_relocs");
    declare_helpers(init.apply_tls_relocs, tls_relocations, indices.tls_relocation_helpers);
  }
  if (o.is_pic() && plain_got && !link.extended_const)
    init.apply_global_relocs = declare("__wasm_apply_global_relocs");
  const Vector<SymbolId> starters = called_at_start(o, init);
  if (starters.size() > 1) init.start = declare("__wasm_start");
  else if (starters.size() == 1) init.start = starters[0];
}

// A command's exports can be called without anything having run: each is wrapped so that constructors run
// before it and destructors after. The wrapper takes the export name.
void declare_wrappers(const Reduced& link, LateNames& names, Indices& indices) {
  if (indices.init_functions.empty() && !link.call_dtors) return;
  for (SymbolId id : link.symbol_order)
    if (link.symbols[id].kind == SymbolKind::Function && link.is_exported(id))
      indices.wrapped_exports.push_back(id);
  indices.is_wrapped.resize(link.symbols.size());
  Vector<AnyEntity> named; // functions with an `export_name`
  for (SymbolId id : indices.wrapped_exports) {
    const Symbol original = link.symbols[id];
    const StringId export_name = link.export_name_of(original);
    indices.is_wrapped[id] = true;
    // Another name of the same function would be exported under that name as well.
    if (export_name && std::find(named.begin(), named.end(), original.entity) != named.end()) continue;
    if (export_name) named.push_back(original.entity);

    std::string name(link.name_of(id));
    const uint32_t flags = (original.flags | symbol_flag::exported) & ~symbol_flag::visibility_hidden;
    const SymbolId wrapper = names.add_function(name.append(command_export_suffix), flags, original.signature);
    const FunctionEntity function = link.symbols[wrapper].function();
    names.function(function).wraps = id;
    indices.wrappers.push_back({function, id});
  }
  indices.is_wrapped.resize(link.symbols.size());
}

} // namespace weld
