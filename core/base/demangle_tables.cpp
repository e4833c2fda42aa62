// The fixed texts and the operators of demangled names, and where text goes to.
#include "core/base/demangle_tree.h"

namespace weld::demangling {

// clang-format off
// Builtin types a to z; D and a to z; the texts by name.
const char* const literals[] = {
    "signed char", "bool", "char", "double", "long double", "float", "__float128", "unsigned char", "int",
    "unsigned int", nullptr, "long", "unsigned long", "__int128", "unsigned __int128", nullptr, nullptr,
    nullptr, "short", "unsigned short", nullptr, "void", "wchar_t", "long long", "unsigned long long", "...",

    "auto", nullptr, "decltype(auto)", "decimal64", "decimal128", "decimal32", nullptr, "half", "char32_t",
    nullptr, nullptr, nullptr, nullptr, "std::nullptr_t", nullptr, nullptr, nullptr, nullptr,
    "char16_t", nullptr, "char8_t", nullptr, nullptr, nullptr, nullptr, nullptr,
// clang-format on
#define LITERAL(name, text) text,
#include "core/base/demangle_literals.def"
#undef LITERAL
};

// <operator-name>, ordered by code. The spelling is `operator` and the symbol, with a space before a letter.
const Operator operators[operator_count] = {
    {"aN", OperatorKind::Binary, false, Prec::Assign, "&="},
    {"aS", OperatorKind::Binary, false, Prec::Assign, "="},
    {"aa", OperatorKind::Binary, false, Prec::AndIf, "&&"},
    {"ad", OperatorKind::Prefix, false, Prec::Unary, "&"},
    {"an", OperatorKind::Binary, false, Prec::And, "&"},
    {"at", OperatorKind::OfId, true, Prec::Unary, "alignof "},
    {"aw", OperatorKind::NameOnly, false, Prec::Primary, "co_await"},
    {"az", OperatorKind::OfId, false, Prec::Unary, "alignof "},
    {"cc", OperatorKind::NamedCast, false, Prec::Postfix, "const_cast"},
    {"cl", OperatorKind::Call, false, Prec::Postfix, "()"},
    {"cm", OperatorKind::Binary, false, Prec::Comma, ","},
    {"co", OperatorKind::Prefix, false, Prec::Unary, "~"},
    {"cp", OperatorKind::Call, true, Prec::Postfix, "()"}, // LLVM 22
    {"cv", OperatorKind::CCast, false, Prec::Cast, ""},
    {"dV", OperatorKind::Binary, false, Prec::Assign, "/="},
    {"da", OperatorKind::Delete, true, Prec::Unary, "delete[]"},
    {"dc", OperatorKind::NamedCast, false, Prec::Postfix, "dynamic_cast"},
    {"de", OperatorKind::Prefix, false, Prec::Unary, "*"},
    {"dl", OperatorKind::Delete, false, Prec::Unary, "delete"},
    {"ds", OperatorKind::Member, false, Prec::PtrMem, ".*"},
    {"dt", OperatorKind::Member, false, Prec::Postfix, "."},
    {"dv", OperatorKind::Binary, false, Prec::Assign, "/"},
    {"eO", OperatorKind::Binary, false, Prec::Assign, "^="},
    {"eo", OperatorKind::Binary, false, Prec::Xor, "^"},
    {"eq", OperatorKind::Binary, false, Prec::Equality, "=="},
    {"ge", OperatorKind::Binary, false, Prec::Relational, ">="},
    {"gt", OperatorKind::Binary, false, Prec::Relational, ">"},
    {"ix", OperatorKind::Subscript, false, Prec::Postfix, "[]"},
    {"lS", OperatorKind::Binary, false, Prec::Assign, "<<="},
    {"le", OperatorKind::Binary, false, Prec::Relational, "<="},
    {"ls", OperatorKind::Binary, false, Prec::Shift, "<<"},
    {"lt", OperatorKind::Binary, false, Prec::Relational, "<"},
    {"mI", OperatorKind::Binary, false, Prec::Assign, "-="},
    {"mL", OperatorKind::Binary, false, Prec::Assign, "*="},
    {"mi", OperatorKind::Binary, false, Prec::Additive, "-"},
    {"ml", OperatorKind::Binary, false, Prec::Multiplicative, "*"},
    {"mm", OperatorKind::Postfix, false, Prec::Postfix, "--"},
    {"na", OperatorKind::New, true, Prec::Unary, "new[]"},
    {"ne", OperatorKind::Binary, false, Prec::Equality, "!="},
    {"ng", OperatorKind::Prefix, false, Prec::Unary, "-"},
    {"nt", OperatorKind::Prefix, false, Prec::Unary, "!"},
    {"nw", OperatorKind::New, false, Prec::Unary, "new"},
    {"oR", OperatorKind::Binary, false, Prec::Assign, "|="},
    {"oo", OperatorKind::Binary, false, Prec::OrIf, "||"},
    {"or", OperatorKind::Binary, false, Prec::Ior, "|"},
    {"pL", OperatorKind::Binary, false, Prec::Assign, "+="},
    {"pl", OperatorKind::Binary, false, Prec::Additive, "+"},
    {"pm", OperatorKind::Member, false, Prec::PtrMem, "->*"},
    {"pp", OperatorKind::Postfix, false, Prec::Postfix, "++"},
    {"ps", OperatorKind::Prefix, false, Prec::Unary, "+"},
    {"pt", OperatorKind::Member, true, Prec::Postfix, "->"},
    {"qu", OperatorKind::Conditional, false, Prec::Conditional, "?"},
    {"rM", OperatorKind::Binary, false, Prec::Assign, "%="},
    {"rS", OperatorKind::Binary, false, Prec::Assign, ">>="},
    {"rc", OperatorKind::NamedCast, false, Prec::Postfix, "reinterpret_cast"},
    {"rm", OperatorKind::Binary, false, Prec::Multiplicative, "%"},
    {"rs", OperatorKind::Binary, false, Prec::Shift, ">>"},
    {"sc", OperatorKind::NamedCast, false, Prec::Postfix, "static_cast"},
    {"ss", OperatorKind::Binary, false, Prec::Spaceship, "<=>"},
    {"st", OperatorKind::OfId, true, Prec::Unary, "sizeof "},
    {"sz", OperatorKind::OfId, false, Prec::Unary, "sizeof "},
    {"te", OperatorKind::OfId, false, Prec::Postfix, "typeid "},
    {"ti", OperatorKind::OfId, true, Prec::Postfix, "typeid "},
};

bool Sink::add(const char* text, size_t text_size) {
  if (text_size > max_size_ - size()) return false;
  out_.append(text, text_size);
  return true;
}

bool Sink::add_number(uint64_t value) {
  char digits[20];
  size_t at = sizeof digits;
  do digits[--at] = static_cast<char>('0' + value % 10);
  while (value /= 10);
  return add(digits + at, sizeof digits - at);
}

} // namespace weld::demangling
