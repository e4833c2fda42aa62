// Asks units for the content of data that depends on what is alive. The units have other tables then.
#include "core/link/live/liveness.h"

namespace weld {

namespace {

// A symbol of a unit, by its row.
bool is_alive(const Marked& link, const LinkObject& o, uint32_t row) {
  if (SymbolId id = link.bound[o.symbol(row)]) return link.is_live(id);
  const SymbolRow& symbol = o.object.symbols()[row];
  if (symbol.is_undefined()) return false;
  switch (symbol.kind) {
  case SymbolKind::Function: return link.function_live[o.function(symbol.element)];
  case SymbolKind::Data: return symbol.element != none32 && link.segment_live[o.segment(symbol.element)];
  case SymbolKind::Global: return link.global_live[o.global(symbol.element)];
  case SymbolKind::Tag: return link.tag_live[o.tag(symbol.element)];
  case SymbolKind::Table: return link.table_live[o.table(symbol.element)];
  case SymbolKind::Section: break;
  }
  return false;
}

} // namespace

void ask_contents(const Marked& link, InputStore& store) {
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    if (!o.unit || !o.unit->has_late_data()) continue;
    // What it refuses is reported, and ends the link.
    store.unit(o.input).ask_late_content([&](uint32_t row) { return is_alive(link, o, row); });
  }
}

} // namespace weld
