// A module without its metafile: which bytes are whose is told by the format, and what they are called by the name
// section.
#include "core/inspect/inspection.h"
#include "core/report/report.h"
#include "core/wasm/type_text.h"

#include <algorithm>
#include <unordered_map>

namespace weld::report {

namespace {

struct Stretch {
  uint64_t begin, end;
  uint32_t item;
};

uint64_t leb_size(uint64_t value) {
  uint64_t size = 1;
  while (value >>= 7) size++;
  return size;
}

class ModuleReport {
public:
  ModuleReport(const Inspection& module, Report& report) : module_(module), report_(report) {}

  void make(std::string_view name) {
    report_.explains = false;
    report_.output_name = name;
    report_.output_kind = kind_word(module_);
    report_.output_size = module_.file.size();
    add_functions();
    add_data();
    add_names();
    for (const inspection::Section& section : module_.sections) add_section(section);
    const uint32_t header = add_item(ItemKind::Section, "header");
    make_layout(header);
    report_.live = static_cast<uint32_t>(report_.items.size());
    report_.edges.assign(report_.items.size() + 1, 0);
    add_externals();
    add_source_lines();
  }

private:
  uint32_t add_item(ItemKind kind, std::string_view name) {
    Item item = {kind, none, none, none, -1, 0, 0, std::string(name)};
    report_.items.push_back(std::move(item));
    return static_cast<uint32_t>(report_.items.size() - 1);
  }
  void add_stretch(uint64_t begin, uint64_t end, uint32_t item) { stretches_.push_back({begin, end, item}); }

  // A body with its size before it.
  void add_functions() {
    for (const inspection::Function& f : module_.functions) {
      const bool is_import = f.import != none32;
      const uint32_t item = add_item(is_import ? ItemKind::Import : ItemKind::Function, module_.text(f.name));
      if (is_import || f.offset == none32) continue;
      report_.items[item].size = f.size;
      add_stretch(f.offset - leb_size(f.size), uint64_t(f.offset) + f.size, item);
    }
  }
  void add_data() {
    for (const inspection::DataSegment& d : module_.data_segments) {
      const uint32_t item = add_item(ItemKind::Data, module_.text(d.name));
      report_.items[item].size = d.size;
      if (d.address != none64) report_.items[item].address = static_cast<int64_t>(d.address);
      add_stretch(d.offset, uint64_t(d.offset) + d.size, item);
    }
  }
  // Functions have their names as in a metafile. Others stay the name section's.
  void add_names() {
    constexpr uint8_t functions = 1;
    for (const inspection::Name& n : module_.names) {
      if (n.space != functions || n.index >= module_.functions.size() || !n.name) continue;
      if (n.name.offset >= module_.file.size()) continue;
      const uint64_t begin = n.name.offset - leb_size(n.name.size) - leb_size(n.index);
      add_stretch(begin, uint64_t(n.name.offset) + n.name.size, n.index);
    }
  }

  void add_section(const inspection::Section& section) {
    constexpr uint8_t custom = 0;
    std::string name(module_.text(section.name));
    if (section.kind != custom) {
      name = section_kind_name(static_cast<SectionKind>(section.kind));
      for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    const bool is_contents = section.kind == custom && name != "name";
    frames_.push_back(add_item(is_contents ? ItemKind::Custom : ItemKind::Section, name));
    const uint64_t begin = report_.sections.empty() ? 8 : report_.sections.back().end;
    report_.sections.push_back({section.kind, std::move(name), begin, uint64_t(section.offset) + section.size});
  }

  // What is no stretch of a section is its frame's.
  void make_layout(uint32_t header) {
    std::stable_sort(stretches_.begin(), stretches_.end(),
                     [](const Stretch& a, const Stretch& b) { return a.begin < b.begin; });
    uint64_t at = 0;
    auto run_to = [&](uint64_t end, uint32_t item) {
      if (end <= at) return;
      report_.layout.push_back({item, end - at});
      report_.items[item].bytes += end - at;
      at = end;
    };
    run_to(std::min<uint64_t>(8, report_.output_size), header);
    auto next = stretches_.begin();
    for (size_t i = 0; i < report_.sections.size(); i++) {
      const uint64_t end = report_.sections[i].end;
      for (; next != stretches_.end() && next->begin < end; ++next) {
        run_to(std::min(next->begin, end), frames_[i]);
        run_to(std::min(next->end, end), next->item);
      }
      run_to(end, frames_[i]);
    }
    run_to(report_.output_size, header); // behind the last section: what is malformed
  }

  void add_externals() {
    constexpr std::string_view kinds[] = {"function", "table", "memory", "global", "tag"};
    auto kind_text = [&](uint8_t kind) {
      return std::string(kind < std::size(kinds) ? kinds[kind] : "function");
    };
    for (const inspection::Import& i : module_.imports)
      report_.imports.push_back({std::string(module_.text(i.module)), std::string(module_.text(i.name)),
                                 kind_text(i.kind), std::string(module_.text(i.type)), none});
    for (const inspection::Export& e : module_.exports)
      report_.exports.push_back({std::string(module_.text(e.name)), kind_text(e.kind),
                                 e.kind == 0 && e.index < module_.functions.size() ? e.index : none});
  }

  // A row of a line table continues until the next one. Linkers keep many descriptions of one function: the first one counts.
  void add_source_lines() {
    std::unordered_map<uint64_t, size_t> rows;
    const std::vector<inspection::Line>& lines = module_.lines;
    uint64_t code_size = 0, counted = 0;
    for (const inspection::Section& s : module_.sections)
      if (s.kind == static_cast<uint8_t>(SectionKind::Code)) code_size = s.size;
    for (size_t i = 0; i + 1 < lines.size(); i++) {
      const uint64_t begin = std::max<uint64_t>(lines[i].address, counted);
      const uint64_t end = std::min<uint64_t>(lines[i + 1].address, code_size);
      if (end <= begin || (lines[i].flags & line_end_sequence)) continue;
      counted = end;
      auto [row, is_new] =
          rows.try_emplace(uint64_t{lines[i].file} << 32 | lines[i].line, report_.source_lines.size());
      if (is_new) report_.source_lines.push_back({lines[i].file, lines[i].line, 0});
      report_.source_lines[row->second].bytes += end - begin;
    }
    std::sort(report_.source_lines.begin(), report_.source_lines.end(),
              [](const SourceLine& a, const SourceLine& b) {
                return a.file != b.file ? a.file < b.file : a.line < b.line;
              });
    if (report_.source_lines.empty()) return;
    for (const inspection::SourceFile& file : module_.source_files)
      report_.source_files.emplace_back(module_.text(file.path));
  }

  const Inspection& module_;
  Report& report_;
  std::vector<Stretch> stretches_;
  std::vector<uint32_t> frames_; // section -> item
};

} // namespace

ReadError read_module(Bytes module, std::string_view name, bool with_lines, Report& report) {
  report = {};
  if (identify_file(module) != FileKind::WasmModule)
    return {"it is " + std::string(describe_file_kind(identify_file(module))) + ", not a module", 0};
  Inspection inspection;
  if (!inspect(module, inspection)) {
    const Inspection::Problem& problem = inspection.problems.front();
    return {problem.text, problem.offset == no_offset ? 0 : static_cast<size_t>(problem.offset)};
  }
  if (with_lines) inspect_lines(inspection);
  ModuleReport(inspection, report).make(name);
  return {};
}

} // namespace weld::report
