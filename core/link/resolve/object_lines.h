// The line tables of an object file: which line of which file each byte of its functions comes from. For messages and for
// source maps.
#pragma once

#include "core/base/vector.h"
#include "core/dwarf/line_program.h"
#include "core/link/resolve/resolution.h"

namespace weld {

class ObjectLines;

// The files of a line table. The texts are the object's.
class LineFiles {
public:
  void read(Reader& names, const dwarf::LineHeader& header, ObjectLines& lines);

  size_t size() const { return files_.size(); }
  // As messages show it: relative to the directory in which the compiler ran.
  std::string shown(uint32_t file) const;
  // The whole path. `compile_directory` is DW_AT_comp_dir, which tables before DWARF 5 do not have.
  std::string path(uint32_t file, std::string_view compile_directory) const;

private:
  struct File {
    std::string_view name;
    uint64_t directory;
  };
  std::string_view directory_of(const File& file) const;

  bool is_5_ = false; // directory 0 is that in which the compiler ran
  std::vector<std::string_view> directories_;
  std::vector<File> files_;
};

// Reads the tables one after the other, and calls what is made of them.
class ObjectLines : LineHandler {
public:
  ObjectLines(const Resolved& link, const LinkObject& object);

  void run();
  // Of the first table that is malformed. The tables behind it are read all the same.
  const ReadFailure& failure() const { return failure_; }
  uint32_t section_row() const { return row_; } // of .debug_line in custom_sections; none32: there is none

protected:
  ~ObjectLines() = default;

  struct Row {
    uint32_t function = none32; // local index; none32: of no function
    uint64_t offset = 0;        // in its body, from after the size field
    uint32_t file = 1, line = 1, column = 0;
  };

  virtual void begin_table(LineFiles&& files, uint64_t at) = 0; // `at`: in the section
  virtual void add_row(const Row& row) = 0;
  virtual void finish_sequence(const Row& end) = 0; // `end.offset`: where the last row ends
  virtual void end_table(bool /*is_malformed*/) {}

  Bytes section() const { return section_; }
  const LinkObject& object() const { return object_; }

private:
  friend class LineFiles;

  // What walk_line_program calls.
  void advance(Reader& r, uint64_t by) override;
  void row(int32_t by) override;
  void set_address(uint64_t at) override;
  void end_sequence() override;
  void other(uint8_t opcode, int64_t operand, uint64_t begin, uint64_t end) override;
  void extended(uint64_t, uint64_t) override {}

  void read_table(Reader& table, uint64_t at, uint32_t offset_size);
  const RelocRow* reloc_at(uint64_t at);
  std::string_view text(Reader& r) const;
  std::string_view path_of(const dwarf::AttributeValue& value);

  const LinkObject& object_;
  uint32_t row_ = none32;
  Bytes section_, strings_; // .debug_line and .debug_line_str
  Vector<RelocRow> relocs_;
  size_t next_reloc_ = 0;
  ReadFailure failure_; // the first
  Row at_;              // the registers of the program
};

// DW_AT_comp_dir of an object's compile units, by where their line tables are.
class CompileDirectories {
public:
  CompileDirectories(const Resolved& link, const LinkObject& object);
  std::string_view of(uint64_t line_table) const; // empty: not known

private:
  struct Row {
    uint64_t line_table;
    std::string_view directory;
  };
  Vector<Row> rows_;
};

} // namespace weld
