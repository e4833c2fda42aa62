#include "core/tool/symbolize.h"

#include "core/base/diagnostics_json.h"
#include "core/base/reader.h"
#include "core/base/utf8.h"
#include "core/inspect/symbolizer.h"
#include "core/report/json_reader.h"
#include "core/tool/subcommand_help.h"

#include <algorithm>
#include <functional>

namespace weld {

namespace {

constexpr SubcommandOption symbolize_options[] = {
    {"json", "", "print one object: `text`, and `places` with all that is known of each"},
};

constexpr SubcommandHelp symbolize_help = {"symbolize", "FILE [OFFSET...]",
                                           "Reads a stack trace of V8, SpiderMonkey, JavaScriptCore or "
                                           "wasmtime from the standard input, and writes it\n"
                                           "with functions, files and lines. FILE is the module, a file with "
                                           "its debug information, or its source map.\n"
                                           "Of a module without debug information, the file that it names is "
                                           "read instead, from the module's folder.\n"
                                           "Offsets in the module may be given in place of a trace.\n",
                                           symbolize_options,
                                           "  weld symbolize app.wasm < trace.txt\n"
                                           "  weld symbolize app.debug.wasm 0x1a2b\n"};

// --- traces

// Digits from `at` on; `at` is behind them then. False: there are none, or too many.
bool read_number(std::string_view text, size_t& at, bool is_hex, uint64_t& number) {
  number = 0;
  const size_t begin = at;
  for (; at < text.size(); at++) {
    const char c = text[at], small = static_cast<char>(c | 0x20);
    uint32_t digit = 99;
    if (c >= '0' && c <= '9') digit = static_cast<uint32_t>(c - '0');
    else if (is_hex && small >= 'a' && small <= 'f') digit = static_cast<uint32_t>(small - 'a') + 10;
    if (digit == 99) break;
    if (number >> 40) return false;
    number = number * (is_hex ? 16 : 10) + digit;
  }
  return at > begin;
}

size_t skip_spaces(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) at++;
  return at;
}

// `wasm-function[37]:0x1a2b`, in JavaScriptCore without an offset.
bool find_engine_place(std::string_view line, TracePlace& place) {
  constexpr std::string_view word = "wasm-function[";
  size_t at = line.rfind(word);
  if (at == line.npos) return false;
  at += word.size();
  uint64_t number;
  if (read_number(line, at, false, number) && at < line.size() && line[at] == ']' && number < none32)
    place.function = static_cast<uint32_t>(number);
  at = line.find(']', at); // JavaScriptCore has a name there, if it knows one
  if (at == line.npos) return false;
  at++;
  if (line.substr(at).starts_with(":0x")) {
    at += 3;
    if (read_number(line, at, true, number)) place.offset = number;
  }
  return place.function != none32 || place.offset != none64;
}

// `0: 0x1a2b - module!function`, as wasmtime has it.
bool find_numbered_place(std::string_view line, TracePlace& place) {
  size_t at = skip_spaces(line, 0);
  uint64_t number;
  if (!read_number(line, at, false, number) || at == line.size() || line[at++] != ':') return false;
  at = skip_spaces(line, at);
  if (!line.substr(at).starts_with("0x") || !read_number(line, at += 2, true, place.offset)) return false;
  return line.substr(at).starts_with(" - ");
}

bool find_bare_offset(std::string_view line, TracePlace& place) {
  size_t at = skip_spaces(line, 0);
  const bool is_hex = line.substr(at).starts_with("0x");
  return read_number(line, at += is_hex ? 2 : 0, is_hex, place.offset) && skip_spaces(line, at) == line.size();
}

// --- debug information

class DwarfSymbolizer final : public TraceSymbolizer {
public:
  explicit DwarfSymbolizer(std::unique_ptr<Inspection> inspection)
      : inspection_(std::move(inspection)), symbolizer_(*inspection_), code_(code_offset(*inspection_)) {}

  std::vector<ShownFrame> find(const TracePlace& place) override {
    std::vector<ShownFrame> shown;
    if (code_ == none32) return shown;
    uint64_t offset = place.offset;
    // Without an offset, it is known where the function begins, and not which inlined code runs.
    const bool is_whole = offset == none64;
    if (is_whole) {
      if (place.function >= inspection_->functions.size()) return shown;
      offset = inspection_->functions[place.function].offset;
    }
    if (offset < code_ || offset >= none32) return shown;
    std::vector<SourceFrame> frames = symbolizer_.find(offset - code_);
    // The declaration of locals may be in no line.
    constexpr uint64_t most = 16;
    for (uint64_t more = 1; is_whole && more < most && (frames.empty() || !frames.back().line); more++)
      frames = symbolizer_.find(offset - code_ + more);
    if (is_whole && frames.size() > 1) frames.erase(frames.begin(), frames.end() - 1);
    for (const SourceFrame& frame : frames) {
      ShownFrame& out = shown.emplace_back();
      const inspection::Text name = frame.linkage_name ? frame.linkage_name : frame.name;
      out.function = display_name(inspection_->text(name), Demangling::Llvm22);
      if (frame.file != none32) out.file = inspection_->text(inspection_->source_files[frame.file].path);
      out.line = frame.line;
      out.column = frame.column;
      out.is_inlined = frame.is_inlined;
    }
    return shown;
  }

  std::vector<Diagnostic> diagnostics(const Location& where) const override {
    std::vector<Diagnostic> all;
    for (const Inspection::Problem& problem : inspection_->problems) {
      all.push_back(diagnostic_of(*inspection_, problem, where));
      all.back().severity = Severity::Warning; // the rest is as good as without it
    }
    return all;
  }

  const Inspection* module() const override { return inspection_.get(); }

private:
  std::unique_ptr<Inspection> inspection_;
  Symbolizer symbolizer_;
  uint32_t code_; // where the payload of CODE begins
};

// --- source maps

// -1: it is none.
int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

class MapSymbolizer final : public TraceSymbolizer {
public:
  // False, with a message: it is no source map.
  bool read(Bytes file, std::string& error) {
    JsonReader json(file);
    std::string key, mappings, root;
    int64_t version = 0;
    auto read_texts = [&](std::vector<std::string>& texts) {
      json.begin('[');
      while (json.next_element()) json.text(texts.emplace_back());
    };
    json.begin('{');
    while (json.next_key(key)) {
      if (key == "version") version = json.number();
      else if (key == "mappings") json.text(mappings);
      else if (key == "sourceRoot") json.text(root);
      else if (key == "sources") read_texts(sources_);
      else if (key == "names") read_texts(names_);
      else json.skip();
    }
    json.end();
    if (!json.failed() && version != 3) json.fail("source maps of version " + std::to_string(version));
    if (!json.failed() && !decode(mappings)) json.fail("mappings that cannot be read");
    error = json.error();
    if (!root.empty() && !root.ends_with('/')) root += '/';
    for (std::string& source : sources_) source.insert(0, root);
    return error.empty();
  }

  std::vector<ShownFrame> find(const TracePlace& place) override {
    auto next = std::upper_bound(mappings_.begin(), mappings_.end(), place.offset,
                                 [](uint64_t offset, const Mapping& m) { return offset < m.offset; });
    if (place.offset == none64 || next == mappings_.begin()) return {};
    const Mapping& m = *std::prev(next);
    if (m.source >= sources_.size()) return {};
    ShownFrame frame;
    if (m.name < names_.size()) frame.function = names_[m.name];
    frame.file = sources_[m.source];
    frame.line = m.line + 1;
    frame.column = m.column + 1;
    return {frame};
  }
  std::vector<Diagnostic> diagnostics(const Location&) const override { return {}; }

private:
  struct Mapping {
    uint64_t offset;
    uint32_t source, line, column, name; // none32: there is none
  };

  // Of the first line: a module has no other.
  bool decode(std::string_view text) {
    text = text.substr(0, text.find(';'));
    int64_t last[5] = {};
    for (size_t at = 0; at < text.size();) {
      int fields = 0;
      for (; at < text.size() && text[at] != ','; fields++) {
        uint64_t value = 0;
        uint32_t digit = 32;
        for (uint32_t shift = 0; digit & 32; shift += 5) {
          if (at == text.size() || shift > 40) return false;
          const int known = base64_digit(text[at++]);
          if (known < 0) return false;
          digit = static_cast<uint32_t>(known);
          value |= uint64_t{digit & 31} << shift;
        }
        if (fields > 4) return false;
        last[fields] += value & 1 ? -static_cast<int64_t>(value >> 1) : static_cast<int64_t>(value >> 1);
        if (last[fields] < 0 || last[fields] > none32) return false;
      }
      if (fields != 1 && fields != 4 && fields != 5) return false;
      at++; // the comma
      auto field = [&](int i) { return fields > i ? static_cast<uint32_t>(last[i]) : none32; };
      mappings_.push_back({static_cast<uint64_t>(last[0]), field(1), field(2), field(3), field(4)});
    }
    return std::is_sorted(mappings_.begin(), mappings_.end(),
                          [](const Mapping& a, const Mapping& b) { return a.offset < b.offset; });
  }

  std::vector<std::string> sources_, names_;
  std::vector<Mapping> mappings_;
};

// --- what a module names in its place

// The addresses in sections that have one and nothing else.
std::vector<std::string> addresses_in(const Inspection& module, std::string_view wanted) {
  std::vector<std::string> addresses;
  for (const inspection::Section& section : module.sections) {
    if (module.text(section.name) != wanted) continue;
    const Bytes payload =
        module.file.subspan(section.payload_offset, section.offset + section.size - section.payload_offset);
    ReadFailure failure;
    Reader reader(payload, "section", failure);
    const Bytes address = reader.name("an address");
    if (!failure.happened && !address.empty()) addresses.emplace_back(as_text(address));
  }
  return addresses;
}

// Of an address such as `data:application/json;base64,...`. False: it is another address, or malformed.
bool decode_data_address(std::string_view address, Vector<uint8_t>& out) {
  constexpr std::string_view marker = ";base64,";
  const size_t comma = address.find(',');
  if (!address.starts_with("data:") || comma == address.npos ||
      !address.substr(0, comma + 1).ends_with(marker))
    return false;
  address.remove_prefix(comma + 1);
  while (address.ends_with('=')) address.remove_suffix(1);
  uint32_t bits = 0, count = 0;
  for (const char c : address) {
    const int digit = base64_digit(c);
    if (digit < 0) return false;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    if ((count += 6) < 8) continue;
    out.push_back(static_cast<uint8_t>(bits >> (count -= 8)));
  }
  return true;
}

// Beside the module, or in the address itself. False, with a reason: it cannot be had. `path`: whose bytes they are.
bool read_address(Files& files, const std::string& module, const std::string& address, FileBytes& out,
                  std::string& path, std::string& problem) {
  Vector<uint8_t> decoded;
  if (decode_data_address(address, decoded)) return path = module, out = FileBytes::copy(decoded), true;
  if (address.starts_with("data:") || address.find("://") != address.npos)
    return problem = "it is no file", false;
  path = path_beside(module, address);
  return files.read(path, out, problem);
}

bool has_debug_information(const Inspection& module) {
  return std::any_of(module.sections.begin(), module.sections.end(), [&](const inspection::Section& section) {
    const std::string_view name = module.text(section.name);
    return name == ".debug_line" || name == ".debug_info";
  });
}

// What knows the sources of a module without debug information: the file that it names. A file of debug information knows
// inlined functions, which a map does not. `path` is the module's, and then that file's. None: it names nothing that can be read; `problem` says why.
std::unique_ptr<TraceSymbolizer> open_named(Files& files, std::string& path, const Inspection& module,
                                            FileBytes& file, std::string& problem) {
  if (has_debug_information(module)) return nullptr;
  for (const char* section : {"external_debug_info", "sourceMappingURL"})
    for (const std::string& address : addresses_in(module, section)) {
      std::string named, why;
      if (read_address(files, path, address, file, named, why))
        if (std::unique_ptr<TraceSymbolizer> found = open_symbolizer(file.bytes(), why))
          return path = named, std::move(found);
      if (problem.empty())
        problem.append("it names `").append(address).append("`, which cannot be read: ").append(why);
    }
  return nullptr;
}

// --- what is written

// Calls each(line, its frames) for the lines of a trace.
void for_each_line(
    TraceSymbolizer& symbolizer, std::string_view trace,
    const std::function<void(std::string_view, const TracePlace*, const std::vector<ShownFrame>&)>& each) {
  while (!trace.empty()) {
    const size_t size = std::min(trace.find('\n'), trace.size());
    const std::string_view line = trace.substr(0, size);
    TracePlace place;
    if (find_trace_place(line, place)) each(line, &place, symbolizer.find(place));
    else each(line, nullptr, {});
    trace.remove_prefix(std::min(size + 1, trace.size()));
  }
}

void append_frames(std::string& out, std::string_view line, const std::vector<ShownFrame>& frames) {
  if (frames.empty()) {
    append_printable(out, line);
    out += '\n';
    return;
  }
  const size_t indent = skip_spaces(line, 0);
  for (const ShownFrame& frame : frames) {
    out += line.substr(0, indent);
    out += "at ";
    append_printable(out, frame.function.empty() ? std::string_view("?") : frame.function);
    out += " (";
    append_printable(out, frame.file.empty() ? std::string_view("?") : frame.file);
    if (frame.line) out += ':' + std::to_string(frame.line);
    if (frame.line && frame.column) out += ':' + std::to_string(frame.column);
    out += frame.is_inlined ? ") [inlined]\n" : ")\n";
  }
}

} // namespace

bool find_trace_place(std::string_view line, TracePlace& place) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  for (auto find : {find_engine_place, find_numbered_place, find_bare_offset}) {
    place = {};
    if (find(line, place)) return true;
  }
  return false;
}

std::unique_ptr<TraceSymbolizer> open_symbolizer(Bytes file, std::string& error) {
  const std::string_view text = as_text(file);
  if (const size_t first = text.find_first_not_of(" \t\r\n"); first != text.npos && text[first] == '{') {
    auto map = std::make_unique<MapSymbolizer>();
    if (!map->read(file, error)) return nullptr;
    return map;
  }
  auto inspection = std::make_unique<Inspection>();
  inspect(file, *inspection);
  if (inspection->kind == InspectedKind::Other) {
    error = "neither a module nor a source map: it is " + std::string(describe_kind(*inspection));
    return nullptr;
  }
  return std::make_unique<DwarfSymbolizer>(std::move(inspection));
}

std::string symbolize_text(TraceSymbolizer& symbolizer, std::string_view trace) {
  std::string out;
  for_each_line(symbolizer, trace,
                [&](std::string_view line, const TracePlace*, const std::vector<ShownFrame>& frames) {
                  append_frames(out, line, frames);
                });
  return out;
}

std::string symbolize_json(TraceSymbolizer& symbolizer, std::string_view trace, const Location& where) {
  JsonWriter json;
  std::string text;
  uint32_t number = 0;
  json.open('{');
  json.open("places", '[');
  for_each_line(symbolizer, trace,
                [&](std::string_view line, const TracePlace* place, const std::vector<ShownFrame>& frames) {
                  append_frames(text, line, frames);
                  const uint32_t row = number++;
                  if (!place) return;
                  json.open('{');
                  json.field("line", row);
                  if (place->offset != none64) json.field("offset", place->offset);
                  if (place->function != none32) json.field("function", place->function);
                  json.open("frames", '[');
                  for (const ShownFrame& frame : frames) {
                    json.open('{');
                    if (!frame.function.empty()) json.field("function", frame.function);
                    if (!frame.file.empty()) json.field("file", frame.file);
                    if (frame.line) json.field("line", frame.line);
                    if (frame.column) json.field("column", frame.column);
                    json.flag("inlined", frame.is_inlined);
                    json.close('}');
                  }
                  json.close(']');
                  json.close('}');
                });
  json.close(']');
  json.field("text", text);
  json.open("diagnostics", '[');
  for (const Diagnostic& d : symbolizer.diagnostics(where)) write_diagnostic(json, d, Demangling::Llvm22);
  json.close(']');
  json.close('}');
  return json.take();
}

int run_symbolize(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  std::string path, trace, problem;
  bool has_offsets = false, is_json = false, wants_help = false;
  const std::string more = "`weld symbolize --help` explains what it takes, and has examples";
  auto fail = [&](std::string_view text) { return fail_subcommand(err, text); };
  ArgumentFault fault;
  for (const SubcommandArgument& argument :
       read_subcommand_arguments(arguments, symbolize_help, wants_help, fault)) {
    TracePlace place;
    if (argument.option) is_json = true;
    else if (path.empty()) path = argument.text;
    else if (!find_bare_offset(argument.text, place)) {
      if (fault.text.empty())
        fault = {"`" + std::string(argument.text) + "` is no offset, as 0x1a2b is", more};
    } else {
      trace.append(argument.text) += '\n';
      has_offsets = true;
    }
  }
  if (wants_help) return out(symbolize_help.text()), 0;
  if (fault.text.empty() && path.empty())
    fault = {"weld symbolize needs a module, a file with debug information, or a source map", more};
  if (fault.text.empty() && path == "-" && !has_offsets)
    fault = {"FILE is `-`, and the trace comes from the standard input too",
             "give offsets, or the name of a file"};
  if (!fault.text.empty()) return fail_subcommand(err, fault.text, fault.note);
  FileBytes file, named_file, input;
  if (!read_named(files, path, file, problem)) return fail("cannot open `" + path + "`: " + problem);
  std::unique_ptr<TraceSymbolizer> symbolizer = open_symbolizer(file.bytes(), problem);
  if (!symbolizer) return fail(path + ": " + problem);
  if (const Inspection* module = symbolizer->module()) {
    std::unique_ptr<TraceSymbolizer> named = open_named(files, path, *module, named_file, problem);
    if (named) symbolizer = std::move(named);
    else if (!problem.empty()) {
      std::string warning;
      append_printable(warning, path + " has no debug information: " + problem);
      err("weld: warning: " + warning + '\n');
    }
  }
  if (!has_offsets) {
    if (!files.read("/dev/stdin", input, problem)) return fail("cannot read the standard input: " + problem);
    trace = as_text(input.bytes());
  }
  Location where;
  where.input = path;
  out(is_json ? symbolize_json(*symbolizer, trace, where) + '\n' : symbolize_text(*symbolizer, trace));
  if (!is_json)
    for (const Diagnostic& d : symbolizer->diagnostics(where))
      err("weld: warning: " + render(d, DiagnosticStyle::Weld, Demangling::Llvm22) + '\n');
  return 0;
}

} // namespace weld
