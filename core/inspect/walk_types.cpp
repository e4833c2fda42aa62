// Types and constant expressions, as text: also those that no linker takes (of the GC and typed-reference
// proposals).
#include "core/inspect/walk.h"
#include "core/wasm/type_text.h"

namespace weld {

namespace {

// Abstract heap types, by their byte; as a value type the byte stands for the nullable reference.
std::string_view abstract_heap_type(uint32_t code) {
  switch (code) {
  case 0x68: return "cont";
  case 0x69: return "exn";
  case 0x6a: return "array";
  case 0x6b: return "struct";
  case 0x6c: return "i31";
  case 0x6d: return "eq";
  case 0x6e: return "any";
  case 0x6f: return "extern";
  case 0x70: return "func";
  case 0x71: return "none";
  case 0x72: return "noextern";
  case 0x73: return "nofunc";
  case 0x74: return "noexn";
  case 0x75: return "nocont";
  default: return {};
  }
}

uint64_t little_endian(Bytes bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size(); i++) value |= static_cast<uint64_t>(bytes[i]) << (8 * i);
  return value;
}

inspection::Table table_of(const Limits& limits) {
  return {none32,
          limits.minimum,
          limits.flags & limits_has_max ? limits.maximum : none64,
          (limits.flags & limits_shared) != 0,
          (limits.flags & limits_is_64) != 0,
          {},
          {},
          {}};
}

} // namespace

std::string hex_float(uint64_t bits, uint32_t mantissa_bits, uint32_t exponent_bits) {
  const uint64_t mantissa_mask = (uint64_t{1} << mantissa_bits) - 1;
  const uint32_t largest = (1u << exponent_bits) - 1;
  uint64_t mantissa = bits & mantissa_mask;
  auto exponent = static_cast<uint32_t>(bits >> mantissa_bits) & largest;
  std::string out = bits >> (mantissa_bits + exponent_bits) & 1 ? "-" : "";
  auto append_digits = [&](uint64_t value, uint32_t digits) {
    while (digits--) out += "0123456789abcdef"[value >> (4 * digits) & 15];
  };
  const uint32_t digits = (mantissa_bits + 3) / 4;
  if (exponent == largest) {
    if (!mantissa) return out + "inf";
    out += "nan:0x";
    append_digits(mantissa, digits);
    return out;
  }
  if (!exponent && !mantissa) return out + "0x0p+0";
  out += exponent ? "0x1" : "0x0";
  if (mantissa) {
    out += '.';
    append_digits(mantissa << (digits * 4 - mantissa_bits), digits);
    while (out.back() == '0') out.pop_back();
  }
  int power = (exponent ? static_cast<int>(exponent) : 1) - static_cast<int>(largest / 2);
  return out + (power < 0 ? "p-" : "p+") + std::to_string(power < 0 ? -power : power);
}

std::string ModuleWalk::heap_type(Reader& r) {
  uint64_t at = r.offset();
  int64_t code = r.s64_leb("a heap type");
  if (r.failed()) return {};
  if (code >= 0) return std::to_string(static_cast<uint64_t>(code));
  std::string_view name = code >= -0x40 ? abstract_heap_type(static_cast<uint32_t>(code) & 0x7f) : "";
  if (name.empty()) r.fail_at(at, "invalid heap type");
  return std::string(name);
}

std::string ModuleWalk::value_type(Reader& r, const char* what) {
  uint64_t at = r.offset();
  uint8_t code = r.u8(what);
  if (r.failed()) return {};
  switch (code) {
  case 0x77: return "i16";
  case 0x78: return "i8";
  case 0x63: return "(ref null " + heap_type(r) + ")";
  case 0x64: return "(ref " + heap_type(r) + ")";
  case 0x71: return "nullref";
  case 0x72:
  case 0x73:
  case 0x74:
  case 0x75: return "null" + std::string(abstract_heap_type(code).substr(2)) + "ref";
  default: break;
  }
  if (std::string_view name = abstract_heap_type(code); !name.empty()) return std::string(name) + "ref";
  if (code >= 0x7b && code <= 0x7f) return std::string(value_type_text(static_cast<ValueType>(code)));
  r.fail_at(at, "invalid value type: " + std::to_string(code));
  return {};
}

std::string ModuleWalk::field_type(Reader& r) {
  std::string type = value_type(r, "the type of a field");
  return r.u8("the mutability of a field") ? "(mut " + type + ")" : type;
}

std::string ModuleWalk::type_list(Reader& r, const char* what) {
  std::string out;
  uint32_t count = r.u32_leb(what);
  for (uint32_t i = 0; i < count && !r.failed(); i++) {
    if (i) out += ", ";
    out += value_type(r, "a value type");
  }
  return out;
}

static Limits read_limits(Reader& r) {
  Limits limits;
  uint64_t at = r.offset();
  uint32_t flags = r.u32_leb("the limits flags");
  if (flags > (limits_has_max | limits_shared | limits_is_64 | limits_has_page_size))
    r.fail_at(at, "invalid limits flags: " + std::to_string(flags));
  limits.flags = static_cast<uint8_t>(flags);
  limits.minimum = r.u64_leb("the minimum of limits");
  if (flags & limits_has_max) limits.maximum = r.u64_leb("the maximum of limits");
  if (flags & limits_has_page_size) limits.page_size_log2 = r.u32_leb("the page size");
  return limits;
}

inspection::Table ModuleWalk::table_type(Reader& r) {
  std::string type = value_type(r, "the element type of a table");
  inspection::Table table = table_of(read_limits(r));
  if (!r.failed()) table.type = made(type);
  return table;
}

inspection::Memory ModuleWalk::memory_type(Reader& r) {
  uint64_t at = r.offset();
  Limits limits = read_limits(r);
  inspection::Table t = table_of(limits);
  if (limits.page_size_log2 > 63)
    r.fail_at(at, "invalid page size: 2^" + std::to_string(limits.page_size_log2));
  if (r.failed()) return {};
  return {none32, t.minimum, t.maximum, uint64_t{1} << limits.page_size_log2, t.shared, t.is_64, {}};
}

// Instructions with ", " between them, in their order, without the end.
ModuleWalk::Constant ModuleWalk::constant(Reader& r) {
  Constant out;
  uint32_t instructions = 0;
  while (!r.failed()) {
    uint64_t at = r.offset();
    uint8_t code = r.u8("a constant expression");
    if (r.failed() || code == opcode::end) break;
    if (instructions++) out.text += ", ";
    std::string& text = out.text;
    auto indexed = [&](const char* name) { text += name + std::to_string(r.u32_leb("an index")); };
    switch (code) {
    case opcode::i32_const: {
      int32_t value = r.s32_leb("an i32 constant");
      text += "i32.const " + std::to_string(value);
      out.value = static_cast<uint32_t>(value);
      break;
    }
    case opcode::i64_const: {
      int64_t value = r.s64_leb("an i64 constant");
      text += "i64.const " + std::to_string(value);
      out.value = static_cast<uint64_t>(value);
      break;
    }
    case opcode::f32_const:
      text += "f32.const " + hex_float(little_endian(r.bytes(4, "an f32 constant")), 23, 8);
      break;
    case opcode::f64_const:
      text += "f64.const " + hex_float(little_endian(r.bytes(8, "an f64 constant")), 52, 11);
      break;
    case opcode::global_get: indexed("global.get "); break;
    case opcode::ref_func: indexed("ref.func "); break;
    case opcode::ref_null: text += "ref.null " + heap_type(r); break;
    case opcode::i32_add: text += "i32.add"; break;
    case opcode::i32_sub: text += "i32.sub"; break;
    case opcode::i32_mul: text += "i32.mul"; break;
    case opcode::i64_add: text += "i64.add"; break;
    case opcode::i64_sub: text += "i64.sub"; break;
    case opcode::i64_mul: text += "i64.mul"; break;
    case 0xfb: { // of garbage-collected types
      uint32_t second = r.u32_leb("an opcode");
      if (second == 0) indexed("struct.new ");
      else if (second == 1) indexed("struct.new_default ");
      else if (second == 6) indexed("array.new ");
      else if (second == 7) indexed("array.new_default ");
      else if (second == 8) {
        indexed("array.new_fixed ");
        indexed(" ");
      } else if (second == 26) text += "any.convert_extern";
      else if (second == 27) text += "extern.convert_any";
      else if (second == 28) text += "ref.i31";
      else r.fail_at(at, "an instruction that is not constant: 0xfb " + std::to_string(second));
      break;
    }
    case 0xfd: // of vectors
      if (uint32_t second = r.u32_leb("an opcode"); second != 12) {
        r.fail_at(at, "an instruction that is not constant: 0xfd " + std::to_string(second));
        break;
      }
      text += "v128.const i8x16";
      for (uint8_t byte : r.bytes(16, "a v128 constant")) text += ' ' + std::to_string(byte);
      break;
    default: r.fail_at(at, "an instruction that is not constant: " + std::to_string(code));
    }
  }
  if (instructions != 1) out.value = none64;
  return out;
}

} // namespace weld
