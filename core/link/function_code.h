// What a function is made of and what it refers to, whether an object has it as bytes with relocations or a
// unit as instructions with symbolic operands. Phases that walk over functions do it through this, so that
// they need not know.
#pragma once

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

} // namespace weld
