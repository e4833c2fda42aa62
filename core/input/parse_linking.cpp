// The `linking` section: the symbol table and what else a linker must know about the object's parts.
#include "core/input/object_parser.h"

namespace weld {

static std::string quoted(const char* before, Bytes name) {
  return std::string(before).append(as_text(name));
}

void ObjectParser::read_linking(Reader& r) {
  uint32_t version = r.u32_leb("the metadata version");
  if (!failed() && version != linking_version)
    return r.fail("unexpected metadata version: " + std::to_string(version) +
                  " (Expected: " + std::to_string(linking_version) + ")");

  while (!r.at_end() && !failed()) {
    uint64_t at = r.offset();
    uint8_t type = r.u8("the type of a subsection");
    uint32_t size = r.u32_leb("the size of a subsection");
    Reader part = r.part(size, "subsection", "a subsection");
    if (failed()) return;
    LinkingSubsection subsection = static_cast<LinkingSubsection>(type);
    bool known = subsection >= LinkingSubsection::SegmentInfo && subsection <= LinkingSubsection::SymbolTable;
    if (!known) continue;
    if (subsections_seen_ & 1u << type)
      return r.fail_at(at, "duplicate linking sub-section: " + std::to_string(type));
    subsections_seen_ |= 1u << type;
    switch (subsection) {
    case LinkingSubsection::SegmentInfo: read_segment_infos(part); break;
    case LinkingSubsection::InitFuncs: read_init_functions(part); break;
    case LinkingSubsection::ComdatInfo: read_comdats(part); break;
    case LinkingSubsection::SymbolTable: read_symbols(part); break;
    }
    if (!failed() && !part.at_end()) part.fail("unexpected data at the end of the sub-section");
  }
  if (!failed()) mark_tls();
}

// -----------------------------------------------------------------------------------------------------------
// Symbols

void ObjectParser::read_symbols(Reader& r) {
  uint32_t count = r.count("the number of symbols", 3);
  if (count >= 1u << 27) return fail_unsupported(r, "an object with more than 2^27 symbols");
  tables_.symbols.reserve(count + 1); // and perhaps the legacy table's
  seen_.start(count);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t at = r.offset();
    SymbolRow symbol = {};
    read_symbol(r, symbol);
    if (failed()) return;
    if (!symbol.is_local()) {
      if (!symbol.name) symbol.name = strings_.intern(text_of(file_, symbol.encoded_name));
      if (!seen_.insert(symbol.name))
        return r.fail_at(at, quoted("duplicate symbol name ", as_bytes(text_of(file_, symbol.encoded_name))));
    } else {
      symbol.name = StringId();
    }
    tables_.symbols.push_back(symbol);
  }
}

// kind, flags, then: function, global, tag, table: index, and a name unless the import's serves; data: a
// name, and if it is defined where; section: which.
void ObjectParser::read_symbol(Reader& r, SymbolRow& symbol) {
  uint64_t at = r.offset();
  uint8_t kind = r.u8("the kind of a symbol");
  symbol.flags = static_cast<uint16_t>(r.u32_leb("the flags of a symbol"));
  symbol.kind = static_cast<SymbolKind>(kind);
  symbol.element = none32;
  if (failed()) return;
  // Of data, it is a common symbol.
  if ((symbol.flags & symbol_flag::binding_mask) == symbol_flag::binding_common &&
      symbol.kind != SymbolKind::Data)
    return r.fail_at(at, "invalid binding of a symbol");
  // It could never be defined: no other symbol has its name.
  if (symbol.is_local() && symbol.is_undefined() && symbol.kind != SymbolKind::Section)
    return r.fail_at(at, "a symbol is local and undefined");

  struct Space { // an index space that has imports
    ExternalKind external;
    uint32_t imported, total;
    const char* index_error;
    const char* weak_error;
  };
  Space space;
  const ObjectHeader& header = tables_.header;
  switch (symbol.kind) {
  case SymbolKind::Function:
    space = {ExternalKind::Function, header.imported_functions, function_count(),
             "invalid function symbol index", nullptr};
    break;
  case SymbolKind::Global:
    space = {ExternalKind::Global, header.imported_globals, global_count(), "invalid global symbol index",
             "undefined weak global symbol"};
    break;
  case SymbolKind::Tag:
    space = {ExternalKind::Tag, header.imported_tags, tag_count(), "invalid tag symbol index",
             "undefined weak tag symbol"};
    break;
  case SymbolKind::Table:
    space = {ExternalKind::Table, header.imported_tables, table_count(), "invalid table symbol index",
             "undefined weak table symbol"};
    break;
  case SymbolKind::Data: return read_data_symbol(r, symbol);
  case SymbolKind::Section: return read_section_symbol(r, symbol);
  default: return r.fail_at(at, "invalid symbol type: " + std::to_string(kind));
  }

  // Imports come first in every index space.
  uint32_t index = r.u32_leb("the index of a symbol");
  if (failed()) return;
  bool is_import = index < space.imported;
  if (index >= space.total || is_import != symbol.is_undefined()) return r.fail_at(at, space.index_error);
  if (is_import) {
    if (symbol.is_weak() && space.weak_error) return r.fail_at(at, space.weak_error);
    symbol.element = imports_by_kind_[static_cast<uint8_t>(space.external)][index];
    if (symbol.flags & symbol_flag::explicit_name) {
      read_name(r, "the name of a symbol", symbol.encoded_name);
    } else {
      symbol.name = tables_.imports[symbol.element].field;
      symbol.encoded_name = import_fields_[symbol.element];
    }
    return;
  }
  symbol.element = index - space.imported;
  read_name(r, "the name of a symbol", symbol.encoded_name);
  EncodedName* name = nullptr;
  switch (symbol.kind) {
  case SymbolKind::Function: name = &tables_.functions[symbol.element].name; break;
  case SymbolKind::Global: name = &tables_.globals[symbol.element].name; break;
  case SymbolKind::Tag: name = &tables_.tags[symbol.element].name; break;
  default: name = &tables_.tables[symbol.element].name; break;
  }
  if (!*name) *name = symbol.encoded_name;
}

void ObjectParser::read_data_symbol(Reader& r, SymbolRow& symbol) {
  uint64_t at = r.offset();
  Bytes name = read_name(r, "the name of a data symbol", symbol.encoded_name);
  if (symbol.is_undefined()) {
    // A reference is not one of several definitions.
    if (symbol.is_common()) symbol.flags &= static_cast<uint16_t>(~symbol_flag::binding_mask);
    return;
  }
  if (symbol.is_common()) return read_common_symbol(r, symbol, name);
  uint32_t segment = r.u32_leb("the segment of a data symbol");
  uint64_t value = r.u64_leb("the offset of a data symbol");
  uint64_t size = r.u64_leb("the size of a data symbol");
  if (failed()) return;
  if (size > ~0u) return fail_unsupported(r, "a data symbol of 4 GiB or more");
  symbol.set_value(value);
  symbol.size = static_cast<uint32_t>(size);
  has_data_symbol_ = true;
  if (symbol.flags & symbol_flag::absolute) {
    if (value > ~0u && !wide_address_at_) wide_address_at_ = at;
    return;
  }
  if (segment >= tables_.segments.size())
    return r.fail_at(at, "invalid data segment index: " + std::to_string(segment));
  uint32_t segment_size = tables_.segments[segment].data.size;
  if (value > segment_size)
    return r.fail_at(at, quoted("invalid data symbol offset: `", name) + "` (offset: " +
                             std::to_string(value) + " segment size: " + std::to_string(segment_size) + ")");
  symbol.element = segment;
}

// In place of where it lies: its size and its alignment.
void ObjectParser::read_common_symbol(Reader& r, SymbolRow& symbol, Bytes name) {
  uint64_t at = r.offset();
  uint64_t size = r.u64_leb("the size of a common symbol");
  uint8_t p2align = r.u8("the alignment of a common symbol");
  if (failed()) return;
  if (symbol.flags & symbol_flag::absolute)
    return r.fail_at(at, quoted("common symbols cannot be absolute: ", name));
  if (size > ~0u) return fail_unsupported(r, "a data symbol of 4 GiB or more");
  if (p2align > 32)
    return r.fail_at(at, quoted("invalid common symbol alignment: `", name) +
                             "` (alignment: " + std::to_string(p2align) + ")");
  symbol.size = static_cast<uint32_t>(size);
  symbol.element = static_cast<uint32_t>(tables_.segments.size() + commons_.size());
  commons_.push_back({strings_.intern(std::string_view(".bss.common")),
                      {none32, symbol.size},
                      p2align,
                      segment_flag::common,
                      none32,
                      {}});
}

void ObjectParser::read_section_symbol(Reader& r, SymbolRow& symbol) {
  uint64_t at = r.offset();
  if (!symbol.is_local()) return r.fail_at(at, "section symbols must have local binding");
  if (symbol.is_undefined()) return r.fail_at(at, "section symbols must be defined");
  uint32_t index = r.u32_leb("the section of a symbol");
  if (failed()) return;
  if (index >= sections_.size()) return r.fail_at(at, "invalid section symbol index");
  symbol.element = sections_[index].custom_row;
  symbol.encoded_name = sections_[index].encoded_name;
}

// -----------------------------------------------------------------------------------------------------------
// Segments, init functions, comdats

void ObjectParser::read_segment_infos(Reader& r) {
  uint32_t count = r.count("the number of segment names", 3);
  if (count > tables_.segments.size()) return r.fail("too many segment names");
  for (uint32_t i = 0; i < count; i++) {
    uint64_t at = r.offset();
    SegmentRow& segment = tables_.segments[i];
    segment.name = strings_.intern(r.name("the name of a segment"));
    segment.p2align = r.u32_leb("the alignment of a segment");
    segment.flags = r.u32_leb("the flags of a segment") & ~(segment_flag::passive | segment_flag::common);
    if (failed()) return;
    if (segment.p2align > 31)
      return r.fail_at(at, "invalid segment alignment: 2^" + std::to_string(segment.p2align));
  }
}

// Older compilers mark thread-local data by the name of its segment alone.
void ObjectParser::mark_tls() {
  bool any = false;
  for (SegmentRow& segment : tables_.segments) {
    std::string_view name = strings_.text(segment.name);
    if (name.starts_with(".tdata") || name.starts_with(".tbss")) segment.flags |= segment_flag::tls;
    any |= (segment.flags & segment_flag::tls) != 0;
  }
  if (!any) return;
  for (SymbolRow& symbol : tables_.symbols)
    if (symbol.kind == SymbolKind::Data && symbol.element != none32 && !symbol.is_common() &&
        (tables_.segments[symbol.element].flags & segment_flag::tls))
      symbol.flags = static_cast<uint16_t>(symbol.flags | symbol_flag::tls);
}

void ObjectParser::read_init_functions(Reader& r) {
  uint32_t count = r.count("the number of init functions", 2);
  tables_.init_functions.reserve(count);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t at = r.offset();
    uint32_t priority = r.u32_leb("the priority of an init function");
    uint32_t symbol = r.u32_leb("the symbol of an init function");
    if (failed()) return;
    if (symbol >= tables_.symbols.size() || tables_.symbols[symbol].kind != SymbolKind::Function)
      return r.fail_at(at, "invalid function symbol: " + std::to_string(symbol));
    tables_.init_functions.push_back({priority, symbol});
  }
}

void ObjectParser::read_comdats(Reader& r) {
  uint32_t count = r.count("the number of comdats", 3);
  tables_.comdats.reserve(count);
  seen_.start(count);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t at = r.offset();
    Bytes name = r.name("the name of a comdat");
    uint32_t flags = r.u32_leb("the flags of a comdat");
    uint32_t entries = r.count("the number of comdat entries", 2);
    if (failed()) return;
    StringId id = strings_.intern(name);
    if (name.empty() || !seen_.insert(id)) return r.fail_at(at, quoted("bad/duplicate COMDAT name ", name));
    if (flags != 0) return r.fail_at(at, "unsupported COMDAT flags");
    tables_.comdats.push_back({id});
    for (uint32_t e = 0; e < entries && !failed(); e++) read_comdat_entry(r, i);
    if (failed()) return;
  }
}

void ObjectParser::read_comdat_entry(Reader& r, uint32_t comdat) {
  uint64_t at = r.offset();
  uint8_t kind = r.u8("the kind of a comdat entry");
  uint32_t index = r.u32_leb("the index of a comdat entry");
  if (failed()) return;
  uint32_t imported = tables_.header.imported_functions;
  switch (static_cast<ComdatKind>(kind)) {
  case ComdatKind::Data:
    if (index >= tables_.segments.size()) return r.fail_at(at, "COMDAT data index out of range");
    if (tables_.segments[index].comdat != none32) return r.fail_at(at, "data segment in two COMDATs");
    tables_.segments[index].comdat = comdat;
    break;
  case ComdatKind::Function:
    if (index < imported || index >= function_count())
      return r.fail_at(at, "COMDAT function index out of range");
    if (tables_.functions[index - imported].comdat != none32) return r.fail_at(at, "function in two COMDATs");
    tables_.functions[index - imported].comdat = comdat;
    break;
  case ComdatKind::Section: {
    if (index >= sections_.size()) return r.fail_at(at, "COMDAT section index out of range");
    if (sections_[index].kind != SectionKind::Custom) return r.fail_at(at, "non-custom section in a COMDAT");
    uint32_t row = sections_[index].custom_row;
    if (row == none32) break;
    if (tables_.custom_sections[row].comdat != none32) return r.fail_at(at, "section in two COMDATs");
    tables_.custom_sections[row].comdat = comdat;
    break;
  }
  default: r.fail_at(at, "invalid COMDAT entry type");
  }
}

// -----------------------------------------------------------------------------------------------------------
// Tables without symbols

// Objects for WebAssembly 1.0 ("MVP") use the function table without naming it: call_indirect says table 0
// and has no relocation. Such an object imports one table, the indirect function table, and gets the symbol
// that is missing. Everyone else must have a symbol for each table.
void ObjectParser::add_legacy_table_symbol() {
  section_name_ = {};
  uint32_t symbols = 0;
  for (const SymbolRow& symbol : tables_.symbols) symbols += symbol.kind == SymbolKind::Table;
  uint32_t tables = table_count();
  if (tables == symbols) return;
  if (symbols != 0) return fail_as(DiagnosticId::table_symbols_mismatch, {tables, symbols});
  if (!tables_.tables.empty()) return fail_as(DiagnosticId::table_definition_without_symbol, {});
  if (tables != 1) return fail_as(DiagnosticId::table_imports_without_symbol, {});

  uint32_t row = imports_by_kind_[static_cast<uint8_t>(ExternalKind::Table)][0];
  const ImportRow& import = tables_.imports[row];
  std::string_view name = strings_.text(import.field);
  if (name != function_table_name || import.value_type != ValueType::FuncRef)
    return fail_as(DiagnosticId::table_import_without_symbol, {name});
  SymbolRow symbol = {};
  symbol.kind = SymbolKind::Table;
  symbol.flags = symbol_flag::undefined | symbol_flag::no_strip;
  symbol.name = import.field;
  symbol.encoded_name = import_fields_[row];
  symbol.element = row;
  tables_.symbols.push_back(symbol);
  tables_.header.has_legacy_table = true;
}

} // namespace weld
