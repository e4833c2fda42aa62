#include "core/link/write/output.h"

namespace weld {

uint64_t Link::custom_section_offset(CustomSectionId section, uint64_t offset) const {
  if (RowRange range = custom_pieces[section]; range.count) offset = merged_offset(range, offset);
  else if (const RewrittenSection* rewritten = rewritten_section(section);
           rewritten && !rewritten->pieces.empty())
    offset = moved_with(rewritten->pieces, offset);
  return custom_offset[section] + offset;
}

} // namespace weld
