// The imports of a module one after another, whether each is written in full or several share what they have in common
// (WebAssembly/compact-import-section).
//
//   entry: name module, name field, kind and type
//        | name module, name "", 7f, vec(name field, kind and type)     imports of one module
//        | name module, name "", 7e, kind and type, vec(name field)     imports of one module and type
#pragma once

#include "core/base/reader.h"

namespace weld {

constexpr uint8_t compact_module = 0x7f;
constexpr uint8_t compact_type = 0x7e;

class ImportEntries {
public:
  // `count`: the number at the start of the section, which is read already.
  ImportEntries(Reader& section, uint32_t count)
      : r_(section), type_(section), shared_type_(section), left_(count), count_(count) {}

  // Reads the next import up to its kind. False at the end, and after a failure.
  bool next();

  Bytes module, field;
  uint64_t module_offset = 0, field_offset = 0; // of their lengths in the file
  uint64_t kind_offset = 0;
  uint8_t kind = 0;

  // Where the type of the import is read from, after its kind. It must be read before the next import.
  Reader& type() { return shares_type_ ? type_ : r_; }

private:
  bool begin_entry();
  void read_item();
  void skip_type();

  Reader& r_;
  Reader type_, shared_type_;
  uint32_t left_; // entries
  uint32_t count_;
  uint32_t items_ = 0; // of the compact entry that is being read
  uint32_t imports_ = 0;
  bool shares_type_ = false;
  bool met_compact_ = false;
};

} // namespace weld
