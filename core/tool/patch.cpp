// Patches of programs that run: of a tool that is kept, and `weld patch`.
#include "core/tool/driver_class.h"
#include "core/tool/times.h"

#include <algorithm>
#include <utility>

namespace weld {

static void add_reasons(std::string& text, const char* what, const std::vector<LiveReason>& reasons,
                        Demangling demangling) {
  for (const LiveReason& reason : reasons) {
    text.append(what).append(": ");
    if (!reason.symbol.empty())
      text.append(1, '`').append(display_name(reason.symbol, demangling)).append("` ");
    text.append(reason.text).append(1, '\n');
  }
}

// About the program and the file with the patch, a line for each thing.
static std::string patch_text(const LivePatch& patch, const std::string& program, const std::string& file,
                              Demangling demangling) {
  std::string text;
  add_reasons(text, "restart", patch.restart, demangling);
  if (!patch.restart.empty()) return text + program + " was linked anew\n";
  for (const std::string& name : patch.changed) text += "changed: `" + display_name(name, demangling) + "`\n";
  add_reasons(text, "kept", patch.kept, demangling);
  if (patch.bytes.empty()) return text + program + " has everything\n";
  return text + file + " is the patch: " + std::to_string(patch.bytes.size()) + " bytes\n";
}

// `weld patch PROGRAM ARGUMENTS`: the arguments are those with which the program was linked, but for -o, which is the patch. Where
// only a new program can have what was edited, it takes the place of PROGRAM.
int Driver::run_patch(std::span<const std::string> argv, ToolReport* report) {
  // As of other subcommands, nothing else is looked at then.
  const bool asks_for_help = std::any_of(argv.begin() + 2, argv.end(), [](const std::string& argument) {
    return argument == "--help" || argument == "-h";
  });
  if (asks_for_help || argv.size() < 4 || argv[2].starts_with('-')) {
    (asks_for_help ? out_ : err_)(patch_help_text());
    return asks_for_help ? 0 : 1;
  }
  std::vector<std::string> arguments(argv.begin(), argv.end());
  arguments.erase(arguments.begin() + 1, arguments.begin() + 3);
  program_path_ = argv[2];
  patch_ = std::make_shared<LivePatch>();
  const int exit_code = run(arguments, report);
  if (exit_code) return exit_code;
  out_(patch_text(*patch_, program_path_, patch_path_, command_.options.demangling()));
  return patch_->restart.empty() ? 0 : 2;
}

bool Driver::read_program() {
  const std::string path = command_.output_path + ".live";
  FileBytes file;
  std::string error;
  if (!files_.read(path, file, error))
    diagnostics()
        .report(DiagnosticId::file_not_found, {path, error})
        .note("it says what the program has: link it with --live and --live-state");
  else if (!session_.load_program(file.bytes(), command_.options))
    diagnostics().report(DiagnosticId::bad_option, {path + " does not say what a program has: link it anew"});
  return !print_failed();
}

void Driver::write_program() {
  const Vector<uint8_t> program = session_.save_program();
  const std::string path = program_path();
  std::string error;
  if (!program.empty() && !files_.write(path, program, false, error))
    diagnostics().report(DiagnosticId::cannot_write, {path, error});
}

int Driver::patch(std::span<const std::string> argv, uint64_t state, ToolReport* report) {
  patch_ = std::make_shared<LivePatch>();
  patch_state_ = state;
  const int exit_code = argv.empty() ? run_again(report) : run(argv, report);
  const std::shared_ptr<LivePatch> patch = std::move(patch_);
  if (report && !exit_code) report->patch = patch;
  return exit_code;
}

int Driver::write_patch(LinkResult& result) {
  print_failed();
  if (!patch_->bytes.empty()) {
    result.output = OutputBytes(patch_->bytes.data(), patch_->bytes.size());
    if (!patch_path_.empty()) std::swap(command_.output_path, patch_path_);
    write_output(result.output);
    if (!patch_path_.empty()) std::swap(command_.output_path, patch_path_);
  }
  if (!patch_path_.empty() && !print_failed()) write_program();
  if (command_.time) err_(times_text(result.stats));
  if (report_) report_->stats = std::move(result.stats);
  return print_failed();
}

} // namespace weld
