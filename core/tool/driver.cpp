#include "core/base/near_name.h"
#include "core/base/utf8.h"
#include "core/session/snapshot.h"
#include "core/tool/component.h"
#include "core/tool/driver_class.h"
#include "core/tool/subcommand_names.h"
#include "core/tool/times.h"

#include <algorithm>
#include <utility>

namespace weld {

namespace {

std::string join_path(std::string_view directory, std::string_view name) {
  std::string out(directory);
  if (out.ends_with('/'))
    while (name.starts_with('/')) name.remove_prefix(1);
  else if (!out.empty() && !name.starts_with('/')) out += '/';
  return out.append(name);
}

std::string_view directory_of(std::string_view path) {
  size_t slash = path.rfind('/');
  return slash == path.npos ? std::string_view() : path.substr(0, slash + 1);
}

std::string with_extension(std::string_view path, std::string_view extension) {
  size_t dot = path.rfind('.');
  bool has_one = dot != path.npos && dot >= directory_of(path).size();
  return std::string(has_one ? path.substr(0, dot) : path).append(extension);
}

constexpr size_t archive_magic_size = 8;

} // namespace

void Driver::begin(ToolReport* report) {
  diagnostics().clear();
  report_ = report;
  printer_.emplace(command_, out_, err_, terminals_, report);
  made_in_place_ = false;
}

int Driver::run(std::span<const std::string> argv, ToolReport* report) {
  argv_.assign(argv.begin(), argv.end());
  std::optional<int> code = prepare(argv_, report, false);
  return code ? *code : link();
}

std::optional<int> Driver::prepare(std::span<const std::string> argv, ToolReport* report, bool may_be_empty) {
  command_ = {};
  begin(report);
  loaded_.clear();
  dependencies_ = {};
  has_input_ = may_be_empty;
  parse_arguments(argv, files_, diagnostics(), command_);
  printer_->print(diagnostics(), command_.diagnostics_before_limit);
  printer_->apply_limits();
  Options& options = command_.options;
  if (!program_path_.empty()) {
    options.output_name = program_path_;
    patch_path_ = std::exchange(command_.output_path, program_path_);
    if (patch_path_ == program_path_)
      diagnostics().report(DiagnosticId::bad_option, {"-o names the program, and not a file for the patch"});
    command_.keeps_program = true;
  }
  if (command_.help) out_(help_text(argv.empty() ? command_.program : argv[0], options.compat));
  if (command_.version) out_(version_text(options.compat) + "\n");
  describe_command();
  derive_options(options, diagnostics());
  if (options.validate && !session_.engine)
    diagnostics()
        .report(DiagnosticId::no_engine)
        .note("leave it out, and check the output with `wasm-validate`, or link with the npm package: `npx "
              "weld`");
  if (command_.ends_early) return print_failed();

  session_.parallel_for = files_.threads(command_.threads);
  if (!command_.reproduce_path.empty()) begin_reproduce();
  // Complaints come in wasm-ld's order: about files that are not there, about options, about what is in the
  // files.
  load_inputs();
  const bool all_loaded = !print_failed();
  if (all_loaded) {
    for (const std::string& text : command_.late_complaints)
      diagnostics().report(DiagnosticId::bad_option, {text});
    check_options(options, diagnostics(), true);
  }
  if (!print_failed())
    for (const std::string& path : command_.allow_undefined_files) read_allow_undefined(path);
  if (command_.component) check_component();
  if (!printer_->failed()) check_writable();
  // weld tells of every bad file at once: one that is no object does not hide another that is malformed.
  if (!print_failed() || (!all_loaded && !options.like_lld())) parse_inputs();
  if (reproduce_ && command_.component) reproduce_component();
  write_reproduce();
  if (print_failed()) return 1;
  prepared_ = {};
  if (keeps_session_) prepared_.append(diagnostics(), 0, diagnostics().rows().size());
  return std::nullopt;
}

void Driver::describe_command() {
  if (!report_) return;
  report_->demangling = command_.options.demangling();
  report_->output_path = command_.output_path;
  report_->source_map_path = command_.source_map_path;
  report_->debug_file_path = command_.debug_file_path;
}

// With the arguments of the last run, after `replace`.
int Driver::run_again(ToolReport* report) {
  // These are about the files as well.
  if (command_.options.verbose || !command_.reproduce_path.empty()) {
    const std::vector<std::string> argv = argv_;
    return run(argv, report);
  }
  begin(report);
  diagnostics().append(prepared_, 0, prepared_.rows().size());
  printer_->print(diagnostics(), command_.diagnostics_before_limit);
  printer_->apply_limits();
  describe_command();
  return link();
}

int Driver::link() {
  Options& options = command_.options;
  if (options.build_id == BuildIdKind::Uuid) make_uuid();
  if (command_.keeps_program) session_.keep_programs();
  if (print_failed() || (!patch_path_.empty() && !read_program())) return 1;
  const AllocateOutput allocate = [&](size_t size) {
    const bool is_file = command_.output_path != "-" && !command_.component;
    uint8_t* in_place = is_file ? files_.begin_output(command_.output_path, size) : nullptr;
    made_in_place_ = in_place != nullptr;
    return in_place ? OutputBytes(in_place, size) : OutputBytes(size);
  };
  LinkResult result =
      patch_ ? session_.patch(options, *patch_, patch_state_, allocate) : session_.link(options, allocate);
  if (patch_ && result.ok && patch_->restart.empty()) return write_patch(result);
  if (!result.ok && !options.like_lld()) note_libraries();
  // The errors of which are told with those of the link, before any report that goes to the standard output.
  FileBytes component;
  if (!print_failed() && result.ok && command_.component)
    result.ok = make_component(result.output, component);
  print_failed();
  if (!command_.why_extract_path.empty())
    write_text(command_.why_extract_path, result.why_extract, DiagnosticId::cannot_write_why_extract);
  auto write = [&](const std::string& path, std::string_view text, DiagnosticId on_error) {
    if (!print_failed() && !path.empty()) write_text(path, text, on_error);
  };
  write(command_.map_path, result.map, DiagnosticId::cannot_write_map);
  write(command_.metafile_path, result.metafile, DiagnosticId::cannot_write_metafile);
  if (options.makes_source_map())
    write(command_.source_map_path, result.source_map, DiagnosticId::cannot_write_source_map);
  write(command_.debug_file_path, as_text(result.debug_file), DiagnosticId::cannot_write_debug_file);
  write(command_.dependency_path, dependency_text(command_.output_path, dependencies_),
        DiagnosticId::cannot_write_dependencies);
  if (!print_failed() && result.ok) write_output(component ? component.bytes() : result.output.bytes());
  else if (made_in_place_) files_.drop_output();
  if (result.ok && command_.keeps_program && !print_failed()) write_program();
  if (command_.time) err_(times_text(result.stats));
  if (report_) report_->stats = std::move(result.stats);
  return print_failed() || !result.ok;
}

bool Driver::make_component(Bytes module, FileBytes& component) {
  std::vector<std::string> read;
  const bool ok = weld::make_component(command_, module, files_, diagnostics(), component, read);
  for (const std::string& path : read) depend_on(path);
  return ok;
}

// What is undefined may be in a library of a directory of -L that nobody named.
void Driver::note_libraries() {
  constexpr uint32_t most_libraries = 200;
  Vector<uint32_t> missing; // rows
  for (uint32_t row = 0; row < diagnostics().rows().size(); row++) {
    DiagnosticId id = diagnostics().rows()[row].id;
    if (id == DiagnosticId::undefined_symbol || id == DiagnosticId::undefined_exception_runtime)
      missing.push_back(row);
  }
  uint32_t libraries = 0;
  for (const std::string& directory : command_.search_paths) {
    if (missing.empty()) return;
    for (const std::string& name : files_.list(directory)) {
      if (!name.starts_with("lib") || !name.ends_with(".a")) continue;
      const std::string path = join_path(directory, name);
      bool is_linked = false;
      for (InputId id : session_.order()) is_linked |= session_.inputs[id].path == path;
      FileBytes file;
      std::string error;
      if (is_linked || libraries++ == most_libraries || !files_.read(path, file, error)) continue;
      StringPool names;
      Diagnostics ignored;
      Archive archive;
      if (!parse_archive(file.bytes(), {}, names, ignored, archive)) continue;
      erase_if(missing, [&](uint32_t row) {
        const std::string& symbol = diagnostics().rows()[row].arguments[0].text;
        StringId wanted = names.find(symbol);
        if (!wanted) return false;
        for (const ArchiveMember& member : archive.members)
          for (uint32_t i = 0; i < member.symbols.count; i++)
            if (archive.symbols[member.symbols.first + i] == wanted) {
              diagnostics().row(row).note(
                  "it is defined in $0($1), which is not on the line: add -l$2",
                  {path, member.name, std::string_view(name).substr(3, name.size() - 5)});
              return true;
            }
        return false;
      });
    }
  }
}

// False when the bytes are malformed: what is wrong with them is reported by the next run.
bool Driver::replace(const std::string& path, FileBytes bytes) {
  KnownInput* known = known_.find(path);
  if (!known) return false;
  diagnostics().clear();
  const bool ok = session_.replace(known->id, std::move(bytes));
  known->stamp = ok ? files_.stamp(path) : 0;
  return ok;
}

Vector<uint8_t> Driver::save(std::span<const std::string> argv, ToolReport* report) {
  if (argv.empty()) begin(report);
  else if (prepare(argv, report, true)) return {};
  Vector<uint8_t> snapshot = save_session(session_);
  print_failed();
  return snapshot;
}

bool Driver::restore(FileBytes snapshot, FetchContent fetch, ToolReport* report) {
  begin(report);
  const bool ok = restore_session(session_, std::move(snapshot), std::move(fetch));
  print_failed();
  for (InputId id : session_.order()) {
    const Input& input = session_.inputs[id];
    if (input.unit) units_.insert(input.path, {id, true});
    else known_.insert(input.path, {id, files_.stamp(input.path), input.flags, true});
  }
  return ok;
}

Unit* Driver::add_unit(const std::string& name, bool is_64) {
  if (KnownUnit* known = units_.find(name))
    return std::exchange(known->is_restored, false) ? &session_.unit(known->id) : nullptr;
  InputId id = session_.add_unit(name, is_64);
  units_.insert(name, {id, false});
  return &session_.unit(id);
}

void Driver::remove_unit(const std::string& name) {
  const KnownUnit* known = units_.find(name);
  if (!known) return;
  session_.remove(known->id);
  units_.remove(name);
}

// A file that the session has is not read again, and counts as if it was.
bool Driver::use_known(const std::string& path, Input& input) {
  depend_on(path);
  for (const ArchiveMember& member : input.archive.members)
    if (input.archive.is_thin) depend_on(path_beside(path, member.name));
  if (command_.options.verbose) diagnostics().report(DiagnosticId::verbose, {"Loading: " + path});
  if (!reproduce_) return true;
  if (!session_.complete(input)) return false;
  reproduce_->add_file(path, input.file.bytes());
  for (uint32_t i = 0; i < input.thin_members.size(); i++)
    reproduce_->add_file(path_beside(path, input.archive.members[i].name), input.thin_members[i].bytes());
  return true;
}

bool Driver::read_file(const std::string& path, FileBytes& out) {
  if (command_.options.verbose) diagnostics().report(DiagnosticId::verbose, {"Loading: " + path});
  std::string error;
  if (FileBytes* ahead = read_ahead_.find(path)) {
    out = std::move(*ahead);
    read_ahead_.remove(path); // a file that is named again is read again
  } else if (command_.options.like_lld() ? !files_.read(path, out, error)
                                         : !read_named(files_, path, out, error)) {
    Diagnostic& d = diagnostics().report(DiagnosticId::file_not_found, {path, error});
    if (!command_.options.like_lld() && argv_.size() > 1 && argv_[1] == path) note_command(d, path);
    return false;
  }
  if (reproduce_) reproduce_->add_file(path, out.bytes());
  if (path != "-" || files_.exists(path)) depend_on(path);
  return true;
}

// The first argument is no file. It may be a command that there is not.
void Driver::note_command(Diagnostic& diagnostic, std::string_view name) {
  if (name == "link") diagnostic.note("no command is needed to link: leave `link` out");
  else if (std::string_view meant = nearest_name(name, subcommand_names); !meant.empty())
    diagnostic.note("did you mean `weld $0`?", {meant});
  else if (name.find_first_of("./") == name.npos)
    diagnostic.note("there is no command of this name either: `weld help` lists them");
}

void Driver::depend_on(const std::string& path) {
  if (command_.dependency_path.empty()) return;
  dependencies_.intern(path);
}

void Driver::load_inputs() {
  files_.begin_phase("read_inputs");
  if (!keeps_session_)
    read_ahead(); // else what is known is not read, which is most of it after the first link
  for (const InputArgument& input : command_.inputs) {
    if (input.kind == InputArgument::Path) load_file(input.name, input);
    else load_library(input);
  }
  read_ahead_.clear();
  if (!print_failed() && !has_input_) diagnostics().report(DiagnosticId::no_input_files);
}

// Many files are read by several threads; what goes wrong is said when the file's turn comes.
void Driver::read_ahead() {
  std::vector<const std::string*> paths;
  for (const InputArgument& input : command_.inputs)
    if (input.kind == InputArgument::Path) paths.push_back(&input.name);
  constexpr size_t block = 32;
  if (paths.size() < 2 * block) return;
  std::vector<FileBytes> files(paths.size());
  for_each_block(session_.parallel_for, paths.size(), block, [&](size_t begin, size_t end) {
    std::string error;
    for (size_t i = begin; i < end; i++) files_.read(*paths[i], files[i], error);
  });
  for (size_t i = 0; i < paths.size(); i++)
    if (files[i]) read_ahead_.insert(*paths[i], std::move(files[i]));
}

void Driver::load_file(const std::string& path, const InputArgument& input) {
  LoadedFile file;
  file.input.path = path;
  if (const KnownUnit* unit = units_.find(path)) {
    file.unit = unit->id;
    loaded_.push_back(std::move(file));
    has_input_ = true;
    return;
  }
  file.input.flags = {input.whole_archive, input.lazy, input.is_static};
  file.stamp = keeps_session_ ? files_.stamp(path) : 0;
  const KnownInput* known = known_.find(path);
  file.is_known = file.stamp && known && known->stamp == file.stamp;
  Input* input_before = file.is_known ? &session_.inputs[known->id] : nullptr;
  if (input_before ? !use_known(path, *input_before) : !read_file(path, file.input.file)) return;
  const Bytes bytes = input_before ? input_before->file.bytes() : file.input.file.bytes();
  switch (input_before ? kind_of(*input_before) : identify_file(bytes)) {
  case FileKind::Archive:
  case FileKind::ThinArchive: {
    if (bytes.size() > archive_magic_size) has_input_ = true;
    // `libc.imports` lists what libc.a expects from its environment.
    std::string imports = with_extension(path, ".imports");
    if (files_.exists(imports)) read_allow_undefined(imports);
    break;
  }
  case FileKind::WasmModule:
  case FileKind::StubLibrary: has_input_ = true; break;
  // Which says what is wrong with it.
  default: session_.add(path, std::move(file.input.file), file.input.flags); return;
  }
  loaded_.push_back(std::move(file));
}

FileBytes Driver::read_thin_member(const std::string& archive, const std::string& member, bool& found) {
  FileBytes bytes;
  std::string error, path = path_beside(archive, member);
  found = files_.read(path, bytes, error);
  if (found && reproduce_) reproduce_->add_file(path, bytes.bytes());
  if (found) depend_on(path);
  return bytes;
}

void Driver::parse_inputs() {
  files_.begin_phase("parse_inputs");
  if (keeps_session_) return update_inputs();
  std::vector<NewInput> files;
  for (LoadedFile& file : loaded_) files.push_back(std::move(file.input));
  session_.add_all(std::move(files), [this](auto&&... arguments) { return read_thin_member(arguments...); });
}

// Each path is one input. What stays is not touched.
void Driver::update_inputs() {
  auto thin_member = [this](auto&&... arguments) { return read_thin_member(arguments...); };
  known_.for_each([](KnownInput& known) { known.is_named = false; });
  Vector<bool> is_unit_named(session_.inputs.size());
  Vector<InputId> order;
  for (LoadedFile& file : loaded_) {
    if (file.unit) {
      if (!std::exchange(is_unit_named[file.unit.row], true)) order.push_back(file.unit);
      continue;
    }
    auto [known, is_new] = known_.insert(file.input.path, {{}, 0, file.input.flags, true});
    if (!is_new && known.is_named) continue; // named twice
    known.is_named = true;
    if (file.is_known && known.flags == file.input.flags) {
      order.push_back(known.id);
      continue;
    }
    if (file.is_known) { // the same bytes in another role
      if (!session_.complete(session_.inputs[known.id])) continue;
      FileBytes bytes = FileBytes::copy(session_.inputs[known.id].file.bytes());
      session_.remove(known.id);
      known.id = session_.add(file.input.path, std::move(bytes), file.input.flags, thin_member);
    } else if (known.id && known.flags == file.input.flags) {
      if (!session_.replace(known.id, std::move(file.input.file), thin_member)) file.stamp = 0; // tried again
    } else {
      if (known.id) session_.remove(known.id);
      known.id = session_.add(file.input.path, std::move(file.input.file), file.input.flags, thin_member);
    }
    known.flags = file.input.flags;
    known.stamp = file.stamp;
    if (known.id) order.push_back(known.id);
  }
  loaded_.clear();
  known_.remove_if([this](const KnownInput& known) {
    if (known.is_named && known.id) return false;
    if (known.id) session_.remove(known.id);
    return true;
  });
  units_.remove_if([&](const KnownUnit& unit) {
    if (is_unit_named[unit.id.row]) return false;
    session_.remove(unit.id);
    return true;
  });
  session_.set_order(std::move(order));
}

void Driver::load_library(const InputArgument& input) {
  std::optional<std::string> path = find_library(input);
  if (!path) {
    Diagnostic& d = diagnostics().report(DiagnosticId::library_not_found, {input.name});
    if (command_.search_paths.empty()) d.note("no directory was given with -L");
    for (const std::string& directory : command_.search_paths) {
      d.note("searched in $0", {directory});
      const std::string shared = join_path(directory, "lib" + input.name + ".so");
      if (input.is_static && files_.exists(shared))
        d.note("$0 is a shared library: pass -Bdynamic before -l$1, or -shared or -pie", {shared, input.name});
    }
    return;
  }
  if (reproduce_) reproduce_->note_library(input.name, *path);
  load_file(*path, input);
}

std::optional<std::string> Driver::find_library(const InputArgument& input) const {
  const std::string& name = input.name;
  auto found = [&](std::string path, std::optional<std::string>& out) {
    if (!files_.exists(path)) return false;
    out = std::move(path);
    return true;
  };
  std::optional<std::string> path;
  for (const std::string& directory : command_.search_paths) {
    if (name.starts_with(':')) {
      if (found(join_path(directory, name.substr(1)), path)) break;
      continue;
    }
    if (!input.is_static && found(join_path(directory, "lib" + name + ".so"), path)) break;
    if (found(join_path(directory, "lib" + name + ".a"), path)) break;
  }
  return path;
}

// One name a line; empty lines and comments count for nothing.
void Driver::read_allow_undefined(const std::string& path) {
  FileBytes file;
  if (!read_file(path, file)) return;
  constexpr std::string_view spaces = " \t\v\f\r";
  for (std::string_view text = as_text(file.bytes()); !text.empty();) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    line.remove_prefix(std::min(line.find_first_not_of(spaces), line.size()));
    line = line.substr(0, line.find_last_not_of(spaces) + 1);
    if (!line.empty() && line[0] != '#') command_.options.allow_undefined.emplace_back(line);
  }
}

void Driver::check_writable() {
  struct Written {
    std::string path;
    DiagnosticId on_error;
    bool is_checked_later = false;
  };
  const std::vector<Written> all = {
      {command_.output_path, DiagnosticId::cannot_write},
      {command_.map_path, DiagnosticId::cannot_write_map},
      {command_.metafile_path, DiagnosticId::cannot_write_metafile},
      {command_.source_map_path, DiagnosticId::cannot_write_source_map},
      {command_.debug_file_path, DiagnosticId::cannot_write_debug_file},
      {command_.dependency_path, DiagnosticId::cannot_write_dependencies},
      {command_.why_extract_path, DiagnosticId::cannot_write_why_extract, true},
      {command_.reproduce_path, DiagnosticId::cannot_write_reproduce, true},
      {command_.keeps_program ? program_path() : "", DiagnosticId::cannot_write, true},
  };
  std::vector<std::string> places;
  for (const Written& file : all) {
    if (file.path.empty() || file.path == "-") continue;
    std::string error;
    if (!file.is_checked_later && !files_.can_write(file.path, error))
      diagnostics().report(file.on_error, {file.path, error});
    // One would overwrite the other, as wasm-ld lets it. Devices take everything.
    std::string place = path_from_root(file.path, files_);
    if (command_.options.like_lld() || place.starts_with("dev/")) continue;
    if (std::find(places.begin(), places.end(), place) != places.end()) {
      diagnostics().report(file.on_error, {file.path, "something else is written to it"});
      if (file.on_error == DiagnosticId::cannot_write_reproduce) reproduce_.reset();
    }
    places.push_back(std::move(place));
  }
}

void Driver::make_uuid() {
  std::string error;
  command_.options.build_id_bytes.resize(uuid_size);
  if (!files_.random(command_.options.build_id_bytes, error))
    diagnostics().report(DiagnosticId::no_entropy, {error});
}

void Driver::begin_reproduce() {
  std::string error;
  if (files_.can_write(command_.reproduce_path, error)) reproduce_.emplace(command_.reproduce_path, files_);
  else diagnostics().report(DiagnosticId::cannot_write_reproduce, {command_.reproduce_path, error});
}

// What is read for it, by another program after the link.
void Driver::check_component() {
  std::vector<std::string> paths = command_.component->types;
  for (const std::string& adapter : command_.component->adapters) paths.emplace_back(adapter_file(adapter));
  for (const std::string& path : paths)
    if (!files_.exists(path))
      diagnostics().report(DiagnosticId::file_not_found, {path, "No such file or directory"});
}

void Driver::reproduce_component() {
  for (const std::string& type : command_.component->types) reproduce_->add_tree(type);
  for (const std::string& adapter : command_.component->adapters)
    reproduce_->add_tree(std::string(adapter_file(adapter)));
}

void Driver::write_reproduce() {
  if (!reproduce_) return;
  Vector<uint8_t> tar = reproduce_->finish(command_, version_text(command_.options.compat) + "\n");
  std::string error;
  if (!files_.write(command_.reproduce_path, tar, false, error))
    diagnostics().report(DiagnosticId::cannot_write_reproduce, {command_.reproduce_path, error});
  reproduce_.reset();
}

void Driver::write_text(const std::string& path, std::string_view text, DiagnosticId on_error) {
  std::string error;
  if (path == "-") out_(terminals_.out ? std::string_view(printable_lines(text)) : text);
  else if (!files_.write(path, as_bytes(text), false, error)) diagnostics().report(on_error, {path, error});
}

void Driver::write_output(Bytes output) {
  std::string error;
  if (command_.options.verbose) {
    diagnostics().report(DiagnosticId::verbose, {"writing: " + command_.output_path});
    printer_->print(diagnostics());
  }
  if (command_.output_path == "-") out_(as_text(output));
  else if (made_in_place_ ? !files_.finish_output(true, error)
                          : !files_.write(command_.output_path, output, true, error))
    diagnostics().report(DiagnosticId::cannot_write, {command_.output_path, error});
}

bool is_patch_command(std::span<const std::string> argv) {
  return argv.size() > 1 && argv[1] == "patch" && compat_of_program(argv[0]) == Compat::Weld;
}

int run_tool(std::span<const std::string> argv, Files& files, Sink out, Sink err, Terminals terminals,
             ToolReport* report, Done done) {
  Driver driver(files, std::move(out), std::move(err), terminals, false);
  int code = is_patch_command(argv) ? driver.run_patch(argv, report) : driver.run(argv, report);
  if (done) done(code);
  return code;
}

} // namespace weld
