#include "core/base/string_pool.h"

namespace weld {

// Multiply-and-fold over 8-byte words. Not for hostile-collision resistance beyond the cost of one probe
// each: the table's load stays under a half, and equal hashes only cost comparisons.
static uint64_t fold(uint64_t a, uint64_t b) {
  uint64_t low = (a & 0xffffffff) * b;
  uint64_t high = (a >> 32) * b + (low >> 32);
  return (low & 0xffffffff) ^ (high << 17) ^ (high >> 11) ^ a;
}

uint64_t hash_bytes(Bytes bytes) {
  constexpr uint64_t prime = 0x9e3779b97f4a7c15;
  const uint8_t* p = bytes.data();
  size_t n = bytes.size();
  uint64_t h = n * prime;
  for (; n >= 8; p += 8, n -= 8) h = fold(h ^ read_le<uint64_t>(p), prime);
  uint64_t tail = 0;
  if (n >= 4) {
    tail = read_le<uint32_t>(p) | static_cast<uint64_t>(read_le<uint32_t>(p + n - 4)) << 32;
  } else if (n > 0) {
    tail = p[0] | static_cast<uint64_t>(p[n / 2]) << 8 | static_cast<uint64_t>(p[n - 1]) << 16;
  }
  h = fold(h ^ tail, prime);
  return h ^ (h >> 32);
}

uint32_t InternTable::find_slot(Bytes bytes, uint64_t hash) const {
  uint32_t mask = static_cast<uint32_t>(slots_.size()) - 1;
  for (uint32_t slot = static_cast<uint32_t>(hash) & mask;; slot = (slot + 1) & mask) {
    if (!slots_[slot].row_plus_one) return slot;
    if (slots_[slot].hash != static_cast<uint32_t>(hash)) continue;
    Bytes other = (*this)[slots_[slot].row_plus_one - 1];
    if (other.size() == bytes.size() &&
        (bytes.empty() || std::memcmp(other.data(), bytes.data(), bytes.size()) == 0))
      return slot;
  }
}

void InternTable::grow() {
  index_all(slots_.empty() ? 1024 : slots_.size() * 2);
}

void InternTable::rebuild_index() {
  // What was restored is believed, but not to lie outside.
  bool fits = ends_.size() == hashes_.size();
  uint32_t before = 0;
  for (uint32_t end : ends_) {
    fits &= end >= before && end <= bytes_.size();
    before = end;
  }
  if (!fits) ends_.clear(), hashes_.clear(), bytes_.clear();
  size_t slots = 1024;
  while (slots < ends_.size() * 2 + 2) slots *= 2;
  index_all(slots);
}

void InternTable::index_all(size_t count) {
  Vector<Slot> slots(count);
  uint32_t mask = static_cast<uint32_t>(slots.size()) - 1;
  for (uint32_t row = 0; row < size(); row++) {
    uint32_t slot = hashes_[row] & mask;
    while (slots[slot].row_plus_one) slot = (slot + 1) & mask;
    slots[slot] = {row + 1, hashes_[row]};
  }
  slots_ = std::move(slots);
}

uint32_t InternTable::intern(Bytes bytes, uint64_t hash) {
  if ((size() + 1) * 2 > slots_.size()) grow();
  uint32_t slot = find_slot(bytes, hash);
  if (slots_[slot].row_plus_one) return slots_[slot].row_plus_one - 1;
  uint32_t row = size();
  bytes_.append(bytes);
  ends_.push_back(static_cast<uint32_t>(bytes_.size()));
  hashes_.push_back(static_cast<uint32_t>(hash));
  slots_[slot] = {row + 1, static_cast<uint32_t>(hash)};
  return row;
}

Vector<uint32_t> InternTable::intern_all(const InternTable& other) {
  Vector<uint32_t> rows(other.size());
  for (uint32_t row = 0; row < other.size(); row++) rows[row] = intern(other[row], other.hashes_[row]);
  return rows;
}

uint32_t InternTable::find(Bytes bytes) const {
  if (slots_.empty()) return ~0u;
  uint32_t slot = find_slot(bytes, hash_bytes(bytes));
  return slots_[slot].row_plus_one ? slots_[slot].row_plus_one - 1 : ~0u;
}

} // namespace weld
