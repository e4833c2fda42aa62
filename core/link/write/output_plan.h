// What the output consists of, section by section, with every size known: the writer only fills it in.
#pragma once

#include "core/base/vector.h"
#include "core/link/write/output.h"

namespace weld {

struct OutSection {
  enum Content : uint8_t {
    Encoded, // the payload is ready, in OutputPlan::encoded, until the link is done
    Code,    // count, then bodies
    Data,    // count, then segments
    Custom,  // name, then chunks of `custom`
  };
  SectionKind kind;
  Content content;
  OutCustomId custom; // Custom
  uint64_t payload_size = 0;
  uint64_t offset = 0; // of the payload in the output
  RowRange encoded;    // Encoded: its bytes. Others: what precedes the bodies, segments or chunks
};

struct OutputPlan {
  Vector<OutSection> sections;
  Vector<OutSection> debug_sections; // --separate-dwarf: those of the other file, with their offsets there
  uint32_t debug_link_section = 0;   // then: the section that names that file, and its bytes in the output
  RowRange debug_link;
  uint64_t debug_file_size = 0;
  ByteBuffer encoded; // empty when the link is done: the output has it
  // Where branch hints name functions, where relocations stay: in `hint_section`, by the symbol of an object.
  struct HintReloc {
    uint32_t offset; // after the section's name
    LinkObjectId object;
    uint32_t symbol;
  };
  Vector<HintReloc> hint_relocs;
  uint32_t hint_section = 0; // row of `sections`, when there are such relocations
  Vector<uint32_t> entries; // in `encoded`: where each type, import, ... begins; for the metafile and validate_output
  uint64_t size = 0;
  RowRange passive_data;    // of `encoded`: segments with their heads, which end DATA
  size_t build_id_size = 0; // the build id is the last bytes of the output; 0: there is none

  // Closes the section whose payload was encoded from `begin` on; `more` bytes of it come from elsewhere.
  void add(SectionKind kind, size_t begin, OutSection::Content content = OutSection::Encoded,
           OutCustomId custom = {}, uint64_t more = 0) {
    auto here = static_cast<uint32_t>(encoded.size() - begin);
    sections.push_back({kind, content, custom, here + more, 0, {static_cast<uint32_t>(begin), here}});
  }
};

// Writes the file with debug information, which has what the module has besides (write_module.cpp).
void write_debug_file(const Link& link, const OutputPlan& plan, Bytes module, OutputBytes& file);

// Of the id alone, without the byte that says it (write_build_id.cpp).
size_t build_id_size(const Options& options);

// Appends the initial value of a global that refers to something (encode_init.cpp).
void encode_initial_value(const Link& link, const OutGlobal& global, const GlobalRow& row, ByteBuffer& out);

// Encodes TYPE, FUNCTION, TABLE, EXPORT or ELEMENT alone, after the link has more of it: `plan` gets this section, without a
// place (size_sections.cpp).
void encode_section(Link& link, SectionKind section, OutputPlan& plan);

// Appends types as the output has them (encode_types.cpp). Of a group the first member begins with the group's head.
void encode_value_type(const Link& link, ValueType type, ByteBuffer& out);
void encode_type(const Link& link, SignatureId type, ByteBuffer& out);
// How many entries the TYPE section has: types, and groups of types.
uint32_t count_type_entries(const Link& link);

// Appends the branch hints of the functions that are in the output (encode_hints.cpp). CODE comes next.
void encode_hints(const Link& link, OutputPlan& plan);

// -r and --emit-relocs: appends `linking` and `reloc.*` (encode_linking.cpp).
void encode_linking(const Link& link, OutputPlan& plan);

// Warns of more than engines take (check_limits.cpp).
void check_limits(const Link& link, const OutputPlan& plan, Bytes output);

// Appends the names of locals that units have, a subsection of the section of names; nothing when there are none
// (encode_metadata.cpp).
void encode_local_names(const Link& link, ByteBuffer& out);

// The part of the output that is the section's payload.
Bytes payload_of(const OutSection& section, Bytes output);

// A number of the output, which begins at `at` and is well formed. `at` is then behind it.
uint64_t number_at(Bytes output, size_t& at);
// The section of names; null: the output has none.
const OutSection* find_name_section(const OutputPlan& plan, Bytes output);
// Where in its payload a subsection is with its head, or would be, and its size.
std::pair<size_t, size_t> find_name_subsection(Bytes section, NameSubsection wanted);

// Appends names, producers, features and the build id's place (encode_metadata.cpp).
void encode_metadata(const Link& link, OutputPlan& plan);

} // namespace weld
