// A session owns everything that outlives a link: the string pool, the inputs as they were parsed, and what
// the last link found out. A link reads the inputs and never changes what was parsed; linking again after an
// edit parses only what is new.
//
//   Session session;
//   session.add("a.o", FileBytes::copy(bytes));
//   LinkResult result = session.link(options);
#pragma once

#include "core/link/context.h"
#include "core/link/input_store.h"
#include "core/link/options.h"
#include "core/link/result.h"
#include "core/session/saved_link.h"

namespace weld {

struct LinkState; // what a link leaves for the next one: core/link/relink.h
struct LiveLink;  // core/link/patch/instance.h
struct LivePatch;
struct LiveProgram;

class Session : public InputStore {
  friend class Snapshot;

public:
  Session();
  ~Session();

  // --- edits: those of the store, which also say what becomes of the last link
  InputId add(std::string path, FileBytes file, InputFlags flags = {}, const ThinMember& thin_member = {});
  void add_all(std::vector<NewInput> files, const ThinMember& thin_member = {});
  InputId add_unit(std::string name, bool is_64 = false);
  // Puts other bytes in an input's place, of any kind. False when they are malformed, which is reported: then
  // the input stays what it was.
  bool replace(InputId id, FileBytes file, const ThinMember& thin_member = {});
  void remove(InputId id);
  void set_order(Vector<InputId> order);
  void clear(); // forgets everything

  // Links the inputs in their order. What is reported is in `diagnostics` until it is cleared.
  LinkResult link(const Options& options, const AllocateOutput& allocate_output = {});

  // With Options::live: makes a patch of the program that the last link made, which has the edits since then, or says why only a
  // new program can have them and links that instead. `state`: what the program's global `state` has; without it, the last patch
  // counts as applied. False when the link failed.
  // Links before the first patch must be told to keep what they know of their program.
  void keep_programs();
  LinkResult patch(const Options& options, LivePatch& patch, std::optional<uint64_t> state = {},
                   const AllocateOutput& allocate_output = {});
  // What is known of the running program, for another process. What was given out last counts as used. Empty: there is none.
  Vector<uint8_t> save_program();
  // False when the bytes are no such program.
  bool load_program(Bytes bytes, const Options& options);

  // Called when a phase of a link begins.
  std::function<void(const char* name)> on_phase;
  // Where Options::validate asks. Without an engine nothing is asked.
  Engine engine;
  // Where Options::source_map_content finds sources; without it, it finds none.
  ReadSource read_source;
  // Keep what a link found out, so that the next one can be made from it when little has changed. Costs about
  // the memory of the inputs. The output of a link is then good until the next edit or link.
  bool keeps_links = false;

private:
  LinkResult link(const Options& options, const AllocateOutput& allocate_output, LiveLink* live);
  LinkResult link_live(const Options& options, const AllocateOutput& allocate_output);
  const char* link_from_last(const Options& options, const LiveLink* live, LinkResult& result);
  void forget_links(const char* why);
  void collect_names();
  void validate_again(LinkResult& result);

  bool may_relink() const { return last_ || !saved_link_.empty(); }
  bool read_saved_link(const Options& options);

  std::unique_ptr<LinkState> last_;
  const char* why_full_ =
      "nothing was linked before"; // when there is no link that the next could be made from
  SavedLink saved_link_;           // stands for last_ until the first link after a snapshot was restored
  std::vector<ReplacedObject> replaced_; // since the last link

  // Set by keep_programs, so that who makes no patches does not have what makes them.
  LinkResult (Session::*link_live_)(const Options& options, const AllocateOutput& allocate_output) = nullptr;
  std::unique_ptr<LiveProgram, void (*)(LiveProgram*)> program_{nullptr, nullptr};
};

} // namespace weld
