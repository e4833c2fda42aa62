// The walk over a module's bytes. Each part of the file is read by a reader with a failure of its own, so
// that what is wrong in one part does not hide the next.
#pragma once

#include "core/base/reader.h"
#include "core/inspect/inspection.h"

namespace weld {

class ModuleWalk {
public:
  explicit ModuleWalk(Inspection& out) : out_(out) {}
  void run();

  // walk_types.cpp: as the text format has them
  static std::string value_type(Reader& r, const char* what);
  static std::string heap_type(Reader& r);

private:
  using Text = inspection::Text;

  // walk_module.cpp: the file as a whole, and the sections of the core specification
  void read_section_headers();
  void read_section(const inspection::Section& section, Reader& r);
  void read_types(Reader& r);
  void read_type_group(Reader& r);
  void read_composite_type(Reader& r, uint64_t offset, const std::string& prefix);
  void read_imports(Reader& section);
  void read_functions(Reader& r);
  void read_tables(Reader& r);
  void read_memories(Reader& r);
  void read_tags(Reader& r);
  void read_globals(Reader& r);
  void read_exports(Reader& r);
  void read_start(Reader& r);
  void read_elements(Reader& r);
  void read_element_items(Reader& r, uint32_t element, bool has_expressions);
  void read_code(Reader& r);
  void read_data(Reader& r);
  // A type with the number `index`; says so when there is none.
  Text signature(uint32_t index, uint64_t at);

  // walk_types.cpp
  std::string field_type(Reader& r);
  std::string type_list(Reader& r, const char* what);
  inspection::Table table_type(Reader& r);
  inspection::Memory memory_type(Reader& r);
  struct Constant {
    std::string text;
    uint64_t value = none64; // of an expression that is one integer
  };
  Constant constant(Reader& r);

  // walk_linking.cpp
  void read_linking(Reader& r);
  void read_symbols(Reader& r);
  void read_symbol(Reader& r);
  void read_segment_infos(Reader& r);
  void read_init_functions(Reader& r);
  void read_comdats(Reader& r);
  void read_comdat_entry(Reader& r, uint32_t comdat);
  void read_relocations(Reader& r);

  // walk_custom.cpp
  void read_custom_section(std::string_view name, Reader& r);
  void read_names(Reader& r);
  void read_name_map(Reader& r, NameSubsection space, uint32_t outer);
  void read_producers(Reader& r);
  void read_features(Reader& r);
  void read_dylink(Reader& r);
  void read_dylink_part(Reader& r, DylinkSubsection kind);

  void name_things(); // from symbols, the name section and exports

  // Of a kind that newer tools may write: its size says where the next one is.
  void skip_unknown(Reader& part, uint8_t type);
  // Runs `read` on a part of the section that ends where it says, whatever is in it.
  template <class Read>
  void in_part(Reader& r, uint64_t size, const char* region, Read read);
  // What is wrong but can be read on from.
  void note(uint64_t offset, std::string text);
  void note(const ReadFailure& failure);

  Text text_of(Bytes bytes) const {
    return {static_cast<uint32_t>(bytes.data() - out_.file.data()), static_cast<uint32_t>(bytes.size())};
  }
  Text made(std::string_view text) { return out_.make(text); }

  Inspection& out_;
  std::string section_name_; // of the section that is read
  uint32_t section_ = 0;     // its row in `sections`
  bool has_linking_ = false, has_dylink_ = false;
  uint32_t bodies_ = none32; // of `functions`: the first that has a body
};

// "0x1.8p+3": without the library's floating-point printing. Of 32 bits: 23, 8; of 64 bits: 52, 11.
std::string hex_float(uint64_t bits, uint32_t mantissa_bits, uint32_t exponent_bits);

// Beyond this many, problems are not listed: there is one in every byte.
constexpr size_t max_problems = 100;

template <class Read>
void ModuleWalk::in_part(Reader& r, uint64_t size, const char* region, Read read) {
  if (size > r.left()) {
    note(r.offset(), std::string(region) + " of " + std::to_string(size) + " bytes, where " +
                         std::to_string(r.left()) + " are left");
    size = r.left();
  }
  ReadFailure failure;
  Reader part(r.bytes(static_cast<size_t>(size), region), out_.file.data(), region, failure);
  read(part);
  if (!failure.happened && !part.at_end())
    part.fail(std::string("unexpected data at the end of the ") + region);
  if (failure.happened) note(failure);
}

} // namespace weld
