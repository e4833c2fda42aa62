// A module has no lines, so its map has one line, and columns are offsets in the module.
//
// Each object is read once, by itself: its line number programs become pieces of `mappings`, one for each function that is
// in the output. Numbers in `mappings` are differences. Within a function all but that of the source are known at once,
// since numbers of sources belong to the whole map. Then the pieces are joined in the order of the code.
//
// A byte without a line has a mapping without a source: between functions, and where the compiler says line 0.
#include "core/base/json.h"
#include "core/base/name_map.h"
#include "core/base/sort.h"
#include "core/link/debug/source_map.h"
#include "core/link/resolve/object_lines.h"
#include "core/link/write/compress_code.h"

#include <algorithm>

namespace weld {

namespace {

// Appends a number as `mappings` has it: five bits at a time, the lowest of the first is the sign.
char* write_vlq(char* out, int64_t value) {
  constexpr const char* digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint64_t rest = value < 0 ? static_cast<uint64_t>(-value) << 1 | 1 : static_cast<uint64_t>(value) << 1;
  do {
    const uint32_t digit = rest & 31;
    rest >>= 5;
    *out++ = digits[rest ? digit | 32 : digit];
  } while (rest);
  return out;
}
constexpr size_t longest_vlq = 13;

// A place in the sources. Lines and columns count from 1; column 0 is the whole line, and line 0 is no place.
struct MapPlace {
  uint32_t file = 0; // of the object: row of ObjectMap::files
  uint32_t line = 0, column = 0;

  bool operator==(const MapPlace&) const = default;
  int64_t map_column() const { return column ? int64_t{column} - 1 : 0; }
};

// A function's mappings, or those of a part of it.
struct MapPiece {
  uint32_t function;   // local index
  uint32_t begin, end; // in its body, as the output has it
  uint32_t head;       // from the function's first byte to its body
  MapPlace first, last;
  uint32_t text, text_end;       // in ObjectMap::text: all mappings but the first
  uint32_t switches, switch_end; // in ObjectMap::switches
  uint32_t last_offset;          // of the last mapping
  bool ends_in_gap;              // the last mapping has no source
  bool is_whole;                 // up to the end of the body
};

// Where the number of a source goes into a text.
struct FileSwitch {
  uint32_t at;
  uint32_t file; // the new one
};

struct ObjectMap {
  Vector<MapPiece> pieces; // by function and offset
  Vector<char> text;
  Vector<FileSwitch> switches;
  std::vector<std::string> files; // that pieces mention
  ReadFailure failure;
  uint32_t failed_section = none32; // row of custom_sections
};

// Makes the pieces of one object from rows that come in the order of their offsets.
class PieceBuilder {
public:
  explicit PieceBuilder(ObjectMap& map) : map_(map) {}

  void begin(uint32_t function, uint32_t head) {
    piece_ = {};
    piece_.function = function;
    piece_.head = head;
    piece_.text = static_cast<uint32_t>(map_.text.size());
    piece_.switches = static_cast<uint32_t>(map_.switches.size());
    has_first_ = has_pending_ = false;
  }
  // Of rows for one byte the last counts.
  void add(uint32_t offset, const MapPlace& place) {
    if (has_pending_ && offset != pending_offset_) flush();
    pending_ = place;
    pending_offset_ = offset;
    has_pending_ = true;
  }
  void end(uint32_t offset, bool is_whole) {
    if (has_pending_ && pending_offset_ < offset) flush();
    if (!has_first_) return;
    piece_.end = offset;
    piece_.last_offset = offset_;
    piece_.ends_in_gap = is_gap_;
    piece_.is_whole = is_whole;
    piece_.text_end = static_cast<uint32_t>(map_.text.size());
    piece_.switch_end = static_cast<uint32_t>(map_.switches.size());
    map_.pieces.push_back(piece_);
  }
  void drop() {
    map_.text.truncate(piece_.text);
    map_.switches.truncate(piece_.switches);
  }

private:
  void flush() {
    const MapPlace place = pending_;
    if (!has_first_) {
      if (!place.line) return;
      has_first_ = true;
      piece_.begin = offset_ = pending_offset_;
      piece_.first = piece_.last = place;
      is_gap_ = false;
      return;
    }
    if (place.line ? !is_gap_ && place == piece_.last : is_gap_) return;
    char bytes[1 + 4 * longest_vlq];
    char* at = bytes;
    *at++ = ',';
    at = write_vlq(at, int64_t{pending_offset_} - offset_);
    offset_ = pending_offset_;
    is_gap_ = !place.line;
    if (place.line) {
      if (place.file == piece_.last.file) *at++ = 'A';
      else
        map_.switches.push_back(
            {static_cast<uint32_t>(map_.text.size() + static_cast<size_t>(at - bytes)), place.file});
      at = write_vlq(at, int64_t{place.line} - piece_.last.line);
      at = write_vlq(at, place.map_column() - piece_.last.map_column());
      *at++ = 'A'; // the same function
      piece_.last = place;
    }
    map_.text.append(bytes, at);
  }

  ObjectMap& map_;
  MapPiece piece_ = {};
  MapPlace pending_;
  uint32_t pending_offset_ = 0;
  uint32_t offset_ = 0; // of the last mapping
  bool has_first_ = false, has_pending_ = false;
  bool is_gap_ = false; // the last mapping has no source
};

// Reads the line tables of an object file.
class ObjectMapper final : ObjectLines {
public:
  ObjectMapper(const Link& link, LinkObjectId id, CodeCompressor& compressor, ObjectMap& map)
      : ObjectLines(link, link.objects[id]), link_(link), id_(id), compressor_(compressor), map_(map),
        builder_(map) {}

  void run() {
    if (section().empty()) return;
    ObjectLines::run();
    map_.failure = failure();
    map_.failed_section = section_row();
    order();
  }

private:
  void begin_table(LineFiles&& files, uint64_t at) override {
    files_ = std::move(files);
    table_ = at;
    numbers_.assign(files_.size(), none32);
    function_ = none32;
    is_in_order_ = true;
  }
  void end_table(bool is_malformed) override {
    if (is_malformed) map_.pieces.truncate(table_begin_);
    table_begin_ = map_.pieces.size();
  }

  void add_row(const Row& row) override {
    if (row.function == none32) return;
    if (row.function != function_) begin_function(row.function);
    if (is_gone_) return;
    is_in_order_ &= row.offset >= last_offset_;
    last_offset_ = row.offset;
    const MapPlace place = {number_of(row.file), row.line, row.column};
    builder_.add(moved(row.offset), place.file == none32 ? MapPlace() : place);
  }
  void finish_sequence(const Row& end) override {
    if (function_ != none32 && !is_gone_) {
      // Of a sequence that is not in order nothing is known.
      if (!is_in_order_ || end.function != function_ || end.offset < last_offset_) builder_.drop();
      else builder_.end(moved(end.offset), end.offset == size_);
    }
    function_ = none32;
  }

  void begin_function(uint32_t local) {
    // An address that is set within a sequence ends what was before.
    is_in_order_ = function_ == none32;
    function_ = local;
    last_offset_ = 0;
    const LinkObject& o = object();
    const FunctionId id = o.function(local);
    is_gone_ = !link_.function_live[id] || link_.is_folded(id);
    if (is_gone_) return;
    const FunctionRow& row = o.object.functions()[local];
    size_ = row.size - row.code_offset;
    uint32_t head = row.code_offset;
    if (link_.is_encoded_again(o)) {
      moves_ = link_.moves_of(id_, id);
      if (moves_.empty()) {
        own_moves_.clear();
        compressor_.add_moves(id_, id, own_moves_);
        moves_ = own_moves_;
      }
      head = uleb_size(moves_.back().new_offset);
    }
    builder_.begin(local, head);
  }
  uint32_t moved(uint64_t offset) const {
    const auto within = static_cast<uint32_t>(std::min<uint64_t>(offset, size_));
    return moves_.empty() ? within : moved_offset(moves_, within);
  }

  uint32_t number_of(uint32_t file) {
    if (file >= numbers_.size()) return none32;
    if (numbers_[file] == none32) {
      if (!directories_) directories_.emplace(link_, object());
      numbers_[file] = static_cast<uint32_t>(map_.files.size());
      map_.files.push_back(files_.path(file, directories_->of(table_)));
    }
    return numbers_[file];
  }

  // An object that was made of several may describe a function more than once, and code that another one's took the place
  // of. A description that ends where the function does is of this function.
  void order() {
    auto in_order = [](const MapPiece& a, const MapPiece& b) {
      return a.function < b.function || (a.function == b.function && a.end <= b.begin);
    };
    Vector<MapPiece>& pieces = map_.pieces;
    if (std::adjacent_find(pieces.begin(), pieces.end(), [&](const MapPiece& a, const MapPiece& b) {
          return !in_order(a, b);
        }) == pieces.end())
      return;
    sort_stably(pieces, [](const MapPiece& a, const MapPiece& b) {
      return a.function != b.function ? a.function < b.function : a.is_whole > b.is_whole;
    });
    Vector<MapPiece> kept;
    for (const MapPiece& piece : pieces) {
      bool is_covered = false;
      for (size_t i = kept.size(); i > 0 && kept[i - 1].function == piece.function; i--)
        is_covered |= piece.begin < kept[i - 1].end && kept[i - 1].begin < piece.end;
      if (!is_covered) kept.push_back(piece);
    }
    sort_stably(kept, [](const MapPiece& a, const MapPiece& b) {
      return a.function != b.function ? a.function < b.function : a.begin < b.begin;
    });
    pieces = std::move(kept);
  }

  const Link& link_;
  const LinkObjectId id_;
  CodeCompressor& compressor_;
  ObjectMap& map_;
  PieceBuilder builder_;
  std::optional<CompileDirectories> directories_; // read when a path is wanted

  // Of the table that is read.
  LineFiles files_;
  uint64_t table_ = 0;
  Vector<uint32_t> numbers_; // its files -> map_.files
  size_t table_begin_ = 0;   // in map_.pieces

  // Of the function that a sequence is about.
  uint32_t function_ = none32;
  bool is_gone_ = false, is_in_order_ = true;
  uint64_t last_offset_ = 0;
  uint32_t size_ = 0; // of its body, as the object has it
  std::span<const CodeMove> moves_;
  Vector<CodeMove> own_moves_;
};

// A unit's lines are there already.
void map_unit(const Link& link, LinkObjectId id, CodeCompressor& compressor, ObjectMap& map) {
  const LinkObject& o = link.objects[id];
  const Unit& unit = *o.unit;
  const Vector<uint32_t> symbols = o.defining_symbols();
  Vector<uint32_t> numbers(unit.source_file_count(), none32), offsets;
  auto number_of = [&](uint32_t file) {
    if (numbers[file] == none32) {
      numbers[file] = static_cast<uint32_t>(map.files.size());
      map.files.emplace_back(unit.source_path(file));
    }
    return numbers[file];
  };
  PieceBuilder builder(map);
  for (uint32_t i = 0; i < symbols.size(); i++) {
    const FunctionId function = o.function(i);
    const Room room = unit[unit.symbol_at(symbols[i])].lines;
    if (!room || !link.function_live[function] || link.is_folded(function)) continue;
    offsets.clear();
    compressor.find_instructions(id, function, offsets);
    builder.begin(i, uleb_size(offsets.back()));
    StoredLines lines(unit.at(room));
    if (lines.line) builder.add(0, {number_of(lines.file), lines.line, 0});
    for (SourceRow row; lines.next(row);)
      builder.add(offsets[std::min<size_t>(row.instruction, offsets.size() - 1)],
                  {number_of(row.file), row.line, row.column});
    builder.end(offsets.back(), true);
  }
}

// Joins the pieces.
class MapWriter {
public:
  MapWriter(const Link& link, const OutputPlan& plan, std::string& out)
      : link_(link), options_(link.options), out_(out), maps_(link.objects.size()) {
    for (const OutSection& section : plan.sections)
      if (section.kind == SectionKind::Code) code_offset_ = section.offset;
  }

  void run(const ReadSource& read_source) {
    read_objects();
    out_ = "{\"version\":3,\"mappings\":\"";
    write_mappings();
    out_ += "\",";
    JsonWriter json;
    json.open('{');
    write_sources(json, read_source);
    json.close('}');
    const std::string rest = json.take();
    out_.append(rest, 1);
  }

private:
  void read_objects() {
    const SymbolValues values(link_);
    for_each_block(link_.store.parallel_for, link_.objects.size(), 4, [&](size_t begin, size_t end) {
      CodeCompressor compressor(link_, values);
      for (auto row = static_cast<uint32_t>(begin); row < end; row++) {
        const LinkObjectId id(row);
        if (!link_.object_live[id]) continue;
        if (link_.objects[id].unit) map_unit(link_, id, compressor, maps_[row]);
        else ObjectMapper(link_, id, compressor, maps_[row]).run();
      }
    });
    for (LinkObjectId id : link_.object_order) report(id, maps_[id.row]);
  }

  void report(LinkObjectId id, const ObjectMap& map) const {
    if (!map.failure.happened) return;
    const CustomSectionRow& section = link_.objects[id].object.custom_sections()[map.failed_section];
    Location where = link_.location_of(id);
    where.section = link_.store.strings.text(section.name);
    where.offset = section.data.offset + map.failure.offset;
    link_.diagnostics().report(DiagnosticId::malformed_lines, {map.failure.text}, where);
  }

  // --- mappings

  void write_mappings() {
    size_t size = 0;
    for (const ObjectMap& map : maps_)
      size += map.text.size() + map.switches.size() * 3 + map.pieces.size() * 20;
    out_.reserve(out_.size() + size);
    std::vector<Vector<uint32_t>> numbers(maps_.size()); // of each object's files, in the map
    for (uint32_t i = 0; i < link_.functions.size(); i++) {
      const OutFunction& f = link_.functions[i];
      if (!f.object) continue;
      const ObjectMap& map = maps_[f.object.row];
      const FunctionId id = f.function.id();
      const uint32_t local = link_.objects[f.object].function.local(id);
      const MapPiece* piece = std::lower_bound(map.pieces.begin(), map.pieces.end(), local,
                                               [](const MapPiece& p, uint32_t l) { return p.function < l; });
      if (piece == map.pieces.end() || piece->function != local) continue;
      Vector<uint32_t>& of_object = numbers[f.object.row];
      if (of_object.empty()) of_object.assign(map.files.size(), none32);
      named_.push_back(i);
      for (; piece != map.pieces.end() && piece->function == local; piece++)
        write_piece(map, *piece, code_offset_ + link_.function_offset[id] + piece->head, of_object);
    }
    close_piece(0);
  }

  void write_piece(const ObjectMap& map, const MapPiece& piece, uint64_t body, Vector<uint32_t>& numbers) {
    close_piece(body + piece.begin);
    column(body + piece.begin);
    source(map, piece.first.file, numbers);
    number(int64_t{piece.first.line} - 1 - line_);
    number(piece.first.map_column() - source_column_);
    number(static_cast<int64_t>(named_.size()) - 1 - name_);
    name_ = static_cast<int64_t>(named_.size()) - 1;
    uint32_t at = piece.text;
    for (uint32_t i = piece.switches; i < piece.switch_end; i++) {
      out_.append(map.text.data() + at, map.switches[i].at - at);
      at = map.switches[i].at;
      source(map, map.switches[i].file, numbers);
    }
    out_.append(map.text.data() + at, piece.text_end - at);
    line_ = int64_t{piece.last.line} - 1;
    source_column_ = piece.last.map_column();
    column_ = body + piece.last_offset;
    open_end_ = piece.ends_in_gap ? 0 : body + piece.end;
  }

  // What follows a piece has no source, unless the next one begins at once.
  void close_piece(uint64_t next) {
    if (open_end_ && open_end_ != next) column(open_end_);
    open_end_ = 0;
  }

  void column(uint64_t at) {
    if (out_.back() != '"') out_ += ',';
    number(static_cast<int64_t>(at - column_));
    column_ = at;
  }
  void source(const ObjectMap& map, uint32_t file, Vector<uint32_t>& numbers) {
    if (numbers[file] == none32) numbers[file] = number_of_source(map.files[file]);
    number(int64_t{numbers[file]} - source_);
    source_ = numbers[file];
  }
  void number(int64_t value) {
    char bytes[longest_vlq];
    out_.append(bytes, write_vlq(bytes, value));
  }

  // --- sources and names

  uint32_t number_of_source(const std::string& path) {
    const auto [number, is_new] =
        source_numbers_.insert(shown_path(path), static_cast<uint32_t>(sources_.size()));
    if (is_new) sources_.push_back(path);
    return number;
  }

  std::string shown_path(const std::string& path) const {
    for (size_t i = options_.source_map_prefixes.size(); i > 0; i--) {
      const auto& [old, fresh] = options_.source_map_prefixes[i - 1];
      if (path.starts_with(old)) return fresh + path.substr(old.size());
    }
    return path;
  }

  bool is_ignored(const std::string& path) const {
    for (const std::string& part : options_.source_map_ignored)
      if (path.find(part) != path.npos) return true;
    return false;
  }

  void write_sources(JsonWriter& json, const ReadSource& read_source) {
    json.field("file", base_name(options_.output_name));
    if (!options_.source_map_root.empty()) json.field("sourceRoot", options_.source_map_root);
    json.open("sources", '[');
    for (const std::string& path : sources_) json.text(shown_path(path));
    json.close(']');
    if (options_.source_map_content) {
      json.open("sourcesContent", '[');
      for (const std::string& path : sources_) {
        FileBytes text;
        if (read_source && (read_source(path, text) || read_source(shown_path(path), text)))
          json.text(as_text(text.bytes()));
        else json.null();
      }
      json.close(']');
    }
    if (!options_.source_map_ignored.empty()) {
      json.open("ignoreList", '[');
      for (uint32_t i = 0; i < sources_.size(); i++)
        if (is_ignored(sources_[i])) json.number(i);
      json.close(']');
    }
    json.open("names", '[');
    ShownName shown;
    for (uint32_t row : named_) json.text(name_of(row, shown));
    json.close(']');
  }

  std::string name_of(uint32_t row, ShownName& shown) const {
    const LinkObject& o = link_.objects[link_.functions[row].object];
    const FunctionRow& function = link_.row_of(link_.functions[row]);
    if (function.debug_name) return std::string(o.text(function.debug_name));
    if (function.name) return std::string(shown.of(o.text(function.name), options_.demangling()));
    return "wasm-function[" + std::to_string(link_.imported_functions + row) + ']'; // as engines call it
  }

  const Link& link_;
  const Options& options_;
  std::string& out_;
  std::vector<ObjectMap> maps_; // by object
  uint64_t code_offset_ = 0;    // of the payload of CODE in the module

  std::vector<std::string> sources_; // as compilers wrote them
  NameMap<uint32_t> source_numbers_; // by path as shown
  Vector<uint32_t> named_;           // rows of Link::functions

  // Of the last mapping.
  uint64_t column_ = 0;
  int64_t source_ = 0, line_ = 0, source_column_ = 0, name_ = 0;
  uint64_t open_end_ = 0; // where the last piece ends, if a mapping has to say so
};

} // namespace

void write_source_map(const Link& link, const OutputPlan& plan, const ReadSource& read_source,
                      std::string& map) {
  MapWriter(link, plan, map).run(read_source);
}

} // namespace weld
