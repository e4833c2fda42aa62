// The inputs of a session as they were parsed, and the pools of their names: what a link reads. Nothing here
// knows of links. A link parses an archive member when it first needs it; apart from that it changes nothing.
#pragma once

#include "core/base/diagnostics.h"
#include "core/base/parallel.h"
#include "core/base/string_pool.h"
#include "core/base/table.h"
#include "core/base/vector.h"
#include "core/input/archive.h"
#include "core/input/object.h"
#include "core/input/parse_object.h"
#include "core/input/shared_library.h"
#include "core/input/stub_library.h"
#include "core/unit/unit.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weld {

// The bytes of a file, owned: a copy, a buffer that is handed over, or a mapping of the front door's.
class FileBytes {
public:
  using Release = void (*)(const uint8_t* data, size_t size);

  FileBytes() = default;
  // `may_change`: the bytes are the file's own, which other processes write to.
  FileBytes(const uint8_t* data, size_t size, Release release, bool may_change = false)
      : data_(data), size_(size), release_(release), may_change_(may_change) {}
  FileBytes(FileBytes&& other) noexcept { *this = std::move(other); }
  FileBytes& operator=(FileBytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(release_, other.release_);
    std::swap(may_change_, other.may_change_);
    return *this;
  }
  ~FileBytes() {
    if (release_) release_(data_, size_);
  }
  static FileBytes copy(Bytes bytes);

  Bytes bytes() const { return {data_, size_}; }
  bool may_change() const { return may_change_; }
  explicit operator bool() const { return data_ != nullptr; }

private:
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
  Release release_ = nullptr; // null: nobody has to free the bytes
  bool may_change_ = false;
};

struct InputFlags {
  bool whole_archive = false; // --whole-archive: every member is linked
  bool lazy = false;          // between --start-lib and --end-lib: linked when it is needed
  bool is_static = false;     // -Bstatic: no shared library is expected here

  bool operator==(const InputFlags&) const = default;
};

enum class InputKind : uint8_t { Object, Archive, SharedLibrary, StubLibrary };

// One parsed object: an input of its own, or a member of an archive once somebody needed it.
struct ObjectEntry {
  Object object;
  InputId input;
  uint32_t member = none32; // of the input's archive
  Bytes bytes;              // of the object, inside its input's (a thin member: inside its own file)
  bool unchecked = false;   // restored from a snapshot, and not linked since (Session::check_object)
};

// What a snapshot says that an input's bytes are: XXH3.
struct Checksums {
  uint64_t file = 0;
  Vector<uint64_t> members; // of an archive
};

struct Input {
  std::string path;
  FileBytes file;
  // Restored from a snapshot: bytes are fetched and checked when they are needed. Null: they are all here.
  std::unique_ptr<Checksums> unchecked;
  InputKind kind = InputKind::Object;
  InputFlags flags;
  ObjectId object;                      // Object, also a unit's, whose tables are built when a link begins
  std::unique_ptr<Unit> unit;           // Object: a unit
  Archive archive;                      // Archive
  Vector<ObjectId> member_objects;      // Archive: none until a member is parsed
  Vector<bool> member_failed;           // Archive: the member is malformed, and that was reported
  std::vector<FileBytes> thin_members;  // thin archive: the members' own files, filled by the front door
  std::vector<FileBytes> member_copies; // Archive whose bytes may change: of the members that were parsed
  SharedLibrary shared;                 // SharedLibrary
  StubLibrary stub;                     // StubLibrary

  Bytes member_bytes(uint32_t member) const {
    if (archive.is_thin) return thin_members[member].bytes();
    const ByteRange& range = archive.members[member].data;
    return file.bytes().subspan(range.offset, range.size);
  }
};

// Copies what belongs to a part of a snapshot's buffer, mostly to that part.
using FetchContent = std::function<void(Bytes part, void* to)>;

// A file that is to become an input.
struct NewInput {
  std::string path;
  FileBytes file;
  InputFlags flags;
};

// An object as the last link knew it, before it was replaced.
struct ReplacedObject {
  InputId input;
  FileBytes file;
  ObjectEntry entry;
};

class InputStore {
  friend class Snapshot; // core/session/snapshot.cpp
public:
  InputStore();
  ~InputStore();
  InputStore(const InputStore&) = delete;
  InputStore& operator=(const InputStore&) = delete;

  // Fetches a member's file of a thin archive, by the path that the archive names.
  using ThinMember =
      std::function<FileBytes(const std::string& archive, const std::string& member, bool& found)>;
  // Adds an input at the end of the link order. Malformed bytes are reported and nothing is added (none).
  InputId add(NewInput file, const ThinMember& thin_member);
  // Adds many in their order, as `add` does one after the other. Objects are parsed by `parallel_for`.
  void add_all(std::vector<NewInput> files, const ThinMember& thin_member);
  // Adds a unit at the end of the link order. `is_64`: for a memory of 64 bits.
  InputId add_unit(std::string name, bool is_64);
  Unit& unit(InputId id) { return *inputs[id].unit; }
  // Whether tables of units get spare rows, and outputs spare memory, so that more edits need no full link.
  void leave_room(bool wanted) { leaves_room_ = wanted; }
  bool leaves_room() const { return leaves_room_; }

  // Puts other bytes in an input's place, of any kind. False when they are malformed, which is reported: then the
  // input stays what it was. `before` gets the object when both are objects; else its `input` is none.
  bool replace(InputId id, FileBytes file, const ThinMember& thin_member, ReplacedObject& before);
  // The id may be given to another input from now on.
  void remove(InputId id);

  // The link order. A new one has the same inputs.
  std::span<const InputId> order() const { return order_; }
  void set_order(Vector<InputId> order) { order_ = std::move(order); }

  // Until something is replaced or removed, every name belongs to an input. To be called before that.
  void count_names();
  // Whether many names belong to no input any more.
  bool has_stale_names() const;
  // Forgets these. The others get new ids, so nothing else may hold any.
  void collect_names();
  void clear(); // forgets everything

  // Fetches a part of the snapshot to `to`, or to its place in the buffer.
  void fetch(Bytes part, void* to) const;
  void fetch(Bytes part) const { fetch(part, const_cast<uint8_t*>(part.data())); }
  // The latter. False when it is not what was saved.
  bool fetch(Bytes part, uint64_t checksum) const;
  // Fetches the object of an input, if it is one. Likewise.
  bool fetch_object(Input& input);
  // Fetches and checks all bytes of an input that was restored from a snapshot. False, with a message, when
  // they were altered since they were saved.
  bool complete(Input& input);
  // The same for an object that is about to be linked.
  bool check_object(ObjectId id);
  // Brings the tables of edited units up to date. Reports what does not fit together.
  // `tidy`: rows that are not used any more may be closed up before. `with_room`: with spare rows.
  void build_units(bool tidy = true, bool with_room = false);
  bool has_edited_units() const;
  // The first reason why a unit's tables have to be made anew, not only rows of them; null: there is none. Rows that are
  // not used any more may be closed up, which is such a reason.
  const char* why_new_units();
  // Makes the rows of a unit's tables anew whose contents were edited. The old contents stay until `end_unit_update`.
  void update_unit(InputId id);
  void end_unit_update(InputId id) { inputs[id].unit->end_update(); }
  // For debug builds: ends the program when the tables of a unit are not what its rows are.
  void check_units();
  // Data of units whose content links ask for.
  bool has_late_data() const;
  void forget_late_content();
  // Parses a member of an archive on first use; none when it is malformed (reported once).
  ObjectId member_object(InputId input, uint32_t member);
  // A later link reports malformed members again.
  void forget_failures();
  // How many objects were parsed since this was asked last.
  uint32_t take_parsed() { return std::exchange(parsed_, 0); }

  Location location_of(InputId input, uint32_t member = none32) const;

  StringPool strings;       // filled by parsing; ids stay valid until names are collected
  SignaturePool signatures; // likewise
  Table<InputId, Input> inputs;
  Table<ObjectId, ObjectEntry> objects;
  Diagnostics diagnostics;
  ParallelFor parallel_for; // threads that adding and linking may use
  // Called when an edit of a unit may have left stale names. The session collects them then.
  std::function<void()> on_dropped_names;

private:
  using ParseObject = std::function<bool(Bytes bytes, const Location& where, Object& out)>;
  InputId add(NewInput file, const ThinMember& thin_member, const ParseObject& parse);
  InputId new_input();
  ObjectId new_object(ObjectEntry entry);
  std::unique_ptr<Unit> make_unit(std::string name, bool is_64);
  // Fills a row from its file's bytes; false when they are malformed.
  bool read_input(InputId id, Input& input, const ThinMember& thin_member, const ParseObject& parse);
  void free_objects(const Input& input);
  bool check_member(Input& input, uint32_t member);
  bool check_content(Bytes bytes, uint64_t checksum, const Location& where);
  // None when `parse` fails.
  ObjectId add_object(Bytes bytes, InputId input, uint32_t member, const Location& where,
                      const ParseObject& parse);
  bool parse_here(Bytes bytes, const Location& where, Object& out);

  FileBytes snapshot_; // that it was restored from: inputs and tables may lie in it
  FetchContent fetch_; // for what is not in it yet; none: all is
  Vector<InputId> order_;
  Vector<InputId> free_inputs_; // rows that no input has
  Vector<ObjectId> free_objects_;
  uint32_t names_kept_ = 0; // when names were collected last; 0: nothing was replaced or removed yet
  ObjectTables scratch_;    // the parser's tables, empty between two inputs; capacity kept
  uint32_t parsed_ = 0;     // objects
  bool leaves_room_ = false;
};

} // namespace weld
