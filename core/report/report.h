// What a metafile says, as tables: what an output consists of and what kept it there. README.md has the
// format.
#pragma once

#include "core/base/bytes.h"
#include "core/base/metafile_kinds.h"

#include <string>
#include <string_view>
#include <vector>

namespace weld {

namespace report {

constexpr uint32_t none = ~0u;

struct Section {
  uint32_t id; // of the format
  std::string name;
  uint64_t begin, end; // in the output, with its head
};

struct Input {
  std::string path;
  std::string member;    // empty: not an archive's
  std::string needed_by; // archive member: the file or option that needed `symbol` of it
  std::string symbol;

  std::string file() const { return member.empty() ? path : path + "(" + member + ")"; }
};

struct Item {
  ItemKind kind;
  uint32_t input;   // none: the linker
  uint32_t segment; // data: row of the memory's segments, none when it is not there
  uint32_t slot;    // function: in the table, or none
  int64_t address;  // data: or -1
  uint64_t size;    // of a body, of data in memory; removed: in its input
  uint64_t bytes;   // of the output, with its name, its entries in tables and the like
  std::string name; // as the object has it
};

// A name that is not simply its item's: another of a function, one of several in a segment.
struct Symbol {
  std::string name;
  uint32_t item;
  uint64_t offset, size; // data
};

struct Root {
  uint32_t item;
  std::string reason; // "entry", "export", ...
  std::string symbol;
};

struct Run {
  uint32_t item;
  uint64_t size;
};

struct Import {
  std::string module, name, kind, type;
  uint32_t item; // none: it was made of a module
};

struct Export {
  std::string name, kind;
  uint32_t item; // or none: the memory
};

struct Region {
  std::string name, kind;
  uint64_t address, size;
};

struct Memory {
  uint64_t page_size = 65536, pages = 0, max_pages = 0; // 0: no maximum
  bool shared = false;
  std::vector<Region> segments;
  Region stack{}, heap{}; // without a kind: there is none
};

// How much code comes from a line of a source.
struct SourceLine {
  uint32_t file; // in `source_files`; none: not known
  uint32_t line; // 0: from no line of it
  uint64_t bytes;
};

struct Report {
  std::string output_name, output_kind;
  uint64_t output_size = 0;
  bool gc = true;
  // False: it was made of a module, which does not say what keeps what, nor from which files it was linked.
  bool explains = true;
  std::vector<Section> sections;
  std::vector<Input> inputs;
  std::vector<Item> items; // the first `live` are in the output
  uint32_t live = 0;
  std::vector<Symbol> symbols;   // by item
  std::vector<uint32_t> edges;   // item -> the first of its row in `targets`; one more for the end
  std::vector<uint32_t> targets; // what items refer to
  std::vector<Root> roots;
  std::vector<Run> layout; // of the output, from the first byte to the last
  std::vector<Import> imports;
  std::vector<Export> exports;
  Memory memory;
  // Of a module with debug information. What was inlined counts where it was written.
  std::vector<std::string> source_files;
  std::vector<SourceLine> source_lines; // by file and line

  std::span<const uint32_t> targets_of(uint32_t item) const {
    return std::span(targets).subspan(edges[item], edges[item + 1] - edges[item]);
  }
  // "libc.a(printf.o)"; empty for what the linker made.
  std::string file_of(uint32_t item) const;
};

struct ReadError {
  std::string text; // empty: none
  size_t offset = 0;
};

// Reads a metafile that may be anybody's. Every number of the result is in its range, and every byte of the
// output is one item's.
ReadError read_report(Bytes metafile, Report& report);

// Makes a report of a module, as far as it goes: sizes of functions, segments and sections, with the names that the
// module has. `with_lines`: also from which lines of sources the code comes, which takes several times as long.
ReadError read_module(Bytes module, std::string_view name, bool with_lines, Report& report);

} // namespace report
} // namespace weld
