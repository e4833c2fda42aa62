// Relocation sections. Each relocation is checked here against its symbol and the bytes it will change, so
// that a link applies it without looking.
#include "core/input/object_parser.h"

namespace weld {

namespace {
// What a relocation type asks for, next to each other for the loop.
struct RelocRule {
  uint32_t width;
  uint32_t symbol_kinds; // bit K: SymbolKind K may be referred to; 0: the index is a type's
  bool has_addend, is_64, is_leb, is_slot, is_relative;
  const char* index_error;
};

constexpr uint32_t bit(SymbolKind kind) {
  return 1u << static_cast<uint8_t>(kind);
}

// Whether a number fills `width` bytes exactly: all but the last say that another follows.
bool is_padded_leb(const uint8_t* p, uint32_t width) {
  uint8_t all = 0x80;
  for (uint32_t i = 0; i + 1 < width; i++) all &= p[i];
  return all && !(p[width - 1] & 0x80);
}

constexpr RelocRule rule_of(RelocType type) {
  const RelocTraits& t = traits(type);
  bool is_leb = t.field != RelocField::I32 && t.field != RelocField::I64;
  bool is_slot = t.target == RelocTarget::TableSlot || t.target == RelocTarget::TableSlotRel;
  bool is_relative = t.target == RelocTarget::AddressRel;
  RelocRule rule = {field_width(t.field), 0, t.has_addend, field_is_64(t.field), is_leb, is_slot,
                    is_relative,          ""};
  switch (t.target) {
  case RelocTarget::Function:
  case RelocTarget::TableSlot:
  case RelocTarget::TableSlotRel:
  case RelocTarget::FunctionOffset:
    rule.symbol_kinds = bit(SymbolKind::Function);
    rule.index_error = "invalid relocation function index";
    break;
  case RelocTarget::Address:
  case RelocTarget::AddressRel:
  case RelocTarget::TlsOffset:
    rule.symbol_kinds = bit(SymbolKind::Data);
    rule.index_error = "invalid relocation data index";
    break;
  case RelocTarget::Global:
    rule.symbol_kinds = bit(SymbolKind::Global);
    // In code, against data or a function: the global that holds its address (its GOT entry).
    if (type == RelocType::GLOBAL_INDEX_LEB)
      rule.symbol_kinds |= bit(SymbolKind::Data) | bit(SymbolKind::Function);
    rule.index_error = "invalid relocation global index";
    break;
  case RelocTarget::Tag:
    rule.symbol_kinds = bit(SymbolKind::Tag);
    rule.index_error = "invalid relocation tag index";
    break;
  case RelocTarget::Table:
    rule.symbol_kinds = bit(SymbolKind::Table);
    rule.index_error = "invalid relocation table index";
    break;
  case RelocTarget::PassiveSegment: break; // in no file
  case RelocTarget::SectionOffset:
    rule.symbol_kinds = bit(SymbolKind::Section);
    rule.index_error = "invalid relocation section index";
    break;
  case RelocTarget::Type: rule.index_error = "invalid relocation type index"; break;
  }
  return rule;
}

struct RelocRules {
  RelocRule of[file_reloc_type_count];
  constexpr RelocRules() : of() {
    for (uint32_t i = 0; i < file_reloc_type_count; i++) of[i] = rule_of(static_cast<RelocType>(i));
  }
};
constexpr RelocRules rules;

// The parts of a section, in file order, that relocations belong to: function bodies, segments, or the
// section itself.
class Owners {
public:
  Owners(ObjectTables& tables, SectionKind kind, uint32_t custom_row)
      : tables_(tables), kind_(kind), next_(custom_row) {
    if (kind == SectionKind::Code) end_row_ = static_cast<uint32_t>(tables.functions.size()), next_ = 0;
    else if (kind == SectionKind::Data) end_row_ = static_cast<uint32_t>(tables.segments.size()), next_ = 0;
    else end_row_ = custom_row + 1;
  }
  // Whether the bytes [begin, end) of the file lie in one owner, which then has the relocation at `reloc_at`.
  // Relocations must come in order.
  bool add(uint64_t begin, uint64_t end, uint32_t reloc_at) {
    while (begin >= end_) {
      if (!move_on(reloc_at)) return false;
    }
    relocs_->count++;
    return begin >= begin_ && end <= end_;
  }

private:
  bool move_on(uint32_t reloc_at) {
    if (next_ == end_row_) return false;
    uint32_t row = next_++;
    if (kind_ == SectionKind::Code) {
      FunctionRow& f = tables_.functions[row];
      open(f.offset + f.code_offset, f.offset + f.size, f.relocs);
    } else if (kind_ == SectionKind::Data) {
      SegmentRow& s = tables_.segments[row];
      open(s.data.offset, s.data.offset + s.data.size, s.relocs);
    } else {
      CustomSectionRow& c = tables_.custom_sections[row];
      open(c.data.offset, c.data.offset + c.data.size, c.relocs);
    }
    relocs_->offset = reloc_at;
    return true;
  }
  void open(uint32_t begin, uint32_t end, EncodedRelocs& relocs) {
    begin_ = begin;
    end_ = end;
    relocs_ = &relocs;
  }

  ObjectTables& tables_;
  SectionKind kind_;
  uint32_t next_, end_row_;
  uint64_t begin_ = 0, end_ = 0;    // of the current owner
  EncodedRelocs* relocs_ = nullptr; // its; null before the first
};
} // namespace

void ObjectParser::read_relocs(Reader& r) {
  uint64_t start = r.offset();
  uint32_t section_index = r.u32_leb("the section of relocations");
  if (failed()) return;
  uint64_t count_at = r.offset();
  if (section_index >= sections_.size()) return r.fail_at(start, "invalid section index");
  Section& section = sections_[section_index];
  if (section.payload.data() >= file_.data() + start) return r.fail_at(start, "invalid section index");
  if (section.has_relocs)
    return r.fail_at(start, "a second relocation section for section " + std::to_string(section_index));
  section.has_relocs = true;
  uint32_t count = r.count("the number of relocations", 3);
  if (failed() || count == 0) return;
  bool is_target =
      section.kind == SectionKind::Code || section.kind == SectionKind::Data || section.custom_row != none32;
  if (!is_target) return r.fail_at(count_at, "relocations for a section that cannot have any");

  Owners owners(tables_, section.kind, section.custom_row);
  uint64_t base = static_cast<uint64_t>(section.payload.data() - file_.data());
  SymbolRow* symbols = tables_.symbols.data();
  const size_t symbol_count = tables_.symbols.size();
  uint64_t previous_end = 0;
  uint32_t previous = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint64_t at = r.offset();
    uint32_t type = r.u32_leb("the type of a relocation");
    uint32_t offset = r.u32_leb("the offset of a relocation");
    uint32_t index = r.u32_leb("the index of a relocation");
    if (type >= file_reloc_type_count) [[unlikely]]
      return r.fail_at(at, "invalid relocation type: " + std::to_string(type));
    const RelocRule& rule = rules.of[type];
    if (rule.has_addend && rule.is_64) r.s64_leb("the addend of a relocation");
    else if (rule.has_addend) r.s32_leb("the addend of a relocation");
    if (failed()) [[unlikely]]
      return;

    if (rule.symbol_kinds) {
      if (index >= symbol_count || !(rule.symbol_kinds >> static_cast<uint8_t>(symbols[index].kind) & 1))
          [[unlikely]]
        return r.fail_at(at, rule.index_error);
    } else if (index >= tables_.types.size()) [[unlikely]] {
      return r.fail_at(at, rule.index_error);
    }
    RelocType reloc_type = static_cast<RelocType>(type);
    if (reloc_type == RelocType::FUNCTION_INDEX_LEB) symbols[index].called_directly = true;
    has_slot_reloc_ |= rule.is_slot;
    if (reloc_type == RelocType::SECTION_OFFSET_I32 && symbols[index].element == none32) [[unlikely]]
      return r.fail_at(at, rule.index_error);
    if (rule.is_relative && section.kind != SectionKind::Data) [[unlikely]]
      return r.fail_at(at, "a relocation relative to its own address is not in data");

    if (offset < previous) [[unlikely]]
      return r.fail_at(at, "relocations not in offset order");
    if (offset < previous_end) [[unlikely]]
      return r.fail_at(at, "relocations overlap");
    previous = offset;
    previous_end = static_cast<uint64_t>(offset) + rule.width;
    if (!owners.add(base + offset, base + previous_end, static_cast<uint32_t>(at))) [[unlikely]]
      return r.fail_at(at, "invalid relocation offset");
    // A shorter number would be overwritten together with the instructions after it.
    if (rule.is_leb && !is_padded_leb(file_.data() + base + offset, rule.width)) [[unlikely]]
      return r.fail_at(at, "the field of a relocation is not a padded LEB128");
  }
}

} // namespace weld
