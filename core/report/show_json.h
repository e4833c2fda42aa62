// Answers as JSON, in the shapes of js/src/types.ts.
#pragma once

#include "core/report/analyses.h"

namespace weld::report {

// `limit`: rows; 0: all.
std::string size_json(const Report& report, SizeBy by, bool with_retained, size_t limit);
std::string why_json(const Report& report, const Why& why);
std::string removed_json(const Report& report, size_t limit);
std::string memory_json(const Report& report);
std::string imports_json(const Report& report);
std::string diff_json(const Report& before, const Report& after, size_t limit);
std::string diff_table_json(const Report& before, const Report& after, SizeBy by, size_t limit);
std::string costs_json(const Report& report);
// All that the page's map shows, as columns. `before`: the older output, or null. `limit`: leaves; the smaller ones are
// summed up by their groups.
std::string size_model_json(const Report& report, const Report* before, size_t limit);

} // namespace weld::report
