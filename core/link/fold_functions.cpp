// --icf: functions that do the same become one. Templates and inline functions make many of them.
//
// Two functions are equal when their signatures, bytes and relocations are, where a call of one function
// counts as a call of another when those are equal in turn. All are taken for equal at first that look so
// without the functions they call, and classes are split until none changes: so functions that call
// themselves or each other in circles fold as well.
//
// The address of a function is its table slot. Each keeps its own, so that addresses that were distinct stay
// so, whatever is folded.
#include "core/link/reloc_value.h"

#include <algorithm>

namespace weld {

namespace {

class Folder {
public:
  explicit Folder(Link& link) : link_(link), class_of_(link.function_state.size(), none32) {
    for (uint32_t row = 0; row < link.objects.size(); row++) {
      LinkObjectId id(row);
      const LinkObject& o = link.objects[id];
      auto count = static_cast<uint32_t>(o.object.functions().size());
      for (uint32_t i = 0; i < count; i++)
        if (link.function_state[o.functions + i] & entity_state::live) functions_.push_back({id, i, 0});
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
    uint32_t function;
    uint64_t key;
  };

  static uint64_t mix(uint64_t a, uint64_t b) {
    a = (a ^ b) * 0x9e3779b97f4a7c15;
    return a ^ (a >> 29);
  }

  const FunctionRow& row_of(const Candidate& f) const {
    return link_.objects[f.object].object.functions()[f.function];
  }
  uint32_t& class_of(const Candidate& f) { return class_of_[link_.objects[f.object].functions + f.function]; }

  // What a relocation refers to, but for functions that are candidates themselves.
  static bool is_call(const RelocRow& reloc) {
    return traits(reloc.reloc_type()).target == RelocTarget::Function;
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
    case RelocTarget::TableSlotRel:
      return reloc_value(link_, object, reloc, symbol_value(link_, object, reloc.index), 0, 0);
    default:
      bound = link_.bound[o.symbols + reloc.index];
      return bound ? bound.row : uint64_t{1} << 32 | (o.symbols + reloc.index);
    }
  }
  // The class of the function that is called; what is no candidate is a class of its own.
  uint64_t callee(LinkObjectId object, const RelocRow& reloc) const {
    const LinkObject& o = link_.objects[object];
    EntityRef function = link_.function_of(o, reloc.index);
    if (function.is_none()) return uint64_t{1} << 33 | link_.bound[o.symbols + reloc.index].row;
    if (function.is_synthetic()) return uint64_t{1} << 34 | function.row();
    uint32_t known = class_of_[function.row()];
    return known == none32 ? uint64_t{1} << 35 | function.row() : known;
  }

  template <class Run, class Field>
  void walk(const Candidate& f, Run run, Field field) const {
    walk_function(link_.objects[f.object], row_of(f), MirForm::Final, run, field);
  }

  uint64_t content_key(const Candidate& f) const {
    uint64_t key = row_of(f).signature.row;
    walk(
        f, [&](Bytes run) { key = mix(key, hash_bytes(run)); },
        [&](const RelocRow& reloc) {
          key = mix(key, reloc.type);
          if (!is_call(reloc)) key = mix(key, target(f.object, reloc));
        });
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
    std::vector<uint32_t> order(functions_.size());
    for (uint32_t i = 0; i < order.size(); i++) order[i] = i;
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      uint64_t x = functions_[a].key, y = functions_[b].key;
      return x != y ? x < y : a < b;
    });
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
  bool equal(const Candidate& a, const Candidate& b) const {
    const FunctionRow &x = row_of(a), &y = row_of(b);
    if (x.signature != y.signature || x.size - x.code_offset != y.size - y.code_offset ||
        x.relocs.count != y.relocs.count)
      return false;
    CodeRefs left = link_.objects[a.object].relocs(x), right = link_.objects[b.object].relocs(y);
    auto other = right.begin();
    for (const RelocRow& l : left) {
      if (other == right.end()) return false;
      const RelocRow& r = *other;
      if (l.type != r.type) return false;
      if (is_call(l) ? callee(a.object, l) != callee(b.object, r)
                     : target(a.object, l) != target(b.object, r))
        return false;
      ++other;
    }
    if (other != right.end()) return false;
    return bytes_of(a) == bytes_of(b);
  }

  // Its bytes but for the fields, and where these are.
  std::vector<uint8_t> bytes_of(const Candidate& f) const {
    ByteBuffer bytes;
    walk(
        f, [&](Bytes run) { bytes.append(run); },
        [&](const RelocRow&) { bytes.u32_le(static_cast<uint32_t>(bytes.size())); });
    return {bytes.from(0).begin(), bytes.from(0).end()};
  }

  void fold() {
    std::vector<std::pair<uint32_t, uint32_t>> folded; // row, the row that it becomes
    for (uint32_t i = 0; i < functions_.size(); i++) {
      uint32_t first = class_of(functions_[i]);
      if (first == i) continue;
      if (!equal(functions_[i], functions_[first])) return; // two contents of one hash: nothing is folded
      const Candidate& f = functions_[first];
      folded.push_back({link_.objects[functions_[i].object].functions + functions_[i].function,
                        link_.objects[f.object].functions + f.function});
    }
    link_.folded_into.assign(link_.function_state.size(), none32);
    for (auto [row, into] : folded) link_.folded_into[row] = into;
  }

  Link& link_;
  std::vector<Candidate> functions_; // live ones, in the order of objects
  std::vector<uint32_t> class_of_;   // function, numbered through -> the number of the first of its class
  size_t class_count_ = 0;
};

} // namespace

void fold_functions(Link& link) {
  if (link.options.fold_functions) Folder(link).run();
}

} // namespace weld
