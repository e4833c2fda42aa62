#include "core/inspect/disassemble.h"

#include "core/inspect/walk.h"
#include "core/unit/mir.h"

#include <algorithm>

namespace weld {

namespace {

class Disassembler {
public:
  Disassembler(const Inspection& inspection, const inspection::Function& function, Demangling demangling)
      : inspection_(inspection), demangling_(demangling), end_(function.offset + function.size),
        r_(inspection.file.subspan(function.offset, function.size), inspection.file.data(), "code", failure_) {
    // An object's relocations say what its numbers will be.
    for (const inspection::Relocation& reloc : inspection.relocations) {
      if (reloc.section >= inspection.sections.size()) continue;
      const uint32_t at = inspection.sections[reloc.section].payload_offset + reloc.offset;
      if (at >= function.offset && at < end_) relocs_.push_back({at, &reloc});
    }
    std::sort(relocs_.begin(), relocs_.end(), [](const Place& a, const Place& b) { return a.at < b.at; });
  }

  std::vector<DisassembledInstruction> run() {
    locals();
    uint32_t depth = 0;
    while (!failure_.happened && !r_.at_end()) {
      const auto begin = static_cast<uint32_t>(r_.offset());
      const OpTraits* op = read_op(r_, lets_null_pass_);
      if (op) {
        text_ = op->name;
        operands(*op);
      }
      if (!op || failure_.happened) {
        rows_.push_back({begin, end_ - begin, depth, "an instruction that is not known here"});
        break;
      }
      const auto code = static_cast<Op>(op->code);
      if ((code == Op::end || code == Op::delegate) && depth) depth--;
      const bool turns = code == Op::else_ || code == Op::catch_ || code == Op::catch_all;
      rows_.push_back({begin, static_cast<uint32_t>(r_.offset()) - begin, depth - (turns && depth), text_});
      if (op->operand == OperandKind::Block || op->operand == OperandKind::TryTable) depth++;
    }
    return std::move(rows_);
  }

private:
  using Text = inspection::Text;

  struct Place {
    uint32_t at;
    const inspection::Relocation* reloc;
  };

  void locals() {
    const auto begin = static_cast<uint32_t>(r_.offset());
    const uint32_t groups = r_.count("the number of groups of locals", 2);
    text_ = "locals:";
    for (uint32_t i = 0; i < groups && !failure_.happened; i++) {
      const uint32_t count = r_.u32_leb("a number of locals");
      const std::string type = ModuleWalk::value_type(r_, "the type of locals");
      text_ += (i ? ", " : " ") + (count == 1 ? type : std::to_string(count) + " " + type);
    }
    if (groups && !failure_.happened)
      rows_.push_back({begin, static_cast<uint32_t>(r_.offset()) - begin, 0, text_});
  }

  const inspection::Relocation* reloc_at(uint64_t at) const {
    auto found = std::lower_bound(relocs_.begin(), relocs_.end(), at,
                                  [](const Place& place, uint64_t offset) { return place.at < offset; });
    return found != relocs_.end() && found->at == at ? found->reloc : nullptr;
  }

  void word(std::string_view text) { (text_ += ' ') += text; }
  void name(Text name) { word(shown_.of(inspection_.text(name), demangling_)); }
  // What a relocation writes: a symbol's address or number.
  bool relocated(uint64_t at, std::string_view before = {}) {
    const inspection::Relocation* reloc = reloc_at(at);
    if (!reloc || !reloc->name) return false;
    (text_ += ' ') += before;
    text_ += shown_.of(inspection_.text(reloc->name), demangling_);
    if (reloc->addend > 0) text_ += "+" + std::to_string(reloc->addend);
    if (reloc->addend < 0) text_ += std::to_string(reloc->addend);
    return true;
  }

  uint32_t number() {
    const uint32_t value = r_.u32_leb("an operand");
    word(std::to_string(value));
    return value;
  }
  // A row of a table that has names.
  template <class Rows>
  void named(const Rows& rows) {
    const uint64_t at = r_.offset();
    const uint32_t index = r_.u32_leb("an index");
    if (relocated(at)) return;
    if (index < rows.size() && rows[index].name) return name(rows[index].name);
    word(std::to_string(index));
  }
  void table(bool is_optional) {
    const uint64_t at = r_.offset();
    const uint32_t index = r_.u32_leb("a table");
    if (is_optional && !index) return; // what most modules have one of
    if (!relocated(at)) word(std::to_string(index));
  }
  void type() {
    const uint32_t index = r_.u32_leb("a type");
    if (index < inspection_.types.size()) word(inspection_.text(inspection_.types[index].text));
    else word(std::to_string(index));
  }
  void value_type() { word(ModuleWalk::value_type(r_, "a type")); }
  void heap_type() { word(ModuleWalk::heap_type(r_)); }
  void cast_type(bool nullable) {
    word((nullable ? "(ref null " : "(ref ") + ModuleWalk::heap_type(r_) + ")");
  }

  void block_type() {
    const uint8_t* at = inspection_.file.data() + r_.offset();
    if (r_.at_end()) return r_.fail("a block without a type");
    if (*at == opcode::no_result) {
      r_.u8("a type");
    } else if ((*at & 0xc0) == 0x40 || *at == ref_null_prefix || *at == ref_prefix) {
      text_ += " (result " + ModuleWalk::value_type(r_, "a type") + ")";
    } else {
      type();
    }
  }

  void memory(const OpTraits& op) {
    constexpr uint32_t names_memory = 0x40;
    const uint32_t flags = r_.u32_leb("an alignment");
    if (flags & names_memory) number();
    const uint64_t at = r_.offset(), offset = r_.u64_leb("an offset");
    if (!relocated(at, "offset=") && offset) word("offset=" + std::to_string(offset));
    if (const uint32_t align = flags & (names_memory - 1); align != op.number && align < 32)
      word("align=" + std::to_string(1u << align));
  }

  void bytes(uint32_t count) {
    for (const uint8_t byte : r_.bytes(count, "a constant")) word(std::to_string(byte));
  }
  uint64_t little_endian(uint32_t size) {
    uint64_t value = 0;
    uint32_t shift = 0;
    for (const uint8_t byte : r_.bytes(size, "a constant")) value |= uint64_t{byte} << shift, shift += 8;
    return value;
  }

  void try_table() {
    block_type();
    constexpr std::string_view kinds[] = {"catch", "catch_ref", "catch_all", "catch_all_ref"};
    for (uint32_t count = r_.count("the number of clauses", 2); count && !failure_.happened; count--) {
      const uint8_t kind = r_.u8("a clause");
      if (kind >= std::size(kinds)) return r_.fail("a clause of an unknown kind");
      text_.append(" (").append(kinds[kind]);
      if (kind < 2) named(inspection_.tags);
      number();
      text_ += ')';
    }
  }

  void operands(const OpTraits& op) {
    switch (op.operand) {
    case OperandKind::None: return;
    case OperandKind::ZeroByte: r_.u8("a zero"); return;
    case OperandKind::F32: return word(hex_float(little_endian(4), 23, 8));
    case OperandKind::F64: return word(hex_float(little_endian(8), 52, 11));
    case OperandKind::V128: word("i8x16"); return bytes(16);
    case OperandKind::Shuffle: return bytes(16);
    case OperandKind::Lane: return bytes(1);
    case OperandKind::BrTable:
      for (uint64_t count = uint64_t{r_.count("the number of labels", 1)} + 1; count && !failure_.happened;
           count--)
        number();
      return;
    case OperandKind::Block: return block_type();
    case OperandKind::TryTable: return try_table();
    case OperandKind::RefType: return heap_type();
    case OperandKind::CastType: return cast_type(lets_null_pass_);
    case OperandKind::BranchOnCast: {
      const uint8_t nullable = r_.u8("the flags of a cast");
      number();
      cast_type(nullable & 1);
      return cast_type(nullable & 2);
    }
    case OperandKind::Memory: return memory(op);
    case OperandKind::MemoryLane: memory(op); return bytes(1);
    case OperandKind::SelectType:
      for (uint32_t count = r_.count("the number of types", 1); count && !failure_.happened; count--)
        value_type();
      return;
    case OperandKind::Function: return named(inspection_.functions);
    case OperandKind::Global: return named(inspection_.globals);
    case OperandKind::Tag: return named(inspection_.tags);
    case OperandKind::Table: return table(false);
    case OperandKind::TwoTables: table(false); return table(false);
    case OperandKind::CallIndirect: type(); return table(true);
    case OperandKind::Type: return type();
    case OperandKind::TwoTypes: type(); return type();
    case OperandKind::TypeAndField:
    case OperandKind::TypeAndCount:
    case OperandKind::TypeAndData:
    case OperandKind::TypeAndElements:
      type();
      number();
      return;
    case OperandKind::TableInit: number(); return table(true);
    case OperandKind::TwoMemories:
    case OperandKind::MemoryInit:
      number();
      number();
      return;
    case OperandKind::I32:
    case OperandKind::I64:
    case OperandKind::FunctionSlot:
    case OperandKind::Address: {
      const uint64_t at = r_.offset();
      const int64_t value = r_.s64_leb("a constant");
      if (!relocated(at)) word(std::to_string(value));
      return;
    }
    case OperandKind::MemoryIndex:
    case OperandKind::Local:
    case OperandKind::Label:
    case OperandKind::PassiveData:
    case OperandKind::PassiveElements: number(); return;
    }
  }

  const Inspection& inspection_;
  const Demangling demangling_;
  const uint32_t end_;
  ReadFailure failure_;
  Reader r_;
  std::vector<Place> relocs_;
  std::vector<DisassembledInstruction> rows_;
  ShownName shown_;
  std::string text_;
  bool lets_null_pass_ = false; // of the last instruction: see read_op
};

} // namespace

std::vector<DisassembledInstruction> disassemble(const Inspection& inspection, uint32_t function,
                                                 Demangling demangling) {
  const inspection::Function& f = inspection.functions[function];
  if (f.offset == none32 || f.size == none32) return {};
  return Disassembler(inspection, f, demangling).run();
}

} // namespace weld
