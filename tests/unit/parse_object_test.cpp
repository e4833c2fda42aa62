#include "tests/unit/object_bytes.h"

#include <gtest/gtest.h>

namespace weld {
namespace {

std::string error_of(const ObjectBytes& bytes) {
  Parsed p(bytes);
  if (p.ok) return "accepted";
  EXPECT_EQ(p.location().input, "t.o");
  return p.message().substr(std::string("t.o: ").size());
}

// -----------------------------------------------------------------------------------------------------------
// What is read

TEST(parse_object, the_sample) {
  Parsed p((ObjectBytes()));
  ASSERT_TRUE(p.ok) << p.message();
  EXPECT_EQ(p.violation(), "");
  EXPECT_TRUE(p.diagnostics.rows().empty());
  const Object& o = p.object;

  ASSERT_EQ(o.imports().size(), 2u);
  EXPECT_EQ(p.text(o.imports()[0].field), "__linear_memory");
  EXPECT_EQ(p.text(o.imports()[1].module), "env");
  EXPECT_EQ(o.imports()[1].signature, o.types()[0]);
  EXPECT_EQ(as_text(p.signatures.bytes(o.types()[1])), "\x60\x01\x7f\x01\x7f");

  ASSERT_EQ(o.functions().size(), 1u);
  const FunctionRow& f = o.functions()[0];
  EXPECT_EQ(f.code_offset, 1u);
  EXPECT_EQ(f.size, 1 + ObjectBytes::body().size());
  EXPECT_EQ(f.offset, o.header().code_offset + 1);
  EXPECT_EQ(p.text(f.name), "f");
  EXPECT_EQ(f.comdat, none32);
  EXPECT_TRUE(f.export_name.is_none());
  EXPECT_EQ(f.relocs.count, 2u);

  ASSERT_EQ(o.segments().size(), 1u);
  EXPECT_EQ(p.text(o.segments()[0].name), ".data.d");
  EXPECT_EQ(p.text(o.segments()[0].data), "abcd");
  EXPECT_EQ(o.segments()[0].p2align, 2u);

  ASSERT_EQ(o.symbols().size(), 3u);
  const SymbolRow& ext = o.symbols()[ObjectBytes::ext];
  EXPECT_EQ(p.text(ext.name), "ext");
  EXPECT_EQ(p.text(ext.encoded_name), "ext");
  EXPECT_EQ(ext.import(), 1u);
  EXPECT_TRUE(ext.called_directly);
  const SymbolRow& sf = o.symbols()[ObjectBytes::f];
  EXPECT_EQ(sf.element, 0u);
  EXPECT_EQ(sf.import(), none32);
  EXPECT_FALSE(sf.called_directly);
  EXPECT_EQ(o.symbols()[ObjectBytes::d].size, 4u);

  auto reloc = RelocRange(p.file, f.relocs).begin();
  EXPECT_EQ((++reloc)->reloc_type(), RelocType::MEMORY_ADDR_SLEB);
  EXPECT_EQ(reloc->offset, 10u);
  EXPECT_EQ(reloc->index, ObjectBytes::d);
  EXPECT_EQ(RelocRange(p.file, o.segments()[0].relocs).begin()->reloc_type(), RelocType::TABLE_INDEX_I32);
  EXPECT_FALSE(o.header().is_64);
}

TEST(parse_object, equal_types_are_one_signature) {
  ObjectBytes b;
  // The second has a padded count.
  b[SectionKind::Type] = Payload().n(2).raw({0x60, 1, 0x7e, 0, 0x60, 0x81, 0x00, 0x7e, 0});
  Parsed p(b);
  ASSERT_TRUE(p.ok) << p.message();
  EXPECT_EQ(p.object.types()[0], p.object.types()[1]);
}

TEST(parse_object, local_symbols_have_bytes_but_no_name) {
  ObjectBytes b;
  b.symbols = Payload().n(3).raw({0, 0x10, 0}).raw({0, 2}).n(1).name("f").raw({1, 2}).name("f").n(0).n(0).n(4);
  Parsed p(b);
  ASSERT_TRUE(p.ok) << p.message(); // two of one name, but nothing looks them up
  EXPECT_TRUE(p.object.symbols()[1].name.is_none());
  EXPECT_EQ(p.text(p.object.symbols()[1].encoded_name), "f");
  EXPECT_EQ(p.violation(), "");
}

TEST(parse_object, the_first_symbol_names_a_function) {
  ObjectBytes b;
  b.symbols = Payload().n(4).raw(b.symbols.text().substr(1)).raw({0, 1}).n(1).name("alias");
  Parsed p(b);
  ASSERT_TRUE(p.ok) << p.message();
  EXPECT_EQ(p.text(p.object.functions()[0].name), "f");
  EXPECT_TRUE(p.object.symbols()[3].is_weak());
}

TEST(parse_object, an_explicit_name_is_not_the_imports) {
  ObjectBytes b;
  b.symbols = Payload().n(3).raw({0, 0x50, 0}).name("other").raw(b.symbols.text().substr(4));
  Parsed p(b);
  ASSERT_TRUE(p.ok) << p.message();
  EXPECT_EQ(p.text(p.object.symbols()[0].name), "other");
  EXPECT_EQ(p.text(p.object.imports()[p.object.symbols()[0].import()].field), "ext");
}

TEST(parse_object, indices_of_imports_are_counted_by_kind) {
  ObjectBytes b;
  b[SectionKind::Import] = Payload()
                               .n(6)
                               .name("env")
                               .name("g0")
                               .raw({3, 0x7f, 1})
                               .name("env")
                               .name("__linear_memory")
                               .raw({2, 0, 0})
                               .name("env")
                               .name("ext")
                               .raw({0, 0})
                               .name("env")
                               .name("g1")
                               .raw({3, 0x7e, 0})
                               .name("env")
                               .name("tag")
                               .raw({4, 0, 0})
                               .name("GOT.mem")
                               .name("g2")
                               .raw({3, 0x7f, 1});
  b.insert_before(SectionKind::Code, SectionKind::Global, Payload().n(1).raw({0x7f, 0, 0x41, 7, 0x0b}));
  b.symbols = Payload().n(6).raw(b.symbols.text().substr(1));
  b.symbols.raw({2, 0x10, 1}).raw({2, 0}).n(3).name("mine").raw({4, 0x10, 0});
  Parsed p(b);
  ASSERT_TRUE(p.ok) << p.message();
  EXPECT_EQ(p.violation(), "");
  EXPECT_EQ(p.object.header().imported_globals, 3u);
  EXPECT_EQ(p.object.symbols()[3].import(), 3u);
  EXPECT_EQ(p.text(p.object.symbols()[3].name), "g1");
  EXPECT_EQ(p.object.symbols()[4].element, 0u);
  EXPECT_EQ(p.text(p.object.globals()[0].name), "mine");
  EXPECT_EQ(p.text(p.object.globals()[0].init), "\x41\x07\x0b");
  EXPECT_EQ(p.object.symbols()[5].import(), 4u);
}

TEST(parse_object, absolute_data_has_no_segment) {
  ObjectBytes b;
  b.symbols =
      Payload().n(4).raw(b.symbols.text().substr(1)).raw({1}).n(0x200).name("abs").n(0).n(0x12345).n(1);
  Parsed p(b);
  ASSERT_TRUE(p.ok) << p.message();
  EXPECT_EQ(p.object.symbols()[3].element, none32);
  EXPECT_EQ(p.object.symbols()[3].value(), 0x12345u);
}

TEST(parse_object, tls_by_the_name_of_the_segment) {
  ObjectBytes b;
  b.segment_infos = Payload().n(1).name(".tdata.d").n(2).n(0);
  Parsed p(b);
  ASSERT_TRUE(p.ok) << p.message();
  EXPECT_EQ(p.object.segments()[0].flags, segment_flag::tls);
  EXPECT_EQ(p.object.symbols()[ObjectBytes::d].flags, symbol_flag::tls);
}

TEST(parse_object, the_last_export_name_counts) {
  ObjectBytes b;
  b.insert_before(SectionKind::Code, SectionKind::Export,
                  Payload().n(3).name("a").raw({0, 1}).name("b").raw({0, 1}).name("m").raw({2, 0}));
  Parsed p(b);
  ASSERT_TRUE(p.ok) << p.message();
  EXPECT_EQ(p.text(p.object.functions()[0].export_name), "b");
}

TEST(parse_object, comdats_and_init_functions) {
  ObjectBytes b;
  b.comdats = Payload().n(2).name("one").n(0).n(2).raw({0, 0, 1, 1}).name("two").n(0).n(0);
  b.init_functions = Payload().n(1).n(101).n(ObjectBytes::f);
  Parsed p(b);
  ASSERT_TRUE(p.ok) << p.message();
  EXPECT_EQ(p.text(p.object.comdats()[1].name), "two");
  EXPECT_EQ(p.object.functions()[0].comdat, 0u);
  EXPECT_EQ(p.object.segments()[0].comdat, 0u);
  EXPECT_EQ(p.object.init_functions()[0].priority, 101u);
}

TEST(parse_object, custom_sections_that_can_go_to_the_output) {
  ObjectBytes b;
  auto custom = [](const char* name, const char* data) {
    return ObjectBytes::Section{SectionKind::Custom, name, Payload().raw(data)};
  };
  b.before_linking = {custom(".debug_info", "0123456789"), custom(".llvmbc", "x"), custom("empty", "")};
  b.symbols = Payload().n(4).raw(b.symbols.text().substr(1)).raw({3, 2, 5});
  // FUNCTION_OFFSET at 0, SECTION_OFFSET at 4; offsets count from after the name.
  b.after = {
      {SectionKind::Custom, "reloc..debug_info", Payload().n(5).n(2).raw({8, 0, 1, 0}).raw({9, 4, 3, 0x7f})}};
  Parsed p(b);
  ASSERT_TRUE(p.ok) << p.message();
  EXPECT_EQ(p.violation(), "");
  ASSERT_EQ(p.object.custom_sections().size(), 2u);
  EXPECT_EQ(p.text(p.object.custom_sections()[0].name), ".debug_info");
  EXPECT_EQ(p.text(p.object.custom_sections()[0].data), "0123456789");
  EXPECT_EQ(p.object.custom_sections()[0].section_index, 5u);
  EXPECT_EQ(p.object.custom_sections()[0].relocs.count, 2u);
  auto reloc = RelocRange(p.file, p.object.custom_sections()[0].relocs).begin();
  EXPECT_EQ(reloc->reloc_type(), RelocType::FUNCTION_OFFSET_I32);
  EXPECT_EQ((++reloc)->offset, 4u);
  EXPECT_EQ(reloc->addend, -1);
  EXPECT_EQ(p.object.symbols()[3].element, 0u);
  EXPECT_EQ(p.text(p.object.symbols()[3].encoded_name), ".debug_info");
  EXPECT_EQ(p.text(p.object.custom_sections()[1].name), "empty");
}

TEST(parse_object, features_producers_and_names) {
  ObjectBytes b;
  b.after = {{SectionKind::Custom, "name",
              Payload()
                  .raw({0})
                  .sized(Payload().name("m"))
                  .raw({1})
                  .sized(Payload().n(2).n(0).name("x").n(1).name("debug f"))},
             {SectionKind::Custom, "producers",
              Payload().n(2).name("language").n(1).name("C11").name("").name("sdk").n(1).name("C11").name("2")},
             {SectionKind::Custom, "target_features",
              Payload().n(2).raw("+").name("simd128").raw("-").name("atomics")}};
  Parsed p(b);
  ASSERT_TRUE(p.ok) << p.message();
  EXPECT_EQ(p.violation(), "");
  EXPECT_EQ(p.text(p.object.functions()[0].debug_name), "debug f");
  ASSERT_EQ(p.object.producers().size(), 2u);
  EXPECT_EQ(p.object.producers()[1].field, ProducerField::Sdk);
  EXPECT_EQ(p.text(p.object.producers()[1].version), "2");
  ASSERT_EQ(p.object.features().size(), 2u);
  EXPECT_EQ(p.object.features()[1].prefix, '-');
  EXPECT_EQ(p.text(p.object.features()[1].name), "atomics");
}

TEST(parse_object, memory64_and_64_bit_addends) {
  ObjectBytes b;
  b[SectionKind::Import] =
      Payload().n(2).name("env").name("__linear_memory").raw({2, 4, 0}).name("env").name("ext").raw({0, 0});
  b.code_relocs = Payload().n(1).raw({16, 4, 2}).s(-0x123456789);
  Parsed p(b);
  ASSERT_TRUE(p.ok) << p.message();
  EXPECT_TRUE(p.object.header().is_64);
  EXPECT_EQ(RelocRange(p.file, p.object.functions()[0].relocs).begin()->addend, -0x123456789);
}

// A file whose only section past those of the sample is this `linking`.
Parsed parse_with_linking(const Payload& linking) {
  Payload out;
  out.raw(std::string_view("\0asm\1\0\0\0", 8));
  for (const ObjectBytes::Section& s : ObjectBytes().sections) ObjectBytes::append_section(out, s);
  ObjectBytes::append_section(out, {SectionKind::Custom, "linking", linking});
  return Parsed(Vector<uint8_t>(out.data(), out.data() + out.size()));
}

TEST(parse_object, unknown_linking_subsections_are_skipped) {
  EXPECT_TRUE(parse_with_linking(
                  Payload().n(2).raw({42}).sized(Payload().raw("what")).raw({8}).sized(ObjectBytes().symbols))
                  .ok);
}

TEST(parse_object, passive_data_is_data) {
  ObjectBytes b;
  b[SectionKind::Data] = Payload().n(1).raw({1}).n(4).raw("abcd");
  b.data_relocs = Payload().n(1).raw({2, 3, 1});
  EXPECT_TRUE(Parsed(b).ok);
}

TEST(parse_object, extended_constants) {
  ObjectBytes b;
  // (i32.const 2) (i32.const 3) i32.mul (i32.const 1) i32.add
  b.insert_before(SectionKind::Code, SectionKind::Global,
                  Payload().n(1).raw({0x7f, 0, 0x41, 2, 0x41, 3, 0x6c, 0x41, 1, 0x6a, 0x0b}));
  EXPECT_TRUE(Parsed(b).ok);
  b[SectionKind::Global] = Payload()
                               .n(4)
                               .raw({0x7e, 0, 0x42, 2, 0x0b})
                               .raw({0x7d, 0, 0x43, 0, 0, 0, 0, 0x0b})
                               .raw({0x7c, 0, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b})
                               .raw({0x6f, 1, 0xd0, 0x6f, 0x0b});
  EXPECT_TRUE(Parsed(b).ok);
}

// -----------------------------------------------------------------------------------------------------------
// Objects of other tools

ObjectBytes with_table_import(const char* name, int element = 0x70) {
  ObjectBytes b;
  b[SectionKind::Import] = Payload().n(3).raw(b[SectionKind::Import].text().substr(1));
  b[SectionKind::Import].name("env").name(name).raw({1, element, 0, 0});
  return b;
}

TEST(parse_object, an_mvp_object_gets_its_table_symbol) {
  Parsed p(with_table_import("__indirect_function_table"));
  ASSERT_TRUE(p.ok) << p.message();
  EXPECT_EQ(p.violation(), "");
  EXPECT_TRUE(p.object.header().has_legacy_table);
  const SymbolRow& table = p.object.symbols()[3];
  EXPECT_EQ(table.kind, SymbolKind::Table);
  EXPECT_EQ(table.flags, symbol_flag::undefined | symbol_flag::no_strip);
  EXPECT_EQ(p.text(table.name), "__indirect_function_table");
  EXPECT_EQ(table.import(), 2u);

  ObjectBytes b = with_table_import("__indirect_function_table");
  b.code_relocs = Payload().n(1).raw({20, 4, 3}); // the made-up symbol cannot be referred to
  EXPECT_EQ(error_of(b), "invalid relocation table index");
}

TEST(parse_object, a_table_with_a_symbol_is_no_legacy_table) {
  ObjectBytes b = with_table_import("__indirect_function_table");
  b.symbols = Payload().n(4).raw(b.symbols.text().substr(1)).raw({5, 0x10, 0});
  Parsed p(b);
  ASSERT_TRUE(p.ok) << p.message();
  EXPECT_FALSE(p.object.header().has_legacy_table);
}

TEST(parse_object, tables_need_symbols) {
  EXPECT_EQ(error_of(with_table_import("t")), "table import t is missing a symbol table entry.");
  EXPECT_EQ(error_of(with_table_import("__indirect_function_table", 0x6f)),
            "table import __indirect_function_table is missing a symbol table entry.");
  ObjectBytes b = with_table_import("__indirect_function_table");
  b[SectionKind::Import] = Payload().n(4).raw(b[SectionKind::Import].text().substr(1));
  b[SectionKind::Import].name("env").name("u").raw({1, 0x70, 0, 0});
  EXPECT_EQ(error_of(b), "multiple table imports, but no corresponding symbol-table entries.");
  b.symbols = Payload().n(4).raw(b.symbols.text().substr(1)).raw({5, 0x10, 0});
  EXPECT_EQ(
      error_of(b),
      "expected one symbol table entry for each of the 2 table(s) present, but got 1 symbol(s) instead.");
  ObjectBytes c;
  c.insert_before(SectionKind::Code, SectionKind::Table, Payload().n(1).raw({0x70, 0, 1}));
  EXPECT_EQ(error_of(c), "unexpected table definition(s) without corresponding symbol-table entries.");
}

TEST(parse_object, warns_of_what_is_lost) {
  ObjectBytes b = with_table_import("__indirect_function_table");
  b.symbols = Payload().n(2).raw({0, 0x10, 0}).raw({0, 0}).n(1).name("f");
  b.insert_before(SectionKind::Code, SectionKind::Start, Payload().n(1));
  b.insert_before(SectionKind::Code, SectionKind::Elem, Payload().n(1).raw({0, 0x41, 0, 0x0b, 1, 1}));
  b.code_relocs = b.data_relocs = Payload();
  EXPECT_EQ(Parsed(b).object.warnings().size(), 2u); // a compiler's segment, with a name
  b.segment_infos = Payload();
  Parsed p(b);
  ASSERT_TRUE(p.ok);
  EXPECT_TRUE(p.diagnostics.rows().empty()); // a link with the object in it says them
  ASSERT_EQ(p.object.warnings().size(), 3u);
  EXPECT_EQ(p.object.warnings()[0].id, static_cast<uint32_t>(DiagnosticId::start_ignored));
  EXPECT_EQ(p.object.warnings()[1].id, static_cast<uint32_t>(DiagnosticId::elements_ignored));
  EXPECT_EQ(p.object.warnings()[2].id, static_cast<uint32_t>(DiagnosticId::segment_without_symbol));
}

TEST(parse_object, refuses_passive_data_without_a_symbol) {
  ObjectBytes b;
  b[SectionKind::Data] = Payload().n(1).raw({1}).n(4).raw("abcd");
  b.symbols = Payload().n(2).raw({0, 0x10, 0}).raw({0, 0}).n(1).name("f");
  b.code_relocs = b.data_relocs = Payload();
  EXPECT_EQ(error_of(b), "a passive data segment without a symbol is not supported");
}

// -----------------------------------------------------------------------------------------------------------
// What is refused: the file

TEST(parse_object, not_an_object) {
  ObjectBytes b;
  Payload out;
  out.raw(std::string_view("\0asm\1\0\0\0", 8));
  for (const ObjectBytes::Section& s : b.sections) ObjectBytes::append_section(out, s);
  Parsed p(Vector<uint8_t>(out.data(), out.data() + out.size()));
  EXPECT_FALSE(p.ok);
  EXPECT_EQ(p.id(), DiagnosticId::not_relocatable);
  EXPECT_EQ(p.message(), "t.o: not a relocatable wasm file");

  b.sections.insert(b.sections.begin(), {SectionKind::Custom, "dylink.0", Payload()});
  EXPECT_EQ(error_of(b), "a shared library inside an archive is not supported");
}

TEST(parse_object, header) {
  EXPECT_EQ(Parsed(Vector<uint8_t>{}).message(),
            "t.o: unexpected end of file while reading the magic number");
  EXPECT_EQ(Parsed({0, 'a', 's', 'n', 1, 0, 0, 0}).message(), "t.o: invalid magic number");
  EXPECT_EQ(Parsed({0, 'a', 's', 'm', 1, 0}).message(),
            "t.o: unexpected end of file while reading the version number");
  EXPECT_EQ(Parsed({0, 'a', 's', 'm', 2, 0, 0, 0}).message(), "t.o: invalid version number: 2");
  EXPECT_EQ(Parsed({0, 'a', 's', 'm', 1, 0, 0, 0, 14, 1, 0}).message(), "t.o: invalid section type: 14");
  EXPECT_EQ(Parsed({0, 'a', 's', 'm', 1, 0, 0, 0, 1, 0}).message(), "t.o: zero length section");
  EXPECT_EQ(Parsed({0, 'a', 's', 'm', 1, 0, 0, 0, 1, 2, 0}).message(), "t.o: section too large");
}

TEST(parse_object, section_order) {
  ObjectBytes b;
  std::swap(b.sections[0], b.sections[1]);
  EXPECT_EQ(error_of(b), "out of order section type: 1");
  ObjectBytes twice;
  twice.insert_before(SectionKind::Import, SectionKind::Type, Payload().n(0));
  EXPECT_EQ(error_of(twice), "out of order section type: 1");
  ObjectBytes tag; // TAG stands before GLOBAL
  tag.insert_before(SectionKind::Code, SectionKind::Global, Payload().n(0));
  tag.insert_before(SectionKind::Code, SectionKind::Tag, Payload().n(0));
  EXPECT_EQ(error_of(tag), "out of order section type: 13");
  ObjectBytes late;
  late.after = {{SectionKind::Data, "", Payload().n(0)}};
  EXPECT_EQ(error_of(late), "out of order section type: 11");
  ObjectBytes names;
  names.after = {{SectionKind::Custom, "producers", Payload().n(0)}, {SectionKind::Custom, "name", Payload()}};
  EXPECT_EQ(error_of(names), "out of order section type: 0");
}

TEST(parse_object, says_where) {
  ObjectBytes b;
  b[SectionKind::Function] = Payload().n(1).n(9);
  Parsed p(b);
  EXPECT_EQ(p.message(), "t.o: invalid function type");
  EXPECT_EQ(p.location().section, "FUNCTION");
  std::string_view file = as_text(Bytes(p.file));
  EXPECT_EQ(p.location().offset, file.find(std::string_view("\x03\x02\x01\x09", 4)) + 3);
}

TEST(parse_object, sections_are_read_to_their_end) {
  for (SectionKind kind : {SectionKind::Type, SectionKind::Import, SectionKind::Function, SectionKind::Code,
                           SectionKind::Data}) {
    ObjectBytes b;
    b[kind].raw({0});
    EXPECT_EQ(error_of(b), "unexpected data at the end of the section");
  }
  for (Payload ObjectBytes::*part : {&ObjectBytes::symbols, &ObjectBytes::segment_infos}) {
    ObjectBytes b;
    (b.*part).raw({0});
    EXPECT_EQ(error_of(b), "unexpected data at the end of the sub-section");
  }
  ObjectBytes b;
  b.code_relocs.raw({0});
  EXPECT_EQ(error_of(b), "unexpected data at the end of the section");
}

// -----------------------------------------------------------------------------------------------------------
// What is refused: core sections

std::string error_with(SectionKind kind, Payload payload) {
  ObjectBytes b;
  bool there = false;
  for (const ObjectBytes::Section& s : b.sections) there |= s.kind == kind;
  if (there) b[kind] = std::move(payload);
  else b.insert_before(SectionKind::Code, kind, std::move(payload));
  return error_of(b);
}

TEST(parse_object, bad_types) {
  EXPECT_EQ(error_with(SectionKind::Type, Payload().n(1).raw({0x61, 0, 0})), "invalid signature type");
  EXPECT_EQ(error_with(SectionKind::Type, Payload().n(1).raw({0x5f, 0, 0})),
            "a reference or GC type is not supported");
  EXPECT_EQ(error_with(SectionKind::Type, Payload().n(1).raw({0x60, 1, 0x64, 0x70, 0})),
            "a reference or GC type is not supported");
  EXPECT_EQ(error_with(SectionKind::Type, Payload().n(1).raw({0x60, 1, 0x40, 0})), "invalid value type: 64");
  EXPECT_EQ(error_with(SectionKind::Type, Payload().n(0xffffffff).raw({0x60, 0, 0})),
            "the number of types is 4294967295, more than fit in the 3 bytes that are left");
  EXPECT_EQ(error_with(SectionKind::Type, Payload().n(1).raw({0x60, 1, 0x7f})),
            "unexpected end of section while reading the number of results");
}

TEST(parse_object, bad_imports) {
  auto import = [](std::initializer_list<int> rest) {
    return error_with(SectionKind::Import, Payload().n(1).name("env").name("x").raw(rest));
  };
  EXPECT_EQ(import({0, 7}), "invalid function type");
  EXPECT_EQ(import({1, 0x7f, 0, 0}), "invalid table element type");
  EXPECT_EQ(import({2, 16, 0}), "invalid limits flags: 16");
  EXPECT_EQ(import({3, 0x7f, 2}), "invalid mutability of a global");
  EXPECT_EQ(import({4, 1, 0}), "invalid attribute");
  EXPECT_EQ(import({4, 0, 7}), "invalid tag type");
  EXPECT_EQ(import({5, 0, 0}), "unexpected import kind");
  EXPECT_EQ(import({2, 1, 0}), "unexpected end of section while reading the maximum of limits");
}

TEST(parse_object, one_memory) {
  EXPECT_EQ(error_with(SectionKind::Memory, Payload().n(1).raw({0, 1})),
            "an object with more than one memory is not supported");
}

TEST(parse_object, bad_functions_and_code) {
  EXPECT_EQ(error_with(SectionKind::Function, Payload().n(2).n(0).n(0)), "invalid function count");
  EXPECT_EQ(error_with(SectionKind::Code, Payload().n(0)), "invalid function count");
  EXPECT_EQ(error_with(SectionKind::Code, Payload().n(1).n(50).raw({0, 0x0b})),
            "unexpected end of section while reading a function body");
  EXPECT_EQ(error_with(SectionKind::Code, Payload().n(1).sized(Payload().n(9).raw({1, 0x7f, 0x0b}))),
            "the number of local declarations is 9, more than fit in the 3 bytes that are left");
  EXPECT_EQ(error_with(SectionKind::Code, Payload().n(1).sized(Payload().n(1).raw({1, 0x01, 0x0b}))),
            "invalid value type: 1");
  ObjectBytes b;
  b.remove(SectionKind::Code);
  b.code_relocs = b.data_relocs = Payload();
  EXPECT_EQ(error_of(b), "function section without code section");
}

TEST(parse_object, bad_constants) {
  auto global = [](std::initializer_list<int> rest) {
    return error_with(SectionKind::Global, Payload().n(1).raw({0x7f, 0}).raw(rest));
  };
  EXPECT_EQ(global({0x10, 0, 0x0b}), "invalid opcode in init_expr: 16");
  EXPECT_EQ(global({0x42, 0, 0x0b}), "the initial value of a global is not of its type");
  EXPECT_EQ(global({0x0b, 0}), "malformed constant expression");
  EXPECT_EQ(global({0x41, 0, 0x6a, 0x0b}), "malformed constant expression");
  EXPECT_EQ(global({0x41, 0, 0x41, 0, 0x0b}), "malformed constant expression");
  EXPECT_EQ(global({0x41, 0, 0x42, 0, 0x6a, 0x0b}), "malformed constant expression");
  EXPECT_EQ(global({0x41, 0}), "unexpected end of section while reading a constant expression");
  EXPECT_EQ(global({0xd0, 0x40, 0x0b}), "invalid type for ref.null");
  EXPECT_EQ(global({0x23, 0, 0x0b}), "`global.get` in the initial value of a global is not supported");
  EXPECT_EQ(error_with(SectionKind::Data, Payload().n(1).raw({0, 0x23, 0, 0x0b, 0})),
            "invalid global index: 0");
}

TEST(parse_object, bad_exports_start_and_elements) {
  EXPECT_EQ(error_with(SectionKind::Export, Payload().n(1).name("x").raw({0, 2})), "invalid function export");
  EXPECT_EQ(error_with(SectionKind::Export, Payload().n(1).name("x").raw({0, 0})), "invalid function export");
  EXPECT_EQ(error_with(SectionKind::Export, Payload().n(1).name("x").raw({3, 0})), "invalid global export");
  EXPECT_EQ(error_with(SectionKind::Export, Payload().n(1).name("x").raw({4, 0})), "invalid tag export");
  EXPECT_EQ(error_with(SectionKind::Export, Payload().n(1).name("x").raw({9, 0})), "unexpected export kind");
  EXPECT_EQ(error_with(SectionKind::Start, Payload().n(2)), "invalid start function");
  EXPECT_EQ(error_with(SectionKind::Elem, Payload().n(1).raw({0, 0x41, 0, 0x0b, 0})), "invalid TableNumber");
  ObjectBytes b = with_table_import("__indirect_function_table");
  b.insert_before(SectionKind::Code, SectionKind::Elem,
                  Payload().n(1).raw({0, 0x41, 0, 0x41, 1, 0x6a, 0x0b, 0}));
  EXPECT_EQ(error_of(b), "extended init exprs not supported");
  EXPECT_EQ(error_with(SectionKind::Elem, Payload().n(1).raw({8, 0, 0})),
            "Unsupported flags for element segment");
  EXPECT_EQ(error_with(SectionKind::Elem, Payload().n(1).raw({1, 1, 0})), "invalid elemtype");
  EXPECT_EQ(error_with(SectionKind::Elem, Payload().n(1).raw({1, 0, 1, 2})), "invalid function index");
  EXPECT_EQ(error_with(SectionKind::Elem, Payload().n(1).raw({5, 0x7f, 0})), "invalid reference type");
}

TEST(parse_object, bad_data) {
  EXPECT_EQ(error_with(SectionKind::Data, Payload().n(1).raw({3, 0, 0})),
            "invalid flags of a data segment: 3");
  EXPECT_EQ(error_with(SectionKind::Data, Payload().n(1).raw({2, 1, 0x41, 0, 0x0b, 0})),
            "invalid memory index of a data segment");
  EXPECT_EQ(error_with(SectionKind::Data, Payload().n(1).raw({0, 0x41, 0, 0x0b, 9, 'a'})),
            "invalid segment size");
  EXPECT_EQ(error_with(SectionKind::Data, Payload().n(1).raw({0, 0x43, 0, 0, 0, 0, 0x0b, 0})),
            "the offset of a segment is not an integer");
  EXPECT_EQ(error_with(SectionKind::DataCount, Payload().n(2)),
            "number of data segments does not match DataCount section");
}

// -----------------------------------------------------------------------------------------------------------
// What is refused: linking

TEST(parse_object, linking_version) {
  EXPECT_EQ(parse_with_linking(Payload().n(1)).message(),
            "t.o: unexpected metadata version: 1 (Expected: 2)");
}

TEST(parse_object, duplicate_subsections) {
  Payload empty = Payload().raw({7}).sized(Payload().n(0));
  EXPECT_EQ(parse_with_linking(Payload().n(2).raw(empty.text()).raw(empty.text())).message(),
            "t.o: duplicate linking sub-section: 7");
}

std::string error_with_symbol(Payload symbol) {
  ObjectBytes b;
  b.symbols = Payload().n(4).raw(b.symbols.text().substr(1)).raw(symbol.text());
  return error_of(b);
}

TEST(parse_object, bad_symbols) {
  EXPECT_EQ(error_with_symbol(Payload().raw({0, 0}).n(0).name("x")),
            "invalid function symbol index"); // an import
  EXPECT_EQ(error_with_symbol(Payload().raw({0, 0x10}).n(1)),
            "invalid function symbol index"); // not an import
  EXPECT_EQ(error_with_symbol(Payload().raw({0, 0}).n(2).name("x")), "invalid function symbol index");
  EXPECT_EQ(error_with_symbol(Payload().raw({2, 0}).n(0).name("x")), "invalid global symbol index");
  EXPECT_EQ(error_with_symbol(Payload().raw({4, 0}).n(0).name("x")), "invalid tag symbol index");
  EXPECT_EQ(error_with_symbol(Payload().raw({5, 0}).n(0).name("x")), "invalid table symbol index");
  EXPECT_EQ(error_with_symbol(Payload().raw({6, 0, 0})), "invalid symbol type: 6");
  EXPECT_EQ(error_with_symbol(Payload().raw({1, 0}).name("x").n(1).n(0).n(0)),
            "invalid data segment index: 1");
  EXPECT_EQ(error_with_symbol(Payload().raw({1, 0}).name("x").n(0).n(5).n(0)),
            "invalid data symbol offset: `x` (offset: 5 segment size: 4)");
  EXPECT_EQ(error_with_symbol(Payload().raw({1, 0}).name("x").n(0).n(4).n(9)), "accepted"); // as LLVM does
  EXPECT_EQ(error_with_symbol(Payload().raw({3, 0, 0})), "section symbols must have local binding");
  EXPECT_EQ(error_with_symbol(Payload().raw({3, 0x12, 0})), "section symbols must be defined");
  EXPECT_EQ(error_with_symbol(Payload().raw({3, 2, 99})), "invalid section symbol index");
  EXPECT_EQ(error_with_symbol(Payload().raw({0, 0}).n(1).name("f")), "duplicate symbol name f");
  EXPECT_EQ(error_with_symbol(Payload().raw({0, 1}).n(1).name("ext")), "duplicate symbol name ext");
}

TEST(parse_object, weak_imports_that_cannot_be_weak) {
  ObjectBytes b;
  b[SectionKind::Import] = Payload().n(3).raw(b[SectionKind::Import].text().substr(1));
  b[SectionKind::Import].name("env").name("g").raw({3, 0x7f, 0});
  b.symbols = Payload().n(4).raw(b.symbols.text().substr(1)).raw({2, 0x11, 0});
  EXPECT_EQ(error_of(b), "undefined weak global symbol");
}

TEST(parse_object, bad_segment_infos) {
  ObjectBytes b;
  b.segment_infos = Payload().n(2).name("a").n(0).n(0).name("b").n(0).n(0);
  EXPECT_EQ(error_of(b), "too many segment names");
  b.segment_infos = Payload().n(1).name("a").n(32).n(0);
  EXPECT_EQ(error_of(b), "invalid segment alignment: 2^32");
}

TEST(parse_object, bad_init_functions) {
  ObjectBytes b;
  b.init_functions = Payload().n(1).n(0).n(ObjectBytes::d);
  EXPECT_EQ(error_of(b), "invalid function symbol: 2");
  b.init_functions = Payload().n(1).n(0).n(3);
  EXPECT_EQ(error_of(b), "invalid function symbol: 3");
}

TEST(parse_object, bad_comdats) {
  auto comdats = [](const Payload& p) {
    ObjectBytes b;
    b.comdats = p;
    return error_of(b);
  };
  EXPECT_EQ(comdats(Payload().n(1).name("").n(0).n(0)), "bad/duplicate COMDAT name ");
  EXPECT_EQ(comdats(Payload().n(2).name("c").n(0).n(0).name("c").n(0).n(0)), "bad/duplicate COMDAT name c");
  EXPECT_EQ(comdats(Payload().n(1).name("c").n(1).n(0)), "unsupported COMDAT flags");
  EXPECT_EQ(comdats(Payload().n(1).name("c").n(0).n(1).raw({2, 0})), "invalid COMDAT entry type");
  EXPECT_EQ(comdats(Payload().n(1).name("c").n(0).n(1).raw({0, 1})), "COMDAT data index out of range");
  EXPECT_EQ(comdats(Payload().n(1).name("c").n(0).n(1).raw({1, 0})), "COMDAT function index out of range");
  EXPECT_EQ(comdats(Payload().n(1).name("c").n(0).n(2).raw({1, 1, 1, 1})), "function in two COMDATs");
  EXPECT_EQ(comdats(Payload().n(2).name("c").n(0).n(1).raw({0, 0}).name("d").n(0).n(1).raw({0, 0})),
            "data segment in two COMDATs");
  EXPECT_EQ(comdats(Payload().n(1).name("c").n(0).n(1).raw({5, 0})), "non-custom section in a COMDAT");
  EXPECT_EQ(comdats(Payload().n(1).name("c").n(0).n(1).raw({5, 99})), "COMDAT section index out of range");
}

// -----------------------------------------------------------------------------------------------------------
// What is refused: relocations

std::string error_with_code_reloc(std::initializer_list<int> reloc) {
  ObjectBytes b;
  b.code_relocs = Payload().n(1).raw(reloc);
  return error_of(b);
}

TEST(parse_object, relocations_and_the_kind_of_their_symbols) {
  EXPECT_EQ(error_with_code_reloc({0, 4, ObjectBytes::d}), "invalid relocation function index");
  EXPECT_EQ(error_with_code_reloc({0, 4, 3}), "invalid relocation function index");
  EXPECT_EQ(error_with_code_reloc({1, 4, ObjectBytes::d}), "invalid relocation function index");
  EXPECT_EQ(error_with_code_reloc({3, 4, ObjectBytes::f, 0}), "invalid relocation data index");
  EXPECT_EQ(error_with_code_reloc({6, 4, 2}), "invalid relocation type index");
  EXPECT_EQ(error_with_code_reloc({6, 4, 1}), "accepted");
  EXPECT_EQ(error_with_code_reloc({7, 4, ObjectBytes::f}), "accepted"); // its GOT entry
  EXPECT_EQ(error_with_code_reloc({7, 4, ObjectBytes::d}), "accepted");
  EXPECT_EQ(error_with_code_reloc({13, 4, ObjectBytes::d}), "invalid relocation global index");
  EXPECT_EQ(error_with_code_reloc({8, 4, ObjectBytes::d, 0}), "invalid relocation function index");
  EXPECT_EQ(error_with_code_reloc({9, 4, ObjectBytes::f, 0}), "invalid relocation section index");
  EXPECT_EQ(error_with_code_reloc({10, 4, ObjectBytes::f}), "invalid relocation tag index");
  EXPECT_EQ(error_with_code_reloc({20, 4, ObjectBytes::f}), "invalid relocation table index");
  EXPECT_EQ(error_with_code_reloc({23, 4, ObjectBytes::d, 0}),
            "a relocation relative to its own address is not in data");
  EXPECT_EQ(error_with_code_reloc({28, 4, 0}), "invalid relocation type: 28");
}

TEST(parse_object, relocated_numbers_are_padded) {
  ObjectBytes b;
  auto at = [&](uint32_t offset) {
    b.code_relocs = Payload().n(1).raw({0}).n(offset).n(0);
    return error_of(b);
  };
  EXPECT_EQ(at(4), "accepted");
  EXPECT_EQ(at(3), "the field of a relocation is not a padded LEB128");
  EXPECT_EQ(at(5), "the field of a relocation is not a padded LEB128");
}

TEST(parse_object, relocations_lie_in_a_body) {
  ObjectBytes b;
  uint32_t end = 2 + static_cast<uint32_t>(ObjectBytes::body().size());
  auto at = [&](uint32_t offset) {
    b.code_relocs = Payload().n(1).raw({26}).n(offset).n(0); // four bytes
    return error_of(b);
  };
  EXPECT_EQ(at(1), "invalid relocation offset"); // the size field
  EXPECT_EQ(at(2), "accepted");
  EXPECT_EQ(at(end - 4), "accepted");
  EXPECT_EQ(at(end - 3), "invalid relocation offset");
  EXPECT_EQ(at(0xffffffff), "invalid relocation offset");
}

TEST(parse_object, relocations_do_not_cross_segments) {
  ObjectBytes b;
  b[SectionKind::Data] =
      Payload().n(2).raw({0, 0x41, 0, 0x0b}).n(2).raw("ab").raw({0, 0x41, 0, 0x0b}).n(4).raw("cdef");
  b.symbols = Payload().n(3).raw({0, 0x10, 0}).raw({0, 0}).n(1).name("f").raw({1, 0}).name("d").n(0).n(0).n(2);
  b.data_relocs = Payload().n(1).raw({2, 6, 1});
  EXPECT_EQ(error_of(b), "invalid relocation offset");
  b.data_relocs = Payload().n(1).raw({2, 13, 1});
  Parsed p(b);
  ASSERT_TRUE(p.ok) << p.message();
  EXPECT_EQ(p.object.segments()[0].relocs.count, 0u);
  EXPECT_EQ(p.object.segments()[1].relocs.count, 1u);
}

TEST(parse_object, relocations_come_in_order_and_apart) {
  ObjectBytes b;
  b.code_relocs = Payload().n(2).raw({4, 10, ObjectBytes::d, 0}).raw({0, 4, 0});
  EXPECT_EQ(error_of(b), "relocations not in offset order");
  b.code_relocs = Payload().n(2).raw({0, 4, 0}).raw({0, 8, 0});
  EXPECT_EQ(error_of(b), "relocations overlap");
  b.code_relocs = Payload().n(2).raw({0, 4, 0}).raw({0, 4, 0});
  EXPECT_EQ(error_of(b), "relocations overlap");
}

TEST(parse_object, relocations_of_a_section) {
  ObjectBytes b;
  b.after = {{SectionKind::Custom, "reloc.again", Payload().n(ObjectBytes::code_section).n(0)}};
  EXPECT_EQ(error_of(b), "a second relocation section for section 3");
  b.after = {{SectionKind::Custom, "reloc.x", Payload().n(99).n(0)}};
  EXPECT_EQ(error_of(b), "invalid section index");
  b.after = {{SectionKind::Custom, "reloc.x", Payload().n(0).n(1).raw({0, 0, 0})}};
  EXPECT_EQ(error_of(b), "relocations for a section that cannot have any");
}

TEST(parse_object, addends_are_as_wide_as_the_field) {
  ObjectBytes b;
  b.code_relocs = Payload().n(1).raw({4, 4, 2}).s(-0x80000000ll);
  EXPECT_EQ(error_of(b), "accepted");
  b.code_relocs = Payload().n(1).raw({4, 4, 2}).s(0x80000000ll);
  EXPECT_EQ(error_of(b), "malformed LEB128 (more than 32 bits) in the addend of a relocation");
}

// -----------------------------------------------------------------------------------------------------------
// What is refused: metadata

TEST(parse_object, bad_metadata) {
  auto custom = [](const char* name, const Payload& p) {
    ObjectBytes b;
    b.after = {{SectionKind::Custom, name, p}};
    return error_of(b);
  };
  EXPECT_EQ(custom("target_features", Payload().n(1).raw("=").name("simd128")),
            "unknown feature policy prefix");
  EXPECT_EQ(custom("target_features", Payload().n(2).raw("+").name("a").raw("-").name("a")),
            "target features section contains repeated feature \"a\"");
  EXPECT_EQ(custom("producers", Payload().n(1).name("x").n(0)),
            "producers section field is not named one of language, processed-by, or sdk");
  EXPECT_EQ(custom("producers", Payload().n(2).name("sdk").n(0).name("sdk").n(0)),
            "producers section does not have unique fields");
  EXPECT_EQ(custom("producers", Payload().n(1).name("sdk").n(2).name("a").name("1").name("a").name("2")),
            "producers section contains repeated producer");
  EXPECT_EQ(custom("name", Payload().raw({1}).sized(Payload().n(1).n(2).name("x"))),
            "invalid function name entry");
  EXPECT_EQ(custom("name", Payload().raw({1}).sized(Payload().n(1).n(1).name(""))),
            "invalid function name entry");
  EXPECT_EQ(custom("name", Payload().raw({1}).sized(Payload().n(2).n(1).name("x").n(1).name("y"))),
            "function named more than once");
}

// -----------------------------------------------------------------------------------------------------------
// Anything at all

ObjectBytes rich_object() {
  ObjectBytes b = with_table_import("__indirect_function_table");
  b.comdats = Payload().n(1).name("c").n(0).n(2).raw({0, 0, 1, 1});
  b.init_functions = Payload().n(1).n(101).n(1);
  b.before_linking = {{SectionKind::Custom, ".debug_info", Payload().raw("0123456789")}};
  b.symbols = Payload().n(5).raw(b.symbols.text().substr(1)).raw({3, 2, 5}).raw({5, 0x10, 0});
  b.after = {
      {SectionKind::Custom, "reloc..debug_info", Payload().n(5).n(2).raw({8, 0, 1, 0}).raw({9, 4, 3, 0})},
      {SectionKind::Custom, "name", Payload().raw({1}).sized(Payload().n(1).n(1).name("debug f"))},
      {SectionKind::Custom, "producers", Payload().n(1).name("sdk").n(1).name("a").name("1")},
      {SectionKind::Custom, "target_features", Payload().n(1).raw("+").name("simd128")}};
  return b;
}

TEST(parse_object, every_truncation) {
  Vector<uint8_t> whole = rich_object().build();
  ASSERT_TRUE(Parsed(whole).ok) << Parsed(whole).message();
  for (size_t size = 0; size < whole.size(); size++) {
    Parsed p(Vector<uint8_t>(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    if (p.ok) EXPECT_EQ(p.violation(), "");
    else EXPECT_EQ(p.diagnostics.rows().size(), 1u);
  }
}

TEST(parse_object, every_changed_byte) {
  Vector<uint8_t> whole = rich_object().build();
  for (size_t at = 0; at < whole.size(); at++) {
    for (int value : {0x00, 0x01, 0x02, 0x05, 0x7f, 0x80, 0xff}) {
      Vector<uint8_t> changed = whole;
      changed[at] = static_cast<uint8_t>(value);
      Parsed p(std::move(changed));
      if (p.ok) EXPECT_EQ(p.violation(), "") << "byte " << at << " = " << value;
      else EXPECT_EQ(p.diagnostics.error_count(), 1u);
    }
  }
}

TEST(parse_object, tables_are_reused) {
  Parsed first(rich_object());
  Location where;
  Vector<uint8_t> bytes = ObjectBytes().build();
  Object second;
  ASSERT_TRUE(
      parse_object(bytes, where, {first.strings, first.signatures, first.diagnostics, first.tables}, second));
  EXPECT_EQ(second.symbols().size(), 3u);
  EXPECT_TRUE(second.custom_sections().empty());
  EXPECT_EQ(ObjectCheck(bytes, second, first.strings.size(), first.signatures.size()).run(), "");
}

} // namespace
} // namespace weld
