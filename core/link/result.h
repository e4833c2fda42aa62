// What a link gives.
#pragma once

#include "core/base/bytes.h"

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weld {

struct LinkStats {
  // Milliseconds of each phase, by the names of the list in link.cpp.
  std::vector<std::pair<std::string, double>> phases;
  uint32_t objects = 0; // linked
  uint32_t parsed = 0;  // objects parsed since the last link
  uint32_t rewritten =
      0; // functions written again, where the rest of the last output was kept; 0: all was made
  // Why all was made; null: the rest of the last output was kept.
  const char* full = nullptr;
  uint64_t input_bytes = 0;
  uint64_t output_bytes = 0;
};

// The bytes of a module that was linked.
class OutputBytes {
public:
  OutputBytes() = default;
  // In memory of the caller's.
  OutputBytes(uint8_t* data, size_t size) : data_(data), size_(size) {}
  // In memory of its own, whose bytes are anything.
  explicit OutputBytes(size_t size) : owned_(new uint8_t[size]), data_(owned_.get()), size_(size) {}

  uint8_t* data() { return data_; }
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const uint8_t* begin() const { return data_; }
  const uint8_t* end() const { return data_ + size_; }
  Bytes bytes() const { return {data_, size_}; }
  operator Bytes() const { return bytes(); }
  friend bool operator==(const OutputBytes& a, const OutputBytes& b) {
    return a.size_ == b.size_ && (a.empty() || std::memcmp(a.data_, b.data_, a.size_) == 0);
  }

private:
  std::unique_ptr<uint8_t[]> owned_;
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

// Gives the memory that a link writes its output to, once its size is known.
using AllocateOutput = std::function<OutputBytes(size_t size)>;

struct LinkResult {
  bool ok = false;
  OutputBytes output;      // empty unless ok
  std::string why_extract; // TSV, when asked for
  std::string map;         // text, when asked for; empty after errors
  std::string metafile;    // JSON, likewise: core/report/README.md
  std::string source_map;  // JSON, likewise: version 3 of the format
  OutputBytes debug_file;  // a module with debug information, likewise; empty after errors
  LinkStats stats;
};

} // namespace weld
