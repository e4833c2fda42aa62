// Garbage collection: what roots reach through relocations is alive. A worklist, never recursion; each live
// function and segment remembers what made it so.
//
// Roots: the entry, exported and no-strip symbols, and for each object that is linked as such its
// constructors and retained segments. An archive member's constructors count once something it defines is
// alive.
#include "core/link/link.h"

#include <iterator>

namespace weld {

namespace {

struct Chunk {
  LinkObjectId object;
  uint32_t row; // local function, or local segment
  bool is_function;
};

class Marker {
public:
  explicit Marker(Link& link) : link_(link), met_(link.symbols.size()) {
    if (!link.keeps_edges) return;
    link.symbol_holder.resize(link.symbols.size());
    link.function_holder.resize(link.function_state.size());
    link.segment_holder.resize(link.segment_state.size());
  }

  void add_symbol(SymbolId id) {
    met_[id.row] = 1;
    if (link_.keeps_edges) link_.symbol_holder[id.row] = holder_;
    const Symbol& s = link_.symbols[id];
    if (link_.is_live(s)) return;
    LinkObjectId object = s.object;
    bool wakes_object = object && s.state == SymbolState::Defined && !link_.objects[object].live;
    Symbol copy = s;
    link_.mark(id);
    if (wakes_object) add_implicit(object);
    if (copy.state != SymbolState::Defined || !object || copy.entity.is_none()) return;
    const LinkObject& o = link_.objects[object];
    if (copy.kind == SymbolKind::Function) queue_.push_back({object, copy.entity.row() - o.functions, true});
    if (copy.kind == SymbolKind::Data) queue_.push_back({object, copy.entity.row() - o.segments, false});
  }

  // A symbol as an object's relocation or constructor list names it.
  void add(LinkObjectId object, uint32_t row_index) {
    const LinkObject& o = link_.objects[object];
    if (SymbolId id = link_.bound[o.symbols + row_index]) {
      if (!met_[id.row]) add_symbol(id);
      return;
    }
    const SymbolRow& row = o.object.symbols()[row_index];
    if (row.is_undefined()) return;
    auto wake = [&](uint8_t& state) {
      if (state & entity_state::live) return false;
      state |= entity_state::live;
      return true;
    };
    bool woken = false;
    switch (row.kind) {
    case SymbolKind::Function:
      if ((woken = wake(link_.function_state[o.functions + row.element]))) {
        queue_.push_back({object, row.element, true});
        if (link_.keeps_edges) link_.function_holder[o.functions + row.element] = holder_;
      }
      break;
    case SymbolKind::Data:
      if (row.element == none32) break;
      if ((woken = wake(link_.segment_state[o.segments + row.element]))) {
        queue_.push_back({object, row.element, false});
        if (link_.keeps_edges) link_.segment_holder[o.segments + row.element] = holder_;
      }
      break;
    case SymbolKind::Global: woken = wake(link_.global_state[o.globals + row.element]); break;
    case SymbolKind::Tag: woken = wake(link_.tag_state[o.tags + row.element]); break;
    case SymbolKind::Table: woken = wake(link_.table_state[o.tables + row.element]); break;
    case SymbolKind::Section: break;
    }
    if (woken && !o.live) {
      link_.objects[object].live = true;
      add_implicit(object);
    }
  }

  // Constructors and retained segments of an object that became alive.
  void add_implicit(LinkObjectId object) {
    const LinkObject& o = link_.objects[object];
    for (const InitFunctionRow& init : o.object.init_functions())
      if (!is_discarded(o, init.symbol)) add(object, init.symbol);
    auto segments = o.object.segments();
    for (uint32_t i = 0; i < segments.size(); i++) {
      if (!(segments[i].flags & segment_flag::retain)) continue;
      link_.segment_state[o.segments + i] |= entity_state::live;
      queue_.push_back({object, i, false});
    }
  }

  bool is_discarded(const LinkObject& o, uint32_t row_index) const {
    EntityRef function = link_.function_of(o, row_index);
    return !function.is_none() && !function.is_synthetic() &&
           (link_.function_state[function.row()] & entity_state::discarded);
  }

  void run() {
    while (!queue_.empty()) {
      Chunk chunk = queue_.back();
      queue_.pop_back();
      const LinkObject& o = link_.objects[chunk.object];
      holder_ = {(chunk.is_function ? o.functions : o.segments) + chunk.row, chunk.is_function};
      CodeRefs refs = chunk.is_function ? o.relocs(o.object.functions()[chunk.row])
                                        : CodeRefs(o.relocs(o.object.segments()[chunk.row].relocs));
      for (const RelocRow& reloc : refs) {
        RelocTarget target = traits(reloc.reloc_type()).target;
        if (target == RelocTarget::Type) continue;
        // The address of a trap is null: taking it needs no code.
        if (target == RelocTarget::TableSlot) {
          SymbolId id = link_.bound[o.symbols + reloc.index];
          if (id && link_.symbols[id].is_stub) continue;
        }
        add(chunk.object, reloc.index);
      }
    }
  }

private:
  Link& link_;
  Vector<Chunk> queue_;
  Holder holder_;       // whose relocations are looked at
  Vector<uint8_t> met_; // SymbolId -> it is alive: most relocations refer to what others did before
};

// Constructors run from __wasm_call_ctors, which is needed as soon as one of them is alive.
bool call_ctors_needed(const Link& link) {
  if (link.options.relocatable) return false;
  if (link.options.is_pic()) return true;
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    for (const InitFunctionRow& init : o.object.init_functions())
      if (link.constructor_of(o, init).is_live) return true;
  }
  return false;
}

RootReason export_reason(const Link& link, const Symbol& s) {
  if (s.force_export) return RootReason::Export;
  if (s.flags & symbol_flag::exported) return RootReason::ExportAttribute;
  return link.options.export_all ? RootReason::ExportAll : RootReason::ExportDynamic;
}

void keep_roots(Link& link) {
  auto add = [&](RootReason reason, SymbolId symbol, LinkObjectId object = {}) {
    link.gc_roots.push_back({reason, symbol, object});
  };
  if (link.options.entry)
    if (SymbolId entry = link.find(*link.options.entry)) add(RootReason::Entry, entry);
  for (SymbolId id : link.symbol_order) {
    const Symbol& s = link.symbols[id];
    if (s.flags & symbol_flag::no_strip) add(RootReason::NoStrip, id);
    if (link.is_exported(s)) add(export_reason(link, s), id);
  }
  if (link.call_dtors) add(RootReason::Destructors, link.call_dtors);
  for (LinkObjectId id : link.object_order)
    if (link.objects[id].is_root) add(RootReason::Input, {}, id);
}

void print_removed(Link& link) {
  auto print = [&](LinkObjectId object, std::string_view name) {
    link.diagnostics().report(DiagnosticId::removed_section, {link.file_of(object), name});
  };
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    auto each = [&](const Vector<uint8_t>& state, uint32_t base, auto rows, auto&& name) {
      for (uint32_t i = 0; i < rows.size(); i++)
        if (!(state[base + i] & entity_state::live)) print(id, name(rows[i]));
    };
    auto own_name = [&](const auto& row) { return o.text(row.name); };
    each(link.function_state, o.functions, o.object.functions(), own_name);
    each(link.segment_state, o.segments, o.object.segments(),
         [&](const SegmentRow& row) { return link.session.strings.text(row.name); });
    each(link.global_state, o.globals, o.object.globals(), own_name);
    each(link.tag_state, o.tags, o.object.tags(), own_name);
    each(link.table_state, o.tables, o.object.tables(), own_name);
  }
  for (const SyntheticFunction& f : link.synthetic_functions)
    if (!f.live) print({}, f.name);
  for (const SyntheticGlobal& g : link.synthetic_globals)
    if (!g.live) print({}, g.name);
}

// Roots come in two parts: what is needed anyway, and what only an option keeps.
struct Roots {
  Vector<SymbolId> symbols;
  Vector<LinkObjectId> objects; // their constructors and retained segments
};

void find_roots(const Link& link, Roots& needed, Roots& kept) {
  if (SymbolId entry = link.find(*link.options.entry)) needed.symbols.push_back(entry);
  for (SymbolId id : link.symbol_order) {
    const Symbol& s = link.symbols[id];
    const bool is_asked_for = s.force_export || (s.flags & (symbol_flag::no_strip | symbol_flag::exported));
    if ((s.flags & symbol_flag::no_strip) || link.is_exported(s))
      (is_asked_for ? needed : kept).symbols.push_back(id);
  }
  if (link.call_dtors) needed.symbols.push_back(link.call_dtors);
  for (LinkObjectId id : link.object_order)
    if (link.objects[id].is_root) (link.objects[id].member == none32 ? needed : kept).objects.push_back(id);
}

void mark(Marker& marker, const Roots& roots) {
  for (SymbolId id : roots.symbols) marker.add_symbol(id);
  for (LinkObjectId id : roots.objects) marker.add_implicit(id);
  marker.run();
}

struct Amount {
  uint64_t functions = 0, code = 0, data = 0;
};

Amount live_amount(const Link& link) {
  Amount amount;
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    auto functions = o.object.functions();
    for (uint32_t i = 0; i < functions.size(); i++) {
      if (!(link.function_state[o.functions + i] & entity_state::live)) continue;
      amount.functions++;
      amount.code += functions[i].size;
    }
    auto segments = o.object.segments();
    for (uint32_t i = 0; i < segments.size(); i++)
      if (link.segment_state[o.segments + i] & entity_state::live) amount.data += segments[i].data.size;
  }
  return amount;
}

// What would be kept, in a link that keeps everything. Leaves no trace.
Amount needed_amount(Link& link) {
  Vector<uint8_t>* columns[] = {&link.function_state, &link.segment_state, &link.global_state,
                                &link.tag_state, &link.table_state};
  Vector<uint8_t> states[std::size(columns)];
  for (size_t i = 0; i < std::size(columns); i++) {
    states[i] = *columns[i];
    for (uint8_t& row : *columns[i]) row &= static_cast<uint8_t>(~entity_state::live);
  }
  Vector<uint8_t> referenced, live;
  for (Symbol& s : link.symbols) {
    referenced.push_back(s.referenced);
    s.referenced = false;
  }
  for (LinkObject& o : link.objects) {
    live.push_back(o.live);
    o.live = o.is_root;
  }

  Roots needed, kept;
  find_roots(link, needed, kept);
  Marker marker(link);
  mark(marker, needed);
  mark(marker, kept);
  Amount amount = live_amount(link);

  for (size_t i = 0; i < std::size(columns); i++) columns[i]->swap(states[i]);
  for (uint32_t i = 0; i < referenced.size(); i++) link.symbols[SymbolId(i)].referenced = referenced[i];
  for (uint32_t i = 0; i < live.size(); i++) link.objects[LinkObjectId(i)].live = live[i];
  return amount;
}

void report_kept(Link& link, const char* option, const Amount& needed, const Amount& all) {
  if (all.functions == needed.functions && all.data == needed.data) return;
  link.diagnostics()
      .report(DiagnosticId::kept_by_option,
              {option, all.functions - needed.functions, all.code - needed.code, all.data - needed.data})
      .note("export by name only what is needed (--export); what else is needed is found by itself");
}

} // namespace

void mark_live(Link& link) {
  const Options& o = link.options;
  const bool counts = link.diagnostics().is_heard(DiagnosticId::kept_by_option) && !o.relocatable;
  if (o.metafile) keep_roots(link);
  if (o.gc()) {
    Roots needed, kept;
    find_roots(link, needed, kept);
    Marker marker(link);
    mark(marker, needed);
    Amount before;
    if (counts) before = live_amount(link);
    mark(marker, kept);
    if (counts)
      report_kept(link,
                  o.export_all          ? "--export-all"
                  : o.exports_dynamic() ? "--export-dynamic"
                                        : "--whole-archive",
                  before, live_amount(link));
    if (call_ctors_needed(link)) link.mark(link.known.call_ctors);
    if (o.print_gc_sections) print_removed(link);
  } else if (counts) {
    const Amount all = live_amount(link);
    report_kept(link, "--no-gc-sections", needed_amount(link), all);
  }
  resolve_indirect_table(link, false);
}

} // namespace weld
