#include "core/link/relink.h"

#include "core/input/interface.h"
#include "core/link/grow_link.h"
#include "core/link/patch/instance.h"
#include "core/link/reference_check.h"
#include "core/link/scan/read_code.h"
#include "core/link/splice_output.h"
#include "core/link/write/compress_code.h"
#include "core/wasm/engine_limits.h"

#include <algorithm>
#include <cassert>
#include <optional>

namespace weld {

namespace {

bool equal(Bytes a, Bytes b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

class Relinker {
public:
  // `for_patch`: of what is edited, code alone is written.
  explicit Relinker(LinkState& state, bool for_patch)
      : state_(state), link_(state.link), references_(state.link), for_patch_(for_patch) {
    if (link_.leaves_room) growth_.emplace(state);
  }

  // Of all that was edited.
  const char* prepare(std::span<const ReplacedObject> replaced) {
    for (LinkObjectId id(0); id.row < link_.objects.size(); id.row++) {
      LinkObject& o = link_.objects[id];
      if (!o.unit) continue;
      // A unit's memory moves when it grows, which edits that change nothing may do as well.
      o.bytes = link_.store.objects[o.id].bytes = o.unit->bytes();
      if (const char* why = grow_unit(id)) return why;
    }
    if (growth_)
      if (const char* why = growth_->settle_names()) return why;
    for (const ReplacedObject& object : replaced)
      if (const char* why = prepare(object)) return why;
    for (LinkObjectId id(0); id.row < link_.objects.size(); id.row++)
      if (link_.objects[id].unit)
        if (const char* why = prepare_unit(id)) return why;
    return follow();
  }

  // Where there is room: brings what the link knows of a unit's symbols up to date.
  const char* grow_unit(LinkObjectId id) {
    const LinkObject& o = link_.objects[id];
    const Vector<UnitChanges::Row>& rows = o.unit->changes().rows();
    if (!growth_ || rows.empty()) return nullptr;
    if (!o.object.comdats().empty()) return "a unit with groups";
    for (const UnitChanges::Row& change : rows) {
      if (!change.why) continue;
      UnitGrowth growth;
      if (const char* why = link_.store.unit(o.input).grow(link_.store.objects[o.id].object, change, growth))
        return why;
      const bool is_function = growth.kind == SymbolKind::Function;
      if (growth.change == UnitGrowth::Removed && is_function && !change.body) return change.why;
      const CodeRefs refs = is_function && change.body
                                ? CodeRefs(o.unit->refs(o.unit->function(change.body.offset)))
                                : CodeRefs(o.relocs({change.fixups.offset, change.fixup_count}));
      if (const char* why = growth_->change(id, growth, refs)) return why;
    }
    link_.store.update_unit(o.input);
    return nullptr;
  }

  // Nothing is changed while something may still turn out not to fit. Why it does not; null: it does.
  const char* prepare(const ReplacedObject& replaced) {
    InputStore& store = link_.store;
    const Input& input = store.inputs[replaced.input];
    Edit edit;
    for (uint32_t row = 0; row < link_.objects.size(); row++)
      if (link_.objects[LinkObjectId(row)].input == replaced.input) edit.object = LinkObjectId(row);
    if (!edit.object) return "an object was edited that was not linked";
    edit.id = input.object;
    const ObjectEntry& entry = store.objects[input.object];
    ObjectVersion before{replaced.entry.object.view(), replaced.entry.bytes},
        now{entry.object.view(), entry.bytes};
    if (!before.object.warnings().empty() || !now.object.warnings().empty())
      return "an object with something that links cannot use";
    if (!same_interface(before, now)) return "an object with other symbols, types or sizes of data";
    edit.now = now;
    for (const auto check :
         {&Relinker::check_custom_sections, &Relinker::check_functions, &Relinker::check_data})
      if (const char* why = (this->*check)(edit, before)) return why;
    return add(std::move(edit));
  }

  // A unit of which only contents were edited.
  const char* prepare_unit(LinkObjectId id) {
    const LinkObject& o = link_.objects[id];
    const UnitChanges& changes = o.unit->changes();
    if (changes.rows().empty()) return nullptr;
    if (!o.object.comdats().empty()) return "a unit with groups"; // where references are checked
    Edit edit;
    edit.object = id;
    for (const UnitChanges::Row& change : changes.rows())
      if (const char* why = change.why && !growth_ ? change.why : check_row(edit, change)) return why;
    return add(std::move(edit));
  }

  // What becomes alive because of the edits.
  const char* follow() {
    if (!growth_) return nullptr;
    if (const char* why = growth_->follow()) return why;
    rewritten_.append(growth_->functions.begin(), growth_->functions.end());
    for (uint32_t row : growth_->functions) {
      const OutFunction& f = link_.functions[row];
      if (!f.object) continue; // a trap
      const LinkObject& o = link_.objects[f.object];
      const FunctionRow& function = link_.row_of(f);
      if (has_many_locals(o, function.signature, o.unit->function(function.offset)))
        return "a function that there may be a warning about";
      if (has_source(f.object)) describe_later(f.object);
    }
    return nullptr;
  }

#ifndef NDEBUG
  // Ends the program when the output is not what it must be.
  void check() {
    if (growth_) growth_->check();
    for (const OutSection& section : state_.plan.sections) {
      if (section.content != OutSection::Custom) continue;
      const Bytes payload = payload_of(section, state_.output).subspan(section.encoded.count);
      for (const OutChunk& chunk : link_.custom_sections[section.custom].chunks) {
        if (!chunk.object || link_.store.objects[link_.objects[chunk.object].id].unchecked) continue;
        const Bytes written =
            payload.subspan(static_cast<size_t>(chunk.offset), static_cast<size_t>(chunk.size));
        Vector<uint8_t> again(written);
        assert(rewrite_custom(link_, values(), section.custom, chunk, again.data()));
        assert(equal(written, Bytes(again)) && "has_new_bytes did not find a chunk");
      }
    }
  }
#endif

  // The link has what was edited. Its output does not.
  void take_edits() {
    for (const Edit& edit : edits_) {
      LinkObject& o = link_.objects[edit.object];
      if (o.unit) {
        if (!growth_) link_.store.update_unit(o.input);
        link_.store.end_unit_update(o.input);
        continue;
      }
      o.id = edit.id;
      o.object = edit.now.object;
      o.bytes = edit.now.bytes;
    }
#ifndef NDEBUG
    link_.store.check_units();
#endif
  }

  const char* write_edits() {
    OutputSplices splices(state_.plan, state_.output);
    if (const char* why = make_room(splices)) return why;
    if (!splices.apply()) return "an output that is larger than engines take";
    if (!write_functions()) return out_of_range;
    for (const Edit& edit : edits_)
      for (SegmentId id : edit.data)
        if (const char* why = write_data(edit.object, id, 0)) return why;
    if (growth_)
      for (const LinkGrowth::Data& data : growth_->data)
        if (const char* why = write_data(data.object, data.segment, data.old_size)) return why;
    if (!write_custom_sections()) return out_of_range;
    if (state_.plan.build_id_size) {
      OutputBytes output(state_.output.data(), state_.output.size());
      std::fill(state_.output.end() - static_cast<std::ptrdiff_t>(state_.plan.build_id_size),
                state_.output.end(),
                static_cast<uint8_t>(' ')); // as if it was not there
      write_build_id(link_.options, state_.plan, output);
    }
    return nullptr;
  }

  // Rows of Indices::functions.
  const Vector<uint32_t>& rewritten() const {
    return rewritten_;
  }

  void finish(LinkResult& result) const {
    link_.diagnostics().append(state_.said, 0, state_.said.rows().size());
    result.ok = true;
    result.stats.objects = static_cast<uint32_t>(link_.object_order.size());
    for (InputId id : link_.store.order())
      result.stats.input_bytes += link_.store.inputs[id].file.bytes().size();
  }

private:
  static constexpr const char* out_of_range = "a value that does not fit its field";

  struct Edit {
    LinkObjectId object; // of the link
    ObjectId id;         // of an object
    ObjectVersion now;
    Vector<SegmentId> data;      // its segments that changed
    bool has_new_source = false; // of a unit: its functions have other sizes, lines or variables
    bool has_new_variables = false;
  };

  const char* add(Edit&& edit) {
    // Whether data keeps its value or gets another address is for a comparison with all of the program.
    if (for_patch_ && !edit.data.empty()) return "data was edited";
    edits_.push_back(std::move(edit));
    return nullptr;
  }

  // Functions of the unit are in the output that were not.
  void describe_later(LinkObjectId unit) {
    auto edit = std::find_if(edits_.begin(), edits_.end(), [&](const Edit& e) { return e.object == unit; });
    if (edit == edits_.end()) {
      edits_.push_back({});
      edit = edits_.end() - 1;
      edit->object = unit;
    }
    edit->has_new_source = edit->has_new_variables = true;
  }

  bool is_stripped(std::string_view name) const {
    return (link_.options.strip_debug || link_.options.strip_all) && name.substr(0, 7) == ".debug_";
  }

  // Debug information may be other bytes, but not more or fewer: then nothing in it moves.
  const char* check_custom_sections(Edit& edit, const ObjectVersion& before) {
    constexpr const char* why = "an object with other custom sections";
    if (for_patch_) return nullptr;
    const LinkObject& o = link_.objects[edit.object];
    auto old_rows = before.object.custom_sections(), new_rows = edit.now.object.custom_sections();
    if (old_rows.size() != new_rows.size()) return why;
    for (uint32_t i = 0; i < old_rows.size(); i++) {
      const CustomSectionRow &p = old_rows[i], &q = new_rows[i];
      if (p.name != q.name || p.comdat != q.comdat) return why;
      const bool is_written = (p.data.size != 0 || q.data.size != 0) &&
                              !is_stripped(link_.store.strings.text(p.name)) &&
                              !link_.custom_is_discarded(o.custom_section(i));
      if (!is_written) continue;
      const bool may_differ =
          link_.options.gc() && !link_.custom_pieces[o.custom_section(i)].count && !is_branch_hints(link_, p);
      if (may_differ ? p.data.size != q.data.size
                     : !equal(before.range(p.data), edit.now.range(q.data)) ||
                           !same_relocs(before, p.relocs, 0, edit.now, q.relocs, 0))
        return may_differ ? "debug information of another size" : why;
    }
    return nullptr;
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

  // The row of a function that is alive among those of the output.
  uint32_t row_of(FunctionId function) const {
    return link_.function_index[function].value - link_.imported_functions;
  }

  const char* check_functions(Edit& edit, const ObjectVersion& before) {
    const LinkObject& o = link_.objects[edit.object];
    auto old_rows = before.object.functions(), new_rows = edit.now.object.functions();
    for (uint32_t i = 0; i < old_rows.size(); i++) {
      const FunctionId function = o.function(i);
      if (!link_.function_live[function]) continue;
      const FunctionRow &p = old_rows[i], &q = new_rows[i];
      if (equal(body(before, p), body(edit.now, q)) &&
          same_relocs(before, p.relocs, p.offset - before.object.header().code_offset, edit.now, q.relocs,
                      q.offset - edit.now.object.header().code_offset))
        continue;
      rewritten_.push_back(row_of(function));
      if (const char* why = compare(edit.object, {function, {}}, CodeRefs(before.relocs(p.relocs)),
                                    CodeRefs(edit.now.relocs(q.relocs))))
        return why;
      if (!is_quiet(edit, q)) return "a function that there may be a warning about";
    }
    return nullptr;
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

  const char* check_data(Edit& edit, const ObjectVersion& before) {
    const LinkObject& o = link_.objects[edit.object];
    auto old_rows = before.object.segments(), new_rows = edit.now.object.segments();
    for (uint32_t i = 0; i < old_rows.size(); i++) {
      const SegmentId segment = o.segment(i);
      if (!link_.segment_live[segment]) continue;
      const SegmentRow &p = old_rows[i], &q = new_rows[i];
      if (equal(before.range(p.data), edit.now.range(q.data)) &&
          same_relocs(before, p.relocs, p.data.offset - before.object.header().data_offset, edit.now,
                      q.relocs, q.data.offset - edit.now.object.header().data_offset))
        continue;
      if (const char* why = check_segment(edit.object, segment, CodeRefs(before.relocs(p.relocs)),
                                          CodeRefs(edit.now.relocs(q.relocs))))
        return why;
      edit.data.push_back(segment);
    }
    return nullptr;
  }

  const char* check_segment(LinkObjectId object, SegmentId segment, const CodeRefs& before,
                            const CodeRefs& now) {
    if (link_.segment_pieces[segment].count) return "strings that are merged with others";
    return compare(object, {{}, segment}, before, now);
  }

  const char* compare(LinkObjectId object, Holder holder, const CodeRefs& before, const CodeRefs& now) {
    return growth_ ? growth_->refer(object, holder, before, now)
                   : references_.compare(link_.objects[object], holder, before, now);
  }

  // What the tables of a unit were made of is still in its memory.
  const char* check_row(Edit& edit, const UnitChanges::Row& change) {
    const LinkObject& o = link_.objects[edit.object];
    const UnitSymbolRow& row = o.unit->row(change.row);
    if (change.why && has_source(edit.object)) edit.has_new_source = edit.has_new_variables = true;
    if (!row.defined() || !row.is_in_tables()) return nullptr;
    const uint32_t element = o.object.symbols()[change.row].element;
    if (row.kind == SymbolKind::Function) {
      const FunctionId function = o.function(element);
      if (!link_.function_live[function]) return nullptr;
      edit.has_new_source |= change.has_new_content || change.has_new_lines || change.has_new_variables;
      edit.has_new_variables |= change.has_new_variables;
      if (!change.has_new_content) return nullptr;
      rewritten_.push_back(row_of(function));
      const StoredMir now = o.unit->function(row.body.offset);
      if (has_many_locals(o, row.signature, now)) return "a function that there may be a warning about";
      if (!change.body) return nullptr; // it is new
      return compare(edit.object, {function, {}}, CodeRefs(o.unit->refs(o.unit->function(change.body.offset))),
                     CodeRefs(o.unit->refs(now)));
    }
    if (!change.has_new_content) return nullptr;
    const SegmentId segment = o.segment(element);
    if (!link_.segment_live[segment]) return nullptr;
    edit.data.push_back(segment);
    return check_segment(edit.object, segment, CodeRefs(o.relocs({change.fixups.offset, change.fixup_count})),
                         CodeRefs(o.relocs({row.fixups.offset, row.fixup_count})));
  }

  static bool has_many_locals(const LinkObject& o, SignatureId signature, const StoredMir& now) {
    uint64_t locals = signature_parts(o.unit->signatures(), signature).params.size();
    uint32_t count = 0;
    ValueType type{};
    for (LocalRuns runs(now.locals); runs.next(count, type);) locals += count;
    return locals > engine_limit::locals;
  }

  OutSection& section(OutSection::Content content) {
    for (OutSection& s : state_.plan.sections)
      if (s.content == content) return s;
    return state_.plan.sections.front(); // not reached: what is in it was linked
  }

  uint32_t size_of(const OutFunction& f, CodeCompressor& compressor) const {
    if (!f.object) return link_.synthetic_bodies[f.function.synthetic()].count; // of one that was removed
    const LinkObject& o = link_.objects[f.object];
    return o.unit ? compressor.size(f.object, f.function.id()) : link_.row_of(f).size;
  }

  // What has another size than it had.
  const char* make_room(OutputSplices& splices) {
    if (const char* why = size_functions(splices)) return why;
    if (growth_)
      if (const char* why = growth_->encode(splices)) return why;
    return describe_units(splices);
  }

  // Functions have their new offsets then.
  const char* size_functions(OutputSplices& splices) {
    if (rewritten_.empty()) return nullptr;
    std::sort(rewritten_.begin(), rewritten_.end());
    rewritten_.erase(std::unique(rewritten_.begin(), rewritten_.end()), rewritten_.end());
    const OutSection& code = section(OutSection::Code);
    CodeCompressor compressor(link_, values());
    const auto count = static_cast<uint32_t>(link_.functions.size());
    auto begin_of = [&](uint32_t i) {
      return i < count ? link_.offset_of(link_.functions[i]) : static_cast<uint32_t>(code.payload_size);
    };
    Vector<uint32_t> growths; // beside rewritten_
    const uint32_t first_new = growth_ ? growth_->first_new_function() : count;
    bool has_other_sizes = false;
    for (uint32_t i : rewritten_) {
      const uint32_t begin = begin_of(i), old_size = begin_of(i + 1) - begin;
      const uint32_t size = size_of(link_.functions[i], compressor);
      if (size > engine_limit::body_size) return "a function that there may be a warning about";
      splices.resize(code, begin, old_size, size);
      has_other_sizes |= size != old_size;
      // Where its instructions begin depends on how many digits its size has.
      functions_moved_ |= i < first_new && uleb_size(size) != uleb_size(old_size);
      growths.push_back(size - old_size);
    }
    if (!has_other_sizes) return nullptr;
    uint32_t moved = 0, next = 0;
    for (uint32_t i = rewritten_.front(); i < count; i++) {
      link_.offset_of(link_.functions[i]) += moved;
      functions_moved_ |= moved != 0 && i < first_new;
      if (next < rewritten_.size() && rewritten_[next] == i) moved += growths[next++];
    }
    return nullptr;
  }

  bool write_functions() {
    if (rewritten_.empty()) return true;
    uint8_t* code = state_.output.data() + section(OutSection::Code).offset;
    write_uleb(code, link_.functions.size()); // which may be more by now, of as many digits
    for (uint32_t i : rewritten_)
      if (!rewrite_functions(link_, values(), i, i + 1, code)) return false;
    return true;
  }

  // `old_size`: what is behind the data by now, of the bytes that it had, is zero.
  const char* write_data(LinkObjectId object, SegmentId id, uint32_t old_size) {
    const OutSegment& out = link_.segments[link_.segment_out[id]];
    const SegmentHead& head = link_.segment_heads[out.index];
    const LinkObject& o = link_.objects[object];
    const SegmentRow& row = o.object.segments()[o.segment.local(id)];
    if (!head.header.size) // zeros that the file does not hold
      return has_content(o, row) ? "data that was zero" : nullptr;
    if (link_.text(row.name).starts_with(".bss") && link_.text(out.name).starts_with(".data") &&
        !has_content(o, row))
      return "data that is zero now";
    OutChunk chunk(object, id);
    chunk.offset = link_.segment_offset[id];
    chunk.size = link_.size_of(id, row);
    uint8_t* data = state_.output.data() + section(OutSection::Data).offset + head.payload_offset;
    if (old_size > chunk.size)
      std::memset(data + chunk.offset + chunk.size, 0, static_cast<size_t>(old_size - chunk.size));
    const bool fits = rewrite_data(link_, values(), chunk, data + chunk.offset, out.address + chunk.offset);
    return fits ? nullptr : out_of_range;
  }

  // Lines and variables of a unit say where instructions are. Its sections stand behind those of objects.
  const char* describe_units(OutputSplices& splices) {
    if (!link_.options.keeps_debug()) return nullptr;
    bool has_new_variables = false;
    for (const Edit& edit : edits_) {
      if (!edit.has_new_source) continue;
      if (!describe_unit_again(link_, link_, link_, values(), edit.object))
        return "lines of a unit that has had none, or the last ones gone";
      units_moved_ = true;
      has_new_variables |= edit.has_new_variables;
    }
    if (!units_moved_) return nullptr;
    for (const OutSection& out : state_.plan.sections) {
      if (out.content != OutSection::Custom) continue;
      OutCustomSection& custom = link_.custom_sections[out.custom];
      uint64_t moved = 0;
      for (OutChunk& chunk : custom.chunks) {
        const uint64_t before = chunk.offset;
        chunk.offset += moved;
        if (!chunk.object || !chunk.is_of_unit()) continue;
        UnitSection& one = link_.unit_sections[chunk.unit_section()];
        one.offset += moved;
        const uint64_t size = one.bytes.size();
        splices.resize(out, out.encoded.count + static_cast<size_t>(before), static_cast<size_t>(chunk.size),
                       static_cast<size_t>(size));
        moved += size - chunk.size;
        chunk.size = size;
      }
      custom.size += moved;
    }
    if (has_new_variables) encode_locals(splices);
    return nullptr;
  }

  // A part of the section of names.
  void encode_locals(OutputSplices& splices) {
    const OutSection* section = find_name_section(state_.plan, state_.output);
    if (!section) return;
    ByteBuffer now;
    encode_local_names(link_, now);
    const auto [at, size] = find_name_subsection(payload_of(*section, state_.output), NameSubsection::Local);
    splices.replace(*section, at, size, now.from(0));
  }

  // Debug information says where functions are.
  bool write_custom_sections() {
    for (const OutSection& section : state_.plan.sections) {
      if (section.content != OutSection::Custom) continue;
      uint8_t* payload = state_.output.data() + section.offset + section.encoded.count;
      for (const OutChunk& chunk : link_.custom_sections[section.custom].chunks) {
        if (!chunk.object || !has_new_bytes(chunk)) continue;
        if (!link_.store.check_object(link_.objects[chunk.object].id))
          return false; // of a snapshot, and not linked since
        if (!rewrite_custom(link_, values(), section.custom, chunk, payload + chunk.offset)) return false;
      }
    }
    return true;
  }

  // Whether the chunk of a custom section may be other than it was.
  bool has_new_bytes(const OutChunk& chunk) const {
    if (chunk.is_of_unit() ? units_moved_ : is_edited(chunk.object)) return true;
    const LinkObject& o = link_.objects[chunk.object];
    if (!chunk.is_of_unit() &&
        !o.object.custom_sections()[o.custom_section.local(chunk.custom_section())].relocs.count)
      return false;
    return functions_moved_ || (growth_ && growth_->concerns(chunk.object));
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

  // Whether some debug information says where instructions of the unit come from.
  bool has_source(LinkObjectId unit) const {
    for (const OutCustomSection& section : link_.custom_sections)
      for (const OutChunk& chunk : section.chunks)
        if (chunk.object == unit && chunk.is_of_unit()) return true;
    return link_.objects[unit].unit->has_source();
  }

  LinkState& state_;
  Link& link_;
  ReferenceCheck references_;
  const bool for_patch_;
  std::optional<LinkGrowth> growth_; // where there is room
  std::vector<Edit> edits_;
  Vector<uint32_t> rewritten_;   // rows of Indices::functions
  bool functions_moved_ = false; // some function, or the instructions of one, begin somewhere else
  bool units_moved_ = false;     // debug information of a unit is other bytes
};

} // namespace

bool can_relink(const Options& options) {
  return static_cast<const FullLinkOptions&>(options) == FullLinkOptions();
}

bool can_patch_again(const Options& options) {
  FullLinkOptions others = options;
  others.live = LiveKind::None;
  others.live_room = FullLinkOptions().live_room;
  return options.is_live() && others == FullLinkOptions();
}

bool can_leave_room(const Options& options) {
  return can_relink(options) && options.gc() && !options.validate && !options.export_all &&
         !options.exports_dynamic(); // which export new functions and data, too
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

// Why the next link cannot be made from this one, whatever was edited.
static const char* why_not(const LinkState& state, const Options& options) {
  if (!state.is_reusable) return "the last link had a message that need not be true of the next";
  const bool wants_room = state.link.store.leaves_room() && can_leave_room(options);
  return state.options == options && state.wants_room == wants_room ? nullptr : "other options";
}

const char* relink(LinkState& state, const Options& options, std::span<const ReplacedObject> replaced,
                   LinkResult& result) {
  if (const char* why = why_not(state, options)) return why;
  Relinker relinker(state, false);
  if (const char* why = relinker.prepare(replaced)) return why;
  relinker.take_edits();
  if (const char* why = relinker.write_edits()) return why;
#ifndef NDEBUG
  relinker.check();
#endif
  relinker.finish(result);
  result.output = OutputBytes(state.output.data(), state.output.size());
  result.stats.output_bytes = state.output.size();
  state.rewritten = relinker.rewritten();
  result.stats.rewritten = static_cast<uint32_t>(state.rewritten.size());
  return nullptr;
}

const char* patch_again(LinkState& state, const Options& options, std::span<const ReplacedObject> replaced,
                        const LiveLink& live, LinkResult& result) {
  if (!live.patch) return "a new program";
  if (!live.running || !live.patch->restart.empty()) return "another program runs";
  if (const char* why = why_not(state, options)) return why;
  Relinker relinker(state, true);
  if (const char* why = relinker.prepare(replaced)) return why;
  relinker.take_edits();
  if (const char* why =
          live.make_of(state.link, *state.live_view, relinker.rewritten(), *live.running, *live.patch))
    return why;
  relinker.finish(result);
  result.stats.rewritten = static_cast<uint32_t>(relinker.rewritten().size());
  return nullptr;
}

} // namespace weld
