// Groups live data segments into output segments, and merges the strings in them (and in the string sections
// of DWARF): equal strings once, a string that ends another inside it.
#include "core/link/link.h"

#include <algorithm>

namespace weld {

namespace {

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// `.data.x` and `.data.y` become one `.data`, unless the user keeps them apart.
std::string_view output_name(const Link& link, const SegmentRow& segment) {
  if (segment.flags & segment_flag::tls) return ".tdata";
  std::string_view name = link.session.strings.text(segment.name);
  if (!link.options.merge_segments()) return name;
  constexpr std::string_view prefixes[] = {".text", ".data", ".bss", ".rodata"};
  for (std::string_view prefix : prefixes)
    if (starts_with(name, prefix) && name.size() > prefix.size() && name[prefix.size()] == '.') return prefix;
  return name;
}

// Thread-local data first, zeros last: those need no bytes in the file.
int order_of(std::string_view name) {
  if (starts_with(name, ".tdata")) return 0;
  if (starts_with(name, ".rodata")) return 1;
  if (starts_with(name, ".data")) return 2;
  if (starts_with(name, ".bss")) return 4;
  return 3;
}

struct String {
  const uint8_t* end; // one past the terminating zero
  uint32_t size;      // with it
  uint32_t first_piece;
  uint64_t key; // the last bytes before the zero, last first: sorts most strings without touching them
};

uint64_t tail_key(const uint8_t* end, uint32_t size) {
  uint64_t key = 0;
  uint32_t n = std::min<uint32_t>(size - 1, 8);
  for (uint32_t i = 0; i < 8; i++) key = key << 8 | (i < n ? end[-2 - static_cast<int>(i)] : 0);
  return key;
}

// Larger last byte first; a string after those that it ends.
bool comes_before(const String& a, const String& b) {
  if (a.key != b.key) return a.key > b.key;
  uint32_t n = std::min(a.size, b.size);
  for (uint32_t i = 2; i <= n; i++) {
    uint8_t x = a.end[-static_cast<int>(i)], y = b.end[-static_cast<int>(i)];
    if (x != y) return x > y;
  }
  return a.size > b.size;
}

// Splits, dedupes and lays out the strings of several chunks; fills their pieces' output offsets.
class StringMerger {
public:
  explicit StringMerger(Link& link) : link_(link) {}

  // False when the last string has no terminating zero.
  bool split(Bytes bytes, RowRange& pieces) {
    pieces.first = static_cast<uint32_t>(link_.pieces.size());
    size_t offset = 0;
    while (offset < bytes.size()) {
      const void* zero = std::memchr(bytes.data() + offset, 0, bytes.size() - offset);
      if (!zero) return false;
      const uint8_t* end = static_cast<const uint8_t*>(zero) + 1;
      auto size = static_cast<uint32_t>(end - (bytes.data() + offset));
      add(end, size, static_cast<uint32_t>(link_.pieces.size()));
      link_.pieces.push_back({static_cast<uint32_t>(offset), 0});
      offset += size;
    }
    pieces.count = static_cast<uint32_t>(link_.pieces.size()) - pieces.first;
    return true;
  }

  // Lays the strings out and tells each piece where it went.
  void finish(ByteBuffer& out) {
    std::vector<uint32_t> order(strings_.size());
    for (uint32_t i = 0; i < order.size(); i++) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](uint32_t a, uint32_t b) { return comes_before(strings_[a], strings_[b]); });
    std::vector<uint32_t> offset_of(strings_.size());
    const String* previous = nullptr;
    uint32_t size = 0;
    for (uint32_t i : order) {
      const String& s = strings_[i];
      if (previous && previous->size >= s.size &&
          std::memcmp(previous->end - s.size, s.end - s.size, s.size) == 0) {
        offset_of[i] = size - s.size;
        continue;
      }
      offset_of[i] = size;
      size += s.size;
      out.append(Bytes(s.end - s.size, s.size));
      previous = &s;
    }
    for (auto [piece, string] : uses_) link_.pieces[piece].output_offset = offset_of[string];
  }

private:
  void add(const uint8_t* end, uint32_t size, uint32_t piece) {
    if ((strings_.size() + 1) * 2 > slots_.size()) grow();
    Bytes bytes(end - size, size);
    uint64_t hash = hash_bytes(bytes);
    size_t mask = slots_.size() - 1;
    for (size_t slot = hash & mask;; slot = (slot + 1) & mask) {
      uint32_t& entry = slots_[slot];
      if (!entry) {
        strings_.push_back({end, size, piece, tail_key(end, size)});
        hashes_.push_back(static_cast<uint32_t>(hash));
        entry = static_cast<uint32_t>(strings_.size());
      } else {
        const String& other = strings_[entry - 1];
        if (hashes_[entry - 1] != static_cast<uint32_t>(hash) || other.size != size ||
            std::memcmp(other.end - size, bytes.data(), size) != 0)
          continue;
      }
      uses_.emplace_back(piece, entry - 1);
      return;
    }
  }

  void grow() {
    slots_.assign(slots_.empty() ? 1024 : slots_.size() * 2, 0);
    size_t mask = slots_.size() - 1;
    for (uint32_t i = 0; i < strings_.size(); i++) {
      size_t slot = hashes_[i] & mask;
      while (slots_[slot]) slot = (slot + 1) & mask;
      slots_[slot] = i + 1;
    }
  }

  Link& link_;
  std::vector<String> strings_;
  std::vector<uint32_t> hashes_;
  std::vector<uint32_t> slots_;                     // open addressing: string + 1
  std::vector<std::pair<uint32_t, uint32_t>> uses_; // piece, string
};

bool is_mergeable(const Link& link, const SegmentRow& segment) {
  return (segment.flags & segment_flag::strings) && segment.p2align == 0 && link.options.optimize > 0 &&
         segment.data.size > 0;
}

Bytes chunk_bytes(const Link& link, LinkObjectId object, ByteRange range) {
  return link.objects[object].bytes.subspan(range.offset, range.size);
}

void report_unterminated(Link& link, LinkObjectId object, StringId name) {
  link.diagnostics().report(DiagnosticId::string_not_terminated, {link.session.strings.text(name)},
                            link.location_of(object));
}

void create_segments(Link& link) {
  std::vector<OutSegmentId> segment_of_name(link.session.strings.size());
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    auto segments = o.object.segments();
    for (uint32_t i = 0; i < segments.size(); i++) {
      const SegmentRow& segment = segments[i];
      if (!(link.segment_state[o.segments + i] & entity_state::live)) continue;
      StringId name = link.session.strings.intern(output_name(link, segment));
      if (name.row >= segment_of_name.size()) segment_of_name.resize(link.session.strings.size());
      OutSegmentId& named = segment_of_name[name.row];
      OutSegmentId out = named;
      // An object's comdat groups must stay separable.
      bool alone = link.options.relocatable && segment.comdat != none32;
      if (!out || alone) {
        OutSegment fresh;
        fresh.name = name;
        fresh.is_bss = !link.options.relocatable && starts_with(link.session.strings.text(name), ".bss");
        out = link.segments.add(std::move(fresh));
        if (!alone) named = out;
      }
      OutSegment& s = link.segments[out];
      // It is made of strings only if all of it is.
      const uint32_t strings = s.chunks.empty() ? segment_flag::strings : s.flags & segment_flag::strings;
      s.flags = ((s.flags | segment.flags) & ~segment_flag::strings) | (segment.flags & strings);
      s.chunks.push_back({id, o.segments + i, 0, segment.data.size, segment.p2align});
      s.is_tls |= (segment.flags & segment_flag::tls) != 0;
      s.p2align = std::max(s.p2align, segment.p2align);
    }
  }
}

// The merged strings stand where the first chunk with strings was.
void merge_segment(Link& link, OutSegment& out) {
  struct Group {
    uint32_t flags;
    StringMerger merger;
    std::vector<uint32_t> rows;
    size_t chunk;
  };
  std::vector<Group> groups;
  std::vector<OutChunk> chunks;
  for (const OutChunk& chunk : out.chunks) {
    const LinkObject& o = link.objects[chunk.object];
    const SegmentRow& segment = o.object.segments()[chunk.row - o.segments];
    if (!is_mergeable(link, segment)) {
      chunks.push_back(chunk);
      continue;
    }
    Group* group = nullptr;
    for (Group& g : groups)
      if (g.flags == segment.flags) group = &g;
    if (!group) {
      groups.push_back({segment.flags, StringMerger(link), {}, chunks.size()});
      group = &groups.back();
      OutChunk merged = chunk;
      merged.object = {};
      chunks.push_back(merged);
    }
    if (!group->merger.split(chunk_bytes(link, chunk.object, segment.data), link.segment_pieces[chunk.row]))
      report_unterminated(link, chunk.object, segment.name);
    group->rows.push_back(chunk.row);
  }
  for (Group& group : groups) {
    OutChunk& chunk = chunks[group.chunk];
    chunk.row = static_cast<uint32_t>(link.merged_strings.size());
    link.merged_strings.push_back({out.name, {}});
    group.merger.finish(link.merged_strings.back().bytes);
    chunk.size = link.merged_strings.back().bytes.size();
  }
  out.chunks = std::move(chunks);
  out.size = 0;
  for (OutChunk& chunk : out.chunks) {
    out.size = align_to(out.size, uint64_t{1} << chunk.p2align);
    chunk.offset = out.size;
    out.size += chunk.size;
    if (chunk.object) link.segment_offset[chunk.row] = chunk.offset;
  }
  for (const Group& group : groups)
    for (uint32_t row : group.rows) link.segment_offset[row] = out.chunks[group.chunk].offset;
}

void combine_custom_sections(Link& link) {
  std::vector<uint32_t> section_of_name(link.session.strings.size(), none32);
  bool strip_debug = link.options.strip_debug || link.options.strip_all;
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    auto sections = o.object.custom_sections();
    for (uint32_t i = 0; i < sections.size(); i++) {
      const CustomSectionRow& section = sections[i];
      if ((link.custom_state[o.custom_sections + i] & entity_state::discarded) || section.data.size == 0)
        continue;
      std::string_view name = link.session.strings.text(section.name);
      if (strip_debug && starts_with(name, ".debug_")) continue;
      uint32_t& out = section_of_name[section.name.row];
      if (out == none32) {
        out = static_cast<uint32_t>(link.custom_sections.size());
        link.custom_sections.push_back({section.name, {}, 0});
      }
      // Coverage tools expect their records aligned.
      uint32_t p2align = name == "__llvm_covfun" || name == "__llvm_covmap" ? 3 : 0;
      link.custom_sections[out].chunks.push_back({id, o.custom_sections + i, 0, section.data.size, p2align});
    }
  }
}

void merge_custom_section(Link& link, OutCustomSection& out) {
  std::string_view name = link.session.strings.text(out.name);
  bool strings = name == ".debug_str" || name == ".debug_str.dwo" || name == ".debug_line_str";
  if (strings && link.options.optimize > 0) {
    StringMerger merger(link);
    for (const OutChunk& chunk : out.chunks) {
      const LinkObject& o = link.objects[chunk.object];
      const CustomSectionRow& section = o.object.custom_sections()[chunk.row - o.custom_sections];
      if (!merger.split(chunk_bytes(link, chunk.object, section.data), link.custom_pieces[chunk.row]))
        report_unterminated(link, chunk.object, out.name);
    }
    OutChunk merged;
    merged.row = static_cast<uint32_t>(link.merged_strings.size());
    link.merged_strings.push_back({out.name, {}});
    merger.finish(link.merged_strings.back().bytes);
    merged.size = link.merged_strings.back().bytes.size();
    out.chunks = {merged};
  }
  for (OutChunk& chunk : out.chunks) {
    out.size = align_to(out.size, uint64_t{1} << chunk.p2align);
    chunk.offset = out.size;
    out.size += chunk.size;
    if (chunk.object) link.custom_offset[chunk.row] = chunk.offset;
  }
}

} // namespace

void merge_strings(Link& link) {
  link.segment_out.resize(link.segment_state.size());
  link.segment_offset.resize(link.segment_state.size());
  link.segment_pieces.resize(link.segment_state.size());
  link.custom_pieces.resize(link.custom_state.size());
  link.custom_offset.resize(link.custom_state.size());

  create_segments(link);
  std::stable_sort(link.segments.begin(), link.segments.end(), [&](const OutSegment& a, const OutSegment& b) {
    return order_of(link.session.strings.text(a.name)) < order_of(link.session.strings.text(b.name));
  });
  for (uint32_t i = 0; i < link.segments.size(); i++) {
    OutSegment& segment = link.segments[OutSegmentId(i)];
    segment.index = i;
    for (const OutChunk& chunk : segment.chunks) link.segment_out[chunk.row] = OutSegmentId(i);
    merge_segment(link, segment);
  }
  combine_custom_sections(link);
  if (link.options.compat == Compat::Lld14) order_as_llvm_14(link, link.custom_sections);
  for (OutCustomSection& section : link.custom_sections) merge_custom_section(link, section);
}

} // namespace weld
