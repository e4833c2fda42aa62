// Which mangling a name has.
#include "core/base/demangle_tree.h"

#include <algorithm>

namespace weld {

namespace {

// One reading of the name, without a leading underscore that some platforms put before each name.
bool demangle_as_is(std::string_view name, std::string& out, Demangling release, DemangleBuffers& buffers,
                    uint32_t max_size) {
  if (name.starts_with("_Z") || name.starts_with("___Z"))
    return demangling::demangle_itanium(name, out, release, buffers, max_size);
  if (name.starts_with("_R")) return demangling::demangle_rust(name, out, max_size);
  if (name.starts_with("_D")) return demangling::demangle_d(name, out, max_size);
  return false;
}

} // namespace

bool demangle(std::string_view mangled, std::string& out, Demangling release, DemangleBuffers& buffers) {
  if (release == Demangling::None || mangled.size() > max_mangled_size) return false;
  const size_t begin = out.size();
  const uint32_t max_size = max_demangled_size(mangled.size());
  const bool has_dot = mangled.starts_with('.');
  if (has_dot) {
    out += '.';
    mangled.remove_prefix(1);
  }
  bool done = demangle_as_is(mangled, out, release, buffers, max_size);
  if (!done && !has_dot && mangled.starts_with('_')) {
    out.resize(begin);
    done = demangle_as_is(mangled.substr(1), out, release, buffers, max_size);
  }
  // A name can hold a NUL, what LLVM prints cannot.
  out.resize(done ? std::min(out.size(), out.find('\0', begin)) : begin);
  return done;
}

bool demangle(std::string_view mangled, std::string& out, Demangling release) {
  DemangleBuffers buffers;
  return demangle(mangled, out, release, buffers);
}

} // namespace weld
