#include "core/unit/unit.h"

#include "core/base/sort.h"
#include "core/wasm/type_text.h"

#include <algorithm>
#include <utility>

namespace weld {

using namespace symbol_flag;

namespace {

constexpr uint32_t slot_removed = ~0u; // in the table of constants
constexpr uint32_t definition_flags = binding_mask | visibility_hidden | no_strip;
constexpr std::string_view constant_name = ".Lconstant";

bool is_zero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

size_t constant_hash(Bytes content, uint32_t align) {
  return static_cast<size_t>(hash_bytes(is_zero(content) ? Bytes() : content) + align);
}

bool is_reference(ValueType type) {
  return type == ValueType::FuncRef || type == ValueType::ExternRef || type == ValueType::ExnRef;
}

} // namespace

bool Unit::refuse(std::string_view name, std::string_view why) {
  Location where;
  where.input = name_;
  diagnostics_.report(DiagnosticId::bad_edit, {Argument::symbol(name), why}, where);
  return false;
}

bool Unit::refuse(UnitSymbol symbol, std::string_view why) {
  bool known = has(symbol) && symbols_[symbol].name;
  return refuse(known ? strings_.text(symbols_[symbol].name) : constant_name, why);
}

std::string Unit::why_unknown(UnitSymbol symbol) const {
  if (!symbols_.numbers().was_given(symbol.row))
    return "no symbol has the number " + std::to_string(symbol.row);
  return "the symbol with the number " + std::to_string(symbol.row) +
         " was removed, and nothing uses it: declare its name again";
}

bool Unit::is_there(UnitSymbol symbol) {
  return has(symbol) || refuse(std::string_view(), why_unknown(symbol));
}

// --- types

uint32_t Unit::type(std::span<const ValueType> params, std::span<const ValueType> results) {
  ByteBuffer encoded;
  encoded.u8(0x60);
  for (std::span<const ValueType> types : {params, results}) {
    encoded.uleb(types.size());
    for (ValueType type : types) encoded.u8(static_cast<uint8_t>(type));
  }
  SignatureId signature = signatures_.intern(encoded.from(0));
  if (signature.row >= type_of_signature_.size()) type_of_signature_.resize(signature.row + 1, none32);
  uint32_t& type = type_of_signature_[signature.row];
  if (type == none32) {
    type = static_cast<uint32_t>(types_.size());
    types_.push_back(signature);
    changed_ = true;
  }
  return type;
}

void Unit::renumber(std::span<const uint32_t> strings, std::span<const uint32_t> signatures) {
  auto string = [&](StringId& id) {
    if (id) id = StringId(strings[id.row]);
  };
  auto signature = [&](SignatureId& id) {
    if (id) id = SignatureId(signatures[id.row]);
  };
  symbol_of_name_ = Vector<UnitSymbol>(strings_.size(), {});
  dropped_names_ = 0;
  ask_at_ = least_dropped;
  type_of_signature_.assign(signatures_.size(), none32);
  for (uint32_t type = 0; type < types_.size(); type++) {
    signature(types_[type]);
    type_of_signature_[types_[type].row] = type;
  }
  for (uint32_t i = 0; i < symbols_.rows(); i++) {
    UnitSymbolRow& row = symbols_.row(i);
    for (StringId* id : {&row.name, &row.import_module, &row.import_field, &row.export_name, &row.segment})
      string(*id);
    signature(row.signature);
    if (row.name) symbol_of_name_[row.name.row] = symbols_.at(i);
  }
}

// --- names

UnitSymbol Unit::find(std::string_view name) const {
  StringId id = strings_.find(name);
  if (!id || id.row >= symbol_of_name_.size() || symbol_of_name_[id.row] == dropped) return {};
  return symbol_of_name_[id.row];
}

UnitSymbol Unit::declare(std::string_view name, SymbolKind kind, uint32_t flags) {
  if (flags & ~binding_weak) {
    refuse(name, "a declaration may be weak, no more");
    return {};
  }
  StringId id = strings_.intern(name);
  if (id.row >= symbol_of_name_.size()) symbol_of_name_.resize(id.row + 1);
  if (UnitSymbol symbol = symbol_of_name_[id.row]; symbol && symbol != dropped) {
    UnitSymbolRow& row = symbols_[symbol];
    row.removed = false;
    if (row.kind != kind && (row.meaning != UnitSymbolRow::Declared || row.uses)) {
      refuse(symbol, "it is a " + std::string(symbol_kind_text(row.kind, false)) + " already");
      return {};
    }
    bool weaker = row.weak_reference && !(flags & binding_weak);
    if (row.kind != kind || weaker) changed_ = true;
    if (row.kind != kind) row.segment_kind = SegmentKind::Memory;
    row.kind = kind;
    if (weaker) row.weak_reference = false;
    return symbol;
  }
  if (!may_add()) {
    refuse(name, "the unit has had too many symbols");
    return {};
  }
  if (symbol_of_name_[id.row] == dropped) dropped_names_--;
  UnitSymbolRow row;
  row.meaning = UnitSymbolRow::Declared;
  row.kind = kind;
  row.name = id;
  row.weak_reference = flags & binding_weak;
  ByteBuffer encoded;
  encoded.name(name);
  row.encoded_name = rooms_.store(encoded.from(0));
  changed_ = true;
  return symbol_of_name_[id.row] = symbols_.add(row);
}

UnitSymbol Unit::declare_function(std::string_view name, uint32_t type, uint32_t flags) {
  if (type >= types_.size()) {
    refuse(name, "unknown type " + std::to_string(type));
    return {};
  }
  const SignatureId signature = types_[type];
  UnitSymbol symbol = declare(name, SymbolKind::Function, flags);
  if (!symbol) return {};
  UnitSymbolRow& row = symbols_[symbol];
  if (row.signature == signature) return symbol;
  if (row.meaning != UnitSymbolRow::Declared) {
    refuse(symbol, "it is defined as " + signature_text(signatures_.bytes(row.signature)) + " already");
    return {};
  }
  if (row.signature) row.retyped_at = last_retyped_ = ++edits_;
  row.signature = signature;
  changed_ = true;
  return symbol;
}

UnitSymbol Unit::declare_data(std::string_view name, uint32_t flags) {
  UnitSymbol symbol = declare(name, SymbolKind::Data, flags);
  return symbol && is_segment(symbol, SegmentKind::Memory) ? symbol : UnitSymbol();
}

UnitSymbol Unit::declare_segment(std::string_view name, SegmentKind kind) {
  const bool is_new = !find(name);
  UnitSymbol symbol = declare(name, SymbolKind::Data, 0);
  if (!symbol) return {};
  if (is_new) symbols_[symbol].segment_kind = kind;
  return is_segment(symbol, kind) ? symbol : UnitSymbol();
}

UnitSymbol Unit::declare_global(std::string_view name, GlobalType type, uint32_t flags) {
  UnitSymbol symbol = declare(name, SymbolKind::Global, flags);
  if (!symbol || symbols_[symbol].global == type) return symbol;
  if (symbols_[symbol].meaning != UnitSymbolRow::Declared) {
    refuse(symbol, "it is defined with another type");
    return {};
  }
  symbols_[symbol].global = type;
  changed_ = true;
  return symbol;
}

UnitSymbol Unit::declare_table(std::string_view name, const TableType& type, uint32_t flags) {
  if (!is_reference(type.element)) {
    refuse(name, "a table is made of references");
    return {};
  }
  UnitSymbol symbol = declare(name, SymbolKind::Table, flags);
  if (!symbol) return {};
  TableType& known = symbols_[symbol].table;
  if (known.element == type.element && known.limits == type.limits) return symbol;
  if (symbols_[symbol].meaning != UnitSymbolRow::Declared) {
    refuse(symbol, "it is defined with another type");
    return {};
  }
  known = type;
  changed_ = true;
  return symbol;
}

UnitSymbol Unit::declare_tag(std::string_view name, uint32_t type, uint32_t flags) {
  if (type >= types_.size()) {
    refuse(name, "unknown type " + std::to_string(type));
    return {};
  }
  const SignatureId signature = types_[type];
  if (!signature_parts(signatures_.bytes(signature)).results.empty()) {
    refuse(name, "a tag has no results");
    return {};
  }
  UnitSymbol symbol = declare(name, SymbolKind::Tag, flags);
  if (!symbol || symbols_[symbol].signature == signature) return symbol;
  if (symbols_[symbol].meaning != UnitSymbolRow::Declared) {
    refuse(symbol, "it is defined with another type");
    return {};
  }
  symbols_[symbol].signature = signature;
  changed_ = true;
  return symbol;
}

bool Unit::need_function_table() {
  if (!function_table_) function_table_ = declare_table(function_table_name, {ValueType::FuncRef, {}});
  return bool(function_table_);
}

// --- definitions

bool Unit::is_symbol(UnitSymbol symbol, SymbolKind kind, std::string_view what) {
  if (!is_there(symbol)) return false;
  if (symbols_[symbol].kind != kind)
    return refuse(symbol, "it is a " + std::string(symbol_kind_text(symbols_[symbol].kind, false)) +
                              ", not a " + std::string(what));
  return true;
}

bool Unit::check_flags(UnitSymbol symbol, uint32_t flags) {
  return (!(flags & ~definition_flags) && (flags & binding_mask) != binding_mask) ||
         refuse(symbol, "unknown flags");
}

// Undoes what a definition stands for, but for the names that it goes by.
void Unit::clear_definition(UnitSymbol symbol) {
  UnitSymbolRow& row = symbols_[symbol];
  count_uses(row, -1);
  rooms_.give_back(row.body);
  rooms_.give_back(row.fixups);
  row.fixup_count = 0;
  row.size = 0;
  row.target = {};
  row.meaning = UnitSymbolRow::Declared;
  row.flags = 0;
  row.features = 0;
  changed_ = true;
}

void Unit::define(UnitSymbol symbol, uint32_t flags) {
  symbols_[symbol].removed = false;
  symbols_[symbol].meaning = UnitSymbolRow::Defined;
  symbols_[symbol].flags = flags;
  changed_ = true;
}

// Counts what a definition refers to, once more or once less.
void Unit::count_uses(const UnitSymbolRow& row, int32_t by) {
  auto count = [&](uint32_t at, bool is_call) {
    UnitSymbolRow& used = symbols_.row(at);
    used.uses += static_cast<uint32_t>(by);
    if (is_call) used.calls += static_cast<uint32_t>(by);
    if (!used.uses && used.removed) forget(symbols_.at(at));
  };
  if (row.meaning == UnitSymbolRow::Alias) return count(row_of(row.target), false);
  if (row.meaning != UnitSymbolRow::Defined) return;
  if (row.kind == SymbolKind::Function) {
    MirCode code = function(row.body.offset).code;
    refs(code).for_each([&](const RelocRow& reloc) {
      RelocType type = reloc.reloc_type();
      if (type == RelocType::TYPE_INDEX_LEB) return;
      bool is_call = type == RelocType::FUNCTION_INDEX_LEB && code.op(reloc.offset) != Op::ref_func;
      count(reloc.index, is_call);
    });
  } else if (row.kind == SymbolKind::Data) {
    for (const RelocRow& reloc : RelocRange(bytes(), {row.fixups.offset, row.fixup_count}))
      count(reloc.index, false);
  }
}

bool Unit::set_function(UnitSymbol symbol, std::span<const ValueType> locals, const MirCode& code,
                        uint32_t flags) {
  if (!is_symbol(symbol, SymbolKind::Function, "function")) return false;
  return set_function(symbol, type_of_signature_[symbols_[symbol].signature.row], locals, code, flags);
}

bool Unit::set_function(UnitSymbol symbol, uint32_t type, std::span<const ValueType> locals,
                        const MirCode& code, uint32_t flags) {
  if (!is_symbol(symbol, SymbolKind::Function, "function") || !check_flags(symbol, flags)) return false;
  if (type >= types_.size()) return refuse(symbol, "unknown type " + std::to_string(type));
  const SignatureId signature = types_[type];
  if (symbols_[symbol].import_field || symbols_[symbol].import_module)
    return refuse(symbol, "it is imported");
  // A function that calls itself does so by its new type.
  const SignatureId old = std::exchange(symbols_[symbol].signature, signature);
  MirCheck check = check_mir(*this, signature, locals, code);
  size_t size = StoredMir::size_of(code, {}) + locals.size() * 6;
  if (check.error.empty() && !rooms_.fits(size)) check.error = "the unit is too large";
  if (!check.error.empty() || (check.uses_function_table && !need_function_table())) {
    symbols_[symbol].signature = old;
    Location where;
    where.input = name_;
    std::string_view name = strings_.text(symbols_[symbol].name);
    diagnostics_.report(DiagnosticId::malformed_function,
                        {Argument::symbol(name), check.instruction, check.error}, where);
    return false;
  }

  // Runs of locals of one type, as the body has them.
  ByteBuffer encoded;
  uint32_t runs = 0;
  for (size_t i = 0; i < locals.size();) {
    size_t end = i;
    while (end < locals.size() && locals[end] == locals[i]) end++;
    encoded.uleb(end - i);
    encoded.u8(static_cast<uint8_t>(locals[i]));
    runs++;
    i = end;
  }
  encoded.insert_uleb(0, runs);

  UnitSymbolRow fresh;
  fresh.meaning = UnitSymbolRow::Defined;
  fresh.kind = SymbolKind::Function;
  // Uses are counted before the old ones are given up, so that a constant which both have stays.
  fresh.body = rooms_.take(StoredMir::size_of(code, encoded.from(0)));
  StoredMir::write(code, encoded.from(0), rooms_.at(fresh.body));
  count_uses(fresh, 1);
  clear_definition(symbol);
  define(symbol, flags);
  UnitSymbolRow& row = symbols_[symbol];
  row.body = fresh.body;
  row.features = check.features;
  if (old && old != signature) row.retyped_at = last_retyped_ = ++edits_;
  row.set_at = ++edits_;
  return true;
}

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
  if (bytes.size() >= none32) return refuse(symbol, "data of 4 GiB or more");
  if (!is_no_constant(symbol)) return false;
  return set_bytes(symbol, bytes, static_cast<uint32_t>(bytes.size()), p2align, fixups, data_flags, flags,
                   section);
}

bool Unit::set_zeros(UnitSymbol symbol, uint32_t size, uint32_t p2align, uint32_t data_flags, uint32_t flags,
                     std::string_view section) {
  if (!is_no_constant(symbol)) return false;
  return set_bytes(symbol, {}, size, p2align, {}, data_flags & ~data_flag::strings, flags, section);
}

// `bytes` are `size` many, or none when all are zero.
bool Unit::set_bytes(UnitSymbol symbol, Bytes bytes, uint32_t size, uint32_t p2align,
                     std::span<const Fixup> fixups, uint32_t data_flags, uint32_t flags,
                     std::string_view section) {
  constexpr uint32_t known_flags =
      data_flag::strings | data_flag::tls | data_flag::retain | data_flag::read_only;
  if (!is_symbol(symbol, SymbolKind::Data, "data") || !check_flags(symbol, flags)) return false;
  if (!is_segment(symbol, SegmentKind::Memory)) return false;
  if (data_flags & ~known_flags) return refuse(symbol, "unknown flags");
  if (p2align > 31) return refuse(symbol, "an alignment of more than 2 GiB");
  if ((data_flags & data_flag::strings) && !bytes.empty() && bytes.back() != 0)
    return refuse(symbol, "the last string has no zero at its end");
  if (!rooms_.fits(bytes.size() + fixups.size() * 24)) return refuse(symbol, "the unit is too large");

  Vector<Fixup> sorted(fixups);
  sort_stably(sorted, [](const Fixup& a, const Fixup& b) { return a.offset < b.offset; });
  uint64_t end = 0;
  for (const Fixup& fixup : sorted) {
    if (fixup.width != 4 && fixup.width != 8) return refuse(symbol, "a fixup has 4 or 8 bytes");
    if (fixup.offset < end) return refuse(symbol, "two fixups overlap");
    end = uint64_t{fixup.offset} + fixup.width;
    if (end > bytes.size()) return refuse(symbol, "a fixup is outside of the data");
    SymbolKind wanted = fixup.kind == Fixup::Address ? SymbolKind::Data : SymbolKind::Function;
    if (!has(fixup.symbol)) return refuse(symbol, "a fixup: " + why_unknown(fixup.symbol));
    if (symbols_[fixup.symbol].kind != wanted || symbols_[fixup.symbol].segment_kind != SegmentKind::Memory)
      return refuse(symbol, "a fixup refers to what is no " + std::string(symbol_kind_text(wanted, false)));
    if (fixup.kind == Fixup::TableSlot && !need_function_table()) return false;
  }

  if (sorted.empty() && !(data_flags & data_flag::strings) && is_zero(bytes)) bytes = {};
  const bool zeros = bytes.empty() && size;
  UnitSymbolRow fresh;
  fresh.meaning = UnitSymbolRow::Defined;
  fresh.kind = SymbolKind::Data;
  if (!bytes.empty()) fresh.body = rooms_.store(bytes);
  if (!sorted.empty()) {
    ByteBuffer encoded;
    for (const Fixup& fixup : sorted) {
      const bool wide = fixup.width == 8, address = fixup.kind == Fixup::Address;
      RelocType type = address ? (wide ? RelocType::MEMORY_ADDR_I64 : RelocType::MEMORY_ADDR_I32)
                               : (wide ? RelocType::TABLE_INDEX_I64 : RelocType::TABLE_INDEX_I32);
      encoded.u8(static_cast<uint8_t>(type));
      encoded.uleb(fresh.body.offset + fixup.offset);
      encoded.uleb(row_of(fixup.symbol));
      if (address) encoded.sleb(fixup.addend);
    }
    fresh.fixups = rooms_.store(encoded.from(0));
    fresh.fixup_count = static_cast<uint32_t>(sorted.size());
  }
  count_uses(fresh, 1);
  clear_definition(symbol);
  define(symbol, flags);
  UnitSymbolRow& row = symbols_[symbol];
  row.body = fresh.body;
  row.fixups = fresh.fixups;
  row.fixup_count = fresh.fixup_count;
  row.size = size;
  row.p2align = p2align;
  row.data_flags = data_flags;
  std::string_view name = row.name ? strings_.text(row.name) : constant_name;
  row.segment = strings_.intern(segment_name(std::string(name), data_flags, zeros, section));
  return true;
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
  const Room body = bytes.empty() ? Room() : rooms_.store(bytes);
  clear_definition(symbol);
  define(symbol, binding_local);
  symbols_[symbol].body = body;
  symbols_[symbol].size = static_cast<uint32_t>(bytes.size());
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
  UnitSymbolRow fresh;
  fresh.meaning = UnitSymbolRow::Defined;
  fresh.kind = SymbolKind::Data;
  fresh.fixup_count = static_cast<uint32_t>(functions.size());
  if (fresh.fixup_count) fresh.fixups = rooms_.store(encoded.from(0));
  count_uses(fresh, 1);
  clear_definition(symbol);
  define(symbol, binding_local);
  UnitSymbolRow& row = symbols_[symbol];
  row.fixups = fresh.fixups;
  row.fixup_count = fresh.fixup_count;
  row.size = row.fixup_count * 4;
  return true;
}

bool Unit::set_global(UnitSymbol symbol, const GlobalInit& init, uint32_t flags) {
  if (!is_symbol(symbol, SymbolKind::Global, "global") || !check_flags(symbol, flags)) return false;
  ByteBuffer encoded;
  auto words = [&](uint64_t bits, size_t size) {
    uint8_t bytes[8];
    write_le(bytes, bits);
    encoded.append(Bytes(bytes, size));
  };
  switch (symbols_[symbol].global.type) {
  case ValueType::I32:
    encoded.u8(opcode::i32_const);
    encoded.sleb(static_cast<int32_t>(init.low));
    break;
  case ValueType::I64:
    encoded.u8(opcode::i64_const);
    encoded.sleb(static_cast<int64_t>(init.low));
    break;
  case ValueType::F32:
    encoded.u8(opcode::f32_const);
    words(init.low, 4);
    break;
  case ValueType::F64:
    encoded.u8(opcode::f64_const);
    words(init.low, 8);
    break;
  case ValueType::V128:
    encoded.u8(0xfd);
    encoded.u8(static_cast<uint16_t>(Op::v128_const) & 0xff);
    words(init.low, 8);
    words(init.high, 8);
    break;
  case ValueType::FuncRef:
  case ValueType::ExternRef:
  case ValueType::ExnRef:
    encoded.u8(opcode::ref_null);
    encoded.u8(static_cast<uint8_t>(symbols_[symbol].global.type));
    break;
  }
  encoded.u8(opcode::end);
  clear_definition(symbol);
  define(symbol, flags);
  symbols_[symbol].body = rooms_.store(encoded.from(0));
  return true;
}

bool Unit::set_table(UnitSymbol symbol, uint32_t flags) {
  if (!is_symbol(symbol, SymbolKind::Table, "table") || !check_flags(symbol, flags)) return false;
  if (symbol == function_table_ || strings_.text(symbols_[symbol].name) == function_table_name)
    return refuse(symbol, "the table of functions is the linker's");
  clear_definition(symbol);
  define(symbol, flags);
  return true;
}

bool Unit::set_tag(UnitSymbol symbol, uint32_t flags) {
  if (!is_symbol(symbol, SymbolKind::Tag, "tag") || !check_flags(symbol, flags)) return false;
  clear_definition(symbol);
  define(symbol, flags);
  return true;
}

bool Unit::set_alias(UnitSymbol symbol, UnitSymbol target, uint32_t flags) {
  if (!has(target)) return refuse(symbol, "its target: " + why_unknown(target));
  SymbolKind kind = symbols_[target].kind;
  if (kind != SymbolKind::Function && kind != SymbolKind::Data)
    return refuse(symbol, "only functions and data have aliases");
  if (kind == SymbolKind::Data && !is_segment(target, SegmentKind::Memory)) return false;
  if (!is_symbol(symbol, kind, symbol_kind_text(kind, false)) || !is_no_constant(symbol) ||
      !check_flags(symbol, flags))
    return false;
  if (kind == SymbolKind::Function && symbols_[symbol].signature != symbols_[target].signature)
    return refuse(symbol,
                  "its signature is not that of `" + std::string(strings_.text(symbols_[target].name)) + '`');
  for (UnitSymbol at = target; at; at = symbols_[at].target)
    if (at == symbol) return refuse(symbol, "it would be an alias of itself");
  symbols_[target].uses++;
  clear_definition(symbol);
  UnitSymbolRow& row = symbols_[symbol];
  row.meaning = UnitSymbolRow::Alias;
  row.removed = false;
  row.target = target;
  row.flags = flags;
  row.set_at = ++edits_;
  return true;
}

UnitSymbol Unit::constant(Bytes bytes, uint32_t p2align) {
  if (bytes.size() >= none32) {
    refuse(constant_name, "data of 4 GiB or more");
    return {};
  }
  auto is_same = [&](const UnitSymbolRow& row) {
    if (row.size != bytes.size() || row.p2align != p2align) return false;
    Bytes content = rooms_.bytes(row.body);
    return row.body ? std::equal(bytes.begin(), bytes.end(), content.begin()) : is_zero(bytes);
  };
  // Half of the slots stay free, or the table is made again without those that were removed.
  if ((constant_count_ + 1) * 2 > constant_slots_.size()) {
    Vector<uint32_t> old = std::move(constant_slots_);
    auto is_there = [](uint32_t slot) { return slot && slot != slot_removed; };
    auto count = static_cast<uint32_t>(std::count_if(old.begin(), old.end(), is_there));
    size_t size = 64;
    while (size < (count + 1) * size_t{4}) size *= 2;
    constant_slots_.assign(size, 0);
    constant_count_ = count;
    for (uint32_t slot : old) {
      if (!is_there(slot)) continue;
      const UnitSymbolRow& row = symbols_[UnitSymbol(slot - 1)];
      size_t at = constant_hash(row.body ? rooms_.bytes(row.body) : Bytes(), row.p2align) & (size - 1);
      while (constant_slots_[at]) at = (at + 1) & (size - 1);
      constant_slots_[at] = slot;
    }
  }
  const size_t mask = constant_slots_.size() - 1;
  size_t slot = constant_hash(bytes, p2align) & mask;
  for (; constant_slots_[slot]; slot = (slot + 1) & mask) {
    if (constant_slots_[slot] == slot_removed) continue;
    UnitSymbol known(constant_slots_[slot] - 1);
    if (is_same(symbols_[known])) return known;
  }
  if (!may_add()) {
    refuse(constant_name, "the unit has had too many symbols");
    return {};
  }
  UnitSymbolRow row;
  row.meaning = UnitSymbolRow::Declared;
  row.kind = SymbolKind::Data;
  const UnitSymbol symbol = symbols_.add(row);
  const auto size = static_cast<uint32_t>(bytes.size());
  if (!set_bytes(symbol, bytes, size, p2align, {}, data_flag::read_only, binding_local, {})) {
    symbols_.remove(symbol);
    return {};
  }
  constant_slots_[slot] = symbol.row + 1;
  constant_count_++;
  return symbol;
}

// Of a constant that was not removed.
size_t Unit::constant_slot(UnitSymbol symbol) const {
  const UnitSymbolRow& row = symbols_[symbol];
  const size_t mask = constant_slots_.size() - 1;
  size_t slot = constant_hash(row.body ? rooms_.bytes(row.body) : Bytes(), row.p2align) & mask;
  while (constant_slots_[slot] != symbol.row + 1) slot = (slot + 1) & mask;
  return slot;
}

// The table of constants finds them by their content.
bool Unit::is_no_constant(UnitSymbol symbol) {
  return !has(symbol) || symbols_[symbol].name || refuse(symbol, "a constant stays what it is");
}

// --- what else there is to say about a symbol

bool Unit::import_from(UnitSymbol symbol, std::string_view module, std::string_view field) {
  if (!is_there(symbol)) return false;
  if (!symbols_[symbol].name) return refuse(symbol, "it has no name to import");
  UnitSymbolRow& row = symbols_[symbol];
  if (row.meaning != UnitSymbolRow::Declared) return refuse(symbol, "it is defined here");
  if (row.kind == SymbolKind::Data) return refuse(symbol, "data cannot be imported");
  row.import_module = module.empty() ? StringId() : strings_.intern(module);
  row.import_field = strings_.intern(field.empty() ? strings_.text(row.name) : std::string(field));
  row.removed = false;
  changed_ = true;
  return true;
}

bool Unit::unimport(UnitSymbol symbol) {
  if (!is_there(symbol)) return false;
  symbols_[symbol].import_module = symbols_[symbol].import_field = {};
  return changed_ = true;
}

bool Unit::export_as(UnitSymbol symbol, std::string_view name) {
  if (!is_there(symbol)) return false;
  if (!symbols_[symbol].name) return refuse(symbol, "it has no name to export");
  if (!is_segment(symbol, SegmentKind::Memory)) return false;
  const bool own_name = name.empty() || name == strings_.text(symbols_[symbol].name);
  if (!own_name && symbols_[symbol].kind != SymbolKind::Function)
    return refuse(symbol, "only functions are exported under other names than their own");
  StringId id = own_name ? StringId() : strings_.intern(std::string(name));
  symbols_[symbol].exported = true;
  symbols_[symbol].removed = false;
  symbols_[symbol].export_name = id;
  return changed_ = true;
}

bool Unit::unexport(UnitSymbol symbol) {
  if (!is_there(symbol)) return false;
  symbols_[symbol].exported = false;
  symbols_[symbol].export_name = {};
  return changed_ = true;
}

bool Unit::run_at_start(UnitSymbol symbol, uint32_t priority) {
  if (!is_symbol(symbol, SymbolKind::Function, "function")) return false;
  if (!signature_parts(signatures_.bytes(symbols_[symbol].signature)).params.empty())
    return refuse(symbol, "a constructor takes no parameters");
  if (priority == none32) return refuse(symbol, "this priority is too large");
  UnitSymbolRow& row = symbols_[symbol];
  if (row.init_priority == none32) row.uses++;
  row.init_priority = priority;
  row.removed = false;
  return changed_ = true;
}

bool Unit::run_no_more(UnitSymbol symbol) {
  if (!is_symbol(symbol, SymbolKind::Function, "function")) return false;
  UnitSymbolRow& row = symbols_[symbol];
  if (row.init_priority != none32) row.uses--;
  row.init_priority = none32;
  return changed_ = true;
}

bool Unit::remove(UnitSymbol symbol) {
  if (!is_there(symbol)) return false;
  if (UnitSymbolRow& row = symbols_[symbol]; !row.name && row.meaning == UnitSymbolRow::Defined)
    constant_slots_[constant_slot(symbol)] = slot_removed;
  clear_definition(symbol);
  UnitSymbolRow& row = symbols_[symbol];
  row.import_module = row.import_field = row.export_name = {};
  row.exported = false;
  if (row.init_priority != none32) row.uses--;
  row.init_priority = none32;
  row.removed = true;
  if (!row.uses) forget(symbol);
  if (dropped_names_ >= ask_at_) {
    ask_at_ = dropped_names_ + least_dropped;
    if (on_dropped_names_) on_dropped_names_();
  }
  return true;
}

size_t Unit::memory_size() const {
  return rooms_.memory_size() + symbols_.memory_size() +
         (types_.size() + constant_slots_.size() + symbol_of_name_.size()) * sizeof(uint32_t);
}

} // namespace weld
