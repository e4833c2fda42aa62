// Patches of a running program. What it has is known by the state that its global has. Programs and patches that were given out
// may have been used or not: the state says it.
#include "core/link/patch/instance.h"
#include "core/session/saved_program.h"
#include "core/session/session.h"

#include <algorithm>

namespace weld {

namespace {

// What was given out, and may have been used.
struct Offer {
  std::unique_ptr<LiveInstance> fresh; // a new program
  std::unique_ptr<LivePatch> patch;    // or a patch of the one that runs

  uint64_t state() const { return fresh ? fresh->state : patch->after; }
};

constexpr size_t most_offers = 8; // that are waited for

} // namespace

struct LiveProgram {
  std::unique_ptr<LiveInstance> running; // as far as it is known
  std::vector<Offer> offers;             // since then, the last one at the end

  void offer(Offer&& offer) {
    // Programs take memory: the last one counts.
    std::erase_if(offers, [&](const Offer& known) {
      return known.state() == offer.state() || (known.fresh && offer.fresh);
    });
    if (offers.size() == most_offers) offers.erase(offers.begin());
    offers.push_back(std::move(offer));
  }

  // Finds the program that is in this state, or counts the last offer as used. False: it is not known.
  bool settle(std::optional<uint64_t> state) {
    if (running && state == running->state) return true;
    auto used = offers.end();
    if (!state && !offers.empty()) --used;
    if (state)
      used = std::find_if(offers.begin(), offers.end(), [&](const Offer& o) { return o.state() == *state; });
    if (used == offers.end()) return !state;
    if (used->fresh) running = std::move(used->fresh);
    else apply_changes(*running, std::move(*used->patch));
    offers.clear();
    return true;
  }
};

void Session::keep_programs() {
  if (program_) return;
  link_live_ = &Session::link_live;
  program_ = {new LiveProgram, [](LiveProgram* program) { delete program; }};
}

LinkResult Session::link_live(const Options& options, const AllocateOutput& allocate_output) {
  auto fresh = std::make_unique<LiveInstance>();
  LiveLink live{nullptr, nullptr, fresh.get(), note_instance, make_patch, make_patch_of};
  LinkResult result = link(options, allocate_output, &live);
  if (result.ok) program_->offer({std::move(fresh), nullptr});
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
  const bool was_linked = program_->running || !program_->offers.empty();
  if (!was_linked) patch.restart.push_back({{}, "no program was linked with --live before"});
  else if (!program_->settle(state))
    patch.restart.push_back({{}, "the running program is of another link, or has other patches"});

  auto fresh = std::make_unique<LiveInstance>();
  LiveInstance* running = program_->running.get();
  LiveLink live{running, &patch, fresh.get(), note_instance, make_patch, make_patch_of};
  LinkResult result = link(options, allocate_output, &live);
  if (!result.ok) return result;
  if (!patch.restart.empty()) {
    program_->offer({std::move(fresh), nullptr});
  } else if (patch.after == patch.before) {
    apply_changes(*running, LivePatch(patch)); // to what is known of it
  } else {
    auto given = std::make_unique<LivePatch>(patch);
    given->bytes = {};
    program_->offer({nullptr, std::move(given)});
  }
  return result;
}

Vector<uint8_t> Session::save_program() {
  if (!program_) return {};
  program_->settle({});
  if (!program_->running) return {};
  return save_instance(*program_->running);
}

bool Session::load_program(Bytes bytes, const Options& options) {
  keep_programs();
  program_->offers.clear();
  program_->running = read_instance(bytes, options);
  return program_->running != nullptr;
}

} // namespace weld
