// Writes the build id, by which a debugger or a crash report finds the files that belong to a module. Ids are
// wasm-ld's, byte for byte: the hash is over the whole output with spaces where the id goes.
#include "core/base/hash.h"
#include "core/link/write/output_plan.h"

#include <algorithm>

namespace weld {

namespace {

// wasm-ld hashes pieces of this size at the same time, and then their hashes.
constexpr size_t piece_size = 1024 * 1024;

template <class Hash>
auto hash_of_hashes(Bytes bytes, Hash hash) {
  Vector<uint8_t> hashes;
  while (!bytes.empty()) {
    Bytes piece = bytes.first(std::min(bytes.size(), piece_size));
    auto digest = hash(piece);
    hashes.append(digest);
    bytes = bytes.subspan(piece.size());
  }
  return hash(Bytes(hashes));
}

std::array<uint8_t, 8> xxh3_bytes(Bytes bytes) {
  std::array<uint8_t, 8> out;
  write_le(out.data(), xxh3_64(bytes));
  return out;
}

// RFC 9562: the version is in the upper half of byte 6, the variant in the upper bits of byte 8.
void make_uuid(std::span<uint8_t> id, uint8_t version) {
  id[6] = static_cast<uint8_t>((id[6] & 0x0f) | version << 4);
  id[8] = static_cast<uint8_t>((id[8] & 0x3f) | 0x80);
}

// A name-based UUID (version 5): the SHA-1 of wasm-ld's name space and of the output's hash.
Sha1Digest fast_id(Bytes output) {
  constexpr uint8_t name_space[uuid_size] = {0xA1, 0xFA, 0x48, 0x2D, 0x0E, 0x22, 0x03, 0x8D,
                                             0x33, 0x8B, 0x52, 0x1C, 0xD6, 0xD2, 0x12, 0xB2};
  auto hash = hash_of_hashes(output, xxh3_bytes);
  ByteBuffer named;
  named.append(Bytes(name_space));
  named.append(Bytes(hash));
  Sha1Digest id = sha1({named.data(), named.size()});
  make_uuid(id, 5);
  return id;
}

} // namespace

size_t build_id_size(const Options& options) {
  switch (options.build_id) {
  case BuildIdKind::None: return 0;
  case BuildIdKind::Fast:
  case BuildIdKind::Uuid: return uuid_size;
  case BuildIdKind::Sha1: return std::tuple_size_v<Sha1Digest>;
  case BuildIdKind::Hex: return options.build_id_bytes.size();
  }
  return 0;
}

void write_build_id(const Options& options, const OutputPlan& plan, OutputBytes& output) {
  std::span<uint8_t> id = std::span(output.data(), output.size()).last(plan.build_id_size);
  auto put = [&](Bytes bytes) { std::copy_n(bytes.begin(), std::min(bytes.size(), id.size()), id.begin()); };
  switch (options.build_id) {
  case BuildIdKind::None: break;
  case BuildIdKind::Fast: put(fast_id(output)); break;
  case BuildIdKind::Sha1: put(hash_of_hashes(output, sha1)); break;
  case BuildIdKind::Uuid:
    put(options.build_id_bytes);
    make_uuid(id, 4);
    break;
  case BuildIdKind::Hex: put(options.build_id_bytes); break;
  }
}

} // namespace weld
