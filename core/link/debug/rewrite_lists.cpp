// Lists of ranges and of locations: .debug_ranges and .debug_loc of DWARF 4, .debug_rnglists and
// .debug_loclists of DWARF 5, and .debug_aranges. Their entries keep their widths, since no length grows.
#include "core/dwarf/dwarf.h"
#include "core/link/debug/debug_object.h"

namespace weld {

namespace {

class ListRewriter {
public:
  ListRewriter(DebugObject& object, DebugSection& section, uint64_t offset, CodeAddress base,
               const AddressTable& addresses)
      : object_(object), section_(section), addresses_(addresses), base_(base),
        has_locations_(section.name.substr(0, 10) == ".debug_loc"),
        reader_(section.bytes.subspan(static_cast<size_t>(offset)), section.bytes.data(), "section", failure_) {
    if (section_.visited.empty()) section_.visited.resize(section_.bytes.size());
  }

  bool run(bool is_5) {
    bool first = true;
    size_t patches = section_.rewritten.patches.size();
    while (!failure_.happened) {
      if (reader_.at_end()) {
        reader_.fail("a list without an end");
        break;
      }
      if (auto visited = section_.visited.begin() + static_cast<std::ptrdiff_t>(reader_.offset()); *visited) {
        if (first) return true; // another attribute names the same list
        reader_.fail("lists that overlap");
        break;
      } else {
        *visited = true;
      }
      first = false;
      if (!(is_5 ? entry_5() : entry_4())) break;
    }
    if (!failure_.happened) return true;
    section_.rewritten.patches.resize(patches);
    object_.add_problem(section_, failure_);
    return false;
  }

private:
  // Two addresses, or two offsets from the base; the largest number selects another base.
  bool entry_4() {
    uint32_t size = addresses_.address_size;
    uint64_t at = reader_.offset();
    uint64_t begin = read_fixed(reader_, size, "the begin of a range");
    uint64_t end = read_fixed(reader_, size, "the end of a range");
    if (failure_.happened) return false;
    const bool begin_is_address = section_.reloc_at(at), end_is_address = section_.reloc_at(at + size);
    const uint64_t largest = size == 8 ? ~uint64_t{0} : 0xffffffff;
    if (!begin_is_address && begin == largest) {
      base_ = object_.address(section_, at + size);
      return true;
    }
    if (begin_is_address != end_is_address) {
      reader_.fail_at(at, "a range of which only one end is an address");
      return false;
    }
    if (!begin_is_address) {
      if (begin == 0 && end == 0) return false;
      length(base_, begin, at, size, false);
      length(base_, end, at + size, size, false);
    }
    if (has_locations_) reader_.bytes(static_cast<size_t>(read_fixed(reader_, 2, "a size")), "an expression");
    return true;
  }

  bool entry_5() {
    namespace entry = dwarf::range_entry;
    uint64_t at = reader_.offset();
    uint8_t kind = reader_.u8("the kind of an entry");
    // Locations have one kind more.
    bool is_default = has_locations_ && kind == dwarf::location_entry::default_location;
    if (has_locations_ && kind > dwarf::location_entry::default_location) kind--;
    if (is_default) {
      expression();
      return true;
    }
    switch (kind) {
    case entry::end_of_list: return false;
    case entry::base_addressx: base_ = numbered(); return true;
    case entry::base_address: base_ = written(); return true;
    case entry::startx_endx:
      numbered();
      numbered();
      break;
    case entry::startx_length: leb_length(numbered()); break;
    case entry::offset_pair:
      leb_length(base_);
      leb_length(base_);
      break;
    case entry::start_end:
      written();
      written();
      break;
    case entry::start_length: leb_length(written()); break;
    default: reader_.fail_at(at, "an entry of unknown kind " + std::to_string(kind)); return false;
    }
    if (has_locations_) expression();
    return true;
  }

  void expression() {
    uint64_t size = reader_.u64_leb("the size of an expression");
    reader_.bytes(static_cast<size_t>(size), "an expression");
  }
  CodeAddress numbered() {
    uint64_t at = reader_.offset();
    uint64_t number = reader_.u64_leb("the number of an address");
    if (failure_.happened) return {};
    std::optional<CodeAddress> address = address_by_number(object_, addresses_, number);
    if (!address) reader_.fail_at(at, "an address that is not in .debug_addr");
    return address.value_or(CodeAddress());
  }
  CodeAddress written() {
    uint64_t at = reader_.offset();
    reader_.bytes(addresses_.address_size, "an address");
    return object_.address(section_, at);
  }
  void leb_length(CodeAddress from) {
    uint64_t at = reader_.offset();
    uint64_t value = reader_.u64_leb("a length");
    if (!failure_.happened) length(from, value, at, static_cast<uint32_t>(reader_.offset() - at), true);
  }
  void length(CodeAddress from, uint64_t value, uint64_t at, uint32_t width, bool is_leb) {
    if (from.is_none()) return;
    section_.rewritten.patches.push_back(
        {object_.new_length(from, value), static_cast<uint32_t>(at), static_cast<uint8_t>(width), is_leb});
  }

  DebugObject& object_;
  DebugSection& section_;
  const AddressTable& addresses_;
  CodeAddress base_;
  const bool has_locations_;
  ReadFailure failure_;
  Reader reader_;
};

} // namespace

std::optional<CodeAddress> address_by_number(const DebugObject& object, const AddressTable& table,
                                             uint64_t number) {
  if (!table.section) return std::nullopt;
  uint64_t size = table.section->bytes.size();
  if (table.base > size || number >= (size - table.base) / table.address_size) return std::nullopt;
  return object.address(*table.section, table.base + number * table.address_size);
}

bool rewrite_list(DebugObject& object, DebugSection& section, uint64_t offset, CodeAddress base,
                  const AddressTable& addresses) {
  bool is_5 = section.name == ".debug_rnglists" || section.name == ".debug_loclists";
  if (offset >= section.bytes.size()) {
    object.add_problem(section, {true, "a list that begins beyond the section's end", section.bytes.size()});
    return false;
  }
  return ListRewriter(object, section, offset, base, addresses).run(is_5);
}

// Sets of address and length, one for each unit; the first pair is aligned to the size of a pair.
void rewrite_address_ranges(DebugObject& object, DebugSection& section) {
  ReadFailure failure;
  Reader r(section.bytes, section.bytes.data(), "section", failure);
  while (!r.at_end() && !failure.happened) {
    uint64_t begin = r.offset();
    uint32_t offset_size;
    uint64_t length = read_unit_length(r, offset_size);
    Reader set = r.part(static_cast<size_t>(length), "set", "a set of addresses");
    read_fixed(set, 2, "a version");
    read_fixed(set, offset_size, "the offset of a unit");
    uint32_t size = set.u8("the size of an address");
    uint32_t segment_size = set.u8("the size of a segment selector");
    if (failure.happened) break;
    if ((size != 4 && size != 8) || segment_size) {
      set.fail("addresses of " + std::to_string(size) + " bytes");
      break;
    }
    uint64_t header = set.offset() - begin;
    set.bytes(static_cast<size_t>(align_to(header, size * 2) - header), "padding");
    while (set.left() >= size * 2) {
      CodeAddress from = object.address(section, set.offset());
      read_fixed(set, size, "an address");
      uint64_t at = set.offset();
      uint64_t value = read_fixed(set, size, "a length");
      if (from.is_none()) continue;
      section.rewritten.patches.push_back(
          {object.new_length(from, value), static_cast<uint32_t>(at), static_cast<uint8_t>(size), false});
    }
  }
  if (failure.happened) object.add_problem(section, failure);
}

} // namespace weld
