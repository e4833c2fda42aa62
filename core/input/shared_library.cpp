#include "core/input/shared_library.h"

#include "core/input/object_parser.h"

namespace weld {

bool is_shared_library(Bytes file) {
  if (file.size() < 8) return false;
  ReadFailure failure;
  Reader r(file.subspan(8), file.data(), "file", failure);
  if (r.u8("the section type") != static_cast<uint8_t>(SectionKind::Custom)) return false;
  r.u32_leb("the section size");
  std::string_view name = as_text(r.name("the section name"));
  return !failure.happened && (name == "dylink.0" || name == "dylink");
}

// Every library has these for itself.
static bool is_private(std::string_view name) {
  return name == "__wasm_call_ctors" || name == "__wasm_apply_data_relocs" || name.starts_with("__start_") ||
         name.starts_with("__stop_");
}

void ObjectParser::read_shared_exports(Reader& r, SharedLibrary& library) {
  uint32_t count = r.count("the number of exports", 3);
  for (uint32_t i = 0; i < count && !failed(); i++) {
    uint64_t at = r.offset();
    Bytes name = r.name("the name of an export");
    auto kind = static_cast<ExternalKind>(r.u8("the kind of an export"));
    uint32_t index = r.u32_leb("the index of an export");
    if (failed()) return;
    // An import that is exported again has no definition here.
    auto signature_of = [&](auto& definitions, uint32_t imported, const char* error) {
      if (index < imported + definitions.size())
        return index < imported ? SignatureId() : definitions[index - imported].signature;
      r.fail_at(at, error);
      return SignatureId();
    };
    SharedLibrary::Row row = {{}, {}, SymbolKind::Data};
    switch (kind) {
    case ExternalKind::Function:
      row.kind = SymbolKind::Function;
      row.signature =
          signature_of(tables_.functions, tables_.header.imported_functions, "invalid function export");
      break;
    case ExternalKind::Tag:
      row.kind = SymbolKind::Tag;
      row.signature = signature_of(tables_.tags, tables_.header.imported_tags, "invalid tag export");
      break;
    case ExternalKind::Global: break;
    case ExternalKind::Table:
    case ExternalKind::Memory: continue;
    default: return r.fail_at(at, "unexpected export kind");
    }
    if (row.kind != SymbolKind::Data && !row.signature) continue;
    if (is_private(as_text(name))) continue;
    row.name = strings_.intern(name);
    library.rows.push_back(row);
  }
}

bool ObjectParser::parse_shared(SharedLibrary& library) {
  tables_.clear();
  read_section_headers();
  for (const Section& section : sections_) {
    if (failed()) return false;
    section_name_ = section_kind_name(section.kind);
    Reader r = reader_of(section);
    switch (section.kind) {
    case SectionKind::Type: read_types(r); break;
    case SectionKind::Import: read_imports(r); break;
    case SectionKind::Function: read_functions(r); break;
    case SectionKind::Memory: read_memories(r); break;
    case SectionKind::Tag: read_tags(r); break;
    case SectionKind::Export: read_shared_exports(r, library); break;
    default: continue; // what a loader needs, and no linker
    }
    if (!failed() && !r.at_end()) r.fail("unexpected data at the end of the section");
  }
  library.is_64 = tables_.header.is_64;
  return !failed();
}

bool parse_shared_library(Bytes file, const Location& where, ParseContext context, SharedLibrary& out) {
  ObjectParser parser(file, context);
  if (parser.parse_shared(out)) return true;
  parser.report_failure(where, context.diagnostics);
  return false;
}

} // namespace weld
