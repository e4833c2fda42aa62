#include "core/api/state.h"

namespace weld::api {

// --- Code

void Code::clear() {
  *this = {};
}

namespace {

OperandKind kind_of(Op op) {
  const OpTraits* row = find_op(static_cast<uint16_t>(op));
  return row ? row->operand : OperandKind::None; // which `set_function` refuses
}

// How many words an operand has in the extra array, as far as `words` say it; 0: it is not there.
size_t count_words(OperandKind kind, std::span<const uint32_t> words) {
  switch (kind) {
  case OperandKind::I64:
  case OperandKind::F64:
  case OperandKind::TwoTables:
  case OperandKind::CallIndirect:
  case OperandKind::TypeAndField:
  case OperandKind::TypeAndCount:
  case OperandKind::TwoTypes:
  case OperandKind::TypeAndData:
  case OperandKind::TypeAndElements:
  case OperandKind::TableInit: return 2;
  case OperandKind::BranchOnCast:
  case OperandKind::Address: return 3;
  case OperandKind::V128:
  case OperandKind::Shuffle:
  case OperandKind::Memory: return 4;
  case OperandKind::MemoryLane: return 5;
  case OperandKind::BrTable: return words.empty() ? 2 : size_t{words[0]} + 2;
  case OperandKind::TryTable: return words.size() < 2 ? 2 : size_t{words[1]} * 3 + 2;
  default: return 0;
  }
}

} // namespace

Code& Code::op(Op op, uint32_t operand) {
  return add(op, operand, Form::Number);
}

Code& Code::add(Op op, uint32_t operand, Form form) {
  const OperandKind kind = kind_of(op);
  Form own = Form::Number;
  if (kind == OperandKind::Block) own = Form::Block;
  else if (kind == OperandKind::Type) own = Form::Type;
  else if (count_words(kind, {})) own = Form::Words;
  else if (kind == OperandKind::Function || kind == OperandKind::Global || kind == OperandKind::Tag ||
           kind == OperandKind::Table || kind == OperandKind::FunctionSlot || kind == OperandKind::MemoryInit ||
           kind == OperandKind::PassiveData || kind == OperandKind::PassiveElements)
    own = Form::Symbol;
  if (form != own) misused_ = op;
  opcodes_.push_back(static_cast<uint16_t>(op));
  operands_.push_back(operand);
  return *this;
}

Code& Code::at(uint32_t line, uint32_t column, uint32_t file) {
  const auto instruction = static_cast<uint32_t>(size());
  if (!lines_.empty() && lines_.back().instruction == instruction) lines_.pop_back();
  lines_.push_back({instruction, line, column, file});
  return *this;
}

Code& Code::words(Op op, std::span<const uint32_t> words) {
  const auto at = static_cast<uint32_t>(extra_.size());
  if (count_words(kind_of(op), words) != words.size()) misused_ = op;
  extra_.insert(extra_.end(), words.begin(), words.end());
  return add(op, at, Form::Words);
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

Code& Code::memory_copy(Symbol to, Symbol from) {
  const auto at = static_cast<uint32_t>(extra_.size());
  extra_.insert(extra_.end(), {to.row_, from.row_});
  return of(to.unit_).of(from.unit_).add(Op::memory_copy, own_memory | at, Form::Number);
}

Code& Code::memory_init(Symbol data, Symbol memory) {
  if (!memory) return symbol(Op::memory_init, data);
  const auto at = static_cast<uint32_t>(extra_.size());
  extra_.insert(extra_.end(), {data.row_, memory.row_});
  return of(data.unit_).of(memory.unit_).add(Op::memory_init, own_memory | at, Form::Symbol);
}

Code& Code::br_table(std::span<const uint32_t> labels, uint32_t default_label) {
  const auto at = static_cast<uint32_t>(extra_.size());
  extra_.push_back(static_cast<uint32_t>(labels.size()));
  extra_.insert(extra_.end(), labels.begin(), labels.end());
  extra_.push_back(default_label);
  return add(Op::br_table, at, Form::Words);
}

// --- Unit

namespace {

static_assert(static_cast<int>(ValueType::ExnRef) == static_cast<int>(weld::ValueType::ExnRef));
static_assert(static_cast<int>(ValueType::NullExnRef) == static_cast<int>(weld::ValueType::NullExnRef));
static_assert(static_cast<uint32_t>(non_null(ValueType::AnyRef)) ==
              static_cast<uint32_t>(non_nullable(weld::ValueType::AnyRef)));
static_assert(static_cast<uint32_t>(TypeDefinition::ref(1)) ==
              (static_cast<uint32_t>(defined_ref(1, true)) | ref_type::in_group));

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

Vector<SourceRow> to_inside(std::span<const SourceLine> lines) {
  Vector<SourceRow> rows;
  for (const SourceLine& l : lines) rows.push_back({l.instruction, l.file, l.line, l.column});
  return rows;
}

Vector<SourceVariable> to_inside(std::span<const Variable> variables) {
  Vector<SourceVariable> out;
  for (const Variable& v : variables) out.push_back({v.name, v.local, v.type, v.begin, v.end});
  return out;
}

Limits limits_of(uint64_t minimum, std::optional<uint64_t> maximum, bool is_64) {
  Limits limits;
  limits.minimum = minimum;
  limits.maximum = maximum.value_or(0);
  limits.flags = (maximum ? limits_has_max : 0) | (is_64 ? limits_is_64 : 0);
  return limits;
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
    type.number_ = unit->type(to_inside(params), to_inside(results));
    type.unit_ = type.number_ == none32 ? 0 : owner();
    done(true);
  }
  return type;
}

std::vector<Type> Unit::define_types(std::span<const TypeDefinition> group) {
  std::vector<Type> types;
  std::vector<weld::TypeDefinition> inside;
  for (const TypeDefinition& given : group) {
    if (given.super && !edit({}, given.super)) return types;
    weld::TypeDefinition& type = inside.emplace_back();
    type.kind = static_cast<TypeKind>(given.kind);
    type.is_final = given.is_final;
    if (given.super) type.super = given.super.number_;
    else if (given.super_in_group != TypeDefinition::none)
      type.super = ref_type::in_group | given.super_in_group;
    for (const Field& field : given.fields)
      type.fields.push_back({static_cast<weld::ValueType>(field.type), field.is_mutable});
    type.results = to_inside(given.results);
  }
  weld::Unit* unit = edit({});
  if (!unit) return types;
  for (uint32_t number : unit->define_types(inside)) {
    Type& type = types.emplace_back();
    type.unit_ = owner();
    type.number_ = number;
  }
  done(true);
  return types;
}

ValueType Unit::ref(Type type, bool is_nullable) const {
  if (!edit({}, type)) return ValueType::I32;
  return static_cast<ValueType>(defined_ref(type.number_, is_nullable));
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
                           std::optional<uint64_t> maximum, bool is_64) {
  weld::Unit* unit = edit({});
  const TableType type = {static_cast<weld::ValueType>(element), limits_of(minimum, maximum, is_64)};
  return unit ? done(unit->declare_table(name, type).row) : Symbol();
}

Symbol Unit::declare_memory(std::string_view name, uint64_t minimum, std::optional<uint64_t> maximum,
                            bool is_64, bool is_shared) {
  weld::Unit* unit = edit({});
  Limits limits = limits_of(minimum, maximum, is_64);
  if (is_shared) limits.flags |= limits_shared;
  return unit ? done(unit->declare_memory(name, limits).row) : Symbol();
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

Symbol Unit::declare_section(std::string_view name) {
  weld::Unit* unit = edit({});
  return unit ? done(unit->declare_section(name).row) : Symbol();
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
  if (!unit) return nullptr;
  std::string why;
  if (code.is_mixed_ || (code.unit_ && code.unit_ != owner())) why = "the code uses symbols of another unit";
  else if (code.misused_ != Op::nop)
    why = "the operand of `" + std::string(traits(static_cast<weld::Op>(code.misused_)).name) +
          "` is not of the form that it takes";
  else return unit;
  linker_->session.diagnostics.report(DiagnosticId::bad_edit, {unit->name(), why});
  linker_->take_messages();
  return nullptr;
}

bool Unit::set_function(Symbol symbol, std::span<const ValueType> locals, const Code& code,
                        SymbolOptions options, const FunctionSource& source) {
  return set_code(edit_code(symbol, code), symbol, {}, locals, code, options, source);
}

bool Unit::set_function(Symbol symbol, Type type, std::span<const ValueType> locals, const Code& code,
                        SymbolOptions options, const FunctionSource& source) {
  return set_code(edit_code(symbol, code, type), symbol, type, locals, code, options, source);
}

bool Unit::set_code(weld::Unit* unit, Symbol symbol, std::optional<Type> type,
                    std::span<const ValueType> locals, const Code& code, SymbolOptions options,
                    const FunctionSource& source) {
  if (!unit) return false;
  const UnitSymbol inside(symbol.row_);
  const MirCode mir = code_of(code.opcodes_, code.operands_, code.extra_);
  const Vector<SourceRow> rows = to_inside(code.lines_);
  const Vector<SourceVariable> variables = to_inside(source.variables);
  const weld::FunctionSource whole = {{rows, source.file, source.line}, variables};
  return done(type ? unit->set_function(inside, type->number_, to_inside(locals), mir, flags_of(options), whole)
                   : unit->set_function(inside, to_inside(locals), mir, flags_of(options), whole));
}

uint32_t Unit::source_file(std::string_view path) {
  weld::Unit* unit = edit({});
  return unit ? done(unit->source_file(path)).row_ : Symbol::none;
}

uint32_t Unit::source_type(std::string_view name, Encoding encoding, uint32_t bytes) {
  weld::Unit* unit = edit({});
  return unit ? done(unit->source_type(name, static_cast<SourceEncoding>(encoding), bytes)).row_
              : Symbol::none;
}

bool Unit::set_lines(Symbol function, std::span<const SourceLine> lines, uint32_t declared_line,
                     uint32_t declared_file) {
  weld::Unit* unit = edit({function});
  return unit &&
         done(unit->set_lines(UnitSymbol(function.row_), {to_inside(lines), declared_file, declared_line}));
}

bool Unit::set_variables(Symbol function, std::span<const Variable> variables) {
  weld::Unit* unit = edit({function});
  return unit && done(unit->set_variables(UnitSymbol(function.row_), to_inside(variables)));
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

bool Unit::set_late_data(Symbol symbol, AskContent ask, const DataOptions& options) {
  weld::Unit* unit = edit({symbol});
  if (!unit) return false;
  auto from_outside = [self = *this, ask = std::move(ask)](std::span<const UnitSymbol> alive,
                                                           weld::LateContent& content) {
    std::vector<Symbol> symbols;
    for (UnitSymbol one : alive) symbols.push_back(self.handle(one.row));
    const std::optional<LateContent> given = ask ? ask(symbols) : std::nullopt;
    if (!given) return false;
    content.bytes.append(Bytes(given->bytes));
    for (const Fixup& f : given->fixups) // none: it is of another unit
      content.fixups.push_back(
          {f.table_slot ? weld::Fixup::TableSlot : weld::Fixup::Address, f.width, f.offset,
           UnitSymbol(f.symbol.unit_ == self.owner() ? f.symbol.row_ : Symbol::none), f.addend});
    return true;
  };
  return done(unit->set_late_data(UnitSymbol(symbol.row_), std::move(from_outside), options.p2align,
                                  flags_of(options), flags_of(options.symbol), options.section));
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

bool Unit::set_global(Symbol symbol, std::span<const uint8_t, 16> value, SymbolOptions options) {
  weld::Unit* unit = edit({symbol});
  GlobalInit init;
  std::memcpy(&init.low, value.data(), 8);
  std::memcpy(&init.high, value.data() + 8, 8);
  return unit && done(unit->set_global(UnitSymbol(symbol.row_), init, flags_of(options)));
}

bool Unit::set_global(Symbol symbol, const Code& value, SymbolOptions options) {
  weld::Unit* unit = edit_code(symbol, value);
  const MirCode code = code_of(value.opcodes_, value.operands_, value.extra_);
  return unit && done(unit->set_global_code(UnitSymbol(symbol.row_), code, flags_of(options)));
}

bool Unit::set_table(Symbol symbol, std::span<const Symbol> elements, uint32_t first, SymbolOptions options) {
  weld::Unit* unit = edit({symbol});
  if (!unit) return false;
  std::vector<UnitSymbol> inside;
  for (Symbol function : elements) {
    if (function && !edit({function})) return false;
    inside.push_back(UnitSymbol(function.row_)); // none stays none
  }
  return done(unit->set_table(UnitSymbol(symbol.row_), inside, first, flags_of(options)));
}

bool Unit::set_table(Symbol symbol, SymbolOptions options) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->set_table(UnitSymbol(symbol.row_), flags_of(options)));
}

bool Unit::set_memory(Symbol symbol, SymbolOptions options) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->set_memory(UnitSymbol(symbol.row_), flags_of(options)));
}

bool Unit::set_tag(Symbol symbol, SymbolOptions options) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->set_tag(UnitSymbol(symbol.row_), flags_of(options)));
}

bool Unit::set_section(Symbol symbol, Bytes bytes, std::span<const SectionFixup> fixups,
                       std::string_view section) {
  weld::Unit* unit = edit({symbol});
  if (!unit) return false;
  static_assert(static_cast<int>(SectionFixup::TableNumber) == weld::Fixup::TableNumber);
  Vector<weld::Fixup> inside;
  for (const SectionFixup& f : fixups) {
    if (f.type ? !edit({}, f.type) : !edit({f.symbol})) return false;
    inside.push_back({static_cast<weld::Fixup::Kind>(f.kind), f.width, f.offset,
                      UnitSymbol(f.type ? f.type->number_ : f.symbol.row_), f.addend});
    // A type instead of a symbol, or the other way round, is no symbol and no type.
    if (f.type.has_value() != (f.kind == SectionFixup::TypeIndex)) inside.back().symbol = {};
  }
  return done(unit->set_section(UnitSymbol(symbol.row_), bytes, inside, section));
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

bool Unit::set_features(std::span<const Feature> features) {
  weld::Unit* unit = edit({});
  std::vector<StatedFeature> inside;
  for (const Feature& feature : features) inside.push_back({feature.name, feature.forbidden});
  return unit && done(unit->set_features(inside));
}

bool Unit::set_producers(std::span<const Producer> producers) {
  static_assert(static_cast<int>(Producer::Sdk) == static_cast<int>(ProducerField::Sdk));
  weld::Unit* unit = edit({});
  std::vector<StatedProducer> inside;
  for (const Producer& producer : producers)
    inside.push_back({static_cast<ProducerField>(producer.field), producer.name, producer.version});
  return unit && done(unit->set_producers(inside));
}

bool Unit::set_comdat(Symbol symbol, std::string_view group) {
  weld::Unit* unit = edit({symbol});
  return unit && done(unit->set_comdat(UnitSymbol(symbol.row_), group));
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
