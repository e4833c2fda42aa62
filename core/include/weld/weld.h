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

// --- Messages

enum class Severity : uint8_t { Error, Warning, Message };

// A message with its place. What is not known is empty or 0.
struct Message {
  Severity severity = Severity::Error;
  std::string id;                 // "undefined-symbol"; js/docs/diagnostics.md explains each
  std::string text;               // without place and notes
  std::string input;              // the path that it was added with
  std::string member;             // of an archive
  std::string section;            // "CODE", "linking", ...
  std::optional<uint64_t> offset; // in bytes, from the first byte of the input or member
  std::string symbol;             // in which it is
  std::string file;               // the source, by the object's debug information
  uint32_t line = 0, column = 0;  // counted from 1
  std::vector<std::string> notes; // what may help
  std::string rendered; // all of it, over several lines, as the command line prints it: "error: ..."
};

// --- Options

// Whose defaults, order and wording: weld's own or a release of LLVM's linker.
enum class Compat : uint8_t { Weld, Lld14, Lld19, Lld22, Lld23 };
// What becomes of symbols that nothing defines.
enum class Unresolved : uint8_t { Error, Warn, Ignore, ImportDynamic };
enum class BuildId : uint8_t { None, Fast, Sha1, Uuid, Hex };

// Of one link. Names and meanings are those of the command line: core/tool/OPTIONS.md lists them with their sources. An
// unset option takes its default, which may depend on others. Sizes are in bytes.
struct Options {
  Compat compat = Compat::Weld;

  // Output
  std::string output_name = "a.out.wasm"; // its base name is the module's name in the name section
  std::string soname;
  bool relocatable = false; // -r
  bool shared = false;
  bool pie = false;
  bool emit_relocs = false;
  bool strip_all = false;
  bool strip_debug = false;
  std::vector<std::string> keep_sections;
  bool compress_relocations = false;
  bool fold_functions = false; // --icf=safe
  bool fold_all = false;       // with fold_functions: --icf=all
  bool optimize_size = false;  // what -Oz does beyond compress_relocations and fold_functions
  bool demangle = true;
  uint32_t optimize = 1; // -O; from 1 on, strings are merged
  std::optional<bool> merge_data_segments;
  BuildId build_id = BuildId::None;
  std::vector<uint8_t> build_id_bytes; // Hex: the id; Uuid: 16 random bytes
  std::vector<std::string> runtime_paths;

  // Entry, exports, imports
  std::optional<std::string> entry; // unset: `_start`; empty: none
  std::vector<std::string> exports; // each must be defined
  std::vector<std::string> exports_if_defined;
  bool export_all = false;
  std::optional<bool> export_dynamic;
  std::vector<std::string> exclude_libs; // base names of archives of which export_dynamic exports nothing, or ALL
  bool export_table = false;
  bool import_table = false;
  bool growable_table = false;
  std::optional<std::string> export_memory; // the name; unset with import_memory: not exported
  std::optional<std::pair<std::string, std::string>> import_memory; // module and name

  // Undefined symbols
  Unresolved unresolved = Unresolved::Error;
  bool import_undefined = false;
  std::vector<std::string> allow_undefined; // names
  std::vector<std::string> undefined;       // -u
  std::vector<std::string> wrap;
  bool allow_multiple_definition = false;
  bool noinhibit_exec = false;

  // Memory and tables; 0: not given
  std::optional<bool> stack_first;
  uint64_t stack_size = 65536;
  uint64_t global_base = 0;
  uint64_t initial_heap = 0;
  uint64_t initial_memory = 0;
  uint64_t max_memory = 0;
  bool no_growable_memory = false;
  bool shared_memory = false;
  uint64_t page_size = 65536;
  uint64_t table_base = 0; // slots

  // Inputs and features
  std::optional<bool> is_64; // unset: as the first object
  bool bsymbolic = false;
  bool experimental_pic = false;
  bool shlib_sigcheck = true;
  bool check_features = true;
  std::optional<std::vector<std::string>> features;
  std::vector<std::string> extra_features;

  // Garbage collection and reports
  std::optional<bool> gc_sections;
  bool print_gc_sections = false; // as messages
  bool trace = false;             // likewise
  bool verbose = false;           // likewise
  std::vector<std::string> trace_symbols;
  bool why_extract = false; // Result::why_extract
  bool map = false;         // Result::map
  bool metafile = false;    // Result::metafile
  bool fatal_warnings = false;
  uint32_t error_limit = 20; // 0: no limit
  // Another severity for a message, by its id. An unknown id is an error.
  std::vector<std::pair<std::string, Severity>> log_overrides;
  std::vector<std::string> silenced; // ids of messages that are not wanted
};

// --- Results

struct Stats {
  std::vector<std::pair<std::string, double>> phases; // name, milliseconds
  uint32_t objects = 0;                               // linked
  uint32_t parsed = 0;                                // objects parsed since the last link
  uint32_t rewritten = 0; // functions written again into the last output; 0: everything was made
  uint64_t input_bytes = 0;
  uint64_t output_bytes = 0;
};

struct Result {
  bool ok = false;
  Bytes output;                  // the module. Good until the next edit or link of the linker, which owns it
  std::string why_extract;       // tab-separated; when asked for
  std::string map;               // text; when asked for
  std::string metafile;          // JSON; when asked for: core/report/README.md
  std::vector<Message> messages; // of this link
  Stats stats;

  std::vector<uint8_t> copy() const { return {output.begin(), output.end()}; }
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
  // Lends threads: calls `task(i)` for each i in [0, count), in any order, and returns when all are done. Results are the same
  // with any number of threads.
  uint32_t threads = 1;
  std::function<void(size_t count, const std::function<void(size_t)>& task)> parallel_for;
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

  // The linker's state as one buffer, for `restore`. Empty, with a message, when that cannot be done.
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

enum class ValueType : uint8_t {
  I32 = 0x7f,
  I64 = 0x7e,
  F32 = 0x7d,
  F64 = 0x7c,
  V128 = 0x7b,
  FuncRef = 0x70,
  ExternRef = 0x6f,
  ExnRef = 0x69,
};

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

// A function type of a unit.
class Type {
public:
  bool operator==(const Type&) const = default;

private:
  friend class Unit;
  friend class Code;
  uint64_t unit_ = 0;
  uint32_t number_ = 0;
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
  Code& block(Op op) { return this->op(op, no_result); }
  Code& block(Op op, ValueType result) { return this->op(op, static_cast<uint8_t>(result)); }
  Code& block(Op op, Type type) { return of(type).op(op, first_block_type + type.number_); }
  Code& end() { return op(Op::end); }
  Code& call(Symbol function) { return symbol(Op::call, function); }
  Code& call_indirect(Type type, Symbol table = {}) {
    return of(type).of(table.unit_).words(Op::call_indirect, {type.number_, table.row_});
  }
  // An instruction that names a function, global, tag, table or segment: global_get, ref_func, throw, ...
  Code& symbol(Op op, Symbol symbol) { return of(symbol.unit_).op(op, symbol.row_); }
  // The address of data plus `addend`: Op::i32_data, or Op::i64_data for a memory of 64 bits.
  Code& address(Op op, Symbol data, int64_t addend = 0) {
    return of(data.unit_).words(op, {data.row_, low(addend), high(addend)});
  }
  // A load, store or atomic access: alignment as a power of two, offset in bytes; of `data` plus the offset when it is given.
  Code& memory(Op op, uint32_t p2align, int64_t offset = 0, Symbol data = {}) {
    return of(data.unit_).words(op, {p2align, low(offset), high(offset), data.row_});
  }
  // Any instruction by the words of its operand.
  Code& words(Op op, std::span<const uint32_t> words);
  Code& words(Op op, std::initializer_list<uint32_t> words) {
    return this->words(op, std::span(words.begin(), words.size()));
  }

private:
  friend class Unit;
  static constexpr uint32_t no_result = 0x40, first_block_type = 0x100;
  static uint32_t low(int64_t value) { return static_cast<uint32_t>(value); }
  static uint32_t high(int64_t value) { return static_cast<uint32_t>(static_cast<uint64_t>(value) >> 32); }
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
  uint64_t unit_ = 0;     // 0: it uses none
  bool is_mixed_ = false; // of several units, or of none
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

  // Names. Declaring one again gives the same symbol. `weak`: it may stay undefined.
  Symbol declare_function(std::string_view name, Type type, bool weak = false);
  Symbol declare_data(std::string_view name, bool weak = false);
  Symbol declare_global(std::string_view name, ValueType type, bool is_mutable, bool weak = false);
  Symbol declare_table(std::string_view name, ValueType element, uint64_t minimum,
                       std::optional<uint64_t> maximum = {});
  Symbol declare_tag(std::string_view name, Type type);
  Symbol declare_passive_data(std::string_view name);     // for memory.init and data.drop
  Symbol declare_passive_elements(std::string_view name); // for table.init and elem.drop
  Symbol find(std::string_view name) const;

  // Definitions. `locals`: types of the locals after the parameters.
  bool set_function(Symbol symbol, std::span<const ValueType> locals, const Code& code,
                    SymbolOptions options = {});
  bool set_function(Symbol symbol, std::initializer_list<ValueType> locals, const Code& code,
                    SymbolOptions options = {}) {
    return set_function(symbol, std::span(locals.begin(), locals.size()), code, options);
  }
  // The function gets another type. Callers that were set before must be set again.
  bool set_function(Symbol symbol, Type type, std::span<const ValueType> locals, const Code& code,
                    SymbolOptions options = {});
  bool set_data(Symbol symbol, Bytes bytes, const DataOptions& options = {},
                std::span<const Fixup> fixups = {});
  bool set_zeros(Symbol symbol, uint32_t size, const DataOptions& options = {});
  bool set_passive_data(Symbol symbol, Bytes bytes);
  bool set_passive_elements(Symbol symbol, std::span<const Symbol> functions);
  bool set_global(Symbol symbol, uint64_t value, SymbolOptions options = {}); // the bits of its first value
  bool set_table(Symbol symbol, SymbolOptions options = {});
  bool set_tag(Symbol symbol, SymbolOptions options = {});
  bool set_alias(Symbol symbol, Symbol target, SymbolOptions options = {});
  // Data without a name, one for equal bytes and fixups, with the largest alignment that was asked for.
  Symbol constant(Bytes bytes, uint32_t p2align = 0, std::span<const Fixup> fixups = {});

  // What is not defined is imported under this name, from this module.
  bool import_from(Symbol symbol, std::string_view module, std::string_view name);
  // Exports the symbol under one more name; without a name under its own. An alias has its own exports.
  bool export_as(Symbol symbol, std::string_view name = {});
  bool run_at_start(Symbol function, uint32_t priority = 65535);

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
  weld::Unit* edit(std::initializer_list<Symbol> symbols, std::optional<Type> type = {}) const;
  bool edit_fixups(std::span<const Fixup> fixups, std::vector<weld::Fixup>& inside) const;
  weld::Unit* edit_code(Symbol symbol, const Code& code, std::optional<Type> type = {}) const;
  bool done(bool ok) const;
  Symbol done(uint32_t row) const;
  std::weak_ptr<void> alive_; // ends with the linker
  Linker::State* linker_ = nullptr;
  Input input_;
};

} // namespace weld::api
