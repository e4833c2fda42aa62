// A shared library (`.so`): a linked module that begins with a `dylink.0` section. What it exports can be
// used by the program that is linked, and comes to it as imports. See tool-conventions, DynamicLinking.md.
#pragma once

#include "core/base/vector.h"
#include "core/input/parse_object.h"

namespace weld {

struct SharedLibrary {
  struct Row {
    StringId name;
    SignatureId signature; // Function, Tag
    SymbolKind kind;       // Function; Data: an exported global holds its address; Tag
  };
  Vector<Row> rows;   // in the order of the exports
  bool is_64 = false; // its memory is a 64-bit one
};

// Whether a module begins with a `dylink.0` (or, before LLVM 14, a `dylink`) section.
bool is_shared_library(Bytes file);

bool parse_shared_library(Bytes file, const Location& where, ParseContext context, SharedLibrary& out);

} // namespace weld
