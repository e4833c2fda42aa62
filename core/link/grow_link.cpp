#include "core/link/grow_link.h"

#include "core/base/utf8.h"
#include "core/link/resolve/late_names.h"
#include "core/wasm/engine_limits.h"

#include <algorithm>

namespace weld {

namespace {

// Whether a row of all linked objects is one of an object's.
template <class IdType>
bool is_among(const Numbered<IdType>& numbered, size_t count, IdType id) {
  return id && id.row >= numbered.first && id.row - numbered.first < count;
}

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

} // namespace

LinkGrowth::LinkGrowth(LinkState& state)
    : state_(state), link_(state.link), first_new_function_(static_cast<uint32_t>(link_.functions.size())),
      may_stay_(may_stay()), had_exports_(exports_something()) {}

const char* LinkGrowth::change(LinkObjectId unit, const UnitGrowth& growth, const CodeRefs& refs) {
  // What says that nothing is exported lists what could be.
  if (!had_exports_) return "nothing was exported";
  if (growth.new_name && !is_new_name(growth.new_name)) return other_name;
  const ObjectSymbolId own = link_.objects[unit].symbol(growth.row);
  if (growth.new_name) new_names_.push_back({growth.new_name, own});
  if (growth.change == UnitGrowth::Removed) nameless_.push_back(own);
  const char* why = nullptr;
  switch (growth.change) {
  case UnitGrowth::Contents:
    if (growth.kind == SymbolKind::Data) why = resize_data(unit, growth);
    break;
  case UnitGrowth::Defined: why = define(unit, growth); break;
  case UnitGrowth::Removed: return remove(unit, growth, refs); // with its exports
  case UnitGrowth::Declared: why = declare(unit, growth); break;
  case UnitGrowth::Forgotten: why = forget(unit, growth); break;
  }
  return why ? why : change_exports(unit, growth);
}

// Whether nothing in the link has the name, looks for it, or gives it a meaning.
bool LinkGrowth::is_new_name(StringId name) const {
  const std::string_view text = link_.text(name);
  if (link_.find(name) || link_.is_named_by_export(name) || !link_.wraps.empty()) return false;
  if (link_.options.entry && text == *link_.options.entry) return false;
  if (is_defined_by_linker(text) || is_layout_name(text) || is_defined_late(text)) return false;
  return text != "main" && !starts_with_any(text, {"__", "_start", "_initialize"});
}

const char* LinkGrowth::settle_names() {
  Vector<LinkState::GrownName>& grown = state_.grown_names;
  for (const ObjectSymbolId symbol : nameless_)
    erase_if(grown, [&](const LinkState::GrownName& name) { return name.symbol == symbol; });
  for (const LinkState::GrownName& name : new_names_) {
    const auto is_same = [&](const LinkState::GrownName& other) { return other.name == name.name; };
    const auto found = std::find_if(grown.begin(), grown.end(), is_same);
    if (found == grown.end()) grown.push_back(name);
    else if (found->symbol != name.symbol) return other_name;
  }
  return nullptr;
}

// It is not alive before something refers to it.
const char* LinkGrowth::define(LinkObjectId unit, const UnitGrowth& growth) {
  const LinkObject& o = link_.objects[unit];
  link_.bound[o.symbol(growth.row)] = {};
  if (!link_.promoted.empty()) link_.promoted[o.symbol(growth.row)] = {};
  return nullptr;
}

// Whether another symbol of the unit means the same.
bool LinkGrowth::has_alias(const LinkObject& o, const UnitGrowth& growth) const {
  const std::span<const SymbolRow> rows = o.object.symbols();
  for (uint32_t row = 0; row < rows.size(); row++)
    if (row != growth.row && rows[row].kind == growth.kind && rows[row].element == growth.element &&
        !rows[row].is_undefined())
      return true;
  return false;
}

// The symbol had a meaning for the whole link, which nothing else may refer to.
const char* LinkGrowth::remove_name(LinkObjectId unit, const UnitGrowth& growth) {
  constexpr const char* why = "a symbol that others know was removed";
  const LinkObject& o = link_.objects[unit];
  const ObjectSymbolId own = o.symbol(growth.row);
  if (!link_.promoted.empty() && link_.promoted[own]) return why; // it has an address in a global
  const SymbolId id = link_.bound[own];
  if (!id) return nullptr;
  const Symbol& s = link_.symbols[id];
  if (s.state != SymbolState::Defined || s.object != unit || s.row != growth.row) return why;
  if (s.force_export || s.is_needed || link_.needs(id).has_internal_got || id == link_.entry) return why;
  if (link_.is_named_by_export(s.name) || !link_.wraps.empty()) return why;
  if (link_.needs(id).import_index != none32 || (link_.needs(id).is_exported_late)) return why;
  for (uint32_t row = 0; row < link_.bound.size(); row++)
    if (row != own.row && link_.bound[ObjectSymbolId(row)] == id) return why;
  if (growth.old_name && growth.old_name.row < link_.position_of_name.size())
    link_.position_of_name[growth.old_name.row] = none32;
  link_.bound[own] = {};
  return nullptr;
}

const char* LinkGrowth::remove(LinkObjectId unit, const UnitGrowth& growth, const CodeRefs& refs) {
  const LinkObject& o = link_.objects[unit];
  const bool is_function = growth.kind == SymbolKind::Function;
  Holder holder;
  if (is_function) holder.function = o.function(growth.element);
  else holder.segment = o.segment(growth.element);
  for (const RelocRow& reloc : refs)
    if (reloc.reloc_type() != RelocType::TYPE_INDEX_LEB && !may_lose_reference(unit, holder, reloc.index))
      return only_reference;
  if (is_function && has_alias(o, growth)) return "a function with another name";
  if (const char* why = change_exports(unit, growth)) return why;
  if (const char* why = remove_name(unit, growth)) return why;
  note_in(unit);
  if (!is_function) {
    const SegmentId id = holder.segment;
    if (link_.segment_pieces[id].count) return "strings that are merged with others";
    if (const OutSegmentId out = link_.segment_out[id]) {
      // Its place is free. Zeros are there again only when something else needs them.
      Vector<OutChunk>& chunks = link_.segments[out].chunks;
      erase_if(chunks, [&](const OutChunk& chunk) {
        return chunk.object == unit && chunk.segment() == id; // merged strings are no object's
      });
    }
    link_.segment_live[id] = false;
    link_.segment_holder[id] = {};
    link_.segment_out[id] = {};
    link_.segment_offset[id] = 0;
    return nullptr;
  }
  for (const InitFunction& init : link_.init_functions)
    if (init.constructor.function == FunctionEntity(holder.function)) return "a constructor";
  if (link_.function_live[holder.function]) leave_trap(unit, growth);
  return nullptr;
}

// A trap takes the function's place, whose code may call what goes as well.
void LinkGrowth::leave_trap(LinkObjectId unit, const UnitGrowth& growth) {
  const FunctionId function = link_.objects[unit].function(growth.element);
  const uint32_t row = row_of(function);
  const StringId name = growth.old_name ? growth.old_name : link_.intern("removed");
  SyntheticFunctionId id;
  if (!state_.free_traps.empty()) {
    id = state_.free_traps.back();
    state_.free_traps.pop_back();
    link_.synthetic_functions[id].name = name;
    link_.synthetic_functions[id].signature = growth.old_signature;
  } else {
    id = link_.add_synthetic_function(name, growth.old_signature).synthetic();
    const auto body = static_cast<uint32_t>(link_.synthetic_code.size());
    for (const uint32_t byte : {3u, 0u, 0u, 0x0bu})
      link_.synthetic_code.u8(byte); // size, no locals, unreachable, end
    link_.synthetic_bodies.resize(id.row + size_t{1});
    link_.synthetic_bodies[id] = {body, 4};
    link_.synthetic_offset.resize(id.row + size_t{1});
    link_.synthetic_function_index.resize(id.row + size_t{1});
  }
  link_.synthetic_offset[id] = link_.function_offset[function];
  link_.synthetic_function_index[id] = link_.function_index[function];
  link_.functions[row] = {{}, FunctionEntity(id)};
  // Nothing refers to its slot, which the next function that needs one gets.
  if (const TableSlot slot = link_.function_slot[function]) {
    const uint32_t at = slot.value - static_cast<uint32_t>(link_.options.table_base);
    link_.table_functions[at] = FunctionEntity(id);
    state_.free_slots.push_back(at);
  }
  link_.function_slot[function] = {};
  link_.function_index[function] = {};
  link_.function_live[function] = false;
  link_.function_holder[function] = {};
  state_.free_functions.push_back(row);
  functions.push_back(row);
}

// A name that others define, or import. Only what is alive can be referred to.
const char* LinkGrowth::declare(LinkObjectId unit, const UnitGrowth& growth) {
  constexpr const char* other = "a reference to what is another thing elsewhere";
  const LinkObject& o = link_.objects[unit];
  const SymbolRow& row = o.object.symbols()[growth.row];
  const SymbolId id = link_.find(row.name);
  if (!id || !link_.wraps.empty()) return "a reference to a symbol that nothing in the link has";
  if (row.name.row < link_.variants_of_name.size() && link_.variants_of_name[row.name.row] != none32)
    return other;
  const Symbol& s = link_.symbols[id];
  if (s.kind != growth.kind || s.is_tls()) return other;
  if (!is_import(id) && s.state != SymbolState::Defined) return not_defined;
  if (!s.object && !s.used_in_object) return "a symbol of the linker that no input used";
  if (!link_.is_live(id) && !(s.object && link_.objects[s.object].unit)) return dead;
  if (growth.kind != SymbolKind::Data) {
    const ImportRow& import = o.object.imports()[row.element];
    switch (growth.kind) {
    case SymbolKind::Function:
    case SymbolKind::Tag:
      if (s.signature != import.signature) return other;
      break;
    case SymbolKind::Global:
      if (!(global_type_of(link_, s) == GlobalType{import.value_type, import.is_mutable != 0})) return other;
      break;
    default:
      if (id != link_.indirect_table || !link_.table_is_synthetic) return other;
      break;
    }
  }
  link_.bound[o.symbol(growth.row)] = id;
  return nullptr;
}

// A library's object is linked because something names it. What it has besides may replace other definitions.
bool LinkGrowth::is_extracted(LinkObjectId object) const {
  const Input& input = link_.store.inputs[link_.objects[object].input];
  return input.kind == InputKind::Archive || input.flags.lazy;
}

const char* LinkGrowth::forget(LinkObjectId unit, const UnitGrowth& growth) {
  SymbolId& id = link_.bound[link_.objects[unit].symbol(growth.row)];
  if (id && link_.symbols[id].object && is_extracted(link_.symbols[id].object))
    return "a reference less to what a library has";
  if (id && !may_stay_) {
    if (id.row >= link_.symbol_holder.size()) return only_reference;
    const LinkObject& o = link_.objects[unit];
    const Holder holder = link_.symbol_holder[id];
    if (is_among(o.function, o.object.functions().size(), holder.function) ||
        is_among(o.segment, o.object.segments().size(), holder.segment))
      return only_reference;
  }
  id = {};
  return nullptr;
}

const char* LinkGrowth::change_exports(LinkObjectId unit, const UnitGrowth& growth) {
  if (growth.exports == growth.old_exports) return nullptr;
  constexpr const char* why = "another export";
  const Options& options = link_.options;
  if (options.export_all || options.exports_dynamic() || !link_.wrappers.empty()) return why;
  const SymbolId ctors = link_.known.call_ctors;
  if ((!link_.init_functions.empty() || link_.call_dtors) && // exports of a command are wrapped
      !(ctors && (link_.symbols[ctors].used_in_object || link_.is_exported(ctors))))
    return why;
  const LinkObject& o = link_.objects[unit];
  if (has_alias(o, growth)) return why;
  const FunctionId function = o.function(growth.element);
  auto has = [](const Vector<StringId>& names, StringId name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (StringId name : growth.old_exports) {
    if (has(growth.exports, name)) continue;
    if (link_.is_named_by_export(name)) return why;
    const std::string_view text = link_.text(name);
    auto is_it = [&](const Export& e) {
      return e.name == text && e.kind == ExternalKind::Function &&
             e.index == link_.function_index[function].value;
    };
    auto found = std::find_if(link_.exports.begin(), link_.exports.end(), is_it);
    if (found == link_.exports.end()) return why;
    link_.exports.erase(found); // `exported_symbols` is of no use to relinks
    change_section(SectionKind::Export);
  }
  if (growth.exports.empty() && growth.change != UnitGrowth::Removed)
    for (const RelocRow& reloc : refs_of(unit, {function, {}}))
      if (reloc.reloc_type() != RelocType::TYPE_INDEX_LEB &&
          !may_lose_reference(unit, {function, {}}, reloc.index))
        return only_reference;
  for (StringId name : growth.exports) {
    if (has(growth.old_exports, name)) continue;
    const std::string text(link_.text(name));
    if (link_.is_named_by_export(name) || !is_utf8(text)) return why;
    for (const Export& e : link_.exports)
      if (e.name == text) return why; // which may be an error
    if (!link_.function_live[function]) {
      if (const char* no_room = wake(unit, function, {})) return no_room;
      if (link_.bound[o.symbol(growth.row)]) state_.has_values = false; // it has an index now
    }
    if (link_.exports.size() >= engine_limit::exports) return why;
    link_.exports.push_back({text, ExternalKind::Function, link_.function_index[function].value});
    change_section(SectionKind::Export);
  }
  return nullptr;
}

// Whether somebody can call or read something; the memory and the table alone are of no use.
bool LinkGrowth::exports_something() const {
  return std::any_of(link_.exports.begin(), link_.exports.end(), [](const Export& e) {
    return e.kind != ExternalKind::Memory && e.kind != ExternalKind::Table;
  });
}

const char* LinkGrowth::resize_data(LinkObjectId unit, const UnitGrowth& growth) {
  if (growth.element == none32) return nullptr; // it came and went
  const LinkObject& o = link_.objects[unit];
  const SegmentId id = o.segment(growth.element);
  const uint32_t size = o.object.segments()[growth.element].data.size;
  if (size == growth.old_size || !link_.segment_live[id]) return nullptr;
  if (link_.segment_pieces[id].count || !link_.segment_out[id]) return "data of another size";
  OutSegment& out = link_.segments[link_.segment_out[id]];
  for (size_t i = 0; i < out.chunks.size(); i++) {
    OutChunk& chunk = out.chunks[i];
    if (chunk.object != unit || chunk.segment() != id) continue;
    const uint64_t end = i + 1 < out.chunks.size() ? out.chunks[i + 1].offset : out.size;
    if (size > end - chunk.offset) return "data that outgrew its room";
    chunk.size = size;
    data.push_back({unit, id, growth.old_size});
    return nullptr;
  }
  return "data of another size";
}

const OutSection* LinkGrowth::section_of(SectionKind kind) const {
  for (const OutSection& section : state_.plan.sections)
    if (section.kind == kind) return &section;
  return nullptr;
}

const char* LinkGrowth::encode(OutputSplices& splices) {
  for (const SectionKind kind : {SectionKind::Type, SectionKind::Function, SectionKind::Table,
                                 SectionKind::Export, SectionKind::Elem}) {
    if (!(changed_ >> static_cast<uint32_t>(kind) & 1)) continue;
    constexpr const char* why = "a section that the output does not have";
    const OutSection* section = section_of(kind);
    if (!section) return why;
    if (kind == SectionKind::Function) {
      encode_functions(*section, splices);
      continue;
    }
    OutputPlan plan;
    encode_section(link_, kind, plan);
    if (plan.sections.empty()) return why;
    splices.replace(*section, 0, static_cast<size_t>(section->payload_size), plan.encoded.from(0));
  }
  encode_names(splices);
  return nullptr;
}

bool LinkGrowth::concerns(LinkObjectId object) const {
  if (has_new_slots_) return true;
  if (came_or_went_.empty()) return false;
  if (concerned_.empty()) concerned_.resize(link_.objects.size());
  uint8_t& answer = concerned_[object]; // an object has many sections
  if (!answer) answer = uses_what_came_or_went(object) ? 2 : 1;
  return answer == 2;
}

bool LinkGrowth::uses_what_came_or_went(LinkObjectId object) const {
  if (came_or_went_in(object)) return true;
  const LinkObject& o = link_.objects[object];
  for (uint32_t row = 0; row < o.object.symbols().size(); row++)
    if (const SymbolId id = link_.bound[o.symbol(row)])
      if (const LinkObjectId owner = link_.symbols[id].object; owner && came_or_went_in(owner)) return true;
  return false;
}

// The types of the functions that came. Those of the others stay: types are never numbered anew.
void LinkGrowth::encode_functions(const OutSection& section, OutputSplices& splices) {
  std::sort(functions.begin(), functions.end());
  functions.erase(std::unique(functions.begin(), functions.end()), functions.end());
  const Bytes old = payload_of(section, state_.output);
  ByteBuffer entry;
  entry.uleb(link_.functions.size());
  size_t at = uleb_size(first_new_function_);
  splices.replace(section, 0, at, entry.from(0));
  uint32_t at_row = 0;
  for (uint32_t row : functions) {
    entry.clear();
    entry.uleb(link_.type_of_signature[link_.signature_of(link_.functions[row]).row]);
    if (row >= first_new_function_) {
      splices.replace(section, old.size(), 0, entry.from(0));
      continue;
    }
    for (; at_row < row; at_row++) number_at(old, at);
    const size_t begin = at;
    number_at(old, at), at_row++;
    splices.replace(section, begin, at - begin, entry.from(0));
  }
}

// The name of each function that is in the output by now, as the section of names has it.
void LinkGrowth::encode_names(OutputSplices& splices) {
  const OutSection* section = named_.empty() ? nullptr : find_name_section(state_.plan, state_.output);
  if (!section) return;
  std::sort(named_.begin(), named_.end());
  named_.erase(std::unique(named_.begin(), named_.end()), named_.end());
  const Bytes bytes = payload_of(*section, state_.output);
  const auto [begin, size] = find_name_subsection(bytes, NameSubsection::Function);
  if (!size) return;
  size_t at = begin + 1;
  number_at(bytes, at); // the size
  uint64_t count = number_at(bytes, at);
  const size_t entries = at, end = begin + size;
  size_t new_end = end, next = 0;
  ByteBuffer entry;
  ShownName shown;
  // In place of the entry that stands there, or between two.
  auto put = [&](size_t from, size_t until) {
    const OutFunction& f = link_.functions[named_[next]];
    std::string_view name;
    if (f.object) name = link_.objects[f.object].text(link_.row_of(f).name);
    else name = link_.text(link_.synthetic_functions[f.function.synthetic()].name);
    entry.clear();
    entry.uleb(link_.imported_functions + named_[next]);
    entry.name(shown.of(name, link_.options.demangling()));
    splices.replace(*section, from, until - from, entry.from(0));
    new_end += entry.size() - (until - from);
    count += from == until;
    next++;
  };
  if (named_.front() >= first_new_function_) at = end; // behind all others
  while (at < end && next < named_.size()) {
    const size_t from = at;
    const uint64_t index = number_at(bytes, at), length = number_at(bytes, at);
    at += static_cast<size_t>(length);
    while (next < named_.size() && link_.imported_functions + named_[next] <= index)
      put(from, link_.imported_functions + named_[next] == index ? at : from);
  }
  while (next < named_.size()) put(end, end);
  ByteBuffer head;
  head.uleb(uleb_size(count) + (new_end - entries));
  head.uleb(count);
  splices.replace(*section, begin + 1, entries - (begin + 1), head.from(0));
}

} // namespace weld
