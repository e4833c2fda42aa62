// Decides the output's sections and their sizes. Everything but code, data and custom sections is small and
// encoded here; for those only what precedes their contents is.
#include "core/link/write/compress_code.h"
#include "core/link/write/output_plan.h"
#include "core/link/write/reloc_value.h"
#include "core/wasm/import_entries.h"

#include <algorithm>

namespace weld {

namespace {

class Planner {
public:
  Planner(const Link& link, Output& output, OutputPlan& plan)
      : link_(link), output_(output), plan_(plan), out_(plan.encoded) {}

  void run() {
    if (link_.pack_data) output_.first_passive_data = static_cast<uint32_t>(link_.data_runs.size());
    else
      for (const OutSegment& segment : link_.segments) output_.first_passive_data += link_.in_binary(segment);
    find_initial_elements();
    dylink();
    types();
    imports();
    functions();
    tables();
    memory();
    tags();
    globals();
    exports();
    start();
    elements();
    data_count();
    if (!link_.options.like_lld()) encode_hints(link_, plan_);
    code();
    data();
    for (OutCustomId id(0); id.row < link_.custom_sections.size(); id.row++) custom(id);
    if (link_.options.relocatable || link_.options.emit_relocs) encode_linking(link_, plan_);
    encode_metadata(link_, plan_);

    uint64_t end = 8; // magic and version
    for (OutSection& section : plan_.sections) {
      end += 1 + uleb_size(section.payload_size);
      section.offset = end;
      end += section.payload_size;
    }
    plan_.size = end;
    if (link_.options.separate_debug) place_debug_sections();
    if (end > ~0u) link_.diagnostics().report(DiagnosticId::unsupported, {"an output of 4 GiB or more"});
  }

  void run(SectionKind section) {
    switch (section) {
    case SectionKind::Type: return types();
    case SectionKind::Function: return functions();
    case SectionKind::Table: return tables();
    case SectionKind::Export: return exports();
    case SectionKind::Elem: return elements();
    default: return;
    }
  }

private:
  std::string_view text(StringId id) const { return link_.store.strings.text(id); }
  void named(std::string_view name) { out_.name(name); }

  // A type, an import, ... is encoded next.
  void begin_entry() {
    if (link_.options.metafile || link_.options.validate)
      plan_.entries.push_back(static_cast<uint32_t>(out_.size()));
  }

  void limits(const Limits& l) {
    out_.u8(l.flags);
    out_.uleb(l.minimum);
    if (l.flags & limits_has_max) out_.uleb(l.maximum);
    if (l.flags & limits_has_page_size) out_.uleb(l.page_size_log2);
  }

  void global_type(GlobalType type) {
    encode_value_type(link_, type.type, out_);
    out_.u8(type.is_mutable);
  }

  void constant(uint64_t value) {
    out_.u8(link_.is_64 ? opcode::i64_const : opcode::i32_const);
    out_.sleb(link_.is_64 ? static_cast<int64_t>(value) : static_cast<int32_t>(value));
    out_.u8(opcode::end);
  }

  // A constant expression for a place in memory or in the table. Position-independent code adds what the
  // loader chose, which without extended-const must be all.
  void address_expression(uint64_t value, SymbolId base) {
    if (!link_.options.is_pic()) return constant(value);
    out_.u8(opcode::global_get);
    out_.uleb(link_.global_index_of(base));
    if (value && link_.extended_const) {
      out_.u8(link_.is_64 ? opcode::i64_const : opcode::i32_const);
      out_.sleb(link_.is_64 ? static_cast<int64_t>(value) : static_cast<int32_t>(value));
      out_.u8(link_.is_64 ? opcode::i64_add : opcode::i32_add);
    }
    out_.u8(opcode::end);
  }

  // What a dynamic loader must know before it instantiates the module: DynamicLinking.md.
  void dylink() {
    const Options& o = link_.options;
    if (o.relocatable || !link_.is_dynamic()) return;
    size_t begin = out_.size();
    named("dylink.0");
    out_.subsection(DylinkSubsection::MemInfo, [&] {
      out_.uleb(o.is_pic() ? link_.static_data_size : 0);
      out_.uleb(link_.data_p2align);
      out_.uleb(link_.table_functions.size());
      out_.uleb(0); // alignment of the table
    });
    if (!link_.libraries.empty())
      out_.subsection(DylinkSubsection::Needed, [&] {
        out_.uleb(link_.libraries.size());
        for (InputId id : link_.libraries) named(base_name(link_.store.inputs[id].path));
      });
    Vector<SymbolId> exports, imports;
    for (SymbolId id : link_.symbol_order) {
      const Symbol& s = link_.symbols[id];
      if (!link_.is_live(id)) continue;
      if (link_.is_exported(id) && s.is_tls() && s.kind == SymbolKind::Data) exports.push_back(id);
      if (s.is_undefined_weak()) imports.push_back(id);
    }
    if (!exports.empty())
      out_.subsection(DylinkSubsection::ExportInfo, [&] {
        out_.uleb(exports.size());
        for (SymbolId id : exports) {
          named(link_.name_of(id));
          out_.uleb(link_.symbols[id].flags);
        }
      });
    if (!imports.empty())
      out_.subsection(DylinkSubsection::ImportInfo, [&] {
        out_.uleb(imports.size());
        for (SymbolId id : imports) {
          const Symbol& s = link_.symbols[id];
          named(s.import_module ? text(s.import_module) : default_module);
          named(text(s.import_name ? s.import_name : s.name));
          out_.uleb(s.flags);
        }
      });
    if (!o.runtime_paths.empty())
      out_.subsection(DylinkSubsection::RuntimePath, [&] {
        out_.uleb(o.runtime_paths.size());
        for (const std::string& path : o.runtime_paths) named(path);
      });
    plan_.add(SectionKind::Custom, begin);
  }

  // A block of thread-local data is made from its segment for each thread.
  bool is_passive(const OutSegment& segment) const {
    return link_.options.shared_memory || (link_.options.cooperative_threading && segment.is_tls);
  }

  size_t data_segments() const { return link_.first_passive_data + link_.passive_data.size(); }

  // Needed where code names segments.
  void data_count() {
    const bool has_passive =
        std::any_of(link_.segments.begin(), link_.segments.end(),
                    [&](const OutSegment& s) { return link_.in_binary(s) && is_passive(s); });
    if (!has_passive && link_.passive_data.empty()) return;
    size_t begin = out_.size();
    out_.uleb(data_segments());
    plan_.add(SectionKind::DataCount, begin);
  }

  void types() {
    if (link_.types.empty()) return;
    size_t begin = out_.size();
    out_.uleb(count_type_entries(link_));
    for (SignatureId id : link_.types) {
      begin_entry();
      encode_type(link_, id, out_);
    }
    plan_.add(SectionKind::Type, begin);
  }

  std::string_view module_of(SymbolId import) const {
    const Symbol& s = link_.symbols[import];
    return s.import_module ? text(s.import_module) : default_module;
  }

  // How many imports of one module follow each other: with the feature compact-imports, they name it once.
  Vector<uint32_t> import_runs() const {
    Vector<uint32_t> runs;
    const StringId feature = link_.intern("compact-imports");
    const bool is_compact =
        link_.options.after_lld_22() &&
        std::find(link_.features.begin(), link_.features.end(), feature) != link_.features.end();
    std::string_view last;
    auto add = [&](std::string_view module) {
      if (is_compact && !runs.empty() && module == last) runs.back()++;
      else runs.push_back(1);
      last = module;
    };
    if (link_.options.import_memory) add(link_.options.import_memory->first);
    for (SymbolId id : link_.imports) add(module_of(id));
    for (SymbolId id : link_.got_imports) add(got_module(link_.symbols[id]));
    return runs;
  }

  void import_names(std::string_view module, std::string_view name) {
    begin_entry();
    if (imports_left_ == 0) {
      named(module);
      imports_left_ = import_runs_[import_run_++];
      if (imports_left_ > 1) {
        named({});
        out_.u8(compact_module);
        out_.uleb(imports_left_);
      }
    }
    imports_left_--;
    named(name);
  }

  void imports() {
    const auto& memory = link_.options.import_memory;
    import_runs_ = import_runs();
    if (import_runs_.empty()) return;
    size_t begin = out_.size();
    out_.uleb(import_runs_.size());
    if (memory) {
      import_names(memory->first, memory->second);
      out_.u8(static_cast<uint8_t>(ExternalKind::Memory));
      limits(memory_limits(link_));
    }
    for (SymbolId id : link_.imports) {
      const Symbol& s = link_.symbols[id];
      import_names(module_of(id), text(s.import_name ? s.import_name : s.name));
      switch (s.kind) {
      case SymbolKind::Function:
        out_.u8(static_cast<uint8_t>(ExternalKind::Function));
        out_.uleb(link_.type_of_signature[s.signature.row]);
        break;
      case SymbolKind::Global:
        out_.u8(static_cast<uint8_t>(ExternalKind::Global));
        global_type(global_type_of(link_, s));
        break;
      case SymbolKind::Tag:
        out_.u8(static_cast<uint8_t>(ExternalKind::Tag));
        out_.u8(0); // attribute: an exception
        out_.uleb(link_.type_of_signature[s.signature.row]);
        break;
      default: {
        TableType type = table_type_of(link_, s);
        if (id == link_.indirect_table) type.limits = link_.table_limits;
        const bool is_memory = type.element == ValueType::Memory;
        out_.u8(static_cast<uint8_t>(is_memory ? ExternalKind::Memory : ExternalKind::Table));
        if (!is_memory) encode_value_type(link_, type.element, out_);
        limits(type.limits);
      }
      }
    }
    for (SymbolId id : link_.got_imports) {
      import_names(got_module(link_.symbols[id]), link_.name_of(id));
      out_.u8(static_cast<uint8_t>(ExternalKind::Global));
      global_type({link_.is_64 ? ValueType::I64 : ValueType::I32, true});
    }
    plan_.add(SectionKind::Import, begin);
  }

  void functions() {
    if (link_.functions.empty()) return;
    size_t begin = out_.size();
    out_.uleb(link_.functions.size());
    for (const OutFunction& f : link_.functions) {
      begin_entry();
      out_.uleb(link_.type_of_signature[link_.signature_of(f).row]);
    }
    plan_.add(SectionKind::Function, begin);
  }

  void tables() {
    if (link_.tables.empty()) return;
    size_t begin = out_.size();
    out_.uleb(link_.tables.size());
    for (const OutTable& t : link_.tables) {
      begin_entry();
      if (!t.object) {
        out_.u8(static_cast<uint8_t>(ValueType::FuncRef));
        limits(link_.table_limits);
      } else {
        const LinkObject& o = link_.objects[t.object];
        const TableRow& row = o.object.tables()[o.table.local(t.table.id())];
        encode_value_type(link_, row.element, out_);
        limits(row.limits());
      }
    }
    plan_.add(SectionKind::Table, begin);
  }

  void memory() {
    const bool is_own = !link_.options.import_memory;
    if (!is_own && link_.memories.empty()) return;
    size_t begin = out_.size();
    out_.uleb(is_own + link_.memories.size());
    if (is_own) limits(memory_limits(link_));
    for (const OutTable& t : link_.memories) {
      begin_entry();
      const LinkObject& o = link_.objects[t.object];
      limits(o.object.tables()[o.table.local(t.table.id())].limits());
    }
    plan_.add(SectionKind::Memory, begin);
  }

  void tags() {
    if (link_.tags.empty()) return;
    size_t begin = out_.size();
    out_.uleb(link_.tags.size());
    for (const OutTag& t : link_.tags) {
      begin_entry();
      out_.u8(0);
      out_.uleb(link_.type_of_signature[link_.signature_of(t).row]);
    }
    plan_.add(SectionKind::Tag, begin);
  }

  // A global's constant is encoded again, so that padding does not stay.
  void object_global(const OutGlobal& g) {
    const LinkObject& o = link_.objects[g.object];
    const GlobalRow& row = o.object.globals()[o.global.local(g.global.id())];
    global_type({row.type, row.is_mutable != 0});
    if (row.relocs.count) return encode_initial_value(link_, g, row, out_);
    Bytes init = o.bytes.subspan(row.init.offset, row.init.size);
    uint8_t op = init[0];
    if (op == opcode::global_get || op == opcode::ref_func) {
      Diagnostic& d = link_.diagnostics().report(
          DiagnosticId::unsupported, {"a global that is initialized with another global or a function"},
          link_.location_of(g.object));
      d.location.section = "GLOBAL";
      d.location.offset = row.init.offset;
    }
    if (op != opcode::i32_const && op != opcode::i64_const) {
      out_.append(init);
      return;
    }
    size_t i = 1;
    uint64_t value = 0;
    uint32_t shift = 0;
    uint8_t byte;
    do {
      byte = init[i++];
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      shift += 7;
    } while (byte & 0x80);
    if (shift < 64 && (byte & 0x40)) value |= ~uint64_t{0} << shift;
    if (init[i] != opcode::end) { // an extended constant expression
      out_.append(init);
      return;
    }
    out_.u8(op);
    out_.sleb(static_cast<int64_t>(value));
    out_.u8(opcode::end);
  }

  // The end of 4 GiB has no address of 32 bits.
  void address(SymbolId id, uint64_t value) {
    if (!link_.is_64 && !link_.options.like_lld() && !fits_32(value))
      link_.diagnostics().report(DiagnosticId::address_out_of_range,
                                 {Argument::symbol(link_.name_of(id)), value});
    constant(value);
  }

  // A global that holds an address. Where only the loader knows it, a function sets it before any other code
  // runs.
  void internal_got(SymbolId id) {
    const Symbol& s = link_.symbols[id];
    const Options& o = link_.options;
    const bool is_fixed = weld::is_fixed(link_, id);
    const bool is_null = s.kind == SymbolKind::Function && is_fixed;
    const bool is_tls = s.is_tls() && !link_.has_moved_tls();
    const bool is_constant = o.like_lld() ? is_null : is_fixed;
    const bool is_mutable =
        !is_constant && ((!link_.extended_const && o.is_pic() && !is_tls) || (o.has_threads() && is_tls));
    global_type({link_.is_64 ? ValueType::I64 : ValueType::I32, is_mutable});
    bool function = s.kind == SymbolKind::Function;
    uint64_t value = 0;
    if (function) {
      value = is_null ? 0 : slot_or_null(link_.table_slot_of(id));
    } else if (s.state == SymbolState::Defined) {
      value = link_.address_of(s, !o.has_threads());
    }
    const bool relative = o.is_pic() && link_.extended_const && !is_fixed && !is_tls;
    if (relative) address_expression(value, function ? link_.known.table_base : link_.known.memory_base);
    else address(id, value);
  }

  void globals() {
    size_t count = link_.globals.size() + link_.internal_got.size() + link_.data_address_globals.size() +
                   link_.options.is_live();
    if (!count) return;
    size_t begin = out_.size();
    out_.uleb(count);
    for (const OutGlobal& g : link_.globals) {
      begin_entry();
      if (g.object) {
        object_global(g);
      } else {
        global_type(link_.synthetic_globals[g.global.synthetic()].type);
        const SyntheticGlobalId id = g.global.synthetic();
        const SymbolId tls_base = link_.known.tls_base;
        if (link_.has_moved_tls() && tls_base && link_.symbols[tls_base].global() == g.global)
          address_expression(0, link_.known.memory_base);
        else constant(link_.global_values[id]);
      }
    }
    GlobalType pointer{link_.is_64 ? ValueType::I64 : ValueType::I32, false};
    for (SymbolId id : link_.internal_got) {
      begin_entry();
      internal_got(id);
    }
    for (SymbolId id : link_.data_address_globals) {
      begin_entry();
      global_type(pointer);
      address(id, link_.address_of(link_.symbols[id]));
    }
    if (link_.options.is_live()) { // the state of the program, which patches compare and set
      begin_entry();
      global_type({ValueType::I64, true});
      out_.u8(opcode::i64_const);
      for (int i = 0; i < 9; i++) out_.u8(0x80); // write_live_id writes it when it knows the rest
      out_.u8(0);
      out_.u8(opcode::end);
    }
    plan_.add(SectionKind::Global, begin);
  }

  void exports() {
    if (link_.exports.empty()) return;
    size_t begin = out_.size();
    out_.uleb(link_.exports.size());
    for (const Export& e : link_.exports) {
      begin_entry();
      named(e.name);
      out_.u8(static_cast<uint8_t>(e.kind));
      out_.uleb(e.index);
    }
    plan_.add(SectionKind::Export, begin);
  }

  void start() {
    if (!link_.init.start) return;
    size_t begin = out_.size();
    out_.uleb(link_.function_index_of(link_.init.start));
    plan_.add(SectionKind::Start, begin);
  }

  void elements() {
    const bool fills_table = !link_.table_functions.empty();
    // Units may have `ref.func` of what has a stub, and an engine wants to be told so.
    const bool declares_stubs = link_.has_units && !link_.live_stubs.empty();
    const size_t count = output_.first_passive_elements + link_.passive_elements.size() + declares_stubs;
    if (!count) return;
    size_t begin = out_.size();
    out_.uleb(count);
    if (fills_table) table_elements();
    for (const TableElements& run : link_.initial_elements) own_table_elements(run);
    for (const PassiveSegment& segment : link_.passive_elements) {
      begin_entry();
      const LinkObject& o = link_.objects[segment.object];
      const EncodedRelocs functions = o.object.segments()[o.segment.local(segment.segment)].relocs;
      out_.uleb(1); // passive
      out_.u8(0);   // element kind: functions
      out_.uleb(functions.count);
      for (const RelocRow& reloc : o.relocs(functions))
        out_.uleb(symbol_value(link_, segment.object, reloc.index).value);
    }
    if (declares_stubs) {
      out_.uleb(3); // declarative
      out_.u8(0);   // element kind: functions
      out_.uleb(link_.live_stubs.size());
      for (const LiveStub& stub : link_.live_stubs) out_.uleb(link_.function_index_of(stub.stub));
    }
    plan_.add(SectionKind::Elem, begin);
  }

  void table_elements() {
    const uint32_t table = link_.table_number_of(link_.indirect_table).value;
    out_.uleb(table ? 2 : 0); // active, with a table number when it is not the first
    if (table) out_.uleb(table);
    address_expression(link_.options.table_base, link_.known.table_base);
    if (table) out_.u8(0); // element kind: functions
    out_.uleb(link_.table_functions.size());
    for (size_t i = 0; i < link_.table_functions.size(); i++) {
      begin_entry();
      FunctionEntity function = link_.table_functions[i];
      out_.uleb(function.is_none() ? link_.function_index_of(link_.table_function_symbols[i])
                                   : link_.body_index_of(function));
    }
  }

  // The first slots of a table of an input.
  void own_table_elements(const TableElements& run) {
    begin_entry();
    const LinkObject& o = link_.objects[run.object];
    const TableRow& row = o.object.tables()[o.table.local(run.table)];
    const uint32_t table = link_.table_index[run.table].value;
    const bool is_typed = row.element != ValueType::FuncRef; // functions are expressions then
    out_.uleb(is_typed ? 6 : table ? 2 : 0);
    if (table || is_typed) out_.uleb(table);
    out_.u8(row.limits_flags & limits_is_64 ? opcode::i64_const : opcode::i32_const);
    out_.sleb(run.first);
    out_.u8(opcode::end);
    if (is_typed) encode_value_type(link_, row.element, out_);
    else if (table) out_.u8(0); // element kind: functions
    out_.uleb(run.count);
    for (const RelocRow& reloc : o.relocs(row.relocs)) {
      if (reloc.offset < run.first || reloc.offset - run.first >= run.count) continue;
      if (is_typed) out_.u8(opcode::ref_func);
      out_.uleb(symbol_value(link_, run.object, reloc.index).value);
      if (is_typed) out_.u8(opcode::end);
    }
  }

  // Runs of slots that are next to each other, with the tables' order.
  void find_initial_elements() {
    for (const OutTable& t : link_.tables) {
      if (!t.object) continue;
      const LinkObject& o = link_.objects[t.object];
      const TableRow& row = o.object.tables()[o.table.local(t.table.id())];
      Vector<TableElements>& runs = output_.initial_elements;
      const size_t begin = runs.size();
      for (const RelocRow& reloc : o.relocs(row.relocs)) {
        if (runs.size() == begin || runs.back().first + runs.back().count != reloc.offset)
          runs.push_back({t.object, t.table.id(), reloc.offset, 0});
        runs.back().count++;
      }
      if (runs.size() != begin && (link_.options.relocatable || link_.options.emit_relocs))
        link_.diagnostics().report(DiagnosticId::not_in_objects,
                                   {Argument::symbol(o.text(row.name)), "has initial elements"},
                                   link_.location_of(t.object));
    }
    output_.first_passive_elements =
        static_cast<uint32_t>(output_.initial_elements.size()) + !link_.table_functions.empty();
  }

  void code() {
    output_.function_offset.resize(link_.functions_total);
    output_.synthetic_offset.resize(link_.synthetic_functions.size());
    if (link_.functions.empty()) return;
    size_t begin = out_.size();
    out_.uleb(link_.functions.size());
    uint64_t offset = out_.size() - begin;
    uint64_t head = offset;
    SymbolValues values;
    if (link_.options.compress_relocations || link_.has_units) values = SymbolValues(link_);
    CodeCompressor compressor(link_, values);
    for (const OutFunction& f : link_.functions) {
      auto at = static_cast<uint32_t>(offset);
      if (f.object) {
        const LinkObject& o = link_.objects[f.object];
        const FunctionId id = f.function.id();
        output_.function_offset[id] = at;
        offset += link_.is_encoded_again(o) ? compressor.size(f.object, id)
                                            : o.object.functions()[o.function.local(id)].size;
      } else {
        output_.synthetic_offset[f.function.synthetic()] = at;
        offset += link_.synthetic_bodies[f.function.synthetic()].count;
      }
    }
    plan_.add(SectionKind::Code, begin, OutSection::Code, {}, offset - head);
  }

  // -Oz: what is not zero, wherever segments begin and end.
  void packed_data() {
    if (!data_segments()) return;
    size_t begin = out_.size();
    out_.uleb(data_segments());
    uint64_t bytes = 0;
    for (DataRun& run : output_.data_runs) {
      size_t header = out_.size();
      out_.uleb(0); // active, in memory 0
      constant(run.address);
      out_.uleb(run.bytes.size());
      run.header = {static_cast<uint32_t>(header), static_cast<uint32_t>(out_.size() - header)};
      run.payload_offset = static_cast<uint32_t>(out_.size() - begin + bytes);
      bytes += run.bytes.size();
    }
    passive_data();
    plan_.add(SectionKind::Data, begin, OutSection::Data, {}, bytes);
  }

  void data() {
    output_.segment_heads.resize(link_.segments.size());
    if (link_.pack_data) return packed_data();
    if (!data_segments()) return;
    size_t begin = out_.size();
    out_.uleb(data_segments());
    uint64_t bytes = 0;
    for (const OutSegment& segment : link_.segments) {
      if (!link_.in_binary(segment)) continue;
      SegmentHead& head = output_.segment_heads[segment.index];
      size_t header = out_.size();
      if (is_passive(segment)) {
        out_.uleb(1); // __wasm_init_memory copies it, once
      } else {
        out_.uleb(0); // active, in memory 0
        address_expression(segment.address, link_.known.memory_base);
      }
      out_.uleb(segment.size);
      head.header = {static_cast<uint32_t>(header), static_cast<uint32_t>(out_.size() - header)};
      head.payload_offset = static_cast<uint32_t>(out_.size() - begin + bytes);
      bytes += segment.size;
    }
    passive_data();
    plan_.add(SectionKind::Data, begin, OutSection::Data, {}, bytes);
  }

  void passive_data() {
    const size_t begin = out_.size();
    for (const PassiveSegment& segment : link_.passive_data) {
      const LinkObject& o = link_.objects[segment.object];
      const ByteRange bytes = o.object.segments()[o.segment.local(segment.segment)].data;
      out_.uleb(1);
      out_.uleb(bytes.size);
      if (bytes.size) out_.append(o.bytes.subspan(bytes.offset, bytes.size));
    }
    plan_.passive_data = {static_cast<uint32_t>(begin), static_cast<uint32_t>(out_.size() - begin)};
  }

  void custom(OutCustomId id) {
    const OutCustomSection& section = link_.custom_sections[id];
    size_t begin = out_.size();
    named(text(section.name));
    plan_.add(SectionKind::Custom, begin, OutSection::Custom, id, section.size);
    if (link_.options.separate_debug && text(section.name).starts_with(".debug_")) {
      plan_.debug_sections.push_back(plan_.sections.back());
      plan_.sections.pop_back();
    }
  }

  // The file with debug information has what the module has, but for the name of that file, and then the sections.
  void place_debug_sections() {
    const OutSection& link = plan_.sections[plan_.debug_link_section];
    const size_t head = 1 + uleb_size(link.payload_size);
    plan_.debug_link = {static_cast<uint32_t>(link.offset - head),
                        static_cast<uint32_t>(link.payload_size + head)};
    uint64_t end = plan_.size - plan_.debug_link.count;
    for (OutSection& section : plan_.debug_sections) {
      end += 1 + uleb_size(section.payload_size);
      section.offset = end;
      end += section.payload_size;
    }
    plan_.debug_file_size = end;
    if (end > ~0u) link_.diagnostics().report(DiagnosticId::unsupported, {"an output of 4 GiB or more"});
  }

  const Link& link_;
  Output& output_;
  OutputPlan& plan_;
  ByteBuffer& out_; // plan.encoded
  Vector<uint32_t> import_runs_;
  uint32_t import_run_ = 0;   // the next of them
  uint32_t imports_left_ = 0; // of the run that is being written
};

} // namespace

Limits memory_limits(const LaidOut& link) {
  const Options& o = link.options;
  Limits l;
  l.minimum = link.memory_pages;
  l.maximum = link.max_memory_pages;
  if (l.maximum || o.shared_memory) l.flags |= limits_has_max;
  if (o.shared_memory) l.flags |= limits_shared;
  if (link.is_64) l.flags |= limits_is_64;
  if (o.page_size != wasm_page_size) {
    l.flags |= limits_has_page_size;
    l.page_size_log2 = 0;
    while ((uint64_t{1} << l.page_size_log2) < o.page_size) l.page_size_log2++;
  }
  return l;
}

void size_sections(const Link& link, Output& output, OutputPlan& plan) {
  Planner(link, output, plan).run();
}

void encode_section(Link& link, SectionKind section, OutputPlan& plan) {
  Planner(link, link, plan).run(section);
}

} // namespace weld
