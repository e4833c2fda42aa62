#include "core/tool/driver_class.h"

namespace weld {

LastingTool::LastingTool(Files& files, Sink out, Sink err)
    : driver_(std::make_unique<Driver>(files, std::move(out), std::move(err), Terminals(), true)) {}
LastingTool::~LastingTool() = default;

int LastingTool::run(std::span<const std::string> argv, ToolReport* report) {
  return driver_->run(argv, report);
}
bool LastingTool::replace(const std::string& path, FileBytes bytes) {
  return driver_->replace(path, std::move(bytes));
}
Vector<uint8_t> LastingTool::save(std::span<const std::string> argv, ToolReport* report) {
  return driver_->save(argv, report);
}
bool LastingTool::restore(FileBytes snapshot, FetchContent fetch, ToolReport* report) {
  return driver_->restore(std::move(snapshot), std::move(fetch), report);
}
std::vector<LastingTool::InputName> LastingTool::inputs() const {
  std::vector<InputName> names;
  for (InputId id : driver_->session().order()) {
    const Input& input = driver_->session().inputs[id];
    names.push_back({input.path, input.flags, input.unit != nullptr, input.unit && input.unit->is_64()});
  }
  return names;
}
Unit* LastingTool::add_unit(const std::string& name, bool is_64) {
  return driver_->add_unit(name, is_64);
}
void LastingTool::remove_unit(const std::string& name) {
  driver_->remove_unit(name);
}
void LastingTool::leave_room(bool wanted) {
  driver_->session().leave_room(wanted);
}
Diagnostics& LastingTool::diagnostics() {
  return driver_->session().diagnostics;
}
int LastingTool::run_again(ToolReport* report) {
  return driver_->run_again(report);
}
void LastingTool::keep_programs() {
  driver_->session().keep_programs();
}
int LastingTool::patch(std::span<const std::string> argv, uint64_t state, ToolReport* report) {
  return driver_->patch(argv, state, report);
}

} // namespace weld
