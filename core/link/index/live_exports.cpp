// Options::live: what patches import of the running program, exported under names that begin with `__weld_live.`:
//
//   memory, table, state                  the memory, the function table, the global that says which patches were applied
//   global.N, tag.N, table.N, memory.N    whatever has this index
#include "core/link/index/indices.h"

namespace weld {

void add_live_exports(const Indexed& link, Indices& indices) {
  for (const Export& e : indices.exports)
    if (e.name.starts_with(live_prefix))
      link.diagnostics().report(DiagnosticId::bad_option,
                                {"--live has its own exports of names that begin with `" +
                                 std::string(live_prefix) + "`, and `" + e.name + "` is to be exported"});
  auto add = [&](std::string name, ExternalKind kind, uint32_t index) {
    indices.exports.push_back({std::string(live_prefix) + std::move(name), kind, index});
  };
  auto add_all = [&](const char* name, ExternalKind kind, uint32_t first, size_t end) {
    for (uint32_t i = first; i < end; i++) add(name + std::to_string(i), kind, i);
  };
  add("memory", ExternalKind::Memory, 0);
  if (link.indirect_table) add("table", ExternalKind::Table, link.table_number_of(link.indirect_table).value);
  const auto state = link.next_global.value + static_cast<uint32_t>(link.data_address_globals.size());
  add("state", ExternalKind::Global, state);
  add_all("global.", ExternalKind::Global, 0, link.imported_globals + link.globals.size());
  add_all("tag.", ExternalKind::Tag, 0, link.imported_tags + link.tags.size());
  add_all("table.", ExternalKind::Table, 0, link.imported_tables + link.tables.size());
  add_all("memory.", ExternalKind::Memory, 1, 1 + link.imported_memories + link.memories.size());
}

} // namespace weld
