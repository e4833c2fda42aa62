#include "core/link/live/liveness.h"

namespace weld {

bool Liveness::is_live(const Resolution& names, SymbolId id) const {
  const Symbol& s = names.symbols[id];
  const bool is_referenced = id.row >= symbol_live.size() || symbol_live[id];
  if (s.state != SymbolState::Defined) return is_referenced;
  switch (s.kind) {
  case SymbolKind::Function: return is_live(s.function());
  case SymbolKind::Global:
    return s.entity.is_synthetic() ? synthetic_global_live[s.global().synthetic()]
                                   : global_live[s.global().id()];
  case SymbolKind::Tag: return tag_live[s.tag()];
  case SymbolKind::Table: return s.entity.is_synthetic() ? is_referenced : table_live[s.table().id()];
  case SymbolKind::Data:
    if (s.place != none32) return true;
    return s.entity.is_none() ? is_referenced : segment_live[s.segment()];
  case SymbolKind::Section: break;
  }
  return is_referenced;
}

bool is_exported(const Resolved& link, const Liveness& live, SymbolId id) {
  const Symbol& s = link.symbols[id];
  const Options& o = link.options;
  if (!s.is_defined() || s.is_shared() || s.is_local()) return false;
  // A loader may choose a shared library's weak definition, so it must be able to see it.
  if (o.shared && s.is_weak() && !s.is_hidden() && live.is_live(link, id)) return true;
  if (o.export_all || (o.exports_dynamic() && !s.is_hidden())) return true;
  return s.force_export || (s.flags & symbol_flag::exported);
}

bool Marked::is_exported(SymbolId id) const {
  return weld::is_exported(*this, *this, id);
}

Constructor Marked::constructor_of(const LinkObject& o, const InitFunctionRow& init) const {
  return weld::constructor_of(*this, *this, o, init);
}

Constructor constructor_of(const Resolved& link, const Liveness& live, const LinkObject& o,
                           const InitFunctionRow& init) {
  Constructor c;
  c.symbol = link.bound[o.symbol(init.symbol)];
  c.function = link.function_of(o, init.symbol);
  if (c.function.is_none()) {
    const Symbol* s = c.symbol ? &link.symbols[c.symbol] : nullptr;
    c.is_live = s && s->kind == SymbolKind::Function && s->signature && live.is_live(link, c.symbol);
  } else {
    c.is_live = live.is_live(c.function) &&
                (c.function.is_synthetic() || !link.function_is_discarded(c.function.id()));
  }
  if (c.symbol) c.signature = link.symbols[c.symbol].signature;
  else if (!c.function.is_none())
    c.signature = o.object.functions()[o.function.local(c.function.id())].signature;
  return c;
}

} // namespace weld
