// What the live code and data need of the output: the state that collect_imports and scan_relocs fill.
#pragma once

#include "core/link/layout/layout.h"

namespace weld {

// Options::live: slots at the end of the table for functions that patches bring.
constexpr uint32_t live_table_room = 1024;

// What is known of a symbol beyond its meaning.
struct SymbolNeeds {
  uint32_t import_index =
      none32;                // in its index space; a weak definition of a shared library is imported as well
  TableSlot table_slot;      // undefined function
  OutGlobalIndex got_import; // of the imported global that holds its address
  FunctionEntity stub;       // undefined function: the trap that stands for it
  bool has_internal_got = false; // the linker makes that global
  bool is_constructor = false;   // undefined function: it is called at the start
  // It is exported, though that was not known when roots were looked for: the loader makes the GOT entry from the export
  // of whoever defines the symbol, or it is the function table, which --export does not keep alive.
  bool is_exported_late = false;
};

struct Needs {
  // --- imports
  Vector<SymbolId> imports;     // those that take an index, in order
  Vector<SymbolId> got_imports; // GOT.mem and GOT.func
  uint32_t imported_functions = 0, imported_globals = 0, imported_tags = 0, imported_tables = 0;
  uint32_t imported_memories = 0; // beside the linker's

  // --- symbols
  Column<SymbolId, SymbolNeeds> of_symbol;
  Column<ObjectSymbolId, SymbolId> promoted; // of a local symbol that has needs: its row; empty: none has
  Vector<SymbolId> internal_got;             // symbols whose address a global of the linker holds

  // --- the function table
  SymbolId indirect_table;         // none: the output has none
  bool table_is_synthetic = false; // it is defined here, not imported
  Limits table_limits;
  Vector<FunctionEntity> table_functions; // functions in the element segment; none: imported, see below
  Vector<SymbolId> table_function_symbols; // beside table_functions: the symbol of an imported function, or none
  Column<FunctionId, TableSlot> function_slot;
  uint32_t address_slots =
      0; // Options::live: how many of them code and data need; the others are for patches alone
  Column<SyntheticFunctionId, TableSlot> synthetic_function_slot; // what is beyond its end has none

  // --- types
  Vector<SignatureId> types;          // those of relocations; collect_exports adds the others
  Vector<uint32_t> type_of_signature; // SignatureId -> output type, or none32
  Column<TypeId, bool> type_used;

  // Who needed a slot, a global of `internal_got` or a type first, as far as the walk over the relocations made them:
  // beside table_functions, internal_got and types. Only with `keeps_edges`.
  Vector<Holder> slot_holder, got_holder, type_holder;

  uint32_t exception_styles = 0; // 1 and 2 as `exception_style` gives them

  const SymbolNeeds& needs(SymbolId id) const {
    static constexpr SymbolNeeds none;
    return id.row < of_symbol.size() ? of_symbol[id] : none;
  }
  SymbolNeeds& needs_of(SymbolId id) {
    if (id.row >= of_symbol.size()) of_symbol.resize(id.row + 1);
    return of_symbol[id];
  }
  TableSlot table_slot_of(SyntheticFunctionId id) const {
    return id.row < synthetic_function_slot.size() ? synthetic_function_slot[id] : TableSlot();
  }
  TableSlot table_slot_of(FunctionEntity function) const {
    return function.is_synthetic() ? table_slot_of(function.synthetic()) : function_slot[function.id()];
  }
  TableSlot& slot_of(SyntheticFunctionId id) {
    if (id.row >= synthetic_function_slot.size()) synthetic_function_slot.resize(id.row + 1);
    return synthetic_function_slot[id];
  }
  // With what it refers to and the types of its group, which come first.
  uint32_t add_type(const SignaturePool& pool, SignatureId signature);
  void add_type_of(const SignaturePool& pool, ValueType type) {
    if (is_defined_ref(type)) add_type(pool, SignatureId(ref_number(type)));
  }
};

// The function that traps in place of one that is undefined; none: it is no such symbol. Its address is 0.
inline FunctionEntity trap_of(const Symbol& s, const SymbolNeeds& needs) {
  return s.is_trap ? s.function() : needs.stub;
}

// What may be read once it is known what code and data need.
struct Scanned : LaidOut, Needs {
  using LaidOut::LaidOut;

  // What an object's symbol means, local ones with needs too.
  SymbolId symbol_of(const LinkObject& object, uint32_t symbol) const {
    SymbolId id = bound[object.symbol(symbol)];
    return id || promoted.empty() ? id : promoted[object.symbol(symbol)];
  }
  bool is_live(SymbolId id) const;
  using LaidOut::is_live;
  bool is_exported(SymbolId id) const;
  FunctionEntity trap_of(SymbolId id) const { return weld::trap_of(symbols[id], needs(id)); }
  bool is_trap(SymbolId id) const { return !trap_of(id).is_none(); }
  TableSlot table_slot_of(SymbolId id) const;
  using Needs::table_slot_of;
};

void scan_relocs(const LaidOut& link, LateNames& names, Needs& needs);

// Options::live: whether the object's functions can be replaced.
inline bool is_editable(const Options& options, const LinkObject& object) {
  return options.live == LiveKind::All || (options.is_live() && object.member == none32);
}

} // namespace weld
