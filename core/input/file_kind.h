// What a file is, by its first bytes: enough to link it, or to say why it cannot be linked and what to do.
#pragma once

#include "core/base/bytes.h"

namespace weld {

enum class FileKind : uint8_t {
  Unknown,
  Empty,
  WasmModule, // any core module: whether it is an object is known once its sections are read
  WasmComponent,
  Archive,
  ThinArchive,
  Bitcode,
  StubLibrary,
  Elf,
  MachO,
  Coff,
  Gzip,
  Compressed, // xz, zstd, bzip2
  Zip,
  Tar,
  WasmText,
  LlvmText,
  LinkerScript,
  WebPage,
  Text,
};

FileKind identify_file(Bytes file);

// "an ELF object", "LLVM bitcode", ...
std::string_view describe_file_kind(FileKind kind);

// What to do about a file of this kind that cannot be linked; a module: that is no object.
std::string_view remedy_for_file_kind(FileKind kind);

} // namespace weld
