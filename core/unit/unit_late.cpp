// Data whose content depends on what is alive: a link asks for it when it knows that.
#include "core/unit/unit.h"

#include <algorithm>
#include <utility>

namespace weld {

bool Unit::set_late_data(UnitSymbol symbol, AskContent ask, uint32_t p2align, uint32_t data_flags,
                         uint32_t flags, std::string_view section) {
  if (!is_data(symbol) || !check_data(symbol, {}, p2align, data_flags, flags)) return false;
  if (data_flags & data_flag::strings) return refuse(symbol, "late data does not consist of strings");
  store_late_data(symbol, section, {p2align, data_flags, flags}, {});
  forget_late_data(symbol);
  late_.push_back({symbol, std::move(ask), std::string(section)});
  return true;
}

// Nobody is asked for its content any more.
void Unit::forget_late_data(UnitSymbol symbol) {
  std::erase_if(late_, [&](const LateData& late) { return late.symbol == symbol; });
}

void Unit::store_late_data(UnitSymbol symbol, std::string_view section, const DataTraits& traits,
                           const LateContent& content) {
  store_data(symbol, content.bytes, static_cast<uint32_t>(content.bytes.size()), content.fixups,
             {traits.p2align, traits.data_flags | data_flag::late, traits.flags, section});
}

void Unit::forget_late_content() {
  for (const LateData& late : late_) {
    const UnitSymbolRow& row = symbols_[late.symbol];
    if (row.size) store_late_data(late.symbol, late.section, {row.p2align, row.data_flags, row.flags}, {});
  }
}

bool Unit::ask_late_content(FunctionRef<bool(uint32_t row)> is_alive) {
  Vector<UnitSymbol> alive, wanted;
  for (uint32_t i = 0; i < symbols_.rows(); i++) {
    const UnitSymbolRow& row = symbols_.row(i);
    const UnitSymbol symbol = symbols_.at(i);
    if (row.meaning == UnitSymbolRow::Free || row.kind == SymbolKind::Section || symbol == function_table_ ||
        !is_alive(i))
      continue;
    alive.push_back(symbol);
    if (row.data_flags & data_flag::late) wanted.push_back(symbol);
  }
  bool ok = true;
  std::vector<LateContent> contents;
  for (UnitSymbol symbol : wanted) {
    const auto is_it = [&](const LateData& late) { return late.symbol == symbol; };
    const auto late = std::find_if(late_.begin(), late_.end(), is_it);
    LateContent content;
    if (late == late_.end())
      ok = refuse(symbol,
                  "links ask for its content, and a snapshot does not keep who is asked: set it again");
    else if (ask_late_content(*late, alive, is_alive, content)) contents.push_back(std::move(content));
    else ok = false;
  }
  // Rows change only now: until here they are those of the link.
  for (size_t i = 0; ok && i < wanted.size(); i++) {
    const UnitSymbolRow row = symbols_[wanted[i]];
    Vector<Fixup> sorted;
    ok = check_data(wanted[i], contents[i].bytes, row.p2align, row.data_flags & ~data_flag::late, row.flags) &&
         check_fixups(wanted[i], contents[i].bytes.size(), contents[i].fixups, sorted);
    if (!ok) break;
    contents[i].fixups = std::move(sorted);
    const auto is_it = [&](const LateData& late) { return late.symbol == wanted[i]; };
    const std::string section = std::find_if(late_.begin(), late_.end(), is_it)->section;
    store_late_data(wanted[i], section, {row.p2align, row.data_flags, row.flags}, contents[i]);
  }
  return ok;
}

// False, with a message, when there is no content, or it names what is not alive.
bool Unit::ask_late_content(const LateData& late, std::span<const UnitSymbol> alive,
                            FunctionRef<bool(uint32_t row)> is_alive, LateContent& content) {
  if (!late.ask || !late.ask(alive, content))
    return refuse(late.symbol, "its content was asked for, and not given");
  for (const Fixup& fixup : content.fixups) {
    if (!has(fixup.symbol)) return refuse(late.symbol, "its content: a fixup: " + why_unknown(fixup.symbol));
    if (is_alive(row_of(fixup.symbol))) continue;
    const StringId name = symbols_[fixup.symbol].name;
    return refuse(late.symbol, "its content names `" + std::string(name ? strings_.text(name) : constant_name) +
                                   "`, which nothing else keeps: what is late keeps nothing alive");
  }
  return true;
}

} // namespace weld
