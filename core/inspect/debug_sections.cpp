#include "core/inspect/debug_sections.h"

#include "core/dwarf/dwarf.h"
#include "core/inspect/debug_unit.h"
#include "core/inspect/walk.h"

#include <algorithm>

namespace weld {

DebugSections::DebugSections(Inspection& inspection) : inspection_(inspection) {
  // Relocations come section by section.
  std::vector<RowRange> relocs(inspection.sections.size());
  for (uint32_t i = 0; i < inspection.relocations.size(); i++) {
    uint32_t section = inspection.relocations[i].section;
    if (section >= relocs.size()) continue;
    if (!relocs[section].count) relocs[section].first = i;
    relocs[section].count = i + 1 - relocs[section].first;
  }
  for (uint32_t i = 0; i < inspection.sections.size(); i++) {
    const inspection::Section& s = inspection.sections[i];
    std::string_view name = inspection.text(s.name);
    if (!name.starts_with(".debug_")) continue;
    Bytes bytes = inspection.file.subspan(s.payload_offset, s.offset + s.size - s.payload_offset);
    all.push_back({name, i, s.payload_offset, bytes});
    if (relocs[i].count)
      relocate(all.back(), std::span(inspection.relocations).subspan(relocs[i].first, relocs[i].count));
  }
}

void DebugSections::relocate(DebugBytes& section, std::span<const inspection::Relocation> relocs) {
  std::vector<uint8_t>& copy = copies_.emplace_back(section.bytes.begin(), section.bytes.end());
  const uint32_t code = code_offset(inspection_);
  for (const inspection::Relocation& reloc : relocs) {
    const RelocTraits& t = traits(static_cast<RelocType>(reloc.type));
    const bool is_function = t.target == RelocTarget::FunctionOffset;
    if (reloc.section != section.index || !(is_function || t.target == RelocTarget::SectionOffset)) continue;
    const uint32_t width = field_width(t.field);
    if (width > copy.size() || reloc.offset > copy.size() - width) continue;
    auto value = static_cast<uint64_t>(reloc.addend);
    if (is_function) {
      if (reloc.symbol >= inspection_.symbols.size()) continue;
      const uint32_t index = inspection_.symbols[reloc.symbol].index;
      if (index >= inspection_.functions.size() || inspection_.functions[index].offset == none32) continue;
      value += inspection_.functions[index].offset - code;
    }
    if (width == 8) write_le(copy.data() + reloc.offset, value);
    else write_le(copy.data() + reloc.offset, static_cast<uint32_t>(value));
  }
  section.bytes = copy;
}

const DebugBytes* DebugSections::find(std::string_view name) const {
  for (const DebugBytes& section : all)
    if (section.name == name) return &section;
  return nullptr;
}

inspection::Text DebugSections::string_at(const DebugBytes* section, uint64_t offset) const {
  if (!section || offset >= section->bytes.size()) return {};
  std::string_view rest = as_text(section->bytes.subspan(static_cast<size_t>(offset)));
  size_t size = rest.find('\0');
  if (size == rest.npos) return {};
  return {section->offset + static_cast<uint32_t>(offset), static_cast<uint32_t>(size)};
}

inspection::Text DebugSections::string_of(const DebugBytes& section, const dwarf::UnitFormat& unit,
                                          const dwarf::AttributeValue& value, uint64_t str_offsets_base) const {
  namespace form = dwarf::form;
  switch (value.form) {
  case form::string: return string_at(&section, value.offset);
  case form::strp: return string_at(find(".debug_str"), value.number);
  case form::line_strp: return string_at(find(".debug_line_str"), value.number);
  case form::strx:
  case form::strx1:
  case form::strx2:
  case form::strx3:
  case form::strx4: {
    const DebugBytes* offsets = find(".debug_str_offsets");
    const uint64_t size = offsets ? offsets->bytes.size() : 0;
    if (str_offsets_base > size || value.number >= (size - str_offsets_base) / unit.offset_size) return {};
    const uint8_t* at = offsets->bytes.data() + str_offsets_base + value.number * unit.offset_size;
    return string_at(find(".debug_str"),
                     unit.offset_size == 8 ? read_le<uint64_t>(at) : read_le<uint32_t>(at));
  }
  default: return {};
  }
}

void DebugSections::note(const DebugBytes& section, const ReadFailure& failure) {
  if (inspection_.problems.size() < max_problems)
    inspection_.problems.push_back({std::string(section.name), section.offset + failure.offset, failure.text});
}

// -----------------------------------------------------------------------------------------------------------
// Compile units

namespace {

namespace attribute = dwarf::attribute;

// DW_LANG_*
std::string_view language_name(uint64_t number) {
  switch (number) {
  case 0x01: return "C89";
  case 0x02: return "C";
  case 0x04: return "C++";
  case 0x08: return "Fortran90";
  case 0x0c: return "C99";
  case 0x0d: return "Ada95";
  case 0x10: return "ObjC";
  case 0x11: return "ObjC++";
  case 0x13: return "D";
  case 0x14: return "Python";
  case 0x16: return "Go";
  case 0x18: return "Haskell";
  case 0x1a: return "C++11";
  case 0x1b: return "OCaml";
  case 0x1c: return "Rust";
  case 0x1d: return "C11";
  case 0x1e: return "Swift";
  case 0x1f: return "Julia";
  case 0x21: return "C++14";
  case 0x26: return "Kotlin";
  case 0x27: return "Zig";
  case 0x28: return "Crystal";
  case 0x2a: return "C++17";
  case 0x2b: return "C++20";
  case 0x2c: return "C17";
  case 0x2e: return "Ada2005";
  case 0x8001: return "assembler";
  default: return {};
  }
}

class UnitReader {
public:
  UnitReader(Inspection& out, DebugSections& sections, const DebugBytes& section)
      : out_(out), sections_(sections), section_(section), unit_(sections, section) {}

  void run() {
    sections_.for_each_unit(section_, "unit", "a unit", [&](Reader& r, uint64_t at, uint32_t offset_size) {
      if (unit_.read(r, at, offset_size)) add_unit(at);
    });
  }

private:
  // The first entry says it all.
  void add_unit(uint64_t at) {
    inspection::CompileUnit row = {};
    row.section = section_.index;
    row.offset = at;
    row.version = static_cast<uint8_t>(unit_.version());
    row.line_table = unit_.number(attribute::stmt_list, none64);
    row.name = unit_.text(unit_.values(), attribute::name);
    row.comp_dir = unit_.text(unit_.values(), attribute::comp_dir);
    row.producer = unit_.text(unit_.values(), attribute::producer);
    if (const dwarf::AttributeValue* v = DebugUnit::find(unit_.values(), attribute::language)) {
      std::string_view name = language_name(v->number);
      row.language = out_.make(name.empty() ? "language " + std::to_string(v->number) : std::string(name));
    }
    out_.compile_units.push_back(row);
    unit_.find_code(unit_.values(), [&](uint64_t begin, uint64_t end) {
      out_.unit_ranges.push_back({static_cast<uint32_t>(out_.compile_units.size() - 1),
                                  static_cast<uint32_t>(begin), static_cast<uint32_t>(end)});
    });
  }

  Inspection& out_;
  DebugSections& sections_;
  const DebugBytes& section_;
  DebugUnit unit_;
};

} // namespace

void read_compile_units(Inspection& inspection) {
  DebugSections sections(inspection);
  for (const DebugBytes& section : sections.all)
    if (section.name == ".debug_info") UnitReader(inspection, sections, section).run();
}

} // namespace weld
