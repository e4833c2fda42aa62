#include "core/inspect/debug_sections.h"

#include "core/dwarf/dwarf.h"
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
namespace form = dwarf::form;

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

bool is_numbered_address(uint64_t f) {
  return f == form::addrx || (f >= form::addrx1 && f <= form::addrx4);
}

class UnitReader {
public:
  UnitReader(Inspection& out, DebugSections& sections, const DebugBytes& section)
      : out_(out), sections_(sections), section_(section) {}

  void run() {
    sections_.for_each_unit(section_, "unit", "a unit", [&](Reader& r, uint64_t at, uint32_t offset_size) {
      dwarf::UnitHeader header;
      header.offset_size = offset_size;
      read_unit(r, at, header);
    });
  }

private:
  // The first entry says it all.
  void read_unit(Reader& r, uint64_t at, dwarf::UnitHeader& header) {
    dwarf::read_unit_header(r, section_.name == ".debug_types", header);
    if (r.failed()) return;
    if (header.version < 2 || header.version > 5)
      return r.fail_at(at, "DWARF " + std::to_string(header.version));
    if (header.address_size != 4 && header.address_size != 8)
      return r.fail_at(at, "addresses of " + std::to_string(header.address_size) + " bytes");
    unit_ = header;
    const DebugBytes* abbreviations = sections_.find(".debug_abbrev");
    if (!abbreviations) return r.fail_at(at, "abbreviations that are not there");
    if (abbreviations_at_ != header.abbreviations) {
      ReadFailure failure;
      abbreviations_at_ = none64;
      if (!abbreviations_.read(
              abbreviations->bytes, header.abbreviations, [](const dwarf::AttributeSpec&) { return true; },
              failure))
        return r.fail_at(header.abbreviations_at, "abbreviations that cannot be read");
      abbreviations_at_ = header.abbreviations;
    }
    const uint64_t entry_at = r.offset();
    const uint64_t code = r.u64_leb("an abbreviation");
    if (r.failed() || code == 0) return;
    const dwarf::Abbreviation* abbreviation = abbreviations_.find(code);
    if (!abbreviation) return r.fail_at(entry_at, "an abbreviation that is not defined");
    if (abbreviation->tag != dwarf::tag::compile_unit && abbreviation->tag != dwarf::tag::partial_unit &&
        abbreviation->tag != dwarf::tag::skeleton_unit)
      return;
    values_.clear();
    for (const dwarf::AttributeSpec& spec : abbreviations_.attributes(*abbreviation)) {
      dwarf::AttributeValue value;
      const uint64_t value_at = r.offset();
      if (!dwarf::read_attribute(r, unit_, spec, value)) {
        r.fail_at(value_at, "the form " + std::to_string(value.form) + " of an attribute");
        break;
      }
      if (r.failed()) break;
      values_.push_back(value);
    }
    add_unit(at); // with what could be read
  }

  const dwarf::AttributeValue* find(uint64_t name) const {
    for (const dwarf::AttributeValue& v : values_)
      if (v.name == name) return &v;
    return nullptr;
  }
  uint64_t number(uint64_t name, uint64_t otherwise) const {
    const dwarf::AttributeValue* v = find(name);
    return v ? v->number : otherwise;
  }
  inspection::Text text(uint64_t name) const {
    const dwarf::AttributeValue* v = find(name);
    // Without a base, the table begins behind its header.
    const uint64_t base = number(attribute::str_offsets_base, unit_.offset_size == 8 ? 16 : 8);
    return v ? sections_.string_of(section_, unit_, *v, base) : inspection::Text();
  }
  void add_unit(uint64_t at) {
    inspection::CompileUnit row = {};
    row.section = section_.index;
    row.offset = at;
    row.version = static_cast<uint8_t>(unit_.version);
    row.line_table = number(attribute::stmt_list, none64);
    row.name = text(attribute::name);
    row.comp_dir = text(attribute::comp_dir);
    row.producer = text(attribute::producer);
    if (const dwarf::AttributeValue* v = find(attribute::language)) {
      std::string_view name = language_name(v->number);
      row.language = out_.make(name.empty() ? "language " + std::to_string(v->number) : std::string(name));
    }
    out_.compile_units.push_back(row);

    const dwarf::AttributeValue* low = find(attribute::low_pc);
    base_ = low ? address(*low) : 0;
    if (const dwarf::AttributeValue* ranges = find(attribute::ranges)) read_ranges(*ranges);
    else if (const dwarf::AttributeValue* high = low ? find(attribute::high_pc) : nullptr) {
      const bool is_address = high->form == form::addr || is_numbered_address(high->form);
      add_range(base_, is_address ? address(*high) : base_ + high->number);
    }
  }

  // The address with this number in .debug_addr; none64: there is none.
  uint64_t numbered(uint64_t index) const {
    const DebugBytes* addresses = sections_.find(".debug_addr");
    const uint64_t base = number(attribute::addr_base, 8), size = addresses ? addresses->bytes.size() : 0;
    if (base > size || index >= (size - base) / unit_.address_size) return none64;
    const uint8_t* at = addresses->bytes.data() + base + index * unit_.address_size;
    return unit_.address_size == 8 ? read_le<uint64_t>(at) : read_le<uint32_t>(at);
  }
  uint64_t address(const dwarf::AttributeValue& v) const {
    if (is_numbered_address(v.form)) return numbered(v.number);
    if (v.form == form::llvm_addrx_offset) return numbered(v.number) + v.addend;
    return v.number;
  }

  // Code that the linker left out has the largest addresses.
  void add_range(uint64_t begin, uint64_t end) {
    if (begin < end && end < 0xfffffffe)
      out_.unit_ranges.push_back({static_cast<uint32_t>(out_.compile_units.size() - 1),
                                  static_cast<uint32_t>(begin), static_cast<uint32_t>(end)});
  }

  void read_ranges(const dwarf::AttributeValue& v) {
    const bool is_5 = unit_.version == 5;
    const DebugBytes* lists = sections_.find(is_5 ? ".debug_rnglists" : ".debug_ranges");
    uint64_t offset = v.number;
    if (lists && v.form == form::rnglistx) { // a number in the table that the base names
      const uint64_t base = number(attribute::rnglists_base, unit_.offset_size == 8 ? 20 : 12);
      const uint64_t size = lists->bytes.size();
      offset = none64;
      if (base <= size && v.number < (size - base) / unit_.offset_size) {
        const uint8_t* at = lists->bytes.data() + base + v.number * unit_.offset_size;
        offset = base + (unit_.offset_size == 8 ? read_le<uint64_t>(at) : read_le<uint32_t>(at));
      }
    }
    ReadFailure failure;
    if (!lists || offset >= lists->bytes.size()) {
      failure = {true, "a list of ranges that is in no section", v.offset};
      return sections_.note(section_, failure);
    }
    Reader r(lists->bytes.subspan(static_cast<size_t>(offset)), lists->bytes.data(), "section", failure);
    while (!failure.happened && (is_5 ? read_range_5(r) : read_range_4(r))) {
    }
    if (failure.happened) sections_.note(*lists, failure);
  }

  // Two offsets from the base; the largest number selects another base.
  bool read_range_4(Reader& r) {
    const uint64_t begin = read_fixed(r, unit_.address_size, "the begin of a range");
    const uint64_t end = read_fixed(r, unit_.address_size, "the end of a range");
    if (r.failed() || (begin == 0 && end == 0)) return false;
    if (begin == (unit_.address_size == 8 ? ~uint64_t{0} : 0xffffffff)) base_ = end;
    else add_range(base_ + begin, base_ + end);
    return true;
  }

  bool read_range_5(Reader& r) {
    namespace entry = dwarf::range_entry;
    const uint64_t at = r.offset();
    const uint8_t kind = r.u8("the kind of an entry");
    auto leb = [&] { return r.u64_leb("a number"); };
    auto written = [&] { return read_fixed(r, unit_.address_size, "an address"); };
    uint64_t begin = 0, end = 0;
    switch (kind) {
    case entry::end_of_list: return false;
    case entry::base_addressx: base_ = numbered(leb()); return true;
    case entry::base_address: base_ = written(); return true;
    case entry::startx_endx:
      begin = numbered(leb());
      end = numbered(leb());
      break;
    case entry::startx_length:
      begin = numbered(leb());
      end = begin + leb();
      break;
    case entry::offset_pair:
      begin = base_ + leb();
      end = base_ + leb();
      break;
    case entry::start_end:
      begin = written();
      end = written();
      break;
    case entry::start_length:
      begin = written();
      end = begin + leb();
      break;
    default: r.fail_at(at, "an entry of unknown kind " + std::to_string(kind)); return false;
    }
    if (!r.failed()) add_range(begin, end);
    return true;
  }

  Inspection& out_;
  DebugSections& sections_;
  const DebugBytes& section_;
  dwarf::Abbreviations abbreviations_;
  uint64_t abbreviations_at_ = none64;

  // Of the unit that is read.
  dwarf::UnitFormat unit_;
  std::vector<dwarf::AttributeValue> values_;
  uint64_t base_ = 0; // of its ranges
};

} // namespace

void read_compile_units(Inspection& inspection) {
  DebugSections sections(inspection);
  for (const DebugBytes& section : sections.all)
    if (section.name == ".debug_info") UnitReader(inspection, sections, section).run();
}

} // namespace weld
