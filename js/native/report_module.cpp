// Metafiles, as JavaScript asks about them (js/src/report.ts). Answers are JSON text.
#include "core/base/json.h"
#include "core/input/file_kind.h"
#include "core/report/show_json.h"
#include "js/native/bridge.h"

#include <memory>

using namespace weld::report;

static std::vector<std::unique_ptr<Report>> reports; // by number

static std::string failure(const ReadError& error) {
  weld::JsonWriter json;
  json.open('{');
  json.key("error");
  json.text(error.text);
  json.key("offset");
  json.number(error.offset);
  json.close('}');
  return json.take();
}

// Of a metafile, or of a module, whose name is the text; the bytes are from `allocate`. Gives the report's number, or what is
// wrong.
WELD_EXPORT(openReport) void open_report(uint8_t* data, uint32_t size, bool with_lines) {
  const weld::FileBytes bytes = adopt(data, size);
  auto report = std::make_unique<Report>();
  const bool is_module = weld::identify_file(bytes.bytes()) == weld::FileKind::WasmModule;
  const ReadError error = is_module
                              ? read_module(bytes.bytes(), std::string(given_text(0)), with_lines, *report)
                              : read_report(bytes.bytes(), *report);
  if (!error.text.empty()) return give(failure(error));
  reports.push_back(std::move(report));
  give(std::to_string(reports.size() - 1));
}

WELD_EXPORT(closeReport) void close_report(uint32_t number) {
  reports[number].reset();
}

// Text: by what.
WELD_EXPORT(reportSize) void report_size(uint32_t number, bool with_retained, uint32_t limit) {
  SizeBy by = SizeBy::Input;
  parse_size_by(given_text(0), by);
  give(size_json(*reports[number], by, with_retained, limit));
}
WELD_EXPORT(reportHasLines) bool report_has_lines(uint32_t number) {
  return !reports[number]->source_lines.empty();
}
// Text: the symbol.
WELD_EXPORT(reportWhy) void report_why(uint32_t number) {
  give(why_json(*reports[number], why(*reports[number], given_text(0))));
}
WELD_EXPORT(reportRemoved) void report_removed(uint32_t number, uint32_t limit) {
  give(removed_json(*reports[number], limit));
}
WELD_EXPORT(reportMemory) void report_memory(uint32_t number) {
  give(memory_json(*reports[number]));
}
WELD_EXPORT(reportImports) void report_imports(uint32_t number) {
  give(imports_json(*reports[number]));
}
WELD_EXPORT(reportImportStub) void report_import_stub(uint32_t number) {
  give(import_stub(*reports[number]));
}
WELD_EXPORT(reportDiff) void report_diff(uint32_t before, uint32_t after, uint32_t limit) {
  give(diff_json(*reports[before], *reports[after], limit));
}
// Text: by what.
WELD_EXPORT(reportDiffBy) void report_diff_by(uint32_t before, uint32_t after, uint32_t limit) {
  SizeBy by = SizeBy::Input;
  parse_size_by(given_text(0), by);
  give(diff_table_json(*reports[before], *reports[after], by, limit));
}
WELD_EXPORT(reportCosts) void report_costs(uint32_t number) {
  give(costs_json(*reports[number]));
}
// `before`: -1: none.
WELD_EXPORT(reportModel) void report_model(uint32_t number, int32_t before, uint32_t limit) {
  const Report* older = before < 0 ? nullptr : reports[static_cast<uint32_t>(before)].get();
  give(size_model_json(*reports[number], older, limit));
}
