// Builds the bytes of small objects for tests. A test starts from `ObjectBytes`, a valid object that has a
// bit of everything, and changes the part that it is about.
#pragma once

#include "core/base/byte_buffer.h"
#include "core/input/parse_object.h"
#include "tests/unit/check_object.h"

#include <string>
#include <utility>
#include <vector>

namespace weld {

// ByteBuffer with calls that can be chained: `Payload().n(1).name("f")`.
struct Payload : ByteBuffer {
  Payload& n(uint64_t value) { return uleb(value), *this; }
  Payload& s(int64_t value) { return sleb(value), *this; }
  Payload& name(std::string_view text) { return ByteBuffer::name(text), *this; }
  Payload& raw(std::string_view bytes) { return append(bytes), *this; }
  Payload& raw(std::initializer_list<int> bytes) {
    for (int b : bytes) u8(static_cast<uint32_t>(b));
    return *this;
  }
  Payload& padded(uint32_t value, uint32_t width = 5) {
    uint8_t b[10];
    write_padded_uleb(b, value, width);
    return append(Bytes(b, width)), *this;
  }
  // Its size, then its bytes: a body, a subsection.
  Payload& sized(const Payload& part) { return uleb(part.size()), append(part.from(0)), *this; }
  std::string text() const { return std::string(as_text(from(0))); }
};

// env.ext: () -> ();  f: () -> (), calls ext and loads the address of d;  d: 4 bytes that hold f's table
// slot.
class ObjectBytes {
public:
  struct Section {
    SectionKind kind;
    std::string name; // custom sections
    Payload payload;
  };
  std::vector<Section> sections;

  // `linking`, as subsections; empty ones are left out.
  Payload symbols, segment_infos, init_functions, comdats;
  Payload code_relocs, data_relocs;           // without section index
  std::vector<Section> before_linking, after; // custom sections; `after` comes last

  static constexpr uint32_t code_section = 3, data_section = 4;
  static constexpr uint32_t ext = 0, f = 1, d = 2; // symbols

  ObjectBytes() {
    core(SectionKind::Type, Payload().n(2).raw({0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f}));
    core(SectionKind::Import,
         Payload().n(2).name("env").name("__linear_memory").raw({2, 0, 0}).name("env").name("ext").raw({0, 0}));
    core(SectionKind::Function, Payload().n(1).n(0));
    core(SectionKind::Code, Payload().n(1).sized(body()));
    core(SectionKind::Data, Payload().n(1).raw({0, 0x41, 0, 0x0b}).n(4).raw("abcd"));
    symbols.n(3);
    symbols.raw({0, 0x10, 0});                    // ext
    symbols.raw({0, 0}).n(1).name("f");           // f
    symbols.raw({1, 0}).name("d").n(0).n(0).n(4); // d
    segment_infos.n(1).name(".data.d").n(2).n(0);
    // Offsets from the start of the payload: 0 count, 1 size, 2 locals, 3 call, 4 its operand.
    code_relocs.n(2).raw({0, 4, ext}).raw({4, 10, d, 0});
    data_relocs.n(1).raw({2, 6, f});
  }

  static Payload body() {
    Payload b;
    b.n(0).raw({0x10}).padded(0).raw({0x41}).padded(0).raw({0x1a, 0x0b});
    return b;
  }

  ObjectBytes& core(SectionKind kind, Payload payload) {
    sections.push_back({kind, "", std::move(payload)});
    return *this;
  }
  Payload& operator[](SectionKind kind) {
    for (Section& s : sections)
      if (s.kind == kind) return s.payload;
    return sections.front().payload;
  }
  void insert_before(SectionKind next, SectionKind kind, Payload payload) {
    size_t i = 0;
    while (i < sections.size() && sections[i].kind != next) i++;
    sections.insert(sections.begin() + static_cast<std::ptrdiff_t>(i), {kind, "", std::move(payload)});
  }
  void remove(SectionKind kind) {
    for (size_t i = 0; i < sections.size(); i++)
      if (sections[i].kind == kind) sections.erase(sections.begin() + static_cast<std::ptrdiff_t>(i--));
  }

  Payload linking(uint32_t version = 2) const {
    Payload p;
    p.n(version);
    auto subsection = [&](int id, const Payload& part) {
      if (!part.empty()) p.raw({id}).sized(part);
    };
    subsection(8, symbols);
    subsection(5, segment_infos);
    subsection(6, init_functions);
    subsection(7, comdats);
    return p;
  }

  Vector<uint8_t> build() const {
    Payload out;
    out.raw(std::string_view("\0asm\1\0\0\0", 8));
    for (const Section& s : sections) append_section(out, s);
    for (const Section& s : before_linking) append_section(out, s);
    append_section(out, {SectionKind::Custom, "linking", linking()});
    append_relocs(out, "reloc.CODE", SectionKind::Code, code_relocs);
    append_relocs(out, "reloc.DATA", SectionKind::Data, data_relocs);
    for (const Section& s : after) append_section(out, s);
    return Vector<uint8_t>(out.data(), out.data() + out.size());
  }

  static void append_section(Payload& out, const Section& s) {
    Payload payload;
    if (s.kind == SectionKind::Custom) payload.name(s.name);
    payload.append(s.payload.from(0));
    out.raw({static_cast<int>(s.kind)}).sized(payload);
  }

private:
  void append_relocs(Payload& out, const char* name, SectionKind target, const Payload& relocs) const {
    if (relocs.empty()) return;
    Payload p;
    for (uint32_t i = 0; i < sections.size(); i++)
      if (sections[i].kind == target) p.n(i);
    append_section(out, {SectionKind::Custom, name, p.raw(relocs.text())});
  }
};

// An object, and what was said about it.
struct Parsed {
  Vector<uint8_t> file;
  StringPool strings;
  SignaturePool signatures;
  ObjectTables tables;
  Diagnostics diagnostics;
  Object object;
  bool ok = false;

  explicit Parsed(Vector<uint8_t> bytes) : file(std::move(bytes)) {
    Location where;
    where.input = "t.o";
    ok = parse_object(file, where, {strings, signatures, diagnostics, tables}, object);
  }
  explicit Parsed(const ObjectBytes& bytes) : Parsed(bytes.build()) {}

  // The text of the only diagnostic, as wasm-ld would print it.
  std::string message() const {
    if (diagnostics.rows().size() != 1) return std::to_string(diagnostics.rows().size()) + " diagnostics";
    return render(diagnostics.rows()[0], DiagnosticStyle::Lld, Demangling::None);
  }
  const Location& location() const { return diagnostics.rows()[0].location; }
  DiagnosticId id() const { return diagnostics.rows()[0].id; }
  std::string_view text(ByteRange r) const { return as_text(Bytes(file).subspan(r.offset, r.size)); }
  std::string_view text(EncodedName name) const { return text_of(file, name); }
  std::string_view text(StringId id) const { return strings.text(id); }
  // What the tables break of the contract; empty when all is well.
  std::string violation() const { return ObjectCheck(file, object, strings.size(), signatures.size()).run(); }
};

} // namespace weld
