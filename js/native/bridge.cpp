#include "js/native/bridge.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

// What JavaScript answers: `Bridge.imports` of js/src/bridge.ts.
#define WELD_IMPORT(name) __attribute__((import_module("host"), import_name(#name)))

extern "C" {

// Why the engine refuses a module: `Fault` of js/src/engine.ts.
struct ReceivedFault {
  Received text;
  uint32_t offset, function, lacks;
};

WELD_IMPORT(exists) bool host_exists(const char* path, size_t path_size);
// False: what was received says what went wrong.
WELD_IMPORT(read) bool host_read(const char* path, size_t path_size, Received* content);
// Names, each of which a zero ends.
WELD_IMPORT(list) void host_list(const char* directory, size_t directory_size, Received* names);
WELD_IMPORT(write)
bool host_write(const char* path, size_t path_size, const uint8_t* data, size_t size, bool executable,
                Received* error);
WELD_IMPORT(stamp) uint32_t host_stamp(const char* path, size_t path_size);
WELD_IMPORT(canWrite) bool host_can_write(const char* path, size_t path_size, Received* error);
WELD_IMPORT(random) bool host_random(uint8_t* data, size_t size, Received* error);
// The arguments, each of which a zero ends. Below 0: it was not run.
WELD_IMPORT(runProgram)
int32_t host_run_program(const char* command, size_t command_size, const uint8_t* input, size_t input_size,
                         Received* output, Received* errors);
WELD_IMPORT(absolutePath) void host_absolute_path(const char* path, size_t path_size, Received* absolute);
WELD_IMPORT(sizePage) void host_size_page(Received* page);
WELD_IMPORT(validate) bool host_validate(const uint8_t* data, size_t size, ReceivedFault* fault);
WELD_IMPORT(phase) void host_phase(const char* name, size_t name_size);
WELD_IMPORT(out) void host_out(const char* text, size_t size);
WELD_IMPORT(err) void host_err(const char* text, size_t size);
WELD_IMPORT(give) void host_give(const uint8_t* data, size_t size);

} // extern "C"

namespace {

std::string text_of(const Received& received) {
  return std::string(weld::as_text(adopt(received).bytes()));
}

// The texts of a call: their sizes, then the bytes of all of them.
std::vector<uint32_t> given;

} // namespace

WELD_EXPORT(allocate) void* allocate(uint32_t size) {
  return std::malloc(size ? size : 1);
}

// Where the texts of the next call are put.
WELD_EXPORT(texts) uint32_t* texts(uint32_t count, uint32_t size) {
  given.assign(1 + count + (size + 3) / 4, 0);
  given[0] = count;
  return given.data() + 1;
}

std::string_view given_text(uint32_t number) {
  const uint32_t count = given[0];
  const char* at = reinterpret_cast<const char*>(given.data() + 1 + count);
  for (uint32_t i = 0; i < number; i++) at += given[1 + i];
  return {at, given[1 + number]};
}

std::vector<std::string> given_texts() {
  const uint32_t count = given[0];
  const char* at = reinterpret_cast<const char*>(given.data() + 1 + count);
  std::vector<std::string> all;
  for (uint32_t i = 0; i < count; at += given[1 + i++]) all.emplace_back(at, given[1 + i]);
  return all;
}

void give(weld::Bytes bytes) {
  host_give(bytes.data(), bytes.size());
}
void give(std::string_view text) {
  give(weld::as_bytes(text));
}

weld::FileBytes adopt(uint8_t* data, uint32_t size) {
  return {data, size, [](const uint8_t* p, size_t) { std::free(const_cast<uint8_t*>(p)); }};
}

weld::FileBytes adopt(const Received& received) {
  return adopt(received.data, received.size);
}

bool HostFiles::exists(const std::string& path) {
  return host_exists(path.data(), path.size());
}
bool HostFiles::read(const std::string& path, weld::FileBytes& out, std::string& error) {
  Received received;
  if (host_read(path.data(), path.size(), &received)) {
    out = adopt(received);
    return true;
  }
  error = text_of(received);
  return false;
}
std::vector<std::string> HostFiles::list(const std::string& directory) {
  Received received;
  host_list(directory.data(), directory.size(), &received);
  const std::string all = text_of(received);
  std::vector<std::string> names;
  for (size_t at = 0; at < all.size(); at += names.back().size() + 1) names.emplace_back(all.c_str() + at);
  return names;
}
bool HostFiles::write(const std::string& path, weld::Bytes bytes, bool executable, std::string& error) {
  Received received;
  if (host_write(path.data(), path.size(), bytes.data(), bytes.size(), executable, &received)) return true;
  error = text_of(received);
  return false;
}
uint64_t HostFiles::stamp(const std::string& path) {
  return host_stamp(path.data(), path.size());
}
bool HostFiles::can_write(const std::string& path, std::string& error) {
  Received received;
  if (host_can_write(path.data(), path.size(), &received)) return true;
  error = text_of(received);
  return false;
}
bool HostFiles::random(std::span<uint8_t> out, std::string& error) {
  Received received;
  if (host_random(out.data(), out.size(), &received)) return true;
  error = text_of(received);
  return false;
}
std::optional<int> HostFiles::run_program(std::span<const std::string> command, weld::Bytes input,
                                          weld::FileBytes& output, std::string& errors) {
  std::string all;
  for (const std::string& argument : command) all.append(argument).append(1, '\0');
  Received received_output, received_errors;
  const int32_t exit_code = host_run_program(all.data(), all.size(), input.data(), input.size(),
                                             &received_output, &received_errors);
  output = adopt(received_output);
  errors = text_of(received_errors);
  return exit_code < 0 ? std::nullopt : std::optional<int>(exit_code);
}
void HostFiles::begin_phase(const char* name) {
  host_phase(name, std::strlen(name));
}
std::string HostFiles::absolute_path(const std::string& path) {
  Received received;
  host_absolute_path(path.data(), path.size(), &received);
  return text_of(received);
}
std::string HostFiles::size_page() {
  Received received;
  host_size_page(&received);
  return text_of(received);
}
weld::Engine HostFiles::engine() {
  return [](weld::Bytes module) {
    ReceivedFault fault;
    weld::EngineAnswer answer;
    answer.is_valid = host_validate(module.data(), module.size(), &fault);
    if (answer.is_valid) return answer;
    answer.text = text_of(fault.text);
    answer.offset = fault.offset;
    answer.function = fault.function;
    answer.lacks = static_cast<weld::EngineAnswer::Lack>(fault.lacks);
    return answer;
  };
}

weld::Sink sink_to_stdout() {
  return [](std::string_view text) { host_out(text.data(), text.size()); };
}
weld::Sink sink_to_stderr() {
  return [](std::string_view text) { host_err(text.data(), text.size()); };
}
