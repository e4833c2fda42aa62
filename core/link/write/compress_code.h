// Functions written field by field, relocated fields in the shortest encoding: those of units always, those
// of objects for --compress-relocations. Objects pad these fields to full width so that a linker can patch
// them in place; rewriting them makes code some 2 to 11 % smaller.
#pragma once

#include "core/base/function_ref.h"
#include "core/base/vector.h"
#include "core/link/write/reloc_value.h"

namespace weld {

class CodeCompressor {
public:
  CodeCompressor(const Link& link, const SymbolValues& values) : link_(link), values_(values) {}

  // The size of the function with its size field.
  uint32_t size(LinkObjectId object, FunctionId function);
  // Of its size field alone.
  uint32_t head_size(LinkObjectId object, FunctionId function);
  // Writes it and returns the first byte after it. `errors` gets what does not fit its field.
  uint8_t* write(LinkObjectId object, FunctionId function, uint8_t* out, Vector<RangeError>& errors);
  // Appends where the bytes of its body go: the first and the last, and each after a field that shrinks or an edit. The
  // function is an object's.
  void add_moves(LinkObjectId object, FunctionId function, Vector<CodeMove>& moves);
  // Moves offsets of instructions, from the locals' declaration and in order, to where these are; none32: nowhere.
  void move_offsets(LinkObjectId object, FunctionId function, Vector<uint32_t>& offsets);
  // Where the byte at `offset` of the output's body came from: an offset in the object, of a unit the number of the
  // instruction; none32: it is in no input.
  uint32_t origin(LinkObjectId object, FunctionId function, uint32_t offset);
  // Where each instruction of a unit's function begins, from the locals' declaration on, and where the last one ends.
  void find_instructions(LinkObjectId object, FunctionId function, Vector<uint32_t>& offsets);

private:
  // Calls `run` for the bytes between relocated fields and `field` for each field with its value. `instruction`: as
  // walk_code has it.
  void walk(LinkObjectId object, FunctionId function, FunctionRef<void(Bytes)> run,
            FunctionRef<void(RelocField, uint64_t)> field,
            const FunctionRef<void(uint32_t)>* instruction = nullptr);
  void read_field(LinkObjectId object, const RelocRow& reloc, FunctionRef<void(RelocField, uint64_t)> field);
  uint32_t size_of_first(LinkObjectId object, const StoredMir& stored, uint32_t count);
  bool pads() const;
  MirForm form() const;
  uint32_t body_size(LinkObjectId object, FunctionId function);
  uint32_t written_size(RelocField field, uint64_t value) const;

  const Link& link_;
  const SymbolValues& values_;
  Vector<RangeError>* errors_ = nullptr; // while a function is written
};

} // namespace weld
