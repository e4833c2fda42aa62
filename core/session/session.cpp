#include "core/session/session.h"

#include "core/link/link.h"
#include "core/link/relink.h"
#include "core/link/write/validate_output.h"

#include <algorithm>
#include <chrono>

namespace weld {

Session::Session() {
  on_dropped_names = [this] { collect_names(); };
}
Session::~Session() = default;

InputId Session::add(std::string path, FileBytes file, InputFlags flags, const ThinMember& thin_member) {
  const InputId id = InputStore::add({std::move(path), std::move(file), flags}, thin_member);
  if (id) forget_links();
  return id;
}

void Session::add_all(std::vector<NewInput> files, const ThinMember& thin_member) {
  forget_links();
  InputStore::add_all(std::move(files), thin_member);
}

InputId Session::add_unit(std::string name, bool is_64) {
  forget_links();
  return InputStore::add_unit(std::move(name), is_64);
}

bool Session::replace(InputId id, FileBytes file, const ThinMember& thin_member) {
  count_names();
  // What the last link had is compared with the new bytes.
  if (may_relink() && !fetch_object(inputs[id])) forget_links();
  ReplacedObject before;
  if (!InputStore::replace(id, std::move(file), thin_member, before)) return false;
  if (!before.input) forget_links();
  // What counts is what the last link knew.
  bool again = !may_relink();
  for (const ReplacedObject& replaced : replaced_) again |= replaced.input == id;
  if (!again) replaced_.push_back(std::move(before));
  collect_names();
  return true;
}

void Session::remove(InputId id) {
  count_names();
  forget_links();
  InputStore::remove(id);
  collect_names();
}

void Session::set_order(Vector<InputId> order) {
  if (std::equal(order.begin(), order.end(), this->order().begin(), this->order().end())) return;
  forget_links();
  InputStore::set_order(std::move(order));
}

void Session::clear() {
  forget_links();
  InputStore::clear();
}

void Session::forget_links() {
  last_.reset();
  saved_link_ = {};
  replaced_.clear();
}

void Session::collect_names() {
  if (!has_stale_names()) return;
  forget_links(); // which hold ids of names
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
    if (!fetch(saved_link_.bytes, saved_link_.checksum)) {
      diagnostics.report(DiagnosticId::bad_snapshot, {"it was altered"});
      return false;
    }
    last_ = read_link(saved_link_.bytes, *this, replaced_, options);
  }
  saved_link_ = {};
  return true;
}

LinkResult Session::link(const Options& options, const AllocateOutput& allocate_output) {
  LinkResult result;
  diagnostics.set_levels(options.log_overrides, options.like_lld());
  forget_failures();
  collect_names();
  if (has_edited_units()) forget_links();
  if (!read_saved_link(options)) return result;
  if (!last_ || !relink(*last_, options, replaced_, result)) {
    last_.reset();
    const LinkRequest request = {*this, options, allocate_output, on_phase, keeps_links, engine, {}};
    last_ = link_inputs(request, result);
  } else if (options.validate && engine) {
    validate_again(result);
  }
  replaced_.clear();
  result.stats.parsed = take_parsed();
  return result;
}

} // namespace weld
