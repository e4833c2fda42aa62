// What functions and data refer to decides what is alive, and the order of table slots, of the linker's own globals and of
// types. Here it is told whether other references decide the same.
#pragma once

#include "core/link/scan/reloc_address.h"
#include "core/link/write/output.h"

namespace weld {

class ReferenceCheck {
public:
  explicit ReferenceCheck(const Link& link) : link_(link) {}

  // Of a holder that is alive, and refers to other things now. Why a link of everything could give something else; null: it
  // cannot.
  const char* compare(const LinkObject& object, Holder holder, const CodeRefs& before, const CodeRefs& now);

private:
  // What is numbered in the order of its first use.
  struct Numbered {
    const Vector<Holder>* holders; // by number: who used it first
    const char* why_new;
    const char* why_order;
    Vector<uint32_t> before = {}, now = {}; // numbers that this holder used first, in its order
  };

  static uint32_t symbol_of(uint64_t reference) { return static_cast<uint32_t>(reference); }
  static RelocTarget target_of(uint64_t reference) { return static_cast<RelocTarget>(reference >> 32); }
  static void sort(Vector<uint64_t>& references);

  const char* need(const RelocRow& reloc, Vector<uint32_t> Numbered::*own);
  const char* need(Numbered& numbered, uint32_t number, Vector<uint32_t> Numbered::*own) const;
  uint32_t slot_of(uint32_t symbol) const;
  uint32_t row_of(TableSlot slot) const; // among the table's functions; none32: there is none
  bool comes_before(Holder a, Holder b) const;
  bool keeps_alive(uint32_t symbol) const;
  const char* why_needed(uint64_t reference) const;

  const Link& link_;
  const LinkObject* o_ = nullptr;
  Holder holder_;
  Numbered slots_{}, globals_{}, types_{};
  Vector<uint64_t> before_, now_; // sorted: a symbol, and what of it is wanted
};

} // namespace weld
