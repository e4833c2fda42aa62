// Bytes that grow: synthetic function bodies and the small sections of the output.
#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/leb128.h"
#include "core/base/vector.h"

namespace weld {

class ByteBuffer {
public:
  void u8(uint32_t value) { bytes_.push_back(static_cast<uint8_t>(value)); }
  void u32_le(uint32_t value) {
    uint8_t b[4];
    write_le(b, value);
    append({b, 4});
  }
  template <class Tag>
  void uleb(Index<Tag> index) {
    uleb(index.value);
  }
  void uleb(uint64_t value) {
    uint8_t b[10];
    append({b, static_cast<size_t>(write_uleb(b, value) - b)});
  }
  void sleb(int64_t value) {
    uint8_t b[10];
    append({b, static_cast<size_t>(write_sleb(b, value) - b)});
  }
  void append(Bytes more) { bytes_.append(more); }
  void append(std::string_view text) { append(as_bytes(text)); }
  // A name as the format writes it: its length, then its bytes.
  void name(std::string_view text) {
    uleb(text.size());
    append(text);
  }
  // A number that is known only when what follows it is written.
  void insert_uleb(size_t at, uint64_t value) {
    uint8_t b[10];
    auto n = write_uleb(b, value) - b;
    bytes_.insert(bytes_.begin() + static_cast<std::ptrdiff_t>(at), b, b + n);
  }
  // Puts the length of everything after `start` in front of it: a vector's, subsection's or body's size
  // field.
  void insert_size(size_t start) { insert_uleb(start, bytes_.size() - start); }
  // A subsection: its id, its size, what `write` appends.
  template <class Id, class Write>
  void subsection(Id id, Write write) {
    uleb(static_cast<uint8_t>(id));
    const size_t begin = size();
    write();
    insert_size(begin);
  }
  void truncate(size_t size) { bytes_.truncate(size); }
  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  void clear() { bytes_.clear(); }
  uint8_t* data() { return bytes_.data(); }
  const uint8_t* data() const { return bytes_.data(); }
  Bytes from(size_t start) const { return Bytes(bytes_).subspan(start); }
  Bytes slice(size_t start, size_t size) const { return Bytes(bytes_).subspan(start, size); }
  // For snapshots.
  template <class Stream>
  void describe(Stream& stream) {
    stream.rows(bytes_);
  }

private:
  Vector<uint8_t> bytes_;
};

} // namespace weld
