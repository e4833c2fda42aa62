#include "core/link/layout/layout.h"

namespace weld {

bool has_content(const LinkObject& o, const SegmentRow& segment) {
  if (segment.relocs.count) return true;
  if (segment.data.offset == none32) return false;
  return !is_zero(o.bytes.subspan(segment.data.offset, segment.data.size));
}

uint32_t moved_with(std::span<const StringPiece> pieces, uint64_t offset) {
  size_t low = 0, high = pieces.size();
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (pieces[middle].input_offset <= offset) low = middle;
    else high = middle;
  }
  return pieces[low].output_offset + static_cast<uint32_t>(offset - pieces[low].input_offset);
}

uint32_t Layout::merged_offset(RowRange range, uint64_t offset) const {
  return moved_with(std::span(pieces).subspan(range.first, range.count), offset);
}

uint64_t Layout::offset_in_out_segment(SegmentId segment, uint64_t offset) const {
  RowRange range = segment_pieces[segment];
  return segment_offset[segment] + (range.count ? merged_offset(range, offset) : offset);
}

uint64_t LaidOut::address_of(const Symbol& s, bool absolute) const {
  if (s.place != none32) return places[s.place];
  if (s.entity.is_none()) return s.value;
  const SegmentId segment = s.segment();
  uint64_t offset = offset_in_out_segment(segment, s.value);
  if (s.is_tls() && options.has_threads() && !absolute) return offset;
  OutSegmentId out = segment_out[segment];
  return (out ? segments[out].address : 0) + offset;
}

} // namespace weld
