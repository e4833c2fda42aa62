// Subcommands as people type them: what is explained, suggested, and read from the standard input.

#include "core/tool/driver.h"
#include "core/tool/subcommand_help.h"
#include "core/tool/subcommand_names.h"
#include "core/tool/subcommands.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace weld {
namespace {

using Strings = std::vector<std::string>;

struct OneInput final : Files {
  std::string path, content;

  bool exists(const std::string& name) override { return name == path; }
  bool read(const std::string& name, FileBytes& out, std::string& error) override {
    if (!exists(name)) error = "No such file or directory";
    else out = FileBytes::copy(as_bytes(content));
    return exists(name);
  }
  bool write(const std::string&, Bytes, bool, std::string&) override { return false; }
  bool can_write(const std::string&, std::string&) override { return false; }
};

struct Outcome {
  int code = -1;
  std::string out, err;
};

Outcome run(const Strings& arguments, OneInput files = {}) {
  Strings argv = {"weld"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  Outcome outcome;
  const auto out = [&](std::string_view text) { outcome.out += text; };
  const auto err = [&](std::string_view text) { outcome.err += text; };
  const Subcommand* subcommand = find_subcommand(argv);
  outcome.code = subcommand ? subcommand->run(std::span(argv).subspan(2), files, out, err)
                            : run_tool(argv, files, out, err);
  return outcome;
}

// The smallest module.
OneInput module_at(std::string path) {
  OneInput files;
  files.path = std::move(path);
  files.content = std::string("\0asm\1\0\0\0", 8);
  return files;
}

TEST(Subcommand, EachExplainsItsOptionsWithAnExample) {
  for (std::string_view name : subcommand_names) {
    if (name == "help") continue;
    SCOPED_TRACE(name);
    const Outcome help = run({std::string(name), "--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_EQ(help.err, "");
    EXPECT_EQ(help.out.find("Usage: weld " + std::string(name) + " "), 0u);
    EXPECT_NE(help.out.find("\nExamples:\n  weld "), std::string::npos);
    EXPECT_NE(help.out.find("  weld " + std::string(name) + " ", help.out.find("\nExamples:\n")),
              std::string::npos);
    EXPECT_EQ(run({"help", std::string(name)}).out, help.out);
    EXPECT_EQ(run({std::string(name), "-h"}).out, help.out);
    EXPECT_EQ(run({std::string(name), "--no-such", "--help"}).out, help.out);
    if (name == "patch") continue; // it takes the options of a link
    // What is explained is accepted. An option that asks for a value asks for it, and no option is unknown.
    size_t options = 0;
    for (size_t at = help.out.find("\n  --"); at != std::string::npos; at = help.out.find("\n  --", at + 1)) {
      const size_t begin = at + 3, end = help.out.find_first_of(" =[", begin);
      const std::string option = help.out.substr(begin, end - begin);
      EXPECT_GT(help.out.find_first_not_of(' ', help.out.find(' ', end)), end)
          << option << " has no explanation";
      EXPECT_EQ(run({std::string(name), option, "--"}).err.find("unknown option"), std::string::npos)
          << option;
      options++;
    }
    EXPECT_GT(options, 0u);
  }
}

TEST(Subcommand, MisspeltOptionsAreSuggested) {
  EXPECT_EQ(run({"size", "main.json", "--bye=section"}).err,
            "weld: error: unknown option `--bye=section`\n"
            "  note: did you mean `--by`? `weld size --help` explains the options\n");
  EXPECT_EQ(run({"inspect", "--symbol", "a.o"}).err,
            "weld: error: unknown option `--symbol`\n"
            "  note: did you mean `--symbols`? `weld inspect --help` explains the options\n");
  EXPECT_EQ(run({"symbolize", "--jsn", "a.wasm"}).err,
            "weld: error: unknown option `--jsn`\n"
            "  note: did you mean `--json`? `weld symbolize --help` explains the options\n");
  EXPECT_EQ(run({"memory", "--stub", "main.json"}).err,
            "weld: error: unknown option `--stub`\n  note: `weld memory --help` explains the options\n");
  EXPECT_EQ(run({"size", "main.json", "--by=sectoin"}).err,
            "weld: error: `--by=sectoin`: expected "
            "function|namespace|crate|symbol|object|member|directory|input|section|kind|source|line\n"
            "  note: did you mean `section`?\n");
}

TEST(Subcommand, MisspeltCommandsAreSuggested) {
  EXPECT_EQ(run({"help", "sise"}).err,
            "weld: error: there is no command `sise`\n  note: did you mean `size`?\n");
  EXPECT_EQ(run({"help", "disassemble"}).err,
            "weld: error: there is no command `disassemble`\n  note: `weld help` lists the commands\n");
  EXPECT_EQ(run({"help", "disassemble"}).code, 1);
}

TEST(Subcommand, ValuesFollowAnEqualsSignOrAreTheNextArgument) {
  const Outcome joined = run({"size", "a.wasm", "--by=section"}, module_at("a.wasm"));
  EXPECT_EQ(joined.code, 0);
  EXPECT_EQ(run({"size", "--by", "section", "a.wasm"}, module_at("a.wasm")).out, joined.out);
  EXPECT_EQ(run({"size", "-by=section", "a.wasm"}, module_at("a.wasm")).out, joined.out);
  EXPECT_EQ(
      run({"size", "a.wasm", "--by"}).err,
      "weld: error: `--by` needs a value: --by=GROUP\n  note: `weld size --help` explains the options\n");
  EXPECT_EQ(
      run({"size", "a.wasm", "--json=1"}).err,
      "weld: error: `--json=1`: `--json` takes no value\n  note: `weld size --help` explains the options\n");
  EXPECT_EQ(run({"inspect", "--address", "x", "a.wasm"}).err,
            "weld: error: `--address=x`: a number is expected\n");
}

TEST(Subcommand, ADashIsTheStandardInput) {
  for (const Strings& arguments : {Strings{"size", "-"}, Strings{"inspect", "-"}, Strings{"imports", "-"},
                                   Strings{"symbolize", "-", "0x10"}}) {
    SCOPED_TRACE(arguments[0]);
    const Outcome outcome = run(arguments, module_at("/dev/stdin"));
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_NE(outcome.out, "");
  }
  EXPECT_EQ(run({"inspect", "-", "-"}, module_at("/dev/stdin")).code, 1);
  EXPECT_EQ(run({"diff", "-", "-"}, module_at("/dev/stdin")).code, 1);
  EXPECT_EQ(run({"symbolize", "-"}, module_at("/dev/stdin")).code, 1); // the trace is there too
  // A file that is called so is a file.
  EXPECT_EQ(run({"size", "-"}, module_at("-")).code, 0);
}

TEST(Subcommand, WhatAModuleDoesNotSayIsSaid) {
  EXPECT_EQ(
      run({"why", "a.wasm", "f"}, module_at("a.wasm")).err,
      "weld: error: a.wasm: a module does not say what keeps what\n"
      "  note: a metafile says it: link with `--metafile=FILE`, and give FILE in place of the module\n");
  EXPECT_EQ(run({"why", "a.wasm"}).err,
            "weld: error: a name is missing: `weld why` takes METAFILE SYMBOL\n"
            "  note: `weld why --help` explains what it takes, and has examples\n");
  EXPECT_EQ(run({"memory", "a.json", "b.json"}).err,
            "weld: error: `b.json` is one name too many: `weld memory` takes METAFILE\n"
            "  note: `weld memory --help` explains what it takes, and has examples\n");
}

// Nothing is linked then, which a build should notice.
TEST(Subcommand, WithoutArgumentsWeldSaysWhatItDoes) {
  const Outcome outcome = run({""});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 5);
  EXPECT_EQ(find_subcommand(Strings{"wasm-ld", ""}), nullptr);
}

} // namespace
} // namespace weld
