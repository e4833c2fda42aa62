// Where in the sources an object's code comes from: by its .debug_line, or as the compiler told a unit. For
// messages: looked up when one is made.
#pragma once

#include "core/base/vector.h"
#include "core/link/resolve/object_lines.h"

namespace weld {

class SourceLines {
public:
  SourceLines() = default;
  // Reads an object file's line tables. Malformed tables are left out without a word.
  SourceLines(const Resolved& link, LinkObjectId object);

  LinkObjectId object() const { return object_; }
  // The place of byte `offset` of a function's body, counted from after its size field; of one before all
  // that have a line, the first of these. In a unit `offset` is the number of an instruction. No line: not known.
  SourcePlace find(uint32_t function, uint64_t offset) const;

private:
  struct Row {
    uint32_t function; // local index
    uint32_t offset;   // in its body, from after the size field
    uint32_t line, column;
    uint32_t table; // in tables_
    uint32_t file;  // of the table
  };
  friend struct LineCollector;

  LinkObjectId object_;
  const Unit* unit_ = nullptr;
  Vector<uint32_t> symbols_; // of a unit: LinkObject::defining_symbols
  Vector<Row> rows_;         // by function and offset
  std::vector<LineFiles> tables_;
};

// The place of a reference in a function. `lines` is of whatever object, and then of this one.
Location place_in_code(const Resolved& link, LinkObjectId object, uint32_t function, const RelocRow& reloc,
                       SourceLines& lines);

// Notes the line where a function that `symbol` (a row of the object's) stands for begins, if that is known.
void note_definition(const Resolved& link, LinkObjectId object, uint32_t symbol, SourceLines& lines,
                     Diagnostic& diagnostic);

} // namespace weld
