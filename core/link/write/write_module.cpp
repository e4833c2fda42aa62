// Writes the output into a buffer of exactly its size: copies code and data in runs, then patches the
// relocated fields in place. Where everything goes is known before, so its parts are written in any order.
#include "core/link/write/compress_code.h"
#include "core/link/write/output_plan.h"
#include "core/link/write/reloc_value.h"

namespace weld {

namespace {

// A piece of the output that can be written without the others.
struct Task {
  enum Kind : uint8_t { Functions, DataChunk, CustomChunk } kind;
  uint32_t begin = 0, end = 0;     // Functions: rows of Link::functions
  const OutChunk* chunk = nullptr; // the others
  uint8_t* at = nullptr;           // where it goes; Functions: the payload of CODE
  uint64_t address = 0;            // DataChunk: of the chunk in memory
  OutCustomId custom_section = {}; // CustomChunk
};

// Writes tasks, one after the other. Several may be at work at once.
class TaskWriter {
public:
  TaskWriter(const Link& link, const SymbolValues& values)
      : link_(link), values_(values), compressor_(link, values) {}

  Vector<RangeError> errors;

  void write(const Task& task) {
    switch (task.kind) {
    case Task::Functions: return write_functions(task);
    case Task::DataChunk: return write_data(task);
    case Task::CustomChunk: return write_custom(task);
    }
  }

private:
  void write_functions(const Task& task) {
    section_ = "CODE";
    for (uint32_t i = task.begin; i < task.end; i++) {
      const OutFunction& f = link_.functions[i];
      if (!f.object) {
        const SyntheticFunctionId id = f.function.synthetic();
        const RowRange body = link_.synthetic_bodies[id];
        std::memcpy(task.at + link_.synthetic_offset[id], link_.synthetic_code.data() + body.first,
                    body.count);
        continue;
      }
      const LinkObject& o = link_.objects[f.object];
      const FunctionId id = f.function.id();
      const FunctionRow& row = o.object.functions()[o.function.local(id)];
      uint8_t* at = task.at + link_.function_offset[id];
      if (link_.is_encoded_again(o)) {
        compressor_.write(f.object, id, at, errors);
        continue;
      }
      std::memcpy(at, o.bytes.data() + row.offset, row.size);
      // Relocation offsets count from the payload of CODE.
      relocate(f.object, row.relocs, at, row.offset - o.object.header().code_offset, 0);
    }
  }

  // Whether the chunk is merged strings, which are copied as they are.
  bool write_strings(const Task& task) {
    if (task.chunk->object) return false;
    Bytes strings = link_.merged_strings[task.chunk->merged()].bytes.from(0);
    if (!strings.empty()) std::memcpy(task.at, strings.data(), strings.size());
    return true;
  }

  void write_data(const Task& task) {
    if (write_strings(task)) return;
    section_ = "DATA";
    const LinkObject& o = link_.objects[task.chunk->object];
    const SegmentRow& row = o.object.segments()[o.segment.local(task.chunk->segment())];
    // A common symbol's zeros may be more than its object has.
    copy(task.at, o, {row.data.offset, static_cast<uint32_t>(task.chunk->size)});
    relocate(task.chunk->object, row.relocs, task.at, row.data.offset - o.object.header().data_offset,
             task.address);
  }

  void write_custom(const Task& task) {
    if (write_strings(task)) return;
    if (task.chunk->is_of_unit()) return write_unit_section(task);
    section_ = link_.store.strings.text(link_.custom_sections[task.custom_section].name);
    tombstone_ = tombstone_of(section_);
    subtracted_from_tls_ = tls_block_of_custom_sections();
    const LinkObject& o = link_.objects[task.chunk->object];
    const CustomSectionRow& row =
        o.object.custom_sections()[o.custom_section.local(task.chunk->custom_section())];
    const RewrittenSection* rewritten = link_.rewritten_section(task.chunk->custom_section());
    if (rewritten && !rewritten->bytes.empty()) {
      std::memcpy(task.at, rewritten->bytes.data(), rewritten->bytes.size());
      const uint32_t* offset = rewritten->reloc_offsets.data();
      for (const RelocRow& reloc : o.relocs(row.relocs))
        relocate_field(task.chunk->object, reloc, task.at + *offset++, 0);
    } else {
      copy(task.at, o, row.data);
      relocate(task.chunk->object, row.relocs, task.at, 0, 0);
    }
    if (rewritten) patch(*rewritten, task.at);
    tombstone_ = 0;
    subtracted_from_tls_ = 0;
  }

  void write_unit_section(const Task& task) {
    const UnitSection& section = link_.unit_sections[task.chunk->unit_section()];
    std::memcpy(task.at, section.bytes.data(), section.bytes.size());
    for (const UnitField& field : section.fields)
      store_value(task.at + field.offset, traits(field.reloc_type(link_.is_64)).field, link_.value_of(field));
  }

  static void patch(const RewrittenSection& section, uint8_t* bytes) {
    for (const NumberPatch& p : section.patches) {
      uint8_t* field = bytes + p.offset;
      if (p.is_leb) write_padded_uleb(field, p.value, p.width);
      else std::memcpy(field, &p.value, p.width); // little-endian
    }
  }

  static void copy(uint8_t* to, const LinkObject& o, ByteRange from) {
    if (!from.size) return;
    if (from.offset == none32) std::memset(to, 0, from.size);
    else std::memcpy(to, o.bytes.data() + from.offset, from.size);
  }

  // What stands for the address of something that is gone: in DWARF, a value that no reader takes for an
  // address.
  static uint64_t tombstone_of(std::string_view section) {
    auto starts_with = [&](std::string_view prefix) { return section.substr(0, prefix.size()) == prefix; };
    if (section == ".debug_ranges" || section == ".debug_loc") return ~uint64_t{1}; // -1 has a meaning there
    if (starts_with(".debug_") || starts_with("llvm.func_attr.")) return ~uint64_t{0};
    return 0; // none: the addend is written
  }

  // DWARF adds `__tls_base` to the address of a thread-local variable: with one thread, too, it is an offset there.
  uint64_t tls_block_of_custom_sections() const {
    const Options& options = link_.options;
    return options.has_threads() || options.relocatable ? 0 : thread_block(link_);
  }

  bool is_tls(const LinkObject& o, uint32_t row) const {
    const SymbolId symbol = link_.bound[o.symbol(row)];
    return symbol ? link_.symbols[symbol].is_tls() : (o.object.symbols()[row].flags & symbol_flag::tls) != 0;
  }

  // `base`: the relocation offset that `chunk` begins at; `address`: of the chunk in memory, for data.
  void relocate(LinkObjectId id, EncodedRelocs relocs, uint8_t* chunk, uint32_t base, uint64_t address) {
    for (const RelocRow& reloc : link_.objects[id].relocs(relocs)) {
      uint32_t offset = reloc.offset - base;
      relocate_field(id, reloc, chunk + offset, address + offset);
    }
  }

  // `place`: the address of the field in memory, for data.
  void relocate_field(LinkObjectId id, const RelocRow& reloc, uint8_t* field, uint64_t place) {
    const LinkObject& o = link_.objects[id];
    RelocType type = reloc.reloc_type();
    if (type == RelocType::TYPE_INDEX_LEB) {
      const uint32_t signature = o.object.types()[reloc.index].row;
      const uint32_t index =
          signature < link_.type_of_signature.size() ? link_.type_of_signature[signature] : none32;
      return write_padded_uleb(field, index == none32 ? 0 : index, 5); // none: only a custom section names it
    }
    const SymbolValue symbol = values_.of(o, reloc.index);
    uint64_t value = reloc_value(link_, id, reloc, symbol, place, tombstone_);
    if (subtracted_from_tls_ && traits(type).target == RelocTarget::Address && symbol.is_live &&
        !symbol.is_null && is_tls(o, reloc.index))
      value -= subtracted_from_tls_;
    const RelocField kind = traits(type).field;
    if (symbol.is_live && !fits_field(link_.options, kind, value))
      errors.push_back({id, section_, reloc, value});
    store_value(field, kind, value);
  }

  const Link& link_;
  const SymbolValues& values_;
  CodeCompressor compressor_;
  std::string_view section_; // that is written, for messages
  // Of the custom section that is written:
  uint64_t tombstone_ = 0;
  uint64_t subtracted_from_tls_ = 0; // from addresses of thread-local data
};

// Divides the output into tasks, and writes what lies between them.
class Writer {
public:
  Writer(const Link& link, const OutputPlan& plan, OutputBytes& output)
      : link_(link), plan_(plan), out_(output) {}

  void run() {
    std::memcpy(out_.data(), wasm_magic, 4);
    write_le(out_.data() + 4, wasm_version);
    write_sections(plan_.sections);
  }

  void write_sections(const Vector<OutSection>& sections) {
    for (const OutSection& section : sections) {
      uint8_t* p = out_.data() + section.offset - uleb_size(section.payload_size) - 1;
      *p++ = static_cast<uint8_t>(section.kind);
      p = write_uleb(p, section.payload_size);
      // Of data, only the count precedes everything: each segment's own head stands between the others'
      // bytes.
      if (section.content != OutSection::Data)
        std::memcpy(p, plan_.encoded.data() + section.encoded.first, section.encoded.count);
      switch (section.content) {
      case OutSection::Encoded: break;
      case OutSection::Code: add_code(out_.data() + section.offset); break;
      case OutSection::Data: add_data(section); break;
      case OutSection::Custom: add_custom(section, p + section.encoded.count); break;
      }
    }
    write_tasks();
  }

private:
  void add_code(uint8_t* payload) {
    constexpr uint32_t block = 64;
    auto count = static_cast<uint32_t>(link_.functions.size());
    for (uint32_t begin = 0; begin < count; begin += block)
      tasks_.push_back(
          {.kind = Task::Functions, .begin = begin, .end = std::min(begin + block, count), .at = payload});
  }

  void add_data(const OutSection& section) {
    const uint8_t* encoded = plan_.encoded.data();
    uint8_t* p = out_.data() + section.offset;
    uint32_t head = section.encoded.first;
    for (const DataRun& run : link_.data_runs) {
      p = write_run(p, encoded + head, run.header.offset + run.header.size - head); // first with the count
      head = run.header.offset + run.header.size;
      p = write_run(p, run.bytes.data(), run.bytes.size());
    }
    for (const OutSegment& segment : link_.segments) {
      const SegmentHead& place = link_.segment_heads[segment.index];
      if (link_.pack_data || !place.header.size) continue;
      p = write_run(p, encoded + head, place.header.offset + place.header.size - head);
      head = place.header.offset + place.header.size;
      for (const OutChunk& chunk : segment.chunks)
        tasks_.push_back({.kind = Task::DataChunk,
                          .chunk = &chunk,
                          .at = p + chunk.offset,
                          .address = segment.address + chunk.offset});
      clear_gaps(p, segment.chunks, segment.size);
      p += segment.size;
    }
    write_run(p, encoded + head, plan_.passive_data.first + plan_.passive_data.count - head);
  }

  // The bytes between chunks, which no task writes.
  static void clear_gaps(uint8_t* begin, std::span<const OutChunk> chunks, uint64_t size) {
    uint64_t at = 0;
    auto clear_to = [&](uint64_t end) {
      if (end > at) std::memset(begin + at, 0, static_cast<size_t>(end - at));
    };
    for (const OutChunk& chunk : chunks) {
      clear_to(chunk.offset);
      at = chunk.offset + chunk.size;
    }
    clear_to(size);
  }

  static uint8_t* write_run(uint8_t* to, const uint8_t* from, size_t size) {
    if (size) std::memcpy(to, from, size);
    return to + size;
  }

  void add_custom(const OutSection& section, uint8_t* payload) {
    const OutCustomSection& custom = link_.custom_sections[section.custom];
    for (const OutChunk& chunk : custom.chunks)
      tasks_.push_back({.kind = Task::CustomChunk,
                        .chunk = &chunk,
                        .at = payload + chunk.offset,
                        .custom_section = section.custom});
    clear_gaps(payload, custom.chunks, custom.size);
  }

  void write_tasks() {
    const SymbolValues values(link_);
    constexpr size_t block = 32;
    std::vector<Vector<RangeError>> errors((tasks_.size() + block - 1) / block);
    for_each_block(link_.store.parallel_for, tasks_.size(), block, [&](size_t begin, size_t end) {
      TaskWriter writer(link_, values);
      for (size_t i = begin; i < end; i++) writer.write(tasks_[i]);
      errors[begin / block] = std::move(writer.errors);
    });
    for (const Vector<RangeError>& of_block : errors)
      for (const RangeError& error : of_block)
        report_out_of_range(link_, error.object, error.section, error.reloc, error.value);
  }

  const Link& link_;
  const OutputPlan& plan_;
  OutputBytes& out_;
  Vector<Task> tasks_;
};

} // namespace

bool rewrite_functions(const Link& link, const SymbolValues& values, uint32_t begin, uint32_t end,
                       uint8_t* code_payload) {
  TaskWriter writer(link, values);
  writer.write({.kind = Task::Functions, .begin = begin, .end = end, .at = code_payload});
  return writer.errors.empty();
}

bool rewrite_data(const Link& link, const SymbolValues& values, const OutChunk& chunk, uint8_t* at,
                  uint64_t address) {
  TaskWriter writer(link, values);
  writer.write({.kind = Task::DataChunk, .chunk = &chunk, .at = at, .address = address});
  return writer.errors.empty();
}

bool rewrite_custom(const Link& link, const SymbolValues& values, OutCustomId section, const OutChunk& chunk,
                    uint8_t* at) {
  TaskWriter writer(link, values);
  writer.write({.kind = Task::CustomChunk, .chunk = &chunk, .at = at, .custom_section = section});
  return writer.errors.empty();
}

void write_module(const Link& link, const OutputPlan& plan, OutputBytes& output) {
  Writer(link, plan, output).run();
}

void write_debug_file(const Link& link, const OutputPlan& plan, Bytes module, OutputBytes& file) {
  const RowRange cut = plan.debug_link;
  const Bytes behind = module.subspan(cut.first + cut.count);
  std::memcpy(file.data(), module.data(), cut.first);
  if (!behind.empty()) std::memcpy(file.data() + cut.first, behind.data(), behind.size());
  Writer(link, plan, file).write_sections(plan.debug_sections);
}

} // namespace weld
