#include "core/input/file_kind.h"

namespace weld {

static bool is_text(std::string_view file) {
  for (char c : file.substr(0, 512)) {
    bool is_control =
        static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f';
    if (is_control || c == 0x7f) return false;
  }
  return true;
}

FileKind identify_file(Bytes bytes) {
  using namespace std::string_view_literals;
  std::string_view file = as_text(bytes);
  auto starts = [&](std::string_view magic) { return file.starts_with(magic); };

  if (file.empty()) return FileKind::Empty;
  if (starts("\0asm"sv)) {
    // The version field of a component has a 1 in its upper half, which modules have as zero.
    bool is_component = file.size() >= 8 && read_le<uint16_t>(bytes.data() + 6) == 1;
    return is_component ? FileKind::WasmComponent : FileKind::WasmModule;
  }
  if (starts("!<arch>\n")) return FileKind::Archive;
  if (starts("!<thin>\n")) return FileKind::ThinArchive;
  if (starts("BC\xC0\xDE") || starts("\xDE\xC0\x17\x0B")) return FileKind::Bitcode;
  if (starts("#STUB")) return FileKind::StubLibrary;
  if (starts("\x7f"
             "ELF"))
    return FileKind::Elf;
  if (starts("\xFE\xED\xFA\xCE") || starts("\xFE\xED\xFA\xCF") || starts("\xCE\xFA\xED\xFE") ||
      starts("\xCF\xFA\xED\xFE") || starts("\xCA\xFE\xBA\xBE"))
    return FileKind::MachO;
  // x86-64, i386 and ARM64 objects; "big" objects; programs and DLLs.
  if (starts("\x64\x86"sv) || starts("\x4C\x01"sv) || starts("\x64\xAA"sv) || starts("\0\0\xFF\xFF"sv) ||
      starts("MZ"))
    return FileKind::Coff;
  if (starts("\x1F\x8B")) return FileKind::Gzip;
  if (starts("PK\x03\x04")) return FileKind::Zip;
  return is_text(file) ? FileKind::Text : FileKind::Unknown;
}

std::string_view describe_file_kind(FileKind kind) {
  switch (kind) {
  case FileKind::Unknown: return "of an unknown kind";
  case FileKind::Empty: return "empty";
  case FileKind::WasmModule: return "a WebAssembly module";
  case FileKind::WasmComponent: return "a WebAssembly component";
  case FileKind::Archive: return "an archive";
  case FileKind::ThinArchive: return "a thin archive";
  case FileKind::Bitcode: return "LLVM bitcode";
  case FileKind::StubLibrary: return "a stub library";
  case FileKind::Elf: return "an ELF file";
  case FileKind::MachO: return "a Mach-O file";
  case FileKind::Coff: return "a Windows object or program";
  case FileKind::Gzip: return "compressed with gzip";
  case FileKind::Zip: return "a zip archive";
  case FileKind::Text: return "text";
  }
  return "";
}

std::string_view remedy_for_file_kind(FileKind kind) {
  switch (kind) {
  case FileKind::WasmComponent: return "link the core modules first, and make the component of the result";
  case FileKind::Bitcode: return "compile it without `-flto`";
  case FileKind::Elf:
  case FileKind::MachO:
  case FileKind::Coff: return "it was compiled for another machine; compile it with `--target=wasm32-wasi`";
  case FileKind::Gzip:
  case FileKind::Zip: return "unpack it first";
  case FileKind::Text: return "sources must be compiled first, and linker scripts are not read";
  default: return "";
  }
}

} // namespace weld
