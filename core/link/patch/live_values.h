// The numbers that functions and data of a link have in an instance, which are not those of the link's own output.
#pragma once

#include "core/link/patch/live_names.h"
#include "core/link/write/reloc_value.h"

namespace weld {

// What a relocation stands for.
struct LiveValue {
  enum Kind : uint8_t {
    Number,   // an address or a slot: written as it is
    Function, // called through this slot
    Trap,     // a function that traps
    Holder,   // a global that holds this address or slot
    Global,
    Tag,
    Table,
    Type,
    Missing // the instance has no such thing
  } kind = Number;
  uint64_t number = 0;   // of the others the number of the instance's export, of a type its hash
  SignatureId signature; // Function, Trap, Tag, Type
  const char* why = "";  // Missing
};

constexpr uint64_t no_address = ~uint64_t{0};

struct LiveValues {
  LiveValues(const Link& l, const LiveNames& n) : link(l), names(n) {}

  const Link& link;
  const LiveNames& names;
  Column<FunctionId, uint32_t> slot; // 0: not known
  Column<SegmentId, uint64_t> address;
  Vector<uint64_t> piece_address;   // beside Layout::pieces
  Vector<uint32_t> import_slot;     // by index in the link's output
  Vector<SymbolId> import_of_index; // likewise
  LiveMap<uint64_t> places;
  LiveMap<LiveEntity> globals, tags, tables;
  uint32_t call_ctors_slot = 0;
  uint64_t thread_block = 0;

  // `place`: the address of the field, for relative values.
  LiveValue value(LinkObjectId object, const RelocRow& reloc, uint64_t place) const;
  // The same as a number that is another one for everything else, for comparisons.
  uint64_t fingerprint(const LiveValue& value) const;
  // Bytes of a segment with the numbers of the instance. False: one of them is missing; `why` says more.
  bool data_bytes(LinkObjectId object, SegmentId segment, Vector<uint8_t>& bytes, LiveReason* why) const;
  uint64_t data_content(LinkObjectId object, SegmentId segment) const;
  LiveData data_of(LinkObjectId object, SegmentId segment) const;
  uint64_t function_content(LinkObjectId object, FunctionId function) const;
  // Of the initial value of a global, or the initial elements of a table, by its symbol.
  uint64_t entity_content(LinkObjectId object, uint32_t row) const;
  std::string symbol_text(LinkObjectId object, uint32_t row) const;

  void find_imports();

private:
  void add_fingerprints(LinkObjectId object, EncodedRelocs relocs, ByteBuffer& content) const;
  uint64_t passive_content(const LinkObject& o, uint32_t row) const;
  LiveValue function_value(const LinkObject& o, uint32_t row) const;
  LiveValue data_value(const LinkObject& o, uint32_t row) const;
  LiveValue entity_value(LinkObjectId object, uint32_t row, SymbolKind kind,
                         const LiveMap<LiveEntity>& entities) const;
};

struct PatchFunction {
  LinkObjectId object;
  FunctionId function;
};

// A link with the names that its things have in other links, and the numbers that they have in a running program: what a patch
// is made from. It is kept with the link, so that the next patch need not look at what was not edited.
struct LiveView {
  explicit LiveView(const Link& link) : names(link), values(link, names) {}

  LiveNames names;
  LiveValues values;
  // The states of programs that have these numbers, in the order in which the linker gave them out. It is not known which of the
  // last patches were applied, so the program may be in any of them.
  std::vector<uint64_t> states;
  uint64_t latest = 0;          // the state of a program that is what the link has
  Vector<PatchFunction> edited; // their code may be other than in one of the other programs
  size_t removed = 0;           // functions of the programs that are not in the link
};

// A hash of the type of a global, tag or table.
uint64_t entity_type(const LiveNames& names, const Link& link, LinkObjectId object, uint32_t row);

} // namespace weld
