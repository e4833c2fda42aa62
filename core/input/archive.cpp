#include "core/input/archive.h"

#include "core/base/reader.h"

#include <algorithm>

namespace weld {

namespace {

// Before each member: a name of 16 bytes, four fields that do not matter here, the size in decimal, "`\n".
constexpr size_t header_size = 60;
constexpr size_t name_size = 16;
constexpr size_t size_field = 48;
constexpr size_t size_field_size = 10;
constexpr std::string_view header_end = "`\n";
constexpr size_t longest_name = 4096;

std::string_view trim_right(std::string_view text, char c) {
  while (text.ends_with(c)) text.remove_suffix(1);
  return text;
}

// Decimal digits, then blanks. At least one digit.
bool parse_decimal(std::string_view text, uint64_t& out) {
  text = trim_right(text, ' ');
  if (text.empty() || text.size() > 15) return false;
  out = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    out = out * 10 + static_cast<uint64_t>(c - '0');
  }
  return true;
}

uint64_t read_be(const uint8_t* p, uint32_t width) {
  uint64_t value = 0;
  for (uint32_t i = 0; i < width; i++) value = value << 8 | p[i];
  return value;
}

uint64_t read_number(const uint8_t* p, uint32_t width, bool big_endian) {
  if (big_endian) return read_be(p, width);
  return width == 8 ? read_le<uint64_t>(p) : read_le<uint32_t>(p);
}

// How the index is written. GNU: count, offsets, names one after the other; big-endian. BSD: bytes of the
// table, pairs of (position of the name, offset), bytes of the names, names; little-endian on every machine
// that matters.
struct IndexFormat {
  bool is_bsd;
  uint32_t width; // of its numbers
};

bool identify_index(std::string_view name, IndexFormat& out) {
  if (name == "/") out = {false, 4};
  else if (name == "/SYM64/") out = {false, 8};
  else if (name == "__.SYMDEF" || name == "__.SYMDEF SORTED") out = {true, 4};
  else if (name == "__.SYMDEF_64" || name == "__.SYMDEF_64 SORTED") out = {true, 8};
  else return false;
  return true;
}

// macOS' ar fills members up to 8 bytes with line ends, which it counts as theirs. A section of a module
// cannot look like that: it would have ten bytes after such an id and size.
Bytes without_padding(Bytes module) {
  constexpr size_t longest_padding = 7;
  if (module.empty() || module.back() != '\n') return module;
  ReadFailure failure;
  Reader r(module, "member", failure);
  r.bytes(8, "header");
  while (!r.failed() && !r.at_end()) {
    Bytes rest = module.subspan(static_cast<size_t>(r.offset()));
    if (rest.size() <= longest_padding &&
        std::all_of(rest.begin(), rest.end(), [](uint8_t byte) { return byte == '\n'; }))
      return module.first(module.size() - rest.size());
    r.u8("section id");
    r.bytes(r.u32_leb("section size"), "section");
  }
  return module; // whole, or malformed: its parser says how
}

class ArchiveParser {
public:
  ArchiveParser(Bytes file, StringPool& strings, Archive& out) : file_(file), strings_(strings), out_(out) {}

  bool parse() {
    out_ = Archive();
    if (file_.size() > 0xffffffff) return fail(0, "it has 4 GiB or more");
    FileKind kind = identify_file(file_.first(std::min<size_t>(file_.size(), 8)));
    out_.is_thin = kind == FileKind::ThinArchive;
    if (!out_.is_thin && kind != FileKind::Archive) return fail(0, "the magic number is not `!<arch>`");
    for (size_t at = 8; at < file_.size();)
      if (!read_member(at)) return false;
    if (has_index_bytes_) out_.has_index = read_index();
    return true;
  }
  const std::string& error() const { return error_; }
  uint64_t error_offset() const { return error_offset_; }

private:
  bool fail(size_t at, std::string text) {
    error_ = std::move(text);
    error_offset_ = at;
    return false;
  }

  // Reads the header at `at` and moves past the member.
  bool read_member(size_t& at) {
    size_t header = at;
    if (file_.size() - header < header_size)
      return fail(header, "remaining size too small for a member header");
    std::string_view text = as_text(file_.subspan(header, header_size));
    std::string_view raw_name = trim_right(text.substr(0, name_size), ' ');
    if (!text.ends_with(header_end)) return fail(header, "a member header does not end in \"`\\n\"");
    uint64_t size;
    if (!parse_decimal(text.substr(size_field, size_field_size), size))
      return fail(header, "characters in the size field of a member header are not all decimal numbers");

    // The members of a thin archive are files of their own; only its tables are inside.
    bool is_names = raw_name == "//";
    IndexFormat format = {};
    bool is_index = identify_index(raw_name, format);
    size_t begin = header + header_size;
    bool is_inside = !out_.is_thin || is_names || is_index;
    if (is_inside && size > file_.size() - begin)
      return fail(header, "a member ends past the end of the archive");
    Bytes data = is_inside ? file_.subspan(begin, static_cast<size_t>(size)) : Bytes();
    at = begin + data.size();
    if (at % 2 && at < file_.size()) at++; // members start at even offsets

    if (is_names) {
      if (long_names_.empty()) long_names_ = as_text(data);
      return true;
    }
    std::string_view name;
    if (!is_index) {
      if (!resolve_name(header, raw_name, data, name)) return false;
      is_index = identify_index(name, format) && format.is_bsd;
    }
    if (is_index) {
      // Windows archives have a second index, in another format, which says nothing more.
      if (!has_index_bytes_) index_ = data, index_format_ = format, has_index_bytes_ = true;
      return true;
    }
    if (is_inside && raw_name.starts_with("#1/") && identify_file(data) == FileKind::WasmModule)
      data = without_padding(data);
    ByteRange range;
    if (is_inside)
      range = {static_cast<uint32_t>(data.data() - file_.data()), static_cast<uint32_t>(data.size())};
    out_.members.push_back({std::string(name),
                            static_cast<uint32_t>(header),
                            range,
                            is_inside ? identify_file(data) : FileKind::Unknown,
                            {}});
    return true;
  }

  // "name/" (GNU), "name" (BSD), "/123": at 123 in the table of long names, "#1/12": 12 bytes before the
  // data.
  bool resolve_name(size_t header, std::string_view raw, Bytes& data, std::string_view& name) {
    uint64_t number;
    if (raw.starts_with("#1/")) {
      if (!parse_decimal(raw.substr(3), number))
        return fail(header, "characters after `#1/` in a member name are not all decimal numbers");
      if (number > data.size()) return fail(header, "a long member name ends past the end of its member");
      name = trim_right(as_text(data.first(static_cast<size_t>(number))), '\0');
      data = data.subspan(static_cast<size_t>(number));
      return true;
    }
    if (raw.size() > 1 && raw[0] == '/') {
      if (!parse_decimal(raw.substr(1), number))
        return fail(header, "characters after `/` in a member name are not all decimal numbers");
      if (number >= long_names_.size())
        return fail(header, "a long member name is past the end of the name table");
      // The longest path of any system: a table without line ends must not be copied once for each member.
      name = long_names_.substr(static_cast<size_t>(number), longest_name + 1);
      name = name.substr(0, name.find_first_of(std::string_view("\n\0", 2)));
      if (name.size() > longest_name) return fail(header, "a member name is longer than 4096 bytes");
    } else {
      name = raw;
    }
    if (name.ends_with('/')) name.remove_suffix(1);
    return true;
  }

  struct IndexEntry {
    uint32_t member;
    StringId name;
  };

  // False when the index does not hold: then it is as if there was none.
  bool read_index() {
    Vector<IndexEntry> entries;
    bool holds = index_format_.is_bsd ? read_bsd_index(entries) : read_gnu_index(entries);
    if (!holds) return false;

    // Grouped by member: count, then place.
    for (const IndexEntry& e : entries) out_.members[e.member].symbols.count++;
    uint32_t first = 0;
    for (ArchiveMember& member : out_.members) {
      member.symbols.first = first;
      first += member.symbols.count;
      member.symbols.count = 0;
    }
    out_.symbols.resize(entries.size());
    for (const IndexEntry& e : entries) {
      RowRange& range = out_.members[e.member].symbols;
      out_.symbols[range.first + range.count++] = e.name;
    }
    return true;
  }

  bool read_gnu_index(Vector<IndexEntry>& entries) {
    uint32_t width = index_format_.width;
    if (index_.size() < width) return false;
    uint64_t count = read_be(index_.data(), width);
    Bytes rest = index_.subspan(width);
    if (count > rest.size() / (width + 1)) return false; // an offset and at least the end of a name
    const uint8_t* offsets = rest.data();
    std::string_view names = as_text(rest.subspan(static_cast<size_t>(count * width)));
    entries.reserve(static_cast<size_t>(count));
    for (uint64_t i = 0; i < count; i++) {
      size_t end = names.find('\0');
      if (end == std::string_view::npos) return false;
      if (!add_entry(names.substr(0, end), read_be(offsets + static_cast<size_t>(i * width), width), entries))
        return false;
      names.remove_prefix(end + 1);
    }
    return true;
  }

  bool read_bsd_index(Vector<IndexEntry>& entries) {
    uint32_t width = index_format_.width;
    if (index_.size() < width) return false;
    uint64_t table_size = read_number(index_.data(), width, false);
    Bytes rest = index_.subspan(width);
    if (table_size > rest.size() || table_size % (2 * width) != 0) return false;
    Bytes table = rest.first(static_cast<size_t>(table_size));
    rest = rest.subspan(table.size());
    if (rest.size() < width) return false;
    uint64_t names_size = read_number(rest.data(), width, false);
    if (names_size > rest.size() - width) return false;
    std::string_view names = as_text(rest.subspan(width, static_cast<size_t>(names_size)));
    entries.reserve(table.size() / (2 * width));
    size_t names_left = names.size(); // names do not overlap: reading them all takes no longer than that
    for (size_t at = 0; at < table.size(); at += 2 * width) {
      uint64_t position = read_number(table.data() + at, width, false);
      uint64_t offset = read_number(table.data() + at + width, width, false);
      if (position >= names.size()) return false;
      std::string_view name = names.substr(static_cast<size_t>(position));
      size_t end = name.find('\0');
      if (end == std::string_view::npos || end >= names_left) return false;
      names_left -= end + 1;
      if (!add_entry(name.substr(0, end), offset, entries)) return false;
    }
    return true;
  }

  // Entries usually name the same member as the one before, or the next.
  bool add_entry(std::string_view name, uint64_t offset, Vector<IndexEntry>& entries) {
    const std::vector<ArchiveMember>& members = out_.members;
    if (last_member_ >= members.size() || members[last_member_].header_offset != offset) {
      auto found = std::lower_bound(members.begin(), members.end(), offset,
                                    [](const ArchiveMember& m, uint64_t o) { return m.header_offset < o; });
      if (found == members.end() || found->header_offset != offset) return false;
      last_member_ = static_cast<size_t>(found - members.begin());
    }
    entries.push_back({static_cast<uint32_t>(last_member_), strings_.intern(name)});
    return true;
  }

  Bytes file_;
  StringPool& strings_;
  Archive& out_;
  std::string_view long_names_; // the "//" member
  Bytes index_;
  IndexFormat index_format_ = {};
  bool has_index_bytes_ = false;
  size_t last_member_ = 0;
  std::string error_;
  uint64_t error_offset_ = 0;
};

} // namespace

bool parse_archive(Bytes file, const Location& where, StringPool& strings, Diagnostics& diagnostics,
                   Archive& out) {
  ArchiveParser parser(file, strings, out);
  if (parser.parse()) return true;
  Location location = where;
  location.offset = parser.error_offset();
  diagnostics.report(DiagnosticId::malformed_archive,
                     {"truncated or malformed archive (" + parser.error() + ")"}, std::move(location));
  return false;
}

} // namespace weld
