#include "js/native/report_json.h"

#include "core/base/diagnostics.h"

namespace weld {

namespace {

// Length of the UTF-8 sequence at the start of `text`; 0 when there is none.
size_t utf8_length(std::string_view text) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0u; };
  auto continues = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  uint32_t a = byte(0), b = byte(1);
  if (a < 0x80) return 1;
  if (!continues(1)) return 0;
  if (a >= 0xc2 && a < 0xe0) return 2;
  if (!continues(2)) return 0;
  // Neither over-long, nor a surrogate, nor beyond U+10FFFF.
  if (a >= 0xe0 && a < 0xf0) return (a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) ? 0 : 3;
  if (!continues(3)) return 0;
  return (a >= 0xf1 && a < 0xf4) || (a == 0xf0 && b >= 0x90) || (a == 0xf4 && b < 0x90) ? 4 : 0;
}

class JsonWriter {
public:
  std::string take() { return std::move(out_); }

  void open(char bracket) {
    separate();
    out_ += bracket;
  }
  void close(char bracket) { out_ += bracket; }
  void key(std::string_view name) {
    separate();
    quote(name);
    out_ += ':';
  }
  void text(std::string_view value) {
    separate();
    quote(value);
  }
  void number(uint64_t value) {
    separate();
    out_ += std::to_string(value);
  }

private:
  // A comma goes before everything but the first in its brackets and the value of a key.
  void separate() {
    if (!out_.empty() && out_.back() != '{' && out_.back() != '[' && out_.back() != ':') out_ += ',';
  }

  void escape(uint32_t unit) {
    out_ += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out_ += "0123456789abcdef"[(unit >> shift) & 15];
  }

  // Names are bytes. One that is not UTF-8 keeps its odd bytes as lone surrogates U+DC80 to U+DCFF (as in
  // Python's "surrogateescape"), so that nothing is lost and two names never become one.
  void quote(std::string_view value) {
    out_ += '"';
    while (!value.empty()) {
      size_t length = utf8_length(value);
      auto byte = static_cast<uint8_t>(value[0]);
      if (length == 0) escape(0xdc00u + byte);
      else if (byte < 0x20) escape(byte);
      else if (byte == '"' || byte == '\\') (out_ += '\\') += value[0];
      else out_ += value.substr(0, length);
      value.remove_prefix(length ? length : 1);
    }
    out_ += '"';
  }

  std::string out_;
};

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

void write_stats(JsonWriter& json, const LinkStats& stats) {
  json.key("stats");
  json.open('{');
  auto field = [&](std::string_view name, uint64_t value) {
    json.key(name);
    json.number(value);
  };
  field("objects", stats.objects);
  field("parsed", stats.parsed);
  field("inputBytes", stats.input_bytes);
  field("outputBytes", stats.output_bytes);
  field("rewritten", stats.rewritten);
  // In nanoseconds: whole numbers need no floating-point printing.
  json.key("phases");
  json.open('{');
  for (const auto& [name, milliseconds] : stats.phases)
    field(name, static_cast<uint64_t>(milliseconds * 1e6));
  json.close('}');
  json.close('}');
}

} // namespace

std::string report_json(const ToolReport& report) {
  JsonWriter json;
  json.open('{');
  json.key("outputPath");
  json.text(report.output_path);
  json.key("diagnostics");
  json.open('[');
  for (const Diagnostic& d : report.diagnostics) write_diagnostic(json, d, report.demangle);
  json.close(']');
  write_stats(json, report.stats);
  json.close('}');
  return json.take();
}

} // namespace weld
