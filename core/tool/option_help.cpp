// What people are told of options: --help, --version, and suggestions for misspelt ones.
#include "core/base/near_name.h"
#include "core/tool/arguments.h"

#include <algorithm>

#ifndef WELD_VERSION
#define WELD_VERSION "0.1.0" // CMake says it
#endif

namespace weld {

namespace {

// Of each row.
constexpr OptionHelp option_helps[] = {
#define WELD_OPTION(id, spelling, kind, dashes, alias, argument, help, since) {argument, help},
#define WELD_OPTION_GROUP(title) {},
#define WELD_OPTION_REMARK(id, does, weld)
#include "core/tool/options.def"
#undef WELD_OPTION
#undef WELD_OPTION_GROUP
#undef WELD_OPTION_REMARK
};

} // namespace

const OptionHelp& help_of(const OptionRow& row) {
  return option_helps[&row - option_rows().data()];
}

static std::string display_option(const OptionRow& row) {
  return std::string(row.dashes == Dashes::One ? "-" : "--").append(row.spelling);
}

std::string suggest_option(std::string_view text, Compat compat) {
  std::string_view name = text.substr(std::min(text.find_first_not_of('-'), text.size()));
  size_t equals = name.find('=');
  name = name.substr(0, equals);
  if (name.size() < 3) return {};
  const OptionRow* best = nullptr;
  size_t best_distance = near_distance(name) + 1; // it must be closer than that
  for (const OptionRow& row : option_rows()) {
    std::string_view spelling = row.spelling;
    if (spelling.ends_with('=')) spelling.remove_suffix(1);
    if (spelling.size() < 3 || !row.is_accepted(compat)) continue;
    size_t distance = edit_distance(name, spelling, best_distance);
    if (distance >= best_distance) continue;
    best = &row;
    best_distance = distance;
  }
  if (!best) return {};
  std::string meant = display_option(*best);
  if (best->kind == OptionKind::Eq && equals != name.npos) meant += '=';
  return meant;
}

std::string help_text(std::string_view program, Compat compat) {
  constexpr size_t column = 32;
  std::string out = "OVERVIEW: weld, a WebAssembly linker\n\nUSAGE: ";
  out += program;
  out += " [options] file...\n";
  if (compat == Compat::Weld) out += "What else there is: " + std::string(program) + " help\n";
  out += "\nOPTIONS:\n";
  for (const OptionRow& row : option_rows()) {
    if (row.id == OptionId::none) {
      if (&row != option_rows().data()) out += '\n';
      out += std::string(row.spelling) + ":\n";
      continue;
    }
    const OptionHelp& texts = help_of(row);
    if (texts.help.empty() || !row.is_accepted(compat)) continue;
    std::string name = "  " + display_option(row);
    if (row.kind == OptionKind::Eq) name += '=';
    if (row.kind == OptionKind::JoinedOrSeparate || row.kind == OptionKind::Separate) name += ' ';
    if (!texts.argument.empty()) name += "<" + std::string(texts.argument) + ">";
    if (name.size() < column) name.append(column - name.size(), ' ');
    else name += "\n" + std::string(column, ' ');
    out += name + std::string(texts.help) + "\n";
  }
  return out;
}

std::string_view patch_help_text() {
  return "Usage: weld patch PROGRAM.wasm -o PATCH.wasm ARGUMENTS...\n"
         "\n"
         "Makes a patch of a program that was linked with --live and --live-state. ARGUMENTS are those of "
         "that "
         "link,\n"
         "but for -o. If only a new program can have what was edited, PROGRAM.wasm is linked anew.\n"
         "\n"
         "Exit code: 0 the program can have the patch, or has everything; 1 an error; 2 a restart is "
         "needed.\n"
         "\n"
         "Examples:\n"
         "  weld --live --live-state main.o -o app.wasm\n"
         "  weld patch app.wasm -o patch.wasm --live --live-state main.o\n";
}

// Build systems look for LLD and its version in this.
std::string version_text(Compat compat) {
  const char* lld = compat == Compat::Lld23   ? "23.1.0"
                    : compat == Compat::Lld22 ? "22.1.0"
                    : compat == Compat::Lld14 ? "14.0.6"
                                              : "19.1.7";
  return std::string("weld " WELD_VERSION " (compatible with LLD ") + lld + ")";
}

} // namespace weld
