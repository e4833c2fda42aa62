#include "core/tool/subcommand_help.h"

#include "core/base/near_name.h"
#include "core/base/utf8.h"

#include <algorithm>

namespace weld {

std::string SubcommandHelp::text() const {
  size_t column = 0;
  auto shown = [](const SubcommandOption& option) {
    std::string out = "--" + std::string(option.name);
    if (option.needs_value()) out += '=';
    return out.append(option.value);
  };
  for (const SubcommandOption& option : options)
    if (!option.name.empty() && !option.help.empty()) column = std::max(column, shown(option).size() + 4);
  std::string out = "Usage: weld ";
  out.append(name).append(" ").append(operands).append(options.empty() ? "\n\n" : " [OPTION...]\n\n");
  out.append(description);
  bool has_title = false;
  for (const SubcommandOption& option : options) {
    if (option.help.empty()) continue;
    if (option.name.empty() || !has_title)
      out.append("\n").append(option.name.empty() ? option.help : "Options").append(":\n");
    has_title = true;
    if (option.name.empty()) continue;
    std::string line = "  " + shown(option);
    line.append(column - line.size(), ' ');
    for (char c : option.help) {
      line += c;
      if (c == '\n') line.append(column, ' ');
    }
    out += line + '\n';
  }
  return out.append(has_title ? "" : "\n").append("\nExamples:\n").append(examples);
}

std::string SubcommandArgument::written() const {
  if (!option) return std::string(text);
  std::string out = "--" + std::string(option->name);
  if (has_value) out.append("=").append(value);
  return out;
}

static std::string_view nearest_option(std::string_view written, std::span<const SubcommandOption> options) {
  std::vector<std::string_view> names = {"help"};
  for (const SubcommandOption& option : options)
    if (!option.help.empty()) names.push_back(option.name);
  return nearest_name(written, names);
}

std::vector<SubcommandArgument> read_subcommand_arguments(std::span<const std::string> arguments,
                                                          const SubcommandHelp& help, bool& wants_help,
                                                          ArgumentFault& fault) {
  std::vector<SubcommandArgument> out;
  const std::string more = "`weld " + std::string(help.name) + " --help` explains the options";
  wants_help = false;
  fault = {};
  for (size_t i = 0; i < arguments.size(); i++) {
    const std::string_view text = arguments[i];
    if (text == "--") {
      while (++i < arguments.size()) out.push_back({nullptr, {}, arguments[i], false});
      break;
    }
    if (!text.starts_with('-') || text == "-") {
      out.push_back({nullptr, {}, text, false});
      continue;
    }
    const std::string_view spelt = text.substr(text.starts_with("--") ? 2 : 1);
    const size_t equals = spelt.find('=');
    const std::string_view name = spelt.substr(0, equals);
    if (spelt == "help" || text == "-h") {
      wants_help = true;
      fault = {};
      return {};
    }
    if (!fault.text.empty()) continue; // --help may follow
    auto option = std::find_if(help.options.begin(), help.options.end(),
                               [&](const SubcommandOption& o) { return !o.name.empty() && o.name == name; });
    if (option == help.options.end()) {
      const std::string meant(nearest_option(name, help.options));
      fault = {"unknown option `" + std::string(text) + "`",
               meant.empty() ? more
                             : std::string("did you mean `--").append(meant).append("`? ").append(more)};
      continue;
    }
    out.push_back({&*option, {}, text, false});
    SubcommandArgument& argument = out.back();
    argument.has_value = equals != spelt.npos;
    if (argument.has_value) argument.value = spelt.substr(equals + 1);
    if (argument.has_value && !option->takes_value())
      fault = {"`" + std::string(text) + "`: `--" + std::string(name) + "` takes no value", more};
    if (argument.has_value || !option->needs_value()) continue;
    if (i + 1 == arguments.size()) {
      fault = {"`" + std::string(text) + "` needs a value: --" + std::string(name) + "=" +
                   std::string(option->value),
               more};
      continue;
    }
    argument.value = arguments[++i];
    argument.has_value = true;
  }
  return out;
}

int fail_subcommand(const Sink& err, std::string_view text, std::string_view note) {
  std::string line = "weld: error: ";
  append_printable(line, text);
  if (!note.empty()) {
    line += "\n  note: ";
    append_printable(line, note);
  }
  err(line + "\n");
  return 1;
}

} // namespace weld
