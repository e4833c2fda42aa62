// Places in data and custom sections that the linker fills, and the custom sections of a unit.
#include "core/base/sort.h"
#include "core/base/utf8.h"
#include "core/unit/unit.h"
#include "core/wasm/type_text.h"

namespace weld {

using namespace symbol_flag;

namespace {

// Which relocation a fixup is.
struct FixupRow {
  Fixup::Kind kind;
  uint8_t width;
  RelocType type;
};
constexpr FixupRow fixup_rows[] = {
    {Fixup::Address, 4, RelocType::MEMORY_ADDR_I32},
    {Fixup::Address, 8, RelocType::MEMORY_ADDR_I64},
    {Fixup::Address, 5, RelocType::MEMORY_ADDR_LEB},
    {Fixup::Address, 10, RelocType::MEMORY_ADDR_LEB64},
    {Fixup::TableSlot, 4, RelocType::TABLE_INDEX_I32},
    {Fixup::TableSlot, 8, RelocType::TABLE_INDEX_I64},
    {Fixup::FunctionIndex, 4, RelocType::FUNCTION_INDEX_I32},
    {Fixup::FunctionIndex, 5, RelocType::FUNCTION_INDEX_LEB},
    {Fixup::FunctionOffset, 4, RelocType::FUNCTION_OFFSET_I32},
    {Fixup::FunctionOffset, 8, RelocType::FUNCTION_OFFSET_I64},
    {Fixup::SectionOffset, 4, RelocType::SECTION_OFFSET_I32},
    {Fixup::TypeIndex, 5, RelocType::TYPE_INDEX_LEB},
    {Fixup::GlobalIndex, 4, RelocType::GLOBAL_INDEX_I32},
    {Fixup::GlobalIndex, 5, RelocType::GLOBAL_INDEX_LEB},
    {Fixup::TagIndex, 5, RelocType::TAG_INDEX_LEB},
    {Fixup::TableNumber, 5, RelocType::TABLE_NUMBER_LEB},
};

const FixupRow* find_row(Fixup::Kind kind, uint8_t width) {
  for (const FixupRow& row : fixup_rows)
    if (row.kind == kind && row.width == width) return &row;
  return nullptr;
}

const FixupRow& row_of_type(RelocType type) {
  const FixupRow* row = fixup_rows;
  while (row->type != type) row++;
  return *row;
}

// What the symbol has to be.
SymbolKind kind_of(Fixup::Kind kind) {
  switch (kind) {
  case Fixup::Address: return SymbolKind::Data;
  case Fixup::SectionOffset: return SymbolKind::Section;
  case Fixup::GlobalIndex: return SymbolKind::Global;
  case Fixup::TagIndex: return SymbolKind::Tag;
  case Fixup::TableNumber: return SymbolKind::Table;
  case Fixup::TableSlot:
  case Fixup::FunctionIndex:
  case Fixup::FunctionOffset:
  case Fixup::TypeIndex: break;
  }
  return SymbolKind::Function;
}

bool has_addend(Fixup::Kind kind) {
  return kind == Fixup::Address || kind == Fixup::FunctionOffset || kind == Fixup::SectionOffset;
}

// Sections that have a meaning for linkers, or whose content only the linker knows.
std::string why_reserved(std::string_view name) {
  auto starts_with = [&](std::string_view prefix) { return name.substr(0, prefix.size()) == prefix; };
  if (name == "producers" || name == "target_features")
    return "the linker makes this section: state what is to be in it";
  if (name == "name" || name == "linking" || name == "dylink" || name == "dylink.0" ||
      starts_with("reloc.") || name == branch_hints_name)
    return "the linker makes this section";
  constexpr std::string_view dwarf[] = {
      "abbrev",   "addr",   "aranges",  "cu_index", "frame",       "info",     "line",
      "line_str", "loc",    "loclists", "macinfo",  "macro",       "names",    "pubnames",
      "pubtypes", "ranges", "rnglists", "str",      "str_offsets", "tu_index", "types"};
  for (std::string_view section : dwarf)
    if (starts_with(".debug_") && name.substr(7) == section)
      return "places of instructions are known when the module is written: the linker makes debug "
             "information of lines "
             "and variables";
  return {};
}

} // namespace

// What is wrong with it, apart from its place; empty: nothing.
std::string Unit::wrong_fixup(const Fixup& fixup, bool in_section) const {
  const FixupRow* row = find_row(fixup.kind, fixup.width);
  if (!in_section && (fixup.kind > Fixup::TableSlot || (fixup.width != 4 && fixup.width != 8)))
    return fixup.kind > Fixup::TableSlot ? "a fixup of data is an address or a table slot"
                                         : "a fixup has 4 or 8 bytes";
  if (!row) return "a fixup of this kind does not have " + std::to_string(fixup.width) + " bytes";
  if (in_section && fixup.width >= 8 && !is_64_)
    return "a fixup of " + std::to_string(fixup.width) + " bytes is for memories of 64 bits";
  if (has_addend(fixup.kind) && !is_64_ && fixup.addend != static_cast<int32_t>(fixup.addend))
    return "a fixup adds more than 32 bits"; // object files have no more
  if (fixup.kind == Fixup::TypeIndex)
    return fixup.symbol.row < types_.size() ? std::string()
                                            : "a fixup: unknown type " + std::to_string(fixup.symbol.row);
  if (!has(fixup.symbol)) return "a fixup: " + why_unknown(fixup.symbol);
  const SymbolKind wanted = kind_of(fixup.kind);
  const UnitSymbolRow& symbol = symbols_[fixup.symbol];
  if (symbol.kind != wanted || symbol.segment_kind != SegmentKind::Memory || symbol.is_memory())
    return "a fixup refers to what is no " + std::string(symbol_kind_text(wanted, false));
  return {};
}

// Whether they fit data, or the section, of this size; `sorted`: in the order of their places.
bool Unit::check_fixups(UnitSymbol symbol, size_t size, std::span<const Fixup> fixups, Vector<Fixup>& sorted) {
  if (!rooms_.fits(size + fixups.size() * 24)) return refuse(symbol, "the unit is too large");
  const bool in_section = has(symbol) && symbols_[symbol].kind == SymbolKind::Section;
  sorted.append(fixups);
  sort_stably(sorted, [](const Fixup& a, const Fixup& b) { return a.offset < b.offset; });
  uint64_t end = 0;
  bool takes_slots = false;
  for (Fixup& fixup : sorted) {
    if (fixup.offset < end) return refuse(symbol, "two fixups overlap");
    end = uint64_t{fixup.offset} + fixup.width;
    if (end > size) return refuse(symbol, "a fixup is outside of the data");
    if (const std::string wrong = wrong_fixup(fixup, in_section); !wrong.empty())
      return refuse(symbol, wrong);
    takes_slots |= fixup.kind == Fixup::TableSlot;
    if (!has_addend(fixup.kind)) fixup.addend = 0;
  }
  return !takes_slots || need_function_table();
}

// `base`: what their places count from.
void Unit::encode_fixups(std::span<const Fixup> fixups, uint32_t base, UnitSymbolRow& row) {
  if (fixups.empty()) return;
  ByteBuffer encoded;
  for (const Fixup& fixup : fixups) {
    encoded.u8(static_cast<uint8_t>(find_row(fixup.kind, fixup.width)->type));
    encoded.uleb(base + fixup.offset);
    encoded.uleb(fixup.kind == Fixup::TypeIndex ? fixup.symbol.row : row_of(fixup.symbol));
    if (has_addend(fixup.kind)) encoded.sleb(fixup.addend);
  }
  row.fixups = rooms_.store(encoded.from(0));
  row.fixup_count = static_cast<uint32_t>(fixups.size());
}

Vector<Fixup> Unit::fixups(UnitSymbol symbol) const {
  const UnitSymbolRow& row = symbols_[symbol];
  Vector<Fixup> fixups;
  if (!row.fixup_count) return fixups;
  const uint32_t base = row.kind == SymbolKind::Data ? row.body.offset : 0;
  for (const RelocRow& reloc : RelocRange(bytes(), {row.fixups.offset, row.fixup_count})) {
    const FixupRow& of = row_of_type(reloc.reloc_type());
    const UnitSymbol target = of.kind == Fixup::TypeIndex ? UnitSymbol(reloc.index) : symbols_.at(reloc.index);
    fixups.push_back({of.kind, of.width, reloc.offset - base, target, reloc.addend});
  }
  return fixups;
}

// --- custom sections

UnitSymbol Unit::declare_section(std::string_view name) {
  return declare(name, SymbolKind::Section, 0);
}

bool Unit::set_section(UnitSymbol symbol, Bytes bytes, std::span<const Fixup> fixups,
                       std::string_view section) {
  if (!is_symbol(symbol, SymbolKind::Section, "section")) return false;
  const std::string name(section.empty() ? strings_.text(symbols_[symbol].name) : section);
  if (const std::string why = why_reserved(name); !why.empty()) return refuse(symbol, why);
  if (!is_utf8(name)) return refuse(symbol, "the name of a section is UTF-8");
  Vector<Fixup> sorted;
  if (!check_fixups(symbol, bytes.size(), fixups, sorted)) return false;
  UnitSymbolRow row = undefined_row(symbol);
  define(row, binding_local);
  if (!bytes.empty()) row.body = rooms_.store(bytes);
  encode_fixups(sorted, 0, row);
  row.size = static_cast<uint32_t>(bytes.size());
  row.segment = strings_.intern(name);
  set_row(symbol, row);
  return true;
}

} // namespace weld
