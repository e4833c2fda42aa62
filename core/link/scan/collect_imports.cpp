#include "core/link/scan/collect_imports.h"

namespace weld {

bool should_import(const Marked& link, const Needs& needs, SymbolId id) {
  const Symbol& s = link.symbols[id];
  const Options& o = link.options;
  if (s.is_lazy() || s.kind == SymbolKind::Data || s.kind == SymbolKind::Section) return false;
  if (!s.used_in_object || !link.is_live(id)) return false;
  if (s.kind == SymbolKind::Function && !s.signature) return false; // a name of --wrap that nothing refers to
  // A loader may override a weak definition: it is imported as well as exported.
  if (o.shared && s.is_weak() && s.state == SymbolState::Defined && !s.is_hidden()) return true;
  if (s.is_shared()) return true;
  if (!s.is_undefined()) return false;
  if (s.is_weak() && !o.relocatable && !o.is_pic()) return false;
  // Indirect uses go through the GOT.
  if (o.is_pic() && s.kind == SymbolKind::Function && !s.called_directly && !needs.needs(id).is_constructor)
    return false;
  if (o.is_pic() || o.relocatable || o.import_undefined || o.unresolved == UnresolvedPolicy::ImportDynamic)
    return true;
  if (link.is_undefined_allowed(s)) return true;
  return link.is_imported(s);
}

bool ImportCollector::same_type(const Symbol& a, const Symbol& b) const {
  if (a.kind != b.kind) return false;
  if (a.kind == SymbolKind::Function || a.kind == SymbolKind::Tag) return a.signature == b.signature;
  if (a.kind == SymbolKind::Global) return global_type_of(link_, a) == global_type_of(link_, b);
  TableType s = table_type_of(link_, a), t = table_type_of(link_, b);
  return s.element == t.element && s.limits == t.limits;
}

void ImportCollector::add(SymbolId id) {
  const Symbol& s = link_.symbols[id];
  StringId env = link_.intern(default_module);
  StringId module = s.import_module ? s.import_module : env;
  StringId name = s.import_name ? s.import_name : s.name;
  // Two names may stand for one import. Imports of one name are few: a chain through the column finds them.
  if (name.row >= import_of_name_.size()) import_of_name_.resize(link_.store.strings.size(), none32);
  uint32_t& index = needs_.needs_of(id).import_index;
  for (uint32_t i = import_of_name_[name.row]; i != none32; i = next_import_[i]) {
    const SymbolId other_id = needs_.imports[i];
    const Symbol& other = link_.symbols[other_id];
    if ((other.import_module ? other.import_module : env) == module && same_type(other, s)) {
      index = needs_.needs(other_id).import_index;
      return;
    }
  }
  next_import_.push_back(import_of_name_[name.row]);
  import_of_name_[name.row] = static_cast<uint32_t>(needs_.imports.size());
  needs_.imports.push_back(id);
  switch (s.kind) {
  case SymbolKind::Function: index = needs_.imported_functions++; break;
  case SymbolKind::Global: index = needs_.imported_globals++; break;
  case SymbolKind::Tag: index = needs_.imported_tags++; break;
  default:
    // The memory of the linker is the first one, imported or not.
    index = link_.is_memory(id) ? 1 + needs_.imported_memories++ : needs_.imported_tables++;
  }
}

void ImportCollector::run() {
  // Objects of the MVP can only use table 0, so the function table is the first.
  SymbolId table = needs_.indirect_table;
  if (table && should_import(link_, needs_, table)) add(table);
  for (SymbolId id : link_.symbol_order)
    if (id != table && should_import(link_, needs_, id)) add(id);
}

} // namespace weld
