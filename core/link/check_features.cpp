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

// Which object has which of the features, as a matrix: those first that stand in the way. What the compiler has to be
// told then.
void explain(const Link& link, Diagnostic& diagnostic, std::initializer_list<std::string_view> features) {
  if (link.options.like_lld()) return;
  constexpr size_t most = 12;
  struct Row {
    std::string file, cells;
    uint32_t weight; // how much it stands in the way
  };
  const DiagnosticId id = diagnostic.id;
  const bool is_wanted = id == DiagnosticId::feature_needed || id == DiagnosticId::shared_memory_disallowed;
  auto padded = [](std::string text, size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
  };
  std::vector<Row> rows;
  size_t width = 6, uninvolved = 0;
  for (LinkObjectId object : link.object_order) {
    Row row{link.file_of(object), {}, 0};
    bool has_any = false;
    for (std::string_view name : features) {
      char prefix = 0;
      for (const FeatureRow& feature : link.objects[object].object.features())
        if (link.session.strings.text(feature.name) == name) prefix = static_cast<char>(feature.prefix);
      has_any |= prefix != 0;
      if (prefix == '-') row.weight += 2;
      if (is_wanted ? !prefix && name != "shared-mem" : prefix == '+') row.weight++;
      row.cells += "  " + padded(!prefix ? "no" : prefix == '+' ? "uses" : "forbids", std::max<size_t>(name.size(), 7));
    }
    if (!has_any && !is_wanted) continue;
    if (!row.weight) {
      uninvolved++;
      continue;
    }
    width = std::max(width, row.file.size());
    rows.push_back(std::move(row));
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.weight > b.weight; });
  auto say = [&](const std::string& file, std::string cells) {
    while (cells.ends_with(' ')) cells.pop_back();
    diagnostic.notes.push_back(padded(file, width) + cells);
  };
  std::string head, flags, rust;
  for (std::string_view name : features) {
    head += "  " + padded(std::string(name), 7);
    if (name == "shared-mem") continue;
    flags += " -m" + std::string(name);
    rust += (rust.empty() ? "+" : ",+") + std::string(name);
  }
  if (!rows.empty()) say("object", head);
  for (size_t i = 0; i < rows.size() && i < most; i++) say(rows[i].file, rows[i].cells);
  if (rows.size() > most) diagnostic.notes.push_back("and " + std::to_string(rows.size() - most) + " more objects");
  if (uninvolved && is_wanted) diagnostic.notes.push_back("the other " + std::to_string(uninvolved) + " have them");
  if (is_wanted)
    diagnostic.notes.push_back("compile these objects with" + flags + " (-pthread has both), in Rust with -C target-feature=" +
                               rust);
  else if (id == DiagnosticId::feature_not_allowed)
    diagnostic.notes.push_back("add the feature to --features, or compile without it: -mno-" + std::string(*features.begin()));
  else
    diagnostic.notes.push_back("compile all objects with or all without it:" + flags + " or -mno-" +
                               std::string(*features.begin()));
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
                                            {link.session.strings.text(use.name), use.file}),
                  {link.session.strings.text(use.name)});
    std::vector<StringId> said; // weld says once of a feature what wasm-ld says of each object
    for (LinkObjectId id : link.object_order)
      for (const FeatureRow& feature : link.objects[id].object.features()) {
        if (feature.prefix == '-') continue;
        const FeatureUse* use = find_use(disallowed, feature.name);
        if (!use || std::find(said.begin(), said.end(), feature.name) != said.end()) continue;
        if (!o.like_lld()) said.push_back(feature.name);
        explain(link,
                link.diagnostics().report(
                    DiagnosticId::feature_disallowed,
                    {link.session.strings.text(feature.name), file_name(id), use->file}),
                {link.session.strings.text(feature.name)});
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
