#include "core/link/write/validate_output.h"

#include "core/link/resolve/source_lines.h"
#include "core/link/write/code_place.h"
#include "core/wasm/type_text.h"

#include <algorithm>

namespace weld {

namespace {

constexpr uint32_t most_faults = 20; // of one link; each asks the engine twice

// An engine stops at the first fault, and some say it of another one. So functions are asked about apart: the others
// have `unreachable` for a body, which is valid whatever their types.
class Validator {
public:
  Validator(const Link& link, const OutputPlan& plan, Bytes output, const Engine& engine)
      : link_(link), plan_(plan), output_(output), engine_(engine) {
    for (const OutSection& section : plan.sections)
      if (section.content == OutSection::Code) code_ = &section;
    suspects_.resize(code_ ? link.functions.size() : 0);
  }

  void check_all() {
    const EngineAnswer whole = engine_(output_);
    if (whole.is_valid) return;
    const Asked frame = ask([](uint32_t) { return false; });
    if (!frame.answer.is_valid) return report_outside(frame.answer, frame.section, frame.offset);
    std::fill(suspects_.begin(), suspects_.end(), true);
    if (find_functions()) return;
    // Data, whose bytes `ask` leaves out; or the whole is too much for the engine.
    const OutSection* section = nullptr;
    for (const OutSection& s : plan_.sections)
      if (whole.function == none32 && whole.offset != none32 && s.offset <= whole.offset) section = &s;
    report_outside(whole, section, section ? whole.offset - static_cast<uint32_t>(section->offset) : none32);
  }

  bool check(std::span<const uint32_t> rows) {
    for (uint32_t row : rows) suspects_[row] = true;
    if (find_functions()) return false;
    if (!is_unexplained_) return true;
    const size_t said = link_.diagnostics().rows().size();
    check_all(); // something else has changed
    return link_.diagnostics().rows().size() == said;
  }

private:
  struct Asked {
    EngineAnswer answer;
    const OutSection* section = nullptr; // where the fault is, when it is in no body
    uint32_t row = none32;               // of the function that it is in
    uint32_t offset = none32;            // in the section's payload, or the function's body
  };

  // A section of what the engine gets, and where its payload begins there.
  struct AskedSection {
    const OutSection* section;
    uint32_t begin;
  };

  uint32_t begin_of(uint32_t row) const {
    return row < link_.functions.size() ? link_.offset_of(link_.functions[row])
                                        : static_cast<uint32_t>(code_->payload_size);
  }
  // With its size.
  Bytes body_of(uint32_t row) const {
    return output_.subspan(static_cast<size_t>(code_->offset) + begin_of(row),
                           begin_of(row + 1) - begin_of(row));
  }
  static uint32_t head_size(Bytes body) {
    uint32_t size = 0;
    while (body[size++] & 0x80) {
    }
    return size;
  }

  // --- the module without what is in no doubt: no custom sections, no bytes of data, and other bodies

  void put_section(const OutSection& section) {
    const uint32_t head = 1 + uleb_size(section.payload_size);
    module_.append(output_.subspan(static_cast<size_t>(section.offset) - head, head));
    frame_.push_back({&section, static_cast<uint32_t>(module_.size())});
    module_.append(
        output_.subspan(static_cast<size_t>(section.offset), static_cast<size_t>(section.payload_size)));
  }

  void begin_section(const OutSection& section) {
    module_.u8(static_cast<uint32_t>(section.kind));
    section_begin_ = module_.size();
  }
  void end_section(const OutSection& section) {
    const size_t size = module_.size() - section_begin_;
    module_.insert_size(section_begin_);
    frame_.push_back({&section, static_cast<uint32_t>(module_.size() - size)});
  }

  void put_code(FunctionRef<bool(uint32_t)> is_wanted) {
    constexpr uint8_t stub[] = {3, 0, opcode::unreachable, opcode::end};
    begin_section(*code_);
    const auto count = static_cast<uint32_t>(link_.functions.size());
    module_.uleb(count);
    for (uint32_t row = 0; row < count; row++) {
      bodies_.push_back(static_cast<uint32_t>(module_.size() - section_begin_));
      module_.append(is_wanted(row) ? body_of(row) : Bytes(stub));
    }
    end_section(*code_);
  }

  // As many segments, all of them passive and empty: code may name each.
  void put_data(const OutSection& section) {
    begin_section(section);
    uint32_t count = 0, shift = 0;
    for (size_t at = static_cast<size_t>(section.offset);; shift += 7) {
      count |= static_cast<uint32_t>(output_[at] & 0x7f) << shift;
      if (!(output_[at++] & 0x80)) break;
    }
    module_.uleb(count);
    for (; count; count--) {
      module_.u8(1);
      module_.u8(0);
    }
    end_section(section);
  }

  Asked ask(FunctionRef<bool(uint32_t)> is_wanted) {
    constexpr size_t header = 8;
    module_.clear();
    frame_.clear();
    bodies_.clear();
    module_.append(output_.first(header));
    for (const OutSection& section : plan_.sections) {
      if (section.kind == SectionKind::Custom) continue;
      if (section.content == OutSection::Code) put_code(is_wanted);
      else if (section.content == OutSection::Data) put_data(section);
      else put_section(section);
    }
    Asked asked;
    asked.answer = engine_(module_.from(0));
    if (!asked.answer.is_valid) locate(asked);
    return asked;
  }

  void locate(Asked& asked) const {
    const EngineAnswer& answer = asked.answer;
    if (answer.function != none32) {
      if (answer.function >= suspects_.size()) return;
      asked.row = answer.function;
      asked.offset = answer.offset;
      return;
    }
    if (answer.offset == none32) return;
    uint32_t begin = 0;
    for (const AskedSection& s : frame_) {
      if (s.begin > answer.offset) break;
      asked.section = s.section;
      begin = s.begin;
    }
    asked.offset = answer.offset - begin;
    if (!asked.section || asked.section != code_ || bodies_.empty() || asked.offset < bodies_[0]) return;
    auto after = std::upper_bound(bodies_.begin(), bodies_.end(), asked.offset);
    asked.row = static_cast<uint32_t>(after - bodies_.begin() - 1);
    const uint32_t body = bodies_[asked.row] + head_size(body_of(asked.row));
    asked.offset = asked.offset < body ? none32 : asked.offset - body;
  }

  // --- functions

  // How many of the suspects are refused; each is reported.
  uint32_t find_functions() {
    uint32_t found = 0, first = 0;
    for (;;) {
      // Engines go through functions in order, more or less: what comes before is asked about again at the end.
      const Asked asked = ask([&](uint32_t row) { return row >= first && suspects_[row]; });
      if (asked.answer.is_valid) {
        if (first == 0) return found;
        first = 0;
        continue;
      }
      if (found == most_faults) {
        last_->note("more functions are invalid: these are the first $0", {found});
        return found;
      }
      const uint32_t row = find_one(asked.row, first);
      if (row == none32) {
        is_unexplained_ = true;
        return found;
      }
      suspects_[row] = false;
      first = row + 1;
      found++;
    }
  }

  // Reports one of the suspects from `first` on that is refused; none32: the engine contradicts itself.
  uint32_t find_one(uint32_t guess, uint32_t first) {
    // A fault at the end of a body may count as one of the next function.
    if (guess != none32)
      for (uint32_t row : {guess, guess - 1})
        if (row >= first && row < suspects_.size() && suspects_[row] && is_refused(row)) return row;
    uint32_t begin = first, end = static_cast<uint32_t>(suspects_.size());
    while (end - begin > 1) {
      const uint32_t middle = begin + (end - begin) / 2;
      const Asked half = ask([&](uint32_t row) { return row >= begin && row < middle && suspects_[row]; });
      (half.answer.is_valid ? begin : end) = middle;
    }
    return begin < end && suspects_[begin] && is_refused(begin) ? begin : none32;
  }

  bool is_refused(uint32_t wanted) {
    const Asked alone = ask([&](uint32_t row) { return row == wanted; });
    if (alone.answer.is_valid) return false;
    Bytes body = body_of(wanted);
    body = body.subspan(head_size(body));
    uint32_t offset = none32;
    if (alone.row == wanted) offset = alone.offset;
    // Behind the end of the body.
    else if (alone.row == wanted + 1 || alone.section) offset = static_cast<uint32_t>(body.size());
    if (offset != none32 && offset >= body.size()) offset = static_cast<uint32_t>(body.size()) - 1;
    report(wanted, find_code(link_, values(), wanted, body, offset, lines_), alone.answer);
    return true;
  }

  void report(uint32_t row, const CodePlace& place, const EngineAnswer& answer) {
    std::string name(place.function);
    if (name.empty()) name = "function " + std::to_string(link_.imported_functions + row);
    const std::string text(text_of(answer));
    if (answer.lacks == EngineAnswer::Other || (answer.lacks && !place.op.empty()))
      return report_unknown(answer.lacks == EngineAnswer::Other ? filled("something in `$0`", {name})
                                                                : filled("`$0`", {place.op}),
                            text, place.location);
    last_ = &link_.diagnostics().report(DiagnosticId::invalid_code, {Argument::symbol(name), text},
                                        place.location);
    if (!place.op.empty())
      last_->note("the engine stopped at instruction $0, `$1`", {place.instruction, place.op});
    if (place.location.empty()) last_->note("the linker made this function: please report this");
  }

  void report_unknown(const std::string& what, const std::string& text, const Location& where) {
    last_ = &link_.diagnostics().report(DiagnosticId::unknown_to_engine, {what}, where);
    last_->note("it says: $0", {text});
    last_->note("if the output is for another engine, pass --log-override=unknown-to-engine=warning");
  }

  static std::string_view text_of(const EngineAnswer& answer) {
    return answer.text.empty() ? std::string_view("the engine does not say why")
                               : std::string_view(answer.text);
  }

  // --- all else

  void report_outside(const EngineAnswer& answer, const OutSection* section, uint32_t offset) {
    Location where;
    std::string_view name;
    uint32_t entry = none32;
    if (section && section->content == OutSection::Encoded && section->kind != SectionKind::Custom) {
      entry = entry_at(*section, offset);
      if (entry != none32) name = name_of_entry(*section, entry, where);
    }
    if (answer.lacks) {
      report_unknown("something in the output", std::string(text_of(answer)), where);
    } else {
      last_ = &link_.diagnostics().report(DiagnosticId::invalid_module, {text_of(answer)}, where);
    }
    note_entry(section, entry, name);
  }

  void note_entry(const OutSection* section, uint32_t entry, std::string_view name) {
    if (!section) return;
    const std::string_view title = section_kind_name(section->kind);
    if (entry == none32) last_->note("the engine stopped in section $0 of the output", {title});
    else if (name.empty())
      last_->note("the engine stopped in section $0 of the output, at entry $1", {title, entry});
    else
      last_->note("the engine stopped in section $0 of the output, at entry $1, `$2`", {title, entry, name});
  }

  // Which entry of a small section the byte at `offset` belongs to.
  uint32_t entry_at(const OutSection& section, uint32_t offset) const {
    const uint32_t first = section.encoded.first, at = first + std::min(offset, section.encoded.count);
    uint32_t entry = none32;
    for (uint32_t begin : plan_.entries)
      if (begin >= first && begin <= at) entry++;
    return entry;
  }

  // Also says which object it comes from, when it comes from one.
  std::string_view name_of_entry(const OutSection& section, uint32_t i, Location& where) const {
    if (section.kind == SectionKind::Export) return link_.exports[i].name;
    if (section.kind == SectionKind::Import) {
      const auto& memory = link_.options.import_memory;
      if (memory && i-- == 0) return memory->second;
      const bool is_got = i >= link_.imports.size();
      const SymbolId id = is_got ? link_.got_imports[i - link_.imports.size()] : link_.imports[i];
      if (link_.symbols[id].object) where = link_.location_of(link_.symbols[id].object);
      return where.symbol = link_.name_of(id);
    }
    if (section.kind != SectionKind::Global || i >= link_.globals.size()) return {};
    const OutGlobal& global = link_.globals[i];
    const std::string_view name = link_.name_of_global(global);
    if (!global.object) return name;
    const LinkObject& o = link_.objects[global.object];
    where = link_.location_of(global.object);
    where.symbol = name;
    if (o.unit) return name;
    where.section = section_kind_name(SectionKind::Global);
    where.offset = o.object.globals()[o.global.local(global.global.id())].init.offset;
    return name;
  }

  const SymbolValues& values() {
    if (!has_values_) values_ = SymbolValues(link_);
    has_values_ = true;
    return values_;
  }

  const Link& link_;
  const OutputPlan& plan_;
  const Bytes output_;
  const Engine& engine_;
  const OutSection* code_ = nullptr;
  Vector<bool> suspects_; // by row of Indices::functions: the engine is to be asked about it
  // What `ask` made:
  ByteBuffer module_;
  Vector<AskedSection> frame_;
  Vector<uint32_t> bodies_; // where each begins in the payload of CODE
  size_t section_begin_ = 0;
  bool is_unexplained_ = false; // functions are refused together, and none of them alone
  Diagnostic* last_ = nullptr;  // that was reported; good until the next
  SourceLines lines_;
  SymbolValues values_;
  bool has_values_ = false;
};

} // namespace

void validate_output(const Link& link, const OutputPlan& plan, Bytes output, const Engine& engine) {
  Validator(link, plan, output, engine).check_all();
}

bool validate_functions(const Link& link, const OutputPlan& plan, Bytes output, const Engine& engine,
                        std::span<const uint32_t> rows) {
  return rows.empty() || Validator(link, plan, output, engine).check(rows);
}

} // namespace weld
