// Units of .debug_info. Most addresses in them have relocations; here are the numbers that have none: lengths
// of code, and what they lead to, lists of ranges and of locations.
#include "core/dwarf/dwarf.h"
#include "core/dwarf/forms.h"
#include "core/link/debug/debug_object.h"

#include <algorithm>

namespace weld {

namespace {

namespace form = dwarf::form;
namespace attribute = dwarf::attribute;

using dwarf::Abbreviation;
using dwarf::AttributeSpec;
using Value = dwarf::AttributeValue;

bool is_constant(uint64_t f) {
  return f == form::data1 || f == form::data2 || f == form::data4 || f == form::data8 || f == form::udata ||
         f == form::sdata || f == form::implicit_const;
}
bool is_numbered_address(uint64_t f) {
  return f == form::addrx || (f >= form::addrx1 && f <= form::addrx4);
}

class UnitRewriter {
public:
  UnitRewriter(DebugObject& object, DebugSection& section) : object_(object), section_(section) {}

  void run() {
    ReadFailure failure;
    Reader r(section_.bytes, section_.bytes.data(), "section", failure);
    while (!r.at_end()) {
      uint64_t length = read_unit_length(r, offset_size_);
      Bytes unit = r.bytes(static_cast<size_t>(length), "a unit");
      if (failure.happened) break;
      // One that is malformed is left as it is; the next begins where it ends.
      failure_ = {};
      is_unsupported_ = false;
      size_t patches = section_.rewritten.patches.size();
      Reader u(unit, section_.bytes.data(), "unit", failure_);
      rewrite_unit(u);
      if (!failure_.happened) continue;
      section_.rewritten.patches.resize(patches);
      object_.add_problem(section_, failure_, is_unsupported_);
    }
    if (failure.happened) object_.add_problem(section_, failure);
  }

private:
  void refuse(Reader& r, uint64_t at, std::string what) {
    if (!failure_.happened) is_unsupported_ = true;
    r.fail_at(at, std::move(what));
  }

  void rewrite_unit(Reader& r) {
    uint64_t begin = r.offset();
    dwarf::UnitHeader header;
    header.offset_size = offset_size_;
    dwarf::read_unit_header(r, section_.name == ".debug_types", header);
    if (failure_.happened) return;
    if (header.version < 2 || header.version > 5)
      return refuse(r, begin, "DWARF " + std::to_string(header.version));
    if (header.type >= dwarf::unit_type::skeleton && header.type <= dwarf::unit_type::split_type)
      return refuse(r, begin, "split debug information");
    if (header.address_size != 4 && header.address_size != 8)
      return r.fail("addresses of " + std::to_string(header.address_size) + " bytes");
    unit_ = header;
    addresses_ = {};
    addresses_.address_size = header.address_size;

    uint64_t abbreviations = header.abbreviations;
    DebugSection* in = object_.target(section_, header.abbreviations_at, abbreviations);
    if (!in) in = object_.find(".debug_abbrev");
    if (!in) return r.fail("abbreviations that are not there");
    if (!read_abbreviations(*in, abbreviations)) return r.fail("abbreviations that cannot be read");

    base_ = {};
    lists_[0] = lists_[1] = {};
    bool is_first = true;
    while (!r.at_end()) {
      uint64_t at = r.offset();
      uint64_t code = r.u64_leb("an abbreviation");
      if (code == 0) continue; // the end of an entry's children
      const Abbreviation* abbreviation = abbreviations_.find(code);
      if (!abbreviation) return r.fail_at(at, "an abbreviation that is not defined");
      values_.clear();
      for (const AttributeSpec& spec : abbreviations_.attributes(*abbreviation)) {
        read(r, spec);
        if (failure_.happened) break;
      }
      if (!failure_.happened) rewrite_entry(r, is_first);
      is_first = false;
    }
  }

  bool read_abbreviations(const DebugSection& section, uint64_t offset) {
    if (section.row == abbreviations_in_ && offset == abbreviations_at_) return true;
    abbreviations_in_ = none32;
    ReadFailure failure;
    if (!abbreviations_.read(section.bytes, offset, is_wanted, failure)) {
      if (failure.happened) object_.add_problem(section, failure);
      return false;
    }
    abbreviations_in_ = section.row;
    abbreviations_at_ = offset;
    return true;
  }

  static bool is_wanted(const AttributeSpec& spec) {
    switch (spec.name) {
    case attribute::low_pc:
    case attribute::high_pc:
    case attribute::entry_pc:
    case attribute::call_pc:
    case attribute::call_return_pc:
    case attribute::start_scope:
    case attribute::addr_base:
    case attribute::dwo_name:
    case attribute::gnu_dwo_name: return true;
    default: break;
    }
    switch (spec.form) {
    case form::sec_offset:
    case form::data4: // before DWARF 4, sec_offset was spelt so
    case form::data8:
    case form::rnglistx:
    case form::loclistx:
    case form::llvm_addrx_offset:
    case form::gnu_addr_index:
    case form::indirect: return true;
    default: return false;
    }
  }

  // Reads an attribute, and notes it if it is wanted.
  void read(Reader& r, const AttributeSpec& spec) {
    Value v;
    uint64_t at = r.offset();
    if (!dwarf::read_attribute(r, unit_, spec, v))
      return refuse(r, at, "the form " + std::to_string(v.form) + " of an attribute");
    if (spec.wanted) values_.push_back(v);
  }

  const Value* value_of(uint64_t name) const {
    for (const Value& v : values_)
      if (v.name == name) return &v;
    return nullptr;
  }

  CodeAddress numbered(Reader& r, const Value& v) {
    std::optional<CodeAddress> address = address_by_number(object_, addresses_, v.number);
    if (!address) r.fail_at(v.offset, "an address that is not in .debug_addr");
    return address.value_or(CodeAddress());
  }
  CodeAddress address_of(Reader& r, const Value& v) {
    if (v.form == form::addr) return object_.address(section_, v.offset);
    if (is_numbered_address(v.form)) return numbered(r, v);
    if (v.form != form::llvm_addrx_offset) return {};
    CodeAddress address = numbered(r, v);
    if (!address.is_none()) address = object_.at(address, v.addend);
    return address;
  }

  void rewrite_length(Reader& r, const Value& v, CodeAddress from, uint64_t length) {
    if (from.is_none()) return;
    uint64_t moved = object_.new_length(from, length);
    if (moved == length) return;
    if (v.form == form::implicit_const || v.form == form::sdata)
      return refuse(r, v.offset, "a length of code with the form " + std::to_string(v.form));
    section_.rewritten.patches.push_back(
        {moved, static_cast<uint32_t>(v.offset), static_cast<uint8_t>(v.width), v.form == form::udata});
  }

  void rewrite_entry(Reader& r, bool is_unit) {
    if (values_.empty()) return;
    if (is_unit) read_bases();
    const Value* low = value_of(attribute::low_pc);
    CodeAddress from = low ? address_of(r, *low) : CodeAddress();
    if (is_unit) base_ = from;
    for (const Value& v : values_) {
      if (failure_.happened) return;
      rewrite_value(r, v, low, from);
    }
  }

  void rewrite_value(Reader& r, const Value& v, const Value* low, CodeAddress from) {
    switch (v.name) {
    case attribute::high_pc:
      if (is_constant(v.form)) return rewrite_length(r, v, from, v.number);
      break;
    case attribute::entry_pc:
    case attribute::start_scope:
      if (!is_constant(v.form) || v.number == 0) break;
      if (!low) return refuse(r, v.offset, "an offset from the first of several ranges");
      return rewrite_length(r, v, from, v.number);
    case attribute::dwo_name:
    case attribute::gnu_dwo_name: return refuse(r, v.offset, "split debug information");
    default: break;
    }
    switch (v.name) {
    case attribute::low_pc:
    case attribute::high_pc:
    case attribute::entry_pc:
    case attribute::call_pc:
    case attribute::call_return_pc:
      if (v.form == form::exprloc) return refuse(r, v.offset, "an address that is an expression");
    }
    switch (v.form) {
    case form::gnu_addr_index: return refuse(r, v.offset, "split debug information");
    case form::llvm_addrx_offset: return rewrite_length(r, v, numbered(r, v), v.addend);
    case form::rnglistx: return numbered_list(r, v, lists_[0]);
    case form::loclistx: return numbered_list(r, v, lists_[1]);
    case form::sec_offset: return list(r, v);
    case form::data4:
    case form::data8:
      if (unit_.version < 4) list(r, v);
    }
  }

  // Where the tables are that the unit's numbers refer to.
  struct Lists {
    DebugSection* section = nullptr;
    uint64_t base = 0;
  };
  void read_bases() {
    if (const Value* v = value_of(attribute::addr_base))
      addresses_.section = object_.target(section_, v->offset, addresses_.base);
    if (const Value* v = value_of(attribute::rnglists_base))
      lists_[0].section = object_.target(section_, v->offset, lists_[0].base);
    if (const Value* v = value_of(attribute::loclists_base))
      lists_[1].section = object_.target(section_, v->offset, lists_[1].base);
  }

  void list(Reader& r, const Value& v) {
    if (v.name == attribute::rnglists_base || v.name == attribute::loclists_base) return;
    uint64_t offset = 0;
    DebugSection* section = object_.target(section_, v.offset, offset);
    if (!section) return;
    std::string_view name = section->name;
    if (name == ".debug_ranges" || name == ".debug_loc" || name == ".debug_rnglists" ||
        name == ".debug_loclists")
      rewrite(r, v, *section, offset);
  }
  // The table that the base names holds the offsets of lists, counted from itself.
  void numbered_list(Reader& r, const Value& v, const Lists& lists) {
    uint64_t size = lists.section ? lists.section->bytes.size() : 0;
    if (lists.base > size || v.number >= (size - lists.base) / offset_size_)
      return r.fail_at(v.offset, "a list that is in no table");
    const uint8_t* entry = lists.section->bytes.data() + lists.base + v.number * offset_size_;
    uint64_t offset = offset_size_ == 8 ? read_le<uint64_t>(entry) : read_le<uint32_t>(entry);
    if (offset > size - lists.base) return r.fail_at(v.offset, "a list that is in no section");
    rewrite(r, v, *lists.section, lists.base + offset);
  }
  void rewrite(Reader& r, const Value& v, DebugSection& section, uint64_t offset) {
    if (section.row == section_.row) return r.fail_at(v.offset, "a list among entries");
    // What is wrong in a list is noted for its section, once.
    rewrite_list(object_, section, offset, base_, addresses_);
  }

  DebugObject& object_;
  DebugSection& section_;

  // The abbreviations that were read last: units that come together often share them.
  uint32_t abbreviations_in_ = none32; // section
  uint64_t abbreviations_at_ = 0;
  dwarf::Abbreviations abbreviations_;

  // Of the unit that is read.
  ReadFailure failure_;
  bool is_unsupported_ = false;
  uint32_t offset_size_ = 4;
  dwarf::UnitFormat unit_;
  AddressTable addresses_;
  Lists lists_[2];       // of ranges, of locations
  CodeAddress base_;     // of its lists
  Vector<Value> values_; // of the entry that is read
};

} // namespace

void rewrite_units(DebugObject& object, DebugSection& section) {
  UnitRewriter(object, section).run();
}

} // namespace weld
