#include "core/base/diagnostics_json.h"

namespace weld {

namespace {

void write_symbol(JsonWriter& json, const std::string& name, Demangling demangling) {
  json.open('{');
  json.field("name", name);
  json.field("display", display_name(name, demangling));
  json.close('}');
}

void write_argument(JsonWriter& json, const Argument& argument, Demangling demangling) {
  if (argument.kind == Argument::Number) return json.number(argument.number);
  if (argument.kind == Argument::Text) return json.text(argument.text);
  write_symbol(json, argument.text, demangling);
}

void write_location(JsonWriter& json, const Location& location, Demangling demangling) {
  json.open("location", '{');
  auto field = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) json.field(name, value);
  };
  field("input", location.input);
  field("member", location.member);
  field("section", location.section);
  if (location.offset != no_offset) json.field("offset", location.offset);
  if (location.instruction != no_offset) json.field("instruction", location.instruction);
  if (!location.symbol.empty()) {
    json.key("symbol");
    write_symbol(json, location.symbol, demangling);
  }
  if (const SourcePlace& source = location.source; source.line) {
    json.open("source", '{');
    field("file", source.file);
    json.field("line", source.line);
    if (source.column) json.field("column", source.column);
    json.close('}');
  }
  json.close('}');
}

} // namespace

void write_diagnostic(JsonWriter& json, const Diagnostic& d, Demangling demangling) {
  json.open('{');
  json.field("id", diagnostic_code(d.id));
  json.field("severity", severity_word(d.severity));
  json.field("text", render_headline(d, demangling));
  json.open("arguments", '[');
  for (const Argument& argument : d.arguments) write_argument(json, argument, demangling);
  json.close(']');
  if (!d.location.empty()) write_location(json, d.location, demangling);
  json.open("notes", '[');
  for (const Note& note : d.notes) {
    json.open('{');
    json.field("text", note.text);
    if (!note.location.empty()) write_location(json, note.location, demangling);
    json.close('}');
  }
  json.close(']');
  json.close('}');
}

} // namespace weld
