// A running instance of a live link, as its linker knows it, and patches of it: README.md.
#pragma once

#include "core/link/context.h"

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace weld {

// Finds a function, variable, ... again in a later link: two hashes of its name, with that of its object when it is local.
struct LiveKey {
  uint64_t first = 0, second = 0;
  bool operator==(const LiveKey&) const = default;
};
struct LiveKeyHash {
  size_t operator()(const LiveKey& key) const { return static_cast<size_t>(key.first); }
};
template <class T>
using LiveMap = std::unordered_map<LiveKey, T, LiveKeyHash>;

struct LiveFunction {
  uint32_t slot = 0;
  bool is_editable = false;      // the instance calls it through its slot alone
  bool is_address_taken = false; // the slot's number is in code or data
  uint64_t content = 0;          // a hash of its code, with the numbers that the instance has
};

enum class LiveDataKind : uint8_t {
  Variable, // it keeps its value
  Constant, // if it changes, it gets another address
  Shape     // virtual tables and the like, which objects point to: it must not change
};

struct LiveData {
  uint64_t address = 0;
  uint32_t size = 0, p2align = 0;
  LiveDataKind kind = LiveDataKind::Variable;
  uint64_t shape = 0;   // a hash of which symbols are where in it
  uint64_t content = 0; // of its first bytes, with the numbers that the instance has
};

// Something of the instance that is named by the number of its export.
struct LiveEntity {
  uint32_t number = 0;
  uint64_t type = 0;    // a hash
  uint64_t content = 0; // a hash of its initial value; 0: it is imported, or has none
};

struct LiveExport {
  ExternalKind kind = ExternalKind::Function;
  LiveKey what;         // of a function
  uint64_t address = 0; // of data
};

struct LiveConstructor {
  LiveKey function;
  uint32_t priority = 0;
  bool operator==(const LiveConstructor&) const = default;
};

// A change of what an instance has, when a patch is applied.
template <class T>
struct LiveChange {
  LiveKey key;
  T now;
};

struct LiveInstance {
  Options options;
  uint64_t state = 0; // what its global `state` has

  LiveMap<LiveFunction> functions; // of objects, by name and type
  LiveMap<LiveKey> type_of_name;   // name of a function -> its key, which has its type
  LiveMap<uint32_t> imports;       // of functions -> slot
  LiveMap<LiveData> data;
  LiveMap<uint64_t> strings; // content -> address
  LiveMap<uint64_t> places;  // names of the linker's data -> address
  LiveMap<LiveEntity> globals, tags, tables;
  std::unordered_map<std::string, LiveExport> exports;
  std::vector<LiveConstructor> constructors;
  uint64_t thread_block = 0;
  uint32_t call_ctors_slot = 0;

  // What is free for patches. The table grows beyond `slots_end`.
  uint32_t next_slot = 0, slots_end = 0;
  uint64_t room = 0, room_end = 0;
};

// Why something cannot be patched, or what a patch leaves as it is.
struct LiveReason {
  std::string symbol; // may be empty
  std::string text;
};

struct LivePatch {
  std::vector<uint8_t> bytes;       // the module; empty with `restart`, and when there is nothing to patch
  std::vector<LiveReason> restart;  // why only a new instance can have the edits
  std::vector<LiveReason> kept;     // what stays as it is in the instance
  std::vector<std::string> changed; // names of the functions that it replaces or adds
  uint64_t before = 0, after = 0;   // states of the instance

  // What the instance has then.
  Vector<LiveChange<LiveFunction>> functions;
  Vector<LiveChange<LiveKey>> type_of_name;
  Vector<LiveChange<uint32_t>> imports;
  Vector<LiveChange<LiveData>> data;
  Vector<LiveChange<uint64_t>> strings;
  std::vector<std::pair<std::string, LiveExport>> exports;
  uint32_t next_slot = 0, slots_end = 0;
  uint64_t room = 0;
};

struct Link;
struct LiveView; // live_values.h

// Fills the instance with what the output of `link` has.
std::shared_ptr<LiveView> note_instance(const Link& link, LiveInstance& instance);
// Makes the patch that turns the instance into `link`, or says why that cannot be.
std::shared_ptr<LiveView> make_patch(const Link& link, const LiveInstance& instance, LivePatch& patch);
// The same, if only functions were edited since the view was made. `edited`: rows of Indices::functions. Null when the patch is
// what make_patch would make; else why that cannot be told, and the patch is empty.
const char* make_patch_of(const Link& link, LiveView& view, std::span<const uint32_t> edited,
                          const LiveInstance& instance, LivePatch& patch);

// What a live link is for: a new instance, or a patch of the one that runs. Only those name the functions above who make patches:
// so no program has them that makes none.
struct LiveLink {
  const LiveInstance* running; // null: there is none
  LivePatch* patch;            // null: it is for a new instance
  LiveInstance* fresh;         // the new one; filled when there is no patch, for whatever reason
  decltype(&note_instance) note;
  decltype(&make_patch) make;
  decltype(&make_patch_of) make_of;
};

void apply_changes(LiveInstance& instance, LivePatch&& patch);

} // namespace weld
