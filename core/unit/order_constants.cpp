// Constants have no names: their content orders them, so that it does not matter when each was made. Content is bytes
// and what their fixups refer to, other constants too.
#include "core/base/sort.h"
#include "core/unit/unit.h"

#include <algorithm>
#include <cstring>

namespace weld {

namespace {

class ConstantOrder {
public:
  ConstantOrder(const Unit& unit, const Vector<UnitSymbol>& constants)
      : unit_(unit), level_(unit.symbol_count()), rank_(unit.symbol_count()), fixups_(unit.symbol_count()) {
    for (UnitSymbol id : constants) read_fixups(id);
  }

  void sort(Vector<UnitSymbol>& constants) {
    if (!all_fixups_.empty()) rank(constants);
    sort_stably(constants, [&](UnitSymbol a, UnitSymbol b) {
      const UnitSymbolRow &x = unit_[a], &y = unit_[b];
      if (x.p2align != y.p2align) return x.p2align > y.p2align;
      if (x.size != y.size) return x.size > y.size;
      return compare(a, b) < 0;
    });
  }

private:
  void read_fixups(UnitSymbol id) {
    const Vector<Fixup> fixups = unit_.fixups(id);
    fixups_[id.row] = {static_cast<uint32_t>(all_fixups_.size()), static_cast<uint32_t>(fixups.size())};
    all_fixups_.append(fixups);
  }
  std::span<const Fixup> fixups(UnitSymbol id) const {
    return std::span<const Fixup>(all_fixups_).subspan(fixups_[id.row].first, fixups_[id.row].count);
  }

  // A constant refers to constants that were there before it, so there are no circles: those of level n refer to lower
  // levels alone. Each level is ordered when the ones below are.
  void rank(const Vector<UnitSymbol>& constants) {
    for (UnitSymbol id : constants) level_[id.row] = 1;
    for (bool again = true; again;) {
      again = false;
      for (UnitSymbol id : constants)
        for (const Fixup& fixup : fixups(id))
          if (const uint32_t above = level_[fixup.symbol.row] + 1; level_[id.row] < above) {
            level_[id.row] = above;
            again = true;
          }
    }
    Vector<UnitSymbol> by_level = constants;
    sort_stably(by_level, [&](UnitSymbol a, UnitSymbol b) { return level_[a.row] < level_[b.row]; });
    uint32_t ranked = 0;
    for (size_t begin = 0, end = 0; begin < by_level.size(); begin = end) {
      while (end < by_level.size() && level_[by_level[end].row] == level_[by_level[begin].row]) end++;
      sort_stably(by_level.data() + begin, by_level.data() + end,
                  [&](UnitSymbol a, UnitSymbol b) { return compare(a, b) < 0; });
      for (size_t i = begin; i < end; i++) rank_[by_level[i].row] = ++ranked;
    }
  }

  static int order(uint64_t a, uint64_t b) { return a < b ? -1 : a > b; }

  // By size, then bytes, then fixups; 0: equal.
  int compare(UnitSymbol a, UnitSymbol b) const {
    const UnitSymbolRow &x = unit_[a], &y = unit_[b];
    if (int way = order(x.size, y.size)) return way;
    if (!x.body != !y.body) return x.body ? -1 : 1;
    if (x.body)
      if (int way = std::memcmp(unit_.content(a).data(), unit_.content(b).data(), x.size)) return way;
    const std::span<const Fixup> p = fixups(a), q = fixups(b);
    if (int way = order(p.size(), q.size())) return way;
    for (size_t i = 0; i < p.size(); i++) {
      if (int way = order(p[i].offset, q[i].offset)) return way;
      if (int way = order(p[i].kind, q[i].kind)) return way;
      if (int way = order(p[i].width, q[i].width)) return way;
      if (int way = order(static_cast<uint64_t>(p[i].addend), static_cast<uint64_t>(q[i].addend))) return way;
      // Constants by their place in this order, all others by their numbers, which are in the order of their declaration.
      const uint32_t left = p[i].symbol.row, right = q[i].symbol.row;
      if (int way = order(rank_[left], rank_[right])) return way;
      if (!rank_[left])
        if (int way = order(left, right)) return way;
    }
    return 0;
  }

  const Unit& unit_;
  Vector<uint32_t> level_;  // by symbol: 0 for what is no constant
  Vector<uint32_t> rank_;   // by symbol: its place, from 1 on; 0: it has none yet
  Vector<RowRange> fixups_; // by symbol: rows of all_fixups_
  Vector<Fixup> all_fixups_;
};

} // namespace

void Unit::order_constants(Vector<UnitSymbol>& constants) const {
  if (!constants.empty()) ConstantOrder(*this, constants).sort(constants);
}

} // namespace weld
