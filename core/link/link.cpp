#include "core/link/link.h"

#include "core/link/output_plan.h"
#include "core/link/relink.h"

#include <cassert>
#include <chrono>

namespace weld {

// The linker, in order. Each phase writes its own columns of `Link` and reads those of the phases before it.
std::unique_ptr<LinkState> link_inputs(Session& session, const Options& options,
                                       const AllocateOutput& allocate_output, LinkResult& result) {
  auto state = std::make_unique<LinkState>(session, options);
  Link& link = state->link;
  OutputPlan& plan = state->plan;
  link.errors_before = session.diagnostics.error_count();
  const size_t diagnostics_before = session.diagnostics.rows().size();
  const bool keeps = session.keeps_links && can_relink(options);
  link.keeps_edges = keeps;

  using Clock = std::chrono::steady_clock;
  auto phase = [&](const char* name, auto&& run) {
    if (link.failed()) return;
    if (session.on_phase) session.on_phase(name);
    auto begin = Clock::now();
    run();
    result.stats.phases.emplace_back(name,
                                     std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  };

  // What a compiler edited since the last link becomes tables like an object's.
  phase("build_units", [&] { session.build_units(); });
  // The linker's own names come first: an input that mentions one finds it declared.
  phase("declare_synthetics", [&] { declare_synthetics(link); });
  // Give every name a meaning, extracting archive members to a fixed point.
  phase("resolve_symbols", [&] { resolve_symbols(link); });
  // From here on no object is added.

  // Optional names (__heap_base, ...) exist only if somebody mentions them, so after everybody has spoken.
  phase("define_synthetics", [&] { define_synthetics(link); });
  // Calls through a wrong signature would make an invalid module: give each caller its own variant, one of
  // them real.
  phase("check_symbols", [&] { check_symbols(link); });
  // Wraps, forced exports, weak references that nothing defines.
  phase("settle_symbols", [&] { settle_symbols(link); });
  // From here on what a name means is fixed.

  // Keep what roots reach. "Keep everything" is a flag on every entity, not another path.
  phase("mark_live", [&] { mark_live(link); });
  // Equal constants become one before anything has an address.
  phase("fold_data", [&] { fold_data(link); });
  // Group live segments by output name; merged strings decide sizes, so they come before addresses.
  phase("merge_strings", [&] { merge_strings(link); });
  // What is used most gets the smallest addresses.
  phase("order_data", [&] { order_data(link); });
  phase("layout_memory", [&] { layout_memory(link); });
  // From here on addresses are fixed.

  phase("check_features", [&] { check_features(link); });
  // Live relocations say which imports, table slots, GOT entries and types are needed, and what is undefined.
  phase("scan_relocs", [&] { scan_relocs(link); });
  // Which functions may be called through the table is known: all calls of the others are.
  phase("drop_parameters", [&] { drop_parameters(link); });
  // Everything that functions refer to is fixed, but for the functions themselves.
  phase("fold_functions", [&] { fold_functions(link); });
  phase("assign_indices", [&] { assign_indices(link); });
  // From here on indices are fixed, and so are the bodies that the linker writes itself.
  phase("write_synthetic_code", [&] { write_synthetic_code(link); });
  phase("collect_exports", [&] { collect_exports(link); });
  // Runs of zeros need no bytes, but what is zero shows only now that addresses and table slots are known.
  phase("pack_data", [&] { pack_data(link); });
  // Where code shrinks, debug information must follow; line numbers shrink with it.
  phase("rewrite_dwarf", [&] { rewrite_dwarf(link); });
  // Every size is known before a byte is written; the output is allocated once and written front to back.
  phase("size_sections", [&] { size_sections(link, plan); });
  phase("write_module", [&] {
    auto size = static_cast<size_t>(plan.size);
    if (keeps) {
      state->output.resize(size);
      result.output = OutputBytes(state->output.data(), size);
    } else {
      result.output = allocate_output ? allocate_output(size) : OutputBytes(size);
    }
    write_module(link, plan, result.output);
  });
  // What links, but will hardly do what was meant.
  phase("check_output", [&] { check_output(link); });
  if (options.map) phase("write_map", [&] { write_map(link, plan, result.map); });
  if (options.metafile) phase("write_metafile", [&] { write_metafile(link, plan, result.metafile); });
  // A hash of everything else, so it is the last thing to be written.
  if (plan.build_id_size) phase("write_build_id", [&] { write_build_id(link, plan, result.output); });

  result.ok = !link.failed();
  if (!result.ok) result.output = {};
  result.stats.objects = static_cast<uint32_t>(link.object_order.size());
  for (InputId id : session.order()) result.stats.input_bytes += session.inputs[id].file.bytes().size();
  result.stats.output_bytes = result.output.size();
  if (options.why_extract) {
    result.why_extract = "reference\textracted\tsymbol\n";
    for (const WhyExtract& why : link.why_extract) {
      result.why_extract += why.reference + '\t' + link.file_of(why.extracted) + '\t' +
                            display_name(link.name_of(why.symbol), options.demangle) + '\n';
    }
  }
  const std::vector<Diagnostic>& rows = session.diagnostics.rows();
  state->is_reusable = true;
  for (size_t i = diagnostics_before; i < rows.size(); i++) state->is_reusable &= stays_true(rows[i].id);
  if (state->is_reusable) state->said.append(session.diagnostics, diagnostics_before, rows.size());
  return result.ok && keeps ? std::move(state) : nullptr; // it has the output
}

std::string Link::file_of(LinkObjectId object) const {
  return object ? display_file(location_of(object)) : "<internal>";
}

std::string Link::file_of(const Symbol& s) const {
  return s.input ? display_file(session.location_of(s.input, s.member)) : file_of(s.object);
}

Location Link::location_of(LinkObjectId object) const {
  if (!object) return {};
  return session.location_of(objects[object].input, objects[object].member);
}

StringId Link::intern(std::string_view text) {
  StringId id = session.strings.intern(text);
  if (id.row >= position_of_name.size()) position_of_name.resize(session.strings.size(), none32);
  return id;
}

SymbolId Link::insert_name(StringId name, bool& inserted) {
  if (name.row >= position_of_name.size()) position_of_name.resize(session.strings.size(), none32);
  uint32_t& position = position_of_name[name.row];
  inserted = position == none32;
  if (!inserted) return symbol_order[position];
  position = static_cast<uint32_t>(symbol_order.size());
  Symbol symbol;
  symbol.name = name;
  symbol.referenced = !options.gc();
  symbol.traced = name.row < traced_name.size() && traced_name[name.row];
  SymbolId id = symbols.add(symbol);
  symbol_order.push_back(id);
  return id;
}

EntityRef Link::function_of(const LinkObject& o, uint32_t row_index) const {
  if (SymbolId id = bound[o.symbols + row_index]) {
    const Symbol& s = symbols[id];
    return s.state == SymbolState::Defined && s.kind == SymbolKind::Function ? s.entity : EntityRef();
  }
  const SymbolRow& row = o.object.symbols()[row_index];
  if (row.kind != SymbolKind::Function || row.is_undefined()) return {};
  return {o.functions + row.element};
}

Constructor Link::constructor_of(const LinkObject& o, const InitFunctionRow& init) const {
  Constructor c;
  c.symbol = bound[o.symbols + init.symbol];
  c.function = function_of(o, init.symbol);
  const uint32_t row = c.function.row();
  if (c.function.is_none()) {
    const Symbol* s = c.symbol ? &symbols[c.symbol] : nullptr;
    c.is_live = s && s->kind == SymbolKind::Function && s->signature && is_live(*s);
  } else if (c.function.is_synthetic()) {
    c.is_live = synthetic_functions[row].live;
  } else {
    c.is_live = (function_state[row] & (entity_state::live | entity_state::discarded)) == entity_state::live;
  }
  if (c.symbol) c.signature = symbols[c.symbol].signature;
  else if (!c.function.is_none()) c.signature = o.object.functions()[row - o.functions].signature;
  return c;
}

SignatureId Link::signature_of(const LinkObject& o, uint32_t function) const {
  if (!function_signature.empty() && function_signature[o.functions + function])
    return function_signature[o.functions + function];
  return o.object.functions()[function].signature;
}

std::string_view Link::name_of_global(const OutEntity& global) const {
  if (!global.object) return synthetic_globals[global.entity.row()].name;
  const LinkObject& o = objects[global.object];
  return o.text(o.object.globals()[global.entity.row()].name);
}

SignatureId Link::signature_of(const OutFunction& f) const {
  return f.object ? signature_of(objects[f.object], f.row) : synthetic_functions[f.row].signature;
}

DataPlace Link::data_of(const LinkObject& o, uint32_t row_index) const {
  if (SymbolId id = bound[o.symbols + row_index]) {
    const Symbol& s = symbols[id];
    if (s.state != SymbolState::Defined || s.kind != SymbolKind::Data || s.entity.is_none()) return {};
    return {s.entity.row(), s.value};
  }
  const SymbolRow& row = o.object.symbols()[row_index];
  if (row.kind != SymbolKind::Data || row.is_undefined() || row.element == none32) return {};
  return {o.segments + row.element, row.value()};
}

StringId Link::export_name_of(const Symbol& s) const {
  if (s.entity.is_synthetic()) return synthetic_functions[s.entity.row()].export_name;
  const LinkObject& o = objects[s.object];
  return o.object.functions()[s.entity.row() - o.functions].export_name;
}

bool Link::is_exported(const Symbol& s) const {
  if (!s.is_defined() || s.is_shared() || s.is_local()) return false;
  // A loader may choose a shared library's weak definition, so it must be able to see it.
  if (options.shared && is_live(s) && s.is_weak() && !s.is_hidden()) return true;
  if (options.export_all || (options.exports_dynamic() && !s.is_hidden())) return true;
  return s.force_export || (s.flags & symbol_flag::exported);
}

bool Link::is_live(const Symbol& s) const {
  if (s.state != SymbolState::Defined) {
    if (s.kind == SymbolKind::Function && !s.stub.is_none()) return synthetic_functions[s.stub.row()].live;
    return s.referenced;
  }
  uint32_t row = s.entity.row();
  switch (s.kind) {
  case SymbolKind::Function:
    return s.entity.is_synthetic() ? synthetic_functions[row].live : function_state[row] & entity_state::live;
  case SymbolKind::Global:
    return s.entity.is_synthetic() ? synthetic_globals[row].live : global_state[row] & entity_state::live;
  case SymbolKind::Tag: return tag_state[row] & entity_state::live;
  case SymbolKind::Table:
    return s.entity.is_synthetic() ? s.referenced : table_state[row] & entity_state::live;
  case SymbolKind::Data: return s.entity.is_none() ? s.referenced : segment_state[row] & entity_state::live;
  case SymbolKind::Section: break;
  }
  return s.referenced;
}

void Link::mark(SymbolId id) {
  Symbol& s = symbols[id];
  s.referenced = true;
  if (s.state != SymbolState::Defined) {
    if (!s.stub.is_none()) synthetic_functions[s.stub.row()].live = true;
    return;
  }
  if (s.object) objects[s.object].live = true;
  uint32_t row = s.entity.row();
  switch (s.kind) {
  case SymbolKind::Function:
    if (s.entity.is_synthetic()) synthetic_functions[row].live = true;
    else function_state[row] |= entity_state::live;
    break;
  case SymbolKind::Global:
    if (s.entity.is_synthetic()) synthetic_globals[row].live = true;
    else global_state[row] |= entity_state::live;
    break;
  case SymbolKind::Tag: tag_state[row] |= entity_state::live; break;
  case SymbolKind::Table:
    if (!s.entity.is_synthetic()) table_state[row] |= entity_state::live;
    break;
  case SymbolKind::Data:
    if (!s.entity.is_none()) segment_state[row] |= entity_state::live;
    break;
  case SymbolKind::Section: break;
  }
}

uint32_t Link::function_index_of(EntityRef function) const {
  return function.is_synthetic() ? synthetic_functions[function.row()].index : function_index[function.row()];
}

uint32_t Link::function_index_of(const Constructor& c) const {
  return c.symbol ? function_index_of(symbols[c.symbol]) : function_index_of(c.function);
}

uint32_t Link::function_index_of(const Symbol& s) const {
  if (!s.stub.is_none()) return function_index_of(s.stub);
  if (s.index != none32)
    return s.index; // imported; a weak definition of a shared library is imported as well
  return s.state == SymbolState::Defined ? function_index_of(s.entity) : none32;
}

uint32_t Link::global_index_of(const Symbol& s) const {
  if (s.state != SymbolState::Defined) return s.index;
  return s.entity.is_synthetic() ? synthetic_globals[s.entity.row()].index : global_index[s.entity.row()];
}

uint32_t Link::tag_index_of(const Symbol& s) const {
  return s.state == SymbolState::Defined ? tag_index[s.entity.row()] : s.index;
}

uint32_t Link::table_number_of(const Symbol& s) const {
  if (s.state != SymbolState::Defined) return s.index;
  return s.entity.is_synthetic() ? table_number : table_index[s.entity.row()];
}

uint32_t Link::table_slot_of(EntityRef function) const {
  return function.is_synthetic() ? synthetic_functions[function.row()].table_slot
                                 : function_slot[function.row()];
}

uint32_t Link::table_slot_of(const Symbol& s) const {
  return s.state == SymbolState::Defined ? table_slot_of(s.entity) : s.table_slot;
}

// The piece that holds `offset`, by binary search: pieces are in input order.
static uint32_t moved_with(std::span<const StringPiece> pieces, uint64_t offset) {
  size_t low = 0, high = pieces.size();
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (pieces[middle].input_offset <= offset) low = middle;
    else high = middle;
  }
  return pieces[low].output_offset + static_cast<uint32_t>(offset - pieces[low].input_offset);
}

uint32_t Link::merged_offset(RowRange range, uint64_t offset) const {
  return moved_with(std::span(pieces).subspan(range.first, range.count), offset);
}

uint64_t Link::offset_in_out_segment(uint32_t segment, uint64_t offset) const {
  RowRange range = segment_pieces[segment];
  return segment_offset[segment] + (range.count ? merged_offset(range, offset) : offset);
}

uint64_t Link::custom_section_offset(uint32_t section, uint64_t offset) const {
  if (RowRange range = custom_pieces[section]; range.count) offset = merged_offset(range, offset);
  else if (const RewrittenSection* rewritten = rewritten_section(section);
           rewritten && !rewritten->pieces.empty())
    offset = moved_with(rewritten->pieces, offset);
  return custom_offset[section] + offset;
}

uint64_t Link::address_of(const Symbol& s, bool absolute) const {
  if (s.entity.is_none()) return s.value;
  uint32_t segment = s.entity.row();
  uint64_t offset = offset_in_out_segment(segment, s.value);
  if (s.is_tls() && options.shared_memory && !absolute) return offset;
  OutSegmentId out = segment_out[segment];
  return (out ? segments[out].address : 0) + offset;
}

EntityRef Link::add_synthetic_function(std::string name, SignatureId signature) {
  SyntheticFunction function;
  function.name = std::move(name);
  function.signature = signature;
  function.live = !options.gc();
  synthetic_functions.push_back(std::move(function));
  return EntityRef::synthetic(synthetic_functions.size() - 1);
}

void Link::set_body(SyntheticFunction& function, Bytes body) {
  auto begin = static_cast<uint32_t>(synthetic_code.size());
  synthetic_code.uleb(body.size());
  synthetic_code.append(body);
  function.body = {begin, static_cast<uint32_t>(synthetic_code.size()) - begin};
}

uint32_t Link::add_type(SignatureId signature) {
  if (signature.row >= type_of_signature.size()) type_of_signature.resize(session.signatures.size(), none32);
  uint32_t& type = type_of_signature[signature.row];
  if (type == none32) {
    type = static_cast<uint32_t>(types.size());
    types.push_back(signature);
  }
  return type;
}

} // namespace weld
