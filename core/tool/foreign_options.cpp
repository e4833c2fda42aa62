#include "core/tool/foreign_options.h"

#include <algorithm>

namespace weld {

namespace {

constexpr std::string_view macos = "macOS' linker", elf = "linkers for ELF";
constexpr std::string_view leave_out = "leave it out", shared = "pass -shared",
                           whole = "pass --whole-archive", export_names = "export by name, with --export",
                           no_script = "there are no linker scripts: name files and options on the line";
constexpr ForeignOption foreign_options[] = {
    {"framework", macos, leave_out},
    {"syslibroot", macos, leave_out},
    {"platform_version", macos, leave_out},
    {"macosx_version_min", macos, leave_out},
    {"arch", macos, leave_out},
    {"dylib", macos, shared},
    {"bundle", macos, shared},
    {"install_name", macos, "pass --soname"},
    {"compatibility_version", macos, leave_out},
    {"current_version", macos, leave_out},
    {"dead_strip_dylibs", macos, leave_out},
    {"exported_symbols_list", macos, export_names},
    {"force_load", macos, whole},
    {"all_load", macos, whole},
    {"ObjC", macos, leave_out},
    {"version-script", elf, export_names},
    {"dynamic-list", elf, export_names},
    {"script", elf, no_script},
    {"T", elf, no_script},
};

} // namespace

const ForeignOption* find_foreign(std::string_view argument) {
  std::string_view name = argument.substr(std::min(argument.find_first_not_of('-'), argument.size()));
  name = name.substr(0, name.find_first_of("=:"));
  for (const ForeignOption& option : foreign_options)
    if (option.spelling == name) return &option;
  return nullptr;
}

} // namespace weld
