// The functions that the linker makes to initialize memory and addresses at run time, and the wrappers of a
// command's exports: which of them this link needs. Their bodies are written when indices are known
// (write_synthetic_code.cpp).
#pragma once

#include "core/link/index/indices.h"

namespace weld {

class LateNames;

// Declares the functions. Their order is part of the output. Globals have their indices.
void declare_init_functions(const Indexed& link, LateNames& names, Indices& indices);
// Declares the wrappers, behind all other functions.
void declare_wrappers(const Reduced& link, LateNames& names, Indices& indices);

bool needs_runtime_init(const LaidOut& link, const OutSegment& segment);
// LLD 14 applies data relocations when the module starts, and once more before its constructors, when the
// loader has filled the GOT; later ones leave it to the loader, which may not know (Emscripten 3.1).
bool applies_data_relocs_by_itself(const Options& options);
// The functions that the start function calls, in order.
Vector<SymbolId> called_at_start(const Options& options, const InitSymbols& init);

// Whether only the loader knows what a relocation of data writes, so that code has to write it. `symbol`: none where it
// is local; `has_got`: a global holds its address.
bool is_runtime_reloc(const Scanned& link, const RelocRow& reloc, SymbolId symbol, bool has_got);

} // namespace weld
