// Diagnostics as text for people, while a link runs.
#pragma once

#include "core/tool/arguments.h"
#include "core/tool/driver.h"

namespace weld {

// Prints diagnostics as they come, in the style of the linker that we are called as.
class MessagePrinter {
public:
  MessagePrinter(const Command& command, Sink& out, Sink& err, Terminals terminals, ToolReport* report)
      : command_(command), out_(out), err_(err), terminals_(terminals), report_(report) {}

  // Prints the rows that are new since the last call, up to row `end`.
  void print(const Diagnostics& diagnostics, size_t end = ~size_t(0));
  // --error-limit and --fatal-warnings hold from now on.
  void apply_limits() {
    limit_ = command_.options.error_limit;
    fatal_warnings_ = command_.options.fatal_warnings;
  }
  bool failed() const { return error_count_ != 0; }

private:
  void print(const Diagnostic& diagnostic);
  // rustc always passes --fatal-warnings: what wasm-ld links without a word is not refused for advice of
  // ours, unless --log-override asks for it.
  bool can_be_fatal(DiagnosticId id) const {
    if (!is_own_diagnostic(id)) return true;
    for (const LogOverride& o : command_.options.log_overrides)
      if (o.id == id) return true;
    return false;
  }
  void record(const Diagnostic& diagnostic, Severity severity);
  void print_line(Severity severity, std::string_view text);
  bool like_lld() const { return command_.options.like_lld(); }

  const Command& command_;
  Sink& out_;
  Sink& err_;
  Terminals terminals_;
  ToolReport* report_;       // null: nobody asked
  size_t printed_ = 0;       // rows
  uint32_t error_count_ = 0; // as printed: fatal warnings are errors
  uint32_t limit_ = 20;
  bool fatal_warnings_ = false;
  bool stopped_ = false;  // the limit was exceeded: nothing more is said
  bool separate_ = false; // wasm-ld's style: an empty line parts messages of several lines from what follows
};

} // namespace weld
