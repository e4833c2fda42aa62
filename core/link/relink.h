// Making a link from the one before, when little has changed: core/session/README.md has the conditions.
#pragma once

#include "core/base/vector.h"
#include "core/link/write/output_plan.h"
#include "core/link/write/reloc_value.h"

#include <memory>

namespace weld {

struct LiveLink; // patch/instance.h
struct LiveView; // patch/live_values.h

// What a link leaves for the next one, and its output.
struct LinkState {
  LinkState(InputStore& store, const Options& o);
  ~LinkState();

  // Keeps the diagnostics from this row on, if they are true of every link that is made from this one.
  void remember(size_t first_diagnostic);

  const Options options;
  Link link;
  OutputPlan plan;
  Vector<uint8_t> output;
  SymbolValues values; // once they are needed
  bool has_values = false;
  Vector<uint32_t> rewritten; // rows of Indices::functions whose bodies the last relink changed
  // Where room is left: rows of Indices::functions that traps have since their functions were removed, traps that are in no
  // row, and rows of Needs::table_functions that nothing refers to.
  Vector<uint32_t> free_functions;
  Vector<SyntheticFunctionId> free_traps;
  Vector<uint32_t> free_slots;
  // What units have defined since, for all. To the link it is local, so its own table of names does not have these.
  struct GrownName {
    StringId name;
    ObjectSymbolId symbol;
  };
  Vector<GrownName> grown_names;
  bool wants_room = false;             // room was to be left; Link::leaves_room says whether it was
  bool is_reusable = false;            // it said nothing that contents of objects could change
  Diagnostics said;                    // what it said: to be said again
  std::shared_ptr<LiveView> live_view; // of a link with Options::live, for patches. It refers to `link`
};

// Whether outputs of this kind can be changed in place.
bool can_relink(const Options& options);
// Likewise with Options::live: whether a patch can be made from the link before.
bool can_patch_again(const Options& options);
// Whether there can be room in them for what comes later.
bool can_leave_room(const Options& options);

// Whether what a link said is true of every link that is made from it.
bool stays_true(DiagnosticId id);

// Makes the output of the objects that now stand in place of `replaced`, and of units whose contents were edited, from the
// output before. Null when the result is what a link of everything gives; else why that cannot be told. Then `state` is of
// no use any more.
const char* relink(LinkState& state, const Options& options, std::span<const ReplacedObject> replaced,
                   LinkResult& result);
// The same for a patch of a running program: `live` gets it.
const char* patch_again(LinkState& state, const Options& options, std::span<const ReplacedObject> replaced,
                        const LiveLink& live, LinkResult& result);

} // namespace weld
