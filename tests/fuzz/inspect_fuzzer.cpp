// Any bytes, inspected: whatever the tables hold must lie in the file or in what was made of it, and all of
// it can be encoded, written as JSON and printed.
#include "core/inspect/encode.h"
#include "core/inspect/symbolizer.h"
#include "core/tool/inspect.h"

#include <cstdio>
#include <cstdlib>

using namespace weld;

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

// The file that the program reads.
class OneFile final : public Files {
public:
  explicit OneFile(Bytes bytes) : bytes_(bytes) {}
  bool exists(const std::string&) override { return true; }
  bool read(const std::string& path, FileBytes& out, std::string& error) override {
    error = "No such file or directory";
    if (path == "file") out = FileBytes::copy(bytes_);
    return path == "file";
  }
  bool write(const std::string&, Bytes, bool, std::string&) override { return false; }
  bool can_write(const std::string&, std::string&) override { return false; }

private:
  Bytes bytes_;
};

// How many bytes of text there are: many rows may have the same long name.
size_t check(const Inspection& inspection) {
  const size_t end = inspection.file.size() + inspection.made.size();
  size_t size = 0;
  for (const TableInfo& table : inspection_tables()) {
    RawRows rows = table.rows(inspection);
    for (size_t i = 0; i < rows.count; i++)
      for (const ColumnInfo& column : table.columns) {
        Cell cell(column, rows.data + i * table.row_size);
        if (column.storage != Storage::Text || !cell.text()) continue;
        inspection::Text text = cell.text();
        require(text.offset <= end && text.size <= end - text.offset, "a text in the file");
        const bool is_made = text.offset >= inspection.file.size();
        require(is_made || text.size <= inspection.file.size() - text.offset, "a text in one piece");
        size += inspection.text(text).size() + 1;
      }
  }
  for (size_t i = 1; i < inspection.lines.size(); i++)
    require(inspection.lines[i - 1].address <= inspection.lines[i].address ||
                (inspection.lines[i - 1].flags & line_end_sequence),
            "lines in the order of addresses");
  for (const inspection::Line& line : inspection.lines)
    require(line.file == none32 || line.file < inspection.source_files.size(), "the file of a line");
  for (const inspection::Symbol& s : inspection.symbols)
    require(s.import == none32 || s.import < inspection.imports.size(), "the import of a symbol");
  for (const inspection::Section& s : inspection.sections)
    require(s.offset <= s.payload_offset && s.payload_offset <= s.offset + s.size &&
                s.offset + s.size <= inspection.file.size(),
            "a section in the file");
  for (const Inspection::Problem& p : inspection.problems)
    render(diagnostic_of(inspection, p, {"file", {}, {}, no_offset, no_offset, {}, {}}),
           DiagnosticStyle::Weld, Demangling::Llvm22);
  return size;
}

void symbolize(Bytes file) {
  Inspection inspection;
  inspect(file, inspection);
  Symbolizer symbolizer(inspection);
  std::vector<uint64_t> addresses = {0, 20, none64};
  for (const inspection::UnitRange& range : inspection.unit_ranges)
    if (addresses.size() < 64) addresses.insert(addresses.end(), {range.begin, uint64_t{range.begin} + 9});
  for (uint64_t address : addresses)
    for (const SourceFrame& frame : symbolizer.find(address)) {
      require(frame.file == none32 || frame.file < inspection.source_files.size(), "the file of a frame");
      for (inspection::Text text : {frame.name, frame.linkage_name})
        require(!text || text.offset + text.size <= file.size(), "the name of a function in the file");
    }
}

size_t inspect_bytes(Bytes file) {
  Inspection inspection;
  const bool ok = inspect(file, inspection);
  require(ok == inspection.problems.empty(), "malformed bytes have problems");
  require(!kind_word(inspection).empty() && !describe_kind(inspection).empty(), "every kind has words");
  inspect_lines(inspection);
  for (uint64_t address : {uint64_t{0}, uint64_t{20}, none64}) find_line(inspection, address);
  size_t size = check(inspection);
  require(encode_tables(inspection).size() >= inspection.made.size(), "tables are encoded");
  if (inspection.file_kind == FileKind::Archive)
    for (const inspection::Member& m : inspection.members) {
      require(m.offset <= file.size() && m.size <= file.size() - m.offset, "a member in the archive");
      size += inspect_bytes(file.subspan(m.offset, m.size));
    }
  return size;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A copy of its own, so that the sanitizer sees every read beyond it.
  std::vector<uint8_t> copy(data, data + size);
  if (inspect_bytes(copy) > 1 << 20) return 0;
  symbolize(copy);
  OneFile files(copy);
  Sink nowhere = [](std::string_view) {};
  for (const char* option : {"--json", "--no-demangle"}) {
    std::vector<std::string> arguments = {"--all",        option,         "--address=16",
                                          "--offset=300", "--line=a.c:3", "file"};
    run_inspect(arguments, files, nowhere, nowhere);
  }
  return 0;
}
