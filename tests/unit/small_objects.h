// Objects for tests of the link: functions that call each other by name, and data. Their code is checked by
// running it elsewhere; here it only has to be well-formed.
#pragma once

#include "core/session/session.h"
#include "tests/unit/messages.h"
#include "tests/unit/object_bytes.h"

namespace weld {

struct SmallObject {
  struct Function {
    std::string name;
    uint32_t flags = 0;
    std::vector<std::string> calls = {}; // by name; what the object does not define is undefined
    int type = 0;                        // 0: () -> (), 1: (i32) -> i32
    std::vector<std::string> takes = {}; // functions whose place in the table is taken, by name
    std::vector<std::string> reads = {}; // data whose address is taken, by symbol
    int64_t constant = 0;                // 0: none
  };
  struct Segment {
    std::string name;
    std::string bytes;
    uint32_t flags = 0;
    std::string symbol = {}; // at its first byte; empty: none
  };
  std::vector<Function> functions = {};
  std::vector<Segment> segments = {};
  std::vector<std::string> constructors = {}; // names of defined functions
  uint32_t undefined_flags = 0;               // more flags for undefined symbols
  int undefined_type = 0;

  Vector<uint8_t> build() const {
    std::vector<std::string> names; // symbols, undefined functions first
    for (const Function& f : functions)
      for (const auto* list : {&f.calls, &f.takes})
        for (const std::string& call : *list)
          if (!defines(call) && index_of(names, call) == names.size()) names.push_back(call);
    size_t imports = names.size();
    for (const Function& f : functions) names.push_back(f.name);
    std::vector<std::string> data_names; // symbols after those of functions: defined, then undefined
    for (const Segment& s : segments)
      if (!s.symbol.empty()) data_names.push_back(s.symbol);
    for (const Function& f : functions)
      for (const std::string& read : f.reads)
        if (index_of(data_names, read) == data_names.size()) data_names.push_back(read);

    Payload types, import_section, function_section, code, data, relocs, symbols, infos, inits;
    types.n(2).raw({0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f});
    import_section.n(imports + 1).name("env").name("__linear_memory").raw({2, 0, 0});
    for (size_t i = 0; i < imports; i++) import_section.name("env").name(names[i]).raw({0, undefined_type});
    function_section.n(functions.size());
    code.n(functions.size());
    uint32_t reloc_count = 0;
    for (const Function& f : functions) {
      function_section.n(static_cast<uint64_t>(f.type));
      Payload body;
      body.n(0);
      struct Field {
        uint8_t type;
        size_t offset, symbol; // offset in the body
      };
      std::vector<Field> fields;
      for (const std::string& call : f.calls) {
        bool with_argument = defines(call) ? type_of(call) == 1 : undefined_type == 1;
        if (with_argument) body.raw({0x41, 0});
        body.raw({0x10});
        fields.push_back({0, body.size(), index_of(names, call)});
        body.padded(0);
        if (with_argument) body.raw({0x1a});
      }
      auto address = [&](uint8_t type, size_t symbol) { // i32.const, drop
        body.raw({0x41});
        fields.push_back({type, body.size(), symbol});
        body.padded(0).raw({0x1a});
      };
      for (const std::string& taken : f.takes) address(1, index_of(names, taken));
      for (const std::string& read : f.reads) address(4, names.size() + index_of(data_names, read));
      if (f.constant) body.raw({0x41}).s(f.constant).raw({0x1a});
      if (f.type == 1) body.raw({0x20, 0});
      body.raw({0x0b});
      size_t begin = code.size() + uleb_size(body.size());
      code.sized(body);
      for (const Field& field : fields) {
        relocs.raw({field.type}).n(begin + field.offset).n(field.symbol);
        if (field.type == 4) relocs.n(0);
        reloc_count++;
      }
    }
    symbols.n(names.size() + data_names.size());
    for (size_t i = 0; i < imports; i++) symbols.raw({0}).n(0x10 | undefined_flags).n(i);
    for (size_t i = 0; i < functions.size(); i++)
      symbols.raw({0}).n(functions[i].flags).n(imports + i).name(functions[i].name);
    data.n(segments.size());
    infos.n(segments.size());
    for (size_t i = 0; i < segments.size(); i++) {
      const Segment& s = segments[i];
      data.raw({0, 0x41, 0, 0x0b}).name(s.bytes);
      infos.name(s.name).n(0).n(s.flags);
      if (!s.symbol.empty()) symbols.raw({1}).n(0).name(s.symbol).n(i).n(0).n(s.bytes.size());
    }
    for (size_t i = named_segments(); i < data_names.size(); i++)
      symbols.raw({1}).n(0x10).name(data_names[i]);
    inits.n(constructors.size());
    for (const std::string& name : constructors) inits.n(65535).n(index_of(names, name));

    Payload out;
    out.raw(std::string_view("\0asm\1\0\0\0", 8));
    auto section = [&](SectionKind kind, const Payload& payload) {
      ObjectBytes::append_section(out, {kind, "", payload});
    };
    section(SectionKind::Type, types);
    section(SectionKind::Import, import_section);
    uint64_t code_index = 2;
    if (!functions.empty()) {
      section(SectionKind::Function, function_section);
      section(SectionKind::Code, code);
      code_index = 3;
    }
    if (!segments.empty()) section(SectionKind::Data, data);
    Payload linking;
    linking.n(2).raw({8}).sized(symbols);
    if (!segments.empty()) linking.raw({5}).sized(infos);
    if (!constructors.empty()) linking.raw({6}).sized(inits);
    ObjectBytes::append_section(out, {SectionKind::Custom, "linking", linking});
    if (reloc_count)
      ObjectBytes::append_section(out, {SectionKind::Custom, "reloc.CODE",
                                        Payload().n(code_index).n(reloc_count).raw(relocs.text())});
    return Vector<uint8_t>(out.data(), out.data() + out.size());
  }

private:
  static size_t index_of(const std::vector<std::string>& names, const std::string& name) {
    size_t i = 0;
    while (i < names.size() && names[i] != name) i++;
    return i;
  }
  const Function* find(const std::string& name) const {
    for (const Function& f : functions)
      if (f.name == name) return &f;
    return nullptr;
  }
  bool defines(const std::string& name) const { return find(name) != nullptr; }
  int type_of(const std::string& name) const { return find(name)->type; }
  size_t named_segments() const {
    size_t n = 0;
    for (const Segment& s : segments) n += !s.symbol.empty();
    return n;
  }
};

// An archive in GNU's format. With `defines`, its index says that the member of that number defines a name.
inline Vector<uint8_t> archive_of(const std::vector<std::pair<std::string, Vector<uint8_t>>>& members,
                                  const std::vector<std::string>& defines = {}) {
  std::string out = "!<arch>\n";
  auto add = [&](const std::string& name, std::string_view bytes) {
    auto field = [&](std::string text, size_t width) {
      text.resize(width, ' ');
      out += text;
    };
    field(name + "/", 16);
    field("0", 12);
    field("0", 6);
    field("0", 6);
    field("644", 8);
    field(std::to_string(bytes.size()), 10);
    out += "`\n";
    out.append(bytes);
    if (out.size() % 2) out += '\n';
  };
  if (!defines.empty()) {
    // The offset of each member's header, and then the names.
    size_t index_size = 4;
    for (const std::string& name : defines) index_size += 4 + name.size() + 1;
    size_t at = out.size() + 60 + index_size + index_size % 2;
    std::string index;
    auto number = [&](size_t value) {
      for (int shift = 24; shift >= 0; shift -= 8) index += static_cast<char>(value >> shift);
    };
    number(defines.size());
    for (size_t i = 0; i < defines.size(); i++) {
      number(at);
      at += 60 + members[i].second.size() + members[i].second.size() % 2;
    }
    for (const std::string& name : defines) index += name + '\0';
    add("", index);
  }
  for (const auto& [name, bytes] : members) add(name, as_text(bytes));
  return Vector<uint8_t>(as_bytes(out));
}

inline InputId add_to(Session& session, std::string name, const SmallObject& object, InputFlags flags = {}) {
  return session.add(std::move(name), FileBytes::copy(object.build()), flags);
}

} // namespace weld
