// Types, memories and references through the public face.
#include "core/include/weld/weld.h"
#include "tests/unit/publish.h"

#include <gtest/gtest.h>

namespace weld::api {
namespace {

constexpr ValueType i32 = ValueType::I32;

Symbol exported(Unit& unit, std::string_view name, Type type, std::vector<ValueType> locals, Code& code) {
  const Symbol f = unit.declare_function(name, type);
  EXPECT_TRUE(unit.set_function(f, locals, code.end()));
  EXPECT_TRUE(unit.export_as(f));
  code.clear();
  return f;
}

void fill(Unit& unit) {
  TypeDefinition list;
  list.fields = {{i32, false}, {TypeDefinition::ref(0), true}};
  const std::vector<Type> types = unit.define_types(std::span(&list, 1));
  ASSERT_EQ(types.size(), 1u);
  EXPECT_EQ(unit.define_types(std::span(&list, 1)), types);
  const ValueType ref = unit.ref(types[0]);
  TypeDefinition bytes;
  bytes.kind = TypeDefinition::Kind::Array;
  bytes.fields = {{ValueType::I8, true}};
  const Type array = unit.define_types(std::span(&bytes, 1))[0];
  Code code;
  // sum: of a list of two; the second by a cast.
  code.i32_const(1).i32_const(20).value_type(Op::ref_null, ref).type(Op::struct_new, types[0]);
  code.type(Op::struct_new, types[0]).local_set(0).local_get(0).type(Op::struct_get, types[0], 0);
  code.block(Op::block, non_null(ref)).local_get(0).type(Op::struct_get, types[0], 1);
  code.br_on_cast(Op::br_on_cast, 0, ref, non_null(ref)).op(Op::drop).op(Op::unreachable).end();
  code.type(Op::struct_get, types[0], 0).op(Op::i32_add);
  exported(unit, "sum", unit.type({}, {i32}), {ref}, code);
  // letter: through an array and a memory of the unit.
  const Symbol text = unit.declare_passive_data("text"), memory = unit.declare_memory("bytes", 1, 2);
  const uint8_t letters[] = {'a', 'b', 'c', 'd'};
  EXPECT_TRUE(unit.set_passive_data(text, letters));
  EXPECT_TRUE(unit.set_memory(memory));
  code.i32_const(8).i32_const(0).i32_const(4).memory_init(text, memory);
  code.i32_const(16).i32_const(8).i32_const(4).memory_copy(memory, memory);
  code.i32_const(1).i32_const(2).type(Op::array_new_data, array, text).local_get(0).type(Op::array_get_u, array);
  code.local_get(0).memory_of(Op::i32_load8_u, memory, 0, 18).i32_const(8).op(Op::i32_shl).op(Op::i32_or);
  code.in_memory(Op::memory_size, memory).i32_const(16).op(Op::i32_shl).op(Op::i32_or);
  exported(unit, "letters", unit.type({i32}, {i32}), {}, code);
  const Symbol table = unit.declare_table("table", ValueType::FuncRef, 3, {}, true);
  EXPECT_TRUE(unit.set_table(table));
  code.symbol(Op::table_size, table).op(Op::i32_wrap_i64);
  exported(unit, "slots", unit.type({}, {i32}), {}, code);
}

TEST(UnitFace, TypesMemoriesAndTables) {
  Linker linker;
  Unit unit = linker.add_unit("a");
  fill(unit);
  Options options;
  options.entry = "";
  const Result result = linker.link(options);
  ASSERT_TRUE(result.ok) << result.messages[0].rendered;
  publish("face.wasm", weld::Bytes(result.output.data(), result.output.size()));
  const SymbolInfo memory = *unit.info(unit.find("bytes")), table = *unit.info(unit.find("table"));
  EXPECT_EQ(memory.kind, SymbolInfo::Kind::Memory);
  EXPECT_EQ(memory.minimum, 1u);
  EXPECT_EQ(memory.maximum, 2u);
  EXPECT_FALSE(memory.is_64);
  EXPECT_EQ(table.kind, SymbolInfo::Kind::Table);
  EXPECT_TRUE(table.is_64);
  // What is read can be set again.
  const std::vector<uint8_t> before = result.copy();
  const Symbol sum = unit.find("sum");
  const FunctionContent content = *unit.function(sum);
  ASSERT_EQ(content.locals.size(), 1u);
  EXPECT_TRUE(unit.set_function(sum, content.locals, content.code));
  EXPECT_EQ(linker.link(options).copy(), before);
}

TEST(UnitFace, TypesOfOtherUnitsAreRefused) {
  Linker linker;
  Unit unit = linker.add_unit("a"), other = linker.add_unit("b");
  TypeDefinition empty;
  const Type theirs = other.define_types(std::span(&empty, 1))[0];
  EXPECT_EQ(unit.ref(theirs), i32);
  EXPECT_FALSE(linker.messages().empty());
  Code code;
  code.type(Op::struct_new, theirs).op(Op::drop).end();
  const Symbol f = unit.declare_function("f", unit.type({}, {}));
  EXPECT_FALSE(unit.set_function(f, {}, code));
  TypeDefinition under;
  under.super = theirs;
  EXPECT_TRUE(unit.define_types(std::span(&under, 1)).empty());
  EXPECT_FALSE(unit.type({static_cast<ValueType>(1)}, {}));
  // An operand of another form.
  code.clear();
  code.op(Op::struct_new, 0).end();
  EXPECT_FALSE(unit.set_function(f, {}, code));
}

} // namespace
} // namespace weld::api
