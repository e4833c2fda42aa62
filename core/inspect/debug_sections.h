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

  // Calls read(reader of what follows the length, offset of the unit, offset size) for each unit, or table,
  // of a section. One that is malformed does not hide the next, which begins where it ends. In messages it is
  // `name`, "unit", and `what`, "a unit".
  template <class Read>
  void for_each_unit(const DebugBytes& section, const char* name, const char* what, Read read) {
    ReadFailure failure;
    Reader r(section.bytes, "section", failure);
    while (!r.at_end()) {
      const uint64_t at = r.offset();
      uint32_t offset_size = 4;
      const uint64_t length = read_unit_length(r, offset_size);
      const Bytes unit = r.bytes(static_cast<size_t>(length), what);
      if (failure.happened) break;
      ReadFailure unit_failure;
      Reader u(unit, section.bytes.data(), name, unit_failure);
      read(u, at, offset_size);
      if (unit_failure.happened) note(section, unit_failure);
    }
    if (failure.happened) note(section, failure);
  }

private:
  void relocate(DebugBytes& section, std::span<const inspection::Relocation> relocs);

  Inspection& inspection_;
  std::deque<std::vector<uint8_t>> copies_;
};

// Fills `compile_units` and `unit_ranges`.
void read_compile_units(Inspection& inspection);

} // namespace weld
