// What the output's bytes belong to: one row for each item, with what it can be grouped by. All tables of sizes, all
// differences and the page's map are made of this.
#pragma once

#include "core/report/analyses.h"
#include "core/report/names.h"

#include <array>
#include <unordered_map>

namespace weld::report {

// What bytes are, by the section that they are in.
enum class Part : uint8_t { Code, Data, Names, Debug, Rest };
constexpr size_t part_count = 5;
inline constexpr std::string_view part_names[part_count] = {"code", "data", "names", "debug", "rest"};
using PartBytes = std::array<uint64_t, part_count>;

inline uint64_t sum(const PartBytes& bytes) {
  uint64_t total = 0;
  for (uint64_t n : bytes) total += n;
  return total;
}

// Texts that many rows have in common, by number. The first is empty.
struct Words {
  std::vector<std::string> texts = {{}};
  uint32_t add(std::string text);

private:
  std::unordered_map<std::string, uint32_t> numbers_ = {{{}, 0}};
};

struct SizeLeaf {
  std::string name;    // as the object has it
  std::string display; // demangled
  // What all instances of its template are called, without namespaces and classes: a row of `words`, as the following.
  uint32_t base = 0; // 0: it is no symbol with a name
  uint32_t name_space = 0, class_ = 0, crate = 0;
  Language language = Language::Other;
  ItemKind kind{};
  uint32_t file = none;      // in `files`; none: the linker made it, or nobody knows
  PartBytes bytes{};         // of the output
  PartBytes before{};        // of the older output, if there are two
  uint64_t retained = 0;     // when asked for
  uint32_t count = 0;        // items in the output: several of one name and file are one row of a difference
  uint32_t count_before = 0; // in the older output

  uint64_t total() const { return sum(bytes); }
  uint64_t total_before() const { return sum(before); }
};

struct SizeModel {
  std::vector<Input> files;
  Words words;
  std::vector<SizeLeaf> leaves; // in the order of the output; what is only in the older one comes last
  bool has_before = false;
};

// `before`: the older output, or null. `only_sizes`: nothing is demangled, for tables that are by file or kind.
SizeModel size_model(const Report& report, const Report* before, bool with_retained, bool only_sizes = false);

// The row of a table that a leaf belongs to: mangled if it is a symbol of its own.
std::string group_of(const SizeModel& model, const SizeLeaf& leaf, SizeBy by);

// Those of the largest leaves and differences stay, at most `limit`. The others are summed up by file, namespace, class,
// crate and kind.
void keep_largest(SizeModel& model, size_t limit);

} // namespace weld::report
