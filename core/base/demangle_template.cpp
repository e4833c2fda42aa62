// Itanium C++ names: template parameters, their declarations, and template arguments.
#include "core/base/demangle_parser.h"

namespace weld::demangling {

// <template-param> ::= T [<number>] _
//                  ::= TL <level number> _ [<number>] _
NodeId Parser::template_param() {
  const uint32_t begin = at_++;
  uint64_t level = 0, index = 0;
  if (consume('L')) {
    if (!positive_integer(level) || !consume('_')) return fail();
    level++;
  }
  if (!consume('_')) {
    if (!positive_integer(index) || !consume('_')) return fail();
    index++;
  }
  // In a constraint all enclosing levels are in scope, which nobody keeps track of.
  if (in_constraint_) return make(Kind::Text, NodeId{begin}, NodeId{at_ - 1 - begin});
  if (forward_references_ && level == 0) {
    if (index > max_mangled_size) return fail();
    const NodeId result = make(Kind::ForwardReference, NodeId{static_cast<uint32_t>(index)});
    push(b_.forward, result.word);
    return with_has(result, has_bits(Has::Unknown, Has::Unknown, Has::Unknown));
  }
  if (level < level_count()) {
    const size_t row = 2 * (level_base_ + static_cast<size_t>(level));
    if (index < b_.levels[row + 1] - b_.levels[row])
      return NodeId{b_.params[b_.levels[row] + static_cast<uint32_t>(index)]};
  }
  // The parameters of a generic lambda are mangled as uses of template parameters that were not declared.
  if (lambda_level_ != level || level > level_count()) return fail();
  if (level == level_count()) open_level();
  return make(Kind::Literal, static_cast<uint32_t>(Literal::BuiltinDA));
}

bool Parser::at_template_param_decl() const {
  if (look() != 'T') return false;
  const char c = look(1);
  return c == 'y' || c == 'p' || c == 't' || c == 'n' || c == 'k';
}

// The parameters of a lambda have no names in the mangled name.
NodeId Parser::invented_param(Literal prefix, uint32_t counter, uint32_t level) {
  const NodeId result =
      make(Kind::InventedParam, static_cast<uint32_t>(prefix) + counter, NodeId{invented_[counter]++});
  if (level != no_level) add_param(level, result);
  return result;
}

// <template-param-decl> ::= Ty
//                       ::= Tk <concept name> [<template-args>]
//                       ::= Tn <type>
//                       ::= Tt <template-param-decl>* [Q <expression>] E
//                       ::= Tp <template-param-decl>     # pack
NodeId Parser::template_param_decl(uint32_t level) {
  constexpr uint32_t has = has_bits(Has::Yes);
  NodeId result;
  if (!enter()) {
  } else if (consume("Ty")) {
    result = make(Kind::TypeParam, invented_param(Literal::InventedType, 0, level));
  } else if (consume("Tk")) {
    const NodeId concept_name = type_constraint();
    result = make(Kind::ConstrainedTypeParam, concept_name, invented_param(Literal::InventedType, 0, level));
  } else if (consume("Tn")) {
    const NodeId param = invented_param(Literal::InventedType, 1, level);
    result = make(Kind::NonTypeParam, param, type());
  } else if (consume("Tt")) {
    result = template_template_param_decl(level);
  } else if (consume("Tp")) {
    result = make(Kind::ParamPack, template_param_decl(level));
  } else {
    fail();
  }
  leave();
  return with_has(result, result ? has : 0);
}

// <type-constraint> ::= <name>
NodeId Parser::type_constraint() {
  const bool old = in_constraint_;
  in_constraint_ = old || like_llvm_22_;
  const NodeId result = name(false);
  in_constraint_ = old;
  return result;
}

NodeId Parser::template_template_param_decl(uint32_t level) {
  const NodeId param = invented_param(Literal::InventedType, 2, level);
  const size_t first = b_.names.size();
  const size_t old_levels = b_.levels.size();
  const size_t old_params = b_.params.size();
  open_level();
  NodeId requirement;
  while (!failed_ && !consume('E')) {
    add_name(template_param_decl(static_cast<uint32_t>(old_levels / 2)));
    if (consume('Q')) {
      requirement = constraint();
      if (!consume('E')) fail();
      break;
    }
  }
  b_.levels.truncate(old_levels);
  b_.params.truncate(old_params);
  return make(Kind::TemplateParam, param, pop_list(first), requirement);
}

// <template-arg> ::= <type>
//                ::= X <expression> E
//                ::= <expr-primary>
//                ::= J <template-arg>* E                       # pack
//                ::= LZ <encoding> E                           # extension
//                ::= <template-param-decl> <template-arg>
NodeId Parser::template_arg() {
  NodeId result;
  if (!enter()) {
  } else if (consume('X')) {
    result = expression();
    if (!consume('E')) fail();
  } else if (consume('J')) {
    const size_t first = b_.names.size();
    while (!failed_ && !consume('E')) add_name(template_arg());
    result = make(Kind::ArgumentPack, pop_list(first));
  } else if (consume("LZ")) {
    result = encoding();
    if (!consume('E')) fail();
  } else if (look() == 'L') {
    result = primary();
  } else if (at_template_param_decl()) {
    template_param_decl(no_level); // does not show
    result = make(Kind::ParamQualifiedArg, template_arg());
  } else {
    result = type();
  }
  leave();
  return result;
}

// <template-args> ::= I <template-arg>* [Q <requires-clause expression>] E
NodeId Parser::template_args(bool of_encoding) {
  at_++;
  const uint32_t level = level_base_;
  if (of_encoding) {
    clear_levels();
    open_level();
  }
  const size_t first = b_.names.size();
  while (!failed_ && !consume('E')) {
    NodeId arg = template_arg();
    add_name(arg);
    if (of_encoding) {
      const Kind arg_kind = kind(arg);
      if (arg_kind == Kind::ParamQualifiedArg) {
        arg = operand(arg, 0);
      } else if (arg_kind == Kind::ArgumentPack) {
        // T_ stands for one of the pack at a time. It may have what some element has.
        const uint32_t list = operand(arg, 0).word;
        uint32_t may_have = 0;
        for (uint32_t i = 1; i <= b_.words[list]; i++) {
          const uint32_t bits = has_bits_of(NodeId{b_.words[list + i]}) >> has_shift;
          may_have |= bits | bits << 1;
        }
        arg = with_has(make(Kind::ParameterPack, NodeId{list}), (may_have & 0x2a) << has_shift);
      }
      add_param(level, arg);
    }
    if (consume('Q')) {
      constraint(); // does not show
      if (!consume('E')) fail();
      break;
    }
  }
  return make(Kind::TemplateArgs, pop_list(first));
}

NodeId Parser::optional_template_args(NodeId templ) {
  return look() == 'I' ? make(Kind::NameWithArgs, templ, template_args()) : templ;
}

} // namespace weld::demangling
