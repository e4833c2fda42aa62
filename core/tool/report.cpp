#include "core/tool/report.h"

#include "core/base/utf8.h"
#include "core/input/file_kind.h"
#include "core/report/show_json.h"
#include "core/report/show_text.h"

namespace weld {

namespace {

using namespace report;

// What may be asked for: `--json`, `--limit=N`, ... and names.
class ReportTool {
public:
  // `usage`: what --help says, which also has the options. `names`: how many there must be.
  ReportTool(std::string_view usage, size_t names, Files& files, const Sink& out, const Sink& err)
      : usage_(usage), names_wanted_(names), files_(files), out_(out), err_(err) {}

  bool parse(std::span<const std::string> arguments) {
    bool only_names = false;
    for (std::string_view argument : arguments) {
      auto takes = [&](std::string_view prefix) {
        return argument.starts_with(prefix) && usage_.find(prefix) != usage_.npos;
      };
      if (only_names || !argument.starts_with("-") || argument == "-") names_.emplace_back(argument);
      else if (argument == "--") only_names = true;
      else if (argument == "--help") return help_ = true;
      else if (argument == "--json") json = true;
      else if (argument == "--no-demangle") text.demangling = Demangling::None;
      else if (takes("--limit=")) {
        if (!parse_limit(argument.substr(8)))
          return wrong("`" + std::string(argument) + "`: expected a number");
      } else if (takes("--by=")) {
        if (!parse_size_by(argument.substr(5), by))
          return wrong("`" + std::string(argument) + "`: expected " + std::string(size_by_words));
        has_by_ = true;
      } else if (argument == "--html" && takes_html()) html = true;
      else if (argument.starts_with("--html=") && takes_html()) {
        html = true;
        html_path = argument.substr(7);
        if (html_path.empty()) return wrong("`--html=`: a file name is missing");
      } else if (argument == "--retained" && takes("--retained")) retained = true;
      else if (argument == "--stub" && takes("--stub")) stub = true;
      else return wrong("unknown option `" + std::string(argument) + "`");
    }
    if (names_.size() != names_wanted_)
      return wrong(names_.size() < names_wanted_ ? "a name is missing" : "too many names");
    if (html && json) return wrong("`--html` does not go with `--json`");
    if (retained && !has_by_) by = SizeBy::Symbol;
    if (retained && by != SizeBy::Symbol) return wrong("`--retained` goes with `--by=symbol`");
    if (json && !has_limit_) text.limit = 0;
    return true;
  }

  const std::string& name(size_t i) const { return names_[i]; }

  // `needs`: what a module without its metafile does not say; empty: it will do.
  bool read(size_t i, Report& report, std::string_view needs = "what keeps what") {
    FileBytes file;
    std::string error;
    if (!files_.read(names_[i], file, error)) return fail("cannot open `" + names_[i] + "`: " + error);
    const bool is_metafile = !is_binary(file.bytes());
    if (!is_metafile && !needs.empty())
      return fail(names_[i] + ": a module does not say " + std::string(needs) + std::string(hint));
    const ReadError wrong = is_metafile ? read_report(file.bytes(), report)
                                        : read_module(file.bytes(), base_name(names_[i]), report);
    if (wrong.text.empty()) return true;
    return fail(names_[i] + ": offset " + std::to_string(wrong.offset) + ": " + wrong.text +
                (is_metafile ? std::string(hint) : ""));
  }
  // What sizes are asked for, of a metafile or a module.
  bool read_sizes(size_t i, Report& report) {
    if (!read(i, report,
              retained                     ? "what keeps what"
              : has_by_ && needs_files(by) ? "from which files it was linked"
                                           : ""))
      return false;
    if (!report.explains && !has_by_) by = SizeBy::Function;
    return true;
  }

  // The page that shows the sizes, with all that it needs.
  bool write_page(const Report& report, const Report* before) {
    constexpr size_t most_leaves = 20000;
    constexpr std::string_view place = "{\"weld\":\"model\"}";
    std::string page = files_.size_page();
    const size_t at = page.find(place);
    if (at == page.npos) return fail("this build of weld has no page for `--html`");
    std::string model;
    // Nothing in it may end the element that it stands in.
    for (char c : size_model_json(report, before, has_limit_ ? text.limit : most_leaves))
      if (c == '<') model += "\\u003c";
      else model += c;
    page.replace(at, place.size(), model);
    const std::string path = html_path.empty() ? names_.back() + ".html" : html_path;
    std::string error;
    if (!files_.write(path, as_bytes(page), false, error))
      return fail("cannot write `" + path + "`: " + error);
    std::string line = "wrote ";
    append_printable(line, path);
    out_(line + "\n");
    return true;
  }

  bool help() const {
    if (help_) out_("Usage: weld " + std::string(usage_) + "\n");
    return help_;
  }
  // Names in a message are whatever somebody wrote.
  bool fail(std::string_view message, const std::string& usage = {}) {
    std::string line = "weld: error: ";
    append_printable(line, message);
    err_(line + usage + "\n");
    return false;
  }

  bool has_by() const { return has_by_; }

  bool json = false, retained = false, stub = false, html = false;
  std::string html_path; // empty: beside what is read
  SizeBy by = SizeBy::Input;
  TextOptions text{.limit = 30};

private:
  static constexpr std::string_view hint = "; `weld ... --metafile=FILE` writes metafiles";

  bool takes_html() const { return usage_.find("--html") != usage_.npos; }
  static bool is_binary(Bytes file) {
    switch (identify_file(file)) {
    case FileKind::WasmModule:
    case FileKind::WasmComponent:
    case FileKind::Archive:
    case FileKind::ThinArchive:
    case FileKind::Elf:
    case FileKind::Bitcode: return true;
    default: return false;
    }
  }
  bool wrong(const std::string& message) { return fail(message, "\nUsage: weld " + std::string(usage_)); }
  bool parse_limit(std::string_view digits) {
    text.limit = 0;
    has_limit_ = true;
    for (char c : digits) {
      if (c < '0' || c > '9' || text.limit > 1u << 26) return false;
      text.limit = text.limit * 10 + static_cast<size_t>(c - '0');
    }
    return !digits.empty();
  }

  std::string_view usage_;
  size_t names_wanted_;
  Files& files_;
  const Sink& out_;
  const Sink& err_;
  std::vector<std::string> names_;
  bool help_ = false, has_by_ = false, has_limit_ = false;
};

} // namespace

int run_size(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  static const std::string usage = "size METAFILE|MODULE [--by=" + std::string(size_by_words) +
                                   "] [--retained] [--limit=N] [--html[=FILE] | --json] [--no-demangle]";
  ReportTool tool(usage, 1, files, out, err);
  Report report;
  if (!tool.parse(arguments)) return 1;
  if (tool.help()) return 0;
  if (!tool.read_sizes(0, report)) return 1;
  if (tool.html) return !tool.write_page(report, nullptr);
  out(tool.json ? size_json(report, tool.by, tool.retained, tool.text.limit)
                : size_text(report, tool.by, tool.retained, tool.text));
  return 0;
}

int run_why(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  ReportTool tool("why METAFILE SYMBOL [--limit=N] [--json] [--no-demangle]", 2, files, out, err);
  Report report;
  if (!tool.parse(arguments)) return 1;
  if (tool.help()) return 0;
  if (!tool.read(0, report)) return 1;
  const Why answer = why(report, tool.name(1));
  if (tool.json) {
    out(why_json(report, answer));
  } else if (answer.matches.empty()) {
    std::string message = "nothing in " + report.output_name + " is called `" + tool.name(1) + "`";
    for (size_t i = 0; i < answer.similar.size(); i++)
      message += (i ? ", `" : "; did you mean `") + answer.similar[i] + "`";
    tool.fail(answer.similar.empty() ? message : message + "?");
  } else {
    out(why_text(report, answer, tool.text));
  }
  return answer.matches.empty();
}

int run_removed(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  ReportTool tool("removed METAFILE [--limit=N] [--json] [--no-demangle]", 1, files, out, err);
  Report report;
  if (!tool.parse(arguments)) return 1;
  if (tool.help()) return 0;
  if (!tool.read(0, report)) return 1;
  out(tool.json ? removed_json(report, tool.text.limit) : removed_text(report, tool.text));
  return 0;
}

int run_memory(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  ReportTool tool("memory METAFILE [--json]", 1, files, out, err);
  Report report;
  if (!tool.parse(arguments)) return 1;
  if (tool.help()) return 0;
  if (!tool.read(0, report)) return 1;
  out(tool.json ? memory_json(report) : memory_text(report));
  return 0;
}

int run_imports(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  ReportTool tool("imports METAFILE|MODULE [--stub] [--json] [--no-demangle]", 1, files, out, err);
  Report report;
  if (!tool.parse(arguments)) return 1;
  if (tool.help()) return 0;
  if (!tool.read(0, report, {})) return 1;
  out(tool.stub ? import_stub(report) : tool.json ? imports_json(report) : imports_text(report, tool.text));
  return 0;
}

int run_diff(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  static const std::string usage = "diff OLD NEW [--by=" + std::string(size_by_words) +
                                   "] [--limit=N] [--html[=FILE] | --json] [--no-demangle]\n"
                                   "OLD and NEW are metafiles or modules.";
  ReportTool tool(usage, 2, files, out, err);
  tool.by = SizeBy::Symbol;
  Report before, after;
  if (!tool.parse(arguments)) return 1;
  if (tool.help()) return 0;
  const SizeBy by = tool.by;
  if (!tool.read_sizes(0, before) || !tool.read_sizes(1, after)) return 1;
  if (tool.html) return !tool.write_page(after, &before);
  if (tool.json)
    out(tool.has_by() ? diff_table_json(before, after, by, tool.text.limit)
                      : diff_json(before, after, tool.text.limit));
  else out(diff_text(before, after, by, tool.text));
  return 0;
}

} // namespace weld
