// Every column of every table says here whether it is a part of the interface. A column or table that is missing in this
// file does not compile.
#include "core/input/interface.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace weld {

namespace {

enum class Compare : uint8_t {
  Value,  // a part of the interface
  Name,   // likewise, wherever it is in the bytes
  Bytes,  // bytes that are a part of the interface
  Size,   // bytes whose number is a part of it
  Relocs, // relocations that are a part of it
  Nothing // contents, and where they are
};

struct Column {
  uint16_t offset, size;
  Compare how;
};

template <size_t n>
constexpr size_t size_of(const Column (&columns)[n]) {
  size_t size = 0;
  for (const Column& column : columns) size += column.size;
  return size;
}

// Rows have no padding, so sizes add up only when all columns are there.
#define WELD_COLUMN(member, how)                                                                             \
  { offsetof(Row, member), sizeof(Row::member), Compare::how }
#define WELD_COLUMNS(RowType, name, ...)                                                                     \
  namespace name {                                                                                           \
  using Row = RowType;                                                                                       \
  constexpr Column columns[] = {__VA_ARGS__};                                                                \
  static_assert(size_of(columns) == sizeof(Row), "every column has to be in the list");                      \
  }

WELD_COLUMNS(SymbolRow, symbols, WELD_COLUMN(name, Value), WELD_COLUMN(encoded_name, Name),
             WELD_COLUMN(element, Value), WELD_COLUMN(size, Value), WELD_COLUMN(value_low, Value),
             WELD_COLUMN(value_high, Value), WELD_COLUMN(flags, Value), WELD_COLUMN(kind, Value),
             WELD_COLUMN(called_directly, Value))
WELD_COLUMNS(TableRow, tables, WELD_COLUMN(minimum, Value), WELD_COLUMN(maximum, Value),
             WELD_COLUMN(name, Name), WELD_COLUMN(element, Value), WELD_COLUMN(limits_flags, Value),
             WELD_COLUMN(relocs, Relocs), WELD_COLUMN(unused, Value))
WELD_COLUMNS(FunctionRow, functions, WELD_COLUMN(signature, Value), WELD_COLUMN(offset, Nothing),
             WELD_COLUMN(size, Nothing), WELD_COLUMN(code_offset, Nothing), WELD_COLUMN(comdat, Value),
             WELD_COLUMN(relocs, Nothing), WELD_COLUMN(export_name, Value), WELD_COLUMN(name, Name),
             WELD_COLUMN(debug_name, Name))
WELD_COLUMNS(SegmentRow, segments, WELD_COLUMN(name, Value), WELD_COLUMN(data, Size),
             WELD_COLUMN(p2align, Value), WELD_COLUMN(flags, Value), WELD_COLUMN(comdat, Value),
             WELD_COLUMN(relocs, Nothing))
WELD_COLUMNS(ImportRow, imports, WELD_COLUMN(module, Value), WELD_COLUMN(field, Value),
             WELD_COLUMN(kind, Value), WELD_COLUMN(value_type, Value), WELD_COLUMN(is_mutable, Value),
             WELD_COLUMN(limits_flags, Value), WELD_COLUMN(unused, Value), WELD_COLUMN(signature, Value),
             WELD_COLUMN(limits_min, Value), WELD_COLUMN(limits_max, Value),
             WELD_COLUMN(limits_min_high, Value), WELD_COLUMN(limits_max_high, Value))
WELD_COLUMNS(SignatureId, types, WELD_COLUMN(row, Value))
WELD_COLUMNS(GlobalRow, globals, WELD_COLUMN(init, Bytes), WELD_COLUMN(relocs, Relocs),
             WELD_COLUMN(name, Name), WELD_COLUMN(type, Value), WELD_COLUMN(is_mutable, Value))
WELD_COLUMNS(TagRow, tags, WELD_COLUMN(signature, Value), WELD_COLUMN(name, Name))
// What custom sections are depends on the link: relink.cpp compares those that it writes.
WELD_COLUMNS(CustomSectionRow, custom_sections, WELD_COLUMN(name, Nothing), WELD_COLUMN(data, Nothing),
             WELD_COLUMN(section_index, Nothing), WELD_COLUMN(comdat, Nothing), WELD_COLUMN(relocs, Nothing))
WELD_COLUMNS(InitFunctionRow, init_functions, WELD_COLUMN(priority, Value), WELD_COLUMN(symbol, Value))
WELD_COLUMNS(ExportRow, exports, WELD_COLUMN(symbol, Value), WELD_COLUMN(name, Value))
WELD_COLUMNS(ComdatRow, comdats, WELD_COLUMN(name, Value))
WELD_COLUMNS(FeatureRow, features, WELD_COLUMN(prefix, Value), WELD_COLUMN(name, Value))
WELD_COLUMNS(ProducerRow, producers, WELD_COLUMN(field, Value), WELD_COLUMN(name, Value),
             WELD_COLUMN(version, Value))
WELD_COLUMNS(WarningRow, warnings, WELD_COLUMN(id, Value), WELD_COLUMN(argument, Value))

template <class T>
T read(const uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

bool same_relocs(const ObjectVersion& a, EncodedRelocs p, const ObjectVersion& b, EncodedRelocs q) {
  if (p.count != q.count) return false;
  auto other = b.relocs(q).begin();
  for (const RelocRow& reloc : a.relocs(p)) {
    if (reloc.type != other->type || reloc.index != other->index || reloc.addend != other->addend ||
        reloc.offset != other->offset)
      return false;
    ++other;
  }
  return true;
}

bool same(const ObjectVersion& a, const uint8_t* p, const ObjectVersion& b, const uint8_t* q,
          const Column& column) {
  p += column.offset;
  q += column.offset;
  switch (column.how) {
  case Compare::Value: return std::memcmp(p, q, column.size) == 0;
  case Compare::Name: return a.text(read<EncodedName>(p)) == b.text(read<EncodedName>(q));
  case Compare::Bytes: {
    const Bytes x = a.range(read<ByteRange>(p)), y = b.range(read<ByteRange>(q));
    return std::equal(x.begin(), x.end(), y.begin(), y.end());
  }
  case Compare::Size: return read<ByteRange>(p).size == read<ByteRange>(q).size;
  case Compare::Relocs: return same_relocs(a, read<EncodedRelocs>(p), b, read<EncodedRelocs>(q));
  case Compare::Nothing: break;
  }
  return true;
}

struct TableColumns {
  RowRange ObjectHeader::*rows;
  size_t row_size;
  std::span<const Column> columns;
};
constexpr TableColumns all_tables[] = {
#define WELD_TABLE(Row, table) {&ObjectHeader::table, sizeof(Row), table::columns},
    WELD_OBJECT_TABLES(WELD_TABLE)
#undef WELD_TABLE
};

bool same_rows(const ObjectVersion& a, const ObjectVersion& b, const TableColumns& table) {
  const ObjectHeader &x = a.object.header(), &y = b.object.header();
  const RowRange p = x.*table.rows, q = y.*table.rows;
  if (p.count != q.count) return false;
  // Tables lie behind the header.
  const uint8_t* left = reinterpret_cast<const uint8_t*>(&x) + p.first;
  const uint8_t* right = reinterpret_cast<const uint8_t*>(&y) + q.first;
  for (uint32_t i = 0; i < p.count; i++, left += table.row_size, right += table.row_size)
    for (const Column& column : table.columns)
      if (!same(a, left, b, right, column)) return false;
  return true;
}

} // namespace

bool same_interface(const ObjectVersion& a, const ObjectVersion& b) {
  const ObjectHeader &x = a.object.header(), &y = b.object.header();
  if (x.is_64 != y.is_64 || x.has_legacy_table != y.has_legacy_table ||
      x.imported_functions != y.imported_functions || x.imported_globals != y.imported_globals ||
      x.imported_tables != y.imported_tables || x.imported_tags != y.imported_tags)
    return false;
  for (const TableColumns& table : all_tables)
    if (table.rows != &ObjectHeader::custom_sections && !same_rows(a, b, table)) return false;
  return true;
}

} // namespace weld
