// XXH3 follows doc/xxhash_spec.md of Cyan4973/xxHash, whose names its constants have; SHA-1 follows RFC 3174.
#include "core/base/hash.h"

namespace weld {

namespace {

constexpr uint64_t prime32_1 = 0x9E3779B1, prime32_2 = 0x85EBCA77, prime32_3 = 0xC2B2AE3D;
constexpr uint64_t prime64_1 = 0x9E3779B185EBCA87, prime64_2 = 0xC2B2AE3D27D4EB4F,
                   prime64_3 = 0x165667B19E3779F9, prime64_4 = 0x85EBCA77C2B2AE63,
                   prime64_5 = 0x27D4EB2F165667C5;
constexpr uint64_t prime_mx1 = 0x165667919E3779F9, prime_mx2 = 0x9FB21C651E98DF25;

constexpr size_t secret_size = 192;
constexpr uint8_t secret[secret_size] = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
};

uint64_t word(const uint8_t* p) {
  return read_le<uint64_t>(p);
}
uint64_t secret_word(size_t offset) {
  return word(secret + offset);
}
uint64_t rotate_left(uint64_t x, uint32_t bits) {
  return x << bits | x >> (64 - bits);
}

// Both halves of the product, xored.
uint64_t fold_product(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t avalanche(uint64_t x) {
  x = (x ^ x >> 37) * prime_mx1;
  return x ^ x >> 32;
}

uint64_t avalanche_xxh64(uint64_t x) {
  x = (x ^ x >> 33) * prime64_2;
  x = (x ^ x >> 29) * prime64_3;
  return x ^ x >> 32;
}

uint64_t hash_0_to_16(const uint8_t* in, size_t size) {
  if (size == 0) return avalanche_xxh64(secret_word(56) ^ secret_word(64));
  if (size < 4) {
    uint32_t combined = in[size - 1] | static_cast<uint32_t>(size) << 8 | static_cast<uint32_t>(in[0]) << 16 |
                        static_cast<uint32_t>(in[size >> 1]) << 24;
    uint32_t key = read_le<uint32_t>(secret) ^ read_le<uint32_t>(secret + 4);
    return avalanche_xxh64(key ^ combined);
  }
  if (size <= 8) {
    uint64_t combined = read_le<uint32_t>(in + size - 4) | uint64_t{read_le<uint32_t>(in)} << 32;
    uint64_t value = secret_word(8) ^ secret_word(16) ^ combined;
    value ^= rotate_left(value, 49) ^ rotate_left(value, 24);
    value *= prime_mx2;
    value ^= (value >> 35) + size;
    value *= prime_mx2;
    return value ^ value >> 28;
  }
  uint64_t low = secret_word(24) ^ secret_word(32) ^ word(in);
  uint64_t high = secret_word(40) ^ secret_word(48) ^ word(in + size - 8);
  return avalanche(size + __builtin_bswap64(low) + high + fold_product(low, high));
}

uint64_t mix(const uint8_t* in, size_t secret_offset) {
  return fold_product(word(in) ^ secret_word(secret_offset), word(in + 8) ^ secret_word(secret_offset + 8));
}

uint64_t hash_17_to_240(const uint8_t* in, size_t size) {
  uint64_t sum = size * prime64_1;
  if (size <= 128) {
    for (size_t i = (size - 1) / 32 + 1; i-- > 0;)
      sum += mix(in + i * 16, i * 32) + mix(in + size - i * 16 - 16, i * 32 + 16);
    return avalanche(sum);
  }
  for (size_t i = 0; i < 8; i++) sum += mix(in + i * 16, i * 16);
  sum = avalanche(sum);
  for (size_t i = 8; i < size / 16; i++) sum += mix(in + i * 16, (i - 8) * 16 + 3);
  return avalanche(sum + mix(in + size - 16, 119));
}

constexpr size_t stripe_size = 64, block_size = stripe_size * (secret_size - stripe_size) / 8;

void accumulate(uint64_t (&sums)[8], const uint8_t* stripe, size_t secret_offset) {
  for (size_t i = 0; i < 8; i++) {
    uint64_t data = word(stripe + i * 8);
    uint64_t value = data ^ secret_word(secret_offset + i * 8);
    sums[i ^ 1] += data;
    sums[i] += (value & 0xFFFFFFFF) * (value >> 32);
  }
}

uint64_t hash_long(const uint8_t* in, size_t size) {
  uint64_t sums[8] = {prime32_3, prime64_1, prime64_2, prime64_3, prime64_4, prime32_2, prime64_5, prime32_1};
  const uint8_t* end = in + size;
  for (; static_cast<size_t>(end - in) > block_size; in += block_size) {
    for (size_t n = 0; n < block_size / stripe_size; n++) accumulate(sums, in + n * stripe_size, n * 8);
    for (size_t i = 0; i < 8; i++)
      sums[i] = (sums[i] ^ sums[i] >> 47 ^ secret_word(secret_size - stripe_size + i * 8)) * prime32_1;
  }
  // The last stripe overlaps the one before it when the size is no multiple of a stripe.
  size_t full_stripes = (static_cast<size_t>(end - in) - 1) / stripe_size;
  for (size_t n = 0; n < full_stripes; n++) accumulate(sums, in + n * stripe_size, n * 8);
  accumulate(sums, end - stripe_size, secret_size - 71);

  uint64_t result = size * prime64_1;
  for (size_t i = 0; i < 8; i += 2)
    result += fold_product(sums[i] ^ secret_word(11 + i * 8), sums[i + 1] ^ secret_word(19 + i * 8));
  return avalanche(result);
}

uint32_t rotate_left(uint32_t x, uint32_t bits) {
  return x << bits | x >> (32 - bits);
}

struct Sha1State {
  uint32_t a, b, c, d, e;
};

// Twenty rounds. Each would shift the five words by one place; written out five times, the names shift
// instead.
template <class Choose>
void sha1_rounds(Sha1State& s, const uint32_t* w, uint32_t constant, Choose choose) {
  auto round = [&](uint32_t a, uint32_t& b, uint32_t c, uint32_t d, uint32_t& e, uint32_t word_and_constant) {
    e += rotate_left(a, 5) + choose(b, c, d) + word_and_constant;
    b = rotate_left(b, 30);
  };
  for (const uint32_t* end = w + 20; w != end; w += 5) {
    round(s.a, s.b, s.c, s.d, s.e, w[0] + constant);
    round(s.e, s.a, s.b, s.c, s.d, w[1] + constant);
    round(s.d, s.e, s.a, s.b, s.c, w[2] + constant);
    round(s.c, s.d, s.e, s.a, s.b, w[3] + constant);
    round(s.b, s.c, s.d, s.e, s.a, w[4] + constant);
  }
}

void sha1_block(Sha1State& state, const uint8_t* block) {
  uint32_t w[80];
  for (size_t t = 0; t < 16; t++) w[t] = __builtin_bswap32(read_le<uint32_t>(block + t * 4));
  for (size_t t = 16; t < 80; t++) w[t] = rotate_left(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
  auto parity = [](uint32_t b, uint32_t c, uint32_t d) { return b ^ c ^ d; };
  Sha1State s = state;
  sha1_rounds(s, w, 0x5A827999, [](uint32_t b, uint32_t c, uint32_t d) { return d ^ (b & (c ^ d)); });
  sha1_rounds(s, w + 20, 0x6ED9EBA1, parity);
  sha1_rounds(s, w + 40, 0x8F1BBCDC,
              [](uint32_t b, uint32_t c, uint32_t d) { return (b & c) | (d & (b | c)); });
  sha1_rounds(s, w + 60, 0xCA62C1D6, parity);
  state = {state.a + s.a, state.b + s.b, state.c + s.c, state.d + s.d, state.e + s.e};
}

} // namespace

uint64_t xxh3_64(Bytes bytes) {
  if (bytes.size() <= 16) return hash_0_to_16(bytes.data(), bytes.size());
  if (bytes.size() <= 240) return hash_17_to_240(bytes.data(), bytes.size());
  return hash_long(bytes.data(), bytes.size());
}

Sha1Digest sha1(Bytes bytes) {
  Sha1State state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  Bytes rest = bytes;
  for (; rest.size() >= 64; rest = rest.subspan(64)) sha1_block(state, rest.data());
  // A one bit, zeros, and the length in bits end the last block; they may need one more.
  uint8_t tail[128] = {};
  if (!rest.empty()) std::memcpy(tail, rest.data(), rest.size());
  tail[rest.size()] = 0x80;
  size_t tail_size = rest.size() < 56 ? 64 : 128;
  write_le(tail + tail_size - 8, __builtin_bswap64(uint64_t{bytes.size()} * 8));
  for (size_t at = 0; at < tail_size; at += 64) sha1_block(state, tail + at);

  Sha1Digest digest;
  uint8_t* p = digest.data();
  for (uint32_t part : {state.a, state.b, state.c, state.d, state.e}) {
    write_le(p, __builtin_bswap32(part));
    p += 4;
  }
  return digest;
}

} // namespace weld
