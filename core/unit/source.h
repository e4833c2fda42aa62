// Where a function's instructions come from and what its locals are called: for debuggers and messages.
#pragma once

#include "core/base/byte_buffer.h"
#include "core/input/object.h"

#include <string_view>

namespace weld {

// The place that the instructions from `instruction` on come from, up to those of the next row. Lines and columns
// count from 1. Line 0: the compiler made them for no line. Column 0: not known.
struct SourceRow {
  uint32_t instruction = 0;
  uint32_t file = 0; // of the unit: Unit::source_file
  uint32_t line = 0;
  uint32_t column = 0;
};

// A name for a local, parameters first. Two variables may have the same local, one after the other.
struct SourceVariable {
  std::string_view name;
  uint32_t local = 0;
  uint32_t type = none32; // of the unit: Unit::source_type; none: the type of the local
  uint32_t begin = 0,
           end = none32; // the instructions that see it; by default all. These ranges nest, as blocks do.
};

// How a debugger shows a value: numbers of DWARF 5, 7.8.
enum class SourceEncoding : uint8_t {
  Address = 1,
  Boolean = 2,
  Float = 4,
  Signed = 5,
  SignedChar = 6,
  Unsigned = 7,
  UnsignedChar = 8,
  Utf = 16,
};

// A type of the source language that one value of WebAssembly holds.
struct SourceType {
  StringId name;
  SourceEncoding encoding = SourceEncoding::Signed;
  uint8_t size = 4; // in bytes
  uint16_t unused = 0;

  bool operator==(const SourceType&) const = default;
};

// The rows of one function as it is set, in the order of instructions.
struct FunctionLines {
  std::span<const SourceRow> rows;
  uint32_t file = 0, line = 0; // of its declaration; line 0: that of the first row
};
struct FunctionSource {
  FunctionLines lines;
  std::span<const SourceVariable> variables;
};

// Numbers that were written as LEB128 by the unit itself.
class StoredNumbers {
public:
  explicit StoredNumbers(const uint8_t* from) : at_(from) {}
  uint32_t number() { return static_cast<uint32_t>(read(false)); }
  int64_t difference() { return read(true); }
  std::string_view text() {
    const uint32_t size = number();
    at_ += size;
    return as_text(Bytes(at_ - size, size));
  }

private:
  int64_t read(bool is_signed) {
    uint64_t value = 0;
    uint32_t shift = 0;
    do value |= static_cast<uint64_t>(*at_ & 0x7f) << shift, shift += 7;
    while (*at_++ & 0x80);
    if (is_signed && (at_[-1] & 0x40)) value |= ~uint64_t{0} << shift;
    return static_cast<int64_t>(value);
  }

  const uint8_t* at_;
};

// Lines as a unit keeps them: most numbers as differences. Read one row after the other.
class StoredLines {
public:
  static void encode(const FunctionLines& lines, ByteBuffer& out);

  explicit StoredLines(const uint8_t* from)
      : from_(from), file(from_.number()), line(from_.number()), left_(from_.number()) {}
  // The next row, if there is one.
  bool next(SourceRow& row);

private:
  StoredNumbers from_;

public:
  const uint32_t file, line; // of the declaration; line 0: not known

private:
  uint32_t left_;
  SourceRow last_;
};

// Variables likewise: those with a larger scope first, of the same scope parameters first.
class StoredVariables {
public:
  static void encode(std::span<const SourceVariable> variables, ByteBuffer& out);

  explicit StoredVariables(const uint8_t* from) : from_(from), left_(from_.number()) {}
  // The next variable, if there is one. Its name is in the unit's bytes.
  bool next(SourceVariable& variable);

private:
  StoredNumbers from_;
  uint32_t left_;
};

} // namespace weld
