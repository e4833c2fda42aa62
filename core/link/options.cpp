#include "core/link/options.h"

#include "core/wasm/format.h"

namespace weld {

bool finish_options(Options& o, Diagnostics& diagnostics) {
  bool derived = derive_options(o, diagnostics);
  return check_options(o, diagnostics) && derived;
}

bool derive_options(Options& o, Diagnostics& diagnostics) {
  uint32_t errors_before = diagnostics.error_count();
  auto refuse = [&](const char* text) { diagnostics.report(DiagnosticId::bad_option, {text}); };

  if (o.max_memory && o.no_growable_memory) refuse("--max-memory is incompatible with --no-growable-memory");
  if (o.compat == Compat::Lld14 && o.stack_comes_first()) o.global_base = 0; // which it ignores then
  if (o.fold_functions && (o.relocatable || o.emit_relocs)) {
    diagnostics.report(DiagnosticId::option_warning, {"--icf does nothing with -r or --emit-relocs"});
    o.fold_functions = false;
  }
  if (o.optimize_size && !o.relocatable && !o.compress_relocations)
    diagnostics.report(
        DiagnosticId::option_warning,
        {"-Oz leaves code as it is with --emit-relocs or debug information: pass --strip-debug"});
  if (!o.entry) o.entry = o.relocatable ? "" : o.shared ? "__wasm_call_ctors" : "_start";

  if (o.cooperative_threading && o.shared_memory)
    refuse("--cooperative-threading is incompatible with --shared-memory");

  if (o.is_pic()) {
    if (o.export_table) refuse("-shared/-pie is incompatible with --export-table");
    o.import_table = true;
  } else {
    if (!o.table_base) o.table_base = 1; // slot 0 stays null
    if (!o.global_base && !o.relocatable && !o.stack_comes_first()) o.global_base = 1024;
  }
  if (o.relocatable) {
    if (o.export_table) refuse("--relocatable is incompatible with --export-table");
    if (o.growable_table) refuse("--relocatable is incompatible with --growable-table");
    o.import_table = true;
  }
  if (o.shared) {
    if (o.export_memory) refuse("--export-memory is incompatible with --shared");
    if (!o.import_memory) o.import_memory = {std::string(default_module), std::string(memory_name)};
  }
  // Whoever starts a thread looks for its function in the table.
  if (o.cooperative_threading && !o.import_table) o.export_table = true;
  if (!o.export_memory && !o.import_memory) o.export_memory = std::string(memory_name);

  return diagnostics.error_count() == errors_before;
}

bool check_options(const Options& o, Diagnostics& diagnostics, bool output_name_required) {
  uint32_t errors_before = diagnostics.error_count();
  auto refuse = [&](const char* text) { diagnostics.report(DiagnosticId::bad_option, {text}); };
  auto warn = [&](const char* text) { diagnostics.report(DiagnosticId::option_warning, {text}); };

  if (o.compress_relocations && o.keeps_debug() && o.like_lld()) // weld's own links rewrite it: rewrite_dwarf
    refuse(
        "--compress-relocations is incompatible with output debug information. Please pass --strip-debug or "
        "--strip-all");
  if (o.is_live()) {
    // Patches have final numbers, and each function of the program on its own.
    const std::pair<bool, const char*> others[] = {
        {o.relocatable, "-r"},
        {o.shared, "-shared"},
        {o.pie, "-pie"},
        {o.emit_relocs, "--emit-relocs"},
        {o.shared_memory, "--shared-memory"},
        {o.cooperative_threading, "--cooperative-threading"},
        {o.is_wasm64(), "-m wasm64"},
        {o.fold_functions, "--icf"},
        {o.optimize_size, "-Oz"},
        {o.compress_relocations, "--compress-relocations"},
        {o.unresolved == UnresolvedPolicy::ImportDynamic, "--unresolved-symbols=import-dynamic"}};
    for (const auto& [is_set, name] : others)
      if (is_set) refuse((std::string("--live may not be used with ") + name).c_str());
  }
  if (o.separate_debug && (o.relocatable || o.emit_relocs))
    refuse("--separate-dwarf may not be used with -r or --emit-relocs: relocations belong to the debug "
           "information");
  if (o.source_map && o.relocatable)
    warn("--source-map does nothing with -r: the code of an object has no place yet");
  if (o.compress_relocations && o.keeps_debug() && o.emit_relocs && !o.like_lld())
    refuse("--compress-relocations and --emit-relocs may be used together only with --strip-debug or "
           "--strip-all");
  if (o.pie && o.shared) refuse("-shared and -pie may not be used together");
  if (output_name_required && o.output_name.empty()) diagnostics.report(DiagnosticId::no_output_file);
  if (o.import_table && o.export_table) refuse("--import-table and --export-table may not be used together");

  if (o.relocatable) {
    if (!o.entry->empty()) refuse("entry point specified for relocatable output file");
    if (o.gc()) refuse("-r and --gc-sections may not be used together");
    if (o.compress_relocations) refuse("-r -and --compress-relocations may not be used together");
    if (!o.undefined.empty()) refuse("-r -and --undefined may not be used together");
    if (o.shared) refuse("-r and -shared may not be used together");
    if (o.pie) refuse("-r and -pie may not be used together");
    if (o.shared_memory) refuse("-r and --shared-memory may not be used together");
    if (o.global_base) refuse("-r and --global-base may not by used together");
  }
  if (!o.experimental_pic && !o.after_lld_22()) {
    if (o.shared) warn("creating shared libraries, with -shared, is not yet stable");
    if (o.pie) warn("creating PIEs, with -pie, is not yet stable");
    if (o.unresolved == UnresolvedPolicy::ImportDynamic)
      warn("dynamic imports are not yet stable (--unresolved-symbols=import-dynamic)");
  }
  if (o.bsymbolic && !o.shared) warn("-Bsymbolic is only meaningful when combined with -shared");
  if (o.is_pic()) {
    if (o.global_base) refuse("--global-base may not be used with -shared/-pie");
    if (o.table_base) refuse("--table-base may not be used with -shared/-pie");
  }
  return diagnostics.error_count() == errors_before;
}

} // namespace weld
