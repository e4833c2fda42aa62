// Where tables have spare rows, functions and data come and go without other tables for everything else.
#include "core/unit/unit.h"

#include <cstring>

namespace weld {

using namespace symbol_flag;

// Whether the tables may follow. What the link and other symbols of the unit make of the change is told when it links.
bool Unit::may_grow(const UnitSymbolRow& before, const UnitSymbolRow& now) const {
  const bool was_there = before.meaning != UnitSymbolRow::Free, is_there = now.meaning != UnitSymbolRow::Free;
  if (was_there && is_there && before.kind != now.kind) return false;
  auto is_plain = [&](const UnitSymbolRow& row) {
    if (row.meaning == UnitSymbolRow::Free) return true;
    if (row.meaning == UnitSymbolRow::Alias || row.comdat || row.init_priority != none32) return false;
    if (row.segment_kind != SegmentKind::Memory || row.weak_reference) return false;
    if (row.meaning == UnitSymbolRow::Declared) return !row.import_module && !row.import_field;
    if (row.flags & ~(binding_local | visibility_hidden)) return false;
    if (row.kind == SymbolKind::Function) return true;
    if (row.kind != SymbolKind::Data || (row.data_flags & ~data_flag::read_only)) return false;
    const std::string_view segment = strings_.text(row.segment);
    for (std::string_view prefix : {".data.", ".rodata.", ".bss."})
      if (segment.starts_with(prefix)) return true;
    return false;
  };
  if (!is_plain(before) || !is_plain(now)) return false;
  return !before.defined() || !now.defined() || before.flags == now.flags;
}

// What the row needs has to be in the tables: the output lists features.
bool Unit::has_features(const Object& object, UnitSymbol symbol, const UnitSymbolRow& row) const {
  constexpr std::string_view names[] = {
#define WELD_FEATURE(id, name) name,
      WELD_MIR_FEATURES(WELD_FEATURE)
#undef WELD_FEATURE
  };
  const uint32_t needed = features_of_type(symbol, row) | (row.defined() ? row.features : 0);
  if (needed >> static_cast<uint32_t>(MirFeature::gc) & 1)
    return false; // messages name the first such symbol
  for (uint32_t i = 0; i < feature_count; i++) {
    if (!(needed >> i & 1)) continue;
    bool has = false;
    for (const FeatureRow& feature : object.features())
      has |= feature.prefix == '+' && strings_.text(feature.name) == names[i];
    if (!has) return false;
  }
  return true;
}

const char* Unit::grow(Object& object, const UnitChanges::Row& change, UnitGrowth& growth) {
  is_grown_ = true;
  if (last_retyped_ != built_retyped_) return "another signature"; // callers may be wrong now
  const UnitSymbolRow& now = symbols_.row(change.row);
  SymbolRow& s = object.edit(object.symbols()[change.row]);
  const bool was_there = s.flags != row_of_nothing || s.element != none32,
             was_defined = was_there && !s.is_undefined(), is_there = now.is_in_tables(),
             is_defined = is_there && now.defined();
  growth.row = change.row;
  growth.kind = was_there ? s.kind : now.kind;
  if (!is_defined && (now.exported || now.first_export != none32)) return change.why; // which is refused
  if (is_there && !now.name && !is_defined) return change.why;
  if (is_there && !has_features(object, symbols_.at(change.row), now)) return "a new feature";
  if (const char* why = grow_exports(object, now, growth)) return why;

  auto give_back = [&] {
    const bool is_function = s.kind == SymbolKind::Function;
    growth.element = s.element;
    growth.old_name = s.name;
    if (was_defined && is_function) growth.old_signature = object.functions()[s.element].signature;
    if (was_defined && is_function) {
      spare_functions_.push_back(s.element);
      FunctionRow& f = object.edit(object.functions()[s.element]);
      f = {};
      f.comdat = none32;
    } else if (was_defined) {
      spare_segments_.push_back(s.element);
      SegmentRow& segment = object.edit(object.segments()[s.element]);
      segment = {};
      segment.comdat = none32;
    } else if (s.element != none32) {
      spare_imports_.push_back(s.element);
    }
    s = {};
    s.element = none32;
    s.flags = row_of_nothing;
  };
  if (!is_there) {
    if (!was_there) return nullptr;
    growth.change = was_defined ? UnitGrowth::Removed : UnitGrowth::Forgotten;
    if (was_defined && s.kind != SymbolKind::Function && s.kind != SymbolKind::Data) return change.why;
    give_back();
    return nullptr;
  }
  if (!is_defined) {
    if (was_defined) return change.why;
    ImportRow import = now.kind == SymbolKind::Data ? ImportRow{} : import_row(now);
    if (was_there && now.kind != SymbolKind::Data) {
      const ImportRow& old = object.imports()[s.element];
      if (std::memcmp(&old, &import, sizeof import) != 0) return change.why;
    }
    growth.change = UnitGrowth::Declared;
    if (!was_there) {
      s = {};
      s.kind = now.kind;
      s.encoded_name = {now.encoded_name.offset};
      s.name = now.name;
      s.flags = static_cast<uint16_t>(flags_of_declared(symbols_.at(change.row), now));
      s.element = none32;
      if (now.kind != SymbolKind::Data) {
        if (spare_imports_.empty()) return "no room for another symbol of other inputs";
        s.element = spare_imports_.back();
        spare_imports_.pop_back();
        object.edit(object.imports()[s.element]) = import;
      }
    }
    s.called_directly = now.calls != 0;
    return nullptr;
  }

  const bool is_function = now.kind == SymbolKind::Function;
  if (was_there && !was_defined) return change.why; // others may have defined it
  const bool is_local = (now.flags & binding_mask) == binding_local;
  if (was_defined) {
    if (!s.is_local() && is_local) return change.why;
    if ((s.flags & visibility_hidden) != (now.flags & visibility_hidden)) return change.why;
    growth.element = s.element;
    if (s.is_local() && !is_local) growth.new_name = now.name;
    if (is_function)
      return object.functions()[s.element].signature == now.signature ? nullptr : "another signature";
    const SegmentRow& segment = object.segments()[s.element];
    if (segment.p2align != now.p2align) return "data of another alignment";
    if (segment.name != now.segment || (segment.data.offset != none32) != bool(now.body))
      return "data in another section";
    growth.old_size = segment.data.size;
    object.edit(segment).data.size = now.size;
    return nullptr;
  }

  Vector<uint32_t>& spare = is_function ? spare_functions_ : spare_segments_;
  if (spare.empty()) return is_function ? "no room for another function" : "no room for other data";
  growth.change = UnitGrowth::Defined;
  growth.element = spare.back();
  spare.pop_back();
  if (!is_local && now.name) growth.new_name = now.name;
  // To the link it is local: nothing else has its name.
  s = {};
  s.kind = now.kind;
  s.encoded_name = {now.encoded_name.offset};
  s.element = growth.element;
  s.size = now.size;
  s.flags = static_cast<uint16_t>(binding_local | (now.flags & visibility_hidden));
  if (!growth.exports.empty()) s.flags = static_cast<uint16_t>(s.flags | exported);
  if (is_function) {
    FunctionRow f{};
    f.signature = now.signature;
    f.offset = now.body.offset;
    f.comdat = none32;
    f.name = s.encoded_name;
    object.edit(object.functions()[s.element]) = f;
    return nullptr;
  }
  SegmentRow segment{};
  segment.name = now.segment;
  segment.data = {now.body ? now.body.offset : none32, now.size};
  segment.p2align = now.p2align;
  segment.comdat = none32;
  segment.relocs = {now.fixups.offset, now.fixup_count};
  object.edit(object.segments()[s.element]) = segment;
  return nullptr;
}

// The names under which it is exported are in the list, its own one too.
const char* Unit::grow_exports(Object& object, const UnitSymbolRow& now, UnitGrowth& growth) {
  SymbolRow& s = object.edit(object.symbols()[growth.row]);
  for (const ExportRow& row : object.exports())
    if (row.symbol == growth.row) growth.old_exports.push_back(row.name);
  if (growth.old_exports.empty() && (s.flags & exported) && !s.is_undefined())
    growth.old_exports.push_back(s.name);
  if (now.defined()) growth.exports = export_names(symbols_.at(growth.row));
  if (growth.exports == growth.old_exports) return nullptr;
  if (growth.kind != SymbolKind::Function) return "another export of what is no function";
  size_t next = 0;
  for (const ExportRow& row : object.exports()) {
    const bool is_ours = row.symbol == growth.row, is_free = row.symbol == none32;
    if (next < growth.exports.size() && (is_ours || is_free))
      object.edit(row) = {growth.row, growth.exports[next++]};
    else if (is_ours) object.edit(row) = {none32, {}};
  }
  if (next != growth.exports.size()) return "no room for another export";
  s.flags = static_cast<uint16_t>(growth.exports.empty() ? s.flags & ~exported : s.flags | exported);
  return nullptr;
}

} // namespace weld
