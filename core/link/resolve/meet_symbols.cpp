// What a name means when another definition of it, or another reference to it, is met.
#include "core/link/resolve/resolver.h"
#include "core/wasm/type_text.h"

#include <algorithm>

namespace weld {

using namespace symbol_flag;

void Resolver::trace(SymbolId id) {
  const Symbol& s = link_.symbols[id];
  if (!s.traced || s.is_undefined()) return;
  Location where = s.input ? link_.store.location_of(s.input, s.member) : link_.location_of(s.object);
  link_.diagnostics().report(DiagnosticId::trace_definition,
                             {std::string(link_.name_of(id)), s.is_lazy() ? "lazy definition" : "definition"},
                             where);
}

// A name's meaning is replaced; what was noted about the name itself stays.
void Resolver::reset(Symbol& s, SymbolState state, uint32_t flags) {
  Symbol fresh;
  fresh.name = s.name;
  fresh.state = state;
  fresh.flags = flags;
  fresh.used_in_object = s.used_in_object;
  fresh.force_export = s.force_export;
  fresh.force_import = s.force_import;
  fresh.traced = s.traced;
  fresh.is_needed = s.is_needed;
  s = fresh;
}

void Resolver::set_defined(SymbolId id, LinkObjectId object, const SymbolRow& row, uint32_t row_index) {
  Symbol& s = link_.symbols[id];
  reset(s, SymbolState::Defined, row.flags);
  const LinkObject& o = link_.objects[object];
  s.kind = row.kind;
  s.object = object;
  s.row = row_index;
  s.entity = o.entity_of(row);
  if (row.kind == SymbolKind::Data) {
    s.value = row.value();
    s.size = row.size;
    if (row.is_common()) {
      s.common_p2align = static_cast<uint8_t>(o.object.segments()[row.element].p2align);
      link_.has_commons = true;
    }
  }
  if (row.kind == SymbolKind::Function || row.kind == SymbolKind::Tag)
    s.signature = signature_of(object, row);
  trace(id);
}

void Resolver::set_undefined(SymbolId id, LinkObjectId object, const SymbolRow& row, uint32_t row_index) {
  Symbol& s = link_.symbols[id];
  reset(s, SymbolState::Undefined, row.flags | undefined);
  s.kind = row.kind;
  s.object = object;
  s.row = row_index;
  if (row.kind == SymbolKind::Function || row.kind == SymbolKind::Tag)
    s.signature = signature_of(object, row);
  if (row.kind == SymbolKind::Function) s.called_directly = row.called_directly;
  // A definition that lost its comdat group has no import of its own.
  if (row.is_undefined() && row.import() != none32) {
    const ImportRow& import = link_.objects[object].object.imports()[row.import()];
    s.import_module = import.module;
    if (row.flags & explicit_name) s.import_name = import.field;
  }
}

void report_symbol_kinds(const Resolved& link, SymbolId existing, const std::string& file, SymbolKind kind) {
  bool as_lld = link.options.like_lld();
  const Symbol& s = link.symbols[existing];
  Diagnostic& d =
      link.diagnostics().report(DiagnosticId::symbol_type_mismatch,
                                {Argument::symbol(link.name_of(existing)), symbol_kind_text(s.kind, as_lld),
                                 link.file_of(s), symbol_kind_text(kind, as_lld), file});
  auto is_one = [&](SymbolKind k) { return s.kind == k || kind == k; };
  if (is_one(SymbolKind::Tag))
    d.note("tags are for exceptions: were the two compiled with different kinds of them (-fwasm-exceptions, "
           "-fexceptions, -mllvm -wasm-enable-sjlj)?");
  else if (is_one(SymbolKind::Function) && is_one(SymbolKind::Data))
    d.note("one declares a function and the other a variable: give one of them another name, or make the "
           "declarations agree");
}

void Resolver::report_kinds(SymbolId existing, const std::string& file, SymbolKind kind) {
  report_symbol_kinds(link_, existing, file, kind);
}

// Whether a definition or reference in `object` may meet the existing symbol: same kind, and a suitable type.
// Functions' signatures are checked apart, because they may differ.
bool Resolver::check_type(SymbolId existing, LinkObjectId object, const SymbolRow& row) {
  const Symbol& s = link_.symbols[existing];
  if (s.kind != row.kind) {
    report_kinds(existing, link_.file_of(object), row.kind);
    return false;
  }
  ObjectView o = link_.objects[object].object;
  auto report = [&](DiagnosticId id, const std::string& old_type, const std::string& new_type) {
    link_.diagnostics().report(id,
                               {name(existing), old_type, link_.file_of(s), new_type, link_.file_of(object)});
  };
  // The types of what is there: an object's definition or import, or the linker's own.
  ObjectView old_object = s.object ? link_.objects[s.object].object : ObjectView();
  const SymbolRow* old_row = old_object ? &old_object.symbols()[s.row] : nullptr;
  auto import_of = [](ObjectView in, const SymbolRow& r) -> const ImportRow& {
    return in.imports()[r.import()];
  };

  if (row.kind == SymbolKind::Global) {
    auto type_in = [&](ObjectView in, const SymbolRow& r) {
      if (r.is_undefined()) return GlobalType{import_of(in, r).value_type, import_of(in, r).is_mutable != 0};
      const GlobalRow& g = in.globals()[r.element];
      return GlobalType{g.type, g.is_mutable != 0};
    };
    GlobalType new_type = type_in(o, row);
    GlobalType old_type = new_type;
    if (old_row) old_type = type_in(old_object, *old_row);
    else if (s.entity.is_synthetic() || s.is_undefined()) old_type = global_type_of(link_, s); // the linker's
    if (old_type == new_type) return true;
    report(DiagnosticId::global_type_mismatch, global_type_text(link_.store.signatures, old_type),
           global_type_text(link_.store.signatures, new_type));
    return false;
  }
  if (row.kind == SymbolKind::Table && old_row) {
    const bool is_reference = row.is_undefined() != old_row->is_undefined();
    const TableType old_type = table_type_of(link_, s), new_type = table_type_in(o, row);
    const bool agrees = row.is_undefined()
                            ? agree(existing, old_type, new_type, s.object, object, is_reference)
                            : agree(existing, new_type, old_type, object, s.object, is_reference);
    return agrees || report_tables(existing, object, old_type, new_type);
  }
  if (row.kind == SymbolKind::Tag && s.signature != signature_of(object, row))
    report_tags(existing, object, signature_of(object, row));
  return true;
}

// Whether a table or memory is what a reference to it says. Object files say of a table's limits what they like, and of
// memories nothing; a unit means them. `is_reference`: not both are of one kind.
bool Resolver::agree(SymbolId id, const TableType& given, const TableType& wanted, LinkObjectId giver,
                     LinkObjectId wanter, bool is_reference) const {
  if (given.element != wanted.element) return false;
  if (link_.options.like_lld()) return true;
  // LLVM 19 gives the table of functions 32 bits in objects of 64 bits that have slots and no code: it is the linker's.
  const bool are_units = link_.objects[giver].unit && link_.objects[wanter].unit;
  if (!are_units && link_.store.strings.text(link_.symbols[id].name) == function_table_name) return true;
  constexpr uint32_t kind = limits_shared | limits_is_64;
  const Limits &a = given.limits, &b = wanted.limits;
  if ((a.flags & kind) != (b.flags & kind)) return false;
  if (!link_.objects[giver].unit && !link_.objects[wanter].unit) return true;
  if (!is_reference) return a == b;
  if (a.minimum < b.minimum) return false;
  return !(b.flags & limits_has_max) || ((a.flags & limits_has_max) && a.maximum <= b.maximum);
}

bool Resolver::report_tables(SymbolId existing, LinkObjectId object, const TableType& old_type,
                             const TableType& new_type) {
  const Symbol& s = link_.symbols[existing];
  const bool is_about_limits = old_type.element == new_type.element;
  auto text = [&](const TableType& type) {
    std::string text = value_type_text(link_.store.signatures, type.element);
    return is_about_limits ? text + limits_text(type.limits) : text;
  };
  link_.diagnostics().report(DiagnosticId::table_type_mismatch,
                             {name(existing), text(old_type), link_.file_of(s), text(new_type),
                              link_.file_of(object),
                              old_type.element == ValueType::Memory ? "memory" : "table"});
  return false;
}

// An exception that one object throws does not carry what the other takes out of it: the output would be invalid. LLD warns.
void Resolver::report_tags(SymbolId existing, LinkObjectId object, SignatureId signature) {
  const Symbol& s = link_.symbols[existing];
  auto text = [&](SignatureId id) { return signature_text(link_.store.signatures, id); };
  link_.diagnostics().report_as(
      link_.options.like_lld() ? Severity::Warning : Severity::Error, DiagnosticId::tag_signature_mismatch,
      {name(existing), text(s.signature), link_.file_of(s), text(signature), link_.file_of(object)});
}

// Another definition stands for this one.
void Resolver::discard_common(SegmentId segment) {
  if (segment.row >= link_.segment_discarded.size()) link_.segment_discarded.resize(link_.segments_total);
  link_.segment_discarded[segment] = true;
  link_.has_commons = true;
}

bool Resolver::should_replace(Symbol& existing, LinkObjectId object, uint32_t row_index) {
  const ObjectView o = link_.objects[object].object;
  const SymbolRow& row = o.symbols()[row_index];
  if (!existing.is_defined()) return true;
  if (row.is_common()) { // strong definitions beat it, and it beats weak ones
    if (existing.is_weak() || existing.is_shared()) return true;
    discard_common(link_.objects[object].segment(row.element));
    if (existing.is_common()) {
      existing.size = std::max<uint64_t>(existing.size, row.size);
      existing.common_p2align =
          std::max(existing.common_p2align, static_cast<uint8_t>(o.segments()[row.element].p2align));
    }
    return false;
  }
  if ((row.flags & binding_mask) == binding_weak)
    return false; // the first weak one stays, a strong one as well
  if (existing.is_weak() || existing.is_shared()) return true;
  if (existing.is_common()) {
    discard_common(existing.segment());
    return true;
  }
  if (link_.options.allow_multiple_definition) return false;
  Diagnostic& d = link_.diagnostics().report_as(
      link_.options.noinhibit_exec ? Severity::Warning : Severity::Error, DiagnosticId::duplicate_symbol,
      {Argument::symbol(link_.store.strings.text(existing.name)), link_.file_of(existing),
       link_.file_of(object)});
  if (row.kind != SymbolKind::Function || link_.options.like_lld()) return true; // which does not show it
  if (existing.object) // or else it is the linker's own
    note_definition(link_, existing.object, existing.row, lines_[0], d);
  note_definition(link_, object, row_index, lines_[1], d);
  return true;
}

SymbolId Resolver::add_defined(LinkObjectId object, const SymbolRow& row, uint32_t row_index) {
  bool inserted;
  SymbolId id = link_.insert_name(row.name, inserted);
  Symbol& s = link_.symbols[id];
  s.used_in_object = true;
  if (inserted || s.is_lazy()) {
    set_defined(id, object, row, row_index);
    return id;
  }
  if (!check_type(id, object, row) && row.kind == SymbolKind::Function) return id;

  if (row.kind == SymbolKind::Function) {
    SignatureId signature = signature_of(object, row);
    bool check = !s.is_undefined() || s.called_directly;
    if (check && s.signature && s.signature != signature) {
      SymbolId variant;
      bool made = variant_of(link_, id, signature, variant);
      if (made || should_replace(link_.symbols[id], object, row_index))
        set_defined(variant, object, row, row_index);
      // The variant that is defined is what the name means from now on.
      link_.symbol_order[link_.position_of_name[row.name.row]] = variant;
      return variant;
    }
  }
  if (should_replace(link_.symbols[id], object, row_index)) set_defined(id, object, row, row_index);
  return id;
}

// Whether two references may become one import: what both expect must be of one type. (Functions may differ. Whether a
// global is mutable matters to who writes it.)
bool Resolver::check_import(SymbolId existing, LinkObjectId object, const SymbolRow& row) {
  if (row.import() == none32) return true;
  const Symbol& s = link_.symbols[existing];
  const ImportRow& import = link_.objects[object].object.imports()[row.import()];
  const ValueType type = import.value_type;
  auto report = [&](DiagnosticId id, const std::string& old_type, const std::string& new_type) {
    link_.diagnostics().report(id,
                               {name(existing), old_type, link_.file_of(s), new_type, link_.file_of(object)});
    return false;
  };
  if (row.kind == SymbolKind::Global) {
    const GlobalType old_type = global_type_of(link_, s), new_type = {type, import.is_mutable != 0};
    if (old_type.type != type)
      return report(DiagnosticId::global_type_mismatch, global_type_text(link_.store.signatures, old_type),
                    global_type_text(link_.store.signatures, new_type));
  } else if (row.kind == SymbolKind::Table) {
    const TableType old_type = table_type_of(link_, s), new_type = {type, import.limits()};
    if (!(s.object ? agree(existing, old_type, new_type, s.object, object, false) : old_type.element == type))
      return report_tables(existing, object, old_type, new_type);
  } else if (row.kind == SymbolKind::Tag && s.signature != import.signature) {
    report_tags(existing, object, import.signature);
  }
  return true;
}

// Two references to one name: import attributes must agree, and the stronger binding wins.
void Resolver::merge_undefined(SymbolId existing, LinkObjectId object, const SymbolRow& row) {
  Symbol& s = link_.symbols[existing];
  if (row.kind != SymbolKind::Data && row.import() != none32) {
    const ImportRow& import = link_.objects[object].object.imports()[row.import()];
    auto agree = [&](StringId& mine, StringId theirs, DiagnosticId id) {
      if (!mine) mine = theirs;
      if (mine == theirs) return;
      link_.diagnostics().report(id, {name(existing), link_.store.strings.text(mine), link_.file_of(s.object),
                                      link_.store.strings.text(theirs), link_.file_of(object)});
    };
    if (row.flags & explicit_name) agree(s.import_name, import.field, DiagnosticId::import_name_mismatch);
    agree(s.import_module, import.module, DiagnosticId::import_module_mismatch);
  }
  uint32_t binding = row.flags & binding_mask;
  if (s.is_weak() && binding != binding_weak) s.flags = (s.flags & ~binding_mask) | binding;
  s.flags |= row.flags & no_strip;
}

void Resolver::add_undefined_function(SymbolId& id, LinkObjectId object, const SymbolRow& row,
                                      uint32_t row_index) {
  Symbol& s = link_.symbols[id];
  if (s.kind != SymbolKind::Function) {
    report_kinds(id, link_.file_of(object), SymbolKind::Function);
    return;
  }
  SignatureId signature = signature_of(object, row);
  if (!s.signature) s.signature = signature;
  SymbolId existing = s.is_undefined() ? id : SymbolId();
  if (row.called_directly && s.signature != signature && s.is_shared()) {
    if (link_.options.shlib_sigcheck) report_shared_signature(id, signature, link_.file_of(object));
    else s.signature = signature;
  } else if (row.called_directly && s.signature != signature) {
    // A reference that only took the address gives way to the one that calls; otherwise each signature gets
    // its own.
    if (existing && !s.called_directly) set_undefined(id, object, row, row_index);
    else if (variant_of(link_, id, signature, id)) set_undefined(id, object, row, row_index);
  }
  if (existing) {
    merge_undefined(existing, object, row);
    if (row.called_directly) link_.symbols[existing].called_directly = true;
  }
}

SymbolId Resolver::add_undefined(LinkObjectId object, const SymbolRow& row, uint32_t row_index) {
  bool inserted;
  SymbolId id = link_.insert_name(row.name, inserted);
  Symbol& s = link_.symbols[id];
  s.used_in_object = true;
  if (s.traced)
    link_.diagnostics().report(DiagnosticId::trace_reference, {std::string(link_.name_of(id))},
                               link_.location_of(object));
  if (inserted) {
    set_undefined(id, object, row, row_index);
  } else if (s.is_lazy()) {
    bool function = row.kind == SymbolKind::Function;
    if (row.is_weak() && (function || row.kind == SymbolKind::Data)) {
      // A weak reference extracts nothing, but what it wants is remembered.
      s.flags = (s.flags & ~binding_mask) | binding_weak;
      s.kind = row.kind;
      s.object = object;
      s.row = row_index;
      if (function) {
        s.signature = signature_of(object, row);
        s.called_directly = row.called_directly;
      }
    } else {
      // wasm-ld notes only functions for --why-extract.
      bool noted = function || !link_.options.like_lld();
      extract(s.input, s.member, link_.file_of(object), noted ? id : SymbolId());
    }
  } else if (row.kind == SymbolKind::Function) {
    add_undefined_function(id, object, row, row_index);
  } else if (s.is_defined()) {
    check_type(id, object, row);
  } else if (s.kind != row.kind) {
    report_kinds(id, link_.file_of(object), row.kind);
  } else if (check_import(id, object, row)) {
    merge_undefined(id, object, row);
  }
  return id;
}

// The library's code cannot be changed, so what the program expects must be what it has.
void Resolver::report_shared_signature(SymbolId id, SignatureId other, const std::string& other_file) {
  const Symbol& s = link_.symbols[id];
  auto text = [&](SignatureId signature) { return signature_text(link_.store.signatures, signature); };
  Diagnostic& d = link_.diagnostics().report_as(
      Severity::Error, DiagnosticId::function_signature_mismatch,
      {name(id), text(s.signature), link_.file_of(s), text(other), other_file, "defined", "called"});
  d.note("a call into a shared library must have the signature that the library was linked with; "
         "--no-shlib-sigcheck believes the program instead");
}

// What a shared library exports stands for what nothing else defines.
void Resolver::add_shared(InputId library, const SharedLibrary::Row& row) {
  bool inserted;
  SymbolId id = link_.insert_name(row.name, inserted);
  Symbol& s = link_.symbols[id];
  SignatureId signature = row.signature;
  if (!inserted && !s.is_lazy()) {
    std::string file = display_file(link_.store.location_of(library));
    if (s.kind != row.kind) return report_kinds(id, file, row.kind);
    if (s.is_defined()) return;
    bool called = row.kind == SymbolKind::Function && s.called_directly;
    if (called && s.signature != signature) {
      if (link_.options.shlib_sigcheck) report_shared_signature(id, signature, file);
      else signature = s.signature;
    }
  }
  reset(s, SymbolState::Shared, 0);
  s.kind = row.kind;
  s.signature = signature;
  s.input = library;
  trace(id);
}

void Resolver::add_lazy(StringId name, InputId input, uint32_t member) {
  bool inserted;
  SymbolId id = link_.insert_name(name, inserted);
  Symbol& s = link_.symbols[id];
  if (!inserted && !s.is_undefined()) return;
  if (!inserted && !s.is_weak()) {
    extract(input, member, link_.file_of(s.object), id);
    return;
  }
  SymbolKind kind = s.kind;
  SignatureId signature = s.signature;
  LinkObjectId object = s.object;
  uint32_t row = s.row;
  bool weak = !inserted, called = s.called_directly;
  reset(s, SymbolState::Lazy, weak ? binding_weak : 0);
  if (weak) {
    s.kind = kind;
    if (kind == SymbolKind::Function) s.signature = signature;
    s.called_directly = called;
    s.object = object;
    s.row = row;
  }
  s.input = input;
  s.member = member;
  trace(id);
}

bool variant_of(Resolved& link, SymbolId existing, SignatureId signature, SymbolId& variant) {
  StringId name = link.symbols[existing].name;
  if (name.row >= link.variants_of_name.size())
    link.variants_of_name.resize(link.store.strings.size(), none32);
  uint32_t& row = link.variants_of_name[name.row];
  if (row == none32) {
    row = static_cast<uint32_t>(link.variants.size());
    link.variants.push_back({name, {existing}});
  }
  for (SymbolId id : link.variants[row].symbols)
    if (link.symbols[id].signature == signature) {
      variant = id;
      return false;
    }
  Symbol symbol;
  symbol.name = name;
  symbol.signature = signature;
  symbol.used_in_object = true;
  variant = link.symbols.add(symbol);
  link.variants[row].symbols.push_back(variant);
  return true;
}

} // namespace weld
