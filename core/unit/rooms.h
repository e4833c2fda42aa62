// One buffer from which a unit takes rooms: for names, instructions and data. What is given back is used
// again for rooms of about the same size, so editing the same functions over and over does not make it grow.
// Rooms do not move in the buffer; the buffer moves when it grows.
#pragma once

#include "core/base/bytes.h"
#include "core/base/vector.h"

namespace weld {

struct Room {
  uint32_t offset = 0; // 0: none; the buffer begins with a zero that belongs to nobody
  uint32_t size = 0;   // of what is in it

  explicit operator bool() const { return offset != 0; }
};

class Rooms {
public:
  Rooms() : bytes_(alignment) {}

  // The content is not defined.
  Room take(size_t size) {
    const uint32_t size_class = class_of(size);
    if (size_class >= free_.size()) free_.resize(size_class + 1);
    Room room{0, static_cast<uint32_t>(size)};
    if (Vector<uint32_t>& free = free_[size_class]; !free.empty()) {
      room.offset = free.back();
      free.pop_back();
    } else {
      room.offset = static_cast<uint32_t>(bytes_.size());
      bytes_.resize(bytes_.size() + capacity_of(size_class));
    }
    used_ += capacity_of(size_class);
    return room;
  }
  Room store(Bytes content) {
    Room room = take(content.size());
    if (!content.empty()) std::memcpy(at(room), content.data(), content.size());
    return room;
  }
  void give_back(Room& room) {
    if (room) {
      const uint32_t size_class = class_of(room.size);
      free_[size_class].push_back(room.offset);
      used_ -= capacity_of(size_class);
    }
    room = {};
  }

  uint8_t* at(Room room) { return bytes_.data() + room.offset; }
  const uint8_t* at(Room room) const { return bytes_.data() + room.offset; }
  Bytes bytes(Room room) const { return Bytes(bytes_).subspan(room.offset, room.size); }
  Bytes all() const { return bytes_; }
  // Whether most of the bytes belong to no room.
  bool is_sparse() const { return bytes_.size() > least_sparse && bytes_.size() > 3 * used_; }
  size_t memory_size() const {
    size_t size = bytes_.size();
    for (const Vector<uint32_t>& offsets : free_) size += offsets.size() * sizeof(uint32_t);
    return size;
  }
  // Whether a room of that size can be had: offsets have 32 bits.
  bool fits(size_t size) const { return bytes_.size() + size * 2 < (uint64_t{1} << 31); }

  // For snapshots.
  template <class Stream>
  void describe(Stream& stream) {
    stream.rows(bytes_);
    stream.value(used_);
    stream.count(free_);
    for (Vector<uint32_t>& offsets : free_) stream.rows(offsets);
  }

private:
  static constexpr size_t alignment = 16;
  static constexpr size_t least_sparse = 1u << 18;
  // Four classes to each power of two: 16, 20, 24, 28, 32, 40, ... times the alignment from there on.
  static uint32_t class_of(size_t size) {
    size_t units = (size + alignment - 1) / alignment;
    if (units <= 4) return static_cast<uint32_t>(units ? units : 1) - 1;
    uint32_t power = 0;
    size_t top = units - 1;
    while (top >= 8) {
      top >>= 1;
      power++;
    }
    return 4 * power + static_cast<uint32_t>(top);
  }
  static size_t capacity_of(uint32_t size_class) {
    if (size_class < 4) return (size_class + 1) * alignment;
    uint32_t power = (size_class - 4) / 4, step = (size_class - 4) % 4;
    return (static_cast<size_t>(step) + 5) * alignment << power;
  }

  Vector<uint8_t> bytes_;
  uint64_t used_ = 0;                  // bytes that rooms have
  std::vector<Vector<uint32_t>> free_; // by class: offsets of rooms that were given back
};

} // namespace weld
