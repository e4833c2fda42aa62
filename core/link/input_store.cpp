#include "core/link/input_store.h"

#include "core/base/hash.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace weld {

InputStore::InputStore() = default;
InputStore::~InputStore() = default;

FileBytes FileBytes::copy(Bytes bytes) {
  auto* data = static_cast<uint8_t*>(std::malloc(bytes.empty() ? 1 : bytes.size()));
  if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
  return FileBytes(data, bytes.size(), [](const uint8_t* p, size_t) { std::free(const_cast<uint8_t*>(p)); });
}

Location InputStore::location_of(InputId input, uint32_t member) const {
  Location where;
  where.input = inputs[input].path;
  if (member != none32) where.member = inputs[input].archive.members[member].name;
  return where;
}

bool InputStore::parse_here(Bytes bytes, const Location& where, Object& out) {
  return parse_object(bytes, where, {strings, signatures, diagnostics, scratch_}, out);
}

ObjectId InputStore::add_object(Bytes bytes, InputId input, uint32_t member, const Location& where,
                                const ParseObject& parse) {
  ObjectEntry entry;
  entry.input = input;
  entry.member = member;
  entry.bytes = bytes;
  if (!parse(bytes, where, entry.object)) return {};
  parsed_++;
  return new_object(std::move(entry));
}

ObjectId InputStore::new_object(ObjectEntry entry) {
  if (free_objects_.empty()) return objects.add(std::move(entry));
  ObjectId id = free_objects_.back();
  free_objects_.pop_back();
  objects[id] = std::move(entry);
  return id;
}

InputId InputStore::new_input() {
  if (free_inputs_.empty()) return inputs.add({});
  InputId id = free_inputs_.back();
  free_inputs_.pop_back();
  inputs[id] = {}; // a restored one still has the checksums of nothing
  return id;
}

static void report_kind(Diagnostics& diagnostics, FileKind kind, const Location& where) {
  DiagnosticId id = kind == FileKind::Bitcode ? DiagnosticId::bitcode_input : DiagnosticId::unknown_file_type;
  Diagnostic& d = diagnostics.report(id, {describe_file_kind(kind)}, where);
  const bool is_library = kind == FileKind::Text && where.input.ends_with(".so");
  d.note(is_library ? "a stub library begins with the line `#STUB`" : remedy_for_file_kind(kind));
}

InputId InputStore::add(NewInput file, const ThinMember& thin_member) {
  return add(std::move(file), thin_member, [this](auto&&... arguments) { return parse_here(arguments...); });
}

InputId InputStore::add(NewInput file, const ThinMember& thin_member, const ParseObject& parse) {
  const InputId id = new_input();
  Input& input = inputs[id];
  input.path = std::move(file.path);
  input.file = std::move(file.file);
  input.flags = file.flags;
  if (read_input(id, input, thin_member, parse)) {
    order_.push_back(id);
    return id;
  }
  input = {};
  if (id.row + 1 == inputs.size()) inputs.remove_last();
  else free_inputs_.push_back(id);
  return {};
}

bool InputStore::read_input(InputId id, Input& input, const ThinMember& thin_member, const ParseObject& parse) {
  Bytes bytes = input.file.bytes();
  Location where;
  where.input = input.path;
  FileKind kind = identify_file(bytes);
  bool ok = false;
  switch (kind) {
  case FileKind::WasmModule:
    if (is_shared_library(bytes)) {
      input.kind = InputKind::SharedLibrary;
      return parse_shared_library(bytes, where, {strings, signatures, diagnostics, scratch_}, input.shared);
    }
    input.kind = InputKind::Object;
    input.object = add_object(bytes, id, none32, where, parse);
    return bool(input.object);
  case FileKind::Archive:
  case FileKind::ThinArchive:
    input.kind = InputKind::Archive;
    ok = parse_archive(bytes, where, strings, diagnostics, input.archive);
    if (!ok) return false;
    input.member_objects.resize(input.archive.members.size());
    input.member_failed.resize(input.archive.members.size());
    if (!input.archive.is_thin) return true;
    for (ArchiveMember& member : input.archive.members) {
      bool found = false;
      FileBytes member_file;
      if (thin_member) member_file = thin_member(input.path, member.name, found);
      if (!found) {
        diagnostics.report(DiagnosticId::thin_member_not_found, {member.name}, where)
            .note("a thin archive only names its members: keep them beside it, or make it again without "
                  "--thin");
        ok = false;
      }
      member.kind = identify_file(member_file.bytes());
      input.thin_members.push_back(std::move(member_file));
    }
    return ok;
  case FileKind::StubLibrary:
    input.kind = InputKind::StubLibrary;
    return parse_stub_library(bytes, where, strings, diagnostics, input.stub);
  default: report_kind(diagnostics, kind, where); return false;
  }
}

bool InputStore::replace(InputId id, FileBytes file, const ThinMember& thin_member, ReplacedObject& before) {
  Input fresh;
  fresh.path = inputs[id].path;
  fresh.flags = inputs[id].flags;
  fresh.file = std::move(file);
  if (!read_input(id, fresh, thin_member, [this](auto&&... arguments) { return parse_here(arguments...); }))
    return false;
  Input& input = inputs[id];
  if (input.kind == InputKind::Object && fresh.kind == InputKind::Object)
    before = {id, std::move(input.file), std::move(objects[input.object])};
  free_objects(input);
  input = std::move(fresh);
  return true;
}

void InputStore::remove(InputId id) {
  free_objects(inputs[id]);
  inputs[id] = {};
  free_inputs_.push_back(id);
  order_.erase(std::find(order_.begin(), order_.end(), id));
}

void InputStore::free_objects(const Input& input) {
  auto free = [&](ObjectId id) {
    if (!id) return;
    objects[id] = {};
    free_objects_.push_back(id);
  };
  free(input.object);
  for (ObjectId id : input.member_objects) free(id);
}

void InputStore::clear() {
  strings = {};
  signatures = {};
  objects.clear();
  inputs.clear();
  order_.clear();
  free_inputs_.clear();
  free_objects_.clear();
  snapshot_ = {};
  fetch_ = {};
}

void InputStore::count_names() {
  if (!names_kept_) names_kept_ = strings.size();
}

bool InputStore::has_stale_names() const {
  constexpr uint32_t least = 4096;
  if (names_kept_ && strings.size() >= 2 * names_kept_ + least) return true;
  // What units dropped is known. A symbol has up to two names: its own, and that of its segment.
  uint64_t dropped = 0;
  for (const Input& input : inputs)
    if (input.unit) dropped += input.unit->dropped_names();
  return dropped >= least && dropped * 3 >= strings.size();
}

// The names that stay move together.
void InputStore::collect_names() {
  StringPool old_strings = std::exchange(strings, {});
  SignaturePool old_signatures = std::exchange(signatures, {});
  Vector<uint32_t> string_ids(old_strings.size(), none32), signature_ids(old_signatures.size(), none32);
  auto keep_string = [&](StringId id) {
    if (id && string_ids[id.row] == none32) string_ids[id.row] = strings.intern(old_strings.bytes(id)).row;
  };
  auto keep_signature = [&](SignatureId id) {
    if (id) move_type(old_signatures, id, signatures, signature_ids);
  };
  for (ObjectEntry& entry : objects) {
    if (!entry.object) continue;
    entry.object.for_each_name(keep_string, keep_signature);
    entry.object.renumber(string_ids, signature_ids);
  }
  auto string = [&](StringId& id) {
    keep_string(id);
    if (id) id = StringId(string_ids[id.row]);
  };
  for (Input& input : inputs) {
    if (input.unit) {
      input.unit->for_each_name(keep_string, keep_signature);
      input.unit->renumber(string_ids, signature_ids);
    }
    for (StringId& id : input.archive.symbols) string(id);
    for (SharedLibrary::Row& row : input.shared.rows) {
      string(row.name);
      keep_signature(row.signature);
      if (row.signature) row.signature = SignatureId(signature_ids[row.signature.row]);
    }
    for (StubLibrary::Row& row : input.stub.rows) string(row.name);
    for (StringId& id : input.stub.dependencies) string(id);
  }
  names_kept_ = strings.size();
}

namespace {

// Files next to each other, of which one thread parses the objects, with ids of its own.
struct ParsedBlock {
  StringPool strings;
  SignaturePool signatures;
  Diagnostics diagnostics;
  struct File {
    bool is_parsed = false, ok = false;
    Object object;
    ObjectId id;
    size_t diagnostics_end = 0;
  };
  std::vector<File> files;
  Vector<uint32_t> string_ids, signature_ids; // row here -> row in the session

  void parse(std::span<const NewInput> inputs) {
    ObjectTables scratch;
    files.resize(inputs.size());
    for (size_t i = 0; i < inputs.size(); i++) {
      Bytes bytes = inputs[i].file.bytes();
      if (identify_file(bytes) == FileKind::WasmModule && !is_shared_library(bytes)) {
        Location where;
        where.input = inputs[i].path;
        files[i].is_parsed = true;
        files[i].ok = parse_object(bytes, where, {strings, signatures, diagnostics, scratch}, files[i].object);
      }
      files[i].diagnostics_end = diagnostics.rows().size();
    }
  }
};

} // namespace

void InputStore::add_all(std::vector<NewInput> files, const ThinMember& thin_member) {
  constexpr size_t block_size = 64;
  if (parallel_for.threads() < 2 || files.size() < 2 * block_size) {
    for (NewInput& file : files) add(std::move(file), thin_member);
    return;
  }
  std::vector<ParsedBlock> blocks((files.size() + block_size - 1) / block_size);
  for_each_block(parallel_for, files.size(), block_size, [&](size_t begin, size_t end) {
    blocks[begin / block_size].parse(std::span(files).subspan(begin, end - begin));
  });
  // Names get the session's ids in the order of the blocks, whoever parsed them.
  for (size_t i = 0; i < files.size(); i++) {
    ParsedBlock& block = blocks[i / block_size];
    size_t in_block = i % block_size;
    if (in_block == 0) {
      block.string_ids = strings.intern_all(block.strings);
      block.signature_ids = signatures.intern_all(block.signatures);
      block.strings = {};
    }
    ParsedBlock::File& file = block.files[in_block];
    InputId id = add(std::move(files[i]), thin_member, [&](Bytes, const Location&, Object& out) {
      size_t begin = in_block ? block.files[in_block - 1].diagnostics_end : 0;
      diagnostics.append(block.diagnostics, begin, file.diagnostics_end);
      out = std::move(file.object);
      return file.ok;
    });
    if (id && file.is_parsed) file.id = inputs[id].object;
  }
  parallel_for(blocks.size(), [&](size_t i) {
    for (const ParsedBlock::File& file : blocks[i].files)
      if (file.id) objects[file.id].object.renumber(blocks[i].string_ids, blocks[i].signature_ids);
  });
}

std::unique_ptr<Unit> InputStore::make_unit(std::string name, bool is_64) {
  return std::make_unique<Unit>(std::move(name), is_64, strings, signatures, diagnostics, on_dropped_names);
}

InputId InputStore::add_unit(std::string name, bool is_64) {
  const InputId id = new_input();
  ObjectEntry entry;
  entry.input = id;
  Input& input = inputs[id];
  input.path = name;
  input.unit = make_unit(std::move(name), is_64);
  input.object = new_object(std::move(entry));
  order_.push_back(id);
  return id;
}

void InputStore::build_units(bool tidy, bool with_room) {
  for (const Input& input : inputs) {
    if (!input.unit) continue;
    // Edits that change nothing may move it, too.
    objects[input.object].bytes = input.unit->bytes();
    if (!input.unit->changes().any() && !input.unit->is_grown() && input.unit->has_room() == with_room)
      continue;
    if (tidy) input.unit->tidy();
    if (!input.unit->build(scratch_, with_room)) continue;
    ObjectEntry& entry = objects[input.object];
    entry.object = Object(scratch_);
    entry.bytes = input.unit->bytes();
    scratch_.clear();
  }
}

const char* InputStore::why_new_units() {
  for (const Input& input : inputs) {
    if (!input.unit || !input.unit->changes().any()) continue;
    input.unit->tidy();
    if (const char* why = input.unit->changes().full()) return why;
  }
  return nullptr;
}

void InputStore::update_unit(InputId id) {
  Input& input = inputs[id];
  ObjectEntry& entry = objects[input.object];
  input.unit->update(entry.object);
  entry.bytes = input.unit->bytes();
}

void InputStore::check_units() {
  for (const Input& input : inputs) {
    if (!input.unit || input.unit->is_up_to_date(objects[input.object].object)) continue;
    std::fprintf(stderr, "an edit of the unit %s changed more than it said\n", input.path.c_str());
    std::abort();
  }
}

ObjectId InputStore::member_object(InputId id, uint32_t member) {
  Input& input = inputs[id];
  if (input.member_objects[member] || input.member_failed[member]) return input.member_objects[member];
  if (input.archive.members[member].kind == FileKind::Bitcode) {
    report_kind(diagnostics, FileKind::Bitcode, location_of(id, member));
    return {};
  }
  ObjectId object;
  if (check_member(input, member)) {
    Bytes bytes = input.member_bytes(member);
    // What is parsed is read again without checks.
    if (input.file.may_change()) bytes = input.member_copies.emplace_back(FileBytes::copy(bytes)).bytes();
    object = add_object(bytes, id, member, location_of(id, member),
                        [this](auto&&... arguments) { return parse_here(arguments...); });
  }
  if (object) input.member_objects[member] = object;
  else input.member_failed[member] = true;
  return object;
}

void InputStore::fetch(Bytes part, void* to) const {
  if (part.empty()) return;
  if (fetch_) fetch_(part, to);
  else if (to != part.data()) std::memcpy(to, part.data(), part.size());
}

bool InputStore::fetch(Bytes part, uint64_t checksum) const {
  fetch(part);
  return xxh3_64(part) == checksum;
}

bool InputStore::check_content(Bytes bytes, uint64_t checksum, const Location& where) {
  if (fetch(bytes, checksum)) return true;
  diagnostics.report(DiagnosticId::bad_snapshot, {"it was altered"}, where);
  return false;
}

bool InputStore::check_member(Input& input, uint32_t member) {
  if (!input.unchecked) return true;
  Location where;
  where.input = input.path;
  where.member = input.archive.members[member].name;
  return check_content(input.member_bytes(member), input.unchecked->members[member], where);
}

bool InputStore::complete(Input& input) {
  if (!input.unchecked) return true;
  Location where;
  where.input = input.path;
  if (!check_content(input.file.bytes(), input.unchecked->file, where)) return false;
  for (uint32_t member = 0; member < input.thin_members.size(); member++)
    if (!check_member(input, member)) return false;
  input.unchecked.reset();
  return true;
}

bool InputStore::fetch_object(Input& input) {
  if (input.kind != InputKind::Object || input.unit || !objects[input.object].unchecked) return true;
  objects[input.object].unchecked = input.unchecked && !fetch(input.file.bytes(), input.unchecked->file);
  return !objects[input.object].unchecked;
}

bool InputStore::check_object(ObjectId id) {
  ObjectEntry& entry = objects[id];
  if (!entry.unchecked) return true;
  Input& input = inputs[entry.input];
  entry.unchecked = !(entry.member == none32 ? complete(input) : check_member(input, entry.member));
  return !entry.unchecked;
}

bool InputStore::has_edited_units() const {
  for (const Input& input : inputs)
    if (input.unit && input.unit->changes().any()) return true;
  return false;
}

bool InputStore::has_late_data() const {
  for (const Input& input : inputs)
    if (input.unit && input.unit->has_late_data()) return true;
  return false;
}

void InputStore::forget_late_content() {
  for (const Input& input : inputs)
    if (input.unit) input.unit->forget_late_content();
}

void InputStore::forget_failures() {
  for (Input& input : inputs) std::fill(input.member_failed.begin(), input.member_failed.end(), false);
}

} // namespace weld
