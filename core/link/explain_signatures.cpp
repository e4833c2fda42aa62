#include "core/link/explain_signatures.h"

#include "core/link/source_lines.h"
#include "core/wasm/type_text.h"

namespace weld {

namespace {

// What differs, from the point of view of somebody who wrote C, C++ or Rust.
std::string likely_cause(SignatureParts called, SignatureParts defined) {
  auto type = [](uint8_t t) { return std::string(value_type_text(static_cast<ValueType>(t))); };
  if (called.params.size() != defined.params.size()) {
    if (called.params.empty())
      return "the caller sees no parameters: an `int f()` without a prototype, or no declaration at all? Include the "
             "header that declares it";
    return "the numbers of parameters differ, " + std::to_string(called.params.size()) + " and " +
           std::to_string(defined.params.size()) + ": a declaration that is out of date?";
  }
  if (called.results.size() != defined.results.size())
    return called.results.empty() ? "the caller sees a function that returns nothing (`void`)"
                                  : "the caller expects a result of a function that returns nothing (`void`)";
  for (size_t i = 0; i <= called.params.size(); i++) {
    const bool is_result = i == called.params.size();
    if (is_result && called.results.empty()) break;
    uint8_t a = is_result ? called.results[0] : called.params[i];
    uint8_t b = is_result ? defined.results[0] : defined.params[i];
    if (a == b) continue;
    std::string what = is_result ? "the result" : "parameter " + std::to_string(i + 1);
    auto pair = [&](ValueType x, ValueType y) {
      return (a == static_cast<uint8_t>(x) && b == static_cast<uint8_t>(y)) ||
             (a == static_cast<uint8_t>(y) && b == static_cast<uint8_t>(x));
    };
    what += " is " + type(a) + " to the caller and " + type(b) + " in fact";
    if (pair(ValueType::I32, ValueType::I64))
      return what + ": `long`, `size_t` and pointers have 32 bits in wasm32, `off_t`, `time_t` and `long long` have 64";
    if (pair(ValueType::F32, ValueType::F64))
      return what + ": without a prototype C passes a `float` as a `double`";
    return what;
  }
  return {};
}

} // namespace

void explain_signatures(const Link& link, SymbolId called, SymbolId other, bool is_defined,
                        std::vector<std::string>& notes) {
  // Callers, by a look at all code that can name the function.
  constexpr uint32_t most = 4;
  uint32_t callers = 0;
  SourceLines lines;
  for (LinkObjectId id : link.object_order) {
    const LinkObject& o = link.objects[id];
    bool names_it = false;
    for (uint32_t i = 0; i < o.object.symbols().size(); i++) names_it |= link.bound[o.symbols + i] == called;
    if (!names_it) continue;
    auto functions = o.object.functions();
    for (uint32_t f = 0; f < functions.size(); f++)
      for (const RelocRow& reloc : o.relocs(functions[f])) {
        if (traits(reloc.reloc_type()).target != RelocTarget::Function ||
            link.bound[o.symbols + reloc.index] != called)
          continue;
        if (callers++ < most)
          notes.push_back("called by " + describe_place(place_in_code(link, id, f, reloc, lines), link.options.demangle));
        break;
      }
  }
  if (callers > most) notes.push_back("and by " + std::to_string(callers - most) + " more");

  auto parts = [&](SymbolId id) { return signature_parts(link.session.signatures.bytes(link.symbols[id].signature)); };
  if (std::string cause = likely_cause(parts(called), parts(other)); !cause.empty()) notes.push_back(std::move(cause));
  notes.emplace_back(is_defined ? "such a call traps when it is reached; make the declarations agree"
                                : "nothing defines it, so either could be meant: declare it the same way everywhere");
}

} // namespace weld
