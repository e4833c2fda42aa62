#include "core/link/write/output.h"

namespace weld {

uint64_t Link::custom_section_offset(CustomSectionId section, uint64_t offset) const {
  if (RowRange range = custom_pieces[section]; range.count) offset = merged_offset(range, offset);
  else if (const RewrittenSection* rewritten = rewritten_section(section);
           rewritten && !rewritten->pieces.empty())
    offset = moved_with(rewritten->pieces, offset);
  return custom_offset[section] + offset;
}

uint64_t Link::value_of(const UnitField& field) const {
  if (field.is_section()) return unit_sections[field.target].offset;
  return uint64_t{function_offset[field.function]} + field.head + field.addend;
}

} // namespace weld
