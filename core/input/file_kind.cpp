#include "core/input/file_kind.h"

namespace weld {

static bool is_text(std::string_view file) {
  for (char c : file.substr(0, 512)) {
    bool is_control = static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f';
    if (is_control || c == 0x7f) return false;
  }
  return true;
}

// What kind of text, by its first word; comments of `;` before it are skipped.
static FileKind identify_text(std::string_view text) {
  text = text.substr(0, 4096);
  if (text.starts_with("; ModuleID") || text.find("\ntarget triple = ") != text.npos)
    return FileKind::LlvmText;
  auto skip = [&](size_t n) { text.remove_prefix(n < text.size() ? n : text.size()); };
  while (!text.empty()) {
    if (text.starts_with(";;")) skip(text.find('\n'));
    else if (text[0] == ' ' || text[0] == '\t' || text[0] == '\r' || text[0] == '\n') skip(1);
    else break;
  }
  auto starts = [&](std::string_view word) { return text.starts_with(word); };
  if (starts("(module") || starts("(component")) return FileKind::WasmText;
  if (starts("INPUT") || starts("GROUP") || starts("/* GNU ld script")) return FileKind::LinkerScript;
  if (starts("<!DOCTYPE") || starts("<!doctype") || starts("<html") || starts("<HTML"))
    return FileKind::WebPage;
  return FileKind::Text;
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
  if (starts("\xFD\x37zXZ") || starts("\x28\xB5\x2F\xFD") || starts("BZh")) return FileKind::Compressed;
  if (starts("PK\x03\x04")) return FileKind::Zip;
  if (file.size() > 262 && file.substr(257, 5) == "ustar") return FileKind::Tar;
  return is_text(file) ? identify_text(file) : FileKind::Unknown;
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
  case FileKind::Compressed: return "compressed with xz, zstd or bzip2";
  case FileKind::Zip: return "a zip archive";
  case FileKind::Tar: return "a tar archive";
  case FileKind::WasmText: return "WebAssembly text";
  case FileKind::LlvmText: return "LLVM's assembly language";
  case FileKind::LinkerScript: return "a linker script";
  case FileKind::WebPage: return "a web page";
  case FileKind::Text: return "text";
  }
  return "";
}

std::string_view remedy_for_file_kind(FileKind kind) {
  switch (kind) {
  case FileKind::Unknown: return "objects are what `clang --target=wasm32-wasi -c` and the like write";
  case FileKind::Empty: return "what should have written it has failed: make it again";
  case FileKind::WasmModule:
    return "link the objects that it was made of; finished modules are merged by wasm-merge";
  case FileKind::WasmComponent: return "link the core modules first, and make the component of the result";
  case FileKind::Archive:
  case FileKind::ThinArchive: return "put its members into the outer archive, or name it on the line";
  case FileKind::Bitcode: return "compile it without `-flto` (rustc: without `-C linker-plugin-lto`)";
  case FileKind::StubLibrary: return "name it on the line";
  case FileKind::Elf:
  case FileKind::MachO:
  case FileKind::Coff: return "it was compiled for another machine; compile it with `--target=wasm32-wasi`";
  case FileKind::Gzip:
  case FileKind::Compressed:
  case FileKind::Zip:
  case FileKind::Tar: return "unpack it first";
  case FileKind::WasmText: return "make an object of it first, with `wat2wasm --relocatable`";
  case FileKind::LlvmText: return "make an object of it first, with `clang --target=wasm32-wasi -c`";
  case FileKind::LinkerScript: return "linker scripts are not read: name the files that it lists on the line";
  case FileKind::WebPage: return "a download has gone wrong: a server has answered with a page";
  case FileKind::Text: return "sources must be compiled first";
  }
  return "";
}

} // namespace weld
