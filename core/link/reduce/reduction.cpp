#include "core/link/reduce/reduction.h"

namespace weld {

SignatureId Reduced::signature_of(const LinkObject& o, uint32_t function) const {
  if (!function_signature.empty() && function_signature[o.functions + function])
    return function_signature[o.functions + function];
  return o.object.functions()[function].signature;
}

} // namespace weld
