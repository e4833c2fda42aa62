#include "js/native/report_json.h"

#include "core/base/diagnostics_json.h"

namespace weld {

static void write_stats(JsonWriter& json, const LinkStats& stats) {
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
  if (stats.full) {
    json.key("full");
    json.text(stats.full);
  }
  // In nanoseconds: whole numbers need no floating-point printing.
  json.key("phases");
  json.open('{');
  for (const auto& [name, milliseconds] : stats.phases)
    field(name, static_cast<uint64_t>(milliseconds * 1e6));
  json.close('}');
  json.close('}');
}

std::string report_json(const ToolReport& report) {
  JsonWriter json;
  json.open('{');
  json.key("outputPath");
  json.text(report.output_path);
  if (!report.source_map_path.empty()) json.field("sourceMapPath", report.source_map_path);
  if (!report.debug_file_path.empty()) json.field("debugFilePath", report.debug_file_path);
  json.key("diagnostics");
  json.open('[');
  for (const Diagnostic& d : report.diagnostics) write_diagnostic(json, d, report.demangling);
  json.close(']');
  write_stats(json, report.stats);
  json.close('}');
  return json.take();
}

} // namespace weld
