#include "core/inspect/encode.h"

#include <algorithm>
#include <limits>

namespace weld {

// -----------------------------------------------------------------------------------------------------------
// Columns

std::string tables_schema() {
  constexpr std::string_view storages[] = {"u8", "u32", "f64", "f64", "text"};
  constexpr std::string_view shows[] = {"number", "number", "optional", "optional", "boolean",
                                        "word",   "flags",  "name",     "symbol",   "list"};
  JsonWriter json;
  json.open('[');
  for (const TableInfo& table : inspection_tables()) {
    json.open('{');
    json.field("name", camel_case(table.name));
    json.open("columns", '[');
    for (const ColumnInfo& column : table.columns) {
      json.open('{');
      json.field("name", camel_case(column.name));
      json.field("storage", storages[static_cast<uint8_t>(column.storage)]);
      json.field("show", shows[static_cast<uint8_t>(column.show)]);
      if (!column.words.empty()) {
        json.open("words", '[');
        for (std::string_view word : column.words) json.text(word);
        json.close(']');
      }
      json.close('}');
    }
    json.close(']');
    json.close('}');
  }
  json.close(']');
  return json.take();
}

namespace {

class Encoder {
public:
  explicit Encoder(size_t size) { out_.reserve(size); }

  // `rows` numbers that `get` makes of a row.
  template <class T, class Get>
  void column(const ColumnInfo& column, RawRows rows, uint32_t row_size, Get get) {
    const size_t begin = out_.size();
    out_.resize(begin + static_cast<size_t>(align_to(rows.count * sizeof(T), 8)));
    uint8_t* at = out_.data() + begin;
    const uint8_t* row = rows.data;
    for (size_t i = 0; i < rows.count; i++, row += row_size, at += sizeof(T))
      write_le<T>(at, get(row + column.offset));
  }
  void number(size_t value) {
    const size_t begin = out_.size();
    out_.resize(begin + 8);
    write_le(out_.data() + begin, static_cast<uint32_t>(value));
  }
  void bytes(std::string_view text) { out_.insert(out_.end(), text.begin(), text.end()); }
  std::vector<uint8_t> take() { return std::move(out_); }

private:
  std::vector<uint8_t> out_;
};

void encode_column(Encoder& encoder, const ColumnInfo& column, RawRows rows, uint32_t row_size) {
  auto u32 = [](const uint8_t* p) { return read_le<uint32_t>(p); };
  switch (column.storage) {
  case Storage::U8:
    encoder.column<uint8_t>(column, rows, row_size, [](const uint8_t* p) { return *p; });
    break;
  case Storage::U32: encoder.column<uint32_t>(column, rows, row_size, u32); break;
  case Storage::U64:
    encoder.column<double>(column, rows, row_size, [](const uint8_t* p) {
      auto value = read_le<uint64_t>(p);
      return value == none64 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(value);
    });
    break;
  case Storage::I64:
    encoder.column<double>(column, rows, row_size,
                           [](const uint8_t* p) { return static_cast<double>(read_le<int64_t>(p)); });
    break;
  case Storage::Text:
    encoder.column<uint32_t>(column, rows, row_size, u32);
    encoder.column<uint32_t>(column, rows, row_size,
                             [](const uint8_t* p) { return read_le<uint32_t>(p + 4); });
    break;
  }
}

} // namespace

std::vector<uint8_t> encode_tables(const Inspection& inspection) {
  size_t size = inspection.made.size() + 8;
  for (const TableInfo& table : inspection_tables())
    size += table.rows(inspection).count * table.row_size + 8 * (2 * table.columns.size() + 1);
  Encoder encoder(size);
  for (const TableInfo& table : inspection_tables()) {
    RawRows rows = table.rows(inspection);
    encoder.number(rows.count);
    for (const ColumnInfo& column : table.columns) encode_column(encoder, column, rows, table.row_size);
  }
  encoder.number(inspection.made.size());
  encoder.bytes(inspection.made);
  return encoder.take();
}

// -----------------------------------------------------------------------------------------------------------
// JSON

namespace {

void write_cell(JsonWriter& json, const Inspection& inspection, const Cell& cell, ShownName& shown,
                Demangling demangling) {
  const ColumnInfo& column = cell.column;
  const uint64_t number = column.storage == Storage::Text ? 0 : cell.number();
  switch (column.show) {
  case Show::Number:
    if (column.storage == Storage::I64) return json.signed_number(static_cast<int64_t>(number));
    return json.number(number);
  case Show::Offset:
  case Show::Optional:
  case Show::OptionalOffset: return json.number(number);
  case Show::Boolean: return json.boolean(number != 0);
  case Show::Word:
    if (number < column.words.size()) json.text(column.words[static_cast<size_t>(number)]);
    else json.text(std::to_string(number));
    return;
  case Show::Flags:
    json.open('[');
    for (uint32_t bit = 0; bit < 32; bit++) {
      if (!(number >> bit & 1)) continue;
      const bool is_known = bit < column.words.size() && !column.words[bit].empty();
      if (is_known) json.text(column.words[bit]);
      else json.text(std::to_string(uint64_t{1} << bit));
    }
    return json.close(']');
  case Show::Symbol: {
    std::string_view name = inspection.text(cell.text());
    json.text(name);
    return json.field("display", shown.of(name, demangling));
  }
  case Show::Name: return json.text(inspection.text(cell.text()));
  case Show::List: {
    json.open('[');
    for (std::string_view rest = inspection.text(cell.text()); !rest.empty();) {
      size_t end = std::min(rest.find(", "), rest.size());
      json.text(rest.substr(0, end));
      rest.remove_prefix(std::min(rest.size(), end + 2));
    }
    return json.close(']');
  }
  }
}

} // namespace

void write_table(JsonWriter& json, const Inspection& inspection, const TableInfo& table,
                 Demangling demangling, const std::function<void()>& flush) {
  ShownName shown;
  RawRows rows = table.rows(inspection);
  std::vector<std::string> names;
  for (const ColumnInfo& column : table.columns) names.push_back(camel_case(column.name));
  json.open(camel_case(table.name), '[');
  for (size_t i = 0; i < rows.count; i++) {
    json.new_line();
    json.open('{');
    for (size_t c = 0; c < names.size(); c++) {
      Cell cell(table.columns[c], rows.data + i * table.row_size);
      if (cell.is_absent()) continue;
      json.key(names[c]);
      write_cell(json, inspection, cell, shown, demangling);
    }
    json.close('}');
    flush();
  }
  json.close(']');
}

} // namespace weld
