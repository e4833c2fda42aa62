#include "core/session/session.h"

#include "core/link/link.h"
#include "core/link/relink.h"

#include <algorithm>

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
  ReplacedObject before;
  if (!InputStore::replace(id, std::move(file), thin_member, before)) return false;
  if (!before.input) forget_links();
  // What counts is what the last link knew.
  bool again = !last_;
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
  replaced_.clear();
}

void Session::collect_names() {
  if (!has_stale_names()) return;
  forget_links(); // which hold ids of names
  InputStore::collect_names();
}

LinkResult Session::link(const Options& options, const AllocateOutput& allocate_output) {
  LinkResult result;
  diagnostics.set_levels(options.log_overrides, options.like_lld());
  forget_failures();
  collect_names();
  if (has_edited_units()) forget_links();
  if (!last_ || !relink(*last_, options, replaced_, result)) {
    last_.reset();
    const LinkRequest request = {*this, options, allocate_output, on_phase, keeps_links, {}};
    last_ = link_inputs(request, result);
  }
  replaced_.clear();
  result.stats.parsed = take_parsed();
  return result;
}

} // namespace weld
