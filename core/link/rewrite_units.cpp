// Units of .debug_info. Most addresses in them have relocations; here are the numbers that have none: lengths
// of code, and what they lead to, lists of ranges and of locations.
#include "core/link/debug_object.h"
#include "core/link/dwarf.h"

#include <algorithm>

namespace weld {

namespace {

namespace form = dwarf::form;
namespace attribute = dwarf::attribute;

// An attribute of an abbreviation.
struct AttributeSpec {
  uint64_t name, form;
  int64_t constant; // implicit_const
  bool wanted;      // may lead to a length of code
};

struct Abbreviation {
  uint64_t code;
  uint32_t first, count; // attributes
};

// An attribute of an entry: where its number is, and the number.
struct Value {
  uint64_t name, form;
  uint64_t offset, width, number;
  uint64_t addend = 0; // llvm_addrx_offset: the number that is at `offset`, when `number` is the address's
};

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
    version_ = read_fixed(r, 2, "a version");
    if (failure_.happened) return;
    if (version_ < 2 || version_ > 5) return refuse(r, begin, "DWARF " + std::to_string(version_));
    addresses_ = {};
    uint8_t type = dwarf::unit_type::compile;
    if (version_ == 5) {
      type = r.u8("the type of a unit");
      addresses_.address_size = r.u8("the size of an address");
    }
    uint64_t abbreviations_at = r.offset();
    uint64_t abbreviations = read_fixed(r, offset_size_, "the offset of abbreviations");
    if (version_ < 5) addresses_.address_size = r.u8("the size of an address");
    if (type >= dwarf::unit_type::skeleton && type <= dwarf::unit_type::split_type)
      return refuse(r, begin, "split debug information");
    if (type == dwarf::unit_type::type || section_.name == ".debug_types")
      r.bytes(8 + offset_size_, "the signature of a type");
    if (failure_.happened) return;
    if (addresses_.address_size != 4 && addresses_.address_size != 8)
      return r.fail("addresses of " + std::to_string(addresses_.address_size) + " bytes");

    DebugSection* in = object_.target(section_, abbreviations_at, abbreviations);
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
      const Abbreviation* abbreviation = find(code);
      if (!abbreviation) return r.fail_at(at, "an abbreviation that is not defined");
      values_.clear();
      for (uint32_t i = 0; i < abbreviation->count && !failure_.happened; i++)
        read(r, attributes_[abbreviation->first + i]);
      if (!failure_.happened) rewrite_entry(r, is_first);
      is_first = false;
    }
  }

  bool read_abbreviations(const DebugSection& section, uint64_t offset) {
    if (section.row == abbreviations_in_ && offset == abbreviations_at_) return true;
    abbreviations_in_ = none32;
    abbreviations_.clear();
    attributes_.clear();
    if (offset >= section.bytes.size()) return false;
    ReadFailure failure;
    Reader r(section.bytes.subspan(static_cast<size_t>(offset)), section.bytes.data(), "section", failure);
    while (uint64_t code = r.u64_leb("an abbreviation")) {
      r.u64_leb("a tag");
      r.u8("whether there are children");
      abbreviations_.push_back({code, static_cast<uint32_t>(attributes_.size()), 0});
      for (;;) {
        AttributeSpec spec = {r.u64_leb("an attribute"), r.u64_leb("a form"), 0, false};
        if (spec.form == form::implicit_const) spec.constant = r.s64_leb("a constant");
        if (failure.happened || (spec.name == 0 && spec.form == 0)) break;
        spec.wanted = is_wanted(spec);
        attributes_.push_back(spec);
        abbreviations_.back().count++;
      }
    }
    if (failure.happened) {
      object_.add_problem(section, failure);
      return false;
    }
    std::stable_sort(abbreviations_.begin(), abbreviations_.end(),
                     [](const Abbreviation& a, const Abbreviation& b) { return a.code < b.code; });
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

  const Abbreviation* find(uint64_t code) const {
    // Compilers number them from 1 on.
    if (code <= abbreviations_.size() && abbreviations_[static_cast<size_t>(code) - 1].code == code)
      return &abbreviations_[static_cast<size_t>(code) - 1];
    auto found = std::lower_bound(abbreviations_.begin(), abbreviations_.end(), code,
                                  [](const Abbreviation& a, uint64_t c) { return a.code < c; });
    return found != abbreviations_.end() && found->code == code ? &*found : nullptr;
  }

  // Reads an attribute, and notes it if it is wanted.
  void read(Reader& r, const AttributeSpec& spec) {
    Value v = {spec.name, spec.form, r.offset(), 0, 0};
    if (v.form == form::indirect) {
      v.form = r.u64_leb("a form");
      v.offset = r.offset();
    }
    auto fixed = [&](uint32_t size) { v.number = read_fixed(r, size, "an attribute"); };
    auto skip = [&](uint64_t size) { r.bytes(static_cast<size_t>(size), "an attribute"); };
    switch (v.form) {
    case form::flag_present: break;
    case form::implicit_const: v.number = static_cast<uint64_t>(spec.constant); break;
    case form::addr: fixed(addresses_.address_size); break;
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
    case form::gnu_strp_alt: fixed(offset_size_); break;
    case form::ref_addr: fixed(version_ == 2 ? addresses_.address_size : offset_size_); break;
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
    default: return refuse(r, v.offset, "the form " + std::to_string(v.form) + " of an attribute");
    }
    v.width = r.offset() - v.offset;
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
      if (version_ < 4) list(r, v);
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
  std::vector<Abbreviation> abbreviations_; // in the order of their codes
  std::vector<AttributeSpec> attributes_;

  // Of the unit that is read.
  ReadFailure failure_;
  bool is_unsupported_ = false;
  uint32_t offset_size_ = 4;
  uint64_t version_ = 0;
  AddressTable addresses_;
  Lists lists_[2];            // of ranges, of locations
  CodeAddress base_;          // of its lists
  std::vector<Value> values_; // of the entry that is read
};

} // namespace

void rewrite_units(DebugObject& object, DebugSection& section) {
  UnitRewriter(object, section).run();
}

} // namespace weld
