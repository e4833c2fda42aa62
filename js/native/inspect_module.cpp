// What looks at files and does not link, as JavaScript sees it: a module of its own, which pages load when
// they want it.
#include "core/base/diagnostics_json.h"
#include "core/inspect/encode.h"
#include "core/tool/symbolize.h"
#include "js/native/bridge.h"

// What the tables are, as JSON: see core/inspect/encode.h.
WELD_EXPORT(schema) void schema() {
  give(weld::tables_schema());
}

static std::string summary(const weld::Inspection& inspection, const weld::Location& where) {
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

// The file is from `allocate`. Texts: its name, the member. Gives one buffer.
WELD_EXPORT(inspect) void inspect(uint8_t* data, uint32_t size, bool with_lines) {
  const weld::FileBytes file = adopt(data, size);
  weld::Inspection inspection;
  weld::inspect(file.bytes(), inspection);
  if (with_lines) inspect_lines(inspection);
  weld::Location where;
  where.input = given_text(0);
  where.member = given_text(1);
  std::vector<uint8_t> encoded = encode_tables(inspection);
  const std::string json = summary(inspection, where);
  encoded.insert(encoded.end(), json.begin(), json.end());
  give(weld::Bytes(encoded));
}

// The content is from `allocate`. Texts: its name, the trace. Gives `{...}`, or what is wrong with the content.
WELD_EXPORT(symbolize) void symbolize(uint8_t* data, uint32_t size) {
  const weld::FileBytes file = adopt(data, size);
  std::string error;
  const std::unique_ptr<weld::TraceSymbolizer> symbolizer = weld::open_symbolizer(file.bytes(), error);
  if (!symbolizer) return give(std::string(given_text(0)) + ": " + error);
  weld::Location where;
  where.input = given_text(0);
  give(symbolize_json(*symbolizer, given_text(1), where));
}

// A symbol's name, from `allocate`, as people read it. Nothing: as it is.
WELD_EXPORT(display) void display(uint8_t* data, uint32_t size) {
  static weld::ShownName shown;
  const weld::FileBytes name = adopt(data, size);
  const std::string_view text = weld::as_text(name.bytes()),
                         displayed = shown.of(text, weld::Demangling::Llvm22);
  if (displayed != text) give(displayed);
}
