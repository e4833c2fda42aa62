// Walks the live relocations once, in output order, for what they need: imports, types, table slots (handed
// out in the order of their first use), GOT entries. What is still undefined is reported here, so only where
// it matters.
#include "core/link/explain/report_undefined.h"
#include "core/link/resolve/late_names.h"
#include "core/link/resolve/source_lines.h"
#include "core/link/scan/collect_imports.h"
#include "core/link/scan/read_code.h"
#include "core/wasm/type_text.h"

namespace weld {

namespace {

// Whether the address of a symbol is only known to the loader.
bool needs_got_import(const Resolved& link, const Symbol& s) {
  const Options& o = link.options;
  if (s.is_shared()) return true;
  if (!o.is_pic() && o.unresolved != UnresolvedPolicy::ImportDynamic) return false;
  if (s.is_local()) return false;
  // Hidden and undefined: whoever loads the module has it, or it is null. An executable imports functions themselves.
  if (s.is_hidden())
    return s.is_undefined() && !s.is_weak() && (s.kind == SymbolKind::Function ? o.is_pic() : !o.like_lld());
  return !(s.is_defined() && (!o.shared || o.bsymbolic));
}

// The function table that live code mentions, or an option wants.
void find_table(const Marked& link, Needs& needs) {
  SymbolId table = link.find(function_table_name);
  if (!table) return;
  const Symbol& s = link.symbols[table];
  const bool is_ours = s.is_defined() && s.entity.is_synthetic();
  if (s.kind != SymbolKind::Table || (is_ours && !link.is_live(table))) return;
  if (!is_ours && !link.options.import_table) return; // which was an error
  needs.indirect_table = table;
  needs.table_is_synthetic = is_ours;
  needs.needs_of(table).is_exported_late = is_ours && link.is_named_by_export(s.name);
}

// A function has a slot, so there is a table whether live code mentions it or not.
void require_table(const Resolved& link, LateNames& names, Needs& needs) {
  needs.indirect_table = link.find(function_table_name);
  if (!needs.indirect_table) needs.indirect_table = names.add_function_table();
  needs.table_is_synthetic = !link.options.import_table;
  needs.needs_of(needs.indirect_table).is_exported_late =
      needs.table_is_synthetic && link.is_named_by_export(link.symbols[needs.indirect_table].name);
}

// From where the loader places the module's data or its part of the table.
bool is_distance(RelocType type) {
  return type == RelocType::MEMORY_ADDR_REL_SLEB || type == RelocType::MEMORY_ADDR_REL_SLEB64 ||
         type == RelocType::TABLE_INDEX_REL_SLEB || type == RelocType::TABLE_INDEX_REL_SLEB64;
}

class Scanner {
public:
  Scanner(const LaidOut& link, LateNames& names, Needs& needs)
      : link_(link), names_(names), needs_(needs), undefined_(link), needs_nothing_(link.symbols.size()) {
    if (link.options.is_pic()) return;
    for (uint32_t row = 0; row < link.symbols.size(); row++) {
      const Symbol& s = link.symbols[SymbolId(row)];
      if (s.state != SymbolState::Defined) continue;
      uint32_t targets = bit(RelocTarget::Function) | bit(RelocTarget::Address) |
                         bit(RelocTarget::AddressRel) | bit(RelocTarget::Tag) | bit(RelocTarget::Table) |
                         bit(RelocTarget::FunctionOffset);
      if (s.kind == SymbolKind::Global && global_type_of(link, s).is_mutable)
        targets |= bit(RelocTarget::Global);
      if (s.is_tls()) targets &= ~bit(RelocTarget::Address);
      needs_nothing_[row] = static_cast<uint16_t>(targets);
    }
    // What is looked at besides: frames, and how exceptions are caught.
    const Diagnostics& diagnostics = link.diagnostics();
    if (SymbolId stack = link.known.stack_pointer;
        stack && diagnostics.is_heard(DiagnosticId::stack_frame_too_large))
      needs_nothing_[stack.row] = 0;
    if (diagnostics.is_heard(DiagnosticId::mixed_exceptions))
      for (uint16_t& targets : needs_nothing_) targets &= static_cast<uint16_t>(~bit(RelocTarget::Tag));
  }

  void run() {
    for (LinkObjectId id : link_.object_order) {
      object_ = id;
      const LinkObject& o = link_.objects[id];
      auto functions = o.object.functions();
      section_ = "CODE";
      for (uint32_t i = 0; i < functions.size(); i++) {
        if (!link_.function_live[o.function(i)]) continue;
        function_ = i;
        base_ = o.object.header().code_offset;
        scan(o, o.relocs(functions[i]));
      }
      function_ = none32;
      auto segments = o.object.segments();
      section_ = "DATA";
      for (uint32_t i = 0; i < segments.size(); i++) {
        if (!link_.segment_live[o.segment(i)]) continue;
        segment_ = i;
        base_ = o.object.header().data_offset;
        scan(o, o.relocs(segments[i].relocs));
      }
      segment_ = none32;
      scan_initial_values(o);
      scan_constructors(o);
      // Custom sections keep nothing alive; without garbage collection they count like everything else.
      if (link_.options.gc()) {
        if (!link_.options.like_lld()) scan_types_of_sections(o);
        continue;
      }
      for (const CustomSectionRow& section : o.object.custom_sections()) {
        section_ = link_.store.strings.text(section.name);
        base_ = section.data.offset;
        scan(o, o.relocs(section.relocs));
      }
    }
    undefined_.explain();
    report_exceptions();
  }

  // Patches call every function through the table, imported ones too, and put functions there.
  void add_home_slots() {
    needs_.address_slots = static_cast<uint32_t>(needs_.table_functions.size());
    link_.for_each_function([&](LinkObjectId, const LinkObject&, FunctionId id, const FunctionRow&) {
      add_table_entry(FunctionEntity(id));
    });
    if (link_.is_live(link_.known.call_ctors)) add_table_entry(link_.known.call_ctors);
    for (size_t i = 0; i < needs_.imports.size(); i++)
      if (link_.symbols[needs_.imports[i]].kind == SymbolKind::Function) add_table_entry(needs_.imports[i]);
  }

private:
  void add_type(const LinkObject& o, uint32_t type) {
    needs_.add_type(link_.store.signatures, o.object.types()[type]);
    note_holder(needs_.type_holder, needs_.types.size());
    needs_.type_used[o.type(type)] = true;
  }

  template <class Refs>
  void scan(const LinkObject& o, const Refs& refs) {
    auto rows = o.object.symbols();
    for (const RelocRow& reloc : refs) {
      if (reloc.reloc_type() == RelocType::TYPE_INDEX_LEB) {
        add_type(o, reloc.index);
        continue;
      }
      reloc_ = &reloc;
      SymbolId id = link_.bound[o.symbol(reloc.index)];
      if (!id) {
        scan_local(o, rows[reloc.index]);
        continue;
      }
      if (id.row < needs_nothing_.size() && (needs_nothing_[id.row] & bit(traits(reloc.reloc_type()).target)))
        continue;
      scan_symbol(id);
    }
  }

  // Of globals and tables: nothing can write them when the module is loaded.
  void scan_initial_values(const LinkObject& o) {
    auto each = [&](const char* section, auto rows, auto numbered, const auto& is_live) {
      section_ = section;
      base_ = 0;
      for (uint32_t i = 0; i < rows.size(); i++) {
        if (!rows[i].relocs.count || !is_live[numbered(i)]) continue;
        initial_value_of_ = rows[i].name;
        scan(o, o.relocs(rows[i].relocs));
      }
      initial_value_of_ = {};
    };
    each("GLOBAL", o.object.globals(), o.global, link_.global_live);
    each("TABLE", o.object.tables(), o.table, link_.table_live);
  }

  bool is_debug(const CustomSectionRow& section) const {
    return link_.store.strings.text(section.name).substr(0, 7) == ".debug_";
  }

  // Types are there when something names them; debug information names none.
  void scan_types_of_sections(const LinkObject& o) {
    for (const CustomSectionRow& section : o.object.custom_sections()) {
      if (!section.relocs.count || is_debug(section)) continue;
      for (const RelocRow& reloc : o.relocs(section.relocs))
        if (reloc.reloc_type() == RelocType::TYPE_INDEX_LEB) add_type(o, reloc.index);
    }
  }

  void scan_constructors(const LinkObject& o) {
    if (link_.options.relocatable) return;
    section_ = "linking";
    reloc_ = nullptr;
    for (const InitFunctionRow& init : o.object.init_functions()) {
      const Constructor c = link_.constructor_of(o, init);
      if (!c.is_live || !c.function.is_none()) continue;
      const Symbol& s = link_.symbols[c.symbol];
      if (s.is_undefined() && !s.is_weak()) report_undefined(c.symbol);
    }
  }

  void scan_local(const LinkObject& o, const SymbolRow& row) {
    if (row.kind == SymbolKind::Section) return; // needs nothing
    RelocTarget target = traits(reloc_->reloc_type()).target;
    bool function = row.kind == SymbolKind::Function;
    if (target == RelocTarget::TableSlot || target == RelocTarget::TableSlotRel) {
      if (function && !row.is_undefined()) add_table_entry(FunctionEntity(o.function(row.element)));
    }
    if (target == RelocTarget::Global && row.kind != SymbolKind::Global) {
      add_internal_got(promote_local(o, row));
      check_write(promote_local(o, row));
    } else if (link_.options.is_pic() && target != RelocTarget::TableSlotRel) {
      check_pic(promote_local(o, row));
    }
    if (target == RelocTarget::TlsOffset && !(row.flags & symbol_flag::tls)) check_tls(promote_local(o, row));
    if ((row.flags & symbol_flag::tls) && target == RelocTarget::Address)
      check_shared_address(o.text(row.encoded_name));
    if (row.is_undefined()) report_undefined(promote_local(o, row));
  }

  // A local symbol that needs facts of its own gets a row like a global one.
  SymbolId promote_local(const LinkObject& o, const SymbolRow& row) {
    auto index = static_cast<uint32_t>(&row - o.object.symbols().data());
    if (needs_.promoted.empty()) needs_.promoted.resize(link_.bound.size());
    SymbolId& promoted = needs_.promoted[o.symbol(index)];
    if (promoted) return promoted;
    Symbol s;
    s.name = link_.intern(o.text(row.encoded_name));
    s.state = row.is_undefined() ? SymbolState::Undefined : SymbolState::Defined;
    s.kind = row.kind;
    s.flags = row.flags;
    s.object = object_;
    s.row = index;
    if (row.kind == SymbolKind::Function) {
      s.signature = row.is_undefined() ? o.object.imports()[row.import()].signature
                                       : o.object.functions()[row.element].signature;
    }
    s.entity = o.entity_of(row);
    s.value = row.value();
    s.size = row.size;
    promoted = names_.add_local(s);
    return promoted;
  }

  // Symbols may be added on the way (the table's own), so no reference to one is kept across a call.
  void scan_symbol(SymbolId id) {
    const Options& o = link_.options;
    const SymbolKind kind = link_.symbols[id].kind;
    const bool undefined = link_.symbols[id].is_undefined(), weak = link_.symbols[id].is_weak();
    const bool matters = undefined && !o.relocatable;
    // The address of what stays undefined is null. LLD means it so, too, but gives it a slot of the table,
    // with the trap, where the address is taken before the first call.
    const bool like_lld = o.like_lld();
    if (matters && !weak && !like_lld) report_undefined(id);

    switch (traits(reloc_->reloc_type()).target) {
    case RelocTarget::TableSlot:
    case RelocTarget::TableSlotRel:
      if (is_declaration()) declare_function(id);
      else if (!needs_got_import(link_, link_.symbols[id])) add_table_entry(id);
      break;
    case RelocTarget::Global:
      if (kind != SymbolKind::Global) add_got(id);
      else if (id == link_.known.stack_pointer) check_frame();
      check_write(id);
      break;
    case RelocTarget::Tag: note_exceptions(); break;
    case RelocTarget::TlsOffset: check_tls(id); break;
    case RelocTarget::Address:
      if (link_.symbols[id].is_tls()) check_shared_address(link_.name_of(id));
      break;
    default: break;
    }
    // A library's symbols have no address before they are loaded. LLD 19 writes null for them in an
    // executable of fixed addresses.
    const bool shared = link_.symbols[id].is_shared() && !o.like_lld_19();
    // LLD 22 refuses the distance of what is undefined in every link.
    if (o.is_pic() || shared || (undefined && o.unresolved == UnresolvedPolicy::ImportDynamic) ||
        (matters && o.compat == Compat::Lld22 && is_distance(reloc_->reloc_type())))
      check_pic(id);
    if (matters && !weak && like_lld) report_undefined(id);

    // A weak function traps and weak data is null, but there is no null for these. A loader may have one.
    bool has_null = kind == SymbolKind::Function || kind == SymbolKind::Data;
    if (matters && weak && !has_null && !o.is_pic())
      link_.diagnostics().report(DiagnosticId::weak_without_value,
                                 {Argument::symbol(link_.name_of(id)), symbol_kind_text(kind, false)}, here());
  }

  // What is scanned now has made the rows up to `size` that are new.
  void note_holder(Vector<Holder>& holders, size_t size) const {
    if (!link_.keeps_edges || holders.size() == size) return;
    const LinkObject& o = link_.objects[object_];
    Holder holder;
    if (function_ != none32) holder.function = o.function(function_);
    else if (segment_ != none32) holder.segment = o.segment(segment_);
    while (holders.size() < size) holders.push_back(holder);
  }

  // Beyond what a slot can be, any will do: the table is too large, which is an error.
  TableSlot next_slot() const {
    const uint64_t slot = link_.options.table_base + needs_.table_functions.size();
    return TableSlot(slot < none32 ? static_cast<uint32_t>(slot) : 0);
  }

  void add_table_entry(SymbolId id) {
    const Symbol& s = link_.symbols[id];
    SymbolNeeds& needs = needs_.needs_of(id);
    if (s.is_trap || !needs.stub.is_none()) return; // its address is null
    if (link_.options.is_pic() && s.is_undefined_weak() && needs.import_index == none32) return;
    // What a loader may override is called through its import, from the table too.
    if (s.state == SymbolState::Defined)
      return add_table_entry(s.function(), needs.import_index != none32 ? id : SymbolId());
    if (needs.table_slot) return;
    needs.table_slot = next_slot();
    needs_.table_functions.push_back({});
    needs_.table_function_symbols.push_back(id);
    note_holder(needs_.slot_holder, needs_.table_functions.size());
  }

  // A unit's `ref.func` names a function by its index. A slot of the table declares it, and nobody asks which.
  bool is_declaration() const {
    return link_.objects[object_].unit && function_ != none32 && MirRefs::only_declares(*reloc_);
  }

  // For `ref.func`, which gives a trap as any other function.
  void declare_function(SymbolId id) {
    const FunctionEntity trap = trap_of(link_.symbols[id], needs_.needs(id));
    if (trap.is_none()) add_table_entry(id);
    else add_table_entry(trap);
  }

  void add_table_entry(FunctionEntity function, SymbolId imported = {}) {
    TableSlot& slot =
        function.is_synthetic() ? needs_.slot_of(function.synthetic()) : needs_.function_slot[function.id()];
    if (slot) return;
    slot = next_slot();
    needs_.table_functions.push_back(imported ? FunctionEntity() : function);
    needs_.table_function_symbols.push_back(imported);
    note_holder(needs_.slot_holder, needs_.table_functions.size());
  }

  void add_got(SymbolId id) {
    if (!needs_got_import(link_, link_.symbols[id])) return add_internal_got(id);
    SymbolNeeds& needs = needs_.needs_of(id);
    if (needs.got_import) return;
    needs.got_import = OutGlobalIndex(needs_.imported_globals++);
    // The loader makes the entry from the export of whoever defines it.
    needs.is_exported_late = link_.options.is_pic();
    needs_.got_imports.push_back(id);
  }

  // The address is known here: a global of our own holds it.
  void add_internal_got(SymbolId id) {
    if (needs_.needs(id).has_internal_got) return;
    needs_.needs_of(id).has_internal_got = true;
    if (link_.symbols[id].kind == SymbolKind::Function) {
      if (!needs_.indirect_table) require_table(link_, names_, needs_);
      add_table_entry(id);
    }
    needs_.internal_got.push_back(id);
    note_holder(needs_.got_holder, needs_.internal_got.size());
  }

  void check_tls(SymbolId id) {
    const Symbol& s = link_.symbols[id];
    Argument type = reloc_name(), name = Argument::symbol(link_.name_of(id));
    if (!s.is_defined())
      link_.diagnostics().report(DiagnosticId::reloc_against_undefined_tls, {type, name}, here());
    // Where all are one thread, the offset in a block of what is in none is wrong as well.
    if (!link_.options.has_threads() && (s.is_tls() || link_.options.like_lld())) return;
    if (!s.is_tls()) link_.diagnostics().report(DiagnosticId::reloc_against_non_tls, {type, name}, here());
    if (s.state != SymbolState::Defined || s.entity.is_none()) return;
    const OutSegment& out = link_.segments[link_.segment_out[s.segment()]];
    if (!out.is_tls)
      link_.diagnostics().report(DiagnosticId::reloc_in_non_tls_section,
                                 {type, name, link_.store.strings.text(out.name)}, here());
  }

  // Each thread has its own copy of thread-local data. An address as of other data is that of nobody's, which objects
  // have as wasm-ld has it. Where all are one thread it is right.
  void check_shared_address(std::string_view name) {
    if (!link_.objects[object_].unit || !(link_.options.shared_memory || link_.options.relocatable)) return;
    refuse_in_unit(name, "thread-local data has an address in each thread")
        .note("add `$0.data_tls` of it to the global `__tls_base`", {link_.is_64 ? "i64" : "i32"});
  }

  // What an instruction or a fixup of a unit says of a symbol, and cannot.
  Diagnostic& refuse_in_unit(std::string_view name, std::string_view why) {
    const LinkObject& o = link_.objects[object_];
    std::string what = "`" + std::string(name) + "`: ";
    if (function_ == none32) {
      what = (initial_value_of_ ? "its initial value refers to " : "a fixup refers to ") + what;
      what += why;
      const std::string holder = segment_ != none32  ? name_of_data()
                                 : initial_value_of_ ? std::string(o.text(initial_value_of_))
                                                     : std::string(section_);
      return link_.diagnostics().report(DiagnosticId::bad_edit, {Argument::symbol(holder), what}, here());
    }
    const FunctionRow& row = o.object.functions()[function_];
    const MirCode code = o.unit->function(row.offset).code;
    what = "`" + std::string(traits(code.op(reloc_->offset)).name) + "` of " + what;
    what += why;
    return link_.diagnostics().report(DiagnosticId::malformed_function,
                                      {Argument::symbol(o.text(row.name)), reloc_->offset, what}, here());
  }

  void check_pic(SymbolId id) {
    const Symbol& s = link_.symbols[id];
    switch (reloc_->reloc_type()) {
    case RelocType::TABLE_INDEX_SLEB:
    case RelocType::TABLE_INDEX_SLEB64:
    case RelocType::MEMORY_ADDR_SLEB:
    case RelocType::MEMORY_ADDR_LEB:
    case RelocType::MEMORY_ADDR_SLEB64:
    case RelocType::MEMORY_ADDR_LEB64:
      if (is_declaration()) break;
      if (link_.objects[object_].unit) {
        const bool is_function = s.kind == SymbolKind::Function;
        refuse_in_unit(link_.name_of(id), is_function ? "its table slot is known when the module is loaded"
                                                      : "its address is known when the module is loaded")
            .note("take it with `global.get` of `$0`", {link_.name_of(id)});
        break;
      }
      link_.diagnostics().report(DiagnosticId::reloc_needs_pic,
                                 {reloc_name(), Argument::symbol(link_.name_of(id))}, here());
      break;
    case RelocType::TABLE_INDEX_I32:
    case RelocType::TABLE_INDEX_I64:
    case RelocType::MEMORY_ADDR_I32:
    case RelocType::MEMORY_ADDR_I64:
      if (!needs_got_import(link_, s)) break;
      if (initial_value_of_) report_at_run_time(id);
      else add_got(id);
      break;
    case RelocType::TABLE_INDEX_REL_SLEB:
    case RelocType::TABLE_INDEX_REL_SLEB64:
    case RelocType::MEMORY_ADDR_REL_SLEB:
    case RelocType::MEMORY_ADDR_REL_SLEB64:
      if (s.is_undefined() && !(link_.options.like_lld_19() && will_report_undefined(s)))
        link_.diagnostics().report(DiagnosticId::reloc_rel_undefined,
                                   {reloc_name(), Argument::symbol(link_.name_of(id))}, here());
      else if (link_.options.is_pic() && !link_.options.like_lld() && link_.is_absolute(id))
        report_at_run_time(id); // the code adds where the module is
      break;
    // Known now, or never: nothing in the output could write these when it is loaded.
    case RelocType::MEMORY_ADDR_LOCREL_I32:
    case RelocType::MEMORY_ADDR_LOCREL_I64:
      if (needs_got_import(link_, s) || s.state != SymbolState::Defined || s.entity.is_none() ||
          ((s.is_tls() || is_in_tls()) && link_.options.has_threads()))
        report_at_run_time(id);
      break;
    case RelocType::FUNCTION_INDEX_I32:
      if ((segment_ != none32 || initial_value_of_) && s.is_undefined() &&
          needs_.needs(id).import_index == none32 && needs_.needs(id).stub.is_none())
        report_at_run_time(id);
      break;
    default: break;
    }
  }

  // LLD 19 has no words for a distance to what is undefined: another error says that it is.
  bool will_report_undefined(const Symbol& s) const {
    const Options& o = link_.options;
    const bool is_imported = s.kind == SymbolKind::Function ? o.import_undefined : o.imports_undefined_data();
    return !s.is_weak() && o.unresolved == UnresolvedPolicy::Error && !is_imported && !link_.is_imported(s) &&
           !link_.is_undefined_allowed(s);
  }

  bool is_in_tls() const {
    return segment_ != none32 &&
           (link_.objects[object_].object.segments()[segment_].flags & segment_flag::tls);
  }

  void report_at_run_time(SymbolId id) {
    link_.diagnostics().report(DiagnosticId::reloc_at_run_time,
                               {reloc_name(), Argument::symbol(link_.name_of(id))}, here());
  }

  void report_undefined(SymbolId id) {
    const Options& o = link_.options;
    const Symbol& s = link_.symbols[id];
    bool function = s.kind == SymbolKind::Function;
    if (link_.is_imported(s) || link_.is_undefined_allowed(s)) return;
    const Referrer referrer = {object_, function_, segment_};
    auto place = [this] { return here(); };
    if (function ? o.import_undefined : o.imports_undefined_data())
      return undefined_.report_allowed(id, true, referrer, place);
    // Nothing can stand for a global, a table or a tag that is not imported (`should_import`).
    const bool is_needed = !function && s.kind != SymbolKind::Data && !o.is_pic() && !o.import_undefined &&
                           o.unresolved != UnresolvedPolicy::ImportDynamic;
    if (is_needed || o.unresolved == UnresolvedPolicy::Error || o.unresolved == UnresolvedPolicy::Warn)
      undefined_.report_missing(id, referrer, place);
    else undefined_.report_allowed(id, o.unresolved == UnresolvedPolicy::ImportDynamic, referrer, place);
    if (function && needs_.needs(id).stub.is_none() && o.unresolved != UnresolvedPolicy::ImportDynamic &&
        !o.import_undefined) {
      const FunctionEntity stub = names_.undefined_stub(s.signature);
      needs_.needs_of(id).stub = stub;
    }
  }

  void report_exceptions() {
    if (caught_[0].empty() || caught_[1].empty()) return;
    auto place = [&](const Location& where) { return describe_place(where, link_.options.demangling()); };
    link_.diagnostics()
        .report(DiagnosticId::mixed_exceptions, {place(caught_[0]), place(caught_[1])})
        .note("compile all with the same -mllvm -wasm-use-legacy-eh=true or =false (and -fwasm-exceptions)");
  }

  void check_frame() {
    const LinkObject& o = link_.objects[object_];
    if (function_ == none32 || o.unit || !link_.known.stack_pointer || link_.options.is_pic()) return;
    uint64_t frame = stack_frame(o.bytes, base_ + reloc_->offset);
    if (frame <= link_.options.stack_size || frame_of_ == std::pair(object_, function_)) return;
    frame_of_ = {object_, function_};
    constexpr uint64_t unit = 65536;
    link_.diagnostics()
        .report(
            DiagnosticId::stack_frame_too_large,
            {Argument::symbol(o.text(o.object.functions()[function_].name)), frame, link_.options.stack_size},
            here())
        .note(link_.options.stack_comes_first() ? "calling it traps, as the stack ends at address 0"
                                                : "calling it overwrites the data before the stack")
        .note("make the stack larger, with -z stack-size=$0, or put the data on the heap",
              {align_to(frame + link_.options.stack_size, unit)});
  }

  // A global that holds an address, or that the linker or the loader gives its value, is not for code to write.
  void check_write(SymbolId id) {
    const LinkObject& o = link_.objects[object_];
    const Symbol& s = link_.symbols[id];
    if (function_ == none32 || o.unit || link_.options.relocatable) return;
    if (s.kind == SymbolKind::Global ? global_type_of(link_, s).is_mutable
                                     : static_cast<bool>(needs_.needs(id).got_import))
      return;
    if (!writes_global(o.bytes, base_ + reloc_->offset)) return;
    link_.diagnostics()
        .report(DiagnosticId::constant_global_written, {Argument::symbol(link_.name_of(id))}, here())
        .note("do not write it, and declare it so: .globaltype $0, $1, immutable",
              {link_.name_of(id), link_.is_64 ? "i64" : "i32"});
  }

  void note_exceptions() {
    const LinkObject& o = link_.objects[object_];
    if (function_ == none32 || o.unit) return;
    uint32_t style = exception_style(o.bytes, base_ + reloc_->offset);
    needs_.exception_styles |= style;
    for (uint32_t i = 0; i < 2; i++)
      if ((style >> i & 1) && caught_[i].empty()) caught_[i] = here();
  }

  Argument reloc_name() const { return "R_WASM_" + std::string(traits(reloc_->reloc_type()).name); }

  Location here() {
    if (function_ != none32) return place_in_code(link_, object_, function_, *reloc_, lines_);
    Location where = link_.location_of(object_);
    if (link_.objects[object_].unit) {
      if (initial_value_of_) where.symbol = link_.objects[object_].text(initial_value_of_);
      if (!reloc_ || segment_ == none32) return where;
      where.symbol = name_of_data();
      const uint32_t data = link_.objects[object_].object.segments()[segment_].data.offset;
      where.offset = reloc_->offset - (data == none32 ? 0 : data); // in what the unit calls its data
      return where;
    }
    where.section = section_;
    if (initial_value_of_) {
      where.symbol = link_.objects[object_].text(initial_value_of_);
      return where;
    }
    if (reloc_) where.offset = base_ + reloc_->offset; // none: it is in the list of constructors
    if (reloc_ && segment_ != none32) where.symbol = name_of_data();
    return where;
  }

  // The symbol whose data the relocation is in.
  std::string name_of_data() const {
    const LinkObject& o = link_.objects[object_];
    const uint64_t offset = base_ + reloc_->offset - o.object.segments()[segment_].data.offset;
    for (const SymbolRow& row : o.object.symbols())
      if (row.kind == SymbolKind::Data && !row.is_undefined() && row.element == segment_ &&
          (o.unit || (row.value() <= offset && offset - row.value() < row.size)))
        return std::string(o.text(row.encoded_name));
    return {};
  }

  static uint32_t bit(RelocTarget target) { return 1u << static_cast<uint8_t>(target); }

  const LaidOut& link_;
  LateNames& names_;
  Needs& needs_;
  UndefinedReporter undefined_;
  // SymbolId -> bit T: a relocation of RelocTarget T needs nothing, for what it refers to is simply there. So
  // it is for most.
  Vector<uint16_t> needs_nothing_;
  LinkObjectId object_;
  const RelocRow* reloc_ = nullptr;
  std::string_view section_;
  uint32_t function_ = none32, segment_ = none32; // local index of what is scanned
  EncodedName initial_value_of_;                  // global or table whose initial value is scanned
  uint32_t base_ = 0;                             // file offset that relocation offsets count from
  SourceLines lines_;                             // of the object that was last looked at
  Location caught_[2];                            // where exceptions are caught: the legacy way, by try_table
  std::pair<LinkObjectId, uint32_t> frame_of_;    // the function whose frame was reported last
};

void settle_table(const LaidOut& link, LateNames& names, ImportCollector& imports, Needs& needs) {
  const uint64_t limit = 0xffffffff - needs.table_functions.size(); // sizes of tables have 32 bits
  if (link.options.table_base > limit)
    link.diagnostics().report(DiagnosticId::memory_too_large, {"table base", limit});
  // An input that takes a function's address should mention the table; some do not.
  if (!needs.indirect_table && !needs.table_functions.empty()) require_table(link, names, needs);
  SymbolId table = needs.indirect_table;
  if (!table) return;
  if (should_import(link, needs, table) && needs.needs(table).import_index == none32) imports.add(table);
  uint64_t size = link.options.table_base + needs.table_functions.size();
  if (link.options.is_live()) size += live_table_room;
  needs.table_limits = {0, 16, size, 0};
  if (needs.table_is_synthetic && !link.options.growable_table && !link.options.is_live()) {
    needs.table_limits.flags |= limits_has_max;
    needs.table_limits.maximum = size;
  }
  if (link.is_64) needs.table_limits.flags |= limits_is_64;
}

// Constructors are called, though no relocation says so.
void note_calls_of_constructors(const Marked& link, Needs& needs) {
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    for (const InitFunctionRow& init : o.object.init_functions())
      if (Constructor c = link.constructor_of(o, init); c.is_live && c.function.is_none())
        needs.needs_of(c.symbol).is_constructor = true;
  }
}

} // namespace

void scan_relocs(const LaidOut& link, LateNames& names, Needs& needs) {
  needs.of_symbol.resize(link.symbols.size());
  needs.function_slot.resize(link.functions_total);
  needs.type_used.resize(link.types_total);
  find_table(link, needs);
  note_calls_of_constructors(link, needs);
  ImportCollector imports(link, needs);
  imports.run();
  Scanner scanner(link, names, needs);
  scanner.run();
  if (link.options.is_live()) scanner.add_home_slots();
  settle_table(link, names, imports, needs);
}

} // namespace weld
