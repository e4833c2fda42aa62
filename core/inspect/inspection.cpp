#include "core/inspect/inspection.h"

#include "core/input/archive.h"
#include "core/inspect/columns.h"
#include "core/inspect/debug_sections.h"
#include "core/inspect/walk.h"

namespace weld {

// Texts are found by numbers of 32 bits, and some are made.
constexpr uint64_t max_file_size = 3ull << 30;

inspection::Text Inspection::make(std::string_view text) {
  const uint64_t at = file.size() + made.size();
  if (at + text.size() >= none32) return {};
  made += text;
  return {static_cast<uint32_t>(at), static_cast<uint32_t>(text.size())};
}

// The members and the index: members are inspected one by one, by whom they concern.
static void inspect_archive(Bytes file, Inspection& out) {
  StringPool strings;
  Diagnostics diagnostics;
  Archive archive;
  // What comes before the place where it is malformed is kept.
  if (!parse_archive(file, {}, strings, diagnostics, archive))
    for (const Diagnostic& d : diagnostics.rows())
      out.problems.push_back({{}, d.location.offset, render_headline(d, Demangling::None)});
  std::vector<inspection::Text> names(strings.size());
  for (const ArchiveMember& m : archive.members) {
    for (uint32_t i = 0; i < m.symbols.count; i++) {
      StringId name = archive.symbols[m.symbols.first + i];
      if (!names[name.row]) names[name.row] = out.make(strings.text(name));
      out.archive_symbols.push_back({static_cast<uint32_t>(out.members.size()), names[name.row]});
    }
    out.members.push_back({static_cast<uint8_t>(m.kind), m.header_offset, m.data.offset, m.data.size,
                           m.symbols.count, out.make(m.name)});
  }
}

bool inspect(Bytes file, Inspection& out) {
  out = Inspection();
  out.file = file;
  out.file_kind = identify_file(file);
  if (file.size() > max_file_size) {
    out.problems.push_back({{}, no_offset, "a file of more than 3 GiB"});
    return false;
  }
  if (out.file_kind == FileKind::Archive || out.file_kind == FileKind::ThinArchive)
    inspect_archive(file, out);
  if (out.file_kind == FileKind::WasmModule) {
    ModuleWalk(out).run();
    read_compile_units(out);
  }
  return out.problems.empty();
}

uint32_t code_offset(const Inspection& inspection) {
  for (const inspection::Section& section : inspection.sections)
    if (section.kind == static_cast<uint8_t>(SectionKind::Code)) return section.offset;
  return none32;
}

std::string_view kind_word(const Inspection& inspection) {
  constexpr std::string_view words[] = {"", "object", "shared-library", "module"};
  return inspection.kind == InspectedKind::Other ? file_kind_words[static_cast<uint8_t>(inspection.file_kind)]
                                                 : words[static_cast<uint8_t>(inspection.kind)];
}

std::string_view describe_kind(const Inspection& inspection) {
  constexpr std::string_view words[] = {"", "a WebAssembly object", "a WebAssembly shared library",
                                        "a WebAssembly module"};
  return inspection.kind == InspectedKind::Other ? describe_file_kind(inspection.file_kind)
                                                 : words[static_cast<uint8_t>(inspection.kind)];
}

std::string_view remedy_of(const Inspection& inspection) {
  const bool can_be_linked =
      inspection.kind == InspectedKind::Object || inspection.kind == InspectedKind::SharedLibrary ||
      inspection.file_kind == FileKind::Archive || inspection.file_kind == FileKind::ThinArchive ||
      inspection.file_kind == FileKind::StubLibrary;
  if (can_be_linked || !inspection.problems.empty()) return {};
  return remedy_for_file_kind(inspection.file_kind);
}

Diagnostic diagnostic_of(const Inspection& inspection, const Inspection::Problem& problem,
                         const Location& where) {
  const bool is_archive = inspection.kind == InspectedKind::Other;
  Diagnostic d = {is_archive ? DiagnosticId::malformed_archive : DiagnosticId::malformed_object,
                  Severity::Error,
                  {problem.text},
                  where,
                  {}};
  d.location.section = problem.section;
  d.location.offset = problem.offset;
  return d;
}

} // namespace weld
