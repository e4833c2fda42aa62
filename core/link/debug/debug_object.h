// The debug information of one object while it is rewritten: its sections with their relocations, which say
// what in it is an address, and what the rewriting comes to.
#pragma once

#include "core/base/vector.h"
#include "core/dwarf/forms.h"
#include "core/link/write/output.h"

#include <optional>
#include <vector>

namespace weld {

// A byte of the code of the object: a function of its own that is in the output, and an offset in its body.
struct CodeAddress {
  uint32_t function = none32; // local index; none32: a number that is no address, or that of code that is gone
  uint32_t offset = 0;

  bool is_none() const { return function == none32; }
};

struct DebugSection {
  uint32_t row; // in custom_sections
  std::string_view name;
  Bytes bytes;
  Vector<RelocRow> relocs; // in the order of their offsets
  Vector<bool> visited;    // offsets at which an entry of a list begins
  RewrittenSection rewritten;

  const RelocRow* reloc_at(uint64_t offset) const;
};

// Why a section, or a part of it, is left as it is.
struct DebugProblem {
  uint32_t row; // in custom_sections
  std::string text;
  uint64_t offset;          // in the section
  bool unsupported = false; // it is right, but nothing here can rewrite it
};

class DebugObject {
public:
  DebugObject(const Link& link, LinkObjectId id);

  std::vector<DebugSection> sections;
  std::vector<DebugProblem> problems;

  DebugSection* find(std::string_view name);
  // The section that the number at `offset` points into, and where: as its relocation says.
  DebugSection* target(const DebugSection& from, uint64_t offset, uint64_t& to);
  // The address that is written at `offset`.
  CodeAddress address(const DebugSection& section, uint64_t offset) const;
  // The address `offset` bytes further, within its function.
  CodeAddress at(CodeAddress from, uint64_t offset) const;
  // How many bytes of the output the `length` bytes from `from` on have become. What is beyond the function
  // is cut off: an object that was made of several may describe code that another one's took the place of.
  uint64_t new_length(CodeAddress from, uint64_t length) const;

  // One for each section; of what is not supported, one for the object.
  void add_problem(const DebugSection& section, const ReadFailure& failure, bool unsupported = false);

private:
  const Link& link_;
  const LinkObject& object_;
  LinkObjectId id_;
};

// Each reads sections of one kind, and writes what becomes of them.
void rewrite_units(DebugObject& object, DebugSection& section);          // rewrite_units.cpp
void rewrite_lines(DebugObject& object, DebugSection& section);          // rewrite_lines.cpp
void rewrite_address_ranges(DebugObject& object, DebugSection& section); // rewrite_lists.cpp

// Where DWARF 5's lists find the addresses that they name by number.
struct AddressTable {
  const DebugSection* section = nullptr; // null: the unit has none
  uint64_t base = 0;
  uint32_t address_size = 4;
};
std::optional<CodeAddress> address_by_number(const DebugObject& object, const AddressTable& table,
                                             uint64_t number);

// Rewrites the list at `offset`: of ranges or locations, as the section's name says. False when it is
// malformed, which is noted. `base`: of the unit.
bool rewrite_list(DebugObject& object, DebugSection& section, uint64_t offset, CodeAddress base,
                  const AddressTable& addresses);

} // namespace weld
