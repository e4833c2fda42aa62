// Under which names a unit's symbols are exported.
#include "core/base/sort.h"
#include "core/unit/unit.h"

namespace weld {

// Its own name is a flag of the symbol, other names are a list.
bool Unit::export_as(UnitSymbol symbol, std::string_view name) {
  if (!is_there(symbol)) return false;
  if (!symbols_[symbol].name) return refuse(symbol, "it has no name to export");
  if (symbols_[symbol].kind == SymbolKind::Section) return refuse(symbol, "a section cannot be exported");
  if (!is_segment(symbol, SegmentKind::Memory)) return false;
  UnitSymbolRow row = symbols_[symbol];
  row.removed = false;
  if (name.empty() || name == strings_.text(row.name)) {
    row.exported = true;
    set_row(symbol, row);
    return true;
  }
  const StringId id = strings_.intern(name);
  for (uint32_t at = row.first_export; at != none32; at = exports_[at].next)
    if (exports_[at].name == id) {
      set_row(symbol, row);
      return true;
    }
  uint32_t at = free_export_;
  if (at == none32) {
    at = static_cast<uint32_t>(exports_.size());
    exports_.push_back({});
  } else {
    free_export_ = exports_[at].next;
  }
  exports_[at] = {id, row.first_export};
  row.first_export = at;
  note_exports(symbol, "a new export");
  set_row(symbol, row);
  return true;
}

bool Unit::unexport(UnitSymbol symbol) {
  if (!is_there(symbol)) return false;
  remove_exports(symbol);
  return true;
}

bool Unit::unexport(UnitSymbol symbol, std::string_view name) {
  if (!is_there(symbol)) return false;
  UnitSymbolRow row = symbols_[symbol];
  if (row.exported && row.name && name == strings_.text(row.name)) {
    row.exported = false;
    set_row(symbol, row);
    return true;
  }
  const StringId id = strings_.find(name);
  for (uint32_t* at = &row.first_export; id && *at != none32; at = &exports_[*at].next)
    if (exports_[*at].name == id) {
      note_exports(symbol, "an export fewer");
      free_export(*at);
      set_row(symbol, row);
      return true;
    }
  return refuse(symbol, "it is not exported as `" + std::string(name) + '`');
}

// Takes a row out of the list that `at` is a link of.
void Unit::free_export(uint32_t& at) {
  const uint32_t row = at;
  at = exports_[row].next;
  exports_[row] = {{}, free_export_};
  free_export_ = row;
}

void Unit::remove_exports(UnitSymbol symbol) {
  UnitSymbolRow row = symbols_[symbol];
  row.exported = false;
  if (row.first_export != none32) note_exports(symbol, "an export fewer");
  while (row.first_export != none32) free_export(row.first_export);
  set_row(symbol, row);
}

// In the order of their letters, so that it does not matter in which order they were asked for.
Vector<StringId> Unit::export_names(UnitSymbol symbol) const {
  const UnitSymbolRow& row = symbols_[symbol];
  Vector<StringId> names;
  if (row.exported) names.push_back(row.name);
  for (uint32_t at = row.first_export; at != none32; at = exports_[at].next)
    names.push_back(exports_[at].name);
  sort_stably(names, [&](StringId a, StringId b) { return strings_.text(a) < strings_.text(b); });
  return names;
}

} // namespace weld
