#include "core/link/grow_link.h"

#include "core/base/utf8.h"
#include "core/link/resolve/late_names.h"
#include "core/wasm/engine_limits.h"

#include <algorithm>
#include <tuple>

namespace weld {

namespace {

constexpr const char* dead = "a reference to what was not linked";
constexpr const char* not_defined = "a reference to what is not defined";

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

} // namespace

const char* LinkGrowth::change(LinkObjectId unit, const UnitGrowth& growth) {
  if (growth.new_name && !is_new_name(growth.new_name)) return "a new name that others may know";
  const char* why = nullptr;
  switch (growth.change) {
  case UnitGrowth::Contents:
    if (growth.kind == SymbolKind::Data) why = resize_data(unit, growth);
    break;
  case UnitGrowth::Defined: why = define(unit, growth); break;
  case UnitGrowth::Removed: return remove(unit, growth); // with its exports
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

const char* LinkGrowth::remove(LinkObjectId unit, const UnitGrowth& growth) {
  const LinkObject& o = link_.objects[unit];
  if (!may_lose_references()) return "what was removed may have kept something alive";
  if (growth.kind == SymbolKind::Function && has_alias(o, growth)) return "a function with another name";
  if (const char* why = change_exports(unit, growth)) return why;
  if (const char* why = remove_name(unit, growth)) return why;
  if (growth.kind == SymbolKind::Data) {
    const SegmentId id = o.segment(growth.element);
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
  const FunctionId function = o.function(growth.element);
  for (const InitFunction& init : link_.init_functions)
    if (init.constructor.function == FunctionEntity(function)) return "a constructor";
  if (!link_.function_live[function]) return nullptr;
  // A trap takes its place: its code may call what goes as well. Its slot stays, which nothing refers to.
  const uint32_t row = row_of(function);
  const StringId name = growth.old_name ? growth.old_name : link_.intern("removed");
  const FunctionEntity trap = link_.add_synthetic_function(name, growth.old_signature);
  const SyntheticFunctionId id = trap.synthetic();
  const auto body = static_cast<uint32_t>(link_.synthetic_code.size());
  for (const uint32_t byte : {3u, 0u, 0u, 0x0bu})
    link_.synthetic_code.u8(byte); // size, no locals, unreachable, end
  link_.synthetic_bodies.resize(id.row + size_t{1});
  link_.synthetic_bodies[id] = {body, 4};
  link_.synthetic_offset.resize(id.row + size_t{1});
  link_.synthetic_offset[id] = link_.function_offset[function];
  link_.synthetic_function_index.resize(id.row + size_t{1});
  link_.synthetic_function_index[id] = link_.function_index[function];
  link_.functions[row] = {{}, trap};
  if (const TableSlot slot = link_.function_slot[function]) {
    const uint32_t at = slot.value - static_cast<uint32_t>(link_.options.table_base);
    link_.table_functions[at] = trap;
    link_.slot_of(id) = slot;
  }
  link_.function_slot[function] = {};
  link_.function_index[function] = {};
  link_.function_live[function] = false;
  link_.function_holder[function] = {};
  state_.free_functions.push_back(row);
  functions.push_back(row);
  return nullptr;
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
  const bool is_import = s.is_undefined() && link_.is_imported(s) && link_.needs(id).import_index != none32;
  if (!is_import && s.state != SymbolState::Defined) return not_defined;
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
    if (link_.is_named_by_export(name) || !may_lose_references()) return why;
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
  for (StringId name : growth.exports) {
    if (has(growth.old_exports, name)) continue;
    const std::string text(link_.text(name));
    if (link_.is_named_by_export(name) || !is_utf8(text)) return why;
    for (const Export& e : link_.exports)
      if (e.name == text) return why; // which may be an error
    if (!link_.function_live[function])
      if (const char* no_room = wake(unit, function, {})) return no_room;
    link_.exports.push_back({text, ExternalKind::Function, link_.function_index[function].value});
    change_section(SectionKind::Export);
  }
  return nullptr;
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

// Whether it makes no difference if something stays that nothing refers to any more. It may run at the start, or be found by
// who walks over a collection.
bool LinkGrowth::may_lose_references() {
  if (std::exchange(is_decided_, true)) return may_lose_;
  may_lose_ = true;
  for (const InitFunction& init : link_.init_functions)
    may_lose_ &= link_.objects[init.object].is_root && !is_extracted(init.object);
  for (const OutSegment& segment : link_.segments) may_lose_ &= !is_c_identifier(link_.text(segment.name));
  return may_lose_;
}

const char* LinkGrowth::refer(LinkObjectId object, Holder holder, const CodeRefs& before, const CodeRefs& now) {
  const LinkObject& o = link_.objects[object];
  // A symbol, and what of it is wanted.
  auto sorted = [](const CodeRefs& refs) {
    Vector<uint64_t> references;
    for (const RelocRow& reloc : refs)
      if (reloc.reloc_type() != RelocType::TYPE_INDEX_LEB)
        references.push_back(static_cast<uint64_t>(traits(reloc.reloc_type()).target) << 32 |
                             uint64_t{reloc.index});
    std::sort(references.begin(), references.end());
    return references;
  };
  const Vector<uint64_t> old = sorted(before), fresh = sorted(now);
  for (const RelocRow& reloc : now) {
    const uint64_t key =
        static_cast<uint64_t>(traits(reloc.reloc_type()).target) << 32 | uint64_t{reloc.index};
    if (reloc.reloc_type() != RelocType::TYPE_INDEX_LEB && std::binary_search(old.begin(), old.end(), key))
      continue;
    if (const char* why = refer(object, holder, reloc)) return why;
  }
  if (may_lose_references()) return nullptr;
  for (uint64_t reference : old)
    if (!std::binary_search(fresh.begin(), fresh.end(), reference) &&
        keeps_alive(o, holder, static_cast<uint32_t>(reference)))
      return "the only reference to something is gone";
  return nullptr;
}

// Whether the symbol is, or may be, alive because of this holder alone.
bool LinkGrowth::keeps_alive(const LinkObject& o, Holder holder, uint32_t index) const {
  if (const SymbolId id = link_.bound[o.symbol(index)])
    return id.row >= link_.symbol_holder.size() || link_.symbol_holder[id] == holder;
  const SymbolRow& row = o.object.symbols()[index];
  if (row.is_undefined()) return true;
  if (row.kind == SymbolKind::Function) return link_.function_holder[o.function(row.element)] == holder;
  if (row.kind == SymbolKind::Data)
    return row.element != none32 && link_.segment_holder[o.segment(row.element)] == holder;
  return true;
}

const char* LinkGrowth::follow() {
  while (!woken_.empty()) {
    const Woken woken = woken_.back();
    woken_.pop_back();
    const LinkObject& o = link_.objects[woken.object];
    const Holder& holder = woken.holder;
    const CodeRefs refs =
        holder.function ? o.relocs(o.object.functions()[o.function.local(holder.function)])
                        : CodeRefs(o.relocs(o.object.segments()[o.segment.local(holder.segment)].relocs));
    for (const RelocRow& reloc : refs)
      if (const char* why = refer(woken.object, holder, reloc)) return why;
  }
  return nullptr;
}

const char* LinkGrowth::refer(LinkObjectId object, Holder holder, const RelocRow& reloc) {
  const LinkObject& o = link_.objects[object];
  const RelocTarget target = traits(reloc.reloc_type()).target;
  if (target == RelocTarget::Type) {
    need_type(o.object.types()[reloc.index]);
    return nullptr;
  }
  if (const SymbolId id = link_.symbol_of(o, reloc.index)) return need_symbol(id, target, holder);
  const SymbolRow& row = o.object.symbols()[reloc.index];
  if (row.is_undefined()) return not_defined;
  if ((row.flags & symbol_flag::tls) || target == RelocTarget::TlsOffset) return "thread-local data";
  if (target == RelocTarget::Global && row.kind != SymbolKind::Global) return "a new global for an address";
  switch (row.kind) {
  case SymbolKind::Function: {
    const FunctionId function = o.function(row.element);
    if (!link_.function_live[function]) {
      if (!o.unit) return dead;
      if (const char* why = wake(object, function, holder)) return why;
    }
    const bool has_slot = target == RelocTarget::TableSlot || target == RelocTarget::TableSlotRel;
    return has_slot ? need_slot(FunctionEntity(function)) : nullptr;
  }
  case SymbolKind::Data:
    if (row.element == none32 || link_.segment_live[o.segment(row.element)]) return nullptr;
    return o.unit ? wake(object, o.segment(row.element), holder) : dead;
  case SymbolKind::Global: return link_.global_live[o.global(row.element)] ? nullptr : dead;
  case SymbolKind::Tag: return link_.tag_live[o.tag(row.element)] ? nullptr : dead;
  case SymbolKind::Table: return link_.table_live[o.table(row.element)] ? nullptr : dead;
  case SymbolKind::Section: break;
  }
  return dead;
}

const char* LinkGrowth::need_symbol(SymbolId id, RelocTarget target, Holder holder) {
  const Symbol& s = link_.symbols[id];
  const bool has_slot = target == RelocTarget::TableSlot || target == RelocTarget::TableSlotRel;
  if (s.is_tls() || target == RelocTarget::TlsOffset) return "thread-local data";
  if (!link_.is_live(id)) {
    const bool is_of_unit =
        s.state == SymbolState::Defined && s.object && link_.objects[s.object].unit && !s.entity.is_none();
    if (!is_of_unit) return dead;
    const char* why = dead;
    if (s.kind == SymbolKind::Function) why = wake(s.object, s.function().id(), holder);
    if (s.kind == SymbolKind::Data) why = wake(s.object, s.segment(), holder);
    if (why) return why;
    if (id.row < link_.symbol_holder.size()) link_.symbol_holder[id] = holder;
    state_.has_values = false; // they have places now
  }
  if (id.row < link_.symbol_live.size()) link_.symbol_live[id] = true;
  if (link_.is_trap(id)) return not_defined;
  if (target == RelocTarget::Global && s.kind != SymbolKind::Global)
    return link_.needs(id).has_internal_got ? nullptr : "a new global for an address";
  if (s.state == SymbolState::Defined) {
    if (!has_slot) return nullptr;
    if (link_.needs(id).import_index != none32) return not_defined;
    return need_slot(s.function());
  }
  if (!s.is_undefined() || !link_.is_imported(s) || link_.needs(id).import_index == none32)
    return not_defined;
  if (has_slot) return need_slot(id);
  return writes_address(target) ? not_defined : nullptr;
}

// Of an imported function.
const char* LinkGrowth::need_slot(SymbolId id) {
  return link_.needs(id).table_slot ? nullptr : need_slot(FunctionEntity(), id);
}

const char* LinkGrowth::need_slot(FunctionEntity function, SymbolId imported) {
  if (!imported && link_.table_slot_of(function)) return nullptr;
  if (!link_.table_is_synthetic || link_.table_functions.empty()) return "a new table slot";
  if (link_.table_functions.size() + link_.options.table_base >= engine_limit::table_size)
    return "a new table slot";
  const TableSlot slot(static_cast<uint32_t>(link_.options.table_base + link_.table_functions.size()));
  if (imported) link_.needs_of(imported).table_slot = slot;
  else if (function.is_synthetic()) link_.slot_of(function.synthetic()) = slot;
  else link_.function_slot[function.id()] = slot;
  link_.table_functions.push_back(function);
  link_.table_function_symbols.push_back(imported);
  link_.table_limits.minimum++;
  if (link_.table_limits.flags & limits_has_max) link_.table_limits.maximum++;
  state_.has_values = false; // they have the slots of functions
  change_section(SectionKind::Table);
  change_section(SectionKind::Elem);
  return nullptr;
}

void LinkGrowth::need_type(SignatureId type) {
  const size_t before = link_.types.size();
  link_.add_type(link_.store.signatures, type);
  if (link_.types.size() != before) change_section(SectionKind::Type);
}

// Behind the others, or in the place of one that was removed.
const char* LinkGrowth::wake(LinkObjectId object, FunctionId function, Holder holder) {
  if (link_.function_is_discarded(function)) return dead;
  link_.function_live[function] = true;
  link_.function_holder[function] = holder;
  OutSection* code = section_of(SectionKind::Code);
  if (!code) return "the first function";
  uint32_t row = 0;
  if (!state_.free_functions.empty()) {
    row = state_.free_functions.back();
    state_.free_functions.pop_back();
    const SyntheticFunctionId trap = link_.functions[row].function.synthetic();
    link_.function_offset[function] = link_.synthetic_offset[trap];
    link_.functions[row] = {object, function};
  } else {
    row = static_cast<uint32_t>(link_.functions.size());
    if (uleb_size(row + 1) != uleb_size(row)) return "a number of functions that has more digits";
    if (row + 1 >= engine_limit::functions) return "more functions than engines take";
    link_.function_offset[function] = static_cast<uint32_t>(code->payload_size);
    link_.functions.push_back({object, function});
  }
  link_.function_index[function] = OutFunctionIndex(link_.imported_functions + row);
  functions.push_back(row);
  named_.push_back(row);
  const LinkObject& o = link_.objects[object];
  need_type(o.object.functions()[o.function.local(function)].signature);
  change_section(SectionKind::Function);
  woken_.push_back({object, {function, {}}});
  return nullptr;
}

// Between other data that is new, where there is room.
const char* LinkGrowth::wake(LinkObjectId object, SegmentId segment, Holder holder) {
  constexpr const char* no_room = "no room for more data";
  const LinkObject& o = link_.objects[object];
  const SegmentRow& row = o.object.segments()[o.segment.local(segment)];
  if (row.flags || row.comdat != none32 || link_.segment_is_discarded(segment)) return dead;
  if (!link_.room) return no_room;
  if (is_c_identifier(link_.text(row.name))) return dead;
  OutSegment& room = link_.segments[link_.room];
  if (row.p2align > room.p2align) return "data of a large alignment";
  size_t at = 0;
  uint64_t offset = 0;
  for (; at < room.chunks.size(); at++) { // they are in the order of their places
    if (offset + row.data.size <= room.chunks[at].offset) break;
    offset = align_to(room.chunks[at].offset + room.chunks[at].size, uint64_t{1} << row.p2align);
  }
  if (offset + row.data.size > room.size) return no_room;
  OutChunk chunk(object, segment);
  chunk.p2align = row.p2align;
  chunk.offset = offset;
  chunk.size = row.data.size;
  room.chunks.insert(room.chunks.begin() + at, chunk);
  link_.segment_live[segment] = true;
  link_.segment_holder[segment] = holder;
  link_.segment_out[segment] = link_.room;
  link_.segment_offset[segment] = offset;
  link_.segment_pieces[segment] = {};
  data.push_back({object, segment, row.data.size});
  woken_.push_back({object, {{}, segment}});
  return nullptr;
}

OutSection* LinkGrowth::section_of(SectionKind kind) {
  for (OutSection& section : state_.plan.sections)
    if (section.kind == kind) return &section;
  return nullptr;
}

OutSection* LinkGrowth::name_section() {
  for (OutSection& section : state_.plan.sections) {
    if (section.kind != SectionKind::Custom || section.content != OutSection::Encoded) continue;
    const Bytes bytes =
        Bytes(state_.output)
            .subspan(static_cast<size_t>(section.offset), static_cast<size_t>(section.payload_size));
    if (text_of(bytes, {0}) == "name") return &section;
  }
  return nullptr;
}

bool LinkGrowth::encode_names(const OutSection& section, ByteBuffer& out) {
  std::sort(named_.begin(), named_.end());
  named_.erase(std::unique(named_.begin(), named_.end()), named_.end());
  const Bytes bytes =
      Bytes(state_.output)
          .subspan(static_cast<size_t>(section.offset), static_cast<size_t>(section.payload_size));
  std::tie(names_at_, names_size_) = find_name_subsection(bytes, NameSubsection::Function);
  if (!names_size_) return false;
  size_t at = names_at_ + 1;
  const size_t end = names_at_ + names_size_;
  auto number = [&] {
    uint64_t value = 0;
    uint32_t shift = 0;
    do value |= static_cast<uint64_t>(bytes[at] & 0x7f) << shift, shift += 7;
    while (bytes[at++] & 0x80);
    return value;
  };
  number(); // the size
  uint64_t count = number();
  ByteBuffer names;
  ShownName shown;
  size_t run = at, next = 0;
  auto add = [&](size_t until) {
    names.append(bytes.subspan(run, until - run));
    const OutFunction& f = link_.functions[named_[next]];
    names.uleb(link_.imported_functions + named_[next]);
    std::string_view name;
    if (f.object) name = link_.objects[f.object].text(link_.row_of(f).name);
    else name = link_.text(link_.synthetic_functions[f.function.synthetic()].name);
    names.name(shown.of(name, link_.options.demangling()));
    next++;
    count++;
  };
  while (at < end) {
    const size_t begin = at;
    const uint64_t index = number(), size = number();
    at += static_cast<size_t>(size);
    while (next < named_.size() && link_.imported_functions + named_[next] <= index) {
      const bool is_same = link_.imported_functions + named_[next] == index;
      add(begin);
      run = is_same ? at : begin;
      count -= is_same;
    }
  }
  while (next < named_.size()) {
    add(end);
    run = end;
  }
  names.append(bytes.subspan(run, end - run));
  out.subsection(NameSubsection::Function, [&] {
    out.uleb(count);
    out.append(names.from(0));
  });
  return true;
}

} // namespace weld
