// The parser of Itanium C++ names: recursive descent over the grammar of the Itanium C++ ABI, 5.1, with the
// extensions that LLVM 19 or LLVM 22 knows. A function parses the production that its comment cites: encodings and names
// are in demangle_itanium.cpp, template parameters and arguments in demangle_template.cpp, types in
// demangle_type.cpp, expressions in demangle_expression.cpp.
//
// There is no backtracking. The first failure moves the place in the input to the end, so that nothing more
// is consumed, and every loop asks `failed_`; what a failed production returns does not matter.
#pragma once

#include "core/base/demangle_tree.h"

namespace weld::demangling {

constexpr uint32_t no_operator = operator_count;
constexpr uint32_t no_level = ~0u;

// What the name of an <encoding> says about the types that follow it.
struct NameFacts {
  bool has_no_return_type = false; // a constructor, destructor or conversion
  bool ends_with_args = false;     // a template, so that the return type is mangled
  bool explicit_object = false;
  uint32_t quals = 0;
};

class Parser {
public:
  Parser(std::string_view mangled, Demangling release, DemangleBuffers& buffers)
      : in_(mangled.data()), end_(static_cast<uint32_t>(mangled.size())),
        like_llvm_22_(release == Demangling::Llvm22), b_(buffers) {}

  NodeId mangled_name();

private:
  // the input
  char look(uint32_t ahead = 0) const { return end_ - at_ > ahead ? in_[at_ + ahead] : '\0'; }
  bool consume(char c);
  bool consume(const char* two); // two characters
  uint32_t left() const { return end_ - at_; }
  bool text_starts_with(const char* word) const;
  bool text_is(NodeId id, const char* word) const;
  NodeId fail();

  // the tree
  NodeId make(Kind kind, uint32_t aux, NodeId a = {}, NodeId b = {}, NodeId c = {}, NodeId d = {},
              NodeId e = {}, NodeId f = {});
  NodeId make(Kind kind, NodeId a = {}, NodeId b = {}, NodeId c = {}) { return make(kind, 0, a, b, c); }
  NodeId make_op(Kind kind, uint32_t op, NodeId a, NodeId b = {}, NodeId c = {});
  NodeId make_literal(Literal literal) { return make(Kind::Literal, static_cast<uint32_t>(literal)); }
  NodeId make_text(Kind kind, uint32_t aux = 0) {
    return make(kind, aux, NodeId{text_at_}, NodeId{text_size_});
  }
  NodeId special(Literal literal, NodeId child) {
    return make(Kind::Special, static_cast<uint32_t>(literal), child);
  }
  NodeId with_has(NodeId id, uint32_t bits) { return b_.words[id.word] |= bits, id; }
  NodeId with_aux(NodeId id, uint32_t aux) {
    uint32_t& header = b_.words[id.word];
    return header = (header & ~(aux_mask << aux_shift)) | aux << aux_shift, id;
  }
  NodeId with_prec(NodeId id, Prec prec) {
    return b_.words[id.word] |= static_cast<uint32_t>(prec) << prec_shift, id;
  }
  uint32_t has_bits_of(NodeId id) const { return b_.words[id.word] & has_mask; }
  uint32_t right_side_of(NodeId id) const { return has_bits_of(id) & 3u << has_shift; }
  Kind kind(NodeId id) const { return kind_of(b_.words[id.word]); }
  NodeId operand(NodeId id, uint32_t i) const { return NodeId{b_.words[id.word + 1 + i]}; }
  void add_name(NodeId id);
  void add_sub(NodeId id);
  NodeId pop_list(size_t from);
  bool enter();
  void leave() { depth_--; }

  // template levels, those of the current encoding
  size_t level_count() const { return b_.levels.size() / 2 - level_base_; }
  void open_level();
  void clear_levels() { b_.levels.truncate(2 * level_base_); }
  void add_param(uint32_t level, NodeId id);

  // numbers and identifiers; what they are goes to text_at_, text_size_
  bool number(bool may_be_negative = false);
  bool positive_integer(uint64_t& value);
  bool seq_id(uint64_t& value);
  bool bare_source_name();
  void discriminator();
  uint32_t cv_qualifiers();
  uint32_t operator_code();
  bool call_offset();

  NodeId encoding();
  NodeId special_name();
  NodeId name(bool of_encoding);
  NodeId local_name(bool of_encoding);
  NodeId unscoped_name(bool of_encoding);
  NodeId unqualified_name(bool of_encoding, NodeId scope, NodeId module);
  NodeId module_name(NodeId module);
  NodeId unnamed_type_name(bool of_encoding);
  NodeId closure_type_name();
  NodeId source_name();
  bool can_be_overloaded(const Operator& member) const;
  NodeId operator_name(bool of_encoding);
  NodeId ctor_dtor_name(bool of_encoding, NodeId scope);
  NodeId nested_name(bool of_encoding);
  NodeId abi_tags(NodeId tagged);
  NodeId substitution();

  NodeId template_param();
  NodeId template_param_decl(uint32_t level);
  NodeId invented_param(Literal prefix, uint32_t counter, uint32_t level);
  NodeId type_constraint();
  NodeId template_template_param_decl(uint32_t level);
  NodeId template_args(bool of_encoding = false);
  NodeId optional_template_args(NodeId templ);
  NodeId template_arg();
  bool at_template_param_decl() const;

  NodeId type();
  NodeId any_type();
  NodeId builtin_d_type();
  NodeId fixed_point_type();
  NodeId qualified_type();
  NodeId function_type();
  NodeId vector_type();
  NodeId array_type();
  NodeId decltype_type();
  NodeId class_enum_type();

  NodeId expression();
  NodeId any_expression();
  NodeId operator_expression(uint32_t op, bool global);
  NodeId other_expression(bool global);
  NodeId expression_list(char end);
  NodeId new_expression(uint32_t op, bool global);
  NodeId primary();
  NodeId float_literal(uint32_t digits);
  NodeId braced_expression();
  NodeId braced_list(NodeId type_node);
  NodeId fold();
  NodeId function_param();
  NodeId requires_expression();
  NodeId constraint();
  NodeId vendor_expression();
  NodeId unresolved_name(bool global);
  NodeId unresolved_type();
  NodeId simple_id();
  NodeId base_unresolved_name();

  const char* in_;
  uint32_t at_ = 0;
  uint32_t end_;
  const bool like_llvm_22_;
  DemangleBuffers& b_;

  uint32_t text_at_ = 0; // the piece of the input that was read last as a number or identifier
  uint32_t text_size_ = 0;
  uint32_t depth_ = 0;

  // of the innermost <encoding>
  NameFacts facts_;
  uint32_t level_base_ = 0; // its first template level

  uint32_t invented_[3] = {};     // how many types, values, templates were named `$T`, `$N`, `$TT`
  uint64_t lambda_level_ = ~0ull; // the level of the parameters of the innermost lambda; `auto` belongs to it
  bool failed_ = false;
  bool is_sub_ = false;             // the last unscoped name was no more than a substitution
  bool try_template_args_ = true;   // not in a conversion's type, where they are the conversion's
  bool forward_references_ = false; // in a conversion's name T_ means arguments that follow
  bool in_constraint_ = false;      // template parameters are not resolved
};

} // namespace weld::demangling
