#include "core/session/snapshot.h"

#include "core/base/hash.h"

namespace weld {

namespace {

constexpr char magic[8] = {'w', 'e', 'l', 'd', 's', 'n', 'a', 'p'};
constexpr uint32_t version = 5; // another one when any row of the tables is another

struct Header {
  char magic[8];
  uint32_t version;
  uint32_t reserved;
  uint64_t size;       // of the snapshot
  uint64_t state_size; // of the header and what follows it, before the bytes of the files
  uint64_t checksum;   // XXH3 of what follows the header, to state_size
};
static_assert(sizeof(Header) == 40);

// The same description of a session (`describe`) is read by two: this one writes what it is given ...
class Writer {
public:
  static constexpr bool is_reader = false;

  bool ok() const { return true; }
  void fail() {}
  template <class T>
  void value(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    append(&value, sizeof value);
  }
  template <class Rows>
  void rows(const Rows& rows) {
    using Row = std::remove_cvref_t<decltype(*rows.data())>;
    static_assert(std::is_trivially_copyable_v<Row>);
    value(static_cast<uint64_t>(rows.size()));
    append(rows.data(), rows.size() * sizeof(Row));
  }
  void text(const std::string& text) {
    value(static_cast<uint64_t>(text.size()));
    append(text.data(), text.size());
  }
  void file(const FileBytes& file, uint64_t checksum) {
    value(files_size);
    value(static_cast<uint64_t>(file.bytes().size()));
    value(checksum);
    files.push_back(file.bytes());
    files_size += align_to(file.bytes().size(), 8);
  }
  void object(const Object& object) { bytes(object.memory()); }
  // How many elements follow.
  template <class Rows>
  void count(const Rows& rows) {
    value(static_cast<uint64_t>(rows.size()));
  }
  void bytes(Bytes bytes) {
    value(static_cast<uint64_t>(bytes.size()));
    append(bytes.data(), bytes.size());
  }

  Vector<uint8_t> out = Vector<uint8_t>(sizeof(Header));
  Vector<Bytes> files; // whose bytes follow
  uint64_t files_size = 0;

private:
  // Everything begins at a multiple of 8, as tables in memory do.
  void append(const void* data, size_t size) {
    size_t at = out.size();
    out.resize(at + static_cast<size_t>(align_to(size, 8)));
    if (size) std::memcpy(out.data() + at, data, size);
  }
};

// ... and this one fills it. What does not fit into the buffer ends it.
class Reader {
public:
  static constexpr bool is_reader = true;

  Reader(Bytes state, Bytes files) : left_(state), files_(files) {}
  void fail() { ok_ = false; }

  bool ok() const { return ok_; }
  bool at_end() const { return left_.empty(); }
  template <class T>
  void value(T& value) {
    Bytes bytes = take(sizeof value);
    if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
  }
  template <class Rows>
  void rows(Rows& rows) {
    using Row = std::remove_cvref_t<decltype(*rows.data())>;
    Bytes bytes = take_many(sizeof(Row));
    auto* first = reinterpret_cast<const Row*>(bytes.data()); // not resized: that would fill it first
    rows.assign(first, first + bytes.size() / sizeof(Row));
  }
  void text(std::string& text) { text = as_text(take_many(1)); }
  void file(FileBytes& file, uint64_t& checksum) {
    uint64_t offset = 0, size = 0;
    value(offset);
    value(size);
    value(checksum);
    if (offset > files_.size() || size > files_.size() - offset) return fail();
    Bytes bytes = files_.subspan(static_cast<size_t>(offset), static_cast<size_t>(size));
    file = FileBytes(bytes.data(), bytes.size(), nullptr); // the session keeps the buffer
  }
  void object(Object& object) {
    Bytes bytes = take_many(1);
    if (!bytes.empty()) ok_ &= Object::borrow(bytes, object);
  }
  template <class Rows>
  void count(Rows& rows) {
    uint64_t n = 0;
    value(n);
    if (n > left_.size()) ok_ = false; // each takes a byte at the least
    else rows.resize(static_cast<size_t>(n));
  }

private:
  Bytes take(uint64_t size) {
    if (size > left_.size() || align_to(size, 8) > left_.size()) {
      ok_ = false;
      left_ = {};
      return {};
    }
    Bytes bytes = left_.first(static_cast<size_t>(size));
    left_ = left_.subspan(static_cast<size_t>(align_to(size, 8)));
    return bytes;
  }
  Bytes take_many(size_t size) {
    uint64_t n = 0;
    value(n);
    if (n > left_.size() / size) {
      ok_ = false;
      return {};
    }
    return take(n * size);
  }

  Bytes left_;
  Bytes files_;
  bool ok_ = true;
};

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
  }

  void keep(FileBytes buffer, FetchContent fetch) {
    s_.snapshot_ = std::move(buffer);
    s_.fetch_ = std::move(fetch);
  }

private:
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
};

Vector<uint8_t> save_session(Session& session) {
  for (Input& input : session.inputs)
    if (!session.complete(input)) return {};
  Writer writer;
  Snapshot(session).describe(writer);
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
  Reader reader(state, bytes.subspan(static_cast<size_t>(header.state_size)));
  Snapshot target(session);
  target.describe(reader);
  target.keep(std::move(snapshot), std::move(fetch));
  if (reader.ok() && reader.at_end()) return true;
  session.clear();
  return refuse("its contents do not fit together");
}

} // namespace weld
