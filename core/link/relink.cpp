#include "core/link/relink.h"

#include "core/input/interface.h"
#include "core/link/scan/read_code.h"
#include "core/wasm/engine_limits.h"

#include <algorithm>

namespace weld {

namespace {

bool equal(Bytes a, Bytes b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

// What relocations refer to decides what is alive and what stands in the table; changes that could decide
// otherwise are not for a relink.
class ReferenceCheck {
public:
  ReferenceCheck(const Link& link, const LinkObject& object, ObjectVersion before, ObjectVersion now)
      : link_(link), o_(object), before_(before), now_(now) {}

  bool same(Holder holder, EncodedRelocs before, EncodedRelocs now) {
    old_.clear();
    new_.clear();
    old_order_.clear();
    new_order_.clear();
    for (const RelocRow& reloc : before_.relocs(before)) note(reloc, before_, old_, old_order_);
    for (const RelocRow& reloc : now_.relocs(now)) note(reloc, now_, new_, new_order_);
    if (old_order_ != new_order_) return false;
    for (Vector<uint64_t>* set : {&old_, &new_}) {
      std::sort(set->begin(), set->end());
      set->erase(std::unique(set->begin(), set->end()), set->end());
    }
    for (uint64_t reference : old_)
      if (!std::binary_search(new_.begin(), new_.end(), reference) && keeps_alive(holder, symbol_of(reference)))
        return false;
    for (uint64_t reference : new_)
      if (!std::binary_search(old_.begin(), old_.end(), reference) && !needs_nothing(reference)) return false;
    return true;
  }

private:
  static uint32_t symbol_of(uint64_t reference) { return static_cast<uint32_t>(reference); }
  static RelocTarget target_of(uint64_t reference) { return static_cast<RelocTarget>(reference >> 32); }

  // A reference: a symbol, and what of it is wanted. The order of some decides about indices.
  void note(const RelocRow& reloc, const ObjectVersion& version, Vector<uint64_t>& set,
            Vector<uint64_t>& order) {
    RelocTarget target = traits(reloc.reloc_type()).target;
    uint64_t kind = static_cast<uint64_t>(target) << 32;
    if (target == RelocTarget::Type) {
      order.push_back(kind | version.object.types()[reloc.index].row);
      return;
    }
    set.push_back(kind | reloc.index);
    if (target == RelocTarget::TableSlot || target == RelocTarget::TableSlotRel ||
        target == RelocTarget::Global || target == RelocTarget::TlsOffset)
      order.push_back(kind | reloc.index);
  }

  // Whether the symbol is, or may be, alive because of this holder alone.
  bool keeps_alive(Holder holder, uint32_t index) const {
    if (!link_.options.gc()) return false;
    if (SymbolId id = link_.bound[o_.symbol(index)])
      return id.row >= link_.symbol_holder.size() || link_.symbol_holder[id] == holder;
    const SymbolRow& row = now_.object.symbols()[index];
    if (row.kind == SymbolKind::Function) return link_.function_holder[o_.function(row.element)] == holder;
    if (row.kind == SymbolKind::Data)
      return row.element != none32 && link_.segment_holder[o_.segment(row.element)] == holder;
    return true;
  }

  // Whether one more reference changes nothing: what it refers to is there anyway.
  bool needs_nothing(uint64_t reference) const {
    RelocTarget target = target_of(reference);
    if (target != RelocTarget::Function && target != RelocTarget::Address && target != RelocTarget::AddressRel)
      return false;
    uint32_t index = symbol_of(reference);
    if (SymbolId id = link_.bound[o_.symbol(index)]) {
      const Symbol& s = link_.symbols[id];
      return s.state == SymbolState::Defined && !link_.is_trap(id) && link_.is_live(id);
    }
    const SymbolRow& row = now_.object.symbols()[index];
    if (row.is_undefined()) return false;
    if (row.kind == SymbolKind::Function) return link_.function_live[o_.function(row.element)];
    return row.kind == SymbolKind::Data &&
           (row.element == none32 || link_.segment_live[o_.segment(row.element)]);
  }

  const Link& link_;
  const LinkObject& o_;
  ObjectVersion before_, now_;
  Vector<uint64_t> old_, new_, old_order_, new_order_;
};

class Relinker {
public:
  explicit Relinker(LinkState& state) : state_(state), link_(state.link) {}

  // Nothing is changed while something may still turn out not to fit.
  bool prepare(const ReplacedObject& replaced) {
    InputStore& store = link_.store;
    const Input& input = store.inputs[replaced.input];
    Edit edit;
    for (uint32_t row = 0; row < link_.objects.size(); row++)
      if (link_.objects[LinkObjectId(row)].input == replaced.input) edit.object = LinkObjectId(row);
    if (!edit.object) return false; // an object that was not linked, and may be now
    edit.id = input.object;
    const ObjectEntry& entry = store.objects[input.object];
    ObjectVersion before{replaced.entry.object.view(), replaced.entry.bytes},
        now{entry.object.view(), entry.bytes};
    if (!before.object.warnings().empty() || !now.object.warnings().empty() || !same_interface(before, now))
      return false;
    edit.now = now;
    return check_custom_sections(edit, before) && check_functions(edit, before) && check_data(edit, before) &&
           (edits_.push_back(std::move(edit)), true);
  }

  bool apply() {
    for (const Edit& edit : edits_) {
      LinkObject& o = link_.objects[edit.object];
      o.id = edit.id;
      o.object = edit.now.object;
      o.bytes = edit.now.bytes;
    }
    for (const Edit& edit : edits_)
      if (!write_functions(edit) || !write_data(edit)) return false;
    if (!write_custom_sections()) return false;
    if (state_.plan.build_id_size) {
      OutputBytes output(state_.output.data(), state_.output.size());
      std::fill(state_.output.end() - static_cast<std::ptrdiff_t>(state_.plan.build_id_size),
                state_.output.end(),
                static_cast<uint8_t>(' ')); // as if it was not there
      write_build_id(link_.options, state_.plan, output);
    }
    return true;
  }

  const Vector<uint32_t>& rewritten() const { return rewritten_; }

private:
  struct Edit {
    LinkObjectId object; // of the link
    ObjectId id;
    ObjectVersion now;
    uint32_t first = 0, end = 0;   // its functions, in Link::functions
    Vector<SegmentId> data;        // its segments that changed
    bool functions_change = false; // some function is another now
  };

  bool is_stripped(std::string_view name) const {
    return (link_.options.strip_debug || link_.options.strip_all) && name.substr(0, 7) == ".debug_";
  }

  // Debug information may be other bytes, but not more or fewer: then nothing in it moves.
  bool check_custom_sections(const Edit& edit, const ObjectVersion& before) const {
    const LinkObject& o = link_.objects[edit.object];
    auto old_rows = before.object.custom_sections(), new_rows = edit.now.object.custom_sections();
    if (old_rows.size() != new_rows.size()) return false;
    for (uint32_t i = 0; i < old_rows.size(); i++) {
      const CustomSectionRow &p = old_rows[i], &q = new_rows[i];
      if (p.name != q.name || p.comdat != q.comdat) return false;
      const bool is_written = (p.data.size != 0 || q.data.size != 0) &&
                              !is_stripped(link_.store.strings.text(p.name)) &&
                              !link_.custom_is_discarded(o.custom_section(i));
      if (!is_written) continue;
      const bool may_differ =
          link_.options.gc() && !link_.custom_pieces[o.custom_section(i)].count && !is_branch_hints(link_, p);
      if (may_differ ? p.data.size != q.data.size
                     : !equal(before.range(p.data), edit.now.range(q.data)) ||
                           !same_relocs(before, p.relocs, 0, edit.now, q.relocs, 0))
        return false;
    }
    return true;
  }

  static Bytes body(const ObjectVersion& version, const FunctionRow& row) {
    return version.bytes.subspan(row.offset, row.size);
  }

  static bool same_relocs(const ObjectVersion& a, EncodedRelocs p, uint32_t base_a, const ObjectVersion& b,
                          EncodedRelocs q, uint32_t base_b) {
    if (p.count != q.count) return false;
    auto other = b.relocs(q).begin();
    for (const RelocRow& reloc : a.relocs(p)) {
      if (reloc.type != other->type || reloc.index != other->index || reloc.addend != other->addend ||
          reloc.offset - base_a != other->offset - base_b)
        return false;
      ++other;
    }
    return true;
  }

  bool check_functions(Edit& edit, const ObjectVersion& before) {
    const LinkObject& o = link_.objects[edit.object];
    ReferenceCheck references(link_, o, before, edit.now);
    auto old_rows = before.object.functions(), new_rows = edit.now.object.functions();
    edit.first = none32;
    for (uint32_t i = 0; i < old_rows.size(); i++) {
      const FunctionId function = o.function(i);
      if (!link_.function_live[function]) continue;
      uint32_t at = link_.function_index[function].value - link_.imported_functions;
      if (edit.first == none32) edit.first = edit.end = at;
      if (at != edit.end) return false; // another order than the object's
      edit.end = at + 1;
      const FunctionRow &p = old_rows[i], &q = new_rows[i];
      if (equal(body(before, p), body(edit.now, q)) &&
          same_relocs(before, p.relocs, p.offset - before.object.header().code_offset, edit.now, q.relocs,
                      q.offset - edit.now.object.header().code_offset))
        continue;
      edit.functions_change = true;
      rewritten_.push_back(at);
      if (!references.same({function, {}}, p.relocs, q.relocs) || !is_quiet(edit, q)) return false;
    }
    return true;
  }

  // Whether a link of everything has nothing to say about the function.
  bool is_quiet(const Edit& edit, const FunctionRow& function) const {
    if (function.size > engine_limit::body_size || edit.now.object.header().has_many_locals) return false;
    const LinkObject& o = link_.objects[edit.object];
    for (const RelocRow& reloc : edit.now.relocs(function.relocs)) {
      RelocTarget target = traits(reloc.reloc_type()).target;
      const uint64_t at = uint64_t{edit.now.object.header().code_offset} + reloc.offset;
      if (target == RelocTarget::Tag && (exception_style(edit.now.bytes, at) & ~link_.exception_styles))
        return false;
      if (target != RelocTarget::Global) continue;
      const bool is_stack = link_.bound[o.symbol(reloc.index)] == link_.known.stack_pointer;
      if (is_stack ? stack_frame(edit.now.bytes, at) > link_.options.stack_size
                   : writes_global(edit.now.bytes, at)) // which may be a constant
        return false;
    }
    return true;
  }

  bool check_data(Edit& edit, const ObjectVersion& before) {
    const LinkObject& o = link_.objects[edit.object];
    ReferenceCheck references(link_, o, before, edit.now);
    auto old_rows = before.object.segments(), new_rows = edit.now.object.segments();
    for (uint32_t i = 0; i < old_rows.size(); i++) {
      const SegmentId segment = o.segment(i);
      if (!link_.segment_live[segment]) continue;
      const SegmentRow &p = old_rows[i], &q = new_rows[i];
      if (equal(before.range(p.data), edit.now.range(q.data)) &&
          same_relocs(before, p.relocs, p.data.offset - before.object.header().data_offset, edit.now,
                      q.relocs, q.data.offset - edit.now.object.header().data_offset))
        continue;
      if (link_.segment_pieces[segment].count) return false; // merged strings
      if (!references.same({{}, segment}, p.relocs, q.relocs)) return false;
      edit.data.push_back(segment);
    }
    return true;
  }

  OutSection& section(OutSection::Content content) {
    for (OutSection& s : state_.plan.sections)
      if (s.content == content) return s;
    return state_.plan.sections.front(); // not reached: what is in it was linked
  }

  // The object's functions stand next to each other: all are written again, and what follows moves.
  bool write_functions(const Edit& edit) {
    if (!edit.functions_change) return true;
    OutSection& code = section(OutSection::Code);
    const LinkObject& o = link_.objects[edit.object];
    auto rows = o.object.functions();
    const uint32_t begin = link_.offset_of(link_.functions[edit.first]);
    const auto old_end = edit.end < link_.functions.size() ? link_.offset_of(link_.functions[edit.end])
                                                           : static_cast<uint32_t>(code.payload_size);
    uint32_t new_end = begin;
    for (uint32_t i = edit.first; i < edit.end; i++) {
      link_.offset_of(link_.functions[i]) = new_end;
      new_end += rows[o.function.local(link_.functions[i].function.id())].size;
    }
    functions_moved_ |= new_end != old_end;
    if (new_end != old_end && !move_rest(code, edit, old_end, new_end)) return false;
    return rewrite_functions(link_, values(), edit.first, edit.end, state_.output.data() + code.offset);
  }

  bool move_rest(OutSection& code, const Edit& edit, uint32_t old_end, uint32_t new_end) {
    const int64_t delta = static_cast<int64_t>(new_end) - old_end;
    auto moved = [&](uint64_t n) { return static_cast<uint64_t>(static_cast<int64_t>(n) + delta); };
    const uint64_t payload = moved(code.payload_size);
    if (uleb_size(payload) != uleb_size(code.payload_size)) return false;
    if (moved(state_.plan.size) > engine_limit::module_size) return false; // which would be said
    Vector<uint8_t>& out = state_.output;
    const size_t size = out.size(), from = static_cast<size_t>(code.offset + old_end);
    if (delta > 0) out.resize(static_cast<size_t>(moved(size)));
    std::memmove(out.data() + moved(from), out.data() + from, size - from);
    out.resize(static_cast<size_t>(moved(size)));

    write_uleb(out.data() + code.offset - uleb_size(payload), payload);
    bool follows = false;
    for (OutSection& s : state_.plan.sections) {
      if (follows) s.offset = moved(s.offset);
      follows |= &s == &code;
    }
    code.payload_size = payload;
    state_.plan.size = moved(state_.plan.size);
    for (size_t i = edit.end; i < link_.functions.size(); i++) {
      uint32_t& offset = link_.offset_of(link_.functions[i]);
      offset = static_cast<uint32_t>(moved(offset));
    }
    return true;
  }

  bool write_data(const Edit& edit) {
    for (SegmentId id : edit.data) {
      const OutSegment& out = link_.segments[link_.segment_out[id]];
      const SegmentHead& head = link_.segment_heads[out.index];
      if (!head.header.size) continue; // zeros that the file does not hold
      const LinkObject& o = link_.objects[edit.object];
      OutChunk chunk(edit.object, id);
      chunk.offset = link_.segment_offset[id];
      chunk.size = link_.size_of(id, o.object.segments()[o.segment.local(id)]);
      uint8_t* data = state_.output.data() + section(OutSection::Data).offset;
      if (!rewrite_data(link_, values(), chunk, data + head.payload_offset + chunk.offset,
                        out.address + chunk.offset))
        return false;
    }
    return true;
  }

  // Debug information says where functions are.
  bool write_custom_sections() {
    for (const OutSection& section : state_.plan.sections) {
      if (section.content != OutSection::Custom) continue;
      uint8_t* payload = state_.output.data() + section.offset + section.encoded.count;
      for (const OutChunk& chunk : link_.custom_sections[section.custom].chunks) {
        if (!chunk.object) continue;
        const LinkObject& o = link_.objects[chunk.object];
        const bool has_relocs =
            chunk.is_of_unit() ||
            o.object.custom_sections()[o.custom_section.local(chunk.custom_section())].relocs.count != 0;
        if (!is_edited(chunk.object) && !(functions_moved_ && has_relocs)) continue;
        if (!link_.store.check_object(o.id)) return false; // of a snapshot, and not linked since
        if (!rewrite_custom(link_, values(), section.custom, chunk, payload + chunk.offset)) return false;
      }
    }
    return true;
  }

  bool is_edited(LinkObjectId object) const {
    for (const Edit& edit : edits_)
      if (edit.object == object) return true;
    return false;
  }

  // Indices and addresses are what they were.
  const SymbolValues& values() {
    if (!state_.has_values) state_.values = SymbolValues(link_);
    state_.has_values = true;
    return state_.values;
  }

  LinkState& state_;
  Link& link_;
  std::vector<Edit> edits_;
  Vector<uint32_t> rewritten_;   // rows of Indices::functions
  bool functions_moved_ = false; // other objects' too
};

} // namespace

bool can_relink(const Options& options) {
  return static_cast<const FullLinkOptions&>(options) == FullLinkOptions();
}

bool stays_true(DiagnosticId id) {
  switch (id) {
  case DiagnosticId::exports_wrapped:
  case DiagnosticId::nothing_exported:
  case DiagnosticId::stack_after_data:
  case DiagnosticId::weak_not_extracted:
  case DiagnosticId::start_ignored:
  case DiagnosticId::elements_ignored:
  case DiagnosticId::segment_without_symbol:
  case DiagnosticId::archive_member_not_wasm:
  case DiagnosticId::archive_member_bitcode: return true;
  default: return false;
  }
}

// Both are large, so here and not where they are called.
LinkState::LinkState(InputStore& store, const Options& o) : options(o), link(store, options) {}
LinkState::~LinkState() = default;

void LinkState::remember(size_t first_diagnostic) {
  const std::vector<Diagnostic>& rows = link.diagnostics().rows();
  is_reusable = true;
  for (size_t i = first_diagnostic; i < rows.size(); i++) is_reusable &= stays_true(rows[i].id);
  if (is_reusable) said.append(link.diagnostics(), first_diagnostic, rows.size());
}

bool relink(LinkState& state, const Options& options, std::span<const ReplacedObject> replaced,
            LinkResult& result) {
  if (!state.is_reusable || !(state.options == options)) return false;
  Relinker relinker(state);
  for (const ReplacedObject& object : replaced)
    if (!relinker.prepare(object)) return false;
  if (!relinker.apply()) return false;
  state.link.diagnostics().append(state.said, 0, state.said.rows().size());
  result.ok = true;
  result.output = OutputBytes(state.output.data(), state.output.size());
  result.stats.objects = static_cast<uint32_t>(state.link.object_order.size());
  for (InputId id : state.link.store.order())
    result.stats.input_bytes += state.link.store.inputs[id].file.bytes().size();
  result.stats.output_bytes = state.output.size();
  state.rewritten = relinker.rewritten();
  result.stats.rewritten = static_cast<uint32_t>(state.rewritten.size());
  return true;
}

} // namespace weld
