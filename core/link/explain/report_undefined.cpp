#include "core/link/explain/report_undefined.h"

#include "core/link/explain/explain_undefined.h"

namespace weld {

void UndefinedReporter::report_missing(SymbolId id, const Referrer& referrer, Here here) {
  if (add_place(id, referrer, here)) return;
  const Symbol& s = link_.symbols[id];
  const bool is_error = link_.options.unresolved == UnresolvedPolicy::Error;
  DiagnosticId kind = !link_.options.like_lld() && is_exception_runtime(link_.name_of(id))
                          ? DiagnosticId::undefined_exception_runtime
                          : DiagnosticId::undefined_symbol;
  Argument name = Argument::symbol(link_.name_of(id));
  // A function can trap and data be null. Nothing can stand for the others: without them the output is no module.
  if (s.kind == SymbolKind::Function || s.kind == SymbolKind::Data)
    link_.diagnostics().report_as(is_error ? Severity::Error : Severity::Warning, kind, {name}, here());
  else {
    Diagnostic& d = link_.diagnostics().report_fixed(kind, {name}, here());
    if (!is_error) d.note("a global, table or tag has to be defined or imported: nothing stands for it");
  }
  end_report();
}

void UndefinedReporter::report_allowed(SymbolId id, bool as_import, const Referrer& referrer, Here here) {
  if (!link_.diagnostics().is_heard(DiagnosticId::undefined_allowed) || add_place(id, referrer, here)) return;
  const Symbol& s = link_.symbols[id];
  std::string becomes = s.kind == SymbolKind::Function ? "calls of it trap" : "its address is null";
  if (as_import) {
    auto text = [&](StringId given, std::string_view otherwise) {
      return std::string(given ? link_.text(given) : otherwise);
    };
    becomes = "it becomes the import `" + text(s.import_module, default_module) + "." +
              text(s.import_name, link_.name_of(id)) + "`";
  }
  link_.diagnostics().report(DiagnosticId::undefined_allowed, {Argument::symbol(link_.name_of(id)), becomes},
                             here());
  end_report();
}

// False: the symbol is to be reported.
bool UndefinedReporter::add_place(SymbolId id, const Referrer& referrer, Here here) {
  if (link_.options.like_lld()) return false;
  if (id.row >= use_of_symbol_.size()) use_of_symbol_.resize(link_.symbols.size());
  uint32_t& number = use_of_symbol_[id.row];
  if (!number) {
    uses_.push_back({id, static_cast<uint32_t>(link_.diagnostics().rows().size()), referrer, 0, 0});
    number = static_cast<uint32_t>(uses_.size());
    return false;
  }
  Use& use = uses_[number - 1];
  if (use.referrer == referrer) return true;
  use.referrer = referrer;
  constexpr uint32_t most_places = 4;
  if (use.places == most_places || use.row == none32) {
    use.more++;
    return true;
  }
  use.places++;
  link_.diagnostics().row(use.row).note_at(here(), "also needed here");
  return true;
}

// What nobody hears has no row to add notes to.
void UndefinedReporter::end_report() {
  if (!uses_.empty() && uses_.back().row == link_.diagnostics().rows().size()) uses_.back().row = none32;
}

void UndefinedReporter::explain() {
  constexpr size_t most_explained = 50;
  for (size_t i = 0; i < uses_.size(); i++) {
    const Use& use = uses_[i];
    if (use.row == none32) continue;
    Diagnostic& d = link_.diagnostics().row(use.row);
    if (use.more) d.note("and in $0 more", {use.more});
    if (i < most_explained) explain_undefined(link_, use.symbol, d);
  }
}

} // namespace weld
