// Any bytes, read as every kind of input: as an object, as an archive with each of its members, as a stub
// library. What is accepted must keep the contract that a link relies on, and what is refused must say so
// once.
#include "core/input/archive.h"
#include "core/input/file_kind.h"
#include "core/input/parse_object.h"
#include "core/input/shared_library.h"
#include "core/input/stub_library.h"
#include "tests/unit/check_object.h"

#include <cstdio>
#include <cstdlib>

using namespace weld;

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

struct Pools {
  StringPool strings;
  SignaturePool signatures;
  ObjectTables tables;
  Diagnostics diagnostics;
};

void require_report(const Pools& pools, bool ok) {
  require(pools.diagnostics.error_count() == (ok ? 0 : 1),
          "one error for a refused input, none for an accepted one");
  for (const Diagnostic& d : pools.diagnostics.rows()) {
    render(d, DiagnosticStyle::Weld, Demangling::None);
    render(d, DiagnosticStyle::Lld, Demangling::None);
  }
}

void fuzz_object(Bytes file, Pools& pools) {
  pools.diagnostics.clear();
  Object object;
  bool ok = parse_object(file, {}, {pools.strings, pools.signatures, pools.diagnostics, pools.tables}, object);
  require_report(pools, ok);
  if (!ok) return;
  std::string violation = ObjectCheck(file, object, pools.strings.size(), pools.signatures.size()).run();
  require(violation.empty(), violation.c_str());
}

void fuzz_archive(Bytes file, Pools& pools) {
  pools.diagnostics.clear();
  Archive archive;
  bool ok = parse_archive(file, {}, pools.strings, pools.diagnostics, archive);
  require_report(pools, ok);
  if (!ok) return;
  uint64_t symbols = 0;
  uint64_t end = 8;
  for (const ArchiveMember& member : archive.members) {
    require(member.header_offset >= end && member.header_offset < file.size(),
            "members lie one after the other");
    end = static_cast<uint64_t>(member.header_offset) + 60;
    if (member.data.size) {
      require(member.data.offset >= end, "a member's bytes follow its header");
      end = static_cast<uint64_t>(member.data.offset) + member.data.size;
    }
    require(end <= file.size(), "a member ends in the archive");
    require(member.symbols.first == symbols || member.symbols.count == 0, "symbols are grouped by member");
    symbols += member.symbols.count;
    require(symbols <= archive.symbols.size(), "symbols of a member");
  }
  require(symbols == archive.symbols.size(), "every symbol has a member");
  require(archive.has_index || symbols == 0, "symbols come from an index");
  for (StringId symbol : archive.symbols) require(symbol.row < pools.strings.size(), "name of a symbol");
  for (const ArchiveMember& member : archive.members) {
    Bytes data = file.subspan(member.data.offset, member.data.size);
    if (!archive.is_thin) require(identify_file(data) == member.kind, "kind of a member");
    fuzz_object(data, pools);
  }
}

void fuzz_shared(Bytes file, Pools& pools) {
  if (!is_shared_library(file)) return;
  pools.diagnostics.clear();
  SharedLibrary library;
  bool ok = parse_shared_library(file, {}, {pools.strings, pools.signatures, pools.diagnostics, pools.tables},
                                 library);
  require_report(pools, ok);
  for (const SharedLibrary::Row& row : library.rows) {
    require(row.name.row < pools.strings.size(), "name of an export");
    require(row.kind == SymbolKind::Data || row.signature.row < pools.signatures.size(),
            "signature of an export");
  }
}

void fuzz_stub(Bytes file, Pools& pools) {
  pools.diagnostics.clear();
  StubLibrary stub;
  bool ok = parse_stub_library(file, {}, pools.strings, pools.diagnostics, stub);
  require_report(pools, ok);
  for (const StubLibrary::Row& row : stub.rows) {
    require(row.name.row < pools.strings.size(), "name of a row");
    require(static_cast<uint64_t>(row.dependencies.first) + row.dependencies.count <= stub.dependencies.size(),
            "dependencies of a row");
  }
  for (StringId name : stub.dependencies) require(name.row < pools.strings.size(), "name of a dependency");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Pools pools;
  Bytes file(data, size);
  require(!describe_file_kind(identify_file(file)).empty(), "every kind has words");
  fuzz_object(file, pools);
  fuzz_archive(file, pools);
  fuzz_shared(file, pools);
  fuzz_stub(file, pools);
  return 0;
}
