// Constants have no names: their content orders them, so that it does not matter when each was made. Content is bytes
// and what their fixups refer to, other constants too.
#include "core/base/sort.h"
#include "core/unit/unit.h"

#include <algorithm>
#include <cstring>

namespace weld {

namespace {

// Symbols are rows of the unit's table here.
class ConstantOrder {
public:
  ConstantOrder(const Unit& unit, const UnitSymbols& symbols, const Vector<uint32_t>& constants)
      : unit_(unit), symbols_(symbols), level_(symbols.rows()), rank_(symbols.rows()),
        fixups_(symbols.rows()) {
    for (uint32_t row : constants) read_fixups(row);
  }

  void sort(Vector<uint32_t>& constants) {
    if (!all_fixups_.empty()) rank(constants);
    sort_stably(constants, [&](uint32_t a, uint32_t b) {
      const UnitSymbolRow &x = symbols_.row(a), &y = symbols_.row(b);
      if (x.p2align != y.p2align) return x.p2align > y.p2align;
      if (x.size != y.size) return x.size > y.size;
      return compare(a, b) < 0;
    });
  }

private:
  void read_fixups(uint32_t row) {
    const Vector<Fixup> fixups = unit_.fixups(symbols_.at(row));
    fixups_[row] = {static_cast<uint32_t>(all_fixups_.size()), static_cast<uint32_t>(fixups.size())};
    all_fixups_.append(fixups);
  }
  std::span<const Fixup> fixups(uint32_t row) const {
    return std::span<const Fixup>(all_fixups_).subspan(fixups_[row].first, fixups_[row].count);
  }
  uint32_t row_of(UnitSymbol symbol) const { return symbols_.numbers().row_of(symbol.row); }

  // A constant refers to constants that were there before it, so there are no circles: those of level n refer to lower
  // levels alone. Each level is ordered when the ones below are.
  void rank(const Vector<uint32_t>& constants) {
    for (uint32_t row : constants) level_[row] = 1;
    for (bool again = true; again;) {
      again = false;
      for (uint32_t row : constants)
        for (const Fixup& fixup : fixups(row))
          if (const uint32_t above = level_[row_of(fixup.symbol)] + 1; level_[row] < above) {
            level_[row] = above;
            again = true;
          }
    }
    Vector<uint32_t> by_level = constants;
    sort_stably(by_level, [&](uint32_t a, uint32_t b) { return level_[a] < level_[b]; });
    uint32_t ranked = 0;
    for (size_t begin = 0, end = 0; begin < by_level.size(); begin = end) {
      while (end < by_level.size() && level_[by_level[end]] == level_[by_level[begin]]) end++;
      sort_stably(by_level.data() + begin, by_level.data() + end,
                  [&](uint32_t a, uint32_t b) { return compare(a, b) < 0; });
      for (size_t i = begin; i < end; i++) rank_[by_level[i]] = ++ranked;
    }
  }

  static int order(uint64_t a, uint64_t b) { return a < b ? -1 : a > b; }

  // By size, then bytes, then fixups; 0: equal.
  int compare(uint32_t a, uint32_t b) const {
    const UnitSymbolRow &x = symbols_.row(a), &y = symbols_.row(b);
    if (int way = order(x.size, y.size)) return way;
    if (!x.body != !y.body) return x.body ? -1 : 1;
    if (x.body)
      if (int way = std::memcmp(unit_.bytes().data() + x.body.offset, unit_.bytes().data() + y.body.offset, x.size)) return way;
    const std::span<const Fixup> p = fixups(a), q = fixups(b);
    if (int way = order(p.size(), q.size())) return way;
    for (size_t i = 0; i < p.size(); i++) {
      if (int way = order(p[i].offset, q[i].offset)) return way;
      if (int way = order(p[i].kind, q[i].kind)) return way;
      if (int way = order(p[i].width, q[i].width)) return way;
      if (int way = order(static_cast<uint64_t>(p[i].addend), static_cast<uint64_t>(q[i].addend))) return way;
      // Constants by their place in this order, all others by their rows, which are in the order of their declaration.
      const uint32_t left = row_of(p[i].symbol), right = row_of(q[i].symbol);
      if (int way = order(rank_[left], rank_[right])) return way;
      if (!rank_[left])
        if (int way = order(left, right)) return way;
    }
    return 0;
  }

  const Unit& unit_;
  const UnitSymbols& symbols_;
  Vector<uint32_t> level_;  // by symbol: 0 for what is no constant
  Vector<uint32_t> rank_;   // by symbol: its place, from 1 on; 0: it has none yet
  Vector<RowRange> fixups_; // by symbol: rows of all_fixups_
  Vector<Fixup> all_fixups_;
};

} // namespace

void Unit::order_constants(Vector<uint32_t>& rows) const {
  if (!rows.empty()) ConstantOrder(*this, symbols_, rows).sort(rows);
}

} // namespace weld
