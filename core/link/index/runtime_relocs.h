// Code for the relocations whose values only a loader knows: what `__wasm_apply_data_relocs` and
// `__wasm_apply_tls_relocs` do.
#pragma once

#include "core/base/byte_buffer.h"
#include "core/link/index/indices.h"

namespace weld {

struct RelocationCode {
  ByteBuffer instructions;
  Vector<uint32_t> ends; // of each relocation's instructions
};

// More bytes than the code of all relocations has.
uint64_t relocation_code_bound(const LaidOut& link);

RelocationCode data_relocations(const Indexed& link);
RelocationCode tls_relocations(const Indexed& link);

// How many relocations each of several functions has, so that no body has more bytes than `max_body` unless one
// relocation does. Empty where one function is enough.
Vector<uint32_t> split_relocations(const RelocationCode& code, uint64_t max_body);

} // namespace weld
