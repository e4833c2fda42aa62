#include "core/session/saved_link.h"

#include "core/base/hash.h"
#include "core/link/relink.h"
#include "core/session/streams.h"

namespace weld {

namespace {

// Every member of a state is named here, and a new one does not compile until it is: what a relink does not find
// would be found only by its wrong output. Links with Options::live are not saved, so what only they have is not written.
template <class Stream>
class LinkDescription {
public:
  explicit LinkDescription(Stream& stream) : s_(stream) {}

  void describe(LinkState& state) {
    Link& link = state.link;
    s_.value(link.is_64);
    s_.value(link.keeps_edges);
    s_.value(link.leaves_room);
    describe(static_cast<Resolution&>(link));
    describe(static_cast<Liveness&>(link));
    describe(static_cast<Layout&>(link));
    describe(static_cast<CustomSections&>(link));
    describe(static_cast<Needs&>(link));
    describe(static_cast<Reduction&>(link));
    describe(static_cast<Indices&>(link));
    describe(static_cast<Output&>(link));
    describe(state.plan);
    s_.rows(state.output);
    rows(state.free_functions, state.free_traps, state.free_slots, state.grown_names);
    s_.value(state.wants_room);
    describe(state.said);
  }
  // Pointers into the session.
  void find_objects(Link& link, std::span<const ReplacedObject> replaced) {
    for (LinkObject& object : link.objects) find_object(link.store, replaced, object);
  }

  void describe(RelinkOptions& options) {
    auto& [compat, output_name, soname, strip_all, strip_debug, keep_sections, demangle, optimize,
           merge_data_segments, build_id, build_id_bytes, runtime_paths, entry, exports, exports_if_defined,
           export_all, export_dynamic, exclude_libs, export_table, import_table, growable_table,
           export_memory, import_memory, import_undefined, allow_undefined, undefined, wrap,
           allow_multiple_definition, noinhibit_exec, stack_first, stack_size, global_base, initial_heap,
           initial_memory, max_memory, no_growable_memory, page_size, table_base, is_64, bsymbolic,
           experimental_pic, shlib_sigcheck, check_features, features, extra_features, gc_sections,
           fatal_warnings, error_limit, validate, log_overrides] = options;
    // Only the last part of the output's name is in the output. No link heeds error_limit: it is about what is printed,
    // and the command line and the package have different ones.
    std::string name = output_name.substr(output_name.find_last_of('/') + 1);
    s_.text(name);
    values(compat, strip_all, strip_debug, demangle, optimize, build_id, export_all, export_table,
           import_table, growable_table, import_undefined, allow_multiple_definition, noinhibit_exec,
           stack_size, global_base, initial_heap, initial_memory, max_memory, no_growable_memory, page_size,
           table_base, bsymbolic, experimental_pic, shlib_sigcheck, check_features, fatal_warnings, validate);
    for (std::optional<bool>* given :
         {&merge_data_segments, &export_dynamic, &stack_first, &is_64, &gc_sections})
      optional(*given, [&](bool& value) { s_.value(value); });
    s_.text(soname);
    for (std::optional<std::string>* given : {&entry, &export_memory})
      optional(*given, [&](std::string& value) { s_.text(value); });
    optional(import_memory, [&](auto& value) {
      s_.text(value.first);
      s_.text(value.second);
    });
    for (std::vector<std::string>* names :
         {&keep_sections, &runtime_paths, &exports, &exports_if_defined, &exclude_libs, &allow_undefined,
          &undefined, &wrap, &extra_features})
      texts(*names);
    optional(features, [&](auto& names) { texts(names); });
    s_.rows(build_id_bytes);
    all(log_overrides, [&](LogOverride& level) { values(level.id, level.severity); });
  }

private:
  template <class... Values>
  void values(Values&... each) {
    (s_.value(each), ...);
  }
  template <class... Rows>
  void rows(Rows&... each) {
    (s_.dense_rows(each), ...);
  }
  // What only options leave behind that relinks do not know.
  template <class... Rows>
  void unused(Rows&... each) {
    if ((!each.empty() || ...)) s_.fail();
  }
  template <class Rows, class Each>
  void all(Rows& rows, Each each) {
    s_.count(rows);
    for (auto& row : rows) {
      if (!s_.ok()) return;
      each(row);
    }
  }
  void texts(std::vector<std::string>& texts) {
    all(texts, [&](std::string& text) { s_.text(text); });
  }
  template <class T, class Each>
  void optional(std::optional<T>& given, Each each) {
    bool has_value = given.has_value();
    s_.value(has_value);
    if (has_value) each(given.emplace(given.value_or(T())));
  }
  void limits(Limits& limits) {
    auto& [flags, page_size_log2, minimum, maximum] = limits;
    values(flags, page_size_log2, minimum, maximum);
  }

  void describe(Resolution& state) {
    auto& [symbols, position_of_name, symbol_order, variants, variants_of_name, weak_traps, stub_of_signature,
           objects, object_order, libraries, bound, functions_total, segments_total, globals_total,
           tags_total, tables_total, custom_sections_total, types_total, comdat_owner, function_discarded,
           segment_discarded, custom_discarded, has_legacy_table, has_units, has_commons, why_extract, wraps,
           allow_undefined, exported_name, traced_name, entry, call_dtors, synthetic_functions,
           synthetic_globals, known, initial_places] = state;
    s_.padded_rows(symbols, [](const Symbol& symbol, auto each) {
      const auto& [name, meaning, kind, flags, object, row, entity, value, size, input, member, place,
                   signature, import_module, import_name, used_in_object, force_export, force_import,
                   is_needed, is_trap, called_directly, is_mutable, common_p2align, traced] = symbol;
      each(name, meaning, kind, flags, object, row, entity, value, size, input, member, place, signature,
           import_module, import_name, used_in_object, force_export, force_import, is_needed, is_trap,
           called_directly, is_mutable, common_p2align, traced);
    });
    rows(position_of_name, symbol_order);
    all(variants, [&](Variants& one) {
      auto& [name, its_symbols] = one;
      values(name);
      rows(its_symbols);
    });
    rows(variants_of_name, weak_traps, stub_of_signature);
    all(objects, [&](LinkObject& object) { describe(object); });
    rows(object_order, libraries, bound);
    values(functions_total, segments_total, globals_total, tags_total, tables_total, custom_sections_total,
           types_total);
    rows(comdat_owner, function_discarded, segment_discarded, custom_discarded);
    values(has_legacy_table, has_units, has_commons);
    unused(why_extract);
    rows(wraps, allow_undefined, exported_name, traced_name);
    values(entry, call_dtors);
    s_.padded_rows(synthetic_functions, [](const SyntheticFunction& one, auto each) {
      const auto& [name, debug_name, signature, wrapped, is_trap] = one;
      each(name, debug_name, signature, wrapped, is_trap);
    });
    all(synthetic_globals, [&](SyntheticGlobal& one) {
      auto& [name, type] = one;
      s_.text(name);
      values(type.type, type.is_mutable);
    });
    static_assert(std::has_unique_object_representations_v<KnownSymbols>);
    values(known);
    rows(initial_places);
  }

  void describe(LinkObject& object) {
    auto& [id, input, member, tables, bytes, unit, is_root, symbol, function, segment, global, tag, table,
           custom_section, type] = object;
    values(id, input, member, is_root, symbol.first, function.first, segment.first, global.first, tag.first,
           table.first, custom_section.first, type.first);
  }

  void find_object(InputStore& store, std::span<const ReplacedObject> replaced, LinkObject& object) {
    if (object.id.row >= store.objects.size() || object.input.row >= store.inputs.size()) return s_.fail();
    const ObjectEntry* entry = &store.objects[object.id];
    for (const ReplacedObject& before : replaced)
      if (before.input == object.input) entry = &before.entry;
    if (!entry->object) return s_.fail();
    object.object = entry->object.view();
    object.bytes = entry->bytes;
    object.unit = store.inputs[object.input].unit.get();
  }

  void describe(Liveness& state) {
    auto& [function_live, segment_live, global_live, tag_live, table_live, symbol_live, object_live,
           synthetic_function_live, synthetic_global_live, gc_roots, symbol_holder, function_holder,
           segment_holder] = state;
    rows(function_live, segment_live, global_live, tag_live, table_live, symbol_live, object_live,
         synthetic_function_live, synthetic_global_live);
    unused(gc_roots);
    rows(symbol_holder, function_holder, segment_holder);
  }

  void chunks(Vector<OutChunk>& chunks) {
    s_.padded_rows(chunks, [](const OutChunk& chunk, auto each) { chunk.with_members(each); });
  }

  void describe(Layout& state) {
    auto& [segments, passive_data, passive_elements, merged_strings, segment_folded_into, segment_out,
           segment_offset, common_size, passive_number, segment_pieces, pieces, places, global_values,
           init_memory_flag, room, memory_pages, max_memory_pages, static_data_size, data_p2align, live_room,
           pack_data, features, extended_const, emit_bss] = state;
    all(segments, [&](OutSegment& one) {
      auto& [name, its_chunks, p2align, size, address, flags, is_bss, is_tls, index] = one;
      values(name, p2align, size, address, flags, is_bss, is_tls, index);
      chunks(its_chunks);
    });
    rows(passive_data, passive_elements);
    all(merged_strings, [&](MergedStrings& one) {
      auto& [name, bytes, its_segments] = one;
      values(name);
      bytes.describe(s_);
      rows(its_segments);
    });
    unused(segment_folded_into);
    rows(segment_out, segment_offset, common_size, passive_number, segment_pieces, pieces, places,
         global_values);
    values(init_memory_flag, room, memory_pages, max_memory_pages, static_data_size, data_p2align, pack_data);
    rows(features);
    values(extended_const, emit_bss);
  }

  void describe(CustomSections& state) {
    auto& [custom_sections, custom_pieces, custom_offset] = state;
    all(custom_sections, [&](OutCustomSection& one) {
      auto& [name, its_chunks, size, has_relocs] = one;
      values(name, size, has_relocs);
      chunks(its_chunks);
    });
    rows(custom_pieces, custom_offset);
  }

  void describe(Needs& state) {
    auto& [imports, got_imports, imported_functions, imported_globals, imported_tags, imported_tables,
           imported_memories, of_symbol, promoted, internal_got, indirect_table, table_is_synthetic,
           table_limits, table_functions, table_function_symbols, function_slot, address_slots,
           synthetic_function_slot, types, type_of_signature, type_used, slot_holder, got_holder, type_holder,
           exception_styles] = state;
    rows(imports, got_imports);
    values(imported_functions, imported_globals, imported_tags, imported_tables, imported_memories);
    s_.padded_rows(of_symbol, [](const SymbolNeeds& needs, auto each) {
      const auto& [import_index, table_slot, got_import, stub, has_internal_got, is_constructor,
                   is_exported_late] = needs;
      each(import_index, table_slot, got_import, stub, has_internal_got, is_constructor, is_exported_late);
    });
    rows(promoted, internal_got);
    values(indirect_table, table_is_synthetic);
    limits(table_limits);
    rows(table_functions, table_function_symbols, function_slot, synthetic_function_slot, types,
         type_of_signature, type_used, slot_holder, got_holder, type_holder);
    values(exception_styles);
  }

  void describe(Reduction& state) {
    auto& [folded_into, function_signature, function_edits, code_edits] = state;
    unused(folded_into, function_signature, function_edits, code_edits);
  }

  void describe(Indices& state) {
    auto& [function_index, global_index, tag_index, table_index, synthetic_function_index,
           synthetic_global_index, functions, globals, tags, tables, memories, next_global, table_number,
           got_index, init, data_relocation_helpers, tls_relocation_helpers, init_functions, wrappers,
           is_wrapped, wrapped_exports, exports, exported_symbols, data_address_globals, live_stubs,
           live_index] = state;
    rows(function_index, global_index, tag_index, table_index, synthetic_function_index,
         synthetic_global_index, functions, globals, tags, tables, memories);
    values(next_global, table_number);
    rows(got_index);
    static_assert(std::has_unique_object_representations_v<InitSymbols>);
    values(init);
    unused(data_relocation_helpers, tls_relocation_helpers);
    s_.padded_rows(init_functions, [](const InitFunction& init_function, auto each) {
      const auto& [priority, object, symbol, constructor] = init_function;
      const auto& [function, its_symbol, signature, is_live] = constructor;
      each(priority, object, symbol, function, its_symbol, signature, is_live);
    });
    rows(wrappers, is_wrapped, wrapped_exports);
    all(exports, [&](Export& one) {
      auto& [name, kind, index] = one;
      s_.text(name);
      values(kind, index);
    });
    rows(exported_symbols, data_address_globals);
    unused(live_stubs, live_index);
  }

  void describe(Output& state) {
    auto& [synthetic_code, synthetic_bodies, data_image, data_runs, code_moves, function_moves,
           custom_rewritten, rewritten_sections, unit_sections, segment_heads, initial_elements,
           first_passive_data, first_passive_elements, function_offset, synthetic_offset, live_id] = state;
    synthetic_code.describe(s_);
    rows(synthetic_bodies);
    unused(data_image, data_runs, code_moves, function_moves, custom_rewritten, rewritten_sections);
    all(unit_sections, [&](UnitSection& one) {
      auto& [section, offset, bytes, fields] = one;
      values(section, offset);
      bytes.describe(s_);
      rows(fields);
    });
    rows(segment_heads, initial_elements);
    values(first_passive_data, first_passive_elements);
    rows(function_offset, synthetic_offset);
  }

  void describe(OutputPlan& plan) {
    auto& [sections, debug_sections, debug_link_section, debug_link, debug_file_size, encoded, hint_relocs,
           hint_section, entries, size, passive_data, build_id_size] = plan;
    unused(debug_sections); // nor what is said of them
    s_.padded_rows(sections, [](const OutSection& section, auto each) {
      const auto& [kind, content, custom, payload_size, offset, its_encoded] = section;
      each(kind, content, custom, payload_size, offset, its_encoded);
    });
    unused(encoded);
    rows(hint_relocs);
    values(hint_section);
    rows(entries);
    values(size, passive_data);
    uint64_t id_size = build_id_size;
    values(id_size);
    build_id_size = static_cast<size_t>(id_size);
  }

  void describe(Diagnostics& said) {
    std::vector<Diagnostic> list = said.rows();
    all(list, [&](Diagnostic& one) { describe(one); });
    if constexpr (Stream::is_reader)
      for (Diagnostic& one : list) said.append(std::move(one));
  }

  void describe(Diagnostic& diagnostic) {
    auto& [id, severity, arguments, location, notes] = diagnostic;
    values(id, severity);
    if (id >= DiagnosticId::count || severity > Severity::Silent) return s_.fail();
    all(arguments, [&](Argument& argument) {
      values(argument.kind, argument.number);
      s_.text(argument.text);
    });
    describe(location);
    all(notes, [&](Note& note) {
      s_.text(note.text);
      describe(note.location);
    });
  }

  void describe(Location& location) {
    auto& [input, member, section, offset, instruction, symbol, source] = location;
    for (std::string* text : {&input, &member, &section, &symbol, &source.file}) s_.text(*text);
    values(offset, instruction, source.line, source.column);
  }

  Stream& s_;
};

} // namespace

Vector<uint8_t> encoded_options(const RelinkOptions& options) {
  SnapshotWriter writer;
  RelinkOptions copy = options;
  LinkDescription<SnapshotWriter>(writer).describe(copy);
  return std::move(writer.out);
}

Vector<uint64_t> checksums_of_units(const InputStore& store) {
  Vector<uint64_t> checksums;
  for (const Input& input : store.inputs)
    if (input.unit) checksums.push_back(xxh3_64(store.objects[input.object].object.memory()));
  return checksums;
}

bool SavedLink::fits_together() const {
  uint64_t at = 0;
  for (const SavedColumn& column : columns) {
    if (column.offset < at || column.offset > bytes.size() || column.size > bytes.size() - column.offset)
      return false;
    at = column.offset + column.size;
  }
  return true;
}

uint64_t SavedLink::between_columns(FunctionRef<void(Bytes part)> each) const {
  uint64_t found = 0;
  size_t at = 0;
  auto add = [&](uint64_t end) {
    const Bytes part = bytes.subspan(at, static_cast<size_t>(end) - at);
    each(part);
    found = (found ^ xxh3_64(part)) * 0x9e3779b97f4a7c15;
  };
  for (const SavedColumn& column : columns) {
    add(column.offset);
    at = static_cast<size_t>(column.offset + column.size);
  }
  add(bytes.size());
  return found;
}

Vector<uint8_t> save_link(LinkState& state, SavedLink& saved) {
  if (!state.is_reusable) return {};
  // Tables that grew are made anew.
  for (const Input& input : state.link.store.inputs)
    if (input.unit && input.unit->is_grown()) return {};
  SnapshotWriter writer;
  writer.columns = &saved.columns;
  LinkDescription<SnapshotWriter>(writer).describe(state);
  if (!writer.ok()) return {};
  for (SavedColumn& column : saved.columns)
    column.checksum = xxh3_64(
        Bytes(writer.out).subspan(static_cast<size_t>(column.offset), static_cast<size_t>(column.size)));
  return std::move(writer.out);
}

std::unique_ptr<LinkState> read_link(const SavedLink& saved, SnapshotReader::FetchColumn fetch_column,
                                     InputStore& store, std::span<const ReplacedObject> replaced,
                                     const Options& options) {
  auto state = std::make_unique<LinkState>(store, options);
  SnapshotReader reader(saved.bytes, saved.columns, fetch_column);
  LinkDescription<SnapshotReader> description(reader);
  description.describe(*state);
  description.find_objects(state->link, replaced);
  if (!reader.ok() || !reader.at_end()) return nullptr;
  state->is_reusable = true;
  return state;
}

} // namespace weld
