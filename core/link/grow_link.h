// Making a link from the one before where the unit has grown: functions and data come and go, references too. What comes is
// put behind what is there. What goes leaves its place to what comes later.
//
// The output is not that of a full link. What it does is the same, but that what nothing refers to any more may stay.
#pragma once

#include "core/link/relink.h"

#include <algorithm>

namespace weld {

class LinkGrowth {
public:
  explicit LinkGrowth(LinkState& state);

  // Each says why there is no room for the change; null: there is. When there is none, the state is of no use any more.

  // A symbol of a unit is another one; its tables are up to date. `refs`: what it referred to, if it was removed.
  const char* change(LinkObjectId unit, const UnitGrowth& growth, const CodeRefs& refs);
  // A holder refers to other things: what was not alive becomes so.
  const char* refer(LinkObjectId object, Holder holder, const CodeRefs& before, const CodeRefs& now);
  // The same of what became alive. To be called before `write`.
  const char* follow();
  // For debug builds: ends the program when something in the output refers to what is not in it.
  void check() const;
  // Sections that are other ones now, but for code and data.
  template <class Resize>
  const char* write(Resize resize) {
    for (const SectionKind kind : {SectionKind::Type, SectionKind::Function, SectionKind::Table,
                                   SectionKind::Export, SectionKind::Elem}) {
      if (!(changed_ >> static_cast<uint32_t>(kind) & 1)) continue;
      OutputPlan plan;
      encode_section(link_, kind, plan);
      OutSection* section = section_of(kind);
      if (!section || plan.sections.empty()) return "a section that the output does not have";
      const Bytes now = plan.encoded.from(0);
      if (!resize(*section, 0, static_cast<size_t>(section->payload_size), now.size())) return too_large;
      std::copy(now.begin(), now.end(), state_.output.data() + section->offset);
    }
    return write_names(resize);
  }

  // What is to be written: rows of Indices::functions, and segments with how many bytes they had.
  Vector<uint32_t> functions;
  struct Data {
    LinkObjectId object;
    SegmentId segment;
    uint32_t old_size = 0;
  };
  Vector<Data> data;
  // Whether something came or went.
  bool has_changes() const { return has_changes_; }

private:
  static constexpr const char *too_large = "a size that has more digits",
                              *dead = "a reference to what was not linked",
                              *not_defined = "a reference to what is not defined",
                              *only_reference = "the only reference to something is gone";

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
  OutSection* section_of(SectionKind kind);
  uint32_t row_of(FunctionId function) const {
    return link_.function_index[function].value - link_.imported_functions;
  }

  // The name of each function that is in the output by now, as the section of names has it.
  template <class Resize>
  const char* write_names(Resize resize) {
    if (named_.empty()) return nullptr;
    OutSection* section = name_section();
    if (!section) return nullptr;
    ByteBuffer now;
    if (!encode_names(*section, now)) return nullptr;
    if (!resize(*section, names_at_, names_size_, now.size())) return too_large;
    std::copy(now.data(), now.data() + now.size(), state_.output.data() + section->offset + names_at_);
    return nullptr;
  }
  OutSection* name_section();
  bool encode_names(const OutSection& section, ByteBuffer& out);

  LinkState& state_;
  Link& link_;
  uint32_t changed_ = 0; // by SectionKind
  struct Part {
    LinkObjectId object;
    Holder holder;
  };
  Vector<Part> woken_;                   // whose references are to be looked at
  Vector<uint32_t> named_;               // rows of Indices::functions that have new names
  size_t names_at_ = 0, names_size_ = 0; // of the functions' names in the section of names
  const bool may_stay_, had_exports_;
  bool has_changes_ = false;
};

} // namespace weld
