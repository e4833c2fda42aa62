// Types that a unit defines: references to functions of a type, structs, arrays, and groups of them.
#include "tests/unit/unit_fixture.h"

#include <random>

namespace weld {
namespace {

constexpr ValueType func = ValueType::FuncRef, any = ValueType::AnyRef, eq = ValueType::EqRef;

TypeDefinition structure(std::initializer_list<FieldType> fields, uint32_t super = TypeDefinition::no_super,
                         bool is_final = true) {
  TypeDefinition type;
  type.kind = TypeKind::Struct;
  type.fields = fields;
  type.super = super;
  type.is_final = is_final;
  return type;
}
TypeDefinition array(FieldType element) {
  TypeDefinition type;
  type.kind = TypeKind::Array;
  type.fields = {element};
  return type;
}
constexpr ValueType in_group(uint32_t number, bool is_nullable = true) {
  return static_cast<ValueType>(static_cast<uint32_t>(defined_ref(number, is_nullable)) | ref_type::in_group);
}

struct UnitTypes : UnitTest {
  uint32_t define(const TypeDefinition& type) { return define_in(unit, {type})[0]; }
  Vector<uint32_t> define_in(Unit& in, const std::vector<TypeDefinition>& types) {
    Vector<uint32_t> numbers = in.define_types(types);
    EXPECT_EQ(numbers.size(), types.size()) << messages(session);
    numbers.resize(types.size());
    return numbers;
  }
  std::string refused_types(const std::vector<TypeDefinition>& types) {
    session.diagnostics.clear();
    const size_t before = unit.types().size();
    EXPECT_TRUE(unit.define_types(types).empty());
    EXPECT_EQ(unit.types().size(), before);
    const std::string text = messages(session);
    return text.substr(0, text.find('\n'));
  }
  // A list of numbers: a struct with a number and the rest.
  uint32_t define_list(Unit& in) {
    return define_in(in, {structure({{i32, false}, {in_group(0), true}})})[0];
  }
  // The number of entries in the TYPE section.
  static uint32_t type_entries(const LinkResult& result) { return bytes_of(result)[10]; }
};

TEST_F(UnitTypes, EqualTypesAreOne) {
  const uint32_t list = define_list(unit);
  EXPECT_EQ(define_list(unit), list);
  EXPECT_NE(define(structure({{i32, false}, {i32, true}})), list);
  const uint32_t f = sig({i32}, {i32});
  TypeDefinition function;
  function.fields = {{i32, false}};
  function.results = {i32};
  EXPECT_EQ(define(function), f);
  const ValueType ref = defined_ref(list, true);
  const uint32_t g = sig({ref}, {non_nullable(ref)});
  EXPECT_EQ(sig({ref}, {non_nullable(ref)}), g);
  EXPECT_NE(sig({ref}, {ref}), g);
  // Another group of the same types is another type.
  const Vector<uint32_t> two = define_in(
      unit, {structure({{i32, false}, {in_group(0), true}}), structure({{i32, false}, {in_group(0), true}})});
  EXPECT_NE(two[0], list);
  EXPECT_NE(two[0], two[1]);
  EXPECT_EQ(signature_text(session.signatures, unit.types()[g]),
            "((ref null (struct i32 (mut (ref null (struct ...)))))) -> (ref (struct i32 (mut (ref null "
            "(struct ...)))))");
  const TypeDefinition read = unit.type_definition(list);
  EXPECT_EQ(read.kind, TypeKind::Struct);
  EXPECT_EQ(read.fields[1].type, ref);
  EXPECT_TRUE(read.fields[1].is_mutable);
}

TEST_F(UnitTypes, CallsThroughReferences) {
  const uint32_t binary = sig({i32, i32}, {i32});
  const ValueType ref = defined_ref(binary, true), sure = non_nullable(ref);
  b.local_get(0).local_get(1).op(Op::i32_add).end();
  UnitSymbol add = exported("add", {i32, i32}, {i32});
  b.local_get(0).local_get(1).op(Op::i32_sub).end();
  UnitSymbol sub = exported("sub", {i32, i32}, {i32});
  // choose: a reference that may be null.
  b.local_get(0).block(Op::if_, ref).op(Op::ref_func, add.row).op(Op::else_);
  b.local_get(1)
      .block(Op::if_, ref)
      .op(Op::ref_func, sub.row)
      .op(Op::else_)
      .type(Op::ref_null, ref)
      .end()
      .end()
      .end();
  UnitSymbol choose = function("choose", {i32, i32}, {ref});
  ASSERT_TRUE(unit.set_function(choose, {}, b.code())) << messages(session);
  b.clear();
  // Null gives -1.
  b.block(Op::block).local_get(0).local_get(1).call(choose).op(Op::br_on_null, 0).local_set(4);
  b.local_get(2).local_get(3).local_get(4).op(Op::call_ref, binary).op(Op::return_).end().i32(-1).end();
  exported("apply", {i32, i32, i32, i32}, {i32}, {sure});
  b.local_get(2).local_get(3).local_get(0).local_get(1).call(choose).op(Op::ref_as_non_null);
  b.op(Op::return_call_ref, binary).end();
  exported("apply_sure", {i32, i32, i32, i32}, {i32});
  // The reference goes to the block's end, if there is one.
  b.block(Op::block, sure)
      .local_get(0)
      .local_get(1)
      .call(choose)
      .op(Op::br_on_non_null, 0)
      .i32(0)
      .op(Op::return_)
      .end();
  b.op(Op::drop).i32(1).end();
  exported("is_there", {i32, i32}, {i32});
  // A table of such references.
  UnitSymbol table = unit.declare_table("table", {ref, {0, 16, 3, 0}});
  const UnitSymbol elements[] = {sub, {}, add};
  ASSERT_TRUE(unit.set_table(table, elements, 0)) << messages(session);
  b.local_get(1).local_get(2).local_get(0).op(Op::table_get, table.row).op(Op::call_ref, binary).end();
  exported("from_table", {i32, i32, i32}, {i32});
  UnitSymbol global = unit.declare_global("global", {sure, false});
  b.op(Op::ref_func, sub.row).end();
  ASSERT_TRUE(unit.set_global_code(global, b.code())) << messages(session);
  b.clear();
  b.local_get(0).local_get(1).op(Op::global_get, global.row).op(Op::call_ref, binary).end();
  exported("by_global", {i32, i32}, {i32});
  LinkResult result = link_with(session);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("typed_functions.wasm", result);
  Session restored;
  ASSERT_TRUE(restore_session(restored, FileBytes::copy(save_session(session))));
  EXPECT_EQ(bytes_of(link_with(restored)), bytes_of(result));
  Options small = plain_options();
  small.optimize_size = true;
  result = link_with(session, small);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("typed_functions_small.wasm", result);
}

TEST_F(UnitTypes, StructsArraysAndCasts) {
  const uint32_t list = define_list(unit);
  const ValueType ref = defined_ref(list, true);
  // sum_to(n): the sum of a list of the numbers up to n.
  b.block(Op::loop).local_get(0).block(Op::if_).local_get(0).local_get(1).op(Op::struct_new, list).local_set(1);
  b.local_get(0).i32(1).op(Op::i32_sub).local_set(0).op(Op::br, 1).end().end();
  b.block(Op::block).block(Op::loop).local_get(1).op(Op::br_on_null, 1).op_words(Op::struct_get, {list, 0});
  b.local_get(2)
      .op(Op::i32_add)
      .local_set(2)
      .local_get(1)
      .op_words(Op::struct_get, {list, 1})
      .local_set(1)
      .op(Op::br, 0);
  b.end().end().local_get(2).end();
  exported("sum_to", {i32}, {i32}, {ref, i32});
  // Types under others: area of a shape, by casts.
  const uint32_t shape = define(structure({{i32, false}}, TypeDefinition::no_super, false));
  const uint32_t circle = define(structure({{i32, false}, {ValueType::F64, false}}, shape));
  const uint32_t square = define(structure({{i32, false}, {ValueType::I8, true}}, shape));
  b.block(Op::block, defined_ref(square, false)).local_get(0);
  b.op_words(Op::br_on_cast,
             {0, static_cast<uint32_t>(any), static_cast<uint32_t>(defined_ref(square, false))});
  b.type(Op::ref_cast, defined_ref(circle, true)).op_words(Op::struct_get, {circle, 1}).op(Op::return_).end();
  b.op_words(Op::struct_get_u, {square, 1}).op(Op::f64_convert_i32_s).end();
  UnitSymbol area = function("area", {any}, {ValueType::F64});
  ASSERT_TRUE(unit.set_function(area, {}, b.code())) << messages(session);
  b.clear();
  b.i32(1).f64(2.5).op(Op::struct_new, circle).call(area).i32(2).i32(260).op(Op::struct_new, square).call(area);
  b.op(Op::f64_add).end(); // 260 has 8 bits in the field
  exported("areas", {}, {ValueType::F64});
  b.i32(1).f64(1).op(Op::struct_new, circle).type(Op::ref_test, defined_ref(shape, false));
  b.i32(7).op(Op::ref_i31).type(Op::ref_test, defined_ref(shape, true)).i32(2).op(Op::i32_shl).op(Op::i32_or);
  b.type(Op::ref_null, ValueType::NullRef)
      .type(Op::ref_test, defined_ref(shape, true))
      .i32(1)
      .op(Op::i32_shl)
      .op(Op::i32_or);
  b.type(Op::ref_null, ValueType::NullRef).type(Op::ref_test, defined_ref(shape, false)).i32(3).op(Op::i32_shl);
  b.op(Op::i32_or).end();
  exported("tests", {}, {i32});
  // Arrays: of segments, filled, copied.
  const uint32_t bytes = define(array({ValueType::I8, true})), functions = define(array({func, false}));
  UnitSymbol text = unit.declare_segment("text", SegmentKind::PassiveData);
  ASSERT_TRUE(unit.set_passive_data(text, as_bytes("0123456789")));
  const ValueType some_bytes = defined_ref(bytes, false);
  b.i32(2).i32(5).op_words(Op::array_new_data, {bytes, text.row}).local_set(1);
  b.local_get(1).i32(0).i32('x').i32(2).op(Op::array_fill, bytes);
  b.local_get(1).i32(3).local_get(1).i32(0).i32(2).op_words(Op::array_copy, {bytes, bytes});
  b.local_get(1).local_get(0).op(Op::array_get_u, bytes).local_get(1).op(Op::array_len).i32(8).op(Op::i32_shl);
  b.op(Op::i32_add).end();
  exported("letter", {i32}, {i32}, {some_bytes});
  b.i32(4).op_words(Op::array_new_fixed, {bytes, 1}).i32(0).op(Op::array_get_s, bytes).end();
  UnitSymbol four = exported("four", {}, {i32});
  UnitSymbol elements = unit.declare_segment("elements", SegmentKind::PassiveElements);
  ASSERT_TRUE(unit.set_passive_elements(elements, std::array{four, four}));
  b.i32(0).i32(2).op_words(Op::array_new_elem, {functions, elements.row}).i32(1).op(Op::array_get, functions);
  b.type(Op::ref_cast, defined_ref(sig({}, {i32}), false)).op(Op::call_ref, sig({}, {i32})).end();
  exported("call_element", {}, {i32});
  // Through the world outside.
  b.local_get(0).op(Op::any_convert_extern).type(Op::ref_cast, ValueType::I31Ref).op(Op::i31_get_s).end();
  exported("number_of", {ValueType::ExternRef}, {i32});
  b.local_get(0).op(Op::ref_i31).op(Op::extern_convert_any).end();
  exported("to_outside", {i32}, {ValueType::ExternRef});
  b.local_get(0).local_get(1).op(Op::ref_eq).end();
  exported("same", {eq, eq}, {i32});
  LinkResult result = link_with(session);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("structs.wasm", result);
  EXPECT_TRUE(contains(bytes_of(result), {'+', 2, 'g', 'c'}));
  Session restored;
  ASSERT_TRUE(restore_session(restored, FileBytes::copy(save_session(session))));
  EXPECT_EQ(bytes_of(link_with(restored)), bytes_of(result));
  Options options = plain_options();
  options.optimize_size = true;
  options.metafile = true;
  result = link_with(session, options);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("structs_small.wasm", result);
}

TEST_F(UnitTypes, AreTheSameInOtherUnits) {
  Unit& other = session.unit(session.add_unit("other"));
  // Numbers of types differ.
  other.type(Types{i64}, Types{i64});
  define_in(other, {array({i64, true})});
  const uint32_t list = define_list(unit), theirs = define_list(other);
  EXPECT_NE(list, theirs);
  EXPECT_EQ(unit.types()[list], other.types()[theirs]);
  b.i32(5).type(Op::ref_null, defined_ref(list, true)).op(Op::struct_new, list).end();
  UnitSymbol make = function("make", {}, {defined_ref(list, false)});
  ASSERT_TRUE(unit.set_function(make, {}, b.code())) << messages(session);
  b.clear();
  UnitSymbol their_make =
      other.declare_function("make", other.type(Types{}, Types{defined_ref(theirs, false)}));
  b.call(their_make).op_words(Op::struct_get, {theirs, 0}).end();
  UnitSymbol read = other.declare_function("read", other.type(Types{}, Types{i32}));
  ASSERT_TRUE(other.set_function(read, {}, b.code())) << messages(session);
  b.clear();
  ASSERT_TRUE(other.export_as(read));
  LinkResult result = link_with(session);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("types_of_units.wasm", result);
  // The list, two functions: what nothing uses is not there.
  EXPECT_EQ(type_entries(result), 3u);
  // Of another type.
  const uint32_t wrong = define_in(other, {structure({{i32, true}, {in_group(0), true}})})[0];
  other.declare_function("make", other.type(Types{}, Types{defined_ref(wrong, false)}));
  b.call(their_make).op(Op::drop).i32(1).end();
  ASSERT_TRUE(other.set_function(read, {}, b.code())) << messages(session);
  link_with(session);
  EXPECT_NE(messages(session).find("(struct (mut i32)"), std::string::npos) << messages(session);
}

TEST_F(UnitTypes, NamesAreCollectedWithoutLosingTypes) {
  const uint32_t list = define_list(unit);
  const Vector<uint32_t> group = define_in(
      unit, {structure({{in_group(1), true}}, TypeDefinition::no_super, false),
             structure({{in_group(1), true}, {defined_ref(list, true), false}}, ref_type::in_group | 0)});
  b.type(Op::ref_null, defined_ref(group[1], true)).type(Op::ref_null, defined_ref(list, true));
  b.op(Op::struct_new, group[1]).op_words(Op::struct_get, {group[1], 1}).op(Op::ref_is_null).end();
  exported("is_null", {}, {i32});
  UnitSymbol global = unit.declare_global("global", {defined_ref(group[0], true), true});
  ASSERT_TRUE(unit.set_global(global, {}));
  ASSERT_TRUE(unit.export_as(global));
  LinkResult before = link_with(session);
  ASSERT_TRUE(before.ok) << messages(session);
  publish("types_collected.wasm", before);
  const Vector<uint8_t> bytes = bytes_of(before);
  for (uint32_t i = 0; i < 20000; i++) {
    UnitSymbol f = function("some_function_" + std::to_string(i), {i32}, {});
    ASSERT_TRUE(unit.remove(f));
  }
  EXPECT_LT(session.strings.size(), 15000u);
  EXPECT_EQ(define_list(unit), list);
  EXPECT_EQ(bytes_of(link_with(session)), bytes);
}

TEST_F(UnitTypes, GlobalsThatAreAllocated) {
  const uint32_t list = define_list(unit), numbers = define(array({i32, true}));
  const ValueType ref = defined_ref(list, true);
  auto global = [&](std::string_view name, ValueType type) {
    UnitSymbol symbol = unit.declare_global(name, {type, false});
    EXPECT_TRUE(unit.set_global_code(symbol, b.end().code())) << messages(session);
    b.clear();
    return symbol;
  };
  b.i32(7).type(Op::ref_null, ref).op(Op::struct_new, list);
  UnitSymbol last = global("last", non_nullable(ref));
  b.i32(8).op(Op::global_get, last.row).op(Op::struct_new, list);
  UnitSymbol first = global("first", ref);
  b.i32(1).i32(2).i32(3).op_words(Op::array_new_fixed, {numbers, 3});
  UnitSymbol fixed = global("fixed", eq);
  b.i32(9).i32(4).op(Op::array_new, numbers).op(Op::extern_convert_any);
  UnitSymbol outside = global("outside", ValueType::ExternRef);
  b.i32(-3).op(Op::ref_i31);
  UnitSymbol number = global("number", ValueType::I31Ref);
  // It is the same struct, not an equal one.
  b.op(Op::global_get, first.row)
      .op_words(Op::struct_get, {list, 1})
      .op(Op::global_get, last.row)
      .op(Op::ref_eq)
      .end();
  exported("is_last", {}, {i32});
  b.op(Op::global_get, fixed.row)
      .type(Op::ref_cast, defined_ref(numbers, false))
      .i32(2)
      .op(Op::array_get, numbers);
  b.op(Op::global_get, outside.row).op(Op::any_convert_extern).type(Op::ref_cast, defined_ref(numbers, true));
  b.i32(3)
      .op(Op::array_get, numbers)
      .op(Op::i32_mul)
      .op(Op::global_get, number.row)
      .op(Op::i31_get_s)
      .op(Op::i32_add)
      .end();
  exported("mixed", {}, {i32});
  LinkResult result = link_with(session);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("allocated_globals.wasm", result);
  // What comes later cannot be used.
  UnitSymbol early = unit.declare_global("early", {ref, false}),
             late = unit.declare_global("late", {ref, false});
  b.i32(1).op(Op::global_get, late.row).op(Op::struct_new, list).end();
  ASSERT_TRUE(unit.set_global_code(early, b.code()));
  b.clear();
  b.i32(1).type(Op::ref_null, ref).op(Op::struct_new, list).end();
  ASSERT_TRUE(unit.set_global_code(late, b.code()));
  b.clear();
  ASSERT_TRUE(unit.export_as(early));
  EXPECT_FALSE(link_with(session).ok);
  EXPECT_NE(messages(session).find("declare that one first"), std::string::npos) << messages(session);
}

TEST_F(UnitTest, HalfPrecision) {
  b.local_get(0).local_get(1).memory(Op::f32_store_f16, 1, 64).end();
  exported("store", {i32, ValueType::F32}, {});
  b.local_get(0).memory(Op::f32_load_f16, 1, 64).end();
  exported("load", {i32}, {ValueType::F32});
  b.local_get(0)
      .op(Op::f16x8_splat)
      .local_get(1)
      .op(Op::f16x8_splat)
      .op(Op::f16x8_add)
      .op(Op::f16x8_extract_lane, 7)
      .end();
  exported("sum", {ValueType::F32, ValueType::F32}, {ValueType::F32});
  LinkResult result = link_with(session);
  ASSERT_TRUE(result.ok) << messages(session);
  publish("half.wasm", result);
}

TEST_F(UnitTypes, NotInObjects) {
  const uint32_t list = define_list(unit);
  b.i32(1)
      .type(Op::ref_null, defined_ref(list, true))
      .op(Op::struct_new, list)
      .op_words(Op::struct_get, {list, 0})
      .end();
  UnitSymbol f = exported("f", {}, {i32});
  Options options = plain_options();
  options.relocatable = true;
  options.entry.reset();
  EXPECT_FALSE(link_with(session, options).ok);
  EXPECT_EQ(messages(session),
            "`f` uses garbage-collected types or typed references: object files have no way to "
            "say this\n  in jit\n");
  ASSERT_TRUE(unit.remove(f));
  EXPECT_TRUE(link_with(session, options).ok) << messages(session);
}

// A link after an edit writes what a full link writes, whatever types come and go.
TEST_F(UnitTypes, EditsGiveWhatAFullLinkGives) {
  session.keeps_links = true;
  const uint32_t list = define_list(unit), numbers = define(array({i32, true}));
  const Vector<uint32_t> group =
      define_in(unit, {structure({{defined_ref(list, true), true}, {in_group(1), true}}),
                       structure({{in_group(0), true}, {defined_ref(numbers, true), true}})});
  UnitSymbol memory = unit.declare_memory("bytes", {0, 16, 1, 0});
  ASSERT_TRUE(unit.set_memory(memory));
  ASSERT_TRUE(unit.export_as(memory));
  const auto null = [&](uint32_t type) { b.type(Op::ref_null, defined_ref(type, true)).op(Op::drop); };
  Vector<UnitSymbol> functions;
  for (uint32_t i = 0; i < 4; i++) functions.push_back(function("f" + std::to_string(i), {}, {}));
  std::mt19937 random(1);
  uint32_t relinks = 0;
  for (uint32_t round = 0; round < 200; round++) {
    Types locals;
    const uint32_t bits = random() % 64;
    if (bits & 1) null(list);
    if (bits & 2) null(group[random() % 2]);
    if (bits & 4) locals.push_back(defined_ref(random() % 2 ? numbers : group[0], true));
    if (bits & 8) null(numbers);
    if (bits & 16) b.op(Op::memory_size, own_memory | memory.row).op(Op::drop);
    b.i32(static_cast<int32_t>(random() % 1000)).op(Op::drop).end();
    const UnitSymbol f = functions[round < 4 ? round : random() % 4];
    ASSERT_TRUE(unit.set_function(f, locals, b.code())) << messages(session);
    ASSERT_TRUE(unit.export_as(f));
    b.clear();
    const LinkResult result = link_with(session);
    ASSERT_TRUE(result.ok) << messages(session);
    relinks += !result.stats.full;
    const Vector<uint8_t> bytes = bytes_of(result);
    Session all;
    ASSERT_TRUE(restore_session(all, FileBytes::copy(save_session(session))));
    ASSERT_TRUE(bytes_of(link_with(all)) == bytes) << "round " << round;
    if (round % 10 == 0) publish("typed_edits_" + std::to_string(round) + ".wasm", Bytes(bytes));
  }
  EXPECT_GT(relinks, 20u);
}

TEST_F(UnitTypes, WhatIsRefused) {
  auto error = [](const std::string& what, int at = 0) {
    return "function `refused`, instruction " + std::to_string(at) + ": " + what;
  };
  const uint32_t list = define_list(unit), bytes = define(array({ValueType::I8, false})), f = sig({}, {});
  EXPECT_EQ(refused_types({structure({{in_group(1), false}})}),
            "`jit`: type 0 of a group: it refers to a type that the group does not have");
  EXPECT_EQ(refused_types({structure({{defined_ref(1000, true), false}})}),
            "`jit`: type 0 of a group: it has a type that values cannot have");
  EXPECT_EQ(refused_types({structure({}, list)}), "`jit`: type 0 of a group: its supertype is final");
  EXPECT_EQ(refused_types({structure({{i32, false}}, TypeDefinition::no_super, false),
                           structure({}, ref_type::in_group | 0)}),
            "`jit`: type 1 of a group: it has fewer fields than its supertype");
  EXPECT_EQ(refused_types({structure({{i32, false}}, ref_type::in_group | 0)}),
            "`jit`: type 0 of a group: its supertype does not come before it");
  TypeDefinition two = array({i32, false});
  two.fields.push_back({i32, false});
  EXPECT_EQ(refused_types({two}), "`jit`: type 0 of a group: an array has one type of elements");

  b.op(Op::struct_new, bytes);
  EXPECT_EQ(refused({}, {}), error("bad operand: type " + std::to_string(bytes) + " is no struct"));
  b.op_words(Op::struct_get, {list, 2});
  EXPECT_EQ(refused({}, {}), error("unknown field 2"));
  b.op_words(Op::struct_set, {list, 0});
  EXPECT_EQ(refused({}, {}), error("the field is not mutable"));
  b.op(Op::array_get, bytes);
  EXPECT_EQ(refused({}, {}), error("the field is packed: say whether it has a sign"));
  b.op_words(Op::struct_get_s, {list, 0});
  EXPECT_EQ(refused({}, {}), error("the field is not packed, and has no sign to choose"));
  b.op(Op::call_ref, list);
  EXPECT_EQ(refused({}, {}), error("bad operand: type " + std::to_string(list) + " is no function type"));
  b.type(Op::ref_null, defined_ref(f, false));
  EXPECT_NE(refused({}, {}).find("is no type of a reference that may be null"), std::string::npos);
  b.type(Op::ref_test, i32);
  EXPECT_EQ(refused({}, {}), error("bad operand: 127 is no type of a reference"));
  b.op_words(Op::br_on_cast, {0, static_cast<uint32_t>(eq), static_cast<uint32_t>(any)});
  EXPECT_EQ(refused({}, {}),
            error("bad operand: the type that is asked for is no subtype of the one that there is"));
  b.block(Op::block, list);
  EXPECT_NE(refused({}, {}).find("is no function type"), std::string::npos);

  // Locals without a default value.
  const ValueType sure = defined_ref(list, false);
  b.local_get(0).op(Op::drop).end();
  EXPECT_EQ(refused({}, {}, {sure}), error("local 0 is read before it is set, and has no default value"));
  b.block(Op::block).op(Op::unreachable).local_set(1).end().local_get(1).op(Op::drop).end();
  EXPECT_EQ(refused({}, {}, {i32, sure}),
            error("local 1 is read before it is set, and has no default value", 4));
  b.op(Op::unreachable)
      .local_set(0)
      .block(Op::block)
      .local_get(0)
      .op(Op::drop)
      .end()
      .local_get(0)
      .op(Op::drop)
      .end();
  exported("set_before", {}, {}, {sure});
  EXPECT_FALSE(unit.declare_table("sure", {i32, {}}));
  UnitSymbol table = unit.declare_table("sure", {non_nullable(func), {}});
  EXPECT_FALSE(unit.set_table(table));
  UnitSymbol typed = unit.declare_table("typed", {defined_ref(f, true), {0, 16, 1, 0}});
  const UnitSymbol elements[] = {function("other", {i32}, {})};
  session.diagnostics.clear();
  EXPECT_FALSE(unit.set_table(typed, elements, 0));
  EXPECT_EQ(messages(session), "`typed`: element 0 is a function of another type\n  in jit\n");
}

} // namespace
} // namespace weld
