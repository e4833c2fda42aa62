// The tree of an Itanium name, between its parser (demangle_itanium.cpp) and its printer
// (demangle_print.cpp).
//
// Nodes lie one after another in a vector of words: a header word, then operands, which are nodes, lists (a
// count and as many nodes) or numbers. A NodeId or list is the place of its first word. Word 0 is the node
// None, which prints as nothing, so code may look at an absent node without asking first.
#pragma once

#include "core/base/demangle.h"
#include "core/base/vector.h"

namespace weld::demangling {

struct NodeId {
  uint32_t word = 0;
  explicit operator bool() const { return word != 0; }
  friend bool operator==(NodeId, NodeId) = default;
};

enum class Kind : uint8_t {
#define NODE(kind, operands, left, right) kind,
#include "core/base/demangle_nodes.def"
#undef NODE
};

// How strongly an expression binds, strongest first.
enum class Prec : uint8_t {
  Primary,
  Postfix,
  Unary,
  Cast,
  PtrMem,
  Multiplicative,
  Additive,
  Shift,
  Spaceship,
  Relational,
  Equality,
  And,
  Xor,
  Ior,
  AndIf,
  OrIf,
  Conditional,
  Assign,
  Comma,
};

// What a type may have besides a left side. Each is No, Yes, or Unknown while it hangs on a template argument
// that is chosen at printing.
enum class Part : uint8_t { RightSide, Array, Function };
enum class Has : uint8_t { No, Yes, Unknown };

// A header word: kind, `aux` (meaning by kind), precedence, three `Has` and whether the node is being printed
// now.
constexpr uint32_t aux_shift = 7;
constexpr uint32_t aux_mask = 0x1fff;
constexpr uint32_t prec_shift = 20;
constexpr uint32_t has_shift = 25; // two bits per part
constexpr uint32_t has_mask = 0x3fu << has_shift;
constexpr uint32_t printing_bit = 1u << 31;
constexpr uint32_t has_bits(Has right_side, Has array = Has::No, Has function = Has::No) {
  return (static_cast<uint32_t>(right_side) | static_cast<uint32_t>(array) << 2 |
          static_cast<uint32_t>(function) << 4)
         << has_shift;
}

constexpr Kind kind_of(uint32_t header) {
  return static_cast<Kind>(header & 0x7f);
}
constexpr uint32_t aux_of(uint32_t header) {
  return header >> aux_shift & aux_mask;
}
constexpr uint32_t prec_of(uint32_t header) {
  return header >> prec_shift & 0x1f;
}
constexpr Has has_of(uint32_t header, Part part) {
  return static_cast<Has>(header >> (has_shift + 2 * static_cast<uint32_t>(part)) & 3);
}

// `aux` of Qualified, Function and Encoding.
constexpr uint32_t qual_const = 1, qual_volatile = 2, qual_restrict = 4, qual_lvalue = 8, qual_rvalue = 16;
// `aux` of nodes with flags (%?f, %?y).
constexpr uint32_t flag_f = 1, flag_y = 2;

// Fixed texts. The first 26 are the builtin types with a one-letter code, the next 26 those with a code D and
// letter.
enum class Literal : uint8_t {
  BuiltinA = 0,
  BuiltinDA = 26,
#define LITERAL(name, text) name,
  AfterBuiltins = 51,
#include "core/base/demangle_literals.def"
#undef LITERAL
};
extern const char* const literals[];

enum class OperatorKind : uint8_t {
  Prefix,
  Postfix,
  Binary,
  Subscript,
  Member,
  New,
  Delete,
  Call,
  CCast,
  Conditional,
  NameOnly,  // has a name, is not an expression
  NamedCast, // from here on: an expression, has no name
  OfId,
};

struct Operator {
  char code[3];
  OperatorKind kind;
  bool flag; // OfId: of a type; New, Delete: of an array; Member: has a name;
             // Call: of a name in parentheses, which arguments do not look up
  Prec prec;
  const char* symbol;
};
constexpr uint32_t operator_count = 63;
extern const Operator operators[operator_count];

// Prints the tree under `root`. `mangled` is the text that Text nodes are pieces of. False beyond a limit.
bool print(NodeId root, const char* mangled, DemangleBuffers& buffers, std::string& out, uint32_t max_size);

// Each appends to `out` and returns true, or returns false, with `out` as it may be.
bool demangle_itanium(std::string_view mangled, std::string& out, Demangling release,
                      DemangleBuffers& buffers, uint32_t max_size);
bool demangle_rust(std::string_view mangled, std::string& out, uint32_t max_size);
bool demangle_d(std::string_view mangled, std::string& out, uint32_t max_size);

// Where text goes: to the end of a string, up to a limit. It and the recursive functions take texts as two
// words, because a std::string_view is passed in memory, which makes frames large.
class Sink {
public:
  Sink(std::string& out, uint32_t max_size) : out_(out), base_(out.size()), max_size_(max_size) {}

  uint32_t size() const { return static_cast<uint32_t>(out_.size() - base_); }
  char last() const { return size() == 0 ? '\0' : out_.back(); }
  bool add(const char* text, size_t text_size);
  bool add_number(uint64_t value);
  void truncate(uint32_t new_size) { out_.resize(base_ + new_size); }

private:
  std::string& out_;
  size_t base_;
  uint32_t max_size_;
};

inline void push(Vector<uint32_t>& words, uint32_t word) {
  words.push_back(word);
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

} // namespace weld::demangling
