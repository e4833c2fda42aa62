// Reports what stays undefined: once for a symbol, with the places that need it as notes. wasm-ld reports every
// relocation, and so does weld when it is called as wasm-ld.
#pragma once

#include "core/base/function_ref.h"
#include "core/base/vector.h"
#include "core/link/resolve/resolution.h"

namespace weld {

// What refers to a symbol: a function or data segment of an object, by local index, or neither.
struct Referrer {
  LinkObjectId object;
  uint32_t function = none32, segment = none32;

  bool operator==(const Referrer&) const = default;
};

class UndefinedReporter {
public:
  // `here`: the place of the reference, looked up when a message needs it.
  using Here = FunctionRef<Location()>;

  explicit UndefinedReporter(const Resolved& link) : link_(link) {}

  void report_missing(SymbolId id, const Referrer& referrer, Here here);
  // The options allow it: it becomes an import, or calls of it trap.
  void report_allowed(SymbolId id, bool as_import, const Referrer& referrer, Here here);
  // Adds what may help, behind the places. This looks at every name of the link.
  void explain();

private:
  // An undefined symbol: its diagnostic, and who was the last to need it.
  struct Use {
    SymbolId symbol;
    uint32_t row; // none32: nobody hears the diagnostic
    Referrer referrer;
    uint32_t places, more; // notes, and what has none
  };

  bool add_place(SymbolId id, const Referrer& referrer, Here here);
  void end_report();

  const Resolved& link_;
  Vector<Use> uses_;
  Vector<uint32_t> use_of_symbol_; // SymbolId -> row in uses_ + 1, or 0
};

} // namespace weld
