#include "core/api/state.h"

namespace weld::api {

// --- Code

void Code::clear() {
  *this = {};
}

Code& Code::op(Op op, uint32_t operand) {
  opcodes_.push_back(static_cast<uint16_t>(op));
  operands_.push_back(operand);
  return *this;
}

Code& Code::words(Op op, std::span<const uint32_t> words) {
  const auto at = static_cast<uint32_t>(extra_.size());
  extra_.insert(extra_.end(), words.begin(), words.end());
  return this->op(op, at);
}

Code& Code::f32_const(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return op(Op::f32_const, bits);
}

Code& Code::f64_const(double value) {
  int64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return words(Op::f64_const, {low(bits), high(bits)});
}

Code& Code::v128_const(std::span<const uint8_t, 16> value) {
  uint32_t words[4];
  std::memcpy(words, value.data(), sizeof words);
  return this->words(Op::v128_const, std::span<const uint32_t>(words));
}

Code& Code::br_table(std::span<const uint32_t> labels, uint32_t default_label) {
  const auto at = static_cast<uint32_t>(extra_.size());
  extra_.push_back(static_cast<uint32_t>(labels.size()));
  extra_.insert(extra_.end(), labels.begin(), labels.end());
  extra_.push_back(default_label);
  return op(Op::br_table, at);
}

// --- Unit

namespace {

static_assert(static_cast<int>(ValueType::ExnRef) == static_cast<int>(weld::ValueType::ExnRef));

Vector<weld::ValueType> to_inside(std::span<const ValueType> types) {
  Vector<weld::ValueType> out;
  for (ValueType type : types) out.push_back(static_cast<weld::ValueType>(type));
  return out;
}

uint32_t flags_of(const SymbolOptions& o) {
  uint32_t flags = 0;
  if (o.local) flags |= symbol_flag::binding_local;
  else if (o.weak) flags |= symbol_flag::binding_weak;
  if (o.hidden) flags |= symbol_flag::visibility_hidden;
  if (o.no_strip) flags |= symbol_flag::no_strip;
  return flags;
}

uint32_t flags_of(const DataOptions& o) {
  return (o.strings ? data_flag::strings : 0) | (o.thread_local_data ? data_flag::tls : 0) |
         (o.retain ? data_flag::retain : 0) | (o.read_only ? data_flag::read_only : 0);
}

uint32_t weak_flag(bool weak) {
  return weak ? symbol_flag::binding_weak : 0;
}

} // namespace

weld::Unit* Unit::inside() const {
  if (alive_.expired()) return nullptr;
  const InputId id = linker_->find(input_.owner_, input_.row_, input_.generation_);
  return id ? &linker_->session.unit(id) : nullptr;
}

uint64_t Unit::owner() const {
  return linker_->unit_owner(InputId(input_.row_));
}

Unit::operator bool() const {
  return inside() != nullptr;
}

Input Unit::input() const {
  return input_;
}

// The unit, when all symbols are its own. Each edit begins with this, and ends with `done`.
weld::Unit* Unit::edit(std::initializer_list<Symbol> symbols, std::optional<Type> type) const {
  weld::Unit* unit = inside();
  if (!unit) return nullptr;
  bool is_ours = !type || type->unit_ == owner();
  for (Symbol symbol : symbols) is_ours &= symbol && symbol.unit_ == owner();
  if (is_ours) return unit;
  linker_->session.diagnostics.report(DiagnosticId::bad_edit,
                                      {unit->name(), "a symbol or type is not of this unit"});
  linker_->take_messages();
  return nullptr;
}

bool Unit::done(bool ok) const {
  linker_->take_messages();
  return ok;
}

Symbol Unit::done(uint32_t row) const {
  linker_->take_messages();
  Symbol symbol;
  if (row == Symbol::none) return symbol;
  symbol.unit_ = owner();
  symbol.row_ = row;
  return symbol;
}

Type Unit::type(std::span<const ValueType> params, std::span<const ValueType> results) {
  Type type;
  if (weld::Unit* unit = edit({})) {
    type.unit_ = owner();
    type.number_ = unit->type(to_inside(params), to_inside(results));
  }
  return type;
}

Symbol Unit::declare_function(std::string_view name, Type type, bool weak) {
  weld::Unit* unit = edit({}, type);
  return unit ? done(unit->declare_function(name, type.number_, weak_flag(weak)).row) : Symbol();
}

Symbol Unit::declare_data(std::string_view name, bool weak) {
  weld::Unit* unit = edit({});
  return unit ? done(unit->declare_data(name, weak_flag(weak)).row) : Symbol();
}

Symbol Unit::declare_global(std::string_view name, ValueType type, bool is_mutable, bool weak) {
  weld::Unit* unit = edit({});
  const GlobalType inside = {static_cast<weld::ValueType>(type), is_mutable};
  return unit ? done(unit->declare_global(name, inside, weak_flag(weak)).row) : Symbol();
}

Symbol Unit::declare_table(std::string_view name, ValueType element, uint64_t minimum,
                           std::optional<uint64_t> maximum) {
  weld::Unit* unit = edit({});
  TableType type = {static_cast<weld::ValueType>(element), {}};
  type.limits.minimum = minimum;
  if (maximum) {
    type.limits.flags = limits_has_max;
    type.limits.maximum = *maximum;
  }
  return unit ? done(unit->declare_table(name, type).row) : Symbol();
}

Symbol Unit::declare_tag(std::string_view name, Type type) {
  weld::Unit* unit = edit({}, type);
  return unit ? done(unit->declare_tag(name, type.number_).row) : Symbol();
}

Symbol Unit::declare_passive_data(std::string_view name) {
  weld::Unit* unit = edit({});
  return unit ? done(unit->declare_segment(name, SegmentKind::PassiveData).row) : Symbol();
}

Symbol Unit::declare_passive_elements(std::string_view name) {
  weld::Unit* unit = edit({});
  return unit ? done(unit->declare_segment(name, SegmentKind::PassiveElements).row) : Symbol();
}

Symbol Unit::find(std::string_view name) const {
  const weld::Unit* unit = inside();
  Symbol symbol;
  if (!unit) return symbol;
  symbol.row_ = unit->find(name).row;
  symbol.unit_ = symbol ? owner() : 0;
  return symbol;
}

static MirCode code_of(std::span<const uint16_t> opcodes, std::span<const uint32_t> operands,
                       std::span<const uint32_t> extra) {
  return {opcodes, operands, extra};
}

weld::Unit* Unit::edit_code(Symbol symbol, const Code& code, std::optional<Type> type) const {
  weld::Unit* unit = edit({symbol}, type);
  if (!unit || (!code.is_mixed_ && (!code.unit_ || code.unit_ == owner()))) return unit;
  linker_->session.diagnostics.report(DiagnosticId::bad_edit,
                                      {unit->name(), "the code uses symbols of another unit"});
  linker_->take_messages();
  return nullptr;
}

bool Unit::set_function(Symbol symbol, std::span<const ValueType> locals, const Code& code,
                        SymbolOptions options) {
  weld::Unit* unit = edit_code(symbol, code);
  return unit &&
         done(unit->set_function(UnitSymbol(symbol.row_), to_inside(locals),
                                 code_of(code.opcodes_, code.operands_, code.extra_), flags_of(options)));
}

bool Unit::set_function(Symbol symbol, Type type, std::span<const ValueType> locals, const Code& code,
                        SymbolOptions options) {
  weld::Unit* unit = edit_code(symbol, code, type);
  return unit &&
         done(unit->set_function(UnitSymbol(symbol.row_), type.number_, to_inside(locals),
                                 code_of(code.opcodes_, code.operands_, code.extra_), flags_of(options)));
}

// What is to be written where, when all symbols are its own.
bool Unit::edit_fixups(std::span<const Fixup> fixups, std::vector<weld::Fixup>& inside) const {
  for (const Fixup& f : fixups) {
    if (!edit({f.symbol})) return false;
    inside.push_back({f.table_slot ? weld::Fixup::TableSlot : weld::Fixup::Address, f.width, f.offset,
                      UnitSymbol(f.symbol.row_), f.addend});
  }
  return true;
}

bool Unit::set_data(Symbol symbol, Bytes bytes, const DataOptions& options, std::span<const Fixup> fixups) {
  weld::Unit* unit = edit({symbol});
  if (!unit) return false;
  std::vector<weld::Fixup> inside;
  if (!edit_fixups(fixups, inside)) return false;
  return done(unit->set_data(UnitSymbol(symbol.row_), bytes, options.p2align, inside, flags_of(options),
                             flags_of(options.symbol), options.section));
}

bool Unit::set_zeros(Symbol symbol, uint32_t size, const DataOptions& options) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->set_zeros(UnitSymbol(symbol.row_), size, options.p2align, flags_of(options),
                                      flags_of(options.symbol), options.section));
}

bool Unit::set_passive_data(Symbol symbol, Bytes bytes) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->set_passive_data(UnitSymbol(symbol.row_), bytes));
}

bool Unit::set_passive_elements(Symbol symbol, std::span<const Symbol> functions) {
  weld::Unit* unit = edit({symbol});
  if (!unit) return false;
  Vector<UnitSymbol> inside;
  for (Symbol function : functions) {
    if (!edit({function})) return false;
    inside.push_back(UnitSymbol(function.row_));
  }
  return done(unit->set_passive_elements(UnitSymbol(symbol.row_), inside));
}

bool Unit::set_global(Symbol symbol, uint64_t value, SymbolOptions options) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->set_global(UnitSymbol(symbol.row_), {value, 0}, flags_of(options)));
}

bool Unit::set_table(Symbol symbol, SymbolOptions options) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->set_table(UnitSymbol(symbol.row_), flags_of(options)));
}

bool Unit::set_tag(Symbol symbol, SymbolOptions options) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->set_tag(UnitSymbol(symbol.row_), flags_of(options)));
}

bool Unit::set_alias(Symbol symbol, Symbol target, SymbolOptions options) {
  weld::Unit* unit = edit({symbol, target});
  return unit && done(unit->set_alias(UnitSymbol(symbol.row_), UnitSymbol(target.row_), flags_of(options)));
}

Symbol Unit::constant(Bytes bytes, uint32_t p2align, std::span<const Fixup> fixups) {
  weld::Unit* unit = edit({});
  std::vector<weld::Fixup> inside;
  if (!unit || !edit_fixups(fixups, inside)) return {};
  return done(unit->constant(bytes, p2align, inside).row);
}

bool Unit::import_from(Symbol symbol, std::string_view module, std::string_view name) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->import_from(UnitSymbol(symbol.row_), module, name));
}

bool Unit::export_as(Symbol symbol, std::string_view name) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->export_as(UnitSymbol(symbol.row_), name));
}

bool Unit::run_at_start(Symbol function, uint32_t priority) {
  weld::Unit* unit = edit({function});
  return unit && done(unit->run_at_start(UnitSymbol(function.row_), priority));
}

bool Unit::remove(Symbol symbol) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->remove(UnitSymbol(symbol.row_)));
}

bool Unit::unimport(Symbol symbol) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->unimport(UnitSymbol(symbol.row_)));
}

bool Unit::unexport(Symbol symbol) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->unexport(UnitSymbol(symbol.row_)));
}

bool Unit::unexport(Symbol symbol, std::string_view name) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->unexport(UnitSymbol(symbol.row_), name));
}

bool Unit::run_no_more(Symbol symbol) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->run_no_more(UnitSymbol(symbol.row_)));
}

} // namespace weld::api
