#include "core/link/index/indices.h"

namespace weld {

SignatureId Indexed::signature_of(const OutFunction& f) const {
  return f.object ? signature_of(objects[f.object], f.function.id())
                  : synthetic_functions[f.function.synthetic()].signature;
}

SignatureId Indexed::signature_of(const OutTag& t) const {
  const LinkObject& o = objects[t.object];
  return o.object.tags()[o.tag.local(t.tag)].signature;
}

std::string_view Indexed::name_of_global(const OutGlobal& g) const {
  if (!g.object) return synthetic_globals[g.global.synthetic()].name;
  const LinkObject& o = objects[g.object];
  return o.text(o.object.globals()[o.global.local(g.global.id())].name);
}

OutFunctionIndex Indexed::function_index_of(SymbolId id) const {
  const SymbolNeeds& n = needs(id);
  if (!n.stub.is_none()) return function_index_of(n.stub);
  if (n.import_index != none32) return OutFunctionIndex(n.import_index);
  const Symbol& s = symbols[id];
  return s.state == SymbolState::Defined ? function_index_of(s.function()) : OutFunctionIndex();
}

OutGlobalIndex Indexed::global_index_of(SymbolId id) const {
  const Symbol& s = symbols[id];
  if (s.state != SymbolState::Defined) return OutGlobalIndex(needs(id).import_index);
  return s.entity.is_synthetic() ? synthetic_global_index[s.global().synthetic()]
                                 : global_index[s.global().id()];
}

OutTagIndex Indexed::tag_index_of(SymbolId id) const {
  const Symbol& s = symbols[id];
  return s.state == SymbolState::Defined ? tag_index[s.tag()] : OutTagIndex(needs(id).import_index);
}

OutTableIndex Indexed::table_number_of(SymbolId id) const {
  const Symbol& s = symbols[id];
  if (s.state != SymbolState::Defined) return OutTableIndex(needs(id).import_index);
  return s.entity.is_synthetic() ? table_number : table_index[s.table().id()];
}

} // namespace weld
