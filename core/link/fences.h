// In debug builds: what a stage has fixed stays as it is. `freeze` remembers a state by its sizes and a hash. `broken`
// finds out whether the state still has them. link.cpp checks after every phase.
#pragma once

#include "core/link/write/output.h"

namespace weld {

class Fences {
public:
  // What names mean: symbols and what objects' symbols are bound to, the objects, the linker's own functions and
  // globals so far. Names that only the linker may define, and only late (late_names.h), are left out.
  void freeze(const Resolved& names);
  void freeze(const Liveness& live);
  void freeze(const Layout& layout);
  // What functions are made of, and all indices and table slots.
  void freeze(const Needs& needs, const Reduction& reduction, const Indices& indices);

  // The name of a stage whose state has changed since, or null.
  const char* broken(const Link& link) const;

private:
  // How much of the tables that grow there was.
  struct Extent {
    uint32_t symbols = 0, names = 0, functions = 0, globals = 0;
  };
  static uint64_t hash(const Resolved& names, const Extent& extent);
  static uint64_t hash(const Liveness& live);
  static uint64_t hash(const Layout& layout);
  static uint64_t hash(const Needs& needs, const Reduction& reduction, const Indices& indices);

  Extent extent_;
  std::optional<uint64_t> names_, live_, layout_, indices_;
};

} // namespace weld
