// A unit as a link sees it: an object's tables. Symbols keep their numbers, so that code and fixups can name
// them as they are; a symbol that means nothing here has a row that no phase looks at.
//
// Everything is in the order of the symbols, constants in that of their content: what was edited when makes
// no difference to the output.
#include "core/base/sort.h"
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
bool Unit::report_stale_calls(UnitSymbol caller) {
  const UnitSymbolRow& row = symbols_[caller];
  MirCode code = function(row.body.offset).code;
  bool stale = false;
  refs(code).for_each([&](const RelocRow& reloc) {
    if (reloc.reloc_type() != RelocType::FUNCTION_INDEX_LEB || code.op(reloc.offset) == Op::ref_func) return;
    const UnitSymbolRow& callee = symbols_[UnitSymbol(reloc.index)];
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

bool Unit::build(ObjectTables& t) {
  t.clear();
  bool ok = true;
  t.header.is_64 = is_64_;
  t.types = types_;
  t.symbols.resize(symbols_.size());
  Vector<UnitSymbol> constants;
  uint32_t features = 0;

  auto segment = [&](const UnitSymbolRow& row) {
    SegmentRow s{};
    s.name = row.segment;
    s.data = {row.body ? row.body.offset : none32, row.size};
    s.p2align = row.p2align;
    s.flags = row.data_flags & (segment_flag::strings | segment_flag::tls | segment_flag::retain);
    if (row.segment_kind == SegmentKind::PassiveData) s.flags = segment_flag::passive_data;
    if (row.segment_kind == SegmentKind::PassiveElements) s.flags = segment_flag::passive_elements;
    s.comdat = none32;
    s.relocs = {row.fixups.offset, row.fixup_count};
    t.segments.push_back(s);
    return count_of(t.segments.size() - 1);
  };
  auto define = [&](UnitSymbol id, const UnitSymbolRow& row) {
    SymbolRow& s = t.symbols[id.row];
    const EncodedName name{row.encoded_name.offset};
    switch (row.kind) {
    case SymbolKind::Function: {
      FunctionRow f{};
      f.signature = row.signature;
      f.offset = row.body.offset;
      f.comdat = none32;
      f.export_name = row.exported ? row.export_name : StringId();
      f.name = name;
      s.element = count_of(t.functions.size());
      t.functions.push_back(f);
      features |= row.features;
      if (row.set_at < last_retyped_ && report_stale_calls(id)) ok = false;
      break;
    }
    case SymbolKind::Data:
      s.element = segment(row);
      s.size = row.size;
      if (row.data_flags & data_flag::tls) s.flags = static_cast<uint16_t>(s.flags | tls);
      break;
    case SymbolKind::Global:
      s.element = count_of(t.globals.size());
      t.globals.push_back({{row.body.offset, row.body.size},
                           name,
                           static_cast<uint8_t>(row.global.type),
                           row.global.is_mutable});
      break;
    case SymbolKind::Tag:
      s.element = count_of(t.tags.size());
      t.tags.push_back({row.signature, name});
      break;
    case SymbolKind::Table:
      s.element = count_of(t.tables.size());
      t.tables.push_back({row.table.limits.minimum, row.table.limits.maximum, name,
                          static_cast<uint8_t>(row.table.element), row.table.limits.flags});
      break;
    case SymbolKind::Section: break;
    }
  };
  auto import = [&](const UnitSymbolRow& row, SymbolRow& s) {
    ImportRow i{};
    i.module = row.import_module ? row.import_module : strings_.intern(default_module);
    i.field = row.import_field ? row.import_field : row.name;
    switch (row.kind) {
    case SymbolKind::Function:
      i.kind = ExternalKind::Function;
      i.signature = row.signature;
      t.header.imported_functions++;
      break;
    case SymbolKind::Global:
      i.kind = ExternalKind::Global;
      i.value_type = static_cast<uint8_t>(row.global.type);
      i.is_mutable = row.global.is_mutable;
      t.header.imported_globals++;
      break;
    case SymbolKind::Tag:
      i.kind = ExternalKind::Tag;
      i.signature = row.signature;
      t.header.imported_tags++;
      break;
    case SymbolKind::Table:
      i.kind = ExternalKind::Table;
      i.value_type = static_cast<uint8_t>(row.table.element);
      i.limits_flags = row.table.limits.flags;
      i.limits_min = static_cast<uint32_t>(row.table.limits.minimum);
      i.limits_max = static_cast<uint32_t>(row.table.limits.maximum);
      t.header.imported_tables++;
      break;
    default: return; // data has no import
    }
    s.element = count_of(t.imports.size());
    t.imports.push_back(i);
  };

  for (uint32_t i = 0; i < symbols_.size(); i++) {
    const UnitSymbol id(i);
    const UnitSymbolRow& row = symbols_[id];
    SymbolRow& s = t.symbols[i];
    s = {};
    s.kind = row.kind;
    s.element = none32;
    s.flags = row_of_nothing;
    s.encoded_name = {row.encoded_name.offset};
    s.called_directly = row.calls != 0;
    if (row.meaning == UnitSymbolRow::Declared) {
      if (!row.uses) continue;
      if (row.segment_kind != SegmentKind::Memory) {
        ok = refuse(id, "code names this segment, and it is not set");
        continue;
      }
      import(row, s);
      if (!row.name) continue; // a constant that was removed although something uses it
      uint32_t flags = undefined | (row.weak_reference ? binding_weak : 0);
      if (row.import_field) flags |= explicit_name;
      // As compilers say it of the table of functions: objects without it may need it.
      if (id == function_table_) flags |= no_strip;
      s.flags = static_cast<uint16_t>(flags);
      s.name = row.name;
    } else if (row.meaning == UnitSymbolRow::Defined) {
      if (row.segment_kind != SegmentKind::Memory && !row.uses) continue; // nobody else can name it
      s.flags = static_cast<uint16_t>(row.flags | (row.exported ? exported : 0));
      s.name = s.is_local() ? StringId() : row.name;
      if (row.name) define(id, row);
      else constants.push_back(id);
    }
  }

  sort_stably(constants, [&](UnitSymbol a, UnitSymbol b) {
    const UnitSymbolRow &x = symbols_[a], &y = symbols_[b];
    if (x.p2align != y.p2align) return x.p2align > y.p2align;
    if (x.size != y.size) return x.size > y.size;
    if (!x.body || !y.body) return x.body && !y.body;
    return std::memcmp(rooms_.at(x.body), rooms_.at(y.body), x.size) < 0;
  });
  for (UnitSymbol id : constants) define(id, symbols_[id]);

  for (uint32_t i = 0; i < symbols_.size(); i++) {
    const UnitSymbol id(i);
    const UnitSymbolRow& row = symbols_[id];
    if (row.init_priority != none32) t.init_functions.push_back({row.init_priority, i});
    if (row.meaning != UnitSymbolRow::Alias) continue;
    UnitSymbol target = row.target;
    while (symbols_[target].meaning == UnitSymbolRow::Alias) target = symbols_[target].target;
    if (symbols_[target].meaning != UnitSymbolRow::Defined || symbols_[target].signature != row.signature) {
      ok = refuse(id, symbols_[target].meaning == UnitSymbolRow::Defined
                          ? "the function that it is an alias of has another signature by now"
                          : "it is an alias of what the unit does not define");
      continue;
    }
    SymbolRow& s = t.symbols[i];
    const SymbolRow& meant = t.symbols[target.row];
    s.flags = static_cast<uint16_t>(row.flags | (row.exported ? exported : 0) | (meant.flags & tls));
    s.name = s.is_local() ? StringId() : row.name;
    s.element = meant.element;
    s.size = meant.size;
    // An export of the alias under another name is one of its function.
    if (row.exported && row.export_name) t.functions[meant.element].export_name = row.export_name;
  }

  constexpr std::string_view feature_names[] = {
#define WELD_FEATURE(id, name) name,
      WELD_MIR_FEATURES(WELD_FEATURE)
#undef WELD_FEATURE
  };
  for (uint32_t i = 0; i < std::size(feature_names); i++)
    if (features >> i & 1) t.features.push_back({'+', strings_.intern(feature_names[i])});
  changed_ = !ok;
  return ok;
}

} // namespace weld
