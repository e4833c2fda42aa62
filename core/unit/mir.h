// Functions as instructions whose operands are still symbolic: what a compiler in the same process hands
// over, and what a unit keeps. They become bytes when the linker knows final indices and addresses.
//
// A function is a table of (opcode, operand), with an array of words for operands that need more than one.
// Instructions are those of the format, in its order, with the `end` of the body. Operands that name things
// are numbers of the unit's symbols and types.
#pragma once

#include "core/base/byte_buffer.h"
#include "core/base/reader.h"
#include "core/input/object.h"
#include "core/unit/symbol_numbers.h"
#include "core/wasm/type_text.h"

#include <array>

namespace weld {

enum class Op : uint16_t {
#define WELD_OP(id, name, code, operand, number, feature) id = code,
#include "core/include/weld/opcodes.def"
#undef WELD_OP
};

// What the operand is. `extra[n..]`: it is the position of n's words in the extra array, which several
// instructions may share.
//
// A type is a number of the unit's types. A value type is a ValueType, whose references to defined types have the unit's
// numbers.
enum class OperandKind : uint8_t {
  None,        // ignored
  ZeroByte,    // ignored
  MemoryIndex, // own_memory + a memory; what is less: the linker's memory
  TwoMemories, // own_memory + extra: two memories, the destination first, none32: the linker's; less: that one twice
  I32,         // the value
  I64,         // extra: low and high word
  F32,         // the value's bits
  F64,         // extra: low and high word of the value's bits
  V128,        // extra: 4 words
  Shuffle, // extra: 16 lane numbers, in 4 words
  Lane,    // the lane
  Local,   // its number, parameters first
  Label,   // how many blocks outwards
  BrTable, // extra: count, the labels, the default label
  Block, // its type: no_result, a value type, or first_block_type + a type, which is below ref_type::non_null
  TryTable, // extra: type as Block has it, count, then kind (0 to 3 as the format has them), tag, label each
  Memory, // extra: alignment as a power of two, low and high word of the offset, a data symbol or none32; with
          // alignment + in_own_memory, a memory
  MemoryLane,      // as Memory, then the lane
  SelectType,      // a value type
  RefType,         // a heap type: that of the nullable reference which the value type is
  CastType,        // a value type: the reference
  Function,        // a symbol
  Global,          // a symbol; that of data or a function stands for the global that holds its address
  Tag,             // a symbol
  Table,           // a symbol; none32: the table of functions
  TwoTables,       // extra: two of these, the destination first
  CallIndirect,    // extra: a type, a table as above
  FunctionSlot,    // a symbol: its number in the table of functions
  Address,         // extra: a data symbol, low and high word of what is added
  MemoryInit,      // a passive data symbol; or own_memory + extra: that, a memory
  PassiveData,     // likewise
  TableInit,       // extra: a symbol of passive elements, a table as above
  PassiveElements, // a symbol
  Type,            // a type
  TypeAndField,    // extra: a type, the number of a field
  TypeAndCount,    // extra: a type, a number
  TwoTypes,        // extra: two types, the destination first
  TypeAndData,     // extra: a type, a passive data symbol
  TypeAndElements, // extra: a type, a symbol of passive elements
  BranchOnCast, // extra: a label, the value types of the reference that there is and of the one that is asked for
};
constexpr uint32_t own_memory = 1u << 31; // symbols have smaller numbers
constexpr uint32_t in_own_memory = 0x40;  // as in the format

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
  WELD_FEATURE(exceptions, "exception-handling")                                                             \
  WELD_FEATURE(bulk_memory_opt, "bulk-memory-opt") /* LLVM 20's name for copying and filling */              \
  WELD_FEATURE(mutable_globals, "mutable-globals")                                                           \
  WELD_FEATURE(memory64, "memory64")                                                                         \
  WELD_FEATURE(extended_const, "extended-const")                                                             \
  WELD_FEATURE(multi_memory, "multimemory")                                                                  \
  WELD_FEATURE(gc, "gc") /* with typed references to functions */                                            \
  WELD_FEATURE(fp16, "fp16")

enum class MirFeature : uint8_t {
#define WELD_FEATURE(id, name) id,
  WELD_MIR_FEATURES(WELD_FEATURE)
#undef WELD_FEATURE
};

constexpr uint32_t feature_count = 0
#define WELD_FEATURE(id, name) +1
    WELD_MIR_FEATURES(WELD_FEATURE)
#undef WELD_FEATURE
    ;

// A set of features.
constexpr uint32_t feature_bit(MirFeature feature) {
  return feature == MirFeature::mvp ? 0 : 1u << static_cast<uint8_t>(feature);
}
uint32_t features_of(ValueType type);
uint32_t features_of(const SignatureParts& signature);
uint32_t features_of(const SignaturePool& pool, SignatureId type);

struct OpTraits {
  std::string_view name;
  uint16_t code;
  OperandKind operand;
  uint8_t number; // memory: natural alignment; lanes: how many there are; both as a power of two
  MirFeature feature;
};

inline constexpr OpTraits op_table[] = {
#define WELD_OP(id, name, code, operand, number, feature)                                                    \
  {name, code, OperandKind::operand, number, MirFeature::feature},
#include "core/include/weld/opcodes.def"
#undef WELD_OP
};

// The row of an opcode; null when there is no such instruction.
const OpTraits* find_op(uint16_t code);
// The instruction whose opcode is read; null: it is not known, or the bytes end. One that lets null pass (`ref.test null`,
// `ref.cast null`) is the same instruction as one that does not.
const OpTraits* read_op(Reader& reader, bool& lets_null_pass);
inline const OpTraits& traits(Op op) {
  return *find_op(static_cast<uint16_t>(op));
}

constexpr uint32_t first_block_type = 0x100;
constexpr bool is_type_of_unit(uint32_t block_type) {
  return block_type >= first_block_type && block_type < ref_type::non_null;
}

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
// is 1; and for the slot of a function, if it is only there to declare the function for `ref.func`.
class MirRefs {
public:
  MirRefs() = default;
  // `function_table`: what stands for none32 as a table. References name rows of symbols, not their numbers.
  // `locals`: where they have types that are defined, else empty.
  MirRefs(const MirCode& code, Bytes locals, const SymbolNumbers& symbols, uint32_t function_table, bool is_64)
      : code_(code), locals_(locals), symbols_(&symbols), function_table_(function_table), is_64_(is_64) {}

  // The first reference after `row`, whose instruction and number in it are in the cursor. Those of locals come first.
  struct Cursor {
    uint32_t local = 0; // how many runs of locals were looked at
    uint32_t instruction = 0;
    uint32_t number = 0;
  };
  bool next(Cursor& cursor, RelocRow& row) const;
  bool is_64() const { return is_64_; }
  // Whether a reference to a function's slot is not for its number.
  static bool only_declares(const RelocRow& slot) { return slot.addend != 0; }
  // Reference `number` of an instruction; false when it has no more.
  bool get(uint32_t instruction, uint32_t number, RelocRow& row) const;

  template <class Each>
  void for_each(Each each) const {
    RelocRow row;
    for (Cursor cursor; next(cursor, row);) each(row);
  }

private:
  bool block_type(uint32_t instruction, uint32_t type, RelocRow& row) const;
  bool value_type(uint32_t instruction, uint32_t type, RelocRow& row) const;

  MirCode code_;
  Bytes locals_;
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
    uint32_t has_typed_locals;
  };
  MirCode code;
  Bytes locals; // their declaration, as a body has it, but for types that are defined: see LocalRuns
  bool has_typed_locals = false;

  Bytes typed_locals() const { return has_typed_locals ? locals : Bytes(); }

  static size_t size_of(const MirCode& code, Bytes locals);
  static void write(const MirCode& code, Bytes locals, bool has_typed_locals, uint8_t* to);
  static StoredMir read(const uint8_t* from);
};

// Locals of a function: runs of one type. A reference to a defined type has the number of the unit's type in five bytes,
// behind ref_null_prefix or `typed_ref_prefix`.
class LocalRuns {
public:
  static constexpr uint8_t typed_ref_prefix = 0x62; // not to null; in no file

  static void encode(std::span<const ValueType> locals, ByteBuffer& out);

  explicit LocalRuns(Bytes declaration) : at_(declaration.data()), left_(number()) {}
  // The next run, if there is one.
  bool next(uint32_t& count, ValueType& type);
  uint32_t left() const { return left_; }

private:
  uint32_t number();

  const uint8_t* at_;
  uint32_t left_;
};

// The reference of a value type to a type that is defined; the field is signed, since a heap type may be negative.
RelocRow type_reference(uint32_t instruction, uint32_t type, bool is_signed);

} // namespace weld
