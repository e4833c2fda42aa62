// The state of symbol resolution, shared by its two halves: resolve_symbols.cpp (which object is read when)
// and meet_symbols.cpp (what a name means when definitions and references meet).
#pragma once

#include "core/base/vector.h"
#include "core/link/resolve/source_lines.h"

#include <vector>

namespace weld {

// An object or archive that is half read, while something that it needs is read first.
struct Frame {
  enum Kind : uint8_t { ReadObject, OfferMembers } kind = ReadObject;
  LinkObjectId object;   // ReadObject
  InputId input;         // OfferMembers: the names of its members become lazy
  uint32_t member = 0;   // the next one; none32: the input is one lazy object
  uint32_t next = 0;     // next symbol, or next name of the member
  std::string reference; // why it is read, for --why-extract
  SymbolId reason;
};

class Resolver {
public:
  explicit Resolver(Resolved& link) : link_(link) {
    uint32_t units = 0;
    extracted_base_.resize(link.store.inputs.size());
    for (InputId id : link.store.order()) {
      const Input& input = link.store.inputs[id];
      extracted_base_[id.row] = units;
      units += input.kind == InputKind::Archive ? static_cast<uint32_t>(input.archive.members.size()) : 1;
    }
    extracted_.resize(units);
  }

  // Reads every input in order.
  void add_inputs();
  // For -u, --export and --entry: what the name means, extracted when it is lazy. None when nobody mentions
  // it.
  SymbolId require(std::string_view name, const char* option);
  // A reference that no object makes: the `__wrap_` and `__real_` names of --wrap.
  SymbolId require_function(std::string_view name);
  void process_stub_libraries();

private:
  // Order (resolve_symbols.cpp)
  void run(); // until no frame is left
  bool resume(size_t frame);
  bool offer_next(size_t frame);
  void distrust_indexes();
  void add_object(ObjectId id, std::string reference, SymbolId reason);
  void add_library(InputId id);
  void say_processing(InputId input, uint32_t member);
  void extract(InputId input, uint32_t member, std::string reference, SymbolId reason);
  void extract(SymbolId id, std::string reference) {
    const Symbol& s = link_.symbols[id];
    extract(s.input, s.member, std::move(reference), id);
  }
  bool is_extracted(InputId input, uint32_t member) const { return extracted_[unit_of(input, member)]; }
  size_t unit_of(InputId input, uint32_t member) const {
    return extracted_base_[input.row] + (member == none32 ? 0 : member);
  }

  // Meaning (meet_symbols.cpp)
  void add_lazy(StringId name, InputId input, uint32_t member);
  void add_shared(InputId library, const SharedLibrary::Row& row);
  SymbolId add_defined(LinkObjectId object, const SymbolRow& row, uint32_t row_index);
  SymbolId add_undefined(LinkObjectId object, const SymbolRow& row, uint32_t row_index);
  void add_undefined_function(SymbolId& id, LinkObjectId object, const SymbolRow& row, uint32_t row_index);
  void set_defined(SymbolId id, LinkObjectId object, const SymbolRow& row, uint32_t row_index);
  void set_undefined(SymbolId id, LinkObjectId object, const SymbolRow& row, uint32_t row_index);
  void reset(Symbol& s, SymbolState state, uint32_t flags);
  bool check_import(SymbolId existing, LinkObjectId object, const SymbolRow& row);
  void discard_common(SegmentId segment);
  bool should_replace(Symbol& existing, LinkObjectId object, uint32_t row_index);
  void merge_undefined(SymbolId existing, LinkObjectId object, const SymbolRow& row);
  bool check_type(SymbolId existing, LinkObjectId object, const SymbolRow& row);
  void report_kinds(SymbolId existing, const std::string& file, SymbolKind kind);
  bool agree(SymbolId id, const TableType& given, const TableType& wanted, LinkObjectId giver,
             LinkObjectId wanter, bool is_reference) const;
  bool report_tables(SymbolId existing, LinkObjectId object, const TableType& old_type,
                     const TableType& new_type);
  void report_tags(SymbolId existing, LinkObjectId object, SignatureId signature);
  void report_shared_signature(SymbolId id, SignatureId other, const std::string& other_file);
  void trace(SymbolId id);

  SignatureId signature_of(LinkObjectId object, const SymbolRow& row) const {
    ObjectView o = link_.objects[object].object;
    if (row.is_undefined()) return o.imports()[row.import()].signature;
    return row.kind == SymbolKind::Tag ? o.tags()[row.element].signature
                                       : o.functions()[row.element].signature;
  }
  Argument name(SymbolId id) const { return Argument::symbol(link_.name_of(id)); }

  Resolved& link_;
  std::vector<Frame> frames_;
  Vector<uint32_t> extracted_base_; // by input: where its members' bits begin
  Vector<bool> extracted_;
  Vector<bool> kept_;    // by the comdat groups of the object that is added
  SourceLines lines_[2]; // of the objects whose definitions were reported last
  bool trust_indexes_ = true;
  bool wrong_pointer_size_ = false; // an input is for wasm64 in a link for wasm32, or the other way round
};

} // namespace weld
