// Gives every name a meaning. Inputs are read in their order; a strong reference to a name that an archive
// member (or a --start-lib object) defines pulls that object in at once, in the middle of the object that
// referred to it. That order decides which definition wins and how the output is ordered, so it is kept
// exactly: an explicit stack of half-read objects stands for the recursion.
//
// The rules are wasm-ld's: core/link/README.md, "Resolution".
#include "core/link/link.h"
#include "core/wasm/type_text.h"

namespace weld {

namespace {

using namespace symbol_flag;

struct Frame {
  enum Kind : uint8_t { ReadObject, OfferMembers } kind = ReadObject;
  LinkObjectId object;   // ReadObject
  InputId input;         // OfferMembers: the names of its members become lazy
  uint32_t member = 0;   // the next one; none32: the input is one lazy object
  uint32_t next = 0;     // next symbol, or next name of the member
  std::string reference; // why it is read, for --why-extract
  SymbolId reason;
};

class Resolver {
public:
  explicit Resolver(Link& link) : link_(link) {
    uint32_t units = 0;
    for (const Input& input : link.session.inputs) {
      extracted_base_.push_back(units);
      units += input.kind == InputKind::Archive ? static_cast<uint32_t>(input.archive.members.size()) : 1;
    }
    extracted_.resize(units);
  }

  void add_inputs();
  SymbolId require(std::string_view name, const char* option);
  SymbolId require_function(std::string_view name);
  void process_stub_libraries();

private:
  void run();
  bool resume(size_t frame);
  bool offer_next(size_t frame);
  void add_object(ObjectId id, std::string reference, SymbolId reason);
  void add_lazy(StringId name, InputId input, uint32_t member);
  void extract(InputId input, uint32_t member, std::string reference, SymbolId reason);
  void extract(SymbolId id, std::string reference) {
    const Symbol& s = link_.symbols[id];
    extract(s.lazy_input, s.lazy_member, std::move(reference), id);
  }
  bool is_extracted(InputId input, uint32_t member) const { return extracted_[unit_of(input, member)]; }
  size_t unit_of(InputId input, uint32_t member) const {
    return extracted_base_[input.row] + (member == none32 ? 0 : member);
  }

  SymbolId add_defined(LinkObjectId object, const SymbolRow& row, uint32_t row_index);
  SymbolId add_undefined(LinkObjectId object, const SymbolRow& row, uint32_t row_index);
  void add_undefined_function(SymbolId& id, LinkObjectId object, const SymbolRow& row, uint32_t row_index);
  void set_defined(SymbolId id, LinkObjectId object, const SymbolRow& row, uint32_t row_index);
  void set_undefined(SymbolId id, LinkObjectId object, const SymbolRow& row, uint32_t row_index);
  void reset(Symbol& s, SymbolState state, uint32_t flags);
  bool should_replace(const Symbol& existing, LinkObjectId object, uint32_t flags);
  bool function_variant(SymbolId existing, SignatureId signature, SymbolId& variant);
  void merge_undefined(SymbolId existing, LinkObjectId object, const SymbolRow& row);
  bool check_type(SymbolId existing, LinkObjectId object, const SymbolRow& row);
  void report_kinds(SymbolId existing, LinkObjectId object, SymbolKind kind);
  void trace(SymbolId id);

  SignatureId signature_of(LinkObjectId object, const SymbolRow& row) const {
    ObjectView o = link_.objects[object].object;
    if (row.is_undefined()) return o.imports()[row.import].signature;
    return row.kind == SymbolKind::Tag ? o.tags()[row.element].signature
                                       : o.functions()[row.element].signature;
  }
  Argument name(SymbolId id) const { return Argument::symbol(link_.name_of(id)); }

  Link& link_;
  std::vector<Frame> frames_;
  std::vector<uint32_t> extracted_base_; // by input: where its members' bits begin
  std::vector<bool> extracted_;
  bool wrong_pointer_size_ = false;      // an input is for wasm64 in a link for wasm32, or the other way round
};

void Resolver::trace(SymbolId id) {
  const Symbol& s = link_.symbols[id];
  if (!s.traced || s.is_undefined()) return;
  Location where =
      s.is_lazy() ? link_.session.location_of(s.lazy_input, s.lazy_member) : link_.location_of(s.object);
  link_.diagnostics().report(DiagnosticId::trace_definition,
                             {std::string(link_.name_of(id)), s.is_lazy() ? "lazy definition" : "definition"},
                             where);
}

// A name's meaning is replaced; what was noted about the name itself stays.
void Resolver::reset(Symbol& s, SymbolState state, uint32_t flags) {
  Symbol fresh;
  fresh.name = s.name;
  fresh.state = state;
  fresh.flags = flags;
  fresh.used_in_object = s.used_in_object;
  fresh.force_export = s.force_export;
  fresh.force_import = s.force_import;
  fresh.traced = s.traced;
  fresh.referenced = s.referenced;
  s = fresh;
}

void Resolver::set_defined(SymbolId id, LinkObjectId object, const SymbolRow& row, uint32_t row_index) {
  Symbol& s = link_.symbols[id];
  reset(s, SymbolState::Defined, row.flags);
  const LinkObject& o = link_.objects[object];
  s.kind = row.kind;
  s.object = object;
  s.row = row_index;
  switch (row.kind) {
  case SymbolKind::Function: s.entity = {o.functions + row.element}; break;
  case SymbolKind::Global: s.entity = {o.globals + row.element}; break;
  case SymbolKind::Tag: s.entity = {o.tags + row.element}; break;
  case SymbolKind::Table: s.entity = {o.tables + row.element}; break;
  case SymbolKind::Data:
    if (row.element != none32) s.entity = {o.segments + row.element};
    s.value = row.value;
    s.size = row.size;
    break;
  case SymbolKind::Section: break;
  }
  if (row.kind == SymbolKind::Function || row.kind == SymbolKind::Tag)
    s.signature = signature_of(object, row);
  trace(id);
}

void Resolver::set_undefined(SymbolId id, LinkObjectId object, const SymbolRow& row, uint32_t row_index) {
  Symbol& s = link_.symbols[id];
  reset(s, SymbolState::Undefined, row.flags | undefined);
  s.kind = row.kind;
  s.object = object;
  s.row = row_index;
  if (row.kind == SymbolKind::Function || row.kind == SymbolKind::Tag)
    s.signature = signature_of(object, row);
  if (row.kind == SymbolKind::Function) s.called_directly = row.called_directly;
  // A definition that lost its comdat group has no import of its own.
  if (row.is_undefined() && row.import != none32) {
    const ImportRow& import = link_.objects[object].object.imports()[row.import];
    s.import_module = import.module;
    if (row.flags & explicit_name) s.import_name = import.field;
  }
}

void Resolver::report_kinds(SymbolId existing, LinkObjectId object, SymbolKind kind) {
  bool as_lld = link_.options.like_lld();
  const Symbol& s = link_.symbols[existing];
  link_.diagnostics().report(DiagnosticId::symbol_type_mismatch,
                             {name(existing), symbol_kind_text(s.kind, as_lld), link_.file_of(s.object),
                              symbol_kind_text(kind, as_lld), link_.file_of(object)});
}

// Whether a definition or reference in `object` may meet the existing symbol: same kind, and a suitable type.
// Functions' signatures are checked apart, because they may differ.
bool Resolver::check_type(SymbolId existing, LinkObjectId object, const SymbolRow& row) {
  const Symbol& s = link_.symbols[existing];
  if (s.kind != row.kind) {
    report_kinds(existing, object, row.kind);
    return false;
  }
  ObjectView o = link_.objects[object].object;
  auto report = [&](DiagnosticId id, const std::string& old_type, const std::string& new_type) {
    link_.diagnostics().report(
        id, {name(existing), old_type, link_.file_of(s.object), new_type, link_.file_of(object)});
  };
  // The types of what is there: an object's definition or import, or the linker's own.
  ObjectView old_object = s.object ? link_.objects[s.object].object : ObjectView();
  const SymbolRow* old_row = old_object ? &old_object.symbols()[s.row] : nullptr;
  auto import_of = [](ObjectView in, const SymbolRow& r) -> const ImportRow& {
    return in.imports()[r.import];
  };

  if (row.kind == SymbolKind::Global) {
    auto type_in = [&](ObjectView in, const SymbolRow& r) {
      if (r.is_undefined())
        return GlobalType{static_cast<ValueType>(import_of(in, r).value_type),
                          import_of(in, r).is_mutable != 0};
      const GlobalRow& g = in.globals()[r.element];
      return GlobalType{static_cast<ValueType>(g.type), g.is_mutable != 0};
    };
    GlobalType new_type = type_in(o, row);
    GlobalType old_type = new_type;
    if (old_row)
      old_type = type_in(old_object, *old_row);
    else if (s.entity.is_synthetic() && !s.entity.is_none())
      old_type = link_.synthetic_globals[s.entity.row()].type;
    if (old_type == new_type) return true;
    report(DiagnosticId::global_type_mismatch, global_type_text(old_type), global_type_text(new_type));
    return false;
  }
  if (row.kind == SymbolKind::Table && old_row) {
    auto element_in = [&](ObjectView in, const SymbolRow& r) {
      return static_cast<ValueType>(r.is_undefined() ? import_of(in, r).value_type
                                                     : in.tables()[r.element].element);
    };
    ValueType old_type = element_in(old_object, *old_row), new_type = element_in(o, row);
    if (old_type == new_type) return true;
    report(DiagnosticId::table_type_mismatch, std::string(value_type_text(old_type)),
           std::string(value_type_text(new_type)));
    return false;
  }
  if (row.kind == SymbolKind::Tag && s.signature != signature_of(object, row)) {
    auto text = [&](SignatureId id) { return signature_text(link_.session.signatures.bytes(id)); };
    report(DiagnosticId::tag_signature_mismatch, text(s.signature), text(signature_of(object, row)));
  }
  return true;
}

bool Resolver::should_replace(const Symbol& existing, LinkObjectId object, uint32_t flags) {
  if (!existing.is_defined()) return true;
  if ((flags & binding_mask) == binding_weak) return false; // the first weak one stays, a strong one as well
  if (existing.is_weak() || existing.is_shared()) return true;
  if (link_.options.allow_multiple_definition) return false;
  link_.diagnostics().report_as(link_.options.noinhibit_exec ? Severity::Warning : Severity::Error,
                                DiagnosticId::duplicate_symbol,
                                {Argument::symbol(link_.session.strings.text(existing.name)),
                                 link_.file_of(existing.object), link_.file_of(object)});
  return true;
}

// The variant of a name that has this signature; true when it was made now.
bool Resolver::function_variant(SymbolId existing, SignatureId signature, SymbolId& variant) {
  return variant_of(link_, existing, signature, variant);
}

SymbolId Resolver::add_defined(LinkObjectId object, const SymbolRow& row, uint32_t row_index) {
  bool inserted;
  SymbolId id = link_.insert_name(row.name, inserted);
  Symbol& s = link_.symbols[id];
  s.used_in_object = true;
  if (inserted || s.is_lazy()) {
    set_defined(id, object, row, row_index);
    return id;
  }
  if (!check_type(id, object, row) && row.kind == SymbolKind::Function) return id;

  if (row.kind == SymbolKind::Function) {
    SignatureId signature = signature_of(object, row);
    bool check = !s.is_undefined() || s.called_directly;
    if (check && s.signature && s.signature != signature) {
      SymbolId variant;
      bool made = function_variant(id, signature, variant);
      if (made || should_replace(link_.symbols[id], object, row.flags))
        set_defined(variant, object, row, row_index);
      // The variant that is defined is what the name means from now on.
      link_.symbol_order[link_.position_of_name[row.name.row]] = variant;
      return variant;
    }
  }
  if (should_replace(link_.symbols[id], object, row.flags)) set_defined(id, object, row, row_index);
  return id;
}

// Two references to one name: import attributes must agree, and the stronger binding wins.
void Resolver::merge_undefined(SymbolId existing, LinkObjectId object, const SymbolRow& row) {
  Symbol& s = link_.symbols[existing];
  if (row.kind != SymbolKind::Data && row.import != none32) {
    const ImportRow& import = link_.objects[object].object.imports()[row.import];
    auto agree = [&](StringId& mine, StringId theirs, DiagnosticId id) {
      if (!mine) mine = theirs;
      if (mine == theirs) return;
      link_.diagnostics().report(id,
                                 {name(existing), link_.session.strings.text(mine), link_.file_of(s.object),
                                  link_.session.strings.text(theirs), link_.file_of(object)});
    };
    if (row.flags & explicit_name) agree(s.import_name, import.field, DiagnosticId::import_name_mismatch);
    agree(s.import_module, import.module, DiagnosticId::import_module_mismatch);
  }
  uint32_t binding = row.flags & binding_mask;
  if (s.is_weak() && binding != binding_weak) s.flags = (s.flags & ~binding_mask) | binding;
  s.flags |= row.flags & no_strip;
}

void Resolver::add_undefined_function(SymbolId& id, LinkObjectId object, const SymbolRow& row,
                                      uint32_t row_index) {
  Symbol& s = link_.symbols[id];
  if (s.kind != SymbolKind::Function) {
    report_kinds(id, object, SymbolKind::Function);
    return;
  }
  SignatureId signature = signature_of(object, row);
  if (!s.signature) s.signature = signature;
  SymbolId existing = s.is_undefined() ? id : SymbolId();
  if (row.called_directly && s.signature != signature) {
    // A reference that only took the address gives way to the one that calls; otherwise each signature gets
    // its own.
    if (existing && !s.called_directly)
      set_undefined(id, object, row, row_index);
    else if (function_variant(id, signature, id))
      set_undefined(id, object, row, row_index);
  }
  if (existing) {
    merge_undefined(existing, object, row);
    if (row.called_directly) link_.symbols[existing].called_directly = true;
  }
}

SymbolId Resolver::add_undefined(LinkObjectId object, const SymbolRow& row, uint32_t row_index) {
  bool inserted;
  SymbolId id = link_.insert_name(row.name, inserted);
  Symbol& s = link_.symbols[id];
  s.used_in_object = true;
  if (s.traced)
    link_.diagnostics().report(DiagnosticId::trace_reference, {std::string(link_.name_of(id))},
                               link_.location_of(object));
  if (inserted) {
    set_undefined(id, object, row, row_index);
  } else if (s.is_lazy()) {
    bool function = row.kind == SymbolKind::Function;
    if (row.is_weak() && (function || row.kind == SymbolKind::Data)) {
      // A weak reference extracts nothing, but what it wants is remembered.
      s.flags = (s.flags & ~binding_mask) | binding_weak;
      s.kind = row.kind;
      s.object = object;
      s.row = row_index;
      if (function) {
        s.signature = signature_of(object, row);
        s.called_directly = row.called_directly;
      }
    } else {
      extract(id, link_.file_of(object));
    }
  } else if (row.kind == SymbolKind::Function) {
    add_undefined_function(id, object, row, row_index);
  } else if (s.is_defined()) {
    check_type(id, object, row);
  } else if (s.kind != row.kind) {
    report_kinds(id, object, row.kind);
  } else {
    merge_undefined(id, object, row);
  }
  return id;
}

void Resolver::add_lazy(StringId name, InputId input, uint32_t member) {
  bool inserted;
  SymbolId id = link_.insert_name(name, inserted);
  Symbol& s = link_.symbols[id];
  if (!inserted && !s.is_undefined()) return;
  if (!inserted && !s.is_weak()) {
    extract(input, member, link_.file_of(s.object), id);
    return;
  }
  SymbolKind kind = s.kind;
  SignatureId signature = s.signature;
  LinkObjectId object = s.object;
  uint32_t row = s.row;
  bool weak = !inserted, called = s.called_directly;
  reset(s, SymbolState::Lazy, weak ? binding_weak : 0);
  if (weak) {
    s.kind = kind;
    if (kind == SymbolKind::Function) s.signature = signature;
    s.called_directly = called;
    s.object = object;
    s.row = row;
  }
  s.lazy_input = input;
  s.lazy_member = member;
  trace(id);
}

void Resolver::extract(InputId input, uint32_t member, std::string reference, SymbolId reason) {
  if (is_extracted(input, member)) return;
  extracted_[unit_of(input, member)] = true;
  ObjectId object =
      member == none32 ? link_.session.inputs[input].object : link_.session.member_object(input, member);
  if (object) add_object(object, std::move(reference), reason);
}

void Resolver::add_object(ObjectId id, std::string reference, SymbolId reason) {
  const ObjectEntry& entry = link_.session.objects[id];
  const Input& input = link_.session.inputs[entry.input];
  ObjectView o = entry.object.view();
  Location where = link_.session.location_of(entry.input, entry.member);
  if (o.header().is_64 != link_.is_64) {
    // One of the other kind makes every type that they share mismatch: said once, and not linked.
    if (!wrong_pointer_size_)
      link_.diagnostics().report(link_.is_64 ? DiagnosticId::wasm32_in_wasm64 : DiagnosticId::wasm64_in_wasm32, {},
                                 where);
    wrong_pointer_size_ = true;
    return;
  }
  if (link_.options.trace) link_.diagnostics().report(DiagnosticId::trace_file, {display_file(where)}, where);

  LinkObject row;
  row.id = id;
  row.input = entry.input;
  row.member = entry.member;
  row.object = entry.object.view();
  row.bytes = entry.bytes;
  row.live = entry.member == none32 || input.flags.whole_archive;
  auto begin = [](auto& column, size_t count, auto value) {
    auto base = static_cast<uint32_t>(column.size());
    column.resize(base + count, value);
    return base;
  };
  uint8_t state = link_.options.gc() ? uint8_t{0} : entity_state::live;
  row.symbols = begin(link_.bound, o.symbols().size(), SymbolId());
  row.functions = begin(link_.function_state, o.functions().size(), state);
  row.segments = begin(link_.segment_state, o.segments().size(), state);
  row.globals = begin(link_.global_state, o.globals().size(), state);
  row.tags = begin(link_.tag_state, o.tags().size(), state);
  row.tables = begin(link_.table_state, o.tables().size(), state);
  row.custom_sections = begin(link_.custom_state, o.custom_sections().size(), state);
  row.types = begin(link_.type_used, o.types().size(), uint8_t{0});

  // A comdat group is kept from the first object that has it; later ones lose what is in theirs.
  if (!o.comdats().empty()) {
    std::vector<bool> kept;
    if (link_.comdat_owner.size() < link_.session.strings.size())
      link_.comdat_owner.resize(link_.session.strings.size());
    LinkObjectId self(link_.objects.size());
    for (const ComdatRow& comdat : o.comdats()) {
      LinkObjectId& owner = link_.comdat_owner[comdat.name.row];
      kept.push_back(!owner);
      if (!owner) owner = self;
    }
    // Without garbage collection wasm-ld writes what was discarded all the same, though nothing can refer to
    // it.
    uint8_t discarded = entity_state::discarded;
    if (link_.options.like_lld()) discarded |= state;
    auto discard = [&](std::vector<uint8_t>& column, uint32_t base, auto rows) {
      for (const auto& r : rows) {
        if (r.comdat != none32 && !kept[r.comdat]) column[base] = discarded;
        base++;
      }
    };
    discard(link_.function_state, row.functions, o.functions());
    discard(link_.segment_state, row.segments, o.segments());
    discard(link_.custom_state, row.custom_sections, o.custom_sections());
  }
  if (o.header().has_legacy_table) link_.has_legacy_table = true;

  Frame frame;
  frame.object = link_.objects.add(row);
  frame.reference = std::move(reference);
  frame.reason = reason;
  frames_.push_back(std::move(frame));
}

// Reads the object's symbols until it is done (true) or another object must be read first.
bool Resolver::resume(size_t depth) {
  LinkObjectId object = frames_[depth].object;
  const LinkObject& row = link_.objects[object];
  ObjectView o = row.object;
  uint32_t base = row.symbols, functions = row.functions, segments = row.segments;
  auto symbols = o.symbols();
  uint32_t next = frames_[depth].next;
  while (next < symbols.size()) {
    const SymbolRow& symbol = symbols[next];
    uint32_t index = next++;
    frames_[depth].next = next;
    if (symbol.is_local()) continue; // means itself
    bool defined = !symbol.is_undefined();
    if (defined && symbol.kind == SymbolKind::Function)
      defined = !(link_.function_state[functions + symbol.element] & entity_state::discarded);
    else if (defined && symbol.kind == SymbolKind::Data && symbol.element != none32)
      defined = !(link_.segment_state[segments + symbol.element] & entity_state::discarded);
    // Extraction grows the column, so the element is named after it.
    SymbolId meaning = defined ? add_defined(object, symbol, index) : add_undefined(object, symbol, index);
    link_.bound[base + index] = meaning;
    if (frames_.size() > depth + 1) return false;
  }
  if (o.header().has_legacy_table) link_.mark(link_.bound[base + symbols.size() - 1]);
  link_.object_order.push_back(object);
  return true;
}

// Offers the names that the input's members define, member by member; true when all are offered.
bool Resolver::offer_next(size_t depth) {
  while (true) {
    Frame frame = frames_[depth];
    const Input& input = link_.session.inputs[frame.input];
    bool archive = input.kind == InputKind::Archive;
    if (archive && frame.member >= input.archive.members.size()) return true;
    uint32_t member = archive ? frame.member : none32;
    auto next_member = [&] {
      frames_[depth].member++;
      frames_[depth].next = 0;
    };
    if (archive && input.archive.members[member].kind != FileKind::WasmModule) {
      next_member();
      continue;
    }
    if (archive && input.archive.members[member].symbols.count) {
      RowRange names = input.archive.members[member].symbols;
      for (uint32_t i = frame.next; i < names.count && !is_extracted(frame.input, member); i++) {
        frames_[depth].next = i + 1;
        add_lazy(input.archive.symbols[names.first + i], frame.input, member);
        if (frames_.size() > depth + 1) return false;
      }
    } else {
      ObjectId id = archive ? link_.session.member_object(frame.input, member) : input.object;
      if (id) {
        auto symbols = link_.session.objects[id].object.symbols();
        for (uint32_t i = frame.next; i < symbols.size() && !is_extracted(frame.input, member); i++) {
          frames_[depth].next = i + 1;
          if (symbols[i].is_undefined() || symbols[i].is_local()) continue;
          add_lazy(symbols[i].name, frame.input, member);
          if (frames_.size() > depth + 1) return false;
        }
      }
    }
    if (!archive) return true;
    next_member();
  }
}

void Resolver::run() {
  while (!frames_.empty()) {
    size_t depth = frames_.size() - 1;
    bool reads = frames_[depth].kind == Frame::ReadObject;
    if (!(reads ? resume(depth) : offer_next(depth))) continue;
    if (reads && frames_[depth].reason)
      link_.why_extract.push_back({std::move(frames_[depth].reference), frames_[depth].reason});
    frames_.pop_back();
  }
}

void Resolver::add_inputs() {
  // Members that cannot be linked are named before anything else happens.
  for (uint32_t i = 0; i < link_.session.inputs.size(); i++) {
    const Input& input = link_.session.inputs[InputId(i)];
    if (input.kind != InputKind::Archive) continue;
    for (const ArchiveMember& member : input.archive.members) {
      if (member.kind == FileKind::WasmModule || member.name == "lib.rmeta") continue; // rustc's metadata
      link_.diagnostics().report(DiagnosticId::archive_member_not_wasm,
                                 {member.name, describe_file_kind(member.kind)},
                                 link_.session.location_of(InputId(i)));
    }
  }
  for (uint32_t i = 0; i < link_.session.inputs.size(); i++) {
    InputId id(i);
    const Input& input = link_.session.inputs[id];
    if (input.kind == InputKind::StubLibrary) continue;
    if (input.kind == InputKind::Object && !input.flags.lazy) {
      extracted_[unit_of(id, none32)] = true;
      add_object(input.object, {}, {});
    } else if (input.kind == InputKind::Archive && input.flags.whole_archive) {
      for (uint32_t m = 0; m < input.archive.members.size(); m++) {
        if (input.archive.members[m].kind != FileKind::WasmModule) continue;
        extract(id, m, {}, {});
        run();
      }
    } else {
      Frame frame;
      frame.kind = Frame::OfferMembers;
      frame.input = id;
      frame.member = input.kind == InputKind::Archive ? 0 : none32;
      frames_.push_back(frame);
    }
    run();
  }
}

// For -u, --export and --entry: what the name means, extracted when it is lazy. None when nobody mentions it.
SymbolId Resolver::require(std::string_view name, const char* option) {
  SymbolId id = link_.find(name);
  if (!id) return {};
  link_.symbols[id].used_in_object = true;
  if (link_.symbols[id].is_lazy()) {
    extract(id, option);
    run();
  }
  return link_.find(name);
}

// A reference that no object makes: the `__wrap_` and `__real_` names of --wrap.
SymbolId Resolver::require_function(std::string_view name) {
  bool inserted;
  SymbolId id = link_.insert_name(link_.intern(name), inserted);
  Symbol& s = link_.symbols[id];
  s.used_in_object = true;
  if (inserted) {
    reset(s, SymbolState::Undefined, undefined);
    s.used_in_object = true;
  } else if (s.is_lazy()) {
    extract(id, "<internal>");
    run();
  } else if (s.kind != SymbolKind::Function) {
    report_kinds(id, {}, SymbolKind::Function);
  } else if (s.is_undefined() && s.is_weak()) {
    s.flags &= ~binding_mask;
  }
  return id;
}

// A name that a stub library lists may stay undefined; what it depends on must then be defined and exported.
// Extracting a dependency can leave further listed names undefined, so this repeats until nothing is
// extracted.
void Resolver::process_stub_libraries() {
  bool extracted = true;
  while (extracted) {
    extracted = false;
    for (uint32_t i = 0; i < link_.session.inputs.size(); i++) {
      InputId input_id(i);
      const Input& input = link_.session.inputs[input_id];
      if (input.kind != InputKind::StubLibrary) continue;
      const StubLibrary& stub = input.stub;
      Location where = link_.session.location_of(input_id);

      auto import = [&](SymbolId id, RowRange dependencies) {
        if (link_.symbols[id].force_import) return;
        link_.symbols[id].force_import = true;
        for (uint32_t d = 0; d < dependencies.count; d++) {
          StringId dependency = stub.dependencies[dependencies.first + d];
          SymbolId needed = link_.find(dependency);
          if (!needed || link_.symbols[needed].is_undefined()) {
            link_.diagnostics().report(DiagnosticId::stub_dependency_undefined,
                                       {Argument::symbol(link_.session.strings.text(dependency)), name(id)},
                                       where);
            continue;
          }
          link_.symbols[needed].force_export = true;
          if (!link_.symbols[needed].is_lazy()) continue;
          extracted = true;
          extract(needed, display_file(where));
          run();
        }
      };
      for (const StubLibrary::Row& row : stub.rows)
        if (SymbolId id = link_.find(row.name); id && link_.symbols[id].is_undefined())
          import(id, row.dependencies);
      for (size_t position = 0; position < link_.symbol_order.size(); position++) {
        SymbolId id = link_.symbol_order[position];
        const Symbol& s = link_.symbols[id];
        if (!s.is_undefined() || !s.import_name) continue;
        for (const StubLibrary::Row& row : stub.rows)
          if (row.name == s.import_name) {
            import(id, row.dependencies);
            break;
          }
      }
    }
  }
}

} // namespace

bool variant_of(Link& link, SymbolId existing, SignatureId signature, SymbolId& variant) {
  StringId name = link.symbols[existing].name;
  if (name.row >= link.variants_of_name.size())
    link.variants_of_name.resize(link.session.strings.size(), none32);
  uint32_t& row = link.variants_of_name[name.row];
  if (row == none32) {
    row = static_cast<uint32_t>(link.variants.size());
    link.variants.push_back({name, {existing}});
  }
  for (SymbolId id : link.variants[row].symbols)
    if (link.symbols[id].signature == signature) {
      variant = id;
      return false;
    }
  Symbol symbol;
  symbol.name = name;
  symbol.signature = signature;
  symbol.used_in_object = true;
  symbol.referenced = !link.options.gc();
  variant = link.symbols.add(symbol);
  link.variants[row].symbols.push_back(variant);
  return true;
}

void resolve_symbols(Link& link) {
  const Options& o = link.options;
  for (const std::string& name : o.trace_symbols) {
    // Traced names must not appear in the symbol order before an input mentions them.
    StringId id = link.intern(name);
    if (id.row >= link.traced_name.size()) link.traced_name.resize(id.row + 1);
    link.traced_name[id.row] = true;
    if (SymbolId symbol = link.find(id)) link.symbols[symbol].traced = true;
  }
  Resolver resolver(link);
  resolver.add_inputs();
  if (link.failed()) return;

  for (const std::string& name : o.undefined) resolver.require(name, "<internal>");
  for (const std::string& name : o.exports_if_defined) resolver.require(name, "--export");
  for (const std::string& name : o.exports) resolver.require(name, "--export");

  if (!o.relocatable && !o.entry->empty()) {
    SymbolId entry = resolver.require(*o.entry, "--entry");
    if (entry && link.symbols[entry].is_defined()) {
      link.symbols[entry].force_export = true;
      link.entry = entry;
    } else {
      Diagnostic& d =
          link.diagnostics().report(DiagnosticId::entry_not_defined, {Argument::symbol(*o.entry)});
      d.notes = {"link a start file such as crt1-command.o, name another with --entry, or pass --no-entry"};
    }
  }

  // Commands run destructors after each exported function, unless an input calls the constructors by itself.
  StringId ctors_name = link.session.strings.find("__wasm_call_ctors");
  bool ctors_exported =
      ctors_name && ctors_name.row < link.exported_name.size() && link.exported_name[ctors_name.row];
  if (!o.relocatable && !o.shared && !link.symbols[link.known.call_ctors].used_in_object &&
      *o.entry != "__wasm_call_ctors" && !ctors_exported) {
    if (SymbolId dtors = resolver.require("__wasm_call_dtors", "<internal>")) {
      const Symbol& s = link.symbols[dtors];
      if (s.state == SymbolState::Defined && s.kind == SymbolKind::Function) {
        SignatureParts parts = signature_parts(link.session.signatures.bytes(s.signature));
        if (!parts.params.empty() || !parts.results.empty())
          link.diagnostics().report(DiagnosticId::call_dtors_signature);
        link.call_dtors = dtors;
      } else {
        link.diagnostics().report(DiagnosticId::call_dtors_kind);
      }
    }
  }
  if (link.failed()) return;

  std::vector<std::string_view> seen;
  for (const std::string& name : o.wrap) {
    bool again = false;
    for (std::string_view s : seen) again |= s == name;
    seen.push_back(name);
    SymbolId symbol = link.find(name);
    if (again || !symbol) continue;
    SymbolId real = resolver.require_function("__real_" + name);
    SymbolId wrap = resolver.require_function("__wrap_" + name);
    link.symbols[symbol].used_in_object = true;
    link.symbols[wrap].used_in_object = true;
    link.symbols[real].used_in_object = false;
    link.wraps.push_back({symbol, real, wrap});
  }
  if (link.failed()) return;
  resolver.process_stub_libraries();
}

} // namespace weld
