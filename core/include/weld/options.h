// Messages of weld as a library, and what a link is asked to do: a part of weld/weld.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weld::api {

// --- Messages

enum class Severity : uint8_t { Error, Warning, Message };

// What is not known of a place is empty or 0.
struct Place {
  std::string input;              // the path that it was added with
  std::string member;             // of an archive
  std::string section;            // "CODE", "linking", ...
  std::optional<uint64_t> offset; // in bytes, from the first byte of the input or member
  std::string symbol;             // in which it is
  std::string file;               // the source, by the object's debug information
  uint32_t line = 0, column = 0;  // counted from 1
};

// What may help, or, with a place, what else is concerned.
struct Note : Place {
  std::string text;
};

// A message with its place.
struct Message : Place {
  Severity severity = Severity::Error;
  std::string id;   // "undefined-symbol"; js/docs/diagnostics.md explains each
  std::string text; // without place and notes
  std::vector<Note> notes;
  std::string rendered; // all of it, over several lines, as the command line prints it: "error: ..."
};

// --- Options

// Whose defaults, order and wording: weld's own or a release of LLVM's linker.
enum class Compat : uint8_t { Weld, Lld14, Lld19, Lld22, Lld23 };
// What becomes of symbols that nothing defines.
enum class Unresolved : uint8_t { Error, Warn, Ignore, ImportDynamic };
enum class BuildId : uint8_t { None, Fast, Sha1, Uuid, Hex };
// Which functions Linker::patch can replace while the program runs: those of objects and units, or of archives too.
enum class Live : uint8_t { None, Inputs, All };

// Of one link. Names and meanings are those of the command line: core/tool/OPTIONS.md lists them with their sources. An
// unset option takes its default, which may depend on others. Sizes are in bytes.
struct Options {
  Compat compat = Compat::Weld;

  // Output
  std::string output_name = "a.out.wasm"; // its base name is the module's name in the name section
  std::string soname;
  bool relocatable = false; // -r
  bool shared = false;
  bool pie = false;
  bool emit_relocs = false;
  bool strip_all = false;
  bool strip_debug = false;
  std::vector<std::string> keep_sections;
  bool compress_relocations = false;
  bool fold_functions = false; // --icf=safe
  bool fold_all = false;       // with fold_functions: --icf=all
  bool optimize_size = false;  // what -Oz does beyond compress_relocations and fold_functions
  Live live = Live::None;
  uint64_t live_room = 1 << 20; // then: bytes of memory for the data that patches bring
  bool demangle = true;
  uint32_t optimize = 1; // -O; from 1 on, strings are merged
  std::optional<bool> merge_data_segments;
  BuildId build_id = BuildId::None;
  std::vector<uint8_t> build_id_bytes; // Hex: the id; Uuid: 16 random bytes
  std::vector<std::string> runtime_paths;

  // Entry, exports, imports
  std::optional<std::string> entry; // unset: `_start`; empty: none
  std::vector<std::string> exports; // each must be defined
  std::vector<std::string> exports_if_defined;
  bool export_all = false;
  std::optional<bool> export_dynamic;
  std::vector<std::string> exclude_libs; // base names of archives of which export_dynamic exports nothing, or ALL
  bool export_table = false;
  bool import_table = false;
  bool growable_table = false;
  std::optional<std::string> export_memory; // the name; unset with import_memory: not exported
  std::optional<std::pair<std::string, std::string>> import_memory; // module and name

  // Undefined symbols
  Unresolved unresolved = Unresolved::Error;
  bool import_undefined = false;
  std::vector<std::string> allow_undefined; // names
  std::vector<std::string> undefined;       // -u
  std::vector<std::string> wrap;
  bool allow_multiple_definition = false;
  bool noinhibit_exec = false;

  // Memory and tables; 0: not given
  std::optional<bool> stack_first;
  uint64_t stack_size = 65536;
  uint64_t global_base = 0;
  uint64_t initial_heap = 0;
  uint64_t initial_memory = 0;
  uint64_t max_memory = 0;
  bool no_growable_memory = false;
  bool shared_memory = false;
  bool cooperative_threading = false;
  uint64_t max_function_body_size = 0;
  uint64_t page_size = 65536;
  uint64_t table_base = 0; // slots

  // Inputs and features
  std::optional<bool> is_64; // unset: as the first object
  bool bsymbolic = false;
  bool experimental_pic = false;
  bool shlib_sigcheck = true;
  bool check_features = true;
  std::optional<std::vector<std::string>> features;
  std::vector<std::string> extra_features;

  // Garbage collection and reports
  std::optional<bool> gc_sections;
  bool print_gc_sections = false; // as messages
  bool trace = false;             // likewise
  bool verbose = false;           // likewise
  std::vector<std::string> trace_symbols;
  bool why_extract = false;                                                    // Result::why_extract
  bool map = false;                                                            // Result::map
  bool metafile = false;                                                       // Result::metafile
  bool source_map = false, source_map_content = false, separate_debug = false; // source_map, debug_file
  std::vector<std::pair<std::string, std::string>> source_map_prefixes; // of paths: old, new. The last that fits counts
  std::vector<std::string> source_map_ignored; // parts of paths: such sources are in `ignoreList`
  std::string source_map_url, source_map_root, debug_file_url; // where they are; empty: not said
  bool fatal_warnings = false;
  uint32_t error_limit = 20; // 0: no limit
  // Another severity for a message, by its id. An unknown id is an error.
  std::vector<std::pair<std::string, Severity>> log_overrides;
  std::vector<std::string> silenced; // ids of messages that are not wanted
};

} // namespace weld::api
