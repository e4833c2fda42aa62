#include "core/tool/report.h"

#include "core/base/near_name.h"
#include "core/base/utf8.h"
#include "core/input/file_kind.h"
#include "core/report/show_json.h"
#include "core/report/show_text.h"
#include "core/tool/subcommand_help.h"

#include <algorithm>

namespace weld {

namespace {

using namespace report;

using Option = SubcommandOption;

constexpr Option json_option = {"json", "", "print JSON, for other programs"};
constexpr Option no_demangle_option = {"no-demangle", "", "print names as the linker has them"};
constexpr Option limit_option = {"limit", "N", "print at most N rows (default 30; 0: all; all with --json)"};
constexpr Option html_option = {"html", "[=FILE]",
                                "write a page that shows it as a map: one file, for people and for CI"};
constexpr Option by_option = {"by", "GROUP",
                              "what the bytes are summed up by: function, namespace, crate, symbol,\n"
                              "object, member, directory, input, section or kind; of a module with debug\n"
                              "information also source (its files) or line"};

constexpr Option size_options[] = {
    by_option,    {"retained", "", "how many bytes the output would lack without each symbol"},
    limit_option, html_option,
    json_option,  no_demangle_option,
};
constexpr Option lists_options[] = {limit_option, json_option, no_demangle_option};
constexpr Option memory_options[] = {json_option};
constexpr Option imports_options[] = {
    {"stub", "", "print an ES module with a function for each import, to fill in"},
    json_option,
    no_demangle_option,
};
constexpr Option diff_options[] = {by_option, limit_option, html_option, json_option, no_demangle_option};

constexpr SubcommandHelp size_help = {"size", "METAFILE|MODULE",
                                      "Shows what an output consists of. The bytes add up to its size. Of a "
                                      "module without its metafile, it says\n"
                                      "what the module's names say.\n",
                                      size_options,
                                      "  weld --metafile=main.json -o main.wasm main.o -lc\n"
                                      "  weld size main.json --by=namespace\n"
                                      "  weld size main.wasm --by=source\n"
                                      "  weld size main.wasm --html=size.html\n"};
constexpr SubcommandHelp why_help = {
    "why", "METAFILE SYMBOL",
    "Shows why a symbol is in an output: a path from a root to it, and all that refers to it.\n",
    lists_options,
    "  weld --metafile=main.json -o main.wasm main.o -lc\n"
    "  weld why main.json printf\n"};
constexpr SubcommandHelp removed_help = {"removed", "METAFILE",
                                         "Shows what garbage collection removed, and what refers to it.\n",
                                         lists_options, "  weld removed main.json --limit=0\n"};
constexpr SubcommandHelp memory_help = {"memory", "METAFILE",
                                        "Shows what is where in memory: stack, data, heap.\n", memory_options,
                                        "  weld memory main.json\n"};
constexpr SubcommandHelp imports_help = {
    "imports", "METAFILE|MODULE",
    "Shows what an output imports. A metafile also says what needs each import.\n", imports_options,
    "  weld imports main.json\n"
    "  weld imports main.wasm --stub > imports.js\n"};
constexpr SubcommandHelp diff_help = {
    "diff", "OLD NEW", "Shows what differs between two outputs. OLD and NEW are metafiles or modules.\n",
    diff_options,
    "  weld diff old.json new.json --by=function\n"
    "  weld diff old.wasm new.wasm --html=diff.html\n"};

// What is asked for: the options, and `names` names.
class ReportTool {
public:
  ReportTool(const SubcommandHelp& help, size_t names, Files& files, const Sink& out, const Sink& err)
      : help_(help), names_wanted_(names), files_(files), out_(out), err_(err) {}

  bool parse(std::span<const std::string> arguments) {
    ArgumentFault fault;
    for (const SubcommandArgument& argument : read_subcommand_arguments(arguments, help_, wants_help_, fault)) {
      if (!fault.text.empty()) break;
      const std::string_view name = argument.option ? argument.option->name : std::string_view();
      const std::string written = "`" + argument.written() + "`";
      if (!argument.option) names_.emplace_back(argument.text);
      else if (name == "json") json = true;
      else if (name == "no-demangle") text.demangling = Demangling::None;
      else if (name == "retained") retained = true;
      else if (name == "stub") stub = true;
      else if (name == "limit") {
        if (!parse_limit(argument.value)) return wrong(written + ": expected a number");
      } else if (name == "by") {
        has_by_ = true;
        if (!parse_size_by(argument.value, by)) return wrong_by(written, argument.value);
      } else {
        html = true;
        html_path = argument.value;
        if (argument.has_value && html_path.empty()) return wrong(written + ": a file name is missing");
      }
    }
    if (wants_help_) return true;
    if (!fault.text.empty()) return fail(fault.text, fault.note);
    const std::string takes = "`weld " + std::string(help_.name) + "` takes " + std::string(help_.operands);
    if (names_.size() < names_wanted_) return wrong("a name is missing: " + takes);
    if (names_.size() > names_wanted_)
      return wrong("`" + names_[names_wanted_] + "` is one name too many: " + takes);
    if (names_.size() > 1 && names_[0] == "-" && names_[1] == "-")
      return wrong("both files are `-`, and there is only one standard input");
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
    if (!read_named(files_, names_[i], file, error)) return fail("cannot open `" + names_[i] + "`: " + error);
    const bool is_metafile = !is_binary(file.bytes());
    if (!is_metafile && !needs.empty())
      return fail(names_[i] + ": a module does not say " + std::string(needs), hint);
    if (has_by_ && needs_lines(by) && is_metafile)
      return fail(names_[i] + ": a metafile does not say from which lines of sources the code comes",
                  "give the module, linked with debug information");
    const ReadError wrong =
        is_metafile ? read_report(file.bytes(), report)
                    : read_module(file.bytes(), base_name(names_[i]), has_by_ && needs_lines(by), report);
    if (wrong.text.empty()) return true;
    return fail(names_[i] + ": offset " + std::to_string(wrong.offset) + ": " + wrong.text,
                is_metafile ? "`weld ... --metafile=FILE` writes metafiles" : "");
  }
  // What sizes are asked for, of a metafile or a module.
  bool read_sizes(size_t i, Report& report) {
    if (!read(i, report,
              retained                     ? "what keeps what"
              : has_by_ && needs_files(by) ? "from which files it was linked"
                                           : ""))
      return false;
    if (!report.explains && !has_by_) by = SizeBy::Function;
    if (has_by_ && needs_lines(by) && report.source_lines.empty())
      return fail(names_[i] + ": the module has no debug information",
                  "compile with `-g` or `-gline-tables-only`, and link without `--strip-debug`");
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
    const std::string beside = names_.back() == "-" ? "stdin" : names_.back();
    const std::string path = html_path.empty() ? beside + ".html" : html_path;
    std::string error;
    if (!files_.write(path, as_bytes(page), false, error))
      return fail("cannot write `" + path + "`: " + error);
    std::string line = "wrote ";
    append_printable(line, path);
    out_(line + "\n");
    return true;
  }

  bool help() const {
    if (wants_help_) out_(help_.text());
    return wants_help_;
  }
  bool fail(std::string_view message, std::string_view note = {}) {
    fail_subcommand(err_, message, note);
    return false;
  }

  bool has_by() const { return has_by_; }

  bool json = false, retained = false, stub = false, html = false;
  std::string html_path; // empty: beside what is read
  SizeBy by = SizeBy::Input;
  TextOptions text{.limit = 30};

private:
  static constexpr std::string_view hint =
      "a metafile says it: link with `--metafile=FILE`, and give FILE in place of the module";

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
  bool wrong(std::string_view message) {
    return fail(message,
                "`weld " + std::string(help_.name) + " --help` explains what it takes, and has examples");
  }
  bool wrong_by(const std::string& written, std::string_view value) {
    std::vector<std::string_view> words;
    for (std::string_view rest = size_by_words; !rest.empty();) {
      const std::string_view word = rest.substr(0, rest.find('|'));
      words.push_back(word);
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    }
    const std::string meant(nearest_name(value, words));
    return fail(written + ": expected " + std::string(size_by_words),
                meant.empty() ? meant : "did you mean `" + meant + "`?");
  }
  bool parse_limit(std::string_view digits) {
    text.limit = 0;
    has_limit_ = true;
    for (char c : digits) {
      if (c < '0' || c > '9' || text.limit > 1u << 26) return false;
      text.limit = text.limit * 10 + static_cast<size_t>(c - '0');
    }
    return !digits.empty();
  }

  const SubcommandHelp& help_;
  size_t names_wanted_;
  Files& files_;
  const Sink& out_;
  const Sink& err_;
  std::vector<std::string> names_;
  bool wants_help_ = false, has_by_ = false, has_limit_ = false;
};

} // namespace

int run_size(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  ReportTool tool(size_help, 1, files, out, err);
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
  ReportTool tool(why_help, 2, files, out, err);
  Report report;
  if (!tool.parse(arguments)) return 1;
  if (tool.help()) return 0;
  if (!tool.read(0, report)) return 1;
  const Why answer = why(report, tool.name(1));
  if (tool.json) {
    out(why_json(report, answer));
  } else if (answer.matches.empty()) {
    std::string meant;
    for (const std::string& name : answer.similar)
      meant += (meant.empty() ? "did you mean `" : ", `") + name + "`";
    tool.fail("nothing in " + report.output_name + " is called `" + tool.name(1) + "`",
              meant.empty() ? meant : meant + "?");
  } else {
    out(why_text(report, answer, tool.text));
  }
  return answer.matches.empty();
}

int run_removed(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  ReportTool tool(removed_help, 1, files, out, err);
  Report report;
  if (!tool.parse(arguments)) return 1;
  if (tool.help()) return 0;
  if (!tool.read(0, report)) return 1;
  out(tool.json ? removed_json(report, tool.text.limit) : removed_text(report, tool.text));
  return 0;
}

int run_memory(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  ReportTool tool(memory_help, 1, files, out, err);
  Report report;
  if (!tool.parse(arguments)) return 1;
  if (tool.help()) return 0;
  if (!tool.read(0, report)) return 1;
  out(tool.json ? memory_json(report) : memory_text(report));
  return 0;
}

int run_imports(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  ReportTool tool(imports_help, 1, files, out, err);
  Report report;
  if (!tool.parse(arguments)) return 1;
  if (tool.help()) return 0;
  if (!tool.read(0, report, {})) return 1;
  out(tool.stub ? import_stub(report) : tool.json ? imports_json(report) : imports_text(report, tool.text));
  return 0;
}

int run_diff(std::span<const std::string> arguments, Files& files, const Sink& out, const Sink& err) {
  ReportTool tool(diff_help, 2, files, out, err);
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
