// Interning: each distinct byte string gets a 4-byte id, once. After that a name is compared, stored and
// looked up as an integer. Ids are dense, so what a name means is a column of an array.
//
// The bytes lie in one buffer; the hash index holds ids only and can be rebuilt from it, so a pool is saved
// by copying the buffer and the ends.
#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/vector.h"

namespace weld {

uint64_t hash_bytes(Bytes bytes);

// The part that does not depend on the type of the ids.
class InternTable {
public:
  uint32_t intern(Bytes bytes) { return intern(bytes, hash_bytes(bytes)); }
  // Interns what another table has, in its order: its row -> the row here.
  Vector<uint32_t> intern_all(const InternTable& other);
  uint32_t find(Bytes bytes) const; // Id::none_row when it was never interned
  Bytes operator[](uint32_t row) const {
    uint32_t begin = row ? ends_[row - 1] : 0;
    return Bytes(bytes_).subspan(begin, ends_[row] - begin);
  }
  // For snapshots.
  template <class Stream>
  void describe(Stream& stream) {
    stream.rows(bytes_);
    stream.rows(ends_);
    stream.rows(hashes_);
    if (Stream::is_reader) rebuild_index();
  }
  uint32_t size() const { return static_cast<uint32_t>(ends_.size()); }
  size_t byte_size() const { return bytes_.size(); }

private:
  uint32_t intern(Bytes bytes, uint64_t hash);
  uint32_t find_slot(Bytes bytes, uint64_t hash) const; // by the lower half of the hash
  void grow();
  void rebuild_index();
  void index_all(size_t slots);

  Vector<uint8_t> bytes_;   // every string, one after the other
  Vector<uint32_t> ends_;   // row -> end of its bytes
  Vector<uint32_t> hashes_; // row -> lower half of its hash: growing does not hash again
  // Open addressing. The hash stands beside the row, so that a probe touches one place. Rebuilt when
  // restored.
  struct Slot {
    uint32_t row_plus_one; // 0: free
    uint32_t hash;
  };
  Vector<Slot> slots_;
};

template <class IdType>
class Pool {
public:
  IdType intern(Bytes bytes) { return IdType(table_.intern(bytes)); }
  IdType intern(std::string_view text) { return intern(as_bytes(text)); }
  // The ids that another pool's rows have here.
  Vector<uint32_t> intern_all(const Pool& other) { return table_.intern_all(other.table_); }
  IdType find(std::string_view text) const { return IdType(table_.find(as_bytes(text))); }
  Bytes bytes(IdType id) const { return table_[id.row]; }
  std::string_view text(IdType id) const { return id ? as_text(table_[id.row]) : std::string_view(); }
  uint32_t size() const { return table_.size(); }
  size_t byte_size() const { return table_.byte_size(); }
  template <class Stream>
  void describe(Stream& stream) {
    table_.describe(stream);
  }

private:
  InternTable table_;
};

using StringPool = Pool<StringId>;
using SignaturePool =
    Pool<SignatureId>; // keyed by the type as the TYPE section writes it: 0x60 params results

} // namespace weld
