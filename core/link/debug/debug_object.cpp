#include "core/link/debug/debug_object.h"

#include <algorithm>

namespace weld {

const RelocRow* DebugSection::reloc_at(uint64_t offset) const {
  auto found = std::lower_bound(relocs.begin(), relocs.end(), offset,
                                [](const RelocRow& reloc, uint64_t o) { return reloc.offset < o; });
  return found != relocs.end() && found->offset == offset ? &*found : nullptr;
}

DebugObject::DebugObject(const Link& link, LinkObjectId id)
    : link_(link), object_(link.objects[id]), id_(id) {
  auto rows = object_.object.custom_sections();
  for (uint32_t i = 0; i < rows.size(); i++) {
    const CustomSectionRow& row = rows[i];
    std::string_view name = link.store.strings.text(row.name);
    if (name.substr(0, 7) != ".debug_" || row.data.size == 0) continue;
    if (link.custom_is_discarded(object_.custom_section(i))) continue;
    DebugSection section{};
    section.row = i;
    section.name = name;
    section.bytes = object_.bytes.subspan(row.data.offset, row.data.size);
    section.relocs.reserve(row.relocs.count);
    for (const RelocRow& reloc : object_.relocs(row.relocs)) section.relocs.push_back(reloc);
    sections.push_back(std::move(section));
  }
}

DebugSection* DebugObject::find(std::string_view name) {
  for (DebugSection& section : sections)
    if (section.name == name) return &section;
  return nullptr;
}

DebugSection* DebugObject::target(const DebugSection& from, uint64_t offset, uint64_t& to) {
  const RelocRow* reloc = from.reloc_at(offset);
  if (!reloc || traits(reloc->reloc_type()).target != RelocTarget::SectionOffset) return nullptr;
  to = static_cast<uint64_t>(reloc->addend);
  const SymbolRow& symbol = object_.object.symbols()[reloc->index];
  for (DebugSection& section : sections)
    if (section.row == symbol.element) return &section;
  return nullptr;
}

CodeAddress DebugObject::address(const DebugSection& section, uint64_t offset) const {
  const RelocRow* reloc = section.reloc_at(offset);
  if (!reloc || traits(reloc->reloc_type()).target != RelocTarget::FunctionOffset) return {};
  const SymbolRow& symbol = object_.object.symbols()[reloc->index];
  FunctionEntity function = link_.function_of(object_, reloc->index);
  // What the linker took instead is described by the object that it is from.
  if (symbol.is_undefined() || function != FunctionEntity(object_.function(symbol.element))) return {};
  std::span<const CodeMove> moves = link_.moves_of(id_, function.id());
  if (moves.empty()) return {};
  auto addend = static_cast<uint64_t>(reloc->addend);
  return {symbol.element, static_cast<uint32_t>(std::min<uint64_t>(addend, moves.back().old_offset))};
}

CodeAddress DebugObject::at(CodeAddress from, uint64_t offset) const {
  std::span<const CodeMove> moves = link_.moves_of(id_, object_.function(from.function));
  uint64_t room = moves.back().old_offset - from.offset;
  return {from.function, from.offset + static_cast<uint32_t>(std::min(offset, room))};
}

uint64_t DebugObject::new_length(CodeAddress from, uint64_t length) const {
  std::span<const CodeMove> moves = link_.moves_of(id_, object_.function(from.function));
  return moved_offset(moves, at(from, length).offset) - moved_offset(moves, from.offset);
}

void DebugObject::add_problem(const DebugSection& section, const ReadFailure& failure, bool unsupported) {
  for (const DebugProblem& known : problems)
    if (known.unsupported ? unsupported : known.row == section.row && !unsupported) return;
  problems.push_back({section.row, failure.text, failure.offset, unsupported});
}

} // namespace weld
