// The state of one link: what the phases compute, in flat tables. link.cpp lists the phases in order.
//
// Entities (functions, segments, globals, tags, tables, custom sections) of all linked objects are numbered
// through: row = the object's base + the local index. A column holds one fact about each. What the linker
// makes itself (synthetic functions, globals, the indirect function table) has rows of its own, marked in an
// EntityRef.
#pragma once

#include "core/base/byte_buffer.h"
#include "core/base/vector.h"
#include "core/link/function_code.h"
#include "core/link/options.h"
#include "core/session/session.h"

#include <array>
#include <vector>

namespace weld {

using SymbolId = Id<struct SymbolTag>;         // a name of this link, or one signature's variant of it
using LinkObjectId = Id<struct LinkObjectTag>; // an object of this link, numbered as they are reached
using OutSegmentId = Id<struct OutSegmentTag>; // a data segment of the output

// A function, global or table: an object's (numbered through) or the linker's own.
struct EntityRef {
  static constexpr uint32_t synthetic_bit = 1u << 31;
  uint32_t value = none32;

  static EntityRef synthetic(size_t row) { return {synthetic_bit | static_cast<uint32_t>(row)}; }
  bool is_none() const { return value == none32; }
  bool is_synthetic() const { return value & synthetic_bit; }
  uint32_t row() const { return value & ~synthetic_bit; }
  bool operator==(const EntityRef&) const = default;
};

// A function or segment whose relocations are looked at, numbered through; none: a root.
struct Holder {
  uint32_t row = none32;
  bool is_function = false;

  bool operator==(const Holder&) const = default;
};

enum class SymbolState : uint8_t { Undefined, Lazy, Shared, Defined };

// What a name means in this link. Local symbols have no row: they mean themselves.
struct Symbol {
  StringId name;
  SymbolState state = SymbolState::Undefined;
  SymbolKind kind = SymbolKind::Function; // Lazy: not known
  uint32_t flags = 0;                     // symbol_flag, of the definition or the merged references
  LinkObjectId object;                    // that defines it, or referred to it first; none: the linker
  uint32_t row = none32;                  // in that object's symbols
  EntityRef entity;         // Defined function, global, tag, table; data: segment, none when absolute
  uint64_t value = 0;       // Defined data: offset in its segment, or address
  uint64_t size = 0;        // Defined data
  InputId input;            // Lazy: where a definition can be had; Shared: the library that has it
  uint32_t member = none32; // Lazy
  SignatureId signature;    // function, tag; Lazy: what a weak reference wants
  StringId import_module;   // Undefined: none when not given
  StringId import_name;
  uint32_t index = none32;      // Undefined: its import's number in its index space
  uint32_t table_slot = none32; // Undefined function
  uint32_t got_index = none32;  // global that holds its address
  EntityRef stub;               // Undefined function: the trap that stands for it
  bool used_in_object = false;  // some object mentions it
  bool force_export = false;
  bool force_import = false;    // a stub library names it
  bool referenced = false;      // alive, where there is no entity to be alive
  bool is_stub = false;         // traps when called; its address is 0
  bool called_directly = false; // Undefined function: its signature matters
  bool needs_got = false;       // has an internal GOT global
  bool traced = false;

  bool is_defined() const { return state == SymbolState::Defined || state == SymbolState::Shared; }
  bool is_undefined() const { return state == SymbolState::Undefined; }
  bool is_lazy() const { return state == SymbolState::Lazy; }
  bool is_shared() const { return state == SymbolState::Shared; }
  bool is_weak() const { return (flags & symbol_flag::binding_mask) == symbol_flag::binding_weak; }
  bool is_local() const { return (flags & symbol_flag::binding_mask) == symbol_flag::binding_local; }
  bool is_hidden() const { return flags & symbol_flag::visibility_hidden; }
  bool is_tls() const { return flags & symbol_flag::tls; }
  bool is_undefined_weak() const { return is_weak() && (is_undefined() || is_lazy()); }
};

// An object of this link and where its rows begin in each column.
struct LinkObject {
  ObjectId id;
  InputId input;
  uint32_t member = none32;
  ObjectView object;
  Bytes bytes;
  const Unit* unit = nullptr; // whose functions are instructions; null: those of an object file

  // What a segment or custom section, or a function, refers to.
  RelocRange relocs(EncodedRelocs encoded) const { return {bytes, encoded}; }
  CodeRefs relocs(const FunctionRow& f) const {
    if (!unit) return CodeRefs(relocs(f.relocs));
    return CodeRefs(unit->refs(unit->function(f.offset).code));
  }
  std::string_view text(EncodedName name) const { return text_of(bytes, name); }

  bool is_root = false; // linked as such: named on the command line, or of a whole archive
  bool live = false;    // a root, or something it defines is alive; without collection every object
  uint32_t symbols = 0, functions = 0, segments = 0, globals = 0, tags = 0, tables = 0, custom_sections = 0,
           types = 0;
};

struct SyntheticFunction {
  std::string name;       // what an export or a message calls it
  std::string debug_name; // for the name section, when it is another one
  SignatureId signature;
  StringId export_name;
  bool live = false;
  uint32_t index = none32;
  uint32_t table_slot = none32;
  RowRange body;       // in Link::synthetic_code, with the size field
  uint32_t offset = 0; // in the output's CODE payload
};

struct SyntheticGlobal {
  std::string name;
  GlobalType type;
  uint64_t value = 0;
  bool live = false;
  uint32_t index = none32;
};

// A piece of a string segment or section: where it was, and where it lies in the merged chunk.
struct StringPiece {
  uint32_t input_offset;
  uint32_t output_offset;
};

// A run of bytes of an output segment or custom section: one input chunk, or the merged strings of several.
struct OutChunk {
  LinkObjectId object; // none: merged strings
  uint32_t row = 0;    // segment or custom section, numbered through; merged: row in merged_strings
  uint64_t offset = 0; // in the segment, or after the custom section's name
  uint64_t size = 0;
  uint32_t p2align = 0;
  bool is_zero = false; // -Oz: a .bss chunk among others
};

// Its place among those of its kind is in Link::segment_offset.
struct PassiveSegment {
  LinkObjectId object;
  uint32_t row; // local segment
};

struct MergedStrings {
  StringId name; // of the segment or section that they were merged for: it may become a part of another
  ByteBuffer bytes;
  Vector<uint32_t> segments; // data segments, numbered through, whose strings these are
};

// -Oz: what becomes of the bytes [begin, end) of an object in a function.
constexpr uint32_t max_edit = 32;
struct CodeEdit {
  uint32_t begin = 0, end = 0;
  uint8_t size = 0;
  std::array<uint8_t, max_edit> bytes = {};
};

// A run of bytes of the memory that the file holds: -Oz leaves out the zeros between runs.
struct DataRun {
  uint64_t address = 0;
  Bytes bytes;      // in Link::data_image
  ByteRange header; // what precedes them, in OutputPlan::encoded
  uint32_t payload_offset = 0;
};

// What a data symbol means: an offset in a segment, numbered through.
struct DataPlace {
  uint32_t segment = none32; // none: not defined in an object, or absolute
  uint64_t offset = 0;
};

struct OutSegment {
  StringId name;
  Vector<OutChunk> chunks;
  uint32_t p2align = 0;
  uint64_t size = 0;
  uint64_t address = 0;
  uint32_t flags = 0; // segment_flag: of some chunk; `strings`: of all
  bool is_bss = false;
  bool is_tls = false;
  uint32_t index = 0;
  uint32_t payload_offset = 0; // of its bytes in the DATA payload
  ByteRange header; // what precedes its bytes, in OutputPlan::encoded; size 0: it is not in the file
};

struct OutCustomSection {
  StringId name;
  Vector<OutChunk> chunks;
  uint64_t size = 0; // without the name
};

// Where code lies after fields in front of it have shrunk: from `old_offset` on, at `new_offset`.
struct CodeMove {
  uint32_t old_offset; // from the first byte of the body, after its size field
  uint32_t new_offset;
};

// A number in a custom section that its relocations do not write.
struct NumberPatch {
  uint64_t value;
  uint32_t offset; // in the section
  uint8_t width;
  bool is_leb;
};

// What becomes of a section of debug information when code has moved.
struct RewrittenSection {
  Vector<NumberPatch> patches;
  Vector<uint8_t> bytes;          // instead of the object's, when its size changes
  Vector<uint32_t> reloc_offsets; // then: where its relocations write, in their order
  Vector<StringPiece> pieces;     // then: where its tables were, and where they are
};

struct OutFunction {
  LinkObjectId object; // none: synthetic
  uint32_t row;        // local index, or row in synthetic_functions
};

struct Export {
  std::string name;
  ExternalKind kind;
  uint32_t index;
};

// A defined global, tag or table in index order: an object's, by local index, or the linker's own.
struct OutEntity {
  LinkObjectId object;
  EntityRef entity;
};

// Of the functions that call constructors and destructors around what is exported.
constexpr std::string_view command_export_suffix = ".command_export";

// What a list of constructors names.
struct Constructor {
  EntityRef function; // none: it is undefined, or a shared library's
  SymbolId symbol;    // none: it is local
  SignatureId signature;
  bool is_live = false; // and not discarded
};

struct InitFunction {
  uint32_t priority;
  LinkObjectId object; // that lists it, by this symbol
  uint32_t symbol;
  Constructor constructor;
};

// One signature each of a name that objects use with several.
struct Variants {
  StringId name;
  Vector<SymbolId> symbols;
};

struct WhyExtract {
  std::string reference; // file or option
  LinkObjectId extracted;
  SymbolId symbol;
};

// Why garbage collection begins at something. The order is that of the names in write_metafile.cpp.
enum class RootReason : uint8_t {
  Entry,
  Export,          // --export, --export-if-defined
  ExportAttribute, // the object asks for it
  ExportAll,
  ExportDynamic,
  NoStrip, // the object says so: `used`, `retain`
  Destructors,
  Input,  // an object that is linked as such: its constructors and retained data
  Linker, // the linker makes it, and nothing refers to it
};

struct GcRoot {
  RootReason reason;
  SymbolId symbol;     // none with Input
  LinkObjectId object; // Input
};

struct Wrap {
  SymbolId symbol, real, wrap;
};

namespace entity_state {
constexpr uint8_t live = 1;
constexpr uint8_t discarded = 2; // lost to the same comdat group of an earlier object
} // namespace entity_state

struct Link {
  Link(Session& s, const Options& o) : session(s), options(o) {}

  Session& session;
  const Options& options;
  Diagnostics& diagnostics() { return session.diagnostics; }
  uint32_t errors_before = 0; // of the session, when this link began
  bool is_64 = false;         // options.is_64, or as the first object
  bool keeps_edges = false;   // the next link wants to know what made things alive

  // --- resolve_symbols: names and objects
  Table<SymbolId, Symbol> symbols;
  Vector<uint32_t> position_of_name; // StringId -> position in `symbol_order`, or none32
  Vector<SymbolId> symbol_order;     // every global name in the order in which it was first mentioned
  Table<LinkObjectId, LinkObject> objects;
  Vector<LinkObjectId> object_order; // link order: an object comes after the members it pulled in
  Vector<InputId> libraries;         // shared ones, in link order
  Vector<SymbolId> bound;            // object symbol, numbered through -> what it means; none: itself (local)
  std::vector<Variants> variants;
  Vector<uint32_t> variants_of_name; // StringId -> row in `variants`, or none32; filled on the first variant
  Vector<SymbolId> weak_traps;       // weak functions that nothing defines
  Vector<EntityRef> stub_of_signature; // SignatureId -> the trap for undefined functions of that type
  Vector<LinkObjectId> comdat_owner;   // StringId -> the object whose group was kept
  Vector<Wrap> wraps;
  Vector<GcRoot> gc_roots; // only with options.metafile
  std::vector<WhyExtract> why_extract;
  Vector<bool> allow_undefined; // StringId -> in options.allow_undefined
  Vector<bool> exported_name;   // StringId -> named by --export or --export-if-defined
  Vector<bool> traced_name;     // StringId -> named by --trace-symbol
  SymbolId entry;               // the entry symbol, when there is one
  SymbolId call_dtors;

  // --- synthetics
  std::vector<SyntheticFunction> synthetic_functions; // in the order of their creation, which is that of the output
  std::vector<SyntheticGlobal> synthetic_globals;
  ByteBuffer synthetic_code;
  // Linker-made symbols by role; none when this link has no such symbol.
  struct {
    SymbolId call_ctors, stack_pointer, tls_base, tls_size, tls_align, init_tls, memory_base, table_base,
        dso_handle, data_end, stack_low, stack_high, global_base, heap_base, heap_end, first_page_end,
        defined_memory_base, defined_table_base, indirect_table, init_memory, init_memory_flag,
        apply_data_relocs, apply_global_relocs, apply_tls_relocs, apply_global_tls_relocs, start;
  } known;
  bool table_is_synthetic = false; // the indirect function table is defined here, not imported
  Limits table_limits;
  uint32_t table_number = none32;
  bool has_legacy_table = false;
  bool has_units = false; // some object is a unit

  // --- columns: one row an entity, numbered through the objects
  Vector<uint8_t> function_state, segment_state, global_state, tag_state, table_state, custom_state;
  Vector<uint32_t> function_index, global_index, tag_index,
      table_index;                // output index, none32 when dead
  Vector<uint32_t> function_slot; // table slot, or none32
  Vector<uint32_t> folded_into;   // --icf: the equal function that stands for it, or none32
  // -Oz: functions that differ from their object's. Both may be empty, as long as none does.
  Vector<SignatureId> function_signature; // none: the object's
  Vector<RowRange> function_edits;        // rows of `code_edits`
  Vector<CodeEdit> code_edits;            // each function's in the order of its bytes
  Vector<uint32_t> function_offset;       // in the output's CODE payload
  Vector<uint8_t> type_used;              // types, numbered through
  // What first made a global symbol, or a local one's function or segment, alive: only with `keeps_edges`.
  Vector<Holder> symbol_holder, function_holder, segment_holder;
  Vector<uint32_t> segment_folded_into; // --icf: the equal segment that stands for it, or none32; may be empty
  Vector<OutSegmentId> segment_out;
  Vector<uint64_t> segment_offset; // in its output segment (merged: of the merged chunk)
  Vector<RowRange> segment_pieces; // rows of `pieces` when the segment's strings are merged
  Vector<RowRange> custom_pieces;  // likewise
  Vector<uint64_t> custom_offset;  // in its output section, after the name (merged: of the merged chunk)
  Vector<StringPiece> pieces;

  // --- rewrite_dwarf: empty unless code is compressed and debug information kept
  std::vector<Vector<CodeMove>> code_moves; // of each object's functions, one after the other
  Vector<RowRange> function_moves;   // function -> rows of its object's code_moves; the first is 0 and 0,
                                     // the last the old and the new size; none when it is gone
  Vector<uint32_t> custom_rewritten; // custom section -> row of `rewritten_sections`, or none32
  std::vector<RewrittenSection> rewritten_sections;

  // --- output
  Vector<SymbolId> imports;        // those that take an index, in order
  Vector<uint32_t> import_of_name; // StringId -> the last import of that field name, or none32
  Vector<uint32_t> next_import;    // beside `imports`: the one before it of the same field name
  Vector<SymbolId> got_imports;    // GOT.mem and GOT.func
  uint32_t imported_functions = 0, imported_globals = 0, imported_tags = 0, imported_tables = 0;
  Vector<SymbolId> internal_got;
  Vector<SymbolId> data_address_globals; // data symbols that are exported
  Vector<SignatureId> types;
  Vector<uint32_t> type_of_signature;      // SignatureId -> output type, or none32
  Vector<EntityRef> table_functions;       // functions in the element segment; imported ones as symbols below
  Vector<SymbolId> table_function_symbols; // beside table_functions: the symbol of an imported function, or none
  Vector<OutFunction> functions;           // defined ones, in index order
  Vector<OutEntity> globals, tags, tables;
  uint32_t next_global = 0; // the first index after these and the internal GOT: exported addresses follow
  std::vector<Export> exports;
  Vector<SymbolId> exported_symbols;
  Vector<SymbolId> wrapped_exports; // functions that a command's wrappers call
  Vector<InitFunction> init_functions;
  Table<OutSegmentId, OutSegment> segments; // in output order after merge_strings
  // Segments of units that code names, numbered through, in output order, behind the others.
  Vector<PassiveSegment> passive_data, passive_elements;
  uint32_t first_passive_data = 0; // how many segments come before; of elements: 1 where the table has any
  std::vector<OutCustomSection> custom_sections;
  std::vector<MergedStrings> merged_strings;
  bool pack_data = false;     // -Oz: data is ordered by use, and the file holds it in runs
  Vector<uint8_t> data_image; // the memory from the first data on, up to the last byte that is not zero
  Vector<DataRun> data_runs;
  uint64_t memory_pages = 0;
  uint64_t max_memory_pages = 0; // 0: no maximum
  uint64_t static_data_size = 0;
  uint32_t data_p2align = 0;
  Vector<StringId> features;     // sorted by name
  uint32_t exception_styles = 0; // by scan_relocs: 1 and 2 as `exception_style` gives them
  bool extended_const = false;
  bool emit_bss = false; // bss segments carry their zeros

  // Whether some symbols are only known to a loader.
  bool is_dynamic() const {
    return options.is_pic() || options.unresolved == UnresolvedPolicy::ImportDynamic || !libraries.empty();
  }
  // Whether the file holds its bytes.
  bool in_binary(const OutSegment& segment) const { return !segment.is_bss || emit_bss; }
  bool failed() const { return session.diagnostics.error_count() > errors_before; }

  // Whether functions are written field by field, instead of being copied.
  bool is_encoded_again(const LinkObject& object) const {
    return options.compress_relocations || object.unit;
  }

  // --- look-ups that several phases need
  std::string_view name_of(SymbolId id) const { return session.strings.text(symbols[id].name); }
  SymbolId find(StringId name) const {
    if (!name || name.row >= position_of_name.size() || position_of_name[name.row] == none32) return {};
    return symbol_order[position_of_name[name.row]];
  }
  SymbolId find(std::string_view name) const { return find(session.strings.find(name)); }
  std::string file_of(LinkObjectId object) const;
  std::string file_of(const Symbol& symbol) const; // where its meaning comes from
  Location location_of(LinkObjectId object) const;

  // The function that an object's symbol means, if it means a defined one.
  EntityRef function_of(const LinkObject& object, uint32_t symbol) const;
  Constructor constructor_of(const LinkObject& object, const InitFunctionRow& init) const;
  std::string_view name_of_global(const OutEntity& global) const;
  SignatureId signature_of(const OutFunction& function) const;
  SignatureId signature_of(const LinkObject& object, uint32_t function) const;
  std::span<const CodeEdit> edits_of(uint32_t function) const { // numbered through
    if (function_edits.empty()) return {};
    return std::span<const CodeEdit>(code_edits)
        .subspan(function_edits[function].first, function_edits[function].count);
  }
  // Where the data lies that an object's symbol means.
  DataPlace data_of(const LinkObject& object, uint32_t symbol) const;
  // The name under which its object exports the function, if it says so.
  StringId export_name_of(const Symbol& symbol) const;
  bool is_exported(const Symbol& symbol) const;
  bool is_imported(const Symbol& s) const {
    return s.is_shared() || (s.is_undefined() && (s.import_name || s.force_import));
  }
  bool is_live(const Symbol& symbol) const;
  // Marks the symbol and its entity, without following what they refer to.
  void mark(SymbolId id);

  // A symbol by name, made if there is none. `inserted` says which.
  SymbolId insert_name(StringId name, bool& inserted);
  StringId intern(std::string_view text);

  uint32_t function_index_of(const Symbol& symbol) const;
  uint32_t function_index_of(EntityRef function) const;
  uint32_t function_index_of(const Constructor& constructor) const;
  uint32_t global_index_of(const Symbol& symbol) const;
  uint32_t tag_index_of(const Symbol& symbol) const;
  uint32_t table_number_of(const Symbol& symbol) const;
  uint32_t table_slot_of(const Symbol& symbol) const; // none32 without one
  uint32_t table_slot_of(EntityRef function) const;
  // Where byte `offset` of an input segment lies in its output segment.
  uint64_t offset_in_out_segment(uint32_t segment, uint64_t offset) const;
  uint64_t custom_section_offset(uint32_t custom_section, uint64_t offset) const;
  // Address; thread-local data of a shared memory: the offset in its block.
  uint64_t address_of(const Symbol& symbol, bool absolute = false) const;

  EntityRef add_synthetic_function(std::string name, SignatureId signature);
  SyntheticFunction& synthetic_function(const Symbol& symbol) {
    return synthetic_functions[symbol.entity.row()];
  }
  // Stores a body (locals and instructions, with the end) for a synthetic function, and puts its size in
  // front.
  void set_body(SyntheticFunction& function, Bytes body);
  uint32_t add_type(SignatureId signature);
  uint32_t merged_offset(RowRange pieces, uint64_t offset) const;
  // What rewrite_dwarf made of a custom section; null: it is the object's.
  const RewrittenSection* rewritten_section(uint32_t custom_section) const {
    if (custom_rewritten.empty() || custom_rewritten[custom_section] == none32) return nullptr;
    return &rewritten_sections[custom_rewritten[custom_section]];
  }
  // The code of a function, numbered through, when it is compressed and debug information follows it.
  std::span<const CodeMove> moves_of(LinkObjectId object, uint32_t function) const {
    if (function_moves.empty()) return {};
    RowRange range = function_moves[function];
    return std::span(code_moves[object.row]).subspan(range.first, range.count);
  }
};

// Runs all phases over the session's inputs. Gives what the next link can be made from, where the session
// keeps that.
std::unique_ptr<LinkState> link_inputs(Session& session, const Options& options,
                                       const AllocateOutput& allocate_output, LinkResult& result);

// --- the phases, each in the file of its name
void declare_synthetics(Link& link);
void resolve_symbols(Link& link);
void define_synthetics(Link& link);
void check_symbols(Link& link);
void settle_symbols(Link& link);
void mark_live(Link& link);
void fold_data(Link& link);
void merge_strings(Link& link);
void order_data(Link& link);
void layout_memory(Link& link);
void check_features(Link& link);
void scan_relocs(Link& link);
void drop_parameters(Link& link);
void fold_functions(Link& link);
void assign_indices(Link& link);
void write_synthetic_code(Link& link);
void collect_exports(Link& link);
void check_output(Link& link);
void pack_data(Link& link);
void rewrite_dwarf(Link& link);
struct OutputPlan;
void size_sections(Link& link, OutputPlan& plan);
void write_module(Link& link, const OutputPlan& plan, OutputBytes& output);
// Writes a part of it again: functions [begin, end) of Link::functions into the payload of CODE, a chunk of a
// segment, a chunk of Link::custom_sections[row]. False when a value does not fit its field.
class SymbolValues;
bool rewrite_functions(const Link& link, const SymbolValues& values, uint32_t begin, uint32_t end,
                       uint8_t* code_payload);
bool rewrite_data(const Link& link, const SymbolValues& values, const OutChunk& chunk, uint8_t* at,
                  uint64_t address);
bool rewrite_custom(const Link& link, const SymbolValues& values, uint32_t row, const OutChunk& chunk,
                    uint8_t* at);
void write_map(const Link& link, const OutputPlan& plan, std::string& map);
void write_metafile(const Link& link, const OutputPlan& plan, std::string& metafile);
void write_build_id(Link& link, const OutputPlan& plan, OutputBytes& output);

// Where the byte at `offset` of a body lies after fields have shrunk (compress_code.cpp).
uint32_t moved_offset(std::span<const CodeMove> moves, uint32_t offset);

// Shared by phases (defined in define_synthetics.cpp).
// What --icf folds lies where the segment does that stands for it (fold_data.cpp).
void place_folded_data(Link& link);
void order_as_llvm_14(const Link& link, std::vector<OutCustomSection>& sections);
// Whether define_synthetics will define the name if nobody else does.
bool is_defined_by_linker(std::string_view name);
void resolve_indirect_table(Link& link, bool required);
SymbolId add_synthetic_function_symbol(Link& link, std::string_view name, uint32_t flags,
                                       SignatureId signature);
SymbolId add_optional_data_symbol(Link& link, std::string_view name, uint64_t address = 0);
// The trap that stands for an undefined function, one a signature (check_symbols.cpp).
EntityRef undefined_stub(Link& link, SignatureId signature);
// Functions that initialize memory and addresses at run time, as far as this link needs them
// (write_synthetic_code.cpp).
void declare_init_functions(Link& link);
bool needs_runtime_init(const Link& link, const OutSegment& segment);
bool should_import(const Link& link, SymbolId id);
// Of a symbol whose address a loader puts into a global: the module that this is imported from.
inline std::string_view got_module(const Symbol& s) {
  return s.kind == SymbolKind::Data ? "GOT.mem" : "GOT.func";
}
Limits memory_limits(const Link& link); // size_sections.cpp
GlobalType global_type_of(const Link& link, const Symbol& symbol);
TableType table_type_of(const Link& link, const Symbol& symbol);
// What relocated fields of code tell (scan_relocs.cpp).
uint64_t stack_frame(Bytes object, uint64_t at);
uint32_t exception_style(Bytes object, uint64_t at);
// Marks what --export and --export-if-defined name, as far as it is defined by now (check_symbols.cpp).
void force_exports(Link& link);
// That a name is used for things of two kinds: `existing`, and in `file` one of `kind` (meet_symbols.cpp).
void report_symbol_kinds(Link& link, SymbolId existing, const std::string& file, SymbolKind kind);
// The variant of a name that has this signature; true when it was made now (meet_symbols.cpp).
bool variant_of(Link& link, SymbolId existing, SignatureId signature, SymbolId& variant);

} // namespace weld
