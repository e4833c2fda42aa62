// Compares a link with what an instance has. What is the same stays, with its slot and address; what is other or new gets
// into the patch.
#include "core/base/hash.h"
#include "core/base/sort.h"
#include "core/link/patch/instance.h"
#include "core/link/patch/patch_content.h"
#include "core/link/reduce/walk_code.h"
#include "core/link/resolve/late_names.h"

#include <algorithm>

namespace weld {

namespace {

class PatchMaker {
public:
  PatchMaker(const Link& link, LiveView& view, const LiveInstance& instance, LivePatch& patch)
      : link_(link), view_(view), instance_(instance), patch_(patch), names_(view.names),
        values_(view.values) {}

  void run() {
    begin();
    values_.places = instance_.places;
    values_.globals = instance_.globals;
    values_.tags = instance_.tags;
    values_.tables = instance_.tables;
    values_.call_ctors_slot = instance_.call_ctors_slot;
    values_.thread_block = instance_.thread_block;
    if (!(link_.options == instance_.options))
      restart({}, "the options are not those of the running program");
    give_slots();
    find_imports();
    give_addresses();
    move_constants();
    compare_functions();
    compare_variables();
    compare_entities();
    compare_constructors();
    compare_exports();
    if (patch_.restart.empty()) check_references();
    if (!patch_.restart.empty()) { // nothing is kept then
      patch_.kept.clear();
      patch_.changed.clear();
      return;
    }
    note_addresses();
    view_.removed = count_removed();
    note_removed(view_.removed);
    finish();
    view_.latest = patch_.after;
    view_.states = {patch_.after};
    if (patch_.next_slot != instance_.next_slot || patch_.room != instance_.room) return;
    // The program has these numbers without the patch, too.
    view_.states.insert(view_.states.begin(), patch_.before);
    view_.edited = content_.functions;
  }

  // The view has the numbers, and nothing but functions was edited since.
  const char* run_again(std::span<const uint32_t> edited) {
    std::vector<uint64_t>& states = view_.states;
    const auto state = std::find(states.begin(), states.end(), instance_.state);
    if (state == states.end()) return "the running program is not the one that the last patch was made for";
    states.erase(states.begin(), state); // it leaves those behind
    if (instance_.state == view_.latest) view_.edited.clear();
    for (uint32_t row : edited) note_edited(row);
    sort_stably(view_.edited, [&](const PatchFunction& a, const PatchFunction& b) {
      return link_.function_index[a.function] < link_.function_index[b.function];
    });
    begin();
    for (const PatchFunction& f : view_.edited) compare_function(f.object, f.function);
    sort_functions();
    compare_constructors();
    check_references();
    if (!patch_.restart.empty()) {
      patch_ = {}; // a link of everything says what there is to say
      return "a function that cannot be replaced alone";
    }
    note_addresses();
    note_removed(view_.removed);
    finish();
    if (patch_.after != patch_.before) states.push_back(patch_.after);
    view_.latest = patch_.after;
    return nullptr;
  }

private:
  void begin() {
    patch_.before = instance_.state;
    patch_.next_slot = instance_.next_slot;
    patch_.slots_end = instance_.slots_end;
    patch_.room = instance_.room;
    content_.slots_before = instance_.slots_end;
  }

  void finish() {
    if (content_.functions.empty() && content_.data.empty() && content_.imports.empty() &&
        content_.exports.empty()) {
      patch_.after = patch_.before;
      return;
    }
    patch_.after = state_after();
    write_patch(link_, values_, content_, patch_);
  }

  void note_edited(uint32_t row) {
    const OutFunction& f = link_.functions[row];
    const FunctionId id = f.function.id();
    for (const PatchFunction& known : view_.edited)
      if (known.function == id) return;
    view_.edited.push_back({f.object, id});
  }

  void restart(std::string symbol, std::string why) {
    for (const LiveReason& known : patch_.restart)
      if (known.symbol == symbol && known.text == why) return;
    patch_.restart.push_back({std::move(symbol), std::move(why)});
  }
  void keep(std::string symbol, std::string what) {
    patch_.kept.push_back({std::move(symbol), std::move(what)});
  }
  template <class T>
  static const T* find(const LiveMap<T>& map, LiveKey key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
  }
  uint32_t next_slot() {
    if (patch_.next_slot == patch_.slots_end) patch_.slots_end += live_table_room; // the table grows
    return patch_.next_slot++;
  }
  uint64_t next_address(uint64_t size, uint32_t p2align) {
    patch_.room = align_to(patch_.room, uint64_t{1} << p2align);
    const uint64_t address = patch_.room;
    patch_.room += size;
    if (patch_.room > instance_.room_end)
      restart({}, "the room for new data is used up: " + std::to_string(instance_.options.live_room) +
                      " bytes. --live-room sets how many the next program has");
    return address;
  }

  void give_slots() {
    values_.slot.resize(link_.functions_total);
    link_.for_each_function([&](LinkObjectId, const LinkObject&, FunctionId id, const FunctionRow&) {
      const LiveFunction* known = find(instance_.functions, names_.function(id));
      values_.slot[id] = known ? known->slot : next_slot();
      if (!known) check_type(id);
    });
  }

  // A function of this name may be there with another type.
  void check_type(FunctionId id) {
    const LiveKey* other = find(instance_.type_of_name, names_.function_name(id));
    const LiveFunction* before = other ? find(instance_.functions, *other) : nullptr;
    if (before && before->is_address_taken)
      restart(names_.function_text(id),
              "has another type, and the running program has its address with the type that it had");
  }

  void find_imports() {
    values_.find_imports();
    for (uint32_t i = 0; i < values_.import_of_index.size(); i++) {
      const SymbolId id = values_.import_of_index[i];
      const LiveKey key = names_.import(id);
      if (const uint32_t* slot = find(instance_.imports, key)) {
        values_.import_slot[i] = *slot;
        continue;
      }
      values_.import_slot[i] = next_slot();
      content_.imports.push_back({id, values_.import_slot[i]});
      patch_.imports.push_back({key, values_.import_slot[i]});
    }
    for (SymbolId id : link_.imports) {
      const Symbol& s = link_.symbols[id];
      if (s.kind == SymbolKind::Function || id == link_.indirect_table) continue;
      const LiveMap<LiveEntity>& known = s.kind == SymbolKind::Global ? instance_.globals
                                         : s.kind == SymbolKind::Tag  ? instance_.tags
                                                                      : instance_.tables;
      if (!find(known, names_.entity(s.kind, link_.name_of(id))))
        restart(std::string(link_.name_of(id)), "is a new import, and no function");
    }
  }

  // Records behind each other, which the program walks over from `__start_NAME` to `__stop_NAME`.
  bool is_collection(const SegmentRow& row) const {
    const std::string name(link_.text(row.name));
    if (!is_c_identifier(name)) return false;
    return link_.find("__start_" + name) || link_.find("__stop_" + name);
  }

  void give_addresses() {
    values_.address.resize(link_.segments_total, no_address);
    values_.piece_address.resize(link_.pieces.size());
    is_new_.resize(link_.segments_total);
    LiveMap<uint64_t> strings; // that are new
    link_.for_each_segment([&](LinkObjectId object, const LinkObject& o, SegmentId id, const SegmentRow& row) {
      if (row.flags & segment_flag::passive) return;
      if (names_.is_merged(id)) {
        const RowRange range = link_.segment_pieces[id];
        for (uint32_t i = range.first; i < range.first + range.count; i++) {
          const Bytes piece = names_.piece(o, id, i);
          const LiveKey key = live_key(piece);
          if (const uint64_t* address = find(instance_.strings, key)) {
            values_.piece_address[i] = *address;
          } else if (const uint64_t* again = find(strings, key)) {
            values_.piece_address[i] = *again;
          } else {
            values_.piece_address[i] = strings[key] = next_address(piece.size(), 0);
            add_bytes(values_.piece_address[i], piece);
            patch_.strings.push_back({key, values_.piece_address[i]});
          }
        }
        return;
      }
      const LiveData* known = find(instance_.data, names_.data(id));
      const uint32_t size = link_.size_of(id, row);
      if (known && may_keep(id, row, *known, size)) {
        values_.address[id] = known->address;
        return;
      }
      if (!known && (row.flags & segment_flag::tls))
        restart(names_.data_text(id), "is new thread-local data");
      else if (!known && is_collection(row))
        restart(names_.data_text(id), "is a new record of the section " + std::string(link_.text(row.name)));
      add_data(object, id, size, row.p2align);
    });
  }

  // Whether data stays where it is. Only constants may move.
  bool may_keep(SegmentId id, const SegmentRow& row, const LiveData& known, uint32_t size) {
    const bool is_aligned = known.address % (uint64_t{1} << row.p2align) == 0;
    const bool is_same_shape = names_.kind(id) != LiveDataKind::Variable || names_.shape(id) == known.shape;
    if (size == known.size && is_aligned && is_same_shape) return true;
    if (names_.kind(id) == LiveDataKind::Constant) return false;
    restart(names_.data_text(id), size != known.size ? "has another size: " + std::to_string(size) +
                                                           " bytes and not " + std::to_string(known.size)
                                  : !is_aligned ? "has a larger alignment"
                                                : "has other variables beside it in its section");
    return true;
  }

  void add_data(LinkObjectId object, SegmentId id, uint32_t size, uint32_t p2align) {
    is_new_[id] = true;
    values_.address[id] = next_address(size, p2align);
    new_data_.push_back({object, id});
  }

  void add_bytes(uint64_t address, Bytes bytes) {
    const auto first = static_cast<uint32_t>(content_.bytes.size());
    content_.bytes.append(bytes);
    content_.data.push_back({address, first, static_cast<uint32_t>(bytes.size())});
  }

  // A constant that changed gets another address. Then what refers to it has changed, too.
  void move_constants() {
    for (bool has_moved = true; has_moved;) {
      has_moved = false;
      link_.for_each_segment([&](LinkObjectId object, const LinkObject&, SegmentId id, const SegmentRow& row) {
        if ((row.flags & segment_flag::passive) || names_.is_merged(id) || is_new_[id]) return;
        if (names_.kind(id) == LiveDataKind::Variable) return;
        const LiveData* known = find(instance_.data, names_.data(id));
        if (!known || known->size != link_.size_of(id, row)) return; // which was said
        if (values_.data_content(object, id) == known->content) return;
        if (names_.kind(id) == LiveDataKind::Shape)
          return restart(names_.data_text(id), "is a virtual table or type information, and has changed");
        add_data(object, id, link_.size_of(id, row), row.p2align);
        has_moved = true;
      });
    }
    Vector<uint8_t> bytes;
    for (const NewData& data : new_data_) {
      LiveReason why;
      if (!values_.data_bytes(data.object, data.segment, bytes, &why)) {
        restart(why.symbol, why.text);
        continue;
      }
      // The room is full of zeros.
      if (!is_zero(bytes)) add_bytes(values_.address[data.segment], bytes);
      note_data(data.object, data.segment);
    }
    sort_stably(content_.data, [](const PatchData& a, const PatchData& b) { return a.address < b.address; });
  }

  void note_data(LinkObjectId object, SegmentId id) {
    patch_.data.push_back({names_.data(id), values_.data_of(object, id)});
  }

  void compare_functions() {
    link_.for_each_function([&](LinkObjectId object, const LinkObject&, FunctionId id, const FunctionRow&) {
      compare_function(object, id);
    });
    sort_functions();
  }

  void compare_function(LinkObjectId object, FunctionId id) {
    const LiveFunction* known = find(instance_.functions, names_.function(id));
    const uint64_t content = values_.function_content(object, id);
    if (known && known->content == content) return;
    if (known && !known->is_editable)
      return restart(names_.function_text(id),
                     "has changed, and it is in an archive: link with --live=all to replace it, too");
    if (known && names_.function_text(id).starts_with("__cxx_global_var_init"))
      return restart(names_.function_text(id), "is a constructor of static objects, and has changed");
    LiveFunction now;
    now.slot = values_.slot[id];
    now.content = content;
    now.is_editable = true; // the patch calls it through its slot
    now.is_address_taken = known && known->is_address_taken;
    function_rows_[names_.function(id)] = static_cast<uint32_t>(patch_.functions.size());
    patch_.functions.push_back({names_.function(id), now});
    if (!known) patch_.type_of_name.push_back({names_.function_name(id), names_.function(id)});
    patch_.changed.push_back(names_.function_text(id));
    content_.functions.push_back({object, id});
  }

  void sort_functions() {
    sort_stably(content_.functions, [&](const PatchFunction& a, const PatchFunction& b) {
      return values_.slot[a.function] < values_.slot[b.function];
    });
  }

  // The running program keeps the values that it has.
  void compare_variables() {
    link_.for_each_segment([&](LinkObjectId object, const LinkObject&, SegmentId id, const SegmentRow& row) {
      if ((row.flags & segment_flag::passive) || names_.is_merged(id) || is_new_[id]) return;
      if (names_.kind(id) != LiveDataKind::Variable) return;
      const LiveData* known = find(instance_.data, names_.data(id));
      if (!known || values_.data_content(object, id) == known->content) return;
      if (is_collection(row))
        restart(names_.data_text(id),
                "is a record of the section " + std::string(link_.text(row.name)) + ", and has changed");
      keep(names_.data_text(id), "has another initial value, and keeps the value that it has");
      note_data(object, id); // it is not said again
    });
  }

  // Globals and tables of objects, which patches use as they are.
  void compare_entities() {
    for (LinkObjectId object : link_.object_order) {
      const LinkObject& o = link_.objects[object];
      const auto rows = o.object.symbols();
      for (uint32_t i = 0; i < rows.size(); i++) {
        const SymbolKind kind = rows[i].kind;
        if ((kind != SymbolKind::Global && kind != SymbolKind::Table) || rows[i].is_undefined()) continue;
        const LiveMap<LiveEntity>& map = kind == SymbolKind::Global ? instance_.globals : instance_.tables;
        const LiveEntity* known = find(map, names_.entity(kind, object, i));
        if (!known || !known->content || known->content == values_.entity_content(object, i)) continue;
        const char* what = kind == SymbolKind::Global ? "is a global with another initial value"
                                                      : "is a table with other initial elements";
        restart(values_.symbol_text(object, i), what);
      }
    }
  }

  void compare_constructors() {
    const std::vector<LiveConstructor>& before = instance_.constructors;
    std::vector<LiveConstructor> now;
    for (const InitFunction& init : link_.init_functions) now.push_back(constructor_of(link_, names_, init));
    const bool is_same = now == before;
    auto name_of = [&](const InitFunction& init) {
      const LinkObject& o = link_.objects[init.object];
      return std::string(o.text(o.object.symbols()[init.symbol].encoded_name));
    };
    for (size_t i = 0; i < now.size(); i++) {
      if (!is_same && std::find(before.begin(), before.end(), now[i]) == before.end())
        restart(name_of(link_.init_functions[i]), "is a new constructor of static objects");
      else if (function_rows_.contains(now[i].function))
        restart(name_of(link_.init_functions[i]), "is a constructor of static objects, and has changed");
    }
    if (patch_.restart.empty() && now.size() == before.size() && !is_same)
      restart({}, "constructors of static objects have another order");
  }

  void compare_exports() {
    for (LiveExported& e : live_exports(link_, names_)) {
      const auto found = instance_.exports.find(e.name);
      if (found != instance_.exports.end()) {
        const LiveExport& known = found->second;
        const bool same_data = !e.is_data || known.address == data_address(e);
        if (known.kind != e.kind || !(known.what == e.what) || !same_data)
          restart(e.name,
                  "is exported, and is something else or of another type than in the running program");
        continue;
      }
      if (!e.function || e.is_wrapped) {
        restart(e.name, e.is_wrapped ? "is a new export of a command, which runs constructors"
                                     : "is a new export, and no function of an object");
        continue;
      }
      patch_.exports.push_back({e.name, {e.kind, e.what, 0}});
      content_.exports.push_back(std::move(e));
    }
  }

  uint64_t data_address(const LiveExported& e) const {
    const Symbol& s = link_.symbols[e.symbol];
    if (s.place != none32) {
      const uint64_t* place = find(instance_.places, names_.entity(SymbolKind::Data, link_.name_of(e.symbol)));
      return place ? *place : no_address;
    }
    if (s.entity.is_none()) return s.value;
    const SegmentId segment = s.segment();
    if (names_.is_merged(segment)) return no_address; // nobody exports a piece of merged strings
    return values_.address[segment] + s.value;
  }

  template <class Each>
  void for_each_reference(Each each) {
    for (const PatchFunction& f : content_.functions)
      walk_code(
          link_, f.object, f.function, MirForm::Final, [](Bytes) {},
          [&](const RelocRow& reloc) { each(f.object, reloc); });
    for (const NewData& data : new_data_) {
      const LinkObject& o = link_.objects[data.object];
      for (const RelocRow& reloc : o.relocs(o.object.segments()[o.segment.local(data.segment)].relocs))
        each(data.object, reloc);
    }
  }

  void check_references() {
    for_each_reference([&](LinkObjectId object, const RelocRow& reloc) {
      const LiveValue v = values_.value(object, reloc, 0);
      const bool is_mismatch = v.kind == LiveValue::Trap && *v.why;
      if (v.kind == LiveValue::Missing || is_mismatch)
        restart(values_.symbol_text(object, reloc.index), v.why);
      // A full link says so.
      else if (v.kind == LiveValue::Number &&
               !fits_field(link_.options, traits(reloc.reloc_type()).field, v.number))
        restart(values_.symbol_text(object, reloc.index), "has an address that does not fit its field");
    });
  }

  // Functions whose slots are in code and data from now on.
  void note_addresses() {
    for_each_reference([&](LinkObjectId object, const RelocRow& reloc) {
      const LinkObject& o = link_.objects[object];
      const RelocTarget target = traits(reloc.reloc_type()).target;
      if (target != RelocTarget::TableSlot && target != RelocTarget::TableSlotRel &&
          target != RelocTarget::Global)
        return;
      const FunctionEntity function = link_.function_of(o, reloc.index);
      if (function.is_none() || function.is_synthetic()) return;
      const LiveKey key = names_.function(function.id());
      if (const auto row = function_rows_.find(key); row != function_rows_.end()) {
        patch_.functions[row->second].now.is_address_taken = true;
        return;
      }
      const LiveFunction* known = find(instance_.functions, key);
      if (!known || known->is_address_taken) return;
      function_rows_[key] = static_cast<uint32_t>(patch_.functions.size());
      patch_.functions.push_back({key, *known});
      patch_.functions.back().now.is_address_taken = true;
    });
  }

  size_t count_removed() const {
    size_t there = 0;
    link_.for_each_function([&](LinkObjectId, const LinkObject&, FunctionId id, const FunctionRow&) {
      there += instance_.functions.contains(names_.function(id));
    });
    return instance_.functions.size() - there;
  }

  void note_removed(size_t removed) {
    if (removed)
      keep({}, std::to_string(removed) + " functions that are no longer linked stay in the running program");
  }

  // Other for every sequence of patches.
  uint64_t state_after() const {
    ByteBuffer buffer;
    auto add = [&](uint64_t number) {
      uint8_t bytes[8];
      write_le(bytes, number);
      buffer.append({bytes, 8});
    };
    add(patch_.before);
    for (const LiveChange<LiveFunction>& change : patch_.functions) {
      add(change.key.first);
      add(change.now.slot);
      add(change.now.content);
    }
    for (const PatchData& data : content_.data) add(data.address);
    for (const PatchImport& import : content_.imports) add(import.slot);
    for (const LiveExported& e : content_.exports) buffer.name(e.name);
    buffer.append(content_.bytes);
    const uint64_t state = xxh3_64(buffer.from(0));
    return state == patch_.before ? state + 1 : state;
  }

  struct NewData {
    LinkObjectId object;
    SegmentId segment;
  };

  const Link& link_;
  LiveView& view_;
  const LiveInstance& instance_;
  LivePatch& patch_;
  const LiveNames& names_;
  LiveValues& values_;
  PatchContent content_;
  Vector<NewData> new_data_;
  Column<SegmentId, bool> is_new_;
  LiveMap<uint32_t> function_rows_; // key -> row of patch_.functions
};

} // namespace

std::shared_ptr<LiveView> make_patch(const Link& link, const LiveInstance& instance, LivePatch& patch) {
  auto view = std::make_shared<LiveView>(link);
  PatchMaker(link, *view, instance, patch).run();
  return view;
}

const char* make_patch_of(const Link& link, LiveView& view, std::span<const uint32_t> edited,
                          const LiveInstance& instance, LivePatch& patch) {
  return PatchMaker(link, view, instance, patch).run_again(edited);
}

} // namespace weld
