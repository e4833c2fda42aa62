// Types as a module writes them: with the numbers that types have in the output.
#include "core/link/write/output_plan.h"
#include "core/wasm/types.h"

namespace weld {

void encode_value_type(const Link& link, ValueType type, ByteBuffer& out) {
  if (is_defined_ref(type)) {
    out.u8(is_nullable(type) ? ref_null_prefix : ref_prefix);
    return out.sleb(link.type_of_signature[ref_number(type)]);
  }
  if (!is_nullable(type)) out.u8(ref_prefix);
  out.u8(static_cast<uint8_t>(nullable(type)));
}

void encode_type(const Link& link, SignatureId id, ByteBuffer& out) {
  const SignaturePool& pool = link.store.signatures;
  if (pool.bytes(id)[0] == function_form) return out.append(pool.bytes(id));
  const TypeGroup group = group_of(pool, id);
  if (id == group.first && group.count != 1) {
    out.u8(rec_form);
    out.uleb(group.count);
  }
  const DefinedType type = defined_type(pool, id);
  if (type.super || !type.is_final) {
    out.u8(type.is_final ? sub_final_form : sub_form);
    out.uleb(type.super ? 1 : 0);
    if (type.super) out.uleb(link.type_of_signature[type.super.row]);
  }
  auto field = [&](size_t i) {
    encode_value_type(link, type.types[i], out);
    out.u8(type.is_mutable(i));
  };
  switch (type.kind) {
  case TypeKind::Function:
    out.u8(function_form);
    for (const ValueTypes* types : {&type.types, &type.results}) {
      out.uleb(types->size());
      for (ValueType value : *types) encode_value_type(link, value, out);
    }
    break;
  case TypeKind::Struct:
    out.u8(struct_form);
    out.uleb(type.types.size());
    for (size_t i = 0; i < type.types.size(); i++) field(i);
    break;
  case TypeKind::Array:
    out.u8(array_form);
    field(0);
    break;
  }
}

uint32_t count_type_entries(const Link& link) {
  uint32_t count = 0;
  for (SignatureId id : link.types) count += group_of(link.store.signatures, id).first == id;
  return count;
}

} // namespace weld
