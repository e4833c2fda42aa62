// --component: what is asked of `wasm-tools`, and what becomes of its answers. tests/components runs it.

#include "core/tool/driver.h"
#include "tests/unit/fake_files.h"
#include "tests/unit/small_objects.h"

#include <gtest/gtest.h>

namespace weld {
namespace {

using Strings = std::vector<std::string>;

// Programs that are run here give back what they read, with their command behind it.
struct ComponentFiles final : FakeFiles {
  std::vector<Strings> commands;
  std::optional<int> exit_code = 0;
  std::string errors;

  bool exists(const std::string& path) override { return find(path) || !list(path).empty(); }
  std::vector<std::string> list(const std::string& directory) override {
    std::vector<std::string> names;
    for (const auto& [path, content] : files)
      if (path.starts_with(directory + "/")) names.push_back(path.substr(directory.size() + 1));
    return names;
  }
  std::optional<int> run_program(std::span<const std::string> command, Bytes input, FileBytes& output,
                                 std::string& said) override {
    commands.emplace_back(command.begin(), command.end());
    said = errors;
    if (exit_code != 0) return exit_code;
    std::string text(as_text(input));
    for (const std::string& argument : command) text.append(argument).append(1, ' ');
    output = FileBytes::copy(as_bytes(text));
    return 0;
  }
};

struct Outcome {
  int code = -1;
  std::string err;
};

Outcome link(ComponentFiles& files, const Strings& arguments, const std::string& program = "weld") {
  SmallObject object;
  object.functions.push_back({.name = "_start", .flags = 0});
  files.put("main.o", as_text(object.build()));
  Strings argv = {program, "main.o", "-o", "out.wasm"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  Outcome outcome;
  outcome.code = run_tool(
      argv, files, [](std::string_view) {}, [&](std::string_view text) { outcome.err += text; });
  return outcome;
}

TEST(Component, IsMadeOfTheModule) {
  ComponentFiles plain, files;
  ASSERT_EQ(link(plain, {}).code, 0);
  ASSERT_EQ(link(files, {"--component"}).code, 0);
  EXPECT_EQ(plain.commands.size(), 0u);
  EXPECT_EQ(files.commands, (std::vector<Strings>{{"wasm-tools", "component", "new", "-"}}));
  EXPECT_EQ(*files.find("out.wasm"), *plain.find("out.wasm") + "wasm-tools component new - ");
}

TEST(Component, IsMadeWhenTheNameAsksForIt) {
  for (const char* program : {"wasm-component-ld", "/usr/bin/wasm-component-ld"}) {
    ComponentFiles files;
    ASSERT_EQ(link(files, {}, program).code, 0);
    EXPECT_EQ(files.commands.size(), 1u);
  }
  for (const Strings& arguments :
       {Strings{"--skip-wit-component"}, {"-shared", "--experimental-pic"}, {"-r"}}) {
    ComponentFiles files;
    ASSERT_EQ(link(files, arguments, "wasm-component-ld").code, 0) << arguments[0];
    EXPECT_EQ(files.commands.size(), 0u) << arguments[0];
  }
}

TEST(Component, ItsTypesAreEmbeddedFirst) {
  ComponentFiles files;
  files.put("a.wit", "package a:b;");
  files.put("wit/b.wit", "package a:b;");
  ASSERT_EQ(link(files, {"--component", "--component-type=a.wit", "--component-type", "wit",
                         "--string-encoding=utf16"})
                .code,
            0);
  const std::vector<Strings> expected = {
      {"wasm-tools", "component", "embed", "a.wit", "-", "--encoding", "utf16"},
      {"wasm-tools", "component", "embed", "wit", "-", "--encoding", "utf16"},
      {"wasm-tools", "component", "new", "-"}};
  EXPECT_EQ(files.commands, expected);
  EXPECT_TRUE(files.find("out.wasm")
                  ->ends_with("embed a.wit - --encoding utf16 wasm-tools component embed wit - "
                              "--encoding utf16 wasm-tools component new - "));
}

TEST(Component, OptionsAreHandedOn) {
  ComponentFiles files;
  files.put("env.wasm", "adapter");
  ASSERT_EQ(link(files, {"--component", "--validate-component", "--merge-imports-based-on-semver=false",
                         "--reject-legacy-names", "--realloc-via-memory-grow", "--return-call-ref",
                         "--adapt=env=env.wasm", "--wasm-ld-path", "wasm-ld"})
                .code,
            0);
  const Strings expected = {"wasm-tools",
                            "component",
                            "new",
                            "-",
                            "--validate=true",
                            "--merge-imports-based-on-semver=false",
                            "--reject-legacy-names",
                            "--realloc-via-memory-grow",
                            "--return-call-ref",
                            "--adapt=env=env.wasm"};
  EXPECT_EQ(files.commands, std::vector<Strings>{expected});
}

TEST(Component, TheLastOfTwoValuesCounts) {
  ComponentFiles files;
  ASSERT_EQ(link(files, {"--component", "--validate-component", "--validate-component=false"}).code, 0);
  EXPECT_EQ(files.commands[0].back(), "--validate=false");
  ASSERT_EQ(link(files, {"--component", "--validate-component=false", "--validate-component"}).code, 0);
  EXPECT_EQ(files.commands[1].back(), "--validate=true");
}

TEST(Component, TheAdapterForWasiIsFoundByTheExports) {
  ComponentFiles files;
  for (const char* kind : {"command", "reactor"})
    files.put(std::string("lib/wasi_snapshot_preview1.") + kind + ".wasm", "adapter");
  const std::string adapter = "--adapt=wasi_snapshot_preview1=lib/wasi_snapshot_preview1.";
  ASSERT_EQ(link(files, {"--component", "-Lnone", "-Llib"}).code, 0);
  EXPECT_EQ(files.commands.back().back(), adapter + "command.wasm");
  ASSERT_EQ(link(files, {"--component", "--wasi-adapters=lib/", "--no-entry"}).code, 0);
  EXPECT_EQ(files.commands.back().back(), adapter + "reactor.wasm");
  ASSERT_EQ(link(files, {"--component", "--wasi-adapters", "lib", "--wasi-adapter=reactor"}).code, 0);
  EXPECT_EQ(files.commands.back().back(), adapter + "reactor.wasm");
  ASSERT_EQ(link(files, {"--component", "-Llib", "--wasi-adapter=none"}).code, 0);
  EXPECT_EQ(files.commands.back().back(), "-");
}

TEST(Component, AnErrorIsTheToolsOwnAndNothingIsWritten) {
  ComponentFiles files;
  files.exit_code = 1;
  files.errors =
      "error: failed to encode a component from module\n\nCaused by:\n    0: failed to decode world from "
      "module\n    1: module requires an import interface named `wasi_snapshot_preview1`\n";
  const Outcome outcome = link(files, {"--component", "--Map=out.map"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err.find(
                "weld: error: no component can be made of the module: failed to encode a component from "
                "module: failed to decode world from module: module requires an import interface named "
                "`wasi_snapshot_preview1`\n  note: this is WASI 0.1, which needs an adapter"),
            0u)
      << outcome.err;
  EXPECT_FALSE(files.exists("out.wasm"));
  EXPECT_FALSE(files.exists("out.map"));
}

TEST(Component, AToolThatSaysNothingIsToldOfByItsExitCode) {
  ComponentFiles files;
  files.exit_code = 3;
  EXPECT_EQ(link(files, {"--component"}).err,
            "weld: error: no component can be made of the module: wasm-tools ended with exit code 3\n");
}

TEST(Component, TheToolMayBeMissing) {
  ComponentFiles files;
  files.exit_code = std::nullopt;
  files.errors = "No such file or directory";
  const Outcome outcome = link(files, {"--component"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(
      outcome.err.find("weld: error: `wasm-tools`, which makes components, cannot be run: No such file or "
                       "directory\n  note: install it"),
      0u)
      << outcome.err;
  EXPECT_FALSE(files.exists("out.wasm"));
}

TEST(Component, FilesThatAreMissingAreToldOfBeforeTheLink) {
  ComponentFiles files;
  const Outcome outcome =
      link(files, {"--component", "--component-type=a.wit", "--adapt=env=b.wasm", "--adapt=c.wasm"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err, "weld: error: cannot open `a.wit`: No such file or directory\n"
                         "weld: error: cannot open `b.wasm`: No such file or directory\n"
                         "weld: error: cannot open `c.wasm`: No such file or directory\n");
  EXPECT_EQ(files.commands.size(), 0u);
}

TEST(Component, WrongValuesAreRefused) {
  ComponentFiles files;
  const Outcome outcome = link(
      files, {"--component", "--wasi-adapter=comand", "--string-encoding=ascii", "--validate-component=yes"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err, "weld: error: unknown --wasi-adapter: comand\n"
                         "  note: it may be command, reactor, proxy or none\n"
                         "weld: error: unknown --string-encoding: ascii\n"
                         "  note: it may be utf8, utf16 or compact-utf16\n"
                         "weld: error: --validate-component=yes: true or false is expected\n");
  EXPECT_EQ(files.commands.size(), 0u);
}

TEST(Component, WhatIsAboutAComponentNeedsOne) {
  ComponentFiles files;
  EXPECT_EQ(link(files, {"--component-type=a.wit", "--wasi-adapter=none", "--return-call-ref"}).err,
            "weld: error: --component-type=a.wit needs --component\n"
            "  note: without it, the output is a module\n"
            "weld: error: --wasi-adapter=none needs --component\n"
            "  note: without it, the output is a module\n"
            "weld: error: --return-call-ref needs --component\n"
            "  note: without it, the output is a module\n");
  EXPECT_EQ(link(files, {"--component", "--skip-wit-component", "--component-type=a.wit"}).code, 0);
}

TEST(Component, IsNotPatched) {
  ComponentFiles files;
  EXPECT_EQ(link(files, {"--component", "--live"}).err,
            "weld: error: --live may not be used with --component\n");
}

TEST(Component, AppendedOptionsComeLast) {
  ComponentFiles files;
  ASSERT_EQ(link(files, {"--append-lld-flag=--Map=b.map", "--Map=a.map"}).code, 0);
  EXPECT_TRUE(files.exists("b.map"));
  EXPECT_FALSE(files.exists("a.map"));
}

TEST(Component, DependenciesAndReproduceHaveItsFiles) {
  ComponentFiles files;
  files.put("wit/world.wit", "package a:b;");
  files.put("env.wasm", "adapter");
  ASSERT_EQ(link(files, {"--component", "--component-type=wit", "--adapt=env=env.wasm",
                         "--dependency-file=out.d", "--reproduce=all.tar"})
                .code,
            0);
  EXPECT_NE(files.find("out.d")->find("wit"), std::string::npos);
  EXPECT_NE(files.find("out.d")->find("env.wasm"), std::string::npos);
  const std::string& archive = *files.find("all.tar");
  for (const char* part : {"package a:b;", "--component-type=work/wit", "--adapt=env=work/env.wasm"})
    EXPECT_NE(archive.find(part), std::string::npos) << part;
}

} // namespace
} // namespace weld
