// The custom sections that say what the rest is: names, producers, features, and the place of the build id.
#include "core/link/write/output_plan.h"

#include <algorithm>

namespace weld {

namespace {

class MetadataEncoder {
public:
  MetadataEncoder(const Link& link, OutputPlan& plan) : link_(link), plan_(plan), out_(plan.encoded) {}

  void run() {
    names();
    producers();
    features();
    if (link_.options.makes_source_map() && !link_.options.source_map_url.empty())
      name_file("sourceMappingURL", link_.options.source_map_url);
    if (link_.options.separate_debug) {
      plan_.debug_link_section = static_cast<uint32_t>(plan_.sections.size());
      name_file("external_debug_info", link_.options.debug_file_url);
    }
    build_id();
  }

private:
  std::string_view text(StringId id) const { return link_.store.strings.text(id); }
  void named(std::string_view name) { out_.name(name); }
  std::string_view shown(std::string_view name) { return shown_name_.of(name, link_.options.demangling()); }

  bool is_stripped(std::string_view name) const {
    if (!link_.options.strip_all) return false;
    for (const std::string& kept : link_.options.keep_sections)
      if (kept == name) return false;
    return true;
  }

  void name_functions(size_t first, size_t end, ByteBuffer& out, ShownName& shown_name) const {
    auto add_name = [&](size_t index, std::string_view debug_name, std::string_view name) {
      out.uleb(link_.imported_functions + index);
      out.name(debug_name.empty() ? shown_name.of(name, link_.options.demangling()) : debug_name);
    };
    for (size_t i = first; i < end; i++) {
      const OutFunction& f = link_.functions[i];
      if (!f.object) {
        const SyntheticFunction& function = link_.synthetic_functions[f.function.synthetic()];
        add_name(i, text(function.debug_name), text(function.name));
        continue;
      }
      const LinkObject& o = link_.objects[f.object];
      const FunctionRow& row = link_.row_of(f);
      if (row.name) add_name(i, o.text(row.debug_name), o.text(row.name));
    }
  }

  void names() {
    if (is_stripped("name")) return;
    size_t named_functions = link_.imported_functions;
    for (const OutFunction& f : link_.functions) {
      if (!f.object) {
        named_functions++;
        continue;
      }
      const FunctionRow& row = link_.row_of(f);
      named_functions += row.name || (link_.options.like_lld() && row.debug_name);
    }
    size_t named_globals = link_.imported_globals + link_.internal_got.size();
    for (const OutGlobal& g : link_.globals) named_globals += !g.object || !link_.name_of_global(g).empty();
    size_t named_segments = 0;
    if (!link_.pack_data) // runs are no segments of the program
      for (const OutSegment& segment : link_.segments)
        named_segments += segment.name && link_.in_binary(segment);

    size_t begin = out_.size();
    named("name");
    out_.subsection(NameSubsection::Module, [&] {
      std::string_view module = link_.options.soname;
      named(module.empty() ? base_name(link_.options.output_name) : module);
    });
    if (named_functions)
      out_.subsection(NameSubsection::Function, [&] {
        out_.uleb(named_functions);
        for (SymbolId id : link_.imports) {
          if (link_.symbols[id].kind != SymbolKind::Function) continue;
          out_.uleb(link_.needs(id).import_index);
          named(shown(link_.name_of(id)));
        }
        if (link_.store.parallel_for.threads() < 2)
          return name_functions(0, link_.functions.size(), out_, shown_name_);
        // Demangling takes long.
        constexpr size_t block = 512;
        std::vector<ByteBuffer> blocks((link_.functions.size() + block - 1) / block);
        for_each_block(link_.store.parallel_for, link_.functions.size(), block, [&](size_t first, size_t end) {
          ShownName shown_name;
          name_functions(first, end, blocks[first / block], shown_name);
        });
        for (const ByteBuffer& names : blocks) out_.append(names.from(0));
      });
    encode_local_names(link_, out_);
    if (named_globals)
      out_.subsection(NameSubsection::Global, [&] {
        out_.uleb(named_globals);
        for (SymbolId id : link_.imports) {
          if (link_.symbols[id].kind != SymbolKind::Global) continue;
          out_.uleb(link_.needs(id).import_index);
          named(shown(link_.name_of(id)));
        }
        for (SymbolId id : link_.got_imports) {
          out_.uleb(link_.got_index[id]);
          named(shown(link_.name_of(id)));
        }
        uint32_t index = link_.imported_globals;
        for (const OutGlobal& g : link_.globals) {
          uint32_t at = index++;
          const std::string_view name = link_.name_of_global(g);
          if (name.empty()) continue;
          out_.uleb(at);
          named(shown(name));
        }
        for (SymbolId id : link_.internal_got) {
          out_.uleb(link_.got_index[id]);
          const char* prefix =
              link_.symbols[id].kind == SymbolKind::Function ? "GOT.func.internal." : "GOT.data.internal.";
          const Symbol& s = link_.symbols[id];
          bool trap = s.is_trap && s.state == SymbolState::Defined;
          std::string name = prefix;
          name += trap ? text(link_.synthetic_functions[s.function().synthetic()].debug_name)
                       : shown(link_.name_of(id));
          named(name);
        }
      });
    if (named_segments)
      out_.subsection(NameSubsection::DataSegment, [&] {
        out_.uleb(named_segments);
        for (const OutSegment& segment : link_.segments) {
          if (!link_.in_binary(segment)) continue;
          out_.uleb(segment.index);
          named(text(segment.name));
        }
      });
    plan_.add(SectionKind::Custom, begin);
  }

  // The union of what the inputs say; the first version of a tool stands.
  void producers() {
    if (is_stripped("producers")) return;
    Vector<ProducerRow> fields[3];
    for (LinkObjectId id : link_.object_order)
      for (const ProducerRow& producer : link_.objects[id].object.producers()) {
        auto& field = fields[static_cast<uint8_t>(producer.field)];
        if (std::none_of(field.begin(), field.end(),
                         [&](const ProducerRow& p) { return p.name == producer.name; }))
          field.push_back(producer);
      }
    uint32_t count = 0;
    for (const auto& field : fields) count += !field.empty();
    if (!count) return;
    size_t begin = out_.size();
    named("producers");
    out_.uleb(count);
    constexpr std::string_view field_names[] = {"language", "processed-by", "sdk"};
    for (size_t i = 0; i < 3; i++) {
      if (fields[i].empty()) continue;
      named(field_names[i]);
      out_.uleb(fields[i].size());
      for (const ProducerRow& producer : fields[i]) {
        named(text(producer.name));
        named(text(producer.version));
      }
    }
    plan_.add(SectionKind::Custom, begin);
  }

  void features() {
    if (is_stripped("target_features") || link_.features.empty()) return;
    size_t begin = out_.size();
    named("target_features");
    out_.uleb(link_.features.size());
    for (StringId feature : link_.features) {
      out_.u8('+');
      named(text(feature));
    }
    plan_.add(SectionKind::Custom, begin);
  }

  // Where debuggers find what belongs to the module. It was asked for, so no option strips it.
  void name_file(std::string_view section, std::string_view url) {
    size_t begin = out_.size();
    named(section);
    named(url);
    plan_.add(SectionKind::Custom, begin);
  }

  // Its place: the id may be a hash of all that is written (write_build_id.cpp), spaces where the id goes. It
  // is the last section, and no option strips it.
  void build_id() {
    if (link_.options.build_id == BuildIdKind::None) return;
    plan_.build_id_size = build_id_size(link_.options);
    size_t begin = out_.size();
    named("build_id");
    out_.uleb(plan_.build_id_size);
    for (size_t i = 0; i < plan_.build_id_size; i++) out_.u8(' ');
    plan_.add(SectionKind::Custom, begin);
  }

  const Link& link_;
  OutputPlan& plan_;
  ShownName shown_name_;
  ByteBuffer& out_; // plan.encoded
};

// The first name of each local.
void name_locals(StoredVariables variables, ByteBuffer& out) {
  Vector<std::string_view> names; // by local
  uint32_t count = 0;
  for (SourceVariable v; variables.next(v);) {
    if (v.local >= names.size()) names.resize(v.local + size_t{1});
    if (!names[v.local].empty()) continue;
    names[v.local] = v.name;
    count++;
  }
  out.uleb(count);
  for (uint32_t i = 0; i < names.size(); i++) {
    if (names[i].empty()) continue;
    out.uleb(i);
    out.name(names[i]);
  }
}

} // namespace

// What units call their parameters and locals. Objects have no such names, and stripping debug information takes them.
void encode_local_names(const Link& link, ByteBuffer& out) {
  const Options& options = link.options;
  if (!link.has_units || !options.keeps_debug() || options.separate_debug || options.relocatable) return;
  ByteBuffer functions;
  uint32_t count = 0;
  LinkObjectId object;
  Vector<uint32_t> symbols; // of its functions
  for (size_t i = 0; i < link.functions.size(); i++) {
    const OutFunction& f = link.functions[i];
    if (!f.object || !link.objects[f.object].unit) continue;
    const LinkObject& o = link.objects[f.object];
    if (object != f.object) symbols = o.defining_symbols();
    object = f.object;
    const UnitSymbolRow& row = (*o.unit)[o.unit->symbol_at(symbols[o.function.local(f.function.id())])];
    if (!row.variables) continue;
    count++;
    functions.uleb(link.imported_functions + i);
    name_locals(StoredVariables(o.unit->at(row.variables)), functions);
  }
  if (!count) return;
  out.subsection(NameSubsection::Local, [&] {
    out.uleb(count);
    out.append(functions.from(0));
  });
}

void encode_metadata(const Link& link, OutputPlan& plan) {
  MetadataEncoder(link, plan).run();
}

Bytes payload_of(const OutSection& section, Bytes output) {
  return output.subspan(static_cast<size_t>(section.offset), static_cast<size_t>(section.payload_size));
}

uint64_t number_at(Bytes output, size_t& at) {
  uint64_t value = 0;
  uint32_t shift = 0;
  do value |= static_cast<uint64_t>(output[at] & 0x7f) << shift, shift += 7;
  while (output[at++] & 0x80);
  return value;
}

const OutSection* find_name_section(const OutputPlan& plan, Bytes output) {
  for (const OutSection& section : plan.sections)
    if (section.kind == SectionKind::Custom && section.content == OutSection::Encoded &&
        text_of(payload_of(section, output), {0}) == "name")
      return &section;
  return nullptr;
}

std::pair<size_t, size_t> find_name_subsection(Bytes section, NameSubsection wanted) {
  size_t at = 1 + std::string_view("name").size();
  while (at < section.size() && section[at] <= static_cast<uint8_t>(wanted)) {
    size_t end = at + 1;
    const uint64_t size = number_at(section, end);
    end += static_cast<size_t>(size);
    if (section[at] == static_cast<uint8_t>(wanted)) return {at, end - at};
    at = end;
  }
  return {at, 0};
}

} // namespace weld
