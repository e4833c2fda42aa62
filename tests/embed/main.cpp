// Embeds weld: links an object and a unit, edits both, and reads messages. Writes the modules to the folder that it is called
// with, for tests/embed/embed.test.mjs to run.
//   embed OBJECT FOLDER
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <weld/weld.h>

namespace {

using namespace weld::api;

std::vector<uint8_t> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::string& path, Bytes bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

void expect(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

bool has(const std::vector<Message>& messages, const std::string& id) {
  for (const Message& m : messages)
    if (m.id == id) return true;
  return false;
}

void embed(const std::string& object, const std::string& folder) {
  Linker linker;
  const std::vector<uint8_t> bytes = read(object);
  const Input input = linker.add("add.o", bytes);
  expect(bool(input), "the object is added");

  // A unit that calls what the object defines: twice(x) = add(x, x) + 1.
  Unit unit = linker.add_unit("jit");
  const Type add_type = unit.type({ValueType::I32, ValueType::I32}, {ValueType::I32});
  const Symbol add = unit.declare_function("add", add_type);
  const Symbol twice = unit.declare_function("twice", unit.type({ValueType::I32}, {ValueType::I32}));
  auto code_with = [&](int32_t more) {
    Code code;
    code.local_get(0).local_get(0).call(add).i32_const(more).op(Op::i32_add).end();
    return code;
  };
  expect(unit.set_function(twice, {}, code_with(1)), "the function is set");
  expect(unit.export_as(twice), "it is exported");

  Options options;
  options.entry = ""; // there is none
  options.exports = {"add"};
  Result result = linker.link(options);
  for (const Message& m : result.messages) std::printf("%s\n", m.rendered.c_str());
  expect(result.ok && result.messages.empty(), "the link succeeds");
  write(folder + "/first.wasm", result.output);

  // An edit gives what a new link gives.
  expect(unit.set_function(twice, {}, code_with(100)), "the function is set again");
  result = linker.link(options);
  expect(result.ok, "the second link succeeds");
  write(folder + "/second.wasm", result.output);
  const std::vector<uint8_t> second = result.copy();
  expect(linker.replace(input, bytes), "the object is replaced");
  expect(linker.link(options).copy() == second, "equal bytes give an equal module");

  // What goes wrong is said.
  Options wrong = options;
  wrong.exports = {"missing"};
  result = linker.link(wrong);
  expect(!result.ok && has(result.messages, "export-not-found"), "a missing export is reported");
  wrong.shared = wrong.relocatable = true;
  expect(has(linker.link(wrong).messages, "bad-option"), "options that do not fit are reported");
  expect(!linker.add("junk", Bytes()) && !linker.messages().empty(), "junk is refused");

  // Handles of another linker are refused.
  Linker other;
  expect(!other.replace(input, bytes) && !other.remove(input), "another linker's input is refused");
  Unit foreign = other.add_unit("other");
  expect(!foreign.set_function(twice, {}, code_with(1)), "another unit's symbol is refused");
  expect(!foreign.declare_function("typeless", Type()), "a type of no unit is refused");
  Code mixed;
  mixed.call(add).end();
  const Symbol own = foreign.declare_function("own", foreign.type({}, {}));
  expect(!foreign.set_function(own, {}, mixed), "code with another unit's symbols is refused");
  // So are operands of another form: each of these used to mean some word beside its own.
  const std::pair<const char*, Code> misused[] = {
      {"a position in place of words", Code().op(Op::i64_const, 0)},
      {"a number in place of a symbol", Code().op(Op::call, 0)},
      {"a symbol in place of a number", Code().symbol(Op::i32_const, own)},
      {"words without the lane", Code().memory(Op::v128_load8_lane, 0)},
      {"a word too many", Code().words(Op::i64_const, {1, 2, 3})},
      {"a type in place of a number", Code().block(Op::br)},
  };
  for (const auto& [what, code] : misused) {
    Code ended = code;
    expect(!foreign.set_function(own, {}, ended.end()), what);
    expect(has(other.messages(), "bad-edit"), what);
  }
  Code lane;
  lane.i32_const(0)
      .v128_const(std::array<uint8_t, 16>{})
      .memory_lane(Op::v128_load8_lane, 15, 0)
      .op(Op::drop)
      .end();
  expect(foreign.set_function(own, {}, lane), "a lane of memory is set");
  const Feature features[] = {{"fp16"}};
  const Producer producers[] = {{Producer::Language, "Tiny", "1"}};
  expect(foreign.set_features(features) && foreign.set_producers(producers),
         "features and producers are stated");

  // Lines are in messages and in the module, and move without the code.
  const Symbol lost = unit.declare_function("lost", unit.type({}, {}));
  const Symbol loses = unit.declare_function("loses", unit.type({}, {}));
  const uint32_t file = unit.source_file("loses.source");
  const Variable variables[] = {{"nothing", 0, unit.source_type("int", Encoding::Signed, 4)}};
  Code calls;
  calls.op(Op::nop).at(7, 3, file).call(lost).end();
  expect(unit.set_function(loses, {ValueType::I32}, calls, {}, {5, file, variables}), "lines are set");
  expect(unit.export_as(loses), "it is exported");
  auto place = [&] {
    result = linker.link(options);
    return result.messages.empty() ? std::string() : result.messages[0].rendered;
  };
  expect(place().find("at loses.source:7:3") != std::string::npos, "the message has the line");
  calls.at(9);
  const SourceLine moved[] = {{1, 8, 0, file}};
  expect(unit.set_lines(loses, moved) && !unit.set_lines(loses, calls.lines()), "lines are set again");
  expect(place().find("at loses.source:8") != std::string::npos, "the message has the new line");
  expect(!unit.set_variables(lost, variables) && unit.set_variables(loses, {}), "variables are set again");
  expect(unit.remove(loses), "the function is removed");

  // Saved and restored.
  const std::vector<uint8_t> snapshot = linker.save();
  Linker restored;
  expect(restored.restore(snapshot), "the snapshot is restored");
  expect(bool(restored.unit("jit")), "with its unit");
  result = restored.link(options);
  write(folder + "/restored.wasm", result.output);
  expect(result.ok, "and links");

  // A unit ends with its input, and with its linker.
  expect(linker.remove(unit.input()) && !unit, "the unit is removed");
  expect(!linker.remove(unit.input()), "it cannot be removed again");
  expect(!unit.set_function(twice, {}, code_with(1)), "it cannot be edited any more");
  {
    Linker short_lived;
    foreign = short_lived.add_unit("short");
  }
  expect(!foreign, "the unit of a linker that is gone is none");

  const std::type_info& type = typeid(linker); // RTTI is this program's choice
  std::printf("weld %s: done, %s\n", std::string(version()).c_str(), type.name()[0] ? "with RTTI" : "");
}

} // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw std::runtime_error("embed OBJECT FOLDER");
    embed(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
