// Metafiles, as JavaScript asks about them (js/src/report.ts). Answers are JSON text.
#include "core/base/json.h"
#include "core/input/file_kind.h"
#include "core/report/show_json.h"
#include "js/native/host.h"

#include <emscripten/bind.h>
#include <memory>

namespace {

using namespace weld::report;

std::vector<std::unique_ptr<Report>> reports; // by number

std::string failure(const ReadError& error) {
  weld::JsonWriter json;
  json.open('{');
  json.key("error");
  json.text(error.text);
  json.key("offset");
  json.number(error.offset);
  json.close('}');
  return json.take();
}

// Of a metafile, or of a module, whose name is `name`. The report's number, or what is wrong.
std::string open_report(emscripten::val content, std::string name) {
  weld::FileBytes bytes = copy_of(content);
  auto report = std::make_unique<Report>();
  const bool is_module = weld::identify_file(bytes.bytes()) == weld::FileKind::WasmModule;
  const ReadError error =
      is_module ? read_module(bytes.bytes(), name, *report) : read_report(bytes.bytes(), *report);
  if (!error.text.empty()) return failure(error);
  reports.push_back(std::move(report));
  return std::to_string(reports.size() - 1);
}

void close_report(uint32_t number) {
  reports[number].reset();
}

std::string report_size(uint32_t number, std::string by_word, bool with_retained, uint32_t limit) {
  SizeBy by = SizeBy::Input;
  parse_size_by(by_word, by);
  return size_json(*reports[number], by, with_retained, limit);
}
std::string report_why(uint32_t number, std::string symbol) {
  return why_json(*reports[number], why(*reports[number], symbol));
}
std::string report_removed(uint32_t number, uint32_t limit) {
  return removed_json(*reports[number], limit);
}
std::string report_memory(uint32_t number) {
  return memory_json(*reports[number]);
}
std::string report_imports(uint32_t number) {
  return imports_json(*reports[number]);
}
std::string report_import_stub(uint32_t number) {
  return import_stub(*reports[number]);
}
std::string report_diff(uint32_t before, uint32_t after, uint32_t limit) {
  return diff_json(*reports[before], *reports[after], limit);
}
std::string report_diff_by(uint32_t before, uint32_t after, std::string by_word, uint32_t limit) {
  SizeBy by = SizeBy::Input;
  parse_size_by(by_word, by);
  return diff_table_json(*reports[before], *reports[after], by, limit);
}
std::string report_costs(uint32_t number) {
  return costs_json(*reports[number]);
}
std::string report_model(uint32_t number, int32_t before, uint32_t limit) {
  const Report* older = before < 0 ? nullptr : reports[static_cast<uint32_t>(before)].get();
  return size_model_json(*reports[number], older, limit);
}

} // namespace

EMSCRIPTEN_BINDINGS(report) {
  emscripten::function("openReport", &open_report);
  emscripten::function("closeReport", &close_report);
  emscripten::function("reportSize", &report_size);
  emscripten::function("reportWhy", &report_why);
  emscripten::function("reportRemoved", &report_removed);
  emscripten::function("reportMemory", &report_memory);
  emscripten::function("reportImports", &report_imports);
  emscripten::function("reportImportStub", &report_import_stub);
  emscripten::function("reportDiff", &report_diff);
  emscripten::function("reportDiffBy", &report_diff_by);
  emscripten::function("reportCosts", &report_costs);
  emscripten::function("reportModel", &report_model);
}
