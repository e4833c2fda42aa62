// Answers about a report, as tables. Text and JSON are made of them by show_text and show_json.
#pragma once

#include "core/report/graph.h"

namespace weld::report {

// --- size

// Source, Line: where code was written. Object is another word for Member. A function is all instances of a template; what is no function is summed up by kind.
enum class SizeBy : uint8_t {
  Input,
  Member,
  Object,
  Directory,
  Section,
  Kind,
  Symbol,
  Function,
  Namespace,
  Crate,
  Source,
  Line,
};
// The words, as usage texts and messages list them.
inline constexpr std::string_view size_by_words =
    "function|namespace|crate|symbol|object|member|directory|input|section|kind|source|line";
// Whether a module without its metafile can be divided so.
constexpr bool needs_files(SizeBy by) {
  return by == SizeBy::Input || by == SizeBy::Member || by == SizeBy::Object || by == SizeBy::Directory;
}
// Whether a module's debug information says it, and nothing else does.
constexpr bool needs_lines(SizeBy by) {
  return by == SizeBy::Source || by == SizeBy::Line;
}
// Whether a row is several symbols under a name of its own.
constexpr bool sums_up_symbols(SizeBy by) {
  return by == SizeBy::Function || by == SizeBy::Namespace || by == SizeBy::Crate;
}
bool parse_size_by(std::string_view word, SizeBy& by);
std::string_view size_by_name(SizeBy by);

struct SizeRow {
  std::string name;      // by symbol: as the object has it
  std::string file;      // by symbol
  std::string_view kind; // by symbol
  uint64_t bytes = 0;    // of the output
  uint64_t retained = 0; // by symbol, when asked for
  uint32_t count = 0;    // items
};

// The largest first. The sum of all bytes is the size of the output.
std::vector<SizeRow> size_table(const Report& report, SizeBy by, bool with_retained);

// --- why

struct Step {
  uint32_t item;
  std::string name, file;
};

struct Explanation {
  uint32_t item;
  std::string name; // that was asked for, as the object has it
  bool removed = false;
  uint64_t bytes = 0; // removed: of the input
  uint64_t retained = 0;
  std::vector<Root> roots;     // why the path begins where it does
  std::vector<Step> path;      // from a root to the item; removed: empty
  std::vector<Step> referrers; // all; removed: who would have kept it, removed as well
};

struct Why {
  std::vector<Explanation> matches; // one for each item of that name
  std::vector<std::string> similar; // names that may have been meant, when there is none
};

// `symbol`: a name as objects have it or demangled, with or without parameters.
Why why(const Report& report, std::string_view symbol);

// --- what garbage collection removed, the largest first

struct RemovedRow {
  uint32_t item;
  std::vector<Step> referrers; // who would have kept it
};
std::vector<RemovedRow> removed(const Report& report);

// --- memory: everything from address 0 to its end, in order

std::vector<Region> memory_map(const Report& report); // kinds: stack, data, zeros, tls, heap, unused

// --- imports

struct ImportUse {
  uint32_t row; // in Report::imports
  std::vector<Step> users;
};
std::vector<ImportUse> import_uses(const Report& report);

// An ES module with a function for each import (import_stub.cpp).
std::string import_stub(const Report& report);

// --- what costs most

// What only this keeps in the output, and what refers to what, from where the program begins.
struct Cost {
  uint32_t item;
  uint64_t retained = 0;
  std::vector<Step> path; // from a root to what refers to the item
};
// The largest first, each in a part of the output of its own. What is most of the output is the program itself, and
// small things are not told.
std::vector<Cost> costs(const Report& report);

// --- what differs

enum class Change : uint8_t { Added, Removed, Grown, Shrunk };
struct DiffRow {
  Change change;
  std::string name, file;
  std::string_view kind;
  uint64_t before = 0, after = 0; // bytes
};
struct Diff {
  std::vector<DiffRow> sections; // that differ, in the order of the newer output
  std::vector<DiffRow> items;    // the largest difference first
};
// Things are the same that have one kind, one name and one file (base name and member); or, where only one of
// either side is left over, one kind and one name.
Diff diff(const Report& before, const Report& after);
// The same for groups of items: only those that differ, the largest difference first.
std::vector<DiffRow> diff_table(const Report& before, const Report& after, SizeBy by);

// --- names

// What to call an item that may have no name.
std::string name_of(const Report& report, uint32_t item);
Step step_of(const Report& report, uint32_t item);

} // namespace weld::report
