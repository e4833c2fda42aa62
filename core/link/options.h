// What a link is asked to do. Names and defaults follow wasm-ld's options; `core/tool/options.def` says how
// each is spelt. `finish_options` (below) derives what follows from the combination and refuses what does not
// go together.
#pragma once

#include "core/base/diagnostics.h"
#include "core/base/vector.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weld {

// Whose defaults and wording where they differ: weld's own (as LLD 22: the stack first), LLD 19's, LLD 22's, or
// LLD 23's as far as its development is known. LLD 14's are LLD 19's but for what Emscripten 3.1 needs of it:
// core/tool/README.md.
enum class Compat : uint8_t { Weld, Lld14, Lld19, Lld22, Lld23 };

enum class UnresolvedPolicy : uint8_t { Error, Warn, Ignore, ImportDynamic };

enum class BuildIdKind : uint8_t { None, Fast, Sha1, Uuid, Hex };
constexpr size_t uuid_size = 16;

// Which functions can be replaced while the program runs (core/link/patch/README.md): none, those of objects and units that are
// inputs themselves, or those of archives too.
enum class LiveKind : uint8_t { None, Inputs, All };

// Options that a link from the one before cannot live with: where one of them is set, each edit needs a full link.
struct FullLinkOptions {
  bool relocatable = false;
  bool shared = false;
  bool pie = false;
  bool emit_relocs = false;
  bool compress_relocations = false;
  bool fold_functions = false; // --icf
  bool fold_all = false;       // --icf=all: also where addresses that were distinct become equal
  bool optimize_size = false;  // -Oz
  UnresolvedPolicy unresolved = UnresolvedPolicy::Error;
  bool shared_memory = false;
  uint64_t max_function_body_size = 0; // of functions that the linker makes; 0: not given
  bool cooperative_threading = false;  // threads of one memory that is not shared, which a host schedules
  bool print_gc_sections = false;
  bool trace = false;
  bool verbose = false;
  std::vector<std::string> trace_symbols;
  bool why_extract = false;    // keep the records of why members were extracted
  bool map = false;            // make a map of the output
  bool metafile = false;       // say where each byte of the output came from, and why (core/report/README.md)
  bool source_map = false;     // make a source map of the output (debug/write_source_map.cpp)
  std::string source_map_url;  // what the module says where its map is; empty: nothing
  std::string source_map_root; // `sourceRoot` of the map
  std::vector<std::pair<std::string, std::string>> source_map_prefixes; // of paths: old, new. The last that fits counts
  bool source_map_content = false;                                      // the sources are in the map
  std::vector<std::string> source_map_ignored; // sources whose path has one of these are listed in `ignoreList`
  bool separate_debug = false; // debug information goes to a file of its own, LinkResult::debug_file
  std::string debug_file_url;  // then: what the module says where that file is
  LiveKind live = LiveKind::None;
  uint64_t live_room = 1 << 20; // then: bytes of memory for the data that patches bring

  bool operator==(const FullLinkOptions&) const = default;
};

// The others: relink.cpp patches outputs whatever these are. A new option belongs here only when that is true of it.
struct RelinkOptions {
  Compat compat = Compat::Weld;

  // Output
  std::string output_name; // its base name is the module's name in the name section
  std::string soname;      // --soname: the module's name instead
  bool strip_all = false;
  bool strip_debug = false;
  std::vector<std::string> keep_sections;
  bool demangle = true;
  uint32_t optimize = 1;                   // -O: from 1 on, strings are merged
  std::optional<bool> merge_data_segments; // default: not with -r
  BuildIdKind build_id = BuildIdKind::None;
  Vector<uint8_t> build_id_bytes;         // Hex: the id; Uuid: random, by the front door
  std::vector<std::string> runtime_paths; // --rpath

  // Entry, exports, imports
  std::optional<std::string> entry; // unset: `_start`, or as -shared and -r have it; empty: --no-entry
  std::vector<std::string> exports; // --export: must be defined
  std::vector<std::string> exports_if_defined; // --export-if-defined
  bool export_all = false;
  std::optional<bool> export_dynamic; // default: with -shared
  std::vector<std::string> exclude_libs; // base names of archives, or ALL: --export-dynamic exports nothing of them
  bool export_table = false;
  bool import_table = false;
  bool growable_table = false;
  std::optional<std::string> export_memory;                         // the name
  std::optional<std::pair<std::string, std::string>> import_memory; // module, name

  // Undefined symbols
  bool import_undefined = false;
  std::vector<std::string> allow_undefined; // names: --allow-undefined-symbol and -file, `lib.imports`
  std::vector<std::string> undefined;       // -u
  std::vector<std::string> wrap;
  bool allow_multiple_definition = false;
  bool noinhibit_exec = false;

  // Memory and tables, in bytes and slots; 0: not given
  std::optional<bool> stack_first; // default: by compat
  uint64_t stack_size = 65536;
  uint64_t global_base = 0;
  uint64_t initial_heap = 0;
  uint64_t initial_memory = 0;
  uint64_t max_memory = 0;
  bool no_growable_memory = false;
  uint64_t page_size = 65536;
  uint64_t table_base = 0;

  // Inputs
  std::optional<bool> is_64; // -m; unset: as the first object
  bool bsymbolic = false;
  bool experimental_pic = false;
  bool shlib_sigcheck = true;

  // Features
  bool check_features = true;
  std::optional<std::vector<std::string>> features;
  std::vector<std::string> extra_features;

  // Garbage collection and reports
  std::optional<bool> gc_sections; // default: not with -r
  bool fatal_warnings = false;
  uint32_t error_limit = 20;         // 0: no limit
  bool validate = false;             // ask an engine whether it takes the output
  Vector<LogOverride> log_overrides; // --log-override: one for an id

  bool operator==(const RelinkOptions&) const = default;
};

struct Options : FullLinkOptions, RelinkOptions {
  bool operator==(const Options&) const = default;

  // Derived by finish_options
  bool is_pic() const { return pie || shared; }
  bool is_live() const { return live != LiveKind::None; }
  bool is_wasm64() const { return is_64.value_or(false); }
  bool gc() const { return gc_sections.value_or(!relocatable); }
  bool merge_segments() const { return merge_data_segments.value_or(!relocatable); }
  bool exports_dynamic() const { return export_dynamic.value_or(shared); }
  Demangling demangling() const {
    if (!demangle) return Demangling::None;
    return like_lld_19() ? Demangling::Llvm19 : Demangling::Llvm22;
  }
  // In the output, or beside it.
  bool keeps_debug() const { return (!strip_debug && !strip_all) || separate_debug; }
  // A map of an object would be of no use: its code has no place yet.
  bool makes_source_map() const { return source_map && !relocatable; }
  // Threads have blocks of thread-local data of their own.
  bool has_threads() const { return shared_memory || cooperative_threading; }
  bool like_lld() const { return compat != Compat::Weld; }
  bool like_lld_19() const { return compat == Compat::Lld14 || compat == Compat::Lld19; }
  bool like_lld_23() const { return compat == Compat::Lld23; }
  bool after_lld_22() const { return compat == Compat::Weld || compat == Compat::Lld23; }
  bool imports_undefined_data() const {
    return import_undefined && is_pic() && (compat == Compat::Weld || compat == Compat::Lld14);
  }
  // Where a loader places modules, only it knows where the heap and the stack are. LLD after 22 asks it.
  bool imports_layout_names() const { return is_pic() && after_lld_22(); }
  // A base below the stack's end says that whoever gave it expects the data first, as LLD before 22 has it.
  // Addresses after the stack are longer, so -Oz has it so as well.
  bool stack_comes_first() const {
    return stack_first.value_or(!like_lld_19() && !optimize_size &&
                                !(compat == Compat::Weld && global_base && global_base < stack_size));
  }
  // -Oz: whether data is ordered by use, and zeros are left out of the file. Where memory may hold something
  // already, or bases are known late, zeros must be written or filled. Threads make their blocks of a segment.
  bool packs_data() const {
    return optimize_size && !relocatable && !is_pic() && !emit_relocs && !has_threads() && !import_memory &&
           merge_segments();
  }
  // -Oz: whether parameters that no function uses are dropped. Debug information follows code that moves, not
  // values that are nowhere.
  bool drops_parameters() const {
    return optimize_size && compress_relocations && !keeps_debug() && gc() && !is_pic();
  }
  // --icf: whether equal constants become one. Without fixed addresses, segments may be joined once more.
  bool folds_data() const { return fold_functions && !is_pic(); }
  // Where data begins.
  uint64_t first_data_address() const {
    return global_base || !stack_comes_first() ? global_base : stack_size;
  }
};

// Fills the defaults that depend on other options and reports combinations that make no sense.
// Call once, before a link; returns false when something was reported as an error.
bool finish_options(Options& options, Diagnostics& diagnostics);

// The two halves of finish_options, for the command line: wasm-ld opens its inputs between them.
bool derive_options(Options& options, Diagnostics& diagnostics);
bool check_options(const Options& options, Diagnostics& diagnostics, bool output_name_required = false);

} // namespace weld
