#include "js/native/report_json.h"

#include "core/base/demangle.h"
#include "core/base/diagnostics_json.h"
#include "core/link/patch/instance.h"

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

static void write_symbol(JsonWriter& json, const std::string& name, Demangling demangling) {
  json.open('{');
  json.field("name", name);
  json.field("display", display_name(name, demangling));
  json.close('}');
}

static void write_reasons(JsonWriter& json, std::string_view key, const std::vector<LiveReason>& reasons,
                          Demangling demangling) {
  json.open(key, '[');
  for (const LiveReason& reason : reasons) {
    json.open('{');
    std::string text = reason.text;
    if (!reason.symbol.empty()) {
      json.key("symbol");
      write_symbol(json, reason.symbol, demangling);
      text = '`' + display_name(reason.symbol, demangling) + "` " + text;
    }
    json.field("text", text);
    json.close('}');
  }
  json.close(']');
}

static void write_patch(JsonWriter& json, const LivePatch& patch, Demangling demangling) {
  json.open("patch", '{');
  write_reasons(json, "restart", patch.restart, demangling);
  write_reasons(json, "kept", patch.kept, demangling);
  json.open("changed", '[');
  for (const std::string& name : patch.changed) write_symbol(json, name, demangling);
  json.close(']');
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
  if (report.patch) write_patch(json, *report.patch, report.demangling);
  json.close('}');
  return json.take();
}

} // namespace weld
