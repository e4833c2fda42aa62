#include "core/base/diagnostics_json.h"

namespace weld {

namespace {

void write_symbol(JsonWriter& json, const std::string& name, bool demangle) {
  json.open('{');
  json.key("name");
  json.text(name);
  json.key("display");
  json.text(display_name(name, demangle));
  json.close('}');
}

void write_argument(JsonWriter& json, const Argument& argument, bool demangle) {
  if (argument.kind == Argument::Number) return json.number(argument.number);
  if (argument.kind == Argument::Text) return json.text(argument.text);
  write_symbol(json, argument.text, demangle);
}

void write_location(JsonWriter& json, const Location& location, bool demangle) {
  json.key("location");
  json.open('{');
  auto field = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    json.key(name);
    json.text(value);
  };
  field("input", location.input);
  field("member", location.member);
  field("section", location.section);
  if (location.offset != no_offset) {
    json.key("offset");
    json.number(location.offset);
  }
  if (location.instruction != no_offset) {
    json.key("instruction");
    json.number(location.instruction);
  }
  if (!location.symbol.empty()) {
    json.key("symbol");
    write_symbol(json, location.symbol, demangle);
  }
  if (const SourcePlace& source = location.source; source.line) {
    json.key("source");
    json.open('{');
    field("file", source.file);
    json.key("line");
    json.number(source.line);
    if (source.column) {
      json.key("column");
      json.number(source.column);
    }
    json.close('}');
  }
  json.close('}');
}

} // namespace

void write_diagnostic(JsonWriter& json, const Diagnostic& d, bool demangle) {
  json.open('{');
  json.key("id");
  json.text(diagnostic_code(d.id));
  json.key("severity");
  json.text(severity_word(d.severity));
  json.key("text");
  json.text(render_headline(d, demangle));
  json.key("arguments");
  json.open('[');
  for (const Argument& argument : d.arguments) write_argument(json, argument, demangle);
  json.close(']');
  if (!d.location.empty()) write_location(json, d.location, demangle);
  json.key("notes");
  json.open('[');
  for (const std::string& note : d.notes) json.text(note);
  json.close(']');
  json.close('}');
}

} // namespace weld
