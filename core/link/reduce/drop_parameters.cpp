// -Oz: parameters that no code reads are left out, with what callers compute for them. A sized `operator
// delete` that ignores the size is called in every destructor of a string or vector.
//
// Only the last parameters go: those before keep their numbers, and so do locals, because one of the same
// type takes the parameter's place. All calls of the function must be known: it has no table slot, is not
// exported, and everything that refers to it is a call in code that could be decoded. An argument that does
// something besides being computed is computed still, and dropped.
#include "core/base/reader.h"
#include "core/base/sort.h"
#include "core/link/reduce/reduction.h"
#include "core/wasm/instructions.h"
#include "core/wasm/type_text.h"

#include <algorithm>

namespace weld {

namespace {

// Bytes [begin, end) of an object that compute one operand.
struct Operand {
  uint32_t begin = 0, end = 0;
  bool is_pure = false; // they do nothing else, and may go
};

// So many fit into an edit, as declared locals or as `drop`s.
constexpr uint32_t max_dropped = 12;

struct Call {
  FunctionId callee;
  uint32_t caller; // in functions_
  uint32_t at;     // the instruction, in the object
  uint32_t first;  // of its operands in arguments_
};

// Where a function reads or writes one of its parameters.
struct Mention {
  uint32_t at;
  uint32_t parameter;
};

struct Function {
  LinkObjectId object;
  FunctionId id;
  uint32_t first_mention = 0, mentions = 0; // in mentions_
  uint32_t first_edit = 0;
};

// Follows the operand stack through one function.
class StackWalker {
public:
  StackWalker(Vector<Operand>& stack) : stack_(stack) {}

  void enter(uint32_t results) { blocks_.push_back({stack_.size(), results, false}); }
  bool is_open() const { return !blocks_.empty(); }
  // False when the code is not valid.
  bool leave(uint32_t at) {
    Block block = blocks_.back();
    blocks_.pop_back();
    if (stack_.size() < block.height) return false;
    stack_.resize(block.height);
    for (uint32_t i = 0; i < block.results; i++) stack_.push_back({at, at, false});
    return true;
  }
  bool otherwise() {
    if (blocks_.size() < 2 || stack_.size() < blocks_.back().height) return false;
    stack_.resize(blocks_.back().height);
    blocks_.back().is_dead = false;
    return true;
  }
  // What follows is not reached: it finds any operand that it wants.
  void die() {
    stack_.resize(blocks_.back().height);
    blocks_.back().is_dead = true;
  }
  // The operands of an instruction at `begin`, first to last; false when there are too few.
  bool pop(uint32_t count, uint32_t begin, Vector<Operand>& operands) {
    operands.clear();
    size_t there = std::min<size_t>(count, stack_.size() - blocks_.back().height);
    if (there < count && !blocks_.back().is_dead) return false;
    operands.assign(count - there, {begin, begin, false});
    operands.append(stack_.end() - static_cast<std::ptrdiff_t>(there), stack_.end());
    stack_.truncate(stack_.size() - there);
    return true;
  }
  void push(Operand operand) { stack_.push_back(operand); }

private:
  struct Block {
    size_t height;
    uint32_t results;
    bool is_dead;
  };
  Vector<Operand>& stack_;
  Vector<Block> blocks_;
};

class ParameterDropper {
public:
  ParameterDropper(const Scanned& link, Reduction& reduction)
      : link_(link), reduction_(reduction), fixed_(link.functions_total), dropped_(link.functions_total),
        number_of_(link.functions_total, none32) {}

  void run() {
    fix_known();
    for (uint32_t i = 0; i < link_.objects.size(); i++) read_object(LinkObjectId(i));
    sort_stably(calls_, [](const Call& a, const Call& b) { return a.callee.row < b.callee.row; });
    while (drop_once()) {
    }
    edit();
  }

private:
  const LinkObject& object_of(const Function& f) const { return link_.objects[f.object]; }
  const FunctionRow& row_of(const Function& f) const {
    return object_of(f).object.functions()[object_of(f).function.local(f.id)];
  }
  SignatureId signature_of(const Function& f) const { return row_of(f).signature; }
  SignatureParts parts_of(SignatureId id) const { return signature_parts(link_.store.signatures, id); }
  void fix(FunctionEntity function) {
    if (!function.is_none() && !function.is_synthetic()) fixed_[function.id()] = true;
  }

  // Functions that others call than code does, or that may be called through the table.
  void fix_known() {
    for (FunctionId id(0); id.row < fixed_.size(); id.row++)
      fixed_[id] = static_cast<bool>(link_.function_slot[id]);
    for (uint32_t row = 0; row < link_.symbols.size(); row++) {
      const SymbolId id(row);
      const Symbol& s = link_.symbols[id];
      if (s.kind == SymbolKind::Function && s.state == SymbolState::Defined &&
          (link_.is_exported(id) || link_.needs(id).has_internal_got))
        fix(s.function());
    }
    // The linker's own functions call these.
    for (SymbolId id : {link_.entry, link_.call_dtors, link_.known.set_tls_base, link_.known.get_tls_base})
      if (id) fix(FunctionEntity(link_.symbols[id].entity));
    for (LinkObjectId id : link_.object_order) {
      const LinkObject& o = link_.objects[id];
      for (const InitFunctionRow& init : o.object.init_functions()) fix(link_.function_of(o, init.symbol));
      auto functions = o.object.functions();
      for (uint32_t i = 0; i < functions.size(); i++)
        if (functions[i].export_name) fixed_[o.function(i)] = true;
      for (const GlobalRow& row : o.object.globals())
        for (const RelocRow& reloc : o.relocs(row.relocs)) fix_target(o, reloc);
      for (const TableRow& row : o.object.tables())
        for (const RelocRow& reloc : o.relocs(row.relocs)) fix_target(o, reloc);
    }
    link_.for_each_segment([&](LinkObjectId, const LinkObject& o, SegmentId, const SegmentRow& row) {
      for (const RelocRow& reloc : o.relocs(row.relocs)) fix_target(o, reloc);
    });
  }
  void fix_target(const LinkObject& o, const RelocRow& reloc) {
    if (reloc.reloc_type() != RelocType::TYPE_INDEX_LEB) fix(link_.function_of(o, reloc.index));
  }

  void read_object(LinkObjectId id) {
    const LinkObject& o = link_.objects[id];
    auto functions = o.object.functions();
    for (uint32_t i = 0; i < functions.size(); i++) {
      const FunctionId function = o.function(i);
      if (!link_.function_live[function]) continue;
      number_of_[function] = static_cast<uint32_t>(functions_.size());
      functions_.push_back({id, function, static_cast<uint32_t>(mentions_.size())});
      size_t calls = calls_.size(), arguments = arguments_.size();
      if (o.unit || !read_function(functions_.back())) {
        calls_.resize(calls);
        arguments_.resize(arguments);
        mentions_.resize(functions_.back().first_mention);
        fixed_[function] = true; // and what it reads of its own is not known either
        for (const RelocRow& reloc : o.relocs(functions[i])) fix_target(o, reloc);
      }
      functions_.back().mentions = static_cast<uint32_t>(mentions_.size()) - functions_.back().first_mention;
    }
  }

  // Where the instructions begin; 0 when the declarations of locals cannot be read.
  static size_t skip_locals(Bytes code) {
    ReadFailure failure;
    Reader reader(code, "function", failure);
    for (uint32_t groups = reader.count("locals", 2); groups; groups--) {
      reader.u32_leb("count of locals");
      reader.u8("type of locals");
    }
    return failure.happened ? 0 : static_cast<size_t>(reader.offset());
  }

  // The relocation of an instruction, if it has one.
  enum class Match : uint8_t { None, Found, Unknown };
  class RelocMatcher {
  public:
    RelocMatcher(const LinkObject& o, RelocRange relocs)
        : base_(o.object.header().code_offset), next_(relocs.begin()), end_(relocs.end()) {}
    // Of the next instruction. A second one is a table's number behind a type. One that is not inside an instruction
    // is not what the compiler meant: unknown. `each` gets them all.
    template <class Each>
    Match match(const Instruction& i, RelocRow& found, Each each) {
      Match result = Match::None;
      for (; next_ != end_; ++next_) {
        const uint32_t field = next_->offset + base_;
        if (field >= i.end) break;
        const uint32_t width = field_width(traits(next_->reloc_type()).field);
        if (field <= i.begin || field + width > i.end) return Match::Unknown;
        if (result == Match::None) found = *next_;
        result = Match::Found;
        each(*next_);
      }
      return result;
    }

  private:
    uint32_t base_;
    RelocRange::Iterator next_, end_;
  };

  // Collects the function's calls and what it does with its parameters. False: it has something unknown.
  bool read_function(const Function& f) {
    const LinkObject& o = object_of(f);
    const FunctionRow& row = row_of(f);
    Bytes code = o.bytes.first(row.offset + row.size);
    size_t at = row.offset + row.code_offset;
    size_t locals = skip_locals(code.subspan(at));
    if (!locals) return false;
    at += locals;
    const size_t params = parts_of(row.signature).params.size();
    RelocMatcher relocs(o, o.relocs(row.relocs));

    stack_.clear();
    StackWalker walker(stack_);
    walker.enter(0); // its results are of no interest
    Instruction i;
    while (walker.is_open()) {
      if (!decode_instruction(code, at, i)) return false;
      at = i.end;
      RelocRow reloc{};
      const Match match = relocs.match(i, reloc, [&](const RelocRow& any) {
        if (i.opcode != opcode::call) fix_target(o, any);
      });
      if (match == Match::Unknown) return false;
      bool ok = true;
      if (step_control(walker, i, ok)) {
        if (!ok) return false;
        continue;
      }
      if (is_local(i.opcode) && i.index < params)
        mentions_.push_back({static_cast<uint32_t>(i.begin), static_cast<uint32_t>(i.index)});
      uint32_t pops = i.pops, pushes = i.pushes;
      if (is_call(i.opcode)) {
        SignatureParts called;
        if (match == Match::None || !called_signature(o, i.opcode, reloc, called)) return false;
        pops = static_cast<uint32_t>(called.params.size()) + (i.opcode == call_indirect);
        pushes = static_cast<uint32_t>(called.results.size());
      }
      if (!walker.pop(pops, static_cast<uint32_t>(i.begin), operands_)) return false;
      if (i.opcode == opcode::call) note_call(o, reloc, static_cast<uint32_t>(i.begin), operands_);
      push_results(walker, i, pushes);
    }
    return at == code.size();
  }

  static bool is_local(uint32_t op) {
    return op == opcode::local_get || op == opcode::local_set || op == opcode::local_tee;
  }
  static constexpr uint32_t call_indirect = 0x11;
  static bool is_call(uint32_t op) { return op == opcode::call || op == call_indirect; }

  // Whether the instruction begins or ends a block, or leaves one. `ok`: whether the code is valid there.
  bool step_control(StackWalker& walker, const Instruction& i, bool& ok) {
    switch (i.opcode) {
    case opcode::unreachable:
    case opcode::br:
    case 0x0f: // return
    case opcode::br_table: walker.die(); return true;
    case 0x04: // if
      ok = walker.pop(1, static_cast<uint32_t>(i.begin), operands_);
      [[fallthrough]];
    case opcode::block:
    case 0x03: // loop
      walker.enter(i.index == opcode::no_result ? 0 : 1);
      return true;
    case 0x05: // else
      ok = walker.otherwise();
      return true;
    case opcode::end: ok = walker.leave(static_cast<uint32_t>(i.end)); return true;
    default: return false;
    }
  }

  // What the instruction makes of operands_.
  void push_results(StackWalker& walker, const Instruction& i, uint32_t count) {
    const auto begin = static_cast<uint32_t>(i.begin);
    uint32_t expected = operands_.empty() ? begin : operands_[0].begin;
    Operand result{expected, static_cast<uint32_t>(i.end), i.is_pure};
    // Something between the operands that is no part of them would go with them.
    for (const Operand& operand : operands_) {
      result.is_pure = result.is_pure && operand.is_pure && operand.begin == expected;
      expected = operand.end;
    }
    result.is_pure = result.is_pure && expected == begin;
    for (uint32_t k = 0; k < count; k++) walker.push(result);
  }

  bool called_signature(const LinkObject& o, uint32_t op, const RelocRow& reloc, SignatureParts& parts) const {
    if (op == call_indirect) {
      if (reloc.reloc_type() != RelocType::TYPE_INDEX_LEB) return false;
      parts = parts_of(o.object.types()[reloc.index]);
      return true;
    }
    if (reloc.reloc_type() != RelocType::FUNCTION_INDEX_LEB) return false;
    SignatureId signature;
    if (SymbolId id = link_.bound[o.symbol(reloc.index)]) {
      signature = link_.symbols[id].signature;
    } else {
      const SymbolRow& row = o.object.symbols()[reloc.index];
      signature = row.is_undefined() ? o.object.imports()[row.element].signature
                                     : o.object.functions()[row.element].signature;
    }
    if (!signature) return false;
    parts = parts_of(signature);
    return true;
  }

  void note_call(const LinkObject& o, const RelocRow& reloc, uint32_t at, const Vector<Operand>& operands) {
    FunctionEntity function = link_.function_of(o, reloc.index);
    if (function.is_none() || function.is_synthetic()) return;
    calls_.push_back({function.id(), static_cast<uint32_t>(functions_.size() - 1), at,
                      static_cast<uint32_t>(arguments_.size())});
    arguments_.append(operands);
    // Something between an operand and the next may use it: a branch can take it along.
    uint32_t expected = at;
    for (size_t i = arguments_.size(); i-- > arguments_.size() - operands.size();) {
      arguments_[i].is_pure &= arguments_[i].end == expected;
      expected = arguments_[i].begin;
    }
  }

  std::span<const Call> calls_of(FunctionId callee) const {
    auto first = std::lower_bound(calls_.begin(), calls_.end(), callee,
                                  [](const Call& c, FunctionId id) { return c.callee.row < id.row; });
    auto last = first;
    while (last != calls_.end() && last->callee == callee) ++last;
    return std::span(calls_).subspan(static_cast<size_t>(first - calls_.begin()),
                                     static_cast<size_t>(last - first));
  }

  bool is_mentioned(const Function& f, uint32_t parameter) const {
    for (uint32_t i = 0; i < f.mentions; i++)
      if (mentions_[f.first_mention + i].parameter == parameter) return true;
    return false;
  }

  // Takes the last parameter that is left of each function that does not read it, where that saves bytes.
  bool drop_once() {
    bool any = false;
    for (const Function& f : functions_) {
      if (fixed_[f.id]) continue;
      auto count = static_cast<uint32_t>(parts_of(signature_of(f)).params.size());
      if (dropped_[f.id] == std::min(count, max_dropped)) continue;
      uint32_t parameter = count - dropped_[f.id] - 1;
      if (is_mentioned(f, parameter)) continue;
      std::span<const Call> calls = calls_of(f.id);
      int64_t saved = -2; // a local in its place
      for (const Call& call : calls) {
        const Operand& argument = arguments_[call.first + parameter];
        saved += argument.is_pure ? static_cast<int64_t>(argument.end - argument.begin) : -1;
      }
      if (saved <= 0) continue;
      dropped_[f.id]++;
      any = true;
      for (const Call& call : calls)
        if (const Operand& argument = arguments_[call.first + parameter]; argument.is_pure)
          forget_mentions(functions_[call.caller], argument);
    }
    return any;
  }

  // What was read for an argument that is gone is read no more.
  void forget_mentions(const Function& f, const Operand& argument) {
    for (uint32_t i = f.first_mention; i < f.first_mention + f.mentions; i++)
      if (mentions_[i].at >= argument.begin && mentions_[i].at < argument.end)
        mentions_[i].parameter = none32;
  }

  void edit() {
    struct OwnedEdit {
      FunctionId function;
      CodeEdit edit;
    };
    Vector<OwnedEdit> edits;
    for (const Function& f : functions_) {
      if (!dropped_[f.id]) continue;
      set_signature(f);
      declare_locals(f, [&](const CodeEdit& edit) { edits.push_back({f.id, edit}); });
    }
    for (const Call& call : calls_) {
      uint32_t dropped = dropped_[call.callee];
      if (!dropped) continue;
      const FunctionId caller = functions_[call.caller].id;
      auto count =
          static_cast<uint32_t>(parts_of(signature_of(functions_[number_of_[call.callee]])).params.size());
      CodeEdit drops{call.at, call.at, 0, {}};
      for (uint32_t i = count - dropped; i < count; i++) {
        const Operand& argument = arguments_[call.first + i];
        if (argument.is_pure) edits.push_back({caller, {argument.begin, argument.end, 0, {}}});
        else drops.bytes[drops.size++] = opcode::drop;
      }
      if (drops.size) edits.push_back({caller, drops});
    }
    sort_stably(edits, [](const OwnedEdit& a, const OwnedEdit& b) {
      return a.function != b.function ? a.function.row < b.function.row : a.edit.begin < b.edit.begin;
    });
    if (edits.empty()) return;
    reduction_.function_edits.assign(link_.functions_total, {});
    for (const OwnedEdit& e : edits) {
      RowRange& range = reduction_.function_edits[e.function];
      if (!range.count) range.first = static_cast<uint32_t>(reduction_.code_edits.size());
      range.count++;
      reduction_.code_edits.push_back(e.edit);
    }
  }

  void set_signature(const Function& f) {
    const SignatureParts parts = parts_of(signature_of(f));
    Vector<ValueType> params, results;
    for (ValueType type : parts.params) params.push_back(type);
    for (ValueType type : parts.results) results.push_back(type);
    params.truncate(params.size() - dropped_[f.id]);
    if (reduction_.function_signature.empty()) reduction_.function_signature.resize(link_.functions_total);
    reduction_.function_signature[f.id] = intern_function(link_.store.signatures, params, results);
  }

  // Locals keep their numbers: others take the place of the parameters.
  template <class Add>
  void declare_locals(const Function& f, Add add) const {
    const LinkObject& o = object_of(f);
    const FunctionRow& row = row_of(f);
    uint32_t begin = row.offset + row.code_offset;
    const ValueTypes params = parts_of(row.signature).params;
    ReadFailure failure;
    Reader reader(o.bytes.subspan(begin, row.offset + row.size - begin), "function", failure);
    uint32_t groups = reader.u32_leb("locals");
    if (!groups) return; // nothing comes after the parameters
    uint32_t dropped = dropped_[f.id];
    CodeEdit edit{begin, begin + static_cast<uint32_t>(reader.offset()), 0, {}};
    uint8_t* p = write_uleb(edit.bytes.data(), groups + dropped);
    for (uint32_t i = 0; i < dropped; i++) {
      *p++ = 1;
      *p++ = static_cast<uint8_t>(params[params.size() - dropped + i]); // of objects, a byte each
    }
    edit.size = static_cast<uint8_t>(p - edit.bytes.data());
    add(edit);
  }

  const Scanned& link_;
  Reduction& reduction_;
  Vector<Function> functions_; // live ones
  Vector<Call> calls_;         // of functions of objects; by callee after reading
  Vector<Operand> arguments_;  // of calls_
  Vector<Mention> mentions_;
  Vector<Operand> stack_, operands_;       // of the function that is read
  Column<FunctionId, bool> fixed_;         // it must keep its parameters
  Column<FunctionId, uint32_t> dropped_;   // how many of the last parameters go
  Column<FunctionId, uint32_t> number_of_; // in functions_
};

} // namespace

void drop_parameters(const Scanned& link, Reduction& reduction) {
  ParameterDropper(link, reduction).run();
}

} // namespace weld
