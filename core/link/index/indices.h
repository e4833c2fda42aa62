// What is numbered in the output: the state that assign_indices and collect_exports fill.
#pragma once

#include "core/link/reduce/reduction.h"

namespace weld {

struct OutFunction {
  LinkObjectId object; // none: the linker's
  FunctionEntity function;
};

struct Export {
  std::string name;
  ExternalKind kind;
  uint32_t index;
};

struct OutGlobal {
  LinkObjectId object; // none: the linker's
  GlobalEntity global;
};
struct OutTag {
  LinkObjectId object;
  TagId tag;
};
struct OutTable {
  LinkObjectId object; // none: the linker's
  TableEntity table;
};

// Of the functions that call constructors and destructors around what is exported.
inline constexpr std::string_view command_export_suffix = ".command_export";

struct InitFunction {
  uint32_t priority;
  LinkObjectId object; // that lists it, by this symbol
  uint32_t symbol;
  Constructor constructor;
};

// A wrapper that runs constructors before an export of a command, and destructors after it.
struct CommandWrapper {
  FunctionEntity function;
  SymbolId wrapped;
};

// The functions that initialize memory and addresses at run time; none when this link needs no such function.
struct InitSymbols {
  SymbolId init_memory, apply_data_relocs, apply_global_relocs, apply_tls_relocs, apply_global_tls_relocs,
      start;
};

// Writes some of the relocations that one function would be too large for.
struct RelocationHelper {
  FunctionEntity function;
  uint32_t relocations; // how many
};
using RelocationHelpers = Vector<RelocationHelper>;

// What calls a function that can be replaced: the function in its slot of the table.
struct LiveStub {
  FunctionEntity stub;
  LinkObjectId object;
  FunctionId function;
};

struct Indices {
  // --- columns: indices in the output, none when dead
  Column<FunctionId, OutFunctionIndex> function_index;
  Column<GlobalId, OutGlobalIndex> global_index;
  Column<TagId, OutTagIndex> tag_index;
  Column<TableId, OutTableIndex> table_index; // of a memory: among the memories
  Column<SyntheticFunctionId, OutFunctionIndex> synthetic_function_index;
  Column<SyntheticGlobalId, OutGlobalIndex> synthetic_global_index;

  // --- index spaces: what is defined, in index order
  Vector<OutFunction> functions;
  Vector<OutGlobal> globals;
  Vector<OutTag> tags;
  Vector<OutTable> tables;
  Vector<OutTable> memories;  // of units, after the linker's
  OutGlobalIndex next_global; // the first index after these and the internal GOT: exported addresses follow
  OutTableIndex table_number; // of the linker's function table
  Column<SymbolId, OutGlobalIndex> got_index; // of the global that holds its address

  // --- what runs at the start
  InitSymbols init;
  RelocationHelpers data_relocation_helpers, tls_relocation_helpers;
  Vector<InitFunction> init_functions;
  Vector<CommandWrapper> wrappers;
  Column<SymbolId, bool> is_wrapped; // its wrapper is exported in its place; may be empty
  Vector<SymbolId> wrapped_exports;  // functions that a command's wrappers call

  // --- collect_exports
  std::vector<Export> exports;
  Vector<SymbolId> exported_symbols;
  Vector<SymbolId> data_address_globals; // data symbols that are exported

  // --- with Options::live, else empty
  Vector<LiveStub> live_stubs;                     // in the order of their indices
  Column<FunctionId, OutFunctionIndex> live_index; // of the function's stub; none: it has none
};

// What may be read once indices are fixed.
struct Indexed : Reduced, Indices {
  using Reduced::Reduced;

  // Of an object's function.
  const FunctionRow& row_of(const OutFunction& f) const {
    const LinkObject& o = objects[f.object];
    return o.object.functions()[o.function.local(f.function.id())];
  }
  SignatureId signature_of(const OutFunction& function) const;
  SignatureId signature_of(const OutTag& tag) const;
  using Reduced::signature_of;
  std::string_view name_of_global(const OutGlobal& global) const;
  bool is_exported(SymbolId id) const {
    return (is_wrapped.empty() || !is_wrapped[id]) && Reduced::is_exported(id);
  }

  // Indices in the output; none for what has none.
  OutFunctionIndex function_index_of(SymbolId id) const;
  OutFunctionIndex function_index_of(FunctionEntity function) const {
    return function.is_synthetic() ? synthetic_function_index[function.synthetic()]
                                   : called_index_of(function.id());
  }
  // Of an object's function, as calls and exports name it.
  OutFunctionIndex called_index_of(FunctionId function) const {
    const bool has_stub = !live_index.empty() && live_index[function];
    return has_stub ? live_index[function] : function_index[function];
  }
  // Of the code itself: what the table holds.
  OutFunctionIndex body_index_of(FunctionEntity function) const {
    return function.is_synthetic() ? function_index_of(function) : function_index[function.id()];
  }
  OutFunctionIndex function_index_of(const Constructor& constructor) const {
    return constructor.symbol ? function_index_of(constructor.symbol)
                              : function_index_of(constructor.function);
  }
  OutGlobalIndex global_index_of(SymbolId id) const;
  OutTagIndex tag_index_of(SymbolId id) const;
  OutTableIndex table_number_of(SymbolId id) const; // of a memory: among the memories
};

// Options::live: makes the stubs, which take the indices from `next` on (live_stubs.cpp).
void make_live_stubs(const Reduced& link, LateNames& names, Indices& indices, OutFunctionIndex next);
// Likewise: exports what patches import, under names that start so (live_exports.cpp).
inline constexpr std::string_view live_prefix = "__weld_live.";
void add_live_exports(const Indexed& link, Indices& indices);

// --- the phases, each in the file of its name
// `link` has what is in `indices`, as far as it is known.
void assign_indices(const Indexed& link, LateNames& names, Indices& indices);
// Types that no relocation refers to come behind the others.
void collect_exports(const Indexed& link, Needs& needs, Indices& indices);

} // namespace weld
