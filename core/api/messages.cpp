#include "core/api/state.h"

namespace weld::api {

static void set_place(Place& place, const Location& location) {
  place.input = location.input;
  place.member = location.member;
  place.section = location.section;
  if (location.offset != no_offset) place.offset = location.offset;
  place.symbol = location.symbol;
  place.file = location.source.file;
  place.line = location.source.line;
  place.column = location.source.column;
}

std::vector<Message> messages_of(const Diagnostics& diagnostics, bool as_lld, Demangling demangling) {
  std::vector<Message> messages;
  for (const Diagnostic& d : diagnostics.rows()) {
    Message m;
    m.severity = static_cast<Severity>(d.severity);
    m.id = diagnostic_code(d.id);
    m.text = render_headline(d, demangling);
    set_place(m, d.location);
    for (const weld::Note& note : d.notes) {
      Note& n = m.notes.emplace_back();
      n.text = note.text;
      set_place(n, note.location);
    }
    const std::string text = render(d, as_lld ? DiagnosticStyle::Lld : DiagnosticStyle::Weld, demangling);
    const std::string_view word = severity_word(d.severity);
    m.rendered = word.empty() ? text : std::string(word) + ": " + text;
    messages.push_back(std::move(m));
  }
  return messages;
}

void Linker::State::take_messages(bool as_lld, Demangling demangling) {
  messages = messages_of(session.diagnostics, as_lld, demangling);
  session.diagnostics.clear();
}

} // namespace weld::api
