#include "core/input/file_kind.h"
#include "core/input/object_parser.h"
#include "core/input/shared_library.h"

#include <bit>

namespace weld {

void SeenIds::start(uint32_t count) {
  uint32_t capacity = std::bit_ceil(count < 8 ? 16 : count * 2);
  shift_ = 32 - static_cast<uint32_t>(std::countr_zero(capacity));
  slots_.assign(capacity, 0);
}

bool SeenIds::insert(StringId id) {
  uint32_t mask = static_cast<uint32_t>(slots_.size()) - 1;
  uint32_t slot = (id.row * 0x9e3779b1u) >> shift_;
  for (; slots_[slot]; slot = (slot + 1) & mask)
    if (slots_[slot] == id.row + 1) return false;
  slots_[slot] = id.row + 1;
  return true;
}

void ObjectParser::fail_unsupported(Reader& r, std::string what) {
  if (failed()) return;
  r.fail(std::move(what));
  failure_id_ = DiagnosticId::unsupported;
}

void ObjectParser::fail_as(DiagnosticId id, std::vector<Argument> arguments) {
  if (failed()) return;
  failure_ = {true, {}, no_offset};
  failure_id_ = id;
  failure_arguments_ = std::move(arguments);
}

// -----------------------------------------------------------------------------------------------------------
// Sections

// The order in which sections must come. Custom sections of other names may be anywhere; relocation sections
// may be many, after `linking`.
enum SectionRank : uint8_t {
  rank_any,
  rank_dylink,
  rank_core,
  rank_linking = 32,
  rank_reloc,
  rank_name,
  rank_producers,
  rank_features
};

static uint8_t section_rank(SectionKind kind, std::string_view name) {
  if (kind != SectionKind::Custom) {
    // TAG stands between MEMORY and GLOBAL, DATACOUNT before CODE.
    constexpr uint8_t order[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6};
    return static_cast<uint8_t>(rank_core + order[static_cast<uint8_t>(kind)]);
  }
  if (name == "linking") return rank_linking;
  if (name.starts_with("reloc.")) return rank_reloc;
  if (name == "name") return rank_name;
  if (name == "producers") return rank_producers;
  if (name == "target_features") return rank_features;
  if (name == "dylink" || name == "dylink.0") return rank_dylink;
  return rank_any;
}

// What the linker itself reads, or what no output can hold.
static bool is_kept(uint8_t rank, std::string_view name) {
  return rank == rank_any && name != ".llvmbc" && name != ".llvmcmd";
}

void ObjectParser::read_section_headers() {
  Reader r(file_, "file", failure_);
  if (as_text(r.bytes(4, "the magic number")) != std::string_view("\0asm", 4))
    return r.fail_at(0, "invalid magic number");
  uint32_t version = r.u32_le("the version number");
  if (!failed() && version != wasm_version)
    r.fail_at(4, "invalid version number: " + std::to_string(version));

  uint8_t last_rank = 0;
  while (!r.at_end()) {
    uint64_t at = r.offset();
    uint8_t kind = r.u8("the section type");
    uint32_t size = r.u32_leb("the section size");
    if (failed()) return;
    if (kind > static_cast<uint8_t>(SectionKind::Tag))
      return r.fail_at(at, "invalid section type: " + std::to_string(kind));
    if (size == 0) return r.fail_at(at, "zero length section");
    if (size > r.left()) return r.fail_at(at, "section too large");
    Reader body = r.part(size, "section", "the section");

    Section section = {static_cast<SectionKind>(kind), {}, {}, {}, none32, false};
    if (section.kind == SectionKind::Custom)
      section.name = read_name(body, "the section name", section.encoded_name);
    if (failed()) return;
    section.payload = body.bytes(body.left(), "the section");

    uint8_t rank = section_rank(section.kind, as_text(section.name));
    if (rank != rank_any) {
      if (rank != rank_reloc && rank <= last_rank)
        return r.fail_at(at, "out of order section type: " + std::to_string(kind));
      if (rank > last_rank) last_rank = rank;
      has_linking_ |= rank == rank_linking;
    }
    if (section.kind == SectionKind::Custom && is_kept(rank, as_text(section.name))) {
      section.custom_row = static_cast<uint32_t>(tables_.custom_sections.size());
      tables_.custom_sections.push_back({strings_.intern(section.name),
                                         range_of(section.payload),
                                         static_cast<uint32_t>(sections_.size()),
                                         none32,
                                         {}});
    }
    sections_.push_back(section);
  }
}

void ObjectParser::read_section(Section& section, Reader& r) {
  switch (section.kind) {
  case SectionKind::Custom: read_custom_section(section, r); break;
  case SectionKind::Type: read_types(r); break;
  case SectionKind::Import: read_imports(r); break;
  case SectionKind::Function: read_functions(r); break;
  case SectionKind::Table: read_tables(r); break;
  case SectionKind::Memory: read_memories(r); break;
  case SectionKind::Global: read_globals(r); break;
  case SectionKind::Export: read_exports(r); break;
  case SectionKind::Start: read_start(r); break;
  case SectionKind::Elem: read_elements(r); break;
  case SectionKind::Code: read_code(r); break;
  case SectionKind::Data: read_data(r); break;
  case SectionKind::DataCount: read_data_count(r); break;
  case SectionKind::Tag: read_tags(r); break;
  }
}

void ObjectParser::read_custom_section(Section& section, Reader& r) {
  switch (section_rank(section.kind, as_text(section.name))) {
  case rank_linking: read_linking(r); break;
  case rank_reloc: read_relocs(r); break;
  case rank_name: read_names(r); break;
  case rank_producers: read_producers(r); break;
  case rank_features: read_features(r); break;
  default: r.bytes(r.left(), "a custom section"); // its contents are no business of the linker
  }
}

// -----------------------------------------------------------------------------------------------------------

// What is only known to be missing when all sections are read.
void ObjectParser::check_complete() {
  section_name_ = {};
  Reader r(file_.last(0), file_.data(), "file", failure_);
  if (!has_code_ && !tables_.functions.empty()) return r.fail("function section without code section");
  if (data_count_ != none32 && data_count_ != tables_.segments.size())
    return r.fail("number of data segments does not match DataCount section");
  if (wide_address_at_ && !tables_.header.is_64) {
    section_name_ = "linking";
    return r.fail_at(wide_address_at_, "an absolute address of more than 32 bits");
  }
  // It could only be used by memory.init, whose segment number has no relocation.
  if (has_passive_segment_ && !has_data_symbol_)
    fail_unsupported(r, "a passive data segment without a symbol");
}

void ObjectParser::note_losses() {
  auto lose = [&](DiagnosticId id, uint32_t argument = none32) {
    tables_.warnings.push_back({static_cast<uint32_t>(id), argument});
  };
  if (has_start_function_) lose(DiagnosticId::start_ignored);

  if (has_elements_ && !has_slot_reloc_) lose(DiagnosticId::elements_ignored);

  // wat2wasm loses the symbols of data, and names no segment either. A compiler's segment has a name, and no
  // symbol when nothing refers to it.
  if (has_data_symbol_) return;
  for (uint32_t i = 0; i < tables_.segments.size(); i++) {
    const SegmentRow& segment = tables_.segments[i];
    if ((segment.flags & segment_flag::retain) || !strings_.text(segment.name).empty()) continue;
    lose(DiagnosticId::segment_without_symbol, i);
    break;
  }
}

bool ObjectParser::parse() {
  tables_.clear();
  read_section_headers();
  if (!failed() && is_shared_library(file_))
    fail_as(DiagnosticId::unsupported, {"a shared library inside an archive"});
  else if (!failed() && !has_linking_)
    fail_as(DiagnosticId::not_relocatable, {"a finished WebAssembly module"});
  for (Section& section : sections_) {
    if (failed()) return false;
    section_name_ =
        section.kind == SectionKind::Custom ? as_text(section.name) : section_kind_name(section.kind);
    Reader r = reader_of(section);
    read_section(section, r);
    if (!failed() && !r.at_end()) r.fail("unexpected data at the end of the section");
  }
  if (!failed()) check_complete();
  for (const SegmentRow& common : commons_) tables_.segments.push_back(common);
  if (!failed()) add_legacy_table_symbol();
  return !failed();
}

Diagnostic& ObjectParser::report_failure(const Location& where, Diagnostics& diagnostics) const {
  Location location = where;
  location.section = section_name_;
  location.offset = failure_.offset;
  Diagnostic& d = diagnostics.report(failure_id_, {}, std::move(location));
  if (failure_arguments_.empty()) d.arguments = {failure_.text};
  else d.arguments = failure_arguments_;
  if (failure_id_ == DiagnosticId::not_relocatable) d.note(remedy_for_file_kind(FileKind::WasmModule));
  return d;
}

bool parse_object(Bytes file, const Location& where, ParseContext context, Object& out) {
  if (file.size() > 0xffffffff) {
    context.diagnostics.report(DiagnosticId::unsupported, {"a file of 4 GiB or more"}, where);
    return false;
  }
  ObjectParser parser(file, context);
  if (!parser.parse()) {
    parser.report_failure(where, context.diagnostics);
    return false;
  }
  parser.note_losses();
  out = Object(context.tables);
  return true;
}

} // namespace weld
