// What links, but will hardly do what was meant: calls that trap, an output that nobody can call, and an entry
// that cannot be called as hosts call it. Only for weld's own style: wasm-ld says nothing of it.
#include "core/link/explain/explain_undefined.h"
#include "core/link/resolve/source_lines.h"
#include "core/link/write/output.h"
#include "core/wasm/type_text.h"

namespace weld {

namespace {

bool is_main(std::string_view name) {
  return !other_main(name).empty();
}

// The first of some names, for a note.
struct NameList {
  std::string text;
  uint32_t count = 0;

  void add(const Link& link, SymbolId id) {
    constexpr uint32_t most = 6;
    if (count++ < most)
      text +=
          filled(count > 1 ? ", `$0`" : "`$0`", {display_name(link.name_of(id), link.options.demangling())});
    else if (count == most + 1) text += ", ...";
  }
};

// A call of a weak function that nothing defines traps. Usually code asks first whether it is there, so its
// address is taken nearby; where an object only calls it, nothing asks.
class WeakCalls {
public:
  explicit WeakCalls(const Link& link)
      : link_(link), is_trap_(link.symbols.size()), report_of_(link.symbols.size(), none32) {
    for (SymbolId id : link.weak_traps)
      if (link.is_live(id)) is_trap_[id.row] = any_ = true;
  }

  void run() {
    if (!any_) return;
    for (LinkObjectId id : link_.object_order) {
      const LinkObject& o = link_.objects[id];
      collect(o);
      if (!calls_.empty()) read(id, o);
    }
  }

private:
  // What an object does with a trap.
  struct Call {
    SymbolId symbol;
    RelocRow reloc;
    uint32_t function; // that calls it first; none32: none does
    bool is_asked_for; // its address is taken
  };
  struct Row {
    uint32_t row;  // of the object's symbols
    uint32_t call; // of calls_
  };

  bool is_trap(SymbolId id) const { return id && id.row < is_trap_.size() && is_trap_[id.row]; }

  void collect(const LinkObject& o) {
    calls_.clear();
    rows_.clear();
    for (uint32_t i = 0; i < o.object.symbols().size(); i++) {
      const SymbolId id = link_.bound[o.symbol(i)];
      if (!is_trap(id)) continue;
      uint32_t call = 0;
      while (call < calls_.size() && calls_[call].symbol != id) call++;
      if (call == calls_.size()) calls_.push_back({id, {}, none32, false});
      rows_.push_back({i, call});
    }
    not_asked_ = calls_.size();
  }

  template <class Refs>
  void read(const Refs& refs, uint32_t function) {
    for (const RelocRow& reloc : refs)
      for (const Row& row : rows_)
        if (row.row == reloc.index) note(calls_[row.call], reloc, function);
  }

  void note(Call& call, const RelocRow& reloc, uint32_t function) {
    const RelocTarget target = traits(reloc.reloc_type()).target;
    if (target == RelocTarget::Type) return; // its number is a type's
    if (target != RelocTarget::Function) {
      not_asked_ -= !call.is_asked_for;
      call.is_asked_for = true;
    } else if (call.function == none32) {
      call.function = function;
      call.reloc = reloc;
    }
  }

  void read(LinkObjectId id, const LinkObject& o) {
    auto functions = o.object.functions();
    for (uint32_t i = 0; i < functions.size() && not_asked_; i++)
      if (link_.function_live[o.function(i)]) read(o.relocs(functions[i]), i);
    for (const SegmentRow& segment : o.object.segments())
      if (not_asked_) read(o.relocs(segment.relocs), none32);
    for (const Call& call : calls_)
      if (call.function != none32 && !call.is_asked_for) report(id, call);
  }

  void report(LinkObjectId id, const Call& call) {
    Location where = place_in_code(link_, id, call.function, call.reloc, lines_);
    uint32_t& row = report_of_[call.symbol.row];
    if (row != none32) {
      link_.diagnostics().row(row).note_at(where, "also called here");
      return;
    }
    const Symbol& s = link_.symbols[call.symbol];
    std::string_view name = link_.name_of(call.symbol);
    auto before = static_cast<uint32_t>(link_.diagnostics().rows().size());
    Diagnostic& d =
        link_.diagnostics().report(DiagnosticId::weak_undefined_call, {Argument::symbol(name)}, where);
    if (s.input)
      d.note("a strong definition is in $0, but a weak reference does not link it: refer to it strongly, or "
             "pass "
             "--undefined=$1",
             {link_.file_of(s), name});
    d.note(is_main(name) ? main_advice : "define it, or call it only if its address is not null");
    if (link_.diagnostics().rows().size() > before) row = before;
  }

  const Link& link_;
  Vector<bool> is_trap_;
  bool any_ = false;
  Vector<uint32_t> report_of_; // SymbolId -> row of its diagnostic, or none32
  // Of one object:
  Vector<Call> calls_;
  Vector<Row> rows_;     // symbols that mean a trap
  size_t not_asked_ = 0; // of calls_: nothing more is to be found when it is 0
  SourceLines lines_;
};

void check_exports(const Link& link) {
  const Options& o = link.options;
  if (o.relocatable || o.is_pic()) return;
  for (const Export& e : link.exports)
    if (e.kind != ExternalKind::Memory && e.kind != ExternalKind::Table) return;
  NameList candidates;
  SymbolId first;
  for (SymbolId id : link.symbol_order) {
    const Symbol& s = link.symbols[id];
    if (s.state == SymbolState::Defined && s.kind == SymbolKind::Function && s.object && !s.is_local() &&
        link.objects[s.object].member == none32) {
      if (!first) first = id;
      candidates.add(link, id);
    }
  }
  Diagnostic& d = link.diagnostics().report(DiagnosticId::nothing_exported);
  if (candidates.count) d.note("functions that could be exported: $0", {candidates.text});
  // An option that a note names can be given as it stands there.
  if (first)
    d.note("export what is to be called, with --export=$0, or in C with __attribute__((export_name(\"$0\")))",
           {link.name_of(first)});
  else
    d.note(
        "no object on the line defines a function; what an archive defines is linked when --export names it");
  if (o.entry->empty()) d.note("or leave out --no-entry, so that the program starts at `_start`");
}

// Hosts call the entry without arguments, and do not look at a result.
void check_entry(const Link& link) {
  if (!link.entry) return;
  const Symbol& s = link.symbols[link.entry];
  if (s.kind != SymbolKind::Function || !s.signature) return;
  const SignatureParts parts = signature_parts(link.store.signatures, s.signature);
  if (parts.params.empty() && parts.results.empty()) return;

  Location where = s.input ? link.store.location_of(s.input, s.member) : link.location_of(s.object);
  if (s.object && s.state == SymbolState::Defined)
    where.source = SourceLines(link, s.object).find(link.objects[s.object].object.symbols()[s.row].element, 0);
  std::string_view name = link.name_of(link.entry);
  Diagnostic& d = link.diagnostics().report(
      DiagnosticId::entry_signature,
      {Argument::symbol(name), signature_text(link.store.signatures, s.signature)}, where);
  if (is_main(name)) {
    d.note(
        "leave out --entry, and link crt1-command.o and the C library: their `_start` calls `main` with the "
        "program's arguments, and makes its result the exit code");
    return;
  }
  d.note(s.object && link.objects[s.object].unit
             ? "declare it without parameters and without results"
             : "declare it without parameters and without a result, in C `void f(void)`");
  d.note("a function that is called with arguments is not an entry: export it, with --no-entry --export=$0",
         {name});
}

// That the entry runs constructors is what a command is; another export runs them again on each call. rustc
// exports `main` of every command, besides the entry that calls it: nobody calls it from without.
void check_wrapped(const Link& link) {
  NameList names;
  for (SymbolId id : link.wrapped_exports)
    if (id != link.entry && !(link.entry && link.name_of(id) == "main")) names.add(link, id);
  if (!names.count) return;
  link.diagnostics()
      .report(DiagnosticId::exports_wrapped, {names.count})
      .note("they are $0", {names.text})
      .note("a program whose exports are called many times is a reactor: link crt1-reactor.o with "
            "--entry=_initialize "
            "(clang: -mexec-model=reactor), or export __wasm_call_ctors and call it once");
}

} // namespace

void check_output(const Link& link) {
  const Diagnostics& diagnostics = link.diagnostics();
  if (diagnostics.is_heard(DiagnosticId::weak_undefined_call)) WeakCalls(link).run();
  if (diagnostics.is_heard(DiagnosticId::nothing_exported)) check_exports(link);
  if (diagnostics.is_heard(DiagnosticId::entry_signature)) check_entry(link);
  if (diagnostics.is_heard(DiagnosticId::exports_wrapped)) check_wrapped(link);
}

} // namespace weld
