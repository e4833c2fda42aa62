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
  // What is there of units, which are not compiled with flags.
  bool has_units = false, has_objects = false;
  for (LinkObjectId object : link.object_order)
    if (cells.clear(), row_of(object, cells)) (link.objects[object].unit ? has_units : has_objects) = true;
  if (has_units)
    diagnostic.note(is_wanted ? "a unit states for itself that it has a feature: set_features, in JavaScript "
                                "`setFeatures`"
                              : "a unit needs what its instructions and types need, and what set_features "
                                "(`setFeatures`) states");
  if (has_units && !has_objects) return;
  diagnostic.note(is_wanted ? "compile these objects with$0 (-pthread has both), in Rust with -C "
                              "target-feature=+atomics,+bulk-memory"
                  : id == DiagnosticId::feature_not_allowed
                      ? "add the feature to --features, or compile without it: -mno-$1"
                      : "compile all objects with or all without it:$0 or -mno-$1",
                  {flags, *features.begin()});
}

// Zeros without bytes are not in the file, and a cooperative thread's data is copied for each thread.
bool is_joined(const Marked& link, const Layout& layout, const OutSegment& segment) {
  return layout.in_binary(segment) && !(link.options.cooperative_threading && segment.is_tls);
}

// Without extended-const a segment can only be at `__memory_base` itself: all become one.
void combine_segments(const Marked& link, Layout& layout) {
  if (layout.segments.size() <= 1) return;
  // Zeros come last, and need no such place where the file does not hold them. LLD 19 writes them all the
  // same.
  uint32_t count = layout.segments.size();
  if (!link.options.like_lld_19())
    while (count && !is_joined(link, layout, layout.segments[OutSegmentId(count - 1)])) count--;
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

class FeatureCheck {
public:
  FeatureCheck(const Marked& link, Layout& layout)
      : link_(link), options_(link.options), allowed_(layout.features) {}

  // What the output may use: what its objects use, or what --features says.
  void collect() {
    if (options_.is_pic()) allow(link_.intern("mutable-globals"));
    for (const std::string& name : options_.extra_features) allow(link_.intern(name));
    if (options_.features)
      for (const std::string& name : *options_.features) allow(link_.intern(name));
    if (options_.features && !options_.check_features) return;
    for (LinkObjectId id : link_.object_order)
      for (const FeatureRow& feature : link_.objects[id].object.features()) {
        auto& uses = feature.prefix == '-' ? disallowed_ : used_;
        if (!find_use(uses, feature.name)) uses.push_back({feature.name, file_name(id)});
      }
    if (!options_.features)
      for (const FeatureUse& use : used_) allow(use.name);
  }

  void check() {
    if (options_.shared_memory) check_shared_memory();
    if (uses_tls()) need_for_tls();
    if (options_.features) check_allowed();
    check_disallowed();
  }

  bool is_allowed(std::string_view name) const { return is_allowed(link_.intern(name)); }

private:
  bool is_allowed(StringId name) const {
    return std::find(allowed_.begin(), allowed_.end(), name) != allowed_.end();
  }
  void allow(StringId name) {
    if (!is_allowed(name)) allowed_.push_back(name);
  }
  std::string_view text(StringId name) const { return link_.text(name); }

  // A member's own name is what wasm-ld shows here, without its archive.
  std::string file_name(LinkObjectId id) const {
    Location where = link_.location_of(id);
    return options_.like_lld() && !where.member.empty() ? where.member : display_file(where);
  }

  bool uses_tls() const {
    bool found = false;
    link_.for_each_segment([&](LinkObjectId, const LinkObject&, SegmentId, const SegmentRow& row) {
      found |= (row.flags & segment_flag::tls) != 0;
    });
    return found;
  }

  void need(const char* purpose) const {
    bool explained = false;
    for (const char* feature : {"atomics", "bulk-memory"}) {
      if (is_allowed(feature)) continue;
      Diagnostic& d = link_.diagnostics().report(DiagnosticId::feature_needed, {feature, purpose});
      if (!explained) explain(link_, d, {"atomics", "bulk-memory"});
      explained = true;
    }
  }

  // Cooperative threads never run at the same time.
  void need_for_tls() const {
    if (!options_.cooperative_threading) return need("thread-local storage");
    if (is_allowed("bulk-memory")) return;
    explain(link_,
            link_.diagnostics().report(DiagnosticId::feature_needed, {"bulk-memory", "thread-local storage"}),
            {"bulk-memory"});
  }

  void check_shared_memory() const {
    if (const FeatureUse* use = find_use(disallowed_, link_.intern("shared-mem")))
      explain(link_, link_.diagnostics().report(DiagnosticId::shared_memory_disallowed, {use->file}),
              {"atomics", "bulk-memory", "shared-mem"});
    need("shared memory");
  }

  // What objects use beyond --features.
  void check_allowed() const {
    for (const FeatureUse& use : used_)
      if (!is_allowed(use.name))
        explain(link_,
                link_.diagnostics().report(DiagnosticId::feature_not_allowed, {text(use.name), use.file}),
                {text(use.name)});
  }

  // What objects use and others forbid.
  void check_disallowed() const {
    Vector<StringId> said; // weld says once of a feature what wasm-ld says of each object
    for (LinkObjectId id : link_.object_order)
      for (const FeatureRow& feature : link_.objects[id].object.features()) {
        if (feature.prefix == '-') continue;
        const FeatureUse* use = find_use(disallowed_, feature.name);
        if (!use || std::find(said.begin(), said.end(), feature.name) != said.end()) continue;
        if (!options_.like_lld()) said.push_back(feature.name);
        explain(link_,
                link_.diagnostics().report(DiagnosticId::feature_disallowed,
                                           {text(feature.name), file_name(id), use->file}),
                {text(feature.name)});
      }
  }

  const Marked& link_;
  const Options& options_;
  Vector<StringId>& allowed_;
  std::vector<FeatureUse> used_, disallowed_; // by objects
};

} // namespace

void check_features(const Marked& link, Layout& layout) {
  const Options& o = link.options;
  FeatureCheck features(link, layout);
  features.collect();
  if (o.check_features) features.check();

  // Zeros need no bytes where the memory is fresh, or where the start function can fill it.
  layout.emit_bss = o.emit_relocs || (o.import_memory && !features.is_allowed("bulk-memory"));
  layout.extended_const = features.is_allowed("extended-const");
  if (o.is_pic() && !layout.extended_const && !o.shared_memory) combine_segments(link, layout);
  sort_stably(layout.features, [&](StringId a, StringId b) { return link.text(a) < link.text(b); });
  if (o.verbose)
    for (StringId feature : layout.features)
      link.diagnostics().report(DiagnosticId::verbose,
                                {"Allowed feature: " + std::string(link.text(feature))});
}

} // namespace weld
