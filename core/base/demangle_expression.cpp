// Itanium C++ names: expressions, as they occur in template arguments, decltype, noexcept and constraints.
#include "core/base/demangle_parser.h"

namespace weld::demangling {

namespace {

enum class Shape : uint8_t { None, Suffix, Cast, Float };

// How a literal of builtin type a to z is written.
struct LiteralShape {
  Shape shape = Shape::None;
  Literal suffix = Literal::Empty;
};

constexpr LiteralShape literal_shape(char c) {
  switch (c) {
  case 'w':
  case 'c':
  case 'a':
  case 'h':
  case 's':
  case 't':
  case 'n':
  case 'o': return {Shape::Cast, static_cast<Literal>(c - 'a')};
  case 'i': return {Shape::Suffix, Literal::Empty};
  case 'j': return {Shape::Suffix, Literal::SuffixU};
  case 'l': return {Shape::Suffix, Literal::SuffixL};
  case 'm': return {Shape::Suffix, Literal::SuffixUl};
  case 'x': return {Shape::Suffix, Literal::SuffixLl};
  case 'y': return {Shape::Suffix, Literal::SuffixUll};
  case 'f':
  case 'd':
  case 'e': return {Shape::Float, Literal::Empty};
  default: return {};
  }
}

} // namespace

NodeId Parser::expression() {
  const NodeId result = enter() ? any_expression() : NodeId{};
  leave();
  return result;
}

// <expression> ::= [gs] <operator-name> <operands>
//              ::= <others>
NodeId Parser::any_expression() {
  const bool global = consume("gs");
  const uint32_t op = operator_code();
  return op != no_operator ? operator_expression(op, global) : other_expression(global);
}

// <expression>* <end>
NodeId Parser::expression_list(char end) {
  const size_t first = b_.names.size();
  while (!failed_ && !consume(end)) add_name(expression());
  return pop_list(first);
}

// <expression> ::= <unary operator-name> <expression>
//              ::= <binary operator-name> <expression> <expression>
//              ::= qu <expression> <expression> <expression>
//              ::= <one of pp_ mm_> <expression>                       # prefix, else postfix
//              ::= <one of dt pt ds pm> <expression> <expression>
//              ::= cl <expression>+ E
//              ::= cp <simple-id> <expression>* E                      # (f)(a), of LLVM 22
//              ::= cv <type> <expression> | cv <type> _ <expression>* E
//              ::= <one of dc sc cc rc> <type> <expression>
//              ::= <one of st at ti> <type> | <one of sz az te> <expression>
//              ::= [gs] <one of dl da> <expression>
//              ::= [gs] <one of nw na> ...                             # see new_expression
NodeId Parser::operator_expression(uint32_t op, bool global) {
  const Operator& o = operators[op];
  switch (o.kind) {
  case OperatorKind::Binary: {
    const NodeId lhs = expression();
    const NodeId rhs = expression();
    Kind result = Kind::Binary;
    if (o.symbol[0] == '>' && (o.symbol[1] == '\0' || (o.symbol[1] == '>' && o.symbol[2] == '\0')))
      result = Kind::BinaryGreater;
    else if (o.prec == Prec::Assign) result = Kind::Assign;
    else if (o.prec == Prec::Comma) result = Kind::Comma;
    return make_op(result, op, lhs, rhs);
  }
  case OperatorKind::Postfix:
    if (!consume('_')) return make_op(Kind::Postfix, op, expression());
    return make_op(Kind::Prefix, op, expression());
  case OperatorKind::Prefix: return make_op(Kind::Prefix, op, expression());
  case OperatorKind::Subscript:
  case OperatorKind::Member: {
    const NodeId lhs = expression();
    const NodeId rhs = expression();
    return make_op(o.kind == OperatorKind::Member ? Kind::Member : Kind::Subscript, op, lhs, rhs);
  }
  case OperatorKind::Conditional: {
    const NodeId condition = expression();
    const NodeId then = expression();
    return make_op(Kind::Conditional, op, condition, then, expression());
  }
  case OperatorKind::New: return new_expression(op, global);
  case OperatorKind::Delete: {
    const NodeId result = make_op(Kind::Delete, op, expression());
    return with_aux(result, (o.flag ? flag_f : 0) | (global ? flag_y : 0));
  }
  case OperatorKind::Call: {
    const NodeId callee = expression();
    return make_op(o.flag ? Kind::ParenthesizedCall : Kind::Call, op, callee, expression_list('E'));
  }
  case OperatorKind::CCast: {
    const bool old_try = try_template_args_;
    try_template_args_ = false;
    const NodeId target = type();
    try_template_args_ = old_try;
    NodeId list;
    if (consume('_')) {
      list = expression_list('E');
    } else {
      const size_t first = b_.names.size();
      if (look() == 'E') return fail();
      add_name(expression());
      list = pop_list(first);
    }
    return make_op(Kind::Conversion, op, target, list);
  }
  case OperatorKind::NamedCast: {
    const NodeId target = type();
    return make_op(Kind::Cast, op, target, expression());
  }
  case OperatorKind::OfId: return make_op(Kind::EnclosingOperator, op, o.flag ? type() : expression());
  case OperatorKind::NameOnly: break;
  }
  return fail();
}

// <expression> ::= [gs] <one of nw na> <expression>* _ <type> [pi <expression>*] E
NodeId Parser::new_expression(uint32_t op, bool global) {
  const NodeId placement = expression_list('_');
  const NodeId of_type = type();
  NodeId initializer;
  if (consume("pi")) {
    initializer = expression_list('E');
  } else {
    initializer = pop_list(b_.names.size());
    if (!consume('E')) fail();
  }
  const NodeId result = make_op(Kind::New, op, placement, of_type, initializer);
  return with_aux(result, (operators[op].flag ? flag_f : 0) | (global ? flag_y : 0));
}

// <expression> ::= <expr-primary> | <template-param> | <function-param> | <unresolved-name>
//              ::= <fold-expr> | <requires-expression>
//              ::= il <braced-expression>* E
//              ::= tl <type> <braced-expression>* E
//              ::= mc <parameter type> <expression> [<offset number>] E
//              ::= so <referent type> <expression> [<offset number>] <union-selector>* [p] E
//              ::= nx <expression>                    # noexcept
//              ::= sp <expression>                    # pack expansion
//              ::= sZ <template-param> | sZ <function-param>
//              ::= sP <template-arg>* E
//              ::= tw <expression> | tr
//              ::= u <source-name> <template-arg>* E  # vendor's
// <union-selector> ::= _ [<number>]
NodeId Parser::other_expression(bool global) {
  if (left() < 2) return fail();
  if (look() == 'L') return primary();
  if (look() == 'T') return template_param();
  if (look() == 'f')
    return look(1) == 'p' || (look(1) == 'L' && is_digit(look(2))) ? function_param() : fold();
  if (consume("il")) return braced_list({});
  if (consume("tl")) return braced_list(type());
  if (consume("mc")) {
    const NodeId target = type();
    const NodeId of = expression();
    number(true);
    if (!consume('E')) return fail();
    return with_prec(make(Kind::MemberConversion, target, of), Prec::Unary);
  }
  if (consume("so")) {
    const NodeId referent = type();
    const NodeId of = expression();
    number(true);
    const NodeId offset{text_at_}, offset_size{text_size_};
    while (consume('_')) number();
    consume('p');
    if (!consume('E')) return fail();
    return make(Kind::Subobject, 0, referent, of, offset, offset_size);
  }
  if (consume("nx")) {
    const NodeId of = expression();
    return with_prec(make(Kind::Enclosing, static_cast<uint32_t>(Literal::NoexceptOf), of), Prec::Unary);
  }
  if (look() == 'r' && (look(1) == 'q' || look(1) == 'Q')) return requires_expression();
  if (consume("sp")) return make(Kind::PackExpansion, expression());
  if (consume("sZ")) {
    if (look() == 'T')
      return make(Kind::Enclosing, static_cast<uint32_t>(Literal::SizeofPack),
                  make(Kind::PackExpansion, template_param()));
    return make(Kind::Enclosing, static_cast<uint32_t>(Literal::SizeofPackOf), function_param());
  }
  if (consume("sP")) {
    const size_t first = b_.names.size();
    while (!failed_ && !consume('E')) add_name(template_arg());
    return make(Kind::Enclosing, static_cast<uint32_t>(Literal::SizeofPackOf),
                make(Kind::ArgumentPack, pop_list(first)));
  }
  if (consume("tr")) return make_literal(Literal::ThrowWord);
  if (consume("tw")) return make(Kind::Throw, expression());
  if (consume('u')) return vendor_expression();
  return unresolved_name(global);
}

// <expression> ::= u <source-name> <template-arg>* E
//              ::= u 8__uuidof t <type>
//              ::= u 8__uuidof z <expression>
NodeId Parser::vendor_expression() {
  const NodeId callee = source_name();
  const bool is_uuid = text_is(callee, "__uuidof");
  const size_t first = b_.names.size();
  if (is_uuid && consume('t')) add_name(type());
  else if (is_uuid && consume('z')) add_name(expression());
  else
    while (!failed_ && !consume('E')) add_name(template_arg());
  return with_prec(make(Kind::Call, callee, pop_list(first)), Prec::Postfix);
}

// <expr-primary> ::= L <type> <value number> E
//                ::= L <type> <value float> E
//                ::= L <string type> E
//                ::= L <nullptr type> [0] E
//                ::= L <closure-type-name> E
//                ::= L _Z <encoding> E
NodeId Parser::primary() {
  at_++;
  const char c = look();
  const LiteralShape shape = literal_shape(c);
  NodeId result;
  if (shape.shape == Shape::Float) {
    at_++;
    // As many hexadecimal digits as the type has on x86-64, where `long double` has 80 bits.
    return float_literal(c == 'f' ? 8 : c == 'd' ? 16 : 20);
  }
  if (shape.shape != Shape::None) {
    at_++;
    if (!number(true)) return fail();
    result = make_text(shape.shape == Shape::Cast ? Kind::CastInteger : Kind::SuffixedInteger,
                       static_cast<uint32_t>(shape.suffix));
  } else if (c == 'b') {
    at_++;
    const char value = look();
    if (value != '0' && value != '1') return fail();
    at_++;
    result = make(Kind::Bool, static_cast<uint32_t>(value == '1' ? Literal::True : Literal::False));
  } else if (c == '_') {
    if (!consume("_Z")) return fail();
    result = encoding();
  } else if (c == 'A') {
    result = make(Kind::StringLiteral, type());
  } else if (c == 'D') {
    if (!consume("Dn")) return fail();
    consume('0');
    result = make_literal(Literal::Nullptr);
  } else if (c == 'T') {
    return fail();
  } else if (c == 'U') {
    if (look(1) != 'l') return fail();
    result = closure_type_name();
    result = make(Kind::LambdaExpr, 0, operand(result, 0), operand(result, 1), operand(result, 2),
                  operand(result, 3));
  } else {
    const NodeId of_type = type();
    if (!number(true)) return fail();
    result = make(Kind::EnumLiteral, of_type, NodeId{text_at_}, NodeId{text_size_});
  }
  return consume('E') ? result : fail();
}

// <value float> ::= <the bytes in hexadecimal, lower case, high end first>
NodeId Parser::float_literal(uint32_t digits) {
  if (left() <= digits) return fail();
  text_at_ = at_;
  text_size_ = digits;
  for (; digits != 0; digits--, at_++)
    if (!is_digit(look()) && (look() < 'a' || look() > 'f')) return fail();
  return consume('E') ? make_text(Kind::Float) : fail();
}

// <braced-expression> ::= <expression>
//                     ::= di <field source-name> <braced-expression>                    # .name = e
//                     ::= dx <index expression> <braced-expression>                     # [i] = e
//                     ::= dX <first expression> <last expression> <braced-expression>   # [i ... j] = e
NodeId Parser::braced_expression() {
  if (look() != 'd' || (look(1) != 'i' && look(1) != 'x' && look(1) != 'X')) return expression();
  const char c = look(1);
  NodeId result;
  if (enter()) {
    at_ += 2;
    const NodeId first = c == 'i' ? source_name() : expression();
    const NodeId last = c == 'X' ? expression() : NodeId{};
    const NodeId value = braced_expression();
    const bool nests = kind(value) >= Kind::BracedField && kind(value) <= Kind::BracedRange;
    const uint32_t equals = static_cast<uint32_t>(nests ? Literal::Empty : Literal::Equals);
    result = c == 'X' ? make(Kind::BracedRange, equals, first, last, value)
                      : make(c == 'i' ? Kind::BracedField : Kind::BracedIndex, equals, first, value);
  }
  leave();
  return result;
}

NodeId Parser::braced_list(NodeId type_node) {
  const size_t first = b_.names.size();
  while (!failed_ && !consume('E')) add_name(braced_expression());
  return make(Kind::InitList, type_node, pop_list(first));
}

// <fold-expr> ::= <one of fl fr> <binary operator-name> <expression>
//             ::= <one of fL fR> <binary operator-name> <expression> <expression>
NodeId Parser::fold() {
  at_++;
  const char c = look();
  if (c != 'l' && c != 'r' && c != 'L' && c != 'R') return fail();
  at_++;
  const uint32_t op = operator_code();
  if (op == no_operator) return fail();
  const Operator& o = operators[op];
  const std::string_view symbol = o.symbol;
  if (o.kind != OperatorKind::Binary && (o.kind != OperatorKind::Member || symbol.back() != '*'))
    return fail();
  const NodeId first = expression();
  if (c == 'l') return make(Kind::FoldLeft, op, make(Kind::PackExpansion, first));
  if (c == 'r') return make(Kind::FoldRight, op, make(Kind::PackExpansion, first));
  const NodeId second = expression();
  if (c == 'L') return make(Kind::FoldLeftInit, op, make(Kind::PackExpansion, second), first);
  return make(Kind::FoldRightInit, op, make(Kind::PackExpansion, first), second);
}

// <function-param> ::= fpT                                                   # this
//                  ::= fp <CV-qualifiers> [<number>] _
//                  ::= fL <level number> p <CV-qualifiers> [<number>] _
NodeId Parser::function_param() {
  if (consume("fp")) {
    if (consume('T')) return make_literal(Literal::This);
  } else if (!consume("fL") || !number() || !consume('p')) {
    return fail();
  }
  cv_qualifiers();
  number();
  const NodeId result = make_text(Kind::FunctionParam);
  return consume('_') ? result : fail();
}

// <requires-expression> ::= rQ <bare-function-type> _ <requirement>+ E
//                       ::= rq <requirement>+ E
// <requirement> ::= X <expression> [N] [R <type-constraint>]
//               ::= T <type>
//               ::= Q <constraint-expression>
NodeId Parser::requires_expression() {
  const size_t first = b_.names.size();
  if (consume("rQ")) {
    while (!failed_ && !consume('_')) add_name(type());
  } else {
    at_ += 2;
  }
  const NodeId params = pop_list(first);
  do {
    if (consume('X')) {
      const NodeId of = expression();
      const bool is_noexcept = consume('N');
      const NodeId constraint_name = consume('R') ? name(false) : NodeId{};
      add_name(make(Kind::ExprRequirement,
                    (is_noexcept || constraint_name ? flag_f : 0) | (is_noexcept ? flag_y : 0), of,
                    constraint_name));
    } else if (consume('T')) {
      add_name(make(Kind::TypeRequirement, type()));
    } else if (consume('Q')) {
      add_name(make(Kind::NestedRequirement, expression()));
    } else {
      fail();
    }
  } while (!failed_ && !consume('E'));
  return make(Kind::Requires, params, pop_list(first));
}

NodeId Parser::constraint() {
  const bool old = in_constraint_;
  in_constraint_ = true;
  const NodeId result = expression();
  in_constraint_ = old;
  return result;
}

// <unresolved-name> ::= [gs] <base-unresolved-name>
//                   ::= [gs] sr <simple-id>+ E <base-unresolved-name>
//                   ::= sr <unresolved-type> [<template-args>] <base-unresolved-name>
//                   ::= srN <unresolved-type> [<template-args>] <simple-id>* E <base-unresolved-name>
NodeId Parser::unresolved_name(bool global) {
  NodeId so_far;
  if (!consume("sr")) {
    so_far = base_unresolved_name();
    return global ? make(Kind::GlobalQualified, so_far) : so_far;
  }
  if (is_digit(look())) {
    do {
      const NodeId qualifier = simple_id();
      so_far = so_far   ? make(Kind::Nested, so_far, qualifier)
               : global ? make(Kind::GlobalQualified, qualifier)
                        : qualifier;
    } while (!failed_ && !consume('E'));
  } else {
    const bool nested = consume('N');
    so_far = optional_template_args(unresolved_type());
    while (nested && !failed_ && !consume('E')) so_far = make(Kind::Nested, so_far, simple_id());
  }
  return make(Kind::Nested, so_far, base_unresolved_name());
}

// <unresolved-type> ::= <template-param> | <decltype> | <substitution>
NodeId Parser::unresolved_type() {
  if (look() == 'S') return substitution();
  if (look() != 'T' && look() != 'D') return fail();
  const NodeId result = look() == 'T' ? template_param() : decltype_type();
  add_sub(result);
  return result;
}

// <simple-id> ::= <source-name> [<template-args>]
NodeId Parser::simple_id() {
  return optional_template_args(source_name());
}

// <base-unresolved-name> ::= <simple-id>
//                        ::= [on] <operator-name> [<template-args>]
//                        ::= dn <destructor-name>
// <destructor-name> ::= <unresolved-type> | <simple-id>
NodeId Parser::base_unresolved_name() {
  if (is_digit(look())) return simple_id();
  if (consume("dn")) return make(Kind::Dtor, is_digit(look()) ? simple_id() : unresolved_type());
  consume("on");
  return optional_template_args(operator_name(false));
}

} // namespace weld::demangling
