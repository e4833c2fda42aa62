#include "core/inspect/symbolizer.h"

#include "core/dwarf/dwarf.h"
#include "core/inspect/debug_unit.h"

#include <algorithm>
#include <set>

namespace weld {

namespace {

namespace attribute = dwarf::attribute;
namespace form = dwarf::form;
namespace tag = dwarf::tag;

// A function, or a function that was inlined into another one.
struct Scope {
  uint64_t at;                  // of its entry, in .debug_info
  uint32_t parent;              // in `scopes`; none32: it is a function
  uint32_t function;            // that it is in, or is: in `scopes`
  uint32_t first = 0, last = 0; // of a function: its ranges, with those of what is inlined
  uint32_t call_file = 0, call_line = 0, call_column = 0;
};
// Code of a scope. A function's own comes first, then that of what is inlined, outer ones first. Functions that are
// declared in it may lie between: their code is elsewhere.
struct ScopeRange {
  uint32_t begin, end;
  uint32_t scope;
};
struct FunctionRange {
  uint32_t begin, end;
  uint32_t function; // in `scopes`
};

// What a unit says of functions.
struct Scopes {
  std::vector<Scope> scopes;
  std::vector<ScopeRange> ranges;
  std::vector<FunctionRange> functions; // by address
};

struct UnitRange {
  uint32_t begin, end;
  uint32_t unit; // in compile_units
};

} // namespace

class Symbolizer::Units {
public:
  explicit Units(Inspection& inspection) : inspection_(inspection), sections_(inspection) {
    inspect_lines(inspection);
    units_.resize(inspection.compile_units.size());
    find_ranges();
  }

  std::vector<SourceFrame> find(uint64_t address) {
    std::vector<SourceFrame> frames;
    SourceFrame place;
    const uint32_t unit = unit_of(address);
    const uint32_t row = unit == none32
                             ? find_line(inspection_, address)
                             : find_line(inspection_, address, inspection_.compile_units[unit].line_table);
    if (row != none32) {
      const inspection::Line& line = inspection_.lines[row];
      place.file = line.file;
      place.line = line.line;
      place.column = line.column;
    }
    const Scopes* scopes = unit == none32 ? nullptr : scopes_of(unit);
    uint32_t scope = scopes ? innermost(*scopes, address) : none32;
    if (scope == none32) {
      if (row != none32) frames.push_back(place);
      return frames;
    }
    for (; scope != none32; scope = scopes->scopes[scope].parent) {
      const Scope& s = scopes->scopes[scope];
      name(inspection_.compile_units[unit].section, s.at, place);
      place.is_inlined = s.parent != none32;
      frames.push_back(place);
      place = {};
      place.file = inspection_.file_of(inspection_.compile_units[unit].line_table, s.call_file);
      place.line = s.call_line;
      place.column = s.call_column;
    }
    return frames;
  }

private:
  struct Unit {
    std::unique_ptr<DebugUnit> unit;
    std::unique_ptr<Scopes> scopes;
    bool is_read = false;
  };

  // Where units overlap, because linkers keep what several say of one function, the first one counts.
  void find_ranges() {
    struct Event {
      uint32_t at, unit;
      bool is_begin;
    };
    std::vector<Event> events;
    for (const inspection::UnitRange& r : inspection_.unit_ranges) {
      events.push_back({r.begin, r.unit, true});
      events.push_back({r.end, r.unit, false});
    }
    std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
    std::multiset<uint32_t> active;
    uint32_t begin = 0;
    for (const Event& event : events) {
      if (!active.empty() && event.at > begin) {
        const uint32_t unit = *active.begin();
        if (!ranges_.empty() && ranges_.back().end == begin && ranges_.back().unit == unit)
          ranges_.back().end = event.at;
        else ranges_.push_back({begin, event.at, unit});
      }
      begin = event.at;
      if (event.is_begin) active.insert(event.unit);
      else if (auto found = active.find(event.unit); found != active.end()) active.erase(found);
    }
  }

  uint32_t unit_of(uint64_t address) const {
    auto next = std::upper_bound(ranges_.begin(), ranges_.end(), address,
                                 [](uint64_t a, const UnitRange& r) { return a < r.begin; });
    return next != ranges_.begin() && address < std::prev(next)->end ? std::prev(next)->unit : none32;
  }

  const DebugBytes* info_of(uint32_t row) const {
    for (const DebugBytes& section : sections_.all)
      if (section.index == inspection_.compile_units[row].section) return &section;
    return nullptr;
  }

  // A reader of the unit with its first entry read; null: it is malformed.
  DebugUnit* unit(uint32_t row) {
    Unit& known = units_[row];
    if (known.is_read) return known.unit.get();
    known.is_read = true;
    const DebugBytes* section = info_of(row);
    if (!section) return nullptr;
    known.unit = std::make_unique<DebugUnit>(sections_, *section);
    const uint64_t at = inspection_.compile_units[row].offset;
    ReadFailure failure;
    uint32_t offset_size = 4;
    Reader r = reader(*section, at, failure);
    const uint64_t length = read_unit_length(r, offset_size);
    Reader part = r.part(static_cast<size_t>(length), "unit", "a unit");
    if (!known.unit->read(part, at, offset_size)) known.unit.reset();
    return known.unit.get();
  }

  static Reader reader(const DebugBytes& section, uint64_t at, ReadFailure& failure) {
    return Reader(section.bytes.subspan(static_cast<size_t>(std::min<uint64_t>(at, section.bytes.size()))),
                  section.bytes.data(), "section", failure);
  }
  // From an entry of a unit to the unit's end.
  Reader entries(const DebugUnit& unit, uint64_t at, ReadFailure& failure) const {
    Reader length = reader(unit.section(), unit.at(), failure);
    uint32_t offset_size = 4;
    const uint64_t size = read_unit_length(length, offset_size);
    const uint64_t end = std::min<uint64_t>(length.offset() + size, unit.section().bytes.size());
    at = std::min(at, end);
    return Reader(unit.section().bytes.subspan(static_cast<size_t>(at), static_cast<size_t>(end - at)),
                  unit.section().bytes.data(), "unit", failure);
  }

  const Scopes* scopes_of(uint32_t row) {
    const DebugUnit* u = unit(row);
    if (!u) return nullptr;
    std::unique_ptr<Scopes>& scopes = units_[row].scopes;
    if (!scopes) {
      scopes = std::make_unique<Scopes>();
      read_scopes(*u, *scopes);
    }
    return scopes.get();
  }

  void read_scopes(const DebugUnit& unit, Scopes& out) {
    ReadFailure failure;
    Reader r = entries(unit, unit.entries_at(), failure);
    std::vector<dwarf::AttributeValue> values;
    std::vector<uint32_t> open; // the scope around the entries of each level
    uint32_t around = none32;
    auto has_code = [](uint64_t t) { return t == tag::subprogram || t == tag::inlined_subroutine; };
    while (!r.at_end()) {
      const uint64_t at = r.offset();
      const dwarf::Abbreviation* entry = unit.read_entry(r, values, has_code);
      if (r.failed()) break;
      if (!entry) {
        if (open.empty()) break;
        around = open.back();
        open.pop_back();
        continue;
      }
      uint32_t inside = around;
      if (entry->tag == tag::subprogram || (entry->tag == tag::inlined_subroutine && around != none32))
        inside = add_scope(unit, values, at, entry->tag == tag::subprogram ? none32 : around, out);
      if (!entry->has_children) continue;
      open.push_back(around);
      around = inside;
    }
    if (failure.happened) sections_.note(unit.section(), failure);
    std::stable_sort(out.functions.begin(), out.functions.end(),
                     [](const FunctionRange& a, const FunctionRange& b) { return a.begin < b.begin; });
  }

  // The scope's row; without code, an inlined function's parent.
  static uint32_t add_scope(const DebugUnit& unit, DebugUnit::Values values, uint64_t at, uint32_t parent,
                            Scopes& out) {
    const auto row = static_cast<uint32_t>(out.scopes.size());
    const auto first = static_cast<uint32_t>(out.ranges.size());
    unit.find_code(values, [&](uint64_t begin, uint64_t end) {
      out.ranges.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end), row});
    });
    const auto last = static_cast<uint32_t>(out.ranges.size());
    if (first == last) return parent;
    Scope scope = {at, parent, parent == none32 ? row : out.scopes[parent].function, first};
    auto number = [&](uint64_t name) {
      const dwarf::AttributeValue* v = DebugUnit::find(values, name);
      return v ? static_cast<uint32_t>(v->number) : 0;
    };
    scope.call_file = number(attribute::call_file);
    scope.call_line = number(attribute::call_line);
    scope.call_column = number(attribute::call_column);
    out.scopes.push_back(scope);
    out.scopes[scope.function].last = last;
    if (parent == none32)
      for (uint32_t i = first; i < last; i++)
        out.functions.push_back({out.ranges[i].begin, out.ranges[i].end, row});
    return row;
  }

  static uint32_t innermost(const Scopes& scopes, uint64_t address) {
    auto next = std::upper_bound(scopes.functions.begin(), scopes.functions.end(), address,
                                 [](uint64_t a, const FunctionRange& f) { return a < f.begin; });
    if (next == scopes.functions.begin() || address >= std::prev(next)->end) return none32;
    uint32_t found = none32;
    const Scope& function = scopes.scopes[std::prev(next)->function];
    for (uint32_t i = function.first; i < function.last; i++) {
      const ScopeRange& r = scopes.ranges[i];
      if (address >= r.begin && address < r.end) found = r.scope;
    }
    return found;
  }

  // The names of an entry, or of what it is an instance of.
  void name(uint32_t section, uint64_t at, SourceFrame& out) {
    std::vector<dwarf::AttributeValue> values;
    for (int steps = 0; steps < 8; steps++) {
      const uint32_t row = unit_at(section, at);
      const DebugUnit* u = row == none32 ? nullptr : unit(row);
      if (!u || at < u->entries_at()) return;
      ReadFailure failure;
      Reader r = entries(*u, at, failure);
      if (!u->read_entry(r, values, [](uint64_t) { return true; }) || failure.happened) return;
      if (!out.name) out.name = u->text(values, attribute::name);
      if (!out.linkage_name) out.linkage_name = u->text(values, attribute::linkage_name);
      if (!out.linkage_name) out.linkage_name = u->text(values, attribute::mips_linkage_name);
      const dwarf::AttributeValue* next = DebugUnit::find(values, attribute::abstract_origin);
      if (!next) next = DebugUnit::find(values, attribute::specification);
      if (!next || (out.name && out.linkage_name)) return;
      switch (next->form) {
      case form::ref1:
      case form::ref2:
      case form::ref4:
      case form::ref8:
      case form::ref_udata: at = u->at() + next->number; break;
      case form::ref_addr: at = next->number; break;
      default: return; // in another file
      }
    }
  }

  // Units come section by section, in the order of their offsets.
  uint32_t unit_at(uint32_t section, uint64_t at) const {
    const auto& units = inspection_.compile_units;
    auto next =
        std::upper_bound(units.begin(), units.end(), at, [&](uint64_t a, const inspection::CompileUnit& u) {
          return section != u.section ? section < u.section : a < u.offset;
        });
    if (next == units.begin() || std::prev(next)->section != section) return none32;
    return static_cast<uint32_t>(next - units.begin() - 1);
  }

  Inspection& inspection_;
  DebugSections sections_;
  std::vector<UnitRange> ranges_; // by address, without overlaps
  std::vector<Unit> units_;       // beside compile_units
};

Symbolizer::Symbolizer(Inspection& inspection) : units_(std::make_unique<Units>(inspection)) {}
Symbolizer::~Symbolizer() = default;

std::vector<SourceFrame> Symbolizer::find(uint64_t address) {
  return units_->find(address);
}

} // namespace weld
