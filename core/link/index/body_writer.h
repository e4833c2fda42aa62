// Instructions of the functions that the linker makes.
#pragma once

#include "core/link/index/indices.h"

namespace weld {

class BodyWriter {
public:
  explicit BodyWriter(const Indexed& link) : link_(link) {}

  ByteBuffer bytes;

  void op(uint8_t code) { bytes.u8(code); }
  void op(uint8_t code, uint64_t operand) {
    bytes.u8(code);
    bytes.uleb(operand);
  }
  template <class Tag>
  void op(uint8_t code, Index<Tag> operand) {
    op(code, operand.value);
  }
  void i32(int64_t value) {
    bytes.u8(opcode::i32_const);
    bytes.sleb(static_cast<int32_t>(value));
  }
  void pointer(uint64_t value) {
    bytes.u8(link_.is_64 ? opcode::i64_const : opcode::i32_const);
    bytes.sleb(link_.is_64 ? static_cast<int64_t>(value) : static_cast<int32_t>(value));
  }
  void pointer_add() { bytes.u8(link_.is_64 ? opcode::i64_add : opcode::i32_add); }
  void global(uint8_t code, SymbolId id) { op(code, link_.global_index_of(id)); }
  void call_symbol(SymbolId id) { op(opcode::call, link_.function_index_of(id)); }
  // Where the block of the running thread's data is.
  void get_tls_base() {
    if (link_.known.get_tls_base) call_symbol(link_.known.get_tls_base);
    else global(opcode::global_get, link_.known.tls_base);
  }
  void set_tls_base() {
    if (link_.known.set_tls_base) call_symbol(link_.known.set_tls_base);
    else global(opcode::global_set, link_.known.tls_base);
  }
  void atomic(uint8_t code) {
    op(opcode::atomic_prefix, code);
    bytes.uleb(2); // alignment
    bytes.uleb(0); // offset
  }
  void block_begin() {
    op(opcode::block);
    op(opcode::no_result);
  }

private:
  const Indexed& link_;
};

} // namespace weld
