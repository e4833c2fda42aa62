// What a link relies on without looking again: every number in the tables of a parsed object is in range.
// Used by the unit tests and the fuzzer.
#pragma once

#include "core/base/string_pool.h"
#include "core/input/object.h"

#include <string>

namespace weld {

class ObjectCheck {
public:
  ObjectCheck(Bytes file, const Object& object, uint32_t strings, uint32_t signatures)
      : file_(file), o_(object), strings_(strings), signatures_(signatures) {}

  // The first thing that does not hold, or nothing.
  std::string run() {
    check_definitions();
    check_symbols();
    check_relocs();
    return violation_;
  }

private:
  void expect(bool holds, const char* what, uint64_t row) {
    if (!holds && violation_.empty()) violation_ = std::string(what) + " (row " + std::to_string(row) + ")";
  }
  void expect_range(ByteRange r, const char* what, uint64_t row) {
    expect(static_cast<uint64_t>(r.offset) + r.size <= file_.size(), what, row);
  }
  void expect_name(EncodedName name, const char* what, uint64_t row) {
    if (!name) return;
    if (name.offset >= file_.size()) return expect(false, what, row);
    std::string_view text = text_of(file_, name);
    expect(!text.empty() && as_bytes(text).data() + text.size() <= file_.data() + file_.size(), what, row);
  }
  void expect_string(StringId id, const char* what, uint64_t row) { expect(id.row < strings_, what, row); }
  void expect_comdat(uint32_t comdat, uint64_t row) {
    expect(comdat == none32 || comdat < o_.comdats().size(), "comdat", row);
  }

  void check_definitions() {
    uint32_t counts[5] = {};
    for (size_t i = 0; i < o_.imports().size(); i++) {
      const ImportRow& import = o_.imports()[i];
      expect_string(import.module, "import module", i);
      expect_string(import.field, "import field", i);
      expect(import.kind <= ExternalKind::Tag, "import kind", i);
      if (import.kind <= ExternalKind::Tag) counts[static_cast<uint8_t>(import.kind)]++;
      if (import.kind == ExternalKind::Function || import.kind == ExternalKind::Tag)
        expect(import.signature.row < signatures_, "import signature", i);
      expect(import.is_mutable <= 1, "import mutability", i);
    }
    expect(counts[0] == o_.header().imported_functions, "imported functions", counts[0]);
    expect(counts[1] == o_.header().imported_tables, "imported tables", counts[1]);
    expect(counts[3] == o_.header().imported_globals, "imported globals", counts[3]);
    expect(counts[4] == o_.header().imported_tags, "imported tags", counts[4]);

    for (size_t i = 0; i < o_.types().size(); i++) expect(o_.types()[i].row < signatures_, "type", i);
    uint64_t code_end = o_.header().code_offset;
    for (size_t i = 0; i < o_.functions().size(); i++) {
      const FunctionRow& f = o_.functions()[i];
      expect(f.signature.row < signatures_, "function signature", i);
      expect(f.offset >= code_end && f.code_offset >= 1 && f.code_offset < f.size, "function body", i);
      expect_range({f.offset, f.size}, "function body", i);
      code_end = static_cast<uint64_t>(f.offset) + f.size;
      expect(f.export_name.is_none() || f.export_name.row < strings_, "export name", i);
      expect_name(f.name, "function name", i);
      expect_name(f.debug_name, "function debug name", i);
      expect_comdat(f.comdat, i);
    }
    uint64_t data_end = o_.header().data_offset;
    for (size_t i = 0; i < o_.segments().size(); i++) {
      const SegmentRow& s = o_.segments()[i];
      expect_string(s.name, "segment name", i);
      if (s.flags & segment_flag::common) { // behind the segments of the file
        expect(s.data.offset == none32 && s.p2align <= 32 && !s.relocs.count, "common segment", i);
        continue;
      }
      expect_range(s.data, "segment data", i);
      expect(s.data.offset >= data_end, "segment order", i);
      data_end = static_cast<uint64_t>(s.data.offset) + s.data.size;
      expect(s.p2align < 32, "segment alignment", i);
      expect_comdat(s.comdat, i);
    }
    for (size_t i = 0; i < o_.globals().size(); i++) {
      const GlobalRow& g = o_.globals()[i];
      expect(g.is_mutable <= 1, "global mutability", i);
      expect_range(g.init, "global init", i);
      expect_name(g.name, "global name", i);
      expect(g.init.size >= 2 && g.init.offset + g.init.size <= file_.size() &&
                 file_[g.init.offset + g.init.size - 1] == opcode::end,
             "global init", i);
    }
    for (size_t i = 0; i < o_.tags().size(); i++) {
      expect(o_.tags()[i].signature.row < signatures_, "tag signature", i);
      expect_name(o_.tags()[i].name, "tag name", i);
    }
    for (size_t i = 0; i < o_.tables().size(); i++) expect_name(o_.tables()[i].name, "table name", i);
    for (size_t i = 0; i < o_.custom_sections().size(); i++) {
      const CustomSectionRow& c = o_.custom_sections()[i];
      expect_string(c.name, "custom section name", i);
      expect_range(c.data, "custom section", i);
      expect_comdat(c.comdat, i);
    }
    for (size_t i = 0; i < o_.comdats().size(); i++) expect_string(o_.comdats()[i].name, "comdat name", i);
    for (size_t i = 0; i < o_.features().size(); i++) {
      expect_string(o_.features()[i].name, "feature", i);
      expect(o_.features()[i].prefix == '+' || o_.features()[i].prefix == '-', "feature prefix", i);
    }
    for (size_t i = 0; i < o_.producers().size(); i++) {
      expect_string(o_.producers()[i].name, "producer", i);
      expect_string(o_.producers()[i].version, "producer version", i);
      expect(o_.producers()[i].field <= ProducerField::Sdk, "producer field", i);
    }
  }

  void check_symbols() {
    auto symbols = o_.symbols();
    for (size_t i = 0; i < symbols.size(); i++) {
      const SymbolRow& s = symbols[i];
      expect(s.kind <= SymbolKind::Table, "symbol kind", i);
      expect(s.is_local() == s.name.is_none(), "symbol name", i);
      expect(s.is_local() || s.name.row < strings_, "symbol name", i);
      expect_name(s.encoded_name, "symbol name", i);
      if (s.kind == SymbolKind::Data) {
        expect(s.import() == none32, "data symbol import", i);
        if (s.is_undefined() || s.flags & symbol_flag::absolute)
          expect(s.element == none32, "data symbol", i);
        else if (s.element >= o_.segments().size()) expect(false, "data symbol segment", i);
        else expect(s.value() <= o_.segments()[s.element].data.size, "data symbol offset", i);
        continue;
      }
      if (s.kind == SymbolKind::Section) {
        expect(s.is_local() && !s.is_undefined(), "section symbol", i);
        expect(s.element == none32 || s.element < o_.custom_sections().size(), "section symbol", i);
        continue;
      }
      check_index(s, i);
    }
    for (size_t i = 0; i < o_.init_functions().size(); i++) {
      uint32_t symbol = o_.init_functions()[i].symbol;
      expect(symbol < symbols.size() && symbols[symbol].kind == SymbolKind::Function, "init function", i);
    }
    if (o_.header().has_legacy_table)
      expect(!symbols.empty() && symbols.back().kind == SymbolKind::Table && symbols.back().is_undefined(),
             "legacy table", 0);
  }

  void check_index(const SymbolRow& s, size_t i) {
    ExternalKind external = ExternalKind::Function;
    size_t defined = o_.functions().size();
    if (s.kind == SymbolKind::Global) external = ExternalKind::Global, defined = o_.globals().size();
    if (s.kind == SymbolKind::Tag) external = ExternalKind::Tag, defined = o_.tags().size();
    if (s.kind == SymbolKind::Table) external = ExternalKind::Table, defined = o_.tables().size();

    if (!s.is_undefined()) {
      expect(s.element < defined, "symbol definition", i);
      return;
    }
    if (s.element >= o_.imports().size()) return expect(false, "symbol import", i);
    expect(o_.imports()[s.element].kind == external, "symbol import", i);
  }

  void check_relocs() {
    if (!violation_.empty()) return;
    for (size_t i = 0; i < o_.functions().size(); i++) {
      const FunctionRow& f = o_.functions()[i];
      check_owner(f.relocs, o_.header().code_offset, f.offset + f.code_offset, f.offset + f.size, "CODE", i);
    }
    for (size_t i = 0; i < o_.segments().size(); i++) {
      const SegmentRow& s = o_.segments()[i];
      if (s.flags & segment_flag::common) continue;
      check_owner(s.relocs, o_.header().data_offset, s.data.offset, s.data.offset + s.data.size, "DATA", i);
    }
    for (size_t i = 0; i < o_.custom_sections().size(); i++) {
      const CustomSectionRow& c = o_.custom_sections()[i];
      check_owner(c.relocs, c.data.offset, c.data.offset, c.data.offset + c.data.size, "custom", i);
    }
  }

  // `base` is what offsets count from; the fields must lie in [begin, end) and not overlap.
  void check_owner(EncodedRelocs relocs, uint64_t base, uint64_t begin, uint64_t end, const char* where,
                   size_t owner) {
    // Each takes at least three bytes; what they decode to is checked below.
    if (static_cast<uint64_t>(relocs.offset) + uint64_t{3} * relocs.count > file_.size())
      return expect(false, where, owner);
    for (const RelocRow& reloc : RelocRange(file_, relocs)) {
      uint64_t at = base + reloc.offset;
      expect(reloc.type < file_reloc_type_count, "relocation type", owner);
      if (!violation_.empty()) return;
      expect(at >= begin, "relocation offset", owner);
      begin = at + field_width(traits(reloc.reloc_type()).field);
      expect(begin <= end, "relocation field", owner);
      if (traits(reloc.reloc_type()).target == RelocTarget::AddressRel)
        expect(where[0] == 'D', "LOCREL", owner);
      if (!field_is_64(traits(reloc.reloc_type()).field))
        expect(reloc.addend == static_cast<int32_t>(reloc.addend), "addend", owner);
      check_target(reloc, owner);
    }
  }

  void check_target(const RelocRow& reloc, size_t owner) {
    RelocTarget target = traits(reloc.reloc_type()).target;
    if (target == RelocTarget::Type) return expect(reloc.index < o_.types().size(), "type index", owner);
    if (reloc.index >= o_.symbols().size()) return expect(false, "symbol index", owner);
    if (o_.header().has_legacy_table) expect(reloc.index + 1u < o_.symbols().size(), "legacy table", owner);
    const SymbolRow& s = o_.symbols()[reloc.index];
    bool suits = false;
    switch (target) {
    case RelocTarget::Function:
    case RelocTarget::TableSlot:
    case RelocTarget::TableSlotRel:
    case RelocTarget::FunctionOffset: suits = s.kind == SymbolKind::Function; break;
    case RelocTarget::Address:
    case RelocTarget::AddressRel:
    case RelocTarget::TlsOffset: suits = s.kind == SymbolKind::Data; break;
    case RelocTarget::Global:
      suits = s.kind == SymbolKind::Global || (reloc.reloc_type() == RelocType::GLOBAL_INDEX_LEB &&
                                               (s.kind == SymbolKind::Data || s.kind == SymbolKind::Function));
      break;
    case RelocTarget::Tag: suits = s.kind == SymbolKind::Tag; break;
    case RelocTarget::Table: suits = s.kind == SymbolKind::Table; break;
    case RelocTarget::SectionOffset: suits = s.kind == SymbolKind::Section && s.element != none32; break;
    case RelocTarget::PassiveSegment: break; // in no file
    case RelocTarget::Type: break;
    }
    expect(suits, "kind of a relocation's symbol", owner);
    if (reloc.reloc_type() == RelocType::FUNCTION_INDEX_LEB)
      expect(s.called_directly, "called_directly", owner);
  }

  Bytes file_;
  const Object& o_;
  uint32_t strings_, signatures_; // how many there are
  std::string violation_;
};

} // namespace weld
