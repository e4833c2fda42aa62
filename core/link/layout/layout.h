// Where data lies: the state that fold_data, merge_strings, order_data, layout_memory and check_features fill.
#pragma once

#include "core/base/byte_buffer.h"
#include "core/link/live/liveness.h"

#include <vector>

namespace weld {

// A piece of a string segment or section: where it was, and where it lies in the merged chunk.
struct StringPiece {
  uint32_t input_offset;
  uint32_t output_offset;
};

// A run of bytes of an output segment or custom section: one input chunk, the merged strings of several, or what the
// linker made of a unit.
class OutChunk {
public:
  LinkObjectId object; // none: merged strings
  uint32_t p2align = 0;
  uint64_t offset = 0; // in the segment, or after the custom section's name
  uint64_t size = 0;
  bool is_zero = false; // -Oz: a .bss chunk among others

  OutChunk(MergedStringsId merged) : kind_(Merged), row_(merged.row) {}
  OutChunk(LinkObjectId o, SegmentId segment) : object(o), kind_(Segment), row_(segment.row) {}
  OutChunk(LinkObjectId o, CustomSectionId section) : object(o), kind_(CustomSection), row_(section.row) {}
  OutChunk(LinkObjectId unit, UnitSectionId section) : object(unit), kind_(UnitSection), row_(section.row) {}
  SegmentId segment() const { return SegmentId(row_of(Segment)); }
  CustomSectionId custom_section() const { return CustomSectionId(row_of(CustomSection)); }
  MergedStringsId merged() const { return MergedStringsId(row_of(Merged)); }
  bool is_of_unit() const { return kind_ == UnitSection; }
  UnitSectionId unit_section() const { return UnitSectionId(row_of(UnitSection)); }
  // For snapshots: calls each(member, ...).
  template <class Each>
  void with_members(Each each) const {
    each(object, p2align, offset, size, is_zero, kind_, row_);
  }

private:
  enum Kind : uint8_t { Merged, Segment, CustomSection, UnitSection };
  uint32_t row_of([[maybe_unused]] Kind kind) const {
    assert(kind_ == kind);
    return row_;
  }
  Kind kind_;
  uint32_t row_;
};

// Its place among those of its kind is in Layout::passive_number.
struct PassiveSegment {
  LinkObjectId object;
  SegmentId segment;
};

struct MergedStrings {
  StringId name; // of the segment or section that they were merged for: it may become a part of another
  ByteBuffer bytes;
  Vector<SegmentId> segments; // data segments whose strings these are
};

struct OutSegment {
  StringId name;
  Vector<OutChunk> chunks;
  uint32_t p2align = 0;
  uint64_t size = 0;
  uint64_t address = 0;
  uint32_t flags = 0; // segment_flag: of some chunk; `strings`: of all
  bool is_bss = false;
  bool is_tls = false;
  uint32_t index = 0;
};

struct OutCustomSection {
  StringId name;
  Vector<OutChunk> chunks;
  uint64_t size = 0;       // without the name
  bool has_relocs = false; // of its chunks, before merging
};

struct Layout {
  // --- the output's segments and custom sections
  Table<OutSegmentId, OutSegment> segments; // in output order after merge_strings
  // Segments of units that code names, in output order, behind the others.
  Vector<PassiveSegment> passive_data, passive_elements;
  Table<MergedStringsId, MergedStrings> merged_strings;

  // --- columns: one row a segment of an object
  Column<SegmentId, SegmentId> segment_folded_into; // fold_data: the equal one that stands for it, or none; may be empty
  Column<SegmentId, OutSegmentId> segment_out; // none: passive, or dead
  Column<SegmentId, uint64_t> segment_offset;  // in its output segment (merged: of the merged chunk)
  Column<SegmentId, uint32_t> common_size; // of common symbols, which is not that of the object; empty without any
  Column<SegmentId, uint32_t> passive_number; // among passive_data or passive_elements; empty when both are
  Column<SegmentId, RowRange> segment_pieces; // rows of `pieces` when the segment's strings are merged
  Vector<StringPiece> pieces;

  // --- memory
  Vector<uint64_t> places; // Symbol::place -> address of a data symbol of the linker
  Column<SyntheticGlobalId, uint64_t> global_values;
  SymbolId init_memory_flag; // shared memory: by which threads agree who initializes it
  OutSegmentId room;         // zeros, for data that comes later; none unless LinkContext::leaves_room
  uint64_t memory_pages = 0;
  uint64_t max_memory_pages = 0; // 0: no maximum
  uint64_t static_data_size = 0;
  uint32_t data_p2align = 0;
  uint64_t live_room = 0; // Options::live: the address of the room for data of patches
  bool pack_data = false; // -Oz: data is ordered by use, and the file holds it in runs

  // --- features
  Vector<StringId> features; // sorted by name
  bool extended_const = false;
  bool emit_bss = false; // bss segments carry their zeros

  // Whether the file holds its bytes.
  bool in_binary(const OutSegment& segment) const { return !segment.is_bss || emit_bss; }
  uint32_t merged_offset(RowRange pieces, uint64_t offset) const;
  // Where byte `offset` of an input segment lies in its output segment.
  uint64_t offset_in_out_segment(SegmentId segment, uint64_t offset) const;
  uint32_t size_of(SegmentId segment, const SegmentRow& row) const {
    return row.flags & segment_flag::common ? common_size[segment] : row.data.size;
  }
  // The segment that holds the data of this one.
  SegmentId folded_segment(SegmentId segment) const {
    if (segment_folded_into.empty() || !segment_folded_into[segment]) return segment;
    return segment_folded_into[segment];
  }
};

// Custom sections. merge_strings fills them; line number programs become shorter in rewrite_dwarf, and describe_units
// adds what it makes.
struct CustomSections {
  Table<OutCustomId, OutCustomSection> custom_sections;
  Column<CustomSectionId, RowRange> custom_pieces; // rows of Layout::pieces when its strings are merged
  Column<CustomSectionId, uint64_t> custom_offset; // in its output section, after the name (merged: of the merged chunk)
};

// What may be read once addresses are fixed.
struct LaidOut : Marked, Layout, CustomSections {
  using Marked::Marked;

  // Address; thread-local data of a shared memory: the offset in its block.
  uint64_t address_of(const Symbol& symbol, bool absolute = false) const;
};

class LateNames;

// --- the phases, each in the file of its name (fold_data in reduce/)
void fold_data(const Marked& link, Layout& layout);
void merge_strings(const Marked& link, Layout& layout, CustomSections& custom);
void order_data(const Marked& link, Layout& layout);
void layout_memory(const Marked& link, LateNames& names, Layout& layout);
// Whether a section has branch hints, which are no bytes to be copied: weld's own outputs have one section of them
// (write/encode_hints.cpp).
bool is_branch_hints(const LinkContext& link, const CustomSectionRow& section);
void check_features(const Marked& link, Layout& layout);

// Whether a segment has bytes other than zero, or will have them. Its name may say otherwise.
bool has_content(const LinkObject& object, const SegmentRow& segment);
// What --icf folds lies where the segment does that stands for it (fold_data.cpp).
void place_folded_data(Layout& layout);
void order_as_llvm_14(const Marked& link, Table<OutCustomId, OutCustomSection>& sections);
// The offset that `offset` has become: by binary search, as pieces are in input order.
uint32_t moved_with(std::span<const StringPiece> pieces, uint64_t offset);

} // namespace weld
