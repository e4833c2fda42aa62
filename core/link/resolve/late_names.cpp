#include "core/link/resolve/late_names.h"

#include "core/wasm/type_text.h"

namespace weld {

using namespace symbol_flag;

static void set_defined(Symbol& s, SymbolKind kind, uint32_t flags, AnyEntity entity) {
  s.state = SymbolState::Defined;
  s.kind = kind;
  s.flags = flags;
  s.entity = entity;
  s.object = {};
}

SymbolId add_defined(Resolved& link, std::string_view name, SymbolKind kind, uint32_t flags, AnyEntity entity) {
  bool inserted;
  SymbolId id = link.insert_name(link.intern(name), inserted);
  set_defined(link.symbols[id], kind, flags, entity);
  return id;
}

SymbolId add_synthetic_function_symbol(Resolved& link, std::string_view name, uint32_t flags,
                                       SignatureId signature) {
  const FunctionEntity entity = link.add_synthetic_function(link.intern(name), signature);
  SymbolId id = add_defined(link, name, SymbolKind::Function, flags, entity);
  link.symbols[id].signature = signature;
  return id;
}

SymbolId wanted(Resolved& link, std::string_view name) {
  StringId id = link.intern(name);
  SymbolId existing = link.find(id);
  if (existing) return link.symbols[existing].is_defined() ? SymbolId() : existing;
  const bool is_exported = link.options.export_all || link.is_named_by_export(id);
  if (!is_exported) return {};
  bool inserted;
  return link.insert_name(id, inserted);
}

void define_place(Resolved& link, SymbolId id, uint64_t address) {
  Symbol& s = link.symbols[id];
  s.state = SymbolState::Defined;
  s.kind = SymbolKind::Data;
  s.flags = visibility_hidden | absolute;
  s.object = {};
  s.entity = {};
  s.value = 0;
  s.is_needed = true;
  s.force_export |= link.is_named_by_export(s.name);
  s.place = static_cast<uint32_t>(link.initial_places.size());
  link.initial_places.push_back(address);
}

SymbolId add_optional_data_symbol(Resolved& link, std::string_view name, uint64_t address) {
  SymbolId id = wanted(link, name);
  if (id) define_place(link, id, address);
  return id;
}

FunctionEntity add_trap(Resolved& link, StringId name, StringId debug_name, SignatureId signature) {
  FunctionEntity ref = link.add_synthetic_function(name, signature);
  SyntheticFunction& function = link.synthetic_functions[ref.synthetic()];
  function.debug_name = debug_name;
  function.is_trap = true;
  return ref;
}

FunctionEntity undefined_stub(Resolved& link, SignatureId signature) {
  if (signature.row >= link.stub_of_signature.size())
    link.stub_of_signature.resize(link.store.signatures.size());
  if (link.stub_of_signature[signature.row].is_none()) {
    const StringId name = link.intern("undefined_stub");
    link.stub_of_signature[signature.row] = add_trap(link, name, name, signature);
  }
  return link.stub_of_signature[signature.row];
}

void define_function_table(Resolved& link, SymbolId id) {
  const bool is_exported = link.options.export_table;
  Symbol& s = link.symbols[id];
  s.state = SymbolState::Defined;
  s.kind = SymbolKind::Table;
  s.flags = (s.flags & no_strip) | (is_exported ? 0 : visibility_hidden);
  s.object = {};
  s.entity = TableEntity(SyntheticTableId(0));
  s.is_needed |= is_exported;
  s.force_export = is_exported;
}

bool is_c_identifier(std::string_view name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (name.empty() || !letter(name[0])) return false;
  for (char c : name)
    if (!letter(c) && !(c >= '0' && c <= '9')) return false;
  return true;
}

bool is_defined_late(std::string_view name) {
  for (std::string_view known : {"__wasm_init_memory_flag", "__wasm_init_memory", "__wasm_apply_data_relocs",
                                 "__wasm_apply_global_relocs", "__wasm_apply_tls_relocs",
                                 "__wasm_apply_global_tls_relocs", "__wasm_start"})
    if (name == known) return true;
  return name.starts_with("__start_") || name.starts_with("__stop_") || name.ends_with(".command_export");
}

void LateNames::report_duplicate(SymbolId id) {
  const Options& o = link_.options;
  if (o.allow_multiple_definition) return;
  link_.diagnostics().report_as(
      o.noinhibit_exec ? Severity::Warning : Severity::Error, DiagnosticId::duplicate_symbol,
      {Argument::symbol(link_.name_of(id)), link_.file_of(link_.symbols[id]), link_.file_of(LinkObjectId())});
}

bool LateNames::may_be_data(SymbolId id) {
  const Symbol& s = link_.symbols[id];
  if (!s.object) return true;         // no object mentions it
  if (s.kind == SymbolKind::Global) { // code may read an address from a global, which must be a pointer
    const GlobalType type = global_type_of(link_, s);
    const GlobalType ours = {link_.is_64 ? ValueType::I64 : ValueType::I32, false};
    if (type.type == ours.type) return true;
    link_.diagnostics().report(
        DiagnosticId::global_type_mismatch,
        {Argument::symbol(link_.name_of(id)), global_type_text(link_.store.signatures, type),
         link_.file_of(s), global_type_text(link_.store.signatures, ours), link_.file_of(LinkObjectId())});
    return false;
  }
  if (s.kind == SymbolKind::Data) return true;
  report_symbol_kinds(link_, id, link_.file_of(LinkObjectId()), SymbolKind::Data);
  return false;
}

SymbolId LateNames::add_beside(SymbolId id) {
  Symbol symbol;
  symbol.name = link_.symbols[id].name;
  const SymbolId beside = link_.symbols.add(symbol);
  link_.symbol_order.push_back(beside);
  return beside;
}

SymbolId LateNames::add_optional_data(std::string_view name) {
  const SymbolId id = wanted(link_, name);
  if (!id || !may_be_data(id)) return {};
  define_place(link_, id, 0);
  return id;
}

SymbolId LateNames::add_data(std::string_view name) {
  bool inserted;
  SymbolId id = link_.insert_name(link_.intern(name), inserted);
  // wasm-ld lets its own take the place of an object's.
  if (link_.symbols[id].object && link_.symbols[id].state == SymbolState::Defined &&
      !link_.options.like_lld()) {
    report_duplicate(id);
    id = add_beside(id);
  } else if (link_.symbols[id].is_trap || !may_be_data(id)) {
    id = add_beside(id);
  }
  define_place(link_, id, 0);
  return id;
}

SymbolId LateNames::add_function(std::string_view name, uint32_t flags, SignatureId signature) {
  const FunctionEntity entity = link_.add_synthetic_function(link_.intern(name), signature);
  bool inserted;
  SymbolId id = link_.insert_name(link_.intern(name), inserted);
  if (const Symbol& s = link_.symbols[id]; s.object || s.is_trap) {
    const bool is_defined = s.state == SymbolState::Defined;
    const bool is_same = is_defined && s.kind == SymbolKind::Function && s.signature == signature;
    // wasm-ld lets its own take the place of an object's. References have been given an import.
    if (is_defined && !s.is_trap && !(is_same && link_.options.like_lld())) report_duplicate(id);
    if (!is_same || !link_.options.like_lld()) id = add_beside(id);
  }
  set_defined(link_.symbols[id], SymbolKind::Function, flags, entity);
  link_.symbols[id].signature = signature;
  return id;
}

SymbolId LateNames::add_function_table() {
  bool inserted;
  SymbolId id = link_.insert_name(link_.intern(function_table_name), inserted);
  Symbol& s = link_.symbols[id];
  if (!link_.options.import_table) {
    define_function_table(link_, id);
    return id;
  }
  s.kind = SymbolKind::Table;
  // wasm-ld does not survive slots of a table that nothing keeps. Compilers keep it in every object that has slots.
  const bool is_kept = link_.options.relocatable && !link_.options.like_lld();
  s.flags = undefined | (is_kept ? no_strip : visibility_hidden);
  s.used_in_object = true;
  s.import_module = link_.intern(default_module);
  s.import_name = link_.intern(function_table_name);
  return id;
}

} // namespace weld
