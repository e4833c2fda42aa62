// Walks the live relocations once, in output order, for what they need: imports, types, table slots (handed
// out in the order of their first use), GOT entries. What is still undefined is reported here, so only where
// it matters.
#include "core/base/reader.h"
#include "core/link/explain_undefined.h"
#include "core/link/source_lines.h"
#include "core/wasm/type_text.h"

#include <algorithm>

namespace weld {

namespace {

// Whether the address of a symbol is only known to the loader.
bool needs_got_import(const Link& link, const Symbol& s) {
  const Options& o = link.options;
  if (s.is_shared()) return true;
  if (!o.is_pic() && o.unresolved != UnresolvedPolicy::ImportDynamic) return false;
  if (s.is_hidden() || s.is_local()) return false;
  return !(s.is_defined() && (!o.shared || o.bsymbolic));
}

void add_import(Link& link, SymbolId id) {
  Symbol& s = link.symbols[id];
  StringId env = link.intern(default_module);
  StringId module = s.import_module ? s.import_module : env;
  StringId name = s.import_name ? s.import_name : s.name;
  auto same_type = [&](const Symbol& other) {
    if (other.kind != s.kind) return false;
    if (s.kind == SymbolKind::Function || s.kind == SymbolKind::Tag) return other.signature == s.signature;
    if (s.kind == SymbolKind::Global) return global_type_of(link, other) == global_type_of(link, s);
    TableType a = table_type_of(link, other), b = table_type_of(link, s);
    return a.element == b.element && a.limits == b.limits;
  };
  // Two names may stand for one import. Imports of one name are few: a chain through the column finds them.
  if (name.row >= link.import_of_name.size()) link.import_of_name.resize(link.session.strings.size(), none32);
  for (uint32_t i = link.import_of_name[name.row]; i != none32; i = link.next_import[i]) {
    const Symbol& other = link.symbols[link.imports[i]];
    if ((other.import_module ? other.import_module : env) == module && same_type(other)) {
      link.symbols[id].index = other.index;
      return;
    }
  }
  link.next_import.push_back(link.import_of_name[name.row]);
  link.import_of_name[name.row] = static_cast<uint32_t>(link.imports.size());
  link.imports.push_back(id);
  switch (s.kind) {
  case SymbolKind::Function: s.index = link.imported_functions++; break;
  case SymbolKind::Global: s.index = link.imported_globals++; break;
  case SymbolKind::Tag: s.index = link.imported_tags++; break;
  default: s.index = link.imported_tables++; break;
  }
}

void collect_imports(Link& link) {
  // Objects of the MVP can only use table 0, so the function table is the first.
  SymbolId table = link.known.indirect_table;
  if (table && should_import(link, table)) add_import(link, table);
  for (size_t i = 0; i < link.symbol_order.size(); i++) {
    SymbolId id = link.symbol_order[i];
    if (id != table && should_import(link, id)) add_import(link, id);
  }
}

// Constructors are called, though no relocation says so.
void note_calls_of_constructors(Link& link) {
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    for (const InitFunctionRow& init : o.object.init_functions())
      if (Constructor c = link.constructor_of(o, init); c.is_live && c.function.is_none())
        link.symbols[c.symbol].called_directly = true;
  }
}

class Scanner {
public:
  explicit Scanner(Link& link) : link_(link), needs_nothing_(link.symbols.size()) {
    if (link.options.is_pic()) return;
    for (uint32_t row = 0; row < link.symbols.size(); row++) {
      const Symbol& s = link.symbols[SymbolId(row)];
      if (s.state != SymbolState::Defined) continue;
      uint32_t targets = bit(RelocTarget::Function) | bit(RelocTarget::Address) |
                         bit(RelocTarget::AddressRel) | bit(RelocTarget::Tag) | bit(RelocTarget::Table) |
                         bit(RelocTarget::FunctionOffset);
      if (s.kind == SymbolKind::Global) targets |= bit(RelocTarget::Global);
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
        if (!(link_.function_state[o.functions + i] & entity_state::live)) continue;
        function_ = i;
        base_ = o.object.header().code_offset;
        scan(o, o.relocs(functions[i]));
      }
      function_ = none32;
      auto segments = o.object.segments();
      section_ = "DATA";
      for (uint32_t i = 0; i < segments.size(); i++) {
        if (!(link_.segment_state[o.segments + i] & entity_state::live)) continue;
        segment_ = i;
        base_ = o.object.header().data_offset;
        scan(o, o.relocs(segments[i].relocs));
      }
      segment_ = none32;
      scan_constructors(o);
      // Custom sections keep nothing alive; without garbage collection they count like everything else.
      if (link_.options.gc()) continue;
      for (const CustomSectionRow& section : o.object.custom_sections()) {
        section_ = link_.session.strings.text(section.name);
        base_ = section.data.offset;
        scan(o, o.relocs(section.relocs));
      }
    }
    explain();
  }

private:
  // An undefined symbol: its diagnostic, and who was the last to need it.
  struct Use {
    SymbolId symbol;
    uint32_t row;
    LinkObjectId object;
    uint32_t function, segment;
    uint32_t places, more; // notes, and what has none
  };

  template <class Refs>
  void scan(const LinkObject& o, const Refs& refs) {
    auto rows = o.object.symbols();
    auto types = o.object.types();
    for (const RelocRow& reloc : refs) {
      if (reloc.reloc_type() == RelocType::TYPE_INDEX_LEB) {
        link_.add_type(types[reloc.index]);
        link_.type_used[o.types + reloc.index] = 1;
        continue;
      }
      reloc_ = &reloc;
      SymbolId id = link_.bound[o.symbols + reloc.index];
      if (!id) {
        scan_local(o, rows[reloc.index]);
        continue;
      }
      if (id.row < needs_nothing_.size() && (needs_nothing_[id.row] & bit(traits(reloc.reloc_type()).target)))
        continue;
      scan_symbol(id);
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
      if (function && !row.is_undefined()) add_table_entry(EntityRef{o.functions + row.element});
    } else if (target == RelocTarget::Global && row.kind != SymbolKind::Global) {
      add_internal_got(promote_local(o, row));
    } else if (link_.options.is_pic()) {
      check_pic(promote_local(o, row));
    }
    if (row.is_undefined()) report_undefined(promote_local(o, row));
  }

  static EntityRef entity_of(const LinkObject& o, const SymbolRow& row) {
    switch (row.kind) {
    case SymbolKind::Function: return {o.functions + row.element};
    case SymbolKind::Global: return {o.globals + row.element};
    case SymbolKind::Tag: return {o.tags + row.element};
    case SymbolKind::Table: return {o.tables + row.element};
    case SymbolKind::Data: return {o.segments + row.element};
    case SymbolKind::Section: break;
    }
    return {};
  }

  // A local symbol that needs facts of its own gets a row like a global one.
  SymbolId promote_local(const LinkObject& o, const SymbolRow& row) {
    auto index = static_cast<uint32_t>(&row - o.object.symbols().data());
    SymbolId& bound = link_.bound[o.symbols + index];
    if (bound) return bound;
    Symbol s;
    s.name = link_.intern(o.text(row.encoded_name));
    s.state = row.is_undefined() ? SymbolState::Undefined : SymbolState::Defined;
    s.kind = row.kind;
    s.flags = row.flags;
    s.object = object_;
    s.row = index;
    s.referenced = true;
    if (row.kind == SymbolKind::Function) {
      s.signature = row.is_undefined() ? o.object.imports()[row.import()].signature
                                       : o.object.functions()[row.element].signature;
    }
    if (!row.is_undefined() && row.element != none32) s.entity = entity_of(o, row);
    s.value = row.value();
    s.size = row.size;
    bound = link_.symbols.add(s);
    return bound;
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
      if (!needs_got_import(link_, link_.symbols[id])) add_table_entry(id);
      break;
    case RelocTarget::Global:
      if (kind != SymbolKind::Global) add_got(id);
      else if (id == link_.known.stack_pointer) check_frame();
      break;
    case RelocTarget::Tag: note_exceptions(); break;
    case RelocTarget::TlsOffset: check_tls(id); break;
    default: break;
    }
    // A library's symbols have no address before they are loaded. LLD 19 writes null for them in an
    // executable of fixed addresses.
    const bool shared = link_.symbols[id].is_shared() && !o.like_lld_19();
    if (o.is_pic() || shared || (undefined && o.unresolved == UnresolvedPolicy::ImportDynamic)) check_pic(id);
    if (matters && !weak && like_lld) report_undefined(id);

    // A weak function traps and weak data is null, but there is no null for these. A loader may have one.
    bool has_null = kind == SymbolKind::Function || kind == SymbolKind::Data;
    if (matters && weak && !has_null && !o.is_pic())
      link_.diagnostics().report(DiagnosticId::weak_without_value,
                                 {Argument::symbol(link_.name_of(id)), symbol_kind_text(kind, false)}, here());
  }

  uint32_t next_slot() const {
    return static_cast<uint32_t>(link_.options.table_base + link_.table_functions.size());
  }

  void add_table_entry(SymbolId id) {
    Symbol& s = link_.symbols[id];
    if (s.is_stub) return; // its address is null
    // What a loader may override is called through its import, from the table too.
    if (s.state == SymbolState::Defined)
      return add_table_entry(s.entity, s.index != none32 ? id : SymbolId());
    if (s.table_slot != none32) return;
    s.table_slot = next_slot();
    link_.table_functions.push_back({});
    link_.table_function_symbols.push_back(id);
  }

  void add_table_entry(EntityRef function, SymbolId imported = {}) {
    uint32_t& slot = function.is_synthetic() ? link_.synthetic_functions[function.row()].table_slot
                                             : link_.function_slot[function.row()];
    if (slot != none32) return;
    slot = next_slot();
    link_.table_functions.push_back(imported ? EntityRef() : function);
    link_.table_function_symbols.push_back(imported);
  }

  void add_got(SymbolId id) {
    if (!needs_got_import(link_, link_.symbols[id])) return add_internal_got(id);
    Symbol& s = link_.symbols[id];
    if (s.got_index != none32) return;
    s.got_index = link_.imported_globals++;
    // The loader makes the entry from the export of whoever defines it.
    if (link_.options.is_pic()) s.force_export = true;
    link_.got_imports.push_back(id);
  }

  // The address is known here: a global of our own holds it.
  void add_internal_got(SymbolId id) {
    if (link_.symbols[id].needs_got) return;
    link_.symbols[id].needs_got = true;
    if (link_.symbols[id].kind == SymbolKind::Function) {
      if (!link_.known.indirect_table) resolve_indirect_table(link_, true);
      add_table_entry(id);
    }
    link_.internal_got.push_back(id);
  }

  void check_tls(SymbolId id) {
    const Symbol& s = link_.symbols[id];
    Argument type = reloc_name(), name = Argument::symbol(link_.name_of(id));
    if (!s.is_defined())
      link_.diagnostics().report(DiagnosticId::reloc_against_undefined_tls, {type, name}, here());
    if (!link_.options.shared_memory) return;
    if (!s.is_tls()) link_.diagnostics().report(DiagnosticId::reloc_against_non_tls, {type, name}, here());
    if (s.state != SymbolState::Defined || s.entity.is_none()) return;
    const OutSegment& out = link_.segments[link_.segment_out[s.entity.row()]];
    if (!out.is_tls)
      link_.diagnostics().report(DiagnosticId::reloc_in_non_tls_section,
                                 {type, name, link_.session.strings.text(out.name)}, here());
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
      link_.diagnostics().report(DiagnosticId::reloc_needs_pic,
                                 {reloc_name(), Argument::symbol(link_.name_of(id))}, here());
      break;
    case RelocType::TABLE_INDEX_I32:
    case RelocType::TABLE_INDEX_I64:
    case RelocType::MEMORY_ADDR_I32:
    case RelocType::MEMORY_ADDR_I64:
      if (needs_got_import(link_, s)) add_got(id);
      break;
    case RelocType::TABLE_INDEX_REL_SLEB:
    case RelocType::TABLE_INDEX_REL_SLEB64:
    case RelocType::MEMORY_ADDR_REL_SLEB:
    case RelocType::MEMORY_ADDR_REL_SLEB64:
      if (s.is_undefined())
        link_.diagnostics().report(DiagnosticId::reloc_rel_undefined,
                                   {reloc_name(), Argument::symbol(link_.name_of(id))}, here());
      break;
    // Known now, or never: nothing in the output could write these when it is loaded.
    case RelocType::MEMORY_ADDR_LOCREL_I32:
      if (needs_got_import(link_, s) || s.state != SymbolState::Defined || s.entity.is_none() ||
          (s.is_tls() && link_.options.shared_memory))
        report_at_run_time(id);
      break;
    case RelocType::FUNCTION_INDEX_I32:
      if (segment_ != none32 && s.is_undefined() && s.index == none32 && s.stub.is_none())
        report_at_run_time(id);
      break;
    default: break;
    }
  }

  void report_at_run_time(SymbolId id) {
    link_.diagnostics().report(DiagnosticId::reloc_at_run_time,
                               {reloc_name(), Argument::symbol(link_.name_of(id))}, here());
  }

  void report_undefined(SymbolId id) {
    const Options& o = link_.options;
    const Symbol& s = link_.symbols[id];
    bool function = s.kind == SymbolKind::Function;
    if (link_.is_imported(s) ||
        (s.name.row < link_.allow_undefined.size() && link_.allow_undefined[s.name.row]))
      return;
    if (function ? o.import_undefined : o.imports_undefined_data()) return report_allowed(id, true);
    if (o.unresolved == UnresolvedPolicy::Error || o.unresolved == UnresolvedPolicy::Warn) report_missing(id);
    else report_allowed(id, o.unresolved == UnresolvedPolicy::ImportDynamic);
    if (function && s.stub.is_none() && o.unresolved != UnresolvedPolicy::ImportDynamic &&
        !o.import_undefined) {
      EntityRef stub = undefined_stub(link_, s.signature);
      link_.synthetic_functions[stub.row()].live = true;
      link_.symbols[id].stub = stub;
      link_.symbols[id].is_stub = true;
    }
  }

  void report_missing(SymbolId id) {
    if (add_place(id)) return;
    const Symbol& s = link_.symbols[id];
    const bool is_error = link_.options.unresolved == UnresolvedPolicy::Error;
    DiagnosticId kind = !link_.options.like_lld() && is_exception_runtime(link_.name_of(id))
                            ? DiagnosticId::undefined_exception_runtime
                            : DiagnosticId::undefined_symbol;
    Argument name = Argument::symbol(link_.name_of(id));
    // A function can trap and data be null; there is nothing to stand for the others.
    if (s.kind == SymbolKind::Function || s.kind == SymbolKind::Data)
      link_.diagnostics().report_as(is_error ? Severity::Error : Severity::Warning, kind, {name}, here());
    else if (is_error) link_.diagnostics().report_fixed(kind, {name}, here());
    else link_.diagnostics().report_as(Severity::Warning, kind, {name}, here());
    end_report();
  }

  void report_allowed(SymbolId id, bool as_import) {
    if (!link_.diagnostics().is_heard(DiagnosticId::undefined_allowed) || add_place(id)) return;
    const Symbol& s = link_.symbols[id];
    std::string becomes = s.kind == SymbolKind::Function ? "calls of it trap" : "its address is null";
    if (as_import) {
      auto text = [&](StringId given, std::string_view otherwise) {
        return std::string(given ? link_.session.strings.text(given) : otherwise);
      };
      becomes = "it becomes the import `" + text(s.import_module, default_module) + "." +
                text(s.import_name, link_.name_of(id)) + "`";
    }
    link_.diagnostics().report(DiagnosticId::undefined_allowed,
                               {Argument::symbol(link_.name_of(id)), becomes}, here());
    end_report();
  }

  // wasm-ld says so for every relocation; weld once for a symbol, with the places as notes. False: it is to
  // be reported.
  bool add_place(SymbolId id) {
    if (link_.options.like_lld()) return false;
    if (id.row >= use_of_symbol_.size()) use_of_symbol_.resize(link_.symbols.size());
    Use place{id, static_cast<uint32_t>(link_.diagnostics().rows().size()), object_, function_, segment_, 0,
              0};
    uint32_t& number = use_of_symbol_[id.row];
    if (!number) {
      uses_.push_back(place);
      number = static_cast<uint32_t>(uses_.size());
      return false;
    }
    Use& use = uses_[number - 1];
    if (use.object == object_ && use.function == function_ && use.segment == segment_) return true;
    use.object = object_;
    use.function = function_;
    use.segment = segment_;
    constexpr uint32_t most_places = 4;
    if (use.places == most_places || use.row == none32) {
      use.more++;
      return true;
    }
    use.places++;
    link_.diagnostics().row(use.row).note("also needed by $0",
                                          {describe_place(here(), link_.options.demangle)});
    return true;
  }

  // What nobody hears has no row to add notes to.
  void end_report() {
    if (!uses_.empty() && uses_.back().row == link_.diagnostics().rows().size()) uses_.back().row = none32;
  }

  // Remedies come behind the places. To find them takes a look at every name of the link.
  void explain() {
    constexpr size_t most_explained = 50;
    for (size_t i = 0; i < uses_.size(); i++) {
      const Use& use = uses_[i];
      if (use.row == none32) continue;
      Diagnostic& d = link_.diagnostics().row(use.row);
      if (use.more) d.note("and in $0 more", {use.more});
      if (i < most_explained) explain_undefined(link_, use.symbol, d);
    }
    if (!caught_[0].empty() && !caught_[1].empty()) {
      auto place = [&](const Location& where) { return describe_place(where, link_.options.demangle); };
      link_.diagnostics()
          .report(DiagnosticId::mixed_exceptions, {place(caught_[0]), place(caught_[1])})
          .note(
              "compile all with the same -mllvm -wasm-use-legacy-eh=true or =false (and -fwasm-exceptions)");
    }
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

  void note_exceptions() {
    const LinkObject& o = link_.objects[object_];
    if (function_ == none32 || o.unit) return;
    uint32_t style = exception_style(o.bytes, base_ + reloc_->offset);
    link_.exception_styles |= style;
    for (uint32_t i = 0; i < 2; i++)
      if ((style >> i & 1) && caught_[i].empty()) caught_[i] = here();
  }

  Argument reloc_name() const { return "R_WASM_" + std::string(traits(reloc_->reloc_type()).name); }

  Location here() {
    if (function_ != none32) return place_in_code(link_, object_, function_, *reloc_, lines_);
    Location where = link_.location_of(object_);
    where.section = section_;
    if (reloc_) where.offset = base_ + reloc_->offset; // none: it is in the list of constructors
    if (segment_ != none32) where.symbol = name_of_data();
    return where;
  }

  // The symbol whose data the relocation is in.
  std::string name_of_data() const {
    const LinkObject& o = link_.objects[object_];
    const uint64_t offset = base_ + reloc_->offset - o.object.segments()[segment_].data.offset;
    for (const SymbolRow& row : o.object.symbols())
      if (row.kind == SymbolKind::Data && !row.is_undefined() && row.element == segment_ &&
          row.value() <= offset && offset - row.value() < row.size)
        return std::string(o.text(row.encoded_name));
    return {};
  }

  static uint32_t bit(RelocTarget target) { return 1u << static_cast<uint8_t>(target); }

  Link& link_;
  // SymbolId -> bit T: a relocation of RelocTarget T needs nothing, for what it refers to is simply there. So
  // it is for most.
  Vector<uint16_t> needs_nothing_;
  LinkObjectId object_;
  const RelocRow* reloc_ = nullptr;
  std::string_view section_;
  uint32_t function_ = none32, segment_ = none32; // local index of what is scanned
  uint32_t base_ = 0;                             // file offset that relocation offsets count from
  Vector<Use> uses_;
  Vector<uint32_t> use_of_symbol_;             // SymbolId -> row in uses_ + 1, or 0
  SourceLines lines_;                          // of the object that was last looked at
  Location caught_[2];                         // where exceptions are caught: the legacy way, by try_table
  std::pair<LinkObjectId, uint32_t> frame_of_; // the function whose frame was reported last
};

void settle_table(Link& link) {
  const uint64_t limit = 0xffffffff - link.table_functions.size(); // sizes of tables have 32 bits
  if (link.options.table_base > limit)
    link.diagnostics().report(DiagnosticId::memory_too_large, {"table base", limit});
  // An input that takes a function's address should mention the table; some do not.
  if (!link.known.indirect_table && !link.table_functions.empty()) resolve_indirect_table(link, true);
  SymbolId table = link.known.indirect_table;
  if (!table) return;
  if (should_import(link, table) && link.symbols[table].index == none32) add_import(link, table);
  uint64_t size = link.options.table_base + link.table_functions.size();
  link.table_limits = {0, 16, size, 0};
  if (link.table_is_synthetic && !link.options.growable_table) {
    link.table_limits.flags |= limits_has_max;
    link.table_limits.maximum = size;
  }
  if (link.is_64) link.table_limits.flags |= limits_is_64;
}

} // namespace

bool should_import(const Link& link, SymbolId id) {
  const Symbol& s = link.symbols[id];
  const Options& o = link.options;
  if (s.is_lazy() || s.kind == SymbolKind::Data || s.kind == SymbolKind::Section) return false;
  if (!s.used_in_object || !link.is_live(s)) return false;
  if (s.kind == SymbolKind::Function && !s.signature) return false; // a name of --wrap that nothing refers to
  // A loader may override a weak definition: it is imported as well as exported.
  if (o.shared && s.is_weak() && s.state == SymbolState::Defined && !s.is_hidden()) return true;
  if (s.is_shared()) return true;
  if (!s.is_undefined()) return false;
  if (s.is_weak() && !o.relocatable && !o.is_pic()) return false;
  // Indirect uses go through the GOT.
  if (o.is_pic() && s.kind == SymbolKind::Function && !s.called_directly) return false;
  if (o.is_pic() || o.relocatable || o.import_undefined || o.unresolved == UnresolvedPolicy::ImportDynamic)
    return true;
  if (s.name.row < link.allow_undefined.size() && link.allow_undefined[s.name.row]) return true;
  return link.is_imported(s);
}

GlobalType global_type_of(const Link& link, const Symbol& s) {
  if (s.object) {
    ObjectView o = link.objects[s.object].object;
    const SymbolRow& row = o.symbols()[s.row];
    if (!row.is_undefined())
      return {static_cast<ValueType>(o.globals()[row.element].type), o.globals()[row.element].is_mutable != 0};
    const ImportRow& import = o.imports()[row.import()];
    return {static_cast<ValueType>(import.value_type), import.is_mutable != 0};
  }
  if (s.entity.is_synthetic() && !s.entity.is_none()) return link.synthetic_globals[s.entity.row()].type;
  return {link.is_64 ? ValueType::I64 : ValueType::I32, s.value != 0};
}

TableType table_type_of(const Link& link, const Symbol& s) {
  if (s.object) {
    ObjectView o = link.objects[s.object].object;
    const SymbolRow& row = o.symbols()[s.row];
    if (!row.is_undefined()) {
      const TableRow& table = o.tables()[row.element];
      return {static_cast<ValueType>(table.element), {table.limits_flags, 16, table.minimum, table.maximum}};
    }
    const ImportRow& import = o.imports()[row.import()];
    return {static_cast<ValueType>(import.value_type),
            {import.limits_flags, 16, import.limits_min, import.limits_max}};
  }
  return {ValueType::FuncRef, link.table_limits};
}

// The frame that a function makes at `at`, where it takes the stack pointer (the field of the instruction): 0
// when it makes none. As compilers write it, with and without optimization.
uint64_t stack_frame(Bytes object, uint64_t at) {
  namespace op = opcode;
  if (object[static_cast<size_t>(at) - 1] != op::global_get) return 0;
  ReadFailure failure;
  Reader r(object.subspan(static_cast<size_t>(at)), object.data(), "code", failure);
  auto local = [&](uint8_t wanted) { return r.u8("") == wanted ? r.u32_leb("") : none32; };
  r.u32_leb("");
  uint8_t code = r.u8("");
  const bool stored = code == op::local_set; // -O0 keeps both operands in locals
  uint32_t pointer = stored ? r.u32_leb("") : 0;
  if (stored) code = r.u8("");
  if (code != op::i32_const && code != op::i64_const) return 0;
  int64_t size = r.s64_leb("");
  if (stored) {
    uint32_t operand = local(op::local_set);
    if (local(op::local_get) != pointer || local(op::local_get) != operand) return 0;
  }
  code = r.u8("");
  const bool is_frame = !failure.happened && (code == op::i32_sub || code == op::i64_sub) && size >= 0;
  return is_frame ? static_cast<uint64_t>(size) : 0;
}

// How the tag in the field at `at` catches: 1, the legacy way (`catch`); 2, in a `try_table`; 0, it is
// thrown.
uint32_t exception_style(Bytes object, uint64_t at) {
  constexpr uint8_t legacy_catch = 0x07, clause_catch = 0x00, clause_catch_ref = 0x01;
  uint8_t before = object[static_cast<size_t>(at) - 1];
  return before == legacy_catch ? 1 : before == clause_catch || before == clause_catch_ref ? 2 : 0;
}

void scan_relocs(Link& link) {
  link.function_slot.resize(link.function_state.size(), none32);
  link.function_index.resize(link.function_state.size(), none32);
  link.function_offset.resize(link.function_state.size());
  link.global_index.resize(link.global_state.size(), none32);
  link.tag_index.resize(link.tag_state.size(), none32);
  link.table_index.resize(link.table_state.size(), none32);
  note_calls_of_constructors(link);
  collect_imports(link);
  Scanner(link).run();
  settle_table(link);
}

} // namespace weld
