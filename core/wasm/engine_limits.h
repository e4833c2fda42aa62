// How much of anything a module may have: engines for the web refuse more, all at the same numbers. Source: the
// WebAssembly JavaScript interface, "Implementation-defined Limits"
// (https://webassembly.github.io/spec/js-api/#limits).
#pragma once

#include <cstdint>

namespace weld::engine_limit {

constexpr uint64_t module_size = 1'073'741'824;
constexpr uint64_t types = 1'000'000;
constexpr uint64_t functions = 1'000'000; // defined ones, as all below but for tables
constexpr uint64_t imports = 1'000'000;
constexpr uint64_t exports = 1'000'000;
constexpr uint64_t globals = 1'000'000;
constexpr uint64_t tags = 1'000'000;
constexpr uint64_t data_segments = 100'000;
constexpr uint64_t tables = 100'000;
constexpr uint64_t memories = 100;
constexpr uint64_t table_size = 10'000'000;
constexpr uint64_t table_entries = 10'000'000; // of one element segment
constexpr uint64_t params = 1'000;
constexpr uint64_t results = 1'000;
constexpr uint64_t body_size = 7'654'321; // with the declarations of locals
constexpr uint64_t locals = 50'000;       // with parameters
constexpr uint64_t memory64_pages = 262'144;

} // namespace weld::engine_limit
