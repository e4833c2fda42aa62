// DWARF as a file has it: the .debug_* sections, in objects with their relocations applied.
#pragma once

#include "core/dwarf/forms.h"
#include "core/inspect/inspection.h"

#include <deque>
#include <string_view>

namespace weld {

struct DebugBytes {
  std::string_view name;
  uint32_t index;  // among all sections
  uint32_t offset; // in the file
  Bytes bytes;     // the file's, or a copy that relocations changed
};

class DebugSections {
public:
  explicit DebugSections(Inspection& inspection);

  std::deque<DebugBytes> all;
  const DebugBytes* find(std::string_view name) const; // the first; null: there is none

  // A string of a section; none when it does not end there.
  inspection::Text string_at(const DebugBytes* section, uint64_t offset) const;
  // An attribute's string. `bases`: of strx.
  inspection::Text string_of(const DebugBytes& section, const dwarf::UnitFormat& unit,
                             const dwarf::AttributeValue& value, uint64_t str_offsets_base) const;

  void note(const DebugBytes& section, const ReadFailure& failure);

private:
  void relocate(DebugBytes& section, std::span<const inspection::Relocation> relocs);

  Inspection& inspection_;
  std::deque<std::vector<uint8_t>> copies_;
};

// Fills `compile_units` and `unit_ranges`.
void read_compile_units(Inspection& inspection);

} // namespace weld
