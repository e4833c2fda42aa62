// What a unit refuses, where a link says that something in it is wrong, and what a unit says of itself.
#include "core/inspect/inspection.h"
#include "tests/unit/unit_fixture.h"

namespace weld {
namespace {

constexpr ValueType v128 = ValueType::V128, externref = ValueType::ExternRef;

struct UnitRefused : UnitTest {
  // "+simd128 -atomics", sorted by name.
  std::string features(const Options& options = plain_options()) {
    LinkResult result = link_with(session, options);
    EXPECT_TRUE(result.ok) << messages(session);
    const Vector<uint8_t> bytes = bytes_of(result); // which the inspection reads
    Inspection inspection;
    inspect(bytes, inspection);
    std::string text;
    for (const auto& row : inspection.features)
      ((text += text.empty() ? "" : " ") += inspection.text(row.prefix)) += inspection.text(row.name);
    return text;
  }
  std::string link_error(const Options& options = plain_options()) {
    EXPECT_FALSE(link_with(session, options).ok);
    return messages(session);
  }
  static Options relocatable() {
    Options o = plain_options();
    o.relocatable = true;
    o.entry.reset();
    return o;
  }
  static Options shared_memory() {
    Options o = plain_options();
    o.shared_memory = true;
    o.max_memory = 1 << 20;
    return o;
  }
};

TEST_F(UnitRefused, OffsetsBeyondObjectFiles) {
  auto error = [](const char* what) { return std::string("function `refused`, instruction 0: ") + what; };
  const UnitSymbol data = unit.declare_data("data");
  for (int64_t offset : {int64_t{1} << 31, -(int64_t{1} << 31) - 1, int64_t{1} << 32}) {
    b.address(Op::i32_data, data, offset).end();
    EXPECT_EQ(refused({}, {}), error("bad operand: what is added has more than 32 bits"));
    b.memory(Op::i32_load, 2, offset, data).end();
    EXPECT_EQ(refused({}, {}), error("bad operand: an offset of more than 32 bits"));
    const Fixup fixup = {Fixup::Address, 4, 0, data, offset};
    EXPECT_FALSE(unit.set_data(data, as_bytes("room"), 0, std::span(&fixup, 1)));
  }
  b.memory(Op::i32_load, 2, -1).end();
  EXPECT_EQ(refused({}, {}), error("bad operand: an offset of more than 32 bits"));
  // A memory of 64 bits has room for all of them.
  Unit& wide = session.unit(session.add_unit("wide", true));
  const UnitSymbol there = wide.declare_data("there");
  b.address(Op::i64_data, there, int64_t{1} << 32).op(Op::drop).end();
  EXPECT_TRUE(wide.set_function(wide.declare_function("f", wide.type({}, {})), {}, b.code()));
}

TEST_F(UnitRefused, ConstantsThatWereRemoved) {
  const UnitSymbol constant = unit.constant(as_bytes("text"), 0);
  b.address(Op::i32_data, constant).end();
  const UnitSymbol f = exported("f", {}, {i32});
  EXPECT_TRUE(link_with(session).ok) << messages(session);
  ASSERT_TRUE(unit.remove(constant));
  EXPECT_EQ(link_error(),
            "`.Lconstant`: code or data refers to this constant, and it was removed\n  in jit\n");
  b.i32(0).end();
  ASSERT_TRUE(unit.set_function(f, {}, b.code()));
  EXPECT_TRUE(link_with(session).ok) << messages(session);
}

// The offset in a thread's block, of what is in none: wrong in a program of one thread as well.
TEST_F(UnitRefused, ThreadOffsetsOfPlainData) {
  const UnitSymbol plain = unit.declare_data("plain"), kept = unit.declare_data("kept");
  ASSERT_TRUE(unit.set_data(plain, as_bytes("data"), 2));
  ASSERT_TRUE(unit.set_data(kept, as_bytes("data"), 2, {}, 0, local));
  const StatedFeature features[] = {{"atomics"}, {"bulk-memory"}};
  ASSERT_TRUE(unit.set_features(features));
  for (const UnitSymbol data : {plain, kept}) {
    b.address(Op::i32_data_tls, data).end();
    exported("f", {}, {i32});
    for (const Options& options : {plain_options(), shared_memory(), relocatable()})
      EXPECT_NE(link_error(options).find("non-TLS symbol `"), std::string::npos) << messages(session);
  }
}

TEST_F(UnitRefused, AddressesOfThreadLocalDataSayWhere) {
  const UnitSymbol tls = unit.declare_data("tls");
  ASSERT_TRUE(unit.set_data(tls, as_bytes("data"), 2, {}, data_flag::tls));
  const UnitSymbol g = unit.declare_global("g", {i32, false});
  ASSERT_TRUE(unit.set_global_code(g, b.address(Op::i32_data, tls).end().code()));
  b.clear();
  ASSERT_TRUE(unit.export_as(g));
  EXPECT_NE(link_error(shared_memory()).find("`g`: its initial value refers to `tls`"), std::string::npos)
      << messages(session);
  ASSERT_TRUE(unit.remove(g));
  const Fixup fixup = {Fixup::Address, 4, 0, tls, 0};
  const UnitSymbol section = unit.declare_section("notes");
  ASSERT_TRUE(unit.set_section(section, as_bytes("room"), std::span(&fixup, 1)));
  EXPECT_NE(link_error(relocatable()).find("`notes`: a fixup refers to `tls`"), std::string::npos)
      << messages(session);
}

TEST_F(UnitRefused, UndefinedElementsSayWhere) {
  const UnitSymbol f = function("nowhere", {}, {});
  const UnitSymbol table = unit.declare_table("slots", {ValueType::FuncRef, {0, 16, 4, 0}});
  ASSERT_TRUE(unit.set_table(table, std::span(&f, 1), 0));
  ASSERT_TRUE(unit.export_as(table));
  EXPECT_NE(link_error().find("slots"), std::string::npos) << messages(session);
}

TEST_F(UnitRefused, ExportsOfOneNameSayWhatTheyAre) {
  b.end();
  const UnitSymbol f = exported("f", {}, {});
  ASSERT_TRUE(unit.export_as(f, "room"));
  const UnitSymbol memory = unit.declare_memory("m", {0, 16, 1, 0});
  ASSERT_TRUE(unit.set_memory(memory));
  ASSERT_TRUE(unit.export_as(memory, "room"));
  EXPECT_NE(link_error().find("memory `m`"), std::string::npos) << messages(session);
}

TEST_F(UnitRefused, WritesOfConstantGlobals) {
  const UnitSymbol g = unit.declare_global("g", {i32, false});
  b.i32(1).op(Op::global_set, g.row).end();
  EXPECT_EQ(refused({}, {}), "function `refused`, instruction 1: the global is not mutable");
}

TEST_F(UnitRefused, FeaturesAreThoseOfTypes) {
  b.op(Op::unreachable).end();
  exported("plain", {i32}, {i32, i32});
  EXPECT_EQ(features(), "+multivalue");
  unit.remove(unit.find("plain"));

  b.op(Op::unreachable).end();
  exported("vector", {v128}, {});
  EXPECT_EQ(features(), "+simd128");
  unit.remove(unit.find("vector"));

  // Of what is called, blocks, calls through the table and locals.
  const UnitSymbol host = function("host", {externref}, {});
  ASSERT_TRUE(unit.import_from(host, "env", "host"));
  b.op(Op::unreachable).call(host).end();
  exported("f", {}, {});
  EXPECT_EQ(features(), "+reference-types");
  b.op(Op::unreachable).block(Op::block, sig({}, {i32})).i32(1).end().op(Op::drop).end();
  exported("f", {}, {});
  EXPECT_EQ(features(), "");
  b.i32(1).block(Op::block, sig({i32}, {})).op(Op::drop).end().end();
  exported("f", {}, {});
  EXPECT_EQ(features(), "+multivalue");
  b.op(Op::unreachable).call_indirect(sig({v128}, {})).end();
  exported("f", {}, {});
  EXPECT_EQ(features(), "+simd128");
  b.end();
  exported("f", {}, {}, {externref});
  EXPECT_EQ(features(), "+reference-types");
  b.end();
  exported("f", {}, {});
  EXPECT_EQ(features(), "");
}

TEST_F(UnitRefused, FeaturesAreThoseOfSymbols) {
  b.end();
  exported("f", {}, {});
  const UnitSymbol g = unit.declare_global("g", {i32, true});
  ASSERT_TRUE(unit.set_global(g, {}, local));
  EXPECT_EQ(features(), "") << "nobody else sees it";
  ASSERT_TRUE(unit.set_global(g, {}));
  EXPECT_EQ(features(), "+mutable-globals");
  ASSERT_TRUE(unit.remove(g));
  // The linker's own needs no engine that imports or exports mutable globals.
  const UnitSymbol stack = unit.declare_global("__stack_pointer", {i32, true});
  b.op(Op::global_get, stack.row).op(Op::drop).end();
  exported("f", {}, {});
  EXPECT_EQ(features(), "");

  const UnitSymbol tls = unit.declare_data("tls");
  ASSERT_TRUE(unit.set_data(tls, as_bytes("tls"), 0, {}, data_flag::tls));
  EXPECT_EQ(features(), "+atomics +bulk-memory");
  ASSERT_TRUE(unit.remove(tls));
  EXPECT_EQ(features(), "");
}

TEST_F(UnitRefused, MemoryOf64BitsIsAFeature) {
  Session other;
  Unit& wide = other.unit(other.add_unit("wide", true));
  b.end();
  const UnitSymbol f = wide.declare_function("f", wide.type({}, {}));
  ASSERT_TRUE(wide.set_function(f, {}, b.code()));
  ASSERT_TRUE(wide.export_as(f));
  LinkResult result = link_with(other, plain_options());
  ASSERT_TRUE(result.ok) << messages(other);
  EXPECT_TRUE(contains(bytes_of(result), Vector<uint8_t>(as_bytes("+\x08memory64"))));
}

TEST_F(UnitRefused, StatedFeaturesAndProducers) {
  b.end();
  exported("f", {}, {}, {v128});
  const StatedFeature stated[] = {{"fp16"}, {"simd128"}};
  ASSERT_TRUE(unit.set_features(stated));
  EXPECT_EQ(features(), "+fp16 +simd128");
  const StatedFeature twice[] = {{"fp16"}, {"fp16", true}};
  EXPECT_FALSE(unit.set_features(twice));
  const StatedProducer producers[] = {{ProducerField::Language, "Tiny", "1"}, {ProducerField::Sdk, "kit", ""}};
  ASSERT_TRUE(unit.set_producers(producers));
  EXPECT_FALSE(unit.set_producers(std::span<const StatedProducer>({{{}, "a", "1"}, {{}, "a", "2"}})));
  LinkResult linked = link_with(session);
  EXPECT_TRUE(contains(bytes_of(linked), Vector<uint8_t>(as_bytes("Tiny"))));

  // A snapshot has them.
  Session restored;
  ASSERT_TRUE(restore_session(restored, FileBytes::copy(save_session(session))));
  EXPECT_TRUE(link_with(restored).output == linked.output);
  ASSERT_TRUE(restored.unit(restored.order()[0]).set_features({}));
  EXPECT_FALSE(link_with(restored).output == linked.output);

  const StatedFeature forbidden[] = {{"simd128", true}};
  ASSERT_TRUE(unit.set_features(forbidden));
  EXPECT_EQ(link_error(), "`f`: it needs the feature `simd128`, which the unit forbids\n  in jit\n");
}

TEST_F(UnitRefused, AThreadLocalAddress) {
  const UnitSymbol tls = unit.declare_data("tls"), plain = unit.declare_data("plain");
  ASSERT_TRUE(unit.set_data(tls, as_bytes("tls!"), 2, {}, data_flag::tls));
  b.op(Op::nop).memory(Op::i32_load, 2, 0, tls).end();
  b.clear();
  b.op(Op::nop).address(Op::i32_data, tls).end();
  exported("f", {}, {i32});
  EXPECT_TRUE(link_with(session).ok) << "one thread: " << messages(session);
  const std::string in_code = ", instruction 1, in `f`";
  const std::string advice = "\n  note: add `i32.data_tls` of it to the global `__tls_base`\n";
  const std::string why = "`tls`: thread-local data has an address in each thread\n  in jit";
  for (const Options& options : {shared_memory(), relocatable()})
    EXPECT_EQ(link_error(options), "function `f`, instruction 1: `i32.data` of " + why + in_code + advice);
  // So it is for what only this unit sees, and in data.
  ASSERT_TRUE(unit.set_data(tls, as_bytes("tls!"), 2, {}, data_flag::tls, local));
  EXPECT_EQ(link_error(shared_memory()),
            "function `f`, instruction 1: `i32.data` of " + why + in_code + advice);
  b.op(Op::global_get, unit.declare_global("__tls_base", {i32, true}).row);
  b.address(Op::i32_data_tls, tls).op(Op::i32_add).memory(Op::i32_load, 2, 0, plain).end();
  exported("f", {}, {i32});
  const Fixup fixup = {Fixup::Address, 4, 4, tls, 0};
  ASSERT_TRUE(unit.set_data(plain, as_bytes("12345678"), 2, std::span(&fixup, 1)));
  EXPECT_EQ(link_error(shared_memory()),
            "`plain`: a fixup refers to " + why + ", offset 0x4, in `plain`" + advice);
}

TEST_F(UnitRefused, PlacesInDataAreOffsetsInIt) {
  const UnitSymbol first = unit.declare_data("first"), data = unit.declare_data("data");
  ASSERT_TRUE(unit.set_data(first, as_bytes("something before"), 0, {}, 0, symbol_flag::no_strip));
  const Fixup fixup = {Fixup::Address, 4, 4, unit.declare_data("nowhere"), 0};
  ASSERT_TRUE(unit.set_data(data, as_bytes("12345678"), 2, std::span(&fixup, 1), 0, symbol_flag::no_strip));
  EXPECT_EQ(link_error().rfind("undefined symbol `nowhere`\n  in jit, offset 0x4, in `data`\n", 0), 0u)
      << messages(session);
}

// wasm-ld 19 does not survive an object with slots of a table that nothing keeps: units.test.mjs links it.
TEST_F(UnitRefused, ObjectsKeepTheTableOfTheirSlots) {
  b.i32(7).end();
  const UnitSymbol seven = exported("seven", {}, {i32});
  b.op(Op::i32_func, seven.row).op(Op::i32_eqz).end();
  exported("is_null", {}, {i32});
  LinkResult object = link_with(session, relocatable());
  ASSERT_TRUE(object.ok) << messages(session);
  publish("slots.o", object);
}

TEST_F(UnitRefused, NotesAreForWhoMakesInstructions) {
  const UnitSymbol data = unit.declare_data("data");
  ASSERT_TRUE(unit.set_data(data, as_bytes("data"), 0));
  b.address(Op::i32_data, data).end();
  exported("f", {}, {i32});
  Options pie = plain_options();
  pie.pie = true;
  EXPECT_EQ(link_error(pie),
            "function `f`, instruction 0: `i32.data` of `data`: its address is known when the module "
            "is loaded\n  in jit, instruction 0, in `f`\n  note: take it with `global.get` of `data`\n");
  b.op(Op::global_get, data.row).end();
  exported("f", {}, {i32});
  EXPECT_TRUE(link_with(session, pie).ok) << messages(session);

  b.op(Op::unreachable).call(function("setjmp", {i32}, {i32})).end();
  exported("g", {}, {i32});
  EXPECT_EQ(link_error().find("compile"), std::string::npos) << messages(session);
  b.op(Op::unreachable).address(Op::i32_data, unit.declare_data("__start_rows")).end();
  exported("g", {}, {i32});
  EXPECT_EQ(link_error().find("__attribute__"), std::string::npos) << messages(session);
}

} // namespace
} // namespace weld
