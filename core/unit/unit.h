// Code that arrives function by function from a compiler in the same process. A unit is an input whose rows
// are edited one by one; a link sees it through the same tables as an object, built from the rows when one
// of them changed (build_unit.cpp), and lowers its functions with final indices.
//
//   Unit& unit = session.unit(session.add_unit("jit"));
//   UnitSymbol puts = unit.declare_function("puts", unit.type({i32}, {i32}));
//   UnitSymbol run = unit.declare_function("run", unit.type({}, {}));
//   unit.set_function(run, {}, code);   // says what is wrong in Session::diagnostics
//   unit.export_as(run, "run");
//   session.link(options);
//
// A symbol is a name of the unit, or a constant without one. Its number stays its own until `remove`; no other
// symbol gets the number. Every edit is checked; one that is refused leaves the unit as it was. What a declared symbol means is settled by the link: what
// the unit does not define is looked for elsewhere, as with objects.
#pragma once

#include "core/base/diagnostics.h"
#include "core/base/function_ref.h"
#include "core/base/string_pool.h"
#include "core/base/vector.h"
#include "core/unit/mir.h"
#include "core/unit/rooms.h"
#include "core/unit/source.h"
#include "core/unit/symbol_numbers.h"
#include "core/unit/unit_changes.h"
#include "core/unit/unit_growth.h"

#include <functional>
#include <string>

namespace weld {

// What messages call data without a name.
inline constexpr std::string_view constant_name = ".Lconstant";

namespace data_flag {
constexpr uint32_t strings = segment_flag::strings; // made of strings with a zero at their end: may be merged
constexpr uint32_t tls = segment_flag::tls;
constexpr uint32_t retain = segment_flag::retain; // kept although nothing refers to it
constexpr uint32_t read_only = 8;
constexpr uint32_t late = 16; // its content is asked for by each link; set_late_data says so
} // namespace data_flag

// A place in data or in a custom section that the linker fills.
struct Fixup {
  enum Kind : uint8_t {
    Address,
    TableSlot,
    // In custom sections alone:
    FunctionIndex,
    FunctionOffset, // of a function's first byte behind its size, from the payload of CODE
    SectionOffset,  // of another section's bytes, among those of the same name
    TypeIndex,
    GlobalIndex,
    TagIndex,
    TableNumber,
  } kind = Address;
  uint8_t width = 4;   // bytes: 4 or 8; custom sections: also 5 or 10, of a LEB128 number that is padded
  uint32_t offset = 0; // in the data
  UnitSymbol symbol;   // TypeIndex: its number is that of the type
  int64_t addend = 0;  // Address, FunctionOffset, SectionOffset

  bool operator==(const Fixup&) const = default;
};

// The content of late data, which depends on what is alive.
struct LateContent {
  Vector<uint8_t> bytes;
  Vector<Fixup> fixups; // to symbols that are alive
};
// `alive`: the unit's symbols that are in the output, in the order of their declaration. Must not edit anything. False: there is
// nothing to say, and the link fails.
using AskContent = std::function<bool(std::span<const UnitSymbol> alive, LateContent& content)>;

// A constant to begin with: its bits. References begin with null.
struct GlobalInit {
  uint64_t low = 0, high = 0; // high: upper half of a vector
};

// What a data symbol stands for: bytes in the memory, or a segment that code names.
enum class SegmentKind : uint8_t { Memory, PassiveData, PassiveElements };

// One of the names under which a symbol is exported, beside its own.
struct UnitExport {
  StringId name;          // none: the row is free
  uint32_t next = none32; // of the symbol, or the next free row
};

// What a unit says of itself, as an object does in `target_features` and `producers`.
struct StatedFeature {
  std::string_view name;
  bool forbidden = false; // no input may use it
};
struct StatedProducer {
  ProducerField field = ProducerField::Language;
  std::string_view name, version;
};

struct UnitSymbolRow {
  enum Meaning : uint8_t { Free, Declared, Defined, Alias } meaning = Free;
  SymbolKind kind = SymbolKind::Function;
  SegmentKind segment_kind = SegmentKind::Memory; // data
  StringId name;                                  // none: a constant
  Room encoded_name;
  uint32_t flags = 0; // symbol_flag: binding, visibility, no_strip; of a definition or alias
  uint32_t uses = 0;  // by code, data, aliases and constructors
  uint32_t calls = 0; // of these, by code that calls it
  StringId import_module, import_field; // none when nothing was said
  UnitSymbol target;                    // Alias
  bool exported = false;                // under its own name
  bool removed = false;                 // it goes when nothing uses it
  bool weak_reference = false;          // where it is not defined it may stay so
  StringId comdat; // function, data: its group, of which a link keeps the first; none: it is in none
  uint32_t first_export = none32; // under other names: a row of the unit's exports

  SignatureId signature;           // function, tag
  uint32_t init_priority = none32; // function: when it runs as a constructor
  uint32_t set_at = 0;             // function: the edit that set it, as `Unit` counts them
  uint32_t retyped_at = 0;         // function: the edit that last changed its signature
  uint32_t features = 0;           // function, global, table: bits by MirFeature
  // Function: StoredMir. Section: its bytes. Data: its bytes, none when all are zero. Global: StoredMir, and behind it its init as a module has it.
  Room body;
  // Data, globals, tables, sections: relocations as an object has them; of a global from its init, of a table by slots, of a
  // section from its bytes.
  Room fixups;
  Room lines, variables; // function: StoredLines, StoredVariables; none when it has none
  uint32_t fixup_count = 0;
  uint32_t size = 0; // data, section; global: where its init is in the body
  uint32_t p2align = 0;
  uint32_t data_flags = 0;
  StringId segment;  // data: the name of its segment; section: its name
  GlobalType global; // references name types of the unit, here and in `table`
  TableType table;

  bool defined() const { return meaning == Defined; }
  // A memory besides the linker's is kept as a table of ValueType::Memory.
  bool is_memory() const { return kind == SymbolKind::Table && table.element == ValueType::Memory; }
  std::string_view kind_text() const { return is_memory() ? "memory" : symbol_kind_text(kind, false); }
  // Whether a link sees it: somebody refers to it, or it is defined. (Only the unit's own code names passive segments.)
  bool is_in_tables() const {
    if (meaning == Defined && segment_kind == SegmentKind::Memory) return true;
    return meaning == Alias || (meaning != Free && uses);
  }
};

// The flags of a symbol in the tables that means nothing to a link.
constexpr uint32_t row_of_nothing = symbol_flag::binding_local | symbol_flag::undefined;

// How many rows the tables of a unit have for so many symbols: most new ones find one, so that declaring what nothing
// uses yet changes no table.
constexpr uint32_t symbol_rows(uint32_t symbols) {
  return (symbols + 63) / 64 * 64;
}

// The rows of symbols by their numbers. Rows that symbols left behind are Free, until they are closed up.
// Rows are read here. They are written by Unit::set_row alone, which knows what each change means for the next link.
class UnitSymbols {
  friend class Unit;

public:
  bool has(UnitSymbol symbol) const { return (*this)[symbol].meaning != UnitSymbolRow::Free; }
  // A row that is Free when there is no such symbol, or not any more.
  const UnitSymbolRow& operator[](UnitSymbol symbol) const {
    static constexpr UnitSymbolRow nothing;
    const uint32_t row = numbers_.row_of(symbol.row);
    return row < rows_.size() ? rows_[row] : nothing;
  }
  const UnitSymbolRow& row(uint32_t row) const { return rows_[row]; }
  uint32_t rows() const { return numbers_.rows(); }
  UnitSymbol at(uint32_t row) const { return numbers_.at(row); }
  const SymbolNumbers& numbers() const { return numbers_; }

  // Whether most rows are Free.
  bool is_sparse() const { return free_ >= 1024 && free_ > rows() / 2; }

  size_t memory_size() const { return rows_.size() * sizeof(UnitSymbolRow) + numbers_.memory_size(); }
  // For snapshots.
  template <class Stream>
  void describe(Stream& stream) {
    stream.rows(rows_);
    numbers_.describe(stream);
    stream.value(free_);
    if (rows_.size() != numbers_.rows()) stream.fail();
  }

private:
  UnitSymbol add(const UnitSymbolRow& row) {
    rows_.push_back(row);
    return numbers_.add();
  }
  // The number is not given again.
  void remove(uint32_t row) {
    rows_[row] = {};
    free_++;
  }
  // Closes up what is Free, in the same order. Gives row -> new row.
  Vector<uint32_t> close_up();

  Vector<UnitSymbolRow> rows_;
  SymbolNumbers numbers_;
  uint32_t free_ = 0; // rows
};

class Unit {
public:
  // `on_dropped_names` is called now and then when many names are not used any more. It may give names other ids.
  Unit(std::string name, bool is_64, StringPool& strings, SignaturePool& signatures, Diagnostics& diagnostics,
       const std::function<void()>& on_dropped_names)
      : name_(std::move(name)), is_64_(is_64), strings_(strings), signatures_(signatures),
        diagnostics_(diagnostics), on_dropped_names_(on_dropped_names) {}

  // --- types
  // References to defined types have the unit's numbers.
  // The number of a function type: for functions and tags, for calls through a table and for blocks. none32 when it is
  // refused.
  uint32_t type(std::span<const ValueType> params, std::span<const ValueType> results);
  // The numbers of the types of a recursive group, in which references with `ref_type::in_group` go to its own types.
  // Equal groups have equal numbers. Empty when it is refused.
  Vector<uint32_t> define_types(std::span<const TypeDefinition> group);
  // Whether values can have the type: its references name types of the unit.
  bool is_value_type(ValueType type) const;
  // The same type, with references that name rows of the pool; and back.
  ValueType in_pool(ValueType type) const;
  ValueType of_pool(ValueType type) const;
  // The type with this number, with the unit's numbers.
  TypeDefinition type_definition(uint32_t type) const;

  // --- names. Declaring one again gives the same symbol; none, with a message, when it is of another kind or
  // type. `flags`: symbol_flag's binding_weak for a reference that may stay undefined.
  UnitSymbol declare_function(std::string_view name, uint32_t type, uint32_t flags = 0);
  UnitSymbol declare_data(std::string_view name, uint32_t flags = 0);
  // A segment for memory.init and data.drop, or for table.init and elem.drop. It is the unit's own: no other
  // input sees it. Such segments are in linked modules only: object files have no way to name them.
  UnitSymbol declare_segment(std::string_view name, SegmentKind kind);
  UnitSymbol declare_global(std::string_view name, GlobalType type, uint32_t flags = 0);
  UnitSymbol declare_table(std::string_view name, const TableType& type, uint32_t flags = 0);
  // A memory besides the linker's, which is for data and what objects do. Object files have no such memories.
  UnitSymbol declare_memory(std::string_view name, const Limits& limits, uint32_t flags = 0);
  UnitSymbol declare_tag(std::string_view name, uint32_t type, uint32_t flags = 0);
  // Bytes of a custom section. The symbol is the unit's own: only fixups of custom sections name it.
  UnitSymbol declare_section(std::string_view name);
  UnitSymbol find(std::string_view name) const; // none when it is not declared

  // --- definitions. Setting one again replaces it. `flags`: binding, visibility_hidden, no_strip.
  // The function gets this type; callers that were set before must be set again when it is another one.
  bool set_function(UnitSymbol symbol, uint32_t type, std::span<const ValueType> locals, const MirCode& code,
                    uint32_t flags = 0, const FunctionSource& source = {});
  // As it was declared.
  bool set_function(UnitSymbol symbol, std::span<const ValueType> locals, const MirCode& code,
                    uint32_t flags = 0, const FunctionSource& source = {});
  // `section` names the output segment, when it is not to be .data, .rodata or .bss.
  bool set_data(UnitSymbol symbol, Bytes bytes, uint32_t p2align, std::span<const Fixup> fixups = {},
                uint32_t data_flags = 0, uint32_t flags = 0, std::string_view section = {});
  bool set_zeros(UnitSymbol symbol, uint32_t size, uint32_t p2align, uint32_t data_flags = 0,
                 uint32_t flags = 0, std::string_view section = {});
  // Data whose content each link asks for that is not made from the one before, when it is known what is alive. What the
  // content refers to is alive for other reasons, else it is refused.
  bool set_late_data(UnitSymbol symbol, AskContent ask, uint32_t p2align, uint32_t data_flags = 0,
                     uint32_t flags = 0, std::string_view section = {});
  bool set_passive_data(UnitSymbol symbol, Bytes bytes);
  bool set_passive_elements(UnitSymbol symbol, std::span<const UnitSymbol> functions);
  bool set_global(UnitSymbol symbol, const GlobalInit& init, uint32_t flags = 0);
  // By a constant expression: constants, `i32.data` and `i32.func` (or those of 64 bits), `ref.func`, `global.get` of what
  // never changes, additions, subtractions and multiplications of these, with an `end`. Object files have only constants.
  bool set_global_code(UnitSymbol symbol, const MirCode& code, uint32_t flags = 0);
  bool set_table(UnitSymbol symbol, uint32_t flags = 0);
  // `elements`: functions that it begins with, from slot `first` on; none: null. Object files have no such elements.
  bool set_table(UnitSymbol symbol, std::span<const UnitSymbol> elements, uint32_t first, uint32_t flags = 0);
  bool set_memory(UnitSymbol symbol, uint32_t flags = 0);
  bool set_tag(UnitSymbol symbol, uint32_t flags = 0);
  // `section`: the name of the custom section, when it is not the symbol's. Sections of one name become one, as those of
  // objects do.
  bool set_section(UnitSymbol symbol, Bytes bytes, std::span<const Fixup> fixups = {},
                   std::string_view section = {});
  // Another name of a function or data of this unit.
  bool set_alias(UnitSymbol symbol, UnitSymbol target, uint32_t flags = 0);
  // Data without a name, one for equal bytes and fixups, with the largest alignment that was asked for.
  UnitSymbol constant(Bytes bytes, uint32_t p2align, std::span<const Fixup> fixups = {});

  // --- where functions come from. Setting a function again takes its lines and variables back.
  // The number of a source file. 0 is the file that has the unit's name. none32 when it is refused.
  uint32_t source_file(std::string_view path);
  // The number of a type that variables have. none32 when it is refused.
  uint32_t source_type(std::string_view name, SourceEncoding encoding, uint32_t size);
  // Replace those of a function that is set. Its code stays.
  bool set_lines(UnitSymbol symbol, const FunctionLines& lines);
  bool set_variables(UnitSymbol symbol, std::span<const SourceVariable> variables);

  // --- what else there is to say about a symbol
  // What is not defined is imported under this name, from this module.
  bool import_from(UnitSymbol symbol, std::string_view module, std::string_view field);
  // Exports it under one more name; none: its own. An alias has its own exports.
  bool export_as(UnitSymbol symbol, std::string_view name = {});
  bool run_at_start(UnitSymbol symbol, uint32_t priority = 65535);
  // Puts a function or data into a group. Of several inputs that have the group, a link takes all of it from the first; in
  // the others the members are only declared. Empty: into none.
  bool set_comdat(UnitSymbol symbol, std::string_view group);

  // --- what the unit says of itself, beyond what its instructions and types need. Replaces what was said before.
  bool set_features(std::span<const StatedFeature> features);
  bool set_producers(std::span<const StatedProducer> producers);

  // --- taking back
  // Takes back the definition, what was said about the symbol, and that it was declared. The symbol is there, as
  // a declared one, while something in the unit refers to it. Then its name is free, and the number means nothing:
  // edits and code that still have it are refused. Declaring or defining the symbol before that keeps it.
  bool remove(UnitSymbol symbol);
  bool unimport(UnitSymbol symbol);
  bool unexport(UnitSymbol symbol); // under all names
  bool unexport(UnitSymbol symbol, std::string_view name);
  bool run_no_more(UnitSymbol symbol);

  // --- for the session and the link
  const std::string& name() const { return name_; }
  bool is_64() const { return is_64_; }
  // What was edited since the tables were made.
  const UnitChanges& changes() const { return changes_; }
  // Gives back what rows and rooms that are not used any more take, when it is much. Rows of symbols may change.
  void tidy();
  // The tables that a link reads, made of the rows; false when they do not fit together, which is reported.
  // `leaves_room`: with spare rows, so that the unit can grow.
  bool build(ObjectTables& tables, bool leaves_room = false);
  bool has_room() const { return has_room_; }
  // Whether the tables grew, and so are no longer those that `build` makes.
  bool is_grown() const { return is_grown_; }
  // Brings the tables' rows of a symbol up to date that is another one in more than contents. Says what it is now. Why there
  // is no room; null: there is. `update` has to follow.
  const char* grow(Object& object, const UnitChanges::Row& change, UnitGrowth& growth);
  // The same where only contents were edited: makes those rows of the tables anew.
  // The old contents stay in their rooms until `end_update`.
  void update(Object& object);
  void end_update() { changes_.clear(rooms_); }
  // Whether they are what `build` makes. Costs as much.
  bool is_up_to_date(const Object& object);
  Bytes bytes() const { return rooms_.all(); } // what the tables' offsets are about
  StoredMir function(uint32_t offset) const { return StoredMir::read(rooms_.all().data() + offset); }
  bool has_late_data() const { return late_count_ != 0; }
  // Late data has no content until it is asked for.
  void forget_late_content();
  // Sets the content of late data that is alive. `is_alive`: of a row of the tables. False when something is refused, which is
  // reported.
  bool ask_late_content(FunctionRef<bool(uint32_t row)> is_alive);
  // Their indices are rows of the tables.
  MirRefs refs(const StoredMir& function) const {
    return {function.code, function.typed_locals(), symbols_.numbers(), function_table_.row, is_64_};
  }
  // A row that is Free when there is no such symbol, or not any more.
  const UnitSymbolRow& operator[](UnitSymbol symbol) const { return symbols_[symbol]; }
  bool has(UnitSymbol symbol) const { return symbols_.has(symbol); }
  // What is wrong with a number that no symbol has.
  std::string why_unknown(UnitSymbol symbol) const;
  // How many names went with their symbols, since names were last given other ids.
  uint32_t dropped_names() const { return dropped_names_; }
  // Those that there are, by their rows; `symbol_at` gives what was removed too, until rows are closed up.
  uint32_t symbol_count() const { return symbols_.rows(); }
  UnitSymbol symbol_at(uint32_t row) const { return symbols_.at(row); }
  const UnitSymbolRow& row(uint32_t row) const { return symbols_.row(row); }
  Vector<StringId> export_names(UnitSymbol symbol) const; // sorted
  Vector<Fixup> fixups(UnitSymbol symbol) const; // of data or a custom section, in the order of their places
  // Of a global that is defined: its initial value.
  MirCode initial_value(UnitSymbol symbol) const { return function(symbols_[symbol].body.offset).code; }
  // Of a table that is defined: the functions that it begins with; none: null. `first`: the slot of the first one.
  Vector<UnitSymbol> elements(UnitSymbol symbol, uint32_t& first) const;
  // Of data: its bytes; none when all are zero.
  Bytes content(UnitSymbol symbol) const {
    return symbols_[symbol].body ? rooms_.bytes(symbols_[symbol].body) : Bytes();
  }
  const Vector<SignatureId>& types() const { return types_; }
  const SignaturePool& signatures() const { return signatures_; }
  const StringPool& strings() const { return strings_; }
  size_t memory_size() const; // what its rows take
  // Whether some function has lines or names of locals.
  bool has_source() const { return sources_ != 0; }
  std::string_view source_path(uint32_t file) const;
  uint32_t source_file_count() const { return static_cast<uint32_t>(source_files_.size()) + 1; }
  const Vector<SourceType>& source_types() const { return source_types_; }
  // Where an instruction of a function comes from. No line: not known.
  SourcePlace place_of(const UnitSymbolRow& function, uint32_t instruction) const;
  // The types of a function's parameters and locals.
  Vector<ValueType> local_types(UnitSymbol symbol) const;
  const uint8_t* at(Room room) const { return rooms_.at(room); }
  template <class OfString, class OfSignature>
  void for_each_name(OfString of_string, OfSignature of_signature) const {
    for (SignatureId id : types_) of_signature(id);
    for (uint32_t i = 0; i < symbols_.rows(); i++) {
      const UnitSymbolRow& row = symbols_.row(i);
      for (StringId id : {row.name, row.import_module, row.import_field, row.segment, row.comdat})
        of_string(id);
      of_signature(row.signature);
    }
    for (const UnitExport& row : exports_) of_string(row.name);
    for (const FeatureRow& row : features_) of_string(row.name);
    for (const ProducerRow& row : producers_) {
      of_string(row.name);
      of_string(row.version);
    }
    for (StringId id : source_files_) of_string(id);
    for (const SourceType& type : source_types_) of_string(type.name);
  }
  // Gives names and signatures other ids: row -> row in other pools.
  void renumber(std::span<const uint32_t> strings, std::span<const uint32_t> signatures);

  // For snapshots. The tables are built anew.
  template <class Stream>
  void describe(Stream& stream) {
    symbols_.describe(stream);
    stream.rows(symbol_of_name_);
    stream.value(dropped_names_);
    stream.rows(types_);
    stream.rows(type_of_signature_);
    stream.rows(constant_slots_);
    stream.rows(features_);
    stream.rows(producers_);
    stream.value(constant_count_);
    stream.rows(exports_);
    stream.value(free_export_);
    if (Stream::is_reader || changes_.rows().empty()) {
      rooms_.describe(stream);
    } else {
      Rooms saved = rooms_;
      changes_.give_back(saved);
      saved.describe(stream);
    }
    stream.value(function_table_);
    stream.value(edits_);
    stream.value(last_retyped_);
    stream.rows(source_files_);
    stream.rows(source_types_);
    stream.value(sources_);
    stream.value(late_count_); // who is asked is not kept
  }

private:
  static constexpr UnitSymbol dropped{UnitSymbol::none_row - 1};
  static constexpr uint32_t least_dropped = 4096;

  UnitSymbol declare(std::string_view name, SymbolKind kind, uint32_t flags);
  UnitSymbol declare_rows(std::string_view name, const TableType& type, uint32_t flags); // a table or a memory
  uint32_t number_of_type(SignatureId type);
  bool is_there(UnitSymbol symbol);
  bool is_symbol(UnitSymbol symbol, SymbolKind kind, std::string_view what);
  bool check_flags(UnitSymbol symbol, uint32_t flags);
  class Builder;
  bool refuse(UnitSymbol symbol, std::string_view why);
  bool refuse(std::string_view name, std::string_view why);
  // The only way to change a row (unit_rows.cpp): `now` is what it becomes, in rooms that are new or those that it has.
  // Compares the two, counts what they refer to, gives back the rooms of `before`, and notes what the change means for
  // the next link. What is said of a unit beside rows calls `changes`.
  void set_row(UnitSymbol symbol, UnitSymbolRow now);
  UnitSymbol add_row(const UnitSymbolRow& row);
  void changes(const char* why) { changes_.change(why, rooms_); }
  const char* why_new_tables(const UnitSymbolRow& before, const UnitSymbolRow& now,
                             bool has_new_content) const;
  void note(uint32_t at, UnitSymbolRow& before, const UnitSymbolRow& now, bool has_new_content);
  void note_exports(UnitSymbol symbol, const char* why); // of another list of names
  bool may_grow(const UnitSymbolRow& before, const UnitSymbolRow& now) const;
  bool has_features(const Object& object, UnitSymbol symbol, const UnitSymbolRow& row) const;
  uint32_t features_of_type(UnitSymbol symbol, const UnitSymbolRow& row) const; // bits of MirFeature
  uint32_t features_of_mutable(const UnitSymbolRow& row) const;
  const char* grow_exports(Object& object, const UnitSymbolRow& now, UnitGrowth& growth);
  ImportRow import_row(const UnitSymbolRow& row) const; // of a symbol that is only declared, but for data
  uint32_t flags_of_declared(UnitSymbol symbol, const UnitSymbolRow& row) const;
  bool has_same_content(const UnitSymbolRow& a, const UnitSymbolRow& b) const;
  bool has_same_fixups(const UnitSymbolRow& a, const UnitSymbolRow& b) const;
  bool is_same(Room a, Room b) const;
  void count(uint32_t at, int32_t uses, int32_t calls);
  void count_features(const UnitSymbolRow& row, uint32_t by);
  // The row without what the symbol stands for, to be defined again.
  UnitSymbolRow undefined_row(UnitSymbol symbol) const;
  static void define(UnitSymbolRow& row, uint32_t flags);
  void free_export(uint32_t& at);
  void remove_exports(UnitSymbol symbol);
  bool is_segment(UnitSymbol symbol, SegmentKind kind);
  struct DataTraits {
    uint32_t p2align;
    uint32_t data_flags;
    uint32_t flags;
    std::string_view section = {};
  };
  bool is_data(UnitSymbol symbol);
  bool check_data(UnitSymbol symbol, Bytes bytes, uint32_t p2align, uint32_t data_flags, uint32_t flags);
  bool check_fixups(UnitSymbol symbol, size_t size, std::span<const Fixup> fixups, Vector<Fixup>& sorted);
  std::string wrong_fixup(const Fixup& fixup, bool in_section) const;
  struct LateData {
    UnitSymbol symbol;
    AskContent ask;
    std::string section; // as it was given
  };
  void forget_late_data(UnitSymbol symbol);
  void store_late_data(UnitSymbol symbol, std::string_view section, const DataTraits& traits,
                       const LateContent& content);
  bool ask_late_content(const LateData& late, std::span<const UnitSymbol> alive,
                        FunctionRef<bool(uint32_t row)> is_alive, LateContent& content);
  void encode_fixups(std::span<const Fixup> fixups, uint32_t base, UnitSymbolRow& row);
  void store_data(UnitSymbol symbol, Bytes bytes, uint32_t size, std::span<const Fixup> fixups,
                  const DataTraits& traits);
  bool is_same_constant(UnitSymbol symbol, Bytes bytes, std::span<const Fixup> fixups) const;
  uint64_t hash_of_constant(UnitSymbol symbol) const;
  void make_room_for_constant();
  void order_constants(Vector<uint32_t>& rows) const;
  bool need_function_table();
  // What a definition refers to, as often as it does: each(row, whether as a call does).
  template <class Each>
  void for_each_use(const UnitSymbolRow& row, Each each) const;
  bool may_add(); // one more symbol
  uint32_t row_of(UnitSymbol symbol) const { return symbols_.numbers().row_of(symbol.row); }
  void forget(uint32_t at);                // it was removed, and nothing uses it
  void forget_constant(UnitSymbol symbol); // so that it is not found any more
  Room move_fixups(const UnitSymbolRow& row, Room body, const Rooms& old, const Vector<uint32_t>& moved);
  std::string segment_name(std::string_view name, uint32_t data_flags, bool zeros,
                           std::string_view section) const;
  bool report_stale_calls(const UnitSymbolRow& caller);

  // Lines and variables as they are kept (source.cpp).
  struct EncodedSource {
    ByteBuffer lines, variables;
    size_t size() const { return lines.size() + variables.size(); }
  };
  SourcePlace place_of(const SourceRow& row) const;
  SourcePlace place_in(const FunctionLines& lines, uint32_t instruction) const;
  // What is wrong with them; empty: nothing.
  std::string wrong_lines(const FunctionLines& lines, uint32_t instructions) const;
  std::string wrong_variables(std::span<const SourceVariable> variables, uint32_t locals,
                              uint32_t instructions) const;
  std::string encode_source(const FunctionSource& source, uint32_t params, uint32_t locals,
                            uint32_t instructions, EncodedSource& out) const;
  Room store_source(const ByteBuffer& encoded);
  bool edit_source(UnitSymbol symbol, const FunctionSource& source, Room UnitSymbolRow::*room,
                   ByteBuffer EncodedSource::*encoded);

  const std::string name_;
  const bool is_64_;
  StringPool& strings_;
  SignaturePool& signatures_;
  Diagnostics& diagnostics_;
  const std::function<void()>& on_dropped_names_;

  UnitSymbols symbols_;
  Vector<UnitSymbol> symbol_of_name_;  // StringId -> symbol, or `dropped`
  uint32_t dropped_names_ = 0;         // those that are `dropped`
  uint32_t ask_at_ = least_dropped;    // as many: on_dropped_names_ is called
  Vector<SignatureId> types_;          // in the order in which they were asked for
  Vector<uint32_t> type_of_signature_; // SignatureId -> type, or none32
  Vector<uint32_t> constant_slots_;    // open addressing by content: symbol + 1; see unit.cpp
  uint32_t constant_count_ = 0;        // slots that are taken, by removed constants too
  Vector<FeatureRow> features_;        // stated, not those of its instructions
  Vector<ProducerRow> producers_;
  Vector<UnitExport> exports_;
  uint32_t free_export_ = none32; // the first free row of these
  std::vector<LateData> late_;    // who is asked for late data
  uint32_t late_count_ = 0;       // late data that there is; more than in late_ after a snapshot was restored
  Rooms rooms_;
  UnitSymbol function_table_; // once something uses it
  uint32_t edits_ = 0;        // functions that were set or changed their signature
  uint32_t last_retyped_ = 0;
  Vector<StringId> source_files_; // from number 1 on
  Vector<SourceType> source_types_;
  uint32_t sources_ = 0; // lists of lines, and of variables, that functions have
  UnitChanges changes_;
  uint32_t table_rows_ = 0, table_types_ = 0; // how many symbols and types the tables have room for
  uint32_t built_types_ = 0;                  // how many types are in the tables
  // Rows of the tables that nothing has: only where there is room.
  Vector<uint32_t> spare_functions_, spare_segments_, spare_imports_;
  bool has_room_ = false, is_grown_ = false;
  uint32_t built_retyped_ = 0; // last_retyped_ when the tables were made
  uint32_t setting_ = none32;  // the row that set_row writes
  uint32_t feature_rows_[feature_count] =
      {}; // by MirFeature: functions whose instructions need it, when tables were made
};

template <class Each>
void Unit::for_each_use(const UnitSymbolRow& row, Each each) const {
  if (row.meaning == UnitSymbolRow::Alias) return each(row_of(row.target), false);
  if (row.meaning != UnitSymbolRow::Defined) return;
  if (row.kind == SymbolKind::Function) {
    const StoredMir stored = function(row.body.offset);
    refs({stored.code, {}, false}).for_each([&](const RelocRow& reloc) {
      const RelocType type = reloc.reloc_type();
      if (type == RelocType::TYPE_INDEX_LEB) return;
      each(reloc.index, type == RelocType::FUNCTION_INDEX_LEB);
    });
  } else if (row.fixup_count) {
    // Globals, tables and `ref.func` need the function itself, as a call does.
    const bool is_initial = row.kind == SymbolKind::Global || row.kind == SymbolKind::Table;
    for (const RelocRow& reloc : RelocRange(bytes(), {row.fixups.offset, row.fixup_count}))
      if (const RelocType type = reloc.reloc_type(); type != RelocType::TYPE_INDEX_LEB)
        each(reloc.index, is_initial && type == RelocType::FUNCTION_INDEX_I32);
  }
}

// Whether the instructions are well formed: known, with operands that exist and blocks that balance. The
// types of values are not followed. Says what is wrong with which instruction, and counts what is needed.
struct MirCheck {
  uint32_t instruction = 0;
  std::string error; // empty: none
  uint32_t features = 0;
  bool uses_function_table = false;
};
MirCheck check_mir(const Unit& unit, SignatureId signature, std::span<const ValueType> locals,
                   const MirCode& code);

} // namespace weld
