// Says what the output consists of, down to the byte, and what kept it there. core/report/README.md has the
// format; core/report/ reads it.
//
// Items are numbered in ranges: what has an index in the output (functions, globals, tags, tables), types,
// data and custom sections by input, what belongs to no input, objects, and at last what was removed. What
// an input refers to then becomes an item by adding.
#include "core/base/json.h"
#include "core/link/output_plan.h"
#include "core/wasm/type_text.h"

#include <algorithm>

namespace weld {

namespace {

// As `kinds` of the metafile lists them.
enum class ItemKind : uint8_t {
  Function,
  Data,
  Custom,
  Global,
  Table,
  Tag,
  Import,
  Type,
  Strings, // merged strings that several inputs have
  Section, // the frame of a section: its head, counts
  Padding,
  Object, // what comes with an object: constructors, retained data
};
constexpr std::string_view kind_names[] = {"function", "data", "custom",  "global",  "table",   "tag",
                                           "import",   "type", "strings", "section", "padding", "object"};

constexpr std::string_view reason_names[] = {"entry",       "export",         "export-attribute",
                                             "export-all",  "export-dynamic", "no-strip",
                                             "destructors", "input",          "linker"};

constexpr std::string_view section_names[] = {"custom", "type",   "import",    "function", "table",
                                              "memory", "global", "export",    "start",    "elem",
                                              "code",   "data",   "datacount", "tag"};

constexpr std::string_view external_names[] = {"function", "table", "memory", "global", "tag"};

constexpr uint64_t no_address = ~uint64_t{0};

struct Item {
  ItemKind kind = ItemKind::Section;
  LinkObjectId object;           // none: the linker
  std::string_view name;         // a type's is made when it is written
  uint32_t segment = none32;     // data: of the output
  uint32_t slot = none32;        // function: its first one in the table
  uint64_t address = no_address; // data
  uint64_t size = 0;             // of a body with its size field, of data in memory, ...
};

// A run of bytes of the output, or before that of the memory, that belongs to an item.
struct Extent {
  uint32_t item;
  uint64_t size;
  uint64_t address = 0;
};

// A symbol that is not simply the item's name.
struct NamedPart {
  std::string_view name;
  uint32_t item;
  uint64_t offset, size;
};

class MetafileWriter {
public:
  MetafileWriter(const Link& link, const OutputPlan& plan) : link_(link), plan_(plan) {}

  void run(std::string& out) {
    number_items();
    name_data();
    collect_edges();
    collect_roots();
    lay_out();
    write();
    out = json_.take();
  }

private:
  std::string_view text(StringId id) const {
    return id ? link_.session.strings.text(id) : std::string_view();
  }
  static bool is_live(uint8_t state) { return state & entity_state::live; }

  uint32_t add(ItemKind kind, std::string_view name, LinkObjectId object = {}, uint64_t size = 0) {
    Item item;
    item.kind = kind;
    item.name = name;
    item.object = object;
    item.size = size;
    items_.push_back(item);
    return next() - 1;
  }
  uint32_t next() const { return static_cast<uint32_t>(items_.size()); }

  // --- items
  // -----------------------------------------------------------------------------------------------------------

  void number_items() {
    number_functions();
    number_globals();
    number_tags_and_tables();
    types_ = next();
    for (SignatureId id : link_.types) add(ItemKind::Type, {}, {}, link_.session.signatures.bytes(id).size());
    if (link_.options.import_memory) memory_ = add(ItemKind::Import, link_.options.import_memory->second);
    number_data();
    number_custom_sections();
    number_strings();
    sections_ = next();
    for (const OutSection& section : plan_.sections) add(ItemKind::Section, title_of(section));
    header_ = add(ItemKind::Section, "header");
    padding_ = add(ItemKind::Padding, "padding");
    number_objects();
    live_ = next();
    number_removed();
  }

  // Rows of imports of a kind come in the order of their indices.
  void add_imports(SymbolKind kind) {
    for (SymbolId id : link_.imports)
      if (link_.symbols[id].kind == kind) add(ItemKind::Import, link_.name_of(id));
  }

  void number_functions() {
    add_imports(SymbolKind::Function);
    for (const OutFunction& f : link_.functions) {
      if (!f.object) {
        const SyntheticFunction& synthetic = link_.synthetic_functions[f.row];
        uint32_t item =
            add(ItemKind::Function, synthetic.debug_name.empty() ? synthetic.name : synthetic.debug_name, {},
                synthetic.body.count);
        items_[item].slot = synthetic.table_slot;
        continue;
      }
      const LinkObject& o = link_.objects[f.object];
      const FunctionRow& row = o.object.functions()[f.row];
      uint32_t item = add(ItemKind::Function, name_of(o, row), f.object);
      items_[item].slot = link_.function_slot[o.functions + f.row];
    }
  }
  static std::string_view name_of(const LinkObject& o, const FunctionRow& row) {
    if (row.name) return o.text(row.name);
    return row.debug_name ? o.text(row.debug_name) : std::string_view();
  }

  // Imports of globals and of addresses are numbered together.
  void number_globals() {
    globals_ = next();
    items_.resize(globals_ + link_.imported_globals);
    auto import = [&](uint32_t index, SymbolId id) {
      items_[globals_ + index].kind = ItemKind::Import;
      items_[globals_ + index].name = link_.name_of(id);
    };
    for (SymbolId id : link_.imports)
      if (link_.symbols[id].kind == SymbolKind::Global) import(link_.symbols[id].index, id);
    for (SymbolId id : link_.got_imports) import(link_.symbols[id].got_index, id);
    add_entities(ItemKind::Global, link_.globals);
    for (const auto* addresses : {&link_.internal_got, &link_.data_address_globals})
      for (SymbolId id : *addresses) add(ItemKind::Global, link_.name_of(id));
  }

  void number_tags_and_tables() {
    tags_ = next();
    add_imports(SymbolKind::Tag);
    add_entities(ItemKind::Tag, link_.tags);
    tables_ = next();
    add_imports(SymbolKind::Table);
    add_entities(ItemKind::Table, link_.tables);
  }

  void add_entities(ItemKind kind, const std::vector<OutEntity>& entities) {
    for (const OutEntity& e : entities) {
      if (!e.object) {
        add(kind, kind == ItemKind::Global ? std::string_view(link_.synthetic_globals[e.entity.row()].name)
                                           : function_table_name);
        continue;
      }
      const LinkObject& o = link_.objects[e.object];
      const uint32_t row = e.entity.row();
      const EncodedName name = kind == ItemKind::Global ? o.object.globals()[row].name
                               : kind == ItemKind::Tag  ? o.object.tags()[row].name
                                                        : o.object.tables()[row].name;
      add(kind, name ? o.text(name) : std::string_view(), e.object);
    }
  }

  uint32_t folded(uint32_t segment) const {
    if (link_.segment_folded_into.empty() || link_.segment_folded_into[segment] == none32) return segment;
    return link_.segment_folded_into[segment];
  }

  void number_data() {
    segment_items_.assign(link_.segment_state.size(), none32);
    for (LinkObjectId id : link_.object_order) {
      const LinkObject& o = link_.objects[id];
      auto segments = o.object.segments();
      for (uint32_t i = 0; i < segments.size(); i++) {
        uint32_t row = o.segments + i;
        if (!is_live(link_.segment_state[row]) || folded(row) != row) continue;
        // Merged strings count where they are found to be only one segment's.
        uint32_t item = add(ItemKind::Data, text(segments[i].name), id,
                            link_.segment_pieces[row].count ? 0 : segments[i].data.size);
        segment_items_[row] = item;
        OutSegmentId out = link_.segment_out[row];
        if (!out) continue;
        items_[item].segment = out.row;
        items_[item].address = link_.segments[out].address + link_.offset_in_out_segment(row, 0);
      }
    }
    for (uint32_t row = 0; row < segment_items_.size(); row++)
      if (folded(row) != row) segment_items_[row] = segment_items_[folded(row)];
  }

  void number_custom_sections() {
    custom_items_.assign(link_.custom_state.size(), none32);
    auto add_chunk = [&](LinkObjectId id, uint32_t row, uint64_t size) {
      const LinkObject& o = link_.objects[id];
      custom_items_[row] =
          add(ItemKind::Custom, text(o.object.custom_sections()[row - o.custom_sections].name), id, size);
    };
    for (const OutCustomSection& section : link_.custom_sections)
      for (const OutChunk& chunk : section.chunks)
        if (chunk.object) add_chunk(chunk.object, chunk.row, chunk.size);
    for (LinkObjectId id : link_.object_order) {
      const LinkObject& o = link_.objects[id];
      for (uint32_t i = 0; i < o.object.custom_sections().size(); i++)
        if (link_.custom_pieces[o.custom_sections + i].count) add_chunk(id, o.custom_sections + i, 0);
    }
  }

  std::string_view title_of(const OutSection& section) const {
    if (section.kind != SectionKind::Custom) return section_names[static_cast<size_t>(section.kind)];
    return text_of(plan_.encoded.from(0), {section.encoded.first});
  }

  // An object with constructors or retained data keeps them alive as soon as something of it is.
  void number_objects() {
    object_items_.assign(link_.objects.size(), none32);
    for (LinkObjectId id : link_.object_order) {
      const LinkObject& o = link_.objects[id];
      bool has_implicit = !o.object.init_functions().empty();
      for (const SegmentRow& segment : o.object.segments())
        has_implicit |= (segment.flags & segment_flag::retain) != 0;
      if (has_implicit) object_items_[id.row] = add(ItemKind::Object, {}, id);
    }
  }

  // What lost to another object's comdat group is not missing.
  void number_removed() {
    removed_functions_.assign(link_.function_state.size(), none32);
    for (LinkObjectId id : link_.object_order) {
      const LinkObject& o = link_.objects[id];
      auto functions = o.object.functions();
      for (uint32_t i = 0; i < functions.size(); i++)
        if (!link_.function_state[o.functions + i])
          removed_functions_[o.functions + i] =
              add(ItemKind::Function, name_of(o, functions[i]), id, functions[i].size);
      auto segments = o.object.segments();
      for (uint32_t i = 0; i < segments.size(); i++)
        if (!link_.segment_state[o.segments + i])
          segment_items_[o.segments + i] =
              add(ItemKind::Data, text(segments[i].name), id, segments[i].data.size);
    }
  }

  // --- names of data, other names of functions
  // -------------------------------------------------------------------------

  void name_data() {
    for (LinkObjectId id : link_.object_order) {
      const LinkObject& o = link_.objects[id];
      auto rows = o.object.symbols();
      for (uint32_t i = 0; i < rows.size(); i++) {
        const SymbolRow& row = rows[i];
        if (row.is_undefined() || row.element == none32) continue;
        std::string_view name = o.text(row.encoded_name);
        if (row.kind == SymbolKind::Data) {
          uint32_t item = segment_items_[o.segments + row.element];
          if (item != none32) parts_.push_back({name, item, row.value(), row.size});
        } else if (row.kind == SymbolKind::Function) {
          uint32_t item = function_item(o.functions + row.element);
          if (item != none32 && items_[item].name != name) parts_.push_back({name, item, 0, 0});
        }
      }
    }
    // By item, and otherwise in the order in which they were found.
    std::vector<uint64_t> order;
    for (const NamedPart& part : parts_) order.push_back(uint64_t{part.item} << 32 | order.size());
    std::sort(order.begin(), order.end());
    std::vector<NamedPart> kept;
    for (size_t i = 0, end; i < order.size(); i = end) {
      const NamedPart& first = parts_[static_cast<uint32_t>(order[i])];
      bool is_one = items_[first.item].kind == ItemKind::Data; // a segment of one variable has its name
      for (end = i; end < order.size() && order[end] >> 32 == first.item; end++)
        is_one &= parts_[static_cast<uint32_t>(order[end])].offset == first.offset;
      if (is_one) items_[first.item].name = first.name;
      for (size_t k = i + is_one; k < end; k++) kept.push_back(parts_[static_cast<uint32_t>(order[k])]);
    }
    parts_ = std::move(kept);
  }

  // --- what refers to what
  // ---------------------------------------------------------------------------------------------

  uint32_t function_item(uint32_t row) const {
    uint32_t index = link_.function_index[row];
    return index != none32 ? index : removed_functions_[row];
  }
  uint32_t item_or_none(uint32_t base, uint32_t index) const {
    return index == none32 ? none32 : base + index;
  }

  uint32_t item_of(const Symbol& s) const {
    switch (s.kind) {
    case SymbolKind::Function: {
      uint32_t index = link_.function_index_of(s);
      if (index != none32) return index;
      if (s.state == SymbolState::Defined && !s.entity.is_none() && !s.entity.is_synthetic())
        return removed_functions_[s.entity.row()];
      break;
    }
    case SymbolKind::Data:
      if (s.state == SymbolState::Defined && !s.entity.is_none()) return segment_items_[s.entity.row()];
      break;
    case SymbolKind::Global: return item_or_none(globals_, link_.global_index_of(s));
    case SymbolKind::Tag: return item_or_none(tags_, link_.tag_index_of(s));
    case SymbolKind::Table: return item_or_none(tables_, link_.table_number_of(s));
    case SymbolKind::Section: return none32;
    }
    return item_or_none(globals_, s.got_index);
  }

  uint32_t item_of(const LinkObject& o, uint32_t row_index) const {
    if (SymbolId id = link_.bound[o.symbols + row_index]) return item_of(link_.symbols[id]);
    const SymbolRow& row = o.object.symbols()[row_index];
    if (row.is_undefined() || row.element == none32) return none32;
    switch (row.kind) {
    case SymbolKind::Function: return function_item(o.functions + row.element);
    case SymbolKind::Data: return segment_items_[o.segments + row.element];
    case SymbolKind::Global: return item_or_none(globals_, link_.global_index[o.globals + row.element]);
    case SymbolKind::Tag: return item_or_none(tags_, link_.tag_index[o.tags + row.element]);
    case SymbolKind::Table: return item_or_none(tables_, link_.table_index[o.tables + row.element]);
    case SymbolKind::Section: break;
    }
    return none32;
  }

  void put_edge(uint32_t from, uint32_t to) { edges_.push_back(uint64_t{from} << 32 | to); }

  // What was removed has edges only to what was removed: the rest is there anyway.
  void add_edge(uint32_t from, uint32_t to) {
    if (from == none32 || to == none32 || from == to || (from >= live_ && to < live_)) return;
    put_edge(from, to);
  }

  template <class Refs>
  void add_references(uint32_t from, LinkObjectId id, const Refs& refs) {
    const LinkObject& o = link_.objects[id];
    for (const RelocRow& reloc : refs) {
      RelocTarget target = traits(reloc.reloc_type()).target;
      if (target == RelocTarget::Type) {
        add_edge(from, type_item(o.object.types()[reloc.index]));
        continue;
      }
      SymbolId symbol = link_.bound[o.symbols + reloc.index];
      if (target == RelocTarget::TableSlot && symbol && link_.symbols[symbol].is_stub) continue; // null
      // Whoever takes an address needs the table, whether its object says so or not.
      const bool takes_slot = target == RelocTarget::TableSlot || target == RelocTarget::TableSlotRel;
      if (takes_slot && link_.known.indirect_table)
        add_edge(from, item_of(link_.symbols[link_.known.indirect_table]));
      if (target == RelocTarget::Global && symbol && link_.symbols[symbol].got_index != none32)
        add_edge(from, item_or_none(globals_, link_.symbols[symbol].got_index));
      add_edge(from, item_of(o, reloc.index));
    }
  }

  void collect_edges() {
    for (LinkObjectId id : link_.object_order) {
      const LinkObject& o = link_.objects[id];
      auto functions = o.object.functions();
      for (uint32_t i = 0; i < functions.size(); i++)
        if (uint32_t item = function_item(o.functions + i); item != none32)
          add_references(item, id, o.relocs(functions[i]));
      auto segments = o.object.segments();
      for (uint32_t i = 0; i < segments.size(); i++)
        if (uint32_t item = segment_items_[o.segments + i]; item != none32)
          add_references(item, id, o.relocs(segments[i].relocs));
      add_implicit(id);
    }
    for (uint32_t i = 0; i < link_.functions.size(); i++)
      add_edge(link_.imported_functions + i, type_item(link_.signature_of(link_.functions[i])));
    for (uint32_t i = 0; i < link_.tags.size(); i++)
      add_edge(
          tags_ + link_.imported_tags + i,
          type_item(link_.objects[link_.tags[i].object].object.tags()[link_.tags[i].entity.row()].signature));
    for (SymbolId id : link_.imports) {
      const Symbol& s = link_.symbols[id];
      if (s.kind == SymbolKind::Function) add_edge(s.index, type_item(s.signature));
      if (s.kind == SymbolKind::Tag) add_edge(tags_ + s.index, type_item(s.signature));
    }
    for (SymbolId id : link_.internal_got)
      add_edge(globals_ + link_.symbols[id].got_index, item_of(link_.symbols[id]));
    for (uint32_t i = 0; i < link_.data_address_globals.size(); i++)
      add_edge(globals_ + link_.next_global + i, item_of(link_.symbols[link_.data_address_globals[i]]));
    add_synthetic_edges();
    std::sort(edges_.begin(), edges_.end());
    edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
  }
  uint32_t type_item(SignatureId id) const {
    return id.row < link_.type_of_signature.size() ? item_or_none(types_, link_.type_of_signature[id.row])
                                                   : none32;
  }

  // Whatever is alive of an object wakes its constructors and retained data.
  void add_implicit(LinkObjectId id) {
    const uint32_t object = object_items_[id.row];
    if (object == none32) return;
    const LinkObject& o = link_.objects[id];
    for (uint32_t i = 0; i < o.object.functions().size(); i++)
      add_edge(link_.function_index[o.functions + i], object);
    for (uint32_t i = 0; i < o.object.segments().size(); i++)
      if (uint32_t item = segment_items_[o.segments + i]; item != none32 && item < live_)
        add_edge(item, object);
    auto entities = [&](uint32_t base, size_t count, uint32_t first, const std::vector<uint32_t>& index) {
      for (size_t i = 0; i < count; i++) add_edge(item_or_none(base, index[first + i]), object);
    };
    entities(globals_, o.object.globals().size(), o.globals, link_.global_index);
    entities(tags_, o.object.tags().size(), o.tags, link_.tag_index);
    entities(tables_, o.object.tables().size(), o.tables, link_.table_index);

    for (const InitFunctionRow& init : o.object.init_functions()) {
      EntityRef function = link_.function_of(o, init.symbol);
      if (function.is_none()) continue;
      if (!function.is_synthetic() && (link_.function_state[function.row()] & entity_state::discarded))
        continue;
      uint32_t item = item_of(o, init.symbol);
      if (item == none32 || item >= live_) continue;
      add_edge(object, item);
      if (link_.known.call_ctors) add_edge(item, item_of(link_.symbols[link_.known.call_ctors]));
    }
    auto segments = o.object.segments();
    for (uint32_t i = 0; i < segments.size(); i++)
      if (segments[i].flags & segment_flag::retain) add_edge(object, segment_items_[o.segments + i]);
  }

  // A command's exports call constructors and destructors: these are why there are wrappers.
  void add_synthetic_edges() {
    constexpr std::string_view suffix = ".command_export";
    for (uint32_t i = 0; i < link_.functions.size(); i++) {
      if (link_.functions[i].object) continue;
      const SyntheticFunction& f = link_.synthetic_functions[link_.functions[i].row];
      if (!f.export_name || !f.name.ends_with(suffix)) continue;
      const uint32_t item = link_.imported_functions + i;
      auto wraps = [&](SymbolId id, bool is_reason) {
        if (!id) return;
        const uint32_t wrapped = item_of(link_.symbols[id]);
        add_edge(item, wrapped);
        if (is_reason && wrapped < live_) put_edge(wrapped, item);
      };
      wraps(link_.find(std::string_view(f.name).substr(0, f.name.size() - suffix.size())), false);
      wraps(link_.known.call_ctors, true);
      wraps(link_.call_dtors, true);
    }
  }

  // --- merged strings
  // ------------------------------------------------------------------------------------------------

  // Whose the bytes of merged strings are: one segment's, or several's. Those have an item of their own, one
  // for each output segment or section.
  void number_strings() {
    blobs_.resize(link_.merged_strings.size());
    std::vector<uint32_t> shared(link_.segments.size(), none32);
    for (uint32_t row = 0; row < link_.segment_pieces.size(); row++) {
      const RowRange pieces = link_.segment_pieces[row];
      const OutSegmentId out = link_.segment_out[row];
      if (!pieces.count || !out || folded(row) != row) continue;
      const OutSegment& segment = link_.segments[out];
      const LinkObject& o = link_.objects[owner_of_segment(row)];
      claim(segment.chunks, link_.segment_offset[row], segment_items_[row], shared[out.row], segment.name,
            o.bytes, o.object.segments()[row - o.segments].data, pieces);
    }
    for (const OutCustomSection& section : link_.custom_sections) {
      uint32_t shared_item = none32;
      for (LinkObjectId id : link_.object_order) {
        const LinkObject& o = link_.objects[id];
        auto sections = o.object.custom_sections();
        for (uint32_t i = 0; i < sections.size(); i++) {
          const uint32_t row = o.custom_sections + i;
          if (sections[i].name != section.name || !link_.custom_pieces[row].count) continue;
          claim(section.chunks, link_.custom_offset[row], custom_items_[row], shared_item, section.name,
                o.bytes, sections[i].data, link_.custom_pieces[row]);
        }
      }
    }
    for (const std::vector<uint32_t>& owners : blobs_)
      for (uint32_t owner : owners)
        if (owner != none32) items_[owner].size++;
  }

  LinkObjectId owner_of_segment(uint32_t row) const {
    uint32_t low = 0, high = link_.objects.size();
    while (high - low > 1) {
      uint32_t middle = low + (high - low) / 2;
      if (link_.objects[LinkObjectId(middle)].segments <= row) low = middle;
      else high = middle;
    }
    return LinkObjectId(low);
  }

  // `base`: what the pieces' offsets are relative to, in the segment of `chunks`.
  void claim(std::span<const OutChunk> chunks, uint64_t base, uint32_t item, uint32_t& shared, StringId name,
             Bytes object, ByteRange data, RowRange pieces) {
    for (uint32_t i = 0; i < pieces.count; i++) {
      const StringPiece& piece = link_.pieces[pieces.first + i];
      const uint64_t offset = base + piece.output_offset;
      auto chunk = std::upper_bound(chunks.begin(), chunks.end(), offset,
                                    [](uint64_t o, const OutChunk& c) { return o < c.offset; });
      --chunk; // the one that holds the string
      std::vector<uint32_t>& owners = blobs_[chunk->row];
      owners.resize(static_cast<size_t>(chunk->size), none32);
      size_t at = static_cast<size_t>(offset - chunk->offset);
      const uint8_t* byte = object.data() + data.offset + piece.input_offset;
      do {
        uint32_t& owner = owners[at++];
        if (owner == none32) owner = item;
        if (owner == item) continue;
        if (shared == none32) shared = add(ItemKind::Strings, text(name));
        if (owner != shared) put_edge(owner, shared);
        const uint64_t edge = uint64_t{item} << 32 | shared;
        if (edges_.empty() || edges_.back() != edge) edges_.push_back(edge);
        owner = shared;
      } while (*byte++);
    }
  }

  // --- roots
  // -----------------------------------------------------------------------------------------------------------

  struct Root {
    uint32_t item;
    RootReason reason;
    std::string_view name; // the symbol
  };

  void collect_roots() {
    for (const GcRoot& root : link_.gc_roots) {
      if (root.reason == RootReason::Input) {
        if (object_items_[root.object.row] != none32)
          roots_.push_back({object_items_[root.object.row], root.reason, {}});
        continue;
      }
      uint32_t item = item_of(link_.symbols[root.symbol]);
      if (item != none32 && item < live_) roots_.push_back({item, root.reason, link_.name_of(root.symbol)});
    }
    std::vector<uint8_t> is_wanted(items_.size());
    for (uint64_t edge : edges_) is_wanted[static_cast<uint32_t>(edge)] = true;
    for (const Root& root : roots_) is_wanted[root.item] = true;
    auto add = [&](uint32_t item, RootReason reason, std::string_view name) {
      if (!is_wanted[item]) roots_.push_back({item, reason, name});
      is_wanted[item] = true;
    };
    // Addresses of data.
    for (const Export& e : link_.exports)
      if (uint32_t item = item_of(e); item != none32) add(item, RootReason::Export, e.name);
    // What nothing refers to is there because the linker wants it.
    for (uint32_t item = 0; item < live_; item++) {
      const ItemKind kind = items_[item].kind;
      if (!items_[item].object && (kind < ItemKind::Type && kind != ItemKind::Custom))
        add(item, RootReason::Linker, {});
    }
  }

  // --- whose each byte is
  // --------------------------------------------------------------------------------------------

  void put(uint32_t item, uint64_t size) {
    if (!size) return;
    if (!layout_.empty() && layout_.back().item == item) layout_.back().size += size;
    else layout_.push_back({item, size});
    laid_out_ += size;
  }

  void lay_out() {
    put(header_, 8);
    for (uint32_t i = 0; i < plan_.sections.size(); i++) {
      const OutSection& section = plan_.sections[i];
      const uint32_t frame = sections_ + i;
      put(frame, section.offset - laid_out_);
      switch (section.content) {
      case OutSection::Encoded:
        if (section.kind == SectionKind::Custom) put_custom(section, frame);
        else put_entries(section, frame);
        break;
      case OutSection::Code: put_code(section, frame); break;
      case OutSection::Data: put_data(section, frame); break;
      case OutSection::Custom: {
        put(frame, section.encoded.count);
        const OutCustomSection& custom = link_.custom_sections[section.row];
        extents_.clear();
        add_extents(custom.chunks, custom.size, 0, custom_items_);
        for (const Extent& extent : extents_) put(extent.item, extent.size);
        break;
      }
      }
      put(frame, section.offset + section.payload_size - laid_out_);
    }
  }

  // Whose the entries of a small section are, in their order; the count before them is the frame's.
  void put_entries(const OutSection& section, uint32_t frame) {
    std::vector<uint32_t> owners;
    auto range = [&](uint32_t first, size_t count) {
      for (uint32_t i = 0; i < count; i++) owners.push_back(first + i);
    };
    switch (section.kind) {
    case SectionKind::Type: range(types_, link_.types.size()); break;
    case SectionKind::Import:
      if (memory_ != none32) owners.push_back(memory_);
      for (SymbolId id : link_.imports) {
        const Symbol& s = link_.symbols[id];
        owners.push_back((s.kind == SymbolKind::Function ? 0
                          : s.kind == SymbolKind::Global ? globals_
                          : s.kind == SymbolKind::Tag    ? tags_
                                                         : tables_) +
                         s.index);
      }
      for (SymbolId id : link_.got_imports) owners.push_back(globals_ + link_.symbols[id].got_index);
      break;
    case SectionKind::Function: range(link_.imported_functions, link_.functions.size()); break;
    case SectionKind::Table: range(tables_ + link_.imported_tables, link_.tables.size()); break;
    case SectionKind::Tag: range(tags_ + link_.imported_tags, link_.tags.size()); break;
    case SectionKind::Global:
      range(globals_ + link_.imported_globals, tags_ - globals_ - link_.imported_globals);
      break;
    case SectionKind::Export:
      for (const Export& e : link_.exports) owners.push_back(item_of(e));
      break;
    case SectionKind::Elem:
      for (size_t i = 0; i < link_.table_functions.size(); i++) {
        EntityRef function = link_.table_functions[i];
        owners.push_back(function.is_none()
                             ? link_.function_index_of(link_.symbols[link_.table_function_symbols[i]])
                             : link_.function_index_of(function));
      }
      for (const PassiveSegment& segment : link_.passive_elements) owners.push_back(item_of(segment));
      break;
    default: return;
    }
    if (owners.empty()) return;
    put(frame, plan_.entries[entry_] - section.encoded.first);
    for (uint32_t owner : owners) {
      const uint32_t begin = plan_.entries[entry_++];
      const bool is_last = entry_ == plan_.entries.size() || plan_.entries[entry_] > section_end(section);
      put(owner == none32 ? frame : owner, (is_last ? section_end(section) : plan_.entries[entry_]) - begin);
    }
  }
  static uint32_t section_end(const OutSection& section) {
    return section.encoded.first + section.encoded.count;
  }
  uint32_t item_of(const Export& e) const {
    switch (e.kind) {
    case ExternalKind::Function: return e.index;
    case ExternalKind::Global: return globals_ + e.index;
    case ExternalKind::Tag: return tags_ + e.index;
    case ExternalKind::Table: return tables_ + e.index;
    case ExternalKind::Memory: break;
    }
    return memory_;
  }

  void put_code(const OutSection& section, uint32_t frame) {
    auto offset_of = [&](size_t i) -> uint64_t {
      if (i == link_.functions.size()) return section.payload_size;
      const OutFunction& f = link_.functions[i];
      return f.object ? link_.function_offset[link_.objects[f.object].functions + f.row]
                      : link_.synthetic_functions[f.row].offset;
    };
    put(frame, section.encoded.count);
    for (size_t i = 0; i < link_.functions.size(); i++) {
      const uint64_t size = offset_of(i + 1) - offset_of(i);
      const auto item = static_cast<uint32_t>(link_.imported_functions + i);
      items_[item].size = size;
      put(item, size);
    }
  }

  // Cuts a segment or a custom section into what belongs to one item each.
  void add_extents(std::span<const OutChunk> chunks, uint64_t size, uint64_t address,
                   const std::vector<uint32_t>& items) {
    uint64_t at = 0;
    auto extent = [&](uint32_t item, uint64_t count) {
      if (!count) return;
      extents_.push_back({item, count, address + at});
      at += count;
    };
    for (const OutChunk& chunk : chunks) {
      extent(padding_, chunk.offset - at);
      if (chunk.object) {
        extent(items[chunk.row], chunk.size);
        continue;
      }
      const std::vector<uint32_t>& owners = blobs_[chunk.row];
      for (size_t i = 0, end; i < owners.size(); i = end) {
        for (end = i; end < owners.size() && owners[end] == owners[i];) end++;
        extent(owners[i] == none32 ? padding_ : owners[i], end - i);
      }
    }
    extent(padding_, size - at);
  }

  uint32_t item_of(const PassiveSegment& segment) const {
    return segment_items_[link_.objects[segment.object].segments + segment.row];
  }

  void put_data(const OutSection& section, uint32_t frame) {
    if (link_.pack_data) put_runs(section, frame);
    else put_segments(section, frame);
    put(frame, section.offset + section.payload_size - plan_.passive_data.count - laid_out_);
    for (const PassiveSegment& segment : link_.passive_data) {
      const uint64_t size = link_.objects[segment.object].object.segments()[segment.row].data.size;
      put(item_of(segment), 1 + uleb_size(size) + size);
    }
  }

  void put_segments(const OutSection& section, uint32_t frame) {
    for (const OutSegment& segment : link_.segments) {
      if (!segment.header.size) continue;
      put(frame, section.offset + segment.payload_offset - laid_out_);
      extents_.clear();
      add_extents(segment.chunks, segment.size, segment.address, segment_items_);
      for (const Extent& extent : extents_) put(extent.item, extent.size);
    }
  }

  // -Oz: runs of bytes, wherever chunks begin and end.
  void put_runs(const OutSection& section, uint32_t frame) {
    extents_.clear();
    for (const OutSegment& segment : link_.segments)
      add_extents(segment.chunks, segment.size, segment.address, segment_items_);
    size_t i = 0;
    for (const DataRun& run : link_.data_runs) {
      put(frame, section.offset + run.payload_offset - laid_out_);
      uint64_t at = run.address;
      const uint64_t end = run.address + run.bytes.size();
      while (at < end) {
        while (i < extents_.size() && extents_[i].address + extents_[i].size <= at) i++;
        // Between two segments.
        uint64_t limit = i == extents_.size() ? end : std::min(end, extents_[i].address);
        uint32_t item = padding_;
        if (limit <= at) {
          limit = std::min(end, extents_[i].address + extents_[i].size);
          item = extents_[i].item;
        }
        put(item, limit - at);
        at = limit;
      }
    }
  }

  // Of the names, each belongs to what it is the name of.
  void put_custom(const OutSection& section, uint32_t frame) {
    if (title_of(section) != "name") return;
    const uint8_t* begin = plan_.encoded.data() + section.encoded.first;
    const uint8_t* p = begin;
    auto number = [&] {
      uint32_t value = 0, shift = 0;
      do value |= static_cast<uint32_t>(*p & 0x7f) << shift, shift += 7;
      while (*p++ & 0x80);
      return value;
    };
    auto skip_name = [&] {
      const uint32_t size = number();
      p += size;
    };
    auto put_to_here = [&](uint32_t item) {
      put(item, section.offset + static_cast<uint64_t>(p - begin) - laid_out_);
    };
    skip_name();
    while (p < begin + section.encoded.count) {
      const auto id = static_cast<NameSubsection>(*p++);
      const uint32_t size = number();
      if (id != NameSubsection::Function && id != NameSubsection::Global) {
        p += size;
        continue;
      }
      uint32_t count = number();
      put_to_here(frame);
      for (; count; count--) {
        const uint32_t index = number();
        skip_name();
        put_to_here((id == NameSubsection::Function ? 0 : globals_) + index);
      }
    }
  }

  // --- the text
  // ------------------------------------------------------------------------------------------------------

  // Tables are objects of columns. Each column: its table, its name, what writes row `i` of it.
#define WELD_COLUMNS(WELD_COLUMN)                                                                            \
  WELD_COLUMN(sections, id, number(static_cast<uint64_t>(plan_.sections[i].kind)))                           \
  WELD_COLUMN(sections, name, string(title_of(plan_.sections[i])))                                           \
  WELD_COLUMN(sections, offset, number(plan_.sections[i].offset))                                            \
  WELD_COLUMN(sections, size, number(plan_.sections[i].payload_size))                                        \
  WELD_COLUMN(inputs, path, string(location_of(i).input))                                                    \
  WELD_COLUMN(inputs, member, string(location_of(i).member))                                                 \
  WELD_COLUMN(inputs, neededBy, string(extracted(i) ? std::string_view(extracted(i)->reference) : ""))       \
  WELD_COLUMN(inputs, symbol, string(extracted(i) ? link_.name_of(extracted(i)->symbol) : ""))               \
  WELD_COLUMN(items, kind, number(static_cast<uint64_t>(items_[i].kind)))                                    \
  WELD_COLUMN(items, name, name_of_item(i))                                                                  \
  WELD_COLUMN(items, input, row(items_[i].object ? input_rows_[items_[i].object.row] : none32))              \
  WELD_COLUMN(items, size, number(items_[i].size))                                                           \
  WELD_COLUMN(items, segment, row(items_[i].segment))                                                        \
  WELD_COLUMN(items, address, json_.signed_number(static_cast<int64_t>(items_[i].address)))                  \
  WELD_COLUMN(items, slot, row(items_[i].slot))                                                              \
  WELD_COLUMN(symbols, name, string(parts_[i].name))                                                         \
  WELD_COLUMN(symbols, item, number(parts_[i].item))                                                         \
  WELD_COLUMN(symbols, offset, number(parts_[i].offset))                                                     \
  WELD_COLUMN(symbols, size, number(parts_[i].size))                                                         \
  WELD_COLUMN(roots, item, number(roots_[i].item))                                                           \
  WELD_COLUMN(roots, reason, string(reason_names[static_cast<size_t>(roots_[i].reason)]))                    \
  WELD_COLUMN(roots, symbol, string(roots_[i].name))                                                         \
  WELD_COLUMN(layout, item, number(layout_[i].item))                                                         \
  WELD_COLUMN(layout, size, number(layout_[i].size))                                                         \
  WELD_COLUMN(imports, module, string(import_row(i).module))                                                 \
  WELD_COLUMN(imports, name, string(import_row(i).name))                                                     \
  WELD_COLUMN(imports, kind, string(import_row(i).kind))                                                     \
  WELD_COLUMN(imports, type, string(import_row(i).type))                                                     \
  WELD_COLUMN(imports, item, number(import_row(i).item))                                                     \
  WELD_COLUMN(exports, name, string(link_.exports[i].name))                                                  \
  WELD_COLUMN(exports, kind, string(external_names[static_cast<size_t>(link_.exports[i].kind)]))             \
  WELD_COLUMN(exports, item, row(item_of(link_.exports[i])))                                                 \
  WELD_COLUMN(segments, name, string(text(segment(i).name)))                                                 \
  WELD_COLUMN(segments, kind, string(segment(i).is_tls ? "tls" : segment(i).is_bss ? "zeros" : "data"))      \
  WELD_COLUMN(segments, address, number(segment(i).address))                                                 \
  WELD_COLUMN(segments, size, number(segment(i).size))

  enum class Column : uint8_t {
#define WELD_COLUMN(table, name, write) table##_##name,
    WELD_COLUMNS(WELD_COLUMN)
#undef WELD_COLUMN
  };

  void cell(Column column, uint32_t i) {
    switch (column) {
#define WELD_COLUMN(table, name, write)                                                                      \
  case Column::table##_##name: return write;
      WELD_COLUMNS(WELD_COLUMN)
#undef WELD_COLUMN
    }
  }

  void columns(std::string_view of_table, size_t rows) {
    struct Names {
      std::string_view table, name;
    };
    static constexpr Names names[] = {
#define WELD_COLUMN(table, name, write) {#table, #name},
        WELD_COLUMNS(WELD_COLUMN)
#undef WELD_COLUMN
    };
    for (size_t column = 0; column < std::size(names); column++) {
      if (names[column].table != of_table) continue;
      open(names[column].name, '[');
      for (uint32_t i = 0; i < rows; i++) cell(static_cast<Column>(column), i);
      json_.close(']');
    }
  }
  void table(std::string_view name, size_t rows) {
    open(name, '{');
    columns(name, rows);
    json_.close('}');
  }

  void number(uint64_t value) {
    json_.number(value);
  }
  void string(std::string_view value) {
    json_.text(value);
  }
  // A row of another table, or -1.
  void row(uint32_t value) {
    json_.signed_number(value == none32 ? -1 : int64_t{value});
  }
  void open(std::string_view key, char bracket) {
    json_.key(key);
    json_.open(bracket);
  }
  void field(std::string_view key, uint64_t value) {
    json_.key(key);
    json_.number(value);
  }
  void field(std::string_view key, std::string_view value) {
    json_.key(key);
    json_.text(value);
  }
  void flag(std::string_view key, bool value) {
    json_.key(key);
    json_.boolean(value);
  }
  void region(std::string_view key, uint64_t address, uint64_t end) {
    open(key, '{');
    field("address", address);
    field("size", end > address ? end - address : 0);
    json_.close('}');
  }

  const OutSegment& segment(uint32_t i) const {
    return link_.segments[OutSegmentId(i)];
  }
  Location location_of(uint32_t i) const {
    return link_.location_of(link_.object_order[i]);
  }
  const WhyExtract* extracted(uint32_t i) const {
    return extracted_[link_.object_order[i].row];
  }
  void name_of_item(uint32_t i) {
    if (items_[i].kind != ItemKind::Type) return json_.text(items_[i].name);
    json_.text(signature_text(link_.session.signatures.bytes(link_.types[i - types_])));
  }

  void write() {
    const Options& o = link_.options;
    extracted_.resize(link_.objects.size());
    for (const WhyExtract& why : link_.why_extract) extracted_[why.extracted.row] = &why;
    input_rows_.resize(link_.objects.size(), none32);
    for (uint32_t i = 0; i < link_.object_order.size(); i++) input_rows_[link_.object_order[i].row] = i;

    json_.open('{');
    field("format", "weld-metafile");
    field("version", 1);
    open("output", '{');
    field("name", o.output_name);
    field("kind", o.relocatable ? "relocatable" : o.shared ? "shared" : o.pie ? "pie" : "executable");
    field("size", plan_.size);
    flag("gc", o.gc());
    table("sections", plan_.sections.size());
    json_.close('}');
    table("inputs", link_.object_order.size());
    open("items", '{');
    field("live", live_);
    open("kinds", '[');
    for (std::string_view name : kind_names) json_.text(name);
    json_.close(']');
    columns("items", items_.size());
    json_.close('}');
    table("symbols", parts_.size());
    write_edges();
    table("roots", roots_.size());
    table("layout", layout_.size());
    table("imports", (memory_ != none32) + link_.imports.size() + link_.got_imports.size());
    table("exports", link_.exports.size());
    write_memory();
    json_.close('}');
  }

  // As many of each item as `count` says, in order.
  void write_edges() {
    std::vector<uint32_t> counts(items_.size());
    for (uint64_t edge : edges_) counts[edge >> 32]++;
    open("edges", '{');
    open("count", '[');
    for (uint32_t count : counts) json_.number(count);
    json_.close(']');
    open("to", '[');
    for (uint64_t edge : edges_) json_.number(static_cast<uint32_t>(edge));
    json_.close(']');
    json_.close('}');
  }

  struct ImportRow {
    std::string_view module, name, kind;
    std::string type;
    uint32_t item;
  };
  static std::string limits_text(const Limits& l) {
    std::string text = std::to_string(l.minimum);
    if (l.flags & limits_has_max) text += " " + std::to_string(l.maximum);
    if (l.flags & limits_shared) text += " shared";
    if (l.flags & limits_is_64) text += " i64";
    return text;
  }

  // In the order of the output: the memory, imports of inputs, addresses that a loader knows.
  ImportRow import_row(uint32_t i) const {
    if (memory_ != none32 && i-- == 0) {
      const auto& memory = *link_.options.import_memory;
      return {memory.first, memory.second, "memory", limits_text(memory_limits(link_)), memory_};
    }
    if (i >= link_.imports.size()) {
      SymbolId id = link_.got_imports[i - link_.imports.size()];
      const Symbol& s = link_.symbols[id];
      return {got_module(s), link_.name_of(id), "global", link_.is_64 ? "var i64" : "var i32",
              globals_ + s.got_index};
    }
    SymbolId id = link_.imports[i];
    const Symbol& s = link_.symbols[id];
    ImportRow row{s.import_module ? text(s.import_module) : default_module,
                  text(s.import_name ? s.import_name : s.name),
                  symbol_kind_text(s.kind, false),
                  {},
                  item_of(s)};
    if (s.kind == SymbolKind::Global) {
      row.type = global_type_text(global_type_of(link_, s));
    } else if (s.kind == SymbolKind::Table) {
      TableType type = table_type_of(link_, s);
      if (id == link_.known.indirect_table) type.limits = link_.table_limits;
      row.type = std::string(value_type_text(type.element)) + " " + limits_text(type.limits);
    } else {
      row.type = signature_text(link_.session.signatures.bytes(s.signature));
    }
    return row;
  }

  // What lies where. `segment` of an item is a row among the segments.
  void write_memory() {
    const Options& o = link_.options;
    open("memory", '{');
    field("pageSize", o.page_size);
    field("pages", link_.memory_pages);
    field("maxPages", link_.max_memory_pages);
    flag("shared", o.shared_memory);
    table("segments", link_.segments.size());
    if (!o.relocatable && !o.is_pic()) {
      const Symbol& pointer = link_.symbols[link_.known.stack_pointer];
      const uint64_t top = link_.synthetic_globals[pointer.entity.row()].value;
      region("stack", top - o.stack_size, top);
      uint64_t end = top;
      for (const OutSegment& s : link_.segments) end = std::max(end, s.address + s.size);
      if (SymbolId flag = link_.known.init_memory_flag) end = std::max(end, link_.symbols[flag].value + 4);
      constexpr uint64_t heap_alignment = 16;
      region("heap", align_to(end, heap_alignment), link_.memory_pages * o.page_size);
    }
    json_.close('}');
  }

  const Link& link_;
  const OutputPlan& plan_;
  JsonWriter json_;

  // Where ranges of items begin: functions at 0. Rows of a range are numbered as in the output.
  std::vector<Item> items_;
  uint32_t globals_ = 0, tags_ = 0, tables_ = 0, types_ = 0, sections_ = 0;
  uint32_t memory_ = none32; // its import
  uint32_t header_ = 0, padding_ = 0;
  uint32_t live_ = 0;                        // items from here on were removed
  std::vector<uint32_t> segment_items_;      // segment, numbered through -> its item
  std::vector<uint32_t> custom_items_;       // likewise
  std::vector<uint32_t> removed_functions_;  // function, numbered through
  std::vector<uint32_t> object_items_;       // LinkObjectId -> its item, where it has one
  std::vector<std::vector<uint32_t>> blobs_; // row of merged_strings -> the item of each byte
  std::vector<NamedPart> parts_;             // by item
  std::vector<uint64_t> edges_;              // from << 32 | to; sorted, each once
  std::vector<Root> roots_;
  std::vector<Extent> layout_; // of the output, from the first byte to the last
  uint64_t laid_out_ = 0;      // bytes of it
  size_t entry_ = 0;           // in plan.entries
  std::vector<Extent> extents_;
  std::vector<uint32_t> input_rows_;         // LinkObjectId -> row of `inputs`
  std::vector<const WhyExtract*> extracted_; // likewise; null: nobody needed it
};

} // namespace

void write_metafile(const Link& link, const OutputPlan& plan, std::string& metafile) {
  MetafileWriter(link, plan).run(metafile);
}

} // namespace weld
