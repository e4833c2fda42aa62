// What a function is made of and what it refers to, whether an object has it as bytes with relocations or a
// unit as instructions with symbolic operands. Phases that walk over functions do it through this, so that
// they need not know.
#pragma once

#include "core/unit/lower_mir.h"
#include "core/unit/unit.h"

namespace weld {

// References, one after the other: an object's relocations, decoded, or those that instructions stand for.
class CodeRefs {
public:
  explicit CodeRefs(RelocRange relocs) : relocs_(relocs) {}
  explicit CodeRefs(const MirRefs& mir) : mir_(mir), is_mir_(true) {}

  struct End {};
  class Iterator {
  public:
    explicit Iterator(const CodeRefs& refs)
        : mir_(refs.is_mir_ ? &refs.mir_ : nullptr), relocs_(refs.relocs_.begin()) {
      if (mir_) has_row_ = mir_->next(cursor_, row_);
    }
    const RelocRow& operator*() const { return mir_ ? row_ : *relocs_; }
    Iterator& operator++() {
      if (mir_) has_row_ = mir_->next(cursor_, row_);
      else ++relocs_;
      return *this;
    }
    bool operator==(End) const { return mir_ ? !has_row_ : relocs_ == RelocRange::Iterator(nullptr, 0); }

  private:
    const MirRefs* mir_;
    RelocRange::Iterator relocs_;
    MirRefs::Cursor cursor_;
    RelocRow row_;
    bool has_row_ = false;
  };
  Iterator begin() const { return Iterator(*this); }
  End end() const { return {}; }

private:
  RelocRange relocs_;
  MirRefs mir_;
  bool is_mir_ = false;
};

// Calls `run` for the bytes between references, the locals' declaration first, and `field` for each
// reference. `o`: a LinkObject. `form` is a unit's: an object's code is as it is.
template <class LinkObject, class Run, class Field>
void walk_function(const LinkObject& o, const FunctionRow& row, MirForm form, Run run, Field field) {
  if (o.unit) {
    StoredMir stored = o.unit->function(row.offset);
    run(stored.locals);
    return lower_mir(stored.code, o.unit->refs(stored.code), form, run, field);
  }
  const uint32_t code = o.object.header().code_offset;
  uint32_t at = row.offset + row.code_offset;
  for (const RelocRow& reloc : o.relocs(row.relocs)) {
    uint32_t begin = code + reloc.offset;
    run(o.bytes.subspan(at, begin - at));
    field(reloc);
    at = begin + field_width(traits(reloc.reloc_type()).field);
  }
  run(o.bytes.subspan(at, row.offset + row.size - at));
}

} // namespace weld
