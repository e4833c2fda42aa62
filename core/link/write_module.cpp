// Writes the output, front to back, into a buffer of exactly its size: copies code and data in runs, then
// patches the relocated fields in place.
#include "core/link/compress_code.h"
#include "core/link/output_plan.h"
#include "core/link/reloc_value.h"

namespace weld {

namespace {

class Writer {
public:
  Writer(Link& link, const OutputPlan& plan, std::vector<uint8_t>& output)
      : link_(link), plan_(plan), out_(output) {}

  void run() {
    out_.resize(static_cast<size_t>(plan_.size));
    std::memcpy(out_.data(), wasm_magic, 4);
    write_le(out_.data() + 4, wasm_version);
    values_of_.resize(link_.objects.size());
    for (const OutSection& section : plan_.sections) {
      uint8_t* p = out_.data() + section.offset - uleb_size(section.payload_size) - 1;
      *p++ = static_cast<uint8_t>(section.kind);
      p = write_uleb(p, section.payload_size);
      // Of data, only the count precedes everything: each segment's own head stands between the others'
      // bytes.
      if (section.content != OutSection::Data)
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
    CodeCompressor compressor(link_);
    for (const OutFunction& f : link_.functions) {
      if (!f.object) {
        const SyntheticFunction& function = link_.synthetic_functions[f.row];
        std::memcpy(payload + function.offset, link_.synthetic_code.data() + function.body.first,
                    function.body.count);
        continue;
      }
      const LinkObject& o = link_.objects[f.object];
      const FunctionRow& row = o.object.functions()[f.row];
      uint8_t* at = payload + link_.function_offset[o.functions + f.row];
      if (link_.options.compress_relocations) {
        compressor.write(f.object, f.row, at);
        continue;
      }
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

  // What stands for the address of something that is gone: in DWARF, a value that no reader takes for an
  // address.
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
    for (uint32_t i = 0; i < rows.size(); i++) values[i] = symbol_value(link_, id, i);
    return values;
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
      uint64_t value = reloc_value(link_, id, reloc, symbol, address + (reloc.offset - base), tombstone_);
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
