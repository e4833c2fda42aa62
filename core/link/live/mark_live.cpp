// Garbage collection: what roots reach through relocations is alive. A worklist, never recursion; each live
// function and segment remembers what made it so.
//
// Roots: the entry, exported and no-strip symbols, and for each object that is linked as such its
// constructors and retained segments. An archive member's constructors count once something it defines is
// alive.
#include "core/base/function_ref.h"
#include "core/base/sort.h"
#include "core/link/live/liveness.h"
#include "core/link/resolve/late_names.h"

#include <algorithm>
#include <utility>

namespace weld {

namespace {

// The symbol and its entity, without what they refer to.
void mark(const Resolved& link, Liveness& live, SymbolId id) {
  const Symbol& s = link.symbols[id];
  live.symbol_live[id] = true;
  if (s.state != SymbolState::Defined) return;
  if (s.object) live.object_live[s.object] = true;
  const bool is_synthetic = s.entity.is_synthetic();
  switch (s.kind) {
  case SymbolKind::Function:
    if (is_synthetic) live.synthetic_function_live[s.function().synthetic()] = true;
    else live.function_live[s.function().id()] = true;
    break;
  case SymbolKind::Global:
    if (is_synthetic) live.synthetic_global_live[s.global().synthetic()] = true;
    else live.global_live[s.global().id()] = true;
    break;
  case SymbolKind::Tag: live.tag_live[s.tag()] = true; break;
  case SymbolKind::Table:
    if (!is_synthetic) live.table_live[s.table().id()] = true;
    break;
  case SymbolKind::Data:
    if (!s.entity.is_none()) live.segment_live[s.segment()] = true;
    break;
  case SymbolKind::Section: break;
  }
}

// Whose relocations are to be looked at.
struct Chunk {
  LinkObjectId object;
  Holder holder;
  EncodedRelocs relocs; // of a global or table, which is no holder
};

// Of the objects' definitions of a common symbol one is left, or none.
void drop_commons(const Resolved& link, Liveness& live) {
  for (const LinkObject& o : link.objects) {
    auto segments = o.object.segments();
    for (uint32_t i = 0; i < segments.size(); i++)
      if ((segments[i].flags & segment_flag::common) && link.segment_is_discarded(o.segment(i)))
        live.segment_live[o.segment(i)] = false;
  }
}

// Before anything is marked: without garbage collection everything is alive.
Liveness begin(const Resolved& link, bool gc) {
  Liveness live;
  const std::pair<Vector<bool>*, size_t> columns[] = {
      {&live.function_live, link.functions_total},
      {&live.segment_live, link.segments_total},
      {&live.global_live, link.globals_total},
      {&live.tag_live, link.tags_total},
      {&live.table_live, link.tables_total},
      {&live.symbol_live, link.symbols.size()},
      {&live.object_live, link.objects.size()},
      {&live.synthetic_function_live, link.synthetic_functions.size()},
      {&live.synthetic_global_live, link.synthetic_globals.size()}};
  for (const auto& [column, size] : columns) column->assign(size, !gc);
  if (!gc) {
    if (link.has_commons) drop_commons(link, live);
    // wasm-ld writes what was discarded all the same, though nothing can refer to it.
    if (link.options.like_lld()) return live;
    auto drop = [](const auto& is_discarded, auto& is_live) {
      for (uint32_t i = 0; i < is_discarded.size(); i++) is_live.begin()[i] &= !is_discarded.begin()[i];
    };
    drop(link.function_discarded, live.function_live);
    drop(link.segment_discarded, live.segment_live);
    return live;
  }
  for (LinkObjectId id(0); id.row < link.objects.size(); id.row++)
    live.object_live[id] = link.objects[id].is_root;
  for (uint32_t i = 0; i < link.symbols.size(); i++)
    if (link.symbols[SymbolId(i)].is_needed) mark(link, live, SymbolId(i));
  return live;
}

class Marker {
public:
  Marker(const Resolved& link, Liveness& live) : link_(link), live_(live), met_(link.symbols.size()) {
    if (link.has_units) find_collections();
    if (!link.keeps_edges) return;
    live.symbol_holder.resize(link.symbols.size());
    live.function_holder.resize(link.functions_total);
    live.segment_holder.resize(link.segments_total);
  }

  void begin_roots() { holder_ = {}; }

  void add_symbol(SymbolId id) {
    met_[id.row] = 1;
    if (link_.keeps_edges) live_.symbol_holder[id] = holder_;
    if (live_.is_live(link_, id)) return;
    const Symbol& s = link_.symbols[id];
    LinkObjectId object = s.object;
    bool wakes_object = object && s.state == SymbolState::Defined && !live_.object_live[object];
    mark(link_, live_, id);
    if (!collections_.empty()) wake_collection(id);
    if (wakes_object) add_implicit(object);
    if (s.state != SymbolState::Defined || !object || s.entity.is_none()) return;
    if (s.kind == SymbolKind::Function) add_holder(object, s.function().id());
    if (s.kind == SymbolKind::Data) add_holder(object, s.segment());
    if (s.kind == SymbolKind::Global && !s.entity.is_synthetic()) add_holder(object, s.global().id());
    if (s.kind == SymbolKind::Table && !s.entity.is_synthetic()) add_holder(object, s.table().id());
  }

  // A symbol as an object's relocation or constructor list names it.
  void add(LinkObjectId object, uint32_t row_index) {
    const LinkObject& o = link_.objects[object];
    if (SymbolId id = link_.bound[o.symbol(row_index)]) {
      if (!met_[id.row]) add_symbol(id);
      return;
    }
    const SymbolRow& row = o.object.symbols()[row_index];
    if (row.is_undefined()) return;
    auto wake = [](bool& is_live) { return !std::exchange(is_live, true); };
    bool woken = false;
    switch (row.kind) {
    case SymbolKind::Function: {
      const FunctionId id = o.function(row.element);
      if (!(woken = wake(live_.function_live[id]))) break;
      add_holder(object, id);
      if (link_.keeps_edges) live_.function_holder[id] = holder_;
      break;
    }
    case SymbolKind::Data: {
      if (row.element == none32) break;
      const SegmentId id = o.segment(row.element);
      if (!(woken = wake(live_.segment_live[id]))) break;
      add_holder(object, id);
      if (link_.keeps_edges) live_.segment_holder[id] = holder_;
      break;
    }
    case SymbolKind::Global:
      if ((woken = wake(live_.global_live[o.global(row.element)]))) add_holder(object, o.global(row.element));
      break;
    case SymbolKind::Tag: woken = wake(live_.tag_live[o.tag(row.element)]); break;
    case SymbolKind::Table:
      if ((woken = wake(live_.table_live[o.table(row.element)]))) add_holder(object, o.table(row.element));
      break;
    case SymbolKind::Section: break;
    }
    if (woken && !std::exchange(live_.object_live[object], true)) add_implicit(object);
  }

  // Constructors and retained segments of an object that became alive.
  void add_implicit(LinkObjectId object) {
    const LinkObject& o = link_.objects[object];
    for (const InitFunctionRow& init : o.object.init_functions())
      if (!is_discarded(o, init.symbol)) add(object, init.symbol);
    auto segments = o.object.segments();
    for (uint32_t i = 0; i < segments.size(); i++) {
      if (!(segments[i].flags & segment_flag::retain)) continue;
      live_.segment_live[o.segment(i)] = true;
      add_holder(object, o.segment(i));
    }
  }

  bool is_discarded(const LinkObject& o, uint32_t row_index) const {
    FunctionEntity function = link_.function_of(o, row_index);
    return !function.is_none() && !function.is_synthetic() && link_.function_is_discarded(function.id());
  }

  void run() {
    while (!queue_.empty()) {
      Chunk chunk = queue_.back();
      queue_.pop_back();
      const LinkObject& o = link_.objects[chunk.object];
      holder_ = chunk.holder;
      CodeRefs refs =
          holder_.function
              ? o.relocs(o.object.functions()[o.function.local(holder_.function)])
              : CodeRefs(o.relocs(holder_.segment ? o.object.segments()[o.segment.local(holder_.segment)].relocs
                                                  : chunk.relocs));
      for (const RelocRow& reloc : refs) {
        RelocTarget target = traits(reloc.reloc_type()).target;
        if (target == RelocTarget::Type) continue;
        // The address of a trap is null: taking it needs no code.
        if (target == RelocTarget::TableSlot) {
          SymbolId id = link_.bound[o.symbol(reloc.index)];
          if (id && link_.symbols[id].is_trap) continue;
        }
        add(chunk.object, reloc.index);
      }
    }
  }

private:
  // Data of a unit in a section of a C-like name, and what gives a program the first or the last byte of the section.
  struct Member {
    SymbolId symbol; // `__start_NAME` or `__stop_NAME`
    LinkObjectId object;
    SegmentId segment;
  };

  void find_collections() {
    for (LinkObjectId id : link_.object_order) {
      const LinkObject& o = link_.objects[id];
      auto segments = o.object.segments();
      for (uint32_t i = 0; o.unit && i < segments.size(); i++) {
        if ((segments[i].flags & segment_flag::passive) || link_.segment_is_discarded(o.segment(i))) continue;
        const std::string name(link_.text(segments[i].name));
        if (!is_c_identifier(name)) continue;
        for (const char* prefix : {"__start_", "__stop_"})
          if (SymbolId symbol = link_.find(prefix + name)) collections_.push_back({symbol, id, o.segment(i)});
      }
    }
    sort_stably(collections_, [](const Member& a, const Member& b) { return a.symbol.row < b.symbol.row; });
  }

  // Who walks over a collection needs all of it. Objects say of each segment that it is to stay (the flag `retain`).
  void wake_collection(SymbolId symbol) {
    auto member = std::lower_bound(collections_.begin(), collections_.end(), symbol,
                                   [](const Member& m, SymbolId id) { return m.symbol.row < id.row; });
    for (; member != collections_.end() && member->symbol == symbol; ++member) {
      if (std::exchange(live_.segment_live[member->segment], true)) continue;
      if (link_.keeps_edges) live_.segment_holder[member->segment] = holder_;
      add_holder(member->object, member->segment);
      if (!std::exchange(live_.object_live[member->object], true)) add_implicit(member->object);
    }
  }

  void add_holder(LinkObjectId object, FunctionId id) { queue_.push_back({object, {id, {}}, {}}); }
  void add_holder(LinkObjectId object, SegmentId id) { queue_.push_back({object, {{}, id}, {}}); }
  // What a global or table refers to stays, as what a root refers to, until its definition is another.
  void add_holder(LinkObjectId object, GlobalId id) {
    const LinkObject& o = link_.objects[object];
    add_relocs(object, o.object.globals()[o.global.local(id)].relocs);
  }
  void add_holder(LinkObjectId object, TableId id) {
    const LinkObject& o = link_.objects[object];
    add_relocs(object, o.object.tables()[o.table.local(id)].relocs);
  }
  void add_relocs(LinkObjectId object, EncodedRelocs relocs) {
    if (relocs.count) queue_.push_back({object, {}, relocs});
  }

  const Resolved& link_;
  Liveness& live_;
  Vector<Chunk> queue_;
  Vector<Member> collections_; // by symbol
  Holder holder_;              // whose relocations are looked at
  Vector<uint8_t> met_;        // SymbolId -> it is alive: most relocations refer to what others did before
};

// Constructors run from __wasm_call_ctors, which is needed as soon as one of them is alive.
bool call_ctors_needed(const Resolved& link, const Liveness& live) {
  if (link.options.relocatable) return false;
  if (link.options.is_pic()) return true;
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    for (const InitFunctionRow& init : o.object.init_functions())
      if (constructor_of(link, live, o, init).is_live) return true;
  }
  return false;
}

RootReason export_reason(const Resolved& link, const Symbol& s) {
  if (s.force_export) return RootReason::Export;
  if (s.flags & symbol_flag::exported) return RootReason::ExportAttribute;
  return link.options.export_all ? RootReason::ExportAll : RootReason::ExportDynamic;
}

// Every root, once for each reason. `is_asked_for`: it is needed anyway; else only an option keeps it.
void for_each_root(const Resolved& link, const Liveness& live,
                   FunctionRef<void(const GcRoot& root, bool is_asked_for)> each) {
  if (link.options.entry)
    if (SymbolId entry = link.find(*link.options.entry)) each({RootReason::Entry, entry, {}}, true);
  // Where the entry is missing, what it would have called tells what else is.
  if (link.excused_errors)
    for (std::string_view name : {"main", "__main_argc_argv"})
      if (SymbolId main = link.find(name)) each({RootReason::Entry, main, {}}, true);
  for (SymbolId id : link.symbol_order) {
    const Symbol& s = link.symbols[id];
    const bool is_asked_for = s.force_export || (s.flags & (symbol_flag::no_strip | symbol_flag::exported));
    if (s.flags & symbol_flag::no_strip) each({RootReason::NoStrip, id, {}}, true);
    if (is_exported(link, live, id)) each({export_reason(link, s), id, {}}, is_asked_for);
  }
  if (link.call_dtors) each({RootReason::Destructors, link.call_dtors, {}}, true);
  for (SymbolId accessor :
       {link.known.set_tls_base, link.known.get_tls_base}) // the linker's own code calls them
    if (accessor) each({RootReason::Linker, accessor, {}}, true);
  for (LinkObjectId id : link.object_order)
    if (link.objects[id].is_root) each({RootReason::Input, {}, id}, link.objects[id].member == none32);
}

// Whether the output has data.
bool has_segments(const Resolved& link, const Liveness& live) {
  bool found = false;
  live.for_each_segment(link, [&](LinkObjectId, const LinkObject&, SegmentId, const SegmentRow& row) {
    found |= !(row.flags & segment_flag::passive);
  });
  return found;
}

void print_removed(const Resolved& link, const Liveness& live) {
  auto print = [&](LinkObjectId object, std::string_view name) {
    link.diagnostics().report(DiagnosticId::removed_section, {link.file_of(object), name});
  };
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    auto each = [&](const auto& is_live, auto numbered, auto rows, auto&& name) {
      for (uint32_t i = 0; i < rows.size(); i++)
        if (!is_live[numbered(i)]) print(id, name(rows[i]));
    };
    auto own_name = [&](const auto& row) { return o.text(row.name); };
    each(live.function_live, o.function, o.object.functions(), own_name);
    auto segments = o.object.segments();
    for (uint32_t i = 0; i < segments.size(); i++) {
      // A common definition in place of which another was taken is not there to be removed.
      const bool has_lost =
          (segments[i].flags & segment_flag::common) && link.segment_is_discarded(o.segment(i));
      if (!live.segment_live[o.segment(i)] && !has_lost) print(id, link.store.strings.text(segments[i].name));
    }
    each(live.global_live, o.global, o.object.globals(), own_name);
    each(live.tag_live, o.tag, o.object.tags(), own_name);
    each(live.table_live, o.table, o.object.tables(), own_name);
  }
  for (SyntheticFunctionId id(0); id.row < link.synthetic_functions.size(); id.row++)
    if (!live.synthetic_function_live[id]) print({}, link.text(link.synthetic_functions[id].name));
  for (SyntheticGlobalId id(0); id.row < link.synthetic_globals.size(); id.row++)
    if (!live.synthetic_global_live[id]) print({}, link.synthetic_globals[id].name);
}

// Roots come in two parts: what is needed anyway, and what only an option keeps.
struct Roots {
  Vector<GcRoot> needed, kept;
};

Roots find_roots(const Resolved& link, const Liveness& live) {
  Roots roots;
  for_each_root(link, live, [&](const GcRoot& root, bool is_asked_for) {
    (is_asked_for ? roots.needed : roots.kept).push_back(root);
  });
  return roots;
}

void mark(Marker& marker, const Vector<GcRoot>& roots) {
  marker.begin_roots();
  for (const GcRoot& root : roots)
    if (root.symbol) marker.add_symbol(root.symbol);
  for (const GcRoot& root : roots)
    if (root.object) marker.add_implicit(root.object);
  marker.run();
}

struct Amount {
  uint64_t functions = 0, code = 0, data = 0;
};

Amount live_amount(const Resolved& link, const Liveness& live) {
  Amount amount;
  live.for_each_function(link, [&](LinkObjectId, const LinkObject&, FunctionId, const FunctionRow& row) {
    amount.functions++;
    amount.code += row.size;
  });
  live.for_each_segment(link, [&](LinkObjectId, const LinkObject&, SegmentId, const SegmentRow& row) {
    amount.data += row.data.size;
  });
  return amount;
}

// What would be kept, in a link that keeps everything.
Amount needed_amount(const Resolved& link) {
  Liveness live = begin(link, true);
  const Roots roots = find_roots(link, live);
  Marker marker(link, live);
  mark(marker, roots.needed);
  mark(marker, roots.kept);
  return live_amount(link, live);
}

void report_kept(const Resolved& link, const char* option, const Amount& needed, const Amount& all) {
  if (all.functions == needed.functions && all.data == needed.data) return;
  link.diagnostics()
      .report(DiagnosticId::kept_by_option,
              {option, all.functions - needed.functions, all.code - needed.code, all.data - needed.data})
      .note("export by name only what is needed (--export); what else is needed is found by itself");
}

} // namespace

void mark_live(const Resolved& link, Liveness& live) {
  const Options& o = link.options;
  const bool counts = link.diagnostics().is_heard(DiagnosticId::kept_by_option) && !o.relocatable;
  live = begin(link, o.gc());
  if (o.metafile) for_each_root(link, live, [&](const GcRoot& root, bool) { live.gc_roots.push_back(root); });
  if (o.gc()) {
    const Roots roots = find_roots(link, live);
    Marker marker(link, live);
    mark(marker, roots.needed);
    Amount before;
    if (counts) before = live_amount(link, live);
    mark(marker, roots.kept);
    if (counts)
      report_kept(link,
                  o.export_all          ? "--export-all"
                  : o.exports_dynamic() ? "--export-dynamic"
                                        : "--whole-archive",
                  before, live_amount(link, live));
    if (call_ctors_needed(link, live)) mark(link, live, link.known.call_ctors);
    if (o.print_gc_sections) print_removed(link, live);
  } else if (counts) {
    const Amount all = live_amount(link, live);
    report_kept(link, "--no-gc-sections", needed_amount(link), all);
  }
  // A memory that threads share is initialized by code, which sets where the first thread's data is.
  if (link.known.tls_base && o.shared_memory && has_segments(link, live))
    mark(link, live, link.known.tls_base);
}

} // namespace weld
