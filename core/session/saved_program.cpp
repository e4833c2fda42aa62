#include "core/session/saved_program.h"

#include "core/base/hash.h"
#include "core/base/sort.h"
#include "core/session/saved_link.h"
#include "core/session/streams.h"

namespace weld {

namespace {

constexpr uint64_t program_magic = 0x314556494c444c57; // "WLDLIVE1"; the digit changes with the rows below
constexpr size_t head_size = 16;                       // the magic number, and a checksum of what follows

// Rows without padding, sorted by their keys: so the bytes are the same everywhere.
struct FunctionEntry {
  LiveKey key;
  uint64_t content;
  uint32_t slot, flags;
};
struct DataEntry {
  LiveKey key;
  uint64_t address, shape, content;
  uint32_t size, p2align;
  uint64_t kind;
};
struct NumberEntry {
  LiveKey key;
  uint64_t number;
};
struct TypeEntry {
  LiveKey key, type;
};
struct GlobalEntry {
  LiveKey key;
  uint64_t number, type, content;
};

constexpr uint32_t is_editable_flag = 1, is_address_taken_flag = 2;

FunctionEntry to_entry(const LiveKey& key, const LiveFunction& f) {
  return {key, f.content, f.slot,
          (f.is_editable ? is_editable_flag : 0) | (f.is_address_taken ? is_address_taken_flag : 0)};
}
LiveFunction from_entry(const FunctionEntry& e) {
  return {e.slot, (e.flags & is_editable_flag) != 0, (e.flags & is_address_taken_flag) != 0, e.content};
}
DataEntry to_entry(const LiveKey& key, const LiveData& d) {
  return {key, d.address, d.shape, d.content, d.size, d.p2align, static_cast<uint64_t>(d.kind)};
}
LiveData from_entry(const DataEntry& e) {
  return {e.address, e.size, e.p2align, static_cast<LiveDataKind>(e.kind), e.shape, e.content};
}
NumberEntry to_entry(const LiveKey& key, uint64_t number) {
  return {key, number};
}
uint64_t from_entry(const NumberEntry& e) {
  return e.number;
}
TypeEntry to_entry(const LiveKey& key, const LiveKey& type) {
  return {key, type};
}
LiveKey from_entry(const TypeEntry& e) {
  return e.type;
}
GlobalEntry to_entry(const LiveKey& key, const LiveEntity& g) {
  return {key, g.number, g.type, g.content};
}
LiveEntity from_entry(const GlobalEntry& e) {
  return {static_cast<uint32_t>(e.number), e.type, e.content};
}

// Of the options that decide what a program is. Others are refused with --live, or only say what is reported.
uint64_t hash_of_options(const Options& options) {
  Vector<uint8_t> bytes = encoded_options(options);
  for (const uint64_t number : {static_cast<uint64_t>(options.live), options.live_room,
                                static_cast<uint64_t>(options.unresolved), options.max_function_body_size})
    for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<uint8_t>(number >> shift));
  return xxh3_64(bytes);
}

// The one description of what is in the file: see core/session/streams.h.
template <class Stream>
class InstanceDescription {
public:
  explicit InstanceDescription(Stream& stream) : s_(stream) {}

  void describe(LiveInstance& instance, uint64_t& options) {
    auto& [its_options, state, functions, type_of_name, imports, data, strings, places, globals, tags, tables,
           exports, constructors, thread_block, call_ctors_slot, next_slot, slots_end, room, room_end] =
        instance;
    static_cast<void>(its_options);
    s_.value(options);
    s_.value(state);
    map<FunctionEntry>(functions);
    map<TypeEntry>(type_of_name);
    map<NumberEntry>(imports);
    map<DataEntry>(data);
    map<NumberEntry>(strings);
    map<NumberEntry>(places);
    for (LiveMap<LiveEntity>* entities : {&globals, &tags, &tables}) map<GlobalEntry>(*entities);
    describe(exports);
    s_.count(constructors);
    for (LiveConstructor& constructor : constructors) {
      s_.value(constructor.function);
      s_.value(constructor.priority);
    }
    for (uint64_t* number : {&thread_block, &room, &room_end}) s_.value(*number);
    for (uint32_t* number : {&call_ctors_slot, &next_slot, &slots_end}) s_.value(*number);
  }

private:
  template <class Entry, class T>
  void map(LiveMap<T>& map) {
    Vector<Entry> entries;
    if constexpr (!Stream::is_reader) {
      for (const auto& [key, value] : map) entries.push_back(to_entry(key, value));
      sort_stably(entries, [](const Entry& a, const Entry& b) {
        return a.key.first != b.key.first ? a.key.first < b.key.first : a.key.second < b.key.second;
      });
    }
    s_.dense_rows(entries);
    if constexpr (Stream::is_reader)
      for (const Entry& entry : entries) map[entry.key] = static_cast<T>(from_entry(entry));
  }

  void describe(std::unordered_map<std::string, LiveExport>& exports) {
    std::vector<std::pair<std::string, LiveExport>> list(exports.begin(), exports.end());
    if constexpr (!Stream::is_reader)
      sort_stably(list, [](const auto& a, const auto& b) { return a.first < b.first; });
    s_.count(list);
    for (auto& [name, what] : list) {
      s_.text(name);
      s_.value(what.kind);
      s_.value(what.what);
      s_.value(what.address);
    }
    if constexpr (Stream::is_reader) exports.insert(list.begin(), list.end());
  }

  Stream& s_;
};

} // namespace

Vector<uint8_t> save_instance(const LiveInstance& instance) {
  SnapshotWriter writer;
  writer.out.resize(head_size);
  uint64_t options = hash_of_options(instance.options);
  InstanceDescription<SnapshotWriter>(writer).describe(const_cast<LiveInstance&>(instance), options);
  write_le(writer.out.data(), program_magic);
  write_le(writer.out.data() + 8, xxh3_64(Bytes(writer.out).subspan(head_size)));
  return std::move(writer.out);
}

std::unique_ptr<LiveInstance> read_instance(Bytes bytes, const Options& options) {
  if (bytes.size() < head_size || read_le<uint64_t>(bytes.data()) != program_magic) return nullptr;
  // Rows are read in place, so they have to be where numbers of eight bytes may be.
  const Vector<uint8_t> state(bytes.subspan(head_size));
  if (read_le<uint64_t>(bytes.data() + 8) != xxh3_64(state)) return nullptr;
  auto instance = std::make_unique<LiveInstance>();
  uint64_t hash = 0;
  SnapshotReader reader(state);
  InstanceDescription<SnapshotReader>(reader).describe(*instance, hash);
  if (!reader.ok() || !reader.at_end()) return nullptr;
  instance->options = options;
  if (hash != hash_of_options(options))
    instance->options.live = LiveKind::None; // as no link has that makes patches
  return instance;
}

} // namespace weld
