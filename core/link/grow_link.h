// Making a link from the one before where the unit has grown: functions and data come and go, references too. What comes is
// put behind what is there. What goes leaves its place to what comes later.
//
// The output is not that of a full link. What it does is the same, but that what nothing refers to any more may stay.
#pragma once

#include "core/link/relink.h"
#include "core/link/splice_output.h"

#include <algorithm>

namespace weld {

class LinkGrowth {
public:
  explicit LinkGrowth(LinkState& state);

  // Each says why there is no room for the change; null: there is. When there is none, the state is of no use any more.

  // A symbol of a unit is another one; its tables are up to date. `refs`: what it referred to, if it was removed.
  const char* change(LinkObjectId unit, const UnitGrowth& growth, const CodeRefs& refs);
  // When all symbols have changed: no two may have defined the same name since the last full link.
  const char* settle_names();
  // A holder refers to other things: what was not alive becomes so.
  const char* refer(LinkObjectId object, Holder holder, const CodeRefs& before, const CodeRefs& now);
  // The same of what became alive. To be called before `write`.
  const char* follow();
  // For debug builds: ends the program when something in the output refers to what is not in it.
  void check() const;
  // Encodes the sections that changed, except CODE and DATA.
  const char* encode(OutputSplices& splices);

  // What is to be written: rows of Indices::functions, and segments with how many bytes they had.
  Vector<uint32_t> functions;
  struct Data {
    LinkObjectId object;
    SegmentId segment;
    uint32_t old_size = 0;
  };
  Vector<Data> data;
  // Rows of Indices::functions from here on are new.
  uint32_t first_new_function() const { return first_new_function_; }
  // Whether what the object's symbols mean came, went, or got a place in the table. Where it did not, and functions begin where
  // they did, its debug information is what it was.
  bool concerns(LinkObjectId object) const;

private:
  static constexpr const char *dead = "a reference to what was not linked",
                              *not_defined = "a reference to what is not defined",
                              *only_reference = "the only reference to something is gone",
                              *other_name = "a new name that others may know";

  const char* define(LinkObjectId unit, const UnitGrowth& growth);
  const char* remove(LinkObjectId unit, const UnitGrowth& growth, const CodeRefs& refs);
  void leave_trap(LinkObjectId unit, const UnitGrowth& growth);
  const char* forget(LinkObjectId unit, const UnitGrowth& growth);
  bool is_extracted(LinkObjectId object) const;
  const char* declare(LinkObjectId unit, const UnitGrowth& growth);
  const char* change_exports(LinkObjectId unit, const UnitGrowth& growth);
  const char* resize_data(LinkObjectId unit, const UnitGrowth& growth);
  const char* remove_name(LinkObjectId unit, const UnitGrowth& growth);
  bool is_new_name(StringId name) const;
  bool has_alias(const LinkObject& unit, const UnitGrowth& growth) const;

  const char* refer(LinkObjectId object, Holder holder, const RelocRow& reloc);
  const char* need_symbol(SymbolId id, RelocTarget target, Holder holder);
  const char* need_slot(SymbolId id);
  const char* need_slot(FunctionEntity function, SymbolId imported = {});
  const char* need_type(SignatureId type);
  const char* wake(LinkObjectId object, FunctionId function, Holder holder);
  const char* wake(LinkObjectId object, SegmentId segment, Holder holder);
  bool may_stay() const;
  bool may_lose_reference(LinkObjectId object, Holder holder, uint32_t symbol) const;
  bool keeps_alive(const LinkObject& o, Holder holder, uint32_t symbol) const;
  Holder unit_target(const LinkObject& o, uint32_t symbol) const;
  CodeRefs refs_of(LinkObjectId object, Holder holder) const;
  bool exports_something() const;
  bool is_import(SymbolId id) const;
  void check(LinkObjectId object, const CodeRefs& refs) const;

  void change_section(SectionKind kind) { changed_ |= 1u << static_cast<uint32_t>(kind); }
  const OutSection* section_of(SectionKind kind) const;
  uint32_t row_of(FunctionId function) const {
    return link_.function_index[function].value - link_.imported_functions;
  }

  bool uses_what_came_or_went(LinkObjectId object) const;
  void encode_functions(const OutSection& section, OutputSplices& splices);
  void encode_names(OutputSplices& splices);
  bool came_or_went_in(LinkObjectId object) const {
    return std::find(came_or_went_.begin(), came_or_went_.end(), object) != came_or_went_.end();
  }
  void note_in(LinkObjectId object) {
    if (!came_or_went_in(object)) came_or_went_.push_back(object);
  }

  LinkState& state_;
  Link& link_;
  uint32_t changed_ = 0; // by SectionKind
  struct Part {
    LinkObjectId object;
    Holder holder;
  };
  Vector<LinkState::GrownName> new_names_;
  Vector<ObjectSymbolId> nameless_;                 // symbols that were removed
  Vector<Part> woken_;                              // whose references are to be looked at
  Vector<uint32_t> named_;                          // rows of Indices::functions that have new names
  Vector<LinkObjectId> came_or_went_;               // objects in which something came or went
  mutable Column<LinkObjectId, uint8_t> concerned_; // what `concerns` found: 0: nothing yet, 1: no, 2: yes
  bool has_new_slots_ = false;
  const uint32_t first_new_function_;
  const bool may_stay_, had_exports_;
};

} // namespace weld
