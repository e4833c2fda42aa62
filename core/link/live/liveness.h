// What is alive: the state that mark_live fills.
#pragma once

#include "core/base/metafile_kinds.h"
#include "core/link/resolve/resolution.h"

namespace weld {

struct GcRoot {
  RootReason reason;
  SymbolId symbol;     // none with Input
  LinkObjectId object; // Input
};

// A function or segment whose relocations are looked at, numbered through; none: a root.
struct Holder {
  uint32_t row = none32;
  bool is_function = false;

  bool operator==(const Holder&) const = default;
};

// What a list of constructors names.
struct Constructor {
  EntityRef function; // none: it is undefined, or a shared library's
  SymbolId symbol;    // none: it is local
  SignatureId signature;
  bool is_live = false; // and not discarded
};

// Without garbage collection everything is alive. What the linker makes after mark_live is alive.
struct Liveness {
  // Entities, numbered through the objects.
  Vector<bool> function_live, segment_live, global_live, tag_live, table_live;
  Vector<bool> symbol_live; // SymbolId -> something alive refers to it
  Vector<bool> object_live; // LinkObjectId -> a root, or something it defines is alive
  Vector<bool> synthetic_function_live, synthetic_global_live;

  Vector<GcRoot> gc_roots; // only with options.metafile
  // What first made a global symbol, or a local one's function or segment, alive: only with `keeps_edges`.
  Vector<Holder> symbol_holder, function_holder, segment_holder;

  bool is_live(const Resolution& names, SymbolId id) const;
  bool is_live(EntityRef function) const {
    return function.is_synthetic() ? synthetic_function_is_live(function.row())
                                   : function_live[function.row()];
  }
  bool synthetic_function_is_live(uint32_t row) const {
    return row >= synthetic_function_live.size() || synthetic_function_live[row];
  }
};

// What may be read once it is known what is alive.
struct Marked : Resolved, Liveness {
  using Resolved::Resolved;

  bool is_live(SymbolId id) const { return Liveness::is_live(*this, id); }
  using Liveness::is_live;
  bool is_exported(SymbolId id) const;
  Constructor constructor_of(const LinkObject& object, const InitFunctionRow& init) const;
};

// Whether the module exports the symbol, if it is alive.
bool is_exported(const Resolved& link, const Liveness& live, SymbolId id);
Constructor constructor_of(const Resolved& link, const Liveness& live, const LinkObject& object,
                           const InitFunctionRow& init);

void mark_live(const Resolved& link, Liveness& live);

} // namespace weld
