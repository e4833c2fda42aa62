// What is numbered in the output: the state that assign_indices and collect_exports fill.
#pragma once

#include "core/link/reduce/reduction.h"

namespace weld {

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

struct InitFunction {
  uint32_t priority;
  LinkObjectId object; // that lists it, by this symbol
  uint32_t symbol;
  Constructor constructor;
};

// A wrapper that runs constructors before an export of a command, and destructors after it.
struct CommandWrapper {
  EntityRef function;
  SymbolId wrapped;
};

// The functions that initialize memory and addresses at run time; none when this link needs no such function.
struct InitSymbols {
  SymbolId init_memory, apply_data_relocs, apply_global_relocs, apply_tls_relocs, apply_global_tls_relocs,
      start;
};

struct Indices {
  // --- columns: one row an entity, numbered through the objects
  Vector<uint32_t> function_index, global_index, tag_index, table_index; // in the output; none32 when dead
  Vector<uint32_t> synthetic_function_index, synthetic_global_index;     // likewise of the linker's

  // --- index spaces: what is defined, in index order
  Vector<OutFunction> functions;
  Vector<OutEntity> globals, tags, tables;
  uint32_t next_global = 0; // the first index after these and the internal GOT: exported addresses follow
  uint32_t table_number = none32; // of the linker's function table
  Vector<uint32_t> got_index;     // SymbolId -> of the global that holds its address, or none32

  // --- what runs at the start
  InitSymbols init;
  Vector<InitFunction> init_functions;
  Vector<CommandWrapper> wrappers;
  Vector<bool> is_wrapped;          // SymbolId -> its wrapper is exported in its place; may be empty
  Vector<SymbolId> wrapped_exports; // functions that a command's wrappers call

  // --- collect_exports
  std::vector<Export> exports;
  Vector<SymbolId> exported_symbols;
  Vector<SymbolId> data_address_globals; // data symbols that are exported
};

// What may be read once indices are fixed.
struct Indexed : Reduced, Indices {
  using Reduced::Reduced;

  SignatureId signature_of(const OutFunction& function) const;
  using Reduced::signature_of;
  std::string_view name_of_global(const OutEntity& global) const;
  bool is_exported(SymbolId id) const {
    return (is_wrapped.empty() || !is_wrapped[id.row]) && Reduced::is_exported(id);
  }

  // Indices in the output; none32 for what has none.
  uint32_t function_index_of(SymbolId id) const;
  uint32_t function_index_of(EntityRef function) const {
    return function.is_synthetic() ? synthetic_function_index[function.row()] : function_index[function.row()];
  }
  uint32_t function_index_of(const Constructor& constructor) const {
    return constructor.symbol ? function_index_of(constructor.symbol)
                              : function_index_of(constructor.function);
  }
  uint32_t global_index_of(SymbolId id) const;
  uint32_t tag_index_of(SymbolId id) const;
  uint32_t table_number_of(SymbolId id) const;
};

// --- the phases, each in the file of its name
void assign_indices(const Reduced& link, LateNames& names, Indices& indices);
// Types that no relocation refers to come behind the others.
void collect_exports(const Indexed& link, Needs& needs, Indices& indices);

} // namespace weld
