#include "core/link/reference_check.h"

#include <algorithm>

namespace weld {

namespace {

// The rows of an object among those of all.
template <class IdType>
bool has(const Numbered<IdType>& numbered, size_t count, IdType id) {
  return id.row >= numbered.first && id.row - numbered.first < count;
}

bool has(const LinkObject& o, Holder holder) {
  if (holder.function) return has(o.function, o.object.functions().size(), holder.function);
  return holder.segment && has(o.segment, o.object.segments().size(), holder.segment);
}

} // namespace

const char* ReferenceCheck::compare(const LinkObject& object, Holder holder, const CodeRefs& before,
                                    const CodeRefs& now) {
  o_ = &object;
  holder_ = holder;
  before_.clear();
  now_.clear();
  slots_ = {&link_.slot_holder, "a new table slot", "another order of table slots"};
  globals_ = {&link_.got_holder, "a new global for an address", "another order of globals for addresses"};
  types_ = {&link_.type_holder, "a new type", "another order of types"};
  auto note = [](const RelocRow& reloc, Vector<uint64_t>& references) {
    const RelocTarget target = traits(reloc.reloc_type()).target;
    if (target != RelocTarget::Type)
      references.push_back(static_cast<uint64_t>(target) << 32 | uint64_t{reloc.index});
  };
  for (const RelocRow& reloc : before) note(reloc, before_);
  for (const RelocRow& reloc : now) note(reloc, now_);
  sort(before_);
  sort(now_);
  for (uint64_t reference : before_)
    if (!std::binary_search(now_.begin(), now_.end(), reference) && keeps_alive(symbol_of(reference)))
      return "the only reference to something is gone";
  for (uint64_t reference : now_)
    if (!std::binary_search(before_.begin(), before_.end(), reference))
      if (const char* why = why_needed(reference)) return why;
  for (const RelocRow& reloc : before) need(reloc, &Numbered::before);
  for (const RelocRow& reloc : now)
    if (const char* why = need(reloc, &Numbered::now)) return why;
  for (const Numbered* numbered : {&slots_, &globals_, &types_})
    if (!std::equal(numbered->before.begin(), numbered->before.end(), numbered->now.begin(),
                    numbered->now.end()))
      return numbered->why_order;
  return nullptr;
}

void ReferenceCheck::sort(Vector<uint64_t>& references) {
  std::sort(references.begin(), references.end());
  references.erase(std::unique(references.begin(), references.end()), references.end());
}

// What is handed out in the order of its first use.
const char* ReferenceCheck::need(const RelocRow& reloc, Vector<uint32_t> Numbered::*own) {
  switch (traits(reloc.reloc_type()).target) {
  case RelocTarget::Type: {
    const SignatureId signature = o_->object.types()[reloc.index];
    const bool is_known = signature.row < link_.type_of_signature.size();
    return need(types_, is_known ? link_.type_of_signature[signature.row] : none32, own);
  }
  case RelocTarget::TableSlot:
  case RelocTarget::TableSlotRel: {
    const SymbolId id = link_.bound[o_->symbol(reloc.index)];
    if (!id || !link_.is_trap(id)) return need(slots_, slot_of(reloc.index), own);
    if (!o_->unit || !MirRefs::only_declares(reloc)) return nullptr; // the address of a trap is null
    return need(slots_, row_of(link_.table_slot_of(link_.trap_of(id))), own);
  }
  case RelocTarget::Global: {
    const SymbolId id = link_.symbol_of(*o_, reloc.index);
    if (!id) {
      if (o_->object.symbols()[reloc.index].kind == SymbolKind::Global) return nullptr;
      return globals_.why_new;
    }
    if (link_.symbols[id].kind == SymbolKind::Global) return nullptr;
    if (!link_.needs(id).has_internal_got) return globals_.why_new;
    return need(globals_, link_.got_index[id].value - link_.got_index[link_.internal_got[0]].value, own);
  }
  default: return nullptr;
  }
}

const char* ReferenceCheck::need(Numbered& numbered, uint32_t number, Vector<uint32_t> Numbered::*own) const {
  const Vector<Holder>& holders = *numbered.holders;
  if (number == none32) return numbered.why_new;
  if (number >= holders.size()) return numbered.why_order; // others need it, behind these
  if (holders[number] != holder_)
    return comes_before(holders[number], holder_) ? nullptr : numbered.why_order;
  Vector<uint32_t>& numbers = numbered.*own;
  if (std::find(numbers.begin(), numbers.end(), number) == numbers.end()) numbers.push_back(number);
  return nullptr;
}

// The row of its slot.
uint32_t ReferenceCheck::slot_of(uint32_t symbol) const {
  TableSlot slot;
  if (const SymbolId id = link_.symbol_of(*o_, symbol)) {
    slot = link_.table_slot_of(id);
  } else {
    const SymbolRow& row = o_->object.symbols()[symbol];
    if (!row.is_undefined()) slot = link_.function_slot[o_->function(row.element)];
  }
  return row_of(slot);
}

uint32_t ReferenceCheck::row_of(TableSlot slot) const {
  return slot ? slot.value - static_cast<uint32_t>(link_.options.table_base) : none32;
}

// Whether a link walks over the references of `a` before those of `b`.
bool ReferenceCheck::comes_before(Holder a, Holder b) const {
  if (!a.function && !a.segment) return false; // of a global's or table's initial value
  for (LinkObjectId id : link_.object_order) {
    const LinkObject& o = link_.objects[id];
    const bool has_a = has(o, a), has_b = has(o, b);
    if (has_a != has_b) return has_a;
    if (!has_a) continue;
    if (bool(a.function) != bool(b.function)) return bool(a.function);
    return a.function ? a.function.row < b.function.row : a.segment.row < b.segment.row;
  }
  return false;
}

// Whether the symbol is, or may be, alive because of this holder alone.
bool ReferenceCheck::keeps_alive(uint32_t index) const {
  if (!link_.options.gc()) return false;
  if (SymbolId id = link_.bound[o_->symbol(index)])
    return id.row >= link_.symbol_holder.size() || link_.symbol_holder[id] == holder_;
  const SymbolRow& row = o_->object.symbols()[index];
  if (row.kind == SymbolKind::Function) return link_.function_holder[o_->function(row.element)] == holder_;
  if (row.kind == SymbolKind::Data)
    return row.element != none32 && link_.segment_holder[o_->segment(row.element)] == holder_;
  return true;
}

// Why one more reference changes something: what it refers to is not there anyway.
const char* ReferenceCheck::why_needed(uint64_t reference) const {
  constexpr const char* dead = "a reference to what was not linked";
  constexpr const char* undefined = "a reference to what is not defined";
  const RelocTarget target = target_of(reference);
  const SymbolRow& row = o_->object.symbols()[symbol_of(reference)];
  if (SymbolId id = link_.bound[o_->symbol(symbol_of(reference))]) {
    const Symbol& s = link_.symbols[id];
    if (!link_.is_live(id)) return dead;
    if (link_.is_trap(id)) return undefined;
    if (target == RelocTarget::TlsOffset && !s.is_tls()) return undefined;
    if (s.state == SymbolState::Defined) return nullptr;
    // An import that is there anyway; nothing is said of it.
    const bool has_index = link_.needs(id).import_index != none32;
    return s.is_undefined() && link_.is_imported(s) && has_index && !writes_address(target) ? nullptr
                                                                                            : undefined;
  }
  if (row.is_undefined()) return undefined;
  if (target == RelocTarget::TlsOffset && !(row.flags & symbol_flag::tls)) return undefined;
  bool is_live = false;
  switch (row.kind) {
  case SymbolKind::Function: is_live = link_.function_live[o_->function(row.element)]; break;
  case SymbolKind::Data:
    is_live = row.element == none32 || link_.segment_live[o_->segment(row.element)];
    break;
  case SymbolKind::Global: is_live = link_.global_live[o_->global(row.element)]; break;
  case SymbolKind::Tag: is_live = link_.tag_live[o_->tag(row.element)]; break;
  case SymbolKind::Table: is_live = link_.table_live[o_->table(row.element)]; break;
  case SymbolKind::Section: break;
  }
  return is_live ? nullptr : dead;
}

} // namespace weld
