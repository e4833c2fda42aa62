// What a program exports for its embedder, as a patch compares it.
#pragma once

#include "core/link/patch/live_names.h"

namespace weld {

struct LiveExported {
  std::string name;
  ExternalKind kind = ExternalKind::Function;
  LiveKey what;        // of a function
  SymbolId symbol;     // none: the memory
  FunctionId function; // none: it is no function of an object
  bool is_data = false;
  bool is_wrapped = false; // a wrapper that runs constructors is exported in its place
};

std::vector<LiveExported> live_exports(const Link& link, const LiveNames& names);
LiveConstructor constructor_of(const Link& link, const LiveNames& names, const InitFunction& init);

} // namespace weld
