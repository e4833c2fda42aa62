// Line number programs. Each is encoded again with the addresses that code has now, and gets shorter: all
// opcodes stay as they are but for those that advance the address.
#include "core/dwarf/dwarf.h"
#include "core/dwarf/line_program.h"
#include "core/link/debug/debug_object.h"

namespace weld {

namespace {

namespace op = dwarf::line_op;

class LineRewriter final : LineHandler {
public:
  LineRewriter(DebugObject& object, DebugSection& section)
      : object_(object), section_(section), out_(section.rewritten.bytes) {}

  // What walk_line_program calls.
  void advance(Reader& r, uint64_t by) override {
    if (by > ~old_) return r.fail("an address that is too large");
    old_ += by;
  }
  void row(int32_t lines) override { write_row(lines); }
  void set_address(uint64_t at) override { start_sequence(object_.address(section_, at)); }
  void end_sequence() override {
    write_advance(pending());
    start_sequence({});
  }
  void other(uint8_t, int64_t, uint64_t begin, uint64_t end) override { copy(begin, end); }
  void extended(uint64_t begin, uint64_t end) override { copy(begin, end); }

  void run() {
    out_.reserve(section_.bytes.size());
    Reader r = reader(0, section_.bytes.size());
    while (!r.at_end() && !failure_.happened) table(r);
    if (!failure_.happened && section_.rewritten.reloc_offsets.size() != section_.relocs.size())
      r.fail("a relocation that is in no field");
    if (!failure_.happened) return;
    section_.rewritten = {};
    object_.add_problem(section_, failure_);
  }

private:
  Reader reader(uint64_t offset, uint64_t size) {
    return Reader(section_.bytes.subspan(static_cast<size_t>(offset), static_cast<size_t>(size)),
                  section_.bytes.data(), "section", failure_);
  }

  // Copies bytes of the object, [begin, end), and notes where their relocations went.
  void copy(uint64_t begin, uint64_t end) {
    Vector<uint32_t>& offsets = section_.rewritten.reloc_offsets;
    for (size_t i = offsets.size(); i < section_.relocs.size() && section_.relocs[i].offset < end; i++) {
      // Relocations come in order: one before these bytes was in what is not copied.
      if (section_.relocs[i].offset < begin) return;
      offsets.push_back(static_cast<uint32_t>(section_.relocs[i].offset - begin + out_.size()));
    }
    Bytes bytes = section_.bytes.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
    out_.append(bytes);
  }

  void table(Reader& r) {
    uint64_t begin = r.offset();
    size_t out_begin = out_.size();
    section_.rewritten.pieces.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(out_begin)});
    uint32_t offset_size;
    uint64_t length = read_unit_length(r, offset_size);
    size_t out_body = out_begin + static_cast<size_t>(r.offset() - begin);
    Reader t = r.part(static_cast<size_t>(length), "line table", "a line table");
    header_ = {};
    header_.offset_size = offset_size;
    dwarf::read_line_header(t, header_);
    if (!can_walk(t, header_)) return;
    copy(begin, header_.program_at);
    start_sequence({});
    walk_line_program(t, header_, *this);
    if (failure_.happened) return;
    uint64_t new_length = out_.size() - out_body;
    if (offset_size == 8) write_le(out_.data() + out_body - 8, new_length);
    else write_le(out_.data() + out_body - 4, static_cast<uint32_t>(new_length));
  }

  // The address register, as the object has it and as it is written, from the last address that was set.
  void start_sequence(CodeAddress from) {
    from_ = from;
    old_ = written_ = 0;
  }
  // What is left to write for the address to be what it should be.
  uint64_t pending() {
    uint64_t now = from_.is_none() ? old_ : object_.new_length(from_, old_);
    uint64_t delta = now - written_;
    written_ = now;
    return delta;
  }

  void write_leb(uint64_t value) {
    uint8_t bytes[10];
    out_.append(bytes, write_uleb(bytes, value));
  }
  void write_advance(uint64_t delta) {
    if (delta == 0) return;
    if (delta == header_.const_advance()) {
      out_.push_back(op::const_add_pc);
      return;
    }
    out_.push_back(op::advance_pc);
    write_leb(delta);
  }
  // The special opcode that advances so far, if there is one.
  uint32_t special(uint64_t delta, int32_t lines) const {
    if (lines < header_.line_base || lines >= header_.line_base + static_cast<int32_t>(header_.line_range) ||
        delta > header_.const_advance())
      return 0;
    uint64_t opcode =
        header_.opcode_base + static_cast<uint32_t>(lines - header_.line_base) + header_.line_range * delta;
    return opcode <= 255 ? static_cast<uint32_t>(opcode) : 0;
  }
  void write_row(int32_t lines) {
    uint64_t delta = pending();
    uint32_t opcode = special(delta, lines);
    if (!opcode && delta >= header_.const_advance() &&
        (opcode = special(delta - header_.const_advance(), lines)))
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
  Vector<uint8_t>& out_;
  ReadFailure failure_;

  dwarf::LineHeader header_; // of the table that is read
  CodeAddress from_;
  uint64_t old_ = 0, written_ = 0;
};

} // namespace

void rewrite_lines(DebugObject& object, DebugSection& section) {
  LineRewriter(object, section).run();
}

} // namespace weld
