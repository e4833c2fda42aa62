// `weld symbolize`: places of code in a stack trace as places in sources.
#pragma once

#include "core/tool/files.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weld {

struct Inspection;

// A place that a line of a trace names.
struct TracePlace {
  uint64_t offset = ~uint64_t{0}; // in the module; the largest: not known
  uint32_t function = none32;     // its number; none32: not known
};

// Finds the place in a line as V8, SpiderMonkey, JavaScriptCore and wasmtime write it, or in a line that is an offset.
bool find_trace_place(std::string_view line, TracePlace& place);

// A function that is active at a place. Empty, 0: not known.
struct ShownFrame {
  std::string function, file;
  uint32_t line = 0, column = 0;
  bool is_inlined = false; // into the next one
};

// What knows the sources: a module or a file with debug information, or a source map.
class TraceSymbolizer {
public:
  virtual ~TraceSymbolizer() = default;
  // The innermost function first; none: nothing is known.
  virtual std::vector<ShownFrame> find(const TracePlace& place) = 0;
  // What is malformed in it; `where` is the input.
  virtual std::vector<Diagnostic> diagnostics(const Location& where) const = 0;
  // Null: it is a source map.
  virtual const Inspection* module() const { return nullptr; }
};

// By the first bytes of the file, which has to stay. Null, with a message: it is neither.
std::unique_ptr<TraceSymbolizer> open_symbolizer(Bytes file, std::string& error);

// A trace whose lines name their sources; lines that name no place stay as they are. One line for each function.
std::string symbolize_text(TraceSymbolizer& symbolizer, std::string_view trace);
// `{text, places, diagnostics}`: js/src/symbolize_types.ts.
std::string symbolize_json(TraceSymbolizer& symbolizer, std::string_view trace, const Location& where);

int run_symbolize(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err);

} // namespace weld
