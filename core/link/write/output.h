// What the output holds that no input has: bodies of the linker's functions, packed data, rewritten debug
// information. Each phase that is named fills its own part.
#pragma once

#include "core/link/index/indices.h"

namespace weld {

// A run of bytes of the memory that the file holds: -Oz leaves out the zeros between runs.
struct DataRun {
  uint64_t address = 0;
  Bytes bytes;      // in Output::data_image
  ByteRange header; // what precedes them, in OutputPlan::encoded
  uint32_t payload_offset = 0;
};

// Where code lies after fields in front of it have shrunk: from `old_offset` on, at `new_offset`.
struct CodeMove {
  uint32_t old_offset; // from the first byte of the body, after its size field
  uint32_t new_offset;
};

// A number in a custom section that its relocations do not write.
struct NumberPatch {
  uint64_t value;
  uint32_t offset; // in the section
  uint8_t width;
  bool is_leb;
};

// What becomes of a section of debug information when code has moved.
struct RewrittenSection {
  Vector<NumberPatch> patches;
  Vector<uint8_t> bytes;          // instead of the object's, when its size changes
  Vector<uint32_t> reloc_offsets; // then: where its relocations write, in their order
  Vector<StringPiece> pieces;     // then: where its tables were, and where they are
};

// A number in debug information of a unit that is known when everything has its place.
struct UnitField {
  uint32_t offset = 0;      // in the section
  UnitSectionId target;     // where this section of the unit begins; or else:
  FunctionId function;      // an address in this function
  uint32_t symbol = none32; // which the unit's object knows by this symbol
  uint32_t head = 0;        // from the function's first byte to its body
  uint32_t addend = 0;      // from there on

  bool is_section() const { return bool(target); }
  RelocType reloc_type(bool is_64) const {
    if (is_section()) return RelocType::SECTION_OFFSET_I32;
    return is_64 ? RelocType::FUNCTION_OFFSET_I64 : RelocType::FUNCTION_OFFSET_I32;
  }
};

// A section of debug information that the linker makes of the lines and names of a unit.
struct UnitSection {
  OutCustomId section;
  uint64_t offset = 0;      // in its output section
  ByteBuffer bytes;         // with zeros for the fields
  Vector<UnitField> fields; // in the order of their offsets
};

// Where a data segment is in the output.
struct SegmentHead {
  ByteRange header; // what precedes its bytes, in OutputPlan::encoded; size 0: it is not in the file
  uint32_t payload_offset = 0; // of its bytes in the DATA payload
};

// Slots of a table of an input that hold functions at first.
struct TableElements {
  LinkObjectId object;
  TableId table;
  uint32_t first, count;
};

struct Output {
  // --- write_synthetic_code: bodies with their sizes, and where each function's is
  ByteBuffer synthetic_code;
  Column<SyntheticFunctionId, RowRange> synthetic_bodies; // bytes of synthetic_code

  // --- pack_data: the memory from the first data on, up to the last byte that is not zero
  Vector<uint8_t> data_image;
  Vector<DataRun> data_runs;

  // --- rewrite_dwarf: empty unless code is compressed and debug information kept
  std::vector<Vector<CodeMove>> code_moves; // of each object's functions, one after the other
  Column<FunctionId, RowRange> function_moves; // rows of its object's code_moves; the first is 0 and 0, the last the old
                                               // and the new size; none when it is gone
  Column<CustomSectionId, uint32_t> custom_rewritten; // row of `rewritten_sections`, or none32
  std::vector<RewrittenSection> rewritten_sections;

  // --- describe_units: one chunk of a custom section each; empty unless a unit has lines or names of locals
  Table<UnitSectionId, UnitSection> unit_sections;

  // --- size_sections
  Vector<SegmentHead> segment_heads;                           // beside Layout::segments
  Vector<TableElements> initial_elements;                      // in the order of the tables
  uint32_t first_passive_data = 0, first_passive_elements = 0; // how many segments come before
  Column<FunctionId, uint32_t> function_offset;                // in the output's CODE payload
  Column<SyntheticFunctionId, uint32_t> synthetic_offset;      // likewise

  uint64_t live_id = 0; // Options::live: what tells this program from others (note_instance)

  // Of a function's body with its size field, in the output's CODE payload.
  uint32_t& offset_of(const OutFunction& f) {
    return f.object ? function_offset[f.function.id()] : synthetic_offset[f.function.synthetic()];
  }
  uint32_t offset_of(const OutFunction& f) const {
    return f.object ? function_offset[f.function.id()] : synthetic_offset[f.function.synthetic()];
  }
  // What rewrite_dwarf made of a custom section; null: it is the object's.
  const RewrittenSection* rewritten_section(CustomSectionId custom_section) const {
    if (custom_rewritten.empty() || custom_rewritten[custom_section] == none32) return nullptr;
    return &rewritten_sections[custom_rewritten[custom_section]];
  }
  // The code of a function when it is compressed and debug information follows it.
  std::span<const CodeMove> moves_of(LinkObjectId object, FunctionId function) const {
    if (function_moves.empty()) return {};
    RowRange range = function_moves[function];
    return std::span(code_moves[object.row]).subspan(range.first, range.count);
  }
};

// All that is known of a link.
struct Link : Indexed, Output {
  using Indexed::Indexed;

  uint64_t custom_section_offset(CustomSectionId custom_section, uint64_t offset) const;
  // What a field of a unit's debug information holds.
  uint64_t value_of(const UnitField& field) const;
};

// --- the phases, each in the file of its name
struct OutputPlan;
void write_synthetic_code(const Indexed& link, Output& output);
void pack_data(const Link& link, Output& output);
// Line number programs become shorter, so the sections that hold them do.
void rewrite_dwarf(const Link& link, CustomSections& custom, Output& output);
// Debug information of units, behind that of objects (debug/).
void describe_units(const Link& link, CustomSections& custom, Output& output);
// Makes those of one unit again, in the sections that it has, and of any size. False when it has none, or will not have
// any more.
class SymbolValues;
bool describe_unit_again(const Link& link, CustomSections& custom, Output& output, const SymbolValues& values,
                         LinkObjectId unit);
void size_sections(const Link& link, Output& output, OutputPlan& plan);
void write_module(const Link& link, const OutputPlan& plan, OutputBytes& bytes);
void check_output(const Link& link);
void write_map(const Link& link, const OutputPlan& plan, std::string& map);
void write_metafile(const Link& link, const OutputPlan& plan, std::string& metafile); // metafile/
void write_build_id(const Options& options, const OutputPlan& plan, OutputBytes& bytes);

// Writes a part of the output again: functions [begin, end) of Indices::functions into the payload of CODE, a chunk
// of a segment, a chunk of CustomSections::custom_sections[row]. False when a value does not fit its field.
bool rewrite_functions(const Link& link, const SymbolValues& values, uint32_t begin, uint32_t end,
                       uint8_t* code_payload);
bool rewrite_data(const Link& link, const SymbolValues& values, const OutChunk& chunk, uint8_t* at,
                  uint64_t address);
bool rewrite_custom(const Link& link, const SymbolValues& values, OutCustomId section, const OutChunk& chunk,
                    uint8_t* at);

Limits memory_limits(const LaidOut& link); // size_sections.cpp
// Of a symbol whose address a loader puts into a global: the module that this is imported from.
inline std::string_view got_module(const Symbol& s) {
  return s.kind == SymbolKind::Data ? "GOT.mem" : "GOT.func";
}

// Where the byte at `offset` of a body lies after fields have shrunk (compress_code.cpp).
uint32_t moved_offset(std::span<const CodeMove> moves, uint32_t offset);

} // namespace weld
