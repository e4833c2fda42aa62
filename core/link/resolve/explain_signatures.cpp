#include "core/link/resolve/explain_signatures.h"

#include "core/link/resolve/source_lines.h"
#include "core/wasm/type_text.h"

namespace weld {

namespace {

// What differs, from the point of view of somebody who wrote C, C++ or Rust.
void say_likely_cause(Diagnostic& d, SignatureParts called, SignatureParts defined) {
  if (called.params.size() != defined.params.size()) {
    if (called.params.empty())
      d.note("the caller sees no parameters: an `int f()` without a prototype, or no declaration at all? "
             "Include the "
             "header that declares it");
    else
      d.note("the numbers of parameters differ, $0 and $1: a declaration that is out of date?",
             {uint64_t{called.params.size()}, uint64_t{defined.params.size()}});
    return;
  }
  if (called.results.size() != defined.results.size()) {
    d.note(called.results.empty()
               ? "the caller sees a function that returns nothing (`void`)"
               : "the caller expects a result of a function that returns nothing (`void`)");
    return;
  }
  for (size_t i = 0; i <= called.params.size(); i++) {
    const bool is_result = i == called.params.size();
    if (is_result && called.results.empty()) return;
    auto a = static_cast<ValueType>(is_result ? called.results[0] : called.params[i]);
    auto b = static_cast<ValueType>(is_result ? defined.results[0] : defined.params[i]);
    if (a == b) continue;
    auto either = [&](ValueType type) { return a == type || b == type; };
    d.note(is_result ? "the result is $1 to the caller and $2 in fact$3"
                     : "parameter $0 is $1 to the caller and $2 in fact$3",
           {uint64_t{i + 1}, value_type_text(a), value_type_text(b),
            either(ValueType::I32) && either(ValueType::I64)
                ? ": `long`, `size_t` and pointers have 32 bits in wasm32, `off_t`, `time_t` and `long long` "
                  "have 64"
            : either(ValueType::F32) && either(ValueType::F64)
                ? ": without a prototype C passes a `float` as a `double`"
                : ""});
    return;
  }
}

} // namespace

void explain_signatures(const Resolved& link, SymbolId called, SymbolId other, bool is_defined, Diagnostic& d) {
  // Callers, by a look at all code that can name the function.
  constexpr uint32_t most = 4;
  uint32_t callers = 0;
  SourceLines lines;
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    bool names_it = false;
    for (uint32_t i = 0; i < o.object.symbols().size(); i++) names_it |= link.bound[o.symbol(i)] == called;
    if (!names_it) continue;
    auto functions = o.object.functions();
    for (uint32_t f = 0; f < functions.size(); f++)
      for (const RelocRow& reloc : o.relocs(functions[f])) {
        if (traits(reloc.reloc_type()).target != RelocTarget::Function ||
            link.bound[o.symbol(reloc.index)] != called)
          continue;
        if (callers++ < most) d.note_at(place_in_code(link, id, f, reloc, lines), "called here");
        break;
      }
  }
  if (callers > most) d.note("and by $0 more", {callers - most});

  auto parts = [&](SymbolId id) { return signature_parts(link.store.signatures, link.symbols[id].signature); };
  say_likely_cause(d, parts(called), parts(other));
  d.note(is_defined ? "such a call traps when it is reached; make the declarations agree"
                    : "nothing defines it, so either could be meant: declare it the same way everywhere");
}

} // namespace weld
