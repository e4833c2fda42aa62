// Debug information follows code that --compress-relocations moves.
//
// Relocations write most addresses of DWARF: what they write is the new address (reloc_value.cpp). What has
// no relocation is counted from such an address, and is a length within one function: high_pc, offsets in
// lists of ranges and locations, advances of line number programs. Since code only shrinks, lengths do not
// grow, and keep the width of their fields. Line number programs are encoded again and get shorter, so
// references to their tables are mapped, as those to merged strings are.
//
// Each object is rewritten alone, from its own bytes. A section that cannot be read is left as it is, with a
// warning; a form that is not known to be harmless is an error: no debug information is wrong in silence.
#include "core/link/debug/debug_object.h"
#include "core/link/write/compress_code.h"

namespace weld {

namespace {

bool is_split(std::string_view name) {
  return name.size() > 4 && name.substr(name.size() - 4) == ".dwo";
}

void find_moves(const Link& link, const SymbolValues& values, Output& output) {
  output.code_moves.resize(link.objects.size());
  output.function_moves.resize(link.functions_total);
  for_each_block(link.store.parallel_for, link.objects.size(), 16, [&](size_t begin, size_t end) {
    CodeCompressor compressor(link, values);
    for (auto object = static_cast<uint32_t>(begin); object < end; object++) {
      const LinkObject& o = link.objects[LinkObjectId(object)];
      Vector<CodeMove>& moves = output.code_moves[object];
      auto count = static_cast<uint32_t>(o.object.functions().size());
      for (uint32_t i = 0; i < count; i++) {
        const FunctionId id = o.function(i);
        if (!link.function_live[id] || link.is_folded(id)) continue;
        auto first = static_cast<uint32_t>(moves.size());
        compressor.add_moves(LinkObjectId(object), id, moves);
        output.function_moves[id] = {first, static_cast<uint32_t>(moves.size()) - first};
      }
    }
  });
}

void refuse(DebugObject& object, const DebugSection& section, const char* what) {
  object.add_problem(section, {true, what, 0}, true);
}

void rewrite(DebugObject& object) {
  for (DebugSection& section : object.sections) {
    if (section.name == ".debug_info" || section.name == ".debug_types") rewrite_units(object, section);
    else if (section.name == ".debug_line") rewrite_lines(object, section);
    else if (section.name == ".debug_aranges") rewrite_address_ranges(object, section);
    else if (section.name == ".debug_frame") refuse(object, section, "unwind information");
    else if (is_split(section.name)) refuse(object, section, "split debug information");
  }
}

// What rewriting one object gave.
struct Outcome {
  std::vector<DebugProblem> problems;
  struct Section {
    uint32_t row; // in custom_sections
    RewrittenSection rewritten;
  };
  std::vector<Section> sections;
};

Outcome rewrite_object(const Link& link, LinkObjectId id) {
  DebugObject object(link, id);
  rewrite(object);
  Outcome outcome;
  outcome.problems = std::move(object.problems);
  for (DebugSection& section : object.sections)
    if (!section.rewritten.patches.empty() || !section.rewritten.bytes.empty())
      outcome.sections.push_back({section.row, std::move(section.rewritten)});
  return outcome;
}

void report(const Link& link, LinkObjectId id, const DebugProblem& problem) {
  const CustomSectionRow& section = link.objects[id].object.custom_sections()[problem.row];
  Location where = link.location_of(id);
  where.section = link.store.strings.text(section.name);
  where.offset = section.data.offset + problem.offset;
  if (!problem.unsupported) {
    link.diagnostics().report(DiagnosticId::malformed_dwarf, {problem.text}, where);
    return;
  }
  link.diagnostics()
      .report(DiagnosticId::unsupported, {problem.text + " with --compress-relocations"}, where)
      .note("pass --strip-debug, or do not compress");
}

// Line number programs have new sizes.
void lay_out(const Output& output, CustomSections& custom, OutCustomSection& out) {
  out.size = 0;
  for (OutChunk& chunk : out.chunks) {
    if (uint32_t row = chunk.object ? output.custom_rewritten[chunk.custom_section()] : none32; row != none32)
      chunk.size = output.rewritten_sections[row].bytes.size();
    chunk.offset = out.size;
    out.size += chunk.size;
    if (chunk.object) custom.custom_offset[chunk.custom_section()] = chunk.offset;
  }
}

} // namespace

void rewrite_dwarf(const Link& link, CustomSections& custom, Output& output) {
  find_moves(link, SymbolValues(link), output);

  std::vector<Outcome> outcomes(link.objects.size());
  for_each_block(link.store.parallel_for, link.objects.size(), 4, [&](size_t begin, size_t end) {
    for (auto row = static_cast<uint32_t>(begin); row < end; row++)
      if (LinkObjectId id(row); link.object_live[id]) outcomes[row] = rewrite_object(link, id);
  });

  output.custom_rewritten.resize(link.custom_sections_total, none32);
  for (LinkObjectId id : link.object_order) {
    for (const DebugProblem& problem : outcomes[id.row].problems) report(link, id, problem);
    for (Outcome::Section& section : outcomes[id.row].sections) {
      output.custom_rewritten[link.objects[id].custom_section(section.row)] =
          static_cast<uint32_t>(output.rewritten_sections.size());
      output.rewritten_sections.push_back(std::move(section.rewritten));
    }
  }
  for (OutCustomSection& out : custom.custom_sections)
    if (link.store.strings.text(out.name) == ".debug_line") lay_out(output, custom, out);
}

} // namespace weld
