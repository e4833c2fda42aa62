// Target features: what the output uses is the union of what its objects use; objects may forbid features to
// others.
#include "core/base/sort.h"
#include "core/link/layout/layout.h"

#include <algorithm>

namespace weld {

namespace {

struct FeatureUse {
  StringId name;
  std::string file; // the first that says so
};

const FeatureUse* find_use(const std::vector<FeatureUse>& uses, StringId name) {
  for (const FeatureUse& use : uses)
    if (use.name == name) return &use;
  return nullptr;
}

void pad(std::string& text, size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
}

// Which object has which of the features, as a matrix: those first that stand in the way most. And what the
// compiler has to be told then.
void explain(const Marked& link, Diagnostic& diagnostic, std::initializer_list<std::string_view> features) {
  if (link.options.like_lld()) return;
  constexpr uint32_t most = 12, max_weight = 2;
  const DiagnosticId id = diagnostic.id;
  const bool is_wanted = id == DiagnosticId::feature_needed || id == DiagnosticId::shared_memory_disallowed;
  // A row of the matrix without the object's name; 0, 1 or 2: how much the object stands in the way.
  auto row_of = [&](LinkObjectId object, std::string& cells) {
    uint32_t weight = 0;
    for (std::string_view name : features) {
      uint32_t prefix = 0;
      for (const FeatureRow& feature : link.objects[object].object.features())
        if (link.store.strings.text(feature.name) == name) prefix = feature.prefix;
      if (prefix == '-') weight = max_weight;
      else if ((is_wanted ? !prefix && name != "shared-mem" : prefix == '+') && !weight) weight = 1;
      std::string cell = prefix == '+' ? "uses" : prefix == '-' ? "forbids" : "no";
      pad(cell, std::max<size_t>(name.size(), 7) + 2);
      cells += cell;
    }
    while (cells.ends_with(' ')) cells.pop_back();
    return weight;
  };
  size_t width = 6;
  std::string cells;
  for (LinkObjectId object : link.object_order)
    if (cells.clear(), row_of(object, cells)) width = std::max(width, link.file_of(object).size());

  std::string head = "object", flags;
  pad(head, width + 2);
  for (std::string_view name : features) {
    size_t begin = head.size();
    head += name;
    pad(head, begin + std::max<size_t>(name.size(), 7) + 2);
    if (name != "shared-mem") flags += filled(" -m$0", {name});
  }
  while (head.ends_with(' ')) head.pop_back();
  diagnostic.note(head);
  uint32_t rows = 0, others = 0;
  for (uint32_t weight = max_weight; weight != none32; weight--)
    for (LinkObjectId object : link.object_order) {
      cells.clear();
      if (row_of(object, cells) != weight) continue;
      std::string line = link.file_of(object);
      pad(line, width + 2);
      if (!weight) others++;
      else if (rows++ < most) diagnostic.note("$0$1", {line, cells});
    }
  if (rows > most) diagnostic.note("and $0 more objects", {rows - most});
  if (others && is_wanted) diagnostic.note("the other $0 have them", {others});
  diagnostic.note(is_wanted ? "compile these objects with$0 (-pthread has both), in Rust with -C "
                              "target-feature=+atomics,+bulk-memory"
                  : id == DiagnosticId::feature_not_allowed
                      ? "add the feature to --features, or compile without it: -mno-$1"
                      : "compile all objects with or all without it:$0 or -mno-$1",
                  {flags, *features.begin()});
}

// Without extended-const a segment can only be at `__memory_base` itself: all become one.
void combine_segments(const Marked& link, Layout& layout) {
  if (layout.segments.size() <= 1) return;
  // Zeros come last, and need no such place where the file does not hold them. LLD 19 writes them all the
  // same.
  uint32_t count = layout.segments.size();
  if (!link.options.like_lld_19())
    while (count && !layout.in_binary(layout.segments[OutSegmentId(count - 1)])) count--;
  if (count == 0) return;
  OutSegment combined;
  combined.name = link.intern(".data");
  combined.address = layout.segments[OutSegmentId(0)].address;
  Table<OutSegmentId, OutSegment> rest;
  for (OutSegment& segment : layout.segments) {
    if (segment.index >= count) {
      segment.index -= count - 1;
      rest.add(std::move(segment));
      continue;
    }
    uint64_t delta = segment.address - combined.address;
    for (OutChunk chunk : segment.chunks) {
      chunk.offset += delta;
      combined.chunks.push_back(chunk);
    }
    combined.p2align = std::max(combined.p2align, segment.p2align);
    combined.size = delta + segment.size;
    combined.flags |= segment.flags;
    combined.is_tls |= segment.is_tls;
  }
  for (SegmentId id(0); id.row < layout.segment_out.size(); id.row++) {
    OutSegmentId& out = layout.segment_out[id];
    if (!out) continue;
    if (out.row >= count) {
      out = OutSegmentId(out.row - (count - 1));
      continue;
    }
    layout.segment_offset[id] += layout.segments[out].address - combined.address;
    out = OutSegmentId(0);
  }
  layout.segments.clear();
  layout.segments.add(std::move(combined));
  for (OutSegment& segment : rest) layout.segments.add(std::move(segment));
}

} // namespace

void check_features(const Marked& link, Layout& layout) {
  const Options& o = link.options;
  Vector<StringId>& allowed = layout.features;
  auto allow = [&](StringId name) {
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) allowed.push_back(name);
  };
  auto is_allowed = [&](std::string_view name) {
    return std::find(allowed.begin(), allowed.end(), link.intern(name)) != allowed.end();
  };
  // A member's own name is what wasm-ld shows here, without its archive.
  auto file_name = [&](LinkObjectId id) {
    Location where = link.location_of(id);
    return o.like_lld() && !where.member.empty() ? where.member : display_file(where);
  };

  if (o.is_pic()) allow(link.intern("mutable-globals"));
  for (const std::string& name : o.extra_features) allow(link.intern(name));
  if (o.features)
    for (const std::string& name : *o.features) allow(link.intern(name));

  std::vector<FeatureUse> used, disallowed;
  bool tls_used = false;
  if (!o.features || o.check_features) {
    for (LinkObjectId id : link.object_order) {
      const LinkObject& object = link.objects[id];
      for (const FeatureRow& feature : object.object.features()) {
        auto& uses = feature.prefix == '-' ? disallowed : used;
        if (!find_use(uses, feature.name)) uses.push_back({feature.name, file_name(id)});
      }
    }
    link.for_each_segment([&](LinkObjectId, const LinkObject&, SegmentId, const SegmentRow& row) {
      tls_used |= (row.flags & segment_flag::tls) != 0;
    });
    if (!o.features)
      for (const FeatureUse& use : used) allow(use.name);
  }

  if (o.check_features) {
    auto need = [&](const char* purpose) {
      bool explained = false;
      for (const char* feature : {"atomics", "bulk-memory"}) {
        if (is_allowed(feature)) continue;
        Diagnostic& d = link.diagnostics().report(DiagnosticId::feature_needed, {feature, purpose});
        if (!explained) explain(link, d, {"atomics", "bulk-memory"});
        explained = true;
      }
    };
    if (o.shared_memory) {
      if (const FeatureUse* use = find_use(disallowed, link.intern("shared-mem")))
        explain(link, link.diagnostics().report(DiagnosticId::shared_memory_disallowed, {use->file}),
                {"atomics", "bulk-memory", "shared-mem"});
      need("shared memory");
    }
    if (tls_used) need("thread-local storage");
    if (o.features)
      for (const FeatureUse& use : used)
        if (std::find(allowed.begin(), allowed.end(), use.name) == allowed.end())
          explain(link,
                  link.diagnostics().report(DiagnosticId::feature_not_allowed,
                                            {link.store.strings.text(use.name), use.file}),
                  {link.store.strings.text(use.name)});
    Vector<StringId> said; // weld says once of a feature what wasm-ld says of each object
    for (LinkObjectId id : link.object_order)
      for (const FeatureRow& feature : link.objects[id].object.features()) {
        if (feature.prefix == '-') continue;
        const FeatureUse* use = find_use(disallowed, feature.name);
        if (!use || std::find(said.begin(), said.end(), feature.name) != said.end()) continue;
        if (!o.like_lld()) said.push_back(feature.name);
        explain(link,
                link.diagnostics().report(DiagnosticId::feature_disallowed,
                                          {link.store.strings.text(feature.name), file_name(id), use->file}),
                {link.store.strings.text(feature.name)});
      }
  }

  // Zeros need no bytes where the memory is fresh, or where the start function can fill it.
  layout.emit_bss = o.emit_relocs || (o.import_memory && !is_allowed("bulk-memory"));
  layout.extended_const = is_allowed("extended-const");
  if (o.is_pic() && !layout.extended_const && !o.shared_memory) combine_segments(link, layout);
  sort_stably(allowed,
              [&](StringId a, StringId b) { return link.store.strings.text(a) < link.store.strings.text(b); });
  if (o.verbose)
    for (StringId feature : allowed)
      link.diagnostics().report(DiagnosticId::verbose,
                                {"Allowed feature: " + std::string(link.store.strings.text(feature))});
}

} // namespace weld
