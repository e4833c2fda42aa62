// What -Oz and --icf make of functions: the state that drop_parameters and fold_functions fill. Each column is
// empty when its phase was not asked for.
#pragma once

#include "core/link/scan/needs.h"

#include <array>

namespace weld {

// -Oz: what becomes of the bytes [begin, end) of an object in a function.
constexpr uint32_t max_edit = 32;
struct CodeEdit {
  uint32_t begin = 0, end = 0;
  uint8_t size = 0;
  std::array<uint8_t, max_edit> bytes = {};
};

struct Reduction {
  Column<FunctionId, FunctionId> folded_into; // fold_functions: the equal function that stands for it, or none
  Column<FunctionId, SignatureId> function_signature; // drop_parameters: none: the object's
  Column<FunctionId, RowRange> function_edits;        // drop_parameters: rows of `code_edits`
  Vector<CodeEdit> code_edits;                        // each function's in the order of its bytes

  bool is_folded(FunctionId function) const { return !folded_into.empty() && folded_into[function]; }
  FunctionId folded_function(FunctionId function) const {
    return is_folded(function) ? folded_into[function] : function;
  }
  std::span<const CodeEdit> edits_of(FunctionId function) const {
    if (function_edits.empty()) return {};
    return std::span<const CodeEdit>(code_edits)
        .subspan(function_edits[function].first, function_edits[function].count);
  }
};

// What may be read once code is what it will be.
struct Reduced : Scanned, Reduction {
  using Scanned::Scanned;

  SignatureId signature_of(const LinkObject& object, FunctionId function) const;
};

// --- the phases, each in the file of its name
void drop_parameters(const Scanned& link, Reduction& reduction);
// Equal functions may share a slot, so slots are numbered again.
void fold_functions(const Reduced& link, Reduction& reduction, Needs& needs);

} // namespace weld
