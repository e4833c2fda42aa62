// Debug information of units: line number programs, functions, and variables in locals of WebAssembly.
//
// It is made when indices are fixed. Then the code of each function is known, byte for byte, and all of it that is
// still to be decided is where the function goes. So the numbers of DWARF are in their shortest form, and only
// addresses of functions and places of sections are fields, which become relocations where the output is linked again.
// There are only functions that are in the output.
//
// DWARF 4: all readers of WebAssembly have that. Strings stand where they are used.
#include "core/dwarf/dwarf.h"
#include "core/link/write/compress_code.h"
#include "core/wasm/type_text.h"

#include <array>

namespace weld {

namespace {

using namespace dwarf;

// The zero at its end ends a string.
void put_text(ByteBuffer& out, std::string_view text) {
  out.append(text.substr(0, text.find('\0')));
  out.u8(0);
}

void put_u16(ByteBuffer& out, uint32_t value) {
  out.u8(value & 0xff);
  out.u8(value >> 8);
}

void set_u32(ByteBuffer& out, size_t at, size_t value) {
  write_le(out.data() + at, static_cast<uint32_t>(value));
}

// The kinds of entries, which .debug_abbrev describes.
enum UnitAbbreviation : uint8_t {
  CompileUnit = 1,
  BaseType,
  Parameter,
  Variable,
  Block,
  Function, // and three more: functions with variables, with a place, with both
};
constexpr uint8_t with_variables = 1, with_place = 2;

constexpr uint8_t abbreviations[] = {
    CompileUnit,
    tag::compile_unit,
    true, //
    attribute::producer,
    form::string, //
    attribute::language,
    form::data2, //
    attribute::name,
    form::string, //
    attribute::stmt_list,
    form::sec_offset, //
    attribute::low_pc,
    form::addr, //
    attribute::ranges,
    form::sec_offset,
    0,
    0, //
    BaseType,
    tag::base_type,
    false, //
    attribute::name,
    form::string, //
    attribute::encoding,
    form::data1, //
    attribute::byte_size,
    form::data1,
    0,
    0, //
#define WELD_VARIABLE(code, tag)                                                                             \
  code, tag, false, attribute::name, form::string, attribute::type, form::ref4, attribute::location,         \
      form::exprloc, 0, 0
    WELD_VARIABLE(Parameter, tag::formal_parameter),
    WELD_VARIABLE(Variable, tag::variable),
#undef WELD_VARIABLE
    Block,
    tag::lexical_block,
    true, //
    attribute::low_pc,
    form::addr, //
    attribute::high_pc,
    form::data4,
    0,
    0, //
#define WELD_FUNCTION(more)                                                                                  \
  Function + (more), tag::subprogram, ((more)&with_variables) != 0, attribute::low_pc, form::addr,           \
      attribute::high_pc, form::data4, attribute::name, form::string, attribute::external, form::flag
#define WELD_PLACE attribute::decl_file, form::udata, attribute::decl_line, form::udata
    WELD_FUNCTION(0),
    0,
    0,
    WELD_FUNCTION(with_variables),
    0,
    0, //
    WELD_FUNCTION(with_place),
    WELD_PLACE,
    0,
    0, //
    WELD_FUNCTION(with_place | with_variables),
    WELD_PLACE,
    0,
    0,
    0, //
#undef WELD_FUNCTION
#undef WELD_PLACE
};

// A function that is described: instruction -> offset in its body, and behind the last one its size.
struct DescribedFunction {
  UnitSymbol symbol;
  uint32_t row; // of the symbol, in the unit's object
  FunctionId id;
  Vector<uint32_t> offsets;

  uint32_t size() const { return offsets.back(); }
  uint32_t offset_of(uint32_t instruction) const {
    return offsets[std::min<size_t>(instruction, offsets.size() - 1)];
  }
};

// Addresses and section offsets are added here, as fields.
class SectionBuilder {
public:
  SectionBuilder(UnitSection& section, bool is_64) : out(section.bytes), section_(section), is_64_(is_64) {}

  ByteBuffer& out;

  void section_offset(UnitSectionId target) {
    UnitField field;
    field.target = target;
    add(field, 4);
  }
  void address(const DescribedFunction& f, uint32_t offset) {
    UnitField field;
    field.function = f.id;
    field.symbol = f.row;
    field.head = uleb_size(f.size());
    field.addend = offset;
    add(field, address_size());
  }
  uint8_t address_size() const { return is_64_ ? 8 : 4; }
  void no_address() {
    for (uint32_t i = 0; i < address_size(); i++) out.u8(0);
  }

private:
  void add(UnitField& field, uint32_t size) {
    field.offset = static_cast<uint32_t>(out.size());
    section_.fields.push_back(field);
    for (uint32_t i = 0; i < size; i++) out.u8(0);
  }

  UnitSection& section_;
  bool is_64_;
};

// --- .debug_line

// The files that functions in the output come from, numbered in the order in which they are met: so it makes no
// difference which files the unit has known besides.
class SourceFiles {
public:
  SourceFiles(const Unit& unit, std::span<const DescribedFunction> functions)
      : numbers_(unit.source_file_count()) {
    for (const DescribedFunction& f : functions) {
      const Room room = unit[f.symbol].lines;
      if (!room) continue;
      StoredLines lines(unit.at(room));
      note(lines.file);
      for (SourceRow row; lines.next(row);) note(row.file);
    }
  }

  const Vector<uint32_t>& files() const { return files_; } // of the unit, from number 1 on
  uint32_t number_of(uint32_t file) const { return numbers_[file]; }

private:
  void note(uint32_t file) {
    if (numbers_[file]) return;
    files_.push_back(file);
    numbers_[file] = static_cast<uint32_t>(files_.size());
  }

  Vector<uint32_t> numbers_, files_;
};

class LineProgram {
public:
  LineProgram(SectionBuilder section, const Unit& unit, const SourceFiles& files)
      : section_(section), out_(section.out), files_(files) {
    out_.u32_le(0); // the length of what follows
    put_u16(out_, 4);
    const size_t length_at = out_.size();
    out_.u32_le(0);
    out_.u8(1); // the smallest instruction
    out_.u8(1); // operations in an instruction
    out_.u8(1); // rows are for breakpoints
    out_.u8(static_cast<uint8_t>(line_base));
    out_.u8(line_range);
    out_.u8(opcode_base);
    out_.append(Bytes(operand_counts));
    out_.u8(0); // no directories but that of the unit
    for (uint32_t file : files_.files()) {
      const std::string_view path = unit.source_path(file);
      put_text(out_, path.empty() ? "?" : path); // an empty one would end the list
      for (int i = 0; i < 3; i++) out_.u8(0);    // directory, time, size
    }
    out_.u8(0);
    set_u32(out_, length_at, out_.size() - length_at - 4);
  }

  void add(const DescribedFunction& f, StoredLines lines) {
    address_ = 0;
    last_ = {0, files_.files()[0], 1, 0};
    extended(line_op::set_address, section_.address_size());
    section_.address(f, 0);
    put_row(0, {0, lines.file, lines.line, 0});
    bool is_first = true;
    for (SourceRow row; lines.next(row);) {
      const bool is_same = row.file == last_.file && row.line == last_.line && row.column == last_.column;
      if (is_same && !is_first) continue;
      if (is_first) out_.u8(line_op::set_prologue_end);
      is_first = false;
      put_row(f.offset_of(row.instruction), row);
    }
    advance(f.size());
    extended(line_op::end_sequence, 0);
  }

  void finish() { set_u32(out_, 0, out_.size() - 4); }

private:
  static constexpr int line_base = -5;
  static constexpr uint8_t line_range = 14, opcode_base = 13;
  static constexpr uint8_t operand_counts[opcode_base - 1] = {0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};

  void extended(uint8_t opcode, uint32_t operand_size) {
    out_.u8(line_op::extended);
    out_.uleb(1 + operand_size);
    out_.u8(opcode);
  }
  void number(uint8_t opcode, uint64_t value) {
    out_.u8(opcode);
    out_.uleb(value);
  }
  void advance(uint32_t address) {
    if (address != address_) number(line_op::advance_pc, address - address_);
    address_ = address;
  }

  void put_row(uint32_t address, const SourceRow& row) {
    if (row.file != last_.file) number(line_op::set_file, files_.number_of(row.file));
    if (row.column != last_.column) number(line_op::set_column, row.column);
    int64_t lines = int64_t{row.line} - last_.line;
    if (lines < line_base || lines >= line_base + line_range) {
      out_.u8(line_op::advance_line);
      out_.sleb(lines);
      lines = 0;
    }
    last_ = row;
    constexpr uint32_t most = (255 - opcode_base) / line_range - 1; // for any difference of lines
    if (address - address_ > most) advance(address);
    out_.u8(static_cast<uint32_t>(lines - line_base) + line_range * (address - address_) + opcode_base);
    address_ = address;
  }

  SectionBuilder section_;
  ByteBuffer& out_;
  const SourceFiles& files_;
  // The registers of the program, as far as they are used. Files are numbered as the unit has them.
  uint32_t address_ = 0;
  SourceRow last_;
};

// --- .debug_info

class InfoBuilder {
public:
  InfoBuilder(SectionBuilder section, const LinkContext& link, const Unit& unit, const SourceFiles& files)
      : section_(section), out_(section.out), link_(link), unit_(unit), files_(files),
        types_(unit.source_types().size()) {}

  void begin(UnitSectionId abbreviation, UnitSectionId lines, UnitSectionId ranges) {
    out_.u32_le(0); // the length of what follows
    put_u16(out_, 4);
    section_.section_offset(abbreviation);
    out_.u8(section_.address_size());
    out_.u8(CompileUnit);
    put_text(out_, "weld");
    put_u16(out_, language_c99); // debuggers show no values of a language that they do not know
    put_text(out_, unit_.name());
    section_.section_offset(lines);
    section_.no_address(); // ranges are from here on
    section_.section_offset(ranges);
  }

  void add(const DescribedFunction& f) {
    const UnitSymbolRow& row = unit_[f.symbol];
    variables_.clear();
    if (row.variables) {
      locals_ = unit_.local_types(f.symbol);
      StoredVariables stored(unit_.at(row.variables));
      for (SourceVariable v; stored.next(v);)
        if (const uint32_t type = type_of(v)) variables_.push_back({v, type});
    }
    uint32_t file = 0, line = 0;
    if (row.lines) {
      const StoredLines lines(unit_.at(row.lines));
      file = lines.file;
      line = lines.line;
    }
    out_.u8(Function + (line ? with_place : 0u) + (variables_.empty() ? 0u : with_variables));
    section_.address(f, 0);
    out_.u32_le(f.size());
    put_text(out_, link_.text(row.name));
    out_.u8((row.flags & symbol_flag::binding_mask) != symbol_flag::binding_local);
    if (line) {
      out_.uleb(files_.number_of(file));
      out_.uleb(line);
    }
    if (variables_.empty()) return;
    put_variables(f);
    out_.u8(0);
  }

  void finish() {
    out_.u8(0);
    set_u32(out_, 0, out_.size() - 4);
  }

private:
  struct TypedVariable {
    SourceVariable variable;
    uint32_t type; // offset in the unit
  };

  // The entry of a variable's type, made if it is the first of this type; 0: debuggers cannot read such a local.
  uint32_t type_of(const SourceVariable& v) {
    const ValueType local = locals_[v.local];
    if (v.type != none32 && has_value(local)) {
      const SourceType& type = unit_.source_types()[v.type];
      return entry_of(types_[v.type], link_.text(type.name), type.encoding, type.size);
    }
    switch (local) {
    case ValueType::I32: return entry_of(value_types_[0], "i32", SourceEncoding::Signed, 4);
    case ValueType::I64: return entry_of(value_types_[1], "i64", SourceEncoding::Signed, 8);
    case ValueType::F32: return entry_of(value_types_[2], "f32", SourceEncoding::Float, 4);
    case ValueType::F64: return entry_of(value_types_[3], "f64", SourceEncoding::Float, 8);
    case ValueType::V128: return entry_of(value_types_[4], "v128", SourceEncoding::Unsigned, 16);
    default: return 0;
    }
  }
  static bool has_value(ValueType type) { return type >= ValueType::V128 && type <= ValueType::I32; }

  uint32_t entry_of(uint32_t& entry, std::string_view name, SourceEncoding encoding, uint32_t size) {
    if (entry) return entry;
    entry = static_cast<uint32_t>(out_.size());
    out_.u8(BaseType);
    put_text(out_, name);
    out_.u8(static_cast<uint8_t>(encoding));
    out_.u8(size);
    return entry;
  }

  // Scopes that are not the function become blocks. They nest, and those with a larger scope come first.
  void put_variables(const DescribedFunction& f) {
    const auto instructions = static_cast<uint32_t>(f.offsets.size() - 1);
    const size_t params = signature_parts(unit_.signatures(), unit_[f.symbol].signature).params.size();
    struct Scope {
      uint32_t begin, end;
    };
    Vector<Scope> open = {{0, instructions}};
    for (const auto& [v, type] : variables_) {
      while (open.back().end < v.end || open.back().end <= v.begin) {
        open.pop_back();
        out_.u8(0);
      }
      if (open.back().begin != v.begin || open.back().end != v.end) {
        out_.u8(Block);
        section_.address(f, f.offset_of(v.begin));
        out_.u32_le(f.offset_of(v.end) - f.offset_of(v.begin));
        open.push_back({v.begin, v.end});
      }
      out_.u8(v.local < params && open.size() == 1 ? Parameter : Variable);
      put_text(out_, v.name);
      out_.u32_le(type);
      out_.uleb(3 + uleb_size(v.local));
      out_.u8(expression::wasm_location);
      out_.u8(expression::wasm_local);
      out_.uleb(v.local);
      out_.u8(expression::stack_value);
    }
    for (; open.size() > 1; open.pop_back()) out_.u8(0);
  }

  SectionBuilder section_;
  ByteBuffer& out_;
  const LinkContext& link_;
  const Unit& unit_;
  const SourceFiles& files_;
  Vector<uint32_t> types_;                   // of the unit -> its entry, or 0
  std::array<uint32_t, 5> value_types_ = {}; // likewise
  Vector<ValueType> locals_;                 // of the function that is added
  Vector<TypedVariable> variables_;          // likewise
};

// What a unit has, in the order of the sections in an object of LLVM.
constexpr std::string_view section_names[] = {".debug_abbrev", ".debug_info", ".debug_ranges", ".debug_line"};
using SectionIds = std::array<UnitSectionId, std::size(section_names)>;

class UnitDescriber {
public:
  UnitDescriber(const Link& link, CustomSections& custom, Output& output, const SymbolValues& values)
      : link_(link), custom_(custom), output_(output), code_(link, values) {}

  void describe(LinkObjectId id) {
    std::vector<DescribedFunction> functions = described_functions(link_.objects[id]);
    if (functions.empty()) return;
    SectionIds sections;
    for (UnitSectionId& section : sections) section = output_.unit_sections.add({});
    fill(id, functions, sections);
    for (size_t i = 0; i < sections.size(); i++) place(id, sections[i], section_names[i]);
  }

  bool describe_again(LinkObjectId id) {
    std::vector<DescribedFunction> functions = described_functions(link_.objects[id]);
    SectionIds sections;
    bool has_sections = false;
    for (const OutCustomSection& out : custom_.custom_sections)
      for (const OutChunk& chunk : out.chunks) {
        if (chunk.object != id || !chunk.is_of_unit()) continue;
        has_sections = true;
        for (size_t i = 0; i < sections.size(); i++)
          if (link_.text(out.name) == section_names[i]) sections[i] = chunk.unit_section();
      }
    if (has_sections != !functions.empty()) return false;
    if (!has_sections) return true;
    for (UnitSectionId section : sections) {
      output_.unit_sections[section].bytes.clear();
      output_.unit_sections[section].fields.clear();
    }
    fill(id, functions, sections);
    return true;
  }

private:
  void fill(LinkObjectId id, std::vector<DescribedFunction>& functions, const SectionIds& sections) {
    const auto [abbreviation, info, ranges, lines] = sections;
    const Unit& unit = *link_.objects[id].unit;
    output_.unit_sections[abbreviation].bytes.append(Bytes(abbreviations));
    const SourceFiles files(unit, functions);
    InfoBuilder info_builder(builder(info), link_, unit, files);
    info_builder.begin(abbreviation, lines, ranges);
    LineProgram program(builder(lines), unit, files);
    SectionBuilder range_builder = builder(ranges);
    for (DescribedFunction& f : functions) {
      code_.find_instructions(id, f.id, f.offsets);
      range_builder.address(f, 0);
      range_builder.address(f, f.size());
      info_builder.add(f);
      if (const Room room = unit[f.symbol].lines) program.add(f, StoredLines(unit.at(room)));
    }
    for (int i = 0; i < 2; i++) range_builder.no_address();
    info_builder.finish();
    program.finish();
  }

  // Those with lines or variables that are in the output, and that their symbols mean.
  std::vector<DescribedFunction> described_functions(const LinkObject& o) const {
    std::vector<DescribedFunction> functions;
    const Vector<uint32_t> symbols = o.defining_symbols();
    for (uint32_t i = 0; i < symbols.size(); i++) {
      const FunctionId id = o.function(i);
      if (symbols[i] == none32) continue; // a spare row
      const UnitSymbol symbol = o.unit->symbol_at(symbols[i]);
      const UnitSymbolRow& row = (*o.unit)[symbol];
      if ((row.lines || row.variables) && link_.function_live[id] && !link_.is_folded(id) &&
          link_.function_of(o, symbols[i]) == FunctionEntity(id))
        functions.push_back({symbol, symbols[i], id, {}});
    }
    return functions;
  }

  // Good until another section is added.
  SectionBuilder builder(UnitSectionId id) { return {output_.unit_sections[id], link_.is_64}; }

  // Behind what is in that section of the output.
  void place(LinkObjectId unit, UnitSectionId id, std::string_view name) {
    UnitSection& section = output_.unit_sections[id];
    const StringId interned = link_.intern(name);
    for (OutCustomId out(0); out.row < custom_.custom_sections.size(); out.row++)
      if (custom_.custom_sections[out].name == interned) section.section = out;
    if (!section.section) section.section = custom_.custom_sections.add({interned, {}, 0});
    OutCustomSection& out = custom_.custom_sections[section.section];
    OutChunk chunk(unit, id);
    section.offset = chunk.offset = out.size;
    chunk.size = section.bytes.size();
    out.size += chunk.size;
    out.chunks.push_back(chunk);
  }

  const Link& link_;
  CustomSections& custom_;
  Output& output_;
  CodeCompressor code_;
};

} // namespace

void describe_units(const Link& link, CustomSections& custom, Output& output) {
  const SymbolValues values(link);
  UnitDescriber describer(link, custom, output, values);
  for (LinkObjectId id : link.object_order)
    if (const LinkObject& o = link.objects[id]; o.unit && o.unit->has_source()) describer.describe(id);
}

bool describe_unit_again(const Link& link, CustomSections& custom, Output& output, const SymbolValues& values,
                         LinkObjectId unit) {
  return UnitDescriber(link, custom, output, values).describe_again(unit);
}

} // namespace weld
