// Groups live data segments into output segments, and merges the strings in them (and in the string sections
// of DWARF): equal strings once, a string that ends another inside it.
#include "core/base/sort.h"
#include "core/link/layout/layout.h"
#include "core/link/resolve/late_names.h"

#include <algorithm>
#include <array>

namespace weld {

namespace {

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// `.data.x` and `.data.y` become one `.data`, unless the user keeps them apart.
std::string_view output_name(const Marked& link, const SegmentRow& segment) {
  if (segment.flags & segment_flag::tls) return ".tdata";
  std::string_view name = link.store.strings.text(segment.name);
  if (!link.options.merge_segments()) return name;
  constexpr std::string_view prefixes[] = {".text", ".data", ".bss", ".rodata"};
  for (std::string_view prefix : prefixes)
    if (starts_with(name, prefix) && name.size() > prefix.size() && name[prefix.size()] == '.') return prefix;
  return name;
}

// Data that is not zero may have a name of zeros all the same: by an attribute of C, or in a unit. Its bytes are kept.
// LLD loses them.
StringId output_name_of(const Marked& link, const LinkObject& o, const SegmentRow& segment) {
  const std::string_view name = output_name(link, segment);
  constexpr std::string_view zeros = ".bss";
  if (!starts_with(name, zeros) || link.options.relocatable || link.options.like_lld() ||
      !has_content(o, segment))
    return link.store.strings.intern(name);
  return link.store.strings.intern(".data" + std::string(name.substr(zeros.size())));
}

// Thread-local data first, zeros last: those need no bytes in the file. From LLD 23 on, and with cooperative threads,
// thread-local data stands before the zeros, so that what is joined in position-independent output begins where the
// loader puts it.
int order_of(std::string_view name, bool tls_first) {
  if (starts_with(name, ".tdata")) return tls_first ? 0 : 4;
  if (starts_with(name, ".rodata")) return 1;
  if (starts_with(name, ".data")) return 2;
  if (starts_with(name, ".bss")) return 5;
  return 3;
}

struct String {
  uint64_t key;        // the last bytes before the zero, last first: sorts most strings without touching them
  const uint8_t* end;  // one past the terminating zero
  uint32_t size;       // with it
  uint32_t shard, row; // where it was found to be new
};

uint64_t tail_key(const uint8_t* end, uint32_t size) {
  if (size > 8) return read_le<uint64_t>(end - 9);
  uint64_t key = 0;
  for (uint32_t i = 0; i < 8; i++) key = key << 8 | (i + 1 < size ? end[-2 - static_cast<int>(i)] : 0);
  return key;
}

// Larger last byte first; a string after those that it ends.
bool comes_before(const String& a, const String& b) {
  if (a.key != b.key) return a.key > b.key;
  uint32_t n = std::min(a.size, b.size);
  for (uint32_t i = 10; i <= n; i++) {
    uint8_t x = a.end[-static_cast<int>(i)], y = b.end[-static_cast<int>(i)];
    if (x != y) return x > y;
  }
  return a.size > b.size;
}

// Splits, dedupes and lays out the strings of several chunks, and tells each piece where it went.
//
// Threads share the work: some chunks each when strings are split and hashed; some hashes each (a shard) when
// equal ones are looked for; some last bytes each when they are sorted. The order of the output is that of
// the strings alone, so none of this can be seen in it.
class StringMerger {
public:
  StringMerger(const Marked& link, Layout& layout) : link_(link), layout_(layout) {}

  void add(Bytes bytes, RowRange& pieces) { chunks_.push_back({bytes, &pieces, true}); }
  // Whether the last string of chunk `i` has its zero; known after `run`.
  bool is_terminated(size_t i) const { return chunks_[i].is_terminated; }

  void run(ByteBuffer& out) {
    split();
    const uint32_t threads = link_.store.parallel_for.threads();
    shards_.resize(threads > 1 ? std::size_t{8} : std::size_t{1});
    link_.store.parallel_for(shards_.size(), [&](size_t i) { find_distinct(static_cast<uint32_t>(i)); });
    lay_out(sorted(), out);
    place_pieces();
  }

private:
  struct Chunk {
    Bytes bytes;
    RowRange* pieces;
    bool is_terminated;
  };
  // Chunks that one thread splits.
  struct Block {
    size_t begin = 0, end = 0; // of chunks_
    uint32_t first_piece = 0;
    Vector<uint32_t> offsets, hashes; // of each piece: in its chunk; of its bytes
  };
  struct Shard {
    struct Slot {
      uint32_t row_plus_one, hash;
    };
    Vector<Slot> slots; // open addressing, at most half full
    Vector<String> strings;
    Vector<uint32_t> offsets; // string -> where it lies in the output
  };

  void split() {
    constexpr size_t block_bytes = 1 << 19;
    size_t bytes = block_bytes;
    for (size_t i = 0; i < chunks_.size(); i++) {
      if (bytes >= block_bytes) {
        blocks_.push_back({i, i, 0, {}, {}});
        bytes = 0;
      }
      bytes += chunks_[i].bytes.size();
      blocks_.back().end = i + 1;
    }
    link_.store.parallel_for(blocks_.size(), [&](size_t i) { split(blocks_[i]); });
    auto pieces = static_cast<uint32_t>(layout_.pieces.size());
    for (Block& block : blocks_) {
      block.first_piece = pieces;
      for (size_t i = block.begin; i < block.end; i++) {
        chunks_[i].pieces->first = pieces;
        pieces += chunks_[i].pieces->count;
      }
    }
    layout_.pieces.resize(pieces);
  }

  void split(Block& block) {
    for (size_t i = block.begin; i < block.end; i++) {
      Chunk& chunk = chunks_[i];
      auto before = static_cast<uint32_t>(block.offsets.size());
      size_t offset = 0, size = chunk.bytes.size();
      while (offset < size) {
        const uint8_t* begin = chunk.bytes.data() + offset;
        const void* zero = std::memchr(begin, 0, size - offset);
        chunk.is_terminated = zero != nullptr;
        if (!zero) break;
        auto length = static_cast<size_t>(static_cast<const uint8_t*>(zero) + 1 - begin);
        block.offsets.push_back(static_cast<uint32_t>(offset));
        block.hashes.push_back(static_cast<uint32_t>(hash_bytes({begin, length})));
        offset += length;
      }
      chunk.pieces->count = static_cast<uint32_t>(block.offsets.size()) - before;
    }
  }

  uint32_t shard_of(uint32_t hash) const { return (hash >> 24) & static_cast<uint32_t>(shards_.size() - 1); }

  void find_distinct(uint32_t shard) {
    for (const Block& block : blocks_) {
      uint32_t p = 0; // piece of the block
      for (size_t i = block.begin; i < block.end; i++) {
        Bytes bytes = chunks_[i].bytes;
        uint32_t end = p + chunks_[i].pieces->count;
        for (; p < end; p++) {
          uint32_t hash = block.hashes[p];
          if (shard_of(hash) != shard) continue;
          uint32_t offset = block.offsets[p];
          size_t next = p + 1 < end                ? block.offsets[p + 1]
                        : chunks_[i].is_terminated ? bytes.size()
                                                   : terminated_end(bytes, offset);
          uint32_t row = find_or_add(shard, bytes.subspan(offset, next - offset), hash);
          layout_.pieces[block.first_piece + p] = {offset, row};
        }
      }
    }
  }

  // One past the zero of the string at `offset`.
  static size_t terminated_end(Bytes bytes, size_t offset) {
    while (bytes[offset]) offset++;
    return offset + 1;
  }

  uint32_t find_or_add(uint32_t number, Bytes bytes, uint32_t hash) {
    Shard& shard = shards_[number];
    if ((shard.strings.size() + 1) * 2 > shard.slots.size()) grow(shard);
    size_t mask = shard.slots.size() - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
      Shard::Slot& slot = shard.slots[at];
      if (!slot.row_plus_one) {
        auto row = static_cast<uint32_t>(shard.strings.size());
        auto size = static_cast<uint32_t>(bytes.size());
        const uint8_t* end = bytes.data() + size;
        shard.strings.push_back({tail_key(end, size), end, size, number, row});
        slot = {row + 1, hash};
        return row;
      }
      if (slot.hash != hash) continue;
      const String& other = shard.strings[slot.row_plus_one - 1];
      if (other.size == bytes.size() && std::memcmp(other.end - other.size, bytes.data(), other.size) == 0)
        return slot.row_plus_one - 1;
    }
  }

  static void grow(Shard& shard) {
    Vector<Shard::Slot> slots(shard.slots.empty() ? 1024 : shard.slots.size() * 2);
    size_t mask = slots.size() - 1;
    for (const Shard::Slot& slot : shard.slots) {
      if (!slot.row_plus_one) continue;
      size_t at = slot.hash & mask;
      while (slots[at].row_plus_one) at = (at + 1) & mask;
      slots[at] = slot;
    }
    shard.slots = std::move(slots);
  }

  // All distinct strings in the order of the output: divided by their last byte, then each part sorted.
  Vector<String> sorted() const {
    std::array<uint32_t, 257> begin{};
    auto part_of = [](const String& s) { return 255 - static_cast<uint32_t>(s.key >> 56); };
    for (const Shard& shard : shards_)
      for (const String& s : shard.strings) begin[part_of(s) + 1]++;
    for (size_t i = 1; i < begin.size(); i++) begin[i] += begin[i - 1];
    Vector<String> strings(begin[256]);
    std::array<uint32_t, 256> next;
    std::copy_n(begin.begin(), 256, next.begin());
    for (const Shard& shard : shards_)
      for (const String& s : shard.strings) strings[next[part_of(s)]++] = s;
    link_.store.parallel_for(256, [&](size_t i) {
      std::sort(strings.data() + begin[i], strings.data() + begin[i + 1], comes_before);
    });
    return strings;
  }

  void lay_out(const Vector<String>& strings, ByteBuffer& out) {
    for (Shard& shard : shards_) shard.offsets.resize(shard.strings.size());
    const String* previous = nullptr;
    uint32_t size = 0;
    for (const String& s : strings) {
      uint32_t& offset = shards_[s.shard].offsets[s.row];
      if (previous && previous->size >= s.size &&
          std::memcmp(previous->end - s.size, s.end - s.size, s.size) == 0) {
        offset = size - s.size;
        continue;
      }
      offset = size;
      size += s.size;
      out.append(Bytes(s.end - s.size, s.size));
      previous = &s;
    }
  }

  void place_pieces() {
    link_.store.parallel_for(blocks_.size(), [&](size_t i) {
      const Block& block = blocks_[i];
      for (size_t p = 0; p < block.hashes.size(); p++) {
        uint32_t& place = layout_.pieces[block.first_piece + p].output_offset;
        place = shards_[shard_of(block.hashes[p])].offsets[place];
      }
    });
  }

  const Marked& link_;
  Layout& layout_;
  Vector<Chunk> chunks_;
  std::vector<Block> blocks_;
  std::vector<Shard> shards_;
};

bool is_mergeable(const Marked& link, const SegmentRow& segment) {
  // LLD also merges what relocations are still to write, and loses these.
  if (segment.relocs.count && !link.options.like_lld()) return false;
  return (segment.flags & segment_flag::strings) && segment.p2align == 0 && link.options.optimize > 0 &&
         segment.data.size > 0;
}

Bytes chunk_bytes(const Marked& link, LinkObjectId object, ByteRange range) {
  return link.objects[object].bytes.subspan(range.offset, range.size);
}

void report_unterminated(const Marked& link, LinkObjectId object, StringId name) {
  link.diagnostics().report(DiagnosticId::string_not_terminated, {link.store.strings.text(name)},
                            link.location_of(object));
}

void add_passive(const Marked& link, Layout& layout, PassiveSegment segment) {
  const LinkObject& o = link.objects[segment.object];
  if (link.options.relocatable || link.options.emit_relocs)
    link.diagnostics().report(DiagnosticId::unsupported, {"a passive segment where relocations stay"},
                              link.location_of(segment.object));
  const bool is_data =
      o.object.segments()[o.segment.local(segment.segment)].flags & segment_flag::passive_data;
  auto& all = is_data ? layout.passive_data : layout.passive_elements;
  if (layout.passive_number.empty()) layout.passive_number.resize(link.segments_total);
  layout.passive_number[segment.segment] = static_cast<uint32_t>(all.size());
  all.push_back(segment);
}

// Commons come behind the other zeros, in the order in which the inputs mention them. An object that is to be linked
// again keeps them as symbols.
void add_commons(const Marked& link, Layout& layout) {
  layout.common_size.resize(link.segments_total);
  OutSegment segment;
  segment.name = link.intern(link.options.merge_segments() ? ".bss" : ".bss.common");
  segment.is_bss = true;
  uint64_t size = 0; // of these alone
  for (SymbolId id : link.symbol_order) {
    const Symbol& s = link.symbols[id];
    if (!s.is_common() || !link.is_live(id)) continue;
    layout.common_size[s.segment()] = static_cast<uint32_t>(s.size);
    if (link.options.relocatable) continue;
    OutChunk chunk(s.object, s.segment());
    chunk.size = s.size;
    chunk.p2align = s.common_p2align;
    size = align_to(size, uint64_t{1} << chunk.p2align) + chunk.size;
    segment.p2align = std::max(segment.p2align, chunk.p2align);
    segment.chunks.push_back(chunk);
  }
  if (size > ~0u) link.diagnostics().report(DiagnosticId::commons_too_large);
  if (segment.chunks.empty()) return;
  for (OutSegment& other : layout.segments) {
    if (other.name != segment.name) continue;
    for (const OutChunk& chunk : segment.chunks) other.chunks.push_back(chunk);
    other.p2align = std::max(other.p2align, segment.p2align);
    other.flags &= ~segment_flag::strings;
    return;
  }
  layout.segments.add(std::move(segment));
}

void create_segments(const Marked& link, Layout& layout) {
  Vector<OutSegmentId> segment_of_name(link.store.strings.size());
  // With -r, segments of one name but other flags stay apart: strings may be merged in the next link, what is retained
  // stays there, and neither is true of the others.
  const bool by_flags = link.options.relocatable && link.options.after_lld_22();
  std::vector<std::pair<StringId, OutSegmentId>> of_other_flags;
  link.for_each_segment([&](LinkObjectId object, const LinkObject& o, SegmentId id, const SegmentRow& segment) {
    if (segment.flags & segment_flag::passive) return add_passive(link, layout, {object, id});
    if (layout.folded_segment(id) != id || (segment.flags & segment_flag::common)) return;
    StringId name = output_name_of(link, o, segment);
    if (name.row >= segment_of_name.size()) segment_of_name.resize(link.store.strings.size());
    OutSegmentId* named = &segment_of_name[name.row];
    if (by_flags && *named && layout.segments[*named].flags != segment.flags) {
      named = nullptr;
      for (auto& [other_name, other] : of_other_flags)
        if (other_name == name && layout.segments[other].flags == segment.flags) named = &other;
      if (!named) named = &of_other_flags.emplace_back(name, OutSegmentId()).second;
    }
    OutSegmentId out = *named;
    // An object's comdat groups must stay separable.
    bool alone = link.options.relocatable && segment.comdat != none32;
    if (!out || alone) {
      OutSegment fresh;
      fresh.name = name;
      fresh.is_bss = !link.options.relocatable && starts_with(link.store.strings.text(name), ".bss");
      out = layout.segments.add(std::move(fresh));
      if (!alone) *named = out;
    }
    OutSegment& s = layout.segments[out];
    // It is made of strings only if all of it is.
    const uint32_t strings = s.chunks.empty() ? segment_flag::strings : s.flags & segment_flag::strings;
    s.flags = ((s.flags | segment.flags) & ~segment_flag::strings) | (segment.flags & strings);
    OutChunk chunk(object, id);
    chunk.size = segment.data.size;
    chunk.p2align = segment.p2align;
    s.chunks.push_back(chunk);
    s.is_tls |= (segment.flags & segment_flag::tls) != 0;
    s.p2align = std::max(s.p2align, segment.p2align);
  });
  if (link.has_commons) add_commons(link, layout);
}

// Behind the data of units, which may grow. A collection is walked over, so there is nothing between its members.
uint64_t spare_bytes(const Marked& link, const OutSegment& out, const OutChunk& chunk) {
  if (!link.leaves_room || !chunk.object || !link.objects[chunk.object].unit || out.is_tls) return 0;
  if (is_c_identifier(link.text(out.name))) return 0;
  return 16 + chunk.size / 4;
}

// For new data: behind what the file holds, before the zeros.
void add_room(const Marked& link, Layout& layout) {
  uint64_t data = 0; // of units
  link.for_each_segment([&](LinkObjectId, const LinkObject& o, SegmentId, const SegmentRow& segment) {
    if (o.unit) data += segment.data.size;
  });
  OutSegment room;
  room.name = link.intern(".room");
  room.p2align = 4;
  room.size = align_to((uint64_t{16} << 10) + data / 4, 16);
  layout.segments.add(std::move(room));
}

// The merged strings stand where the first chunk with strings was.
void merge_segment(const Marked& link, Layout& layout, OutSegment& out) {
  struct Group {
    uint32_t flags;
    StringMerger merger;
    Vector<OutChunk> members;
    size_t chunk;
  };
  std::vector<Group> groups;
  Vector<OutChunk> chunks;
  for (const OutChunk& chunk : out.chunks) {
    const LinkObject& o = link.objects[chunk.object];
    const SegmentRow& segment = o.object.segments()[o.segment.local(chunk.segment())];
    if (!is_mergeable(link, segment)) {
      chunks.push_back(chunk);
      continue;
    }
    Group* group = nullptr;
    for (Group& g : groups)
      if (g.flags == segment.flags) group = &g;
    if (!group) {
      groups.push_back({segment.flags, StringMerger(link, layout), {}, chunks.size()});
      group = &groups.back();
      chunks.push_back(chunk); // its strings are known below
    }
    group->merger.add(chunk_bytes(link, chunk.object, segment.data), layout.segment_pieces[chunk.segment()]);
    group->members.push_back(chunk);
  }
  for (Group& group : groups) {
    const MergedStringsId id = layout.merged_strings.add({out.name, {}, {}});
    MergedStrings& strings = layout.merged_strings[id];
    for (const OutChunk& member : group.members) strings.segments.push_back(member.segment());
    group.merger.run(strings.bytes);
    OutChunk& chunk = chunks[group.chunk];
    const uint32_t p2align = chunk.p2align;
    chunk = OutChunk(id);
    chunk.size = strings.bytes.size();
    chunk.p2align = p2align;
    for (size_t i = 0; i < group.members.size(); i++) {
      if (group.merger.is_terminated(i)) continue;
      const LinkObject& o = link.objects[group.members[i].object];
      report_unterminated(link, group.members[i].object,
                          o.object.segments()[o.segment.local(group.members[i].segment())].name);
    }
  }
  out.chunks = std::move(chunks);
  out.size = 0;
  for (OutChunk& chunk : out.chunks) {
    out.size = align_to(out.size, uint64_t{1} << chunk.p2align);
    chunk.offset = out.size;
    out.size += chunk.size + spare_bytes(link, out, chunk);
    if (chunk.object) layout.segment_offset[chunk.segment()] = chunk.offset;
  }
  for (const Group& group : groups)
    for (const OutChunk& member : group.members)
      layout.segment_offset[member.segment()] = out.chunks[group.chunk].offset;
}

// What coverage tools read beside the data of the instrumentation.
bool is_coverage(std::string_view section) {
  return section == "__llvm_covfun" || section == "__llvm_covmap";
}

// Coverage records say by hashes which functions they are of, and a data segment has the names. Tools read no module in
// which records have no names, so where the names are collected the records are left out. LLD keeps them.
bool lost_coverage_names(const Marked& link, const LinkObject& o) {
  if (link.options.like_lld() || !link.options.gc()) return false;
  bool has_names = false;
  auto segments = o.object.segments();
  for (uint32_t i = 0; i < segments.size(); i++) {
    if (!starts_with(link.store.strings.text(segments[i].name), "__llvm_prf_names")) continue;
    if (link.segment_live[o.segment(i)]) return false;
    has_names = true;
  }
  return has_names;
}

void combine_custom_sections(const Marked& link, CustomSections& custom) {
  Column<StringId, OutCustomId> section_of_name(link.store.strings.size());
  const bool strip_debug = !link.options.keeps_debug();
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    auto sections = o.object.custom_sections();
    for (uint32_t i = 0; i < sections.size(); i++) {
      const CustomSectionRow& section = sections[i];
      if (link.custom_is_discarded(o.custom_section(i)) || section.data.size == 0) continue;
      if (is_branch_hints(link, section)) continue;
      std::string_view name = link.store.strings.text(section.name);
      if (strip_debug && starts_with(name, ".debug_")) continue;
      if (is_coverage(name) && lost_coverage_names(link, o)) continue;
      OutCustomId& out = section_of_name[section.name];
      if (!out) out = custom.custom_sections.add({section.name, {}, 0});
      OutChunk chunk(id, o.custom_section(i));
      chunk.size = section.data.size;
      // Coverage tools expect their records aligned.
      if (is_coverage(name)) chunk.p2align = 3;
      custom.custom_sections[out].chunks.push_back(chunk);
    }
  }
}

void merge_custom_section(const Marked& link, Layout& layout, CustomSections& custom, OutCustomSection& out) {
  std::string_view name = link.store.strings.text(out.name);
  bool strings = name == ".debug_str" || name == ".debug_str.dwo" || name == ".debug_line_str";
  for (const OutChunk& chunk : out.chunks) {
    const LinkObject& o = link.objects[chunk.object];
    out.has_relocs |=
        o.object.custom_sections()[o.custom_section.local(chunk.custom_section())].relocs.count > 0;
  }
  // Equal bytes are not equal where relocations write them. LLD loses these relocations.
  if (strings && link.options.optimize > 0 && (!out.has_relocs || link.options.like_lld())) {
    StringMerger merger(link, layout);
    for (const OutChunk& chunk : out.chunks) {
      const LinkObject& o = link.objects[chunk.object];
      const CustomSectionRow& section =
          o.object.custom_sections()[o.custom_section.local(chunk.custom_section())];
      merger.add(chunk_bytes(link, chunk.object, section.data), custom.custom_pieces[chunk.custom_section()]);
    }
    OutChunk merged(layout.merged_strings.add({out.name, {}, {}}));
    ByteBuffer& bytes = layout.merged_strings[merged.merged()].bytes;
    merger.run(bytes);
    for (size_t i = 0; i < out.chunks.size(); i++)
      if (!merger.is_terminated(i)) report_unterminated(link, out.chunks[i].object, out.name);
    merged.size = bytes.size();
    out.chunks = {merged};
  }
  for (OutChunk& chunk : out.chunks) {
    out.size = align_to(out.size, uint64_t{1} << chunk.p2align);
    chunk.offset = out.size;
    out.size += chunk.size;
    if (chunk.object) custom.custom_offset[chunk.custom_section()] = chunk.offset;
  }
}

} // namespace

void merge_strings(const Marked& link, Layout& layout, CustomSections& custom) {
  layout.segment_out.resize(link.segments_total);
  layout.segment_offset.resize(link.segments_total);
  layout.segment_pieces.resize(link.segments_total);
  custom.custom_pieces.resize(link.custom_sections_total);
  custom.custom_offset.resize(link.custom_sections_total);

  create_segments(link, layout);
  if (link.leaves_room && link.has_units) add_room(link, layout);
  const bool tls_first = !link.options.like_lld_23() && !link.options.cooperative_threading;
  sort_stably(layout.segments, [&](const OutSegment& a, const OutSegment& b) {
    auto order = [&](const OutSegment& s) { return order_of(link.store.strings.text(s.name), tls_first); };
    return order(a) < order(b);
  });
  for (uint32_t i = 0; i < layout.segments.size(); i++) {
    OutSegment& segment = layout.segments[OutSegmentId(i)];
    segment.index = i;
    if (link.leaves_room && segment.chunks.empty() && segment.size) {
      layout.room = OutSegmentId(i);
      continue;
    }
    for (const OutChunk& chunk : segment.chunks) layout.segment_out[chunk.segment()] = OutSegmentId(i);
    merge_segment(link, layout, segment);
  }
  place_folded_data(layout);
  combine_custom_sections(link, custom);
  if (link.options.compat == Compat::Lld14) order_as_llvm_14(link, custom.custom_sections);
  for (OutCustomSection& section : custom.custom_sections)
    merge_custom_section(link, layout, custom, section);
}

} // namespace weld
