// What looks at files and does not link, as JavaScript sees it: a module of its own, which pages load when
// they want it.
#include "core/base/diagnostics_json.h"
#include "core/inspect/encode.h"
#include "core/tool/subcommands.h"
#include "core/tool/symbolize.h"
#include "js/native/host.h"

#include <emscripten/bind.h>

using emscripten::val;

namespace {

// A subcommand, by `argv`: see core/tool/subcommands.h. -1: `argv` asks for none, it is the linker's.
int run(val argv, val host) {
  std::vector<std::string> arguments = emscripten::vecFromJSArray<std::string>(argv);
  const weld::Subcommand* subcommand = weld::find_subcommand(arguments);
  if (!subcommand) return -1;
  HostFiles files(host);
  return subcommand->run(std::span(arguments).subspan(2), files, sink_to(host, "out"), sink_to(host, "err"));
}

std::string summary(const weld::Inspection& inspection, const weld::Location& where) {
  weld::JsonWriter json;
  auto field = [&](const char* name, std::string_view text) {
    json.key(name);
    json.text(text);
  };
  json.open('{');
  field("kind", kind_word(inspection));
  field("description", describe_kind(inspection));
  if (std::string_view remedy = remedy_of(inspection); !remedy.empty()) field("remedy", remedy);
  if (uint32_t code = code_offset(inspection); code != weld::none32) {
    json.key("codeOffset");
    json.number(code);
  }
  json.key("diagnostics");
  json.open('[');
  for (const weld::Inspection::Problem& problem : inspection.problems)
    write_diagnostic(json, diagnostic_of(inspection, problem, where), weld::Demangling::Llvm22);
  json.close(']');
  json.close('}');
  return json.take();
}

// One buffer, which JavaScript copies once.
val inspect(val content, std::string name, std::string member, bool with_lines) {
  weld::FileBytes file = copy_of(content);
  weld::Inspection inspection;
  weld::inspect(file.bytes(), inspection);
  if (with_lines) inspect_lines(inspection);
  weld::Location where;
  where.input = std::move(name);
  where.member = std::move(member);
  std::vector<uint8_t> encoded = encode_tables(inspection);
  std::string json = summary(inspection, where);
  encoded.insert(encoded.end(), json.begin(), json.end());
  return view_of(encoded).call<val>("slice");
}

// `{...}`, or what is wrong with the content.
std::string symbolize(val content, std::string name, std::string trace) {
  weld::FileBytes file = copy_of(content);
  std::string error;
  const std::unique_ptr<weld::TraceSymbolizer> symbolizer = weld::open_symbolizer(file.bytes(), error);
  if (!symbolizer) return name + ": " + error;
  weld::Location where;
  where.input = std::move(name);
  return symbolize_json(*symbolizer, trace, where);
}

val display(val content) {
  static weld::ShownName shown;
  weld::FileBytes name = copy_of(content);
  std::string_view text = weld::as_text(name.bytes()), displayed = shown.of(text, weld::Demangling::Llvm22);
  return displayed == text ? val::undefined() : view_of(weld::as_bytes(displayed)).call<val>("slice");
}

} // namespace

EMSCRIPTEN_BINDINGS(inspect) {
  emscripten::function("run", &run);
  emscripten::function("schema", &weld::tables_schema);
  emscripten::function("inspect", &inspect);
  emscripten::function("symbolize", &symbolize);
  emscripten::function("display", &display);
}
