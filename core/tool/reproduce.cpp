#include "core/tool/reproduce.h"

#include "core/tool/component.h"

#include <algorithm>

namespace weld {

namespace {

// An argument as a response file has to have it.
std::string quoted(std::string_view text) {
  if (!text.empty() && text.find_first_of(" \t\r\n\"'\\") == text.npos) return std::string(text);
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

constexpr size_t block = 512;

void write_octal(char* field, size_t digits, uint64_t value) {
  for (size_t i = digits; i--; value >>= 3) field[i] = static_cast<char>('0' + (value & 7));
}

// One ustar header. A name that does not fit its field is cut: a pax header before it has the whole.
void append_header(Vector<uint8_t>& tar, std::string_view name, uint64_t size, char type) {
  char header[block] = {};
  std::memcpy(header, name.data(), std::min<size_t>(name.size(), 100));
  write_octal(header + 100, 7, 0644);
  write_octal(header + 108, 7, 0); // owner, group: nobody in particular
  write_octal(header + 116, 7, 0);
  write_octal(header + 124, 11, size);
  write_octal(header + 136, 11, 0); // no time, so that the same link makes the same archive
  std::memset(header + 148, ' ', 8);
  header[156] = type;
  std::memcpy(header + 257, "ustar\00000", 8);
  uint32_t checksum = 0;
  for (char c : header) checksum += static_cast<uint8_t>(c);
  write_octal(header + 148, 6, checksum);
  header[154] = 0;
  tar.append(as_bytes({header, block}));
}

void append_content(Vector<uint8_t>& tar, Bytes content) {
  tar.append(content);
  tar.resize((tar.size() + block - 1) / block * block);
}

// "31 path=a/long/name\n": the number counts the whole record, itself included.
std::string pax_record(std::string_view key, std::string_view value) {
  size_t rest = key.size() + value.size() + 3;
  size_t total = rest;
  for (size_t before = 0; before != total;) {
    before = total;
    total = rest + std::to_string(before).size();
  }
  return std::to_string(total) + " " + std::string(key) + "=" + std::string(value) + "\n";
}

} // namespace

std::string path_from_root(const std::string& path, Files& files) {
  std::string absolute = files.absolute_path(path), inside;
  for (std::string_view rest = absolute; !rest.empty();) {
    std::string_view name = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      size_t slash = inside.rfind('/');
      inside.resize(slash == inside.npos ? 0 : slash);
      continue;
    }
    if (!inside.empty()) inside += '/';
    inside += name;
  }
  return inside;
}

ReproduceArchive::ReproduceArchive(std::string_view path, Files& files) : files_(files) {
  std::string_view name = base_name(path);
  directory_ = name.substr(0, name.rfind('.'));
}

void ReproduceArchive::append(std::string_view name, Bytes content) {
  std::string full = directory_ + "/" + std::string(name);
  if (full.size() > 100) {
    std::string record = pax_record("path", full);
    append_header(tar_, "", record.size(), 'x');
    append_content(tar_, as_bytes(record));
  }
  append_header(tar_, full, content.size(), '0');
  append_content(tar_, content);
}

void ReproduceArchive::add_file(const std::string& path, Bytes content) {
  std::string inside = path_from_root(path, files_);
  if (std::find(added_.begin(), added_.end(), inside) != added_.end()) return;
  append(inside, content);
  added_.push_back(std::move(inside));
}

void ReproduceArchive::add_tree(const std::string& path) {
  FileBytes file;
  std::string error;
  if (files_.read(path, file, error)) return add_file(path, file.bytes());
  for (const std::string& name : files_.list(path)) {
    if (name == "." || name == "..") continue;
    std::string inside = path;
    inside += '/';
    inside += name;
    add_tree(inside);
  }
}

void ReproduceArchive::note_library(const std::string& name, const std::string& path) {
  libraries_.push_back({name, path});
}

std::string ReproduceArchive::response_text(const Command& command) const {
  std::string out;
  auto libraries = libraries_.begin();
  for (const ParsedArgument& a : command.arguments) {
    switch (a.id) {
    case OptionId::reproduce:
    case OptionId::library_path: continue;
    case OptionId::input: out += quoted(path_from_root(a.value, files_)); break;
    case OptionId::library: {
      bool found = libraries != libraries_.end() && libraries->name == a.value;
      out += quoted(found ? path_from_root(libraries++->path, files_) : "-l" + a.value);
      break;
    }
    case OptionId::component_type:
      out += quoted("--component-type=" + path_from_root(a.value, files_));
      break;
    case OptionId::adapt: {
      const std::string_view file = adapter_file(a.value);
      std::string text = "--adapt=" + a.value.substr(0, a.value.size() - file.size());
      text += path_from_root(std::string(file), files_);
      out += quoted(text);
      break;
    }
    case OptionId::allow_undefined_file:
      out += quoted("--allow-undefined-file=" + path_from_root(a.value, files_));
      break;
    // There are no directories to write to where the archive is unpacked.
    case OptionId::output: out += "-o " + quoted(base_name(a.value)); break;
    case OptionId::map: out += quoted("--Map=" + std::string(base_name(a.value))); break;
    case OptionId::dependency_file:
      out += quoted("--dependency-file=" + std::string(base_name(a.value)));
      break;
    case OptionId::metafile: out += quoted("--metafile=" + std::string(base_name(a.value))); break;
    case OptionId::source_map_file: out += quoted("--source-map=" + std::string(base_name(a.value))); break;
    case OptionId::separate_dwarf_file:
      out += quoted("--separate-dwarf=" + std::string(base_name(a.value)));
      break;
    case OptionId::why_extract: out += quoted("--why-extract=" + std::string(base_name(a.value))); break;
    default:
      out += quoted(a.text);
      if (a.value_is_next) out += " " + quoted(a.value);
    }
    out += '\n';
  }
  return out;
}

Vector<uint8_t> ReproduceArchive::finish(const Command& command, std::string_view version) {
  // What to do with the files comes before them, as in wasm-ld's archives.
  Vector<uint8_t> files;
  files.swap(tar_);
  append("response.txt", as_bytes(response_text(command)));
  append("version.txt", as_bytes(version));
  tar_.append(files);
  tar_.resize(tar_.size() + 2 * block);
  return std::move(tar_);
}

} // namespace weld
