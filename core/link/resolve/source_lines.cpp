#include "core/link/resolve/source_lines.h"

namespace weld {

// Rows take some ten times the bytes of the section: what is larger is not worth a message's memory.
constexpr size_t max_size = 8 << 20;

// Keeps all rows of an object.
struct LineCollector final : ObjectLines {
  LineCollector(const Resolved& link, const LinkObject& object, SourceLines& l)
      : ObjectLines(link, object), lines(l) {}

  SourceLines& lines;

  bool is_small() const { return section().size() <= max_size; }
  void begin_table(LineFiles&& files, uint64_t) override { lines.tables_.push_back(std::move(files)); }
  void add_row(const Row& row) override {
    if (row.function == none32 || row.offset >= none32) return;
    lines.rows_.push_back({row.function, static_cast<uint32_t>(row.offset), row.line, row.column,
                           static_cast<uint32_t>(lines.tables_.size() - 1), row.file});
  }
  void finish_sequence(const Row&) override {}
};

SourceLines::SourceLines(const Resolved& link, LinkObjectId id) : object_(id) {
  const LinkObject& object = link.objects[id];
  if (object.unit) {
    unit_ = object.unit;
    symbols_ = object.defining_symbols();
    return;
  }
  LineCollector collector(link, object, *this);
  if (collector.is_small()) collector.run();
}

SourcePlace SourceLines::find(uint32_t function, uint64_t offset) const {
  if (unit_)
    return unit_->place_of((*unit_)[unit_->symbol_at(symbols_[function])], static_cast<uint32_t>(offset));
  const Row* best = nullptr;
  for (const Row& row : rows_) {
    if (row.function != function || !row.line) continue; // line 0: no line made it, the one before it did
    const bool is_better =
        !best || (row.offset > offset ? row.offset < best->offset
                                      : best->offset > offset || row.offset >= best->offset);
    if (is_better) best = &row;
  }
  if (!best || best->file >= tables_[best->table].size()) return {};
  return {tables_[best->table].shown(best->file), best->line, best->column};
}

static void read_lines(const Resolved& link, LinkObjectId id, SourceLines& lines) {
  if (lines.object() != id) lines = SourceLines(link, id);
}

void note_definition(const Resolved& link, LinkObjectId id, uint32_t symbol, SourceLines& lines,
                     Diagnostic& d) {
  read_lines(link, id, lines);
  const LinkObject& o = link.objects[id];
  const SymbolRow& row = o.object.symbols()[symbol];
  const SourcePlace at = lines.find(row.element, 0);
  if (!at.line) return;
  Location where = link.location_of(id);
  where.symbol = o.text(row.encoded_name);
  where.source = at;
  d.note_at(std::move(where), "defined here");
}

Location place_in_code(const Resolved& link, LinkObjectId id, uint32_t function, const RelocRow& reloc,
                       SourceLines& lines) {
  Location where = link.location_of(id);
  const LinkObject& o = link.objects[id];
  const FunctionRow& row = o.object.functions()[function];
  if (row.name) where.symbol = o.text(row.name);
  if (o.unit) {
    read_lines(link, id, lines);
    where.instruction = reloc.offset;
    where.source = lines.find(function, reloc.offset);
    return where;
  }
  where.section = "CODE";
  where.offset = uint64_t{o.object.header().code_offset} + reloc.offset;
  if (link.options.like_lld()) return where; // which does not show it
  read_lines(link, id, lines);
  where.source = lines.find(function, where.offset - row.offset - row.code_offset);
  return where;
}

} // namespace weld
