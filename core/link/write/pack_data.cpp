// -Oz: data as runs of bytes without the zeros between them, where these are more than the head of another
// run. Memory is zero before it is initialized.
#include "core/link/write/reloc_value.h"

#include <algorithm>

namespace weld {

namespace {

// Engines refuse modules with more than 100,000 data segments.
constexpr size_t max_runs = 50000;

class DataPacker {
public:
  DataPacker(const Link& link, Output& output) : link_(link), output_(output) {}

  void run() {
    if (!find_extent()) return;
    output_.data_image.assign(static_cast<size_t>(end_ - begin_), 0);
    for (const OutSegment& segment : link_.segments)
      if (!segment.is_bss)
        for (const OutChunk& chunk : segment.chunks)
          if (!chunk.is_zero) write(chunk, segment.address + chunk.offset);
    uint64_t least = 0;
    do {
      split(least);
      least = std::max<uint64_t>(16, least * 2);
    } while (output_.data_runs.size() > max_runs);
  }

private:
  bool find_extent() {
    bool found = false;
    for (const OutSegment& segment : link_.segments) {
      if (segment.is_bss) continue;
      for (const OutChunk& chunk : segment.chunks) {
        if (chunk.is_zero || !chunk.size) continue;
        uint64_t address = segment.address + chunk.offset;
        begin_ = found ? std::min(begin_, address) : address;
        end_ = std::max(end_, address + chunk.size);
        found = true;
      }
    }
    return found;
  }

  void write(const OutChunk& chunk, uint64_t address) {
    if (!chunk.size) return;
    uint8_t* at = output_.data_image.data() + (address - begin_);
    if (!chunk.object) {
      std::memcpy(at, link_.merged_strings[chunk.merged()].bytes.data(), static_cast<size_t>(chunk.size));
      return;
    }
    const LinkObject& o = link_.objects[chunk.object];
    const SegmentRow& row = o.object.segments()[o.segment.local(chunk.segment())];
    if (row.data.offset == none32) return; // zeros
    std::memcpy(at, o.bytes.data() + row.data.offset, row.data.size);
    uint32_t base = row.data.offset - o.object.header().data_offset;
    for (const RelocRow& reloc : o.relocs(row.relocs)) {
      if (reloc.reloc_type() == RelocType::TYPE_INDEX_LEB) {
        write_padded_uleb(at + (reloc.offset - base),
                          link_.type_of_signature[o.object.types()[reloc.index].row], 5);
        continue;
      }
      SymbolValue symbol = symbol_value(link_, chunk.object, reloc.index);
      uint64_t value = reloc_value(link_, chunk.object, reloc, symbol, address + (reloc.offset - base), 0);
      RelocField field = traits(reloc.reloc_type()).field;
      if (symbol.is_live && !fits_field(link_.options, field, value))
        report_out_of_range(link_, chunk.object, "DATA", reloc, value);
      store_value(at + (reloc.offset - base), field, value);
    }
  }

  // What another run costs besides its bytes: a flag, the address as a constant expression, its size.
  static uint64_t head_size(uint64_t address) { return 3 + sleb_size(static_cast<int64_t>(address)) + 2; }

  // `least`: of zeros that end a run, if the head of the next one takes less.
  void split(uint64_t least) {
    output_.data_runs.clear();
    const Vector<uint8_t>& image = output_.data_image;
    size_t begin = 0, end = 0; // of the run so far
    auto close = [&] {
      if (begin < end)
        output_.data_runs.push_back({begin_ + begin, Bytes(image).subspan(begin, end - begin), {}, 0});
    };
    for (size_t i = 0; i < image.size(); i++) {
      if (!image[i]) continue;
      if (begin == end || i - end > std::max(least, head_size(begin_ + i))) {
        close();
        begin = i;
      }
      end = i + 1;
    }
    close();
  }

  const Link& link_;
  Output& output_;
  uint64_t begin_ = 0, end_ = 0; // addresses of what is not .bss
};

} // namespace

void pack_data(const Link& link, Output& output) {
  DataPacker(link, output).run();
}

} // namespace weld
