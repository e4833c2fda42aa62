#include "core/session/session.h"

#include "core/link/link.h"

#include <cstdlib>

namespace weld {

FileBytes FileBytes::copy(Bytes bytes) {
  auto* data = static_cast<uint8_t*>(std::malloc(bytes.empty() ? 1 : bytes.size()));
  if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
  return FileBytes(data, bytes.size(), [](const uint8_t* p, size_t) { std::free(const_cast<uint8_t*>(p)); });
}

Location Session::location_of(InputId input, uint32_t member) const {
  Location where;
  where.input = inputs[input].path;
  if (member != none32) where.member = inputs[input].archive.members[member].name;
  return where;
}

ObjectId Session::parse(Bytes bytes, InputId input, uint32_t member) {
  ObjectEntry entry;
  entry.input = input;
  entry.member = member;
  entry.bytes = bytes;
  ParseContext context{strings, signatures, diagnostics, scratch_};
  if (!parse_object(bytes, location_of(input, member), context, entry.object)) return {};
  parsed_since_link_++;
  return objects.add(std::move(entry));
}

static void report_kind(Diagnostics& diagnostics, FileKind kind, const Location& where) {
  DiagnosticId id = kind == FileKind::Bitcode ? DiagnosticId::bitcode_input : DiagnosticId::unknown_file_type;
  Diagnostic& d = diagnostics.report(id, {describe_file_kind(kind)}, where);
  if (auto remedy = remedy_for_file_kind(kind); !remedy.empty()) d.notes.emplace_back(remedy);
}

InputId Session::add(std::string path, FileBytes file, InputFlags flags, const ThinMember& thin_member) {
  InputId id(inputs.size());
  Input row;
  row.path = std::move(path);
  row.file = std::move(file);
  row.flags = flags;
  inputs.add(std::move(row));

  Input& input = inputs[id];
  Bytes bytes = input.file.bytes();
  Location where = location_of(id);
  FileKind kind = identify_file(bytes);
  bool ok = false;
  switch (kind) {
  case FileKind::WasmModule:
    if (is_shared_library(bytes)) {
      input.kind = InputKind::SharedLibrary;
      ok = parse_shared_library(bytes, where, {strings, signatures, diagnostics, scratch_}, input.shared);
      break;
    }
    input.kind = InputKind::Object;
    input.object = parse(bytes, id, none32);
    ok = bool(input.object);
    break;
  case FileKind::Archive:
  case FileKind::ThinArchive:
    input.kind = InputKind::Archive;
    ok = parse_archive(bytes, where, strings, diagnostics, input.archive);
    if (!ok) break;
    input.member_objects.resize(input.archive.members.size());
    input.member_failed.resize(input.archive.members.size());
    if (!input.archive.is_thin) break;
    for (ArchiveMember& member : input.archive.members) {
      bool found = false;
      FileBytes member_file;
      if (thin_member) member_file = thin_member(member.name, found);
      if (!found) {
        diagnostics.report(DiagnosticId::thin_member_not_found, {member.name}, where);
        ok = false;
      }
      member.kind = identify_file(member_file.bytes());
      input.thin_members.push_back(std::move(member_file));
    }
    break;
  case FileKind::StubLibrary:
    input.kind = InputKind::StubLibrary;
    ok = parse_stub_library(bytes, where, strings, diagnostics, input.stub);
    break;
  default: report_kind(diagnostics, kind, where);
  }
  if (ok) return id;
  inputs.remove_last();
  return {};
}

ObjectId Session::member_object(InputId id, uint32_t member) {
  Input& input = inputs[id];
  if (input.member_objects[member] || input.member_failed[member]) return input.member_objects[member];
  if (input.archive.members[member].kind == FileKind::Bitcode) {
    report_kind(diagnostics, FileKind::Bitcode, location_of(id, member));
    return {};
  }
  Bytes bytes = input.archive.is_thin ? input.thin_members[member].bytes()
                                      : input.file.bytes().subspan(input.archive.members[member].data.offset,
                                                                   input.archive.members[member].data.size);
  ObjectId object = parse(bytes, id, member);
  if (object) input.member_objects[member] = object;
  else input.member_failed[member] = true;
  return object;
}

LinkResult Session::link(const Options& options) {
  LinkResult result;
  link_inputs(*this, options, result);
  result.stats.parsed = parsed_since_link_;
  parsed_since_link_ = 0;
  return result;
}

} // namespace weld
