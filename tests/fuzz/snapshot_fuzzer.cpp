// A snapshot that is not as it was saved: restored or linked, it is refused, or it gives what was saved;
// never a crash, a hang, or a report by the sanitizers. The input is a list of edits of a good snapshot (six
// bytes each: where, what, and how much is left), so that the fuzzer gets beyond the magic number; or, when
// it begins with a snapshot's magic number or is shorter than an edit, a file of its own.
#include "core/session/snapshot.h"
#include "tests/unit/fetch_from.h"
#include "tests/unit/small_objects.h"

#include <cstdlib>

using namespace weld;

namespace {

Options options_that_export(const char* name) {
  Options o;
  o.output_name = "out.wasm";
  o.entry = "";
  o.exports = {name};
  return o;
}

struct Good {
  Vector<uint8_t> snapshot, f, h; // modules that export these

  Good() {
    Session session;
    session.keeps_links = true; // the last link is saved as well
    add_to(session, "a.o", {.functions = {{"f", 0, {"g"}}}, .segments = {{".data.x", "xyz", 0, "x"}}});
    session.add("l.a", FileBytes::copy(archive_of({{"g.o", SmallObject{.functions = {{"g"}}}.build()},
                                                   {"h.o", SmallObject{.functions = {{"h"}}}.build()}},
                                                  {"g", "h"})));
    f = link(session, "f");
    snapshot = save_session(session);
    h = link(session, "h");
    if (f.empty() || h.empty() || snapshot.empty()) std::abort();
  }

  static Vector<uint8_t> link(Session& session, const char* name) {
    session.diagnostics.clear();
    Options o = options_that_export(name);
    if (!finish_options(o, session.diagnostics)) std::abort();
    LinkResult result = session.link(o);
    if (!result.ok && session.diagnostics.error_count() == 0) std::abort(); // failed without saying why
    return Vector<uint8_t>(result.output);
  }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Good good;
  Vector<uint8_t> snapshot(data, data + size);
  if (size >= 6 && std::memcmp(data, "weld", 4) != 0) {
    snapshot = good.snapshot;
    for (size_t i = 0; i + 6 <= size && !snapshot.empty(); i += 6) {
      const size_t where = read_le<uint16_t>(data + i), left = read_le<uint16_t>(data + i + 4);
      uint8_t& byte = snapshot[where % snapshot.size()];
      byte = static_cast<uint8_t>(byte ^ data[i + 2]);
      if (data[i + 3] & 1) snapshot.resize(left % (snapshot.size() + 1));
    }
  }
  for (bool piece_by_piece : {false, true}) {
    Session session;
    session.keeps_links = true;
    // A copy of its own, so that the sanitizer sees every read beyond it.
    FileBytes buffer = piece_by_piece ? without_content(snapshot) : FileBytes::copy(snapshot);
    FetchContent fetch;
    if (piece_by_piece) fetch = fetch_from(snapshot, buffer);
    if (!restore_session(session, std::move(buffer), std::move(fetch))) {
      if (session.diagnostics.error_count() != 1) std::abort();
      continue;
    }
    const auto f = Good::link(session, "f"), h = Good::link(session, "h");
    if ((!f.empty() && f != good.f) || (!h.empty() && h != good.h)) std::abort();
    if (save_session(session).empty() && session.diagnostics.error_count() == 0) std::abort();
  }
  return 0;
}
