// Line number programs. Each is encoded again with the addresses that code has now, and gets shorter: all
// opcodes stay as they are but for those that advance the address.
#include "core/dwarf/dwarf.h"
#include "core/link/debug_object.h"

namespace weld {

namespace {

namespace op = dwarf::line_op;

class LineRewriter {
public:
  LineRewriter(DebugObject& object, DebugSection& section)
      : object_(object), section_(section), out_(section.rewritten.bytes) {}

  void run() {
    out_.reserve(section_.bytes.size());
    Reader r = reader(0, section_.bytes.size());
    while (!r.at_end() && !failure_.happened) table(r);
    if (!failure_.happened && section_.rewritten.reloc_offsets.size() != section_.relocs.size())
      r.fail("a relocation that is in no field");
    if (!failure_.happened) return;
    section_.rewritten = {};
    section_.pieces.clear();
    object_.add_problem(section_, failure_);
  }

private:
  Reader reader(uint64_t offset, uint64_t size) {
    return Reader(section_.bytes.subspan(static_cast<size_t>(offset), static_cast<size_t>(size)),
                  section_.bytes.data(), "section", failure_);
  }

  // Copies bytes of the object, [begin, end), and notes where their relocations went.
  void copy(uint64_t begin, uint64_t end) {
    std::vector<uint32_t>& offsets = section_.rewritten.reloc_offsets;
    for (size_t i = offsets.size(); i < section_.relocs.size() && section_.relocs[i].offset < end; i++) {
      // Relocations come in order: one before these bytes was in what is not copied.
      if (section_.relocs[i].offset < begin) return;
      offsets.push_back(static_cast<uint32_t>(section_.relocs[i].offset - begin + out_.size()));
    }
    Bytes bytes = section_.bytes.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }

  void table(Reader& r) {
    uint64_t begin = r.offset();
    size_t out_begin = out_.size();
    section_.pieces.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(out_begin)});
    uint32_t offset_size;
    uint64_t length = read_unit_length(r, offset_size);
    size_t out_body = out_begin + static_cast<size_t>(r.offset() - begin);
    Reader t = r.part(static_cast<size_t>(length), "line table", "a line table");
    dwarf::LineHeader header;
    header.offset_size = offset_size;
    dwarf::read_line_header(t, header);
    if (failure_.happened) return;
    if (header.version < 2 || header.version > 5)
      return t.fail("line numbers of version " + std::to_string(header.version));
    line_base_ = header.line_base;
    line_range_ = header.line_range;
    opcode_base_ = header.opcode_base;
    operand_counts_ = header.operand_counts;
    // Values that no compiler for WebAssembly writes; and without the first opcodes no address can be
    // written.
    if (header.instruction_size != 1 || header.operations != 1 || line_range_ == 0 ||
        opcode_base_ <= op::fixed_advance_pc)
      return t.fail("line numbers in units that are not bytes");
    static constexpr uint8_t counts[] = {0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};
    for (size_t i = 0; i < operand_counts_.size() && i < sizeof counts; i++)
      if (operand_counts_[i] != counts[i]) return t.fail("opcodes with operands of their own");

    copy(begin, header.program_at);
    program_of(t);
    if (failure_.happened) return;
    uint64_t new_length = out_.size() - out_body;
    if (offset_size == 8) write_le(out_.data() + out_body - 8, new_length);
    else write_le(out_.data() + out_body - 4, static_cast<uint32_t>(new_length));
  }

  void program_of(Reader& r) {
    start_sequence({});
    while (!r.at_end()) {
      uint64_t begin = r.offset();
      uint8_t opcode = r.u8("an opcode");
      if (opcode >= opcode_base_) {
        uint32_t adjusted = opcode - opcode_base_;
        advance(r, adjusted / line_range_);
        write_row(line_base_ + static_cast<int32_t>(adjusted % line_range_));
        continue;
      }
      switch (opcode) {
      case op::copy: write_row(0); break;
      case op::advance_pc: advance(r, r.u64_leb("an advance of the address")); break;
      case op::const_add_pc: advance(r, const_advance()); break;
      case op::fixed_advance_pc: advance(r, read_fixed(r, 2, "an advance of the address")); break;
      case op::extended: extended(r, begin); break;
      default:
        for (uint32_t i = 0; i < operand_counts_[opcode - 1u]; i++) r.u64_leb("an operand");
        if (!failure_.happened) copy(begin, r.offset());
      }
      if (failure_.happened) return;
    }
  }

  void extended(Reader& r, uint64_t begin) {
    uint64_t size = r.u64_leb("the size of an opcode");
    if (!failure_.happened && size == 0) return r.fail("an opcode without bytes");
    uint64_t at = r.offset() + 1;
    Reader operands = r.part(static_cast<size_t>(size), "opcode", "an opcode");
    uint8_t opcode = operands.u8("an opcode");
    if (failure_.happened) return;
    if (opcode == op::end_sequence) {
      write_advance(pending());
      start_sequence({});
    } else if (opcode == op::set_address) {
      start_sequence(object_.address(section_, at));
    }
    copy(begin, r.offset());
  }

  // The address register, as the object has it and as it is written, from the last address that was set.
  void start_sequence(CodeAddress from) {
    from_ = from;
    old_ = written_ = 0;
  }
  void advance(Reader& r, uint64_t by) {
    if (by > ~old_) return r.fail("an address that is too large");
    old_ += by;
  }
  // What is left to write for the address to be what it should be.
  uint64_t pending() {
    uint64_t now = from_.is_none() ? old_ : object_.new_length(from_, old_);
    uint64_t delta = now - written_;
    written_ = now;
    return delta;
  }

  uint64_t const_advance() const { return (255u - opcode_base_) / line_range_; }

  void write_leb(uint64_t value) {
    uint8_t bytes[10];
    out_.insert(out_.end(), bytes, write_uleb(bytes, value));
  }
  void write_advance(uint64_t delta) {
    if (delta == 0) return;
    if (delta == const_advance()) {
      out_.push_back(op::const_add_pc);
      return;
    }
    out_.push_back(op::advance_pc);
    write_leb(delta);
  }
  // The special opcode that advances so far, if there is one.
  uint32_t special(uint64_t delta, int32_t lines) const {
    if (lines < line_base_ || lines >= line_base_ + static_cast<int32_t>(line_range_) ||
        delta > const_advance())
      return 0;
    uint64_t opcode = opcode_base_ + static_cast<uint32_t>(lines - line_base_) + line_range_ * delta;
    return opcode <= 255 ? static_cast<uint32_t>(opcode) : 0;
  }
  void write_row(int32_t lines) {
    uint64_t delta = pending();
    uint32_t opcode = special(delta, lines);
    if (!opcode && delta >= const_advance() && (opcode = special(delta - const_advance(), lines)))
      out_.push_back(op::const_add_pc);
    if (!opcode) {
      write_advance(delta);
      opcode = special(0, lines);
    }
    // Only an advance of no line may have no special opcode: every other came as one.
    out_.push_back(static_cast<uint8_t>(opcode ? opcode : uint32_t{op::copy}));
  }

  DebugObject& object_;
  DebugSection& section_;
  std::vector<uint8_t>& out_;
  ReadFailure failure_;

  // Of the table that is read.
  int32_t line_base_ = 0;
  uint32_t line_range_ = 1, opcode_base_ = 1;
  Bytes operand_counts_; // of opcode 1 on

  CodeAddress from_;
  uint64_t old_ = 0, written_ = 0;
};

} // namespace

void rewrite_lines(DebugObject& object, DebugSection& section) {
  LineRewriter(object, section).run();
}

} // namespace weld
