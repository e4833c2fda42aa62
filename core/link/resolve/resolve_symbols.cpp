// Gives every name a meaning. Inputs are read in their order; a strong reference to a name that an archive
// member (or a --start-lib object) defines pulls that object in at once, in the middle of the object that
// referred to it. That order decides which definition wins and how the output is ordered, so it is kept
// exactly: an explicit stack of half-read objects stands for the recursion.
//
// The rules are wasm-ld's: core/link/README.md, "Resolution".
#include "core/link/resolve/resolver.h"
#include "core/wasm/type_text.h"

namespace weld {

using namespace symbol_flag;

void Resolver::extract(InputId input, uint32_t member, std::string reference, SymbolId reason) {
  if (is_extracted(input, member)) return;
  extracted_[unit_of(input, member)] = true;
  ObjectId object =
      member == none32 ? link_.store.inputs[input].object : link_.store.member_object(input, member);
  if (object) add_object(object, std::move(reference), reason);
}

// As wasm-ld does, for each member twice: when its names are offered, and when it is linked.
void Resolver::say_processing(InputId input, uint32_t member) {
  if (link_.options.verbose)
    link_.diagnostics().report(DiagnosticId::verbose,
                               {"Processing: " + display_file(link_.store.location_of(input, member))});
}

void Resolver::add_object(ObjectId id, std::string reference, SymbolId reason) {
  const ObjectEntry& entry = link_.store.objects[id];
  const Input& input = link_.store.inputs[entry.input];
  ObjectView o = entry.object.view();
  auto where = [&] { return link_.store.location_of(entry.input, entry.member); };
  say_processing(entry.input, entry.member);
  if (!link_.store.check_object(id)) return;
  if (o.header().is_64 != link_.is_64) {
    // One of the other kind makes every type that they share mismatch: said once, and not linked.
    if (!wrong_pointer_size_)
      link_.diagnostics().report(
          link_.is_64 ? DiagnosticId::wasm32_in_wasm64 : DiagnosticId::wasm64_in_wasm32, {}, where());
    wrong_pointer_size_ = true;
    return;
  }
  for (const WarningRow& warning : o.warnings()) {
    Diagnostic& d = link_.diagnostics().report(static_cast<DiagnosticId>(warning.id), {}, where());
    if (warning.argument != none32) d.arguments = {warning.argument};
  }
  if (link_.options.trace)
    link_.diagnostics().report(DiagnosticId::trace_file, {display_file(where())}, where());

  LinkObject row;
  row.id = id;
  row.input = entry.input;
  row.member = entry.member;
  row.object = entry.object.view();
  row.bytes = entry.bytes;
  row.unit = input.unit.get();
  link_.has_units |= row.unit != nullptr;
  row.is_root = entry.member == none32 || input.flags.whole_archive;
  auto begin = [](uint32_t& total, size_t count) {
    const uint32_t base = total;
    total += static_cast<uint32_t>(count);
    return base;
  };
  row.symbol = {static_cast<uint32_t>(link_.bound.size())};
  link_.bound.resize(link_.bound.size() + o.symbols().size());
  row.function.first = begin(link_.functions_total, o.functions().size());
  row.segment.first = begin(link_.segments_total, o.segments().size());
  row.global.first = begin(link_.globals_total, o.globals().size());
  row.tag.first = begin(link_.tags_total, o.tags().size());
  row.table.first = begin(link_.tables_total, o.tables().size());
  row.custom_section.first = begin(link_.custom_sections_total, o.custom_sections().size());
  row.type.first = begin(link_.types_total, o.types().size());

  // A comdat group is kept from the first object that has it; later ones lose what is in theirs.
  if (!o.comdats().empty()) {
    kept_.clear();
    if (link_.comdat_owner.size() < link_.store.strings.size())
      link_.comdat_owner.resize(link_.store.strings.size());
    LinkObjectId self(link_.objects.size());
    for (const ComdatRow& comdat : o.comdats()) {
      LinkObjectId& owner = link_.comdat_owner[comdat.name.row];
      kept_.push_back(!owner);
      if (!owner) owner = self;
    }
    auto discard = [&](auto& column, auto numbered, uint32_t total, auto rows) {
      for (uint32_t i = 0; i < rows.size(); i++) {
        if (rows[i].comdat == none32 || kept_[rows[i].comdat]) continue;
        if (column.size() < total) column.resize(total);
        column[numbered(i)] = true;
      }
    };
    discard(link_.function_discarded, row.function, link_.functions_total, o.functions());
    discard(link_.segment_discarded, row.segment, link_.segments_total, o.segments());
    discard(link_.custom_discarded, row.custom_section, link_.custom_sections_total, o.custom_sections());
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
  const LinkObject row = link_.objects[object]; // adding others moves it
  ObjectView o = row.object;
  auto symbols = o.symbols();
  uint32_t next = frames_[depth].next;
  while (next < symbols.size()) {
    const SymbolRow& symbol = symbols[next];
    uint32_t index = next++;
    frames_[depth].next = next;
    if (symbol.is_local()) continue; // means itself
    bool defined = !symbol.is_undefined();
    if (defined && symbol.kind == SymbolKind::Function)
      defined = !link_.function_is_discarded(row.function(symbol.element));
    else if (defined && symbol.kind == SymbolKind::Data && symbol.element != none32)
      defined = !link_.segment_is_discarded(row.segment(symbol.element));
    // Extraction grows the column, so the element is named after it.
    SymbolId meaning = defined ? add_defined(object, symbol, index) : add_undefined(object, symbol, index);
    link_.bound[row.symbol(index)] = meaning;
    if (frames_.size() > depth + 1) return false;
  }
  if (o.header().has_legacy_table)
    link_.symbols[link_.bound[row.symbol(static_cast<uint32_t>(symbols.size() - 1))]].is_needed = true;
  link_.object_order.push_back(object);
  return true;
}

// Offers the names that the input's members define, member by member; true when all are offered.
bool Resolver::offer_next(size_t depth) {
  while (true) {
    Frame frame = frames_[depth];
    const Input& input = link_.store.inputs[frame.input];
    bool archive = input.kind == InputKind::Archive;
    if (archive && frame.member >= input.archive.members.size()) return true;
    uint32_t member = archive ? frame.member : none32;
    auto next_member = [&] {
      frames_[depth].member++;
      frames_[depth].next = 0;
    };
    bool by_index = archive && trust_indexes_ && input.archive.members[member].symbols.count;
    // Only the index says what bitcode defines: who needs that is told that it cannot be linked.
    if (archive && input.archive.members[member].kind != FileKind::WasmModule &&
        !(by_index && input.archive.members[member].kind == FileKind::Bitcode)) {
      next_member();
      continue;
    }
    if (frame.next == 0 && trust_indexes_) say_processing(frame.input, member);
    if (by_index) {
      RowRange names = input.archive.members[member].symbols;
      for (uint32_t i = frame.next; i < names.count && !is_extracted(frame.input, member); i++) {
        frames_[depth].next = i + 1;
        add_lazy(input.archive.symbols[names.first + i], frame.input, member);
        if (frames_.size() > depth + 1) return false;
      }
    } else {
      ObjectId id = archive ? link_.store.member_object(frame.input, member) : input.object;
      if (id) {
        auto symbols = link_.store.objects[id].object.symbols();
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
    if (reads && frames_[depth].reason && (link_.options.why_extract || link_.options.metafile))
      link_.why_extract.push_back(
          {std::move(frames_[depth].reference), frames_[depth].object, frames_[depth].reason});
    frames_.pop_back();
  }
}

void Resolver::add_inputs() {
  // What cannot be linked is named before anything else happens.
  for (InputId id : link_.store.order()) {
    const Input& input = link_.store.inputs[id];
    if (input.kind == InputKind::SharedLibrary && input.flags.is_static && !link_.options.like_lld_19())
      link_.diagnostics()
          .report(DiagnosticId::static_link_of_shared, {input.path})
          .note("pass -Bdynamic before it, or link with -pie or -shared");
    if (input.kind != InputKind::Archive) continue;
    for (const ArchiveMember& member : input.archive.members) {
      if (member.kind == FileKind::WasmModule || member.name == "lib.rmeta") continue; // rustc's metadata
      Location where = link_.store.location_of(id);
      if (member.kind != FileKind::Bitcode) {
        link_.diagnostics()
            .report(DiagnosticId::archive_member_not_wasm, {member.name, describe_file_kind(member.kind)},
                    where)
            .note(remedy_for_file_kind(member.kind));
      } else if (!member.symbols.count && !input.flags.whole_archive) {
        link_.diagnostics()
            .report(DiagnosticId::archive_member_bitcode, {member.name}, where)
            .note(remedy_for_file_kind(FileKind::Bitcode));
      }
    }
  }
  if (link_.failed()) return;
  for (InputId id : link_.store.order()) {
    const Input& input = link_.store.inputs[id];
    if (input.kind == InputKind::StubLibrary) {
      say_processing(id, none32);
      continue;
    }
    if (input.kind == InputKind::SharedLibrary) {
      say_processing(id, none32);
      add_library(id);
      continue;
    }
    if (input.kind == InputKind::Object && !input.flags.lazy) {
      extracted_[unit_of(id, none32)] = true;
      add_object(input.object, {}, {});
    } else if (input.kind == InputKind::Archive && input.flags.whole_archive) {
      for (uint32_t m = 0; m < input.archive.members.size(); m++) {
        FileKind kind = input.archive.members[m].kind;
        if (kind != FileKind::WasmModule && kind != FileKind::Bitcode) continue;
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
  distrust_indexes();
}

void Resolver::add_library(InputId id) {
  const Input& input = link_.store.inputs[id];
  if (input.shared.is_64 && !link_.is_64) {
    link_.diagnostics().report(DiagnosticId::wasm64_in_wasm32, {}, link_.store.location_of(id));
    return;
  }
  for (const SharedLibrary::Row& row : input.shared.rows)
    if (row.kind != SymbolKind::Tag || !link_.options.like_lld_19()) add_shared(id, row);
  link_.libraries.push_back(id);
}

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
    report_kinds(id, "<internal>", SymbolKind::Function);
  } else if (s.is_undefined() && s.is_weak()) {
    s.flags &= ~binding_mask;
  }
  return id;
}

// An archive's index is believed until a name stays undefined: before that becomes an error, what the members
// of the archives really define is offered.
void Resolver::distrust_indexes() {
  if (link_.options.unresolved != UnresolvedPolicy::Error || link_.options.import_undefined) return;
  bool missing = false;
  for (SymbolId id : link_.symbol_order) {
    const Symbol& s = link_.symbols[id];
    bool unsatisfied = (s.is_undefined() || (s.is_lazy() && is_extracted(s.input, s.member))) && !s.is_weak();
    bool data_or_code = s.kind == SymbolKind::Function || s.kind == SymbolKind::Data;
    missing |= unsatisfied && data_or_code && s.used_in_object && !s.import_name && !s.force_import &&
               !is_defined_by_linker(link_.name_of(id));
  }
  if (!missing) return;
  trust_indexes_ = false;
  for (InputId id : link_.store.order()) {
    const Input& input = link_.store.inputs[id];
    if (input.kind != InputKind::Archive || !input.archive.has_index) continue;
    Frame frame;
    frame.kind = Frame::OfferMembers;
    frame.input = id;
    frames_.push_back(frame);
    run();
  }
}

// A name that a stub library lists may stay undefined; what it depends on must then be defined and exported.
// Extracting a dependency can leave further listed names undefined, so this repeats until nothing is
// extracted.
void Resolver::process_stub_libraries() {
  bool extracted = true;
  while (extracted) {
    extracted = false;
    for (InputId input_id : link_.store.order()) {
      const Input& input = link_.store.inputs[input_id];
      if (input.kind != InputKind::StubLibrary) continue;
      const StubLibrary& stub = input.stub;
      Location where = link_.store.location_of(input_id);

      auto import = [&](SymbolId id, RowRange dependencies) {
        if (link_.symbols[id].force_import) return;
        link_.symbols[id].force_import = true;
        for (uint32_t d = 0; d < dependencies.count; d++) {
          StringId dependency = stub.dependencies[dependencies.first + d];
          SymbolId needed = link_.find(dependency);
          // Names of the linker's own are defined when all inputs are read; in a library they are the program's.
          std::string_view text = link_.store.strings.text(dependency);
          if ((!needed || link_.symbols[needed].is_undefined()) && !link_.options.like_lld() &&
              is_layout_name(text) && (link_.options.is_pic() || is_defined_by_linker(text))) {
            bool inserted;
            if (!link_.options.is_pic())
              link_.symbols[link_.insert_name(dependency, inserted)].force_export = true;
            continue;
          }
          if (!needed || link_.symbols[needed].is_undefined()) {
            link_.diagnostics().report(DiagnosticId::stub_dependency_undefined,
                                       {Argument::symbol(link_.store.strings.text(dependency)), name(id)},
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

void resolve_symbols(Resolved& link) {
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
      const uint32_t errors = link.diagnostics().error_count();
      link.diagnostics()
          .report(DiagnosticId::entry_not_defined, {Argument::symbol(*o.entry)})
          .note("link a start file such as crt1-command.o, name another with --entry, or pass --no-entry");
      // What is undefined is reported as well. wasm-ld stops here.
      if (!o.like_lld()) link.excused_errors += link.diagnostics().error_count() - errors;
    }
  }

  // Commands run destructors after each exported function, unless an input calls the constructors by itself.
  StringId ctors_name = link.store.strings.find("__wasm_call_ctors");
  const bool ctors_exported = ctors_name && link.is_named_by_export(ctors_name);
  if (!o.relocatable && !o.shared && !link.symbols[link.known.call_ctors].used_in_object &&
      *o.entry != "__wasm_call_ctors" && !ctors_exported) {
    if (SymbolId dtors = resolver.require("__wasm_call_dtors", "<internal>")) {
      const Symbol& s = link.symbols[dtors];
      if (s.state == SymbolState::Defined && s.kind == SymbolKind::Function) {
        SignatureParts parts = signature_parts(link.store.signatures, s.signature);
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
