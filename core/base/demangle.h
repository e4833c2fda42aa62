// Demangling: `_ZN3foo3barEi` to `foo::bar(int)`. The name section and the messages hold demangled names, and
// both must read as those of wasm-ld do, so the text is that of `llvm::demangle` to the byte, of LLVM 19 or of
// LLVM 22.
// Itanium C++ names, Rust's v0 names and D names are understood; Rust's older names are Itanium names and
// keep their hash.
//
// A name is input from strangers. Time and memory are bounded by limits below; beyond them the name stays
// mangled.
#pragma once

#include "core/base/vector.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace weld {

// Whether and how names are demangled. LLVM 22 reads names that LLVM 19 does not.
enum class Demangling : uint8_t { None, Llvm19, Llvm22 };

// A longer name stays mangled. The longest names of compilers are some ten thousand bytes long.
constexpr uint32_t max_mangled_size = 1u << 18;

// How much text a name may become: `S_` and `T_` can double it with every few bytes. The names of LLVM, V8
// and rustc grow at most twentyfold. The work is bounded with the text.
constexpr uint32_t max_demangled_size(size_t mangled_size) {
  const size_t wanted = 8192 + 256 * mangled_size;
  return wanted < (1u << 20) ? static_cast<uint32_t>(wanted) : 1u << 20;
}

// How deep a production may be nested in others; a template argument within another is three levels, and the
// deepest name of LLVM has 38. Only the parser needs machine stack for it: less than 48 KB of the stack in
// the memory of a wasm module, and less than 200 KB of the engine's. The printer has a stack of its own on
// the heap.
constexpr uint32_t max_demangle_depth = 512;

// Memory that a caller with many names keeps from one to the next, so that few names allocate any. What one
// name leaves in it means nothing to the next.
struct DemangleBuffers {
  Vector<uint32_t> words;   // the nodes: a header word and its operands each, and lists
  Vector<uint32_t> names;   // nodes that wait to become a list
  Vector<uint32_t> subs;    // what `S_`, `S0_`, ... stand for
  Vector<uint32_t> params;  // the template arguments of all levels
  Vector<uint32_t> levels;  // per template level: first and last + 1 in `params`
  Vector<uint32_t> forward; // uses of a template argument that is still to come
  Vector<uint32_t> frames;  // what is still to be printed
};

// Appends the demangled form of `mangled` to `out` and returns true; returns false and leaves `out` alone
// when the name is not mangled, malformed or beyond a limit.
bool demangle(std::string_view mangled, std::string& out, Demangling release, DemangleBuffers& buffers);
bool demangle(std::string_view mangled, std::string& out, Demangling release);

} // namespace weld
