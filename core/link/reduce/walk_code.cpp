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

} // namespace weld
