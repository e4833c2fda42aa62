// A unit as a link sees it: an object's tables. Symbols keep their rows, so that fixups can name them as they are;
// a symbol that means nothing here has a row that no phase looks at.
//
// Everything is in the order of the symbols, constants in that of their content: what was edited when makes
// no difference to the output.
#include "core/unit/unit.h"
#include "core/wasm/type_text.h"

#include <algorithm>

namespace weld {

using namespace symbol_flag;

namespace {

// Of what a unit has room for.
constexpr uint32_t spare_symbols = 256, spare_functions = 64, spare_segments = 64, spare_imports = 64,
                   spare_types = 32, spare_exports = 32;

uint32_t count_of(size_t size) {
  return static_cast<uint32_t>(size);
}

} // namespace

// A call of what has another signature by now than when the caller was set.
bool Unit::report_stale_calls(const UnitSymbolRow& row) {
  const StoredMir stored = function(row.body.offset);
  const MirCode& code = stored.code;
  bool stale = false;
  refs({code, {}, false}).for_each([&](const RelocRow& reloc) {
    if (reloc.reloc_type() != RelocType::FUNCTION_INDEX_LEB || code.op(reloc.offset) == Op::ref_func) return;
    const UnitSymbolRow& callee = symbols_.row(reloc.index);
    if (callee.retyped_at <= row.set_at) return;
    stale = true;
    Location where;
    where.input = name_;
    where.source = place_of(row, reloc.offset);
    std::string what = "call to `" + std::string(strings_.text(callee.name)) + "` with the wrong signature";
    diagnostics_
        .report(DiagnosticId::malformed_function,
                {Argument::symbol(strings_.text(row.name)), reloc.offset, what}, where)
        .note("it is $0 now: set the function that calls it again",
              {signature_text(signatures_, callee.signature)});
  });
  return stale;
}

class Unit::Builder {
public:
  Builder(Unit& unit, ObjectTables& tables, bool leaves_room)
      : unit_(unit), t_(tables), leaves_room_(leaves_room) {
    std::fill(std::begin(first_use_), std::end(first_use_), none32);
  }

  // False when something is refused, which is reported.
  bool run() {
    t_.clear();
    t_.header.is_64 = unit_.is_64_;
    t_.types = unit_.types_;
    const uint32_t rows = unit_.symbols_.rows();
    t_.symbols.resize(symbol_rows(rows + (leaves_room_ ? spare_symbols : 0)));
    for (uint32_t i = 0; i < t_.symbols.size(); i++) add_symbol(i);
    define_constants();
    for (uint32_t i = 0; i < rows; i++) {
      const UnitSymbolRow& row = unit_.symbols_.row(i);
      if (row.init_priority != none32) t_.init_functions.push_back({row.init_priority, i});
      if (row.meaning == UnitSymbolRow::Alias) define_alias(i, row);
    }
    if (!t_.comdats.empty()) check_comdats();
    add_features();
    if (leaves_room_) add_spare_rows();
    return ok_;
  }

private:
  void refuse(uint32_t id, std::string_view why) { ok_ = unit_.refuse(unit_.symbols_.at(id), why); }
  uint32_t row_of(UnitSymbol symbol) const { return unit_.symbols_.numbers().row_of(symbol.row); }

  void add_symbol(uint32_t id) {
    SymbolRow& s = t_.symbols[id];
    s = {};
    s.element = none32;
    s.flags = row_of_nothing;
    if (id >= unit_.symbols_.rows()) return; // room for others
    const UnitSymbolRow& row = unit_.symbols_.row(id);
    add_exports(id, row);
    if (!row.is_in_tables()) return;
    s.kind = row.kind;
    s.encoded_name = {row.encoded_name.offset};
    s.called_directly = row.calls != 0;
    if (row.meaning == UnitSymbolRow::Declared) declare(id, row, s);
    if (row.meaning != UnitSymbolRow::Defined) return;
    s.flags = static_cast<uint16_t>(row.flags | export_flag(row));
    s.name = s.is_local() ? StringId() : row.name;
    if (row.name) define(id, row);
    else constants_.push_back(id);
  }

  static uint32_t export_flag(const UnitSymbolRow& row) {
    return row.exported || row.first_export != none32 ? exported : 0;
  }

  void add_exports(uint32_t id, const UnitSymbolRow& row) {
    if (!export_flag(row)) return;
    if (row.meaning == UnitSymbolRow::Declared)
      return refuse(id,
                    "it is exported, and not defined here: the option `exports` exports what others define");
    if ((row.flags & binding_mask) == binding_local)
      return refuse(id, "it is exported, and local to the unit");
    if (row.first_export == none32) return; // its own name is what a flag stands for
    for (StringId name : unit_.export_names(unit_.symbols_.at(id))) t_.exports.push_back({id, name});
  }

  // What the type of a symbol needs, where it is in the link.
  void note_type(uint32_t id, const UnitSymbolRow& row) {
    note(id, unit_.features_of_type(unit_.symbols_.at(id), row));
  }

  void note(uint32_t id, uint32_t features) {
    for (uint32_t i = 0; i < feature_count; i++)
      if (features >> i & 1 && first_use_[i] == none32) first_use_[i] = id;
  }

  void declare(uint32_t id, const UnitSymbolRow& row, SymbolRow& s) {
    if (row.segment_kind != SegmentKind::Memory)
      return refuse(id, "code names this segment, and it is not set");
    if (row.kind == SymbolKind::Section)
      return refuse(id, "another section names this section, and it is not set");
    if (!row.name) return refuse(id, "code or data refers to this constant, and it was removed");
    note_type(id, row);
    import(row, s);
    s.flags = static_cast<uint16_t>(unit_.flags_of_declared(unit_.symbols_.at(id), row));
    s.name = row.name;
  }

  void import(const UnitSymbolRow& row, SymbolRow& s) {
    switch (row.kind) {
    case SymbolKind::Function: t_.header.imported_functions++; break;
    case SymbolKind::Global: t_.header.imported_globals++; break;
    case SymbolKind::Tag: t_.header.imported_tags++; break;
    case SymbolKind::Table: t_.header.imported_tables++; break;
    default: return; // data has no import
    }
    s.element = count_of(t_.imports.size());
    t_.imports.push_back(unit_.import_row(row));
  }

  // Nothing names these rows, so nothing makes them alive.
  void add_spare_rows() {
    for (uint32_t i = 0; i < spare_functions; i++) {
      FunctionRow f{};
      f.comdat = none32;
      t_.functions.push_back(f);
    }
    for (uint32_t i = 0; i < spare_segments; i++) {
      SegmentRow s{};
      s.comdat = none32;
      t_.segments.push_back(s);
    }
    t_.imports.resize(t_.imports.size() + spare_imports);
    t_.types.resize(t_.types.size() + spare_types);
    for (uint32_t i = 0; i < spare_exports; i++) t_.exports.push_back({none32, {}});
  }

  void define(uint32_t id, const UnitSymbolRow& row) {
    note_type(id, row);
    SymbolRow& s = t_.symbols[id];
    const EncodedName name{row.encoded_name.offset};
    switch (row.kind) {
    case SymbolKind::Function:
      s.element = count_of(t_.functions.size());
      define_function(id, row);
      break;
    case SymbolKind::Data:
      s.element = count_of(t_.segments.size());
      define_segment(row);
      s.size = row.size;
      if (row.data_flags & data_flag::tls) s.flags = static_cast<uint16_t>(s.flags | tls);
      break;
    case SymbolKind::Global:
      s.element = count_of(t_.globals.size());
      note(id, row.features);
      t_.globals.push_back({{row.body.offset + row.size, row.body.size - row.size},
                            {row.fixups.offset, row.fixup_count},
                            name,
                            unit_.in_pool(row.global.type),
                            row.global.is_mutable});
      break;
    case SymbolKind::Tag:
      s.element = count_of(t_.tags.size());
      t_.tags.push_back({row.signature, name});
      break;
    case SymbolKind::Table:
      s.element = count_of(t_.tables.size());
      note(id, row.features);
      t_.tables.push_back({row.table.limits.minimum,
                           row.table.limits.maximum,
                           {row.fixups.offset, row.fixup_count},
                           name,
                           unit_.in_pool(row.table.element),
                           row.table.limits.flags});
      break;
    case SymbolKind::Section:
      s.element = count_of(t_.custom_sections.size());
      t_.custom_sections.push_back(
          {row.segment, {row.body.offset, row.size}, s.element, none32, {row.fixups.offset, row.fixup_count}});
      break;
    }
  }

  void define_function(uint32_t id, const UnitSymbolRow& row) {
    FunctionRow f{};
    f.signature = row.signature;
    f.offset = row.body.offset;
    f.comdat = comdat_of(row);
    f.name = {row.encoded_name.offset};
    t_.functions.push_back(f);
    note(id, row.features);
    if (row.set_at < unit_.last_retyped_ && unit_.report_stale_calls(row)) ok_ = false;
  }

  void define_segment(const UnitSymbolRow& row) {
    SegmentRow s{};
    s.name = row.segment;
    s.data = {row.body ? row.body.offset : none32, row.size};
    s.p2align = row.p2align;
    s.flags = row.data_flags & (segment_flag::strings | segment_flag::tls | segment_flag::retain);
    if (row.segment_kind == SegmentKind::PassiveData) s.flags = segment_flag::passive_data;
    if (row.segment_kind == SegmentKind::PassiveElements) s.flags = segment_flag::passive_elements;
    s.comdat = comdat_of(row);
    s.relocs = {row.fixups.offset, row.fixup_count};
    t_.segments.push_back(s);
  }

  uint32_t comdat_of(const UnitSymbolRow& row) {
    if (!row.comdat) return none32;
    if (row.comdat.row >= comdat_of_name_.size()) comdat_of_name_.resize(unit_.strings_.size(), none32);
    uint32_t& comdat = comdat_of_name_[row.comdat.row];
    if (comdat == none32) {
      comdat = count_of(t_.comdats.size());
      t_.comdats.push_back({row.comdat});
    }
    return comdat;
  }

  // A group may be taken from another input. What is local to it is gone then, so only the group may refer to it.
  void check_comdats() {
    for (uint32_t id = 0; id < unit_.symbols_.rows(); id++) {
      const UnitSymbolRow& row = unit_.symbols_.row(id);
      unit_.for_each_use(row, [&](uint32_t used, bool) {
        const UnitSymbolRow* other = &unit_.symbols_.row(used);
        const bool is_local = (other->flags & binding_mask) == binding_local;
        while (other->meaning == UnitSymbolRow::Alias) other = &unit_.symbols_[other->target];
        if (is_local && other->comdat && other->comdat != row.comdat)
          refuse(id, "it refers to `" + std::string(unit_.strings_.text(other->name)) +
                         "`, which is local to the group `" +
                         std::string(unit_.strings_.text(other->comdat)) + '`');
      });
    }
  }

  // Their content orders them.
  void define_constants() {
    unit_.order_constants(constants_);
    for (uint32_t id : constants_) define(id, unit_.symbols_.row(id));
  }

  void define_alias(uint32_t id, const UnitSymbolRow& row) {
    UnitSymbol target = row.target;
    while (unit_.symbols_[target].meaning == UnitSymbolRow::Alias) target = unit_.symbols_[target].target;
    if (unit_.symbols_[target].meaning != UnitSymbolRow::Defined)
      return refuse(id, "it is an alias of what the unit does not define");
    if (unit_.symbols_[target].signature != row.signature)
      return refuse(id, "the function that it is an alias of has another signature by now");
    SymbolRow& s = t_.symbols[id];
    const SymbolRow& meant = t_.symbols[row_of(target)];
    s.flags = static_cast<uint16_t>(row.flags | export_flag(row) | (meant.flags & tls));
    s.name = s.is_local() ? StringId() : row.name;
    s.element = meant.element;
    s.size = meant.size;
  }

  // What the unit says of itself, and what its instructions and types need.
  void add_features() {
    constexpr std::string_view names[] = {
#define WELD_FEATURE(id, name) name,
        WELD_MIR_FEATURES(WELD_FEATURE)
#undef WELD_FEATURE
    };
    static_assert(std::size(names) == feature_count);
    t_.features = unit_.features_;
    auto add = [&](uint32_t i) {
      const StringId name = unit_.strings_.intern(names[i]);
      for (const FeatureRow& row : unit_.features_) {
        if (row.name != name) continue;
        if (row.prefix == '-' && first_use_[i] != none32)
          refuse(first_use_[i],
                 "it needs the feature `" + std::string(names[i]) + "`, which the unit forbids");
        return;
      }
      t_.features.push_back({'+', name});
    };
    for (uint32_t i = 0; i < feature_count; i++)
      if (first_use_[i] != none32) add(i);
    t_.header.first_gc_symbol = first_use_[static_cast<uint32_t>(MirFeature::gc)];
    if (unit_.is_64_) add(static_cast<uint32_t>(MirFeature::memory64));
    t_.producers = unit_.producers_;
  }

  Unit& unit_;
  ObjectTables& t_;
  Vector<uint32_t> constants_;        // rows of those that are defined
  Vector<uint32_t> comdat_of_name_;   // StringId -> row in `comdats`, or none32
  uint32_t first_use_[feature_count]; // by MirFeature: the row of what needs it, or none32
  const bool leaves_room_;
  bool ok_ = true;
};

uint32_t Unit::features_of_type(UnitSymbol symbol, const UnitSymbolRow& row) const {
  switch (row.kind) {
  case SymbolKind::Function: return features_of(signatures_, row.signature);
  case SymbolKind::Tag: return features_of(signatures_, row.signature) | feature_bit(MirFeature::exceptions);
  case SymbolKind::Global: return features_of(row.global.type) | features_of_mutable(row);
  case SymbolKind::Table: {
    uint32_t features = 0;
    if (row.is_memory()) features = feature_bit(MirFeature::multi_memory);
    else if (symbol != function_table_)
      features = feature_bit(MirFeature::reference_types) | features_of(row.table.element);
    if (row.table.limits.flags & limits_is_64) features |= feature_bit(MirFeature::memory64);
    if (row.table.limits.flags & limits_shared) features |= feature_bit(MirFeature::atomics);
    return features;
  }
  case SymbolKind::Data:
    if (row.segment_kind != SegmentKind::Memory) return feature_bit(MirFeature::bulk_memory);
    // Linkers take thread-local data only with these.
    if (row.defined() && (row.data_flags & data_flag::tls))
      return feature_bit(MirFeature::atomics) | feature_bit(MirFeature::bulk_memory);
    return 0;
  case SymbolKind::Section: break;
  }
  return 0;
}

// A mutable global may become an import or an export, but for those that the linker makes.
uint32_t Unit::features_of_mutable(const UnitSymbolRow& row) const {
  if (!row.global.is_mutable) return 0;
  const std::string_view name = strings_.text(row.name);
  const bool is_linkers = !row.defined() && (name == "__stack_pointer" || name == "__tls_base");
  const bool is_exported = row.exported || row.first_export != none32;
  const bool is_private = row.defined() && !is_exported && (row.flags & binding_mask) == binding_local;
  return is_linkers || is_private ? 0 : feature_bit(MirFeature::mutable_globals);
}

ImportRow Unit::import_row(const UnitSymbolRow& row) const {
  ImportRow i{};
  i.module = row.import_module ? row.import_module : strings_.intern(default_module);
  i.field = row.import_field ? row.import_field : row.name;
  switch (row.kind) {
  case SymbolKind::Function:
    i.kind = ExternalKind::Function;
    i.signature = row.signature;
    break;
  case SymbolKind::Global:
    i.kind = ExternalKind::Global;
    i.value_type = in_pool(row.global.type);
    i.is_mutable = row.global.is_mutable;
    break;
  case SymbolKind::Tag:
    i.kind = ExternalKind::Tag;
    i.signature = row.signature;
    break;
  default:
    i.kind = row.is_memory() ? ExternalKind::Memory : ExternalKind::Table;
    i.value_type = in_pool(row.table.element);
    i.set_limits(row.table.limits);
    break;
  }
  return i;
}

uint32_t Unit::flags_of_declared(UnitSymbol symbol, const UnitSymbolRow& row) const {
  uint32_t flags = undefined | (row.weak_reference ? binding_weak : 0);
  if (row.import_field) flags |= explicit_name;
  // As compilers say it of the table of functions: objects without it may need it.
  if (symbol == function_table_) flags |= no_strip;
  return flags;
}

bool Unit::build(ObjectTables& tables, bool leaves_room) {
  if (!Builder(*this, tables, leaves_room).run()) {
    changes("an edit that is refused");
    return false;
  }
  has_room_ = leaves_room;
  is_grown_ = false;
  built_retyped_ = last_retyped_;
  table_rows_ = count_of(tables.symbols.size());
  table_types_ = count_of(tables.types.size());
  built_types_ = count_of(types_.size());
  auto list_spare = [&](Vector<uint32_t>& spare, size_t rows, uint32_t count) {
    spare.clear();
    for (uint32_t i = 1; leaves_room && i <= count; i++) spare.push_back(count_of(rows) - i);
  };
  list_spare(spare_functions_, tables.functions.size(), spare_functions);
  list_spare(spare_segments_, tables.segments.size(), spare_segments);
  list_spare(spare_imports_, tables.imports.size(), spare_imports);
  changes_.clear(rooms_);
  std::fill(std::begin(feature_rows_), std::end(feature_rows_), 0u);
  for (uint32_t i = 0; i < symbols_.rows(); i++) count_features(symbols_.row(i), 1);
  return true;
}

void Unit::update(Object& object) {
  for (; built_types_ < types_.size(); built_types_++)
    object.edit(object.types()[built_types_]) = types_[built_types_];
  for (const UnitChanges::Row& change : changes_.rows()) {
    const UnitSymbolRow& row = symbols_.row(change.row);
    if (!row.is_in_tables()) continue;
    SymbolRow& s = object.edit(object.symbols()[change.row]);
    s.called_directly = row.calls != 0;
    if (row.meaning != UnitSymbolRow::Defined) continue;
    if (row.kind == SymbolKind::Function) object.edit(object.functions()[s.element]).offset = row.body.offset;
    if (row.kind != SymbolKind::Data) continue;
    SegmentRow& segment = object.edit(object.segments()[s.element]);
    segment.data = {row.body ? row.body.offset : none32, row.size};
    segment.relocs = {row.fixups.offset, row.fixup_count};
    s.size = row.size;
  }
}

bool Unit::is_up_to_date(const Object& object) {
  ObjectTables tables;
  if (has_room_) return true; // rows of tables may be in another order than those of the unit
  if (!Builder(*this, tables, false).run()) return false;
  const Object fresh(tables);
  const Bytes a = fresh.memory(), b = object.memory();
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

} // namespace weld
