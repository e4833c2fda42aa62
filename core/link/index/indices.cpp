#include "core/link/index/indices.h"

namespace weld {

SignatureId Indexed::signature_of(const OutFunction& f) const {
  return f.object ? signature_of(objects[f.object], f.row) : synthetic_functions[f.row].signature;
}

std::string_view Indexed::name_of_global(const OutEntity& global) const {
  if (!global.object) return synthetic_globals[global.entity.row()].name;
  const LinkObject& o = objects[global.object];
  return o.text(o.object.globals()[global.entity.row()].name);
}

uint32_t Indexed::function_index_of(SymbolId id) const {
  const SymbolNeeds& n = needs(id);
  if (!n.stub.is_none()) return function_index_of(n.stub);
  if (n.import_index != none32) return n.import_index;
  const Symbol& s = symbols[id];
  return s.state == SymbolState::Defined ? function_index_of(s.entity) : none32;
}

uint32_t Indexed::global_index_of(SymbolId id) const {
  const Symbol& s = symbols[id];
  if (s.state != SymbolState::Defined) return needs(id).import_index;
  return s.entity.is_synthetic() ? synthetic_global_index[s.entity.row()] : global_index[s.entity.row()];
}

uint32_t Indexed::tag_index_of(SymbolId id) const {
  const Symbol& s = symbols[id];
  return s.state == SymbolState::Defined ? tag_index[s.entity.row()] : needs(id).import_index;
}

uint32_t Indexed::table_number_of(SymbolId id) const {
  const Symbol& s = symbols[id];
  if (s.state != SymbolState::Defined) return needs(id).import_index;
  return s.entity.is_synthetic() ? table_number : table_index[s.entity.row()];
}

} // namespace weld
