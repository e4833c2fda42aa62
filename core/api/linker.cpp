#include "core/api/state.h"
#include "core/base/function_ref.h"
#include "core/link/patch/instance.h"
#include "core/session/snapshot.h"

#include <algorithm>
#include <atomic>

namespace weld::api {

std::string_view version() {
  return WELD_VERSION;
}

uint64_t new_owner() {
  static std::atomic<uint64_t> last;
  return ++last;
}

InputId Linker::State::find(uint64_t input_owner, uint32_t row, uint32_t generation) const {
  const bool is_ours = input_owner == owner && row < session.inputs.size();
  if (!is_ours || (row < generations.size() ? generations[row] : 0) != generation) return {};
  const InputId id(row);
  const std::span<const InputId> order = session.order();
  return std::find(order.begin(), order.end(), id) == order.end() ? InputId() : id;
}

uint32_t Linker::State::generation(InputId id) {
  if (id.row >= generations.size()) generations.resize(id.row + 1);
  return generations[id.row];
}

uint64_t Linker::State::unit_owner(InputId id) {
  if (id.row >= unit_owners.size()) unit_owners.resize(id.row + 1);
  if (!unit_owners[id.row]) unit_owners[id.row] = new_owner();
  return unit_owners[id.row];
}

Linker::Linker(LinkerOptions options) : state_(std::make_unique<State>()) {
  state_->owner = new_owner();
  state_->session.keeps_links = options.incremental;
  state_->session.leave_room(options.incremental && options.leaves_room);
  if (options.read_source)
    state_->session.read_source = [read = std::move(options.read_source)](const std::string& path,
                                                                          FileBytes& text) {
      const std::optional<std::string> found = read(path);
      if (found) text = FileBytes::copy(as_bytes(*found));
      return found.has_value();
    };
  if (options.threads > 1 && options.parallel_for)
    state_->session.parallel_for = ParallelFor(
        options.threads, [run = std::move(options.parallel_for)](size_t count, ParallelFor::Task task) {
          run(count, [&](size_t i) { task(i); });
        });
}

Linker::~Linker() = default;
Linker::Linker(Linker&&) noexcept = default;
Linker& Linker::operator=(Linker&&) noexcept = default;

static InputStore::ThinMember to_inside(const ThinMember& fetch) {
  if (!fetch) return {};
  return [&fetch](const std::string& archive, const std::string& member, bool& found) {
    const std::optional<std::vector<uint8_t>> bytes = fetch(archive, member);
    found = bytes.has_value();
    return found ? FileBytes::copy(*bytes) : FileBytes();
  };
}

static FileBytes to_inside(OwnedBytes bytes) {
  return FileBytes(bytes.data, bytes.size, bytes.release);
}

Input Linker::add(std::string path, OwnedBytes bytes, InputOptions options, const ThinMember& thin_member) {
  const InputFlags flags = {.whole_archive = options.whole_archive, .lazy = options.lazy};
  const InputId id = state_->session.add(std::move(path), to_inside(bytes), flags, to_inside(thin_member));
  state_->take_messages();
  Input input;
  if (!id) return input;
  input.owner_ = state_->owner;
  input.row_ = id.row;
  input.generation_ = state_->generation(id);
  return input;
}

// As FileBytes::copy, for the parts that take what somebody owns.
static OwnedBytes copy(Bytes bytes) {
  auto* data = new uint8_t[bytes.size() + 1];
  std::copy(bytes.begin(), bytes.end(), data);
  return {data, bytes.size(), [](const uint8_t* p, size_t) { delete[] p; }};
}

Input Linker::add(std::string path, Bytes bytes, InputOptions options, const ThinMember& thin_member) {
  return add(std::move(path), copy(bytes), options, thin_member);
}

bool Linker::replace(Input input, Bytes bytes, const ThinMember& thin_member) {
  const InputId id = state_->find(input.owner_, input.row_, input.generation_);
  if (!id || state_->session.inputs[id].unit) {
    state_->session.diagnostics.report(
        DiagnosticId::bad_option,
        {id ? "a unit is edited, not replaced" : "the input is not of this linker, or was removed"});
    state_->take_messages();
    return false;
  }
  const bool ok = state_->session.replace(id, to_inside(copy(bytes)), to_inside(thin_member));
  state_->take_messages();
  return ok;
}

bool Linker::remove(Input input) {
  const InputId id = state_->find(input.owner_, input.row_, input.generation_);
  state_->messages.clear();
  if (!id) return false;
  state_->generation(id);
  state_->generations[id.row]++;
  if (id.row < state_->unit_owners.size()) state_->unit_owners[id.row] = 0;
  state_->session.remove(id);
  state_->take_messages();
  return true;
}

std::vector<Input> Linker::order() const {
  std::vector<Input> inputs;
  for (InputId id : state_->session.order()) {
    Input input;
    input.owner_ = state_->owner;
    input.row_ = id.row;
    input.generation_ = state_->generation(id);
    inputs.push_back(input);
  }
  return inputs;
}

bool Linker::set_order(std::span<const Input> order) {
  Vector<InputId> ids;
  std::vector<bool> seen(state_->session.inputs.size());
  for (const Input& input : order) {
    const InputId id = state_->find(input.owner_, input.row_, input.generation_);
    if (!id || seen[id.row]) return false;
    seen[id.row] = true;
    ids.push_back(id);
  }
  if (ids.size() != state_->session.order().size()) return false;
  state_->session.set_order(std::move(ids));
  return true;
}

// `run` links with the options as the inside has them.
template <class State>
static Result link_with(
    State& state, const Options& options,
    FunctionRef<LinkResult(const weld::Options& inside, const AllocateOutput& allocate)> run) {
  Result result;
  Session& session = state.session;
  session.diagnostics.clear();
  weld::Options inside;
  const bool as_lld = options.compat != Compat::Weld;
  if (to_inside(options, inside, session.diagnostics)) {
    std::vector<uint8_t>& memory = state.output;
    LinkResult linked = run(inside, [&](size_t size) {
      memory.resize(size);
      return OutputBytes(memory.data(), size);
    });
    result.ok = linked.ok;
    result.output = linked.output.bytes(); // in `memory`, or in what the session keeps
    result.why_extract = std::move(linked.why_extract);
    result.map = std::move(linked.map);
    result.metafile = std::move(linked.metafile);
    result.source_map = std::move(linked.source_map);
    result.debug_file.assign(linked.debug_file.begin(), linked.debug_file.end());
    const LinkStats& stats = linked.stats;
    result.stats = {
        stats.phases,      stats.objects,     stats.parsed, stats.rewritten, stats.full ? stats.full : "",
        stats.input_bytes, stats.output_bytes};
  }
  state.take_messages(as_lld, inside.demangling());
  result.messages = state.messages;
  return result;
}

Result Linker::link(const Options& options) {
  if (options.live != Live::None) state_->session.keep_programs();
  return link_with(*state_, options, [&](const weld::Options& inside, const AllocateOutput& allocate) {
    return state_->session.link(inside, allocate);
  });
}

Patch Linker::patch(const Options& options, std::optional<uint64_t> state) {
  Patch patch;
  LivePatch made;
  patch.result = link_with(*state_, options, [&](const weld::Options& inside, const AllocateOutput& allocate) {
    return state_->session.patch(inside, made, state, allocate);
  });
  patch.ok = patch.result.ok;
  if (!patch.ok) return patch;
  for (LiveReason& reason : made.restart)
    patch.restart.push_back({std::move(reason.symbol), std::move(reason.text)});
  for (LiveReason& reason : made.kept)
    patch.kept.push_back({std::move(reason.symbol), std::move(reason.text)});
  patch.bytes = std::move(made.bytes);
  patch.changed = std::move(made.changed);
  patch.before = made.before;
  patch.after = made.after;
  return patch;
}

std::vector<uint8_t> Linker::save() {
  const Vector<uint8_t> snapshot = save_session(state_->session);
  state_->take_messages();
  return {snapshot.begin(), snapshot.end()};
}

bool Linker::restore(Bytes snapshot) {
  if (!state_->session.order().empty()) {
    state_->session.diagnostics.report(DiagnosticId::bad_option,
                                       {"only a linker without inputs can be restored"});
    state_->take_messages();
    return false;
  }
  const bool leaves_room = state_->session.leaves_room();
  const bool ok = restore_session(state_->session, to_inside(copy(snapshot)));
  state_->session.leave_room(leaves_room); // whatever the other linker did
  state_->take_messages();
  return ok;
}

const std::vector<Message>& Linker::messages() const {
  return state_->messages;
}

Unit Linker::add_unit(std::string name, bool is_64) {
  const InputId id = state_->session.add_unit(std::move(name), is_64);
  state_->take_messages();
  Unit unit;
  unit.alive_ = state_->alive;
  unit.linker_ = state_.get();
  unit.input_.owner_ = state_->owner;
  unit.input_.row_ = id.row;
  unit.input_.generation_ = state_->generation(id);
  return unit;
}

Unit Linker::unit(std::string_view name) {
  for (const Input& input : order()) {
    const weld::Input& row = state_->session.inputs[InputId(input.row_)];
    if (!row.unit || row.path != name) continue;
    Unit unit;
    unit.alive_ = state_->alive;
    unit.linker_ = state_.get();
    unit.input_ = input;
    return unit;
  }
  return {};
}

} // namespace weld::api
