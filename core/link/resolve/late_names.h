// Names that the linker itself defines, and the ones that it can only define late.
//
// After settle_symbols what a name means is fixed, with these exceptions, each for a reason:
// - `__start_NAME` and `__stop_NAME` exist when a live segment is called NAME, and `__wasm_init_memory_flag`
//   when there is something to initialize: layout_memory.
// - Functions that initialize memory and addresses at run time exist when there is something for them to do,
//   the wrappers of a command's exports when there are constructors: assign_indices.
// - The function table exists, and a trap stands for an undefined function, where live code needs them; a
//   local symbol gets a row of its own when live code needs its address in a global: scan_relocs.
// All of these are new rows, or names of this list that inputs left undefined (`is_defined_late`). Objects may also use
// such a name for a thing of their own: that is an error where they define it, or mean something of another kind.
#pragma once

#include "core/link/resolve/resolution.h"

namespace weld {

// Defines a name as the linker's own. `entity`: a synthetic one.
SymbolId add_defined(Resolved& link, std::string_view name, SymbolKind kind, uint32_t flags, AnyEntity entity);
SymbolId add_synthetic_function_symbol(Resolved& link, std::string_view name, uint32_t flags,
                                       SignatureId signature);
// Whether an optional symbol is wanted: an input left it undefined, or it is to be exported. Makes the name then.
SymbolId wanted(Resolved& link, std::string_view name);
// A data symbol that exists only when it is wanted. `address`: as far as it is known.
SymbolId add_optional_data_symbol(Resolved& link, std::string_view name, uint64_t address = 0);
// The symbol becomes a data symbol of the linker, with a row of Layout::places. It is exported where --export names it.
void define_place(Resolved& link, SymbolId id, uint64_t address);
// The trap that stands for an undefined function, one a signature.
FunctionEntity undefined_stub(Resolved& link, SignatureId signature);
FunctionEntity add_trap(Resolved& link, StringId name, StringId debug_name, SignatureId signature);
// Defines the function table as the linker's.
void define_function_table(Resolved& link, SymbolId id);

bool is_defined_late(std::string_view name);
// Whether a section of this name is a collection, with `__start_NAME` and `__stop_NAME`.
bool is_c_identifier(std::string_view name);

// What phases after settle_symbols may do to names, and nothing else.
class LateNames {
public:
  explicit LateNames(Resolved& link) : link_(link) {}

  SymbolId add_function(std::string_view name, uint32_t flags, SignatureId signature);
  // A function that has no symbol.
  FunctionEntity add_helper(std::string_view name, SignatureId signature) {
    return link_.add_synthetic_function(link_.intern(name), signature);
  }
  SyntheticFunction& function(FunctionEntity f) { return link_.synthetic_functions[f.synthetic()]; }
  FunctionEntity undefined_stub(SignatureId signature) { return weld::undefined_stub(link_, signature); }
  // None when nobody wants it.
  SymbolId add_optional_data(std::string_view name);
  SymbolId add_data(std::string_view name);
  // The function table, which no input mentions.
  SymbolId add_function_table();
  SymbolId add_local(const Symbol& symbol) { return link_.symbols.add(symbol); }

private:
  // Whether the linker's data may have this name, which objects may use; reports when it may not.
  bool may_be_data(SymbolId id);
  void report_duplicate(SymbolId id);
  // A symbol of this name beside the one that the name means.
  SymbolId add_beside(SymbolId id);

  Resolved& link_;
};

} // namespace weld
