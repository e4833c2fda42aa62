#include "core/link/index/runtime_relocs.h"

#include "core/link/index/body_writer.h"
#include "core/link/index/init_functions.h"
#include "core/link/scan/reloc_address.h"

namespace weld {

namespace {

using namespace opcode;

// Of a chunk. `internal_got`: also where a global of this module holds the address.
void write_runtime_relocs(const Indexed& link, const OutSegment& segment, const OutChunk& chunk,
                          bool internal_got, BodyWriter& b, Vector<uint32_t>& ends) {
  if (!chunk.object) return;
  const LinkObject& o = link.objects[chunk.object];
  const SegmentRow& row = o.object.segments()[o.segment.local(chunk.segment())];
  for (const RelocRow& reloc : o.relocs(row.relocs)) {
    const SymbolId id = link.symbol_of(o, reloc.index);
    OutGlobalIndex got;
    if (id) got = internal_got ? link.got_index[id] : link.needs(id).got_import;
    if (!is_runtime_reloc(link, reloc, id, static_cast<bool>(got))) continue;
    const RelocTarget target = traits(reloc.reloc_type()).target;
    const bool is_64 = field_is_64(traits(reloc.reloc_type()).field);

    // Thread-local data lies in a block of its own for each thread, wherever the segment is.
    const bool in_block = segment.is_tls && link.options.has_threads();
    b.pointer((in_block ? 0 : segment.address) + chunk.offset +
              (reloc.offset - (row.data.offset - o.object.header().data_offset)));
    if (link.options.is_pic()) {
      if (in_block) b.get_tls_base();
      else b.global(global_get, link.known.memory_base);
      b.pointer_add();
    }
    auto constant = [&](int64_t value) {
      b.op(link.is_64 ? i64_const : i32_const);
      b.bytes.sleb(link.is_64 ? value : static_cast<int32_t>(value));
      b.op(link.is_64 ? i64_add : i32_add);
    };
    if (got) {
      b.op(global_get, got);
      if (reloc.addend) constant(reloc.addend);
    } else {
      // The only thread's data is like other data. (LLD 19 adds the constant `__tls_base` where there is one.)
      const bool has_base =
          link.known.tls_base &&
          (link.options.has_threads() || (link.options.like_lld_19() && link.is_live(link.known.tls_base)));
      const bool tls = has_base && ((id ? link.symbols[id].flags : o.object.symbols()[reloc.index].flags) &
                                    symbol_flag::tls);
      if (target == RelocTarget::TableSlot) b.global(global_get, link.known.table_base);
      else if (tls) b.get_tls_base();
      else b.global(global_get, link.known.memory_base);
      const SymbolValue symbol = symbol_address(link, o, reloc.index);
      constant(symbol.is_live ? static_cast<int64_t>(reloc_address(link, reloc, symbol, 0)) : reloc.addend);
    }
    // A field need not be as wide as a pointer. (wasm-ld does not think of it.)
    if (is_64 != link.is_64) b.op(is_64 ? i64_extend_i32_u : i32_wrap_i64);
    b.op(is_64 ? i64_store : i32_store, 2);
    b.bytes.uleb(0);
    ends.push_back(static_cast<uint32_t>(b.bytes.size()));
  }
}

} // namespace

uint64_t relocation_code_bound(const LaidOut& link) {
  constexpr uint64_t largest = 48; // three constants of 64 bits, two indices, and what is done with them
  uint64_t count = 0;
  for (const OutSegment& segment : link.segments)
    for (const OutChunk& chunk : segment.chunks) {
      if (!chunk.object) continue;
      const LinkObject& o = link.objects[chunk.object];
      count += o.object.segments()[o.segment.local(chunk.segment())].relocs.count;
    }
  return count * largest;
}

RelocationCode data_relocations(const Indexed& link) {
  RelocationCode code;
  BodyWriter b(link);
  const bool internal_got = link.options.like_lld_19();
  if (link.options.is_pic() || !link.got_imports.empty())
    for (const OutSegment& segment : link.segments) {
      if (link.options.has_threads() && segment.is_tls) continue;
      for (const OutChunk& chunk : segment.chunks)
        write_runtime_relocs(link, segment, chunk, internal_got, b, code.ends);
    }
  code.instructions = std::move(b.bytes);
  return code;
}

RelocationCode tls_relocations(const Indexed& link) {
  RelocationCode code;
  BodyWriter b(link);
  for (const OutSegment& segment : link.segments)
    if (segment.is_tls)
      for (const OutChunk& chunk : segment.chunks)
        write_runtime_relocs(link, segment, chunk, true, b, code.ends);
  code.instructions = std::move(b.bytes);
  return code;
}

Vector<uint32_t> split_relocations(const RelocationCode& code, uint64_t max_body) {
  constexpr uint32_t around = 2; // the number of locals, and the end
  Vector<uint32_t> counts;
  if (code.instructions.size() + around <= max_body) return counts;
  uint32_t begin = 0, last = 0;
  for (const uint32_t end_of_code : code.ends) {
    if (counts.empty() || end_of_code - begin + around > max_body) {
      begin = last;
      counts.push_back(0);
    }
    counts.back()++;
    last = end_of_code;
  }
  return counts;
}

} // namespace weld
