// Options::live: every function that can be replaced gets a stub, which calls what is in the function's slot of the table.
// Calls, exports and constructors name the stub. So nothing in the program but the table has to change when a function
// does, and objects are copied as they are: no code moves, and debug information stays true.
#include "core/link/index/indices.h"
#include "core/link/resolve/late_names.h"

namespace weld {

void make_live_stubs(const Reduced& link, LateNames& names, Indices& indices, OutFunctionIndex next) {
  if (link.is_64)
    link.diagnostics().report(DiagnosticId::bad_option, {"--live may not be used with objects for wasm64"});
  indices.live_index.resize(link.functions_total);
  link.for_each_function([&](LinkObjectId object, const LinkObject& o, FunctionId id, const FunctionRow& row) {
    if (!is_editable(link.options, o)) return;
    std::string name(o.text(row.name ? row.name : row.debug_name));
    const FunctionEntity stub = names.add_helper(name + ".live", link.signature_of(o, id));
    indices.live_stubs.push_back({stub, object, id});
    indices.live_index[id] = next;
    indices.synthetic_function_index.resize(stub.synthetic().row + 1);
    indices.synthetic_function_index[stub.synthetic()] = next;
    indices.functions.push_back({{}, stub.synthetic()});
    ++next;
  });
}

} // namespace weld
