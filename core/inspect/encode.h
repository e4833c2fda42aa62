// An inspection as bytes and as JSON, by its columns alone.
#pragma once

#include "core/base/demangle.h"
#include "core/base/json.h"
#include "core/inspect/columns.h"

#include <functional>
#include <string>
#include <vector>

namespace weld {

// The tables as JSON: [{"name", "title", "columns": [{"name", "storage", "show", "words"}]}], in camel case.
// It is what `encode_tables` has to be read by.
std::string tables_schema();

// Every table's columns, one after the other, each aligned to 8 bytes: the number of rows (4 bytes, 4 of
// padding), then the columns. u8 and u32 are as they are; numbers of 64 bits are doubles, an absent one NaN;
// a text is two columns (offset, size). Behind the tables: the length of `made`, and it.
std::vector<uint8_t> encode_tables(const Inspection& inspection);

// The rows of a table, as "table": [{"column": value}]; what is absent is left out. Written into the object
// that is open; `flush` is called between rows, and may take what there is.
void write_table(JsonWriter& json, const Inspection& inspection, const TableInfo& table,
                 Demangling demangling, const std::function<void()>& flush);

} // namespace weld
