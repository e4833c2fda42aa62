// What a module imports, as an ES module to be filled in.
#include "core/base/diagnostics.h"
#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/report/analyses.h"

#include <algorithm>
#include <set>

namespace weld::report {

namespace {

std::string quoted(std::string_view text) {
  JsonWriter json;
  json.text(text);
  return json.take();
}

// The name of a property. `__proto__: x` would set the prototype.
std::string property(const std::string& name) {
  bool plain = !name.empty() && name != "__proto__" && !(name[0] >= '0' && name[0] <= '9');
  for (char c : name)
    plain &=
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
  return plain ? name : "[" + quoted(name) + "]";
}

// Nothing in it ends a comment that goes to the end of the line.
std::string comment(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    std::string_view sequence = text.substr(0, length ? length : 1);
    const bool is_separator = sequence == "\xe2\x80\xa8" || sequence == "\xe2\x80\xa9"; // U+2028, U+2029
    if (is_separator || !is_printable(sequence)) out += '?';
    else out += sequence;
    text.remove_prefix(sequence.size());
  }
  return out;
}

bool is_wasi(std::string_view module) {
  return module == "wasi_snapshot_preview1" || module == "wasi_unstable";
}

std::vector<std::string_view> words(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(separators), text.size());
    if (end) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return out;
}

// "(i32, i64) -> f32": what is between the first brackets.
std::vector<std::string_view> params_of(std::string_view type) {
  const size_t begin = type.find('('), end = type.find(')');
  if (begin == type.npos || end == type.npos || end < begin) return {};
  return words(type.substr(begin + 1, end - begin - 1), ", ");
}

bool is_number(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "1 20 shared": as a descriptor's properties.
std::string limits(std::span<const std::string_view> text) {
  std::string out;
  const bool is_64 = std::find(text.begin(), text.end(), "i64") != text.end();
  const char* suffix = is_64 ? "n" : "";
  const char* key = "initial: ";
  for (std::string_view word : text) {
    if (!is_number(word)) continue;
    out += (out.empty() ? "" : ", ") + std::string(key) + std::string(word) + suffix;
    key = "maximum: ";
  }
  if (std::find(text.begin(), text.end(), "shared") != text.end()) out += ", shared: true";
  if (is_64) out += ", address: \"i64\"";
  return out;
}

std::string value_of(const Import& import) {
  const auto type = words(import.type, " ");
  if (import.kind == "function") {
    std::string params;
    for (size_t i = 0; i < params_of(import.type).size(); i++)
      params += (i ? ", p" : "p") + std::to_string(i);
    return "(" + params + ") => missing(" + quoted(import.module + "." + import.name) + ")";
  }
  if (import.kind == "memory") return "new WebAssembly.Memory({ " + limits(type) + " })";
  if (import.kind == "table" && !type.empty()) {
    const std::string element = type[0] == "funcref" ? "anyfunc" : std::string(type[0]);
    return "new WebAssembly.Table({ element: " + quoted(element) + ", " + limits(std::span(type).subspan(1)) +
           " })";
  }
  if (import.kind == "global" && type.size() == 2) {
    const char* value = type[1] == "i64"                                 ? "0n"
                        : type[1] == "funcref" || type[1] == "externref" ? "null"
                                                                         : "0";
    return "new WebAssembly.Global({ value: " + quoted(type[1]) +
           ", mutable: " + (type[0] == "var" ? "true" : "false") + " }, " + value + ")";
  }
  if (import.kind == "tag") {
    std::string params;
    for (std::string_view param : params_of(import.type))
      params += (params.empty() ? "" : ", ") + quoted(param);
    return "new WebAssembly.Tag({ parameters: [" + params + "] })";
  }
  return "undefined";
}

std::string used_by(const std::vector<Step>& users) {
  std::string out;
  constexpr size_t most = 3;
  for (size_t i = 0; i < users.size() && i < most; i++) {
    out += (i ? ", " : "; for ") + display_name(users[i].name, Demangling::Llvm22);
    if (!users[i].file.empty()) out += " in " + users[i].file;
  }
  if (users.size() > most) out += " and " + std::to_string(users.size() - most) + " more";
  return out;
}

} // namespace

std::string import_stub(const Report& report) {
  const std::vector<ImportUse> uses = import_uses(report);
  std::vector<std::string> modules; // in order
  bool has_wasi = false, has_missing = false, has_i64 = false;
  for (const Import& i : report.imports) {
    if (std::find(modules.begin(), modules.end(), i.module) == modules.end()) modules.push_back(i.module);
    has_wasi |= is_wasi(i.module);
    if (is_wasi(i.module) || i.kind != "function") continue;
    has_missing = true;
    has_i64 |= i.type.find("i64") != i.type.npos;
  }
  std::string out = "// What " + comment(report.output_name) +
                    " imports, to be filled in. Written by `weld imports --stub`.\n";
  if (has_i64) out += "// An i64 is a BigInt in JavaScript.\n";
  out += '\n';
  if (has_wasi)
    out += "/**\n"
           " * `wasi` has the system's functions as `wasiImport`: an instance of the class WASI of "
           "`node:wasi` in Node,\n"
           " * of `@bjorn3/browser_wasi_shim` in pages.\n"
           " */\n";
  out += has_wasi ? "export function createImports(wasi) {\n" : "export function createImports() {\n";
  if (has_missing)
    out += "  const missing = (name) => {\n"
           "    throw new Error(`${name} was called, and is not there yet`);\n"
           "  };\n";
  out += "  return {\n";
  for (const std::string& module : modules) {
    if (is_wasi(module)) {
      out += "    " + property(module) + ": wasi.wasiImport,";
      const char* separator = " // ";
      for (const Import& i : report.imports) {
        if (i.module != module) continue;
        out += separator + comment(i.name);
        separator = ", ";
      }
      out += '\n';
      continue;
    }
    out += "    " + property(module) + ": {\n";
    std::set<std::string> seen;
    for (const ImportUse& use : uses) {
      const Import& i = report.imports[use.row];
      if (i.module != module) continue;
      const bool is_first = seen.insert(i.name).second;
      out += "      // " + comment(i.kind == "function" ? i.type : i.kind + " " + i.type) +
             comment(used_by(use.users));
      out += is_first ? "\n" : "; of the same name\n";
      if (is_first) out += "      " + property(i.name) + ": " + value_of(i) + ",\n";
    }
    out += "    },\n";
  }
  return out + "  };\n}\n";
}

} // namespace weld::report
