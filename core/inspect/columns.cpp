#include "core/inspect/columns.h"

#include <cstddef>
#include <type_traits>

namespace weld {

namespace {

using std::string_view;
namespace rows = inspection;

constexpr string_view section_kinds[] = {"custom", "TYPE",   "IMPORT",    "FUNCTION", "TABLE",
                                         "MEMORY", "GLOBAL", "EXPORT",    "START",    "ELEM",
                                         "CODE",   "DATA",   "DATACOUNT", "TAG"};
constexpr string_view type_kinds[] = {"function", "struct", "array", "continuation"};
constexpr string_view external_kinds[] = {"function", "table", "memory", "global", "tag"};
constexpr string_view segment_modes[] = {"active", "passive", "declarative"};
constexpr string_view segment_flags[] = {"strings", "tls", "retain"};
constexpr string_view symbol_kinds[] = {"function", "data", "global", "section", "tag", "table"};
constexpr string_view symbol_flags[] = {"weak",     "local",         "hidden",   "common", "undefined",
                                        "exported", "explicit-name", "no-strip", "tls",    "absolute"};
constexpr string_view relocation_types[] = {
#define WELD_RELOC(name, id, field, target, addend) string_view("R_WASM_" #name),
#include "core/wasm/relocations.def"
#undef WELD_RELOC
};
constexpr string_view comdat_kinds[] = {"data", "function", "global", "tag", "table", "section"};
constexpr string_view name_spaces[] = {"module", "function", "local",   "label", "type",  "table",
                                       "memory", "global",   "element", "data",  "field", "tag"};
constexpr string_view line_flags[] = {"stmt", "basic-block", "prologue-end", "epilogue-begin", "end-sequence"};
constexpr auto& member_kinds = file_kind_words;

template <class T>
constexpr Storage storage_of() {
  if (std::is_same_v<T, uint8_t>) return Storage::U8;
  if (std::is_same_v<T, uint32_t>) return Storage::U32;
  if (std::is_same_v<T, uint64_t>) return Storage::U64;
  if (std::is_same_v<T, int64_t>) return Storage::I64;
  return Storage::Text;
}

using inspection::Text;
#define WELD_TABLE(Row, table, title)                                                                        \
  namespace table##_columns {                                                                                \
    using This = rows::Row;                                                                                  \
    constexpr ColumnInfo list[] = {
#define WELD_COLUMN(type, field, show, words)                                                                \
  {#field, offsetof(This, field), storage_of<type>(), Show::show, words},
#define WELD_TABLE_END                                                                                       \
  }                                                                                                          \
  ;                                                                                                          \
  }
#include "core/inspect/tables.def"
#undef WELD_TABLE
#undef WELD_COLUMN
#undef WELD_TABLE_END

constexpr TableInfo tables[] = {
#define WELD_TABLE(Row, table, title)                                                                        \
  {#table, title, sizeof(rows::Row), table##_columns::list, [](const Inspection& i) {                        \
     return RawRows{reinterpret_cast<const uint8_t*>(i.table.data()), i.table.size()};                       \
   }},
#define WELD_COLUMN(type, field, show, words)
#define WELD_TABLE_END
#include "core/inspect/tables.def"
#undef WELD_TABLE
#undef WELD_COLUMN
#undef WELD_TABLE_END
};

} // namespace

std::span<const TableInfo> inspection_tables() {
  return tables;
}

std::string camel_case(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); i++) {
    if (name[i] != '_') out += name[i];
    else if (++i < name.size()) out += static_cast<char>(name[i] >= 'a' ? name[i] - 'a' + 'A' : name[i]);
  }
  return out;
}

uint64_t Cell::number() const {
  switch (column.storage) {
  case Storage::U8: return *at;
  case Storage::U32: return read_le<uint32_t>(at);
  default: return read_le<uint64_t>(at);
  }
}

inspection::Text Cell::text() const {
  return read_le<inspection::Text>(at);
}

bool Cell::is_absent() const {
  switch (column.show) {
  case Show::Name:
  case Show::Symbol:
  case Show::List: return !text();
  case Show::Optional:
  case Show::OptionalOffset: return column.storage == Storage::U32 ? number() == none32 : number() == none64;
  default: return false;
  }
}

} // namespace weld
