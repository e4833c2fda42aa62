// The bodies of the functions that the linker makes itself, with final indices.
#include "core/link/index/body_writer.h"
#include "core/link/index/init_functions.h"
#include "core/link/index/runtime_relocs.h"
#include "core/link/scan/reloc_address.h"
#include "core/link/write/output.h"
#include "core/wasm/type_text.h"

#include <algorithm>

namespace weld {

namespace {

using namespace opcode;

// Stores the body (locals and instructions, with the end) of a function, and puts its size in front.
void set_body(Output& output, SyntheticFunctionId function, Bytes body) {
  const auto begin = static_cast<uint32_t>(output.synthetic_code.size());
  output.synthetic_code.uleb(body.size());
  output.synthetic_code.append(body);
  output.synthetic_bodies[function] = {begin, static_cast<uint32_t>(output.synthetic_code.size()) - begin};
}

void finish(const Indexed& link, Output& output, SymbolId function, BodyWriter& body) {
  body.op(end);
  set_body(output, link.symbols[function].function().synthetic(), body.bytes.from(0));
}

// Puts every segment where it belongs, when the module cannot leave that to the engine: a memory that is
// shared must be initialized once only, and one that is imported is not known to be zero.
class InitMemoryWriter {
public:
  InitMemoryWriter(const Indexed& link, BodyWriter& body)
      : link_(link), options_(link.options), is_pic_(link.options.is_pic()), b_(body) {
    if (options_.shared_memory) flag_ = link.address_of(link.symbols[link.init_memory_flag]);
  }

  void write() {
    declare_locals();
    if (options_.shared_memory) begin_once();
    for (const OutSegment& segment : link_.segments)
      if (needs_runtime_init(link_, segment)) write_segment(segment);
    if (options_.shared_memory) end_once();
    // Every thread's block is made from the thread-local segment.
    for (const OutSegment& segment : link_.segments)
      if (is_copied(segment) && !(options_.has_threads() && segment.is_tls)) {
        b_.op(misc_prefix, data_drop);
        b_.bytes.uleb(segment.index);
      }
  }

private:
  bool is_copied(const OutSegment& segment) const {
    return needs_runtime_init(link_, segment) && link_.in_binary(segment);
  }

  void declare_locals() {
    const bool has_block = options_.has_threads() && std::any_of(link_.segments.begin(), link_.segments.end(),
                                                                 [](const OutSegment& s) { return s.is_tls; });
    // The flag's address, and the thread-local block's, for which linkers before LLD 23 always have a local.
    const uint32_t flags = options_.shared_memory;
    const uint32_t locals = flags + (has_block || (options_.shared_memory && !options_.like_lld_23()));
    if (!is_pic_ || locals == 0) return b_.bytes.uleb(0);
    block_local_ = flags;
    b_.bytes.uleb(1);
    b_.bytes.uleb(locals);
    b_.bytes.u8(static_cast<uint8_t>(link_.is_64 ? ValueType::I64 : ValueType::I32));
    if (!options_.shared_memory) return;
    b_.global(global_get, link_.known.memory_base);
    b_.pointer(flag_);
    b_.pointer_add();
    b_.op(local_set, 0);
  }

  void flag_address() {
    if (is_pic_) b_.op(local_get, 0);
    else b_.pointer(flag_);
  }

  // The thread that moves the flag from 0 to 1 initializes; it sets 2 and wakes the others, which wait while it
  // is 1.
  void begin_once() {
    for (int i = 0; i < 3; i++) b_.block_begin(); // $drop, $wait, $init
    flag_address();
    b_.i32(0);
    b_.i32(1);
    b_.atomic(i32_rmw_cmpxchg);
    b_.op(br_table, 2);
    for (uint32_t label = 0; label < 3; label++) b_.bytes.uleb(label);
    b_.op(end); // $init
  }

  void end_once() {
    flag_address();
    b_.i32(2);
    b_.atomic(i32_atomic_store);
    flag_address();
    b_.i32(-1);
    b_.atomic(atomic_notify);
    b_.op(drop);
    b_.op(br, 1); // $drop
    b_.op(end);   // $wait
    flag_address();
    b_.i32(1);
    b_.op(i64_const);
    b_.bytes.sleb(-1); // no time-out
    b_.atomic(i32_atomic_wait);
    b_.op(drop);
    b_.op(end); // $drop
  }

  void write_segment(const OutSegment& segment) {
    b_.pointer(segment.address);
    if (is_pic_) {
      b_.global(global_get, link_.known.memory_base);
      b_.pointer_add();
    }
    // This copy of the thread-local data is the first thread's.
    if (options_.has_threads() && segment.is_tls) {
      if (is_pic_) b_.op(local_tee, block_local_);
      else b_.pointer(segment.address);
      if (is_pic_ && options_.cooperative_threading) {
        b_.op(local_get, block_local_);
        b_.global(global_set, link_.known.tls_base);
      }
      b_.set_tls_base();
      if (is_pic_) b_.op(local_get, block_local_);
    }
    b_.i32(0);
    if (!is_copied(segment)) {
      b_.pointer(segment.size);
      b_.op(misc_prefix, memory_fill);
      b_.bytes.u8(0); // memory
      return;
    }
    b_.i32(static_cast<int64_t>(segment.size));
    b_.op(misc_prefix, memory_init);
    b_.bytes.uleb(segment.index);
    b_.bytes.u8(0); // memory
  }

  const Indexed& link_;
  const Options& options_;
  const bool is_pic_;
  uint64_t flag_ = 0; // its address
  uint32_t block_local_ = 0;
  BodyWriter& b_;
};

void write_init_memory(const Indexed& link, Output& output) {
  BodyWriter b(link);
  InitMemoryWriter(link, b).write();
  finish(link, output, link.init.init_memory, b);
}

// Fills a thread's block of thread-local data, and says where it is.
void write_init_tls(const Indexed& link, Output& output) {
  BodyWriter b(link);
  b.bytes.uleb(0);
  for (const OutSegment& segment : link.segments) {
    if (!segment.is_tls) continue;
    b.op(local_get, 0);
    b.set_tls_base();
    b.op(local_get, 0);
    b.i32(0);
    b.i32(static_cast<int64_t>(segment.size));
    b.op(misc_prefix, memory_init);
    b.bytes.uleb(segment.index);
    b.bytes.u8(0);
    break;
  }
  if (link.init.apply_tls_relocs) b.call_symbol(link.init.apply_tls_relocs);
  if (link.init.apply_global_tls_relocs) b.call_symbol(link.init.apply_global_tls_relocs);
  finish(link, output, link.known.init_tls, b);
}

// Code that writes what only a loader knows: one function, or one that calls others where it would be too large.
void write_relocations(const Indexed& link, Output& output, SymbolId function,
                       const RelocationHelpers& helpers, const RelocationCode& code) {
  BodyWriter b(link);
  b.bytes.uleb(0);
  if (helpers.empty()) b.bytes.append(code.instructions.from(0));
  uint32_t begin = 0, first = 0;
  for (const RelocationHelper& helper : helpers) {
    b.op(call, link.function_index_of(helper.function));
    const uint32_t last = first + helper.relocations;
    const uint32_t end_of_code = code.ends[last - 1];
    BodyWriter part(link);
    part.bytes.uleb(0);
    part.bytes.append(code.instructions.from(0).subspan(begin, end_of_code - begin));
    part.op(end);
    set_body(output, helper.function.synthetic(), part.bytes.from(0));
    begin = end_of_code;
    first = last;
  }
  finish(link, output, function, b);
}

// Sets the GOT globals whose values are relative to where the loader put this module.
void write_global_relocs(const Indexed& link, Output& output, SymbolId function, bool tls) {
  BodyWriter b(link);
  b.bytes.uleb(0);
  for (SymbolId id : link.internal_got) {
    const Symbol& s = link.symbols[id];
    const bool is_tls = s.is_tls() && !link.has_moved_tls();
    if (is_tls != tls || is_fixed(link, id)) continue;
    if (s.kind == SymbolKind::Data) {
      if (tls) b.get_tls_base();
      else b.global(global_get, link.known.memory_base);
      b.pointer(link.address_of(s));
    } else {
      b.global(global_get, link.known.table_base);
      b.pointer(link.table_slot_of(id).value);
    }
    b.pointer_add();
    b.op(global_set, link.got_index[id]);
  }
  finish(link, output, function, b);
}

void write_call_ctors(const Indexed& link, Output& output) {
  const SymbolId ctors = link.known.call_ctors;
  const bool applies = applies_data_relocs_by_itself(link.options);
  if (!link.is_live(ctors) && link.init_functions.empty() && !applies) return;
  BodyWriter b(link);
  b.bytes.uleb(0);
  if (applies) b.call_symbol(link.init.apply_data_relocs);
  for (const InitFunction& init : link.init_functions) {
    b.op(call, link.function_index_of(init.constructor));
    SignatureParts parts = signature_parts(link.store.signatures, init.constructor.signature);
    for (size_t i = 0; i < parts.results.size(); i++) b.op(drop);
  }
  finish(link, output, ctors, b);
}

void write_wrapper(const Indexed& link, Output& output, const CommandWrapper& wrapper) {
  BodyWriter b(link);
  b.bytes.uleb(0);
  if (link.is_live(link.known.call_ctors)) b.call_symbol(link.known.call_ctors);
  const SignatureId signature = link.symbols[wrapper.wrapped].signature;
  const size_t params = signature_parts(link.store.signatures, signature).params.size();
  for (size_t i = 0; i < params; i++) b.op(local_get, i);
  b.call_symbol(wrapper.wrapped);
  if (link.call_dtors) b.call_symbol(link.call_dtors);
  b.op(end);
  set_body(output, wrapper.function.synthetic(), b.bytes.from(0));
}

// Calls the function that is in the slot now.
void write_live_stub(const Indexed& link, Output& output, const LiveStub& stub) {
  BodyWriter b(link);
  b.bytes.uleb(0);
  const SignatureId signature = link.signature_of(link.objects[stub.object], stub.function);
  const size_t params = signature_parts(link.store.signatures, signature).params.size();
  for (size_t i = 0; i < params; i++) b.op(local_get, i);
  b.i32(link.function_slot[stub.function].value);
  b.op(call_indirect, link.type_of_signature[signature.row]);
  b.bytes.uleb(link.table_number_of(link.indirect_table));
  b.op(end);
  set_body(output, stub.stub.synthetic(), b.bytes.from(0));
}

void write_start(const Indexed& link, Output& output) {
  const Vector<SymbolId> starters = called_at_start(link.options, link.init);
  if (starters.size() < 2) return; // it is the start function
  BodyWriter b(link);
  b.bytes.uleb(0);
  for (SymbolId starter : starters) b.call_symbol(starter);
  finish(link, output, link.init.start, b);
}

} // namespace

void write_synthetic_code(const Indexed& link, Output& output) {
  output.synthetic_bodies.resize(link.synthetic_functions.size());
  constexpr uint8_t trap[] = {0x00, unreachable, end}; // no locals
  for (SyntheticFunctionId id(0); id.row < link.synthetic_functions.size(); id.row++)
    if (link.synthetic_functions[id].is_trap) set_body(output, id, trap);
  if (link.options.relocatable) return;

  const InitSymbols& init = link.init;
  if (init.apply_data_relocs)
    write_relocations(link, output, init.apply_data_relocs, link.data_relocation_helpers,
                      data_relocations(link));
  if (init.apply_global_relocs) write_global_relocs(link, output, init.apply_global_relocs, false);
  if (init.apply_tls_relocs)
    write_relocations(link, output, init.apply_tls_relocs, link.tls_relocation_helpers, tls_relocations(link));
  if (init.apply_global_tls_relocs) write_global_relocs(link, output, init.apply_global_tls_relocs, true);
  if (init.init_memory) write_init_memory(link, output);
  write_start(link, output);
  write_call_ctors(link, output);
  for (const CommandWrapper& wrapper : link.wrappers) write_wrapper(link, output, wrapper);
  for (const LiveStub& stub : link.live_stubs) write_live_stub(link, output, stub);
  if (link.known.init_tls && link.is_live(link.known.init_tls)) write_init_tls(link, output);
}

} // namespace weld
