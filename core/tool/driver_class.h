// What `weld` does from its arguments to its exit code, as a class: driver.cpp, and patch.cpp for patches. driver.h is the face of it.
#pragma once

#include "core/base/name_map.h"
#include "core/link/patch/instance.h"
#include "core/tool/arguments.h"
#include "core/tool/dependency_file.h"
#include "core/tool/driver.h"
#include "core/tool/message_printer.h"
#include "core/tool/reproduce.h"

#include <optional>

namespace weld {

class Driver {
public:
  Driver(Files& files, Sink out, Sink err, Terminals terminals, bool keeps_session)
      : files_(files), out_(std::move(out)), err_(std::move(err)), terminals_(terminals),
        keeps_session_(keeps_session) {
    session_.keeps_links = keeps_session;
    session_.engine = files_.engine();
    session_.read_source = [this](const std::string& path, FileBytes& text) {
      std::string error;
      return files_.read(path, text, error);
    };
    session_.on_phase = [this](const char* name) { files_.begin_phase(name); };
  }

  int run(std::span<const std::string> argv, ToolReport* report);
  int run_again(ToolReport* report);
  int patch(std::span<const std::string> argv, uint64_t state, ToolReport* report);
  int run_patch(std::span<const std::string> argv, ToolReport* report);
  bool replace(const std::string& path, FileBytes bytes);
  // All before the link; the exit code when it ends there.
  std::optional<int> prepare(std::span<const std::string> argv, ToolReport* report, bool may_be_empty);
  Vector<uint8_t> save(std::span<const std::string> argv, ToolReport* report);
  bool restore(FileBytes snapshot, FetchContent fetch, ToolReport* report);
  Session& session() { return session_; }
  Diagnostics& diagnostics() { return session_.diagnostics; }
  Unit* add_unit(const std::string& name, bool is_64);
  void remove_unit(const std::string& name);

private:
  struct LoadedFile {
    NewInput input;
    uint64_t stamp = 0;
    bool is_known = false; // with this stamp: it is in the session, and was not read
    InputId unit;          // it is one, and no file
  };
  struct KnownInput {
    InputId id;
    uint64_t stamp = 0;
    InputFlags flags;
    bool is_named = true; // by the arguments of this run
  };
  struct KnownUnit {
    InputId id;
    bool is_restored = false; // and nobody has asked for it since
  };

  // Of a restored input, whose bytes need not be here.
  static FileKind kind_of(const Input& input) {
    if (input.kind == InputKind::Archive) return FileKind::Archive;
    return input.kind == InputKind::StubLibrary ? FileKind::StubLibrary : FileKind::WasmModule;
  }

  // Prints what is new; true when there was an error by now.
  bool print_failed() {
    printer_->print(diagnostics());
    return printer_->failed();
  }

  void begin(ToolReport* report);
  void describe_command();
  void load_inputs(); // reads the files
  void read_ahead();
  void parse_inputs();  // adds them to the session
  void update_inputs(); // the same, where the session has most of them
  void load_file(const std::string& path, const InputArgument& input);
  void load_library(const InputArgument& input);
  std::optional<std::string> find_library(const InputArgument& input) const;
  void read_allow_undefined(const std::string& path);
  bool use_known(const std::string& path, Input& input);
  bool read_file(const std::string& path, FileBytes& out);
  void depend_on(const std::string& path);
  static void note_command(Diagnostic& diagnostic, std::string_view name);
  FileBytes read_thin_member(const std::string& archive, const std::string& member, bool& found);
  int link();
  bool make_component(Bytes module, FileBytes& component);
  int write_patch(LinkResult& result);
  void note_libraries();
  void check_writable();
  void make_uuid();
  void begin_reproduce();
  void check_component();
  void reproduce_component();
  void write_reproduce();
  // To a file, or for "-" to the standard output.
  void write_text(const std::string& path, std::string_view text, DiagnosticId on_error);
  void write_output(Bytes output);
  bool read_program();
  std::string program_path() const { return command_.output_path + ".live"; }
  void write_program();

  Files& files_;
  Sink out_;
  Sink err_;
  const Terminals terminals_;
  const bool keeps_session_;
  ToolReport* report_ = nullptr; // null: nobody asked
  Command command_;
  std::vector<std::string> argv_; // of the last run
  Diagnostics prepared_;          // what `prepare` said: `run_again` says it again
  Session session_;
  std::optional<MessagePrinter> printer_;
  NameMap<FileBytes> read_ahead_;  // by path
  std::vector<LoadedFile> loaded_; // read, and not yet in the session
  NameMap<KnownInput> known_;      // by path, when the session is kept
  NameMap<KnownUnit> units_;
  std::optional<ReproduceArchive> reproduce_;
  PathPool dependencies_;                 // the files that were read
  bool made_in_place_ = false;            // the output is written to the file's own memory
  bool has_input_ = false;                // something that can be linked: an empty archive is not
  std::shared_ptr<LivePatch> patch_;      // what is to be made in place of a program; null: a program
  std::optional<uint64_t> patch_state_;   // then: of the program that runs
  std::string program_path_, patch_path_; // of `weld patch`; else empty
};

} // namespace weld
