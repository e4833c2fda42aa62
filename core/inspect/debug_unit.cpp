#include "core/inspect/debug_unit.h"

#include "core/dwarf/dwarf.h"

namespace weld {

namespace attribute = dwarf::attribute;
namespace form = dwarf::form;

bool DebugUnit::read(Reader& r, uint64_t at, uint32_t offset_size) {
  dwarf::UnitHeader header;
  header.offset_size = offset_size;
  dwarf::read_unit_header(r, section_.name == ".debug_types", header);
  if (r.failed()) return false;
  if (header.version < 2 || header.version > 5)
    return r.fail_at(at, "DWARF " + std::to_string(header.version)), false;
  if (header.address_size != 4 && header.address_size != 8)
    return r.fail_at(at, "addresses of " + std::to_string(header.address_size) + " bytes"), false;
  unit_ = header;
  at_ = at;
  const DebugBytes* abbreviations = sections_.find(".debug_abbrev");
  if (!abbreviations) return r.fail_at(at, "abbreviations that are not there"), false;
  if (abbreviations_at_ != header.abbreviations) {
    ReadFailure failure;
    abbreviations_at_ = none64;
    if (!abbreviations_.read(
            abbreviations->bytes, header.abbreviations, [](const dwarf::AttributeSpec&) { return true; },
            failure))
      return r.fail_at(header.abbreviations_at, "abbreviations that cannot be read"), false;
    abbreviations_at_ = header.abbreviations;
  }
  entries_at_ = r.offset();
  const dwarf::Abbreviation* first = read_entry(r, values_, [](uint64_t) { return true; });
  return first && (first->tag == dwarf::tag::compile_unit || first->tag == dwarf::tag::partial_unit ||
                   first->tag == dwarf::tag::skeleton_unit);
}

const dwarf::Abbreviation* DebugUnit::read_entry(Reader& r, std::vector<dwarf::AttributeValue>& values,
                                                 bool (*keeps)(uint64_t tag)) const {
  values.clear();
  const uint64_t entry_at = r.offset();
  const uint64_t code = r.u64_leb("an abbreviation");
  if (r.failed() || code == 0) return nullptr;
  const dwarf::Abbreviation* abbreviation = abbreviations_.find(code);
  if (!abbreviation) return r.fail_at(entry_at, "an abbreviation that is not defined"), nullptr;
  const bool is_kept = keeps(abbreviation->tag);
  for (const dwarf::AttributeSpec& spec : abbreviations_.attributes(*abbreviation)) {
    dwarf::AttributeValue value;
    const uint64_t value_at = r.offset();
    if (!dwarf::read_attribute(r, unit_, spec, value))
      r.fail_at(value_at, "the form " + std::to_string(value.form) + " of an attribute");
    if (r.failed()) break;
    if (is_kept) values.push_back(value);
  }
  return abbreviation;
}

const dwarf::AttributeValue* DebugUnit::find(Values values, uint64_t name) {
  for (const dwarf::AttributeValue& v : values)
    if (v.name == name) return &v;
  return nullptr;
}

uint64_t DebugUnit::number(uint64_t name, uint64_t otherwise) const {
  const dwarf::AttributeValue* v = find(values_, name);
  return v ? v->number : otherwise;
}

inspection::Text DebugUnit::text(Values values, uint64_t name) const {
  const dwarf::AttributeValue* v = find(values, name);
  // Without a base, the table begins behind its header.
  const uint64_t base = number(attribute::str_offsets_base, unit_.offset_size == 8 ? 16 : 8);
  return v ? sections_.string_of(section_, unit_, *v, base) : inspection::Text();
}

static bool is_numbered_address(uint64_t f) {
  return f == form::addrx || (f >= form::addrx1 && f <= form::addrx4);
}

// The address with this number in .debug_addr; none64: there is none.
uint64_t DebugUnit::numbered(uint64_t index) const {
  const DebugBytes* addresses = sections_.find(".debug_addr");
  const uint64_t base = number(attribute::addr_base, 8), size = addresses ? addresses->bytes.size() : 0;
  if (base > size || index >= (size - base) / unit_.address_size) return none64;
  const uint8_t* at = addresses->bytes.data() + base + index * unit_.address_size;
  return unit_.address_size == 8 ? read_le<uint64_t>(at) : read_le<uint32_t>(at);
}
uint64_t DebugUnit::address(const dwarf::AttributeValue& v) const {
  if (is_numbered_address(v.form)) return numbered(v.number);
  if (v.form == form::llvm_addrx_offset) return numbered(v.number) + v.addend;
  return v.number;
}

// Code that the linker left out has the largest addresses.
static void add_range(uint64_t begin, uint64_t end, FunctionRef<void(uint64_t, uint64_t)> add) {
  if (begin < end && end < 0xfffffffe) add(begin, end);
}

void DebugUnit::read_ranges(const dwarf::AttributeValue& v, FunctionRef<void(uint64_t, uint64_t)> add) const {
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
  const dwarf::AttributeValue* low = find(values_, attribute::low_pc);
  uint64_t base = low ? address(*low) : 0;
  while (!failure.happened && (is_5 ? read_range_5(r, base, add) : read_range_4(r, base, add))) {
  }
  if (failure.happened) sections_.note(*lists, failure);
}

// Two offsets from the base; the largest number selects another base.
bool DebugUnit::read_range_4(Reader& r, uint64_t& base, FunctionRef<void(uint64_t, uint64_t)> add) const {
  const uint64_t begin = read_fixed(r, unit_.address_size, "the begin of a range");
  const uint64_t end = read_fixed(r, unit_.address_size, "the end of a range");
  if (r.failed() || (begin == 0 && end == 0)) return false;
  if (begin == (unit_.address_size == 8 ? ~uint64_t{0} : 0xffffffff)) base = end;
  else if (base != none64) add_range(base + begin, base + end, add);
  return true;
}

bool DebugUnit::read_range_5(Reader& r, uint64_t& base, FunctionRef<void(uint64_t, uint64_t)> add) const {
  namespace entry = dwarf::range_entry;
  const uint64_t at = r.offset();
  const uint8_t kind = r.u8("the kind of an entry");
  auto leb = [&] { return r.u64_leb("a number"); };
  auto written = [&] { return read_fixed(r, unit_.address_size, "an address"); };
  uint64_t begin = 0, end = 0;
  switch (kind) {
  case entry::end_of_list: return false;
  case entry::base_addressx: base = numbered(leb()); return true;
  case entry::base_address: base = written(); return true;
  case entry::startx_endx:
    begin = numbered(leb());
    end = numbered(leb());
    break;
  case entry::startx_length:
    begin = numbered(leb());
    end = begin + leb();
    break;
  case entry::offset_pair:
    begin = leb();
    end = leb();
    if (base == none64) return true;
    begin += base;
    end += base;
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
  if (!r.failed()) add_range(begin, end, add);
  return true;
}

void DebugUnit::find_code(Values values, FunctionRef<void(uint64_t, uint64_t)> add) const {
  if (const dwarf::AttributeValue* ranges = find(values, attribute::ranges)) return read_ranges(*ranges, add);
  const dwarf::AttributeValue* low = find(values, attribute::low_pc);
  const dwarf::AttributeValue* high = low ? find(values, attribute::high_pc) : nullptr;
  if (!high) return;
  const uint64_t begin = address(*low);
  const bool is_address = high->form == form::addr || is_numbered_address(high->form);
  if (begin != none64) add_range(begin, is_address ? address(*high) : begin + high->number, add);
}

} // namespace weld
