// Relocation sections. Each relocation is checked here against its symbol and the bytes it will change, so
// that a link applies it without looking.
#include "core/input/object_parser.h"

namespace weld {

namespace {
// What a relocation type asks for, next to each other for the loop.
struct RelocRule {
  uint32_t width;
  uint32_t symbol_kinds; // bit K: SymbolKind K may be referred to; 0: the index is a type's
  bool has_addend, is_64, is_leb;
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
  RelocRule rule = {field_width(t.field), 0, t.has_addend, field_is_64(t.field), is_leb, ""};
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
  case RelocTarget::SectionOffset:
    rule.symbol_kinds = bit(SymbolKind::Section);
    rule.index_error = "invalid relocation section index";
    break;
  case RelocTarget::Type: rule.index_error = "invalid relocation type index"; break;
  }
  return rule;
}

struct RelocRules {
  RelocRule of[reloc_type_count];
  constexpr RelocRules() : of() {
    for (uint32_t i = 0; i < reloc_type_count; i++) of[i] = rule_of(static_cast<RelocType>(i));
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
  // Whether the bytes [begin, end) of the file lie in one owner. Relocations must come in order.
  bool contains(uint64_t begin, uint64_t end, uint32_t reloc_row) {
    while (begin >= end_) {
      if (!move_on(reloc_row)) return false;
    }
    return begin >= begin_ && end <= end_;
  }
  void finish(uint32_t reloc_row) {
    while (move_on(reloc_row)) {
    }
  }

private:
  // Closes the row range of the owner before, opens the next one's.
  bool move_on(uint32_t reloc_row) {
    if (relocs_) relocs_->count = reloc_row - relocs_->first;
    relocs_ = nullptr;
    if (next_ == end_row_) return false;
    uint32_t row = next_++;
    if (kind_ == SectionKind::Code) {
      FunctionRow& f = tables_.functions[row];
      open(f.offset + f.code_offset, f.offset + f.size, f.relocs);
    } else if (kind_ == SectionKind::Data) {
      SegmentRow& s = tables_.segments[row];
      open(s.data.offset, s.data.offset + s.data.size, s.relocs);
    } else {
      const CustomSectionRow& c = tables_.custom_sections[row];
      begin_ = c.data.offset;
      end_ = begin_ + c.data.size;
      return true;
    }
    relocs_->first = reloc_row;
    return true;
  }
  void open(uint32_t begin, uint32_t end, RowRange& relocs) {
    begin_ = begin;
    end_ = end;
    relocs_ = &relocs;
  }

  ObjectTables& tables_;
  SectionKind kind_;
  uint32_t next_, end_row_;
  uint64_t begin_ = 0, end_ = 0; // of the current owner
  RowRange* relocs_ = nullptr;   // its; null before the first, and for a custom section
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
  const bool keeps_rows = section.custom_row == none32;
  uint32_t first = static_cast<uint32_t>(tables_.relocs.size());
  RelocRow unused;
  if (keeps_rows) tables_.relocs.resize(first + count);
  RelocRow* out = keeps_rows ? tables_.relocs.data() + first : &unused;
  const uint64_t begin = r.offset();
  SymbolRow* symbols = tables_.symbols.data();
  const size_t symbol_count = tables_.symbols.size();
  uint64_t previous_end = 0;
  uint32_t previous = 0;
  for (uint32_t row = first; row < first + count; row++, out += keeps_rows) {
    uint64_t at = r.offset();
    uint32_t type = r.u32_leb("the type of a relocation");
    uint32_t offset = r.u32_leb("the offset of a relocation");
    uint32_t index = r.u32_leb("the index of a relocation");
    if (type >= reloc_type_count) [[unlikely]]
      return r.fail_at(at, "invalid relocation type: " + std::to_string(type));
    const RelocRule& rule = rules.of[type];
    int64_t addend = 0;
    if (rule.has_addend)
      addend = rule.is_64 ? r.s64_leb("the addend of a relocation") : r.s32_leb("the addend of a relocation");
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
    if (reloc_type == RelocType::SECTION_OFFSET_I32 && symbols[index].element == none32) [[unlikely]]
      return r.fail_at(at, rule.index_error);
    if (reloc_type == RelocType::MEMORY_ADDR_LOCREL_I32 && section.kind != SectionKind::Data) [[unlikely]]
      return r.fail_at(at, "a relocation relative to its own address is not in data");

    if (offset < previous) [[unlikely]]
      return r.fail_at(at, "relocations not in offset order");
    if (offset < previous_end) [[unlikely]]
      return r.fail_at(at, "relocations overlap");
    previous = offset;
    previous_end = static_cast<uint64_t>(offset) + rule.width;
    if (!owners.contains(base + offset, base + previous_end, row)) [[unlikely]]
      return r.fail_at(at, "invalid relocation offset");
    // A shorter number would be overwritten together with the instructions after it.
    if (rule.is_leb && !is_padded_leb(file_.data() + base + offset, rule.width)) [[unlikely]]
      return r.fail_at(at, "the field of a relocation is not a padded LEB128");

    out->offset = offset;
    out->type = type & 31;
    out->index = index & ((1u << 27) - 1);
    out->addend = addend;
  }
  owners.finish(first + count);
  if (!keeps_rows)
    tables_.custom_sections[section.custom_row].relocs = {
        {static_cast<uint32_t>(begin), static_cast<uint32_t>(r.offset() - begin)}, count};
}

void decode_relocs(Bytes object, EncodedRelocs encoded, std::vector<RelocRow>& rows) {
  rows.resize(encoded.count);
  const uint8_t* p = object.data() + encoded.bytes.offset;
  auto number = [&] {
    uint64_t value = 0;
    for (uint32_t shift = 0;; shift += 7) {
      value |= static_cast<uint64_t>(*p & 0x7f) << shift;
      if (*p++ < 0x80) return value;
    }
  };
  auto signed_number = [&] {
    uint64_t value = 0;
    for (uint32_t shift = 0;;) {
      uint8_t byte = *p++;
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      shift += 7;
      if (byte >= 0x80) continue;
      if ((byte & 0x40) && shift < 64) value |= ~uint64_t{0} << shift;
      return static_cast<int64_t>(value);
    }
  };
  for (RelocRow& row : rows) {
    row.type = static_cast<uint32_t>(number()) & 31;
    row.offset = static_cast<uint32_t>(number());
    row.index = static_cast<uint32_t>(number()) & ((1u << 27) - 1);
    row.addend = rules.of[row.type].has_addend ? signed_number() : 0;
  }
}

} // namespace weld
