// Hashes that formats and other tools prescribe, for the build id. The linker's own tables use `hash_bytes`
// (string_pool.h), which need not be anybody else's.
#pragma once

#include "core/base/bytes.h"

#include <array>

namespace weld {

// XXH3, 64 bits, with its default secret and seed 0.
uint64_t xxh3_64(Bytes bytes);

using Sha1Digest = std::array<uint8_t, 20>;
Sha1Digest sha1(Bytes bytes);

} // namespace weld
