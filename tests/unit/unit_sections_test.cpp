// Custom sections of a unit. What their fixups become is checked by tests/units.test.mjs, for what wasm-ld makes of their
// objects too.
#include "tests/unit/unit_fixture.h"

namespace weld {
namespace {

// The content of a custom section of a module; nothing when there is none.
Vector<uint8_t> section_of(const Vector<uint8_t>& module, std::string_view name) {
  size_t at = 8;
  auto number = [&] {
    uint32_t value = 0;
    for (uint32_t shift = 0;; shift += 7) {
      const uint8_t byte = module[at++];
      value |= static_cast<uint32_t>(byte & 0x7f) << shift;
      if (!(byte & 0x80)) return value;
    }
  };
  while (at < module.size()) {
    const uint8_t id = module[at++];
    const uint32_t size = number();
    const size_t end = at + size;
    if (id == 0) {
      const uint32_t length = number();
      const std::string_view found = as_text(Bytes(module.data() + at, length));
      if (found == name) return Vector<uint8_t>(Bytes(module.data() + at + length, end - at - length));
    }
    at = end;
  }
  return {};
}

struct UnitSections : UnitTest {
  UnitSymbol section(std::string_view name, std::string_view bytes, const std::vector<Fixup>& fixups = {},
                     std::string_view section = {}) {
    const UnitSymbol symbol = unit.declare_section(name);
    EXPECT_TRUE(unit.set_section(symbol, as_bytes(bytes), fixups, section)) << messages(session);
    return symbol;
  }
  std::string refused_section(std::string_view name, std::string_view bytes, const std::vector<Fixup>& fixups) {
    session.diagnostics.clear();
    const UnitSymbol symbol = unit.declare_section(name);
    EXPECT_FALSE(unit.set_section(symbol, as_bytes(bytes), fixups));
    EXPECT_EQ(unit[symbol].meaning, UnitSymbolRow::Declared);
    EXPECT_TRUE(unit.remove(symbol));
    const std::string text = messages(session);
    return text.substr(0, text.find('\n'));
  }
  std::string text_of_section(std::string_view name, Options options = plain_options()) {
    const LinkResult result = link_with(session, options);
    EXPECT_TRUE(result.ok) << messages(session);
    return std::string(as_text(section_of(bytes_of(result), name)));
  }

  // A program with one of everything, and a section that names each.
  void everything() {
    const uint32_t type = sig({i64, i64, i64}, {i32});
    UnitSymbol data = unit.declare_data("data"), imported = function("imported", {i32}, {});
    ASSERT_TRUE(unit.set_data(data, as_bytes("....the data"), 2));
    ASSERT_TRUE(unit.export_as(data));
    ASSERT_TRUE(unit.import_from(imported, "env", "imported"));
    UnitSymbol global = unit.declare_global("global", {i64, false}),
               table = unit.declare_table("table", {ValueType::FuncRef, {}}),
               tag = unit.declare_tag("tag", sig({i32}, {}));
    ASSERT_TRUE(unit.set_global(global, {0x1234, 0}));
    ASSERT_TRUE(unit.set_table(table));
    ASSERT_TRUE(unit.set_tag(tag));
    for (UnitSymbol symbol : {global, table, tag}) ASSERT_TRUE(unit.export_as(symbol));
    // So long that the size of the body takes two bytes in a module, and so does the first function's place.
    for (int i = 0; i < 100; i++) b.op(Op::nop);
    b.i32(7).call(imported).end();
    exported("first", {}, {});
    for (int i = 0; i < 200; i++) b.op(Op::nop);
    b.op(Op::i32_func, unit.find("first").row).end();
    const UnitSymbol f = exported("f", {}, {i32});
    b.end();
    const UnitSymbol dead = function("dead", {}, {});
    ASSERT_TRUE(unit.set_function(dead, {}, b.code()));
    b.clear();
    const UnitSymbol other = section("other part", "other", {}, "other");
    section("everything", std::string(64, '\xee'),
            {{Fixup::Address, 4, 0, data, 4},
             {Fixup::Address, 5, 4, data, 5},
             {Fixup::FunctionIndex, 4, 9, f},
             {Fixup::FunctionIndex, 5, 13, imported},
             {Fixup::FunctionOffset, 4, 18, f, 3},
             {Fixup::SectionOffset, 4, 22, other, 2},
             {Fixup::TypeIndex, 5, 26, UnitSymbol(type)},
             {Fixup::GlobalIndex, 4, 31, global},
             {Fixup::GlobalIndex, 5, 35, global},
             {Fixup::TagIndex, 5, 40, tag},
             {Fixup::TableNumber, 5, 45, table},
             {Fixup::TableSlot, 4, 50, unit.find("first")},
             {Fixup::FunctionIndex, 4, 54, dead}});
  }
};

TEST_F(UnitSections, EveryKindOfFixup) {
  everything();
  Options options = plain_options();
  options.export_table = true; // so that a slot can be looked at
  publish("sections.wasm", link_with(session, options));
  EXPECT_EQ(messages(session), "");
  Options again = options;
  again.emit_relocs = true;
  publish("sections_with_relocations.wasm", link_with(session, again));
  EXPECT_EQ(messages(session), "");
  again = options;
  again.compress_relocations = true;
  EXPECT_TRUE(bytes_of(link_with(session, again)) == bytes_of(link_with(session, options)));
  Options relocatable = plain_options();
  relocatable.relocatable = true;
  const LinkResult object = link_with(session, relocatable);
  ASSERT_TRUE(object.ok) << messages(session);
  publish("sections.o", object);
  // weld reads its own object.
  Session linked;
  ASSERT_TRUE(linked.add("sections.o", FileBytes::copy(bytes_of(object))));
  publish("sections_of_object.wasm", link_with(linked, options));
  EXPECT_EQ(messages(linked), "");
}

TEST_F(UnitSections, OfOneNameBecomeOneSection) {
  Unit& second = session.unit(session.add_unit("second"));
  section("a", "first ", {}, "mine");
  section("mine", "second ");
  const UnitSymbol third = second.declare_section("mine");
  ASSERT_TRUE(second.set_section(third, as_bytes("third")));
  EXPECT_EQ(text_of_section("mine"), "first second third");
  // An edit, and one that takes it away.
  section("mine", "2nd ");
  EXPECT_EQ(text_of_section("mine"), "first 2nd third");
  ASSERT_TRUE(unit.remove(unit.find("a")));
  ASSERT_TRUE(second.remove(third));
  EXPECT_EQ(text_of_section("mine"), "2nd ");
  section("mine", "");
  EXPECT_EQ(text_of_section("mine"), "");
  Session restored;
  section("mine", "saved");
  ASSERT_TRUE(restore_session(restored, FileBytes::copy(save_session(session))));
  const LinkResult result = link_with(restored);
  EXPECT_EQ(as_text(section_of(bytes_of(result), "mine")), "saved");
}

TEST_F(UnitSections, TheyAreStrippedAsThoseOfObjectsAre) {
  section(".debug_gdb_scripts", "scripts");
  section("mine", "kept");
  for (bool all : {false, true}) {
    Options options = plain_options();
    (all ? options.strip_all : options.strip_debug) = true;
    EXPECT_EQ(text_of_section(".debug_gdb_scripts", options), "");
    EXPECT_EQ(text_of_section("mine", options), "kept");
  }
  EXPECT_EQ(text_of_section(".debug_gdb_scripts"), "scripts");
}

// They keep nothing alive, and what is gone has no number.
TEST_F(UnitSections, KeepNothingAlive) {
  b.end();
  const UnitSymbol f = function("f", {}, {});
  ASSERT_TRUE(unit.set_function(f, {}, b.code()));
  const UnitSymbol outside = unit.declare_data("outside");
  section(
      "mine", "xxxxyyyyzzzz",
      {{Fixup::FunctionIndex, 4, 0, f}, {Fixup::Address, 4, 4, outside, 3}, {Fixup::FunctionOffset, 4, 8, f}});
  EXPECT_EQ(text_of_section("mine"), std::string("\0\0\0\0\3\0\0\0\0\0\0\0", 12));
}

TEST_F(UnitSections, WhatIsRefused) {
  b.end();
  const UnitSymbol f = exported("f", {}, {}), data = unit.declare_data("data");
  const char* const place = "`mine`: ";
  auto refused = [&](const std::vector<Fixup>& fixups) {
    const std::string text = refused_section("mine", "0123456789", fixups);
    const size_t at = text.find(place);
    EXPECT_NE(at, std::string::npos) << text;
    return at == std::string::npos ? text : text.substr(at + std::string_view(place).size());
  };
  EXPECT_EQ(refused({{Fixup::FunctionIndex, 4, 0, data}}), "a fixup refers to what is no function");
  EXPECT_EQ(refused({{Fixup::SectionOffset, 4, 0, f}}), "a fixup refers to what is no section");
  EXPECT_EQ(refused({{Fixup::TagIndex, 4, 0, f}}), "a fixup of this kind does not have 4 bytes");
  EXPECT_EQ(refused({{Fixup::FunctionIndex, 5, 6, f}}), "a fixup is outside of the data");
  EXPECT_EQ(refused({{Fixup::FunctionIndex, 5, 0, f}, {Fixup::FunctionIndex, 4, 4, f}}),
            "two fixups overlap");
  EXPECT_EQ(refused({{Fixup::TypeIndex, 5, 0, UnitSymbol(99)}}), "a fixup: unknown type 99");
  EXPECT_EQ(refused({{Fixup::Address, 8, 0, data}}), "a fixup of 8 bytes is for memories of 64 bits");
  EXPECT_EQ(refused({{Fixup::FunctionIndex, 4, 0, UnitSymbol(99)}}), "a fixup: no symbol has the number 99");
  for (const char* name : {"name", "linking", "reloc.CODE", "producers", "target_features", "dylink.0",
                           "metadata.code.branch_hint", ".debug_info", ".debug_str"})
    EXPECT_NE(refused_section(name, "", {}).find("the linker makes"), std::string::npos) << name;
  // In data there are addresses and table slots.
  session.diagnostics.clear();
  const Fixup fixups[] = {{Fixup::FunctionIndex, 4, 0, f}};
  EXPECT_FALSE(unit.set_data(data, as_bytes("data"), 0, fixups));
  EXPECT_NE(messages(session).find("a fixup of data is an address or a table slot"), std::string::npos);
  // Of other kinds, and not set.
  const UnitSymbol mine = unit.declare_section("mine");
  EXPECT_FALSE(unit.export_as(mine));
  EXPECT_FALSE(unit.import_from(mine, "env", "mine"));
  EXPECT_FALSE(unit.set_section(f, as_bytes("bytes")));
  EXPECT_FALSE(unit.set_comdat(mine, "group"));
  section("user", "....", {{Fixup::SectionOffset, 4, 0, mine}});
  EXPECT_FALSE(link_with(session).ok);
  EXPECT_NE(messages(session).find("another section names this section, and it is not set"),
            std::string::npos);
}

// Rows are closed up while sections name symbols and types.
TEST_F(UnitSections, WhenManySymbolsAreRemoved) {
  std::vector<UnitSymbol> old;
  for (int i = 0; i < 3000; i++) old.push_back(unit.declare_data("old" + std::to_string(i)));
  everything();
  Options options = plain_options();
  const Vector<uint8_t> before = bytes_of(link_with(session, options));
  for (UnitSymbol symbol : old) ASSERT_TRUE(unit.remove(symbol));
  ASSERT_TRUE(unit.remove(unit.declare_data("one more")));
  const UnitSymbol symbol = unit.find("everything");
  const Vector<Fixup> fixups = unit.fixups(symbol);
  ASSERT_EQ(fixups.size(), 13u);
  EXPECT_EQ(fixups[6].kind, Fixup::TypeIndex);
  EXPECT_EQ(fixups[5].addend, 2);
  const Vector<uint8_t> bytes(unit.content(symbol));
  EXPECT_TRUE(bytes_of(link_with(session, options)) == before);
  ASSERT_TRUE(unit.set_section(symbol, bytes, fixups));
  EXPECT_TRUE(bytes_of(link_with(session, options)) == before);
}

} // namespace
} // namespace weld
