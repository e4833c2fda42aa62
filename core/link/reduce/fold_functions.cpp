// --icf: functions that do the same become one. Templates and inline functions make many of them.
//
// Two functions are equal when their signatures, bytes and relocations are, where a call of one function
// counts as a call of another when those are equal in turn. All are taken for equal at first that look so
// without the functions they call, and classes are split until none changes: so functions that call
// themselves or each other in circles fold as well.
//
// The address of a function is its table slot. With --icf=safe each keeps its own, so that addresses that
// were distinct stay so, whatever is folded; with --icf=all equal functions share one.
#include "core/base/sort.h"
#include "core/link/reduce/walk_code.h"
#include "core/link/scan/reloc_address.h"
#include "core/wasm/type_text.h"

namespace weld {

namespace {

class Folder {
public:
  Folder(const Reduced& link, Reduction& reduction, Needs& needs)
      : link_(link), reduction_(reduction), needs_(needs), class_of_(link.functions_total, none32) {
    for (uint32_t row = 0; row < link.objects.size(); row++) {
      LinkObjectId id(row);
      const LinkObject& o = link.objects[id];
      auto count = static_cast<uint32_t>(o.object.functions().size());
      for (uint32_t i = 0; i < count; i++)
        if (link.function_live[o.function(i)]) functions_.push_back({id, o.function(i), 0});
    }
  }

  void run() {
    for (Candidate& f : functions_) f.key = content_key(f);
    size_t classes = 0;
    while (classes < divide()) {
      classes = class_count_;
      for (Candidate& f : functions_) f.key = mix(class_of(f), callees_key(f));
    }
    fold();
  }

private:
  struct Candidate {
    LinkObjectId object;
    FunctionId id;
    uint64_t key;
  };

  static uint64_t mix(uint64_t a, uint64_t b) {
    a = (a ^ b) * 0x9e3779b97f4a7c15;
    return a ^ (a >> 29);
  }

  const FunctionRow& row_of(const Candidate& f) const {
    const LinkObject& o = link_.objects[f.object];
    return o.object.functions()[o.function.local(f.id)];
  }
  uint32_t& class_of(const Candidate& f) { return class_of_[f.id]; }

  // Whether a relocation refers to a function as far as that one's class. What others refer to is `target`.
  bool is_call(const RelocRow& reloc) const {
    RelocTarget target = traits(reloc.reloc_type()).target;
    return target == RelocTarget::Function || (target == RelocTarget::TableSlot && link_.options.fold_all);
  }
  uint64_t target(LinkObjectId object, const RelocRow& reloc) const {
    const LinkObject& o = link_.objects[object];
    SymbolId bound;
    switch (traits(reloc.reloc_type()).target) {
    case RelocTarget::Type: return o.object.types()[reloc.index].row;
    case RelocTarget::Address:
    case RelocTarget::AddressRel:
    case RelocTarget::TlsOffset:
    case RelocTarget::TableSlot:
    case RelocTarget::TableSlotRel: {
      const SymbolValue symbol = symbol_address(link_, o, reloc.index);
      return symbol.is_live ? reloc_address(link_, reloc, symbol, 0) : static_cast<uint64_t>(reloc.addend);
    }
    default:
      bound = link_.bound[o.symbol(reloc.index)];
      return bound ? bound.row : uint64_t{1} << 32 | o.symbol(reloc.index).row;
    }
  }
  // The function of this output that is called; none: an import, which is also a weak definition that a loader may
  // override.
  FunctionEntity called(const LinkObject& o, const RelocRow& reloc) const {
    const SymbolId id = link_.bound[o.symbol(reloc.index)];
    return id && link_.needs(id).import_index != none32 ? FunctionEntity() : link_.function_of(o, reloc.index);
  }
  // The class of the function that is called; what is no candidate is a class of its own.
  uint64_t callee(LinkObjectId object, const RelocRow& reloc) const {
    const LinkObject& o = link_.objects[object];
    FunctionEntity function = called(o, reloc);
    if (function.is_none()) return uint64_t{1} << 33 | link_.bound[o.symbol(reloc.index)].row;
    if (function.is_synthetic()) return uint64_t{1} << 34 | function.synthetic().row;
    uint32_t known = class_of_[function.id()];
    return known == none32 ? uint64_t{1} << 35 | function.id().row : known;
  }

  // The bytes between relocated fields, joined, and where the fields are.
  struct Field {
    size_t at;
    RelocRow reloc;
  };
  struct Content {
    Vector<uint8_t> bytes;
    Vector<Field> fields;
  };
  void read(const Candidate& f, Content& content) const {
    content.bytes.clear();
    content.fields.clear();
    walk_code(
        link_, f.object, f.id, MirForm::Final, [&](Bytes run) { content.bytes.append(run); },
        [&](const RelocRow& reloc) {
          content.fields.push_back({content.bytes.size(), reloc});
        });
  }
  SignatureId signature_of(const Candidate& f) const {
    return link_.signature_of(link_.objects[f.object], f.id);
  }

  uint64_t content_key(const Candidate& f) {
    read(f, left_);
    uint64_t key = mix(signature_of(f).row, hash_bytes(left_.bytes));
    for (const Field& field : left_.fields) {
      key = mix(key, uint64_t{field.at} << 8 | field.reloc.type);
      if (!is_call(field.reloc)) key = mix(key, target(f.object, field.reloc));
    }
    return key;
  }
  uint64_t callees_key(const Candidate& f) const {
    uint64_t key = 0;
    for (const RelocRow& reloc : link_.objects[f.object].relocs(row_of(f)))
      if (is_call(reloc)) key = mix(key, callee(f.object, reloc));
    return key;
  }

  // Gives functions of one key one class, in the order of their first; says how many there are.
  size_t divide() {
    const Vector<uint32_t> order = sorted_order(
        functions_.size(), [&](uint32_t a, uint32_t b) { return functions_[a].key < functions_[b].key; });
    class_count_ = 0;
    for (size_t i = 0; i < order.size(); i++) {
      bool is_new = i == 0 || functions_[order[i]].key != functions_[order[i - 1]].key;
      if (is_new) class_count_++;
      // The class is named by the number of its first member.
      class_of(functions_[order[i]]) = is_new ? order[i] : class_of(functions_[order[i - 1]]);
    }
    return class_count_;
  }

  // Keys are hashes, so equality is checked once more, now that classes are known.
  bool equal(const Candidate& a, const Candidate& b) {
    if (signature_of(a) != signature_of(b)) return false;
    read(a, left_);
    read(b, right_);
    if (left_.bytes != right_.bytes || left_.fields.size() != right_.fields.size()) return false;
    for (size_t i = 0; i < left_.fields.size(); i++) {
      const RelocRow &l = left_.fields[i].reloc, &r = right_.fields[i].reloc;
      if (left_.fields[i].at != right_.fields[i].at || l.type != r.type) return false;
      if (is_call(l) ? callee(a.object, l) != callee(b.object, r) : target(a.object, l) != target(b.object, r))
        return false;
    }
    return true;
  }

  void fold() {
    std::vector<std::pair<FunctionId, FunctionId>> folded; // a function, and the one that it becomes
    for (uint32_t i = 0; i < functions_.size(); i++) {
      uint32_t first = class_of(functions_[i]);
      if (first == i) continue;
      if (!equal(functions_[i], functions_[first])) return; // two contents of one hash: nothing is folded
      folded.push_back({functions_[i].id, functions_[first].id});
    }
    reduction_.folded_into.assign(link_.functions_total, {});
    for (auto [id, into] : folded) reduction_.folded_into[id] = into;
    if (link_.options.optimize_size) forward();
    if (link_.options.fold_all) share_slots();
  }

  // The function that this one calls with its own parameters, doing nothing else; none when it does more.
  FunctionId forwards_to(const Candidate& f) {
    const LinkObject& o = link_.objects[f.object];
    SignatureId signature = signature_of(f);
    auto params = static_cast<uint32_t>(signature_parts(link_.store.signatures, signature).params.size());
    read(f, left_);
    if (left_.fields.size() != 1 || !is_call(left_.fields[0].reloc)) return {};
    ByteBuffer expected;
    expected.u8(0); // no locals
    for (uint32_t i = 0; i < params; i++) {
      expected.u8(opcode::local_get);
      expected.uleb(i);
    }
    expected.u8(opcode::call);
    size_t field = expected.size();
    expected.u8(opcode::end);
    if (left_.fields[0].at != field || Bytes(left_.bytes).size() != expected.size() ||
        std::memcmp(left_.bytes.data(), expected.data(), expected.size()) != 0)
      return {};
    FunctionEntity function = called(o, left_.fields[0].reloc);
    if (function.is_none() || function.is_synthetic()) return {};
    const FunctionId id = reduction_.folded_function(function.id());
    auto same = [&](const Candidate& c) { return c.id == id && signature_of(c) == signature; };
    uint32_t number = class_of_[id];
    return number != none32 && same(functions_[number]) ? id : FunctionId();
  }

  // A function that only calls another is that one to its callers.
  void forward() {
    auto& into = reduction_.folded_into;
    for (const Candidate& f : functions_) {
      if (into[f.id]) continue;
      FunctionId target = forwards_to(f);
      if (!target) continue;
      while (into[target]) target = into[target];
      if (target != f.id) into[f.id] = target; // else they call each other for ever
    }
    for (FunctionId& target : into)
      while (target && into[target]) target = into[target];
  }

  // Equal functions have one address, but for those whose address is that of an import.
  void share_slots() {
    Vector<bool> is_gone(needs_.table_functions.size());
    const auto base = static_cast<uint32_t>(link_.options.table_base);
    auto holds_import = [&](TableSlot slot) {
      return slot && needs_.table_functions[slot.value - base].is_none();
    };
    for (FunctionId id(0); id.row < reduction_.folded_into.size(); id.row++) {
      const FunctionId into = reduction_.folded_into[id];
      TableSlot& slot = needs_.function_slot[id];
      if (!into || !slot) continue;
      TableSlot& kept = needs_.function_slot[into];
      if (holds_import(slot) || holds_import(kept)) continue;
      if (!kept) {
        kept = slot;
        needs_.table_functions[slot.value - base] = into;
      } else if (kept != slot) {
        is_gone[slot.value - base] = true;
        slot = kept;
      }
    }
    Vector<TableSlot> new_slot(is_gone.size());
    uint32_t next = base;
    for (size_t i = 0; i < is_gone.size(); i++) {
      new_slot[i] = TableSlot(next);
      if (is_gone[i]) continue;
      needs_.table_functions[next - base] = needs_.table_functions[i];
      needs_.table_function_symbols[next - base] = needs_.table_function_symbols[i];
      next++;
    }
    uint64_t gone = needs_.table_functions.size() - (next - base);
    needs_.table_limits.minimum -= gone;
    if (needs_.table_limits.flags & limits_has_max) needs_.table_limits.maximum -= gone;
    needs_.table_functions.resize(next - base);
    needs_.table_function_symbols.resize(next - base);
    auto renumber = [&](TableSlot& slot) {
      if (slot && slot.value >= base) slot = new_slot[slot.value - base];
    };
    for (TableSlot& slot : needs_.function_slot) renumber(slot);
    for (TableSlot& slot : needs_.synthetic_function_slot) renumber(slot);
    for (SymbolNeeds& needs : needs_.of_symbol) renumber(needs.table_slot);
  }

  const Reduced& link_;
  Reduction& reduction_;
  Needs& needs_;
  Vector<Candidate> functions_;           // live ones, in the order of objects
  Column<FunctionId, uint32_t> class_of_; // the number of the first of its class; none32: no candidate
  size_t class_count_ = 0;
  Content left_, right_; // of functions that are looked at
};

} // namespace

void fold_functions(const Reduced& link, Reduction& reduction, Needs& needs) {
  Folder(link, reduction, needs).run();
}

} // namespace weld
