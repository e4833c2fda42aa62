// The addresses and table slots that relocations write. They are known before indices are.
#pragma once

#include "core/link/index/needs.h"

namespace weld {

// What a relocation against a symbol writes, as far as it does not depend on the relocation.
struct SymbolValue {
  uint64_t value = 0; // index or address
  uint32_t slot = 0;  // function: its table slot, 0 without one
  bool is_live = false;
  bool is_null = false; // data that is nowhere: 0, whatever the addend
};

// Of symbols, without what is an index.
SymbolValue symbol_address(const Scanned& link, SymbolId id);
SymbolValue local_symbol_address(const Scanned& link, const LinkObject& object, const SymbolRow& row);
// Of an object's symbol, by its row there.
SymbolValue symbol_address(const Scanned& link, const LinkObject& object, uint32_t row);

// Whether relocations of this kind write an address or a table slot.
bool writes_address(RelocTarget target);
// Of one that does, against a symbol that is alive. `place`: the address of the field, for relative values.
uint64_t reloc_address(const Scanned& link, const RelocRow& reloc, const SymbolValue& symbol, uint64_t place);

} // namespace weld
