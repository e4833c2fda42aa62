// What the functions and data refer to that came, or are others now: they become alive, and get places and table slots.
#include "core/link/grow_link.h"
#include "core/link/resolve/late_names.h"
#include "core/wasm/engine_limits.h"
#include "core/wasm/types.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace weld {

// Whether it makes no difference if something stays that nothing refers to any more. It may run at the start, or be found by
// who walks over a collection.
bool LinkGrowth::may_stay() const {
  for (const InitFunction& init : link_.init_functions)
    if (!link_.objects[init.object].is_root || is_extracted(init.object)) return false;
  return std::none_of(link_.segments.begin(), link_.segments.end(),
                      [&](const OutSegment& segment) { return is_c_identifier(link_.text(segment.name)); });
}

const char* LinkGrowth::refer(LinkObjectId object, Holder holder, const CodeRefs& before, const CodeRefs& now) {
  // A symbol, and what of it is wanted.
  auto sorted = [](const CodeRefs& refs) {
    Vector<uint64_t> references;
    for (const RelocRow& reloc : refs)
      if (reloc.reloc_type() != RelocType::TYPE_INDEX_LEB)
        references.push_back(static_cast<uint64_t>(traits(reloc.reloc_type()).target) << 32 |
                             uint64_t{reloc.index});
    std::sort(references.begin(), references.end());
    references.erase(std::unique(references.begin(), references.end()), references.end());
    return references;
  };
  const Vector<uint64_t> old = sorted(before), fresh = sorted(now);
  for (const RelocRow& reloc : now) {
    const uint64_t key =
        static_cast<uint64_t>(traits(reloc.reloc_type()).target) << 32 | uint64_t{reloc.index};
    if (reloc.reloc_type() != RelocType::TYPE_INDEX_LEB && std::binary_search(old.begin(), old.end(), key))
      continue;
    if (const char* why = refer(object, holder, reloc)) return why;
  }
  for (uint64_t reference : old)
    if (!std::binary_search(fresh.begin(), fresh.end(), reference) &&
        !may_lose_reference(object, holder, static_cast<uint32_t>(reference)))
      return only_reference;
  return nullptr;
}

// What was alive because of the reference alone stays. That makes no difference when all of it is of units, which have no
// constructors here: what else is alive has holders besides, and always keeps those that it has.
bool LinkGrowth::may_lose_reference(LinkObjectId object, Holder holder, uint32_t symbol) const {
  if (may_stay_) return true;
  constexpr size_t most = 1000; // more are not looked at
  Vector<Part> lost;
  auto lose = [&](LinkObjectId from, Holder by, uint32_t index) {
    const LinkObject& o = link_.objects[from];
    if (!keeps_alive(o, by, index)) return true;
    const Holder target = unit_target(o, index);
    if (!target.function && !target.segment) return false;
    const SymbolId id = link_.bound[o.symbol(index)];
    lost.push_back({id ? link_.symbols[id].object : from, target});
    return lost.size() < most;
  };
  if (!lose(object, holder, symbol)) return false;
  for (size_t i = 0; i < lost.size(); i++) {
    const Part part = lost[i];
    for (const RelocRow& reloc : refs_of(part.object, part.holder))
      if (reloc.reloc_type() != RelocType::TYPE_INDEX_LEB && !lose(part.object, part.holder, reloc.index))
        return false;
  }
  return true;
}

// The function or data of a unit that the symbol means; none: it means something else.
Holder LinkGrowth::unit_target(const LinkObject& o, uint32_t symbol) const {
  Holder target;
  if (const SymbolId id = link_.bound[o.symbol(symbol)]) {
    const Symbol& s = link_.symbols[id];
    if (s.state != SymbolState::Defined || !s.object || !link_.objects[s.object].unit || s.entity.is_none())
      return target;
    if (s.kind == SymbolKind::Function && !s.entity.is_synthetic()) target.function = s.function().id();
    if (s.kind == SymbolKind::Data) target.segment = s.segment();
    return target;
  }
  const SymbolRow& row = o.object.symbols()[symbol];
  if (!o.unit || row.is_undefined() || row.element == none32) return target;
  if (row.kind == SymbolKind::Function) target.function = o.function(row.element);
  if (row.kind == SymbolKind::Data) target.segment = o.segment(row.element);
  return target;
}

CodeRefs LinkGrowth::refs_of(LinkObjectId object, Holder holder) const {
  const LinkObject& o = link_.objects[object];
  return holder.function ? o.relocs(o.object.functions()[o.function.local(holder.function)])
                         : CodeRefs(o.relocs(o.object.segments()[o.segment.local(holder.segment)].relocs));
}

// Whether the symbol is, or may be, alive because of this holder alone. `forget` and `remove` see to those that are gone.
bool LinkGrowth::keeps_alive(const LinkObject& o, Holder holder, uint32_t index) const {
  if (const SymbolId id = link_.bound[o.symbol(index)])
    return id.row >= link_.symbol_holder.size() || link_.symbol_holder[id] == holder;
  const SymbolRow& row = o.object.symbols()[index];
  if (o.unit && row.flags == row_of_nothing && row.element == none32) return false;
  if (row.is_undefined()) return true;
  if (row.kind == SymbolKind::Function) return link_.function_holder[o.function(row.element)] == holder;
  if (row.kind == SymbolKind::Data)
    return row.element != none32 && link_.segment_holder[o.segment(row.element)] == holder;
  return true;
}

const char* LinkGrowth::follow() {
  while (!woken_.empty()) {
    const Part woken = woken_.back();
    woken_.pop_back();
    for (const RelocRow& reloc : refs_of(woken.object, woken.holder))
      if (const char* why = refer(woken.object, woken.holder, reloc)) return why;
  }
  return exports_something() == had_exports_ ? nullptr : "the last export is gone";
}

const char* LinkGrowth::refer(LinkObjectId object, Holder holder, const RelocRow& reloc) {
  const LinkObject& o = link_.objects[object];
  const RelocTarget target = traits(reloc.reloc_type()).target;
  if (target == RelocTarget::Type) return need_type(o.object.types()[reloc.index]);
  if (const SymbolId id = link_.symbol_of(o, reloc.index)) return need_symbol(id, target, holder);
  const SymbolRow& row = o.object.symbols()[reloc.index];
  if (row.is_undefined()) return not_defined;
  if ((row.flags & symbol_flag::tls) || target == RelocTarget::TlsOffset) return "thread-local data";
  if (target == RelocTarget::Global && row.kind != SymbolKind::Global) return "a new global for an address";
  switch (row.kind) {
  case SymbolKind::Function: {
    const FunctionId function = o.function(row.element);
    if (!link_.function_live[function]) {
      if (!o.unit) return dead;
      if (const char* why = wake(object, function, holder)) return why;
    }
    const bool has_slot = target == RelocTarget::TableSlot || target == RelocTarget::TableSlotRel;
    return has_slot ? need_slot(FunctionEntity(function)) : nullptr;
  }
  case SymbolKind::Data:
    if (row.element == none32 || link_.segment_live[o.segment(row.element)]) return nullptr;
    return o.unit ? wake(object, o.segment(row.element), holder) : dead;
  case SymbolKind::Global: return link_.global_live[o.global(row.element)] ? nullptr : dead;
  case SymbolKind::Tag: return link_.tag_live[o.tag(row.element)] ? nullptr : dead;
  case SymbolKind::Table: return link_.table_live[o.table(row.element)] ? nullptr : dead;
  case SymbolKind::Section: break;
  }
  return dead;
}

const char* LinkGrowth::need_symbol(SymbolId id, RelocTarget target, Holder holder) {
  const Symbol& s = link_.symbols[id];
  const bool has_slot = target == RelocTarget::TableSlot || target == RelocTarget::TableSlotRel;
  if (s.is_tls() || target == RelocTarget::TlsOffset) return "thread-local data";
  if (!link_.is_live(id)) {
    const bool is_of_unit =
        s.state == SymbolState::Defined && s.object && link_.objects[s.object].unit && !s.entity.is_none();
    if (!is_of_unit) return dead;
    const char* why = dead;
    if (s.kind == SymbolKind::Function) why = wake(s.object, s.function().id(), holder);
    if (s.kind == SymbolKind::Data) why = wake(s.object, s.segment(), holder);
    if (why) return why;
    if (id.row < link_.symbol_holder.size()) link_.symbol_holder[id] = holder;
    state_.has_values = false; // they have places now
  }
  if (id.row < link_.symbol_live.size()) link_.symbol_live[id] = true;
  if (link_.is_trap(id)) return not_defined;
  if (target == RelocTarget::Global && s.kind != SymbolKind::Global)
    return link_.needs(id).has_internal_got ? nullptr : "a new global for an address";
  if (s.state == SymbolState::Defined) {
    if (!has_slot) return nullptr;
    if (link_.needs(id).import_index != none32) return not_defined;
    return need_slot(s.function());
  }
  if (!is_import(id)) return not_defined;
  if (has_slot) return need_slot(id);
  return writes_address(target) ? not_defined : nullptr;
}

// An import that is in the output, of which nothing is said.
bool LinkGrowth::is_import(SymbolId id) const {
  const Symbol& s = link_.symbols[id];
  if (!s.is_undefined() || link_.needs(id).import_index == none32) return false;
  return link_.is_imported(s) || (!s.is_weak() && link_.is_undefined_allowed(s));
}

// Of an imported function.
const char* LinkGrowth::need_slot(SymbolId id) {
  return link_.needs(id).table_slot ? nullptr : need_slot(FunctionEntity(), id);
}

const char* LinkGrowth::need_slot(FunctionEntity function, SymbolId imported) {
  if (!imported && link_.table_slot_of(function)) return nullptr;
  constexpr const char* no_room = "a new table slot";
  if (!link_.table_is_synthetic || link_.table_functions.empty()) return no_room;
  size_t at = link_.table_functions.size();
  if (!state_.free_slots.empty()) {
    at = state_.free_slots.back();
    state_.free_slots.pop_back();
    link_.table_functions[at] = function;
    link_.table_function_symbols[at] = imported;
  } else {
    if (at >= engine_limit::table_entries || at + link_.options.table_base >= engine_limit::table_size)
      return no_room;
    link_.table_functions.push_back(function);
    link_.table_function_symbols.push_back(imported);
    link_.table_limits.minimum++;
    if (link_.table_limits.flags & limits_has_max) link_.table_limits.maximum++;
    change_section(SectionKind::Table);
  }
  const TableSlot slot(static_cast<uint32_t>(link_.options.table_base + at));
  if (imported) link_.needs_of(imported).table_slot = slot;
  else if (function.is_synthetic()) link_.slot_of(function.synthetic()) = slot;
  else link_.function_slot[function.id()] = slot;
  state_.has_values = false; // they have the slots of functions
  has_new_slots_ = true;
  change_section(SectionKind::Elem);
  return nullptr;
}

const char* LinkGrowth::need_type(SignatureId type) {
  const size_t before = link_.types.size();
  link_.add_type(link_.store.signatures, type);
  if (link_.types.size() == before) return nullptr;
  change_section(SectionKind::Type);
  const SignatureParts parts = signature_parts(link_.store.signatures, type);
  const bool is_taken = link_.types.size() <= engine_limit::types &&
                        parts.params.size() <= engine_limit::params &&
                        parts.results.size() <= engine_limit::results;
  return is_taken ? nullptr : "a type that engines do not take";
}

// Behind the others, or in the place of one that was removed.
const char* LinkGrowth::wake(LinkObjectId object, FunctionId function, Holder holder) {
  if (link_.function_is_discarded(function)) return dead;
  note_in(object);
  link_.function_live[function] = true;
  link_.function_holder[function] = holder;
  const OutSection* code = section_of(SectionKind::Code);
  if (!code) return "the first function";
  uint32_t row = 0;
  if (!state_.free_functions.empty()) {
    row = state_.free_functions.back();
    state_.free_functions.pop_back();
    const SyntheticFunctionId trap = link_.functions[row].function.synthetic();
    state_.free_traps.push_back(trap);
    link_.function_offset[function] = link_.synthetic_offset[trap];
    link_.functions[row] = {object, function};
  } else {
    row = static_cast<uint32_t>(link_.functions.size());
    if (uleb_size(row + 1) != uleb_size(row)) return "a number of functions that has more digits";
    if (row + 1 >= engine_limit::functions) return "more functions than engines take";
    link_.function_offset[function] = static_cast<uint32_t>(code->payload_size);
    link_.functions.push_back({object, function});
  }
  link_.function_index[function] = OutFunctionIndex(link_.imported_functions + row);
  functions.push_back(row);
  named_.push_back(row);
  const LinkObject& o = link_.objects[object];
  change_section(SectionKind::Function);
  woken_.push_back({object, {function, {}}});
  return need_type(o.object.functions()[o.function.local(function)].signature);
}

// Between other data that is new, where there is room.
const char* LinkGrowth::wake(LinkObjectId object, SegmentId segment, Holder holder) {
  constexpr const char* no_room = "no room for more data";
  const LinkObject& o = link_.objects[object];
  const SegmentRow& row = o.object.segments()[o.segment.local(segment)];
  if (row.flags || row.comdat != none32 || link_.segment_is_discarded(segment)) return dead;
  if (!link_.room) return no_room;
  if (is_c_identifier(link_.text(row.name))) return dead;
  OutSegment& room = link_.segments[link_.room];
  if (row.p2align > room.p2align) return "data of a large alignment";
  size_t at = 0;
  uint64_t offset = 0;
  for (; at < room.chunks.size(); at++) { // they are in the order of their places
    if (offset + row.data.size <= room.chunks[at].offset) break;
    offset = align_to(room.chunks[at].offset + room.chunks[at].size, uint64_t{1} << row.p2align);
  }
  if (offset + row.data.size > room.size) return no_room;
  OutChunk chunk(object, segment);
  chunk.p2align = row.p2align;
  chunk.offset = offset;
  chunk.size = row.data.size;
  room.chunks.insert(room.chunks.begin() + at, chunk);
  note_in(object);
  link_.segment_live[segment] = true;
  link_.segment_holder[segment] = holder;
  link_.segment_out[segment] = link_.room;
  link_.segment_offset[segment] = offset;
  link_.segment_pieces[segment] = {};
  data.push_back({object, segment, row.data.size});
  woken_.push_back({object, {{}, segment}});
  return nullptr;
}

void LinkGrowth::check() const {
  for (LinkObjectId id(0); id.row < link_.objects.size(); id.row++) {
    const LinkObject& o = link_.objects[id];
    for (uint32_t i = 0; i < o.object.functions().size(); i++)
      if (link_.function_live[o.function(i)]) check(id, refs_of(id, {o.function(i), {}}));
    for (uint32_t i = 0; i < o.object.segments().size(); i++)
      if (link_.segment_live[o.segment(i)]) check(id, refs_of(id, {{}, o.segment(i)}));
  }
}

void LinkGrowth::check(LinkObjectId object, const CodeRefs& refs) const {
  const LinkObject& o = link_.objects[object];
  for (const RelocRow& reloc : refs) {
    const RelocTarget target = traits(reloc.reloc_type()).target;
    bool is_there = true;
    if (target == RelocTarget::Type) {
      const uint32_t type = o.object.types()[reloc.index].row;
      is_there = type < link_.type_of_signature.size() && link_.type_of_signature[type] != none32;
    } else if (const SymbolId id = link_.symbol_of(o, reloc.index)) {
      if (link_.symbols[id].state != SymbolState::Defined || link_.is_trap(id)) continue;
      const SymbolValue value = symbol_value(link_, id);
      is_there = value.is_live && value.value != none32;
      // What is kept of symbols has to be true of them by now.
      if (state_.has_values) {
        const SymbolValue kept = state_.values.of(o, reloc.index);
        is_there &= kept.is_live && kept.value == value.value && kept.slot == value.slot;
      }
      if (target == RelocTarget::TableSlot) is_there &= value.slot != 0 || bool(link_.table_slot_of(id));
    } else if (const SymbolRow& row = o.object.symbols()[reloc.index]; !row.is_undefined()) {
      if (!o.unit && row.kind == SymbolKind::Section) continue;
      const SymbolValue value = symbol_value(link_, object, reloc.index);
      is_there = value.is_live && value.value != none32;
      if (target == RelocTarget::TableSlot && row.kind == SymbolKind::Function)
        is_there &= bool(link_.function_slot[o.function(row.element)]);
    } else {
      is_there = !o.unit; // else the symbol is gone
    }
    if (is_there) continue;
    std::fprintf(stderr, "%s refers to a symbol that is not in the output: row %u\n",
                 link_.store.inputs[o.input].path.c_str(), reloc.index);
    std::abort();
  }
}

} // namespace weld
