// What was edited since the tables of a unit were made: either everything has to be linked again, and why, or the
// rows whose contents are other ones now.
#pragma once

#include "core/base/vector.h"
#include "core/input/object.h"
#include "core/unit/rooms.h"

namespace weld {

class UnitChanges {
public:
  // A row whose tables are made anew. What its tables were made of is kept until then: a relink compares references.
  struct Row {
    uint32_t row; // of the unit's symbols
    Room body, fixups;
    uint32_t fixup_count = 0;
    bool has_new_content = false;   // of a function or data; else what is said of it
    bool has_new_lines = false;     // of a function
    bool has_new_variables = false; // names of locals
    // Why its tables are other ones in more than contents; null: they are not. Only where tables have room.
    const char* why = nullptr;
  };

  bool any() const { return full_ || !rows_.empty(); }
  // Why the tables do not stay what they are, but for contents. Null: they do.
  const char* full() const { return full_; }
  const Vector<Row>& rows() const { return rows_; }

  // All tables have to be made anew. The first reason stands.
  void change(const char* why, Rooms& rooms) {
    if (!full_) full_ = why;
    drop(rooms);
  }
  // The row of a symbol, to say what of it is another now. Null when all tables are made anew. `is_new`: what the
  // tables were made of is not known yet.
  Row* edit(uint32_t symbol_row, bool& is_new) {
    if (full_) return nullptr;
    if (symbol_row >= edit_of_.size()) edit_of_.resize(symbol_row + size_t{1}, none32);
    uint32_t& at = edit_of_[symbol_row];
    is_new = at == none32;
    if (is_new) {
      at = static_cast<uint32_t>(rows_.size());
      rows_.push_back({symbol_row, {}, {}});
    }
    return &rows_[at];
  }
  // The tables are up to date.
  void clear(Rooms& rooms) {
    full_ = nullptr;
    drop(rooms);
  }
  // Gives back what only edits have: for a copy that is saved.
  void give_back(Rooms& rooms) const {
    for (const Row& row : rows_) {
      Room body = row.body, fixups = row.fixups;
      if (row.has_new_content) rooms.give_back(body), rooms.give_back(fixups);
    }
  }

private:
  void drop(Rooms& rooms) {
    give_back(rooms);
    for (const Row& row : rows_) edit_of_[row.row] = none32;
    rows_.clear();
  }

  const char* full_ = "a new unit"; // no tables were made yet
  Vector<Row> rows_;
  Vector<uint32_t> edit_of_; // row of a symbol -> row of rows_, or none32
};

} // namespace weld
