#include "core/base/diagnostics.h"

#include "core/base/utf8.h"

namespace weld {

namespace {
enum class Kind : uint8_t { Error, SoftError, Warning, Message, Silent };

struct DiagnosticKind {
  Kind kind;
  bool is_own; // wasm-ld has nothing like it
};

constexpr DiagnosticKind kind_rows[] = {
#define WELD_DIAGNOSTIC(id, severity, code, text, lld_text) {Kind::severity, false},
#define WELD_OWN_DIAGNOSTIC(id, severity, code, text) {Kind::severity, true},
#include "core/base/diagnostics.def"
#undef WELD_DIAGNOSTIC
#undef WELD_OWN_DIAGNOSTIC
};

// Apart from the kinds, which every link reads.
struct DiagnosticText {
  std::string_view code, text, lld_text;
};

constexpr DiagnosticText texts[] = {
#define WELD_DIAGNOSTIC(id, severity, code, text, lld_text) {code, text, lld_text},
#define WELD_OWN_DIAGNOSTIC(id, severity, code, text) {code, text, {}},
#include "core/base/diagnostics.def"
#undef WELD_DIAGNOSTIC
#undef WELD_OWN_DIAGNOSTIC
};

const DiagnosticKind& kind_row(DiagnosticId id) {
  return kind_rows[static_cast<uint16_t>(id)];
}

const DiagnosticText& text_of(DiagnosticId id) {
  return texts[static_cast<uint16_t>(id)];
}

void append_hex(std::string& out, uint64_t value) {
  char digits[16];
  int n = 0;
  do digits[n++] = "0123456789abcdef"[value & 15];
  while (value >>= 4);
  out += "0x";
  while (n) out += digits[--n];
}
} // namespace

std::string_view diagnostic_code(DiagnosticId id) {
  return text_of(id).code;
}
bool is_own_diagnostic(DiagnosticId id) {
  return kind_row(id).is_own;
}

Severity default_severity(DiagnosticId id) {
  Kind kind = kind_row(id).kind;
  return kind == Kind::Error ? Severity::Error
                             : static_cast<Severity>(static_cast<uint8_t>(kind) - 1); // a SoftError is one
}
bool can_be_lowered(DiagnosticId id) {
  return kind_row(id).kind != Kind::Error;
}

std::string_view severity_word(Severity severity) {
  constexpr std::string_view words[] = {"error", "warning", "message", "silent"};
  return words[static_cast<uint8_t>(severity)];
}

std::string display_file(const Location& location) {
  if (location.input.empty()) return "<internal>";
  if (location.member.empty()) return location.input;
  return location.input + "(" + location.member + ")";
}

// wasm needs the signatures of caller and callee to agree, so compilers mangle a `main` that takes arguments.
std::string display_name(std::string_view name, Demangling demangling) {
  return std::string(ShownName().of(name, demangling));
}

std::string_view ShownName::of(std::string_view name, Demangling demangling) {
  if (name == "__main_argc_argv") return "main";
  text_.clear();
  return demangle(name, text_, demangling, buffers_) ? std::string_view(text_) : name;
}

static std::string substitute(const Diagnostic& d, std::string_view text, bool is_raw, Demangling demangling) {
  std::string out;
  // Names are whatever an object says: escapes of a terminal, lines that look like ours.
  auto insert = [&](std::string_view part) {
    if (is_raw) out += part;
    else append_printable(out, part);
  };
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '$') {
      out += text[i];
      continue;
    }
    char c = text[++i];
    if (c == 'F') {
      insert(display_file(d.location));
      continue;
    }
    const Argument& a = d.arguments[static_cast<size_t>(c - '0')];
    if (a.kind == Argument::Symbol) insert(display_name(a.text, demangling));
    else if (a.kind == Argument::Number) out += std::to_string(a.number);
    else insert(a.text);
  }
  return out;
}

std::string describe_place(const Location& l, Demangling demangling) {
  std::string out = display_file(l);
  if (!l.section.empty()) out += ", section " + l.section;
  if (l.offset != no_offset) {
    out += ", offset ";
    append_hex(out, l.offset);
  }
  if (l.instruction != no_offset) out += ", instruction " + std::to_string(l.instruction);
  if (!l.symbol.empty()) out += ", in `" + display_name(l.symbol, demangling) + "`";
  if (l.source.line) {
    out += ", at " + l.source.file + ":" + std::to_string(l.source.line);
    if (l.source.column) out += ":" + std::to_string(l.source.column);
  }
  return out;
}

std::string render_headline(const Diagnostic& d, Demangling demangling) {
  const DiagnosticText& text = text_of(d.id);
  return substitute(d, text.text, kind_row(d.id).kind == Kind::Message && d.severity == Severity::Message,
                    demangling);
}

std::string render(const Diagnostic& d, DiagnosticStyle style, Demangling demangling, bool to_terminal) {
  const DiagnosticText& text = text_of(d.id);
  if (style == DiagnosticStyle::Lld)
    return substitute(d, text.lld_text.empty() ? text.text : text.lld_text, !to_terminal, demangling);

  std::string out = render_headline(d, demangling);
  bool named = text.text.find("$F") != std::string_view::npos;
  if (!d.location.empty() && !named)
    append_printable(out += "\n  in ", describe_place(d.location, demangling));
  for (const Note& note : d.notes) {
    out += "\n  note: " + note.text;
    if (!note.location.empty()) append_printable(out += ": ", describe_place(note.location, demangling));
  }
  return out;
}

std::string filled(std::string_view text, std::initializer_list<Part> parts) {
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '$') {
      out += text[i];
      continue;
    }
    const Part& part = parts.begin()[text[++i] - '0'];
    if (part.is_number) out += std::to_string(part.number);
    else out += part.text;
  }
  return out;
}

Diagnostic& Diagnostic::note(std::string_view text, std::initializer_list<Part> parts) {
  append_printable(notes.emplace_back().text, filled(text, parts));
  return *this;
}

Diagnostic& Diagnostic::note_at(Location where, std::string_view text) {
  note(text).notes.back().location = std::move(where);
  return *this;
}

Diagnostic& Diagnostics::report(DiagnosticId id, std::initializer_list<Argument> arguments, Location location) {
  return report_as(default_severity(id), id, arguments, std::move(location));
}

Diagnostic& Diagnostics::report_as(Severity severity, DiagnosticId id,
                                   std::initializer_list<Argument> arguments, Location location) {
  return add(level(id, severity), id, arguments, std::move(location));
}

Diagnostic& Diagnostics::report_fixed(DiagnosticId id, std::initializer_list<Argument> arguments,
                                      Location location) {
  return add(Severity::Error, id, arguments, std::move(location));
}

Diagnostic& Diagnostics::add(Severity severity, DiagnosticId id, std::initializer_list<Argument> arguments,
                             Location location) {
  Diagnostic diagnostic{id, severity, arguments, std::move(location), {}};
  if (severity == Severity::Silent) return unheard_ = std::move(diagnostic);
  if (severity == Severity::Error) error_count_++;
  rows_.push_back(std::move(diagnostic));
  return rows_.back();
}

void Diagnostics::set_levels(const Vector<LogOverride>& overrides, bool as_lld) {
  overrides_ = overrides;
  as_lld_ = as_lld;
}

Severity Diagnostics::level(DiagnosticId id, Severity severity) const {
  const DiagnosticKind& row = kind_row(id);
  // Also where something that usually is no error would leave nothing usable.
  if (severity == Severity::Error && row.kind != Kind::SoftError) return severity;
  for (const LogOverride& o : overrides_)
    if (o.id == id) return o.severity;
  return as_lld_ && row.is_own ? Severity::Silent : severity;
}

void Diagnostics::append(Diagnostic diagnostic) {
  error_count_ += diagnostic.severity == Severity::Error;
  rows_.push_back(std::move(diagnostic));
}

void Diagnostics::append(const Diagnostics& other, size_t begin, size_t end) {
  for (size_t row = begin; row < end; row++) append(other.rows_[row]);
}

} // namespace weld
