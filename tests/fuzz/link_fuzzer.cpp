// A whole link of whatever bytes come: never a crash, a hang, or a report by the sanitizers. The input is a
// few options and up to four files, split at a marker. A link that succeeds is linked again and must give the
// same bytes.
#include "core/session/session.h"
#include "tests/fuzz/keep_output.h"

#include <cstdlib>

using namespace weld;

namespace {

// Files are separated by "WELD" and an option byte each.
std::vector<Bytes> split(Bytes data) {
  std::vector<Bytes> files;
  std::string_view text = as_text(data);
  while (files.size() < 4) {
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

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  Session session;
  Options options = options_from(data[0], data[1]);
  uint8_t flags = data[2];
  bool added = true;
  uint32_t n = 0;
  for (Bytes file : split(Bytes(data, size).subspan(3))) {
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
  keep_output(session, first.output);
  session.diagnostics.clear();
  LinkResult second = session.link(options);
  if (!second.ok || second.output != first.output) std::abort();
  if (second.source_map != first.source_map || second.debug_file != first.debug_file) std::abort();
  return 0;
}
