// Branch hints: which way an `if` or a `br_if` mostly goes. Objects have them in a custom section, by function and by
// the offset of the instruction in its body. The output has all in one section before CODE, in the order of its
// functions, as the engine wants them. Source: WebAssembly/branch-hinting.
#include "core/base/reader.h"
#include "core/base/sort.h"
#include "core/link/write/compress_code.h"
#include "core/link/write/output_plan.h"

namespace weld {

namespace {

// One hint of the output.
struct Hint {
  uint32_t function; // its index in the output
  uint32_t offset;   // from the locals' declaration
  Bytes value;
  LinkObjectId object;
  uint32_t symbol; // the object's, for the function; none32: it has none
};

bool keeps_relocs(const Link& link) {
  return link.options.relocatable || link.options.emit_relocs;
}

class HintCollector {
public:
  explicit HintCollector(const Link& link) : link_(link) {}

  Vector<Hint> run() {
    for (LinkObjectId id : link_.object_order) {
      const LinkObject& o = link_.objects[id];
      auto sections = o.object.custom_sections();
      for (uint32_t i = 0; i < sections.size(); i++)
        if (is_branch_hints(link_, sections[i]) && !link_.custom_is_discarded(o.custom_section(i)))
          read(id, o, sections[i]);
    }
    sort_stably(hints_, [](const Hint& a, const Hint& b) {
      return a.function != b.function ? a.function < b.function : a.offset < b.offset;
    });
    erase_repeated();
    return std::move(hints_);
  }

private:
  void read(LinkObjectId id, const LinkObject& o, const CustomSectionRow& section) {
    const size_t before = hints_.size();
    ReadFailure failure;
    Reader r(o.bytes.subspan(section.data.offset, section.data.size), o.bytes.data(), "section", failure);
    const uint32_t count = r.count("the number of functions with hints", 2);
    const auto symbols = o.object.symbols();
    symbol_of_function_.assign(o.object.functions().size(), none32);
    for (uint32_t i = static_cast<uint32_t>(symbols.size()); i--;)
      if (symbols[i].kind == SymbolKind::Function && !symbols[i].is_undefined())
        symbol_of_function_[symbols[i].element] = i;
    RelocRange relocs = o.relocs(section.relocs);
    next_reloc_ = relocs.begin();
    last_reloc_ = relocs.end();
    for (uint32_t i = 0; i < count && !failure.happened; i++) read_function(id, o, section, r);
    if (!failure.happened && !r.at_end()) r.fail("unexpected data at the end of the section");
    if (!failure.happened) return;
    hints_.truncate(before);
    Location where = link_.location_of(id);
    where.section = link_.text(section.name);
    where.offset = failure.offset;
    link_.diagnostics().report(DiagnosticId::malformed_hints, {failure.text}, where);
  }

  void read_function(LinkObjectId id, const LinkObject& o, const CustomSectionRow& section, Reader& r) {
    const auto at = static_cast<uint32_t>(r.offset() - section.data.offset);
    const uint32_t index = r.u32_leb("the index of a function");
    const uint32_t count = r.count("the number of hints", 3);
    const uint32_t symbol = symbol_of(o, at, index);
    FunctionId function; // none: it is not the object's, or not in the output
    uint32_t size = ~0u;
    if (symbol != none32) {
      const SymbolRow& row = o.object.symbols()[symbol];
      // Where the section is to be linked again, the name must mean this function: another weak one may have won.
      const bool names_it =
          !keeps_relocs(link_) || link_.function_of(o, symbol) == FunctionEntity(o.function(row.element));
      if (!row.is_undefined() && names_it && is_written(o.function(row.element))) {
        function = o.function(row.element);
        const FunctionRow& f = o.object.functions()[row.element];
        size = f.size - f.code_offset;
      }
    }
    offsets_.clear();
    const size_t first = hints_.size();
    for (uint32_t i = 0; i < count && !r.failed(); i++) {
      const uint64_t hint_at = r.offset();
      const uint32_t offset = r.u32_leb("the offset of a hint");
      const uint32_t bytes = r.u32_leb("the size of a hint");
      const Bytes value = r.bytes(bytes, "a hint");
      if (r.failed()) return;
      if (offset >= size) return r.fail_at(hint_at, "a hint behind the end of its function");
      if (!offsets_.empty() && offset <= offsets_.back())
        return r.fail_at(hint_at, "hints not in offset order");
      if (!function) continue;
      offsets_.push_back(offset);
      hints_.push_back({link_.function_index[function].value, offset, value, id, symbol});
    }
    if (!function || !link_.is_encoded_again(o)) return;
    move_offsets(id, function);
    size_t kept = first;
    for (size_t i = 0; i < offsets_.size(); i++) {
      if (offsets_[i] == none32) continue; // the instruction is gone
      hints_[kept] = hints_[first + i];
      hints_[kept++].offset = offsets_[i];
    }
    hints_.truncate(kept);
  }

  void move_offsets(LinkObjectId id, FunctionId function) {
    if (!has_values_) values_ = SymbolValues(link_);
    has_values_ = true;
    CodeCompressor(link_, values_).move_offsets(id, function, offsets_);
  }

  bool is_written(FunctionId function) const {
    return link_.function_live[function] && !link_.is_folded(function) &&
           !link_.function_is_discarded(function);
  }

  // The function is named by a relocation. Without one, by its number in the object.
  uint32_t symbol_of(const LinkObject& o, uint32_t at, uint32_t index) {
    while (next_reloc_ != last_reloc_ && next_reloc_->offset < at) ++next_reloc_; // they are in order
    if (next_reloc_ != last_reloc_ && next_reloc_->offset == at &&
        next_reloc_->reloc_type() == RelocType::FUNCTION_INDEX_LEB)
      return next_reloc_->index;
    const uint32_t imported = o.object.header().imported_functions;
    if (index < imported || index - imported >= symbol_of_function_.size()) return none32;
    return symbol_of_function_[index - imported];
  }

  void erase_repeated() {
    size_t kept = 0;
    for (const Hint& hint : hints_) {
      const bool is_repeated =
          kept && hints_[kept - 1].function == hint.function && hints_[kept - 1].offset == hint.offset;
      if (!is_repeated) hints_[kept++] = hint;
    }
    hints_.truncate(kept);
  }

  const Link& link_;
  Vector<Hint> hints_;
  RelocRange::Iterator next_reloc_{nullptr, 0}, last_reloc_{nullptr, 0}; // of the section that is read
  Vector<uint32_t> symbol_of_function_; // of its object: the first, or none32
  Vector<uint32_t> offsets_;            // of the function that is read
  SymbolValues values_;
  bool has_values_ = false;
};

} // namespace

bool is_branch_hints(const LinkContext& link, const CustomSectionRow& section) {
  return !link.options.like_lld() && link.text(section.name) == branch_hints_name;
}

void encode_hints(const Link& link, OutputPlan& plan) {
  const Vector<Hint> hints = HintCollector(link).run();
  if (hints.empty()) return;
  ByteBuffer& out = plan.encoded;
  const bool pads = keeps_relocs(link);
  const size_t begin = out.size();
  out.name(branch_hints_name);
  const size_t payload = out.size();
  uint32_t functions = 0;
  for (size_t i = 0; i < hints.size(); i++) functions += i == 0 || hints[i].function != hints[i - 1].function;
  out.uleb(functions);
  for (size_t i = 0; i < hints.size();) {
    size_t end = i;
    while (end < hints.size() && hints[end].function == hints[i].function) end++;
    if (pads) {
      plan.hint_relocs.push_back(
          {static_cast<uint32_t>(out.size() - payload), hints[i].object, hints[i].symbol});
      uint8_t field[5];
      write_padded_uleb(field, hints[i].function, 5);
      out.append(Bytes(field, 5));
    } else {
      out.uleb(hints[i].function);
    }
    out.uleb(end - i);
    for (; i < end; i++) {
      out.uleb(hints[i].offset);
      out.uleb(hints[i].value.size());
      out.append(hints[i].value);
    }
  }
  plan.hint_section = static_cast<uint32_t>(plan.sections.size());
  plan.add(SectionKind::Custom, begin);
}

} // namespace weld
