#include "core/dwarf/forms.h"

#include "core/base/sort.h"
#include "core/dwarf/dwarf.h"

#include <algorithm>

namespace weld {

uint64_t read_fixed(Reader& r, uint32_t size, const char* what) {
  Bytes bytes = r.bytes(size, what);
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size() && i < 8; i++) value |= static_cast<uint64_t>(bytes[i]) << (8 * i);
  return value;
}

uint64_t read_unit_length(Reader& r, uint32_t& offset_size) {
  offset_size = 4;
  uint64_t length = r.u32_le("a length");
  if (length < 0xfffffff0) return length;
  if (length != 0xffffffff) return r.fail("a length of no known format"), 0;
  offset_size = 8;
  return read_fixed(r, 8, "a length");
}

namespace dwarf {

void read_unit_header(Reader& r, bool has_signature, UnitHeader& header) {
  header.version = read_fixed(r, 2, "a version");
  if (r.failed() || header.version < 2 || header.version > 5) return;
  header.type = unit_type::compile;
  if (header.version == 5) {
    header.type = r.u8("the type of a unit");
    header.address_size = r.u8("the size of an address");
  }
  header.abbreviations_at = r.offset();
  header.abbreviations = read_fixed(r, header.offset_size, "the offset of abbreviations");
  if (header.version < 5) header.address_size = r.u8("the size of an address");
  if (header.type == unit_type::type || header.type == unit_type::split_type || has_signature)
    r.bytes(8 + header.offset_size, "the signature of a type");
  else if (header.type == unit_type::skeleton || header.type == unit_type::split_compile)
    r.bytes(8, "the id of split debug information");
}

void Abbreviations::clear() {
  abbreviations_.clear();
  attributes_.clear();
}

bool Abbreviations::read(Bytes section, uint64_t offset, bool (*wanted)(const AttributeSpec&),
                         ReadFailure& failure) {
  clear();
  if (offset >= section.size()) return false;
  Reader r(section.subspan(static_cast<size_t>(offset)), section.data(), "section", failure);
  while (uint64_t code = r.u64_leb("an abbreviation")) {
    uint64_t entry_tag = r.u64_leb("a tag");
    const bool has_children = r.u8("whether there are children") != 0;
    abbreviations_.push_back({code, entry_tag, static_cast<uint32_t>(attributes_.size()), 0, has_children});
    for (;;) {
      AttributeSpec spec = {r.u64_leb("an attribute"), r.u64_leb("a form"), 0, false};
      if (spec.form == form::implicit_const) spec.constant = r.s64_leb("a constant");
      if (failure.happened || (spec.name == 0 && spec.form == 0)) break;
      spec.wanted = wanted(spec);
      attributes_.push_back(spec);
      abbreviations_.back().count++;
    }
  }
  sort_stably(abbreviations_, [](const Abbreviation& a, const Abbreviation& b) { return a.code < b.code; });
  return !failure.happened;
}

const Abbreviation* Abbreviations::find(uint64_t code) const {
  // Compilers number them from 1 on.
  if (code <= abbreviations_.size() && abbreviations_[static_cast<size_t>(code) - 1].code == code)
    return &abbreviations_[static_cast<size_t>(code) - 1];
  auto found = std::lower_bound(abbreviations_.begin(), abbreviations_.end(), code,
                                [](const Abbreviation& a, uint64_t c) { return a.code < c; });
  return found != abbreviations_.end() && found->code == code ? &*found : nullptr;
}

bool read_attribute(Reader& r, const UnitFormat& unit, const AttributeSpec& spec, AttributeValue& v) {
  v = {spec.name, spec.form, r.offset(), 0, 0};
  if (v.form == form::indirect) {
    v.form = r.u64_leb("a form");
    v.offset = r.offset();
  }
  auto fixed = [&](uint32_t size) { v.number = read_fixed(r, size, "an attribute"); };
  auto skip = [&](uint64_t size) { r.bytes(static_cast<size_t>(size), "an attribute"); };
  switch (v.form) {
  case form::flag_present: break;
  case form::implicit_const: v.number = static_cast<uint64_t>(spec.constant); break;
  case form::addr: fixed(unit.address_size); break;
  case form::data1:
  case form::flag:
  case form::ref1:
  case form::strx1:
  case form::addrx1: fixed(1); break;
  case form::data2:
  case form::ref2:
  case form::strx2:
  case form::addrx2: fixed(2); break;
  case form::strx3:
  case form::addrx3: fixed(3); break;
  case form::data4:
  case form::ref4:
  case form::ref_sup4:
  case form::strx4:
  case form::addrx4: fixed(4); break;
  case form::data8:
  case form::ref8:
  case form::ref_sig8:
  case form::ref_sup8: fixed(8); break;
  case form::data16: skip(16); break;
  case form::strp:
  case form::line_strp:
  case form::strp_sup:
  case form::sec_offset:
  case form::gnu_ref_alt:
  case form::gnu_strp_alt: fixed(unit.offset_size); break;
  case form::ref_addr: fixed(unit.version == 2 ? unit.address_size : unit.offset_size); break;
  case form::udata:
  case form::ref_udata:
  case form::strx:
  case form::addrx:
  case form::loclistx:
  case form::rnglistx:
  case form::gnu_addr_index:
  case form::gnu_str_index: v.number = r.u64_leb("an attribute"); break;
  case form::sdata: v.number = static_cast<uint64_t>(r.s64_leb("an attribute")); break;
  case form::string:
    while (r.u8("a string")) {
    }
    break;
  case form::block1: skip(r.u8("a size")); break;
  case form::block2: skip(read_fixed(r, 2, "a size")); break;
  case form::block4: skip(r.u32_le("a size")); break;
  case form::block:
  case form::exprloc: skip(r.u64_leb("a size")); break;
  case form::llvm_addrx_offset:
    v.number = r.u64_leb("the number of an address");
    v.offset = r.offset();
    v.addend = r.u32_le("an offset");
    break;
  default: return false;
  }
  v.width = r.offset() - v.offset;
  return true;
}

void read_line_header(Reader& table, LineHeader& header) {
  header.version = read_fixed(table, 2, "a version");
  if (table.failed() || header.version < 2 || header.version > 5) return;
  if (header.version == 5) {
    header.address_size = table.u8("the size of an address");
    table.u8("the size of a segment selector");
  }
  uint64_t size = read_fixed(table, header.offset_size, "the length of a header");
  header.program_at = table.offset() + size;
  Reader r = table.part(static_cast<size_t>(size), "header", "a header");
  header.instruction_size = r.u8("the size of an instruction");
  header.operations = header.version >= 4 ? r.u8("the number of operations") : 1;
  header.default_is_stmt = r.u8("the default of is_stmt");
  const uint32_t base = r.u8("the first advance of lines"); // signed
  header.line_base = static_cast<int32_t>(base) - (base & 0x80 ? 256 : 0);
  header.line_range = r.u8("the number of advances of lines");
  header.opcode_base = r.u8("the first special opcode");
  if (table.failed()) return;
  header.operand_counts =
      r.bytes(header.opcode_base ? header.opcode_base - 1u : 0, "the operands of opcodes");
  header.tables_at = r.offset();
}

} // namespace dwarf

} // namespace weld
