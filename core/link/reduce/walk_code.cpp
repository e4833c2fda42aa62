#include "core/link/reduce/walk_code.h"

#include "core/unit/lower_mir.h"

namespace weld {

void walk_code(const Reduced& link, LinkObjectId object, FunctionId function, MirForm form,
               FunctionRef<void(Bytes)> run, FunctionRef<void(const RelocRow&)> field,
               const FunctionRef<void(uint32_t)>* instruction) {
  const LinkObject& o = link.objects[object];
  const FunctionRow& row = o.object.functions()[o.function.local(function)];
  if (o.unit) {
    StoredMir stored = o.unit->function(row.offset);
    lower_locals(stored, run, field);
    return lower_mir(stored.code, o.unit->refs(stored), form, run, field, instruction);
  }
  std::span<const CodeEdit> edits = link.edits_of(function);
  uint32_t at = row.offset + row.code_offset;
  auto edit_until = [&](uint32_t limit) {
    for (; !edits.empty() && edits[0].begin < limit; edits = edits.subspan(1)) {
      const CodeEdit& edit = edits[0];
      run(o.bytes.subspan(at, edit.begin - at));
      run(Bytes(edit.bytes.data(), edit.size));
      at = edit.end;
    }
  };
  for (const RelocRow& reloc : o.relocs(row.relocs)) {
    uint32_t begin = o.object.header().code_offset + reloc.offset;
    edit_until(begin);
    if (begin < at) continue; // cut out
    run(o.bytes.subspan(at, begin - at));
    field(reloc);
    at = begin + field_width(traits(reloc.reloc_type()).field);
  }
  edit_until(row.offset + row.size);
  run(o.bytes.subspan(at, row.offset + row.size - at));
}

// Whether what stands before `end` is a branch on a cast: prefix, instruction, flags, a label.
static bool is_after_label(const uint8_t* end) {
  constexpr uint8_t most_bytes = 5;
  for (const uint8_t* label = end - 1; end - label <= most_bytes; label--) {
    if (label[-1] < 4 && (label[-2] == opcode::br_on_cast || label[-2] == opcode::br_on_cast_fail) &&
        label[-3] == opcode::gc_prefix)
      return true;
    if (!(label[-1] & 0x80)) break; // another number's last byte
  }
  return false;
}

// Numbers of types are unsigned in calls, and in what makes or reads structures and arrays; everywhere else they are
// signed. A signed number can also be read as an unsigned one. So only numbers that are known to be unsigned are, and a
// later instruction is written correctly.
bool is_signed_type(const LinkObject& o, const RelocRow& reloc) {
  if (o.unit) return reloc.addend != 0;
  const uint8_t* field = o.bytes.data() + o.object.header().code_offset + reloc.offset;
  if (field[-1] != opcode::call_indirect && field[-1] != opcode::return_call_indirect) return true;
  return is_after_label(field);
}

} // namespace weld
