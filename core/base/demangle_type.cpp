// Itanium C++ names: types.
#include "core/base/demangle_parser.h"

namespace weld::demangling {

// <type> ::= <builtin-type>
//        ::= <qualified-type> | <function-type> | <class-enum-type> | <array-type> | <vector-type> |
//        <decltype>
//        ::= <template-param> [<template-args>]
//        ::= <substitution> [<template-args>]
//        ::= M <class type> <member type>
//        ::= P <type> | R <type> | O <type>           # *, &, &&
//        ::= C <type> | G <type>                      # complex, imaginary
//        ::= u <source-name> [I <type> E]             # vendor's builtin
//        ::= D <letter> ...                           # see builtin_d_type
NodeId Parser::type() {
  const NodeId result = enter() ? any_type() : NodeId{};
  leave();
  return result;
}

// Types are substitution candidates, except builtin types (but for _BitInt) and what comes from a substitution itself.
NodeId Parser::any_type() {
  const char c = look();
  NodeId result;
  switch (c) {
  case 'r':
  case 'V':
  case 'K': {
    uint32_t ahead = look() == 'r';
    ahead += look(ahead) == 'V';
    ahead += look(ahead) == 'K';
    const char next = look(ahead + 1);
    const bool is_function =
        look(ahead) == 'F' ||
        (look(ahead) == 'D' && (next == 'o' || next == 'O' || next == 'w' || next == 'x'));
    result = is_function ? function_type() : qualified_type();
    break;
  }
  case 'U': result = qualified_type(); break;
  case 'u': {
    at_++;
    if (!bare_source_name()) return fail();
    const NodeId at{text_at_}, size{text_size_};
    if (consume('I')) {
      result = make(Kind::Transformed, at, size, type());
      if (!consume('E')) fail();
    } else {
      result = make(Kind::Text, at, size);
    }
    break;
  }
  case 'D':
    if (const char d = look(1); d >= 'a' && d <= 'z' && literals[26 + (d - 'a')]) {
      at_ += 2;
      return make(Kind::Literal, static_cast<uint32_t>(Literal::BuiltinDA) + static_cast<uint32_t>(d - 'a'));
    }
    if (like_llvm_22_ && (look(1) == 'A' || look(1) == 'R' || look(1) == 'S')) return fixed_point_type();
    if (look(1) == 'F' || look(1) == 'B' || look(1) == 'U' || look(1) == 'k' || look(1) == 'K')
      return builtin_d_type();
    switch (look(1)) {
    case 't':
    case 'T': result = decltype_type(); break;
    case 'v': result = vector_type(); break;
    case 'p':
      at_ += 2;
      result = make(Kind::PackExpansion, type());
      break;
    case 'o':
    case 'O':
    case 'w':
    case 'x': result = function_type(); break;
    default: return fail();
    }
    break;
  case 'F': result = function_type(); break;
  case 'A': result = array_type(); break;
  case 'M': {
    at_++;
    const NodeId of_class = type();
    const NodeId member = type();
    result = make(Kind::PointerToMember, of_class, member);
    with_has(result, right_side_of(member));
    break;
  }
  case 'T':
    if (look(1) == 's' || look(1) == 'u' || look(1) == 'e') {
      result = class_enum_type();
    } else {
      result = template_param();
      if (try_template_args_ && look() == 'I') {
        if (like_llvm_22_) add_sub(result); // the ABI says so, but LLVM 19 does not
        result = optional_template_args(result);
      }
    }
    break;
  case 'P': {
    at_++;
    const NodeId to = type();
    // A pointer to Objective-C's `objc_object<Protocol>` is written `id<Protocol>`.
    if (kind(to) == Kind::ObjCProtocol) {
      const NodeId object = operand(to, 0);
      if (text_is(object, "objc_object")) {
        result = make(Kind::ObjCId, operand(to, 1), operand(to, 2));
        break;
      }
    }
    result = make(Kind::Pointer, to);
    with_has(result, right_side_of(to));
    break;
  }
  case 'R':
  case 'O': {
    at_++;
    const NodeId to = type();
    result = make(Kind::Reference, c == 'R' ? 0 : flag_f, to);
    with_has(result, right_side_of(to));
    break;
  }
  case 'C':
  case 'G':
    at_++;
    result = type();
    result = make(Kind::PostfixQualified,
                  static_cast<uint32_t>(c == 'C' ? Literal::Complex : Literal::Imaginary), result);
    break;
  case 'S':
    if (look(1) != 't') {
      result = unscoped_name(false);
      const bool is_sub = is_sub_;
      if (look() == 'I' && (!is_sub || try_template_args_)) {
        if (!is_sub) add_sub(result);
        result = optional_template_args(result);
      } else if (is_sub) {
        return result;
      }
      break;
    }
    result = class_enum_type();
    break;
  default:
    if (c >= 'a' && c <= 'z' && literals[c - 'a']) {
      at_++;
      return make(Kind::Literal, static_cast<uint32_t>(c - 'a'));
    }
    result = class_enum_type();
  }
  add_sub(result);
  return result;
}

// <builtin-type> ::= DF <number> _                               # _FloatN
//                ::= DF16b                                       # std::bfloat16_t, of LLVM 22
//                ::= DB <number> _ | DB <expression> _           # _BitInt(N)
//                ::= DU <number> _ | DU <expression> _           # unsigned _BitInt(N)
//                ::= Dk <type-constraint>                        # constrained auto
//                ::= DK <type-constraint>                        # constrained decltype(auto)
NodeId Parser::builtin_d_type() {
  const char c = look(1);
  at_ += 2;
  if (c == 'k' || c == 'K') {
    const Literal literal = c == 'k' ? Literal::Auto : Literal::DecltypeAuto;
    return make(Kind::PostfixQualified, static_cast<uint32_t>(literal), name(false));
  }
  if (c == 'F' && like_llvm_22_ && consume("16")) {
    if (consume('b')) return make_literal(Literal::Bfloat16);
    at_ -= 2;
  }
  NodeId size;
  if (c == 'F' || is_digit(look())) {
    number();
    size = make_text(Kind::Text);
  } else {
    size = expression();
  }
  if (!consume('_')) return fail();
  if (c == 'F') return make(Kind::BinaryFloat, size);
  const NodeId result = make(Kind::BitInt, c == 'U' ? flag_f : 0, size);
  // The ABI says so, but LLVM 19 does not.
  if (like_llvm_22_) add_sub(result);
  return result;
}

// <builtin-type> ::= [DS] DA <one of s t i j l m>                # _Accum
//                ::= [DS] DR <one of s t i j l m>                # _Fract
NodeId Parser::fixed_point_type() {
  const bool is_saturated = consume("DS");
  const bool is_fract = consume("DR");
  if (!is_fract && !consume("DA")) return fail();
  const std::string_view letters = "stijlm";
  const size_t size = letters.find(look());
  if (left() == 0 || size == letters.npos) return fail();
  at_++;
  const Literal first = is_fract ? Literal::FractShort : Literal::AccumShort;
  const NodeId result = make_literal(static_cast<Literal>(static_cast<size_t>(first) + size));
  return is_saturated ? make(Kind::Elaborated, static_cast<uint32_t>(Literal::Saturated), result) : result;
}

// <qualified-type> ::= <extended-qualifier>* <CV-qualifiers> <type>
// <extended-qualifier> ::= U <source-name> [<template-args>]
//                      ::= U <length> objcproto <source-name>
NodeId Parser::qualified_type() {
  NodeId result;
  if (!enter()) {
  } else if (consume('U')) {
    if (!bare_source_name()) fail();
    const uint32_t begin = text_at_, size = text_size_;
    if (text_starts_with("objcproto")) {
      // Within the identifier is another source name, that of the protocol.
      const uint32_t old_at = at_, old_end = end_;
      at_ = begin + 9;
      end_ = begin + size;
      const bool has_name = bare_source_name();
      const NodeId protocol_at{text_at_}, protocol_size{text_size_};
      at_ = old_at;
      end_ = old_end;
      if (!has_name) fail();
      result = make(Kind::ObjCProtocol, qualified_type(), protocol_at, protocol_size);
    } else {
      const NodeId args = look() == 'I' ? template_args() : NodeId{};
      const NodeId child = qualified_type();
      result = make(Kind::VendorQualified, 0, child, NodeId{begin}, NodeId{size}, args);
    }
  } else {
    const uint32_t quals = cv_qualifiers();
    result = type();
    if (quals != 0) {
      const uint32_t bits = has_bits_of(result);
      result = with_has(make(Kind::Qualified, quals, result), bits);
    }
  }
  leave();
  return result;
}

// <function-type> ::= [<CV-qualifiers>] [<exception-spec>] [Dx] F [Y] <bare-function-type> [<ref-qualifier>]
// E <exception-spec> ::= Do
//                  ::= DO <expression> E
//                  ::= Dw <type>+ E
NodeId Parser::function_type() {
  uint32_t quals = cv_qualifiers();
  NodeId exceptions;
  if (consume("Do")) {
    exceptions = make_literal(Literal::NoexceptWord);
  } else if (consume("DO")) {
    exceptions = make(Kind::Noexcept, expression());
    if (!consume('E')) fail();
  } else if (consume("Dw")) {
    const size_t first = b_.names.size();
    while (!failed_ && !consume('E')) add_name(type());
    exceptions = make(Kind::DynamicExceptions, pop_list(first));
  }
  consume("Dx");
  if (!consume('F')) return fail();
  consume('Y');
  const NodeId result_type = type();
  const size_t first = b_.names.size();
  while (!failed_ && !consume('E')) {
    if (consume('v')) continue;
    if (consume("RE")) {
      quals |= qual_lvalue;
      break;
    }
    if (consume("OE")) {
      quals |= qual_rvalue;
      break;
    }
    add_name(type());
  }
  const NodeId result = make(Kind::Function, quals, result_type, pop_list(first), exceptions);
  return with_has(result, has_bits(Has::Yes, Has::No, Has::Yes));
}

// <vector-type> ::= Dv <number> _ <type>
//               ::= Dv <number> _ p               # AltiVec pixel
//               ::= Dv [<expression>] _ <type>
NodeId Parser::vector_type() {
  at_ += 2;
  NodeId size;
  if (look() >= '1' && look() <= '9') {
    number();
    size = make_text(Kind::Text);
    if (!consume('_')) return fail();
    if (consume('p')) return make(Kind::PixelVector, size);
  } else if (!consume('_')) {
    size = expression();
    if (!consume('_')) return fail();
  }
  return make(Kind::Vector, type(), size);
}

// <array-type> ::= A [<number>] _ <type>
//              ::= A <expression> _ <type>
NodeId Parser::array_type() {
  at_++;
  NodeId size;
  if (is_digit(look())) {
    number();
    size = make_text(Kind::Text);
    if (!consume('_')) return fail();
  } else if (!consume('_')) {
    size = expression();
    if (!consume('_')) return fail();
  }
  const NodeId result = make(Kind::Array, type(), size);
  return with_has(result, has_bits(Has::Yes, Has::Yes));
}

// <decltype> ::= Dt <expression> E
//            ::= DT <expression> E
NodeId Parser::decltype_type() {
  at_++;
  if (!consume('t') && !consume('T')) return fail();
  const NodeId of = expression();
  return consume('E') ? make(Kind::Enclosing, static_cast<uint32_t>(Literal::Decltype), of) : fail();
}

// <class-enum-type> ::= [<one of Ts Tu Te>] <name>
NodeId Parser::class_enum_type() {
  const Literal keyword = consume("Ts")   ? Literal::Struct
                          : consume("Tu") ? Literal::Union
                          : consume("Te") ? Literal::Enum
                                          : Literal::Empty;
  const NodeId result = name(false);
  return keyword == Literal::Empty ? result : make(Kind::Elaborated, static_cast<uint32_t>(keyword), result);
}

} // namespace weld::demangling
