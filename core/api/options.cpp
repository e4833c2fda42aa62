// The options of the public face as those of the inside. tests/embed/embed.test.mjs finds one that is missing here.
#include "core/api/state.h"

namespace weld::api {

namespace {

DiagnosticId find_id(std::string_view code) {
  for (uint16_t i = 0; i < static_cast<uint16_t>(DiagnosticId::count); i++)
    if (diagnostic_code(static_cast<DiagnosticId>(i)) == code) return static_cast<DiagnosticId>(i);
  return DiagnosticId::count;
}

} // namespace

// Values are handed over by number.
static_assert(static_cast<int>(Compat::Lld23) == static_cast<int>(weld::Compat::Lld23));
static_assert(static_cast<int>(Unresolved::ImportDynamic) == static_cast<int>(UnresolvedPolicy::ImportDynamic));
static_assert(static_cast<int>(Live::All) == static_cast<int>(LiveKind::All));
static_assert(static_cast<int>(BuildId::Hex) == static_cast<int>(BuildIdKind::Hex));
static_assert(static_cast<int>(Severity::Message) == static_cast<int>(weld::Severity::Message));

bool to_inside(const Options& from, weld::Options& to, Diagnostics& diagnostics) {
#define WELD_SAME(option) to.option = from.option
  WELD_SAME(output_name);
  WELD_SAME(soname);
  WELD_SAME(relocatable);
  WELD_SAME(shared);
  WELD_SAME(pie);
  WELD_SAME(emit_relocs);
  WELD_SAME(strip_all);
  WELD_SAME(strip_debug);
  WELD_SAME(keep_sections);
  WELD_SAME(compress_relocations);
  WELD_SAME(fold_functions);
  WELD_SAME(fold_all);
  WELD_SAME(optimize_size);
  WELD_SAME(live_room);
  WELD_SAME(demangle);
  WELD_SAME(optimize);
  WELD_SAME(merge_data_segments);
  WELD_SAME(runtime_paths);
  WELD_SAME(entry);
  WELD_SAME(exports);
  WELD_SAME(exports_if_defined);
  WELD_SAME(export_all);
  WELD_SAME(export_dynamic);
  WELD_SAME(exclude_libs);
  WELD_SAME(export_table);
  WELD_SAME(import_table);
  WELD_SAME(growable_table);
  WELD_SAME(export_memory);
  WELD_SAME(import_memory);
  WELD_SAME(import_undefined);
  WELD_SAME(allow_undefined);
  WELD_SAME(undefined);
  WELD_SAME(wrap);
  WELD_SAME(allow_multiple_definition);
  WELD_SAME(noinhibit_exec);
  WELD_SAME(stack_first);
  WELD_SAME(stack_size);
  WELD_SAME(global_base);
  WELD_SAME(initial_heap);
  WELD_SAME(initial_memory);
  WELD_SAME(max_memory);
  WELD_SAME(no_growable_memory);
  WELD_SAME(shared_memory);
  WELD_SAME(cooperative_threading);
  WELD_SAME(max_function_body_size);
  WELD_SAME(page_size);
  WELD_SAME(table_base);
  WELD_SAME(is_64);
  WELD_SAME(bsymbolic);
  WELD_SAME(experimental_pic);
  WELD_SAME(shlib_sigcheck);
  WELD_SAME(check_features);
  WELD_SAME(features);
  WELD_SAME(extra_features);
  WELD_SAME(gc_sections);
  WELD_SAME(print_gc_sections);
  WELD_SAME(trace);
  WELD_SAME(verbose);
  WELD_SAME(trace_symbols);
  WELD_SAME(why_extract);
  WELD_SAME(map);
  WELD_SAME(metafile);
  WELD_SAME(source_map);
  WELD_SAME(source_map_url);
  WELD_SAME(source_map_root);
  WELD_SAME(source_map_prefixes);
  WELD_SAME(source_map_content);
  WELD_SAME(source_map_ignored);
  WELD_SAME(separate_debug);
  WELD_SAME(debug_file_url);
  WELD_SAME(fatal_warnings);
  WELD_SAME(error_limit);
#undef WELD_SAME
  to.compat = static_cast<weld::Compat>(from.compat);
  to.live = static_cast<LiveKind>(from.live);
  to.unresolved = static_cast<UnresolvedPolicy>(from.unresolved);
  to.build_id = static_cast<BuildIdKind>(from.build_id);
  to.build_id_bytes.assign(from.build_id_bytes);
  bool ok = true;
  auto add_override = [&](const std::string& code, weld::Severity severity) {
    const DiagnosticId id = find_id(code);
    if (id == DiagnosticId::count) {
      diagnostics.report(DiagnosticId::bad_option, {"there is no message `" + code + "`"});
      ok = false;
    } else {
      to.log_overrides.push_back({id, severity});
    }
  };
  for (const auto& [code, severity] : from.log_overrides)
    add_override(code, static_cast<weld::Severity>(severity));
  for (const std::string& code : from.silenced) add_override(code, weld::Severity::Silent);
  if (to.build_id == BuildIdKind::Uuid && to.build_id_bytes.size() != uuid_size) {
    diagnostics.report(DiagnosticId::bad_option,
                       {"a uuid needs 16 random bytes: the linker has no source of them"});
    ok = false;
  }
  return finish_options(to, diagnostics) && ok;
}

} // namespace weld::api
