// A unit of .debug_info: its header, its first entry, and what values of attributes mean in it.
#pragma once

#include "core/base/function_ref.h"
#include "core/inspect/debug_sections.h"

namespace weld {

class DebugUnit {
public:
  using Values = std::span<const dwarf::AttributeValue>;

  DebugUnit(DebugSections& sections, const DebugBytes& section) : sections_(sections), section_(section) {}

  // Reads what follows the length of the unit at `at`, up to its first entry. False: it is malformed, or no unit with code.
  bool read(Reader& r, uint64_t at, uint32_t offset_size);
  // Reads an entry's values, all but those of an unknown form, and returns its abbreviation; null at the end of siblings,
  // or when it is malformed. `keeps`: whether values are wanted, by tag.
  const dwarf::Abbreviation* read_entry(Reader& r, std::vector<dwarf::AttributeValue>& values,
                                        bool (*keeps)(uint64_t tag)) const;

  uint64_t at() const { return at_; }                 // in its section
  uint64_t entries_at() const { return entries_at_; } // of the first entry
  uint64_t version() const { return unit_.version; }
  const DebugBytes& section() const { return section_; }
  Values values() const { return values_; } // of the first entry

  static const dwarf::AttributeValue* find(Values values, uint64_t name);
  uint64_t number(uint64_t name, uint64_t otherwise) const; // of the first entry
  inspection::Text text(Values values, uint64_t name) const;
  // The code that an entry is about. Malformed lists are noted.
  void find_code(Values values, FunctionRef<void(uint64_t begin, uint64_t end)> add) const;

private:
  uint64_t numbered(uint64_t index) const;
  uint64_t address(const dwarf::AttributeValue& value) const;
  void read_ranges(const dwarf::AttributeValue& value, FunctionRef<void(uint64_t, uint64_t)> add) const;
  bool read_range_4(Reader& r, uint64_t& base, FunctionRef<void(uint64_t, uint64_t)> add) const;
  bool read_range_5(Reader& r, uint64_t& base, FunctionRef<void(uint64_t, uint64_t)> add) const;

  DebugSections& sections_;
  const DebugBytes& section_;
  dwarf::Abbreviations abbreviations_;
  uint64_t abbreviations_at_ = none64;
  dwarf::UnitFormat unit_;
  uint64_t at_ = 0, entries_at_ = 0;
  std::vector<dwarf::AttributeValue> values_;
};

} // namespace weld
