// Diagnostics are data: a stable id, typed arguments, a location, notes. Text is made of them in one place
// (diagnostics.cpp), in two styles: weld's own, and wasm-ld's wording for a program that calls it so.
//
// To report something new, add a row to diagnostics.def.
#pragma once

#include "core/base/demangle.h"
#include "core/base/vector.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace weld {

// Silent: not said at all.
enum class Severity : uint8_t { Error, Warning, Message, Silent };

enum class DiagnosticId : uint16_t {
#define WELD_DIAGNOSTIC(id, severity, code, text, lld_text) id,
#define WELD_OWN_DIAGNOSTIC(id, severity, code, text) id,
#include "core/base/diagnostics.def"
#undef WELD_DIAGNOSTIC
#undef WELD_OWN_DIAGNOSTIC
  count
};

struct Argument {
  enum Kind : uint8_t { Text, Symbol, Number };
  Kind kind = Text;
  std::string text; // a Symbol is kept as it is in the object; rendering demangles it
  uint64_t number = 0;

  Argument() = default;
  Argument(std::string_view t) : text(t) {}
  Argument(const std::string& t) : text(t) {}
  Argument(const char* t) : text(t) {}
  Argument(uint64_t n) : kind(Number), number(n) {}
  Argument(uint32_t n) : kind(Number), number(n) {}
  static Argument symbol(std::string_view name) {
    Argument a(name);
    a.kind = Symbol;
    return a;
  }
};

constexpr uint64_t no_offset = ~0ull;

// A place in a source file, as debug information has it. Lines and columns count from 1; 0: not known.
struct SourcePlace {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
};

// Where the trouble is, as far as it is known; what is not known is empty.
struct Location {
  std::string input;                // path as it was given
  std::string member;               // of an archive
  std::string section;              // "CODE", "linking", "reloc.DATA", ...
  uint64_t offset = no_offset;      // in bytes, from the first byte of the input or member
  uint64_t instruction = no_offset; // of the symbol, counted from 0, where there are no bytes
  std::string symbol;
  SourcePlace source = {}; // no line: the object has no debug information

  bool empty() const { return input.empty(); }
};

// What fills a place in a note.
struct Part {
  std::string_view text;
  uint64_t number = 0;
  bool is_number = false;

  Part(std::string_view t) : text(t) {}
  Part(const std::string& t) : text(t) {}
  Part(const char* t) : text(t) {}
  Part(uint64_t n) : number(n), is_number(true) {}
  Part(uint32_t n) : number(n), is_number(true) {}
};

// `text` with $0..$9 filled in. (Much smaller in code than strings that are put together with +.)
std::string filled(std::string_view text, std::initializer_list<Part> parts);

// What to do about it, or another place that is concerned.
struct Note {
  std::string text;  // which does nothing to a terminal
  Location location; // messages say it behind the text
};

struct Diagnostic {
  DiagnosticId id;
  Severity severity;
  std::vector<Argument> arguments;
  Location location;
  std::vector<Note> notes;

  Diagnostic& note(std::string_view text, std::initializer_list<Part> parts = {});
  Diagnostic& note_at(Location where, std::string_view text);
};

// --log-override: what every diagnostic of this id is to be.
struct LogOverride {
  DiagnosticId id;
  Severity severity;
  bool operator==(const LogOverride&) const = default;
};

enum class DiagnosticStyle : uint8_t { Weld, Lld };

std::string_view diagnostic_code(DiagnosticId id); // "undefined-symbol"
Severity default_severity(DiagnosticId id);
bool is_own_diagnostic(DiagnosticId id); // wasm-ld has nothing like it
std::string_view severity_word(Severity severity);
// Whether an error of this id may be made less: the output is usable all the same.
bool can_be_lowered(DiagnosticId id);

// "path" or "path(member)", as messages name a file.
std::string display_file(const Location& location);

// "liba.a(m.o), section CODE, offset 0x12, in `f`, at m.c:3:9": as much as is known.
std::string describe_place(const Location& location, Demangling demangling);

// What is wrong, in weld's words, without the place and the notes. What is not printable in a name is
// escaped, but for messages that programs read (--trace).
std::string render_headline(const Diagnostic& diagnostic, Demangling demangling);

// The text without a severity prefix; lines after the first are separated by '\n'. In wasm-ld's style names
// are as they are, unless a terminal gets it.
std::string render(const Diagnostic& diagnostic, DiagnosticStyle style, Demangling demangling,
                   bool to_terminal = false);

// A symbol's name as messages and the name section show it.
std::string display_name(std::string_view name, Demangling demangling);

// The same for many names, without memory for each.
class ShownName {
public:
  std::string_view of(std::string_view name, Demangling demangling); // good until the next call

private:
  DemangleBuffers buffers_;
  std::string text_;
};

class Diagnostics {
public:
  // How severe each id is from now on. An error that leaves nothing usable stays one. `as_lld`: what wasm-ld
  // does not say is not said, but for what is overridden.
  void set_levels(const Vector<LogOverride>& overrides, bool as_lld);
  // Whether a report of this id would be said: what is costly to find out is not looked for otherwise.
  bool is_heard(DiagnosticId id) const { return level(id, default_severity(id)) != Severity::Silent; }

  // The result may be completed (location, notes) until the next report.
  Diagnostic& report(DiagnosticId id, std::initializer_list<Argument> arguments = {}, Location location = {});
  Diagnostic& report_as(Severity severity, DiagnosticId id, std::initializer_list<Argument> arguments = {},
                        Location location = {});
  // An error that cannot be lowered, whatever its id's others can.
  Diagnostic& report_fixed(DiagnosticId id, std::initializer_list<Argument> arguments, Location location);

  // Takes a row of another list, or the rows [begin, end).
  void append(Diagnostic diagnostic);
  void append(const Diagnostics& other, size_t begin, size_t end);
  Diagnostic& row(uint32_t i) { return rows_[i]; }

  const std::vector<Diagnostic>& rows() const { return rows_; }
  uint32_t error_count() const { return error_count_; }
  void clear() {
    rows_.clear();
    error_count_ = 0;
  }

private:
  Severity level(DiagnosticId id, Severity severity) const;
  Diagnostic& add(Severity severity, DiagnosticId id, std::initializer_list<Argument> arguments,
                  Location location);

  std::vector<Diagnostic> rows_;
  uint32_t error_count_ = 0;
  Vector<LogOverride> overrides_;
  bool as_lld_ = false;
  Diagnostic unheard_{}; // the last silent one, for its caller to complete
};

} // namespace weld
