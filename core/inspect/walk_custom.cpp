// Custom sections that describe the file as a whole.
#include "core/inspect/walk.h"

namespace weld {

void ModuleWalk::read_custom_section(std::string_view name, Reader& r) {
  if (name == "linking") return read_linking(r);
  if (name.starts_with("reloc.")) return read_relocations(r);
  if (name == "name") return read_names(r);
  if (name == "producers") return read_producers(r);
  if (name == "target_features") return read_features(r);
  if (name == "dylink.0") return read_dylink(r);
  r.bytes(r.left(), "a custom section");
}

// -----------------------------------------------------------------------------------------------------------
// Names

void ModuleWalk::read_names(Reader& r) {
  while (!r.at_end() && !r.failed()) {
    uint8_t type = r.u8("the type of a name subsection");
    uint32_t size = r.u32_leb("the size of a name subsection");
    if (r.failed()) return;
    in_part(r, size, "name subsection", [&](Reader& part) {
      auto space = static_cast<NameSubsection>(type);
      switch (space) {
      case NameSubsection::Module:
        if (Text name = text_of(part.name("the name of the module")); !part.failed())
          out_.names.push_back({type, none32, none32, name});
        return;
      case NameSubsection::Local:
      case NameSubsection::Label:
      case NameSubsection::Field: {
        uint32_t count = part.u32_leb("the number of name maps");
        for (uint32_t i = 0; i < count && !part.failed(); i++) {
          uint32_t outer = part.u32_leb("an index");
          if (!part.failed()) read_name_map(part, space, outer);
        }
        return;
      }
      default:
        if (space <= NameSubsection::Tag) return read_name_map(part, space, none32);
        skip_unknown(part, type);
      }
    });
  }
}

// Names of numbers; of a function's locals and labels and a type's fields where `outer` says of which.
void ModuleWalk::read_name_map(Reader& r, NameSubsection space, uint32_t outer) {
  uint32_t count = r.u32_leb("the number of names");
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    uint32_t index = r.u32_leb("the index of a name");
    Text name = text_of(r.name("a name"));
    if (r.failed()) return;
    const bool has_outer = outer != none32;
    out_.names.push_back(
        {static_cast<uint8_t>(space), has_outer ? outer : index, has_outer ? index : none32, name});
  }
}

// Functions and the like are named by their symbols, or else by the name section, an import or an export: the
// first that has a name.
void ModuleWalk::name_things() {
  auto give = [](auto& table, uint32_t index, Text name) {
    if (index < table.size() && !table[index].name) table[index].name = name;
  };
  for (const inspection::Symbol& s : out_.symbols) {
    switch (static_cast<SymbolKind>(s.kind)) {
    case SymbolKind::Function: give(out_.functions, s.index, s.name); break;
    case SymbolKind::Global: give(out_.globals, s.index, s.name); break;
    case SymbolKind::Tag: give(out_.tags, s.index, s.name); break;
    case SymbolKind::Table: give(out_.tables, s.index, s.name); break;
    default: break;
    }
  }
  for (const inspection::Name& n : out_.names) {
    switch (static_cast<NameSubsection>(n.space)) {
    case NameSubsection::Function: give(out_.functions, n.index, n.name); break;
    case NameSubsection::Table: give(out_.tables, n.index, n.name); break;
    case NameSubsection::Memory: give(out_.memories, n.index, n.name); break;
    case NameSubsection::Global: give(out_.globals, n.index, n.name); break;
    case NameSubsection::Element: give(out_.elements, n.index, n.name); break;
    case NameSubsection::DataSegment: give(out_.data_segments, n.index, n.name); break;
    case NameSubsection::Tag: give(out_.tags, n.index, n.name); break;
    default: break;
    }
  }
  auto give_external = [&](uint8_t kind, uint32_t index, Text name) {
    switch (static_cast<ExternalKind>(kind)) {
    case ExternalKind::Function: give(out_.functions, index, name); break;
    case ExternalKind::Table: give(out_.tables, index, name); break;
    case ExternalKind::Memory: give(out_.memories, index, name); break;
    case ExternalKind::Global: give(out_.globals, index, name); break;
    case ExternalKind::Tag: give(out_.tags, index, name); break;
    }
  };
  for (const inspection::Import& i : out_.imports) give_external(i.kind, i.index, i.name);
  for (const inspection::Export& e : out_.exports) give_external(e.kind, e.index, e.name);

  auto name_of = [](const auto& table, uint32_t index) {
    return index < table.size() ? table[index].name : Text();
  };
  for (inspection::Start& s : out_.start) s.name = name_of(out_.functions, s.function);
  for (inspection::ElementItem& e : out_.element_items) e.name = name_of(out_.functions, e.function);
  for (inspection::InitFunction& f : out_.init_functions) f.name = name_of(out_.symbols, f.symbol);
  for (inspection::ComdatEntry& e : out_.comdat_entries) {
    switch (static_cast<ComdatKind>(e.kind)) {
    case ComdatKind::Data: e.name = name_of(out_.data_segments, e.index); break;
    case ComdatKind::Function: e.name = name_of(out_.functions, e.index); break;
    case ComdatKind::Global: e.name = name_of(out_.globals, e.index); break;
    case ComdatKind::Tag: e.name = name_of(out_.tags, e.index); break;
    case ComdatKind::Table: e.name = name_of(out_.tables, e.index); break;
    case ComdatKind::Section: e.name = name_of(out_.sections, e.index); break;
    }
  }
}

// -----------------------------------------------------------------------------------------------------------
// Producers, features

void ModuleWalk::read_producers(Reader& r) {
  uint32_t fields = r.u32_leb("the number of producer fields");
  for (uint32_t i = 0; i < fields && !r.failed(); i++) {
    Text field = text_of(r.name("the name of a producer field"));
    uint32_t count = r.u32_leb("the number of producers");
    for (uint32_t v = 0; v < count && !r.failed(); v++) {
      Text name = text_of(r.name("the name of a producer"));
      Text version = text_of(r.name("the version of a producer"));
      if (!r.failed()) out_.producers.push_back({field, name, version});
    }
  }
}

// '+': the object uses the feature; '-': it must not be linked with one that does; '=': it must be with such.
void ModuleWalk::read_features(Reader& r) {
  uint32_t count = r.u32_leb("the number of features");
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    Text prefix = text_of(r.bytes(1, "the prefix of a feature"));
    Text name = text_of(r.name("the name of a feature"));
    if (!r.failed()) out_.features.push_back({prefix, name});
  }
}

// -----------------------------------------------------------------------------------------------------------
// dylink.0

void ModuleWalk::read_dylink(Reader& r) {
  while (!r.at_end() && !r.failed()) {
    uint8_t type = r.u8("the type of a subsection");
    uint32_t size = r.u32_leb("the size of a subsection");
    if (r.failed()) return;
    in_part(r, size, "subsection", [&](Reader& part) {
      if (type && type <= static_cast<uint8_t>(DylinkSubsection::RuntimePath))
        return read_dylink_part(part, static_cast<DylinkSubsection>(type));
      skip_unknown(part, type);
    });
  }
}

void ModuleWalk::read_dylink_part(Reader& r, DylinkSubsection kind) {
  if (kind == DylinkSubsection::MemInfo) {
    inspection::Dylink row = {};
    row.memory_size = r.u32_leb("the size of memory");
    row.memory_p2align = r.u32_leb("the alignment of memory");
    row.table_size = r.u32_leb("the size of the table");
    row.table_p2align = r.u32_leb("the alignment of the table");
    if (!r.failed()) out_.dylink.push_back(row);
    return;
  }
  uint32_t count = r.u32_leb("a number");
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    Text name = text_of(r.name("a name"));
    switch (kind) {
    case DylinkSubsection::Needed:
      if (!r.failed()) out_.needed.push_back({name});
      break;
    case DylinkSubsection::RuntimePath:
      if (!r.failed()) out_.runtime_paths.push_back({name});
      break;
    case DylinkSubsection::ExportInfo: {
      uint32_t flags = r.u32_leb("the flags of an export");
      if (!r.failed()) out_.export_infos.push_back({flags, name});
      break;
    }
    case DylinkSubsection::ImportInfo: {
      Text field = text_of(r.name("a name"));
      uint32_t flags = r.u32_leb("the flags of an import");
      if (!r.failed()) out_.import_infos.push_back({flags, name, field});
      break;
    }
    case DylinkSubsection::MemInfo: break;
    }
  }
}

} // namespace weld
