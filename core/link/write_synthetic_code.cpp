// The bodies of the functions that the linker makes itself, with final indices.
#include "core/link/reloc_value.h"
#include "core/wasm/type_text.h"

#include <algorithm>

namespace weld {

namespace {

using namespace opcode;

// Instructions of the functions that the linker writes.
class BodyWriter {
public:
  explicit BodyWriter(const Link& link) : link_(link) {}

  ByteBuffer bytes;

  void op(uint8_t opcode) { bytes.u8(opcode); }
  void op(uint8_t opcode, uint64_t operand) {
    bytes.u8(opcode);
    bytes.uleb(operand);
  }
  void i32(int64_t value) {
    bytes.u8(i32_const);
    bytes.sleb(static_cast<int32_t>(value));
  }
  void pointer(uint64_t value) {
    bytes.u8(link_.is_64 ? i64_const : i32_const);
    bytes.sleb(link_.is_64 ? static_cast<int64_t>(value) : static_cast<int32_t>(value));
  }
  void pointer_add() { bytes.u8(link_.is_64 ? i64_add : i32_add); }
  void global(uint8_t opcode, SymbolId id) { op(opcode, link_.global_index_of(link_.symbols[id])); }
  void call_symbol(SymbolId id) { op(call, link_.function_index_of(link_.symbols[id])); }
  void atomic(uint8_t opcode) {
    op(atomic_prefix, opcode);
    bytes.uleb(2); // alignment
    bytes.uleb(0); // offset
  }
  void block_begin() {
    op(block);
    op(no_result);
  }

private:
  const Link& link_;
};

void finish(Link& link, SymbolId function, BodyWriter& body) {
  body.op(end);
  link.set_body(link.synthetic_function(link.symbols[function]), body.bytes.from(0));
}

// Puts every segment where it belongs, when the module cannot leave that to the engine: a memory that is
// shared must be initialized once only, and one that is imported is not known to be zero.
void write_init_memory(Link& link) {
  const Options& o = link.options;
  BodyWriter b(link);
  bool pic = o.is_pic();
  uint64_t flag = o.shared_memory ? link.symbols[link.known.init_memory_flag].value : 0;
  auto flag_address = [&] {
    if (pic) b.op(local_get, 0);
    else b.pointer(flag);
  };
  if (o.shared_memory) {
    if (pic) { // local 0: the flag's address; local 1: the thread-local block's
      b.bytes.uleb(1);
      b.bytes.uleb(2);
      b.bytes.u8(static_cast<uint8_t>(link.is_64 ? ValueType::I64 : ValueType::I32));
      b.global(global_get, link.known.memory_base);
      b.pointer(flag);
      b.pointer_add();
      b.op(local_set, 0);
    } else {
      b.bytes.uleb(0);
    }
    // The thread that moves the flag from 0 to 1 initializes; it sets 2 and wakes the others, which wait
    // while it is 1.
    for (int i = 0; i < 3; i++) b.block_begin(); // $drop, $wait, $init
    flag_address();
    b.i32(0);
    b.i32(1);
    b.atomic(i32_rmw_cmpxchg);
    b.op(br_table, 2);
    for (uint32_t label = 0; label < 3; label++) b.bytes.uleb(label);
    b.op(end); // $init
  } else {
    b.bytes.uleb(0);
  }

  for (const OutSegment& segment : link.segments) {
    if (!needs_runtime_init(link, segment)) continue;
    b.pointer(segment.address);
    if (pic) {
      b.global(global_get, link.known.memory_base);
      b.pointer_add();
    }
    // This copy of the thread-local data is the first thread's.
    if (o.shared_memory && segment.is_tls) {
      if (pic) b.op(local_tee, 1);
      else b.pointer(segment.address);
      b.global(global_set, link.known.tls_base);
      if (pic) b.op(local_get, 1);
    }
    if (segment.is_bss && !link.emit_bss) {
      b.i32(0);
      b.pointer(segment.size);
      b.op(misc_prefix, memory_fill);
      b.bytes.u8(0); // memory
    } else {
      b.i32(0);
      b.i32(static_cast<int64_t>(segment.size));
      b.op(misc_prefix, memory_init);
      b.bytes.uleb(segment.index);
      b.bytes.u8(0);
    }
  }

  if (o.shared_memory) {
    flag_address();
    b.i32(2);
    b.atomic(i32_atomic_store);
    flag_address();
    b.i32(-1);
    b.atomic(atomic_notify);
    b.op(drop);
    b.op(br, 1); // $drop
    b.op(end);   // $wait
    flag_address();
    b.i32(1);
    b.op(i64_const);
    b.bytes.sleb(-1); // no time-out
    b.atomic(i32_atomic_wait);
    b.op(drop);
    b.op(end); // $drop
  }
  for (const OutSegment& segment : link.segments) {
    if (!needs_runtime_init(link, segment) || (segment.is_bss && !link.emit_bss)) continue;
    if (o.shared_memory && segment.is_tls) continue; // every thread's block is made from it
    b.op(misc_prefix, data_drop);
    b.bytes.uleb(segment.index);
  }
  finish(link, link.known.init_memory, b);
}

// Fills a thread's block of thread-local data and points `__tls_base` at it.
void write_init_tls(Link& link) {
  BodyWriter b(link);
  b.bytes.uleb(0);
  for (const OutSegment& segment : link.segments) {
    if (!segment.is_tls) continue;
    b.op(local_get, 0);
    b.global(global_set, link.known.tls_base);
    b.op(local_get, 0);
    b.i32(0);
    b.i32(static_cast<int64_t>(segment.size));
    b.op(misc_prefix, memory_init);
    b.bytes.uleb(segment.index);
    b.bytes.u8(0);
    break;
  }
  if (link.known.apply_tls_relocs) b.call_symbol(link.known.apply_tls_relocs);
  if (link.known.apply_global_tls_relocs) b.call_symbol(link.known.apply_global_tls_relocs);
  finish(link, link.known.init_tls, b);
}

// Code for the relocations of a chunk whose values only the loader knows; false when there are none.
bool write_runtime_relocs(const Link& link, const OutSegment& segment, const OutChunk& chunk, BodyWriter& b) {
  if (!chunk.object) return false;
  const LinkObject& o = link.objects[chunk.object];
  const SegmentRow& row = o.object.segments()[chunk.row - o.segments];
  bool written = false;
  for (const RelocRow& reloc : o.relocs(row.relocs)) {
    SymbolId id = link.bound[o.symbols + reloc.index];
    bool got = id && link.symbols[id].got_index != none32;
    bool null = got && link.symbols[id].is_shared() && link.options.like_lld_19();
    if (!link.options.is_pic() && (!got || null)) continue;
    RelocTarget target = traits(reloc.reloc_type()).target;
    if (target != RelocTarget::Address && target != RelocTarget::TableSlot) continue; // it is written already
    bool is_64 = field_is_64(traits(reloc.reloc_type()).field);

    b.pointer(segment.address + chunk.offset +
              (reloc.offset - (row.data.offset - o.object.header().data_offset)));
    if (link.options.is_pic()) {
      b.global(global_get,
               segment.is_tls && link.options.shared_memory ? link.known.tls_base : link.known.memory_base);
      b.pointer_add();
    }
    auto constant = [&](int64_t value) {
      b.op(is_64 ? i64_const : i32_const);
      b.bytes.sleb(is_64 ? value : static_cast<int32_t>(value));
      b.op(is_64 ? i64_add : i32_add);
    };
    if (got) {
      b.op(global_get, link.symbols[id].got_index);
      if (reloc.addend) constant(reloc.addend);
    } else {
      SymbolId base = link.known.memory_base;
      bool tls = (id ? link.symbols[id].flags : o.object.symbols()[reloc.index].flags) & symbol_flag::tls;
      if (target == RelocTarget::TableSlot) base = link.known.table_base;
      else if (tls && link.known.tls_base) base = link.known.tls_base;
      b.global(global_get, base);
      constant(static_cast<int64_t>(
          reloc_value(link, chunk.object, reloc, symbol_value(link, chunk.object, reloc.index), 0, 0)));
    }
    b.op(is_64 ? i64_store : i32_store, 2);
    b.bytes.uleb(0);
    written = true;
  }
  return written;
}

// The body of __wasm_apply_data_relocs; false when there is nothing to apply.
bool write_data_relocs(const Link& link, BodyWriter& b) {
  b.bytes.uleb(0); // locals: a function may be wanted that does nothing
  if (!link.options.is_pic() && link.got_imports.empty()) return false;
  bool written = false;
  for (const OutSegment& segment : link.segments) {
    if (link.options.shared_memory && segment.is_tls) continue;
    for (const OutChunk& chunk : segment.chunks) written |= write_runtime_relocs(link, segment, chunk, b);
  }
  return written;
}

// Sets the GOT globals whose values are relative to where the loader put this module.
void write_global_relocs(Link& link, SymbolId function, bool tls) {
  BodyWriter b(link);
  b.bytes.uleb(0);
  for (SymbolId id : link.internal_got) {
    const Symbol& s = link.symbols[id];
    if (s.is_tls() != tls) continue;
    if (s.kind == SymbolKind::Data && s.state == SymbolState::Defined) {
      b.global(global_get, tls ? link.known.tls_base : link.known.memory_base);
      b.pointer(link.address_of(s));
    } else if (s.kind == SymbolKind::Function && !s.is_stub) {
      b.global(global_get, link.known.table_base);
      b.pointer(link.table_slot_of(s));
    } else {
      continue;
    }
    b.pointer_add();
    b.op(global_set, s.got_index);
  }
  finish(link, function, b);
}

// LLD 14 applies data relocations when the module starts, and once more before its constructors, when the
// loader has filled the GOT; later ones leave it to the loader, which may not know (Emscripten 3.1).
bool applies_data_relocs_by_itself(const Link& link) {
  const Options& o = link.options;
  return o.compat == Compat::Lld14 && o.is_pic() && !o.shared_memory;
}

// In order.
Vector<SymbolId> called_at_start(const Link& link) {
  Vector<SymbolId> functions;
  if (link.known.apply_global_relocs) functions.push_back(link.known.apply_global_relocs);
  if (link.known.init_memory) functions.push_back(link.known.init_memory);
  if (applies_data_relocs_by_itself(link)) functions.push_back(link.known.apply_data_relocs);
  return functions;
}

void write_call_ctors(Link& link) {
  const Symbol& ctors = link.symbols[link.known.call_ctors];
  const bool applies = applies_data_relocs_by_itself(link);
  if (!link.is_live(ctors) && link.init_functions.empty() && !applies) return;
  ByteBuffer body;
  body.uleb(0);
  if (applies) {
    body.u8(call);
    body.uleb(link.function_index_of(link.symbols[link.known.apply_data_relocs]));
  }
  for (const InitFunction& init : link.init_functions) {
    body.u8(call);
    body.uleb(link.function_index_of(init.constructor));
    SignatureParts parts = signature_parts(link.session.signatures.bytes(init.constructor.signature));
    for (size_t i = 0; i < parts.results.size(); i++) body.u8(drop);
  }
  body.u8(end);
  link.set_body(link.synthetic_function(ctors), body.from(0));
}

// A command's exports can be called without anything having run: each is wrapped so that constructors run
// before it and destructors after. The wrapper takes the export name.
void write_command_wrappers(Link& link) {
  if (link.init_functions.empty() && !link.call_dtors) return;
  for (SymbolId id : link.symbol_order) {
    const Symbol& s = link.symbols[id];
    if (s.kind == SymbolKind::Function && link.is_exported(s)) link.wrapped_exports.push_back(id);
  }
  std::vector<EntityRef> named; // functions with an `export_name`
  for (SymbolId id : link.wrapped_exports) {
    Symbol original = link.symbols[id];
    std::string name(link.name_of(id));
    StringId export_name = link.export_name_of(original);
    link.symbols[id].flags = (original.flags | symbol_flag::visibility_hidden) & ~symbol_flag::exported;
    link.symbols[id].force_export = false;
    // Another name of the same function would be exported under that name as well.
    if (export_name && std::find(named.begin(), named.end(), original.entity) != named.end()) continue;
    if (export_name) named.push_back(original.entity);

    SymbolId wrapper = add_synthetic_function_symbol(link, name.append(command_export_suffix), original.flags,
                                                     original.signature);
    Symbol& w = link.symbols[wrapper];
    w.flags = (w.flags | symbol_flag::exported) & ~symbol_flag::visibility_hidden;
    w.force_export = original.force_export;
    SyntheticFunction& function = link.synthetic_function(w);
    function.live = true;
    function.export_name = export_name ? export_name : original.name;
    function.index = link.imported_functions + static_cast<uint32_t>(link.functions.size());
    link.functions.push_back({{}, w.entity.row()});

    ByteBuffer body;
    body.uleb(0);
    const Symbol& ctors = link.symbols[link.known.call_ctors];
    if (link.is_live(ctors)) {
      body.u8(call);
      body.uleb(link.function_index_of(ctors));
    }
    size_t params = signature_parts(link.session.signatures.bytes(original.signature)).params.size();
    for (size_t i = 0; i < params; i++) {
      body.u8(local_get);
      body.uleb(i);
    }
    body.u8(call);
    body.uleb(link.function_index_of(original));
    if (link.call_dtors) {
      body.u8(call);
      body.uleb(link.function_index_of(link.symbols[link.call_dtors]));
    }
    body.u8(end);
    link.set_body(function, body.from(0));
  }
}

} // namespace

bool needs_runtime_init(const Link& link, const OutSegment& segment) {
  if (link.options.import_memory && segment.is_bss && !link.emit_bss) return true;
  return link.options.shared_memory;
}

// Their names and order are part of the output. The bodies follow when indices are known, but for that of the
// data relocations: whether it has any says whether it is needed, and what it refers to has its index.
void declare_init_functions(Link& link) {
  const Options& o = link.options;
  if (o.relocatable) return;
  auto& known = link.known;
  SignatureId none = link.symbols[known.call_ctors].signature;
  auto declare = [&](std::string_view name) {
    SymbolId id = add_synthetic_function_symbol(link, name, symbol_flag::visibility_hidden, none);
    link.mark(id);
    return id;
  };

  BodyWriter data_relocs(link);
  const bool may_have_relocs = !o.like_lld_19(); // which has made the function before, if at all
  if (may_have_relocs && !known.apply_data_relocs && write_data_relocs(link, data_relocs)) {
    known.apply_data_relocs = declare("__wasm_apply_data_relocs");
    link.symbols[known.apply_data_relocs].flags = symbol_flag::exported;
    finish(link, known.apply_data_relocs, data_relocs);
  }

  for (const OutSegment& segment : link.segments)
    if (needs_runtime_init(link, segment)) {
      known.init_memory = declare("__wasm_init_memory");
      if (o.shared_memory) link.mark(known.tls_base);
      break;
    }

  bool tls_got = false, plain_got = false;
  for (SymbolId id : link.internal_got) (link.symbols[id].is_tls() ? tls_got : plain_got) = true;
  if (o.shared_memory) {
    if (tls_got) {
      known.apply_global_tls_relocs = declare("__wasm_apply_global_tls_relocs");
      link.mark(known.tls_base);
    }
    bool tls_relocs = false;
    for (const OutSegment& segment : link.segments) {
      if (!segment.is_tls) continue;
      for (const OutChunk& chunk : segment.chunks) {
        if (!chunk.object) continue;
        const LinkObject& object = link.objects[chunk.object];
        tls_relocs |= object.object.segments()[chunk.row - object.segments].relocs.count != 0;
      }
    }
    if (tls_relocs) known.apply_tls_relocs = declare("__wasm_apply_tls_relocs");
  }
  if (o.is_pic() && plain_got && !link.extended_const)
    known.apply_global_relocs = declare("__wasm_apply_global_relocs");
  Vector<SymbolId> starters = called_at_start(link);
  if (starters.size() > 1) known.start = declare("__wasm_start");
  else if (starters.size() == 1) known.start = starters[0];
}

void write_synthetic_code(Link& link) {
  if (link.options.relocatable) return;
  auto& known = link.known;
  if (known.apply_data_relocs && !link.synthetic_function(link.symbols[known.apply_data_relocs]).body.count) {
    BodyWriter b(link);
    write_data_relocs(link, b);
    finish(link, known.apply_data_relocs, b);
  }
  if (known.apply_global_relocs) write_global_relocs(link, known.apply_global_relocs, false);
  if (known.apply_tls_relocs) {
    BodyWriter b(link);
    b.bytes.uleb(0);
    for (const OutSegment& segment : link.segments) {
      if (!segment.is_tls) continue;
      for (const OutChunk& chunk : segment.chunks) write_runtime_relocs(link, segment, chunk, b);
    }
    finish(link, known.apply_tls_relocs, b);
  }
  if (known.apply_global_tls_relocs) write_global_relocs(link, known.apply_global_tls_relocs, true);
  if (known.init_memory) write_init_memory(link);
  Vector<SymbolId> starters = called_at_start(link);
  if (starters.size() > 1) {
    BodyWriter b(link);
    b.bytes.uleb(0);
    for (SymbolId starter : starters) b.call_symbol(starter);
    finish(link, known.start, b);
  }
  write_call_ctors(link);
  const Symbol& ctors = link.symbols[known.call_ctors];
  // An input that calls the constructors itself takes care of them.
  if (!link.options.is_pic() && !ctors.used_in_object && !link.is_exported(ctors))
    write_command_wrappers(link);
  if (known.init_tls && link.is_live(link.symbols[known.init_tls])) write_init_tls(link);
}

} // namespace weld
