// A parsed object file: immutable tables, made once when the object arrives and only read afterwards.
//
// All tables of an object lie in one allocation and hold no pointers: names, signatures and features are ids
// of the session's pools, everything else is a number or an offset into the object's own bytes. So an object
// can be copied, saved and restored as it lies in memory, and replacing one touches nothing else.
//
// Local indices stay local: a link adds its own base per entity kind.
#pragma once

#include "core/base/bytes.h"
#include "core/base/diagnostics.h"
#include "core/base/function_ref.h"
#include "core/base/ids.h"
#include "core/base/vector.h"
#include "core/wasm/format.h"
#include "core/wasm/relocations.h"

#include <cassert>
#include <iterator>
#include <memory>
#include <type_traits>

namespace weld {

// Numbers in one object.
using LocalTypeIndex = Index<struct LocalTypeTag>;
using LocalSymbolIndex = Index<struct LocalSymbolTag>;

constexpr uint32_t none32 = ~0u; // a local index, offset or comdat that is not there

// A run of bytes of the object, from its first byte.
struct ByteRange {
  uint32_t offset = 0;
  uint32_t size = 0;
};

// A name in the object's bytes, by the offset of its length. Offset 0, where every file has a zero, is no
// name.
struct EncodedName {
  uint32_t offset = 0;

  explicit operator bool() const { return offset != 0; }
  friend bool operator==(EncodedName, EncodedName) = default;
};

// `object`: the bytes in which the name was checked.
inline std::string_view text_of(Bytes object, EncodedName name) {
  const uint8_t* p = object.data() + name.offset;
  size_t size = *p & 0x7f;
  for (uint32_t shift = 7; *p++ & 0x80; shift += 7) size |= static_cast<size_t>(*p & 0x7f) << shift;
  return as_text(Bytes(p, size));
}

// Relocations as the file has them, checked: from the first one's offset. They are decoded wherever they are
// needed (`RelocRange`): most belong to functions that never reach an output, so that rows for all of them
// would cost more time, and as much memory as the file.
struct EncodedRelocs {
  uint32_t offset = 0;
  uint32_t count = 0;
};

// Rows [first, first + count) of another table of the same object.
struct RowRange {
  uint32_t first = 0;
  uint32_t count = 0;
};

struct ImportRow {
  StringId module;
  StringId field;
  ExternalKind kind;
  uint8_t is_mutable;   // global
  uint8_t limits_flags; // table, memory
  uint8_t unused;
  ValueType value_type;  // global: its type; table: its element type
  SignatureId signature; // function, tag
  uint32_t limits_min; // table, memory of a unit: its limits, in two halves, because rows are packed at four bytes
  uint32_t limits_max;
  uint32_t limits_min_high;
  uint32_t limits_max_high;

  Limits limits() const {
    auto wide = [](uint32_t low, uint32_t high) { return static_cast<uint64_t>(high) << 32 | low; };
    return {limits_flags, 16, wide(limits_min, limits_min_high), wide(limits_max, limits_max_high)};
  }
  void set_limits(const Limits& limits) {
    limits_flags = limits.flags;
    limits_min = static_cast<uint32_t>(limits.minimum);
    limits_min_high = static_cast<uint32_t>(limits.minimum >> 32);
    limits_max = static_cast<uint32_t>(limits.maximum);
    limits_max_high = static_cast<uint32_t>(limits.maximum >> 32);
  }
};

struct FunctionRow {
  SignatureId signature;
  uint32_t offset;      // of the body's size field, from the object's first byte
  uint32_t size;        // with the size field
  uint32_t code_offset; // from the size field to the first byte after it: what FUNCTION_OFFSET counts from
  uint32_t comdat;      // index of its group, or none32
  EncodedRelocs relocs;
  StringId export_name;   // the name it must be exported under, when an object file exports it
  EncodedName name;       // of the first symbol that defines it
  EncodedName debug_name; // from the object's own name section
};

struct SegmentRow {
  StringId name;
  ByteRange data; // offset none32: zeros that take no bytes (in a unit, and of common symbols)
  uint32_t p2align;
  uint32_t flags; // segment_flag, as in the file; .tdata* and .tbss* also get the TLS flag
  uint32_t comdat;
  EncodedRelocs relocs;
};

struct GlobalRow {
  ByteRange init;       // the constant expression with its end
  EncodedRelocs relocs; // of a unit, from the first byte of `init`: the LEB at each is not its value
  EncodedName name;
  ValueType type;
  uint32_t is_mutable;
};

struct TagRow {
  SignatureId signature;
  EncodedName name;
};

// A table, or a memory that a unit has besides the linker's: its element is ValueType::Memory. Resolution, liveness and
// names treat both alike. Their numbers in the output are those of two index spaces.
struct TableRow {
  uint64_t minimum;
  uint64_t maximum;
  EncodedRelocs relocs; // of a unit: functions that it begins with, by their slots
  EncodedName name;
  ValueType element;
  uint32_t limits_flags;
  uint32_t unused = 0;

  bool is_memory() const { return element == ValueType::Memory; }
  Limits limits() const { return {static_cast<uint8_t>(limits_flags), 16, minimum, maximum}; }
};

struct CustomSectionRow {
  StringId name;
  ByteRange data;         // after the name
  uint32_t section_index; // among all sections of the file
  uint32_t comdat;
  EncodedRelocs relocs;
};

struct SymbolRow {
  StringId name; // none for local symbols: nothing looks them up
  EncodedName encoded_name;
  uint32_t element; // function, global, tag, table: row in imports (undefined) or among definitions (defined);
                    // data: segment, or none32 when absolute; section: row in custom_sections or none32
  uint32_t size;    // data
  uint32_t value_low;  // see value()
  uint32_t value_high; // two halves, because rows are packed at four bytes
  uint16_t flags;      // symbol_flag; data in a TLS segment also gets the TLS flag
  SymbolKind kind;
  bool called_directly; // some FUNCTION_INDEX_LEB relocation refers to it: its signature must be right

  // Data: the offset in its segment, or the absolute address.
  uint64_t value() const { return static_cast<uint64_t>(value_high) << 32 | value_low; }
  void set_value(uint64_t value) {
    value_low = static_cast<uint32_t>(value);
    value_high = static_cast<uint32_t>(value >> 32);
  }
  // Undefined function, global, tag, table: row in imports; otherwise none32.
  uint32_t import() const { return is_undefined() ? element : none32; }
  bool is_undefined() const { return flags & symbol_flag::undefined; }
  bool is_local() const { return (flags & symbol_flag::binding_mask) == symbol_flag::binding_local; }
  bool is_weak() const { return (flags & symbol_flag::binding_mask) == symbol_flag::binding_weak; }
  // Data whose segment is its own, and is laid out with the largest size and alignment that any object asks for.
  bool is_common() const {
    return kind == SymbolKind::Data && (flags & symbol_flag::binding_mask) == symbol_flag::binding_common;
  }
};

struct RelocRow {
  uint32_t offset;     // from the start of the payload of its section (custom sections: after the name)
  uint32_t type : 5;   // RelocType
  uint32_t index : 27; // symbol, or type for TYPE_INDEX_LEB
  int64_t addend;

  RelocType reloc_type() const { return static_cast<RelocType>(type); }
};

// Decodes relocations one by one:  for (const RelocRow& reloc : RelocRange(object, function.relocs)) ...
class RelocRange {
public:
  RelocRange() = default;
  // `object`: the bytes in which they were checked.
  RelocRange(Bytes object, EncodedRelocs relocs)
      : first_(object.data() + relocs.offset), count_(relocs.count) {}

  class Iterator {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = RelocRow;
    using difference_type = std::ptrdiff_t;
    using pointer = const RelocRow*;
    using reference = const RelocRow&;

    Iterator(const uint8_t* next, uint32_t left) : next_(next), left_(left) {
      if (left_) decode();
    }
    const RelocRow& operator*() const { return row_; }
    const RelocRow* operator->() const { return &row_; }
    Iterator& operator++() {
      if (--left_) decode();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(const Iterator& other) const { return left_ == other.left_; }

  private:
    uint64_t number() {
      uint64_t value = *next_ & 0x7f;
      for (uint32_t shift = 7; *next_++ & 0x80; shift += 7)
        value |= static_cast<uint64_t>(*next_ & 0x7f) << (shift & 63);
      return value;
    }
    int64_t signed_number() {
      const uint8_t* begin = next_;
      uint64_t value = number();
      uint64_t bits = static_cast<uint64_t>(next_ - begin) * 7;
      if ((next_[-1] & 0x40) && bits < 64) value |= ~uint64_t{0} << bits;
      return static_cast<int64_t>(value);
    }
    void decode() {
      row_.type = static_cast<uint32_t>(number()) & 31;
      row_.offset = static_cast<uint32_t>(number());
      row_.index = static_cast<uint32_t>(number()) & ((1u << 27) - 1);
      row_.addend = traits(row_.reloc_type()).has_addend ? signed_number() : 0;
    }

    const uint8_t* next_; // behind the one that is decoded
    uint32_t left_;       // with that one
    RelocRow row_;
  };
  Iterator begin() const { return {first_, count_}; }
  Iterator end() const { return {nullptr, 0}; }
  uint32_t size() const { return count_; }
  bool empty() const { return count_ == 0; }

private:
  const uint8_t* first_ = nullptr;
  uint32_t count_ = 0;
};

struct InitFunctionRow {
  uint32_t priority;
  uint32_t symbol;
};

// A name under which a unit exports a symbol, when it says others than the symbol's own. In the order of the symbols.
struct ExportRow {
  uint32_t symbol;
  StringId name;
};

struct ComdatRow {
  StringId name;
};

struct FeatureRow {
  uint32_t prefix; // '+' or '-'
  StringId name;
};

enum class ProducerField : uint32_t { Language, ProcessedBy, Sdk };

struct ProducerRow {
  ProducerField field;
  StringId name;
  StringId version;
};

// What the object has but no link can use. Said by each link that has the object in it.
struct WarningRow {
  uint32_t id;       // DiagnosticId
  uint32_t argument; // of the message, or none32
};

// Every table of an object, in the order in which they lie in its allocation: WELD_TABLE(row type, name).
#define WELD_OBJECT_TABLES(WELD_TABLE)                                                                       \
  WELD_TABLE(SymbolRow, symbols)                                                                             \
  WELD_TABLE(TableRow, tables)                                                                               \
  WELD_TABLE(FunctionRow, functions)                                                                         \
  WELD_TABLE(SegmentRow, segments)                                                                           \
  WELD_TABLE(ImportRow, imports)                                                                             \
  WELD_TABLE(SignatureId, types)                                                                             \
  WELD_TABLE(GlobalRow, globals)                                                                             \
  WELD_TABLE(TagRow, tags)                                                                                   \
  WELD_TABLE(CustomSectionRow, custom_sections)                                                              \
  WELD_TABLE(InitFunctionRow, init_functions)                                                                \
  WELD_TABLE(ExportRow, exports)                                                                             \
  WELD_TABLE(ComdatRow, comdats)                                                                             \
  WELD_TABLE(FeatureRow, features)                                                                           \
  WELD_TABLE(ProducerRow, producers)                                                                         \
  WELD_TABLE(WarningRow, warnings)

// What an object is made of besides its tables.
struct ObjectHeader {
  uint32_t code_offset = 0; // of the payload of CODE and DATA, which relocation offsets count from
  uint32_t data_offset = 0;
  uint32_t imported_functions = 0;
  uint32_t imported_globals = 0;
  uint32_t imported_tables = 0;
  uint32_t imported_tags = 0;
  uint32_t first_gc_symbol = none32; // of a unit: the first symbol that needs garbage-collected types
  bool is_64 = false;                // its memory, or a relocation, is a 64-bit one
  bool has_legacy_table =
      false; // an MVP object: one table import and no symbol for it; the table must be number 0
  bool has_many_locals = false; // a function has more than engines take (wasm/engine_limits.h)
  uint8_t unused = 0;
#define WELD_TABLE(Row, name) RowRange name; // first: offset in the allocation
  WELD_OBJECT_TABLES(WELD_TABLE)
#undef WELD_TABLE
};

// The tables while they are filled; kept and reused from one object to the next.
struct ObjectTables {
  ObjectHeader header;
#define WELD_TABLE(Row, name) Vector<Row> name;
  WELD_OBJECT_TABLES(WELD_TABLE)
#undef WELD_TABLE
  void clear();
};

// The tables of an object, to read. As cheap as a pointer, and good as long as the object lives, wherever it
// moves.
class ObjectView {
public:
  ObjectView() = default;
  explicit ObjectView(const uint8_t* memory) : memory_(memory) {}

  const ObjectHeader& header() const { return *reinterpret_cast<const ObjectHeader*>(memory_); }
#define WELD_TABLE(Row, name)                                                                                \
  std::span<const Row> name() const {                                                                        \
    return rows<Row>(header().name);                                                                         \
  }
  WELD_OBJECT_TABLES(WELD_TABLE)
#undef WELD_TABLE
  explicit operator bool() const {
    return memory_ != nullptr;
  }

private:
  template <class Row>
  std::span<const Row> rows(RowRange range) const {
    static_assert(std::is_trivially_copyable_v<Row>, "a table is copied as memory");
    static_assert(std::has_unique_object_representations_v<Row>, "snapshots have no bytes that nobody set");
    return {reinterpret_cast<const Row*>(memory_ + range.first), range.count};
  }

protected:
  const uint8_t* memory_ = nullptr; // ObjectHeader, then the tables, each aligned to 8
};

// Owns the one allocation.
class Object : public ObjectView {
public:
  Object() = default;
  explicit Object(const ObjectTables& tables); // copies every table

  void for_each_name(FunctionRef<void(StringId)> string, FunctionRef<void(SignatureId)> signature) const;
  // Gives names and signatures other ids: row -> row in other pools.
  void renumber(std::span<const uint32_t> strings, std::span<const uint32_t> signatures);

  // An object whose tables lie in `memory`, which somebody else keeps. False when they do not fit in it.
  static bool borrow(Bytes memory, Object& out);

  ObjectView view() const { return *this; }
  // One of its rows, to change. The object has its tables of its own.
  template <class Row>
  Row& edit(const Row& row) {
    assert(owned_);
    return const_cast<Row&>(row);
  }
  Bytes memory() const { return {memory_, size_}; }

private:
  Object(std::unique_ptr<uint8_t[]> memory, size_t size)
      : ObjectView(memory.get()), owned_(std::move(memory)), size_(size) {}

  std::unique_ptr<uint8_t[]> owned_;
  size_t size_ = 0;
};

} // namespace weld
