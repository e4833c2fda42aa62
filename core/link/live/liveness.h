// What is alive: the state that mark_live fills.
#pragma once

#include "core/base/metafile_kinds.h"
#include "core/link/resolve/resolution.h"

namespace weld {

struct GcRoot {
  RootReason reason;
  SymbolId symbol;     // none with Input
  LinkObjectId object; // Input
};

// A function or segment whose relocations are looked at; neither: a root.
struct Holder {
  FunctionId function;
  SegmentId segment;

  bool operator==(const Holder&) const = default;
};

// What a list of constructors names.
struct Constructor {
  FunctionEntity function; // none: it is undefined, or a shared library's
  SymbolId symbol;         // none: it is local
  SignatureId signature;
  bool is_live = false; // and not discarded
};

// Without garbage collection everything is alive. What the linker makes after mark_live is alive.
struct Liveness {
  Column<FunctionId, bool> function_live;
  Column<SegmentId, bool> segment_live;
  Column<GlobalId, bool> global_live;
  Column<TagId, bool> tag_live;
  Column<TableId, bool> table_live;
  Column<SymbolId, bool> symbol_live;     // something alive refers to it
  Column<LinkObjectId, bool> object_live; // a root, or something it defines is alive
  Column<SyntheticFunctionId, bool> synthetic_function_live;
  Column<SyntheticGlobalId, bool> synthetic_global_live;

  Vector<GcRoot> gc_roots; // only with options.metafile
  // What first made a global symbol, or a local one's function or segment, alive: only with `keeps_edges`.
  Column<SymbolId, Holder> symbol_holder;
  Column<FunctionId, Holder> function_holder;
  Column<SegmentId, Holder> segment_holder;

  bool is_live(const Resolution& names, SymbolId id) const;
  // In link order, of objects: each(LinkObjectId, const LinkObject&, FunctionId, const FunctionRow&), and likewise with
  // SegmentId and SegmentRow.
  template <class Each>
  void for_each_function(const Resolution& names, Each each) const {
    for_each_live(names, function_live, &LinkObject::function, &ObjectView::functions, each);
  }
  template <class Each>
  void for_each_segment(const Resolution& names, Each each) const {
    for_each_live(names, segment_live, &LinkObject::segment, &ObjectView::segments, each);
  }
  bool is_live(FunctionEntity function) const {
    return function.is_synthetic() ? is_live(function.synthetic()) : function_live[function.id()];
  }
  bool is_live(SyntheticFunctionId id) const {
    return id.row >= synthetic_function_live.size() || synthetic_function_live[id];
  }

private:
  template <class IdType, class Row, class Each>
  static void for_each_live(const Resolution& names, const Column<IdType, bool>& is_live,
                            Numbered<IdType> LinkObject::*numbered,
                            std::span<const Row> (ObjectView::*rows)() const, Each& each) {
    for (LinkObjectId object : names.object_order) {
      const LinkObject& o = names.objects[object];
      IdType id = (o.*numbered)(0);
      for (const Row& row : (o.object.*rows)()) {
        if (is_live[id]) each(object, o, id, row);
        id.row++;
      }
    }
  }
};

// What may be read once it is known what is alive.
struct Marked : Resolved, Liveness {
  using Resolved::Resolved;

  bool is_live(SymbolId id) const { return Liveness::is_live(*this, id); }
  using Liveness::is_live;
  template <class Each>
  void for_each_function(Each each) const {
    Liveness::for_each_function(*this, each);
  }
  template <class Each>
  void for_each_segment(Each each) const {
    Liveness::for_each_segment(*this, each);
  }
  bool is_exported(SymbolId id) const;
  Constructor constructor_of(const LinkObject& object, const InitFunctionRow& init) const;
};

// Whether the module exports the symbol, if it is alive.
bool is_exported(const Resolved& link, const Liveness& live, SymbolId id);
Constructor constructor_of(const Resolved& link, const Liveness& live, const LinkObject& object,
                           const InitFunctionRow& init);

void mark_live(const Resolved& link, Liveness& live);
// The only phase that edits units. What `link` has of them is not good after that.
void ask_contents(const Marked& link, InputStore& store);

} // namespace weld
