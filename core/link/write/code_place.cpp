#include "core/link/write/code_place.h"

#include "core/base/reader.h"
#include "core/link/resolve/source_lines.h"
#include "core/link/write/compress_code.h"
#include "core/unit/mir.h"

namespace weld {

namespace {

// Reads a function's instructions one after the other, as far as it knows them.
class InstructionReader {
public:
  explicit InstructionReader(Bytes body) : r_(body, body.data(), "code", failure_) {
    for (uint32_t groups = r_.u32_leb(""); groups && !failure_.happened; groups--) {
      r_.u32_leb("");
      type();
    }
  }

  // The next instruction; null at the end, and where one is not known.
  const OpTraits* next() {
    if (failure_.happened || r_.at_end()) return nullptr;
    begin_ = static_cast<uint32_t>(r_.offset());
    bool lets_null_pass;
    const OpTraits* op = read_op(r_, lets_null_pass);
    if (!op) return nullptr;
    operand(*op);
    return op;
  }
  uint32_t begin() const { return begin_; } // of the last instruction
  uint32_t end() const { return static_cast<uint32_t>(r_.offset()); }

private:
  void numbers(uint32_t count) {
    for (; count && !failure_.happened; count--) r_.u64_leb("");
  }
  void bytes(uint32_t count) {
    for (; count && !failure_.happened; count--) r_.u8("");
  }
  // Of a value, or of a block: a byte, a number, or a reference with a heap type.
  void type() {
    constexpr uint8_t reference = 0x64, null_reference = 0x63;
    const uint8_t byte = r_.u8("");
    if (byte == reference || byte == null_reference) r_.s64_leb("");
    else if (byte & 0x80) r_.s64_leb("");
  }
  void memory() {
    constexpr uint64_t names_memory = 64;
    if (r_.u64_leb("") & names_memory) numbers(1);
    numbers(1);
  }

  void operand(const OpTraits& op) {
    switch (op.operand) {
    case OperandKind::None: return;
    case OperandKind::F32: return bytes(4);
    case OperandKind::F64: return bytes(8);
    case OperandKind::V128:
    case OperandKind::Shuffle: return bytes(16);
    case OperandKind::Lane: return bytes(1);
    case OperandKind::BrTable: return numbers(r_.u32_leb("") + 1);
    case OperandKind::Block: return type();
    case OperandKind::RefType:
    case OperandKind::CastType: r_.s64_leb(""); return;
    case OperandKind::BranchOnCast:
      bytes(1); // which of the two may be null
      numbers(1);
      r_.s64_leb("");
      r_.s64_leb("");
      return;
    case OperandKind::TryTable:
      type();
      for (uint32_t clauses = r_.u32_leb(""); clauses && !failure_.happened; clauses--)
        numbers(r_.u8("") < 2 ? 2 : 1);
      return;
    case OperandKind::Memory: return memory();
    case OperandKind::MemoryLane: memory(); return bytes(1);
    case OperandKind::SelectType:
      for (uint32_t count = r_.u32_leb(""); count && !failure_.happened; count--) type();
      return;
    case OperandKind::TwoMemories:
    case OperandKind::TwoTables:
    case OperandKind::CallIndirect:
    case OperandKind::MemoryInit:
    case OperandKind::TypeAndField:
    case OperandKind::TypeAndCount:
    case OperandKind::TwoTypes:
    case OperandKind::TypeAndData:
    case OperandKind::TypeAndElements:
    case OperandKind::TableInit: return numbers(2);
    case OperandKind::I32:
    case OperandKind::I64:
    case OperandKind::FunctionSlot:
    case OperandKind::Address: r_.s64_leb(""); return;
    case OperandKind::ZeroByte:
    case OperandKind::MemoryIndex:
    case OperandKind::Type:
    case OperandKind::Local:
    case OperandKind::Label:
    case OperandKind::Function:
    case OperandKind::Global:
    case OperandKind::Tag:
    case OperandKind::Table:
    case OperandKind::PassiveData:
    case OperandKind::PassiveElements: return numbers(1);
    }
  }

  ReadFailure failure_;
  Reader r_;
  uint32_t begin_ = 0;
};

// The instruction whose bytes include `offset`.
void name_instruction(Bytes body, uint32_t offset, CodePlace& place) {
  InstructionReader reader(body);
  uint32_t number = 0;
  while (const OpTraits* op = reader.next()) {
    if (reader.begin() > offset) return; // in the locals
    if (offset < reader.end()) {
      place.op = op->name;
      place.instruction = number;
      return;
    }
    number++;
  }
}

} // namespace

CodePlace find_code(const Link& link, const SymbolValues& values, uint32_t row, Bytes body, uint32_t offset,
                    SourceLines& lines) {
  const OutFunction& f = link.functions[row];
  CodePlace place;
  if (offset != none32) name_instruction(body, offset, place);
  if (!f.object) {
    place.function = link.store.strings.text(link.synthetic_functions[f.function.synthetic()].name);
    return place;
  }
  const LinkObject& o = link.objects[f.object];
  const FunctionId id = f.function.id();
  const uint32_t local = o.function.local(id);
  const FunctionRow& function = o.object.functions()[local];
  if (function.name || function.debug_name)
    place.function = o.text(function.name ? function.name : function.debug_name);
  place.location = link.location_of(f.object);
  place.location.symbol = place.function;

  const uint32_t code = function.offset + function.code_offset;
  uint32_t origin = offset == none32 ? none32 : code + offset;
  if (offset != none32 && link.is_encoded_again(o))
    origin = CodeCompressor(link, values).origin(f.object, id, offset);
  if (o.unit) {
    if (origin == none32) return place;
    const MirCode mir = o.unit->function(function.offset).code;
    place.location.instruction = origin;
    place.op = origin < mir.size() ? traits(mir.op(origin)).name : std::string_view();
    place.instruction = origin;
    if (lines.object() != f.object) lines = SourceLines(link, f.object);
    place.location.source = lines.find(local, origin);
    return place;
  }
  place.location.section = "CODE";
  place.location.offset = origin == none32 ? function.offset : origin;
  if (link.options.like_lld()) return place; // which does not show it
  if (lines.object() != f.object) lines = SourceLines(link, f.object);
  place.location.source = lines.find(local, origin == none32 ? 0 : origin - code);
  return place;
}

} // namespace weld
