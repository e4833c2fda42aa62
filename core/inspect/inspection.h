// What is in a file, as flat tables (tables.def). They are filled by one walk over the bytes, which goes on
// behind what is malformed: at the next subsection, section or unit.
//
//   Inspection inspection;
//   inspect(file, inspection);
//   for (const inspection::Symbol& s : inspection.symbols) use(inspection.text(s.name));
#pragma once

#include "core/base/bytes.h"
#include "core/base/diagnostics.h"
#include "core/input/file_kind.h"
#include "core/input/object.h"

#include <string>
#include <vector>

namespace weld {

constexpr uint64_t none64 = ~0ull;

namespace inspection {

// Bytes of the file; behind its end, of what was made while it was read (`Inspection::made`).
struct Text {
  uint32_t offset = none32; // none32: there is none
  uint32_t size = 0;

  explicit operator bool() const { return offset != none32; }
};

#define WELD_TABLE(Row, name, title) struct Row {
#define WELD_COLUMN(type, name, show, words) type name;
#define WELD_TABLE_END                                                                                       \
  }                                                                                                          \
  ;
#include "core/inspect/tables.def"
#undef WELD_TABLE
#undef WELD_COLUMN
#undef WELD_TABLE_END

} // namespace inspection

// What a file is, once its sections are known.
enum class InspectedKind : uint8_t { Other, Object, SharedLibrary, Module };

struct Inspection {
  using Text = inspection::Text;

  Bytes file;
  FileKind file_kind = FileKind::Unknown;
  InspectedKind kind = InspectedKind::Other; // of a WebAssembly module

#define WELD_TABLE(Row, name, title) std::vector<inspection::Row> name;
#define WELD_COLUMN(type, name, show, words)
#define WELD_TABLE_END
#include "core/inspect/tables.def"
#undef WELD_TABLE
#undef WELD_COLUMN
#undef WELD_TABLE_END

  std::string made;

  struct Problem {
    std::string section; // "CODE", "linking", ...; empty: of the file as a whole
    uint64_t offset;     // from the first byte of the file; no_offset: unknown
    std::string text;
  };
  std::vector<Problem> problems;

  std::string_view text(Text text) const {
    if (!text) return {};
    if (text.offset < file.size()) return as_text(file.subspan(text.offset, text.size));
    return std::string_view(made).substr(text.offset - file.size(), text.size);
  }
  // The files of line tables, as these number them: rows of `source_files`.
  struct FileTable {
    uint64_t line_table;
    uint32_t first, count; // in `table_files`
  };
  std::vector<FileTable> file_tables; // by `line_table`
  std::vector<uint32_t> table_files;
  uint32_t file_of(uint64_t line_table, uint64_t number) const; // none32: there is none

  // Rows of `lines` that a line table has without a gap, the last of which ends them.
  struct LineSequence {
    uint32_t address, first, end; // rows
    uint64_t line_table;
  };
  std::vector<LineSequence> line_sequences; // by address

  // A text that is not in the file as it stands. None when there is no number left for it.
  Text make(std::string_view text);
};

// Fills everything but `source_files` and `lines`. Returns false when the bytes are malformed: `problems`
// says where.
bool inspect(Bytes file, Inspection& out);

// Fills `source_files` and `lines`, after `inspect`: in the order of addresses, dead code's left out.
void inspect_lines(Inspection& inspection);

// The row of `lines` that says what the code at `address` comes from; none32: none does.
// `address`: in bytes from the start of the payload of CODE, as DWARF counts.
uint32_t find_line(const Inspection& inspection, uint64_t address);

// The same, where several line tables have the code, by this one of them.
uint32_t find_line(const Inspection& inspection, uint64_t address, uint64_t line_table);

constexpr uint8_t line_end_sequence =
    16; // a flag of `lines`: the first byte behind the code of those before it

// Where the payload of CODE begins in the file; none32: there is none.
uint32_t code_offset(const Inspection& inspection);

// "object", "shared-library", "archive", "bitcode", ...: what JavaScript calls it.
std::string_view kind_word(const Inspection& inspection);
// "a WebAssembly object", "LLVM bitcode", ...
std::string_view describe_kind(const Inspection& inspection);
// What to do about a file that cannot be linked. Empty: it can, or `problems` says what is wrong with it.
std::string_view remedy_of(const Inspection& inspection);

// `where`: the input, and the member if it is one.
Diagnostic diagnostic_of(const Inspection& inspection, const Inspection::Problem& problem,
                         const Location& where);

} // namespace weld
