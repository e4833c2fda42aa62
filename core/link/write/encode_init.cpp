// Initial values of globals that refer to something: addresses, functions, other globals. Object files have no
// relocations for them, units do.
#include "core/link/write/output_plan.h"
#include "core/link/write/reloc_value.h"

namespace weld {

namespace {

// What is here is written in place of a `global.get`, which engines allow only of imported globals.
constexpr uint32_t most_depth = 32;
constexpr size_t most_bytes = 4096;

class InitEncoder {
public:
  InitEncoder(const Link& link, ByteBuffer& out) : link_(link), out_(out), begin_(out.size()) {}

  // `index`: of the global in the output.
  void run(LinkObjectId object, const GlobalRow& row, uint32_t index) {
    object_ = object;
    index_ = index;
    name_ = link_.objects[object].text(row.name);
    if (link_.options.relocatable || link_.options.emit_relocs) {
      link_.diagnostics().report(
          DiagnosticId::not_in_objects,
          {Argument::symbol(name_), "has an initial value that refers to something else"},
          link_.location_of(object));
    } else {
      expression(object, row, 0);
    }
    out_.u8(opcode::end);
  }

private:
  // Says once what is wrong.
  void fail(Argument why) {
    if (failed_) return;
    failed_ = true;
    link_.diagnostics().report(DiagnosticId::bad_initial_value, {Argument::symbol(name_), std::move(why)},
                               link_.location_of(object_));
  }

  // Without its end.
  void expression(LinkObjectId id, const GlobalRow& row, uint32_t depth) {
    if (depth > most_depth) return fail("the globals that it refers to refer to each other in a circle");
    const LinkObject& o = link_.objects[id];
    const Bytes init = o.bytes.subspan(row.init.offset, row.init.size);
    const RelocRange relocs = o.relocs(row.relocs);
    auto reloc = relocs.begin();
    const auto copy = [&](size_t& at, size_t size) {
      out_.append(init.subspan(at, size));
      at += size;
    };
    for (size_t at = 0; !failed_ && init[at] != opcode::end;) {
      if (out_.size() - begin_ > most_bytes) return fail("it is too large");
      const uint8_t op = init[at];
      if (op == opcode::gc_prefix) {
        copy(at, 2);
        const uint8_t second = init[at - 1];
        if (reloc == relocs.end() || reloc->offset != at) continue; // a conversion
        type(o, *reloc);
        ++reloc;
        at++;
        if (second != opcode::array_new_fixed) continue;
        size_t size = 1;
        while (init[at + size - 1] & 0x80) size++;
        copy(at, size);
        continue;
      }
      const bool refers = reloc != relocs.end() && reloc->offset == at + 1;
      if (refers) {
        at += 2;
        refer(id, op, *reloc, depth);
        ++reloc;
        continue;
      }
      switch (op) {
      case opcode::i32_const:
      case opcode::i64_const:
      case opcode::ref_null: {
        size_t size = 2;
        while (init[at + size - 1] & 0x80) size++;
        copy(at, size);
        break;
      }
      case opcode::f32_const: copy(at, 5); break;
      case opcode::f64_const: copy(at, 9); break;
      case 0xfd: copy(at, 18); break; // v128.const
      case opcode::global_get:
      case opcode::ref_func: return fail("it refers to what an object file cannot name");
      default: copy(at, 1); // arithmetic
      }
    }
  }

  void refer(LinkObjectId id, uint8_t op, const RelocRow& reloc, uint32_t depth) {
    if (op == opcode::ref_null) {
      out_.u8(op);
      out_.sleb(link_.type_of_signature[link_.objects[id].object.types()[reloc.index].row]);
      return;
    }
    const SymbolValue value = symbol_value(link_, id, reloc.index);
    if (op == opcode::global_get) return global(id, reloc, depth);
    if (op != opcode::ref_func) return address(id, op, reloc, value);
    out_.u8(op);
    out_.uleb(value.value);
  }

  void type(const LinkObject& o, const RelocRow& reloc) {
    out_.uleb(link_.type_of_signature[o.object.types()[reloc.index].row]);
  }

  // The value of another global. What is allocated has an identity: it is that global's, which has to come before.
  void value_of(LinkObjectId id, GlobalId global, uint32_t depth) {
    const LinkObject& o = link_.objects[id];
    const GlobalRow& row = o.object.globals()[o.global.local(global)];
    constexpr uint32_t one_instruction = 3; // null, a function or a global, with the end
    if (!is_ref(row.type) || row.init.size == one_instruction) return expression(id, row, depth + 1);
    const uint32_t index = link_.global_index[global].value;
    if (index >= index_)
      return fail("it uses the global `" + std::string(o.text(row.name)) +
                  "`, which comes after it in the output: declare that one first");
    out_.u8(opcode::global_get);
    out_.uleb(index);
  }

  void constant(uint64_t value) {
    out_.u8(link_.is_64 ? opcode::i64_const : opcode::i32_const);
    out_.sleb(link_.is_64 ? static_cast<int64_t>(value) : static_cast<int32_t>(value));
  }

  // Of data, or a table slot. Position-independent code adds where the loader has put them.
  void address(LinkObjectId id, uint8_t op, const RelocRow& reloc, const SymbolValue& symbol) {
    const LinkObject& o = link_.objects[id];
    const bool is_slot = traits(reloc.reloc_type()).target == RelocTarget::TableSlot;
    const SymbolId name = link_.symbol_of(o, reloc.index);
    const uint32_t flags = name ? link_.symbols[name].flags : o.object.symbols()[reloc.index].flags;
    if ((flags & symbol_flag::tls) && link_.options.shared_memory)
      return fail("each thread has an address of its own of `" + name_of(o, reloc.index) + '`');
    uint64_t value = symbol.is_live ? reloc_address(link_, reloc, symbol, 0) : 0;
    // The first slot of a library is number 0.
    const bool is_null = !symbol.is_live || (is_slot ? name && link_.is_trap(name) : symbol.is_null);
    const bool is_absolute = !is_slot && name && link_.is_absolute(name);
    if (op == opcode::i32_const && !fits_32(value))
      return report_out_of_range(link_, id, "GLOBAL", reloc, value);
    if (!link_.options.is_pic() || is_null || is_absolute) return constant(value);
    if (is_slot) value -= link_.options.table_base;
    out_.u8(opcode::global_get);
    out_.uleb(link_.global_index_of(is_slot ? link_.known.table_base : link_.known.memory_base));
    if (!value) return;
    if (!link_.extended_const)
      return fail("in position-independent output an address needs the feature `extended-const`");
    constant(value);
    out_.u8(link_.is_64 ? opcode::i64_add : opcode::i32_add);
  }

  void global(LinkObjectId id, const RelocRow& reloc, uint32_t depth) {
    const LinkObject& o = link_.objects[id];
    const SymbolId name = link_.symbol_of(o, reloc.index);
    if (!name) { // local, so the unit's own
      const SymbolRow& row = o.object.symbols()[reloc.index];
      return value_of(id, o.global(row.element), depth);
    }
    const Symbol& s = link_.symbols[name];
    if (s.kind != SymbolKind::Global) { // a place of the linker's
      const uint64_t place = link_.address_of(s);
      if (!link_.is_64 && !fits_32(place)) return report_out_of_range(link_, id, "GLOBAL", reloc, place);
      return constant(place);
    }
    if (global_type_of(link_, s).is_mutable) return fail("`" + name_of(o, reloc.index) + "` may change");
    if (s.state != SymbolState::Defined) {
      out_.u8(opcode::global_get);
      out_.uleb(link_.global_index_of(name));
    } else if (name == link_.known.tls_base && link_.has_moved_tls()) {
      out_.u8(opcode::global_get);
      out_.uleb(link_.global_index_of(link_.known.memory_base));
    } else if (s.entity.is_synthetic()) {
      constant(link_.global_values[s.global().synthetic()]);
    } else {
      value_of(s.object, s.global().id(), depth);
    }
  }

  static std::string name_of(const LinkObject& o, uint32_t symbol) {
    return std::string(o.text(o.object.symbols()[symbol].encoded_name));
  }

  const Link& link_;
  ByteBuffer& out_;
  const size_t begin_;

  LinkObjectId object_; // whose global it is
  uint32_t index_ = 0;  // of the global
  std::string_view name_;
  bool failed_ = false;
};

} // namespace

void encode_initial_value(const Link& link, const OutGlobal& global, const GlobalRow& row, ByteBuffer& out) {
  InitEncoder(link, out).run(global.object, row, link.global_index[global.global.id()].value);
}

} // namespace weld
