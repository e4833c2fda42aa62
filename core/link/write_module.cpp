// Writes the output, front to back, into a buffer of exactly its size: copies code and data in runs, then patches the
// relocated fields in place.
#include "core/link/output_plan.h"
#include "core/wasm/type_text.h"

namespace weld {

namespace {

// What a relocation against a symbol writes, as far as it does not depend on the relocation.
struct SymbolValue {
  uint64_t value = 0;    // index or address
  uint32_t slot = 0;     // function: its table slot, 0 without one
  bool is_live = false;
  bool is_null = false;  // data that is nowhere: 0, whatever the addend
};

class Writer {
public:
  Writer(Link& link, const OutputPlan& plan, std::vector<uint8_t>& output) : link_(link), plan_(plan), out_(output) {}

  void run() {
    out_.resize(static_cast<size_t>(plan_.size));
    std::memcpy(out_.data(), wasm_magic, 4);
    write_le(out_.data() + 4, wasm_version);
    values_of_.resize(link_.objects.size());
    for (const OutSection& section : plan_.sections) {
      uint8_t* p = out_.data() + section.offset - uleb_size(section.payload_size) - 1;
      *p++ = static_cast<uint8_t>(section.kind);
      p = write_uleb(p, section.payload_size);
      std::memcpy(p, plan_.encoded.data() + section.encoded.first, section.encoded.count);
      switch (section.content) {
      case OutSection::Encoded: break;
      case OutSection::Code: write_code(out_.data() + section.offset); break;
      case OutSection::Data: write_data(section); break;
      case OutSection::Custom: write_custom(section, p + section.encoded.count); break;
      }
    }
  }

private:
  void write_code(uint8_t* payload) {
    for (const OutFunction& f : link_.functions) {
      if (!f.object) {
        const SyntheticFunction& function = link_.synthetic_functions[f.row];
        std::memcpy(payload + function.offset, link_.synthetic_code.data() + function.body.first, function.body.count);
        continue;
      }
      const LinkObject& o = link_.objects[f.object];
      const FunctionRow& row = o.object.functions()[f.row];
      uint8_t* at = payload + link_.function_offset[o.functions + f.row];
      std::memcpy(at, o.bytes.data() + row.offset, row.size);
      // Relocation offsets count from the payload of CODE.
      section_ = "CODE";
      relocate(f.object, row.relocs, at, row.offset - o.object.header().code_offset, 0);
    }
  }

  void write_data(const OutSection& section) {
    const uint8_t* encoded = plan_.encoded.data();
    uint8_t* p = out_.data() + section.offset;
    uint32_t head = section.encoded.first;
    bool first = true;
    section_ = "DATA";
    for (const OutSegment& segment : link_.segments) {
      if (!segment.header.size) continue;
      if (first) p = write_run(p, encoded + head, segment.header.offset - head); // the count
      first = false;
      p = write_run(p, encoded + segment.header.offset, segment.header.size);
      for (const OutChunk& chunk : segment.chunks) {
        uint8_t* at = p + chunk.offset;
        if (!chunk.object) {
          const ByteBuffer& strings = link_.merged_strings[chunk.row].bytes;
          write_run(at, strings.data(), strings.size());
          continue;
        }
        const LinkObject& o = link_.objects[chunk.object];
        const SegmentRow& row = o.object.segments()[chunk.row - o.segments];
        write_run(at, o.bytes.data() + row.data.offset, row.data.size);
        relocate(chunk.object, row.relocs, at, row.data.offset - o.object.header().data_offset,
                 segment.address + chunk.offset);
      }
      p += segment.size;
    }
  }

  static uint8_t* write_run(uint8_t* to, const uint8_t* from, size_t size) {
    if (size) std::memcpy(to, from, size);
    return to + size;
  }

  void write_custom(const OutSection& section, uint8_t* payload) {
    const OutCustomSection& custom = link_.custom_sections[section.row];
    section_ = link_.session.strings.text(custom.name);
    tombstone_ = tombstone_of(section_);
    for (const OutChunk& chunk : custom.chunks) {
      uint8_t* at = payload + chunk.offset;
      if (!chunk.object) {
        const ByteBuffer& strings = link_.merged_strings[chunk.row].bytes;
        write_run(at, strings.data(), strings.size());
        continue;
      }
      const LinkObject& o = link_.objects[chunk.object];
      const CustomSectionRow& row = o.object.custom_sections()[chunk.row - o.custom_sections];
      write_run(at, o.bytes.data() + row.data.offset, row.data.size);
      relocate(chunk.object, row.relocs, at, 0, 0);
    }
    tombstone_ = 0;
  }

  // What stands for the address of something that is gone: in DWARF, a value that no reader takes for an address.
  static uint64_t tombstone_of(std::string_view section) {
    auto starts_with = [&](std::string_view prefix) { return section.substr(0, prefix.size()) == prefix; };
    if (section == ".debug_ranges" || section == ".debug_loc") return ~uint64_t{1}; // -1 has a meaning there
    if (starts_with(".debug_") || starts_with("llvm.func_attr.")) return ~uint64_t{0};
    return 0; // none: the addend is written
  }

  // Each symbol of an object is looked up once, whatever the number of its relocations.
  const std::vector<SymbolValue>& values_of(LinkObjectId id) {
    std::vector<SymbolValue>& values = values_of_[id.row];
    const LinkObject& o = link_.objects[id];
    auto rows = o.object.symbols();
    if (!values.empty() || rows.empty()) return values;
    values.resize(rows.size());
    for (uint32_t i = 0; i < rows.size(); i++) {
      SymbolId symbol = link_.bound[o.symbols + i];
      values[i] = symbol ? value_of(link_.symbols[symbol]) : local_value(o, rows[i]);
    }
    return values;
  }

  static uint32_t slot_or_null(uint32_t slot) { return slot == none32 ? 0 : slot; }

  SymbolValue value_of(const Symbol& s) const {
    SymbolValue v;
    v.is_live = link_.is_live(s);
    switch (s.kind) {
    case SymbolKind::Function:
      v.value = link_.function_index_of(s);
      v.slot = s.is_stub && s.state != SymbolState::Defined ? 0 : slot_or_null(link_.table_slot_of(s));
      break;
    case SymbolKind::Data:
      v.is_null = s.state != SymbolState::Defined;
      if (!v.is_null && v.is_live) v.value = link_.address_of(s);
      break;
    case SymbolKind::Global: v.value = link_.global_index_of(s); break;
    case SymbolKind::Tag: v.value = link_.tag_index_of(s); break;
    case SymbolKind::Table: v.value = link_.table_number_of(s); break;
    case SymbolKind::Section: break;
    }
    return v;
  }

  SymbolValue local_value(const LinkObject& o, const SymbolRow& row) const {
    SymbolValue v;
    if (row.is_undefined()) return v;
    auto is_live = [](uint8_t state) { return (state & entity_state::live) != 0; };
    switch (row.kind) {
    case SymbolKind::Function:
      v.is_live = is_live(link_.function_state[o.functions + row.element]);
      v.value = link_.function_index[o.functions + row.element];
      v.slot = slot_or_null(link_.function_slot[o.functions + row.element]);
      break;
    case SymbolKind::Data: {
      if (row.element == none32) {
        v.is_live = true;
        v.value = row.value;
        break;
      }
      uint32_t segment = o.segments + row.element;
      v.is_live = is_live(link_.segment_state[segment]);
      if (!v.is_live) break;
      v.value = link_.offset_in_out_segment(segment, row.value);
      if (!(row.flags & symbol_flag::tls) || !link_.options.shared_memory)
        v.value += link_.segments[link_.segment_out[segment]].address;
      break;
    }
    case SymbolKind::Global:
      v.is_live = is_live(link_.global_state[o.globals + row.element]);
      v.value = link_.global_index[o.globals + row.element];
      break;
    case SymbolKind::Tag:
      v.is_live = is_live(link_.tag_state[o.tags + row.element]);
      v.value = link_.tag_index[o.tags + row.element];
      break;
    case SymbolKind::Table:
      v.is_live = is_live(link_.table_state[o.tables + row.element]);
      v.value = link_.table_index[o.tables + row.element];
      break;
    case SymbolKind::Section:
      v.is_live = true;
      v.value = row.element;
      break;
    }
    return v;
  }

  // `base`: the relocation offset that `chunk` begins at; `address`: of the chunk in memory, for data.
  void relocate(LinkObjectId id, RowRange range, uint8_t* chunk, uint32_t base, uint64_t address) {
    if (!range.count) return;
    const std::vector<SymbolValue>& values = values_of(id);
    const LinkObject& o = link_.objects[id];
    for (const RelocRow& reloc : o.object.relocs().subspan(range.first, range.count)) {
      uint8_t* field = chunk + (reloc.offset - base);
      RelocType type = reloc.reloc_type();
      if (type == RelocType::TYPE_INDEX_LEB) {
        write_padded_uleb(field, link_.type_of_signature[o.object.types()[reloc.index].row], 5);
        continue;
      }
      const SymbolValue& symbol = values[reloc.index];
      uint64_t value = compute(o, reloc, symbol, address + (reloc.offset - base));
      const RelocTraits& t = traits(type);
      if (!field_is_64(t.field) && symbol.is_live && !fits_32(value)) report_range(id, reloc, value);
      store(field, t.field, value);
    }
  }

  static bool fits_32(uint64_t value) {
    auto s = static_cast<int64_t>(value);
    return s >= -(int64_t{1} << 31) && s < (int64_t{1} << 32);
  }

  static void store(uint8_t* field, RelocField kind, uint64_t value) {
    switch (kind) {
    case RelocField::Uleb5: write_padded_uleb(field, static_cast<uint32_t>(value), 5); break;
    case RelocField::Sleb5: write_padded_sleb(field, static_cast<int32_t>(value), 5); break;
    case RelocField::I32: write_le(field, static_cast<uint32_t>(value)); break;
    case RelocField::Uleb10: write_padded_uleb(field, value, 10); break;
    case RelocField::Sleb10: write_padded_sleb(field, static_cast<int64_t>(value), 10); break;
    case RelocField::I64: write_le(field, value); break;
    }
  }

  uint64_t gone(const RelocRow& reloc) const { return tombstone_ ? tombstone_ : static_cast<uint64_t>(reloc.addend); }

  uint64_t compute(const LinkObject& o, const RelocRow& reloc, const SymbolValue& symbol, uint64_t place) {
    RelocTarget target = traits(reloc.reloc_type()).target;
    auto addend = static_cast<uint64_t>(reloc.addend);
    if (!symbol.is_live) return gone(reloc);
    switch (target) {
    case RelocTarget::TableSlot: return symbol.slot;
    case RelocTarget::TableSlotRel: return symbol.slot ? symbol.slot - link_.options.table_base : 0;
    case RelocTarget::Address: return symbol.is_null ? 0 : symbol.value + addend;
    case RelocTarget::AddressRel: return symbol.is_null ? 0 : symbol.value + addend - place;
    case RelocTarget::TlsOffset: {
      if (symbol.is_null) return 0;
      // One thread: addresses are absolute everywhere else, and the code adds `__tls_base` here.
      uint64_t block = 0;
      if (!link_.options.shared_memory && link_.known.tls_base)
        block = link_.synthetic_globals[link_.symbols[link_.known.tls_base].entity.row()].value;
      return symbol.value + addend - block;
    }
    case RelocTarget::Global: {
      SymbolId id = link_.bound[o.symbols + reloc.index];
      if (id && link_.symbols[id].kind != SymbolKind::Global) return link_.symbols[id].got_index;
      return symbol.value;
    }
    case RelocTarget::FunctionOffset: return function_offset(o, reloc);
    case RelocTarget::SectionOffset:
      return symbol.value == none32
                 ? addend
                 : link_.custom_section_offset(o.custom_sections + static_cast<uint32_t>(symbol.value), addend);
    case RelocTarget::Function:
    case RelocTarget::Tag:
    case RelocTarget::Table:
    case RelocTarget::Type: break;
    }
    return symbol.value;
  }

  uint64_t function_offset(const LinkObject& o, const RelocRow& reloc) const {
    EntityRef function = link_.function_of(o, reloc.index);
    if (function.is_none()) return gone(reloc); // imported: it has no code
    auto addend = static_cast<uint64_t>(reloc.addend);
    if (function.is_synthetic()) return link_.synthetic_functions[function.row()].offset + addend;
    // The symbol may mean another object's function.
    SymbolId id = link_.bound[o.symbols + reloc.index];
    const LinkObject& owner = id ? link_.objects[link_.symbols[id].object] : o;
    uint32_t local = function.row() - owner.functions;
    return link_.function_offset[function.row()] + owner.object.functions()[local].code_offset + addend;
  }

  void report_range(LinkObjectId id, const RelocRow& reloc, uint64_t value) {
    const LinkObject& o = link_.objects[id];
    ByteRange name = o.object.symbols()[reloc.index].name_bytes;
    Location where = link_.location_of(id);
    where.section = section_;
    link_.diagnostics().report(DiagnosticId::reloc_out_of_range,
                               {"R_WASM_" + std::string(traits(reloc.reloc_type()).name),
                                Argument::symbol(as_text(o.bytes.subspan(name.offset, name.size))), value},
                               where);
  }

  Link& link_;
  const OutputPlan& plan_;
  std::vector<uint8_t>& out_;
  std::vector<std::vector<SymbolValue>> values_of_; // by object; filled when its first relocation is applied
  std::string_view section_;                        // that is written, for messages
  uint64_t tombstone_ = 0;                          // of the custom section that is written
};

} // namespace

void write_module(Link& link, const OutputPlan& plan, std::vector<uint8_t>& output) {
  Writer(link, plan, output).run();
}

} // namespace weld
