// `linking` and `reloc.*`.
#include "core/inspect/walk.h"

#include <algorithm>

namespace weld {

void ModuleWalk::read_linking(Reader& r) {
  uint64_t at = r.offset();
  uint32_t version = r.u32_leb("the metadata version");
  if (!r.failed() && version != linking_version)
    note(at, "unexpected metadata version: " + std::to_string(version));
  while (!r.at_end() && !r.failed()) {
    uint8_t type = r.u8("the type of a subsection");
    uint32_t size = r.u32_leb("the size of a subsection");
    if (r.failed()) return;
    in_part(r, size, "subsection", [&](Reader& part) {
      switch (static_cast<LinkingSubsection>(type)) {
      case LinkingSubsection::SegmentInfo: return read_segment_infos(part);
      case LinkingSubsection::InitFuncs: return read_init_functions(part);
      case LinkingSubsection::ComdatInfo: return read_comdats(part);
      case LinkingSubsection::SymbolTable: return read_symbols(part);
      }
      skip_unknown(part, type);
    });
  }
}

// A binding that is no sum of the others gets a bit of its own, which the format does not use.
constexpr uint32_t common_bit = 0x8;

void ModuleWalk::read_symbols(Reader& r) {
  uint32_t count = r.u32_leb("the number of symbols");
  out_.symbols.reserve(std::min<size_t>(count, r.left() / 3));
  for (uint32_t i = 0; i < count && !r.failed(); i++) read_symbol(r);
}

// kind, flags, then: function, global, tag, table: index, and a name unless the import's serves; data: a
// name, and if it is defined where; section: which.
void ModuleWalk::read_symbol(Reader& r) {
  uint64_t at = r.offset();
  inspection::Symbol symbol = {
      r.u8("the kind of a symbol"), 0, none32, none32, none32, none64, none64, none32, {}};
  symbol.flags = r.u32_leb("the flags of a symbol");
  if (r.failed()) return;
  const bool is_undefined = symbol.flags & symbol_flag::undefined;
  auto kind = static_cast<SymbolKind>(symbol.kind);
  if (kind == SymbolKind::Data) {
    symbol.name = text_of(r.name("the name of a data symbol"));
    const bool is_common = (symbol.flags & symbol_flag::binding_mask) == symbol_flag::binding_common;
    if (is_common) symbol.flags = (symbol.flags & ~symbol_flag::binding_mask) | common_bit;
    if (is_common && !is_undefined) {
      symbol.size = r.u64_leb("the size of a common symbol");
      symbol.p2align = r.u8("the alignment of a common symbol");
    } else if (!is_undefined) {
      uint32_t segment = r.u32_leb("the segment of a data symbol");
      symbol.offset = r.u64_leb("the offset of a data symbol");
      symbol.size = r.u64_leb("the size of a data symbol");
      if (!(symbol.flags & symbol_flag::absolute)) symbol.segment = segment;
      if (!r.failed() && symbol.segment != none32 && segment >= out_.data_segments.size())
        note(at, "a symbol in data segment " + std::to_string(segment) + " of " +
                     std::to_string(out_.data_segments.size()));
    }
  } else if (kind == SymbolKind::Section) {
    symbol.index = r.u32_leb("the section of a symbol");
    if (!r.failed() && symbol.index >= out_.sections.size())
      note(at, "a symbol of section " + std::to_string(symbol.index) + " of " +
                   std::to_string(out_.sections.size()));
    else if (!r.failed()) symbol.name = out_.sections[symbol.index].name;
  } else if (kind <= SymbolKind::Table) {
    symbol.index = r.u32_leb("the index of a symbol");
    auto look_up = [&](const auto& table) {
      if (symbol.index < table.size()) symbol.import = table[symbol.index].import;
      else
        note(at, "a symbol of number " + std::to_string(symbol.index) + " of " + std::to_string(table.size()));
    };
    if (r.failed()) return;
    if (kind == SymbolKind::Function) look_up(out_.functions);
    else if (kind == SymbolKind::Global) look_up(out_.globals);
    else if (kind == SymbolKind::Tag) look_up(out_.tags);
    else look_up(out_.tables);
    if (!is_undefined) symbol.import = none32;
    if (!is_undefined || (symbol.flags & symbol_flag::explicit_name))
      symbol.name = text_of(r.name("the name of a symbol"));
    else if (symbol.import != none32) symbol.name = out_.imports[symbol.import].name;
  } else {
    return r.fail_at(at, "invalid kind of a symbol: " + std::to_string(symbol.kind));
  }
  if (!r.failed()) out_.symbols.push_back(symbol);
}

void ModuleWalk::read_segment_infos(Reader& r) {
  uint64_t at = r.offset();
  uint32_t count = r.u32_leb("the number of segment names");
  if (!r.failed() && count > out_.data_segments.size())
    note(at,
         std::to_string(count) + " names of " + std::to_string(out_.data_segments.size()) + " data segments");
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    Text name = text_of(r.name("the name of a segment"));
    uint32_t p2align = r.u32_leb("the alignment of a segment");
    uint32_t flags = r.u32_leb("the flags of a segment");
    if (r.failed() || i >= out_.data_segments.size()) continue;
    inspection::DataSegment& segment = out_.data_segments[i];
    segment.name = name;
    segment.p2align = p2align;
    segment.flags = flags;
  }
}

void ModuleWalk::read_init_functions(Reader& r) {
  uint32_t count = r.u32_leb("the number of init functions");
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    uint32_t priority = r.u32_leb("the priority of an init function");
    uint64_t at = r.offset();
    uint32_t symbol = r.u32_leb("the symbol of an init function");
    if (r.failed()) return;
    if (symbol >= out_.symbols.size())
      note(at, "symbol " + std::to_string(symbol) + " of " + std::to_string(out_.symbols.size()));
    out_.init_functions.push_back({priority, symbol, {}});
  }
}

void ModuleWalk::read_comdats(Reader& r) {
  uint32_t count = r.u32_leb("the number of comdats");
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    Text name = text_of(r.name("the name of a comdat"));
    uint32_t flags = r.u32_leb("the flags of a comdat");
    uint32_t entries = r.u32_leb("the number of comdat entries");
    if (r.failed()) return;
    out_.comdats.push_back({flags, name});
    for (uint32_t e = 0; e < entries && !r.failed(); e++) read_comdat_entry(r, i);
  }
}

void ModuleWalk::read_comdat_entry(Reader& r, uint32_t comdat) {
  uint64_t at = r.offset();
  uint8_t kind = r.u8("the kind of a comdat entry");
  uint32_t index = r.u32_leb("the index of a comdat entry");
  if (r.failed()) return;
  size_t size = none32;
  switch (static_cast<ComdatKind>(kind)) {
  case ComdatKind::Data:
    size = out_.data_segments.size();
    if (index < size) out_.data_segments[index].comdat = comdat;
    break;
  case ComdatKind::Function:
    size = out_.functions.size();
    if (index < size) out_.functions[index].comdat = comdat;
    break;
  case ComdatKind::Section: size = out_.sections.size(); break;
  case ComdatKind::Global: size = out_.globals.size(); break;
  case ComdatKind::Tag: size = out_.tags.size(); break;
  case ComdatKind::Table: size = out_.tables.size(); break;
  default: note(at, "invalid kind of a comdat entry: " + std::to_string(kind));
  }
  if (index >= size)
    note(at, "a comdat entry of number " + std::to_string(index) + " of " + std::to_string(size));
  out_.comdat_entries.push_back({comdat, kind, index, {}});
}

void ModuleWalk::read_relocations(Reader& r) {
  uint64_t start = r.offset();
  uint32_t section = r.u32_leb("the section of relocations");
  uint32_t count = r.u32_leb("the number of relocations");
  if (r.failed()) return;
  uint32_t room = none32;
  if (section < out_.sections.size()) {
    const inspection::Section& target = out_.sections[section];
    room = target.offset + target.size - target.payload_offset;
  } else
    note(start,
         "relocations of section " + std::to_string(section) + " of " + std::to_string(out_.sections.size()));
  out_.relocations.reserve(out_.relocations.size() + std::min<size_t>(count, r.left() / 3));
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    uint64_t at = r.offset();
    uint32_t type = r.u32_leb("the type of a relocation");
    if (!r.failed() && type >= reloc_type_count)
      return r.fail_at(at, "invalid relocation type: " + std::to_string(type));
    inspection::Relocation row = {section, 0, static_cast<uint8_t>(type), none32, none32, 0, {}};
    row.offset = r.u32_leb("the offset of a relocation");
    uint32_t index = r.u32_leb("the index of a relocation");
    if (r.failed()) return;
    const RelocTraits& t = traits(static_cast<RelocType>(type));
    if (t.has_addend)
      row.addend = field_is_64(t.field) ? r.s64_leb("the addend of a relocation")
                                        : r.s32_leb("the addend of a relocation");
    if (r.failed()) return;
    const bool is_type = t.target == RelocTarget::Type;
    const size_t size = is_type ? out_.types.size() : out_.symbols.size();
    (is_type ? row.type_index : row.symbol) = index;
    if (index >= size)
      note(at, (is_type ? "type " : "symbol ") + std::to_string(index) + " of " + std::to_string(size));
    else row.name = is_type ? out_.types[index].text : out_.symbols[index].name;
    if (room < field_width(t.field) || row.offset > room - field_width(t.field))
      note(at, "a relocation at " + std::to_string(row.offset) + " of " + std::to_string(room) + " bytes");
    out_.relocations.push_back(row);
  }
}

} // namespace weld
