// A unit as a link sees it: an object's tables. Symbols keep their rows, so that fixups can name them as they are;
// a symbol that means nothing here has a row that no phase looks at.
//
// Everything is in the order of the symbols, constants in that of their content: what was edited when makes
// no difference to the output.
#include "core/unit/unit.h"
#include "core/wasm/type_text.h"

namespace weld {

using namespace symbol_flag;

namespace {

constexpr uint32_t row_of_nothing = binding_local | undefined;

uint32_t count_of(size_t size) {
  return static_cast<uint32_t>(size);
}

} // namespace

// A call of what has another signature by now than when the caller was set.
bool Unit::report_stale_calls(const UnitSymbolRow& row) {
  MirCode code = function(row.body.offset).code;
  bool stale = false;
  refs(code).for_each([&](const RelocRow& reloc) {
    if (reloc.reloc_type() != RelocType::FUNCTION_INDEX_LEB || code.op(reloc.offset) == Op::ref_func) return;
    const UnitSymbolRow& callee = symbols_.row(reloc.index);
    if (callee.retyped_at <= row.set_at) return;
    stale = true;
    Location where;
    where.input = name_;
    std::string what = "call to `" + std::string(strings_.text(callee.name)) + "` with the wrong signature";
    diagnostics_
        .report(DiagnosticId::malformed_function,
                {Argument::symbol(strings_.text(row.name)), reloc.offset, what}, where)
        .notes = {"it is " + signature_text(signatures_.bytes(callee.signature)) +
                  " now: set the function that calls it again"};
  });
  return stale;
}

class Unit::Builder {
public:
  Builder(Unit& unit, ObjectTables& tables) : unit_(unit), t_(tables) {}

  // False when something is refused, which is reported.
  bool run() {
    t_.clear();
    t_.header.is_64 = unit_.is_64_;
    t_.types = unit_.types_;
    const uint32_t rows = unit_.symbols_.rows();
    t_.symbols.resize(rows);
    for (uint32_t i = 0; i < rows; i++) add_symbol(i);
    define_constants();
    for (uint32_t i = 0; i < rows; i++) {
      const UnitSymbolRow& row = unit_.symbols_.row(i);
      if (row.init_priority != none32) t_.init_functions.push_back({row.init_priority, i});
      if (row.meaning == UnitSymbolRow::Alias) define_alias(i, row);
    }
    add_features();
    return ok_;
  }

private:
  void refuse(uint32_t id, std::string_view why) { ok_ = unit_.refuse(unit_.symbols_.at(id), why); }
  uint32_t row_of(UnitSymbol symbol) const { return unit_.symbols_.numbers().row_of(symbol.row); }

  void add_symbol(uint32_t id) {
    const UnitSymbolRow& row = unit_.symbols_.row(id);
    SymbolRow& s = t_.symbols[id];
    s = {};
    s.kind = row.kind;
    s.element = none32;
    s.flags = row_of_nothing;
    s.encoded_name = {row.encoded_name.offset};
    s.called_directly = row.calls != 0;
    add_exports(id, row);
    if (row.meaning == UnitSymbolRow::Declared && row.uses) declare(id, row, s);
    if (row.meaning != UnitSymbolRow::Defined) return;
    if (row.segment_kind != SegmentKind::Memory && !row.uses) return; // nobody else can name it
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

  void declare(uint32_t id, const UnitSymbolRow& row, SymbolRow& s) {
    if (row.segment_kind != SegmentKind::Memory)
      return refuse(id, "code names this segment, and it is not set");
    import(row, s);
    if (!row.name) return; // a constant that was removed although something uses it
    uint32_t flags = undefined | (row.weak_reference ? binding_weak : 0);
    if (row.import_field) flags |= explicit_name;
    // As compilers say it of the table of functions: objects without it may need it.
    if (id == row_of(unit_.function_table_)) flags |= no_strip;
    s.flags = static_cast<uint16_t>(flags);
    s.name = row.name;
  }

  void import(const UnitSymbolRow& row, SymbolRow& s) {
    ImportRow i{};
    i.module = row.import_module ? row.import_module : unit_.strings_.intern(default_module);
    i.field = row.import_field ? row.import_field : row.name;
    switch (row.kind) {
    case SymbolKind::Function:
      i.kind = ExternalKind::Function;
      i.signature = row.signature;
      t_.header.imported_functions++;
      break;
    case SymbolKind::Global:
      i.kind = ExternalKind::Global;
      i.value_type = static_cast<uint8_t>(row.global.type);
      i.is_mutable = row.global.is_mutable;
      t_.header.imported_globals++;
      break;
    case SymbolKind::Tag:
      i.kind = ExternalKind::Tag;
      i.signature = row.signature;
      t_.header.imported_tags++;
      break;
    case SymbolKind::Table:
      i.kind = ExternalKind::Table;
      i.value_type = static_cast<uint8_t>(row.table.element);
      i.limits_flags = row.table.limits.flags;
      i.limits_min = static_cast<uint32_t>(row.table.limits.minimum);
      i.limits_max = static_cast<uint32_t>(row.table.limits.maximum);
      t_.header.imported_tables++;
      break;
    default: return; // data has no import
    }
    s.element = count_of(t_.imports.size());
    t_.imports.push_back(i);
  }

  void define(uint32_t id, const UnitSymbolRow& row) {
    SymbolRow& s = t_.symbols[id];
    const EncodedName name{row.encoded_name.offset};
    switch (row.kind) {
    case SymbolKind::Function:
      s.element = count_of(t_.functions.size());
      define_function(row);
      break;
    case SymbolKind::Data:
      s.element = count_of(t_.segments.size());
      define_segment(row);
      s.size = row.size;
      if (row.data_flags & data_flag::tls) s.flags = static_cast<uint16_t>(s.flags | tls);
      break;
    case SymbolKind::Global:
      s.element = count_of(t_.globals.size());
      t_.globals.push_back({{row.body.offset, row.body.size},
                            name,
                            static_cast<uint8_t>(row.global.type),
                            row.global.is_mutable});
      break;
    case SymbolKind::Tag:
      s.element = count_of(t_.tags.size());
      t_.tags.push_back({row.signature, name});
      break;
    case SymbolKind::Table:
      s.element = count_of(t_.tables.size());
      t_.tables.push_back({row.table.limits.minimum, row.table.limits.maximum, name,
                           static_cast<uint8_t>(row.table.element), row.table.limits.flags});
      break;
    case SymbolKind::Section: break;
    }
  }

  void define_function(const UnitSymbolRow& row) {
    FunctionRow f{};
    f.signature = row.signature;
    f.offset = row.body.offset;
    f.comdat = none32;
    f.name = {row.encoded_name.offset};
    t_.functions.push_back(f);
    features_ |= row.features;
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
    s.comdat = none32;
    s.relocs = {row.fixups.offset, row.fixup_count};
    t_.segments.push_back(s);
  }

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

  void add_features() {
    constexpr std::string_view names[] = {
#define WELD_FEATURE(id, name) name,
        WELD_MIR_FEATURES(WELD_FEATURE)
#undef WELD_FEATURE
    };
    for (uint32_t i = 0; i < std::size(names); i++)
      if (features_ >> i & 1) t_.features.push_back({'+', unit_.strings_.intern(names[i])});
  }

  Unit& unit_;
  ObjectTables& t_;
  Vector<uint32_t> constants_; // rows of those that are defined
  uint32_t features_ = 0;      // of all functions: bits as in WELD_MIR_FEATURES
  bool ok_ = true;
};

bool Unit::build(ObjectTables& tables) {
  tidy();
  const bool ok = Builder(*this, tables).run();
  changed_ = !ok;
  return ok;
}

} // namespace weld
