// Data of a unit: with addresses, passive, and constants, which have no names.
#include "core/base/sort.h"
#include "core/unit/unit.h"

#include <algorithm>
#include <utility>

namespace weld {

using namespace symbol_flag;

namespace {

constexpr uint32_t slot_removed = ~0u; // in the table of constants

} // namespace

std::string Unit::segment_name(std::string_view name, uint32_t data_flags, bool zeros,
                               std::string_view section) const {
  if (!section.empty()) return std::string(section);
  const char* prefix = ".data.";
  if (data_flags & data_flag::tls) prefix = zeros ? ".tbss." : ".tdata.";
  else if (zeros) prefix = ".bss.";
  else if (data_flags & data_flag::read_only) prefix = ".rodata.";
  return prefix + std::string(name);
}

bool Unit::set_data(UnitSymbol symbol, Bytes bytes, uint32_t p2align, std::span<const Fixup> fixups,
                    uint32_t data_flags, uint32_t flags, std::string_view section) {
  if (!is_data(symbol) || !check_data(symbol, bytes, p2align, data_flags, flags)) return false;
  Vector<Fixup> sorted;
  if (!check_fixups(symbol, bytes.size(), fixups, sorted)) return false;
  store_data(symbol, bytes, static_cast<uint32_t>(bytes.size()), sorted,
             {p2align, data_flags, flags, section});
  return true;
}

bool Unit::set_zeros(UnitSymbol symbol, uint32_t size, uint32_t p2align, uint32_t data_flags, uint32_t flags,
                     std::string_view section) {
  if (!is_data(symbol) || !check_data(symbol, {}, p2align, data_flags, flags)) return false;
  store_data(symbol, {}, size, {}, {p2align, data_flags & ~data_flag::strings, flags, section});
  return true;
}

// Whether it is a name that stands for data with an address.
bool Unit::is_data(UnitSymbol symbol) {
  if (!is_symbol(symbol, SymbolKind::Data, "data") || !is_segment(symbol, SegmentKind::Memory)) return false;
  return symbols_[symbol].name || refuse(symbol, "a constant stays what it is");
}

bool Unit::check_data(UnitSymbol symbol, Bytes bytes, uint32_t p2align, uint32_t data_flags, uint32_t flags) {
  constexpr uint32_t known_flags =
      data_flag::strings | data_flag::tls | data_flag::retain | data_flag::read_only;
  if (!check_flags(symbol, flags)) return false;
  if (bytes.size() >= none32) return refuse(symbol, "data of 4 GiB or more");
  if (data_flags & ~known_flags) return refuse(symbol, "unknown flags");
  if (p2align > 31) return refuse(symbol, "an alignment of more than 2 GiB");
  if ((data_flags & data_flag::strings) && !bytes.empty() && bytes.back() != 0)
    return refuse(symbol, "the last string has no zero at its end");
  return rooms_.fits(bytes.size()) || refuse(symbol, "the unit is too large");
}

// `bytes` are `size` many, or none when all are zero.
void Unit::store_data(UnitSymbol symbol, Bytes bytes, uint32_t size, std::span<const Fixup> fixups,
                      const DataTraits& traits) {
  if (fixups.empty() && !(traits.data_flags & data_flag::strings) && is_zero(bytes)) bytes = {};
  const bool zeros = bytes.empty() && size;
  UnitSymbolRow row = undefined_row(symbol);
  define(row, traits.flags);
  if (!bytes.empty()) row.body = rooms_.store(bytes);
  encode_fixups(fixups, row.body.offset, row);
  row.size = size;
  row.p2align = traits.p2align;
  row.data_flags = traits.data_flags;
  std::string_view name = row.name ? strings_.text(row.name) : constant_name;
  row.segment = strings_.intern(segment_name(std::string(name), traits.data_flags, zeros, traits.section));
  set_row(symbol, row);
}

bool Unit::is_segment(UnitSymbol symbol, SegmentKind kind) {
  if (symbols_[symbol].segment_kind == kind) return true;
  constexpr const char* kinds[] = {"it is data with an address", "it is passive data",
                                   "it is made of passive elements"};
  return refuse(symbol, kinds[static_cast<uint8_t>(symbols_[symbol].segment_kind)]);
}

bool Unit::set_passive_data(UnitSymbol symbol, Bytes bytes) {
  if (!is_symbol(symbol, SymbolKind::Data, "data") || !is_segment(symbol, SegmentKind::PassiveData))
    return false;
  if (!rooms_.fits(bytes.size())) return refuse(symbol, "the unit is too large");
  UnitSymbolRow row = undefined_row(symbol);
  define(row, binding_local);
  if (!bytes.empty()) row.body = rooms_.store(bytes);
  row.size = static_cast<uint32_t>(bytes.size());
  set_row(symbol, row);
  return true;
}

// The functions are fixups, four bytes each, of data that has no bytes.
bool Unit::set_passive_elements(UnitSymbol symbol, std::span<const UnitSymbol> functions) {
  if (!is_symbol(symbol, SymbolKind::Data, "data") || !is_segment(symbol, SegmentKind::PassiveElements))
    return false;
  if (!rooms_.fits(functions.size() * 12)) return refuse(symbol, "the unit is too large");
  if (!functions.empty() && !need_function_table()) return false;
  ByteBuffer encoded;
  for (size_t i = 0; i < functions.size(); i++) {
    if (!has(functions[i]))
      return refuse(symbol, "element " + std::to_string(i) + ": " + why_unknown(functions[i]));
    if (symbols_[functions[i]].kind != SymbolKind::Function)
      return refuse(symbol, "element " + std::to_string(i) + " is no function");
    encoded.u8(static_cast<uint8_t>(RelocType::TABLE_INDEX_I32));
    encoded.uleb(i * 4);
    encoded.uleb(row_of(functions[i]));
  }
  UnitSymbolRow row = undefined_row(symbol);
  define(row, binding_local);
  row.fixup_count = static_cast<uint32_t>(functions.size());
  if (row.fixup_count) row.fixups = rooms_.store(encoded.from(0));
  row.size = row.fixup_count * 4;
  set_row(symbol, row);
  return true;
}

// --- constants: a table of them by content, with open addressing

namespace {

// What a constant is looked for by: alignment is not a part of it.
struct Content {
  Bytes bytes;   // zero where fixups are; none: all are zero
  uint32_t size; // of them
  std::span<const Fixup> fixups;

  uint64_t hash() const {
    uint64_t hash = hash_bytes(fixups.empty() && is_zero(bytes) ? Bytes() : bytes);
    auto mix = [&](uint64_t value) { hash = (hash ^ value) * 0x9e3779b97f4a7c15 + 1; };
    mix(size);
    for (const Fixup& fixup : fixups) {
      mix(uint64_t{fixup.offset} << 32 | fixup.symbol.row);
      mix(static_cast<uint64_t>(fixup.addend) ^ uint64_t{fixup.width} << 56 ^ uint64_t{fixup.kind} << 48);
    }
    return hash ^ hash >> 32;
  }
};

} // namespace

bool Unit::is_same_constant(UnitSymbol symbol, Bytes bytes, std::span<const Fixup> fixups) const {
  const UnitSymbolRow& row = symbols_[symbol];
  if (row.size != bytes.size() || row.fixup_count != fixups.size()) return false;
  const Bytes known = content(symbol);
  if (row.body ? !std::equal(bytes.begin(), bytes.end(), known.begin()) : !is_zero(bytes)) return false;
  return !row.fixup_count || this->fixups(symbol) == Vector<Fixup>(fixups);
}

uint64_t Unit::hash_of_constant(UnitSymbol symbol) const {
  const UnitSymbolRow& row = symbols_[symbol];
  const Vector<Fixup> fixups = this->fixups(symbol);
  return Content{content(symbol), row.size, fixups}.hash();
}

// Half of the slots stay free, or the table is made again without those that were removed.
void Unit::make_room_for_constant() {
  if ((constant_count_ + 1) * 2 <= constant_slots_.size()) return;
  Vector<uint32_t> old = std::move(constant_slots_);
  auto is_there = [](uint32_t slot) { return slot && slot != slot_removed; };
  auto count = static_cast<uint32_t>(std::count_if(old.begin(), old.end(), is_there));
  size_t size = 64;
  while (size < (count + 1) * size_t{4}) size *= 2;
  constant_slots_.assign(size, 0);
  constant_count_ = count;
  for (uint32_t slot : old) {
    if (!is_there(slot)) continue;
    size_t at = hash_of_constant(UnitSymbol(slot - 1)) & (size - 1);
    while (constant_slots_[at]) at = (at + 1) & (size - 1);
    constant_slots_[at] = slot;
  }
}

UnitSymbol Unit::constant(Bytes bytes, uint32_t p2align, std::span<const Fixup> fixups) {
  Vector<Fixup> sorted;
  if (!check_data({}, bytes, p2align, 0, 0) || !check_fixups({}, bytes.size(), fixups, sorted)) return {};
  // What the linker overwrites is no content.
  Vector<uint8_t> cleared;
  if (!sorted.empty()) {
    cleared.append(bytes);
    for (const Fixup& fixup : sorted) std::fill_n(cleared.begin() + fixup.offset, fixup.width, uint8_t{0});
    bytes = cleared;
  }
  make_room_for_constant();
  const size_t mask = constant_slots_.size() - 1;
  size_t slot = Content{bytes, static_cast<uint32_t>(bytes.size()), sorted}.hash() & mask;
  for (; constant_slots_[slot]; slot = (slot + 1) & mask) {
    if (constant_slots_[slot] == slot_removed) continue;
    const UnitSymbol known(constant_slots_[slot] - 1);
    if (!is_same_constant(known, bytes, sorted)) continue;
    if (UnitSymbolRow row = symbols_[known]; row.p2align < p2align) {
      row.p2align = p2align;
      set_row(known, row);
    }
    return known;
  }
  if (!may_add()) {
    refuse(constant_name, "the unit has had too many symbols");
    return {};
  }
  UnitSymbolRow row;
  row.meaning = UnitSymbolRow::Declared;
  row.kind = SymbolKind::Data;
  const UnitSymbol symbol = add_row(row);
  store_data(symbol, bytes, static_cast<uint32_t>(bytes.size()), sorted,
             {p2align, data_flag::read_only, binding_local});
  constant_slots_[slot] = symbol.row + 1;
  constant_count_++;
  return symbol;
}

void Unit::forget_constant(UnitSymbol symbol) {
  const size_t mask = constant_slots_.size() - 1;
  for (size_t slot = hash_of_constant(symbol) & mask; constant_slots_[slot]; slot = (slot + 1) & mask)
    if (constant_slots_[slot] == symbol.row + 1) constant_slots_[slot] = slot_removed;
}

} // namespace weld
