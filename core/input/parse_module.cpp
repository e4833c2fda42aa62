// The sections of the core specification: what the object imports, defines and exports.
#include "core/base/leb128.h"
#include "core/input/object_parser.h"
#include "core/wasm/engine_limits.h"
#include "core/wasm/import_entries.h"

namespace weld {

// -----------------------------------------------------------------------------------------------------------
// Types

static bool is_value_type(uint8_t code) {
  switch (static_cast<ValueType>(code)) {
  case ValueType::I32:
  case ValueType::I64:
  case ValueType::F32:
  case ValueType::F64:
  case ValueType::V128:
  case ValueType::FuncRef:
  case ValueType::ExternRef:
  case ValueType::ExnRef: return true;
  default: break;
  }
  return false;
}

static bool is_reference(ValueType type) {
  return type == ValueType::FuncRef || type == ValueType::ExternRef || type == ValueType::ExnRef;
}

// Types of the GC and typed-reference proposals: their indices would need relocations that no convention
// defines.
static bool is_gc_value_type(uint8_t code) {
  return code >= 0x62 && code <= 0x74;
}
static bool is_gc_type_form(uint8_t form) {
  return form == 0x4e || form == 0x4f || form == 0x50 || form == 0x5e || form == 0x5f;
}

ValueType ObjectParser::read_value_type(Reader& r, const char* what) {
  uint64_t at = r.offset();
  uint8_t code = r.u8(what);
  if (!failed() && !is_value_type(code)) [[unlikely]] {
    if (is_gc_value_type(code)) fail_unsupported(r, "a reference or GC type");
    else r.fail_at(at, "invalid value type: " + std::to_string(code));
  }
  return static_cast<ValueType>(code);
}

void ObjectParser::read_types(Reader& r) {
  uint32_t count = r.count("the number of types", 3);
  tables_.types.reserve(count);
  Vector<uint8_t> key;
  for (uint32_t i = 0; i < count && !failed(); i++) {
    uint64_t at = r.offset();
    uint8_t form = r.u8("the form of a type");
    if (failed()) return;
    if (is_gc_type_form(form)) return fail_unsupported(r, "a reference or GC type");
    if (form != 0x60) return r.fail_at(at, "invalid signature type");
    // Written again rather than copied: the counts might be padded, and equal types must have equal keys.
    key.assign(1, form);
    for (const char* what : {"the number of parameters", "the number of results"}) {
      uint32_t values = r.count(what, 1);
      uint8_t leb[5];
      key.append(leb, write_uleb(leb, values));
      for (uint32_t v = 0; v < values; v++)
        key.push_back(static_cast<uint8_t>(read_value_type(r, "a value type")));
    }
    if (!failed()) tables_.types.push_back(signatures_.intern(Bytes(key)));
  }
  if (tables_.types.size() >= 1u << 27) fail_unsupported(r, "an object with more than 2^27 types");
}

SignatureId ObjectParser::read_type_index(Reader& r, const char* error) {
  uint64_t at = r.offset();
  uint32_t index = r.u32_leb("a type index");
  if (failed()) return {};
  if (index >= tables_.types.size()) return r.fail_at(at, error), SignatureId();
  return tables_.types[index];
}

// What an exception carries are the parameters of its tag's type; there is nothing that could be a result.
SignatureId ObjectParser::read_tag_type(Reader& r) {
  uint64_t at = r.offset();
  if (r.u8("the attribute of a tag") != 0) return r.fail_at(at, "invalid attribute"), SignatureId();
  SignatureId type = read_type_index(r, "invalid tag type");
  if (!failed() && !signature_parts(signatures_, type).results.empty())
    r.fail_at(at, "the type of a tag has results");
  return type;
}

// flags, minimum, maximum if the flags say so, page size if they say so
Limits ObjectParser::read_limits(Reader& r) {
  Limits limits;
  uint64_t at = r.offset();
  uint32_t flags = r.u32_leb("the limits flags");
  if (flags > (limits_has_max | limits_shared | limits_is_64 | limits_has_page_size)) {
    r.fail_at(at, "invalid limits flags: " + std::to_string(flags));
    return limits;
  }
  limits.flags = static_cast<uint8_t>(flags);
  limits.minimum = r.u64_leb("the minimum of limits");
  if (flags & limits_has_max) limits.maximum = r.u64_leb("the maximum of limits");
  if ((flags & limits_has_max) && !failed() && limits.maximum < limits.minimum)
    r.fail_at(at, "the maximum of limits is less than the minimum");
  if (flags & limits_has_page_size) limits.page_size_log2 = r.u32_leb("the page size");
  return limits;
}

// Tables are neither shared nor paged, and their sizes have 32 bits, or 64 where the flags say so.
Limits ObjectParser::read_table_limits(Reader& r) {
  uint64_t at = r.offset();
  Limits limits = read_limits(r);
  if (failed()) return limits;
  if (limits.flags & (limits_shared | limits_has_page_size))
    r.fail_at(at, "invalid limits flags of a table: " + std::to_string(limits.flags));
  else if (!(limits.flags & limits_is_64) && (limits.minimum > ~0u || limits.maximum > ~0u))
    r.fail_at(at, "the limits of a table have more than 32 bits");
  return limits;
}

ValueType ObjectParser::read_table_element(Reader& r) {
  uint64_t at = r.offset();
  ValueType element = static_cast<ValueType>(r.u8("the element type of a table"));
  if (!failed() && !is_reference(element)) r.fail_at(at, "invalid table element type");
  return element;
}

// Code addresses memory 0 without a relocation, so a second memory could not be given another number.
void ObjectParser::read_memory_type(Reader& r) {
  Limits limits = read_limits(r);
  if (limits.flags & limits_is_64) tables_.header.is_64 = true;
  if (++memory_count_ > 1) fail_unsupported(r, "an object with more than one memory");
}

// -----------------------------------------------------------------------------------------------------------
// Imports and definitions

static uint32_t clamp_to_32(uint64_t n) {
  return n > ~0u ? ~0u : static_cast<uint32_t>(n);
}

void ObjectParser::read_imports(Reader& r) {
  uint32_t count = r.count("the number of imports", 3);
  tables_.imports.reserve(count);
  import_fields_.reserve(count);
  Bytes last_module; // nearly always "env" again
  StringId last_module_id;
  ImportEntries entries(r, count);
  while (entries.next()) {
    ImportRow import = {};
    if (!last_module_id || as_text(entries.module) != as_text(last_module)) {
      last_module = entries.module;
      last_module_id = strings_.intern(entries.module);
    }
    import.module = last_module_id;
    import.field = strings_.intern(entries.field);
    import.kind = static_cast<ExternalKind>(entries.kind);
    Reader& type = entries.type();
    uint64_t at = entries.kind_offset;
    switch (import.kind) {
    case ExternalKind::Function:
      import.signature = read_type_index(type, "invalid function type");
      tables_.header.imported_functions++;
      break;
    case ExternalKind::Table: {
      import.value_type = read_table_element(type);
      Limits limits = read_table_limits(type);
      import.limits_flags = limits.flags;
      import.limits_min = clamp_to_32(limits.minimum);
      import.limits_max = clamp_to_32(limits.maximum);
      tables_.header.imported_tables++;
      break;
    }
    case ExternalKind::Memory: read_memory_type(type); break;
    case ExternalKind::Global: {
      import.value_type = read_value_type(type, "the type of a global");
      import.is_mutable = type.u8("the mutability of a global");
      if (import.is_mutable > 1) return type.fail_at(at, "invalid mutability of a global");
      tables_.header.imported_globals++;
      break;
    }
    case ExternalKind::Tag:
      import.signature = read_tag_type(type);
      tables_.header.imported_tags++;
      break;
    default: return type.fail_at(at, "unexpected import kind");
    }
    if (failed()) return;
    imports_by_kind_[entries.kind].push_back(static_cast<uint32_t>(tables_.imports.size()));
    import_fields_.push_back({entries.field.empty() ? 0 : static_cast<uint32_t>(entries.field_offset)});
    tables_.imports.push_back(import);
  }
}

void ObjectParser::read_functions(Reader& r) {
  uint32_t count = r.count("the number of functions", 1);
  tables_.functions.reserve(count);
  for (uint32_t i = 0; i < count && !failed(); i++) {
    FunctionRow function = {};
    function.signature = read_type_index(r, "invalid function type");
    function.comdat = none32;
    tables_.functions.push_back(function);
  }
}

void ObjectParser::read_tables(Reader& r) {
  uint32_t count = r.count("the number of tables", 3);
  for (uint32_t i = 0; i < count && !failed(); i++) {
    ValueType element = read_table_element(r);
    Limits limits = read_table_limits(r);
    tables_.tables.push_back({limits.minimum, limits.maximum, {}, {}, element, limits.flags});
  }
}

void ObjectParser::read_memories(Reader& r) {
  uint32_t count = r.count("the number of memories", 2);
  for (uint32_t i = 0; i < count && !failed(); i++) read_memory_type(r);
}

void ObjectParser::read_tags(Reader& r) {
  uint32_t count = r.count("the number of tags", 2);
  for (uint32_t i = 0; i < count && !failed(); i++) {
    tables_.tags.push_back({read_tag_type(r), {}});
  }
}

void ObjectParser::read_globals(Reader& r) {
  uint32_t count = r.count("the number of globals", 4);
  tables_.globals.reserve(count);
  for (uint32_t i = 0; i < count && !failed(); i++) {
    uint64_t at = r.offset();
    GlobalRow global = {};
    ValueType type = read_value_type(r, "the type of a global");
    global.type = type;
    global.is_mutable = r.u8("the mutability of a global");
    if (global.is_mutable > 1) return r.fail_at(at, "invalid mutability of a global");
    uint64_t begin = r.offset();
    ValueType result = read_constant(r, ConstantPlace::Global);
    if (failed()) return;
    if (result != type) return r.fail_at(begin, "the initial value of a global is not of its type");
    global.init = {static_cast<uint32_t>(begin), static_cast<uint32_t>(r.offset() - begin)};
    tables_.globals.push_back(global);
  }
}

// -----------------------------------------------------------------------------------------------------------
// Constant expressions: constants, and the arithmetic of the extended-const proposal

ValueType ObjectParser::read_constant(Reader& r, ConstantPlace place) {
  Vector<ValueType>& stack = constant_stack_;
  stack.clear();
  constant_is_extended_ = false;
  uint64_t begin = r.offset();
  while (!failed()) {
    uint64_t at = r.offset();
    if (stack.size() > 1) constant_is_extended_ = true;
    uint8_t code = r.u8("a constant expression");
    switch (code) {
    case opcode::i32_const:
      r.s32_leb("an i32 constant");
      stack.push_back(ValueType::I32);
      break;
    case opcode::i64_const:
      r.s64_leb("an i64 constant");
      stack.push_back(ValueType::I64);
      break;
    case opcode::f32_const:
      r.bytes(4, "an f32 constant");
      stack.push_back(ValueType::F32);
      break;
    case opcode::f64_const:
      r.bytes(8, "an f64 constant");
      stack.push_back(ValueType::F64);
      break;
    case opcode::global_get: {
      uint32_t index = r.u32_leb("a global index");
      if (failed()) break;
      // There are no relocations for GLOBAL: the index could not follow the global to its place in the
      // output.
      if (place == ConstantPlace::Global) {
        fail_unsupported(r, "`global.get` in the initial value of a global");
        break;
      }
      uint32_t imported = tables_.header.imported_globals;
      if (index >= global_count()) r.fail_at(at, "invalid global index: " + std::to_string(index));
      else if (index >= imported) stack.push_back(tables_.globals[index - imported].type);
      else {
        uint32_t row = imports_by_kind_[static_cast<uint8_t>(ExternalKind::Global)][index];
        stack.push_back(tables_.imports[row].value_type);
      }
      break;
    }
    case opcode::ref_null: {
      ValueType type = static_cast<ValueType>(r.u8("the type of ref.null"));
      if (!failed() && !is_reference(type)) r.fail_at(at, "invalid type for ref.null");
      stack.push_back(type);
      break;
    }
    case opcode::ref_func: {
      uint32_t index = r.u32_leb("a function index");
      if (failed()) break;
      if (place == ConstantPlace::Global) fail_unsupported(r, "`ref.func` in the initial value of a global");
      else if (index >= function_count()) r.fail_at(at, "invalid function index: " + std::to_string(index));
      stack.push_back(ValueType::FuncRef);
      break;
    }
    case opcode::i32_add:
    case opcode::i32_sub:
    case opcode::i32_mul:
    case opcode::i64_add:
    case opcode::i64_sub:
    case opcode::i64_mul: {
      ValueType type = code <= opcode::i32_mul ? ValueType::I32 : ValueType::I64;
      size_t n = stack.size();
      if (n < 2 || stack[n - 1] != type || stack[n - 2] != type)
        r.fail_at(at, "malformed constant expression");
      else stack.pop_back();
      break;
    }
    case opcode::end:
      if (failed()) break;
      if (stack.size() == 1) return stack[0];
      r.fail_at(begin, "malformed constant expression");
      break;
    default: r.fail_at(at, "invalid opcode in init_expr: " + std::to_string(code));
    }
  }
  return ValueType::I32;
}

void ObjectParser::read_offset(Reader& r) {
  uint64_t at = r.offset();
  ValueType type = read_constant(r, ConstantPlace::Offset);
  if (!failed() && type != ValueType::I32 && type != ValueType::I64)
    r.fail_at(at, "the offset of a segment is not an integer");
}

// -----------------------------------------------------------------------------------------------------------
// Exports, start, elements

// An object exports what must be exported under another name than its symbol's (clang: export_name).
void ObjectParser::read_exports(Reader& r) {
  uint32_t count = r.count("the number of exports", 3);
  for (uint32_t i = 0; i < count && !failed(); i++) {
    uint64_t at = r.offset();
    Bytes name = r.name("the name of an export");
    uint8_t kind = r.u8("the kind of an export");
    uint32_t index = r.u32_leb("the index of an export");
    if (failed()) return;
    uint32_t imported = tables_.header.imported_functions;
    switch (static_cast<ExternalKind>(kind)) {
    case ExternalKind::Function:
      if (index < imported || index >= function_count()) return r.fail_at(at, "invalid function export");
      tables_.functions[index - imported].export_name = strings_.intern(name);
      break;
    case ExternalKind::Global:
      if (index >= global_count()) return r.fail_at(at, "invalid global export");
      break;
    case ExternalKind::Tag:
      if (index >= tag_count()) return r.fail_at(at, "invalid tag export");
      break;
    case ExternalKind::Table:
    case ExternalKind::Memory: break;
    default: return r.fail_at(at, "unexpected export kind");
    }
  }
}

void ObjectParser::read_start(Reader& r) {
  uint32_t index = r.u32_leb("the start function");
  if (!failed() && index >= function_count()) r.fail("invalid start function");
  has_start_function_ = true;
}

// Compilers write the functions whose address is taken here as well as in relocations; only the latter count.
// Flags: 1 passive or declarative, 2 table number (with 1: declarative), 4 expressions instead of function
// indices.
void ObjectParser::read_elements(Reader& r) {
  uint32_t count = r.count("the number of element segments", 3);
  for (uint32_t i = 0; i < count && !failed(); i++) {
    uint64_t at = r.offset();
    constant_is_extended_ = false;
    uint32_t flags = r.u32_leb("the flags of an element segment");
    if (flags > 7) return r.fail_at(at, "Unsupported flags for element segment");
    bool is_active = !(flags & 1);
    bool has_expressions = flags & 4;
    uint32_t table = is_active && (flags & 2) ? r.u32_leb("a table number") : 0;
    if (is_active && table >= table_count()) return r.fail_at(at, "invalid TableNumber");
    if (is_active) read_offset(r);
    if (constant_is_extended_ && !failed()) return r.fail_at(at, "extended init exprs not supported");
    if (flags & 3) {
      uint8_t kind = r.u8("the type of an element segment");
      if (failed()) return;
      if (has_expressions ? !is_reference(static_cast<ValueType>(kind)) : kind != 0)
        return r.fail_at(at, has_expressions ? "invalid reference type" : "invalid elemtype");
    }
    uint32_t elements = r.count("the number of elements", 1);
    has_elements_ |= elements != 0;
    for (uint32_t e = 0; e < elements && !failed(); e++) {
      uint64_t element_at = r.offset();
      if (has_expressions) read_constant(r, ConstantPlace::Element);
      else if (r.u32_leb("a function index") >= function_count())
        r.fail_at(element_at, "invalid function index");
    }
  }
}

// -----------------------------------------------------------------------------------------------------------
// Code and data

void ObjectParser::read_code(Reader& r) {
  has_code_ = true;
  tables_.header.code_offset = static_cast<uint32_t>(r.offset());
  uint32_t count = r.u32_leb("the number of function bodies");
  if (failed()) return;
  if (count != tables_.functions.size()) return r.fail("invalid function count");

  for (FunctionRow& function : tables_.functions) {
    uint64_t begin = r.offset();
    uint32_t size = r.u32_leb("the size of a function body");
    function.offset = static_cast<uint32_t>(begin);
    function.code_offset = static_cast<uint32_t>(r.offset() - begin);
    Reader body = r.part(size, "function body", "a function body");
    function.size = static_cast<uint32_t>(r.offset() - begin);
    uint32_t groups = body.count("the number of local declarations", 2);
    uint64_t locals = 0;
    for (uint32_t i = 0; i < groups && !failed(); i++) {
      locals += body.u32_leb("a number of locals");
      read_value_type(body, "the type of locals");
    }
    if (failed()) return;
    if (locals + engine_limit::params > engine_limit::locals &&
        locals + signature_parts(signatures_, function.signature).params.size() > engine_limit::locals)
      tables_.header.has_many_locals = true;
  }
}

void ObjectParser::read_data_count(Reader& r) {
  data_count_ = r.u32_leb("the number of data segments");
}

// A passive segment is data like any other: the linker decides how the output's memory is filled.
void ObjectParser::read_data(Reader& r) {
  tables_.header.data_offset = static_cast<uint32_t>(r.offset());
  uint32_t count = r.count("the number of data segments", 2);
  if (failed()) return;
  if (data_count_ != none32 && count != data_count_)
    return r.fail("number of data segments does not match DataCount section");
  tables_.segments.reserve(count);
  StringId no_name = strings_.intern("");
  for (uint32_t i = 0; i < count; i++) {
    uint64_t at = r.offset();
    uint32_t flags = r.u32_leb("the flags of a data segment");
    if (flags > 2) return r.fail_at(at, "invalid flags of a data segment: " + std::to_string(flags));
    if (flags == 2 && r.u32_leb("a memory index") != 0)
      return r.fail_at(at, "invalid memory index of a data segment");
    if (flags == 1) has_passive_segment_ = true;
    else read_offset(r);
    uint32_t size = r.u32_leb("the size of a data segment");
    if (failed()) return;
    if (size > r.left()) return r.fail_at(at, "invalid segment size");
    tables_.segments.push_back({no_name, range_of(r.bytes(size, "a data segment")), 0, 0, none32, {}});
  }
}

} // namespace weld
