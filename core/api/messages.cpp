#include "core/api/state.h"

namespace weld::api {

std::vector<Message> messages_of(const Diagnostics& diagnostics, bool as_lld, Demangling demangling) {
  std::vector<Message> messages;
  for (const Diagnostic& d : diagnostics.rows()) {
    Message m;
    m.severity = static_cast<Severity>(d.severity);
    m.id = diagnostic_code(d.id);
    m.text = render_headline(d, demangling);
    m.input = d.location.input;
    m.member = d.location.member;
    m.section = d.location.section;
    if (d.location.offset != no_offset) m.offset = d.location.offset;
    m.symbol = d.location.symbol;
    m.file = d.location.source.file;
    m.line = d.location.source.line;
    m.column = d.location.source.column;
    m.notes = d.notes;
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
