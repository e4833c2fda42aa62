// Writes instructions, for compilers in C++ and for tests:
//
//   MirBuilder b;
//   b.local_get(0).i32(1).op(Op::i32_add).call(f).end();
//   unit.set_function(symbol, {}, b.code());
//
// Operands of several words are kept once when they are the same as the last ones.
#pragma once

#include "core/base/vector.h"
#include "core/unit/unit.h"

#include <initializer_list>

namespace weld {

class MirBuilder {
public:
  MirCode code() const { return {opcodes_, operands_, extra_}; }
  void clear() {
    opcodes_.clear();
    operands_.clear();
    extra_.clear();
  }
  uint32_t size() const { return static_cast<uint32_t>(opcodes_.size()); }

  MirBuilder& op(Op op, uint32_t operand = 0) { return op_with(static_cast<uint16_t>(op), operand); }
  MirBuilder& op_with(uint16_t code, uint32_t operand) {
    opcodes_.push_back(code);
    operands_.push_back(operand);
    return *this;
  }
  MirBuilder& op_words(Op o, std::initializer_list<uint32_t> words) { return op(o, extra(words)); }

  // memory_copy and memory_init, where a memory is the unit's.
  MirBuilder& op_own(Op o, std::initializer_list<uint32_t> words) { return op(o, own_memory | extra(words)); }

  MirBuilder& i32(int32_t value) { return op(Op::i32_const, static_cast<uint32_t>(value)); }
  MirBuilder& i64(int64_t value) { return wide(Op::i64_const, static_cast<uint64_t>(value)); }
  MirBuilder& f32(float value) { return op(Op::f32_const, bits<uint32_t>(value)); }
  MirBuilder& f64(double value) { return wide(Op::f64_const, bits<uint64_t>(value)); }
  MirBuilder& local_get(uint32_t local) { return op(Op::local_get, local); }
  MirBuilder& local_set(uint32_t local) { return op(Op::local_set, local); }
  MirBuilder& call(UnitSymbol function) { return op(Op::call, function.row); }
  MirBuilder& call_indirect(uint32_t type, UnitSymbol table = {}) {
    return op_words(Op::call_indirect, {type, table.row});
  }
  // An address: of data, plus an offset.
  MirBuilder& address(Op o, UnitSymbol data, int64_t addend = 0) {
    return op_words(o, {data.row, low(addend), high(addend)});
  }
  // An access to memory; of data plus an offset when there is data.
  MirBuilder& memory(Op o, uint32_t p2align, int64_t offset = 0, UnitSymbol data = {}) {
    return op_words(o, {p2align, low(offset), high(offset), data.row});
  }
  MirBuilder& block(Op o) { return op(o, opcode::no_result); }
  MirBuilder& block(Op o, ValueType result) { return op(o, static_cast<uint32_t>(result)); }
  // ref_null, ref_test, ref_cast, select_t.
  MirBuilder& type(Op o, ValueType type) { return op(o, static_cast<uint32_t>(type)); }
  MirBuilder& block(Op o, uint32_t type) { return op(o, first_block_type + type); }
  MirBuilder& br_table(std::span<const uint32_t> labels, uint32_t default_label) {
    auto at = static_cast<uint32_t>(extra_.size());
    extra_.push_back(static_cast<uint32_t>(labels.size()));
    extra_.append(labels);
    extra_.push_back(default_label);
    return op(Op::br_table, at);
  }
  MirBuilder& end() { return op(Op::end); }

private:
  static uint32_t low(int64_t value) { return static_cast<uint32_t>(value); }
  static uint32_t high(int64_t value) { return static_cast<uint32_t>(value >> 32); }
  template <class To, class From>
  static To bits(From value) {
    static_assert(sizeof(To) == sizeof(From));
    To out;
    std::memcpy(&out, &value, sizeof out);
    return out;
  }
  MirBuilder& wide(Op o, uint64_t value) {
    return op_words(o, {static_cast<uint32_t>(value), static_cast<uint32_t>(value >> 32)});
  }
  uint32_t extra(std::initializer_list<uint32_t> words) {
    const size_t count = words.size();
    if (extra_.size() >= count &&
        std::memcmp(words.begin(), extra_.data() + extra_.size() - count, count * sizeof(uint32_t)) == 0)
      return static_cast<uint32_t>(extra_.size() - count);
    extra_.append(words);
    return static_cast<uint32_t>(extra_.size() - count);
  }

  Vector<uint16_t> opcodes_;
  Vector<uint32_t> operands_;
  Vector<uint32_t> extra_;
};

} // namespace weld
