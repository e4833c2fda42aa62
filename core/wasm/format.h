// The constants of the binary format, of the `linking` and `reloc.*` conventions, and of archives'
// neighbours. Sources: the WebAssembly core specification, tool-conventions' Linking.md and
// DynamicLinking.md.
#pragma once

#include <cstdint>
#include <string_view>

namespace weld {

inline constexpr uint8_t wasm_magic[4] = {0x00, 'a', 's', 'm'};
constexpr uint32_t wasm_version = 1;
constexpr uint32_t linking_version = 2;
constexpr uint32_t wasm_page_size = 65536;

enum class SectionKind : uint8_t {
  Custom,
  Type,
  Import,
  Function,
  Table,
  Memory,
  Global,
  Export,
  Start,
  Elem,
  Code,
  Data,
  DataCount,
  Tag,
};

// What an import, an export or an index space is about. The numbers are the format's.
enum class ExternalKind : uint8_t { Function, Table, Memory, Global, Tag };

// The byte that the format has for a type. Of references these are the nullable ones to abstract heap types; what else
// there is to say of a reference is in the upper bits: see `ref_type`.
enum class ValueType : uint32_t {
  I32 = 0x7f,
  I64 = 0x7e,
  F32 = 0x7d,
  F64 = 0x7c,
  V128 = 0x7b,
  I8 = 0x78, // of fields alone
  I16 = 0x77,
  NullExnRef = 0x74,
  NullFuncRef = 0x73,
  NullExternRef = 0x72,
  NullRef = 0x71,
  FuncRef = 0x70,
  ExternRef = 0x6f,
  AnyRef = 0x6e,
  EqRef = 0x6d,
  I31Ref = 0x6c,
  StructRef = 0x6b,
  ArrayRef = 0x6a,
  ExnRef = 0x69,
  Memory =
      0, // no type of a value: the element of what is a memory, where tables and memories are rows of one table
};

namespace ref_type {
constexpr uint32_t defined =
    1u << 31; // to a type that is defined, whose number the lower bits are, not a byte
constexpr uint32_t non_null = 1u << 30; // not to null
constexpr uint32_t in_group = 1u << 29; // the number counts in the recursive group that is being defined
constexpr uint32_t number_mask = (1u << 29) - 1;
} // namespace ref_type

// The format's bytes before a heap type.
constexpr uint8_t ref_null_prefix = 0x63, ref_prefix = 0x64;

// Whether it is a reference to a type that is defined.
constexpr bool is_defined_ref(ValueType type) {
  return static_cast<uint32_t>(type) & ref_type::defined;
}
constexpr bool is_nullable(ValueType type) {
  return !(static_cast<uint32_t>(type) & ref_type::non_null);
}
constexpr ValueType nullable(ValueType type) {
  return static_cast<ValueType>(static_cast<uint32_t>(type) & ~ref_type::non_null);
}
constexpr ValueType non_nullable(ValueType type) {
  return static_cast<ValueType>(static_cast<uint32_t>(type) | ref_type::non_null);
}
constexpr ValueType defined_ref(uint32_t number, bool is_nullable) {
  return static_cast<ValueType>(ref_type::defined | (is_nullable ? 0 : ref_type::non_null) | number);
}
// Of a reference to a type that is defined.
constexpr uint32_t ref_number(ValueType type) {
  return static_cast<uint32_t>(type) & ref_type::number_mask;
}
constexpr bool is_ref(ValueType type) {
  const uint32_t byte = static_cast<uint32_t>(nullable(type));
  return is_defined_ref(type) || (byte >= 0x69 && byte <= 0x74);
}

// Flags of limits.
constexpr uint8_t limits_has_max = 1;
constexpr uint8_t limits_shared = 2;
constexpr uint8_t limits_is_64 = 4;
constexpr uint8_t limits_has_page_size = 8;

struct Limits {
  uint8_t flags = 0;
  uint32_t page_size_log2 = 16;
  uint64_t minimum = 0;
  uint64_t maximum = 0;
  bool operator==(const Limits&) const = default;
};

struct TableType {
  ValueType element = ValueType::FuncRef;
  Limits limits;
};

struct GlobalType {
  ValueType type = ValueType::I32;
  bool is_mutable = false;
  bool operator==(const GlobalType&) const = default;
};

// `linking` subsections.
enum class LinkingSubsection : uint8_t { SegmentInfo = 5, InitFuncs = 6, ComdatInfo = 7, SymbolTable = 8 };

enum class SymbolKind : uint8_t { Function, Data, Global, Section, Tag, Table };

namespace symbol_flag {
constexpr uint32_t binding_mask = 0x3;
constexpr uint32_t binding_weak = 0x1;
constexpr uint32_t binding_local = 0x2;
constexpr uint32_t binding_common = 0x3; // data that every object may define, as C's tentative definitions
constexpr uint32_t visibility_hidden = 0x4;
constexpr uint32_t undefined = 0x10;
constexpr uint32_t exported = 0x20;
constexpr uint32_t explicit_name = 0x40;
constexpr uint32_t no_strip = 0x80;
constexpr uint32_t tls = 0x100;
constexpr uint32_t absolute = 0x200;
} // namespace symbol_flag

namespace segment_flag {
constexpr uint32_t strings = 1;
constexpr uint32_t tls = 2;
constexpr uint32_t retain = 4;
// weld's own, in no file: the zeros of a common symbol.
constexpr uint32_t common = 1u << 29;
// Likewise: segments of a unit that code names. They have no address.
constexpr uint32_t passive_data = 1u << 30, passive_elements = 1u << 31;
constexpr uint32_t passive = passive_data | passive_elements;
} // namespace segment_flag

enum class ComdatKind : uint8_t { Data, Function, Global, Tag, Table, Section };

// name section subsections.
enum class NameSubsection : uint8_t {
  Module,
  Function,
  Local,
  Label,
  Type,
  Table,
  Memory,
  Global,
  Element,
  DataSegment,
  Field,
  Tag,
};

// dylink.0 subsections.
enum class DylinkSubsection : uint8_t { MemInfo = 1, Needed, ExportInfo, ImportInfo, RuntimePath };

// Instructions that the linker itself writes or, in constant expressions, reads.
namespace opcode {
constexpr uint8_t unreachable = 0x00, block = 0x02, end = 0x0b, br = 0x0c, br_table = 0x0e, call = 0x10,
                  call_indirect = 0x11, return_call_indirect = 0x13, drop = 0x1a, local_get = 0x20,
                  local_set = 0x21, local_tee = 0x22, global_get = 0x23, global_set = 0x24, i32_store = 0x36,
                  i64_store = 0x37, i32_const = 0x41, i64_const = 0x42, f32_const = 0x43, f64_const = 0x44,
                  i32_add = 0x6a, i32_sub = 0x6b, i32_mul = 0x6c, i64_add = 0x7c, i64_sub = 0x7d,
                  i64_mul = 0x7e, i32_wrap_i64 = 0xa7, i64_extend_i32_u = 0xad, ref_null = 0xd0,
                  ref_func = 0xd2, gc_prefix = 0xfb, misc_prefix = 0xfc, atomic_prefix = 0xfe,
                  no_result = 0x40;
constexpr uint8_t array_new_fixed = 0x08, br_on_cast = 0x18, br_on_cast_fail = 0x19; // after gc_prefix
constexpr uint8_t memory_init = 8, data_drop = 9, memory_fill = 11;                  // after misc_prefix
constexpr uint8_t atomic_notify = 0x00, i32_atomic_wait = 0x01,
                  i32_atomic_store = 0x17, // after atomic_prefix
    i32_rmw_cmpxchg = 0x48;
} // namespace opcode

inline constexpr std::string_view default_module = "env";
inline constexpr std::string_view function_table_name = "__indirect_function_table";
inline constexpr std::string_view memory_name = "memory";
inline constexpr std::string_view branch_hints_name = "metadata.code.branch_hint";

} // namespace weld
