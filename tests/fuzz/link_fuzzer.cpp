// A whole link of whatever bytes come: never a crash, a hang, or a report by the sanitizers. The input is a
// few options and up to four files, split at a marker, and behind them the kind of link, if it is no plain one. A link
// that succeeds is linked again and must give the same bytes.
#include "core/session/session.h"
#include "tests/fuzz/keep_output.h"

#include <cstdlib>

using namespace weld;

namespace {

// Parts are separated by "WELD".
std::vector<Bytes> split(Bytes data) {
  std::vector<Bytes> files;
  std::string_view text = as_text(data);
  while (files.size() < 5) {
    size_t at = text.find("WELD");
    files.push_back(as_bytes(text.substr(0, at)));
    if (at == text.npos) break;
    text.remove_prefix(at + 4);
  }
  return files;
}

Options options_from(uint8_t a, uint8_t b) {
  Options o;
  o.output_name = "out.wasm";
  o.entry = "";
  o.compat = a & 1 ? Compat::Lld19 : Compat::Weld;
  o.gc_sections = (a & 2) == 0;
  o.export_all = a & 4;
  o.optimize = a & 8 ? 0 : 1;
  if (a & 16) o.import_memory = {"env", "memory"};
  if (a & 32) o.unresolved = UnresolvedPolicy::Ignore;
  o.import_undefined = a & 64;
  // With debug information, as long as it is not stripped.
  o.compress_relocations = !(a & 1) && (a & 16);
  o.fold_functions = a & 64;
  o.source_map = !(a & 1);
  o.source_map_ignored = {"/lib"};
  o.separate_debug = !(a & 1) && (b & 16);
  o.check_features = (a & 128) == 0;
  o.strip_all = b & 1;
  o.merge_data_segments = (b & 2) == 0;
  o.export_table = b & 4;
  o.export_dynamic = (b & 8) != 0;
  o.print_gc_sections = b & 16;
  if (b & 32) o.wrap = {"f", "malloc"};
  o.demangle = (b & 64) == 0;
  if (b & 128) o.undefined = {"f", "_start"};
  return o;
}

void set_kind(Options& o, uint8_t kind) {
  switch (kind & 15) {
  case 1: o.shared = o.experimental_pic = true; break;
  case 2: o.pie = o.experimental_pic = true; break;
  case 3:
    o.shared_memory = true;
    o.max_memory = 1 << 24;
    break;
  case 4: o.relocatable = true; break;
  case 5: o.emit_relocs = true; break;
  case 6: o.optimize_size = o.compress_relocations = o.fold_functions = o.fold_all = true; break;
  case 7: o.live = LiveKind::All; break;
  case 8: o.cooperative_threading = true; break;
  case 9: // what a loader may override, folded
    o.shared = o.experimental_pic = o.optimize_size = o.compress_relocations = true;
    o.fold_functions = o.fold_all = true;
    break;
  case 10: o.cooperative_threading = o.optimize_size = o.compress_relocations = true; break;
  case 11:
    o.shared = o.experimental_pic = o.shared_memory = true;
    o.max_memory = 1 << 24;
    break;
  default: break;
  }
  switch (kind >> 4 & 3) {
  case 1: o.compat = Compat::Lld22; break;
  case 2: o.compat = Compat::Lld23; break;
  default: break;
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  Session session;
  Options options = options_from(data[0], data[1]);
  uint8_t flags = data[2];
  bool added = true;
  uint32_t n = 0;
  std::vector<Bytes> files = split(Bytes(data, size).subspan(3));
  if (files.size() > 1 && files.back().size() == 1) {
    set_kind(options, files.back()[0]);
    files.pop_back();
  }
  for (Bytes file : files) {
    InputFlags input_flags;
    input_flags.whole_archive = flags & (1 << n);
    input_flags.lazy = flags & (16 << n);
    // A copy of its own, so that the sanitizer sees every read beyond it.
    added &= bool(session.add("input" + std::to_string(n++), FileBytes::copy(file), input_flags));
  }
  if (!finish_options(options, session.diagnostics)) return 0;
  LinkResult first = session.link(options);
  for (const Diagnostic& d : session.diagnostics.rows()) {
    render(d, DiagnosticStyle::Weld, Demangling::Llvm22);
    render(d, DiagnosticStyle::Lld, Demangling::None);
  }
  if (!first.ok && session.diagnostics.error_count() == 0) std::abort(); // failed without saying why
  if (!first.ok || !added) return 0;
  // Engines do not read objects, whose names are as the inputs have them.
  if (!options.relocatable) keep_output(session, first.output);
  session.diagnostics.clear();
  LinkResult second = session.link(options);
  if (!second.ok || second.output != first.output) std::abort();
  if (second.source_map != first.source_map || second.debug_file != first.debug_file) std::abort();
  return 0;
}
