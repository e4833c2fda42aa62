#include "core/tool/times.h"

namespace weld {

std::string times_text(const LinkStats& stats) {
  std::string text;
  double total = 0;
  // Not printf: in the wasm module its floating-point half would cost more than the rest of this file.
  auto line = [&](const std::string& name, double milliseconds) {
    std::string micros = std::to_string(static_cast<uint64_t>(milliseconds * 1000));
    if (micros.size() < 4) micros.insert(0, 4 - micros.size(), '0');
    std::string whole = micros.substr(0, micros.size() - 3);
    size_t padding = name.size() + whole.size() < 30 ? 30 - name.size() - whole.size() : 1;
    text += name + std::string(padding, ' ') + whole + "." + micros.substr(micros.size() - 3) + " ms\n";
  };
  for (const auto& [name, milliseconds] : stats.phases) {
    line(name, milliseconds);
    total += milliseconds;
  }
  line("link", total);
  return text;
}

} // namespace weld
