#include "core/unit/unit.h"

#include "core/wasm/type_text.h"

#include <algorithm>
#include <utility>

namespace weld {

using namespace symbol_flag;

namespace {

constexpr uint32_t definition_flags = binding_mask | visibility_hidden | no_strip;

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
    UnitSymbolRow& row = symbols_.rows_[i]; // the tables get the same ids
    for (StringId* id : {&row.name, &row.import_module, &row.import_field, &row.segment, &row.comdat})
      string(*id);
    signature(row.signature);
    if (row.name) symbol_of_name_[row.name.row] = symbols_.at(i);
  }
  for (UnitExport& row : exports_) string(row.name);
  for (FeatureRow& row : features_) string(row.name);
  for (ProducerRow& row : producers_) {
    string(row.name);
    string(row.version);
  }
  for (StringId& id : source_files_) string(id);
  for (SourceType& type : source_types_) string(type.name);
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
    UnitSymbolRow row = symbols_[symbol];
    row.removed = false;
    if (row.kind != kind && (row.meaning != UnitSymbolRow::Declared || row.uses)) {
      set_row(symbol, row);
      refuse(symbol, "it is a " + std::string(symbol_kind_text(row.kind, false)) + " already");
      return {};
    }
    if (row.kind != kind) row.segment_kind = SegmentKind::Memory;
    row.kind = kind;
    if (!(flags & binding_weak)) row.weak_reference = false;
    set_row(symbol, row);
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
  return symbol_of_name_[id.row] = add_row(row);
}

UnitSymbol Unit::declare_function(std::string_view name, uint32_t type, uint32_t flags) {
  if (type >= types_.size()) {
    refuse(name, "unknown type " + std::to_string(type));
    return {};
  }
  const SignatureId signature = types_[type];
  UnitSymbol symbol = declare(name, SymbolKind::Function, flags);
  if (!symbol) return {};
  UnitSymbolRow row = symbols_[symbol];
  if (row.signature == signature) return symbol;
  if (row.meaning != UnitSymbolRow::Declared) {
    refuse(symbol, "it is defined as " + signature_text(signatures_, row.signature) + " already");
    return {};
  }
  if (row.signature) row.retyped_at = last_retyped_ = ++edits_;
  row.signature = signature;
  set_row(symbol, row);
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
  if (is_new) {
    UnitSymbolRow row = symbols_[symbol];
    row.segment_kind = kind;
    set_row(symbol, row);
  }
  return is_segment(symbol, kind) ? symbol : UnitSymbol();
}

UnitSymbol Unit::declare_global(std::string_view name, GlobalType type, uint32_t flags) {
  if (!is_value_type(type.type)) {
    refuse(name, "its type is no type of values");
    return {};
  }
  UnitSymbol symbol = declare(name, SymbolKind::Global, flags);
  if (!symbol || symbols_[symbol].global == type) return symbol;
  if (symbols_[symbol].meaning != UnitSymbolRow::Declared) {
    refuse(symbol, "it is defined with another type");
    return {};
  }
  UnitSymbolRow row = symbols_[symbol];
  row.global = type;
  set_row(symbol, row);
  return symbol;
}

UnitSymbol Unit::declare_table(std::string_view name, const TableType& type, uint32_t flags) {
  if (!is_ref(type.element) || !is_value_type(type.element)) {
    refuse(name, "a table is made of references");
    return {};
  }
  return declare_rows(name, type, flags);
}

UnitSymbol Unit::declare_memory(std::string_view name, const Limits& limits, uint32_t flags) {
  constexpr uint64_t most_pages = 65536, most_pages_64 = uint64_t{1} << 48;
  const uint64_t most = limits.flags & limits_is_64 ? most_pages_64 : most_pages;
  const bool has_max = limits.flags & limits_has_max;
  std::string_view wrong;
  if (limits.minimum > most || (has_max && limits.maximum > most)) wrong = "it has more pages than there are";
  else if (has_max && limits.maximum < limits.minimum) wrong = "its maximum is less than its minimum";
  else if ((limits.flags & limits_shared) && !has_max) wrong = "a shared memory has a maximum";
  else if (name == memory_name || name == function_table_name) wrong = "this is a name of the linker's";
  if (!wrong.empty()) {
    refuse(name, wrong);
    return {};
  }
  return declare_rows(name, {ValueType::Memory, limits}, flags);
}

UnitSymbol Unit::declare_rows(std::string_view name, const TableType& type, uint32_t flags) {
  UnitSymbol symbol = declare(name, SymbolKind::Table, flags);
  if (!symbol) return {};
  UnitSymbolRow row = symbols_[symbol];
  if (row.table.element == type.element && row.table.limits == type.limits) return symbol;
  const bool is_other_kind = (row.table.element == ValueType::Memory) != (type.element == ValueType::Memory);
  if (is_other_kind && row.uses) {
    refuse(symbol, "it is a " + std::string(row.kind_text()) + " already");
    return {};
  }
  if (row.meaning != UnitSymbolRow::Declared) {
    refuse(symbol, "it is defined with another type");
    return {};
  }
  row.table = type;
  set_row(symbol, row);
  return symbol;
}

UnitSymbol Unit::declare_tag(std::string_view name, uint32_t type, uint32_t flags) {
  if (type >= types_.size()) {
    refuse(name, "unknown type " + std::to_string(type));
    return {};
  }
  const SignatureId signature = types_[type];
  if (!signature_parts(signatures_, signature).results.empty()) {
    refuse(name, "a tag has no results");
    return {};
  }
  UnitSymbol symbol = declare(name, SymbolKind::Tag, flags);
  if (!symbol || symbols_[symbol].signature == signature) return symbol;
  if (symbols_[symbol].meaning != UnitSymbolRow::Declared) {
    refuse(symbol, "it is defined with another type");
    return {};
  }
  UnitSymbolRow row = symbols_[symbol];
  row.signature = signature;
  set_row(symbol, row);
  return symbol;
}

bool Unit::need_function_table() {
  Limits limits;
  if (is_64_) limits.flags = limits_is_64;
  if (!function_table_) function_table_ = declare_table(function_table_name, {ValueType::FuncRef, limits});
  return bool(function_table_);
}

// --- definitions

bool Unit::is_symbol(UnitSymbol symbol, SymbolKind kind, std::string_view what) {
  if (!is_there(symbol)) return false;
  if (symbols_[symbol].kind != kind)
    return refuse(symbol,
                  "it is a " + std::string(symbols_[symbol].kind_text()) + ", not a " + std::string(what));
  return true;
}

bool Unit::check_flags(UnitSymbol symbol, uint32_t flags) {
  return (!(flags & ~definition_flags) && (flags & binding_mask) != binding_mask) ||
         refuse(symbol, "unknown flags");
}

bool Unit::set_function(UnitSymbol symbol, std::span<const ValueType> locals, const MirCode& code,
                        uint32_t flags, const FunctionSource& source) {
  if (!is_symbol(symbol, SymbolKind::Function, "function")) return false;
  return set_function(symbol, type_of_signature_[symbols_[symbol].signature.row], locals, code, flags, source);
}

bool Unit::set_function(UnitSymbol symbol, uint32_t type, std::span<const ValueType> locals,
                        const MirCode& code, uint32_t flags, const FunctionSource& source) {
  if (!is_symbol(symbol, SymbolKind::Function, "function") || !check_flags(symbol, flags)) return false;
  if (type >= types_.size()) return refuse(symbol, "unknown type " + std::to_string(type));
  const SignatureId signature = types_[type];
  if (symbols_[symbol].import_field || symbols_[symbol].import_module)
    return refuse(symbol, "it is imported");
  const size_t params = signature_parts(signatures_, signature).params.size();
  EncodedSource encoded_source;
  if (const std::string wrong =
          encode_source(source, static_cast<uint32_t>(params), static_cast<uint32_t>(params + locals.size()),
                        code.size(), encoded_source);
      !wrong.empty())
    return refuse(symbol, wrong);
  // A function that calls itself does so by its new type.
  SignatureId& known = symbols_.rows_[row_of(symbol)].signature;
  const SignatureId old = std::exchange(known, signature);
  MirCheck check = check_mir(*this, signature, locals, code);
  known = old;
  size_t size = StoredMir::size_of(code, {}) + locals.size() * 11 + encoded_source.size();
  if (check.error.empty() && !rooms_.fits(size)) check.error = "the unit is too large";
  if (!check.error.empty() || (check.uses_function_table && !need_function_table())) {
    Location where;
    where.input = name_;
    where.source = place_in(source.lines, check.instruction);
    std::string_view name = strings_.text(symbols_[symbol].name);
    diagnostics_.report(DiagnosticId::malformed_function,
                        {Argument::symbol(name), check.instruction, check.error}, where);
    return false;
  }

  constexpr uint8_t no_locals[] = {0};
  ByteBuffer encoded_locals;
  if (!locals.empty()) LocalRuns::encode(locals, encoded_locals);
  const Bytes encoded = locals.empty() ? Bytes(no_locals) : encoded_locals.from(0);

  UnitSymbolRow row = undefined_row(symbol);
  define(row, flags);
  row.signature = signature;
  row.body = rooms_.take(StoredMir::size_of(code, encoded));
  StoredMir::write(code, encoded, std::any_of(locals.begin(), locals.end(), is_defined_ref),
                   rooms_.at(row.body));
  row.features = check.features;
  row.lines = store_source(encoded_source.lines);
  row.variables = store_source(encoded_source.variables);
  if (old && old != signature) row.retyped_at = last_retyped_ = ++edits_;
  row.set_at = ++edits_;
  set_row(symbol, row);
  return true;
}

bool Unit::set_alias(UnitSymbol symbol, UnitSymbol target, uint32_t flags) {
  if (!has(target)) return refuse(symbol, "its target: " + why_unknown(target));
  SymbolKind kind = symbols_[target].kind;
  if (kind != SymbolKind::Function && kind != SymbolKind::Data)
    return refuse(symbol, "only functions and data have aliases");
  if (kind == SymbolKind::Data && !is_segment(target, SegmentKind::Memory)) return false;
  if (!is_symbol(symbol, kind, symbol_kind_text(kind, false)) || !check_flags(symbol, flags)) return false;
  if (!symbols_[symbol].name) return refuse(symbol, "a constant stays what it is");
  if (kind == SymbolKind::Function && symbols_[symbol].signature != symbols_[target].signature)
    return refuse(symbol,
                  "its signature is not that of `" + std::string(strings_.text(symbols_[target].name)) + '`');
  for (UnitSymbol at = target; at; at = symbols_[at].target)
    if (at == symbol) return refuse(symbol, "it would be an alias of itself");
  UnitSymbolRow row = undefined_row(symbol);
  define(row, flags);
  row.meaning = UnitSymbolRow::Alias;
  row.target = target;
  row.set_at = ++edits_;
  set_row(symbol, row);
  return true;
}

// --- what else there is to say about a symbol

bool Unit::import_from(UnitSymbol symbol, std::string_view module, std::string_view field) {
  if (!is_there(symbol)) return false;
  if (!symbols_[symbol].name) return refuse(symbol, "it has no name to import");
  UnitSymbolRow row = symbols_[symbol];
  if (row.meaning != UnitSymbolRow::Declared) return refuse(symbol, "it is defined here");
  if (row.kind == SymbolKind::Data) return refuse(symbol, "data cannot be imported");
  if (row.kind == SymbolKind::Section) return refuse(symbol, "a section cannot be imported");
  row.import_module = module.empty() ? StringId() : strings_.intern(module);
  row.import_field = strings_.intern(field.empty() ? strings_.text(row.name) : std::string(field));
  row.removed = false;
  set_row(symbol, row);
  return true;
}

bool Unit::unimport(UnitSymbol symbol) {
  if (!is_there(symbol)) return false;
  UnitSymbolRow row = symbols_[symbol];
  row.import_module = row.import_field = {};
  set_row(symbol, row);
  return true;
}

bool Unit::run_at_start(UnitSymbol symbol, uint32_t priority) {
  if (!is_symbol(symbol, SymbolKind::Function, "function")) return false;
  if (!signature_parts(signatures_, symbols_[symbol].signature).params.empty())
    return refuse(symbol, "a constructor takes no parameters");
  if (priority == none32) return refuse(symbol, "this priority is too large");
  UnitSymbolRow row = symbols_[symbol];
  row.init_priority = priority;
  row.removed = false;
  set_row(symbol, row);
  return true;
}

bool Unit::set_comdat(UnitSymbol symbol, std::string_view group) {
  if (!is_there(symbol)) return false;
  UnitSymbolRow row = symbols_[symbol];
  if (!row.name) return refuse(symbol, "a constant stays what it is");
  if (row.kind != SymbolKind::Function && row.kind != SymbolKind::Data)
    return refuse(symbol, "only functions and data are in groups");
  if (!is_segment(symbol, SegmentKind::Memory)) return false;
  row.comdat = group.empty() ? StringId() : strings_.intern(group);
  set_row(symbol, row);
  return true;
}

bool Unit::run_no_more(UnitSymbol symbol) {
  if (!is_symbol(symbol, SymbolKind::Function, "function")) return false;
  UnitSymbolRow row = symbols_[symbol];
  row.init_priority = none32;
  set_row(symbol, row);
  return true;
}

bool Unit::remove(UnitSymbol symbol) {
  if (!is_there(symbol)) return false;
  if (const UnitSymbolRow& row = symbols_[symbol]; !row.name && row.meaning == UnitSymbolRow::Defined)
    forget_constant(symbol);
  remove_exports(symbol);
  UnitSymbolRow row = undefined_row(symbol);
  row.import_module = row.import_field = row.comdat = {};
  row.init_priority = none32;
  row.removed = true;
  set_row(symbol, row);
  if (dropped_names_ >= ask_at_) {
    ask_at_ = dropped_names_ + least_dropped;
    if (on_dropped_names_) on_dropped_names_();
  }
  return true;
}

size_t Unit::memory_size() const {
  return rooms_.memory_size() + symbols_.memory_size() +
         (types_.size() + constant_slots_.size() + symbol_of_name_.size() + source_files_.size()) *
             sizeof(uint32_t) +
         exports_.size() * sizeof(UnitExport) + source_types_.size() * sizeof(SourceType);
}

} // namespace weld
