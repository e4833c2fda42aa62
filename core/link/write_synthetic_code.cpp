// The bodies of the functions that the linker makes itself, with final indices.
#include "core/link/link.h"
#include "core/wasm/type_text.h"

namespace weld {

namespace {

using namespace opcode;

// The start function of a module that does not own its memory: it cannot assume that fresh memory is zero, so
// it clears the segments that carry no bytes.
void write_init_memory(Link& link) {
  ByteBuffer body;
  body.uleb(0); // no locals
  for (const OutSegment& segment : link.segments) {
    if (!segment.is_bss || link.emit_bss) continue;
    body.u8(link.is_64 ? i64_const : i32_const);
    body.sleb(link.is_64 ? static_cast<int64_t>(segment.address) : static_cast<int32_t>(segment.address));
    body.u8(i32_const);
    body.sleb(0);
    body.u8(link.is_64 ? i64_const : i32_const);
    body.sleb(link.is_64 ? static_cast<int64_t>(segment.size) : static_cast<int32_t>(segment.size));
    body.u8(misc_prefix);
    body.uleb(memory_fill);
    body.u8(0); // memory index
  }
  body.u8(end);
  link.set_body(link.synthetic_function(link.symbols[link.known.init_memory]), body.from(0));
  link.known.start = link.known.init_memory;
}

void write_call_ctors(Link& link) {
  const Symbol& ctors = link.symbols[link.known.call_ctors];
  if (!link.is_live(ctors) && link.init_functions.empty()) return;
  ByteBuffer body;
  body.uleb(0);
  for (const InitFunction& init : link.init_functions) {
    body.u8(call);
    body.uleb(link.function_index_of(init.function));
    SignatureParts parts = signature_parts(link.session.signatures.bytes(init.signature));
    for (size_t i = 0; i < parts.results.size(); i++) body.u8(drop);
  }
  body.u8(end);
  link.set_body(link.synthetic_function(ctors), body.from(0));
}

// A command's exports can be called without anything having run: each is wrapped so that constructors run
// before it and destructors after. The wrapper takes the export name.
void write_command_wrappers(Link& link) {
  if (link.init_functions.empty() && !link.call_dtors) return;
  std::vector<SymbolId> wrapped;
  for (SymbolId id : link.symbol_order) {
    const Symbol& s = link.symbols[id];
    if (s.kind == SymbolKind::Function && link.is_exported(s)) wrapped.push_back(id);
  }
  for (SymbolId id : wrapped) {
    Symbol original = link.symbols[id];
    std::string name(link.name_of(id));
    StringId export_name = link.export_name_of(original);

    SymbolId wrapper =
        add_synthetic_function_symbol(link, name + ".command_export", original.flags, original.signature);
    Symbol& w = link.symbols[wrapper];
    w.flags = (w.flags | symbol_flag::exported) & ~symbol_flag::visibility_hidden;
    w.force_export = original.force_export;
    SyntheticFunction& function = link.synthetic_function(w);
    function.live = true;
    function.export_name = export_name ? export_name : original.name;
    function.index = link.imported_functions + static_cast<uint32_t>(link.functions.size());
    link.functions.push_back({{}, w.entity.row()});

    Symbol& o = link.symbols[id];
    o.flags = (o.flags | symbol_flag::visibility_hidden) & ~symbol_flag::exported;
    o.force_export = false;

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

void write_synthetic_code(Link& link) {
  if (link.options.relocatable) return;
  if (link.known.init_memory) write_init_memory(link);
  write_call_ctors(link);
  const Symbol& ctors = link.symbols[link.known.call_ctors];
  // An input that calls the constructors itself takes care of them.
  if (!link.options.is_pic() && !ctors.used_in_object && !link.is_exported(ctors))
    write_command_wrappers(link);
}

} // namespace weld
