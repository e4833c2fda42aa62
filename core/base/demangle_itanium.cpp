// Itanium C++ names: the parser's hold on input and tree, and the productions of encodings and names.
#include "core/base/demangle_parser.h"

namespace weld::demangling {

namespace {

constexpr uint8_t operand_counts[] = {
#define NODE(kind, operands, left, right) operands,
#include "core/base/demangle_nodes.def"
#undef NODE
};

} // namespace

bool Parser::consume(char c) {
  if (look() != c || at_ == end_) return false;
  at_++;
  return true;
}

bool Parser::consume(const char* two) {
  if (left() < 2 || in_[at_] != two[0] || in_[at_ + 1] != two[1]) return false;
  at_ += 2;
  return true;
}

// Whether the piece of the input at text_at_ starts with `word`.
bool Parser::text_starts_with(const char* word) const {
  uint32_t i = 0;
  while (i < text_size_ && word[i] != '\0' && in_[text_at_ + i] == word[i]) i++;
  return word[i] == '\0';
}

bool Parser::text_is(NodeId id, const char* word) const {
  if (kind(id) != Kind::Text) return false;
  const char* text = in_ + operand(id, 0).word;
  uint32_t i = 0;
  const uint32_t size = operand(id, 1).word;
  while (i < size && text[i] == word[i] && word[i] != '\0') i++;
  return i == size && word[i] == '\0';
}

NodeId Parser::fail() {
  failed_ = true;
  at_ = end_;
  return {};
}

NodeId Parser::make(Kind kind, uint32_t aux, NodeId a, NodeId b, NodeId c, NodeId d, NodeId e, NodeId f) {
  const uint32_t row = static_cast<uint32_t>(b_.words.size());
  const uint32_t words[] = {
      static_cast<uint32_t>(kind) | aux << aux_shift, a.word, b.word, c.word, d.word, e.word, f.word};
  b_.words.append(words, words + 1 + operand_counts[static_cast<uint32_t>(kind)]);
  return NodeId{row};
}

// An expression with an operator binds as that does.
NodeId Parser::make_op(Kind kind, uint32_t op, NodeId a, NodeId b, NodeId c) {
  const NodeId id = make(kind, op, a, b, c);
  b_.words[id.word] |= static_cast<uint32_t>(operators[op].prec) << prec_shift;
  return id;
}

void Parser::add_name(NodeId id) {
  push(b_.names, id.word);
}
void Parser::add_sub(NodeId id) {
  push(b_.subs, id.word);
}

NodeId Parser::pop_list(size_t from) {
  const uint32_t row = static_cast<uint32_t>(b_.words.size());
  push(b_.words, static_cast<uint32_t>(b_.names.size() - from));
  b_.words.append(b_.names.begin() + static_cast<std::ptrdiff_t>(from), b_.names.end());
  b_.names.truncate(from);
  return NodeId{row};
}

// Bounds how productions nest. Whoever can reach itself enters.
bool Parser::enter() {
  if (++depth_ > max_demangle_depth) fail();
  return !failed_;
}

void Parser::open_level() {
  push(b_.levels, static_cast<uint32_t>(b_.params.size()));
  push(b_.levels, static_cast<uint32_t>(b_.params.size()));
}

// Only the innermost open level grows, so each is one run of `params`.
void Parser::add_param(uint32_t level, NodeId id) {
  push(b_.params, id.word);
  b_.levels[2 * level + 1] = static_cast<uint32_t>(b_.params.size());
}

// <number> ::= [n] <non-negative decimal integer>
bool Parser::number(bool may_be_negative) {
  text_at_ = at_;
  if (may_be_negative) consume('n');
  text_size_ = 0;
  if (!is_digit(look())) return false;
  while (is_digit(look())) at_++;
  text_size_ = at_ - text_at_;
  return true;
}

// As large a number as wanted is read, modulo 2^64, as LLVM does.
bool Parser::positive_integer(uint64_t& value) {
  value = 0;
  if (!is_digit(look())) return false;
  while (is_digit(look())) value = value * 10 + static_cast<uint64_t>(in_[at_++] - '0');
  return true;
}

// <seq-id> ::= <0-9A-Z>+
bool Parser::seq_id(uint64_t& value) {
  const uint32_t begin = at_;
  for (value = 0;; at_++) {
    const char c = look();
    if (is_digit(c)) value = value * 36 + static_cast<uint64_t>(c - '0');
    else if (c >= 'A' && c <= 'Z') value = value * 36 + static_cast<uint64_t>(c - 'A') + 10;
    else return at_ != begin;
  }
}

bool Parser::bare_source_name() {
  uint64_t size = 0;
  if (!positive_integer(size) || left() < size) return false;
  text_at_ = at_;
  text_size_ = static_cast<uint32_t>(size);
  at_ += text_size_;
  return size != 0;
}

// <discriminator> ::= _ <digit> | __ <number> _, and by older compilers a <number> that ends the name. It is
// optional and does not show; what is none stays in the input.
void Parser::discriminator() {
  if (look() == '_') {
    uint32_t ahead = 1;
    if (is_digit(look(1))) {
      at_ += 2;
    } else if (look(1) == '_') {
      do ahead++;
      while (is_digit(look(ahead)));
      if (look(ahead) == '_') at_ += ahead + 1;
    }
  } else if (is_digit(look())) {
    uint32_t ahead = 1;
    while (is_digit(look(ahead))) ahead++;
    if (left() == ahead) at_ = end_;
  }
}

// <CV-qualifiers> ::= [r] [V] [K]
uint32_t Parser::cv_qualifiers() {
  uint32_t quals = 0;
  if (consume('r')) quals |= qual_restrict;
  if (consume('V')) quals |= qual_volatile;
  if (consume('K')) quals |= qual_const;
  return quals;
}

uint32_t Parser::operator_code() {
  if (left() < 2) return no_operator;
  uint32_t low = 0, high = operator_count - 1;
  while (low != high) {
    const uint32_t middle = (low + high) / 2;
    const char* code = operators[middle].code;
    if (code[0] < look() || (code[0] == look() && code[1] < look(1))) low = middle + 1;
    else high = middle;
  }
  const Operator& found = operators[low];
  if (found.kind == OperatorKind::Call && found.flag && !like_llvm_22_) return no_operator;
  return consume(found.code) ? low : no_operator;
}

// <mangled-name> ::= _Z <encoding>
//                ::= ___Z <encoding> _block_invoke [_] <number>*   (extension)
NodeId Parser::mangled_name() {
  if (consume("_Z")) {
    NodeId result = encoding();
    if (look() == '.') {
      text_at_ = at_;
      text_size_ = left();
      at_ = end_;
      result = make(Kind::DotSuffix, result, NodeId{text_at_}, NodeId{text_size_});
    }
    return failed_ || left() != 0 ? fail() : result;
  }
  at_ += 4; // ___Z
  const NodeId result = encoding();
  for (const char* p = "_block_invoke"; *p; p++)
    if (!consume(*p)) return fail();
  const bool needs_number = consume('_');
  if (!number() && needs_number) return fail();
  if (look() == '.') at_ = end_;
  return failed_ || left() != 0 ? fail() : special(Literal::BlockInvocation, result);
}

// <encoding> ::= <function name> <bare-function-type> [Q <requires-clause expression>]
//            ::= <data name>
//            ::= <special-name>
NodeId Parser::encoding() {
  // The template parameters of an encoding have nothing to do with those around it.
  const uint32_t old_base = level_base_;
  const size_t old_params = b_.params.size();
  const size_t old_forward = b_.forward.size();
  const NameFacts old_facts = facts_;
  level_base_ = static_cast<uint32_t>(b_.levels.size() / 2);
  facts_ = {};

  // No <type> starts with what can follow an encoding.
  const auto at_end = [this] { return left() == 0 || look() == 'E' || look() == '.' || look() == '_'; };
  NodeId result;
  if (!enter()) {
  } else if (look() == 'G' || look() == 'T') {
    result = special_name();
  } else {
    result = name(true);
    for (size_t i = old_forward; !failed_ && i < b_.forward.size(); i++) {
      uint32_t* reference = &b_.words[b_.forward[i]];
      const uint32_t level = 2 * level_base_;
      if (level_count() == 0 || reference[1] >= b_.levels[level + 1] - b_.levels[level]) fail();
      else reference[2] = b_.params[b_.levels[level] + reference[1]];
    }
    b_.forward.truncate(old_forward);
    if (!failed_ && !at_end()) {
      const NameFacts facts = facts_;
      NodeId attributes, return_type, params, requirement;
      text_at_ = at_;
      text_size_ = left();
      if (text_starts_with("Ua9enable_ifI")) {
        at_ += 13;
        const size_t first = b_.names.size();
        while (!failed_ && !consume('E')) add_name(template_arg());
        attributes = make(Kind::EnableIf, pop_list(first));
      }
      if (!facts.has_no_return_type && facts.ends_with_args) return_type = type();
      const size_t first = b_.names.size();
      if (!consume('v')) {
        do {
          NodeId param = type();
          if (facts.explicit_object && first == b_.names.size()) param = make(Kind::ExplicitObject, param);
          add_name(param);
        } while (!failed_ && !at_end() && look() != 'Q');
      }
      params = pop_list(first);
      if (consume('Q')) requirement = constraint();
      result = make(Kind::Encoding, facts.quals, return_type, result, params, attributes, requirement);
      with_has(result, has_bits(Has::Yes, Has::No, Has::Yes));
    }
  }
  leave();

  clear_levels();
  b_.params.truncate(old_params);
  level_base_ = old_base;
  facts_ = old_facts;
  return result;
}

// <call-offset> ::= h <offset number> _
//               ::= v <offset number> _ <virtual offset number> _
bool Parser::call_offset() {
  if (consume('h')) return number(true) && consume('_');
  return consume('v') && number(true) && consume('_') && number(true) && consume('_');
}

// <special-name> ::= T <one of V T I S> <type>
//                ::= T <one of W H> <object name>
//                ::= TA <template-arg>
//                ::= TC <type> <offset number> _ <base type>
//                ::= Tc <call-offset> <call-offset> <base encoding>
//                ::= T <call-offset> <base encoding>
//                ::= GV <object name>
//                ::= GR <object name> [[<seq-id>] _]
//                ::= GI <module-name>
NodeId Parser::special_name() {
  const bool t = look() == 'T';
  at_++;
  const char c = look();
  if (left() == 0) return fail();
  at_++;
  if (!t) {
    switch (c) {
    case 'V': return special(Literal::GuardVariable, name(false));
    case 'R': {
      const NodeId object = name(false);
      uint64_t ignored;
      const bool has_seq_id = seq_id(ignored);
      return !consume('_') && has_seq_id ? fail() : special(Literal::ReferenceTemporary, object);
    }
    case 'I': {
      const NodeId module = module_name({});
      return module ? special(Literal::ModuleInitializer, module) : fail();
    }
    default: return fail();
    }
  }
  switch (c) {
  case 'A': return special(Literal::TemplateParameterObject, template_arg());
  case 'V': return special(Literal::Vtable, type());
  case 'T': return special(Literal::Vtt, type());
  case 'I': return special(Literal::Typeinfo, type());
  case 'S': return special(Literal::TypeinfoName, type());
  case 'c': return call_offset() && call_offset() ? special(Literal::CovariantThunk, encoding()) : fail();
  case 'C': {
    const NodeId derived = type();
    if (!number(true) || !consume('_')) return fail();
    return make(Kind::ConstructionVtable, type(), derived);
  }
  case 'W': return special(Literal::ThreadLocalWrapper, name(false));
  case 'H': return special(Literal::ThreadLocalInit, name(false));
  default:
    at_--;
    if (!call_offset()) return fail();
    return special(c == 'v' ? Literal::VirtualThunk : Literal::NonVirtualThunk, encoding());
  }
}

// <name> ::= <nested-name>
//        ::= <local-name>
//        ::= <unscoped-template-name> <template-args>
//        ::= <unscoped-name>
// `of_encoding`: facts about the name go to `facts_`, and its template arguments are what T_ means in the
// types after.
NodeId Parser::name(bool of_encoding) {
  NodeId result;
  if (!enter()) {
  } else if (look() == 'N') {
    result = nested_name(of_encoding);
  } else if (look() == 'Z') {
    result = local_name(of_encoding);
  } else {
    result = unscoped_name(of_encoding);
    const bool is_sub = is_sub_;
    if (look() == 'I') {
      if (!is_sub) add_sub(result);
      result = make(Kind::NameWithArgs, result, template_args(of_encoding));
      if (of_encoding) facts_.ends_with_args = true;
    } else if (is_sub) {
      fail(); // a substitution alone is no name
    }
  }
  leave();
  return result;
}

// <local-name> ::= Z <function encoding> E <entity name> [<discriminator>]
//              ::= Z <function encoding> E s [<discriminator>]
//              ::= Z <function encoding> E d [<parameter number>] _ <entity name>
NodeId Parser::local_name(bool of_encoding) {
  at_++;
  const NodeId function = encoding();
  if (!consume('E')) return fail();
  if (consume('s')) {
    discriminator();
    return make(Kind::Local, function, make_literal(Literal::StringLiteral));
  }
  const uint32_t old_base = level_base_;
  const size_t old_params = b_.params.size();
  level_base_ = static_cast<uint32_t>(b_.levels.size() / 2);
  const bool in_default_argument = consume('d');
  if (in_default_argument) {
    number(true);
    if (!consume('_')) fail();
  }
  const NodeId entity = name(of_encoding);
  if (!in_default_argument) discriminator();
  clear_levels();
  b_.params.truncate(old_params);
  level_base_ = old_base;
  return make(Kind::Local, function, entity);
}

// <unscoped-name> ::= [St] <unqualified-name>
//                 ::= <substitution>            # then is_sub_ is set
NodeId Parser::unscoped_name(bool of_encoding) {
  NodeId std_scope, module;
  if (consume("St")) std_scope = make_literal(Literal::Std);
  if (look() == 'S') {
    const NodeId sub = substitution();
    if (kind(sub) == Kind::Module) module = sub;
    else if (std_scope) return fail();
    else return is_sub_ = true, sub;
  }
  const NodeId result = unqualified_name(of_encoding, std_scope, module);
  is_sub_ = false;
  return result;
}

// <unqualified-name> ::= [<module-name>] [F] [L] <operator-name> [<abi-tags>]
//                    ::= [<module-name>] <ctor-dtor-name> [<abi-tags>]
//                    ::= [<module-name>] [F] [L] <source-name> [<abi-tags>]
//                    ::= [<module-name>] [L] <unnamed-type-name> [<abi-tags>]
//                    ::= [<module-name>] [L] DC <source-name>+ E     # structured binding
NodeId Parser::unqualified_name(bool of_encoding, NodeId scope, NodeId module) {
  module = module_name(module);
  const bool is_friend = scope && consume('F');
  consume('L');
  NodeId result;
  if (look() >= '1' && look() <= '9') {
    result = source_name();
  } else if (look() == 'U') {
    result = unnamed_type_name(of_encoding);
  } else if (consume("DC")) {
    const size_t first = b_.names.size();
    do add_name(source_name());
    while (!failed_ && !consume('E'));
    result = make(Kind::StructuredBinding, pop_list(first));
  } else if (look() == 'C' || look() == 'D') {
    if (!scope || module) return fail();
    // In `std::string::basic_string()` the scope is spelled out, so that its last identifier is that of the
    // class.
    if (kind(scope) == Kind::StdName) {
      const Literal literal = static_cast<Literal>(aux_of(b_.words[scope.word]));
      const bool is_instance = literal >= Literal::String && literal <= Literal::Iostream;
      const NodeId args =
          !is_instance
              ? NodeId{}
              : make_literal(literal == Literal::String ? Literal::CharTraitsAllocator : Literal::CharTraits);
      const uint32_t full = literal == Literal::String ? static_cast<uint32_t>(Literal::BasicString)
                            : is_instance
                                ? static_cast<uint32_t>(literal) - static_cast<uint32_t>(Literal::Istream) +
                                      static_cast<uint32_t>(Literal::BasicIstream)
                                : static_cast<uint32_t>(literal);
      scope = make(Kind::ExpandedStdName, full, args);
    }
    result = ctor_dtor_name(of_encoding, scope);
  } else {
    result = operator_name(of_encoding);
  }
  if (module) result = make(Kind::ModuleEntity, module, result);
  result = abi_tags(result);
  if (!scope) return result;
  return make(is_friend ? Kind::MemberLikeFriend : Kind::Nested, scope, result);
}

// <module-name> ::= [<module-name>] W [P] <source-name>
NodeId Parser::module_name(NodeId module) {
  while (consume('W')) {
    const bool is_partition = consume('P');
    const NodeId part = source_name();
    const Literal separator = is_partition ? Literal::Colon : module ? Literal::Dot : Literal::Empty;
    module = make(Kind::Module, static_cast<uint32_t>(separator), module, part);
    add_sub(module);
  }
  return module;
}

// <unnamed-type-name> ::= Ut [<number>] _
//                     ::= <closure-type-name>
//                     ::= Ub [<number>] _        # a block
NodeId Parser::unnamed_type_name(bool of_encoding) {
  // T_ means the innermost template arguments.
  if (of_encoding) clear_levels();
  if (consume("Ut")) {
    number();
    const NodeId result = make_text(Kind::Unnamed);
    return consume('_') ? result : fail();
  }
  if (look(1) == 'l') return closure_type_name();
  if (consume("Ub")) {
    number();
    return consume('_') ? make_literal(Literal::BlockLiteral) : fail();
  }
  return fail();
}

// <closure-type-name> ::= Ul <lambda-sig> E [<number>] _
// <lambda-sig> ::= <template-param-decl>* [Q <expression>] <parameter type>+ [Q <expression>]
//              ::= <template-param-decl>* [Q <expression>] v [Q <expression>]
NodeId Parser::closure_type_name() {
  if (!consume("Ul")) return fail();
  const uint64_t old_lambda_level = lambda_level_;
  const size_t old_levels = b_.levels.size();
  const size_t old_params = b_.params.size();
  lambda_level_ = level_count();
  open_level();

  const size_t first = b_.names.size();
  while (!failed_ && at_template_param_decl())
    add_name(template_param_decl(static_cast<uint32_t>(old_levels / 2)));
  // Without declared parameters the level begins with the first `auto`.
  if (b_.names.size() == first) b_.levels.truncate(old_levels);
  const NodeId template_params = pop_list(first);
  NodeId requires_before, requires_after;
  if (consume('Q')) requires_before = constraint();
  if (!consume('v')) {
    do add_name(type());
    while (!failed_ && look() != 'E' && look() != 'Q');
  }
  const NodeId params = pop_list(first);
  if (consume('Q')) requires_after = constraint();

  b_.levels.truncate(old_levels);
  b_.params.truncate(old_params);
  lambda_level_ = old_lambda_level;
  if (!consume('E')) return fail();
  number();
  const NodeId result = make(Kind::Closure, 0, template_params, requires_before, params, requires_after,
                             NodeId{text_at_}, NodeId{text_size_});
  return consume('_') ? result : fail();
}

// <source-name> ::= <positive length number> <identifier>
NodeId Parser::source_name() {
  if (!bare_source_name()) return fail();
  if (text_starts_with("_GLOBAL__N")) return make_literal(Literal::AnonymousNamespace);
  return make_text(Kind::Text);
}

// `->` can be overloaded, and `->*`, which LLVM 19 forgot.
bool Parser::can_be_overloaded(const Operator& member) const {
  return member.flag || (like_llvm_22_ && member.code[0] == 'p');
}

// <operator-name> ::= one of the table
//                 ::= cv <type>
//                 ::= li <source-name>
//                 ::= v <digit> <source-name>
NodeId Parser::operator_name(bool of_encoding) {
  const uint32_t op = operator_code();
  if (op != no_operator) {
    const Operator& o = operators[op];
    if (o.kind == OperatorKind::CCast) {
      const bool old_try = try_template_args_, old_forward = forward_references_;
      try_template_args_ = false;
      forward_references_ = old_forward || of_encoding;
      const NodeId target = type();
      try_template_args_ = old_try;
      forward_references_ = old_forward;
      if (of_encoding) facts_.has_no_return_type = true;
      return make(Kind::ConversionOperator, target);
    }
    if (o.kind >= OperatorKind::NamedCast || (o.kind == OperatorKind::Member && !can_be_overloaded(o)))
      return fail();
    return make(Kind::OperatorName, op);
  }
  if (consume("li")) return make(Kind::LiteralOperator, source_name());
  if (consume('v') && is_digit(look())) {
    at_++;
    return make(Kind::ConversionOperator, source_name());
  }
  return fail();
}

// <ctor-dtor-name> ::= C <1 to 5>
//                  ::= CI <1 to 5> <base class name>    # inheriting
//                  ::= D <one of 0 1 2 4 5>
NodeId Parser::ctor_dtor_name(bool of_encoding, NodeId scope) {
  const bool is_dtor = look() == 'D';
  at_++;
  const bool is_inherited = !is_dtor && consume('I');
  const char variant = look();
  if (variant < '0' || variant > '5' || variant == (is_dtor ? '3' : '0')) return fail();
  at_++;
  if (of_encoding) facts_.has_no_return_type = true;
  if (is_inherited) name(of_encoding);
  return make(Kind::CtorDtor, is_dtor, scope);
}

// <nested-name> ::= N [<CV-qualifiers>] [<ref-qualifier>] <prefix> <unqualified-name> E
//               ::= N [<CV-qualifiers>] [<ref-qualifier>] <template-prefix> <template-args> E
//               ::= N H <prefix> <unqualified-name> E            # with an explicit object parameter
// <prefix> ::= [<prefix>] <unqualified-name> | <template-prefix> <template-args> | <template-param> |
// <decltype>
//          ::= <substitution> | <prefix> <data-member-prefix>
NodeId Parser::nested_name(bool of_encoding) {
  at_++;
  if (consume('H')) {
    if (of_encoding) facts_.explicit_object = true;
  } else {
    uint32_t quals = cv_qualifiers();
    if (consume('O')) quals |= qual_rvalue;
    else if (consume('R')) quals |= qual_lvalue;
    if (of_encoding) facts_.quals = quals;
  }
  NodeId so_far;
  while (!failed_ && !consume('E')) {
    if (of_encoding) facts_.ends_with_args = false;
    if (look() == 'T') {
      if (so_far) return fail();
      so_far = template_param();
    } else if (look() == 'I') {
      if (!so_far) return fail();
      const NodeId args = template_args(of_encoding);
      if (kind(so_far) == Kind::NameWithArgs) return fail();
      if (of_encoding) facts_.ends_with_args = true;
      so_far = make(Kind::NameWithArgs, so_far, args);
    } else if (look() == 'D' && (look(1) == 't' || look(1) == 'T')) {
      if (so_far) return fail();
      so_far = decltype_type();
    } else {
      NodeId module;
      if (look() == 'S') {
        const NodeId sub = consume("St") ? make_literal(Literal::Std) : substitution();
        if (kind(sub) == Kind::Module) {
          module = sub;
        } else if (so_far) {
          return fail();
        } else {
          so_far = sub;
          continue; // is in the table already
        }
      }
      so_far = unqualified_name(of_encoding, so_far, module);
    }
    if (failed_) return {};
    add_sub(so_far);
    consume('M'); // <data-member-prefix> ::= <source-name> [<template-args>] M
  }
  if (!so_far || b_.subs.empty()) return fail();
  b_.subs.pop_back(); // the whole name is the caller's to add
  return so_far;
}

// <abi-tags> ::= [<abi-tags>] B <source-name>
NodeId Parser::abi_tags(NodeId tagged) {
  while (!failed_ && consume('B')) {
    if (!bare_source_name()) return fail();
    const uint32_t bits = has_bits_of(tagged);
    tagged = with_has(make(Kind::AbiTag, tagged, NodeId{text_at_}, NodeId{text_size_}), bits);
  }
  return tagged;
}

// <substitution> ::= S [<seq-id>] _
//                ::= S <one of a b d i o s>     # a name in std
NodeId Parser::substitution() {
  at_++;
  if (look() >= 'a' && look() <= 'z') {
    Literal literal;
    switch (look()) {
    case 'a': literal = Literal::Allocator; break;
    case 'b': literal = Literal::BasicString; break;
    case 'd': literal = Literal::Iostream; break;
    case 'i': literal = Literal::Istream; break;
    case 'o': literal = Literal::Ostream; break;
    case 's': literal = Literal::String; break;
    default: return fail();
    }
    at_++;
    const NodeId plain = make(Kind::StdName, static_cast<uint32_t>(literal));
    const NodeId tagged = abi_tags(plain);
    if (tagged != plain) add_sub(tagged);
    return tagged;
  }
  uint64_t index = 0;
  if (look() != '_') {
    if (!seq_id(index)) return fail();
    index++;
  }
  if (!consume('_') || index >= b_.subs.size()) return fail();
  return NodeId{b_.subs[static_cast<size_t>(index)]};
}

bool demangle_itanium(std::string_view mangled, std::string& out, Demangling release,
                      DemangleBuffers& buffers, uint32_t max_size) {
  buffers.words.assign(8, 0); // None, with room for what None has no operands for
  for (Vector<uint32_t>* v :
       {&buffers.names, &buffers.subs, &buffers.params, &buffers.levels, &buffers.forward})
    v->clear();
  const NodeId root = Parser(mangled, release, buffers).mangled_name();
  return root && print(root, mangled.data(), buffers, out, max_size);
}

} // namespace weld::demangling
