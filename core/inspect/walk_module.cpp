#include "core/inspect/walk.h"
#include "core/wasm/import_entries.h"
#include "core/wasm/type_text.h"

#include <algorithm>

namespace weld {

void ModuleWalk::note(uint64_t offset, std::string text) {
  if (out_.problems.size() < max_problems)
    out_.problems.push_back({section_name_.substr(0, 256), offset, std::move(text)});
  else if (out_.problems.size() == max_problems)
    out_.problems.push_back({{}, no_offset, "there are more problems than are listed"});
}

void ModuleWalk::note(const ReadFailure& failure) {
  note(failure.offset, failure.text);
}

void ModuleWalk::skip_unknown(Reader& part, uint8_t type) {
  const auto at = static_cast<uint32_t>(part.offset()), size = static_cast<uint32_t>(part.left());
  out_.unknown_subsections.push_back({section_, type, at, size});
  part.bytes(size, "a subsection");
}

// -----------------------------------------------------------------------------------------------------------
// The file as a whole

void ModuleWalk::run() {
  read_section_headers();
  for (const inspection::Section& section : out_.sections) {
    if (section.kind > static_cast<uint8_t>(SectionKind::Tag)) continue;
    section_name_ =
        section.kind ? section_kind_name(static_cast<SectionKind>(section.kind)) : out_.text(section.name);
    section_ = static_cast<uint32_t>(&section - out_.sections.data());
    ReadFailure failure;
    uint32_t end = section.offset + section.size;
    Reader r(out_.file.subspan(section.payload_offset, end - section.payload_offset), out_.file.data(),
             "section", failure);
    read_section(section, r);
    if (!failure.happened && !r.at_end()) r.fail("unexpected data at the end of the section");
    if (failure.happened) note(failure);
  }
  section_name_.clear();
  out_.kind = has_dylink_    ? InspectedKind::SharedLibrary
              : has_linking_ ? InspectedKind::Object
                             : InspectedKind::Module;
  for (uint32_t i = bodies_; i < out_.functions.size(); i++) {
    if (out_.functions[i].import != none32 || out_.functions[i].offset != none32) continue;
    note(no_offset, "function " + std::to_string(i) + " has no body");
    break;
  }
  name_things();
}

// Every section has a size, so what is in one does not hide the next.
void ModuleWalk::read_section_headers() {
  ReadFailure failure;
  Reader r(out_.file, "file", failure);
  r.bytes(4, "the magic number"); // which was looked at before
  uint32_t version = r.u32_le("the version number");
  if (!failure.happened && version != wasm_version)
    note(4, "invalid version number: " + std::to_string(version));

  uint32_t seen = 0;
  while (!r.at_end()) {
    uint64_t at = r.offset();
    inspection::Section section = {r.u8("the section type"), 0, 0, 0, none32, {}};
    uint32_t size = r.u32_leb("the section size");
    if (failure.happened) break;
    section.offset = section.payload_offset = static_cast<uint32_t>(r.offset());
    if (size > r.left()) {
      note(at, "a section of " + std::to_string(size) + " bytes, but the file ends after " +
                   std::to_string(r.left()));
      size = static_cast<uint32_t>(r.left());
    }
    section.size = size;
    Bytes payload = r.bytes(size, "the section");
    if (section.kind == 0) {
      ReadFailure name_failure;
      Reader body(payload, out_.file.data(), "section", name_failure);
      Bytes name = body.name("the section name");
      if (name_failure.happened) note(name_failure);
      section.name = text_of(name);
      section.payload_offset = static_cast<uint32_t>(body.offset());
      has_linking_ |= as_text(name) == "linking";
      has_dylink_ |= out_.sections.empty() && as_text(name).starts_with("dylink");
    } else if (section.kind > static_cast<uint8_t>(SectionKind::Tag)) {
      note(at, "invalid section type: " + std::to_string(section.kind));
    } else if (seen >> section.kind & 1) {
      note(at,
           "a second " + std::string(section_kind_name(static_cast<SectionKind>(section.kind))) + " section");
    }
    if (section.kind <= static_cast<uint8_t>(SectionKind::Tag)) seen |= 1u << section.kind;
    out_.sections.push_back(section);
  }
  if (failure.happened) note(failure);

  // Of what is a vector, how many there are.
  for (inspection::Section& section : out_.sections) {
    auto kind = static_cast<SectionKind>(section.kind);
    if (kind == SectionKind::Custom || kind == SectionKind::Start || kind > SectionKind::Tag) continue;
    ReadFailure count_failure;
    Reader body(out_.file.subspan(section.offset, section.size), "section", count_failure);
    uint32_t count = body.u32_leb("a number");
    if (!count_failure.happened) section.count = count;
  }
}

void ModuleWalk::read_section(const inspection::Section& section, Reader& r) {
  switch (static_cast<SectionKind>(section.kind)) {
  case SectionKind::Custom: return read_custom_section(out_.text(section.name), r);
  case SectionKind::Type: return read_types(r);
  case SectionKind::Import: return read_imports(r);
  case SectionKind::Function: return read_functions(r);
  case SectionKind::Table: return read_tables(r);
  case SectionKind::Memory: return read_memories(r);
  case SectionKind::Global: return read_globals(r);
  case SectionKind::Export: return read_exports(r);
  case SectionKind::Start: return read_start(r);
  case SectionKind::Elem: return read_elements(r);
  case SectionKind::Code: return read_code(r);
  case SectionKind::Data: return read_data(r);
  case SectionKind::DataCount: r.u32_leb("the number of data segments"); return;
  case SectionKind::Tag: return read_tags(r);
  }
}

// -----------------------------------------------------------------------------------------------------------
// Types

void ModuleWalk::read_types(Reader& r) {
  uint32_t count = r.u32_leb("the number of types");
  for (uint32_t i = 0; i < count && !r.failed(); i++) read_type_group(r);
}

// A type, or several that refer to each other (0x4e).
void ModuleWalk::read_type_group(Reader& r) {
  uint64_t at = r.offset();
  uint8_t form = r.u8("the form of a type");
  uint32_t count = 1;
  const bool is_group = form == 0x4e;
  if (is_group) count = r.u32_leb("the number of types in a group");
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    if (is_group) {
      at = r.offset();
      form = r.u8("the form of a type");
    }
    std::string prefix;
    if (form == 0x50 || form == 0x4f) { // a subtype, of which there are others or none
      prefix = form == 0x4f ? "sub final " : "sub ";
      uint32_t supertypes = r.u32_leb("the number of supertypes");
      for (uint32_t s = 0; s < supertypes && !r.failed(); s++)
        prefix.append(std::to_string(r.u32_leb("a supertype"))) += ' ';
      form = r.u8("the form of a type");
    }
    if (r.failed()) return;
    if (form == 0x60) {
      std::string params = type_list(r, "the number of parameters");
      std::string results = type_list(r, "the number of results");
      if (r.failed()) return;
      std::string text = prefix;
      text.append("(").append(params).append(") -> ");
      text += results.empty() ? "void" : results.find(", ") == results.npos ? results : "(" + results + ")";
      out_.types.push_back({0, static_cast<uint32_t>(at), made(text), made(params), made(results)});
      continue;
    }
    uint8_t kind = 0;
    std::string text;
    if (form == 0x5f) {
      kind = 1;
      text = "struct {";
      uint32_t fields = r.u32_leb("the number of fields");
      for (uint32_t f = 0; f < fields && !r.failed(); f++) text += (f ? ", " : "") + field_type(r);
      text += "}";
    } else if (form == 0x5e) {
      kind = 2;
      text = "array " + field_type(r);
    } else if (form == 0x5d) {
      kind = 3;
      text = "cont " + heap_type(r);
    } else {
      r.fail_at(at, "invalid form of a type: " + std::to_string(form));
    }
    if (!r.failed()) out_.types.push_back({kind, static_cast<uint32_t>(at), made(prefix + text), {}, {}});
  }
}

inspection::Text ModuleWalk::signature(uint32_t index, uint64_t at) {
  if (index < out_.types.size()) return out_.types[index].text;
  note(at, "type " + std::to_string(index) + " of " + std::to_string(out_.types.size()));
  return {};
}

// -----------------------------------------------------------------------------------------------------------
// Imports and definitions

void ModuleWalk::read_imports(Reader& section) {
  ImportEntries entries(section, section.u32_leb("the number of imports"));
  for (uint64_t begin = section.offset(); entries.next(); begin = section.offset()) {
    inspection::Import import = {0, 0, static_cast<uint32_t>(begin), none32, {}, {}, {}};
    import.module = text_of(entries.module);
    import.name = text_of(entries.field);
    const uint64_t at = entries.kind_offset;
    import.kind = entries.kind;
    Reader& r = entries.type();
    const auto row = static_cast<uint32_t>(out_.imports.size());
    auto index = [&](const auto& table) { import.index = static_cast<uint32_t>(table.size()); };
    auto limits_text = [&](const auto& limits) {
      std::string text = " " + std::to_string(limits.minimum) + "..";
      if (limits.maximum != none64) text += std::to_string(limits.maximum);
      return text + (limits.is_64 ? " 64-bit" : "") + (limits.shared ? " shared" : "");
    };
    switch (static_cast<ExternalKind>(import.kind)) {
    case ExternalKind::Function:
      index(out_.functions);
      import.type_index = r.u32_leb("the type of a function");
      if (r.failed()) return;
      import.type = signature(import.type_index, at + 1);
      out_.functions.push_back({row, none32, none32, none32, none32, import.type_index, import.type, {}});
      break;
    case ExternalKind::Table: {
      index(out_.tables);
      inspection::Table table = table_type(r);
      if (r.failed()) return;
      table.import = row;
      import.type = made(std::string(out_.text(table.type)) + limits_text(table));
      out_.tables.push_back(table);
      break;
    }
    case ExternalKind::Memory: {
      index(out_.memories);
      inspection::Memory memory = memory_type(r);
      if (r.failed()) return;
      memory.import = row;
      import.type = made(limits_text(memory).substr(1) + " pages");
      out_.memories.push_back(memory);
      break;
    }
    case ExternalKind::Global: {
      index(out_.globals);
      std::string type = value_type(r, "the type of a global");
      uint8_t is_mutable = r.u8("the mutability of a global");
      if (r.failed()) return;
      import.type = made((is_mutable ? "mutable " : "") + type);
      out_.globals.push_back({row, is_mutable != 0, made(type), {}, {}});
      break;
    }
    case ExternalKind::Tag:
      index(out_.tags);
      r.u8("the attribute of a tag");
      import.type_index = r.u32_leb("the type of a tag");
      if (r.failed()) return;
      import.type = signature(import.type_index, at + 2);
      out_.tags.push_back({row, import.type_index, import.type, {}});
      break;
    default: return r.fail_at(at, "invalid kind of an import: " + std::to_string(import.kind));
    }
    out_.imports.push_back(import);
  }
}

void ModuleWalk::read_functions(Reader& r) {
  uint32_t count = r.u32_leb("the number of functions");
  bodies_ = static_cast<uint32_t>(out_.functions.size());
  out_.functions.reserve(bodies_ + std::min<size_t>(count, r.left()));
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    uint64_t at = r.offset();
    uint32_t type = r.u32_leb("the type of a function");
    if (!r.failed())
      out_.functions.push_back({none32, none32, none32, none32, none32, type, signature(type, at), {}});
  }
}

void ModuleWalk::read_tables(Reader& r) {
  uint32_t count = r.u32_leb("the number of tables");
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    // With an initial value the type comes after 0x40 0x00.
    Reader probe = r;
    const bool has_value = probe.u8("the element type of a table") == 0x40;
    if (has_value) r.bytes(2, "a table with an initial value");
    inspection::Table table = table_type(r);
    if (has_value) {
      Constant value = constant(r);
      if (!r.failed()) table.value = made(value.text);
    }
    if (!r.failed()) out_.tables.push_back(table);
  }
}

void ModuleWalk::read_memories(Reader& r) {
  uint32_t count = r.u32_leb("the number of memories");
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    inspection::Memory memory = memory_type(r);
    if (!r.failed()) out_.memories.push_back(memory);
  }
}

void ModuleWalk::read_tags(Reader& r) {
  uint32_t count = r.u32_leb("the number of tags");
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    r.u8("the attribute of a tag");
    uint64_t at = r.offset();
    uint32_t type = r.u32_leb("the type of a tag");
    if (!r.failed()) out_.tags.push_back({none32, type, signature(type, at), {}});
  }
}

void ModuleWalk::read_globals(Reader& r) {
  uint32_t count = r.u32_leb("the number of globals");
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    std::string type = value_type(r, "the type of a global");
    uint8_t is_mutable = r.u8("the mutability of a global");
    Constant value = constant(r);
    if (!r.failed()) out_.globals.push_back({none32, is_mutable != 0, made(type), made(value.text), {}});
  }
}

void ModuleWalk::read_exports(Reader& r) {
  uint32_t count = r.u32_leb("the number of exports");
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    inspection::Export row = {0, 0, static_cast<uint32_t>(r.offset()), {}};
    row.name = text_of(r.name("the name of an export"));
    uint64_t at = r.offset();
    row.kind = r.u8("the kind of an export");
    row.index = r.u32_leb("the index of an export");
    if (r.failed()) return;
    if (row.kind > static_cast<uint8_t>(ExternalKind::Tag))
      note(at, "invalid kind of an export: " + std::to_string(row.kind));
    const size_t sizes[] = {out_.functions.size(), out_.tables.size(), out_.memories.size(),
                            out_.globals.size(), out_.tags.size()};
    if (row.kind < 5 && row.index >= sizes[row.kind])
      note(at + 1,
           "an export of number " + std::to_string(row.index) + " of " + std::to_string(sizes[row.kind]));
    out_.exports.push_back(row);
  }
}

void ModuleWalk::read_start(Reader& r) {
  uint64_t at = r.offset();
  uint32_t function = r.u32_leb("the start function");
  if (r.failed()) return;
  if (function >= out_.functions.size())
    note(at, "function " + std::to_string(function) + " of " + std::to_string(out_.functions.size()));
  out_.start.push_back({function, {}});
}

// Flags: 1 passive or declarative, 2 table number (with 1: declarative), 4 expressions instead of function
// indices.
void ModuleWalk::read_elements(Reader& r) {
  uint32_t count = r.u32_leb("the number of element segments");
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    uint64_t at = r.offset();
    uint32_t flags = r.u32_leb("the flags of an element segment");
    if (flags > 7) return r.fail_at(at, "invalid flags of an element segment: " + std::to_string(flags));
    const bool is_active = !(flags & 1), has_expressions = flags & 4;
    inspection::Element row = {};
    row.mode = static_cast<uint8_t>(is_active ? 0 : flags & 2 ? 2 : 1);
    row.table = none32;
    row.address = none64;
    row.offset = static_cast<uint32_t>(at);
    if (is_active) {
      row.table = flags & 2 ? r.u32_leb("a table number") : 0;
      Constant position = constant(r);
      row.address = position.value;
      if (!r.failed()) row.position = made(position.text);
    }
    std::string type = "funcref";
    if ((flags & 3) && has_expressions) type = value_type(r, "the type of an element segment");
    else if (flags & 3) r.u8("the type of an element segment");
    row.count = r.u32_leb("the number of elements");
    if (r.failed()) return;
    row.type = made(type);
    out_.elements.push_back(row);
    read_element_items(r, i, has_expressions);
  }
}

void ModuleWalk::read_element_items(Reader& r, uint32_t element, bool has_expressions) {
  const uint32_t count = out_.elements.back().count;
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    inspection::ElementItem item = {element, none32, {}, {}};
    if (has_expressions) {
      Constant value = constant(r);
      constexpr std::string_view ref_func = "ref.func ";
      if (!r.failed()) item.value = made(value.text);
      if (value.text.starts_with(ref_func) && value.text.find(',') == std::string::npos) {
        item.function = 0;
        for (char c : value.text.substr(ref_func.size()))
          item.function = item.function * 10 + static_cast<uint32_t>(c - '0');
      }
    } else {
      item.function = r.u32_leb("a function index");
    }
    if (r.failed()) return;
    out_.element_items.push_back(item);
  }
}

// -----------------------------------------------------------------------------------------------------------
// Code and data

void ModuleWalk::read_code(Reader& r) {
  uint64_t start = r.offset();
  uint32_t count = r.u32_leb("the number of function bodies");
  if (bodies_ == none32)
    bodies_ = static_cast<uint32_t>(out_.functions.size()); // there is no FUNCTION section
  const size_t declared = out_.functions.size() - bodies_;
  if (!r.failed() && count != declared)
    note(start, std::to_string(count) + " bodies of " + std::to_string(declared) + " functions");
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    uint32_t size = r.u32_leb("the size of a function body");
    if (r.failed()) return;
    const size_t row = bodies_ + i;
    if (row == out_.functions.size())
      out_.functions.push_back({none32, none32, none32, none32, none32, none32, {}, {}});
    inspection::Function& function = out_.functions[row];
    function.offset = static_cast<uint32_t>(r.offset());
    if (size > r.left()) {
      note(r.offset(), "a function body of " + std::to_string(size) + " bytes, where " +
                           std::to_string(r.left()) + " are left");
      size = static_cast<uint32_t>(r.left());
    }
    function.size = size;
    ReadFailure failure;
    Reader body(r.bytes(size, "a function body"), out_.file.data(), "function body", failure);
    uint32_t groups = body.u32_leb("the number of local declarations");
    uint64_t locals = 0;
    for (uint32_t g = 0; g < groups && !failure.happened; g++) {
      locals += body.u32_leb("a number of locals");
      value_type(body, "the type of locals");
    }
    if (failure.happened) note(failure);
    else function.locals = static_cast<uint32_t>(std::min<uint64_t>(locals, none32 - 1));
  }
}

void ModuleWalk::read_data(Reader& r) {
  uint32_t count = r.u32_leb("the number of data segments");
  out_.data_segments.reserve(std::min<size_t>(count, r.left()));
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    uint64_t at = r.offset();
    uint32_t flags = r.u32_leb("the flags of a data segment");
    if (flags > 2) return r.fail_at(at, "invalid flags of a data segment: " + std::to_string(flags));
    inspection::DataSegment row = {};
    row.mode = flags == 1;
    row.memory = row.p2align = row.comdat = none32;
    row.address = none64;
    if (flags != 1) {
      row.memory = flags == 2 ? r.u32_leb("a memory index") : 0;
      Constant position = constant(r);
      row.address = position.value;
      if (!r.failed()) row.position = made(position.text);
    }
    uint32_t size = r.u32_leb("the size of a data segment");
    if (r.failed()) return;
    row.offset = static_cast<uint32_t>(r.offset());
    if (size > r.left()) {
      note(at, "a data segment of " + std::to_string(size) + " bytes, where " + std::to_string(r.left()) +
                   " are left");
      size = static_cast<uint32_t>(r.left());
    }
    row.size = size;
    r.bytes(size, "a data segment");
    out_.data_segments.push_back(row);
  }
}

} // namespace weld
