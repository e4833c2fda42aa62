// What is saved has one description (`describe`), for two streams: SnapshotWriter writes what it is given, and SnapshotReader
// fills it. A description that reads and writes does not come apart.
//
// Rows are copied as they are, so their bytes must be the same in the native program and in the wasm module: no
// pointers, no sizes, and where a row has bytes that belong to no member, the writer makes them zeros
// (`without_padding`).
#pragma once

#include "core/base/function_ref.h"
#include "core/input/object.h"
#include "core/link/input_store.h"
#include "core/session/saved_column.h"

#include <string>
#include <type_traits>

namespace weld {

class SnapshotWriter {
public:
  static constexpr bool is_reader = false;

  // What is given cannot be saved.
  void fail() { ok_ = false; }
  bool ok() const { return ok_; }
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
    note_column(rows.size() * sizeof(Row));
    append(rows.data(), rows.size() * sizeof(Row));
  }
  // Likewise, of a type whose bytes are all its members'.
  template <class Rows>
  void dense_rows(const Rows& rows) {
    using Row = std::remove_cvref_t<decltype(*rows.data())>;
    static_assert(std::has_unique_object_representations_v<Row>, "write it with padded_rows");
    this->rows(rows);
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
  // Rows of a type that has padding, which is written as zeros: `members(row, each)` calls each(member, ...).
  template <class Rows, class Members>
  void padded_rows(const Rows& rows, Members members) {
    using Row = std::remove_cvref_t<decltype(*rows.data())>;
    value(static_cast<uint64_t>(rows.size()));
    note_column(rows.size() * sizeof(Row));
    size_t at = out.size();
    out.resize(at + static_cast<size_t>(align_to(rows.size() * sizeof(Row), 8)));
    for (const Row& row : rows) {
      members(row, [&](const auto&... member) {
        const auto* begin = reinterpret_cast<const uint8_t*>(&row);
        (std::memcpy(out.data() + at + (reinterpret_cast<const uint8_t*>(&member) - begin), &member,
                     sizeof member),
         ...);
      });
      at += sizeof(Row);
    }
  }
  // How many elements follow.
  template <class Rows>
  void count(const Rows& rows) {
    value(static_cast<uint64_t>(rows.size()));
  }
  void bytes(Bytes bytes) {
    value(static_cast<uint64_t>(bytes.size()));
    append(bytes.data(), bytes.size());
  }

  Vector<SavedColumn>* columns = nullptr; // gets those that are written, without checksums
  Vector<uint8_t> out;                    // begins with what its maker puts there: a multiple of 8 bytes
  Vector<Bytes> files;                    // whose bytes follow
  uint64_t files_size = 0;

private:
  void note_column(size_t size) {
    if (columns && size >= SavedColumn::least_size) columns->push_back({out.size(), size, 0});
  }
  // Everything begins at a multiple of 8, as tables in memory do.
  void append(const void* data, size_t size) {
    size_t at = out.size();
    out.resize(at + static_cast<size_t>(align_to(size, 8)));
    if (size) std::memcpy(out.data() + at, data, size);
  }

  bool ok_ = true;
};

// What does not fit into the buffer ends it.
class SnapshotReader {
public:
  static constexpr bool is_reader = true;

  // Puts a column, which is this part of `state`, where it is used. False: it cannot be used.
  using FetchColumn = FunctionRef<bool(const SavedColumn& column, Bytes part, void* to)>;

  explicit SnapshotReader(Bytes state, Bytes files = {}) : state_(state), left_(state), files_(files) {}
  // With columns that need not be in `state`. In the order of their places.
  SnapshotReader(Bytes state, std::span<const SavedColumn> columns, const FetchColumn& fetch)
      : state_(state), left_(state), columns_(columns), fetch_(&fetch) {}
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
    const Bytes bytes = take_many(sizeof(Row));
    fill(rows.resize_for_overwrite(bytes.size() / sizeof(Row)), bytes);
  }
  template <class Rows>
  void dense_rows(Rows& rows) {
    this->rows(rows);
  }
  template <class Rows, class Members>
  void padded_rows(Rows& rows, Members) {
    this->rows(rows);
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
  // With the next bytes of the state, or with the column that is there.
  void fill(void* to, Bytes bytes);
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

  Bytes state_, left_;
  Bytes files_;
  std::span<const SavedColumn> columns_; // that are still to come
  const FetchColumn* fetch_ = nullptr;
  bool ok_ = true;
};

} // namespace weld
