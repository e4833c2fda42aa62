// Functions as instructions whose operands are still symbolic: what a compiler in the same process hands
// over, and what a unit keeps. They become bytes when the linker knows final indices and addresses.
//
// A function is a table of (opcode, operand), with an array of words for operands that need more than one.
// Instructions are those of the format, in its order, with the `end` of the body. Operands that name things
// are numbers of the unit's symbols and types.
#pragma once

#include "core/base/byte_buffer.h"
#include "core/input/object.h"
#include "core/unit/symbol_numbers.h"

#include <array>

namespace weld {

enum class Op : uint16_t {
#define WELD_OP(id, name, code, operand, number, feature) id = code,
#include "core/include/weld/opcodes.def"
#undef WELD_OP
};

// What the operand is. `extra[n..]`: it is the position of n's words in the extra array, which several
// instructions may share.
enum class OperandKind : uint8_t {
  None,      // ignored
  ZeroByte,  // ignored; a memory, which is always number 0
  ZeroBytes, // ignored; two of them
  I32,       // the value
  I64,       // extra: low and high word
  F32,       // the value's bits
  F64,       // extra: low and high word of the value's bits
  V128,      // extra: 4 words
  Shuffle,   // extra: 16 lane numbers, in 4 words
  Lane,      // the lane
  Local,     // its number, parameters first
  Label,     // how many blocks outwards
  BrTable,   // extra: count, the labels, the default label
  Block,     // its type: no_result, a value type, or first_block_type + a type
  TryTable,  // extra: type as Block has it, count, then kind (0 to 3 as the format has them), tag, label each
  Memory,    // extra: alignment as a power of two, low and high word of the offset, a data symbol or none32
  MemoryLane,      // as Memory, then the lane
  SelectType,      // a value type
  RefType,         // the heap type's byte, which is also the value type
  Function,        // a symbol
  Global,          // a symbol; that of data or a function stands for the global that holds its address
  Tag,             // a symbol
  Table,           // a symbol; none32: the table of functions
  TwoTables,       // extra: two of these, the destination first
  CallIndirect,    // extra: a type, a table as above
  FunctionSlot,    // a symbol: its number in the table of functions
  Address,         // extra: a data symbol, low and high word of what is added
  MemoryInit,      // a passive data symbol
  PassiveData,     // likewise
  TableInit,       // extra: a symbol of passive elements, a table as above
  PassiveElements, // a symbol
};

// What the instruction needs; the name that the `target_features` section has for it.
#define WELD_MIR_FEATURES(WELD_FEATURE)                                                                      \
  WELD_FEATURE(mvp, "")                                                                                      \
  WELD_FEATURE(sign_ext, "sign-ext")                                                                         \
  WELD_FEATURE(saturating, "nontrapping-fptoint")                                                            \
  WELD_FEATURE(bulk_memory, "bulk-memory")                                                                   \
  WELD_FEATURE(reference_types, "reference-types")                                                           \
  WELD_FEATURE(multivalue, "multivalue")                                                                     \
  WELD_FEATURE(simd, "simd128")                                                                              \
  WELD_FEATURE(relaxed_simd, "relaxed-simd")                                                                 \
  WELD_FEATURE(atomics, "atomics")                                                                           \
  WELD_FEATURE(tail_calls, "tail-call")                                                                      \
  WELD_FEATURE(exceptions, "exception-handling")

enum class MirFeature : uint8_t {
#define WELD_FEATURE(id, name) id,
  WELD_MIR_FEATURES(WELD_FEATURE)
#undef WELD_FEATURE
};

struct OpTraits {
  std::string_view name;
  uint16_t code;
  OperandKind operand;
  uint8_t number; // memory: natural alignment; lanes: how many there are; both as a power of two
  MirFeature feature;
};

constexpr OpTraits op_table[] = {
#define WELD_OP(id, name, code, operand, number, feature)                                                    \
  {name, code, OperandKind::operand, number, MirFeature::feature},
#include "core/include/weld/opcodes.def"
#undef WELD_OP
};

// The row of an opcode; null when there is no such instruction.
const OpTraits* find_op(uint16_t code);
inline const OpTraits& traits(Op op) {
  return *find_op(static_cast<uint16_t>(op));
}

constexpr uint32_t first_block_type = 0x100;

// A function's instructions, to read.
struct MirCode {
  std::span<const uint16_t> opcodes;
  std::span<const uint32_t> operands;
  std::span<const uint32_t> extra;

  Op op(uint32_t i) const { return static_cast<Op>(opcodes[i]); }
  uint64_t extra_64(uint32_t at) const { return extra[at] | static_cast<uint64_t>(extra[at + 1]) << 32; }
  uint32_t size() const { return static_cast<uint32_t>(opcodes.size()); }
};

// What a function refers to, as an object's relocations would say it: one row each, made while walking.
// `offset` is the number of the instruction. For a type that is a block's, whose field is signed, the addend
// is 1.
class MirRefs {
public:
  MirRefs() = default;
  // `function_table`: what stands for none32 as a table. References name rows of symbols, not their numbers.
  MirRefs(const MirCode& code, const SymbolNumbers& symbols, uint32_t function_table, bool is_64)
      : code_(code), symbols_(&symbols), function_table_(function_table), is_64_(is_64) {}

  // The first reference after `row`, whose instruction and number in it are in the cursor.
  struct Cursor {
    uint32_t instruction = 0;
    uint32_t number = 0;
  };
  bool next(Cursor& cursor, RelocRow& row) const;
  // Reference `number` of an instruction; false when it has no more.
  bool get(uint32_t instruction, uint32_t number, RelocRow& row) const;

  template <class Each>
  void for_each(Each each) const {
    RelocRow row;
    for (Cursor cursor; next(cursor, row);) each(row);
  }

private:
  bool block_type(uint32_t instruction, uint32_t type, RelocRow& row) const;

  MirCode code_;
  const SymbolNumbers* symbols_ = nullptr;
  uint32_t function_table_ = none32;
  bool is_64_ = false;
};

// How references are written: at final width, or so that they can be linked again.
enum class MirForm : uint8_t { Final, Relocatable };

// A function as a unit keeps it: a header, operands, extra words, opcodes, encoded locals.
struct StoredMir {
  struct Header {
    uint32_t instructions;
    uint32_t extra;
    uint32_t locals_size;
  };
  MirCode code;
  Bytes locals; // their declaration, as a body has it

  static size_t size_of(const MirCode& code, Bytes locals);
  static void write(const MirCode& code, Bytes locals, uint8_t* to);
  static StoredMir read(const uint8_t* from);
};

} // namespace weld
