// The number that a relocation writes.
#pragma once

#include "core/base/vector.h"
#include "core/link/scan/reloc_address.h"
#include "core/link/write/output.h"

namespace weld {

SymbolValue symbol_value(const Link& link, SymbolId symbol);
// Of a symbol of an object, by its row there.
SymbolValue symbol_value(const Link& link, LinkObjectId object, uint32_t row);

// The same for many relocations: the values of global symbols are looked up once.
class SymbolValues {
public:
  SymbolValues() = default;
  explicit SymbolValues(const Link& link);
  // For few relocations: each value is looked up when it is asked for.
  static SymbolValues one_by_one(const Link& link) {
    SymbolValues values;
    values.link_ = &link;
    return values;
  }

  SymbolValue of(const LinkObject& object, uint32_t row) const {
    SymbolId symbol = link_->bound[object.symbol(row)];
    if (!symbol) return local_symbol_value(*link_, object, object.object.symbols()[row]);
    return globals_.empty() ? symbol_value(*link_, symbol) : globals_[symbol.row];
  }

private:
  const Link* link_ = nullptr;
  Vector<SymbolValue> globals_; // by SymbolId; empty: they are looked up
};

// `place`: the address of the field, for relative values. `tombstone`: what stands for the address of what is
// gone; 0: the addend does.
uint64_t reloc_value(const Link& link, LinkObjectId object, const RelocRow& reloc, const SymbolValue& symbol,
                     uint64_t place, uint64_t tombstone);

bool fits_32(uint64_t value);
// Whether a field of this kind can hold the value.
bool fits_field(const Options& options, RelocField kind, uint64_t value);

// A relocation whose value its field cannot hold.
struct RangeError {
  LinkObjectId object;
  std::string_view section;
  RelocRow reloc;
  uint64_t value;
};

// Writes the value into its field, padded to the field's width.
void store_value(uint8_t* field, RelocField kind, uint64_t value);

void report_out_of_range(const Link& link, LinkObjectId object, std::string_view section,
                         const RelocRow& reloc, uint64_t value);

} // namespace weld
