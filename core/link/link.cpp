#include "core/link/link.h"

#include "core/base/function_ref.h"
#include "core/base/hash.h"
#include "core/link/debug/source_map.h"
#include "core/link/fences.h"
#include "core/link/patch/instance.h"
#include "core/link/relink.h"
#include "core/link/resolve/late_names.h"
#include "core/link/write/output_plan.h"
#include "core/link/write/validate_output.h"

#include <cassert>
#include <chrono>

namespace weld {

namespace {

// Runs phases one after the other, until one reports an error.
class PhaseRunner {
public:
  PhaseRunner(const LinkRequest& request, Link& link, LinkStats& stats)
      : request_(request), link_(link), stats_(stats) {}

  void operator()(const char* name, FunctionRef<void()> run) {
    if (link_.failed()) return;
    if (request_.on_phase) request_.on_phase(name);
    const auto begin = Clock::now();
    run();
    const std::chrono::duration<double, std::milli> time = Clock::now() - begin;
    stats_.phases.emplace_back(name, time.count());
#ifndef NDEBUG
    if (request_.spoil) request_.spoil(name, link_);
    if (const char* what = fences_.broken(link_)) {
      std::fprintf(stderr, "%s changed %s, which an earlier phase has fixed\n", name, what);
      std::abort();
    }
#endif
  }

  // From here on no phase changes these states. Debug builds check that after each phase.
  template <class... States>
  void fix([[maybe_unused]] const States&... states) {
#ifndef NDEBUG
    if (!link_.failed()) fences_.freeze(states...);
#endif
  }

private:
  using Clock = std::chrono::steady_clock;
  const LinkRequest& request_;
  Link& link_;
  LinkStats& stats_;
  [[maybe_unused]] Fences fences_;
};

void finish_result(const LinkRequest& request, const Link& link, LinkResult& result) {
  result.ok = !link.failed();
  if (!result.ok) {
    result.output = {};
    result.debug_file = {};
  }
  result.stats.objects = static_cast<uint32_t>(link.object_order.size());
  for (InputId id : request.store.order())
    result.stats.input_bytes += request.store.inputs[id].file.bytes().size();
  result.stats.output_bytes = result.output.size();
  if (!link.options.why_extract) return;
  result.why_extract = "reference\textracted\tsymbol\n";
  for (const WhyExtract& why : link.why_extract) {
    result.why_extract += why.reference + '\t' + link.file_of(why.extracted) + '\t' +
                          display_name(link.name_of(why.symbol), link.options.demangling()) + '\n';
  }
}

// Into the last global, behind which there is only an `end`: a hash of the output.
void write_live_id(Link& link, const OutputPlan& plan, OutputBytes& output) {
  constexpr unsigned width = 10;
  link.live_id = xxh3_64(output);
  for (const OutSection& section : plan.sections)
    if (section.kind == SectionKind::Global)
      write_padded_sleb(output.data() + section.offset + section.payload_size - 1 - width,
                        static_cast<int64_t>(link.live_id), width);
}

// From the beginning, with something that was found out. What was said is said again.
std::unique_ptr<LinkState> link_again(const LinkRequest& second, size_t diagnostics_before,
                                      LinkResult& result) {
  Diagnostics& diagnostics = second.store.diagnostics;
  const std::vector<Diagnostic> kept(diagnostics.rows().begin(),
                                     diagnostics.rows().begin() + static_cast<ptrdiff_t>(diagnostics_before));
  diagnostics.clear();
  for (const Diagnostic& diagnostic : kept) diagnostics.append(diagnostic);
  second.store.forget_failures();
  result.stats = {};
  return link_inputs(second, result);
}

} // namespace

// The linker, in order. A phase reads the states of the stages before it, and fills its own.
std::unique_ptr<LinkState> link_inputs(const LinkRequest& request, LinkResult& result) {
  auto state = std::make_unique<LinkState>(request.store, request.options);
  Link& link = state->link;
  OutputPlan& plan = state->plan;
  const Options& o = link.options;
  const size_t diagnostics_before = link.diagnostics().rows().size();
  const LiveLink* live = o.is_live() ? request.live : nullptr;
  const bool keeps = request.keeps_links && (live ? can_patch_again(o) : can_relink(o));
  link.keeps_edges = keeps;
  state->wants_room = keeps && request.store.leaves_room() && can_leave_room(o);
  link.leaves_room = state->wants_room && !request.is_tight;
  LateNames names(link);
  PhaseRunner phase(request, link, result.stats);

  // What a compiler edited since the last link becomes tables like an object's.
  phase("build_units", [&] {
    if (!request.has_contents) request.store.forget_late_content();
    request.store.build_units(true, link.leaves_room);
  });
  // The linker's own names exist before any input is read, so that inputs that mention them find them.
  phase("declare_synthetics", [&] { declare_synthetics(link); });
  // Give every name a meaning, extracting archive members to a fixed point.
  phase("resolve_symbols", [&] { resolve_symbols(link); });
  // From here on no object is added.

  // Optional names (__heap_base, ...) exist only if an input mentions them, so all inputs are read first.
  phase("define_synthetics", [&] { define_synthetics(link); });
  // A call through a wrong signature would make the module invalid. Each caller gets its own variant of the name, and
  // one of them is the definition.
  phase("check_symbols", [&] { check_symbols(link); });
  // Forced exports, weak references that nothing defines, the function table.
  phase("settle_symbols", [&] { settle_symbols(link); });
  phase.fix(static_cast<const Resolved&>(link));
  // From here on what names mean is fixed, but for the linker's own that come late (late_names.h).

  // Keep what roots reach. "Keep everything" is a flag on every entity, not another path.
  phase("mark_live", [&] { mark_live(link, link); });
  phase.fix(static_cast<const Liveness&>(link));
  // From here on what is alive is fixed.

  // Data of units may list what is alive. With that content the units have other tables, so the link begins again. The
  // content keeps nothing alive, so the same is alive then.
  if (!request.has_contents && request.store.has_late_data()) {
    phase("ask_contents", [&] { ask_contents(link, request.store); });
    if (link.failed()) return nullptr;
    LinkRequest second = request;
    second.has_contents = true;
    return link_again(second, diagnostics_before, result);
  }
  // Equal constants become one before anything has an address.
  if (o.folds_data()) phase("fold_data", [&] { fold_data(link, link); });
  // Group live segments by output name. Merged strings decide sizes, so they come before addresses.
  phase("merge_strings", [&] { merge_strings(link, link, link); });
  // The data that is used most gets the smallest addresses.
  if (o.packs_data()) phase("order_data", [&] { order_data(link, link); });
  const bool had_failed = link.failed();
  phase("layout_memory", [&] { layout_memory(link, names, link); });
  // A memory of a given size may be too small for room, and not for the program.
  if (link.leaves_room && !had_failed && link.failed()) {
    LinkRequest second = request;
    second.is_tight = true;
    return link_again(second, diagnostics_before, result);
  }
  // Features say how segments can be written, and so which of them have to become one.
  phase("check_features", [&] { check_features(link, link); });
  phase.fix(static_cast<const Layout&>(link));
  // From here on addresses are fixed.

  // Live relocations say which imports, table slots, GOT entries and types are needed, and what is undefined.
  phase("scan_relocs", [&] {
    scan_relocs(link, names, link);
    link.excused_errors = 0;
  });
  // It is known which functions may be called through the table. All calls of the other functions are known.
  if (o.drops_parameters()) phase("drop_parameters", [&] { drop_parameters(link, link); });
  // All that functions refer to is fixed, except for the functions themselves.
  if (o.fold_functions) phase("fold_functions", [&] { fold_functions(link, link, link); });
  phase("assign_indices", [&] { assign_indices(link, names, link); });
  phase("collect_exports", [&] { collect_exports(link, link, link); });
  phase.fix(static_cast<const Needs&>(link), static_cast<const Reduction&>(link),
            static_cast<const Indices&>(link));
  // From here on indices are fixed.

  // The running program has its own addresses and slots, so that little else of this link matters to a patch.
  if (live && live->running && live->patch && live->patch->restart.empty()) {
    phase("make_patch", [&] { state->live_view = live->make(link, *live->running, *live->patch); });
    if (link.failed() || live->patch->restart.empty()) {
      finish_result(request, link, result);
      state->remember(diagnostics_before);
      return result.ok && keeps ? std::move(state) : nullptr;
    }
  }

  phase("write_synthetic_code", [&] { write_synthetic_code(link, link); });
  // Runs of zeros need no bytes. Whether a byte is zero is known only with addresses and table slots.
  if (o.packs_data()) phase("pack_data", [&] { pack_data(link, link); });
  // Where code shrinks, debug information must follow. Line number programs shrink with it.
  if (o.compress_relocations && o.keeps_debug())
    phase("rewrite_dwarf", [&] { rewrite_dwarf(link, link, link); });
  // All but the places of functions is known that debug information of units says.
  if (link.has_units && o.keeps_debug()) phase("describe_units", [&] { describe_units(link, link, link); });
  // Every size is known before a byte is written. The output is allocated once and written front to back.
  phase("size_sections", [&] { size_sections(link, link, plan); });
  phase("write_module", [&] {
    const auto size = static_cast<size_t>(plan.size);
    if (keeps && !live) { // patches are not made from an output
      state->output.resize(size);
      result.output = OutputBytes(state->output.data(), size);
    } else {
      result.output = request.allocate_output ? request.allocate_output(size) : OutputBytes(size);
    }
    write_module(link, plan, result.output);
  });
  // What tells the program from others, of which patches are not for this one.
  if (o.is_live()) phase("write_live_id", [&] { write_live_id(link, plan, result.output); });
  if (live) phase("note_instance", [&] { state->live_view = live->note(link, *live->fresh); });
  // What links, but will hardly do what was meant.
  phase("check_output", [&] {
    check_output(link);
    check_limits(link, plan, Bytes(result.output.data(), result.output.size()));
  });
  // The engine knows what the linker does not look at: whether values have the types that code needs.
  if (o.validate && request.engine)
    phase("validate_output", [&] { validate_output(link, plan, result.output, request.engine); });
  // The lines of the code that is in the output, at the offsets that it has there.
  if (o.makes_source_map())
    phase("write_source_map", [&] { write_source_map(link, plan, request.read_source, result.source_map); });
  if (o.map) phase("write_map", [&] { write_map(link, plan, result.map); });
  if (o.metafile) phase("write_metafile", [&] { write_metafile(link, plan, result.metafile); });
  // A hash of everything else, so it is the last thing to be written.
  if (plan.build_id_size) phase("write_build_id", [&] { write_build_id(o, plan, result.output); });
  // It has the module's id, so that tools know what belongs together.
  if (o.separate_debug)
    phase("write_debug_file", [&] {
      result.debug_file = OutputBytes(static_cast<size_t>(plan.debug_file_size));
      write_debug_file(link, plan, result.output, result.debug_file);
    });

  finish_result(request, link, result);
  state->remember(diagnostics_before);
  plan.encoded = {}; // the output has it, which is in the state
  return result.ok && keeps ? std::move(state) : nullptr;
}

} // namespace weld
