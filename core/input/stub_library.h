// Stub libraries: text that starts with "#STUB" and lists names that may be imported, each with the symbols
// that the module must then define and export ("sym: dep1, dep2"). See tool-conventions and LLVM's
// lld/docs/WebAssembly.rst.
#pragma once

#include "core/base/diagnostics.h"
#include "core/base/string_pool.h"
#include "core/base/vector.h"
#include "core/input/object.h"

namespace weld {

struct StubLibrary {
  struct Row {
    StringId name;
    RowRange dependencies; // rows of `dependencies`
  };
  Vector<Row> rows; // in file order; a name that comes again replaces the earlier row
  Vector<StringId> dependencies;
};

bool parse_stub_library(Bytes file, const Location& where, StringPool& strings, Diagnostics& diagnostics,
                        StubLibrary& out);

} // namespace weld
