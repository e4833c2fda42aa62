// Writing rows of a unit: what each change means for the next link.
#include "core/unit/unit.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace weld {

UnitSymbolRow Unit::undefined_row(UnitSymbol symbol) const {
  UnitSymbolRow row = symbols_[symbol];
  row.meaning = UnitSymbolRow::Declared;
  row.body = row.fixups = row.lines = row.variables = {};
  row.fixup_count = row.size = row.flags = row.features = 0;
  row.data_flags &= ~data_flag::late;
  row.target = {};
  return row;
}

void Unit::define(UnitSymbolRow& row, uint32_t flags) {
  row.removed = false;
  row.meaning = UnitSymbolRow::Defined;
  row.flags = flags;
}

UnitSymbol Unit::add_row(const UnitSymbolRow& row) {
  const UnitSymbol symbol = symbols_.add(row);
  if (symbols_.rows() > table_rows_) changes("more symbols");
  return symbol;
}

void Unit::set_row(UnitSymbol symbol, UnitSymbolRow now) {
  const uint32_t at = row_of(symbol);
  UnitSymbolRow before = symbols_.row(at);
  const bool was_late = before.data_flags & data_flag::late, is_late = now.data_flags & data_flag::late;
  late_count_ += static_cast<uint32_t>(is_late) - static_cast<uint32_t>(was_late);
  if (was_late && !is_late) forget_late_data(symbol);
  // What is equal stays where it is.
  auto keep = [&](Room UnitSymbolRow::*room) {
    if ((now.*room).offset != (before.*room).offset) rooms_.give_back(now.*room);
    now.*room = before.*room;
  };
  const bool has_new_content = !has_same_content(before, now);
  if (!has_new_content) {
    keep(&UnitSymbolRow::body);
    keep(&UnitSymbolRow::fixups);
  }
  for (Room UnitSymbolRow::*room : {&UnitSymbolRow::lines, &UnitSymbolRow::variables})
    if (is_same(before.*room, now.*room)) keep(room);

  // Uses are counted before the old ones are given up, so that what both have stays.
  setting_ = at;
  auto count_uses = [&](const UnitSymbolRow& row, int32_t by) {
    for_each_use(row, [&](uint32_t used, bool is_call) { count(used, by, is_call ? by : 0); });
  };
  if (has_new_content) count_uses(now, 1);
  if ((before.init_priority == none32) != (now.init_priority == none32))
    count(at, now.init_priority == none32 ? -1 : 1, 0);
  UnitSymbolRow& row = symbols_.rows_[at];
  now.uses = row.uses;
  now.calls = row.calls;
  row = now;
  if (has_new_content) count_uses(before, -1);
  if (row.removed && !row.uses && row.meaning != UnitSymbolRow::Free) forget(at);
  setting_ = none32;

  auto is_kept = [&](Room UnitSymbolRow::*room) { return (before.*room).offset == (now.*room).offset; };
  sources_ += static_cast<uint32_t>(bool(now.lines)) - bool(before.lines);
  sources_ += static_cast<uint32_t>(bool(now.variables)) - bool(before.variables);
  note(at, before, now, has_new_content);
  for (Room UnitSymbolRow::*room :
       {&UnitSymbolRow::body, &UnitSymbolRow::fixups, &UnitSymbolRow::lines, &UnitSymbolRow::variables})
    if (!is_kept(room)) rooms_.give_back(before.*room);
}

// More or fewer uses of a symbol.
void Unit::count(uint32_t at, int32_t uses, int32_t calls) {
  UnitSymbolRow& row = symbols_.rows_[at];
  const uint32_t uses_before = row.uses, calls_before = row.calls;
  row.uses += static_cast<uint32_t>(uses);
  row.calls += static_cast<uint32_t>(calls);
  if (at == setting_) return; // set_row sees to it
  if (!uses_before != !row.uses || !calls_before != !row.calls) {
    UnitSymbolRow before = row;
    before.uses = uses_before;
    before.calls = calls_before;
    note(at, before, row, false);
  }
  if (!row.uses && row.removed) forget(at);
}

void Unit::count_features(const UnitSymbolRow& row, uint32_t by) {
  if (row.kind != SymbolKind::Function || !row.defined()) return;
  constexpr uint32_t known = (1u << feature_count) - 1; // a snapshot may have any
  for (uint32_t left = row.features & known; left; left &= left - 1)
    feature_rows_[std::countr_zero(left)] += by;
}

// What of a row the next link has to look at. `before` keeps no content that is noted.
void Unit::note(uint32_t at, UnitSymbolRow& before, const UnitSymbolRow& now, bool has_new_content) {
  if (changes_.full()) return;
  const UnitSymbolRow& row = symbols_.row(at); // `now`, or Free
  const char* why = why_new_tables(before, row, has_new_content);
  if (why && !(has_room_ && may_grow(before, row))) return changes(why);
  if (!why && !row.is_in_tables()) return;
  const bool has_new_lines = before.lines.offset != now.lines.offset,
             has_new_variables = before.variables.offset != now.variables.offset;
  if (!why && !has_new_content && !has_new_lines && !has_new_variables && !before.calls == !now.calls) return;
  count_features(before, ~0u);
  count_features(row, 1);
  bool is_new = false;
  UnitChanges::Row& change = *changes_.edit(at, is_new);
  if (!change.why) change.why = why;
  change.has_new_lines |= has_new_lines;
  change.has_new_variables |= has_new_variables;
  if (!has_new_content || change.has_new_content) return;
  change.has_new_content = true;
  change.body = std::exchange(before.body, {});
  change.fixups = std::exchange(before.fixups, {});
  change.fixup_count = before.fixup_count;
}

void Unit::note_exports(UnitSymbol symbol, const char* why) {
  const uint32_t at = row_of(symbol);
  const UnitSymbolRow& row = symbols_.row(at);
  if (!has_room_ || !may_grow(row, row)) return changes(why);
  bool is_new = false;
  if (UnitChanges::Row* change = changes_.edit(at, is_new); change && !change->why) change->why = why;
}

bool Unit::is_same(Room a, Room b) const {
  if (a.offset == b.offset) return true;
  if (!a || !b) return false;
  const Bytes x = rooms_.bytes(a), y = rooms_.bytes(b);
  return std::equal(x.begin(), x.end(), y.begin(), y.end());
}

// Those of data say where in the unit's bytes they are.
bool Unit::has_same_fixups(const UnitSymbolRow& a, const UnitSymbolRow& b) const {
  if (a.fixup_count != b.fixup_count) return false;
  if (!a.fixup_count || a.fixups.offset == b.fixups.offset) return true;
  const bool counts_from_body = a.kind == SymbolKind::Data;
  auto other = RelocRange(bytes(), {b.fixups.offset, b.fixup_count}).begin();
  for (const RelocRow& reloc : RelocRange(bytes(), {a.fixups.offset, a.fixup_count})) {
    if (reloc.type != other->type || reloc.index != other->index || reloc.addend != other->addend)
      return false;
    if (reloc.offset - (counts_from_body ? a.body.offset : 0) !=
        other->offset - (counts_from_body ? b.body.offset : 0))
      return false;
    ++other;
  }
  return true;
}

// What the symbol stands for, and what that refers to.
bool Unit::has_same_content(const UnitSymbolRow& a, const UnitSymbolRow& b) const {
  return a.meaning == b.meaning && a.kind == b.kind && a.target == b.target && is_same(a.body, b.body) &&
         has_same_fixups(a, b);
}

namespace {

const char* new_definition(SymbolKind kind) {
  switch (kind) {
  case SymbolKind::Function: return "a new function";
  case SymbolKind::Data: return "new data";
  case SymbolKind::Global: return "a new global";
  case SymbolKind::Tag: return "a new tag";
  case SymbolKind::Section: return "a new custom section";
  default: return "a new table";
  }
}

const char* removed_definition(SymbolKind kind) {
  switch (kind) {
  case SymbolKind::Function: return "a function was removed";
  case SymbolKind::Data: return "data was removed";
  case SymbolKind::Global: return "a global was removed";
  case SymbolKind::Tag: return "a tag was removed";
  case SymbolKind::Section: return "a custom section was removed";
  default: return "a table was removed";
  }
}

} // namespace

// Why tables of the unit are other ones in more than contents; null: they are not. Every member of a row is named here,
// and a new one does not compile until it is: what is forgotten would be found only by a wrong output.
const char* Unit::why_new_tables(const UnitSymbolRow& before, const UnitSymbolRow& now,
                                 bool has_new_content) const {
  const auto& [meaning, kind, segment_kind, name, encoded_name, flags, uses, calls, import_module,
               import_field, target, exported, removed, weak_reference, comdat, first_export, signature,
               init_priority, set_at, retyped_at, features, body, fixups, lines, variables, fixup_count, size,
               p2align, data_flags, segment, global, table] = before;
  if (exported != now.exported || first_export != now.first_export)
    return (now.exported || now.first_export != none32) ? "a new export" : "an export fewer";
  if (init_priority != now.init_priority) return "a constructor";
  const bool was_defined = meaning == UnitSymbolRow::Defined || meaning == UnitSymbolRow::Alias;
  const bool is_defined = now.meaning == UnitSymbolRow::Defined || now.meaning == UnitSymbolRow::Alias;
  const bool was_seen = before.is_in_tables(), is_seen = now.is_in_tables();
  if (!was_seen && !is_seen) return nullptr;
  if (is_seen && is_defined && !(was_seen && was_defined)) return new_definition(now.kind);
  if (was_seen && was_defined && !(is_seen && is_defined)) return removed_definition(kind);
  if (!was_seen) return "a reference to a symbol that nothing in the unit referred to";
  if (!is_seen) return "nothing in the unit refers to a symbol any more";
  if (kind != now.kind || segment_kind != now.segment_kind) return "a symbol of another kind";
  if (signature != now.signature) return "another signature";
  const bool is_called_otherwise = !calls != !now.calls;
  if (!is_defined) {
    // A reference: an import, or what another input defines.
    if (import_module != now.import_module || import_field != now.import_field) return "another import";
    if (weak_reference != now.weak_reference) return "a weak reference";
    if (!(global == now.global) || table.element != now.table.element || !(table.limits == now.table.limits))
      return "another type";
    return is_called_otherwise ? "the first or last call of a function of another input" : nullptr;
  }
  if (meaning != now.meaning || target != now.target) return "an alias";
  if (flags != now.flags) return "another binding or visibility";
  if (comdat != now.comdat) return "another group";
  // Another input may define it, with another signature.
  if (is_called_otherwise && (comdat || (flags & symbol_flag::binding_mask) == symbol_flag::binding_weak))
    return "the first or last call of a function that another input may define";
  switch (kind) {
  case SymbolKind::Function:
    for (uint32_t i = 0; i < feature_count; i++) {
      const bool had = features >> i & 1, has = now.features >> i & 1;
      // Messages name the first function that needs garbage collection.
      const bool is_last = feature_rows_[i] == (had ? 1u : 0u) || i == static_cast<uint32_t>(MirFeature::gc);
      if (had != has && is_last) return had ? "a feature fewer" : "a new feature";
    }
    break;
  case SymbolKind::Data:
    if (segment_kind != SegmentKind::Memory) return has_new_content ? "a passive segment" : nullptr;
    if (size != now.size) return "data of another size";
    if (p2align != now.p2align) return "data of another alignment";
    if (data_flags != now.data_flags || segment != now.segment || !body != !now.body)
      return "data in another section";
    break;
  case SymbolKind::Global:
    if (!(global == now.global)) return "another type";
    if (has_new_content || features != now.features) return "the initial value of a global";
    break;
  case SymbolKind::Section:
    if (has_new_content || segment != now.segment) return "a custom section";
    break;
  case SymbolKind::Table:
    if (table.element != now.table.element || !(table.limits == now.table.limits)) return "another type";
    if (has_new_content || features != now.features) return "the initial elements of a table";
    break;
  default: break;
  }
  return nullptr;
}

} // namespace weld
