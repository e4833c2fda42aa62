// Relocation types: one table (relocations.def) drives reading, checking, applying and printing.
#pragma once

#include <cstdint>
#include <string_view>

namespace weld {

enum class RelocType : uint8_t {
#define WELD_RELOC(name, id, field, target, addend) name = id,
#include "core/wasm/relocations.def"
#undef WELD_RELOC
};
constexpr uint32_t reloc_type_count = 29, file_reloc_type_count = 28;

// How a relocated value is stored. LEB fields are padded to their full width.
enum class RelocField : uint8_t { Uleb5, Sleb5, I32, Uleb10, Sleb10, I64 };

// What the value is. Type refers to a type index; every other target to a symbol.
enum class RelocTarget : uint8_t {
  Function,
  TableSlot,
  TableSlotRel,
  Address,
  AddressRel,
  TlsOffset,
  Type,
  Global,
  Tag,
  Table,
  FunctionOffset,
  SectionOffset,
  PassiveSegment,
};

struct RelocTraits {
  std::string_view name; // without the R_WASM_ prefix
  RelocField field;
  RelocTarget target;
  bool has_addend;
};

inline constexpr RelocTraits reloc_traits[reloc_type_count] = {
#define WELD_RELOC(name, id, field, target, addend) {#name, RelocField::field, RelocTarget::target, addend},
#include "core/wasm/relocations.def"
#undef WELD_RELOC
};

constexpr const RelocTraits& traits(RelocType type) {
  return reloc_traits[static_cast<uint8_t>(type)];
}

constexpr uint32_t field_width(RelocField field) {
  constexpr uint8_t widths[] = {5, 5, 4, 10, 10, 8};
  return widths[static_cast<uint8_t>(field)];
}

constexpr bool field_is_64(RelocField field) {
  return field >= RelocField::Uleb10;
}

} // namespace weld
