#include "js/native/host.h"

#include <cstdlib>

using emscripten::val;

val view_of(weld::Bytes bytes) {
  return val(emscripten::typed_memory_view(bytes.size(), bytes.data()));
}

weld::FileBytes copy_of(const val& content) {
  size_t size = content["length"].as<uint32_t>();
  auto* data = static_cast<uint8_t*>(std::malloc(size ? size : 1));
  weld::FileBytes bytes(data, size, [](const uint8_t* p, size_t) { std::free(const_cast<uint8_t*>(p)); });
  view_of(bytes.bytes()).call<void>("set", content);
  return bytes;
}

// The host answers with what was asked for, or with a string that says what went wrong.
static bool succeeded(const val& answer, std::string& error) {
  if (!answer.isString()) return true;
  error = answer.as<std::string>();
  return false;
}

bool HostFiles::exists(const std::string& path) {
  return host_.call<bool>("exists", path);
}
bool HostFiles::read(const std::string& path, weld::FileBytes& out, std::string& error) {
  val content = host_.call<val>("read", path);
  if (!succeeded(content, error)) return false;
  out = copy_of(content);
  return true;
}
std::vector<std::string> HostFiles::list(const std::string& directory) {
  return emscripten::vecFromJSArray<std::string>(host_.call<val>("list", directory));
}
bool HostFiles::write(const std::string& path, weld::Bytes bytes, bool executable, std::string& error) {
  return succeeded(host_.call<val>("write", path, view_of(bytes), executable), error);
}
uint64_t HostFiles::stamp(const std::string& path) {
  return host_.call<uint32_t>("stamp", path);
}
bool HostFiles::can_write(const std::string& path, std::string& error) {
  return succeeded(host_.call<val>("canWrite", path), error);
}
bool HostFiles::random(std::span<uint8_t> out, std::string& error) {
  return succeeded(host_.call<val>("random", view_of(out)), error);
}
void HostFiles::begin_phase(const char* name) {
  host_.call<void>("phase", std::string(name));
}
std::string HostFiles::absolute_path(const std::string& path) {
  return host_.call<std::string>("absolutePath", path);
}
std::string HostFiles::size_page() {
  return host_["sizePage"].isUndefined() ? std::string() : host_.call<std::string>("sizePage");
}
weld::Engine HostFiles::engine() {
  return [this](weld::Bytes module) {
    const val fault = host_.call<val>("validate", view_of(module));
    weld::EngineAnswer answer;
    answer.is_valid = fault.isUndefined();
    if (answer.is_valid) return answer;
    answer.text = fault["text"].as<std::string>();
    answer.offset = fault["offset"].as<uint32_t>();
    answer.function = fault["function"].as<uint32_t>();
    answer.lacks = static_cast<weld::EngineAnswer::Lack>(fault["lacks"].as<uint32_t>());
    return answer;
  };
}

weld::Sink sink_to(const val& host, const char* method) {
  return [&host, method](std::string_view text) { host.call<void>(method, view_of(weld::as_bytes(text))); };
}
