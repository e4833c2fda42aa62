// Every column of every table says here whether it is a part of the interface. A column or table that is missing in this
// file does not compile.
#include "core/input/interface.h"

#include <algorithm>

namespace weld {

namespace {

template <class Member>
struct MemberType;
template <class Row, class T>
struct MemberType<T Row::*> {
  using Type = T;
};

// A column of the interface, compared by value.
template <auto member>
struct Value {
  static constexpr size_t size = sizeof(typename MemberType<decltype(member)>::Type);
  template <class Row>
  static bool same(const ObjectVersion&, const Row& p, const ObjectVersion&, const Row& q) {
    return p.*member == q.*member;
  }
};

// A name, wherever it is in the bytes.
template <auto member>
struct Name : Value<member> {
  template <class Row>
  static bool same(const ObjectVersion& a, const Row& p, const ObjectVersion& b, const Row& q) {
    return a.text(p.*member) == b.text(q.*member);
  }
};

// Bytes that are a part of the interface.
template <auto member>
struct Content : Value<member> {
  template <class Row>
  static bool same(const ObjectVersion& a, const Row& p, const ObjectVersion& b, const Row& q) {
    Bytes x = a.range(p.*member), y = b.range(q.*member);
    return std::equal(x.begin(), x.end(), y.begin(), y.end());
  }
};

// Bytes whose number is a part of the interface.
template <auto member>
struct Size : Value<member> {
  template <class Row>
  static bool same(const ObjectVersion&, const Row& p, const ObjectVersion&, const Row& q) {
    return (p.*member).size == (q.*member).size;
  }
};

// Not a part of the interface: contents, and where they are.
template <auto member>
struct Inside : Value<member> {
  template <class Row>
  static bool same(const ObjectVersion&, const Row&, const ObjectVersion&, const Row&) {
    return true;
  }
};

template <class... Members>
struct List {
  static constexpr size_t size = (Members::size + ...);
  template <class Row>
  static bool same(const ObjectVersion& a, const Row& p, const ObjectVersion& b, const Row& q) {
    return (Members::same(a, p, b, q) && ...);
  }
};

template <class Row>
struct Columns;

template <>
struct Columns<SymbolRow>
    : List<Value<&SymbolRow::name>, Name<&SymbolRow::encoded_name>, Value<&SymbolRow::element>,
           Value<&SymbolRow::size>, Value<&SymbolRow::value_low>, Value<&SymbolRow::value_high>,
           Value<&SymbolRow::flags>, Value<&SymbolRow::kind>, Value<&SymbolRow::called_directly>> {};
template <>
struct Columns<TableRow>
    : List<Value<&TableRow::minimum>, Value<&TableRow::maximum>, Name<&TableRow::name>,
           Value<&TableRow::element>, Value<&TableRow::limits_flags>, Value<&TableRow::unused>> {};
template <>
struct Columns<FunctionRow>
    : List<Value<&FunctionRow::signature>, Inside<&FunctionRow::offset>, Inside<&FunctionRow::size>,
           Inside<&FunctionRow::code_offset>, Value<&FunctionRow::comdat>, Inside<&FunctionRow::relocs>,
           Value<&FunctionRow::export_name>, Name<&FunctionRow::name>, Name<&FunctionRow::debug_name>> {};
template <>
struct Columns<SegmentRow>
    : List<Value<&SegmentRow::name>, Size<&SegmentRow::data>, Value<&SegmentRow::p2align>,
           Value<&SegmentRow::flags>, Value<&SegmentRow::comdat>, Inside<&SegmentRow::relocs>> {};
template <>
struct Columns<ImportRow>
    : List<Value<&ImportRow::module>, Value<&ImportRow::field>, Value<&ImportRow::kind>,
           Value<&ImportRow::value_type>, Value<&ImportRow::is_mutable>, Value<&ImportRow::limits_flags>,
           Value<&ImportRow::signature>, Value<&ImportRow::limits_min>, Value<&ImportRow::limits_max>> {};
template <>
struct Columns<SignatureId> : List<Value<&SignatureId::row>> {};
template <>
struct Columns<GlobalRow> : List<Content<&GlobalRow::init>, Name<&GlobalRow::name>, Value<&GlobalRow::type>,
                                 Value<&GlobalRow::is_mutable>, Value<&GlobalRow::unused>> {};
template <>
struct Columns<TagRow> : List<Value<&TagRow::signature>, Name<&TagRow::name>> {};
// What custom sections are depends on the link: relink.cpp compares those that it writes.
template <>
struct Columns<CustomSectionRow>
    : List<Inside<&CustomSectionRow::name>, Inside<&CustomSectionRow::data>,
           Inside<&CustomSectionRow::section_index>, Inside<&CustomSectionRow::comdat>,
           Inside<&CustomSectionRow::relocs>> {};
template <>
struct Columns<InitFunctionRow> : List<Value<&InitFunctionRow::priority>, Value<&InitFunctionRow::symbol>> {};
template <>
struct Columns<ComdatRow> : List<Value<&ComdatRow::name>> {};
template <>
struct Columns<FeatureRow> : List<Value<&FeatureRow::prefix>, Value<&FeatureRow::name>> {};
template <>
struct Columns<ProducerRow>
    : List<Value<&ProducerRow::field>, Value<&ProducerRow::name>, Value<&ProducerRow::version>> {};
template <>
struct Columns<WarningRow> : List<Value<&WarningRow::id>, Value<&WarningRow::argument>> {};

template <class Row>
bool same_rows(const ObjectVersion& a, std::span<const Row> p, const ObjectVersion& b, std::span<const Row> q) {
  static_assert(Columns<Row>::size == sizeof(Row), "every column has to be in the list");
  constexpr bool may_come_and_go = std::is_same_v<Row, CustomSectionRow>;
  if (may_come_and_go) return true;
  if (p.size() != q.size()) return false;
  for (size_t i = 0; i < p.size(); i++)
    if (!Columns<Row>::same(a, p[i], b, q[i])) return false;
  return true;
}

} // namespace

bool same_interface(const ObjectVersion& a, const ObjectVersion& b) {
  const ObjectHeader &x = a.object.header(), &y = b.object.header();
  if (x.is_64 != y.is_64 || x.has_legacy_table != y.has_legacy_table ||
      x.imported_functions != y.imported_functions || x.imported_globals != y.imported_globals ||
      x.imported_tables != y.imported_tables || x.imported_tags != y.imported_tags)
    return false;
#define WELD_TABLE(Row, table)                                                                               \
  if (!same_rows<Row>(a, a.object.table(), b, b.object.table())) return false;
  WELD_OBJECT_TABLES(WELD_TABLE)
#undef WELD_TABLE
  return true;
}

} // namespace weld
