// The number that a relocation writes.
#pragma once

#include "core/link/link.h"

namespace weld {

// What a relocation against a symbol writes, as far as it does not depend on the relocation.
struct SymbolValue {
  uint64_t value = 0; // index or address
  uint32_t slot = 0;  // function: its table slot, 0 without one
  bool is_live = false;
  bool is_null = false; // data that is nowhere: 0, whatever the addend
};

// Of a symbol of an object, by its row there.
SymbolValue symbol_value(const Link& link, LinkObjectId object, uint32_t row);

// Those of all objects, so that each is looked up once whatever the number of its relocations: numbered
// through, like Link::bound.
std::vector<SymbolValue> symbol_values(const Link& link);

// `place`: the address of the field, for relative values. `tombstone`: what stands for the address of what is
// gone; 0: the addend does.
uint64_t reloc_value(const Link& link, LinkObjectId object, const RelocRow& reloc, const SymbolValue& symbol,
                     uint64_t place, uint64_t tombstone);

} // namespace weld
