// The addresses and table slots that relocations write. They are known before indices are.
#pragma once

#include "core/link/scan/needs.h"

namespace weld {

// What a relocation against a symbol writes, as far as it does not depend on the relocation.
struct SymbolValue {
  uint64_t value = 0; // index or address
  uint32_t slot = 0;  // function: its table slot, 0 without one
  bool is_live = false;
  bool is_null = false; // data that is nowhere: 0, whatever the addend
};

// Of a symbol of a name, without what is an index.
SymbolValue symbol_address(const Scanned& link, SymbolId id);
// Of a local symbol. Where the link has no indices yet, what is an index is 0.
template <class State>
SymbolValue local_symbol_value(const State& link, const LinkObject& object, const SymbolRow& row);
// Of an object's symbol, by its row there.
SymbolValue symbol_address(const Scanned& link, const LinkObject& object, uint32_t row);

// Whether the address of a symbol that the loader does not give is the same wherever the module is loaded: it is null, or
// absolute. wasm-ld adds where the module is to an absolute one.
bool is_fixed(const Scanned& link, SymbolId id);

// Whether relocations of this kind write an address or a table slot.
inline bool writes_address(RelocTarget target);
// Of one that does, against a symbol that is alive. `place`: the address of the field, for relative values.
inline uint64_t reloc_address(const Scanned& link, const RelocRow& reloc, const SymbolValue& symbol,
                              uint64_t place);
// Where the data of the only thread is. Code may have the address without `__tls_base`, from a function.
uint64_t thread_block(const LaidOut& link);

inline uint32_t slot_or_null(TableSlot slot) {
  return slot ? slot.value : 0;
}

template <class State>
SymbolValue local_symbol_value(const State& link, const LinkObject& o, const SymbolRow& row) {
  constexpr bool has_indices = requires {
    link.first_passive_data;
  };
  SymbolValue v;
  if (row.is_undefined()) return v;
  switch (row.kind) {
  case SymbolKind::Function:
    v.is_live = link.function_live[o.function(row.element)];
    v.slot = slot_or_null(link.function_slot[o.function(row.element)]);
    if constexpr (has_indices) v.value = link.called_index_of(o.function(row.element)).value;
    break;
  case SymbolKind::Data: {
    if (row.element == none32) {
      v.is_live = true;
      v.value = row.value();
      break;
    }
    const SegmentId segment = o.segment(row.element);
    v.is_live = link.segment_live[segment];
    if (!v.is_live) break;
    if (const uint32_t flags = o.object.segments()[row.element].flags; flags & segment_flag::passive) {
      if constexpr (has_indices)
        v.value = link.passive_number[segment] +
                  (flags & segment_flag::passive_data ? link.first_passive_data : link.first_passive_elements);
      break;
    }
    v.value = link.offset_in_out_segment(segment, row.value());
    if (!(row.flags & symbol_flag::tls) || !link.options.has_threads())
      v.value += link.segments[link.segment_out[segment]].address;
    break;
  }
  case SymbolKind::Global:
    v.is_live = link.global_live[o.global(row.element)];
    if constexpr (has_indices) v.value = link.global_index[o.global(row.element)].value;
    break;
  case SymbolKind::Tag:
    v.is_live = link.tag_live[o.tag(row.element)];
    if constexpr (has_indices) v.value = link.tag_index[o.tag(row.element)].value;
    break;
  case SymbolKind::Table:
    v.is_live = link.table_live[o.table(row.element)];
    if constexpr (has_indices) v.value = link.table_index[o.table(row.element)].value;
    break;
  case SymbolKind::Section:
    v.is_live = true;
    v.value = row.element;
    break;
  }
  return v;
}

inline bool writes_address(RelocTarget target) {
  switch (target) {
  case RelocTarget::TableSlot:
  case RelocTarget::TableSlotRel:
  case RelocTarget::Address:
  case RelocTarget::AddressRel:
  case RelocTarget::TlsOffset: return true;
  default: return false;
  }
}

inline uint64_t reloc_address(const Scanned& link, const RelocRow& reloc, const SymbolValue& symbol,
                              uint64_t place) {
  const auto addend = static_cast<uint64_t>(reloc.addend);
  switch (traits(reloc.reloc_type()).target) {
  case RelocTarget::TableSlot: return symbol.slot;
  case RelocTarget::TableSlotRel: return symbol.slot ? symbol.slot - link.options.table_base : 0;
  case RelocTarget::AddressRel: return symbol.is_null ? 0 : symbol.value + addend - place;
  case RelocTarget::TlsOffset:
    if (symbol.is_null) return 0;
    // One thread: addresses are absolute everywhere else, and the code adds the block's address here.
    if (link.options.has_threads() || link.options.relocatable) return symbol.value + addend;
    return symbol.value + addend - thread_block(link);
  default: return symbol.is_null ? 0 : symbol.value + addend; // Address
  }
}

} // namespace weld
