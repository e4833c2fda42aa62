// What a link is asked to do, and what it works on.
#pragma once

#include "core/link/engine.h"
#include "core/link/input_store.h"
#include "core/link/options.h"
#include "core/link/result.h"

namespace weld {

struct Link;
struct LiveLink; // patch/instance.h

// Gives the text of a source file, for Options::source_map_content. False: there is no such file.
using ReadSource = std::function<bool(const std::string& path, FileBytes& text)>;

struct LinkRequest {
  InputStore& store;
  const Options& options; // finished: finish_options
  const AllocateOutput& allocate_output;
  // Called when a phase begins; may be empty.
  const std::function<void(const char* name)>& on_phase;
  bool keeps_links = false;    // the next link is to be made from this one
  Engine engine;               // for Options::validate; may be empty
  ReadSource read_source = {}; // may be empty
  // For tests, in debug builds: called after each phase, to change what is fixed.
  std::function<void(std::string_view phase, Link& link)> spoil = {};
  LiveLink* live = nullptr;  // with Options::live; null: nothing will be patched
  bool has_contents = false; // units were asked for contents: this is the second half of such a link
  bool is_tight = false;     // the memory is too small for what comes later: no room is left
};

// The same for every phase.
struct LinkContext {
  LinkContext(InputStore& s, const Options& o)
      : store(s), options(o), errors_before(s.diagnostics.error_count()) {}

  InputStore& store; // a phase parses members of archives and interns names; it changes nothing else there
  const Options& options;
  const uint32_t errors_before; // of the session, when this link began
  bool is_64 = false;           // options.is_64, or as the first object
  bool keeps_edges = false;     // the next link wants to know what made things alive
  bool leaves_room = false;     // the next link may have more functions and data in the same output
  uint32_t excused_errors = 0;  // of this link: more is to be found out before they end it

  Diagnostics& diagnostics() const { return store.diagnostics; }
  bool failed() const { return store.diagnostics.error_count() > errors_before + excused_errors; }
  StringId intern(std::string_view text) const { return store.strings.intern(text); }
  std::string_view text(StringId id) const { return store.strings.text(id); }
};

} // namespace weld
