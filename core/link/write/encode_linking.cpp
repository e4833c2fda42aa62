// The `linking` and `reloc.*` sections of output that can be linked again (-r), or that keeps its relocations
// (--emit-relocs). Encoded once all offsets are known: relocations keep their type and addend, and name
// output symbols and output offsets instead of an input's.
#include "core/base/sort.h"
#include "core/link/reduce/walk_code.h"
#include "core/link/write/output_plan.h"

namespace weld {

namespace {

class LinkingEncoder {
public:
  LinkingEncoder(const Link& link, OutputPlan& plan) : link_(link), plan_(plan), out_(plan.encoded) {}

  void run() {
    number_symbols();
    encode_linking();
    // Sections that are added here have no relocations of their own.
    size_t count = plan_.sections.size();
    for (uint32_t i = 0; i < count; i++) encode_relocs(i);
    encode_hint_relocs();
  }

private:
  // A row of the output's symbol table: a global symbol, a local one of an object by its row there, or a section of the
  // output by its number.
  struct Entry {
    SymbolId symbol;
    LinkObjectId object;
    uint32_t row = 0;
    uint32_t section = 0;
  };

  void number_symbols() {
    local_index_.resize(link_.bound.size(), none32);
    symbol_index_.resize(link_.symbols.size(), none32);
    for (SymbolId id : link_.symbol_order) {
      const Symbol& s = link_.symbols[id];
      if (s.used_in_object && !s.is_lazy() && !s.is_shared() && link_.is_live(id)) add_global(id);
    }
    for (LinkObjectId id : link_.object_order) {
      const LinkObject& o = link_.objects[id];
      auto rows = o.object.symbols();
      for (uint32_t i = 0; i < rows.size(); i++) {
        if (SymbolId bound = link_.bound[o.symbol(i)]) {
          // A trap is local although its name is not. wasm-ld lists it again for each object that refers to
          // it.
          const Symbol& s = link_.symbols[bound];
          bool is_new = symbol_index_[bound] == none32 || link_.options.like_lld();
          if (s.is_local() && is_new && link_.is_live(bound)) add_global(bound);
          continue;
        }
        if (rows[i].kind == SymbolKind::Section || rows[i].is_undefined() || !is_live(o, rows[i])) continue;
        local_index_[o.symbol(i)] = static_cast<uint32_t>(entries_.size());
        entries_.push_back({{}, id, i, 0});
      }
    }
    for (uint32_t i = 0; i < plan_.sections.size(); i++) {
      const OutSection& section = plan_.sections[i];
      if (section.content != OutSection::Custom) continue;
      if (section.custom.row >= section_symbol_.size())
        section_symbol_.resize(section.custom.row + 1, none32);
      section_symbol_[section.custom] = static_cast<uint32_t>(entries_.size());
      entries_.push_back({{}, {}, 0, i});
    }
  }

  void add_global(SymbolId id) {
    symbol_index_[id] = static_cast<uint32_t>(entries_.size());
    entries_.push_back({id, {}, 0, 0});
  }

  bool is_live(const LinkObject& o, const SymbolRow& row) const {
    switch (row.kind) {
    case SymbolKind::Function: return link_.function_live[o.function(row.element)];
    case SymbolKind::Data: return row.element == none32 || link_.segment_live[o.segment(row.element)];
    case SymbolKind::Global: return link_.global_live[o.global(row.element)];
    case SymbolKind::Tag: return link_.tag_live[o.tag(row.element)];
    case SymbolKind::Table: return link_.table_live[o.table(row.element)];
    case SymbolKind::Section: break;
    }
    return false;
  }

  void data_reference(SegmentId segment, uint64_t value, uint64_t size) {
    if (!segment) {
      out_.uleb(0);
      out_.uleb(value);
    } else {
      out_.uleb(link_.segments[link_.segment_out[segment]].index);
      out_.uleb(link_.offset_in_out_segment(segment, value));
    }
    out_.uleb(size);
  }

  // As the output has it: an export that is wrapped is hidden behind its wrapper, and what the linker defines is not
  // kept for an object's sake.
  uint32_t flags_of(SymbolId id) const {
    const Symbol& s = link_.symbols[id];
    uint32_t flags = s.flags;
    if (!link_.is_wrapped.empty() && link_.is_wrapped[id])
      flags = (flags | symbol_flag::visibility_hidden) & ~symbol_flag::exported;
    if (s.state == SymbolState::Defined && !s.object) flags &= ~symbol_flag::no_strip;
    if (s.is_common() && !link_.options.relocatable) flags &= ~symbol_flag::binding_mask; // it has a place
    return flags;
  }

  void encode_global(SymbolId id) {
    const Symbol& s = link_.symbols[id];
    bool defined = s.state == SymbolState::Defined;
    out_.u8(static_cast<uint8_t>(s.kind));
    out_.uleb(flags_of(id));
    if (s.kind == SymbolKind::Data) {
      out_.name(link_.name_of(id));
      if (s.is_common() && link_.options.relocatable) {
        out_.uleb(s.size);
        out_.u8(s.common_p2align);
        return;
      }
      if (defined) data_reference(s.segment(), s.place == none32 ? s.value : link_.places[s.place], s.size);
      return;
    }
    switch (s.kind) {
    case SymbolKind::Function: out_.uleb(link_.function_index_of(id)); break;
    case SymbolKind::Global: out_.uleb(link_.global_index_of(id)); break;
    case SymbolKind::Tag: out_.uleb(link_.tag_index_of(id)); break;
    default: out_.uleb(link_.table_number_of(id));
    }
    // A trap goes by what it is, so that it does not stand for the name.
    if (s.is_trap && defined)
      out_.name(link_.text(link_.synthetic_functions[s.function().synthetic()].debug_name));
    else if (defined || (s.flags & symbol_flag::explicit_name)) out_.name(link_.name_of(id));
  }

  void encode_local(const Entry& entry) {
    const LinkObject& o = link_.objects[entry.object];
    const SymbolRow& row = o.object.symbols()[entry.row];
    auto name = [&] { out_.name(o.text(row.encoded_name)); };
    out_.u8(static_cast<uint8_t>(row.kind));
    out_.uleb(row.flags);
    if (row.kind == SymbolKind::Data) {
      name();
      data_reference(row.element == none32 ? SegmentId() : o.segment(row.element), row.value(), row.size);
      return;
    }
    switch (row.kind) {
    case SymbolKind::Function: out_.uleb(link_.function_index[o.function(row.element)]); break;
    case SymbolKind::Global: out_.uleb(link_.global_index[o.global(row.element)]); break;
    case SymbolKind::Tag: out_.uleb(link_.tag_index[o.tag(row.element)]); break;
    default: out_.uleb(link_.table_index[o.table(row.element)]);
    }
    name();
  }

  void encode_symbols() {
    out_.uleb(entries_.size());
    for (const Entry& entry : entries_) {
      if (entry.symbol) {
        encode_global(entry.symbol);
      } else if (entry.object) {
        encode_local(entry);
      } else {
        out_.u8(static_cast<uint8_t>(SymbolKind::Section));
        out_.uleb(symbol_flag::binding_local);
        out_.uleb(entry.section);
      }
    }
  }

  struct ComdatEntry {
    StringId name;
    ComdatKind kind;
    uint32_t index;
  };

  Vector<ComdatEntry> comdats() const {
    Vector<ComdatEntry> entries;
    uint32_t index = link_.imported_functions;
    for (const OutFunction& f : link_.functions) {
      uint32_t at = index++;
      if (!f.object) continue;
      const LinkObject& o = link_.objects[f.object];
      uint32_t comdat = link_.row_of(f).comdat;
      if (comdat != none32) entries.push_back({o.object.comdats()[comdat].name, ComdatKind::Function, at});
    }
    for (const OutSegment& segment : link_.segments) {
      if (segment.chunks.empty() || !segment.chunks[0].object) continue;
      const LinkObject& o = link_.objects[segment.chunks[0].object];
      uint32_t comdat = o.object.segments()[o.segment.local(segment.chunks[0].segment())].comdat;
      if (comdat != none32)
        entries.push_back({o.object.comdats()[comdat].name, ComdatKind::Data, segment.index});
    }
    sort_stably(entries, [&](const ComdatEntry& a, const ComdatEntry& b) {
      return link_.store.strings.text(a.name) < link_.store.strings.text(b.name);
    });
    return entries;
  }

  void encode_linking() {
    size_t begin = out_.size();
    out_.name("linking");
    out_.uleb(linking_version);
    if (!entries_.empty()) out_.subsection(LinkingSubsection::SymbolTable, [&] { encode_symbols(); });
    if (!link_.segments.empty())
      out_.subsection(LinkingSubsection::SegmentInfo, [&] {
        out_.uleb(link_.segments.size());
        for (const OutSegment& segment : link_.segments) {
          out_.name(link_.store.strings.text(segment.name));
          out_.uleb(segment.p2align);
          out_.uleb(segment.flags);
        }
      });
    if (!link_.init_functions.empty())
      out_.subsection(LinkingSubsection::InitFuncs, [&] {
        out_.uleb(link_.init_functions.size());
        for (const InitFunction& init : link_.init_functions) {
          out_.uleb(init.priority);
          out_.uleb(symbol_index(init.object, init.symbol));
        }
      });
    Vector<ComdatEntry> members = comdats();
    if (!members.empty())
      out_.subsection(LinkingSubsection::ComdatInfo, [&] {
        uint32_t groups = 0;
        for (size_t i = 0; i < members.size(); i++)
          groups += i == 0 || members[i].name != members[i - 1].name;
        out_.uleb(groups);
        for (size_t i = 0; i < members.size();) {
          size_t end = i;
          while (end < members.size() && members[end].name == members[i].name) end++;
          out_.name(link_.store.strings.text(members[i].name));
          out_.uleb(0); // flags
          out_.uleb(end - i);
          for (; i < end; i++) {
            out_.u8(static_cast<uint8_t>(members[i].kind));
            out_.uleb(members[i].index);
          }
        }
      });
    plan_.add(SectionKind::Custom, begin);
  }

  // The output symbol that an object's symbol became; none32 when it is not in the output.
  uint32_t symbol_index(LinkObjectId id, uint32_t row_index) const {
    const LinkObject& o = link_.objects[id];
    if (SymbolId bound = link_.bound[o.symbol(row_index)]) return symbol_index_[bound];
    const SymbolRow& row = o.object.symbols()[row_index];
    if (row.kind != SymbolKind::Section) return local_index_[o.symbol(row_index)];
    if (row.element == none32) return none32;
    StringId name = o.object.custom_sections()[row.element].name;
    for (OutCustomId out(0); out.row < link_.custom_sections.size(); out.row++)
      if (link_.custom_sections[out].name == name) return section_symbol_[out];
    return none32;
  }

  // Relocations of one chunk, moved by `delta`. Those against what is not in the output are left out: their
  // field already holds its tombstone.
  void encode_chunk(LinkObjectId id, EncodedRelocs relocs, uint32_t delta) {
    for (const RelocRow& reloc : link_.objects[id].relocs(relocs))
      encode_reloc(id, reloc, reloc.offset + delta);
  }

  void encode_reloc(LinkObjectId id, const RelocRow& reloc, uint32_t offset) {
    const LinkObject& o = link_.objects[id];
    RelocType type = reloc.reloc_type();
    bool is_type = type == RelocType::TYPE_INDEX_LEB;
    uint32_t index =
        is_type ? link_.type_of_signature[o.object.types()[reloc.index].row] : symbol_index(id, reloc.index);
    if (index == none32) return;
    // LLD 22 takes section symbols for collected ones.
    if (link_.options.compat == Compat::Lld22 && link_.options.gc() &&
        traits(type).target == RelocTarget::SectionOffset)
      return;
    out_.u8(reloc.type);
    out_.uleb(offset);
    out_.uleb(index);
    if (traits(type).has_addend) {
      int64_t addend = reloc.addend;
      if (traits(type).target == RelocTarget::SectionOffset) {
        const CustomSectionId section = o.custom_section(o.object.symbols()[reloc.index].element);
        addend = static_cast<int64_t>(link_.custom_section_offset(section, static_cast<uint64_t>(addend)));
      }
      out_.sleb(addend);
    }
    count_++;
  }

  // A unit's function has no relocations before its fields are where they will be.
  void encode_unit_function(LinkObjectId id, FunctionId function, uint32_t offset) {
    auto walk = [&](uint32_t at, auto field) {
      walk_code(
          link_, id, function, MirForm::Relocatable,
          [&](Bytes run) { at += static_cast<uint32_t>(run.size()); },
          [&](const RelocRow& reloc) {
            field(reloc, at);
            at += field_width(traits(reloc.reloc_type()).field);
          });
      return at;
    };
    uint32_t size = walk(0, [](const RelocRow&, uint32_t) {});
    walk(offset + uleb_size(size), [&](const RelocRow& reloc, uint32_t at) { encode_reloc(id, reloc, at); });
  }

  void encode_unit_section(const OutChunk& chunk) {
    for (const UnitField& field : link_.unit_sections[chunk.unit_section()].fields) {
      const UnitSection* target = field.is_section() ? &link_.unit_sections[field.target] : nullptr;
      out_.u8(static_cast<uint8_t>(field.reloc_type(link_.is_64)));
      out_.uleb(chunk.offset + field.offset);
      out_.uleb(target ? section_symbol_[target->section] : symbol_index(chunk.object, field.symbol));
      out_.sleb(target ? static_cast<int64_t>(target->offset) : int64_t{field.addend});
      count_++;
    }
  }

  void encode_relocs(uint32_t section_index) {
    const OutSection section = plan_.sections[section_index];
    if (section.content == OutSection::Encoded) return;
    size_t begin = out_.size();
    std::string name = "reloc.";
    if (section.content == OutSection::Code) name += "CODE";
    else if (section.content == OutSection::Data) name += "DATA";
    else name += link_.store.strings.text(link_.custom_sections[section.custom].name);
    out_.name(name);
    out_.uleb(section_index);
    size_t head = out_.size();
    count_ = 0;
    if (section.content == OutSection::Code) {
      for (const OutFunction& f : link_.functions) {
        if (!f.object) continue;
        const LinkObject& o = link_.objects[f.object];
        const FunctionId function = f.function.id();
        const FunctionRow& row = link_.row_of(f);
        if (o.unit) {
          encode_unit_function(f.object, function, link_.function_offset[function]);
          continue;
        }
        encode_chunk(f.object, row.relocs,
                     link_.function_offset[function] - (row.offset - o.object.header().code_offset));
      }
    } else if (section.content == OutSection::Data) {
      for (const OutSegment& segment : link_.segments)
        for (const OutChunk& chunk : segment.chunks) {
          const SegmentHead& place = link_.segment_heads[segment.index];
          if (!chunk.object || !place.header.size) continue;
          const LinkObject& o = link_.objects[chunk.object];
          const SegmentRow& row = o.object.segments()[o.segment.local(chunk.segment())];
          encode_chunk(chunk.object, row.relocs,
                       place.payload_offset + static_cast<uint32_t>(chunk.offset) -
                           (row.data.offset - o.object.header().data_offset));
        }
    } else {
      for (const OutChunk& chunk : link_.custom_sections[section.custom].chunks) {
        if (!chunk.object) continue;
        if (chunk.is_of_unit()) {
          encode_unit_section(chunk);
          continue;
        }
        const LinkObject& o = link_.objects[chunk.object];
        encode_chunk(chunk.object,
                     o.object.custom_sections()[o.custom_section.local(chunk.custom_section())].relocs,
                     static_cast<uint32_t>(chunk.offset));
      }
    }
    // LLD has a list for relocations that it lost when it merged strings.
    const bool are_lost = section.content == OutSection::Custom && link_.options.like_lld() &&
                          link_.custom_sections[section.custom].has_relocs;
    if (!count_ && !are_lost) {
      out_.truncate(begin);
      return;
    }
    // The count is known only now; it stands before the relocations.
    out_.insert_uleb(head, count_);
    plan_.add(SectionKind::Custom, begin);
  }

  void encode_hint_relocs() {
    if (plan_.hint_relocs.empty()) return;
    const size_t begin = out_.size();
    out_.name("reloc." + std::string(branch_hints_name));
    out_.uleb(plan_.hint_section);
    out_.uleb(plan_.hint_relocs.size());
    for (const OutputPlan::HintReloc& reloc : plan_.hint_relocs) {
      out_.u8(static_cast<uint8_t>(RelocType::FUNCTION_INDEX_LEB));
      out_.uleb(reloc.offset);
      out_.uleb(symbol_index(reloc.object, reloc.symbol));
    }
    plan_.add(SectionKind::Custom, begin);
  }

  const Link& link_;
  OutputPlan& plan_;
  ByteBuffer& out_;
  Vector<Entry> entries_;
  // The output's symbol, or none32:
  Column<SymbolId, uint32_t> symbol_index_;
  Column<ObjectSymbolId, uint32_t> local_index_;
  Column<OutCustomId, uint32_t> section_symbol_;
  uint32_t count_ = 0; // relocations of the section that is encoded
};

} // namespace

void encode_linking(const Link& link, OutputPlan& plan) {
  LinkingEncoder(link, plan).run();
}

} // namespace weld
