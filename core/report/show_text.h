// Answers as text for people: tables whose columns are aligned.
#pragma once

#include "core/base/demangle.h"
#include "core/report/analyses.h"

namespace weld::report {

struct TextOptions {
  size_t limit = 0; // rows; 0: all. The rest is summed up
  Demangling demangling = Demangling::Llvm22;
};

std::string size_text(const Report& report, SizeBy by, bool with_retained, const TextOptions& options);
std::string why_text(const Report& report, const Why& why, const TextOptions& options);
std::string removed_text(const Report& report, const TextOptions& options);
std::string memory_text(const Report& report);
std::string imports_text(const Report& report, const TextOptions& options);
// By symbol: what differs in sections too.
std::string diff_text(const Report& before, const Report& after, SizeBy by, const TextOptions& options);

} // namespace weld::report
