// What the names of the inputs mean. declare_synthetics, resolve_symbols, define_synthetics, check_symbols and
// settle_symbols fill this state in this order. After settle_symbols it is fixed, except for what LateNames
// (late_names.h) may add.
#pragma once

#include "core/base/table.h"
#include "core/base/vector.h"
#include "core/link/context.h"
#include "core/link/function_code.h"
#include "core/link/ids.h"

#include <string>
#include <vector>

namespace weld {

enum class SymbolState : uint8_t { Undefined, Lazy, Shared, Defined };

// What a name means in this link. Local symbols have no row: they mean themselves.
struct Symbol {
  StringId name;
  SymbolState state = SymbolState::Undefined;
  SymbolKind kind = SymbolKind::Function; // Lazy: not known
  uint32_t flags = 0;                     // symbol_flag, of the definition or the merged references
  LinkObjectId object;                    // that defines it, or referred to it first; none: the linker
  uint32_t row = none32;                  // in that object's symbols
  AnyEntity entity;         // Defined: read it by the kind, below; data without a segment has none
  uint64_t value = 0;       // Defined data of an object: offset in its segment, or absolute address
  uint64_t size = 0;        // Defined data
  InputId input;            // Lazy: where a definition can be had; Shared: the library that has it
  uint32_t member = none32; // Lazy
  uint32_t place = none32;  // Defined data of the linker: its row in Layout::places
  SignatureId signature;    // function, tag; Lazy: what a weak reference wants
  StringId import_module;   // Undefined: none when not given
  StringId import_name;
  bool used_in_object = false; // some object mentions it
  bool force_export = false;
  bool force_import = false;    // a stub library names it
  bool is_needed = false;       // alive, whatever refers to it
  bool is_trap = false;         // a function that traps when called; its address is 0
  bool called_directly = false; // Undefined function: its signature matters
  bool is_mutable = false;      // global that the linker imports
  uint8_t common_p2align = 0;   // common: the largest that an object asks for
  bool traced = false;

  FunctionEntity function() const { return FunctionEntity(of_kind(SymbolKind::Function)); }
  GlobalEntity global() const { return GlobalEntity(of_kind(SymbolKind::Global)); }
  TagId tag() const { return TagEntity(of_kind(SymbolKind::Tag)).id(); }
  TableEntity table() const { return TableEntity(of_kind(SymbolKind::Table)); }
  SegmentId segment() const { return SegmentEntity(of_kind(SymbolKind::Data)).id(); }
  AnyEntity of_kind([[maybe_unused]] SymbolKind wanted) const {
    assert(kind == wanted || entity.is_none());
    return entity;
  }

  bool is_defined() const { return state == SymbolState::Defined || state == SymbolState::Shared; }
  bool is_undefined() const { return state == SymbolState::Undefined; }
  bool is_lazy() const { return state == SymbolState::Lazy; }
  bool is_shared() const { return state == SymbolState::Shared; }
  bool is_weak() const { return (flags & symbol_flag::binding_mask) == symbol_flag::binding_weak; }
  bool is_local() const { return (flags & symbol_flag::binding_mask) == symbol_flag::binding_local; }
  bool is_hidden() const { return flags & symbol_flag::visibility_hidden; }
  bool is_tls() const { return flags & symbol_flag::tls; }
  // Several objects may define it. Its segment is its own, but `size` and `common_p2align` are the largest of all.
  bool is_common() const {
    return state == SymbolState::Defined && kind == SymbolKind::Data &&
           (flags & symbol_flag::binding_mask) == symbol_flag::binding_common;
  }
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
    return CodeRefs(unit->refs(unit->function(f.offset)));
  }
  std::string_view text(EncodedName name) const { return text_of(bytes, name); }

  bool is_root = false; // linked as such: named on the command line, or of a whole archive
  Numbered<ObjectSymbolId> symbol;
  Numbered<FunctionId> function;
  Numbered<SegmentId> segment;
  Numbered<GlobalId> global;
  Numbered<TagId> tag;
  Numbered<TableId> table;
  Numbered<CustomSectionId> custom_section;
  Numbered<TypeId> type;

  // What a symbol defines; none: nothing, or an absolute address.
  AnyEntity entity_of(const SymbolRow& row) const;
  // Of a unit: local number of a function -> the symbol that it is the definition of, and no alias.
  Vector<uint32_t> defining_symbols() const;
};

// A function that the linker makes.
struct SyntheticFunction {
  StringId name;       // what an export or a message calls it
  StringId debug_name; // for the name section, when it is another one
  SignatureId signature;
  SymbolId wraps;       // the wrapper of a command's export: what it calls, under whose names it is exported
  bool is_trap = false; // its body is an `unreachable`
};

struct SyntheticGlobal {
  std::string name;
  GlobalType type;
};

// What a data symbol means: an offset in a segment.
struct DataPlace {
  SegmentId segment; // none: not defined in an object, or absolute
  uint64_t offset = 0;
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

struct Wrap {
  SymbolId symbol, real, wrap;
};

// Linker-made symbols by role; none when this link has no such symbol.
struct KnownSymbols {
  SymbolId call_ctors, stack_pointer, tls_base, tls_size, tls_align, init_tls, get_tls_base, set_tls_base,
      memory_base, table_base, dso_handle, data_end, stack_low, stack_high, global_base, heap_base, heap_end,
      first_page_end, defined_memory_base, defined_table_base, rodata_start, rodata_end;
  SymbolId memory_base_global, table_base_global; // without position-independent output
  SymbolId apply_data_relocs; // here where LLD 19 makes it in any case; else Indices has it
};

struct Resolution {
  // --- names
  Table<SymbolId, Symbol> symbols;
  Vector<uint32_t> position_of_name; // StringId -> position in `symbol_order`, or none32
  Vector<SymbolId> symbol_order;     // every global name in the order in which it was first mentioned
  std::vector<Variants> variants;    // check_symbols: empty when each name has one signature
  Vector<uint32_t> variants_of_name; // StringId -> row in `variants`, or none32; filled on the first variant
  Vector<SymbolId> weak_traps;       // settle_symbols: weak functions that nothing defines
  Vector<FunctionEntity> stub_of_signature; // SignatureId -> the trap for undefined functions of that type

  // --- objects
  Table<LinkObjectId, LinkObject> objects;
  Vector<LinkObjectId> object_order;      // link order: an object comes after the members it pulled in
  Vector<InputId> libraries;              // shared ones, in link order
  Column<ObjectSymbolId, SymbolId> bound; // what an object's symbol means; none: itself (local)
  // How many entities of each kind the objects have.
  uint32_t functions_total = 0, segments_total = 0, globals_total = 0, tags_total = 0, tables_total = 0,
           custom_sections_total = 0, types_total = 0;
  Vector<LinkObjectId> comdat_owner; // StringId -> the object whose group was kept
  // It lost to the same comdat group of an earlier object, or is of a common symbol that another definition stands for.
  // What is beyond the end did not.
  Column<FunctionId, bool> function_discarded;
  Column<SegmentId, bool> segment_discarded;
  Column<CustomSectionId, bool> custom_discarded;
  bool has_legacy_table = false;       // some object of the MVP uses table 0 without a symbol
  bool has_units = false;              // some object is a unit
  bool has_commons = false;            // some object has common symbols
  std::vector<WhyExtract> why_extract; // with options.why_extract or options.metafile

  // --- options, as ids
  Vector<Wrap> wraps;
  Vector<bool> allow_undefined; // StringId -> in options.allow_undefined
  Vector<bool> exported_name;   // StringId -> named by --export or --export-if-defined
  Vector<bool> traced_name;     // StringId -> named by --trace-symbol
  SymbolId entry;               // the entry symbol, when there is one
  SymbolId call_dtors;

  // --- the linker's own
  Table<SyntheticFunctionId, SyntheticFunction> synthetic_functions; // in the order of their creation, which is that
                                                                     // of the output
  Table<SyntheticGlobalId, SyntheticGlobal> synthetic_globals;
  KnownSymbols known;
  Vector<uint64_t> initial_places; // row of Layout::places -> its address as far as it is known before layout
};

// What may be read once names have their meanings.
struct Resolved : LinkContext, Resolution {
  using LinkContext::LinkContext;

  std::string_view name_of(SymbolId id) const { return store.strings.text(symbols[id].name); }
  SymbolId find(StringId name) const {
    if (!name || name.row >= position_of_name.size() || position_of_name[name.row] == none32) return {};
    return symbol_order[position_of_name[name.row]];
  }
  SymbolId find(std::string_view name) const { return find(store.strings.find(name)); }
  bool is_memory(SymbolId id) const; // besides the linker's
  // Position-independent output whose only thread has its thread-local data among the other data: offsets of it count from
  // where the module's data is, which `__tls_base` is then. wasm-ld has a constant there, which is nobody's address.
  bool has_moved_tls() const { return options.is_pic() && !options.has_threads() && !options.like_lld(); }
  // Data that is no data of the module: its address is the same wherever the module is loaded.
  bool is_absolute(SymbolId id) const;
  std::string file_of(LinkObjectId object) const;
  std::string file_of(const Symbol& symbol) const; // where its meaning comes from
  Location location_of(LinkObjectId object) const;

  bool function_is_discarded(FunctionId function) const {
    return function.row < function_discarded.size() && function_discarded[function];
  }
  bool segment_is_discarded(SegmentId segment) const {
    return segment.row < segment_discarded.size() && segment_discarded[segment];
  }
  bool custom_is_discarded(CustomSectionId section) const {
    return section.row < custom_discarded.size() && custom_discarded[section];
  }

  // The function that an object's symbol means, if it means a defined one.
  FunctionEntity function_of(const LinkObject& object, uint32_t symbol) const;
  // Where the data lies that an object's symbol means.
  DataPlace data_of(const LinkObject& object, uint32_t symbol) const;
  // The name under which an object file exports the function, if it says so.
  StringId export_name_of(const Symbol& symbol) const;
  // Under which names a symbol is exported: those that its input says, or its own.
  Vector<StringId> export_names_of(SymbolId id) const;
  // Those that a unit says; none: its own.
  std::span<const ExportRow> unit_exports_of(const Symbol& symbol) const;
  bool is_imported(const Symbol& s) const {
    return s.is_shared() || (s.is_undefined() && (s.import_name || s.force_import));
  }
  bool is_undefined_allowed(const Symbol& s) const {
    return s.name.row < allow_undefined.size() && allow_undefined[s.name.row];
  }
  // By --export or --export-if-defined.
  bool is_named_by_export(StringId name) const {
    return name.row < exported_name.size() && exported_name[name.row];
  }
  // Whether some symbols are only known to a loader.
  bool is_dynamic() const {
    return options.is_pic() || options.unresolved == UnresolvedPolicy::ImportDynamic || !libraries.empty();
  }
  // Whether functions are written field by field, instead of being copied.
  bool is_encoded_again(const LinkObject& object) const {
    return options.compress_relocations || object.unit;
  }

  // --- while names are given their meanings
  // A symbol by name, made if there is none. `inserted` says which.
  SymbolId insert_name(StringId name, bool& inserted);
  FunctionEntity add_synthetic_function(StringId name, SignatureId signature);
};

// Of a symbol that is a global or table, wherever it is defined or imported. The limits of the linker's own table
// are known later.
GlobalType global_type_of(const Resolved& link, const Symbol& symbol);
TableType table_type_of(const Resolved& link, const Symbol& symbol);
TableType table_type_in(const ObjectView& object, const SymbolRow& row);

// --- the phases, each in the file of its name; settle_symbols is in check_symbols.cpp, and declare_synthetics
// in define_synthetics.cpp
void declare_synthetics(Resolved& link);
void resolve_symbols(Resolved& link);
void define_synthetics(Resolved& link);
void check_symbols(Resolved& link);
void settle_symbols(Resolved& link);

// Whether define_synthetics will define the name if nobody else does.
bool is_defined_by_linker(std::string_view name);
// Whether it is one of the names of where data, stack and heap lie.
bool is_layout_name(std::string_view name);
// What clang calls a `main` with other parameters; empty: the name is none of a `main`.
inline std::string_view other_main(std::string_view name) {
  return name == "main" ? "__main_argc_argv" : name == "__main_argc_argv" ? "main" : std::string_view();
}
// That a name is used for things of two kinds: `existing`, and in `file` one of `kind` (meet_symbols.cpp).
void report_symbol_kinds(const Resolved& link, SymbolId existing, const std::string& file, SymbolKind kind);
// The variant of a name that has this signature; true when it was made now (meet_symbols.cpp).
bool variant_of(Resolved& link, SymbolId existing, SignatureId signature, SymbolId& variant);

} // namespace weld
