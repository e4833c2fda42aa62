#include "core/link/patch/exports.h"

namespace weld {

std::vector<LiveExported> live_exports(const Link& link, const LiveNames& names) {
  std::vector<LiveExported> exports;
  const size_t memory = link.options.export_memory.has_value();
  for (size_t i = 0; i < link.exports.size(); i++) {
    const Export& e = link.exports[i];
    if (e.name.starts_with(live_prefix)) continue;
    LiveExported row;
    row.name = e.name;
    row.kind = e.kind;
    if (i >= memory) {
      row.symbol = link.exported_symbols[i - memory];
      const Symbol* s = &link.symbols[row.symbol];
      row.is_data = s->kind == SymbolKind::Data;
      if (s->kind == SymbolKind::Function) {
        if (s->state == SymbolState::Defined && s->entity.is_synthetic()) {
          const SyntheticFunction& function = link.synthetic_functions[s->function().synthetic()];
          row.is_wrapped = bool(function.wraps);
          if (function.wraps) s = &link.symbols[function.wraps];
        }
        if (s->state == SymbolState::Defined && !s->entity.is_synthetic()) {
          row.function = s->function().id();
          row.what = names.function(row.function);
        }
      }
    }
    exports.push_back(std::move(row));
  }
  return exports;
}

LiveConstructor constructor_of(const Link& link, const LiveNames& names, const InitFunction& init) {
  LiveConstructor row;
  row.priority = init.priority;
  const FunctionEntity function = init.constructor.function;
  if (!function.is_none() && !function.is_synthetic()) row.function = names.function(function.id());
  else if (init.constructor.symbol)
    row.function = names.entity(SymbolKind::Function, link.name_of(init.constructor.symbol));
  return row;
}

} // namespace weld
