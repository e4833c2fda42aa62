// --icf: constants that are equal become one.
//
// A constant is a segment named .rodata, alive, of no thread, and nobody's record (`retain`). Two are equal
// when their alignment, bytes and relocations are, where the addresses of two equal constants are equal in
// turn.
//
// What is safe: --icf=safe takes only segments whose symbols are all private, that is local and named `.L`.
// Compilers name so what the program cannot name, and whose address the language says nothing about: string
// literals, switch tables, the values that local arrays begin with. --icf=all takes every constant, so that a
// program that compares the addresses of two equal ones may be surprised.
#include "core/base/sort.h"
#include "core/link/layout/layout.h"

#include <algorithm>

namespace weld {

namespace {

class DataFolder {
public:
  explicit DataFolder(const Marked& link) : link_(link), into_(link.segments_total) {}

  Column<SegmentId, SegmentId> run() {
    collect();
    // Each round may make more equal: constants that refer to the ones folded before.
    while (fold()) {
    }
    return std::move(into_);
  }

private:
  struct Candidate {
    LinkObjectId object;
    uint32_t segment; // local
    uint64_t key = 0;
  };

  void collect() {
    Vector<bool> named;
    for (uint32_t i = 0; i < link_.objects.size(); i++) {
      LinkObjectId id(i);
      const LinkObject& o = link_.objects[id];
      auto segments = o.object.segments();
      named.assign(segments.size(), false);
      if (!link_.options.fold_all) find_named(o, named);
      for (uint32_t s = 0; s < segments.size(); s++)
        if (!named[s] && is_constant(o, s)) candidates_.push_back({id, s});
    }
  }

  static void find_named(const LinkObject& o, Vector<bool>& named) {
    for (const SymbolRow& row : o.object.symbols()) {
      if (row.kind != SymbolKind::Data || row.is_undefined() || row.element == none32) continue;
      if (!row.is_local() || !o.text(row.encoded_name).starts_with(".L")) named[row.element] = true;
    }
  }

  bool is_constant(const LinkObject& o, uint32_t segment) const {
    const SegmentRow& row = o.object.segments()[segment];
    if (!link_.segment_live[o.segment(segment)] || !row.data.size || row.data.offset == none32) return false;
    if (row.flags & (segment_flag::tls | segment_flag::retain)) return false;
    // Strings are merged anyway, also their ends.
    if ((row.flags & segment_flag::strings) && row.p2align == 0 && link_.options.optimize > 0) return false;
    std::string_view name = link_.store.strings.text(row.name);
    return name == ".rodata" || name.starts_with(".rodata.");
  }

  // What a relocation refers to, as far as it is known before anything has an address.
  struct Target {
    enum Kind : uint8_t { Function, Data, Symbol, LocalSymbol } kind;
    uint32_t row;
    uint64_t offset = 0; // Data: in the segment

    bool operator==(const Target&) const = default;
  };
  Target target(const LinkObject& o, const RelocRow& reloc) const {
    if (FunctionEntity function = link_.function_of(o, reloc.index); !function.is_none())
      return {Target::Function, function.key()};
    if (DataPlace place = link_.data_of(o, reloc.index); place.segment)
      return {Target::Data, folded(place.segment).row, place.offset};
    if (SymbolId bound = link_.bound[o.symbol(reloc.index)]) return {Target::Symbol, bound.row};
    return {Target::LocalSymbol, o.symbol(reloc.index).row};
  }
  Target target_and_addend(const LinkObject& o, const RelocRow& reloc) const {
    Target t = target(o, reloc);
    t.offset += static_cast<uint64_t>(reloc.addend);
    return t;
  }

  static uint64_t mix(uint64_t a, uint64_t b) {
    a = (a ^ b) * 0x9e3779b97f4a7c15;
    return a ^ (a >> 29);
  }

  const SegmentRow& row_of(const Candidate& c) const {
    return link_.objects[c.object].object.segments()[c.segment];
  }
  // From the segment's first byte.
  static uint32_t offset_of(const LinkObject& o, const SegmentRow& row, const RelocRow& reloc) {
    return reloc.offset + o.object.header().data_offset - row.data.offset;
  }
  // The bytes with the fields of relocations, which in objects hold anything, cleared.
  Bytes content(const Candidate& c, Vector<uint8_t>& cleared) const {
    const LinkObject& o = link_.objects[c.object];
    const SegmentRow& row = row_of(c);
    Bytes bytes = o.bytes.subspan(row.data.offset, row.data.size);
    if (!row.relocs.count) return bytes;
    cleared.assign(bytes);
    for (const RelocRow& reloc : o.relocs(row.relocs))
      std::memset(cleared.data() + offset_of(o, row, reloc), 0, field_width(traits(reloc.reloc_type()).field));
    return cleared;
  }

  uint64_t key_of(const Candidate& c) {
    const LinkObject& o = link_.objects[c.object];
    const SegmentRow& row = row_of(c);
    uint64_t key = mix(hash_bytes(content(c, left_)), row.p2align);
    for (const RelocRow& reloc : o.relocs(row.relocs)) {
      Target t = target_and_addend(o, reloc);
      key = mix(key, uint64_t{offset_of(o, row, reloc)} << 8 | reloc.type);
      key = mix(mix(key, uint64_t{t.kind} << 32 | t.row), t.offset);
    }
    return key;
  }

  // Keys are hashes: equality is checked.
  bool equal(const Candidate& a, const Candidate& b) {
    const SegmentRow &x = row_of(a), &y = row_of(b);
    if (x.p2align != y.p2align || x.data.size != y.data.size || x.relocs.count != y.relocs.count)
      return false;
    const LinkObject &o = link_.objects[a.object], &p = link_.objects[b.object];
    auto right = p.relocs(y.relocs).begin();
    for (const RelocRow& reloc : o.relocs(x.relocs)) {
      if (reloc.type != right->type || offset_of(o, x, reloc) != offset_of(p, y, *right) ||
          !(target_and_addend(o, reloc) == target_and_addend(p, *right)))
        return false;
      ++right;
    }
    Bytes left = content(a, left_), other = content(b, right_);
    return std::equal(left.begin(), left.end(), other.begin(), other.end());
  }

  // True when something was folded. What is folded is no candidate any more.
  bool fold() {
    for (Candidate& c : candidates_) c.key = key_of(c);
    const Vector<uint32_t> order = sorted_order(
        candidates_.size(), [&](uint32_t a, uint32_t b) { return candidates_[a].key < candidates_[b].key; });
    std::vector<std::pair<uint32_t, uint32_t>> equals; // candidate, the one that it becomes
    for (size_t i = 1, first = 0; i < order.size(); i++) {
      const Candidate &a = candidates_[order[first]], &b = candidates_[order[i]];
      if (a.key == b.key && equal(a, b)) equals.emplace_back(order[i], order[first]);
      else first = i;
    }
    for (auto [from, to] : equals) into_[id_of(candidates_[from])] = id_of(candidates_[to]);
    // What was folded into one of these lies where that one does.
    for (SegmentId& into : into_)
      if (into) into = folded(into);
    candidates_.erase(std::remove_if(candidates_.begin(), candidates_.end(),
                                     [&](const Candidate& c) { return !into_[id_of(c)].is_none(); }),
                      candidates_.end());
    return !equals.empty();
  }

  SegmentId folded(SegmentId id) const { return into_[id] ? into_[id] : id; }
  SegmentId id_of(const Candidate& c) const { return link_.objects[c.object].segment(c.segment); }

  const Marked& link_;
  Vector<Candidate> candidates_;
  Column<SegmentId, SegmentId> into_; // the one that stands for it, or none
  Vector<uint8_t> left_, right_;
};

} // namespace

void fold_data(const Marked& link, Layout& layout) {
  layout.segment_folded_into = DataFolder(link).run();
}

void place_folded_data(Layout& layout) {
  for (SegmentId id(0); id.row < layout.segment_folded_into.size(); id.row++)
    if (SegmentId into = layout.segment_folded_into[id]) {
      layout.segment_out[id] = layout.segment_out[into];
      layout.segment_offset[id] = layout.segment_offset[into];
    }
}

} // namespace weld
