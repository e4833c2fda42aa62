#include "core/session/snapshot.h"

#include "core/base/hash.h"
#include "core/link/relink.h"
#include "core/session/streams.h"

namespace weld {

namespace {

constexpr char magic[8] = {'w', 'e', 'l', 'd', 's', 'n', 'a', 'p'};
constexpr uint32_t version = 10; // another one when any row of the tables is another

struct Header {
  char magic[8];
  uint32_t version;
  uint32_t reserved;
  uint64_t size;       // of the snapshot
  uint64_t state_size; // of the header and what follows it, before the bytes of the files
  uint64_t checksum;   // XXH3 of what follows the header, to state_size
};
static_assert(sizeof(Header) == 40);

} // namespace

// What a session is made of, in the order of the snapshot.
class Snapshot {
public:
  explicit Snapshot(Session& session) : s_(session) {}

  template <class Stream>
  void describe(Stream& stream) {
    s_.strings.describe(stream);
    s_.signatures.describe(stream);
    stream.count(s_.inputs);
    for (Input& input : s_.inputs) describe(stream, input);
    stream.rows(s_.order_);
    stream.rows(s_.free_inputs_);
    stream.count(s_.objects);
    for (ObjectEntry& entry : s_.objects) describe(stream, entry);
    stream.rows(s_.free_objects_);
    stream.value(s_.names_kept_);
    stream.value(s_.leaves_room_);
    describe_link(stream);
  }

  // The next link is to be made from the last one and from what is edited from now on, so the tables of that link
  // must be there.
  void begin_edits() {
    if (s_.saved_link_.empty()) return;
    s_.build_units(false, s_.saved_link_.leaves_room);
    if (s_.has_edited_units() || checksums_of_units(s_) != s_.saved_link_.units) s_.saved_link_ = {};
  }

  void keep(FileBytes buffer, FetchContent fetch) {
    s_.snapshot_ = std::move(buffer);
    s_.fetch_ = std::move(fetch);
  }

  // Fetches the last link when it is still in the snapshot that the session was restored from. False, with a
  // message, when it was altered.
  bool complete_link() {
    const SavedLink& saved = s_.saved_link_;
    if (s_.has_edited_units() || saved.empty()) return true;
    s_.fetch(saved.bytes);
    bool is_intact = saved.between_columns([](Bytes) {}) == saved.checksum;
    for (const SavedColumn& column : saved.columns)
      is_intact &= xxh3_64(saved.bytes.subspan(static_cast<size_t>(column.offset),
                                               static_cast<size_t>(column.size))) == column.checksum;
    if (!is_intact) s_.diagnostics.report(DiagnosticId::bad_snapshot, {"it was altered"});
    return is_intact;
  }

private:
  // What was edited since belongs to no link.
  template <class Stream>
  void describe_link(Stream& stream) {
    SavedLink saved;
    if constexpr (!Stream::is_reader) {
      if (s_.replaced_.empty() && !s_.has_edited_units()) {
        saved = s_.saved_link_;
        if (s_.last_ && can_relink(s_.last_->options)) {
          SavedLink last;
          link_ = save_link(*s_.last_, last);
          if (!link_.empty()) {
            last.bytes = link_;
            last.checksum = last.between_columns([](Bytes) {});
            last.options = encoded_options(s_.last_->options);
            last.units = checksums_of_units(s_);
            last.leaves_room = s_.last_->link.leaves_room;
            saved = std::move(last);
          }
        }
      }
    }
    FileBytes file(saved.bytes.data(), saved.bytes.size(), nullptr);
    stream.file(file, saved.checksum);
    stream.rows(saved.columns);
    stream.rows(saved.options);
    stream.rows(saved.units);
    stream.value(saved.leaves_room);
    if constexpr (Stream::is_reader) {
      saved.bytes = file.bytes();
      if (!saved.fits_together()) return stream.fail();
      s_.saved_link_ = std::move(saved);
    }
  }

  template <class Stream>
  void describe(Stream& stream, Input& input) {
    stream.text(input.path);
    Checksums checksums = Stream::is_reader ? Checksums() : checksums_of(input);
    stream.file(input.file, checksums.file);
    stream.value(input.kind);
    stream.value(input.flags);
    stream.value(input.object);
    stream.value(input.archive.is_thin);
    stream.value(input.archive.has_index);
    stream.count(input.archive.members);
    for (ArchiveMember& member : input.archive.members) {
      stream.text(member.name);
      stream.value(member.header_offset);
      stream.value(member.data);
      stream.value(member.kind);
      stream.value(member.symbols);
    }
    stream.rows(input.archive.symbols);
    stream.rows(input.member_objects);
    if (Stream::is_reader) input.member_failed.resize(input.member_objects.size());
    stream.count(input.thin_members);
    stream.rows(checksums.members);
    if (checksums.members.size() != input.archive.members.size()) return stream.fail();
    for (uint32_t i = 0; i < input.thin_members.size(); i++)
      stream.file(input.thin_members[i], checksums.members[i]);
    if (Stream::is_reader) input.unchecked = std::make_unique<Checksums>(std::move(checksums));
    stream.rows(input.shared.rows);
    stream.value(input.shared.is_64);
    stream.rows(input.stub.rows);
    stream.rows(input.stub.dependencies);
    bool is_unit = input.unit != nullptr, is_64 = is_unit && input.unit->is_64();
    stream.value(is_unit);
    stream.value(is_64);
    if (!is_unit) return;
    if (!input.unit) input.unit = s_.make_unit(input.path, is_64);
    input.unit->describe(stream);
  }

  static Checksums checksums_of(const Input& input) {
    Checksums out = {xxh3_64(input.file.bytes()), {}};
    for (uint32_t member = 0; member < input.archive.members.size(); member++)
      out.members.push_back(xxh3_64(input.member_bytes(member)));
    return out;
  }

  template <class Stream>
  void describe(Stream& stream, ObjectEntry& entry) {
    stream.value(entry.input);
    stream.value(entry.member);
    // A unit's tables are made of its rows when the next link begins.
    if (entry.input && entry.input.row < s_.inputs.size() && s_.inputs[entry.input].unit) return;
    stream.object(entry.object);
    // Its bytes are a part of its input's.
    ByteRange range;
    if (!entry.object || !entry.input) return;
    if (!Stream::is_reader) {
      range.size = static_cast<uint32_t>(entry.bytes.size());
      const Archive& archive = s_.inputs[entry.input].archive;
      if (entry.member != none32 && !archive.is_thin)
        range.offset = archive.members[entry.member].data.offset;
    }
    stream.value(range);
    if constexpr (Stream::is_reader) {
      if (!stream.ok()) return;
      for (const WarningRow& warning : entry.object.warnings())
        if (warning.id >= static_cast<uint32_t>(DiagnosticId::count)) return stream.fail();
      if (entry.input.row >= s_.inputs.size()) return stream.fail();
      Bytes file = file_of(entry);
      if (uint64_t{range.offset} + range.size > file.size()) return stream.fail();
      entry.bytes = file.subspan(range.offset, range.size);
      entry.unchecked = true;
    }
  }

  Bytes file_of(const ObjectEntry& entry) const {
    const Input& input = s_.inputs[entry.input];
    if (input.archive.is_thin && entry.member < input.thin_members.size())
      return input.thin_members[entry.member].bytes();
    return input.file.bytes();
  }

  Session& s_;
  Vector<uint8_t> link_; // that is saved
};

Vector<uint8_t> save_session(Session& session) {
  for (Input& input : session.inputs)
    if (!session.complete(input)) return {};
  Snapshot saved(session);
  if (!saved.complete_link()) return {};
  SnapshotWriter writer;
  writer.out.resize(sizeof(Header));
  saved.describe(writer);
  Header header = {};
  std::memcpy(header.magic, magic, sizeof magic);
  header.version = version;
  header.state_size = writer.out.size();
  header.size = writer.out.size() + writer.files_size;
  header.checksum = xxh3_64(Bytes(writer.out).subspan(sizeof header));
  std::memcpy(writer.out.data(), &header, sizeof header);
  Vector<uint8_t> out(static_cast<size_t>(header.size));
  uint8_t* at = std::copy(writer.out.begin(), writer.out.end(), out.data());
  for (Bytes file : writer.files) {
    std::copy(file.begin(), file.end(), at);
    at += align_to(file.size(), 8);
  }
  return out;
}

size_t snapshot_state_size(Bytes head, size_t size) {
  Header header;
  if (head.size() < sizeof header || std::memcmp(head.data(), magic, sizeof magic) != 0) return size;
  std::memcpy(&header, head.data(), sizeof header);
  return header.state_size < size ? static_cast<size_t>(header.state_size) : size;
}

bool restore_session(Session& session, FileBytes snapshot, FetchContent fetch) {
  Bytes bytes = snapshot.bytes();
  auto refuse = [&](const char* why) {
    session.diagnostics.report(DiagnosticId::bad_snapshot, {why});
    return false;
  };
  Header header;
  if (bytes.size() < sizeof header || std::memcmp(bytes.data(), magic, sizeof magic) != 0)
    return refuse("it is no snapshot of weld");
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.version > version) return refuse("it is of a newer version of weld");
  if (header.version != version) return refuse("it is of an older version of weld: make it again");
  if (header.size != bytes.size()) return refuse("it is truncated");
  if (header.state_size < sizeof header || header.state_size > header.size) return refuse("it was altered");
  const Bytes state = bytes.first(static_cast<size_t>(header.state_size)).subspan(sizeof header);
  if (header.checksum != xxh3_64(state)) return refuse("it was altered");
  if (!session.inputs.empty()) return refuse("the session has inputs already");
  SnapshotReader reader(state, bytes.subspan(static_cast<size_t>(header.state_size)));
  Snapshot target(session);
  target.describe(reader);
  target.keep(std::move(snapshot), std::move(fetch));
  if (reader.ok() && reader.at_end()) {
    target.begin_edits();
    return true;
  }
  session.clear();
  return refuse("its contents do not fit together");
}

} // namespace weld
