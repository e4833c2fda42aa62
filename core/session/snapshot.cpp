#include "core/session/snapshot.h"

#include "core/base/hash.h"

namespace weld {

namespace {

constexpr char magic[8] = {'w', 'e', 'l', 'd', 's', 'n', 'a', 'p'};
constexpr uint32_t version = 1; // another one when any row of the tables is another

struct Header {
  char magic[8];
  uint32_t version;
  uint32_t reserved;
  uint64_t size;     // of the snapshot
  uint64_t checksum; // XXH3 of what follows the header
};
static_assert(sizeof(Header) == 32);

// The same description of a session (`describe`) is read by two: this one writes what it is given ...
class Writer {
public:
  static constexpr bool is_reader = false;

  bool ok() const { return true; }
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
  void file(const FileBytes& file) { bytes(file.bytes()); }
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

  std::vector<uint8_t> out = std::vector<uint8_t>(sizeof(Header));

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

  explicit Reader(Bytes bytes) : left_(bytes) {}
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
    rows.resize(bytes.size() / sizeof(Row));
    if (!bytes.empty()) std::memcpy(rows.data(), bytes.data(), bytes.size());
  }
  void text(std::string& text) { text = as_text(take_many(1)); }
  void file(FileBytes& file) {
    Bytes bytes = take_many(1);
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

  void keep(FileBytes buffer) { s_.snapshot_ = std::move(buffer); }

private:
  template <class Stream>
  void describe(Stream& stream, Input& input) {
    stream.text(input.path);
    stream.file(input.file);
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
    for (FileBytes& member : input.thin_members) stream.file(member);
    stream.rows(input.shared.rows);
    stream.value(input.shared.is_64);
    stream.rows(input.stub.rows);
    stream.rows(input.stub.dependencies);
    bool is_unit = input.unit != nullptr, is_64 = is_unit && input.unit->is_64();
    stream.value(is_unit);
    stream.value(is_64);
    if (!is_unit) return;
    if (!input.unit)
      input.unit = std::make_unique<Unit>(input.path, is_64, s_.strings, s_.signatures, s_.diagnostics);
    input.unit->describe(stream);
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
      Bytes file = file_of(entry);
      range = {static_cast<uint32_t>(entry.bytes.data() - file.data()),
               static_cast<uint32_t>(entry.bytes.size())};
    }
    stream.value(range);
    if constexpr (Stream::is_reader) {
      if (!stream.ok()) return;
      if (entry.input.row >= s_.inputs.size()) return stream.fail();
      Bytes file = file_of(entry);
      if (uint64_t{range.offset} + range.size > file.size()) return stream.fail();
      entry.bytes = file.subspan(range.offset, range.size);
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

std::vector<uint8_t> save_session(Session& session) {
  Writer writer;
  Snapshot(session).describe(writer);
  Header header = {};
  std::memcpy(header.magic, magic, sizeof magic);
  header.version = version;
  header.size = writer.out.size();
  header.checksum = xxh3_64(Bytes(writer.out).subspan(sizeof header));
  std::memcpy(writer.out.data(), &header, sizeof header);
  return std::move(writer.out);
}

bool restore_session(Session& session, FileBytes snapshot) {
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
  bytes = bytes.subspan(sizeof header);
  if (header.checksum != xxh3_64(bytes)) return refuse("it was altered");
  if (!session.inputs.empty()) return refuse("the session has inputs already");
  Reader reader(bytes);
  Snapshot target(session);
  target.describe(reader);
  if (!reader.ok() || !reader.at_end()) {
    session.clear();
    return refuse("its contents do not fit together");
  }
  target.keep(std::move(snapshot));
  return true;
}

} // namespace weld
