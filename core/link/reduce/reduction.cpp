#include "core/link/reduce/reduction.h"

namespace weld {

SignatureId Reduced::signature_of(const LinkObject& o, FunctionId function) const {
  if (!function_signature.empty() && function_signature[function]) return function_signature[function];
  return o.object.functions()[o.function.local(function)].signature;
}

} // namespace weld
