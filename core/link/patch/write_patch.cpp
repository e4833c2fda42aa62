// The module that a patch is. It imports what the running program exports under names that begin with `__weld_live.`, and
// changes nothing before it knows that the program is the one that it was made for.
#include "core/base/sort.h"
#include "core/link/index/indices.h"
#include "core/link/patch/patch_content.h"
#include "core/link/reduce/walk_code.h"
#include "core/link/write/output_plan.h"
#include "core/unit/lower_mir.h"
#include "core/wasm/types.h"

#include <map>

namespace weld {

namespace {

using namespace opcode;

constexpr std::string_view live_module = "__weld_live";

class PatchWriter {
public:
  PatchWriter(const Link& link, const LiveValues& values, const PatchContent& content, LivePatch& patch)
      : link_(link), values_(values), content_(content), patch_(patch) {}

  void run() {
    keeps_types_ = true;
    for (SignatureId id : link_.types)
      if (link_.store.signatures.bytes(id)[0] != function_form) keeps_types_ = false;
    start_type_ = intern_function(link_.store.signatures, {}, {});
    collect();
    module_.append({wasm_magic, 4});
    module_.u32_le(wasm_version);
    // Everything before the code says how much of it there is, so the code is encoded first. It only needs indices.
    encode_code();
    types();
    imports();
    functions();
    globals();
    exports();
    section(SectionKind::Start, [&] { out_.uleb(first_defined()); });
    elements();
    section(SectionKind::DataCount, [&] { out_.uleb(content_.data.size()); });
    section(SectionKind::Code, [&] { out_.append(code_.from(0)); });
    if (!content_.data.empty()) section(SectionKind::Data, [&] { data(); });
    if (!link_.options.strip_all) section(SectionKind::Custom, [&] { names(); });
    section(SectionKind::Custom, [&] { states(); });
    patch_.bytes.assign(module_.data(), module_.data() + module_.size());
  }

private:
  struct Stub {
    uint32_t slot; // none32: it traps
    SignatureId signature;
    std::string name;
  };

  template <class Write>
  void section(SectionKind kind, Write write) {
    out_.clear();
    write();
    module_.u8(static_cast<uint8_t>(kind));
    module_.uleb(out_.size());
    module_.append(out_.from(0));
  }

  // --- what is imported, called and held, in the order in which the code mentions it
  void collect() {
    for (const PatchImport& import : content_.imports) type_of(link_.symbols[import.symbol].signature);
    type_of(start_type_);
    for (const PatchFunction& f : content_.functions) {
      type_of(link_.signature_of(link_.objects[f.object], f.function));
      walk_code(
          link_, f.object, f.function, MirForm::Final, [](Bytes) {},
          [&](const RelocRow& reloc) { collect(f.object, reloc); });
    }
    for (const LiveExported& e : content_.exports) {
      const LinkObject& o = link_.objects[link_.symbols[e.symbol].object];
      stub_of(values_.slot[e.function], link_.signature_of(o, e.function), e.name);
    }
  }

  void collect(LinkObjectId object, const RelocRow& reloc) {
    const LiveValue v = values_.value(object, reloc, 0);
    switch (v.kind) {
    case LiveValue::Function:
    case LiveValue::Trap:
      stub_of(v.kind == LiveValue::Trap ? none32 : static_cast<uint32_t>(v.number), v.signature,
              values_.symbol_text(object, reloc.index));
      break;
    case LiveValue::Type: type_of(v.signature); break;
    case LiveValue::Tag:
      type_of(v.signature);
      if (tags_.try_emplace(static_cast<uint32_t>(v.number), static_cast<uint32_t>(tag_list_.size())).second)
        tag_list_.push_back({static_cast<uint32_t>(v.number), v.signature});
      break;
    case LiveValue::Global:
      if (globals_.try_emplace(static_cast<uint32_t>(v.number), static_cast<uint32_t>(global_list_.size())).second)
        global_list_.push_back({static_cast<uint32_t>(v.number), global_type(object, reloc.index)});
      break;
    case LiveValue::Holder:
      if (holders_.try_emplace(v.number, static_cast<uint32_t>(holder_list_.size())).second)
        holder_list_.push_back(v.number);
      break;
    case LiveValue::Table:
      if (v.number != none32 &&
          tables_.try_emplace(static_cast<uint32_t>(v.number), static_cast<uint32_t>(table_list_.size())).second)
        table_list_.push_back({static_cast<uint32_t>(v.number), table_type(object, reloc.index)});
      break;
    case LiveValue::Number:
    case LiveValue::Missing: break;
    }
  }

  GlobalType global_type(LinkObjectId object, uint32_t row) const {
    const LinkObject& o = link_.objects[object];
    if (const SymbolId id = link_.symbol_of(o, row)) return global_type_of(link_, link_.symbols[id]);
    const GlobalRow& global = o.object.globals()[o.object.symbols()[row].element];
    return {global.type, global.is_mutable != 0};
  }
  TableType table_type(LinkObjectId object, uint32_t row) const {
    const LinkObject& o = link_.objects[object];
    if (const SymbolId id = link_.symbol_of(o, row)) return table_type_of(link_, link_.symbols[id]);
    const TableRow& table = o.object.tables()[o.object.symbols()[row].element];
    return {table.element, table.limits()};
  }

  uint32_t type_of(SignatureId id) {
    if (!keeps_types_) {
      if (id.row < link_.type_of_signature.size() && link_.type_of_signature[id.row] != none32)
        return link_.type_of_signature[id.row];
      return static_cast<uint32_t>(link_.types.size()); // the start function's
    }
    const auto [found, is_new] = types_.try_emplace(id.row, static_cast<uint32_t>(type_list_.size()));
    if (is_new) type_list_.push_back(id);
    return found->second;
  }

  uint32_t stub_of(uint32_t slot, SignatureId signature, const std::string& name) {
    type_of(signature);
    const auto [found, is_new] =
        stubs_.try_emplace({slot, signature.row}, static_cast<uint32_t>(stub_list_.size()));
    if (is_new) stub_list_.push_back({slot, signature, name});
    return found->second;
  }

  // Functions: the imported ones, the start function, those of the patch, stubs.
  uint32_t first_defined() const { return static_cast<uint32_t>(content_.imports.size()); }
  uint32_t first_function() const { return first_defined() + 1; }
  uint32_t first_stub() const { return first_function() + static_cast<uint32_t>(content_.functions.size()); }
  // Globals: the state, those of the program, those that hold an address.
  uint32_t first_holder() const { return 1 + static_cast<uint32_t>(global_list_.size()); }

  // --- code
  void encode_code() {
    code_.uleb(1 + content_.functions.size() + stub_list_.size());
    start_function();
    for (const PatchFunction& f : content_.functions) function(f);
    for (const Stub& stub : stub_list_) stub_function(stub);
  }

  void body(const ByteBuffer& bytes) {
    code_.uleb(bytes.size());
    code_.append(bytes.from(0));
  }

  void function(const PatchFunction& f) {
    ByteBuffer b;
    walk_code(
        link_, f.object, f.function, MirForm::Final, [&](Bytes run) { b.append(run); },
        [&](const RelocRow& reloc) { field(b, f.object, reloc); });
    body(b);
  }

  // A number in its shortest form.
  void field(ByteBuffer& b, LinkObjectId object, const RelocRow& reloc) {
    const LiveValue v = values_.value(object, reloc, 0);
    const auto number = static_cast<uint32_t>(v.number);
    switch (v.kind) {
    case LiveValue::Function: return b.uleb(first_stub() + stubs_.at({number, v.signature.row}));
    case LiveValue::Trap: return b.uleb(first_stub() + stubs_.at({none32, v.signature.row}));
    case LiveValue::Holder: return index_field(b, reloc, first_holder() + holders_.at(v.number));
    case LiveValue::Global: return index_field(b, reloc, 1 + globals_.at(number));
    case LiveValue::Tag: return b.uleb(tags_.at(number));
    case LiveValue::Table: return b.uleb(number == none32 ? 0 : 1 + tables_.at(number));
    case LiveValue::Type: {
      const uint32_t type = type_of(v.signature);
      return is_signed_type(link_.objects[object], reloc) ? b.sleb(type) : b.uleb(type);
    }
    case LiveValue::Number:
    case LiveValue::Missing: break;
    }
    switch (traits(reloc.reloc_type()).field) {
    case RelocField::Uleb5: return b.uleb(number);
    case RelocField::Sleb5: return b.sleb(static_cast<int32_t>(number));
    case RelocField::Uleb10: return b.uleb(v.number);
    case RelocField::Sleb10: return b.sleb(static_cast<int64_t>(v.number));
    case RelocField::I32: return b.u32_le(number);
    case RelocField::I64: b.u32_le(number); return b.u32_le(static_cast<uint32_t>(v.number >> 32));
    }
  }

  static void index_field(ByteBuffer& b, const RelocRow& reloc, uint32_t index) {
    if (traits(reloc.reloc_type()).field == RelocField::I32) b.u32_le(index);
    else b.uleb(index);
  }

  void stub_function(const Stub& stub) {
    ByteBuffer b;
    b.uleb(0); // no locals
    if (stub.slot == none32) {
      b.u8(unreachable);
    } else {
      const size_t params = signature_parts(link_.store.signatures, stub.signature).params.size();
      for (size_t i = 0; i < params; i++) {
        b.u8(local_get);
        b.uleb(i);
      }
      constant(b, stub.slot);
      b.u8(call_indirect);
      b.uleb(type_of(stub.signature));
      b.uleb(0); // table
    }
    b.u8(end);
    body(b);
  }

  static void constant(ByteBuffer& b, uint64_t value) {
    b.u8(i32_const);
    b.sleb(static_cast<int32_t>(value));
  }
  static void state(ByteBuffer& b, uint64_t value) {
    b.u8(i64_const);
    b.sleb(static_cast<int64_t>(value));
  }

  // All that can fail comes first.
  void start_function() {
    constexpr uint8_t i64_ne = 0x52, i32_ne = 0x47, if_ = 0x04, table_init = 12, elem_drop = 13,
                      table_grow = 15;
    ByteBuffer b;
    auto trap_if = [&] {
      b.u8(if_);
      b.u8(no_result);
      b.u8(unreachable);
      b.u8(end);
    };
    auto misc = [&](uint8_t code) {
      b.u8(misc_prefix);
      b.uleb(code);
    };
    b.uleb(0); // no locals
    b.u8(global_get);
    b.uleb(0);
    state(b, patch_.before);
    b.u8(i64_ne);
    trap_if();
    if (const uint32_t more = patch_.slots_end - content_.slots_before) {
      b.u8(ref_null);
      b.u8(static_cast<uint8_t>(ValueType::FuncRef));
      constant(b, more);
      misc(table_grow);
      b.uleb(0);
      constant(b, content_.slots_before); // or else the slots are somebody else's
      b.u8(i32_ne);
      trap_if();
    }
    for (size_t i = 0; i < content_.data.size(); i++) {
      constant(b, content_.data[i].address);
      constant(b, 0);
      constant(b, content_.data[i].size);
      misc(memory_init);
      b.uleb(i);
      b.u8(0); // memory
      misc(data_drop);
      b.uleb(i);
    }
    for (size_t first = 0, next; first < slots_.size(); first = next) {
      for (next = first + 1; next < slots_.size() && slots_[next].slot == slots_[next - 1].slot + 1;) next++;
      constant(b, slots_[first].slot);
      constant(b, first);
      constant(b, next - first);
      misc(table_init);
      b.uleb(0); // elements
      b.uleb(0); // table
    }
    if (!slots_.empty()) {
      misc(elem_drop);
      b.uleb(0);
    }
    state(b, patch_.after);
    b.u8(global_set);
    b.uleb(0);
    b.u8(end);
    body(b);
  }

  // --- the other sections
  void types() {
    section(SectionKind::Type, [&] {
      if (keeps_types_) {
        out_.uleb(type_list_.size());
        for (SignatureId id : type_list_) out_.append(link_.store.signatures.bytes(id));
        return;
      }
      const bool has_start = type_of(start_type_) < link_.types.size();
      out_.uleb(count_type_entries(link_) + !has_start);
      for (SignatureId id : link_.types) encode_type(link_, id, out_);
      if (!has_start) out_.append(link_.store.signatures.bytes(start_type_));
    });
  }

  void import_name(const std::string& name) {
    out_.name(live_module);
    out_.name(std::string(live_prefix) + name);
  }

  void imports() {
    section(SectionKind::Import, [&] {
      out_.uleb(3 + content_.imports.size() + table_list_.size() + global_list_.size() + tag_list_.size());
      import_name("memory");
      out_.u8(static_cast<uint8_t>(ExternalKind::Memory));
      Limits limits = memory_limits(link_);
      limits.flags &= limits_has_page_size;
      out_.u8(limits.flags);
      out_.uleb(0);
      if (limits.flags) out_.uleb(limits.page_size_log2);
      import_name("table");
      out_.u8(static_cast<uint8_t>(ExternalKind::Table));
      out_.u8(static_cast<uint8_t>(ValueType::FuncRef));
      out_.u8(0);
      out_.uleb(content_.slots_before);
      for (const auto& [number, type] : table_list_) {
        import_name("table." + std::to_string(number));
        out_.u8(static_cast<uint8_t>(ExternalKind::Table));
        encode_value_type(link_, type.element, out_);
        out_.u8(type.limits.flags & limits_is_64 ? limits_is_64 : uint8_t{0});
        out_.uleb(0);
      }
      import_name("state");
      global(ValueType::I64, true);
      for (const auto& [number, type] : global_list_) {
        import_name("global." + std::to_string(number));
        global(type.type, type.is_mutable);
      }
      for (const PatchImport& import : content_.imports) {
        const Symbol& s = link_.symbols[import.symbol];
        out_.name(s.import_module ? link_.text(s.import_module) : default_module);
        out_.name(link_.text(s.import_name ? s.import_name : s.name));
        out_.u8(static_cast<uint8_t>(ExternalKind::Function));
        out_.uleb(type_of(s.signature));
      }
      for (const auto& [number, signature] : tag_list_) {
        import_name("tag." + std::to_string(number));
        out_.u8(static_cast<uint8_t>(ExternalKind::Tag));
        out_.u8(0); // attribute: an exception
        out_.uleb(type_of(signature));
      }
    });
  }

  void global(ValueType type, bool is_mutable) {
    out_.u8(static_cast<uint8_t>(ExternalKind::Global));
    encode_value_type(link_, type, out_);
    out_.u8(is_mutable);
  }

  void functions() {
    section(SectionKind::Function, [&] {
      out_.uleb(1 + content_.functions.size() + stub_list_.size());
      out_.uleb(type_of(start_type_));
      for (const PatchFunction& f : content_.functions)
        out_.uleb(type_of(link_.signature_of(link_.objects[f.object], f.function)));
      for (const Stub& stub : stub_list_) out_.uleb(type_of(stub.signature));
    });
  }

  void globals() {
    if (holder_list_.empty()) return;
    section(SectionKind::Global, [&] {
      out_.uleb(holder_list_.size());
      for (uint64_t value : holder_list_) {
        out_.u8(static_cast<uint8_t>(ValueType::I32));
        out_.u8(0); // constant
        constant(out_, value);
        out_.u8(end);
      }
    });
  }

  void exports() {
    if (content_.exports.empty()) return;
    section(SectionKind::Export, [&] {
      out_.uleb(content_.exports.size());
      for (const LiveExported& e : content_.exports) {
        const LinkObject& o = link_.objects[link_.symbols[e.symbol].object];
        out_.name(e.name);
        out_.u8(static_cast<uint8_t>(ExternalKind::Function));
        out_.uleb(first_stub() + stubs_.at({values_.slot[e.function], link_.signature_of(o, e.function).row}));
      }
    });
  }

  void elements() {
    const bool declares_stubs = link_.has_units && !stub_list_.empty(); // for `ref.func`
    if (slots_.empty() && !declares_stubs) return;
    section(SectionKind::Elem, [&] {
      out_.uleb(size_t{!slots_.empty()} + size_t{declares_stubs});
      if (!slots_.empty()) {
        out_.uleb(1); // passive
        out_.u8(0);   // element kind: functions
        out_.uleb(slots_.size());
        for (const Filled& filled : slots_) out_.uleb(filled.function);
      }
      if (declares_stubs) {
        out_.uleb(3); // declarative
        out_.u8(0);
        out_.uleb(stub_list_.size());
        for (size_t i = 0; i < stub_list_.size(); i++) out_.uleb(first_stub() + i);
      }
    });
  }

  void data() {
    out_.uleb(content_.data.size());
    for (const PatchData& data : content_.data) {
      out_.uleb(1); // passive
      out_.uleb(data.size);
      out_.append(Bytes(content_.bytes).subspan(data.first, data.size));
    }
  }

  void names() {
    out_.name("name");
    out_.subsection(NameSubsection::Function, [&] {
      out_.uleb(content_.functions.size() + stub_list_.size());
      for (size_t i = 0; i < content_.functions.size(); i++) {
        out_.uleb(first_function() + i);
        out_.name(values_.names.function_text(content_.functions[i].function));
      }
      for (size_t i = 0; i < stub_list_.size(); i++) {
        out_.uleb(first_stub() + i);
        out_.name(stub_list_[i].name + ".live");
      }
    });
  }

  // For who applies the patch, and wants to say why a program refuses it.
  void states() {
    out_.name("weld.live");
    for (const uint64_t state : {patch_.before, patch_.after}) {
      out_.u32_le(static_cast<uint32_t>(state));
      out_.u32_le(static_cast<uint32_t>(state >> 32));
    }
  }

  struct Filled {
    uint32_t slot, function;
  };
  // What goes into the table, by slot.
  Vector<Filled> fill_slots() const {
    Vector<Filled> slots;
    for (uint32_t i = 0; i < content_.imports.size(); i++) slots.push_back({content_.imports[i].slot, i});
    for (uint32_t i = 0; i < content_.functions.size(); i++)
      slots.push_back({values_.slot[content_.functions[i].function], first_function() + i});
    sort_stably(slots, [](const Filled& a, const Filled& b) { return a.slot < b.slot; });
    return slots;
  }

  const Link& link_;
  const LiveValues& values_;
  const PatchContent& content_;
  LivePatch& patch_;
  ByteBuffer module_, out_, code_;
  const Vector<Filled> slots_ = fill_slots();
  bool keeps_types_ = true; // types are those that the patch needs, in the order of their first use; else all
  SignatureId start_type_;
  std::map<uint32_t, uint32_t> types_;
  std::vector<SignatureId> type_list_;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> stubs_; // slot, type -> row
  std::vector<Stub> stub_list_;
  std::map<uint32_t, uint32_t> globals_, tags_, tables_; // number of the program's export -> row
  std::vector<std::pair<uint32_t, GlobalType>> global_list_;
  std::vector<std::pair<uint32_t, SignatureId>> tag_list_;
  std::vector<std::pair<uint32_t, TableType>> table_list_;
  std::map<uint64_t, uint32_t> holders_;
  std::vector<uint64_t> holder_list_;
};

} // namespace

void write_patch(const Link& link, const LiveValues& values, const PatchContent& content, LivePatch& patch) {
  PatchWriter(link, values, content, patch).run();
}

} // namespace weld
