#include "core/tool/match_options.h"

namespace weld {

namespace {

constexpr OptionRow rows[] = {
#define WELD_OPTION(id, spelling, kind, dashes, alias, argument, help, since)                                \
  {OptionId::id, spelling, OptionKind::kind, Dashes::dashes, OptionId::alias, OptionSince::since},
#define WELD_OPTION_GROUP(title)                                                                             \
  {OptionId::none, title, OptionKind::Flag, Dashes::Two, OptionId::none, OptionSince::Weld},
#define WELD_OPTION_REMARK(id, does, weld)
#include "core/tool/options.def"
#undef WELD_OPTION
#undef WELD_OPTION_GROUP
#undef WELD_OPTION_REMARK
};

// The part of `text` after the dashes that the row allows; false when they do not fit.
bool strip_dashes(const OptionRow& row, std::string_view text, std::string_view& rest) {
  size_t dashes = text.starts_with("--") && row.dashes != Dashes::One ? 2 : 1;
  if (dashes == 1 && row.dashes == Dashes::Two) return false;
  rest = text.substr(dashes);
  return true;
}

enum class Match : uint8_t { None, Alone, ValueInside, ValueNext };

// How the row takes an argument. `length` is how much of the argument belongs to the option's own spelling.
Match match_row(const OptionRow& row, std::string_view text, size_t& length) {
  std::string_view rest;
  if (!strip_dashes(row, text, rest) || !rest.starts_with(row.spelling)) return Match::None;
  length = text.size() - rest.size() + row.spelling.size();
  bool exact = rest.size() == row.spelling.size();
  switch (row.kind) {
  case OptionKind::Flag: return exact ? Match::Alone : Match::None;
  case OptionKind::Separate: return exact ? Match::ValueNext : Match::None;
  case OptionKind::Joined:
  case OptionKind::CommaJoined: return Match::ValueInside;
  case OptionKind::JoinedOrSeparate: return exact ? Match::ValueNext : Match::ValueInside;
  case OptionKind::Eq:
    if (exact) return Match::ValueNext;
    if (text[length] != '=') return Match::None;
    length++;
    return Match::ValueInside;
  }
  return Match::None;
}

} // namespace

std::span<const OptionRow> option_rows() {
  return rows;
}

std::string match_options(const std::vector<std::string>& args, Compat compat,
                          std::vector<ParsedArgument>& out) {
  out.clear();
  for (size_t i = 0; i < args.size(); i++) {
    const std::string& text = args[i];
    if (text.empty()) continue;
    if (text[0] != '-' || text == "-") {
      out.push_back({OptionId::input, text, text, false});
      continue;
    }
    const OptionRow* best = nullptr;
    Match match = Match::None;
    size_t best_length = 0;
    // There may be very many arguments: the letter after one dash or two tells most rows apart.
    const char first = text[1], second = text.size() > 2 ? text[2] : first;
    for (const OptionRow& row : rows) {
      if (!row.spelling.starts_with(first) && !row.spelling.starts_with(second)) continue;
      size_t length = 0;
      Match m = match_row(row, text, length);
      if (m == Match::None || length <= best_length || !row.is_accepted(compat)) continue;
      best = &row;
      match = m;
      best_length = length;
    }
    if (!best) {
      out.push_back({OptionId::unknown, text, {}, false});
      continue;
    }
    OptionId id = best->alias == OptionId::none ? best->id : best->alias;
    ParsedArgument parsed{id, text, {}, match == Match::ValueNext};
    if (match == Match::ValueInside) parsed.value = text.substr(best_length);
    if (match == Match::ValueNext) {
      if (i + 1 == args.size()) return text;
      parsed.value = args[++i];
    }
    out.push_back(std::move(parsed));
  }
  return {};
}

} // namespace weld
