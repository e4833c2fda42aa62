#include "core/tool/report.h"

#include "core/base/utf8.h"
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
          return wrong("`" + std::string(argument) + "`: expected input, member, section, symbol or kind");
        has_by_ = true;
      } else if (argument == "--retained" && takes("--retained")) retained = true;
      else if (argument == "--stub" && takes("--stub")) stub = true;
      else return wrong("unknown option `" + std::string(argument) + "`");
    }
    if (names_.size() != names_wanted_)
      return wrong(names_.size() < names_wanted_ ? "a name is missing" : "too many names");
    if (retained && !has_by_) by = SizeBy::Symbol;
    if (retained && by != SizeBy::Symbol) return wrong("`--retained` goes with `--by=symbol`");
    if (json && !has_limit_) text.limit = 0;
    return true;
  }

  const std::string& name(size_t i) const { return names_[i]; }

  bool read(size_t i, Report& report) {
    FileBytes file;
    std::string error;
    if (!files_.read(names_[i], file, error)) return fail("cannot open `" + names_[i] + "`: " + error);
    const ReadError wrong = read_report(file.bytes(), report);
    if (wrong.text.empty()) return true;
    return fail(names_[i] + ": offset " + std::to_string(wrong.offset) + ": " + wrong.text +
                "; `weld ... --metafile=FILE` writes metafiles");
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

  bool json = false, retained = false, stub = false;
  SizeBy by = SizeBy::Input;
  TextOptions text{.limit = 30};

private:
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
  ReportTool tool("size METAFILE [--by=input|member|section|symbol|kind] [--retained] [--limit=N] [--json] "
                  "[--no-demangle]",
                  1, files, out, err);
  Report report;
  if (!tool.parse(arguments)) return 1;
  if (tool.help()) return 0;
  if (!tool.read(0, report)) return 1;
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
  ReportTool tool("imports METAFILE [--stub] [--json] [--no-demangle]", 1, files, out, err);
  Report report;
  if (!tool.parse(arguments)) return 1;
  if (tool.help()) return 0;
  if (!tool.read(0, report)) return 1;
  out(tool.stub ? import_stub(report) : tool.json ? imports_json(report) : imports_text(report, tool.text));
  return 0;
}

int run_diff(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  ReportTool tool("diff OLD-METAFILE NEW-METAFILE [--limit=N] [--json] [--no-demangle]", 2, files, out, err);
  Report before, after;
  if (!tool.parse(arguments)) return 1;
  if (tool.help()) return 0;
  if (!tool.read(0, before) || !tool.read(1, after)) return 1;
  out(tool.json ? diff_json(before, after, tool.text.limit) : diff_text(before, after, tool.text));
  return 0;
}

} // namespace weld
