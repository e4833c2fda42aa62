// Patches of a running program. What it has is known by the state that its global has: a patch that was given out counts as
// applied when the program has the patch's state.
#include "core/link/patch/instance.h"
#include "core/session/session.h"

namespace weld {

struct LiveProgram {
  std::unique_ptr<LiveInstance> running; // the program of the last link with Options::live
  std::unique_ptr<LivePatch> given;      // a patch of which it is not known whether it was applied
};

void Session::keep_programs() {
  if (program_) return;
  link_live_ = &Session::link_live;
  program_ = {new LiveProgram, [](LiveProgram* program) { delete program; }};
}

LinkResult Session::link_live(const Options& options, const AllocateOutput& allocate_output) {
  auto fresh = std::make_unique<LiveInstance>();
  LiveLink live{nullptr, nullptr, fresh.get(), note_instance, make_patch};
  LinkResult result = link(options, allocate_output, &live);
  if (result.ok) *program_ = {std::move(fresh), nullptr};
  return result;
}

LinkResult Session::patch(const Options& options, LivePatch& patch, std::optional<uint64_t> state,
                          const AllocateOutput& allocate_output) {
  keep_programs();
  patch = {};
  if (!options.is_live()) {
    diagnostics.report(DiagnosticId::bad_option,
                       {"a program can be patched only when it was linked with --live"});
    return {};
  }
  auto& [running, given] = *program_;
  if (given && (!state || *state == given->after)) apply_changes(*running, std::move(*given));
  given.reset();
  if (!running) patch.restart.push_back({{}, "no program was linked with --live before"});
  else if (state && *state != running->state)
    patch.restart.push_back({{}, "the running program is of another link, or has other patches"});

  auto fresh = std::make_unique<LiveInstance>();
  LiveLink live{running.get(), &patch, fresh.get(), note_instance, make_patch};
  LinkResult result = link(options, allocate_output, &live);
  if (!result.ok) return result;
  if (!patch.restart.empty()) running = std::move(fresh);
  else if (patch.after == patch.before) apply_changes(*running, LivePatch(patch));
  else given = std::make_unique<LivePatch>(patch);
  return result;
}

} // namespace weld
