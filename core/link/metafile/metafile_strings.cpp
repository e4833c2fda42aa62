// Merged strings: each byte is one segment's, or several's. Those have an item of their own, one for each
// output segment or section.
#include "core/link/metafile/metafile.h"

#include <algorithm>

namespace weld {

// Whose the bytes of merged strings are: one segment's, or several's. Those have an item of their own, one
// for each output segment or section.
void Metafile::number_strings() {
  blobs_.resize(link_.merged_strings.size());
  Vector<uint32_t> shared(link_.segments.size(), none32);
  for (SegmentId id(0); id.row < link_.segment_pieces.size(); id.row++) {
    const RowRange pieces = link_.segment_pieces[id];
    const OutSegmentId out = link_.segment_out[id];
    if (!pieces.count || !out || link_.folded_segment(id) != id) continue;
    const OutSegment& segment = link_.segments[out];
    const LinkObject& o = link_.objects[owner_of_segment(id)];
    claim(segment.chunks, link_.segment_offset[id], segment_items_[id], shared[out.row], segment.name,
          o.bytes, o.object.segments()[o.segment.local(id)].data, pieces);
  }
  for (const OutCustomSection& section : link_.custom_sections) {
    uint32_t shared_item = none32;
    for (LinkObjectId id : link_.object_order) {
      const LinkObject& o = link_.objects[id];
      auto sections = o.object.custom_sections();
      for (uint32_t i = 0; i < sections.size(); i++) {
        const CustomSectionId own = o.custom_section(i);
        if (sections[i].name != section.name || !link_.custom_pieces[own].count) continue;
        claim(section.chunks, link_.custom_offset[own], custom_items_[own], shared_item, section.name,
              o.bytes, sections[i].data, link_.custom_pieces[own]);
      }
    }
  }
  for (const Vector<uint32_t>& owners : blobs_)
    for (uint32_t owner : owners)
      if (owner != none32) items_[owner].size++;
}

LinkObjectId Metafile::owner_of_segment(SegmentId id) const {
  uint32_t low = 0, high = link_.objects.size();
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (link_.objects[LinkObjectId(middle)].segment.first <= id.row) low = middle;
    else high = middle;
  }
  return LinkObjectId(low);
}

// `base`: what the pieces' offsets are relative to, in the segment of `chunks`.
void Metafile::claim(std::span<const OutChunk> chunks, uint64_t base, uint32_t item, uint32_t& shared,
                     StringId name, Bytes object, ByteRange data, RowRange pieces) {
  for (uint32_t i = 0; i < pieces.count; i++) {
    const StringPiece& piece = link_.pieces[pieces.first + i];
    const uint64_t offset = base + piece.output_offset;
    auto chunk = std::upper_bound(chunks.begin(), chunks.end(), offset,
                                  [](uint64_t o, const OutChunk& c) { return o < c.offset; });
    --chunk; // the one that holds the string
    Vector<uint32_t>& owners = blobs_[chunk->merged()];
    owners.resize(static_cast<size_t>(chunk->size), none32);
    size_t at = static_cast<size_t>(offset - chunk->offset);
    const uint8_t* byte = object.data() + data.offset + piece.input_offset;
    do {
      uint32_t& owner = owners[at++];
      if (owner == none32) owner = item;
      if (owner == item) continue;
      if (shared == none32) shared = add(ItemKind::Strings, text(name));
      if (owner != shared) put_edge(owner, shared);
      const Edge edge = {item, shared};
      if (edges_.empty() || edges_.back() != edge) edges_.push_back(edge);
      owner = shared;
    } while (*byte++);
  }
}

} // namespace weld
