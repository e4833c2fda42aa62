#include "core/session/session.h"

#include "core/base/hash.h"
#include "core/link/link.h"
#include "core/link/patch/instance.h"
#include "core/link/relink.h"
#include "core/link/write/validate_output.h"

#include <algorithm>
#include <chrono>

namespace weld {

static constexpr const char* not_kept = "links are not kept";

Session::Session() {
  on_dropped_names = [this] { collect_names(); };
}
Session::~Session() = default;

InputId Session::add(std::string path, FileBytes file, InputFlags flags, const ThinMember& thin_member) {
  const InputId id = InputStore::add({std::move(path), std::move(file), flags}, thin_member);
  if (id) forget_links("a new input");
  return id;
}

void Session::add_all(std::vector<NewInput> files, const ThinMember& thin_member) {
  forget_links("new inputs");
  InputStore::add_all(std::move(files), thin_member);
}

InputId Session::add_unit(std::string name, bool is_64) {
  forget_links("a new unit");
  return InputStore::add_unit(std::move(name), is_64);
}

bool Session::replace(InputId id, FileBytes file, const ThinMember& thin_member) {
  count_names();
  // What the last link had is compared with the new bytes.
  if (may_relink() && !fetch_object(inputs[id])) forget_links("an altered snapshot");
  ReplacedObject before;
  if (!InputStore::replace(id, std::move(file), thin_member, before)) return false;
  if (!before.input) forget_links("an input that is no object was replaced");
  // What counts is what the last link knew.
  bool again = !may_relink();
  for (const ReplacedObject& replaced : replaced_) again |= replaced.input == id;
  if (!again) replaced_.push_back(std::move(before));
  collect_names();
  return true;
}

void Session::remove(InputId id) {
  count_names();
  forget_links("an input was removed");
  InputStore::remove(id);
  collect_names();
}

void Session::set_order(Vector<InputId> order) {
  if (std::equal(order.begin(), order.end(), this->order().begin(), this->order().end())) return;
  forget_links("another order of inputs");
  InputStore::set_order(std::move(order));
}

void Session::clear() {
  forget_links("all inputs were removed");
  InputStore::clear();
}

void Session::forget_links(const char* why) {
  if (may_relink()) why_full_ = why; // the first reason stands
  last_.reset();
  saved_link_ = {};
  replaced_.clear();
}

void Session::collect_names() {
  if (!has_stale_names()) return;
  forget_links("names that nobody has were forgotten"); // links have ids of names
  InputStore::collect_names();
}

// After a relink. All but the functions that it wrote was valid before: no link is made from an output that is not.
void Session::validate_again(LinkResult& result) {
  if (on_phase) on_phase("validate_output");
  const auto begin = std::chrono::steady_clock::now();
  const uint32_t errors_before = diagnostics.error_count();
  last_->is_reusable = validate_functions(last_->link, last_->plan, result.output, engine, last_->rewritten);
  result.ok = diagnostics.error_count() == errors_before;
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
  result.stats.phases.emplace_back("validate_output", time.count());
  if (result.ok) return;
  result.output = {};
  result.stats.output_bytes = 0;
}

// True unless the snapshot was altered, which is reported.
bool Session::read_saved_link(const Options& options) {
  if (saved_link_.empty()) return true;
  if (keeps_links && can_relink(options) && encoded_options(options) == saved_link_.options) {
    bool is_intact = saved_link_.between_columns([this](Bytes part) { fetch(part); }) == saved_link_.checksum;
    if (is_intact)
      last_ = read_link(
          saved_link_,
          [&](const SavedColumn& column, Bytes part, void* to) {
            fetch(part, to);
            return is_intact &= xxh3_64({static_cast<const uint8_t*>(to), part.size()}) == column.checksum;
          },
          *this, replaced_, options);
    if (!is_intact) {
      diagnostics.report(DiagnosticId::bad_snapshot, {"it was altered"});
      return false;
    }
  }
  saved_link_ = {};
  if (!last_) why_full_ = keeps_links ? "other options than those of the link in the snapshot" : not_kept;
  return true;
}

LinkResult Session::link(const Options& options, const AllocateOutput& allocate_output) {
  if (options.is_live() && link_live_) return (this->*link_live_)(options, allocate_output);
  return link(options, allocate_output, nullptr);
}

// Why the last link cannot be used; null: it was.
const char* Session::link_from_last(const Options& options, const LiveLink* live, LinkResult& result) {
  if (!live) return relink(*last_, options, replaced_, result);
  if (on_phase) on_phase("make_patch");
  const auto begin = std::chrono::steady_clock::now();
  const char* why = patch_again(*last_, options, replaced_, *live, result);
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
  if (!why) result.stats.phases.emplace_back("make_patch", time.count());
  return why;
}

LinkResult Session::link(const Options& options, const AllocateOutput& allocate_output, LiveLink* live) {
  LinkResult result;
  diagnostics.set_levels(options.log_overrides, options.like_lld());
  forget_failures();
  collect_names();
  if (const char* why = why_new_units()) forget_links(why);
  // An edit may change what is alive, and so the content of late data.
  if (has_late_data() && (!replaced_.empty() || has_edited_units()))
    forget_links("data whose content depends on what is alive");
  if (!read_saved_link(options)) return result;
  if (const char* why = last_ ? link_from_last(options, live, result) : why_full_) {
    last_.reset();
    const LinkRequest request = {*this, options, allocate_output, on_phase, keeps_links, engine, read_source,
                                 {},    live};
    last_ = link_inputs(request, result);
    result.stats.full = why;
    if (!keeps_links) why_full_ = not_kept;
    else if (!result.ok) why_full_ = "the last link had errors";
    else if (!last_) why_full_ = "an option with which every link is a full one";
  } else if (options.validate && engine && !live) {
    validate_again(result);
  }
  replaced_.clear();
  result.stats.parsed = take_parsed();
  return result;
}

} // namespace weld
