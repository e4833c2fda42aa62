// The tables of an inspection as data: for what treats all of them alike.
#pragma once

#include "core/inspect/inspection.h"

#include <span>

namespace weld {

enum class Show : uint8_t {
  Number,
  Offset,
  Optional,
  OptionalOffset,
  Boolean,
  Word,
  Flags,
  Name,
  Symbol,
  List
};
enum class Storage : uint8_t { U8, U32, U64, I64, Text };

struct ColumnInfo {
  std::string_view name; // in snake case
  uint32_t offset;       // in the row
  Storage storage;
  Show show;
  std::span<const std::string_view> words;
};

struct RawRows {
  const uint8_t* data;
  size_t count;
};

struct TableInfo {
  std::string_view name, title;
  uint32_t row_size;
  std::span<const ColumnInfo> columns;
  RawRows (*rows)(const Inspection&);
};

std::span<const TableInfo> inspection_tables();

// Of a FileKind.
inline constexpr std::string_view file_kind_words[] = {
    "unknown",      "empty",     "wasm",      "component",     "archive",  "thin-archive", "bitcode",
    "stub-library", "elf",       "mach-o",    "coff",          "gzip",     "compressed",   "zip",
    "tar",          "wasm-text", "llvm-text", "linker-script", "web-page", "text"};
static_assert(std::size(file_kind_words) == static_cast<size_t>(FileKind::Text) + 1);

// "payload_offset" -> "payloadOffset", "mutable_" -> "mutable"
std::string camel_case(std::string_view name);

// A field of a row.
struct Cell {
  const ColumnInfo& column;
  const uint8_t* at;

  Cell(const ColumnInfo& c, const uint8_t* row) : column(c), at(row + c.offset) {}
  uint64_t number() const; // signed ones as two's complement
  inspection::Text text() const;
  bool is_absent() const;
};

} // namespace weld
