// -Oz: where data lies in memory. An address is as short a number as it is small, and it stands in every load
// and store of a variable and in every pointer to a constant: so the data that is used most, for its size,
// gets the smallest addresses, be it constant, variable or zero. Zeros need not come last for this: pack_data
// leaves them out of the file wherever they are.
#include "core/base/sort.h"
#include "core/link/layout/layout.h"

#include <algorithm>

namespace weld {

namespace {

// What is moved as a whole: a chunk, or one merged string with the strings that end it.
struct Item {
  uint32_t chunk;
  uint32_t first; // merged string: its offset in the merged bytes
  uint64_t size;
  uint32_t p2align;
  bool is_zero;
  uint32_t loads = 0;     // uses in loads and stores: unsigned fields
  uint32_t constants = 0; // uses as a value: signed fields
  uint64_t offset = 0;    // the new one, in the segment
};

// Below this address a field of one sort takes a byte less than above.
struct Bound {
  uint64_t address;
  bool is_signed;
};
constexpr Bound bounds[] = {{1 << 6, true},   {1 << 7, false}, {1 << 13, true},
                            {1 << 14, false}, {1 << 20, true}, {1 << 21, false}};

class DataOrder {
public:
  DataOrder(const Marked& link, Layout& layout)
      : link_(link), layout_(layout), item_of_segment_(link.segments_total, none32) {}

  void run() {
    for (const OutSegment& segment : layout_.segments)
      if (is_ours(segment)) collect(segment);
    if (items_.empty()) return;
    count_uses();
    arrange();
    place();
    move_strings();
    rebuild();
  }

private:
  // Other segments are found by their name at run time, or belong to a thread.
  bool is_ours(const OutSegment& segment) const {
    std::string_view name = link_.store.strings.text(segment.name);
    const bool is_bounded =
        link_.known.rodata_start || link_.known.rodata_end; // by __rodata_start and __rodata_end
    return (name == ".rodata" && !is_bounded) || name == ".data" || name == ".bss";
  }

  void collect(const OutSegment& segment) {
    p2align_ = std::max(p2align_, segment.p2align);
    for (const OutChunk& chunk : segment.chunks) {
      auto row = static_cast<uint32_t>(chunks_.size());
      chunks_.push_back(chunk);
      first_item_.push_back(static_cast<uint32_t>(items_.size()));
      if (!chunk.object) {
        collect_strings(row);
        continue;
      }
      item_of_segment_[chunk.segment()] = first_item_[row];
      items_.push_back({row, 0, chunk.size, chunk.p2align, segment.is_bss});
    }
  }

  // Merged bytes are one string after the other; what ends another has no bytes of its own.
  void collect_strings(uint32_t row) {
    const MergedStrings& merged = layout_.merged_strings[chunks_[row].merged()];
    const uint8_t* bytes = merged.bytes.data();
    for (size_t begin = 0; begin < merged.bytes.size();) {
      const void* zero = std::memchr(bytes + begin, 0, merged.bytes.size() - begin);
      size_t end = static_cast<size_t>(static_cast<const uint8_t*>(zero) - bytes) + 1;
      items_.push_back({row, static_cast<uint32_t>(begin), end - begin, 0, false});
      begin = end;
    }
    for (SegmentId segment : merged.segments) item_of_segment_[segment] = first_item_[row];
  }

  // The item that holds byte `offset` of merged strings whose first item is `first`.
  uint32_t string_at(uint32_t first, uint64_t offset) const {
    uint32_t row = items_[first].chunk;
    uint32_t low = first;
    uint32_t high = row + 1 < first_item_.size() ? first_item_[row + 1] : static_cast<uint32_t>(items_.size());
    while (high - low > 1) {
      uint32_t middle = low + (high - low) / 2;
      if (items_[middle].first <= offset) low = middle;
      else high = middle;
    }
    return low;
  }

  void count_uses() {
    link_.for_each_function([&](LinkObjectId, const LinkObject& o, FunctionId, const FunctionRow& row) {
      for (const RelocRow& reloc : o.relocs(row))
        if (traits(reloc.reloc_type()).target == RelocTarget::Address) count_use(o, reloc);
    });
  }

  void count_use(const LinkObject& o, const RelocRow& reloc) {
    DataPlace place = link_.data_of(o, reloc.index);
    if (!place.segment) return;
    place.segment = layout_.folded_segment(place.segment);
    uint32_t item = item_of_segment_[place.segment];
    if (item == none32) return;
    RowRange pieces = layout_.segment_pieces[place.segment];
    uint64_t offset = place.offset + static_cast<uint64_t>(reloc.addend);
    if (pieces.count) item = string_at(item, layout_.merged_offset(pieces, offset));
    RelocField field = traits(reloc.reloc_type()).field;
    bool is_signed = field == RelocField::Sleb5 || field == RelocField::Sleb10;
    (is_signed ? items_[item].constants : items_[item].loads)++;
  }

  // The segments that stay come before.
  uint64_t first_address() const {
    uint64_t address = link_.options.first_data_address();
    for (const OutSegment& segment : layout_.segments)
      if (!is_ours(segment)) address = align_to(address, uint64_t{1} << segment.p2align) + segment.size;
    return align_to(address, uint64_t{1} << p2align_);
  }

  // Fills memory from bound to bound with what saves most by lying below the bound, for its size.
  void arrange() {
    Vector<uint32_t> rest(items_.size());
    for (uint32_t i = 0; i < rest.size(); i++) rest[i] = i;
    uint64_t end = first_address();
    for (const Bound& bound : bounds) {
      auto saved = [&](uint32_t i) -> uint64_t {
        return items_[i].loads + (bound.is_signed ? items_[i].constants : 0);
      };
      sort_stably(rest, [&](uint32_t a, uint32_t b) {
        return saved(a) * std::max<uint64_t>(items_[b].size, 1) >
               saved(b) * std::max<uint64_t>(items_[a].size, 1);
      });
      Vector<uint32_t> chosen, left;
      for (uint32_t i : rest) {
        uint64_t size = align_to(items_[i].size, uint64_t{1} << items_[i].p2align);
        bool fits = saved(i) && end + size <= bound.address;
        if (fits) end += size;
        (fits ? chosen : left).push_back(i);
      }
      append(chosen);
      rest = std::move(left);
    }
    sort_stably(rest, std::less<uint32_t>());
    append(rest);
  }

  // Large alignments first, so that few bytes are skipped, and zeros together.
  void append(Vector<uint32_t>& chosen) {
    sort_stably(chosen, [&](uint32_t a, uint32_t b) {
      const Item &x = items_[a], &y = items_[b];
      return x.is_zero != y.is_zero ? x.is_zero < y.is_zero : x.p2align > y.p2align;
    });
    order_.append(chosen);
  }

  void place() {
    for (uint32_t i : order_) {
      Item& item = items_[i];
      size_ = align_to(size_, uint64_t{1} << item.p2align);
      item.offset = size_;
      size_ += item.size;
    }
  }

  // Their segments lie where the one segment begins; each string has its own place there.
  void move_strings() {
    for (SegmentId segment(0); segment.row < item_of_segment_.size(); segment.row++) {
      RowRange range = layout_.segment_pieces[segment];
      if (!range.count || item_of_segment_[segment] == none32) continue;
      layout_.segment_offset[segment] = 0;
      for (uint32_t i = range.first; i < range.first + range.count; i++) {
        uint32_t& offset = layout_.pieces[i].output_offset;
        const Item& item = items_[string_at(item_of_segment_[segment], offset)];
        offset = static_cast<uint32_t>(item.offset) + offset - item.first;
      }
    }
  }

  void rebuild() {
    OutSegment all;
    all.name = link_.store.strings.intern(".data");
    all.p2align = p2align_;
    all.size = size_;
    bool strings = false; // the last chunk is merged strings
    std::vector<MergedStrings> merged;
    for (uint32_t i : order_) {
      const Item& item = items_[i];
      OutChunk chunk = chunks_[item.chunk];
      if (chunk.object) {
        chunk.offset = item.offset;
        chunk.is_zero = item.is_zero;
        layout_.segment_offset[chunk.segment()] = item.offset;
        all.chunks.push_back(chunk);
        strings = false;
        continue;
      }
      if (!strings || all.chunks.back().offset + all.chunks.back().size != item.offset) {
        OutChunk fresh(MergedStringsId(layout_.merged_strings.size() + static_cast<uint32_t>(merged.size())));
        fresh.offset = item.offset;
        all.chunks.push_back(fresh);
        merged.push_back({all.name, {}, {}});
        strings = true;
      }
      merged.back().bytes.append(
          layout_.merged_strings[chunk.merged()].bytes.slice(item.first, static_cast<size_t>(item.size)));
      all.chunks.back().size += item.size;
    }
    for (MergedStrings& m : merged) layout_.merged_strings.add(std::move(m));

    std::vector<OutSegment> kept;
    Vector<uint32_t> new_row(layout_.segments.size(), none32);
    for (uint32_t i = 0; i < layout_.segments.size(); i++) {
      OutSegment& segment = layout_.segments[OutSegmentId(i)];
      if (is_ours(segment)) continue;
      new_row[i] = static_cast<uint32_t>(kept.size());
      kept.push_back(std::move(segment));
    }
    auto all_row = static_cast<uint32_t>(kept.size());
    kept.push_back(std::move(all));
    for (OutSegmentId& out : layout_.segment_out)
      if (out) out = OutSegmentId(new_row[out.row] == none32 ? all_row : new_row[out.row]);
    layout_.segments.clear();
    for (uint32_t i = 0; i < kept.size(); i++) {
      kept[i].index = i;
      layout_.segments.add(std::move(kept[i]));
    }
  }

  const Marked& link_;
  Layout& layout_;
  Vector<OutChunk> chunks_;
  Vector<Item> items_;
  Vector<uint32_t> first_item_;                 // beside chunks_
  Column<SegmentId, uint32_t> item_of_segment_; // the first one of strings; none32: it has none
  Vector<uint32_t> order_;                      // items by address
  uint32_t p2align_ = 0;
  uint64_t size_ = 0;
};

} // namespace

void order_data(const Marked& link, Layout& layout) {
  layout.pack_data = true;
  DataOrder(link, layout).run();
  place_folded_data(layout);
}

} // namespace weld
