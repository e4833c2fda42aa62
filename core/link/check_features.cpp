// Target features: what the output uses is the union of what its objects use; objects may forbid features to
// others.
#include "core/link/link.h"

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

// Without extended-const a segment can only be at `__memory_base` itself: all become one.
void combine_segments(Link& link) {
  if (link.segments.size() <= 1) return;
  OutSegment combined;
  combined.name = link.intern(".data");
  combined.address = link.segments[OutSegmentId(0)].address;
  for (const OutSegment& segment : link.segments) {
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
  for (size_t row = 0; row < link.segment_out.size(); row++) {
    if (!link.segment_out[row]) continue;
    link.segment_offset[row] += link.segments[link.segment_out[row]].address - combined.address;
    link.segment_out[row] = OutSegmentId(0);
  }
  link.segments.clear();
  link.segments.add(std::move(combined));
}

} // namespace

void check_features(Link& link) {
  const Options& o = link.options;
  std::vector<StringId>& allowed = link.features;
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
      auto segments = object.object.segments();
      for (uint32_t i = 0; i < segments.size(); i++)
        tls_used |= (segments[i].flags & segment_flag::tls) &&
                    (link.segment_state[object.segments + i] & entity_state::live);
    }
    if (!o.features)
      for (const FeatureUse& use : used) allow(use.name);
  }

  if (o.check_features) {
    auto need = [&](const char* purpose) {
      for (const char* feature : {"atomics", "bulk-memory"})
        if (!is_allowed(feature)) link.diagnostics().report(DiagnosticId::feature_needed, {feature, purpose});
    };
    if (o.shared_memory) {
      if (const FeatureUse* use = find_use(disallowed, link.intern("shared-mem")))
        link.diagnostics().report(DiagnosticId::shared_memory_disallowed, {use->file}).notes = {
            "compile every object with -pthread, or with -matomics -mbulk-memory"};
      need("shared memory");
    }
    if (tls_used) need("thread-local storage");
    if (o.features)
      for (const FeatureUse& use : used)
        if (std::find(allowed.begin(), allowed.end(), use.name) == allowed.end())
          link.diagnostics().report(DiagnosticId::feature_not_allowed,
                                    {link.session.strings.text(use.name), use.file});
    for (LinkObjectId id : link.object_order)
      for (const FeatureRow& feature : link.objects[id].object.features()) {
        if (feature.prefix == '-') continue;
        if (const FeatureUse* use = find_use(disallowed, feature.name))
          link.diagnostics().report(DiagnosticId::feature_disallowed,
                                    {link.session.strings.text(feature.name), file_name(id), use->file});
      }
  }

  // Zeros need no bytes where the memory is fresh, or where the start function can fill it.
  link.emit_bss = o.emit_relocs || (o.import_memory && !is_allowed("bulk-memory"));
  link.extended_const = is_allowed("extended-const");
  if (o.is_pic() && !link.extended_const && !o.shared_memory) combine_segments(link);
  std::sort(allowed.begin(), allowed.end(), [&](StringId a, StringId b) {
    return link.session.strings.text(a) < link.session.strings.text(b);
  });
  if (o.verbose)
    for (StringId feature : allowed)
      link.diagnostics().report(DiagnosticId::verbose,
                                {"Allowed feature: " + std::string(link.session.strings.text(feature))});
}

} // namespace weld
