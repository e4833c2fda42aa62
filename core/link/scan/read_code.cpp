#include "core/link/scan/read_code.h"

#include "core/base/reader.h"
#include "core/link/ids.h"

namespace weld {

uint64_t stack_frame(Bytes object, uint64_t at) {
  namespace op = opcode;
  if (object[static_cast<size_t>(at) - 1] != op::global_get) return 0;
  ReadFailure failure;
  Reader r(object.subspan(static_cast<size_t>(at)), object.data(), "code", failure);
  auto local = [&](uint8_t wanted) { return r.u8("") == wanted ? r.u32_leb("") : none32; };
  r.u32_leb("");
  uint8_t code = r.u8("");
  const bool stored = code == op::local_set; // -O0 keeps both operands in locals
  uint32_t pointer = stored ? r.u32_leb("") : 0;
  if (stored) code = r.u8("");
  if (code != op::i32_const && code != op::i64_const) return 0;
  int64_t size = r.s64_leb("");
  if (stored) {
    uint32_t operand = local(op::local_set);
    if (local(op::local_get) != pointer || local(op::local_get) != operand) return 0;
  }
  code = r.u8("");
  const bool is_frame = !failure.happened && (code == op::i32_sub || code == op::i64_sub) && size >= 0;
  return is_frame ? static_cast<uint64_t>(size) : 0;
}

bool writes_global(Bytes object, uint64_t at) {
  return object[static_cast<size_t>(at) - 1] == opcode::global_set;
}

uint32_t exception_style(Bytes object, uint64_t at) {
  constexpr uint8_t legacy_catch = 0x07, clause_catch = 0x00, clause_catch_ref = 0x01;
  uint8_t before = object[static_cast<size_t>(at) - 1];
  return before == legacy_catch ? 1 : before == clause_catch || before == clause_catch_ref ? 2 : 0;
}

} // namespace weld
