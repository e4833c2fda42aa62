#include "core/link/patch/instance.h"

#include "core/link/patch/exports.h"
#include "core/link/patch/live_values.h"

namespace weld {

namespace {

// All that a new instance has, as its linker gives it out.
class InstanceReader {
public:
  InstanceReader(const Link& link, LiveView& view, LiveInstance& instance)
      : link_(link), view_(view), names_(view.names), values_(view.values), instance_(instance) {}

  void run() {
    instance_ = {};
    instance_.options = link_.options;
    read_numbers();
    read_contents();
    read_exports();
    const auto used = static_cast<uint32_t>(link_.options.table_base + link_.table_functions.size());
    instance_.next_slot = used;
    instance_.slots_end = used + live_table_room;
    instance_.room = link_.live_room;
    instance_.room_end = link_.live_room + link_.options.live_room;
    instance_.state = link_.live_id;
    view_.states = {instance_.state};
    view_.latest = instance_.state;
  }

private:
  void read_numbers() {
    values_.slot.resize(link_.functions_total);
    values_.address.resize(link_.segments_total, no_address);
    values_.piece_address.resize(link_.pieces.size());
    values_.find_imports();
    link_.for_each_function([&](LinkObjectId, const LinkObject&, FunctionId id, const FunctionRow&) {
      values_.slot[id] = link_.function_slot[id].value;
    });
    for (uint32_t i = 0; i < values_.import_slot.size(); i++) {
      const SymbolId id = values_.import_of_index[i];
      values_.import_slot[i] = link_.table_slot_of(id).value;
      instance_.imports[names_.import(id)] = values_.import_slot[i];
    }
    if (const TableSlot slot = link_.table_slot_of(link_.known.call_ctors))
      instance_.call_ctors_slot = values_.call_ctors_slot = slot.value;
    link_.for_each_segment([&](LinkObjectId, const LinkObject& o, SegmentId id, const SegmentRow& row) {
      if (row.flags & segment_flag::passive) return;
      const uint64_t begin = link_.segments[link_.segment_out[id]].address;
      if (!names_.is_merged(id)) {
        values_.address[id] = begin + link_.segment_offset[id];
        return;
      }
      const RowRange range = link_.segment_pieces[id];
      for (uint32_t i = range.first; i < range.first + range.count; i++) {
        values_.piece_address[i] = begin + link_.segment_offset[id] + link_.pieces[i].output_offset;
        instance_.strings[live_key(names_.piece(o, id, i))] = values_.piece_address[i];
      }
    });
    for (uint32_t row = 0; row < link_.symbols.size(); row++)
      if (const Symbol& s = link_.symbols[SymbolId(row)]; s.place != none32)
        instance_.places[names_.entity(SymbolKind::Data, link_.name_of(SymbolId(row)))] =
            link_.places[s.place];
    values_.places = instance_.places;
    instance_.thread_block = values_.thread_block = thread_block(link_);
    for_each_entity([&](LiveMap<LiveEntity>& map, LiveKey key, LinkObjectId object, uint32_t row) {
      const auto number = static_cast<uint32_t>(symbol_value(link_, object, row).value);
      map[key] = {number, entity_type(names_, link_, object, row), 0};
    });
    // Code of a patch may need it when none did before.
    if (const SymbolId stack = link_.known.stack_pointer)
      if (const OutGlobalIndex index = link_.global_index_of(stack)) {
        const GlobalType type = global_type_of(link_, link_.symbols[stack]);
        instance_.globals[names_.entity(SymbolKind::Global, link_.name_of(stack))] = {
            index.value, uint64_t{static_cast<uint32_t>(type.type)} << 1 | type.is_mutable, 0};
      }
    values_.globals = instance_.globals;
    values_.tags = instance_.tags;
    values_.tables = instance_.tables;
  }

  // Globals, tags and tables, by the symbols of the objects that have them.
  template <class Each>
  void for_each_entity(Each each) {
    for (LinkObjectId id : link_.object_order) {
      const LinkObject& o = link_.objects[id];
      const auto rows = o.object.symbols();
      for (uint32_t i = 0; i < rows.size(); i++)
        if (LiveMap<LiveEntity>* map = map_of(o, i, rows[i]))
          each(*map, names_.entity(rows[i].kind, id, i), id, i);
    }
  }

  LiveMap<LiveEntity>* map_of(const LinkObject& o, uint32_t row, const SymbolRow& symbol) {
    const SymbolKind kind = symbol.kind;
    if (kind != SymbolKind::Global && kind != SymbolKind::Tag && kind != SymbolKind::Table) return nullptr;
    const SymbolId id = link_.symbol_of(o, row);
    if (id ? !link_.is_live(id) : symbol.is_undefined()) return nullptr;
    if (id && id == link_.indirect_table) return nullptr;
    const bool is_memory =
        id ? link_.is_memory(id) : kind == SymbolKind::Table && o.object.tables()[symbol.element].is_memory();
    if (is_memory) return nullptr; // patches only know the first one
    const SymbolValue value = id ? symbol_value(link_, id) : local_symbol_value(link_, o, symbol);
    if (!value.is_live || value.value == none32) return nullptr;
    return kind == SymbolKind::Global ? &instance_.globals
           : kind == SymbolKind::Tag  ? &instance_.tags
                                      : &instance_.tables;
  }

  void read_contents() {
    link_.for_each_function([&](LinkObjectId object, const LinkObject& o, FunctionId id, const FunctionRow&) {
      LiveFunction f;
      f.slot = values_.slot[id];
      f.is_editable = is_editable(link_.options, o);
      f.is_address_taken = f.slot < link_.options.table_base + link_.address_slots;
      f.content = values_.function_content(object, id);
      instance_.functions[names_.function(id)] = f;
      instance_.type_of_name[names_.function_name(id)] = names_.function(id);
    });
    link_.for_each_segment([&](LinkObjectId object, const LinkObject&, SegmentId id, const SegmentRow& row) {
      if ((row.flags & segment_flag::passive) || names_.is_merged(id)) return;
      instance_.data[names_.data(id)] = values_.data_of(object, id);
    });
    for_each_entity([&](LiveMap<LiveEntity>& map, LiveKey key, LinkObjectId object, uint32_t row) {
      if (const uint64_t content = values_.entity_content(object, row)) map[key].content = content;
    });
    for (const InitFunction& init : link_.init_functions)
      instance_.constructors.push_back(constructor_of(link_, names_, init));
  }

  void read_exports() {
    for (const LiveExported& e : live_exports(link_, names_)) {
      LiveExport row{e.kind, e.what, 0};
      if (e.is_data) row.address = link_.address_of(link_.symbols[e.symbol]);
      instance_.exports[e.name] = row;
    }
  }

  const Link& link_;
  LiveView& view_;
  const LiveNames& names_;
  LiveValues& values_;
  LiveInstance& instance_;
};

template <class T>
void change(LiveMap<T>& map, const Vector<LiveChange<T>>& changes) {
  for (const LiveChange<T>& one : changes) map[one.key] = one.now;
}

} // namespace

std::shared_ptr<LiveView> note_instance(const Link& link, LiveInstance& instance) {
  auto view = std::make_shared<LiveView>(link);
  InstanceReader(link, *view, instance).run();
  return view;
}

void apply_changes(LiveInstance& instance, LivePatch&& patch) {
  change(instance.functions, patch.functions);
  change(instance.type_of_name, patch.type_of_name);
  change(instance.imports, patch.imports);
  change(instance.data, patch.data);
  change(instance.strings, patch.strings);
  for (auto& [name, what] : patch.exports) instance.exports[name] = what;
  instance.next_slot = patch.next_slot;
  instance.slots_end = patch.slots_end;
  instance.room = patch.room;
  instance.state = patch.after;
}

} // namespace weld
