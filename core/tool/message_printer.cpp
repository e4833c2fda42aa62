#include "core/tool/message_printer.h"

namespace weld {

void MessagePrinter::print(const Diagnostics& diagnostics, size_t end) {
  const std::vector<Diagnostic>& rows = diagnostics.rows();
  for (; printed_ < rows.size() && printed_ < end; printed_++) print(rows[printed_]);
}

void MessagePrinter::print(const Diagnostic& diagnostic) {
  if (stopped_) return;
  DiagnosticStyle style = like_lld() ? DiagnosticStyle::Lld : DiagnosticStyle::Weld;
  Severity severity = diagnostic.severity;
  if (severity == Severity::Warning && fatal_warnings_ && can_be_fatal(diagnostic.id))
    severity = Severity::Error;
  if (severity == Severity::Error) {
    uint32_t before = error_count_++;
    if (limit_ && before > limit_) return;
    if (limit_ && before == limit_) {
      Diagnostic last{DiagnosticId::too_many_errors, Severity::Error, {}, {}, {}};
      record(last, Severity::Error);
      print_line(Severity::Error, render(last, style, Demangling::None));
      stopped_ = true;
      return;
    }
  }
  record(diagnostic, severity);
  // What was asked for (--trace, --print-gc-sections) is read by other programs: it has one form.
  const bool is_listing =
      default_severity(diagnostic.id) == Severity::Message && severity == Severity::Message;
  if (is_listing) style = DiagnosticStyle::Lld;
  const bool to_out = is_listing && diagnostic.id != DiagnosticId::verbose;
  std::string text =
      render(diagnostic, style, command_.options.demangling(), to_out ? terminals_.out : terminals_.err);
  if (!is_listing) print_line(severity, text);
  else if (to_out) out_(text + "\n");
  else err_((separate_ ? "\n" : "") + command_.program + ": " + text + "\n");
}

void MessagePrinter::record(const Diagnostic& diagnostic, Severity severity) {
  if (!report_) return;
  report_->diagnostics.push_back(diagnostic);
  report_->diagnostics.back().severity = severity;
}

void MessagePrinter::print_line(Severity severity, std::string_view text) {
  bool color =
      command_.color == ColorMode::Always || (command_.color == ColorMode::Auto && terminals_.err_has_colors);
  std::string line = separate_ ? "\n" : "";
  line += command_.program + ": ";
  if (color) {
    line += like_lld() ? "\x1b[0;3" : "\x1b[1;3";
    line += severity == Severity::Error ? "1m" : severity == Severity::Warning ? "5m" : "6m";
  }
  line += severity_word(severity);
  line += ": ";
  if (color) line += "\x1b[0m";
  line += text;
  line += '\n';
  err_(line);
  separate_ = like_lld() && text.find('\n') != text.npos;
}

} // namespace weld
