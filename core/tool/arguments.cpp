#include "core/tool/arguments.h"

#include "core/base/near_name.h"
#include "core/tool/foreign_options.h"
#include "core/tool/match_options.h"
#include "core/tool/response_files.h"
#include "core/wasm/format.h"

#include <algorithm>
#include <iterator>

namespace weld {

namespace {

// Called by this name, weld takes the place of the linker that makes components.
constexpr std::string_view component_linker = "wasm-component-ld";

constexpr size_t option_count = static_cast<size_t>(OptionId::count);

bool parse_digits(std::string_view digits, uint32_t base, uint64_t& out) {
  if (digits.empty()) return false;
  uint64_t value = 0;
  for (char c : digits) {
    uint32_t digit = 99;
    if (c >= '0' && c <= '9') digit = static_cast<uint32_t>(c - '0');
    else if (c >= 'a' && c <= 'z') digit = static_cast<uint32_t>(c - 'a') + 10;
    else if (c >= 'A' && c <= 'Z') digit = static_cast<uint32_t>(c - 'A') + 10;
    if (digit >= base) return false;
    if (value > (~0ull - digit) / base) return false;
    value = value * base + digit;
  }
  out = value;
  return true;
}

// Most numbers are decimal and may be negative, which then is a huge size that the link refuses.
bool parse_decimal(std::string_view text, uint64_t& out) {
  bool negative = text.starts_with('-');
  uint64_t value = 0;
  if (!parse_digits(text.substr(negative), 10, value)) return false;
  if (value > (negative ? 1ull << 63 : (1ull << 63) - 1)) return false;
  out = negative ? 0 - value : value;
  return true;
}

// A few may be written as in C: 0x10000, 0b101, 0o17, 017.
bool parse_any_base(std::string_view text, uint64_t& out) {
  uint32_t base = 10;
  size_t skip = 0;
  if (text.size() > 1 && text[0] == '0') {
    char mark = text[1];
    base = mark == 'x' || mark == 'X' ? 16 : mark == 'b' || mark == 'B' ? 2 : 8;
    skip = base != 8 || mark == 'o' ? 2 : 1;
  }
  return parse_digits(text.substr(skip), base, out);
}

// What the arguments mean. The order of the questions is wasm-ld's, because complaints come in that order. Of
// an option that is given several times the last counts, and mostly only that one is looked at.
class OptionReader {
public:
  OptionReader(Command& command, Diagnostics& diagnostics)
      : command_(command), options_(command.options), diagnostics_(diagnostics) {
    for (size_t i = 0; i < command.arguments.size(); i++)
      last_[index(command.arguments[i].id)] = static_cast<uint32_t>(i + 1);
  }

  void read_color();
  void read_limits(); // what decides how diagnostics are printed
  void read_help_and_version();
  void read_options();
  void read_inputs();

private:
  using Id = OptionId;
  static size_t index(OptionId id) { return static_cast<size_t>(id); }

  uint32_t position(OptionId id) const { return last_[index(id)]; }
  bool has(OptionId id) const { return position(id) != 0; }
  const ParsedArgument* last(OptionId id) const {
    return has(id) ? &command_.arguments[position(id) - 1] : nullptr;
  }
  std::optional<bool> choice(OptionId on, OptionId off) const {
    if (!has(on) && !has(off)) return {};
    return position(on) > position(off);
  }
  bool flag(OptionId on, OptionId off, bool otherwise) const { return choice(on, off).value_or(otherwise); }
  std::string value(OptionId id) const { return has(id) ? last(id)->value : std::string(); }
  std::vector<std::string> values(OptionId id) const {
    std::vector<std::string> out;
    if (!has(id)) return out;
    for (const ParsedArgument& a : command_.arguments)
      if (a.id == id) out.push_back(a.value);
    return out;
  }
  std::vector<std::string> comma_list(OptionId id) const { return split(value(id)); }
  static std::vector<std::string> split(std::string_view text, std::string_view separators = ",") {
    std::vector<std::string> out(1);
    for (char c : text)
      if (separators.find(c) == separators.npos) out.back() += c;
      else if (!out.back().empty()) out.emplace_back();
    if (out.back().empty()) out.pop_back();
    return out;
  }
  uint64_t number(OptionId id, uint64_t otherwise) {
    const ParsedArgument* a = last(id);
    if (!a) return otherwise;
    uint64_t n = 0;
    if (!parse_decimal(a->value, n)) diagnostics_.report(DiagnosticId::number_expected, {a->text, a->value});
    return n;
  }
  void refuse(std::string_view text, std::string_view what = {}, const char* note = nullptr) {
    Diagnostic& d = diagnostics_.report(DiagnosticId::bad_option, {std::string(text) + std::string(what)});
    if (note) d.note(note);
  }

  void read_output();
  void read_optimize_size(bool fold);
  void read_live();
  void read_component();
  void read_component_flag(Id flag, Id with_value, std::string_view name);
  void read_exports_and_imports();
  void read_symbols();
  void read_memory();
  void read_z();
  void read_build_id();
  void read_source_map();
  std::string beside_output(Id flag, Id with_file, std::string_view extension);
  std::string url_of(Id option, std::string_view path);
  void read_lto();

  Command& command_;
  Options& options_;
  Diagnostics& diagnostics_;
  uint32_t last_[option_count] = {}; // the number of each option's last argument, from 1; 0: not given
};

void OptionReader::read_color() {
  auto forced = choice(Id::color_diagnostics, Id::no_color_diagnostics);
  if (position(Id::color_diagnostics_when) >
      std::max(position(Id::color_diagnostics), position(Id::no_color_diagnostics))) {
    std::string when = value(Id::color_diagnostics_when);
    if (when == "always") command_.color = ColorMode::Always;
    else if (when == "never") command_.color = ColorMode::Never;
    else if (when != "auto")
      refuse("unknown option: --color-diagnostics=", when, "it may be auto, always or never");
  } else if (forced) {
    command_.color = *forced ? ColorMode::Always : ColorMode::Never;
  }
}

void OptionReader::read_limits() {
  options_.error_limit = static_cast<uint32_t>(number(Id::error_limit, 20));
  options_.fatal_warnings = flag(Id::fatal_warnings, Id::no_fatal_warnings, false);
  options_.verbose = has(Id::verbose);
  options_.demangle = flag(Id::demangle, Id::no_demangle, true);
  for (const std::string& z : values(Id::z)) {
    if (z.starts_with("stack-size=") || z == "muldefs") continue;
    diagnostics_.report(DiagnosticId::option_warning, {"unknown -z value: " + z})
        .note("weld knows stack-size=BYTES and muldefs");
  }
}

// wasm-ld 19 stops at -v; later ones go on as GNU ld does when there is something to link.
void OptionReader::read_help_and_version() {
  command_.help = has(Id::help);
  if (command_.help) {
    command_.ends_early = true;
    return;
  }
  command_.version = has(Id::version) || has(Id::show_version);
  if (!command_.version) return;
  command_.ends_early = has(Id::version) || options_.like_lld_19() || !has(Id::input);
}

void OptionReader::read_options() {
  read_exports_and_imports();
  read_lto();
  read_output();
  read_symbols();
  read_memory();

  options_.bsymbolic = has(Id::bsymbolic);
  options_.experimental_pic = has(Id::experimental_pic);
  options_.shlib_sigcheck = !has(Id::no_shlib_sigcheck);
  options_.check_features = flag(Id::check_features, Id::no_check_features, true);
  options_.gc_sections = choice(Id::gc_sections, Id::no_gc_sections);
  options_.print_gc_sections = flag(Id::print_gc_sections, Id::no_print_gc_sections, false);
  options_.trace = has(Id::trace);
  options_.trace_symbols = values(Id::trace_symbol);

  if (has(Id::machine)) {
    std::string machine = value(Id::machine);
    if (machine == "wasm32") options_.is_64 = false;
    else if (machine == "wasm64") options_.is_64 = true;
    else refuse("invalid target architecture: ", machine, "it may be wasm32 or wasm64");
  }
  if (has(Id::threads)) {
    std::string threads = value(Id::threads);
    uint64_t n = 0;
    if (!parse_any_base(threads, n) || n == 0 || n > ~0u)
      refuse((last(Id::threads)->value_is_next ? last(Id::threads)->text : "--threads") +
                 ": expected a positive integer, but got '",
             threads + "'");
    else command_.threads = static_cast<uint32_t>(n);
  }
  if (has(Id::features)) options_.features = comma_list(Id::features);
  if (has(Id::extra_features)) options_.extra_features = comma_list(Id::extra_features);
  read_build_id();

  command_.search_paths = values(Id::library_path);
  command_.map_path = has(Id::print_map) ? "-" : value(Id::map);
  options_.map = !command_.map_path.empty();
  command_.metafile_path = value(Id::metafile);
  options_.metafile = !command_.metafile_path.empty();
  read_source_map();
  command_.debug_file_path = beside_output(Id::separate_dwarf, Id::separate_dwarf_file, ".debug.wasm");
  options_.separate_debug = !command_.debug_file_path.empty();
  options_.debug_file_url = url_of(Id::separate_dwarf_url, command_.debug_file_path);
  options_.validate = flag(Id::validate, Id::no_validate, false);
  command_.why_extract_path = value(Id::why_extract);
  options_.why_extract = !command_.why_extract_path.empty();
  command_.reproduce_path = value(Id::reproduce);
  command_.dependency_path = value(Id::dependency_file);
  command_.time = has(Id::time);
}

// A file that is written on request: as it is named, or as the output with `extension` behind it. Empty: it is not wanted.
std::string OptionReader::beside_output(Id flag, Id with_file, std::string_view extension) {
  if (const ParsedArgument* named = last(with_file)) {
    if (named->value.empty()) refuse("a file's name is expected: ", named->text);
    return named->value;
  }
  if (!has(flag)) return {};
  if (value(Id::output) == "-")
    refuse("the output has no name, so the file beside it needs one: ", last(flag)->text + "=FILE");
  return value(Id::output).append(extension);
}

std::string OptionReader::url_of(Id option, std::string_view path) {
  return has(option) ? value(option) : std::string(base_name(path));
}

void OptionReader::read_source_map() {
  command_.source_map_path = beside_output(Id::source_map, Id::source_map_file, ".map");
  options_.source_map = !command_.source_map_path.empty();
  if (!options_.source_map) return;
  options_.source_map_url = url_of(Id::source_map_url, command_.source_map_path);
  options_.source_map_root = value(Id::source_map_root);
  for (const std::string& prefix : values(Id::source_map_prefix)) {
    const size_t middle = prefix.find('=');
    if (middle == prefix.npos) refuse("--source-map-prefix needs OLD=NEW, but got '", prefix + "'");
    else options_.source_map_prefixes.emplace_back(prefix.substr(0, middle), prefix.substr(middle + 1));
  }
  options_.source_map_content = has(Id::source_map_sources);
  options_.source_map_ignored = values(Id::source_map_ignore_text);
  if (has(Id::source_map_ignore))
    for (const char* part : {"/c++/", "/libcxx/", "/libcxxabi/", "/libunwind/", "/compiler-rt/", "/libc/",
                             "/musl/", "/wasi-libc/", "/wasi-sysroot/"})
      options_.source_map_ignored.emplace_back(part);
}

void OptionReader::read_output() {
  command_.output_path = value(Id::output);
  options_.output_name = command_.output_path;
  options_.soname = value(Id::soname);
  options_.relocatable = has(Id::relocatable);
  options_.shared = has(Id::shared);
  options_.pie = flag(Id::pie, Id::no_pie, false);
  options_.emit_relocs = has(Id::emit_relocs);
  options_.strip_all = has(Id::strip_all);
  options_.strip_debug = has(Id::strip_debug);
  options_.keep_sections = values(Id::keep_section);
  options_.compress_relocations = has(Id::compress_relocations);
  std::string icf = value(Id::icf);
  options_.fold_functions = icf == "safe" || icf == "all";
  options_.fold_all = icf == "all";
  if (has(Id::icf) && !options_.fold_functions && icf != "none") refuse("unknown --icf mode: ", icf);
  read_live();
  if (value(Id::optimize) == "z" && !options_.like_lld()) read_optimize_size(icf.empty());
  else options_.optimize = static_cast<uint32_t>(number(Id::optimize, 1));
  options_.merge_data_segments = choice(Id::merge_data_segments, Id::no_merge_data_segments);
  options_.runtime_paths = values(Id::rpath);
  options_.noinhibit_exec = has(Id::noinhibit_exec);
  if (has(Id::component) || command_.program == component_linker) return read_component();
  for (auto id = Id::component_type; id <= Id::return_call_ref; id = static_cast<Id>(index(id) + 1))
    if (has(id)) refuse(last(id)->text, " needs --component", "without it, the output is a module");
}

void OptionReader::read_component() {
  if (has(Id::skip_wit_component) || options_.shared || options_.relocatable) return;
  if (options_.is_live()) refuse("--live may not be used with --component");
  command_.component = std::make_unique<ComponentCommand>();
  ComponentCommand& component = *command_.component;
  component.types = values(Id::component_type);
  component.string_encoding = value(Id::string_encoding);
  component.adapter = value(Id::wasi_adapter);
  component.adapter_folder = value(Id::wasi_adapters);
  component.adapters = values(Id::adapt);
  const std::string_view kind = component.adapter;
  if (has(Id::wasi_adapter) && kind != "command" && kind != "reactor" && kind != "proxy" && kind != "none")
    refuse("unknown --wasi-adapter: ", kind, "it may be command, reactor, proxy or none");
  const std::string_view encoding = component.string_encoding;
  if (has(Id::string_encoding) && encoding != "utf8" && encoding != "utf16" && encoding != "compact-utf16")
    refuse("unknown --string-encoding: ", encoding, "it may be utf8, utf16 or compact-utf16");
  read_component_flag(Id::validate_component, Id::validate_component_value, "--validate");
  read_component_flag(Id::merge_imports, Id::merge_imports_value, "--merge-imports-based-on-semver");
  for (Id flag : {Id::reject_legacy_names, Id::realloc_via_memory_grow, Id::return_call_ref})
    if (has(flag)) component.flags.push_back(last(flag)->text);
}

void OptionReader::read_component_flag(Id flag, Id with_value, std::string_view name) {
  if (!has(flag) && !has(with_value)) return;
  const std::string truth = position(flag) > position(with_value) ? "true" : value(with_value);
  if (truth != "true" && truth != "false")
    return refuse(last(with_value)->text, ": true or false is expected");
  command_.component->flags.push_back(std::string(name) + "=" + truth);
}

void OptionReader::read_live() {
  if (has(Id::live)) options_.live = LiveKind::Inputs;
  if (has(Id::live_mode) && position(Id::live_mode) > position(Id::live)) {
    const std::string mode = value(Id::live_mode);
    options_.live = mode == "all" ? LiveKind::All : mode == "inputs" ? LiveKind::Inputs : LiveKind::None;
    if (!options_.is_live() && mode != "none")
      refuse("unknown --live mode: ", mode, "it may be inputs, all or none");
  }
  options_.live_room = number(Id::live_room, options_.live_room);
  command_.keeps_program = has(Id::live_state);
  if (!command_.keeps_program) return;
  if (!options_.is_live())
    refuse("--live-state needs --live", {}, "programs that are linked without --live cannot be patched");
  if (command_.output_path == "-")
    refuse("--live-state needs a file as the output, beside which it writes its own");
}

// -Oz: all that makes the output small. What would make debug information wrong needs a strip option.
void OptionReader::read_optimize_size(bool fold) {
  options_.optimize = 2;
  options_.optimize_size = true;
  if (options_.relocatable || options_.emit_relocs || (!options_.strip_debug && !options_.strip_all)) return;
  options_.compress_relocations = true;
  if (fold) options_.fold_functions = true;
}

void OptionReader::read_exports_and_imports() {
  if (auto with_entry = choice(Id::entry, Id::no_entry)) options_.entry = *with_entry ? value(Id::entry) : "";
  options_.exports = values(Id::export_symbol);
  options_.exports_if_defined = values(Id::export_if_defined);
  options_.export_all = has(Id::export_all);
  options_.export_dynamic = choice(Id::export_dynamic, Id::no_export_dynamic);
  options_.export_table = has(Id::export_table);
  for (const std::string& libraries : values(Id::exclude_libs))
    for (std::string& library : split(libraries, ",:")) options_.exclude_libs.push_back(std::move(library));
  options_.import_table = has(Id::import_table);
  options_.growable_table = has(Id::growable_table);

  if (has(Id::import_memory_name)) {
    std::string name = value(Id::import_memory_name);
    size_t comma = name.find(',');
    if (comma != name.npos) options_.import_memory = {name.substr(0, comma), name.substr(comma + 1)};
    else if (options_.like_lld_19()) options_.import_memory = {name, ""};
    else options_.import_memory = {std::string(default_module), name};
  } else if (has(Id::import_memory)) {
    options_.import_memory = {std::string(default_module), std::string(memory_name)};
  }
  if (has(Id::export_memory_name)) options_.export_memory = value(Id::export_memory_name);
  else if (has(Id::export_memory)) options_.export_memory = std::string(memory_name);
}

void OptionReader::read_symbols() {
  options_.undefined = values(Id::undefined);
  if (has(Id::defsym))
    refuse("--defsym is not supported: ", value(Id::defsym),
           "it is an option of linkers for ELF; write an alias in the code: "
           "void NAME(void) __attribute__((alias(\"OTHER\")))");
  options_.wrap = values(Id::wrap);
  options_.allow_undefined = values(Id::allow_undefined_symbol);
  command_.allow_undefined_files = values(Id::allow_undefined_file);
  // wasm-ld reads only the last of several files.
  if (options_.like_lld() && command_.allow_undefined_files.size() > 1)
    command_.allow_undefined_files = {value(Id::allow_undefined_file)};

  UnresolvedPolicy report = flag(Id::error_unresolved_symbols, Id::warn_unresolved_symbols, true)
                                ? UnresolvedPolicy::Error
                                : UnresolvedPolicy::Warn;
  options_.unresolved = report;
  if (has(Id::unresolved_symbols)) {
    std::string policy = value(Id::unresolved_symbols);
    if (policy == "ignore-all") options_.unresolved = UnresolvedPolicy::Ignore;
    else if (policy == "import-dynamic") options_.unresolved = UnresolvedPolicy::ImportDynamic;
    else if (policy != "report-all")
      refuse("unknown --unresolved-symbols value: ", policy,
             "it may be report-all, ignore-all or import-dynamic");
  }
  options_.import_undefined = has(Id::import_undefined);
  if (has(Id::allow_undefined)) {
    options_.import_undefined = true;
    options_.unresolved = UnresolvedPolicy::Ignore;
  }
}

void OptionReader::read_memory() {
  options_.stack_first = choice(Id::stack_first, Id::no_stack_first);
  options_.table_base = number(Id::table_base, 0);
  options_.global_base = number(Id::global_base, 0);
  options_.initial_heap = number(Id::initial_heap, 0);
  options_.initial_memory = number(Id::initial_memory, 0);
  options_.max_memory = number(Id::max_memory, 0);
  options_.no_growable_memory = has(Id::no_growable_memory);
  options_.shared_memory = has(Id::shared_memory);
  options_.cooperative_threading = has(Id::cooperative_threading);
  if (const ParsedArgument* a = last(Id::max_function_body_size))
    if (uint64_t& most = options_.max_function_body_size;
        !parse_decimal(a->value, most) || static_cast<int64_t>(most) <= 0)
      refuse("--max-function-body-size=N must be greater than 0");
  read_z();
  options_.page_size = number(Id::page_size, wasm_page_size);
  if (options_.page_size != 1 && options_.page_size != wasm_page_size)
    refuse("--page_size=N must be either 1 or 65536");
}

void OptionReader::read_z() {
  options_.allow_multiple_definition =
      flag(Id::allow_multiple_definition, Id::no_allow_multiple_definition, false);
  const std::string* stack_size = nullptr;
  std::vector<std::string> all = values(Id::z);
  for (const std::string& z : all) {
    if (z == "muldefs") options_.allow_multiple_definition = true;
    if (z.substr(0, z.find('=')) == "stack-size") stack_size = &z;
  }
  if (!stack_size) return;
  std::string_view text = *stack_size;
  text.remove_prefix(std::min(text.size(), sizeof "stack-size"));
  if (!parse_any_base(text, options_.stack_size)) refuse("invalid stack-size: ", text);
}

void OptionReader::read_build_id() {
  if (position(Id::build_id) >= position(Id::build_id_style)) {
    if (has(Id::build_id)) options_.build_id = BuildIdKind::Fast;
    return;
  }
  std::string style = value(Id::build_id_style);
  if (style == "fast") options_.build_id = BuildIdKind::Fast;
  else if (style == "sha1" || style == "tree") options_.build_id = BuildIdKind::Sha1;
  else if (style == "uuid") options_.build_id = BuildIdKind::Uuid;
  else if (style.starts_with("0x")) {
    options_.build_id = BuildIdKind::Hex;
    for (size_t i = 2; i < style.size(); i += 2) {
      uint64_t byte = 0;
      std::string digits = style.substr(i, 2);
      if (!parse_digits(digits, 16, byte)) return refuse("not a hexadecimal value: ", digits);
      options_.build_id_bytes.push_back(static_cast<uint8_t>(byte));
    }
  } else if (style != "none") {
    refuse("unknown --build-id style: ", style, "it may be fast, sha1, tree, uuid, 0xHEX or none");
  }
}

// Without bitcode among the inputs these change nothing, but wasm-ld checks them all the same.
void OptionReader::read_lto() {
  uint64_t level = number(Id::lto_optimize, 2);
  if (level > 3) refuse("invalid optimization level for LTO: ", std::to_string(static_cast<uint32_t>(level)));
  uint64_t codegen = number(Id::lto_codegen, 2);
  if (codegen > 3)
    refuse("invalid codegen optimization level for LTO: ", std::to_string(static_cast<uint32_t>(codegen)));
  if (number(Id::lto_partitions, 1) == 0)
    command_.late_complaints.push_back("--lto-partitions: number of threads must be > 0");
  // --threads counts for both.
  std::string jobs = value(has(Id::thinlto_jobs) ? Id::thinlto_jobs : Id::threads);
  uint64_t n = 0;
  if (!jobs.empty() && jobs != "all" && (!parse_digits(jobs, 10, n) || n > ~0u))
    command_.late_complaints.push_back("--thinlto-jobs: invalid job count: " + jobs);
  if (has(Id::thinlto_index_only)) refuse("--thinlto-index-only: weld does no link-time optimization");
}

// Inputs take the state of the flags before them.
void OptionReader::read_inputs() {
  InputArgument state;
  state.is_static = !options_.pie && !options_.shared;
  std::vector<InputArgument> saved;
  for (const ParsedArgument& a : command_.arguments) {
    switch (a.id) {
    case Id::input:
    case Id::library:
      state.kind = a.id == Id::input ? InputArgument::Path : InputArgument::Library;
      command_.inputs.push_back(state);
      command_.inputs.back().name = a.value;
      break;
    case Id::bstatic: state.is_static = true; break;
    case Id::bdynamic: state.is_static = options_.relocatable; break;
    case Id::whole_archive: state.whole_archive = true; break;
    case Id::no_whole_archive: state.whole_archive = false; break;
    case Id::start_lib:
      if (state.lazy) refuse("nested --start-lib");
      state.lazy = true;
      break;
    case Id::end_lib:
      if (!state.lazy) refuse("stray --end-lib");
      state.lazy = false;
      break;
    case Id::push_state: saved.push_back(state); break;
    case Id::pop_state:
      if (saved.empty()) {
        refuse("--pop-state without --push-state");
      } else {
        state = std::move(saved.back());
        saved.pop_back();
      }
      break;
    default: break;
    }
  }
}

const ParsedArgument* find_last(const std::vector<ParsedArgument>& arguments, OptionId id) {
  for (size_t i = arguments.size(); i--;)
    if (arguments[i].id == id) return &arguments[i];
  return nullptr;
}

// What --append-lld-flag brings; false: nothing.
bool append_arguments(const std::vector<ParsedArgument>& arguments, std::vector<std::string>& args) {
  const size_t before = args.size();
  for (const ParsedArgument& a : arguments)
    if (a.id == OptionId::append_lld_flag) args.push_back(a.value);
  return args.size() != before;
}

void read_compat(const Command& command, Compat& compat) {
  const ParsedArgument* a = find_last(command.arguments, OptionId::compat);
  if (!a) return;
  if (a->value == "lld-14") compat = Compat::Lld14;
  else if (a->value == "lld-19") compat = Compat::Lld19;
  else if (a->value == "lld-22") compat = Compat::Lld22;
  else if (a->value == "lld-23") compat = Compat::Lld23;
  else if (a->value == "weld") compat = Compat::Weld;
}

// `undefined-symbol=warning`. Several ids may have one code.
void read_log_override(const std::string& text, Options& options, Diagnostics& diagnostics) {
  size_t equals = text.rfind('=');
  std::string_view code = std::string_view(text).substr(0, equals);
  std::string_view word = equals == text.npos ? std::string_view() : std::string_view(text).substr(equals + 1);
  auto refuse = [&](const char* what, const char* note, std::string_view part = {}) {
    diagnostics.report(DiagnosticId::bad_option, {filled("--log-override=$0: $1", {text, what})})
        .note(note, {part});
  };
  constexpr Severity levels[] = {Severity::Error, Severity::Warning, Severity::Message, Severity::Silent};
  const Severity* level = std::find_if(std::begin(levels), std::end(levels),
                                       [&](Severity s) { return severity_word(s) == word; });
  if (level == std::end(levels))
    return refuse("a level is missing",
                  "write --log-override=ID=LEVEL; LEVEL may be error, warning, message or silent");

  bool is_known = false;
  std::string_view nearest;
  size_t nearest_distance = near_distance(code) + 2; // ids are long
  for (uint16_t i = 0; i < static_cast<uint16_t>(DiagnosticId::count); i++) {
    auto id = static_cast<DiagnosticId>(i);
    if (size_t distance = edit_distance(code, diagnostic_code(id), nearest_distance);
        distance < nearest_distance) {
      nearest = diagnostic_code(id);
      nearest_distance = distance;
    }
    if (diagnostic_code(id) != code) continue;
    is_known = true;
    if (*level != Severity::Error && !can_be_lowered(id))
      return refuse("this error cannot be lowered", "it leaves nothing that could be linked");
    erase_if(options.log_overrides, [&](const LogOverride& o) { return o.id == id; });
    options.log_overrides.push_back({id, *level});
  }
  if (!is_known)
    refuse("there is no diagnostic of this id",
           nearest.empty() ? "js/docs/diagnostics.md lists them" : "did you mean `$0`?", nearest);
}

} // namespace

Compat compat_of_program(std::string_view program) {
  std::string_view name = base_name(program);
  if (name.find("lld") == name.npos && name.find("wasm-ld") == name.npos) return Compat::Weld;
  // "wasm-ld-22": distributions append the version.
  uint64_t version = 0;
  size_t dash = name.rfind('-');
  bool versioned = dash != name.npos && parse_digits(name.substr(dash + 1), 10, version);
  if (!versioned) return Compat::Lld19;
  if (version >= 23) return Compat::Lld23;
  return version >= 22 ? Compat::Lld22 : version <= 14 ? Compat::Lld14 : Compat::Lld19;
}

void parse_arguments(std::span<const std::string> argv, Files& files, Diagnostics& diagnostics,
                     Command& command) {
  command = {};
  std::string_view program = argv.empty() ? "weld" : base_name(argv[0]);
  if (program.ends_with(".exe")) program.remove_suffix(4);
  command.program = program;
  Compat& compat = command.options.compat;
  compat = compat_of_program(program);

  std::vector<std::string> args(argv.begin() + !argv.empty(), argv.end());
  // rustc and LLD's own dispatcher say which of LLD's linkers is meant.
  if (!args.empty() && args[0] == "-flavor") {
    if (args.size() < 2) diagnostics.report(DiagnosticId::bad_option, {"missing arg value for '-flavor'"});
    else if (args[1] != "wasm" && args[1] != "wasm-ld" && args[1] != "ld-wasm")
      diagnostics.report(DiagnosticId::bad_option, {"Unknown flavor: " + args[1]});
    args.erase(args.begin(), args.begin() + std::min<ptrdiff_t>(2, std::ssize(args)));
  }

  // How response files are quoted has to be known before they are read.
  match_options(args, compat, command.arguments);
  bool windows_quoting = false;
  if (const ParsedArgument* style = find_last(command.arguments, OptionId::rsp_quoting)) {
    windows_quoting = style->value == "windows";
    if (!windows_quoting && style->value != "posix")
      diagnostics.report(DiagnosticId::bad_option, {"invalid response file quoting: " + style->value});
  }
  expand_response_files(args, windows_quoting, files, diagnostics);
  std::string missing_value = match_options(args, compat, command.arguments);
  // Some options exist only under weld's own name, so the name that was chosen decides what arguments mean.
  const Compat called = compat;
  read_compat(command, compat);
  if (compat != called) missing_value = match_options(args, compat, command.arguments);
  if (missing_value.empty() && append_arguments(command.arguments, args))
    missing_value = match_options(args, compat, command.arguments);
  for (const ParsedArgument& a : command.arguments)
    if (a.id == OptionId::log_override) read_log_override(a.value, command.options, diagnostics);
  diagnostics.set_levels(command.options.log_overrides, command.options.like_lld());

  OptionReader reader(command, diagnostics);
  reader.read_color();
  if (!missing_value.empty()) diagnostics.report(DiagnosticId::missing_argument, {missing_value});
  for (const ParsedArgument& a : command.arguments) {
    if (a.id == OptionId::compat && a.value != "lld-14" && a.value != "lld-19" && a.value != "lld-22" &&
        a.value != "lld-23" && a.value != "weld")
      diagnostics.report(DiagnosticId::bad_option, {"unknown --compat value: " + a.value})
          .note("it may be lld-14, lld-19, lld-22, lld-23 or weld");
    if (a.id != OptionId::unknown) continue;
    Diagnostic& d = diagnostics.report(DiagnosticId::unknown_argument, {a.text});
    if (const ForeignOption* foreign = find_foreign(a.text))
      d.note("it is an option of $0: $1", {foreign->linker, foreign->advice});
    else if (std::string meant = suggest_option(a.text, compat); !meant.empty())
      d.note("did you mean `$0`?", {meant});
  }
  command.diagnostics_before_limit = diagnostics.rows().size();

  reader.read_limits();
  reader.read_help_and_version();
  if (command.help || (command.version && command.options.like_lld_19())) return;
  reader.read_options();
  reader.read_inputs();
}

} // namespace weld
