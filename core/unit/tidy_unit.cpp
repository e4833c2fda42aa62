// What becomes of symbols that are gone, and of the memory that they had.
#include "core/unit/unit.h"

#include <utility>

namespace weld {

bool Unit::may_add() {
  tidy();
  return symbols_.numbers().may_add();
}

void Unit::forget(uint32_t at) {
  UnitSymbolRow row = symbols_.row(at);
  if (row.name) {
    symbol_of_name_[row.name.row] = dropped;
    dropped_names_++;
  }
  rooms_.give_back(row.encoded_name);
  if (symbols_.at(at) == function_table_) function_table_ = {};
  symbols_.remove(at); // to the tables it is nothing already
}

// Rows and rooms stay what they are until most of them are not used, so that each edit costs what it changes.
void Unit::tidy() {
  const bool rows = symbols_.is_sparse();
  if (!rows && !rooms_.is_sparse()) return;
  changes("the unit's memory was closed up");
  const Vector<uint32_t> moved = rows ? symbols_.close_up() : Vector<uint32_t>();
  const Rooms old = std::exchange(rooms_, {});
  for (uint32_t i = 0; i < symbols_.rows(); i++) {
    UnitSymbolRow& row = symbols_.rows_[i];
    const UnitSymbolRow before = row;
    for (Room* room : {&row.encoded_name, &row.body, &row.lines, &row.variables})
      if (*room) *room = rooms_.store(old.bytes(*room));
    if (row.fixups) row.fixups = move_fixups(before, row.body, old, moved);
  }
}

// Fixups are relocations with the rows of symbols and the places in the unit's bytes; those of all but data have places of
// their own.
Room Unit::move_fixups(const UnitSymbolRow& row, Room body, const Rooms& old, const Vector<uint32_t>& moved) {
  const uint32_t delta = row.kind == SymbolKind::Data ? body.offset - row.body.offset : 0;
  ByteBuffer encoded;
  for (const RelocRow& reloc : RelocRange(old.all(), {row.fixups.offset, row.fixup_count})) {
    encoded.u8(static_cast<uint8_t>(reloc.reloc_type()));
    encoded.uleb(reloc.offset + delta);
    const bool is_type = reloc.reloc_type() == RelocType::TYPE_INDEX_LEB;
    encoded.uleb(moved.empty() || is_type ? reloc.index : moved[reloc.index]);
    if (traits(reloc.reloc_type()).has_addend) encoded.sleb(reloc.addend);
  }
  return rooms_.store(encoded.from(0));
}

Vector<uint32_t> UnitSymbols::close_up() {
  Vector<uint32_t> moved(rows_.size(), none32);
  Vector<UnitSymbolRow> rows;
  rows.reserve(rows_.size() - free_);
  for (uint32_t i = 0; i < rows_.size(); i++) {
    if (rows_[i].meaning == UnitSymbolRow::Free) continue;
    moved[i] = static_cast<uint32_t>(rows.size());
    rows.push_back(rows_[i]);
  }
  rows_ = std::move(rows);
  numbers_.close_up(moved, static_cast<uint32_t>(rows_.size()));
  free_ = 0;
  return moved;
}

} // namespace weld
