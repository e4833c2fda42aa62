// weld as a library: links WebAssembly objects, archives and code of your own into modules, in memory. The core reads no
// files, starts no threads, throws nothing, and prints nothing.
//
//   weld::api::Linker linker;
//   linker.add("a.o", bytes);                       // copies the bytes
//   weld::api::Options options;
//   options.entry = "";                             // no entry: --no-entry
//   options.exports = {"add"};
//   weld::api::Result result = linker.link(options);
//   if (!result.ok) for (const auto& message : result.messages) std::puts(message.rendered.c_str());
//
// A linker keeps what it has parsed. After an edit (`replace`, a unit's `set_function`), `link` does again only what the
// edit can change. All results are the same as those of a new linker with the same inputs.
//
// A linker and its units belong to one thread at a time. Different linkers are independent of each other.
// Handles (Input, Symbol, Type) belong to the linker or unit that made them; others refuse them with a message.
#pragma once

#include "weld/options.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weld {
class Unit; // of the inside
struct Fixup;
} // namespace weld

namespace weld::api {

using Bytes = std::span<const uint8_t>;

std::string_view version(); // "0.1.0"

// --- Results

struct Stats {
  std::vector<std::pair<std::string, double>> phases; // name, milliseconds
  uint32_t objects = 0;                               // linked
  uint32_t parsed = 0;                                // objects parsed since the last link
  uint32_t rewritten = 0; // functions written again into the last output; 0: none, or everything was made
  std::string full; // why everything was made, such as "a new function"; empty: the last output was edited
  uint64_t input_bytes = 0;
  uint64_t output_bytes = 0;
};

struct Result {
  bool ok = false;
  Bytes output;            // the module. Good until the next edit or link of the linker, which owns it
  std::string why_extract; // tab-separated; when asked for
  std::string map;         // text; when asked for
  std::string metafile;    // JSON; when asked for: core/report/README.md
  std::string source_map;  // JSON; when asked for: version 3 of the format. Columns are offsets in the module
  std::vector<uint8_t> debug_file; // a module with debug information; when asked for
  std::vector<Message> messages;   // of this link
  Stats stats;

  std::vector<uint8_t> copy() const { return {output.begin(), output.end()}; }
};

// Why something cannot be patched, or what a patch leaves as it is. `symbol` may be empty.
struct PatchReason {
  std::string symbol, text;
};

// What turns the running program into what a link would make (core/link/patch/README.md).
struct Patch {
  bool ok = false;                  // else messages say why
  std::vector<uint8_t> bytes;       // a module; empty with `restart`, and when the program is up to date
  std::vector<PatchReason> restart; // why only a new program can have the edits: it is in `result`
  std::vector<PatchReason> kept;    // what the running program keeps as it is
  std::vector<std::string> changed; // functions that the patch replaces or adds
  uint64_t before = 0, after = 0;   // what the program's global `__weld_live.state` has
  Result result;                    // with `restart` a link for a new program; else it has no output
};

// --- Inputs

// An input of a linker.
class Input {
public:
  Input() = default;
  explicit operator bool() const { return owner_ != 0; }
  bool operator==(const Input&) const = default;

private:
  friend class Linker;
  friend class Unit;
  uint64_t owner_ = 0;
  uint32_t row_ = 0, generation_ = 0;
};

struct InputOptions {
  bool whole_archive = false; // link every member
  bool lazy = false;          // an object: link it when something needs it, as a member of an archive
};

// Bytes that somebody owns. `release` is called once, when the linker needs them no more; null: never.
struct OwnedBytes {
  const uint8_t* data = nullptr;
  size_t size = 0;
  void (*release)(const uint8_t* data, size_t size) = nullptr;
};

// Fetches a member's file of a thin archive; nothing when there is no such file.
using ThinMember =
    std::function<std::optional<std::vector<uint8_t>>(const std::string& archive, const std::string& member)>;

class Unit;

struct LinkerOptions {
  // Keep what a link found out, so that the next one after a small edit is fast. Costs about the memory of the inputs.
  bool incremental = true;
  // With `incremental`: leave room in the output, so that new functions, data and table slots of units need no full link. The
  // output then has other bytes than that of a new linker, and does the same. What nothing refers to any more may stay.
  // `full` of the result says what there was no room for. Not with `validate`, `export_all` and options that need full links.
  bool leaves_room = false;
  // Lends threads: calls `task(i)` for each i in [0, count), in any order, and returns when all are done. Results are the same
  // with any number of threads.
  uint32_t threads = 1;
  std::function<void(size_t count, const std::function<void(size_t)>& task)> parallel_for;
  std::function<std::optional<std::string>(const std::string& path)> read_source; // for source_map_content
};

class Linker {
public:
  explicit Linker(LinkerOptions options = {});
  ~Linker();
  Linker(Linker&&) noexcept;
  Linker& operator=(Linker&&) noexcept;

  // Adds an object, an archive, a shared library or a stub library (.imports) at the end of the link order. None when it is
  // malformed: `messages` says why, and nothing was added.
  Input add(std::string path, Bytes bytes, InputOptions options = {}, const ThinMember& thin_member = {});
  Input add(std::string path, OwnedBytes bytes, InputOptions options = {}, const ThinMember& thin_member = {});
  // Adds a unit: code that you hand over function by function. `is_64`: for a memory of 64 bits.
  Unit add_unit(std::string name, bool is_64 = false);
  // Puts other bytes in an input's place. False when they are malformed or the input is not this linker's; then nothing has
  // changed.
  bool replace(Input input, Bytes bytes, const ThinMember& thin_member = {});
  // False when the input is not this linker's, or was removed before. What a unit's handle refers to ends with it.
  bool remove(Input input);
  // The link order. A new one must have the same inputs, else it is refused.
  std::vector<Input> order() const;
  bool set_order(std::span<const Input> order);

  // Links the inputs in their order. Options are checked and finished here.
  Result link(const Options& options);

  // With Options::live: makes a patch of the program that the last such link made, with the edits since then. `state`: what the
  // program's global `__weld_live.state` has now. Without it, each patch counts as applied.
  Patch patch(const Options& options, std::optional<uint64_t> state = {});

  // The linker's state as one buffer, for `restore`, with the last link if nothing was edited since. Empty, with a message, when that cannot be done.
  std::vector<uint8_t> save();
  // Into a linker without inputs. Believes what passes its checksum: restore only what you have saved. False, with a message,
  // when it is damaged or of another version.
  bool restore(Bytes snapshot);
  // The unit with this name, for example after `restore`; none when there is none.
  Unit unit(std::string_view name);

  // What the last call that edits, links, saves or restores had to say.
  const std::vector<Message>& messages() const;

private:
  friend class Unit;
  struct State;
  std::unique_ptr<State> state_;
};

// --- Units

// References among these may be null. `non_null` makes the others, and `Unit::ref` those to types that a unit defines, which
// are good for that unit.
enum class ValueType : uint32_t {
  I32 = 0x7f,
  I64 = 0x7e,
  F32 = 0x7d,
  F64 = 0x7c,
  V128 = 0x7b,
  I8 = 0x78, // of fields of structs and arrays alone
  I16 = 0x77,
  NullExnRef = 0x74,
  NullFuncRef = 0x73,
  NullExternRef = 0x72,
  NullRef = 0x71,
  FuncRef = 0x70,
  ExternRef = 0x6f,
  AnyRef = 0x6e,
  EqRef = 0x6d,
  I31Ref = 0x6c,
  StructRef = 0x6b,
  ArrayRef = 0x6a,
  ExnRef = 0x69,
};
constexpr ValueType non_null(ValueType reference) {
  return static_cast<ValueType>(static_cast<uint32_t>(reference) | 1u << 30);
}

// A name of a unit, or data without a name. Good as long as the unit.
class Symbol {
public:
  Symbol() = default;
  explicit operator bool() const { return row_ != none; }
  bool operator==(const Symbol&) const = default;

private:
  friend class Unit;
  friend class Code;
  static constexpr uint32_t none = ~0u;
  uint64_t unit_ = 0;
  uint32_t row_ = none;
};

// A type of a unit: of functions, of structs or of arrays.
class Type {
public:
  explicit operator bool() const { return unit_ != 0; }
  bool operator==(const Type&) const = default;

private:
  friend class Unit;
  friend class Code;
  uint64_t unit_ = 0;
  uint32_t number_ = 0;
};

// A field of a struct or array, or a parameter.
struct Field {
  ValueType type = ValueType::I32;
  bool is_mutable = false;
};

// What a type of a recursive group is made of: Unit::define_types.
struct TypeDefinition {
  enum class Kind : uint8_t { Function, Struct, Array };
  static constexpr uint32_t none = ~0u;

  Kind kind = Kind::Struct;
  std::vector<Field> fields;      // of an array one; of a function its parameters
  std::vector<ValueType> results; // of a function
  bool is_final = true;           // no other type may have it as its supertype
  Type super;                     // its supertype: of the unit
  uint32_t super_in_group = none; // or of the group, by its number
  // The reference to a type of the group that is being defined, by its number.
  static constexpr ValueType ref(uint32_t number, bool is_nullable = true) {
    return static_cast<ValueType>(1u << 31 | (is_nullable ? 0 : 1u << 30) | 1u << 29 | number);
  }
};

// The place in a source that the instructions from `instruction` on come from, up to those of the next one. Lines and columns
// count from 1. Line 0: they come from no line.
struct SourceLine {
  uint32_t instruction = 0;
  uint32_t line = 0, column = 0;
  uint32_t file = 0; // Unit::source_file
};

// What a parameter or local is called in the source. Its scope is the instructions from `begin` up to `end`; scopes nest.
struct Variable {
  std::string_view name;
  uint32_t local = 0;  // parameters first
  uint32_t type = ~0u; // Unit::source_type; by default that of the local
  uint32_t begin = 0, end = ~0u;
};

// How a debugger shows a value.
enum class Encoding : uint8_t {
  Address = 1,
  Boolean = 2,
  Float = 4,
  Signed = 5,
  SignedChar = 6,
  Unsigned = 7,
  UnsignedChar = 8,
  Utf = 16,
};

// The instructions of the format; core/unit/README.md says what each takes.
enum class Op : uint16_t {
#define WELD_OP(id, name, code, operand, number, feature) id = code,
#include "weld/opcodes.def"
#undef WELD_OP
};

// Instructions of a function, with the `end` of its body:
//   Code code;
//   code.local_get(0).i32_const(1).op(Op::i32_add).call(f).end();
class Code {
public:
  void clear();
  size_t size() const { return opcodes_.size(); } // instructions

  // The instructions that follow come from this place. Line 0: from no line.
  Code& at(uint32_t line, uint32_t column = 0, uint32_t file = 0);
  std::span<const SourceLine> lines() const { return lines_; }

  // An instruction without an operand, or with one that is a number: a local, a label, a lane.
  Code& op(Op op, uint32_t operand = 0);
  Code& i32_const(int32_t value) { return op(Op::i32_const, static_cast<uint32_t>(value)); }
  Code& i64_const(int64_t value) { return words(Op::i64_const, {low(value), high(value)}); }
  Code& f32_const(float value);
  Code& f64_const(double value);
  Code& v128_const(std::span<const uint8_t, 16> value);
  Code& local_get(uint32_t local) { return op(Op::local_get, local); }
  Code& local_set(uint32_t local) { return op(Op::local_set, local); }
  Code& local_tee(uint32_t local) { return op(Op::local_tee, local); }
  Code& br(uint32_t label) { return op(Op::br, label); }
  Code& br_if(uint32_t label) { return op(Op::br_if, label); }
  Code& br_table(std::span<const uint32_t> labels, uint32_t default_label);
  // `block`, `loop`, `if` and `try` without parameters and results, with one result, or with a function type.
  Code& block(Op op) { return add(op, no_result, Form::Block); }
  Code& block(Op op, ValueType result) { return add(op, static_cast<uint32_t>(result), Form::Block); }
  Code& block(Op op, Type type) { return of(type).add(op, first_block_type + type.number_, Form::Block); }
  Code& end() { return op(Op::end); }
  Code& call(Symbol function) { return symbol(Op::call, function); }
  Code& call_indirect(Type type, Symbol table = {}) {
    return of(type).of(table.unit_).words(Op::call_indirect, {type.number_, table.row_});
  }
  // An instruction that names a function, global, tag, table or segment: global_get, ref_func, throw, ...
  Code& symbol(Op op, Symbol symbol) { return of(symbol.unit_).add(op, symbol.row_, Form::Symbol); }
  // The address of data plus `addend`: Op::i32_data, or Op::i64_data for a memory of 64 bits.
  Code& address(Op op, Symbol data, int64_t addend = 0) {
    return of(data.unit_).words(op, {data.row_, low(addend), high(addend)});
  }
  // A load, store or atomic access: alignment as a power of two, offset in bytes; of `data` plus the offset when it is given.
  Code& memory(Op op, uint32_t p2align, int64_t offset = 0, Symbol data = {}) {
    return of(data.unit_).words(op, {p2align, low(offset), high(offset), data.row_});
  }
  // As `memory`, of a lane of a vector.
  Code& memory_lane(Op op, uint32_t lane, uint32_t p2align, int64_t offset = 0, Symbol data = {}) {
    return of(data.unit_).words(op, {p2align, low(offset), high(offset), data.row_, lane});
  }
  // Likewise in a memory of the unit, instead of the linker's.
  Code& memory_of(Op op, Symbol memory, uint32_t p2align, uint64_t offset = 0) {
    return of(memory.unit_).words(op, {p2align | in_own_memory, low(offset), high(offset), memory.row_});
  }
  Code& memory_lane_of(Op op, Symbol memory, uint32_t lane, uint32_t p2align, uint64_t offset = 0) {
    return of(memory.unit_).words(op, {p2align | in_own_memory, low(offset), high(offset), memory.row_, lane});
  }
  // memory_size, memory_grow and memory_fill of a memory of the unit; of the linker's with `op`.
  Code& in_memory(Op op, Symbol memory) {
    return of(memory.unit_).add(op, own_memory | memory.row_, Form::Number);
  }
  // An empty symbol: the linker's memory.
  Code& memory_copy(Symbol to, Symbol from);
  Code& memory_init(Symbol data, Symbol memory);
  // An instruction that names a type: struct_new, array_get, call_ref, ...
  Code& type(Op op, Type type) { return of(type).add(op, type.number_, Form::Type); }
  // With a number: the field of struct_get, the count of array_new_fixed.
  Code& type(Op op, Type type, uint32_t number) { return of(type).words(op, {type.number_, number}); }
  Code& array_copy(Type to, Type from) {
    return of(to).of(from).words(Op::array_copy, {to.number_, from.number_});
  }
  // With passive data or elements: array_new_data, array_init_elem, ...
  Code& type(Op op, Type type, Symbol segment) {
    return of(type).of(segment.unit_).words(op, {type.number_, segment.row_});
  }
  // ref_null, ref_test, ref_cast, select_t.
  Code& value_type(Op op, ValueType type) { return this->op(op, static_cast<uint32_t>(type)); }
  Code& br_on_cast(Op op, uint32_t label, ValueType from, ValueType to) {
    return words(op, {label, static_cast<uint32_t>(from), static_cast<uint32_t>(to)});
  }
  // Any instruction by the words of its operand.
  Code& words(Op op, std::span<const uint32_t> words);
  Code& words(Op op, std::initializer_list<uint32_t> words) {
    return this->words(op, std::span(words.begin(), words.size()));
  }

private:
  friend class Unit;
  static constexpr uint32_t no_result = 0x40, first_block_type = 0x100, own_memory = 1u << 31,
                            in_own_memory = 0x40;
  static uint32_t low(uint64_t value) { return static_cast<uint32_t>(value); }
  static uint32_t high(uint64_t value) { return static_cast<uint32_t>(value >> 32); }
  static uint32_t low(int64_t value) { return static_cast<uint32_t>(value); }
  static uint32_t high(int64_t value) { return static_cast<uint32_t>(static_cast<uint64_t>(value) >> 32); }
  // How an operand was given; a unit refuses code in which it is not that of the instruction.
  enum class Form : uint8_t { Number, Block, Symbol, Type, Words };
  Code& add(Op op, uint32_t operand, Form form);
  // Notes whose symbols and types the code uses.
  Code& of(uint64_t unit) {
    if (unit && !unit_) unit_ = unit;
    is_mixed_ |= unit && unit != unit_;
    return *this;
  }
  Code& of(Type type) {
    is_mixed_ |= !type.unit_; // a type that no unit has made
    return of(type.unit_);
  }
  std::vector<uint16_t> opcodes_;
  std::vector<uint32_t> operands_, extra_;
  std::vector<SourceLine> lines_;
  uint64_t unit_ = 0;     // 0: it uses none
  bool is_mixed_ = false; // of several units, or of none
  Op misused_ = Op::nop;  // an instruction that was given an operand of another form
};

// Binding and visibility of a definition.
struct SymbolOptions {
  bool weak = false;
  bool local = false;    // other inputs do not see it
  bool hidden = false;   // not exported by export_dynamic
  bool no_strip = false; // kept although nothing refers to it
};

struct DataOptions {
  uint32_t p2align = 0; // alignment as a power of two
  bool read_only = false;
  bool thread_local_data = false;
  bool strings = false;     // strings with a zero at their ends, which may be merged
  bool retain = false;      // kept although nothing refers to it
  std::string_view section; // of the output, when it is not to be .data, .rodata or .bss
  SymbolOptions symbol;
};

// A place in data that the linker fills: with the address of `symbol` plus `addend`, or with its table slot.
struct Fixup {
  uint32_t offset = 0; // in the data
  Symbol symbol;
  int64_t addend = 0;
  uint8_t width = 4; // bytes: 4 or 8
  bool table_slot = false;
};

// The content of late data, which depends on what is in the output.
struct LateContent {
  std::vector<uint8_t> bytes;
  std::vector<Fixup> fixups; // to symbols that are in the output for other reasons, else they are refused
};

// A place in a custom section that the linker fills, in one of the forms that object files have:
//   Address, TableSlot: 4 bytes, or 8 in a unit of 64 bits; an address also as a LEB128 number of 5 or 10 bytes
//   FunctionIndex, GlobalIndex: 4 bytes, or a LEB128 number of 5
//   FunctionOffset: of a function's first byte behind its size, in the code section: 4 bytes, or 8 in a unit of 64 bits
//   SectionOffset: of another section's bytes among those of the same name: 4 bytes
//   TypeIndex, TagIndex, TableNumber: a LEB128 number of 5 bytes
// What is not in the output has the number 0: custom sections keep nothing alive.
struct SectionFixup {
  enum Kind : uint8_t {
    Address,
    TableSlot,
    FunctionIndex,
    FunctionOffset,
    SectionOffset,
    TypeIndex,
    GlobalIndex,
    TagIndex,
    TableNumber
  };
  Kind kind = Address;
  uint32_t offset = 0;      // in the section
  Symbol symbol = {};       // all but TypeIndex
  int64_t addend = 0;       // Address, FunctionOffset, SectionOffset
  uint8_t width = 4;        // bytes
  std::optional<Type> type; // TypeIndex
};

// A feature of engines, by LLVM's name for it ("simd128"). A unit uses it, or forbids every input to use it.
struct Feature {
  std::string_view name;
  bool forbidden = false;
};

// What made a unit, for the section `producers`.
struct Producer {
  enum Field : uint8_t { Language, ProcessedBy, Sdk } field = Language;
  std::string_view name, version;
};

// A symbol of a unit, and all that was said about it.
struct SymbolInfo {
  enum class Kind : uint8_t {
    Function,
    Data,
    Global,
    Table,
    Tag,
    PassiveData,
    PassiveElements,
    Memory,
    Section
  };
  enum class State : uint8_t { Declared, Defined, Alias };
  Kind kind = Kind::Function;
  State state = State::Declared;
  std::string name;                       // empty: a constant
  Symbol target;                          // Alias
  std::vector<ValueType> params, results; // Function, Tag
  ValueType type = ValueType::I32;        // Global; Table: of its elements
  bool is_mutable = false;                // Global
  uint64_t minimum = 0;                   // Table; Memory, in pages
  std::optional<uint64_t> maximum;
  bool is_64 = false;     // Table, Memory
  bool is_shared = false; // Memory
  SymbolOptions options;  // not of a declaration, which is only `weak`
  std::vector<std::string> exports;
  std::optional<std::pair<std::string, std::string>> import; // module and name
  std::optional<uint32_t> start_priority;                    // it runs at the start
  std::string comdat;
};

// The code of a function, as `set_function` took it.
struct FunctionContent {
  Code code;
  std::vector<ValueType> locals;
};

struct DataContent {
  std::vector<uint8_t> bytes;
  DataOptions options; // without `section` and `symbol`
  std::string section;
  std::vector<Fixup> fixups; // in the order of their places
};

struct SectionContent {
  std::vector<uint8_t> bytes;
  std::string section; // its name
  std::vector<SectionFixup> fixups;
};

// The functions that a table holds at first, from slot `first` on. An empty symbol: null.
struct TableContent {
  std::vector<Symbol> elements;
  uint32_t first = 0;
};

// What a source says of a function besides the places of its instructions, which are in the code.
struct FunctionSource {
  uint32_t line = 0, file = 0; // where it is declared; line 0: where its first line is
  std::span<const Variable> variables = {};
};

// Code that a compiler hands over function by function. Definitions can be set again at any time; each `link` has what is set
// then. Functions that return a bool or a Symbol give false or none when they refuse, and Linker::messages says why. A handle
// becomes empty when its unit is removed from the linker.
class Unit {
public:
  explicit operator bool() const;
  Input input() const; // for Linker::remove and set_order

  Type type(std::span<const ValueType> params, std::span<const ValueType> results);
  Type type(std::initializer_list<ValueType> params, std::initializer_list<ValueType> results) {
    return type(std::span(params.begin(), params.size()), std::span(results.begin(), results.size()));
  }

  // Types that may refer to each other. Equal groups are one, in all units. Empty when they are refused.
  std::vector<Type> define_types(std::span<const TypeDefinition> group);
  // The reference to a type of this unit. Of another unit's, i32 with a message.
  ValueType ref(Type type, bool is_nullable = true) const;

  // Names. Declaring one again gives the same symbol. `weak`: it may stay undefined.
  Symbol declare_function(std::string_view name, Type type, bool weak = false);
  Symbol declare_data(std::string_view name, bool weak = false);
  Symbol declare_global(std::string_view name, ValueType type, bool is_mutable, bool weak = false);
  Symbol declare_table(std::string_view name, ValueType element, uint64_t minimum,
                       std::optional<uint64_t> maximum = {}, bool is_64 = false);
  // A memory besides the linker's. Sizes are in pages. Object files have none.
  Symbol declare_memory(std::string_view name, uint64_t minimum, std::optional<uint64_t> maximum = {},
                        bool is_64 = false, bool is_shared = false);
  Symbol declare_tag(std::string_view name, Type type);
  Symbol declare_passive_data(std::string_view name);     // for memory.init and data.drop
  Symbol declare_passive_elements(std::string_view name); // for table.init and elem.drop
  Symbol declare_section(std::string_view name);          // bytes of a custom section
  Symbol find(std::string_view name) const;

  // What there is, in the order in which it was declared. Of what is not there, or was removed, none.
  std::vector<Symbol> symbols() const;
  std::optional<SymbolInfo> info(Symbol symbol) const;
  std::optional<FunctionContent> function(Symbol symbol) const; // that is defined
  std::optional<DataContent> data(Symbol symbol) const;         // likewise; passive data too
  std::optional<Code> global(Symbol symbol) const;              // likewise: its initial value, with an `end`
  std::optional<TableContent> table(Symbol symbol) const; // likewise: from the first slot that is not null
  std::optional<SectionContent> section(Symbol symbol) const; // likewise

  // Definitions. `locals`: types of the locals after the parameters.
  bool set_function(Symbol symbol, std::span<const ValueType> locals, const Code& code,
                    SymbolOptions options = {}, const FunctionSource& source = {});
  bool set_function(Symbol symbol, std::initializer_list<ValueType> locals, const Code& code,
                    SymbolOptions options = {}, const FunctionSource& source = {}) {
    return set_function(symbol, std::span(locals.begin(), locals.size()), code, options, source);
  }
  // The function gets another type. Callers that were set before must be set again.
  bool set_function(Symbol symbol, Type type, std::span<const ValueType> locals, const Code& code,
                    SymbolOptions options = {}, const FunctionSource& source = {});
  bool set_data(Symbol symbol, Bytes bytes, const DataOptions& options = {},
                std::span<const Fixup> fixups = {});
  bool set_zeros(Symbol symbol, uint32_t size, const DataOptions& options = {});
  // Data whose content is asked for by each link that has the data in its output and is not made from the link before. `alive`:
  // the unit's symbols that are in the output, in the order of their declaration. The function must not use the linker. When it
  // gives nothing, the link fails. Snapshots do not keep it: set it again after `restore`.
  using AskContent = std::function<std::optional<LateContent>(const std::vector<Symbol>& alive)>;
  bool set_late_data(Symbol symbol, AskContent ask, const DataOptions& options = {});
  bool set_passive_data(Symbol symbol, Bytes bytes);
  bool set_passive_elements(Symbol symbol, std::span<const Symbol> functions);
  bool set_global(Symbol symbol, uint64_t value, SymbolOptions options = {}); // the bits of its first value
  bool set_global(Symbol symbol, std::span<const uint8_t, 16> value, SymbolOptions options = {}); // of a V128
  // By a constant expression, with an `end`: constants, `i32_data` and `i32_func` (or those of 64 bits), `ref_func`,
  // `global_get` of what never changes, additions, subtractions and multiplications, and what makes structs, arrays and
  // `i31`. Object files have constants alone.
  bool set_global(Symbol symbol, const Code& value, SymbolOptions options = {});
  bool set_table(Symbol symbol, SymbolOptions options = {});
  // `elements`: functions that it holds at first, from slot `first` on; an empty symbol: null. Object files have none.
  bool set_table(Symbol symbol, std::span<const Symbol> elements, uint32_t first = 0,
                 SymbolOptions options = {});
  bool set_memory(Symbol symbol, SymbolOptions options = {});
  bool set_tag(Symbol symbol, SymbolOptions options = {});
  // `section`: the name of the custom section, when it is not the symbol's. Sections of one name become one, with those of
  // other inputs. Refused are names of sections that the linker makes.
  bool set_section(Symbol symbol, Bytes bytes, std::span<const SectionFixup> fixups = {},
                   std::string_view section = {});
  bool set_alias(Symbol symbol, Symbol target, SymbolOptions options = {});
  // Data without a name, one for equal bytes and fixups, with the largest alignment that was asked for.
  Symbol constant(Bytes bytes, uint32_t p2align = 0, std::span<const Fixup> fixups = {});

  // Sources, for debug information and messages. Numbers are ~0u when they are refused. File 0 has the unit's name.
  uint32_t source_file(std::string_view path);
  uint32_t source_type(std::string_view name, Encoding encoding, uint32_t bytes);
  // Replace the lines, or the variables, of a function that is defined. Its code stays.
  bool set_lines(Symbol function, std::span<const SourceLine> lines, uint32_t declared_line = 0,
                 uint32_t declared_file = 0);
  bool set_variables(Symbol function, std::span<const Variable> variables);

  // What is not defined is imported under this name, from this module.
  bool import_from(Symbol symbol, std::string_view module, std::string_view name);
  // Exports the symbol under one more name; without a name under its own. An alias has its own exports.
  bool export_as(Symbol symbol, std::string_view name = {});
  bool run_at_start(Symbol function, uint32_t priority = 65535);
  // Puts a function or data into a group (comdat). Of several inputs that have the group, a link takes all of it from the
  // first. Empty: into none.
  bool set_comdat(Symbol symbol, std::string_view group);

  // What the unit says of itself, in place of what it said before. What its instructions and types need is added to the
  // features.
  bool set_features(std::span<const Feature> features);
  bool set_producers(std::span<const Producer> producers);

  // Takes back: a symbol with its definition and what was said about it, an import, an export, running at the start.
  // A removed symbol stays declared while something in the unit refers to it; declaring or defining it keeps it. Then
  // its name is free. Edits and code that still use the symbol are refused, even when the name is declared again.
  bool remove(Symbol symbol);
  bool unimport(Symbol symbol);
  bool unexport(Symbol symbol); // under all names
  bool unexport(Symbol symbol, std::string_view name);
  bool run_no_more(Symbol symbol);

private:
  friend class Linker;
  weld::Unit* inside() const;
  uint64_t owner() const;
  Symbol handle(uint32_t number) const;
  const weld::Unit* reading(Symbol symbol) const;
  const weld::Unit* reading_definition(Symbol symbol, SymbolInfo::Kind kind) const;
  template <class MirCode>
  Code to_code(const MirCode& code) const;
  weld::Unit* edit(std::initializer_list<Symbol> symbols, std::optional<Type> type = {}) const;
  bool edit_fixups(std::span<const Fixup> fixups, std::vector<weld::Fixup>& inside) const;
  weld::Unit* edit_code(Symbol symbol, const Code& code, std::optional<Type> type = {}) const;
  bool set_code(weld::Unit* unit, Symbol symbol, std::optional<Type> type, std::span<const ValueType> locals,
                const Code& code, SymbolOptions options, const FunctionSource& source);
  bool done(bool ok) const;
  Symbol done(uint32_t row) const;
  std::weak_ptr<void> alive_; // ends with the linker
  Linker::State* linker_ = nullptr;
  Input input_;
};

} // namespace weld::api
