// The state of one `parse_object`, shared by the files that read a part each. Not for use outside the parser.
#pragma once

#include "core/base/reader.h"
#include "core/base/vector.h"
#include "core/input/parse_object.h"
#include "core/wasm/type_text.h"

#include <vector>

namespace weld {

// Which ids came already, where a table must not name one twice.
class SeenIds {
public:
  void start(uint32_t count); // forgets everything; `count` inserts may follow
  bool insert(StringId id);   // false when it is not new

private:
  Vector<uint32_t> slots_; // open addressing, at most half full; row + 1, or 0
  uint32_t shift_ = 0;
};

struct SharedLibrary;

class ObjectParser {
public:
  ObjectParser(Bytes file, ParseContext context)
      : file_(file), strings_(context.strings), signatures_(context.signatures), tables_(context.tables) {}

  bool parse();
  bool parse_shared(SharedLibrary& library); // shared_library.cpp
  Diagnostic& report_failure(const Location& where, Diagnostics& diagnostics) const;
  // Notes what the object has but no link can use; other tools than compilers make such objects.
  void note_losses();

private:
  struct Section {
    SectionKind kind;
    Bytes name; // custom sections
    EncodedName encoded_name;
    Bytes payload;       // custom sections: after the name
    uint32_t custom_row; // in custom_sections, or none32 for those that cannot go to the output
    bool has_relocs;     // a reloc section for it was read
  };

  // parse_object.cpp: the file as a whole
  void read_section_headers();
  void read_section(Section& section, Reader& r);
  void read_custom_section(Section& section, Reader& r);
  void check_complete();

  // parse_module.cpp: the sections of the core specification
  void read_types(Reader& r);
  void read_imports(Reader& r);
  void read_functions(Reader& r);
  void read_tables(Reader& r);
  void read_memories(Reader& r);
  void read_tags(Reader& r);
  void read_globals(Reader& r);
  void read_exports(Reader& r);
  void read_start(Reader& r);
  void read_elements(Reader& r);
  void read_data_count(Reader& r);
  void read_code(Reader& r);
  void read_data(Reader& r);
  ValueType read_value_type(Reader& r, const char* what);
  ValueType read_table_element(Reader& r);
  Limits read_limits(Reader& r);
  Limits read_table_limits(Reader& r);
  void read_memory_type(Reader& r);
  SignatureId read_type_index(Reader& r, const char* error);
  SignatureId read_tag_type(Reader& r);
  // A constant expression with its end; gives the type it leaves.
  enum class ConstantPlace : uint8_t { Global, Offset, Element };
  ValueType read_constant(Reader& r, ConstantPlace place);
  void read_offset(Reader& r);

  // parse_metadata.cpp: custom sections that describe the object
  void read_names(Reader& r);
  void read_producers(Reader& r);
  void read_features(Reader& r);

  // parse_linking.cpp
  void read_linking(Reader& r);
  void read_symbols(Reader& r);
  void read_symbol(Reader& r, SymbolRow& symbol);
  void read_data_symbol(Reader& r, SymbolRow& symbol);
  void read_common_symbol(Reader& r, SymbolRow& symbol, Bytes name);
  void read_section_symbol(Reader& r, SymbolRow& symbol);
  void read_segment_infos(Reader& r);
  void read_init_functions(Reader& r);
  void read_comdats(Reader& r);
  void read_comdat_entry(Reader& r, uint32_t comdat);
  void mark_tls();
  void add_legacy_table_symbol();

  // shared_library.cpp
  void read_shared_exports(Reader& r, SharedLibrary& library);

  // parse_relocs.cpp
  void read_relocs(Reader& r);

  Reader reader_of(const Section& section) {
    return Reader(section.payload, file_.data(), "section", failure_);
  }
  // Reads a name and says where it is.
  static Bytes read_name(Reader& r, const char* what, EncodedName& where) {
    auto at = static_cast<uint32_t>(r.offset());
    Bytes name = r.name(what);
    where = {name.empty() ? 0 : at};
    return name;
  }
  ByteRange range_of(Bytes bytes) const {
    return {static_cast<uint32_t>(bytes.data() - file_.data()), static_cast<uint32_t>(bytes.size())};
  }
  Bytes bytes_of(ByteRange range) const { return file_.subspan(range.offset, range.size); }
  // The object may be right but uses what a link cannot handle.
  void fail_unsupported(Reader& r, std::string what);
  void fail_as(DiagnosticId id, std::vector<Argument> arguments);
  bool failed() const { return failure_.happened; }

  uint32_t function_count() const {
    return tables_.header.imported_functions + static_cast<uint32_t>(tables_.functions.size());
  }
  uint32_t global_count() const {
    return tables_.header.imported_globals + static_cast<uint32_t>(tables_.globals.size());
  }
  uint32_t table_count() const {
    return tables_.header.imported_tables + static_cast<uint32_t>(tables_.tables.size());
  }
  uint32_t tag_count() const {
    return tables_.header.imported_tags + static_cast<uint32_t>(tables_.tags.size());
  }

  Bytes file_;
  StringPool& strings_;
  SignaturePool& signatures_;
  ObjectTables& tables_;

  ReadFailure failure_;
  DiagnosticId failure_id_ = DiagnosticId::malformed_object;
  std::vector<Argument> failure_arguments_; // empty: the failure's text is the argument
  std::string_view section_name_;           // being read, for the failure's location

  Vector<Section> sections_;
  bool has_linking_ = false;
  Vector<uint32_t> imports_by_kind_[5]; // ExternalKind -> rows of imports
  Vector<EncodedName> import_fields_;   // beside imports: where the name lies
  uint32_t memory_count_ = 0;
  uint32_t data_count_ = none32; // what DATACOUNT announced
  bool has_code_ = false;
  bool has_start_function_ = false;
  bool has_elements_ = false;
  bool has_slot_reloc_ = false; // something takes a function's place in the table
  bool has_passive_segment_ = false;
  bool has_data_symbol_ = false;
  uint64_t wide_address_at_ = 0;  // of an absolute symbol with an address of more than 32 bits; 0: none
  Vector<SegmentRow> commons_;    // of common symbols: behind the segments of the file when all is read
  uint32_t subsections_seen_ = 0; // bit N: linking subsection N
  Vector<ValueType> constant_stack_;
  bool constant_is_extended_ = false; // the last constant expression was more than one constant
  SeenIds seen_;
};

} // namespace weld
